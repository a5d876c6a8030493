//! Defects that were found by review and mended: each test failed once.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
use bytes::{Buf, Bytes, BytesMut};
use smtp_proto::{
    client::{Client, Event as Ev, SendRefusal},
    server::{Ack, AuthAnswer, Delivered, Event, Rejection, Server},
    *,
};

fn cfg() -> ClientConfig {
    ClientConfig {
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        ..ClientConfig::default()
    }
}
fn drain(client: &mut Client) -> Vec<u8> {
    let t = client.transmit();
    t.copy_to_bytes(t.remaining()).to_vec()
}
fn said(server: &mut Server) -> String {
    let t = server.transmit();
    String::from_utf8(t.copy_to_bytes(t.remaining()).to_vec()).unwrap()
}
fn greeted(config: ClientConfig, offers: &[&str]) -> Client {
    let hello = match config.protocol {
        Protocol::Smtp => Command::Ehlo(ClientName::new("c.example").unwrap()),
        Protocol::Lmtp => Command::Lhlo(ClientName::new("c.example").unwrap()),
    };
    let mut client = Client::new(config);
    let mut input = BytesMut::from(&b"220 s\r\n"[..]);
    let Step::Event(Ev::Greeting(_)) = client.receive(&mut input).unwrap() else { panic!() };
    client.send(hello).unwrap();
    drain(&mut client);
    let mut text = String::from("250-s\r\n");
    for offer in offers {
        text += &format!("250-{offer}\r\n");
    }
    text += "250 HELP\r\n";
    let mut input = BytesMut::from(text.as_bytes());
    let Step::Event(Ev::Reply { .. }) = client.receive(&mut input).unwrap() else { panic!() };
    client
}
fn mail() -> Command {
    Command::Mail(Mail::new(Mailbox::new("a@example.com").unwrap()))
}
fn rcpt(to: &str) -> Command {
    Command::Rcpt(Rcpt::new(Mailbox::new(to).unwrap()))
}
fn feed(client: &mut Client, text: &str) -> Vec<Ev> {
    let mut input = BytesMut::from(text.as_bytes());
    let mut events = Vec::new();
    loop {
        drain(client);
        match client.receive(&mut input).unwrap() {
            Step::Event(event) => {
                let up = matches!(event, Ev::Upload { .. } | Ev::Upgrade { .. });
                events.push(event);
                if up {
                    return events;
                }
            }
            _ => return events,
        }
    }
}
fn sconfig() -> ServerConfig {
    ServerConfig::new(Text::from_static("mx.example.net"))
}
/// Accepts all but what `no` names.
fn serve(server: &mut Server, text: &str, no: &str, log: &mut Vec<String>) -> Result<(), ProtocolError> {
    let mut input = BytesMut::from(text.as_bytes());
    serve_on(server, &mut input, no, log)
}
fn serve_on(
    server: &mut Server,
    input: &mut BytesMut,
    no: &str,
    log: &mut Vec<String>,
) -> Result<(), ProtocolError> {
    loop {
        match server.receive(input)? {
            Step::Event(Event::Connect(ask)) => server.accept(ask, ()).unwrap(),
            Step::Event(Event::Hello(ask)) => server.accept(ask, ()).unwrap(),
            Step::Event(Event::Mail(ask)) => {
                log.push(format!("MAIL {}", ask.from));
                if no.contains("MAIL") {
                    server.reject(ask, Rejection::local_error()).unwrap();
                } else {
                    server.accept(ask, Ack::default()).unwrap();
                }
            }
            Step::Event(Event::Rcpt(ask)) => {
                log.push(format!("RCPT {}", ask.to));
                if no.contains("RCPT") {
                    server.reject(ask, Rejection::mailbox_unavailable()).unwrap();
                } else {
                    server.accept(ask, Ack::default()).unwrap();
                }
            }
            Step::Event(Event::Data(ask)) => {
                log.push("DATA".into());
                if no.contains("DATA") {
                    server.reject(ask, Rejection::local_error()).unwrap();
                } else {
                    server.accept(ask, ()).unwrap();
                }
            }
            Step::Event(Event::Auth(ask)) => {
                log.push("AUTH".into());
                server.accept(ask, AuthAnswer::Challenge(vec![])).unwrap();
            }
            Step::Event(Event::AuthResponse(ask)) => {
                log.push("RESPONSE".into());
                server.accept(ask, AuthAnswer::Success).unwrap();
            }
            Step::Event(Event::Message(ask)) => {
                log.push(format!("MESSAGE {}", ask.octets));
                server.accept(ask, Delivered::all(Ack::default())).unwrap();
            }
            Step::Event(other) => log.push(format!("{other:?}")),
            _ => return Ok(()),
        }
    }
}
const HI: &str = "EHLO c.example\r\n";

#[test]
fn an_lmtp_354_without_recipients_ends_the_session_and_loses_no_ticket() {
    let mut c = greeted(ClientConfig { protocol: Protocol::Lmtp, ..cfg() }, &["PIPELINING"]);
    c.send(mail()).unwrap();
    c.send(rcpt("x@example.net")).unwrap();
    let data = c.send(Command::Data).unwrap();
    feed(&mut c, "250 ok\r\n550 no\r\n");
    let mut input = BytesMut::from(&b"354 go\r\n"[..]);
    assert_eq!(c.receive(&mut input).unwrap_err(), ProtocolError::UnexpectedReply { code: Code::START_MAIL });
    let step = c.receive(&mut input).unwrap();
    assert!(matches!(step, Step::Event(Ev::Unanswered(ticket)) if ticket == data), "{step:?}");
}
#[test]
fn behind_a_354_without_recipients_a_lone_dot_ends_the_transaction() {
    let mut c = greeted(cfg(), &["PIPELINING"]);
    c.send(mail()).unwrap();
    c.send(rcpt("x@example.net")).unwrap();
    let data = c.send(Command::Data).unwrap();
    let events = feed(&mut c, "250 ok\r\n550 no\r\n");
    assert_eq!(events.len(), 2);
    let mut input = BytesMut::from(&b"354 go\r\n"[..]);
    assert!(matches!(c.receive(&mut input).unwrap(), Step::NeedInput { .. }), "there is nothing to write");
    assert_eq!(drain(&mut c), b".\r\n");
    let events = feed(&mut c, "554 no valid recipients\r\n");
    assert!(matches!(&events[..], [Ev::Reply { ticket, .. }] if *ticket == data), "{events:?}");
    assert_eq!(c.state().phase, Phase::Ready);
    c.send(mail()).unwrap();
}
#[test]
fn a_message_cut_by_421_is_told_as_unanswered() {
    let mut c = greeted(cfg(), &["PIPELINING"]);
    c.send(mail()).unwrap();
    c.send(rcpt("x@example.net")).unwrap();
    let data = c.send(Command::Data).unwrap();
    let mut events = feed(&mut c, "250 ok\r\n250 ok\r\n354 go\r\n");
    let Some(Ev::Upload { mut upload, .. }) = events.pop() else { panic!() };
    c.write(&mut upload, Bytes::from_static(b"half\r\n")).unwrap();
    let events = feed(&mut c, "421 going down\r\n");
    assert!(
        events.iter().any(|e| matches!(e, Ev::Unanswered(t) | Ev::Reply { ticket: t, .. } if *t == data)),
        "{events:?}"
    );
}
#[test]
fn a_multi_line_reply_to_helo_offers_nothing() {
    let mut c = Client::new(cfg());
    feed(&mut c, "220 s\r\n");
    c.send(Command::Helo(ClientName::new("c.example").unwrap())).unwrap();
    feed(&mut c, "250-s at your service\r\n250 PIPELINING\r\n");
    assert!(!c.capabilities().unwrap().has(Extension::Pipelining));
}
#[test]
fn strict_a_multi_line_helo_reply_is_no_error() {
    let mut c = Client::new(ClientConfig { leniency: Leniency::STRICT, ..cfg() });
    feed(&mut c, "220 s\r\n");
    c.send(Command::Helo(ClientName::new("c.example").unwrap())).unwrap();
    let mut input = BytesMut::from(&b"250-s\r\n250 Hello, pleased to meet you!\r\n"[..]);
    drain(&mut c);
    let step = c.receive(&mut input);
    assert!(step.is_ok(), "{step:?}");
}
#[test]
fn utf8_recipient_needs_a_mail_that_asked_for_it() {
    let mut c = greeted(cfg(), &["SMTPUTF8", "8BITMIME", "PIPELINING"]);
    c.send(mail()).unwrap();
    let refused = c.send(rcpt("dömi@example.net"));
    assert_eq!(refused.map_err(|e| e.refusal), Err(SendRefusal::NeedsUtf8));
}
#[test]
fn debug_of_a_client_tells_no_password() {
    let mut c = greeted(cfg(), &["AUTH PLAIN"]);
    let initial = Some(Secret::copy_from(b"\0tim\0tanstaaftanstaaf"));
    c.send(Command::Auth(Auth { mechanism: Mechanism::PLAIN, initial })).unwrap();
    let shown = format!("{c:?}");
    assert!(!shown.contains("AHRpbQB0YW5zdGFhZnRhbnN0YWFm"), "{shown}");
}
#[test]
fn one_line_of_a_reply_at_a_time_is_no_sign_of_life() {
    let mut c = greeted(cfg(), &[]);
    c.send(mail()).unwrap();
    drain(&mut c);
    let mut input = BytesMut::new();
    let before = c.patience().period;
    for _ in 0..100 {
        input.extend_from_slice(b"250-\r\n");
        assert!(matches!(c.receive(&mut input).unwrap(), Step::NeedInput { .. }));
    }
    assert_eq!(c.patience().period, before, "a unit has a deadline from its first octet");
}
#[test]
fn max_in_flight_is_the_most() {
    let mut c = greeted(ClientConfig { max_in_flight: 2, ..cfg() }, &["PIPELINING"]);
    c.send(mail()).unwrap();
    c.send(rcpt("a@example.net")).unwrap();
    assert!(c.send(rcpt("b@example.net")).is_err(), "a third of at most two");
}
#[test]
fn a_second_greeting_is_credited_to_nothing() {
    let mut c = Client::new(cfg());
    c.send(Command::Ehlo(ClientName::new("c.example").unwrap())).unwrap();
    let mut input = BytesMut::from(&b"220 s\r\n250 surprise\r\n"[..]);
    let Step::Event(Ev::Greeting(_)) = c.receive(&mut input).unwrap() else { panic!() };
    // Not an octet of EHLO has left.
    assert_eq!(c.transmit().remaining(), 16);
    let step = c.receive(&mut input).unwrap();
    assert!(matches!(step, Step::Event(Ev::Unsolicited(_))), "{step:?}");
}
#[test]
fn undecodable_challenge_is_cancelled_not_fatal() {
    let mut c = greeted(cfg(), &["AUTH LOGIN"]);
    c.send(Command::Auth(Auth { mechanism: Mechanism::LOGIN, initial: None })).unwrap();
    drain(&mut c);
    let mut input = BytesMut::from(&b"334 Username:\r\n"[..]);
    let step = c.receive(&mut input);
    assert!(step.is_ok(), "RFC 4954 section 4: it MUST cancel with '*': {step:?}");
    assert_eq!(drain(&mut c), b"*\r\n");
}
#[test]
fn the_state_of_a_session_that_is_over_is_closed() {
    let mut c = greeted(cfg(), &[]);
    feed(&mut c, "421 bye\r\n");
    assert_eq!(c.state().phase, Phase::Closed, "documented: `QUIT, 421 or worse`");
}
#[test]
fn lmtp_unanswered_tells_which_recipients() {
    let mut c = greeted(ClientConfig { protocol: Protocol::Lmtp, ..cfg() }, &["PIPELINING"]);
    c.send(mail()).unwrap();
    let r: Vec<_> = ["a@x.example", "b@x.example", "c@x.example"].map(|to| c.send(rcpt(to)).unwrap()).into();
    c.send(Command::Data).unwrap();
    let mut events = feed(&mut c, "250 ok\r\n250 ok\r\n250 ok\r\n250 ok\r\n354 go\r\n");
    let Some(Ev::Upload { upload, .. }) = events.pop() else { panic!() };
    c.finish(upload).unwrap();
    let events = feed(&mut c, "250 a\r\n421 bye\r\n");
    let shown = format!("{events:?}");
    assert!(shown.contains(&format!("Unanswered({:?})", r[2])), "{shown}");
}
#[test]
fn a_reply_before_the_eof_is_told() {
    let mut c = greeted(cfg(), &["PIPELINING"]);
    c.send(mail()).unwrap();
    c.send(rcpt("x@example.net")).unwrap();
    let data = c.send(Command::Data).unwrap();
    let mut events = feed(&mut c, "250 ok\r\n250 ok\r\n354 go\r\n");
    let Some(Ev::Upload { upload, .. }) = events.pop() else { panic!() };
    c.finish(upload).unwrap();
    drain(&mut c);
    let mut input = BytesMut::from(&b"250 queued\r\n"[..]);
    let _ = c.receive_eof(&input);
    let step = c.receive(&mut input).unwrap();
    assert!(
        matches!(&step, Step::Event(Ev::Reply { ticket, .. }) if *ticket == data),
        "sent again, delivered twice: {step:?}"
    );
}
#[test]
fn pipelining_does_not_deadlock() {
    // Pipes of 4 KiB each way; both machines with their defaults but for that.
    const PIPE: usize = 4096;
    let mut c = greeted(ClientConfig { max_unsent: 4096, ..cfg() }, &["PIPELINING"]);
    let mut s = Server::new(ServerConfig { max_unsent: 4096, ..sconfig() });
    let mut log = Vec::new();
    serve(&mut s, HI, "", &mut log).unwrap();
    said(&mut s);
    c.send(mail()).unwrap();
    for n in 0..900 {
        c.send(rcpt(&format!("{n}-a-name-of-some-length@mailbox.example.net"))).unwrap();
    }
    let (mut to_s, mut to_c) = (BytesMut::new(), BytesMut::new());
    let (mut s_in, mut c_in) = (BytesMut::new(), BytesMut::new());
    let mut replies = 0;
    let mut idle = 0;
    while idle < 3 {
        let mut moved = false;
        // client driver, as tokio-codec's: NeedFlush writes and does not read; NeedInput does both.
        let may_read = loop {
            match c.receive(&mut c_in).unwrap() {
                Step::Event(_) => {
                    replies += 1;
                    moved = true;
                }
                Step::NeedInput { .. } => break true,
                Step::NeedFlush => break false,
                other => panic!("{other:?}"),
            }
        };
        let room = (PIPE - to_s.len()).min(c.transmit().remaining());
        if room > 0 {
            to_s.extend_from_slice(&c.transmit().copy_to_bytes(room));
            moved = true;
        }
        if may_read && !to_c.is_empty() {
            c_in.unsplit(to_c.split());
            moved = true;
        }
        // server driver
        let may_read = loop {
            match s.receive(&mut s_in).unwrap() {
                Step::Event(Event::Mail(ask)) => s.accept(ask, Ack::default()).unwrap(),
                Step::Event(Event::Rcpt(ask)) => s
                    .accept(
                        ask,
                        Ack::saying(Text::from_static(
                            "recipient accepted, thank you very much for considering this server",
                        )),
                    )
                    .unwrap(),
                Step::Event(_) => {}
                Step::NeedInput { .. } => break true,
                Step::NeedFlush => break false,
                other => panic!("{other:?}"),
            }
        };
        let room = (PIPE - to_c.len()).min(s.transmit().remaining());
        if room > 0 {
            to_c.extend_from_slice(&s.transmit().copy_to_bytes(room));
            moved = true;
        }
        if may_read && !to_s.is_empty() {
            s_in.unsplit(to_s.split());
            moved = true;
        }
        idle = if moved { 0 } else { idle + 1 };
    }
    assert_eq!(
        replies,
        901,
        "deadlock: client has {} unsent, server {}",
        c.transmit().remaining(),
        s.transmit().remaining()
    );
}
#[test]
fn pipelining_does_not_deadlock_with_defaults_and_64_kib_sockets() {
    // Pipes of 4 KiB each way; both machines with their defaults but for that.
    const PIPE: usize = 64 << 10;
    let mut c = greeted(cfg(), &["PIPELINING"]);
    let mut s = Server::new(sconfig());
    let mut log = Vec::new();
    serve(&mut s, HI, "", &mut log).unwrap();
    said(&mut s);
    c.send(mail()).unwrap();
    let domain = format!("{0}.{0}.{0}.example.net", "mailbox-of-a-long-name-aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa");
    for n in 0..900 {
        c.send(rcpt(&format!("{n}-some-tagged-and-hashed-bounce-address-aaaaaaa@{domain}"))).unwrap();
    }
    let (mut to_s, mut to_c) = (BytesMut::new(), BytesMut::new());
    let (mut s_in, mut c_in) = (BytesMut::new(), BytesMut::new());
    let mut replies = 0;
    let mut idle = 0;
    while idle < 3 {
        let mut moved = false;
        // client driver, as tokio-codec's: NeedFlush writes and does not read; NeedInput does both.
        let may_read = loop {
            match c.receive(&mut c_in).unwrap() {
                Step::Event(_) => {
                    replies += 1;
                    moved = true;
                }
                Step::NeedInput { .. } => break true,
                Step::NeedFlush => break false,
                other => panic!("{other:?}"),
            }
        };
        let room = (PIPE - to_s.len()).min(c.transmit().remaining());
        if room > 0 {
            to_s.extend_from_slice(&c.transmit().copy_to_bytes(room));
            moved = true;
        }
        if may_read && !to_c.is_empty() {
            c_in.unsplit(to_c.split());
            moved = true;
        }
        // server driver
        let may_read = loop {
            match s.receive(&mut s_in).unwrap() {
                Step::Event(Event::Mail(ask)) => s.accept(ask, Ack::default()).unwrap(),
                Step::Event(Event::Rcpt(ask)) => s
                    .reject(
                        ask,
                        Rejection::new(Reply::new(
                            Code::MAILBOX_UNAVAILABLE,
                            Text::try_from("5.1.1 ".to_owned() + &"see our policy ".repeat(31)).unwrap(),
                        ))
                        .unwrap(),
                    )
                    .unwrap(),
                Step::Event(_) => {}
                Step::NeedInput { .. } => break true,
                Step::NeedFlush => break false,
                other => panic!("{other:?}"),
            }
        };
        let room = (PIPE - to_c.len()).min(s.transmit().remaining());
        if room > 0 {
            to_c.extend_from_slice(&s.transmit().copy_to_bytes(room));
            moved = true;
        }
        if may_read && !to_s.is_empty() {
            s_in.unsplit(to_s.split());
            moved = true;
        }
        idle = if moved { 0 } else { idle + 1 };
    }
    assert_eq!(
        replies,
        901,
        "deadlock: client has {} unsent, server {}",
        c.transmit().remaining(),
        s.transmit().remaining()
    );
}
#[test]
fn an_unexpected_reply_does_not_lose_its_ticket() {
    let mut c = greeted(cfg(), &["PIPELINING"]);
    let ticket = c.send(mail()).unwrap();
    drain(&mut c);
    let mut input = BytesMut::from(&b"354 go\r\n"[..]);
    c.receive(&mut input).unwrap_err();
    let step = c.receive(&mut input).unwrap();
    assert!(matches!(step, Step::Event(Ev::Unanswered(t)) if t == ticket), "{step:?}");
}
#[test]
fn only_220_is_a_greeting() {
    let mut c = Client::new(cfg());
    let mut input = BytesMut::from(&b"250 ok\r\n"[..]);
    let Step::Event(Ev::Greeting(_)) = c.receive(&mut input).unwrap() else { panic!() };
    assert!(
        matches!(c.receive(&mut input).unwrap(), Step::Closed),
        "documented: anything but 220 ends the session"
    );
}
#[test]
fn what_is_held_behind_a_useless_354_is_sent() {
    let mut c = greeted(cfg(), &["PIPELINING"]);
    c.send(mail()).unwrap();
    c.send(rcpt("x@example.net")).unwrap();
    c.send(Command::Data).unwrap();
    feed(&mut c, "250 ok\r\n550 no\r\n");
    c.send(Command::Quit).unwrap();
    let mut input = BytesMut::from(&b"354 go\r\n"[..]);
    assert!(matches!(c.receive(&mut input).unwrap(), Step::NeedInput { .. }));
    assert_eq!(drain(&mut c), b".\r\nQUIT\r\n");
}
#[test]
fn vrfy_in_utf8_needs_smtputf8() {
    let mut c = greeted(cfg(), &["PIPELINING"]);
    assert!(c.send(Command::Vrfy(Argument::new("dömi").unwrap())).is_err());
}
#[test]
fn mail_auth_parameter_needs_auth() {
    let mut c = greeted(cfg(), &["PIPELINING"]);
    let mut m = Mail::new(Mailbox::new("a@example.com").unwrap());
    m.parameters.set_auth(&Submitter::Unknown);
    assert!(c.send(Command::Mail(m)).is_err());
}
#[test]
fn a_mechanism_that_is_not_offered() {
    let mut c = greeted(cfg(), &["AUTH PLAIN"]);
    assert!(c.send(Command::Auth(Auth { mechanism: Mechanism::SCRAM_SHA_256, initial: None })).is_err());
}
#[test]
fn patience_sees_a_peer_that_reads() {
    let mut c = greeted(cfg(), &["PIPELINING"]);
    c.send(mail()).unwrap();
    c.send(rcpt("x@example.net")).unwrap();
    c.send(Command::Data).unwrap();
    let mut events = feed(&mut c, "250 ok\r\n250 ok\r\n354 go\r\n");
    let Some(Ev::Upload { mut upload, .. }) = events.pop() else { panic!() };
    c.write(&mut upload, Bytes::from(vec![b'x'; 50 << 20])).unwrap();
    let before = c.patience().period;
    for _ in 0..40 {
        c.transmit().advance(1 << 20);
    }
    assert_ne!(c.patience().period, before, "40 MiB were taken and nobody saw it");
}
#[test]
fn deviations_are_of_the_reply_that_is_told() {
    let mut c = Client::new(cfg());
    feed(&mut c, "220 caf\u{e9}\r\n");
    let _ = feed(&mut c, "");
    c.send(Command::Ehlo(ClientName::new("c.example").unwrap())).unwrap();
    feed(&mut c, "250-s\r\n250 AUTH=LOGIN\r\n");
    assert_eq!(c.deviations().iter().count(), 1);
    c.send(Command::Noop(None)).unwrap();
    feed(&mut c, "250 ok\r\n");
    assert!(c.deviations().is_empty(), "NOOP's reply was fine: {:?}", c.deviations());
}
#[test]
fn state_during_auth() {
    let mut c = greeted(cfg(), &["AUTH LOGIN"]);
    c.send(Command::Auth(Auth { mechanism: Mechanism::LOGIN, initial: None })).unwrap();
    feed(&mut c, "334 VXNlcm5hbWU6\r\n");
    assert_eq!(c.state().phase, Phase::Authenticating);
}

#[test]
fn data_refused_by_the_machine_lets_no_message_be_read_as_commands() {
    let mut s = Server::new(sconfig());
    let mut log = Vec::new();
    let stream = format!(
        "{HI}MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\nSubject: x\r\n\r\nRSET\r\nMAIL FROM:<evil@example.com>\r\n.\r\nQUIT\r\n"
    );
    let _ = serve(&mut s, &stream, "RCPT", &mut log);
    assert!(!log.iter().any(|l| l.contains("evil")), "{log:?}\n{}", said(&mut s));
}
#[test]
fn data_refused_by_the_host_under_every_cut() {
    let head = format!("{HI}MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n");
    let tail = "Subject: x\r\n\r\nRSET\r\nMAIL FROM:<evil@example.com>\r\n.\r\nQUIT\r\n";
    let run = |cut: bool| {
        let mut s = Server::new(sconfig());
        let mut log = Vec::new();
        let ended = if cut {
            serve(&mut s, &head, "DATA", &mut log).and_then(|()| serve(&mut s, tail, "DATA", &mut log))
        } else {
            serve(&mut s, &format!("{head}{tail}"), "DATA", &mut log)
        };
        (ended.is_err(), log)
    };
    assert_eq!(run(false), run(true));
}
#[test]
fn pipelined_recipients_behind_a_refused_mail_are_no_attack() {
    let mut s = Server::new(sconfig());
    let mut log = Vec::new();
    let mut stream = format!("{HI}MAIL FROM:<a@example.com>\r\n");
    for n in 0..30 {
        stream += &format!("RCPT TO:<r{n}@example.net>\r\n");
    }
    stream += "DATA\r\n";
    serve(&mut s, &stream, "MAIL", &mut log).unwrap();
    let said = said(&mut s);
    assert!(!said.contains("421"), "{said}");
}
#[test]
fn swallowing_is_a_sign_of_life() {
    let mut s = Server::new(ServerConfig { max_message: 1000, ..sconfig() });
    let mut log = Vec::new();
    serve(
        &mut s,
        &format!("{HI}MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n"),
        "",
        &mut log,
    )
    .unwrap();
    let block = "0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCD\r\n".repeat(64);
    serve(&mut s, &block, "", &mut log).unwrap();
    let before = s.patience().period;
    for _ in 0..50 {
        serve(&mut s, &block, "", &mut log).unwrap();
    }
    assert_ne!(s.patience().period, before, "200 KiB came and the peer is called dead");
}
#[test]
fn a_554_greeting_waits_for_quit() {
    let mut s = Server::new(sconfig());
    let mut input = BytesMut::from(&b"EHLO c.example\r\nQUIT\r\n"[..]);
    let Step::Event(Event::Connect(ask)) = s.receive(&mut input).unwrap() else { panic!() };
    s.reject(ask, Rejection::policy()).unwrap();
    while let Step::Event(_) = s.receive(&mut input).unwrap() {}
    let said = said(&mut s);
    assert!(said.contains("\r\n503 ") && said.contains("\r\n221 "), "RFC 5321 section 3.1: {said}");
}
#[test]
fn a_421_among_the_outcomes_ends_the_session() {
    let mut s = Server::new(sconfig());
    let mut log = Vec::new();
    let head = format!("{HI}MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n");
    serve(&mut s, &head, "", &mut log).unwrap();
    let mut input = BytesMut::from(&b".\r\nNOOP\r\n"[..]);
    let Step::Event(Event::Message(ask)) = s.receive(&mut input).unwrap() else { panic!() };
    s.accept(ask, Delivered::each(vec![Err(Rejection::closing())])).unwrap();
    let step = s.receive(&mut input).unwrap();
    assert!(matches!(step, Step::Closed), "{step:?} {}", said(&mut s));
}
#[test]
fn half_closed_client_gets_the_answer_to_its_message() {
    let mut s = Server::new(sconfig());
    let mut log = Vec::new();
    let head = format!("{HI}MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n");
    serve(&mut s, &head, "", &mut log).unwrap();
    let mut input = BytesMut::from(&b".\r\nQUIT\r\n"[..]);
    let Step::Event(Event::Message(ask)) = s.receive(&mut input).unwrap() else { panic!() };
    // The host stores the message; meanwhile the peer's FIN arrives.
    let eof = s.receive_eof(&input);
    let stored = s.accept(ask, Delivered::all(Ack::default()));
    assert!(eof.is_ok() && stored.is_ok(), "eof {eof:?}, stored {stored:?}, said {}", said(&mut s));
}
#[test]
fn size_zero() {
    let mut s = Server::new(ServerConfig { max_message: 0, ..sconfig() });
    let mut log = Vec::new();
    serve(&mut s, &format!("{HI}MAIL FROM:<a@example.com> SIZE=1\r\n"), "", &mut log).unwrap();
    let said = said(&mut s);
    assert!(!(said.contains("SIZE 0") && said.contains("552")), "offers no limit, refuses one octet: {said}");
}
#[test]
fn lmtp_answers_for_each_even_where_there_is_far_too_much() {
    let mut s = Server::new(ServerConfig { protocol: Protocol::Lmtp, max_message: 10, ..sconfig() });
    let mut log = Vec::new();
    let r = "RCPT TO:<b@example.net>\r\n".repeat(3);
    serve(&mut s, &format!("LHLO c\r\nMAIL FROM:<a@example.com>\r\n{r}DATA\r\n"), "", &mut log).unwrap();
    said(&mut s);
    let block = "x".repeat(1 << 20);
    let _ = serve(&mut s, &block, "", &mut log);
    let _ = serve(&mut s, &block, "", &mut log);
    let said = said(&mut s);
    assert_eq!(said.matches("552").count(), 3, "{said}");
}
#[test]
fn too_long_a_line_in_auth() {
    let mechanisms = vec![Mechanism::PLAIN];
    let authentication =
        Authentication { mechanisms, cleartext: CleartextLogin::Allow, ..Authentication::default() };
    let mut s = Server::new(ServerConfig { authentication, ..sconfig() });
    let mut log = Vec::new();
    serve(&mut s, &format!("{HI}AUTH PLAIN\r\n"), "", &mut log).unwrap();
    said(&mut s);
    serve(&mut s, &format!("{}\r\n", "A".repeat(20_000)), "", &mut log).unwrap();
    let said = said(&mut s);
    assert!(said.starts_with("500 5.5.6 "), "RFC 4954 section 4: {said}");
    assert_eq!(log.last().unwrap(), "AuthCancelled", "the host was not told");
}
#[test]
fn expn_is_known_and_not_implemented() {
    let mut s = Server::new(sconfig());
    let mut log = Vec::new();
    serve(&mut s, &format!("{HI}EXPN list\r\n"), "", &mut log).unwrap();
    let said = said(&mut s);
    assert!(said.contains("\r\n502 "), "{said}");
}
#[test]
fn a_browser_is_not_a_client() {
    let mut s = Server::new(sconfig());
    let mut log = Vec::new();
    let post = "POST / HTTP/1.1\r\nHost: mx.example.net:25\r\nUser-Agent: x\r\nContent-Type: text/plain\r\nContent-Length: 100\r\nOrigin: http://evil.example\r\n\r\nEHLO x.example\r\nMAIL FROM:<evil@example.com>\r\n";
    let _ = serve(&mut s, post, "", &mut log);
    assert!(!log.iter().any(|l| l.contains("evil")), "{log:?}");
}
#[test]
fn a_route_that_is_not_ascii_needs_smtputf8() {
    let mut s = Server::new(sconfig());
    let mut log = Vec::new();
    serve(
        &mut s,
        &format!("{HI}MAIL FROM:<a@example.com>\r\nRCPT TO:<@b\u{fc}ro.example:b@example.net>\r\n"),
        "",
        &mut log,
    )
    .unwrap();
    assert!(!log.iter().any(|l| l.starts_with("RCPT")), "{log:?}");
}
#[test]
fn auth_parameter_where_auth_is_not_offered() {
    let mut s = Server::new(sconfig());
    let mut log = Vec::new();
    serve(&mut s, &format!("{HI}MAIL FROM:<a@example.com> AUTH=<>\r\n"), "", &mut log).unwrap();
    let said = said(&mut s);
    assert!(said.contains("\r\n555 "), "{said}");
}
#[test]
fn state_when_over() {
    let mut s = Server::new(sconfig());
    let mut log = Vec::new();
    serve(&mut s, HI, "", &mut log).unwrap();
    s.close(Reason::Shutdown);
    assert_eq!(s.state().phase, Phase::Closed);
}
#[test]
fn smtp_with_one_failure_to_retry_is_not_told_never() {
    let mut s = Server::new(sconfig());
    let mut log = Vec::new();
    let head = format!(
        "{HI}MAIL FROM:<a@example.com>\r\nRCPT TO:<b@example.net>\r\nRCPT TO:<c@example.net>\r\nDATA\r\n"
    );
    serve(&mut s, &head, "", &mut log).unwrap();
    said(&mut s);
    let mut input = BytesMut::from(&b".\r\n"[..]);
    let Step::Event(Event::Message(ask)) = s.receive(&mut input).unwrap() else { panic!() };
    s.accept(ask, Delivered::each(vec![Err(Rejection::mailbox_unavailable()), Err(Rejection::no_room())]))
        .unwrap();
    let said = said(&mut s);
    assert!(said.starts_with('4'), "{said}");
}
#[test]
fn nothing_but_530_where_tls_is_required() {
    let mut s = Server::new(ServerConfig { starttls: Offer::Yes, tls: Requirement::Required, ..sconfig() });
    let mut log = Vec::new();
    serve(&mut s, HI, "", &mut log).unwrap();
    said(&mut s);
    serve(&mut s, "VRFY jane\r\nAUTH PLAIN\r\nRSET\r\nHELP\r\n", "", &mut log).unwrap();
    let said = said(&mut s);
    assert!(said.lines().all(|l| l.starts_with("530 5.7.0")), "{said}");
}
