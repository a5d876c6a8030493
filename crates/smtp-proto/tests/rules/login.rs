//! AUTH.
use super::{
    common::{auth, config},
    server_session::Session,
};
use smtp_proto::{CleartextLogin, Identity, Requirement, ServerConfig};

/// What a server answers to these lines, behind its reply to EHLO.
fn answers(config: ServerConfig, lines: &[&str]) -> Vec<String> {
    let mut session = Session::new(config);
    session.say("EHLO c\r\n");
    session.said();
    let answer = |line: &&str| {
        session.say(&format!("{line}\r\n"));
        session.said()
    };
    lines.iter().map(answer).collect()
}

const RIGHT: &str = "AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=";
const WRONG: &str = "AUTH PLAIN dGVzdAB0ZXN0ADQzMjE=";

// covers rfc4954 4 exchange-begins
// covers rfc4954 4 login-stands
// covers rfc4954 4 auth-once
// covers rfc4954 4 authenticated
#[test]
fn whoever_has_logged_in_cannot_log_in_again() {
    let answers = answers(auth(), &[RIGHT, RIGHT, "EHLO c"]);
    assert_eq!(answers[0], "235 2.7.0 authenticated\r\n");
    assert_eq!(answers[1], "503 5.5.1 already authenticated\r\n");
    assert!(!answers[2].contains("AUTH"), "{answers:?}");
}

#[test]
fn nobody_logs_in_within_a_transaction() {
    let answers = answers(auth(), &["MAIL FROM:<>", RIGHT]);
    assert_eq!(answers[1], "503 5.5.1 a transaction is open\r\n");
}

// covers rfc4954 4 mechanism-504
#[test]
fn a_mechanism_that_is_not_offered_hears_504() {
    assert_eq!(answers(auth(), &["AUTH GSSAPI"]), ["504 5.5.4 mechanism is not offered\r\n"]);
}

// covers rfc4954 4 failed-login
// covers rfc4954 4 failure-changes-nothing
#[test]
fn a_login_that_failed_may_be_tried_again_and_mail_sent_without() {
    let answers = answers(auth(), &[WRONG, "MAIL FROM:<>", "RSET", RIGHT]);
    let codes: Vec<_> = answers.iter().map(|answer| &answer[..3]).collect();
    assert_eq!(codes, ["535", "250", "250", "235"]);
}

// covers rfc4954 9 failed-logins-counted
#[test]
fn logins_that_fail_are_counted() {
    let answers = answers(ServerConfig { max_errors: 3, ..auth() }, &[WRONG, WRONG, WRONG]);
    assert_eq!(answers[1], "535 5.7.8 authentication failed\r\n");
    assert!(answers[2].ends_with("421 4.7.0 mx.example.net too many errors, closing\r\n"), "{answers:?}");
}

#[test]
fn a_response_that_is_no_base64_ends_the_exchange() {
    let mut session = Session::new(auth());
    session.say("EHLO c\r\nAUTH LOGIN\r\n");
    session.said();
    session.say("dGVzd*==\r\n");
    assert!(session.said().starts_with("501 5.5.2 "));
    assert_eq!(session.seen().last().map(String::as_str), Some("cancelled"));
    session.say(&format!("{RIGHT}\r\n"));
    assert!(session.said().starts_with("235 "));
    assert_eq!(session.server.state().identity, Identity::Authenticated);
}

/// Else a password crosses the network in clear, which the demand for TLS was to prevent.
#[test]
fn where_tls_must_come_first_no_mechanism_is_offered_in_clear() {
    let mut config = ServerConfig { tls: Requirement::Required, ..auth() };
    config.authentication.cleartext = CleartextLogin::Allow;
    let mut session = Session::new(config);
    session.say("EHLO c\r\n");
    let said = session.said();
    assert!(!said.contains("AUTH"), "{said}");
}

#[test]
fn a_server_without_mechanisms_does_not_speak_of_auth() {
    let mut session = Session::new(config());
    session.say("EHLO c\r\n");
    assert!(!session.said().contains("AUTH"));
}

/// [RFC 4954 §5](https://www.rfc-editor.org/rfc/rfc4954#section-5): "even when the client has not authenticated".
// covers rfc4954 5 auth-parameter-taken
#[test]
fn who_submitted_a_message_may_be_said_without_a_login() {
    let answers = answers(auth(), &["MAIL FROM:<a@example.com> AUTH=b@example.com"]);
    assert_eq!(answers, ["250 2.1.0 sender ok\r\n"]);
}

// covers rfc4954 5 auth-parameter-taken
#[test]
fn who_submitted_a_message_may_be_said_behind_a_login() {
    let answers = answers(auth(), &[RIGHT, "EHLO c", "MAIL FROM:<a@example.com> AUTH=b@example.com"]);
    assert_eq!(answers[2], "250 2.1.0 sender ok\r\n");
}

// covers rfc4954 5 auth-parameter-555
#[test]
fn who_submitted_a_message_is_not_said_where_nobody_logs_in() {
    let answers = answers(config(), &["MAIL FROM:<a@example.com> AUTH=b@example.com"]);
    assert_eq!(answers, ["555 5.5.4 parameter AUTH is not offered\r\n"]);
}
