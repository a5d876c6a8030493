//! The server and the host that the scripts of `testdata/smtp` are written for.
#![allow(dead_code, reason = "each test file takes what it needs")]
use smtp_proto::{server::*, *};
use test_support::{Host, Log, host};

/// Messages of 1,000 octets, three recipients.
pub(crate) fn config() -> ServerConfig {
    let mut config = ServerConfig::new(Text::from_static("mx.example.net"));
    config.max_message = 1000;
    config.max_recipients = 3;
    config
}

pub(crate) fn lmtp() -> ServerConfig {
    ServerConfig { protocol: Protocol::Lmtp, ..config() }
}

/// AUTH, in clear if need be.
pub(crate) fn auth() -> ServerConfig {
    let authentication = Authentication {
        mechanisms: vec![Mechanism::PLAIN, Mechanism::LOGIN],
        cleartext: CleartextLogin::Allow,
        ..Authentication::default()
    };
    ServerConfig { authentication, ..config() }
}

/// AUTH behind STARTTLS alone, and MAIL behind AUTH.
pub(crate) fn submission() -> ServerConfig {
    let mut config = ServerConfig { starttls: Offer::Yes, ..auth() };
    config.authentication.cleartext = CleartextLogin::Refuse;
    config.authentication.requirement = Requirement::Required;
    config
}

/// Accepts everything but mail for `Green`, has no room for `full`, and knows `test` with the password `1234`.
pub(crate) fn server_host() -> impl Host<Server> {
    let (mut login, mut full, mut message) = (None, Vec::new(), Vec::new());
    host(move |server: &mut Server, event, log: &mut Log| match event {
        Event::Connect(ask) => server.accept(ask, ()).unwrap(),
        Event::Hello(ask) => {
            log.note(format!("hello {:?} {}", ask.dialect, ask.name));
            server.accept(ask, ()).unwrap();
        }
        Event::StartTls(ask) => log.upgrade(server.accept(ask, ()).unwrap()),
        Event::Auth(ask) => {
            login = Some((ask.mechanism, Vec::new()));
            match ask.initial.clone() {
                Some(octets) => step(server, ask, Some(octets), &mut login, log),
                None => step(server, ask, None, &mut login, log),
            }
        }
        Event::AuthResponse(ask) => {
            let octets = ask.octets.clone();
            step(server, ask, Some(octets), &mut login, log);
        }
        Event::AuthCancelled => log.note("cancelled"),
        Event::Mail(ask) => {
            log.note(format!("mail {}", ask.from()));
            full.clear();
            server.accept(ask, Ack::default()).unwrap();
        }
        Event::Rcpt(ask) => {
            let name = ask.to().to_string();
            log.note(format!("rcpt {name}"));
            if name.contains("Green") {
                server.reject(ask, Rejection::mailbox_unavailable()).unwrap();
            } else {
                full.push(name.contains("full"));
                server.accept(ask, Ack::default()).unwrap();
            }
        }
        Event::Data(ask) => {
            message.clear();
            server.accept(ask, ()).unwrap();
        }
        Event::Payload(piece) => message.extend_from_slice(&piece),
        Event::Discarded(why) => log.note(format!("discarded: {why}")),
        Event::Message(ask) => {
            log.payload(&message);
            log.note(format!("message of {} octets for {}", ask.octets, ask.recipients));
            let outcome = |full: &bool| if *full { Err(Rejection::no_room()) } else { Ok(Ack::default()) };
            server.accept(ask, Delivered::each(full.iter().map(outcome).collect())).unwrap();
        }
        other => log.note(format!("{other:?}")),
    })
}

/// One step of PLAIN or LOGIN.
fn step<T: Request<Answer = AuthAnswer, Grant = ()>>(
    server: &mut Server,
    ask: Ask<T>,
    octets: Option<Secret>,
    login: &mut Option<(Mechanism, Vec<Vec<u8>>)>,
    log: &mut Log,
) {
    let (mechanism, said) = login.as_mut().expect("AUTH came first");
    said.extend(octets.map(|octets| octets.as_bytes().to_vec()));
    let challenge = match (mechanism.as_str(), said.len()) {
        ("LOGIN", 0) => Some("Username:"),
        ("LOGIN", 1) => Some("Password:"),
        ("PLAIN", 0) => Some(""),
        _ => None,
    };
    if let Some(challenge) = challenge {
        return server.accept(ask, AuthAnswer::Challenge(challenge.into())).unwrap();
    }
    let right = match mechanism.as_str() {
        "LOGIN" => *said == [b"test".to_vec(), b"1234".to_vec()],
        _ => *said == [b"test\0test\x001234".to_vec()],
    };
    log.note(if right { "logged in" } else { "wrong password" });
    if right {
        server.accept(ask, AuthAnswer::Success).unwrap();
    } else {
        server.reject(ask, Rejection::bad_credentials()).unwrap();
    }
}
