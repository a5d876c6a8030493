//! The client machine against the servers of the same sessions, under every cut.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use bytes::{Buf, Bytes, BytesMut};
use common::{
    auth, config, lmtp,
    scripted::{Scripted, said},
    server_host, submission,
};
use smtp_proto::{
    client::{Client, Event, SendRefusal},
    server::Server,
    *,
};
use test_support::{Pair, Pieces, Script, Who, run_client};

fn open() -> ClientConfig {
    ClientConfig {
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        leniency: Leniency::STRICT,
        ..ClientConfig::default()
    }
}

fn scripted(script: &str, config: &ClientConfig) -> Vec<String> {
    let script = Script::load(script);
    run_client(&script, || (Client::new(config.clone()), Scripted { said: said(&script) }))
}

#[test]
fn the_sessions_of_the_rfcs() {
    assert_eq!(
        scripted("smtp/typical.txt", &ClientConfig { max_in_flight: 1, ..open() }),
        ["greeting 220", "250", "250", "250", "550", "250", "250", "221", "closed"]
    );
}

#[test]
fn groups_of_commands() {
    let log = scripted("smtp/pipelining.txt", &open());
    assert_eq!(log, ["greeting 220", "250", "250", "250", "550", "250", "250", "221", "closed"]);
}

// covers rfc2033 4.2 client-reply-per-recipient
#[test]
fn lmtp_tells_what_became_of_each_recipient() {
    let log = scripted("smtp/lmtp.txt", &ClientConfig { protocol: Protocol::Lmtp, ..open() });
    assert_eq!(
        log,
        ["greeting 220", "250", "250", "250", "550", "250", "for one 250", "for one 452", "221", "closed"]
    );
}

// covers rfc3207 6 client-asks-in-clear
#[test]
fn starttls_forgets_and_says_ehlo_again() {
    let log = scripted("smtp/starttls.txt", &ClientConfig { max_in_flight: 1, ..ClientConfig::default() });
    assert_eq!(log, ["greeting 220", "250", "upgraded", "250", "235", "250", "250", "221", "closed"]);
}

// covers rfc4954 4 client-challenge
// covers rfc4954 4 client-may-try-again
#[test]
fn login_by_steps_and_login_given_up() {
    let log = scripted("smtp/auth-login.txt", &open());
    assert_eq!(log[2..5], ["challenge Username:", "challenge Password:", "535"]);
    let log = scripted("smtp/auth-plain-cancel.txt", &open());
    assert_eq!(log[2..], ["challenge ", "501", "challenge ", "235", "221", "closed"]);
}

// covers rfc6531 3.4 client-smtputf8-of-the-transaction
#[test]
fn a_client_and_a_server_in_memory_in_any_pieces() {
    for (script, client, server) in [
        ("smtp/typical.txt", open(), config()),
        ("smtp/pipelining.txt", open(), config()),
        ("smtp/smtputf8.txt", open(), config()),
        ("smtp/helo.txt", open(), config()),
        ("smtp/lmtp.txt", ClientConfig { protocol: Protocol::Lmtp, ..open() }, lmtp()),
        ("smtp/starttls.txt", ClientConfig::default(), submission()),
        ("smtp/auth-login.txt", open(), auth()),
        ("smtp/auth-plain-cancel.txt", open(), auth()),
    ] {
        let script = Script::load(script);
        let run = |pieces| {
            let mut pair = Pair::new(Client::new(client.clone()), Server::new(server.clone())).pieces(pieces);
            pair.pump(&mut Scripted { said: said(&script) }, &mut server_host());
            assert!(pair.is_over(Who::Client) && pair.is_over(Who::Server), "{}", pair.transcript());
            (pair.client_log.entries(), pair.server_log.entries())
        };
        let whole = run(Pieces::Whole);
        for pieces in [1, 2, 3, 7].map(Pieces::Every).into_iter().chain((1..20).map(Pieces::Seeded)) {
            assert_eq!(run(pieces), whole, "{pieces:?}");
        }
    }
}

/// Writes all that waits.
fn drain(client: &mut Client) -> Vec<u8> {
    let transmit = client.transmit();
    transmit.copy_to_bytes(transmit.remaining()).to_vec()
}

/// A client that has said EHLO to a server that offers this.
fn greeted(config: ClientConfig, offers: &str) -> Client {
    let mut client = Client::new(config);
    client.send(Command::Ehlo(ClientName::new("c.example").unwrap())).unwrap();
    let mut input = BytesMut::from(&b"220 s\r\n"[..]);
    assert!(matches!(client.receive(&mut input).unwrap(), Step::Event(Event::Greeting(_))));
    drain(&mut client);
    input.extend_from_slice(format!("250-s\r\n250 {offers}\r\n").as_bytes());
    loop {
        let step = client.receive(&mut input).unwrap();
        drain(&mut client);
        if matches!(step, Step::NeedInput { .. }) {
            return client;
        }
    }
}

fn mail() -> Command {
    Command::Mail(Mail::new(Mailbox::new("a@example.com").unwrap()))
}

fn refusal(client: &mut Client, command: Command) -> SendRefusal {
    let error = client.send(command.clone()).unwrap_err();
    assert_eq!(*error.command, command, "the command comes back");
    assert_eq!(client.transmit().remaining(), 0, "nothing is sent");
    error.refusal
}

// covers rfc5321 4.1.4 client-order
// covers rfc3207 2 client-starttls-offered
// covers rfc5321 3.3 client-parameters-offered
// covers rfc1870 7 client-keeps-to-limit
// covers rfc6152 3 client-8bitmime-offered
// covers rfc6531 3.5 client-smtputf8-offered
// covers rfc6531 3.4 client-utf8-sender
#[test]
fn a_command_is_checked_before_an_octet_leaves() {
    let utf8 = || Mailbox::new("dömi@example.com").unwrap();
    let client = &mut greeted(open(), "SIZE 1000");
    let from = Mailbox::new("a@example.com").unwrap();
    assert_eq!(refusal(client, Command::Data), SendRefusal::BadSequence(Refusal::NoTransaction));
    assert_eq!(refusal(client, Command::StartTls), SendRefusal::NotOffered(Extension::StartTls));
    assert_eq!(
        refusal(client, Command::Mail(Mail::new(from.clone()).with_size(1001))),
        SendRefusal::TooLarge { limit: 1000 }
    );
    assert_eq!(
        refusal(client, Command::Mail(Mail::new(from).with_body(Body::EightBitMime))),
        SendRefusal::NotOffered(Extension::EightBitMime)
    );
    assert_eq!(refusal(client, Command::Mail(Mail::new(utf8()))), SendRefusal::NeedsUtf8);
    assert_eq!(
        refusal(client, Command::Mail(Mail::new(utf8()).with_smtputf8())),
        SendRefusal::NotOffered(Extension::SmtpUtf8)
    );
    client.send(mail()).unwrap();
    drain(client);
    assert_eq!(refusal(client, mail()), SendRefusal::BadSequence(Refusal::TransactionOpen));
    assert_eq!(refusal(client, Command::Rcpt(Rcpt::new(utf8()))), SendRefusal::NeedsUtf8);
}

// covers rfc3207 6 client-may-require-tls
// covers rfc4954 9 client-no-cleartext
#[test]
fn where_tls_is_required_nothing_is_said_in_clear() {
    let client = &mut greeted(ClientConfig::default(), "AUTH PLAIN");
    let auth = Command::Auth(Auth { mechanism: Mechanism::PLAIN, initial: None });
    assert_eq!(refusal(client, mail()), SendRefusal::NeedsTls);
    assert_eq!(refusal(client, auth.clone()), SendRefusal::NeedsTls);
    let client = &mut greeted(ClientConfig { cleartext: CleartextLogin::Refuse, ..open() }, "AUTH PLAIN");
    assert_eq!(refusal(client, auth), SendRefusal::NeedsTls);
    client.send(mail()).unwrap();
}

// covers rfc4954 4 client-initial-fits
#[test]
fn an_initial_response_that_is_too_long_for_a_line_is_refused() {
    let client = &mut greeted(open(), "AUTH PLAIN");
    let initial = Some(Secret::from(vec![b'x'; 400]));
    let auth = Command::Auth(Auth { mechanism: Mechanism::PLAIN, initial });
    assert_eq!(refusal(client, auth), SendRefusal::LineTooLong);
}

// covers rfc3207 4 client-barrier
#[test]
fn nothing_is_sent_behind_a_reply_that_changes_what_may_be_said() {
    let client = &mut greeted(open(), "STARTTLS");
    client.send(Command::StartTls).unwrap();
    assert_eq!(client.send(mail()).unwrap_err().refusal, SendRefusal::Busy);
}

// covers rfc5321 4.3.1 waits-for-reply
// covers rfc2920 3 only-where-offered
#[test]
fn without_pipelining_one_command_is_on_its_way_at_a_time() {
    let client = &mut greeted(open(), "SIZE");
    client.send(mail()).unwrap();
    client.send(Command::Rcpt(Rcpt::new(Mailbox::new("b@example.net").unwrap()))).unwrap();
    assert_eq!(client.transmit().chunk(), b"MAIL FROM:<a@example.com>\r\n");
    client.transmit().advance(27);
    let mut input = BytesMut::from(&b"250 ok\r\n"[..]);
    assert!(matches!(client.receive(&mut input).unwrap(), Step::Event(Event::Reply { .. })));
    assert_eq!(client.transmit().chunk(), b"RCPT TO:<b@example.net>\r\n");
}

// covers rfc5321 4.2 client-unsolicited
#[test]
fn a_reply_that_nothing_asked_for_is_credited_to_nothing() {
    let client = &mut greeted(open(), "PIPELINING");
    let mut input = BytesMut::from(&b"250 surprise\r\n"[..]);
    assert!(matches!(client.receive(&mut input).unwrap(), Step::Event(Event::Unsolicited(_))));
    let ticket = client.send(mail()).unwrap();
    drain(client);
    input.extend_from_slice(b"550 no\r\n");
    let Step::Event(Event::Reply { ticket: answered, reply }) = client.receive(&mut input).unwrap() else {
        panic!("the reply is MAIL's");
    };
    assert_eq!((answered, reply.code()), (ticket, Code::MAILBOX_UNAVAILABLE));
    assert_eq!(client.state().phase, Phase::Ready);
}

// covers rfc5321 4.3.2 client-421
#[test]
fn a_421_ends_the_session_and_tells_what_was_on_its_way() {
    let client = &mut greeted(open(), "PIPELINING");
    let rcpt = |name| Command::Rcpt(Rcpt::new(Mailbox::new(name).unwrap()));
    client.send(mail()).unwrap();
    let one = client.send(rcpt("one@example.net")).unwrap();
    let data = client.send(Command::Data).unwrap();
    let quit = client.send(Command::Noop(None));
    assert!(quit.is_err(), "behind DATA comes the message");
    drain(client);
    let mut input = BytesMut::from(&b"421 closing\r\n"[..]);
    assert!(matches!(client.receive(&mut input).unwrap(), Step::Event(Event::Reply { .. })));
    let mut told = Vec::new();
    while let Step::Event(event) = client.receive(&mut input).unwrap() {
        told.push(match event {
            Event::Unanswered(ticket) => ("unanswered", ticket),
            Event::NeverSent(ticket) => ("never sent", ticket),
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(told, [("unanswered", one), ("unanswered", data)]);
    assert!(matches!(client.receive(&mut input).unwrap(), Step::Closed));
}

#[test]
fn octets_behind_the_reply_to_starttls_end_the_session() {
    let client = &mut greeted(open(), "STARTTLS");
    client.send(Command::StartTls).unwrap();
    drain(client);
    let mut input = BytesMut::from(&b"220 go\r\n250 injected\r\n"[..]);
    let Step::Event(Event::Upgrade { upgrade, .. }) = client.receive(&mut input).unwrap() else {
        panic!("220 upgrades");
    };
    let error = client.upgraded(upgrade, &input).unwrap_err();
    assert_eq!(error.to_string(), "octets in clear behind STARTTLS");
    assert!(matches!(client.receive(&mut input).unwrap(), Step::Closed));
}

/// A client whose DATA has been accepted.
fn uploading(config: ClientConfig) -> (Client, Upload) {
    let mut client = greeted(config, "PIPELINING");
    client.send(mail()).unwrap();
    client.send(Command::Rcpt(Rcpt::new(Mailbox::new("b@example.net").unwrap()))).unwrap();
    client.send(Command::Data).unwrap();
    drain(&mut client);
    let mut input = BytesMut::from(&b"250 ok\r\n250 ok\r\n354 go\r\n"[..]);
    loop {
        let step = client.receive(&mut input).unwrap();
        drain(&mut client);
        if let Step::Event(Event::Upload { upload, .. }) = step {
            return (client, upload);
        }
    }
}

#[test]
fn a_message_that_is_dropped_half_way_gets_no_end() {
    let (mut client, mut upload) = uploading(open());
    client.write(&mut upload, Bytes::from_static(b"half")).unwrap();
    drop(upload);
    let step = client.receive(&mut BytesMut::new()).unwrap();
    assert!(matches!(step, Step::Event(Event::Unanswered(_))), "nobody knows what became of DATA");
    assert!(matches!(client.receive(&mut BytesMut::new()).unwrap(), Step::Closed));
    client.close(Reason::Shutdown);
    assert_eq!(client.transmit().chunk(), b"half");
    client.transmit().advance(4);
    assert_eq!(client.transmit().remaining(), 0);
}

#[test]
fn payload_is_shared_and_held_back_where_the_server_does_not_read() {
    let (mut client, mut upload) = uploading(ClientConfig { max_unsent: 10, ..open() });
    let chunk = Bytes::from(vec![b'x'; 1000]);
    client.write(&mut upload, chunk.clone()).unwrap();
    assert_eq!(client.transmit().chunk().as_ptr(), chunk.as_ptr());
    let error = client.write(&mut upload, chunk.clone()).unwrap_err();
    assert!(matches!(error, WriteError::Blocked { .. }));
    assert_eq!(error.into_chunk().as_ptr(), chunk.as_ptr());
    assert_eq!(client.transmit().remaining(), 1000);
}

#[test]
fn a_bare_line_feed_is_not_sent() {
    let (mut client, mut upload) = uploading(open());
    let error = client.write(&mut upload, Bytes::from_static(b"a\n.\nQUIT")).unwrap_err();
    assert!(matches!(error, WriteError::BareLineEnding { offset: 1, .. }), "{error}");
    assert_eq!(client.transmit().remaining(), 0);
    client.write(&mut upload, Bytes::from_static(b"a\r\n.\r\nQUIT")).unwrap();
    client.finish(upload).unwrap();
    let mut sent = Vec::new();
    while client.transmit().has_remaining() {
        sent.extend_from_slice(client.transmit().chunk());
        let written = client.transmit().chunk().len();
        client.transmit().advance(written);
    }
    assert_eq!(sent, b"a\r\n..\r\nQUIT\r\n.\r\n");
}

#[test]
fn an_upload_of_another_session_is_not_taken() {
    let ((mut one, mut upload), (mut other, _own)) = (uploading(open()), uploading(open()));
    let error = other.write(&mut upload, Bytes::from_static(b"x")).unwrap_err();
    assert!(matches!(error, WriteError::Stale { .. }));
    let Err(FinishError::Stale(Stale(upload))) = other.finish(upload) else { panic!("it is not its own") };
    one.finish(upload).unwrap();
}

#[test]
fn a_greeting_that_is_a_refusal_ends_the_session() {
    let mut client = Client::new(open());
    let hello = client.send(Command::Ehlo(ClientName::new("c.example").unwrap())).unwrap();
    let mut input = BytesMut::from(&b"554 no service\r\n"[..]);
    assert!(matches!(client.receive(&mut input).unwrap(), Step::Event(Event::Greeting(_))));
    let Step::Event(Event::NeverSent(ticket)) = client.receive(&mut input).unwrap() else { panic!() };
    assert_eq!(ticket, hello);
    assert_eq!(client.transmit().remaining(), 0);
    assert!(matches!(client.receive(&mut input).unwrap(), Step::Closed));
}

// covers rfc5321 4.2.1 client-no-answer
#[test]
fn replies_that_are_none_end_the_session() {
    for (said, error) in [
        ("250-a\r\n251 b\r\n", "bad reply: expected the code of the lines before at octet 0, found '2'"),
        ("hello\r\n", "bad reply: expected a reply code at octet 0, found 'h'"),
        ("354 go\r\n", "reply 354 answers nothing that was asked"),
    ] {
        let client = &mut greeted(open(), "PIPELINING");
        client.send(mail()).unwrap();
        drain(client);
        let mut input = BytesMut::from(said.as_bytes());
        assert_eq!(client.receive(&mut input).unwrap_err().to_string(), error);
    }
}
