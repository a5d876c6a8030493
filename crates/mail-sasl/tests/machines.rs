//! Exchanges through the machines of SMTP, POP3 and IMAP, which carry octets and do not look into them: those of this crate,
//! and those of a mechanism that a host has made up.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]
mod common;

use bytes::{Buf, BytesMut};
use common::{ALL, House, bound, client, credentials, mechanism, right, server};
use mail_sasl::{CleartextLogin, Client, Mechanism, Protocol, Secret, sasl};

/// What a host says next.
enum Next {
    Challenge(Vec<u8>),
    Success,
    Failure,
}

/// The two ends of a mechanism: what the client says first, its answers, and the host.
struct Ends<'a> {
    mechanism: Mechanism,
    initial: Option<Vec<u8>>,
    client: &'a mut dyn FnMut(&[u8]) -> Vec<u8>,
    host: &'a mut dyn FnMut(Option<&[u8]>) -> Next,
}

fn base64(octets: &[u8]) -> String {
    let mut line = Vec::new();
    sasl::encode(octets, &mut line);
    String::from_utf8(line).unwrap()
}

fn initial(octets: Option<&[u8]>) -> String {
    let mut line = b" ".to_vec();
    octets.map_or_else(String::new, |octets| {
        sasl::encode_initial(octets, &mut line);
        String::from_utf8(line).unwrap()
    })
}

/// A driver of a protocol's machine: offers the mechanism, says the command and what the client answers, and has the
/// reply that ends it.
///
/// `asks` names the events that begin a session and the answer to each, and the one that begins an exchange; `answers`
/// what the machine is to hear of success and of failure.
macro_rules! driver {
    (
        $name:ident by $protocol:ident, $config:expr, offers $offered:expr,
        says $command:literal, hears $challenge:literal,
        asks { $($ask:ident => $answer:expr,)+ } then $authenticate:ident, answers $success:expr, $failure:expr
    ) => {
        fn $name(ends: &mut Ends<'_>) -> String {
            use $protocol::{Step, server::{AuthAnswer, Event, Server}};
            let mut machine = Server::new($config);
            machine.offer_mechanisms($offered(ends.mechanism));
            let initial = initial(ends.initial.as_deref());
            let mut input = BytesMut::from(format!("{} {}{initial}\r\n", $command, ends.mechanism).as_bytes());
            for _ in 0..100 {
                let answer = |next| match next {
                    Next::Challenge(octets) => Some(AuthAnswer::Challenge(octets)),
                    Next::Success => Some($success),
                    Next::Failure => None,
                };
                match machine.receive(&mut input).unwrap() {
                    $(Step::Event(Event::$ask(ask)) => machine.accept(ask, $answer).unwrap(),)+
                    Step::Event(Event::$authenticate(ask)) => {
                        match answer((ends.host)(ask.initial.as_ref().map(Secret::as_bytes))) {
                            Some(answer) => machine.accept(ask, answer).unwrap(),
                            None => machine.reject(ask, $failure).unwrap(),
                        }
                    }
                    Step::Event(Event::AuthResponse(ask)) => {
                        match answer((ends.host)(Some(ask.octets.as_bytes()))) {
                            Some(answer) => machine.accept(ask, answer).unwrap(),
                            None => machine.reject(ask, $failure).unwrap(),
                        }
                    }
                    // That all is there at once, which SMTP remarks.
                    Step::Event(_) => {}
                    _ => {
                        let waiting = machine.transmit();
                        let said = waiting.copy_to_bytes(waiting.remaining());
                        let said = std::str::from_utf8(&said).unwrap().lines().last().unwrap();
                        let Some(challenge) = said.strip_prefix($challenge) else { return said.to_owned() };
                        let challenge = sasl::decode(challenge.as_bytes()).unwrap();
                        let line = base64(&(ends.client)(challenge.as_bytes()));
                        input.extend_from_slice(format!("{line}\r\n").as_bytes());
                    }
                }
            }
            panic!("the exchange has no end");
        }
    };
}

driver! {
    by_smtp by smtp_proto, smtp_in_clear(), offers |mechanism| [mechanism],
    says "EHLO me\r\nAUTH", hears "334 ",
    asks { Connect => (), Hello => (), } then Auth,
    answers AuthAnswer::Success, smtp_proto::server::Rejection::bad_credentials()
}

driver! {
    by_pop3 by pop3_proto, pop3_in_clear(), offers |mechanism| pop3_proto::Mechanisms::new([mechanism]).unwrap(),
    says "AUTH", hears "+ ",
    asks { Connect => (), } then Auth,
    answers AuthAnswer::Success(pop3_proto::DropListing { messages: 0, octets: 0 }),
    pop3_proto::server::Rejection::AUTHENTICATION_FAILED
}

driver! {
    by_imap by imap_proto, imap_in_clear(), offers |mechanism| [mechanism],
    says "a AUTHENTICATE", hears "+ ",
    asks { Connect => imap_proto::server::Welcome::Ok, } then Authenticate,
    answers AuthAnswer::Success, imap_proto::server::Rejection::AUTHENTICATION_FAILED
}

fn smtp_in_clear() -> smtp_proto::ServerConfig {
    let mut config = smtp_proto::ServerConfig::new(smtp_proto::Text::from_static("mx.example.net"));
    config.authentication.cleartext = CleartextLogin::Allow;
    config
}

fn pop3_in_clear() -> pop3_proto::ServerConfig {
    let mut config = pop3_proto::ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config
}

fn imap_in_clear() -> imap_proto::ServerConfig {
    let mut config = imap_proto::ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config
}

/// Runs an exchange of this crate; the reply, and what the client makes of it.
fn run(
    name: &str,
    mut client: Client,
    protocol: Protocol,
    by: fn(&mut Ends<'_>) -> String,
) -> (String, bool) {
    use mail_sasl::Step;
    let mut server = server(name);
    let initial = client.initial(protocol).map(|initial| initial.as_bytes().to_vec());
    let said = by(&mut Ends {
        mechanism: mechanism(name),
        initial,
        client: &mut |challenge| client.step(challenge).unwrap().as_bytes().to_vec(),
        host: &mut |response| match server.step(response, &House) {
            Step::Challenge(challenge) => Next::Challenge(challenge.as_bytes().to_vec()),
            Step::Done(_) => Next::Success,
            Step::Failed(_) => Next::Failure,
        },
    });
    (said, client.finish().is_ok())
}

#[test]
fn every_mechanism_logs_in_by_each_protocol() {
    for name in ALL {
        let login = |protocol, by| run(name, client(&[name], right(name), &bound()), protocol, by);
        for (said, believed) in [login(Protocol::Smtp, by_smtp), login(Protocol::Imap, by_smtp)] {
            assert!(said.starts_with("235 2.7.0") && believed, "{name}: {said}");
        }
        for (said, believed) in [login(Protocol::Pop3, by_pop3), login(Protocol::Imap, by_pop3)] {
            assert!(said.starts_with("+OK") && believed, "{name}: {said}");
        }
        for (said, believed) in [login(Protocol::ImapSaslIr, by_imap), login(Protocol::Imap, by_imap)] {
            assert!(said.starts_with("a OK") && believed, "{name}: {said}");
        }
    }
}

#[test]
fn what_is_wrong_is_refused_by_each_protocol() {
    for name in ALL.into_iter().filter(|name| !["EXTERNAL", "ANONYMOUS"].contains(name)) {
        let wrong = || client(&[name], credentials("ann", "wrong", name), &bound());
        let (said, _) = run(name, wrong(), Protocol::Smtp, by_smtp);
        assert!(said.starts_with("535 5.7.8"), "{name}: {said}");
        let (said, _) = run(name, wrong(), Protocol::Pop3, by_pop3);
        assert!(said.starts_with("-ERR [AUTH]"), "{name}: {said}");
        let (said, _) = run(name, wrong(), Protocol::ImapSaslIr, by_imap);
        assert!(said.starts_with("a NO [AUTHENTICATIONFAILED]"), "{name}: {said}");
    }
}

/// The server gives two numbers, one after the other; the client answers each with its double, any octets it likes.
fn two_rounds(by: fn(&mut Ends<'_>) -> String, second: u8) -> String {
    let mut round = 0;
    by(&mut Ends {
        mechanism: mechanism("X-TWO-ROUNDS"),
        initial: Some(Vec::new()),
        client: &mut |challenge| challenge.iter().map(|octet| octet * second).collect(),
        host: &mut |response| {
            round += 1;
            match (round, response) {
                (1, Some(b"")) => Next::Challenge(vec![0, 13, 10]),
                (2, Some([0, 26, 20])) => Next::Challenge(vec![127]),
                (3, Some([254])) => Next::Success,
                _ => Next::Failure,
            }
        },
    })
}

#[test]
fn a_host_brings_a_mechanism_of_its_own() {
    assert!(two_rounds(by_smtp, 2).starts_with("235 "));
    assert!(two_rounds(by_pop3, 2).starts_with("+OK"));
    assert!(two_rounds(by_imap, 2).starts_with("a OK"));
    assert!(two_rounds(by_smtp, 1).starts_with("535 "));
    assert!(two_rounds(by_pop3, 1).starts_with("-ERR"));
    assert!(two_rounds(by_imap, 1).starts_with("a NO"));
}
