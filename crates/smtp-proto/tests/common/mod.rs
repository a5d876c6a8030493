//! The server and the host that the scripts of `testdata/smtp` are written for.
#![allow(dead_code, reason = "each test file takes what it needs")]
pub(crate) mod scripted;

use smtp_proto::{server::*, *};
use test_support::{Host, Log, host};

/// Messages of 1,000 octets, three recipients.
pub(crate) fn config() -> ServerConfig {
    let mut config = ServerConfig::new(Text::from_static("mx.example.net"));
    config.max_message = 1000;
    config.max_recipients = 3;
    config
}

/// BDAT, and what is not lines.
pub(crate) fn chunking() -> ServerConfig {
    let extensions = Capabilities::new().with(Extension::Chunking).with(Extension::BinaryMime);
    ServerConfig { extensions, ..config() }
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

/// The host takes care of what these lines offer.
pub(crate) fn offering(lines: &[&str]) -> ServerConfig {
    let with = |offered: Capabilities, line: &&str| offered.with_line(line).unwrap();
    ServerConfig { extensions: lines.iter().fold(Capabilities::new(), with), ..config() }
}

/// Accepts everything but mail for `Green` and the like, has no room for `full`, and knows `test` with the password `1234`.
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
            if let Some(rejection) = rejected(&name) {
                server.reject(ask, rejection).unwrap();
            } else if name.contains("Moved") {
                full.push(false);
                let text = Text::from_static("user not local; will forward to <moved@example.org>");
                server.accept(ask, Ack::forwarding(text)).unwrap();
            } else {
                full.push(name.contains("full"));
                server.accept(ask, Ack::default()).unwrap();
            }
        }
        Event::Data(ask) => {
            if let Some(chunk) = ask.chunk {
                log.note(format!("chunk of {} octets", chunk.length));
            }
            message.clear();
            server.accept(ask, ()).unwrap();
        }
        Event::Payload(piece) => message.extend_from_slice(&piece),
        Event::Discarded(why) => log.note(format!("discarded: {why}")),
        Event::XClient(ask) => {
            log.note(format!("stands for {:?}", ask.attributes));
            match ask.attributes.login() {
                Some(Told::Value(_)) => server.accept(ask, Identity::Authenticated).unwrap(),
                Some(_) => server.reject(ask, Rejection::policy()).unwrap(),
                None => server.accept(ask, Identity::Anonymous).unwrap(),
            }
        }
        Event::XForward(ask) => {
            log.note(format!("from {:?}", ask.attributes));
            server.accept(ask, ()).unwrap();
        }
        Event::Vrfy(ask) => inquire(server, ask, log),
        Event::Expn(ask) => {
            log.note(format!("expn {}", ask.argument.as_str()));
            let member = |address: &str| Entry::new(address.parse().unwrap());
            match ask.argument.as_str() {
                "Example-People" => {
                    let named = |name, address| member(address).named(Text::from_static(name));
                    let members = vec![
                        named("Jon Postel", "Postel@isi.edu"),
                        named("Fred Fonebone", "Fonebone@physics.foo-u.edu"),
                        member("SollerS@foo.com"),
                    ];
                    server.accept(ask, members).unwrap();
                }
                "nobody" => server.accept(ask, Vec::new()).unwrap(),
                _ => server.reject(ask, Rejection::policy()).unwrap(),
            }
        }
        Event::Etrn(ask) => {
            log.note(format!("etrn {:?}", ask.queues()));
            match ask.as_str() {
                "uu.net" => server.reject(ask, Rejection::cannot_queue()).unwrap(),
                "foo.bar" => server.reject(ask, Rejection::node_not_allowed()).unwrap(),
                "mysoft.com" => server.accept(ask, Queued::Messages(14)).unwrap(),
                "innosoft.com" => server.accept(ask, Queued::Pending).unwrap(),
                "idle.example" => server.accept(ask, Queued::Nothing).unwrap(),
                _ => server.accept(ask, Queued::Started).unwrap(),
            }
        }
        Event::Message(ask) => {
            log.payload(&message);
            log.note(format!("message of {} octets for {}", ask.octets, ask.recipients));
            let outcome = |full: &bool| if *full { Err(Rejection::no_room()) } else { Ok(Ack::default()) };
            server.accept(ask, Delivered::each(full.iter().map(outcome).collect())).unwrap();
        }
        other => log.note(format!("{other:?}")),
    })
}

/// Who is no recipient, and why.
fn rejected(name: &str) -> Option<Rejection> {
    let reply = |code, enhanced, text| Reply::with_enhanced(code, enhanced, Text::from_static(text)).unwrap();
    let is = |names: &[&str]| names.iter().any(|part| name.contains(part));
    if is(&["Green", "nosuchuser", "nsb@thumper", "galvin@tis"]) {
        Some(Rejection::mailbox_unavailable())
    } else if is(&["remoteuser"]) {
        let lines = [
            "5.7.1 Forwarding to remote hosts disabled",
            "5.7.1 Select another host to act as your forwarder",
        ];
        let reply = Reply::from_lines(Code::NOT_LOCAL, lines.map(Text::from_static));
        Some(Rejection::new(reply).unwrap())
    } else if is(&["@ymir"]) {
        let full =
            reply(Code::EXCEEDED_STORAGE, EnhancedCode::permanent(2, 3), "channel size limit exceeded");
        Some(Rejection::new(full).unwrap())
    } else if is(&["@hmcvax"]) {
        Some(Rejection::no_room())
    } else {
        None
    }
}

/// Knows Crispin, that Moved is elsewhere, and two called Joe.
fn inquire(server: &mut Server, ask: Ask<Vrfy>, log: &mut Log) {
    log.note(format!("vrfy {}", ask.argument.as_str()));
    let entry = |name, address: &str| Entry::new(address.parse().unwrap()).named(Text::from_static(name));
    match ask.argument.as_str() {
        "Crispin" => {
            server.accept(ask, Verified::Mailbox(entry("Mark Crispin", "Admin.MRC@foo.com"))).unwrap();
        }
        "Moved" => server.accept(ask, Verified::Forwarded(entry("Moved", "moved@example.org"))).unwrap(),
        "Joe" => {
            let several = [entry("Joe Smith", "jsmith@foo.com"), entry("Joe Jones", "jjones@foo.com")];
            server.reject(ask, Rejection::ambiguous(several)).unwrap();
        }
        "nobody" => server.reject(ask, Rejection::mailbox_unavailable()).unwrap(),
        _ => server.accept(ask, Verified::Unverified).unwrap(),
    }
}

/// One step of PLAIN, LOGIN, CRAM-MD5 or EXTERNAL.
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
        ("CRAM-MD5", 0) => Some("<4192942341.12828472@sourcefour.andrew.cmu.edu>"),
        _ => None,
    };
    if let Some(challenge) = challenge {
        return server.accept(ask, AuthAnswer::Challenge(challenge.into())).unwrap();
    }
    let right = match mechanism.as_str() {
        "LOGIN" => *said == [b"test".to_vec(), b"1234".to_vec()],
        "CRAM-MD5" => *said == [b"rjs3 ec3a59fed395aba1ec6367c4f4b41ac0".to_vec()],
        "EXTERNAL" => *said == [b"".to_vec()],
        _ => *said == [b"test\0test\x001234".to_vec()],
    };
    log.note(if right { "logged in" } else { "wrong password" });
    if right {
        server.accept(ask, AuthAnswer::Success).unwrap();
    } else {
        server.reject(ask, Rejection::bad_credentials()).unwrap();
    }
}
