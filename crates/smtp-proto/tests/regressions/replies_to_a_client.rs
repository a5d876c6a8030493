//! What a client makes of replies. Where it is wrong, a reply is believed to answer what it does not.
use super::client_session::{Session, name, open};
use bytes::{Buf, BytesMut};
use smtp_proto::{
    Auth, ClientConfig, Command, Extension, Identity, Leniency, Mechanism, Phase, Secret, Step,
    client::{Client, Event},
    sasl::Response,
};

fn login() -> Command {
    Command::Auth(Auth { mechanism: Mechanism::LOGIN, initial: None })
}

// covers rfc5321 3.1 client-greeting
#[test]
fn only_220_is_a_greeting() {
    let mut client = Client::new(open());
    let mut input = BytesMut::from(&b"250 ok\r\n"[..]);
    let step = client.receive(&mut input).unwrap();
    assert!(matches!(step, Step::Event(Event::Greeting(_))), "{step:?}");
    let step = client.receive(&mut input).unwrap();
    assert!(matches!(step, Step::Closed), "{step:?}");
}

/// An attacker who may speak once in clear would else choose the answer to EHLO.
// covers rfc2920 3.1 counted
#[test]
fn a_reply_that_comes_before_its_command_was_sent_answers_nothing() {
    let mut client = Client::new(open());
    client.send(Command::Ehlo(name())).unwrap();
    let mut input = BytesMut::from(&b"220 s\r\n250 surprise\r\n"[..]);
    let step = client.receive(&mut input).unwrap();
    assert!(matches!(step, Step::Event(Event::Greeting(_))), "{step:?}");
    assert_eq!(client.transmit().remaining(), "EHLO c.example\r\n".len(), "not an octet has left");
    let step = client.receive(&mut input).unwrap();
    assert!(matches!(step, Step::Event(Event::Unsolicited(_))), "{step:?}");
}

/// Else the client pipelines to a server that greets it kindly.
// covers rfc5321 3.2 client-helo
#[test]
fn a_reply_to_helo_of_many_lines_offers_nothing_and_is_no_error() {
    for leniency in [Leniency::STRICT, Leniency::LENIENT] {
        for said in
            ["250-s at your service\r\n250 PIPELINING\r\n", "250-s\r\n250 Hello, pleased to meet you!\r\n"]
        {
            let mut session = Session::greeted(ClientConfig { leniency, ..open() });
            session.send(Command::Helo(name()));
            session.hear(said);
            assert!(!session.client.capabilities().unwrap().has(Extension::Pipelining), "{said}");
        }
    }
}

/// [RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4): it MUST be cancelled with `*`.
// covers rfc4954 4 client-cancels
#[test]
fn a_challenge_that_is_no_base64_is_cancelled_and_ends_nothing() {
    let mut session = Session::offered(open(), &["AUTH LOGIN"]);
    let auth = session.send(login());
    let step = session.step("334 Username:\r\n").unwrap();
    assert!(matches!(step, Step::NeedInput { .. }), "{step:?}");
    assert_eq!(session.said(), "*\r\n");
    let events = session.hear("501 cancelled\r\n");
    assert!(matches!(&events[..], [Event::Reply { ticket, .. }] if *ticket == auth), "{events:?}");
}

/// Someone on the way would else tell the client that it has logged in before it has said how.
#[test]
fn a_reply_that_comes_before_the_response_was_sent_answers_nothing() {
    let mut session = Session::offered(open(), &["AUTH LOGIN"]);
    session.send(login());
    session.hear("334 VXNlcm5hbWU6\r\n");
    session.client.respond(&Response::Data(Secret::copy_from(b"test"))).unwrap();
    session.input.extend_from_slice(b"235 welcome\r\n");
    let step = session.client.receive(&mut session.input).unwrap();
    assert!(matches!(step, Step::Event(Event::Unsolicited(_))), "{step:?}");
    assert_eq!(session.client.state().identity, Identity::Anonymous);
}

#[test]
fn while_a_login_goes_on_the_state_says_so() {
    let mut session = Session::offered(open(), &["AUTH LOGIN"]);
    session.send(login());
    session.hear("334 VXNlcm5hbWU6\r\n");
    assert_eq!(session.client.state().phase, Phase::Authenticating);
}

#[test]
fn behind_a_421_the_state_is_closed() {
    let mut session = Session::offered(open(), &[]);
    session.hear("421 bye\r\n");
    assert_eq!(session.client.state().phase, Phase::Closed);
}

/// Else a server is blamed for what it said long ago.
#[test]
fn deviations_are_those_of_the_reply_that_is_told() {
    let mut session = Session::greeted(open());
    session.send(Command::Ehlo(name()));
    session.hear("250-s\r\n250 AUTH=LOGIN\r\n");
    assert_eq!(session.client.deviations().iter().count(), 1);
    session.send(Command::Noop(None));
    session.hear("250 ok\r\n");
    assert!(session.client.deviations().is_empty(), "{:?}", session.client.deviations());
}
