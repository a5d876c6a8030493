//! What a session may cost where nobody has said so: no less than the RFCs demand.
use super::{client_session::Session as ClientSession, server_session::Session};
use core::time::Duration;
use smtp_proto::{
    Auth, Authentication, ClientConfig, Command, Mechanism, Security, ServerConfig, Text, TlsPolicy,
    client::SendRefusal, server::Server,
};

fn config() -> ServerConfig {
    ServerConfig::new(Text::from_static("mx.example.net"))
}

/// A server under TLS where one may log in.
fn with_login() -> ServerConfig {
    let authentication = Authentication { mechanisms: vec![Mechanism::PLAIN], ..Authentication::default() };
    ServerConfig { authentication, security: Security::Tls, ..config() }
}

/// What a server answers to the last of these lines.
fn answer(config: ServerConfig, lines: &str) -> String {
    let mut session = Session::new(config);
    session.say(lines);
    let said = session.said();
    said.lines().last().unwrap().to_owned()
}

// covers rfc5321 4.5.3.1.4 line-512
#[test]
fn a_command_line_of_512_octets_is_read() {
    let noop = format!("NOOP {}\r\n", "x".repeat(512 - 7));
    assert_eq!(noop.len(), 512);
    assert_eq!(answer(config(), &noop), "250 2.0.0 ok");
}

// covers rfc4954 4 line-12288
#[test]
fn the_longest_base64_in_12288_octets_is_read() {
    let response = format!("{}\r\n", "AAAA".repeat(3071));
    assert!((12_288 - 4..=12_288).contains(&response.len()));
    let said = answer(with_login(), &format!("EHLO c\r\nAUTH PLAIN\r\n{response}"));
    assert_eq!(said, "535 5.7.8 authentication failed");
}

// covers rfc5321 4.5.3.1.8 recipients-100
#[test]
fn a_hundred_recipients_are_taken() {
    let recipients = "RCPT TO:<b@example.net>\r\n".repeat(100);
    let said = answer(config(), &format!("EHLO c\r\nMAIL FROM:<>\r\n{recipients}"));
    assert_eq!(said, "250 2.1.5 recipient ok");
}

// covers rfc5321 4.5.3.1.7 message-64k
#[test]
fn a_message_of_64_kib_is_taken() {
    assert_eq!(answer(config(), "EHLO c\r\nMAIL FROM:<> SIZE=65536\r\n"), "250 2.1.0 sender ok");
}

// covers rfc5321 4.5.3.2.7 server-waits
// covers rfc5321 4.5.3.2.5 server-block
#[test]
fn a_server_waits_five_minutes_for_a_command_and_three_for_a_block() {
    assert_eq!(Server::new(config()).patience().limit, Duration::from_secs(300));
    let mut session = Session::new(config());
    session.say("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n");
    assert_eq!(session.server.patience().limit, Duration::from_secs(180));
}

// covers rfc4954 9 three-failures
#[test]
fn three_logins_may_fail() {
    let wrong = "AUTH PLAIN dGVzdAB0ZXN0ADQzMjE=\r\n".repeat(3);
    assert_eq!(answer(with_login(), &format!("EHLO c\r\n{wrong}")), "535 5.7.8 authentication failed");
}

// covers rfc4954 4 client-cleartext-off
#[test]
fn a_client_shows_no_password_in_clear() {
    let config = ClientConfig { tls: TlsPolicy::Opportunistic, ..ClientConfig::default() };
    let mut session = ClientSession::offered(config, &["AUTH PLAIN"]);
    let auth = Command::Auth(Auth { mechanism: Mechanism::PLAIN, initial: None });
    assert_eq!(session.refusal(auth), SendRefusal::NeedsTls);
}

/// Whoever keeps a connection open for later mail says NOOP now and then; whoever does nothing else is in the way.
#[test]
fn some_idle_commands_are_heard_and_a_flood_of_them_is_not() {
    assert_eq!(answer(config(), &"NOOP\r\n".repeat(50)), "250 2.0.0 ok");
    let said = answer(config(), &"NOOP\r\n".repeat(1000));
    assert_eq!(said, "421 4.7.0 mx.example.net too many commands and no mail, closing");
}

/// A host that passes messages on as lines would have to look at each for a bare CR or LF.
#[test]
fn nothing_but_lines_is_taken_unasked() {
    let mut session = Session::new(config());
    session.say("EHLO c\r\n");
    let said = session.said();
    assert!(!said.contains("CHUNKING") && !said.contains("BINARYMIME"), "{said}");
}
