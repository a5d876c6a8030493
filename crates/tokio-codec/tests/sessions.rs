//! Whole sessions: over pipes of few octets, cut short at every wait, over sockets and TLS.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use common::*;
use pop3_proto::{CleartextLogin, DropListing, MessageNumber, ScanListing};
use smtp_proto::{
    Body, ClientConfig, Offer, Security, ServerConfig, TlsPolicy,
    client::Client,
    delivery::{Delivery, Message, Outcome, Report, Verdict},
    server::{Event, Server},
};
use std::{future::Future, pin::pin, task::Poll};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex},
    join,
    net::{TcpListener, TcpStream},
};
use tokio_codec::{Connection, smtp};

/// What the server said for each recipient.
fn codes(report: &Report) -> Vec<u16> {
    report.outcomes.iter().map(|outcome| outcome.reply().map_or(0, |reply| reply.code().as_u16())).collect()
}

const MESSAGE: &[u8] = b"Subject: dots\r\n\r\n.\r\n..\r\n...and a line of some length\r\n.\r\n";

fn smtp_pair(capacity: usize) -> (Connection<DuplexStream, Client>, Connection<DuplexStream, Server>) {
    let (ours, theirs) = duplex(capacity);
    (
        Connection::new(ours, Client::new(client_config())),
        Connection::new(theirs, Server::new(server_config())),
    )
}

#[tokio::test]
async fn a_message_passes_through_pipes_of_a_few_octets() {
    for capacity in [1, 2, 3, 4, 5, 6, 7, 64, 65_536] {
        let (mut client, server) = smtp_pair(capacity);
        let (messages, ended) = join!(
            serve(server, None, async |c| c.next().await),
            send(&mut client, MESSAGE, async |c| c.next().await)
        )
        .0;
        ended.unwrap();
        assert_eq!(messages, [MESSAGE], "capacity {capacity}");
    }
}

#[tokio::test]
async fn next_may_be_dropped_at_every_wait_and_nothing_is_lost_or_doubled() {
    for capacity in [1, 3, 7, 4096] {
        for (ours, theirs) in [(0, 0), (0, 2), (1, 0), (3, 1)] {
            let (mut client, server) = smtp_pair(capacity);
            let served = serve(server, None, async |c| next_cut_short(c, theirs).await);
            let sent = send(&mut client, MESSAGE, async |c| next_cut_short(c, ours).await);
            let (messages, ended) = join!(served, sent).0;
            ended.unwrap();
            assert_eq!(messages, [MESSAGE], "capacity {capacity}, dropped after {ours} and {theirs}");
        }
    }
}

/// Runs a POP3 server of one message: [`MESSAGE`]. It tells how many messages were removed.
async fn serve_pop3(io: DuplexStream) -> usize {
    use pop3_proto::server::{Event, Server};
    let mut config = pop3_proto::ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    let mut connection = Connection::new(io, Server::new(config));
    let octets = MESSAGE.len() as u64;
    let mut removed = 0;
    while let Some(event) = connection.next().await.unwrap() {
        let machine = connection.machine();
        match event {
            Event::Connect(ask) => machine.accept(ask, ()).unwrap(),
            Event::Login(ask) => machine.accept(ask, DropListing { messages: 1, octets }).unwrap(),
            Event::ListAll(ask) => {
                let mut listing = machine.accept(ask, ()).unwrap();
                let message = MessageNumber::new(1).unwrap();
                machine.entry(&mut listing, &ScanListing { message, octets }).unwrap();
                machine.finish_listing(listing).unwrap();
            }
            Event::Retr(ask) => {
                let mut upload = machine.accept(ask, octets).unwrap();
                connection.write(&mut upload, MESSAGE.into()).await.unwrap();
                connection.finish(upload).unwrap();
            }
            Event::Dele(ask) => machine.accept(ask, octets).unwrap(),
            Event::Quit(ask) => {
                removed += ask.deleted.iter().count();
                machine.accept(ask, ()).unwrap();
            }
            other => panic!("{other:?}"),
        }
    }
    removed
}

#[tokio::test]
async fn a_peer_that_says_all_at_once_and_closes_its_half_gets_all_answers() {
    for (quit, removed) in [("QUIT\r\n", 1), ("", 0)] {
        for capacity in [1, 7, 4096] {
            let (mut client, server) = duplex(capacity);
            let (mut hears, mut says) = tokio::io::split(&mut client);
            let said = format!("USER a\r\nPASS b\r\nLIST\r\nRETR 1\r\nDELE 1\r\n{quit}");
            let talk = async {
                says.write_all(said.as_bytes()).await.unwrap();
                says.shutdown().await.unwrap();
            };
            let mut heard = String::new();
            let (found, (), read) = join!(serve_pop3(server), talk, hears.read_to_string(&mut heard));
            read.unwrap();
            assert_eq!(found, removed);
            let end = "1 57\r\n.\r\n+OK 57 octets\r\nSubject: dots\r\n\r\n..\r\n...\r\n....and a line of some length\r\n..\r\n.\r\n+OK message 1 deleted\r\n";
            assert!(heard.trim_end_matches("+OK goodbye\r\n").ends_with(end), "{heard}");
        }
    }
}

async fn listen() -> (TcpListener, std::net::SocketAddr) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    (listener, address)
}

async fn accept(listener: TcpListener) -> TcpStream {
    listener.accept().await.unwrap().0
}

#[tokio::test]
async fn a_message_goes_over_a_socket_in_clear() {
    let (listener, address) = listen().await;
    let server = async {
        let connection = Connection::new(accept(listener).await, Server::new(server_config()));
        serve(connection, None, async |c| c.next().await).await
    };
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let to = ["b@example.net", "nobody@example.net", "c@example.net"].map(rcpt).to_vec();
        let report = smtp::deliver(&mut session, Message::new(mail(), to), MESSAGE).await.unwrap();
        assert_eq!(codes(&report), [250, 550, 250]);
        // Nobody takes it: the session stays good for the next one.
        let to = vec![rcpt("nobody@example.net")];
        let report = smtp::deliver(&mut session, Message::new(mail(), to), MESSAGE).await.unwrap();
        assert_eq!(codes(&report), [550]);
        let large = vec![rcpt("b@example.net")];
        let large = Message::new(mail(), large);
        let report = smtp::deliver(&mut session, large, &mut &LARGE[..]).await.unwrap();
        assert_eq!(codes(&report), [250]);
        smtp::quit(&mut session).await.unwrap();
    };
    let ((messages, ended), ()) = join!(server, client);
    ended.unwrap();
    assert_eq!(messages, [MESSAGE, LARGE]);
}

#[tokio::test]
async fn the_refusal_of_a_server_that_stopped_reading_is_told_for_each_recipient() {
    let (listener, address) = listen().await;
    let server = async {
        let mut socket = accept(listener).await;
        for said in ["220 s\r\n", "250 s\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"] {
            socket.write_all(said.as_bytes()).await.unwrap();
            // One command, or the first octets of the message.
            assert!(socket.read(&mut [0; 512]).await.unwrap() > 0);
        }
        tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        socket.write_all(b"552 5.3.4 too long\r\n").await.unwrap();
        // What it has not read makes this a reset.
    };
    let client = async {
        let config = ClientConfig { tls: TlsPolicy::Never, ..client_config() };
        let mut session = smtp::connect(address, config, us()).await.unwrap();
        let message = Message::new(mail(), vec![rcpt("b@example.net")]);
        let body = bytes::Bytes::from(b"a line of the message\r\n".repeat(1_000_000));
        match smtp::deliver(&mut session, message, body).await {
            Ok(report) | Err(smtp::Error::Interrupted { report, .. }) => {
                assert_eq!((codes(&report), report.outcomes[0].verdict()), (vec![552], Verdict::Never));
            }
            Err(error) => panic!("{error}"),
        }
    };
    join!(server, client);
}

// covers rfc1870 6 size-declared
// covers rfc6152 3 body-declared
#[tokio::test]
async fn what_the_server_may_know_of_a_message_is_told_before_it() {
    let (listener, address) = listen().await;
    let mut told = None;
    let server = async {
        let connection = Connection::new(accept(listener).await, Server::new(server_config()));
        let next = async |c: &mut Connection<_, _>| {
            let event = c.next().await;
            if let Ok(Some(Event::Mail(ask))) = &event {
                told = Some((ask.parameters().size(), ask.parameters().body()));
            }
            event
        };
        serve(connection, None, next).await
    };
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let message = "Subject: caf\u{e9}\r\n".as_bytes();
        let to = vec![rcpt("b@example.net")];
        smtp::deliver(&mut session, Message::new(mail(), to), message).await.unwrap();
        smtp::quit(&mut session).await.unwrap();
    };
    let ((_, ended), ()) = join!(server, client);
    ended.unwrap();
    assert_eq!(told, Some((Some(16), Some(Body::EightBitMime))));
}

static LARGE: &[u8] = &{
    let mut large = [b'x'; 300_000];
    let mut at = 70;
    while at < large.len() {
        large[at] = b'\r';
        large[at + 1] = b'\n';
        large[at + 2] = b'.';
        at += 72;
    }
    large[large.len() - 2] = b'\r';
    large[large.len() - 1] = b'\n';
    large
};

#[tokio::test]
async fn a_message_goes_by_starttls() {
    let (listener, address) = listen().await;
    let (ours, theirs) = tls();
    let server = async {
        let config = ServerConfig { starttls: Offer::Yes, ..server_config() };
        let connection = Connection::new(accept(listener).await, Server::new(config));
        serve(connection, Some(ours), async |c| c.next().await).await
    };
    let client = async {
        let name = "localhost".try_into().unwrap();
        let mut session =
            smtp::connect_starttls(address, ClientConfig::default(), us(), theirs, name).await.unwrap();
        assert!(session.stream().tls().is_some());
        let to = vec![rcpt("b@example.net")];
        let report = smtp::deliver(&mut session, Message::new(mail(), to), LARGE).await.unwrap();
        assert!(report.is_delivered());
        smtp::quit(&mut session).await.unwrap();
    };
    let ((messages, ended), ()) = join!(server, client);
    ended.unwrap();
    assert_eq!(messages, [LARGE]);
}

#[tokio::test]
async fn a_message_goes_by_tls_from_the_start() {
    let (listener, address) = listen().await;
    let (ours, theirs) = tls();
    let server = async {
        let config = ServerConfig { security: Security::Tls, ..server_config() };
        let tls = tokio_rustls::TlsAcceptor::from(ours).accept(accept(listener).await).await.unwrap();
        let connection = Connection::over_tls(tls, Server::new(config));
        serve(connection, None, async |c| next_cut_short(c, 1).await).await
    };
    let client = async {
        let name = "localhost".try_into().unwrap();
        let mut session =
            smtp::connect_tls(address, ClientConfig::default(), us(), theirs, name).await.unwrap();
        let to = vec![rcpt("b@example.net")];
        let report = smtp::deliver(&mut session, Message::new(mail(), to), LARGE).await.unwrap();
        assert!(report.is_delivered());
        smtp::quit(&mut session).await.unwrap();
    };
    let ((messages, ended), ()) = join!(server, client);
    ended.unwrap();
    assert_eq!(messages, [LARGE]);
}

#[tokio::test]
async fn a_certificate_of_another_name_and_a_server_without_starttls_are_refused() {
    let (listener, address) = listen().await;
    let (ours, theirs) = tls();
    let server = async {
        for offer in [Offer::Yes, Offer::No] {
            let config = ServerConfig { starttls: offer, ..server_config() };
            let connection = Connection::new(listener.accept().await.unwrap().0, Server::new(config));
            let _ = serve(connection, Some(ours.clone()), async |c| c.next().await).await;
        }
    };
    let client = async {
        for error in ["invalid peer certificate", "the server does not offer TLS"] {
            let name = "other.example".try_into().unwrap();
            let failed =
                smtp::connect_starttls(address, ClientConfig::default(), us(), theirs.clone(), name).await;
            let failed = failed.unwrap_err().to_string();
            assert!(failed.starts_with(error), "{failed}");
        }
    };
    join!(server, client);
}

#[tokio::test]
async fn lmtp_tells_what_became_of_the_message_for_each() {
    let (listener, address) = listen().await;
    let server = async {
        let config = ServerConfig { protocol: smtp_proto::Protocol::Lmtp, ..server_config() };
        serve(Connection::new(accept(listener).await, Server::new(config)), None, async |c| c.next().await)
            .await
    };
    let client = async {
        let config = ClientConfig { protocol: smtp_proto::Protocol::Lmtp, ..client_config() };
        let mut session = smtp::connect(address, config, us()).await.unwrap();
        for _ in 0..2 {
            // More than the client keeps in flight, and than the server takes in one transaction.
            let to = (0..1500).map(|n| rcpt(&format!("b{n}@example.net"))).collect();
            let report = smtp::deliver(&mut session, Message::new(mail(), to), MESSAGE).await.unwrap();
            assert_eq!(codes(&report), [250; 1500]);
        }
        smtp::quit(&mut session).await.unwrap();
    };
    let ((messages, ended), ()) = join!(server, client);
    ended.unwrap();
    assert_eq!(messages, [MESSAGE; 4]);
}

#[tokio::test]
async fn a_message_with_a_bare_lf_gets_no_end() {
    let (listener, address) = listen().await;
    let server = async {
        serve(Connection::new(accept(listener).await, Server::new(server_config())), None, async |c| {
            c.next().await
        })
        .await
    };
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let to = vec![rcpt("b@example.net")];
        let error =
            smtp::deliver(&mut session, Message::new(mail(), to), &b"a\r\nb\nc\r\n"[..]).await.unwrap_err();
        assert_eq!(error.to_string(), "the message cannot be sent: bare CR or LF at octet 4 of the chunk");
    };
    let ((messages, ended), ()) = join!(server, client);
    assert!(matches!(ended, Err(tokio_codec::Error::Cut(_))), "{ended:?}");
    assert!(messages.is_empty());
}

/// A server that says these lines, one turn after the other, each once the client has said what ends so, and hangs up
/// behind the last. It tells what it heard.
async fn says(listener: TcpListener, turns: &[(&str, &str)]) -> String {
    let mut socket = accept(listener).await;
    let mut heard = Vec::new();
    for (said, until) in turns {
        socket.write_all(said.as_bytes()).await.unwrap();
        while !heard.ends_with(until.as_bytes()) {
            assert!(socket.read_buf(&mut heard).await.unwrap() > 0, "{}", heard.escape_ascii());
        }
    }
    String::from_utf8(heard).unwrap()
}

const OFFERS: &str = "250-s\r\n250-PIPELINING\r\n250 SIZE\r\n";

#[tokio::test]
async fn a_connection_that_fails_behind_the_message_tells_that_nobody_knows() {
    let (listener, address) = listen().await;
    let replies = "250 ok\r\n250 ok\r\n550 no\r\n354 go\r\n";
    let turns = [("220 s\r\n", "\r\n"), (OFFERS, "DATA\r\n"), (replies, "\r\n.\r\n")];
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let message = Message::new(mail(), ["b@example.net", "c@example.net"].map(rcpt).to_vec());
        let report = match smtp::deliver(&mut session, message.clone(), &b"hi\r\n"[..]).await {
            Ok(report) | Err(smtp::Error::Interrupted { report, .. }) => report,
            Err(error) => panic!("{error}"),
        };
        let verdicts: Vec<_> = report.outcomes.iter().map(Outcome::verdict).collect();
        assert_eq!(verdicts, [Verdict::Unknown, Verdict::Never]);
        let error = smtp::deliver(&mut session, message, &b"hi\r\n"[..]).await.unwrap_err();
        assert_eq!(error.to_string(), "not delivered: the session is over");
    };
    let (heard, ()) = join!(says(listener, &turns), client);
    assert!(heard.ends_with("DATA\r\nhi\r\n.\r\n"), "{heard}");
}

#[tokio::test]
async fn a_server_that_says_nothing_to_a_message_is_not_waited_for_for_ever() {
    let (listener, address) = listen().await;
    let server = async {
        let mut socket = accept(listener).await;
        for said in ["220 s\r\n", "250 s\r\n", "250 ok\r\n", "250 ok\r\n", "354 go\r\n"] {
            socket.write_all(said.as_bytes()).await.unwrap();
            // One command comes at a time.
            let mut line = Vec::new();
            while !line.ends_with(b"\r\n") {
                socket.read_buf(&mut line).await.unwrap();
            }
        }
        socket.read_to_end(&mut Vec::new()).await.unwrap();
    };
    let client = async {
        let mut config = client_config();
        config.timeouts.message = std::time::Duration::from_millis(50);
        let mut session =
            Connection::new(TcpStream::connect(address).await.unwrap(), Delivery::new(config, us()));
        let message = Message::new(mail(), vec![rcpt("b@example.net")]);
        let error = smtp::deliver(&mut session, message, &b"hi\r\n"[..]).await.unwrap_err();
        let smtp::Error::Interrupted { report, error } = error else { panic!("{error}") };
        assert!(matches!(*error, tokio_codec::Error::TimedOut), "{error}");
        assert_eq!(report.outcomes, [Outcome::Unknown]);
    };
    join!(server, client);
}

/// Else who tries again sends it twice.
#[tokio::test]
async fn a_body_that_fails_behind_its_last_octet_may_have_been_delivered() {
    let (listener, address) = listen().await;
    let offers = "250-s\r\n250-PIPELINING\r\n250-BINARYMIME\r\n250 CHUNKING\r\n";
    let turns = [("220 s\r\n", "\r\n"), (offers, "<b@example.net>\r\n"), ("250 ok\r\n250 ok\r\n", "half")];
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let mut body = broken_body();
        let mail = mail().with_body(Body::BinaryMime).with_size(4);
        let message = Message::new(mail, vec![rcpt("b@example.net")]);
        let error = smtp::deliver(&mut session, message, &mut body).await.unwrap_err();
        let smtp::Error::Interrupted { report, error } = error else { panic!("{error}") };
        assert_eq!(error.to_string(), "the disk is gone");
        assert_eq!(report.outcomes, [Outcome::Unknown]);
    };
    let (heard, ()) = join!(says(listener, &turns), client);
    assert!(heard.ends_with("BDAT 4 LAST\r\nhalf"), "{heard}");
}

#[tokio::test]
async fn a_body_that_cannot_be_read_gets_no_end() {
    let (listener, address) = listen().await;
    let server = async {
        let connection = Connection::new(accept(listener).await, Server::new(server_config()));
        serve(connection, None, async |c| c.next().await).await
    };
    let client = async {
        let mut session = smtp::connect(address, client_config(), us()).await.unwrap();
        let message = Message::new(mail(), vec![rcpt("b@example.net")]);
        let mut body = broken_body();
        let error = smtp::deliver(&mut session, message, &mut body).await.unwrap_err();
        assert_eq!(error.to_string(), "the message could not be read: the disk is gone");
    };
    let ((messages, ended), ()) = join!(server, client);
    assert!(matches!(ended, Err(tokio_codec::Error::Cut(_))), "{ended:?}");
    assert!(messages.is_empty());
}

/// Some octets, and a failure.
fn broken_body() -> impl tokio::io::AsyncRead + Send + Unpin {
    struct Broken;
    impl tokio::io::AsyncRead for Broken {
        fn poll_read(
            self: std::pin::Pin<&mut Self>,
            _: &mut std::task::Context<'_>,
            _: &mut tokio::io::ReadBuf<'_>,
        ) -> Poll<std::io::Result<()>> {
            Poll::Ready(Err(std::io::Error::other("the disk is gone")))
        }
    }
    AsyncReadExt::chain(&b"half"[..], Broken)
}

#[tokio::test]
async fn a_relay_goes_on_in_clear_only_where_its_policy_has_it() {
    for policy in [TlsPolicy::Opportunistic, TlsPolicy::Required] {
        let (listener, address) = listen().await;
        let client = async {
            let config = ClientConfig { tls: policy, ..ClientConfig::default() };
            let name = "localhost".try_into().unwrap();
            let session = smtp::connect_starttls(address, config, us(), tls().1, name).await;
            match policy {
                TlsPolicy::Required => {
                    assert_eq!(session.unwrap_err().to_string(), "the server does not offer TLS");
                }
                _ => assert!(session.unwrap().stream().tls().is_none()),
            }
        };
        let end = if policy == TlsPolicy::Required { "QUIT\r\n" } else { "" };
        let turns = [("220 s\r\n", "\r\n"), ("250 s\r\n", end)];
        join!(says(listener, &turns), client);
    }
    let nowhere = smtp::connect("127.0.0.1:1", ClientConfig::default(), us()).await.unwrap_err();
    assert_eq!(nowhere.to_string(), "the server does not offer TLS");
}

#[tokio::test]
async fn futures_may_cross_threads() {
    fn is_send<T: Send>(_: &T) {}
    let (mut client, mut server) = smtp_pair(10);
    is_send(&server.next());
    is_send(&server.close(smtp_proto::Reason::Shutdown));
    let mut next = pin!(client.next());
    is_send(&next);
    std::future::poll_fn(|cx| {
        assert!(next.as_mut().poll(cx).is_pending());
        Poll::Ready(())
    })
    .await;
}
