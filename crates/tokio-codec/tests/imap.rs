//! What a program does with IMAP, against servers that follow a script.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use common::{credentials, in_clear, listen, tls};
use imap_proto::{
    Append, AppendMessage, Authenticate, BodySection, CleartextLogin, ClientConfig, Command, Fetch,
    FetchItem, FetchItems, Flag, MailboxName, Mechanism, MessageData, Numbering, Section, Seen, SequenceSet,
    TlsPolicy,
    client::Event,
    response::{Capability, Payload, StatusKind, Untagged},
};
use std::{future::Future, net::SocketAddr, sync::Arc, time::Duration};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt},
    join,
    net::TcpListener,
    time::{sleep, timeout},
};
use tokio_codec::{
    LoginError,
    imap::{self, Error, Session},
    rustls,
    sasl::Policy,
};
use tokio_rustls::TlsAcceptor;

/// What is heard, then what is said.
type Script = &'static [(&'static str, &'static str)];

fn clear() -> ClientConfig {
    ClientConfig {
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        ..ClientConfig::default()
    }
}

/// Says `said` after each `heard`, which must come to the octet.
async fn follow<Io: AsyncRead + AsyncWrite + Unpin>(io: &mut Io, script: Script) {
    for (heard, said) in script {
        let mut octets = vec![0; heard.len()];
        io.read_exact(&mut octets).await.unwrap();
        assert_eq!(String::from_utf8(octets).unwrap(), *heard);
        io.write_all(said.as_bytes()).await.unwrap();
    }
}

/// Runs `client` against a server that follows `script` in clear.
async fn with_server<F: Future<Output = ()>>(script: Script, client: impl FnOnce(SocketAddr) -> F) {
    let (listener, address) = listen().await;
    let server = async {
        let mut io = listener.accept().await.unwrap().0;
        follow(&mut io, script).await;
    };
    timeout(Duration::from_secs(20), async { join!(server, client(address)) }).await.unwrap();
}

/// As [`with_server`], with a session that has heard the greeting `* PREAUTH` of a server that offers much.
async fn with_session<F: Future<Output = ()>>(script: Script, client: impl FnOnce(Session) -> F) {
    with_server(script, |address| async move {
        client(imap::connect(address, clear()).await.unwrap()).await;
    })
    .await;
}

const PREAUTH: (&str, &str) = ("", "* PREAUTH [CAPABILITY IMAP4rev1 IDLE LITERAL+] hi\r\n");

fn whole_message() -> Command {
    let section = BodySection { seen: Seen::Keep, section: Section::WHOLE, partial: None };
    let items = FetchItems::new([FetchItem::Section(section)]).unwrap();
    Command::Fetch(Fetch { numbering: Numbering::Uid, set: SequenceSet::from_numbers([7]).unwrap(), items })
}

// covers rfc4959 3 login-at-once
#[tokio::test]
async fn a_login_takes_one_round_trip_where_the_server_offers_it() {
    let script: Script = &[
        ("", "* OK [CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN] hi\r\n"),
        ("A1 AUTHENTICATE PLAIN AGZyZWQAYmx1cmR5\r\n", "A1 OK [CAPABILITY IMAP4rev1 MOVE] in\r\n"),
        ("A2 LOGOUT\r\n", "* BYE\r\nA2 OK bye\r\n"),
    ];
    with_server(script, |address| async move {
        let mut session = imap::connect(address, clear()).await.unwrap();
        imap::login(&mut session, credentials("fred", "blurdy"), &in_clear()).await.unwrap();
        assert!(session.machine().capabilities().unwrap().has(Capability::Move));
        imap::logout(&mut session).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_login_says_login_where_no_mechanism_is_offered_and_asks_what_is_offered_then() {
    let script: Script = &[
        ("", "* OK hi\r\n"),
        ("A1 CAPABILITY\r\n", "* CAPABILITY IMAP4rev1 AUTH=GSSAPI\r\nA1 OK\r\n"),
        ("A2 LOGIN fred {8}\r\n", "+ go on\r\n"),
        ("blurdy\u{e4}\r\n", "A2 OK in\r\n"),
        ("A3 CAPABILITY\r\n", "* CAPABILITY IMAP4rev1 IDLE\r\nA3 OK\r\n"),
    ];
    with_server(script, |address| async move {
        let mut session = imap::connect(address, clear()).await.unwrap();
        imap::login(&mut session, credentials("fred", "blurdy\u{e4}"), &in_clear()).await.unwrap();
        assert!(session.machine().capabilities().unwrap().has(Capability::Idle));
    })
    .await;
}

// covers rfc4959 3 login-at-once
#[tokio::test]
async fn a_login_waits_for_the_challenge_where_there_is_no_initial_response() {
    let script: Script = &[
        ("", "* OK [CAPABILITY IMAP4rev1 LOGINDISABLED AUTH=PLAIN] hi\r\n"),
        ("A1 AUTHENTICATE PLAIN\r\n", "+ \r\n"),
        ("AGZyZWQAYmx1cmR5\r\n", "A1 NO [AUTHENTICATIONFAILED] who?\r\n"),
        ("A2 AUTHENTICATE PLAIN\r\n", "+ \r\n"),
        ("AGZyZWQAYmx1cmR5\r\n", "A2 OK [CAPABILITY IMAP4rev1] in\r\n"),
    ];
    with_server(script, |address| async move {
        let mut session = imap::connect(address, clear()).await.unwrap();
        let error = imap::login(&mut session, credentials("fred", "blurdy"), &in_clear()).await.unwrap_err();
        assert_eq!(error.to_string(), "refused by the server: NO who?");
        // A refusal is no end.
        imap::login(&mut session, credentials("fred", "blurdy"), &in_clear()).await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_password_is_not_said_in_clear() {
    let script: Script = &[("", "* OK [CAPABILITY IMAP4rev1] hi\r\n"), ("A1 LOGOUT\r\n", "")];
    with_server(script, |address| async move {
        let config = ClientConfig { tls: TlsPolicy::Opportunistic, ..ClientConfig::default() };
        let mut session = imap::connect(address, config).await.unwrap();
        let error = imap::login(&mut session, credentials("fred", "blurdy"), &in_clear()).await.unwrap_err();
        assert_eq!(error.to_string(), "not sent: TLS is required");
        let by_default = Policy::default();
        let error = imap::login(&mut session, credentials("fred", "blurdy"), &by_default).await.unwrap_err();
        assert!(matches!(error, Error::Login(LoginError::NoMechanism(_))), "{error}");
        session.machine().send(Command::Logout).unwrap();
        session.flush().await.unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_server_that_says_goodbye_is_heard() {
    with_server(&[("", "* BYE too many\r\n")], |address| async move {
        let error = imap::connect(address, clear()).await.unwrap_err();
        assert_eq!(error.to_string(), "refused by the server: BYE too many");
    })
    .await;
    let script: Script = &[PREAUTH, ("A1 NOOP\r\n", "* BYE going down\r\n")];
    with_session(script, |mut session| async move {
        let error = imap::run(&mut session, Command::Noop).await.unwrap_err();
        assert_eq!(error.to_string(), "refused by the server: BYE going down");
    })
    .await;
}

/// Follows `script` in clear, turns TLS on, and follows `secret`.
async fn with_tls(listener: TcpListener, config: Arc<rustls::ServerConfig>, script: Script, secret: Script) {
    let mut io = listener.accept().await.unwrap().0;
    follow(&mut io, script).await;
    let mut io = TlsAcceptor::from(config).accept(io).await.unwrap();
    follow(&mut io, secret).await;
    io.shutdown().await.unwrap();
}

// covers rfc3501 6.2.1 offers-behind-tls
#[tokio::test]
async fn what_was_offered_in_clear_is_asked_for_again_under_tls() {
    let (listener, address) = listen().await;
    let (ours, theirs) = tls();
    let server = with_tls(
        listener,
        ours,
        &[("", "* OK [CAPABILITY IMAP4rev1 STARTTLS IDLE] hi\r\n"), ("A1 STARTTLS\r\n", "A1 OK go\r\n")],
        &[
            ("A2 CAPABILITY\r\n", "* CAPABILITY IMAP4rev1\r\nA2 OK\r\n"),
            ("A3 LOGOUT\r\n", "* BYE\r\nA3 OK\r\n"),
        ],
    );
    let client = async {
        let name = "localhost".try_into().unwrap();
        let mut session =
            imap::connect_starttls(address, ClientConfig::default(), theirs, name).await.unwrap();
        assert!(session.stream().tls().is_some());
        assert!(!session.machine().capabilities().unwrap().has(Capability::Idle));
        imap::logout(&mut session).await.unwrap();
    };
    timeout(Duration::from_secs(20), async { join!(server, client) }).await.unwrap();
}

#[tokio::test]
async fn starttls_that_is_refused_or_not_offered_never_falls_back_to_clear() {
    for (script, told) in [
        (
            &[("", "* OK [CAPABILITY IMAP4rev1 STARTTLS] hi\r\n"), ("A1 STARTTLS\r\n", "A1 NO not now\r\n")]
                [..],
            "refused by the server: NO not now",
        ),
        (&[("", "* OK [CAPABILITY IMAP4rev1] hi\r\n")], "not sent: the server does not offer STARTTLS"),
    ] {
        with_server(script, |address| async move {
            let name = "localhost".try_into().unwrap();
            let error =
                imap::connect_starttls(address, ClientConfig::default(), tls().1, name).await.unwrap_err();
            assert_eq!(error.to_string(), told);
        })
        .await;
    }
}

#[tokio::test]
async fn a_session_may_be_tls_from_its_start() {
    let (listener, address) = listen().await;
    let (ours, theirs) = tls();
    let script: Script = &[
        ("", "* OK [CAPABILITY IMAP4rev1] hi\r\n"),
        ("A1 LOGIN fred blurdy\r\n", "A1 OK [CAPABILITY IMAP4rev1] in\r\n"),
    ];
    let client = async {
        let name = "localhost".try_into().unwrap();
        let mut session = imap::connect_tls(address, ClientConfig::default(), theirs, name).await.unwrap();
        imap::login(&mut session, credentials("fred", "blurdy"), &in_clear()).await.unwrap();
    };
    timeout(Duration::from_secs(20), async { join!(with_tls(listener, ours, &[], script), client) })
        .await
        .unwrap();
}

#[tokio::test]
async fn an_answer_holds_what_was_told_and_a_refusal_is_an_answer() {
    let script: Script = &[
        PREAUTH,
        ("A1 SELECT INBOX\r\n", "* 3 EXISTS\r\n* 0 RECENT\r\nA1 OK [READ-WRITE] done\r\n"),
        ("A2 SELECT nowhere\r\n", "* 4 EXISTS\r\nA2 NO no such mailbox\r\n"),
    ];
    with_session(script, |mut session| async move {
        let answer = imap::run(&mut session, Command::Select(MailboxName::INBOX)).await.unwrap();
        assert_eq!(answer.untagged, [Untagged::Exists(3), Untagged::Recent(0)]);
        let nowhere = Command::Select(MailboxName::new("nowhere").unwrap());
        let answer = imap::run(&mut session, nowhere).await.unwrap();
        assert_eq!(answer.status.kind(), StatusKind::No);
        let error = answer.accepted().unwrap_err();
        assert_eq!(error.to_string(), "refused by the server: NO no such mailbox");
    })
    .await;
}

#[tokio::test]
async fn a_mechanism_that_nobody_plays_is_cancelled() {
    let script: Script = &[
        ("", "* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN] hi\r\n"),
        ("A1 AUTHENTICATE PLAIN\r\n", "+ \r\n"),
        ("*\r\n", "A1 BAD cancelled\r\n"),
        ("A2 NOOP\r\n", "A2 OK\r\n"),
    ];
    with_session(script, |mut session| async move {
        let plain = Authenticate { mechanism: Mechanism::PLAIN, initial: None };
        let answer = imap::run(&mut session, Command::Authenticate(plain)).await.unwrap();
        assert_eq!(answer.status.kind(), StatusKind::Bad);
        imap::run(&mut session, Command::Noop).await.unwrap().accepted().unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_response_that_nobody_can_read_is_counted() {
    let script: Script = &[PREAUTH, ("A1 NOOP\r\n", "* 3 FETCH nonsense\r\n* 4 EXISTS\r\nA1 OK\r\n")];
    with_session(script, |mut session| async move {
        let answer = imap::run(&mut session, Command::Noop).await.unwrap();
        assert_eq!((answer.invalid, answer.untagged), (1, vec![Untagged::Exists(4)]));
    })
    .await;
}

/// A server with one message of `octets` octets.
async fn with_message<F: Future<Output = ()>>(octets: usize, client: impl FnOnce(Session) -> F) {
    let (listener, address) = listen().await;
    let server = async {
        let mut io = listener.accept().await.unwrap().0;
        follow(&mut io, &[PREAUTH, ("A1 SELECT INBOX\r\n", "* 1 EXISTS\r\nA1 OK\r\n")]).await;
        let head = format!("* 1 FETCH (UID 7 BODY[] {{{octets}}}\r\n");
        follow(&mut io, &[("A2 UID FETCH 7 BODY.PEEK[]\r\n", "")]).await;
        io.write_all(head.as_bytes()).await.unwrap();
        let mut left = octets;
        while left > 0 {
            let piece = left.min(64 * 1024);
            // The client may have had enough.
            if io.write_all(&vec![b'x'; piece]).await.is_err() {
                return;
            }
            left -= piece;
        }
        let _ = io.write_all(b" FLAGS (\\Seen))\r\nA2 OK done\r\n").await;
    };
    let client = async {
        let mut session = imap::connect(address, clear()).await.unwrap();
        imap::run(&mut session, Command::Select(MailboxName::INBOX)).await.unwrap();
        client(session).await;
    };
    timeout(Duration::from_secs(60), async { join!(server, client) }).await.unwrap();
}

#[tokio::test]
async fn a_message_longer_than_what_comes_at_once_is_held_whole_by_run() {
    with_message(300_000, |mut session| async move {
        let answer = imap::run(&mut session, whole_message()).await.unwrap().accepted().unwrap();
        let [Untagged::Fetch(fetch)] = &*answer.untagged else { panic!("{:?}", answer.untagged) };
        let imap_proto::response::FetchItem::Content(content) = &fetch.items[1] else { panic!("{fetch:?}") };
        let Payload::Whole(octets) = &content.payload else { panic!("{:?}", content.payload) };
        assert_eq!(octets.len(), 300_000);
        assert_eq!(fetch.items.len(), 3);
    })
    .await;
}

#[tokio::test]
async fn a_message_larger_than_an_answer_is_refused_by_run_and_streams_by_begin() {
    let octets = imap::LARGEST_ANSWER as usize + 1;
    with_message(octets, |mut session| async move {
        let error = imap::run(&mut session, whole_message()).await.unwrap_err();
        assert_eq!(error.to_string(), "an answer of more than 16777216 octets");
    })
    .await;
    with_message(octets, |mut session| async move {
        let mut fetch = imap::begin(&mut session, whole_message()).unwrap();
        let mut came = 0;
        while let Some(event) = fetch.next().await.unwrap() {
            if let Event::Payload(piece) = event {
                came += piece.len();
            }
        }
        assert_eq!((came, fetch.status().unwrap().kind()), (octets, StatusKind::Ok));
    })
    .await;
}

fn announced(octets: u64) -> Append {
    let message = AppendMessage::new(MessageData::Announced(octets)).with_flags(Flag::Seen.into());
    Append::new(MailboxName::new("Sent").unwrap(), message)
}

#[tokio::test]
async fn a_message_is_appended_as_it_is_read() {
    let script: Script = &[
        ("", "* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n"),
        ("A1 APPEND Sent (\\Seen) {5}\r\n", "+ go on\r\n"),
        ("Hello\r\n", "* 9 EXISTS\r\nA1 OK [APPENDUID 1 9] done\r\n"),
        ("A2 APPEND Sent (\\Seen) {5}\r\n", "A2 NO [TRYCREATE] where?\r\n"),
        ("A3 NOOP\r\n", "A3 OK\r\n"),
    ];
    with_session(script, |mut session| async move {
        // What stands behind the announced octets is not the message's.
        let answer = imap::append(&mut session, announced(5), &mut &b"Hello, world"[..]).await.unwrap();
        assert_eq!(answer.untagged, [Untagged::Exists(9)]);
        answer.accepted().unwrap();
        // Refused before an octet of it was sent, the session goes on.
        let answer = imap::append(&mut session, announced(5), &mut &b"Hello"[..]).await.unwrap();
        assert_eq!(answer.status.kind(), StatusKind::No);
        imap::run(&mut session, Command::Noop).await.unwrap().accepted().unwrap();
    })
    .await;
}

#[tokio::test]
async fn a_message_that_ends_too_early_is_not_appended() {
    with_session(&[PREAUTH], |mut session| async move {
        let error = imap::append(&mut session, announced(9), &mut &b"Hello"[..]).await.unwrap_err();
        assert!(matches!(error, Error::Unfinished(_)), "{error}");
    })
    .await;
}

#[tokio::test]
async fn news_come_while_the_session_idles_and_other_commands_go_on_then() {
    let script: Script = &[
        PREAUTH,
        ("A1 SELECT INBOX\r\n", "* 1 EXISTS\r\nA1 OK\r\n"),
        ("A2 IDLE\r\n", "+ idling\r\n* 2 EXISTS\r\n"),
        ("DONE\r\n", "* 3 EXISTS\r\nA2 OK done\r\n"),
        ("A3 NOOP\r\n", "A3 OK\r\n"),
    ];
    with_session(script, |mut session| async move {
        imap::run(&mut session, Command::Select(MailboxName::INBOX)).await.unwrap();
        let mut idle = imap::idle(&mut session).unwrap();
        assert!(matches!(idle.next().await.unwrap(), Event::Untagged(Untagged::Exists(2))));
        // Waiting may be given up, and taken up again.
        assert!(timeout(Duration::from_millis(50), idle.next()).await.is_err());
        let answer = idle.done().collect().await.unwrap().accepted().unwrap();
        assert_eq!(answer.untagged, [Untagged::Exists(3)]);
        imap::run(&mut session, Command::Noop).await.unwrap().accepted().unwrap();
    })
    .await;
}

// covers rfc2177 3 idle-renewed
#[tokio::test]
async fn idle_is_said_anew_before_the_server_takes_the_client_for_gone() {
    let script: Script = &[
        PREAUTH,
        ("A1 IDLE\r\n", "+ idling\r\n"),
        ("DONE\r\n", "A1 OK done\r\n"),
        ("A2 IDLE\r\n", "+ idling\r\n"),
        ("DONE\r\n", "A2 OK done\r\n"),
        ("A3 IDLE\r\n", "+ idling\r\n* 5 EXISTS\r\n"),
    ];
    with_server(script, |address| async move {
        let config = ClientConfig { idle_renewal: Duration::from_millis(60), ..clear() };
        let mut session = imap::connect(address, config).await.unwrap();
        let mut idle = imap::idle(&mut session).unwrap();
        assert!(matches!(idle.next().await.unwrap(), Event::Untagged(Untagged::Exists(5))));
    })
    .await;
}

#[tokio::test]
async fn a_server_that_ends_idle_or_does_not_offer_it_is_no_silent_wait() {
    let script: Script = &[PREAUTH, ("A1 IDLE\r\n", "+ idling\r\nA1 NO enough\r\n")];
    with_session(script, |mut session| async move {
        let mut idle = imap::idle(&mut session).unwrap();
        let error = idle.next().await.unwrap_err();
        assert_eq!(error.to_string(), "refused by the server: NO enough");
    })
    .await;
    with_session(&[("", "* PREAUTH [CAPABILITY IMAP4rev1] hi\r\n")], |mut session| async move {
        let error = imap::idle(&mut session).unwrap_err();
        assert_eq!(error.to_string(), "not sent: the server does not offer IDLE");
        sleep(Duration::ZERO).await;
    })
    .await;
}

#[tokio::test]
async fn futures_may_cross_threads() {
    fn is_send<T: Send>(_: &T) {}
    with_session(&[PREAUTH], |mut session| async move {
        is_send(&imap::run(&mut session, Command::Noop));
        is_send(&imap::login(&mut session, credentials("fred", "blurdy"), &in_clear()));
        is_send(&imap::append(&mut session, announced(1), &mut &b"x"[..]));
        is_send(&imap::logout(&mut session));
        is_send(&imap::idle(&mut session).unwrap().next());
    })
    .await;
}
