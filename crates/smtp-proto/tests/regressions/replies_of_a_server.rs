//! What a server says. A wrong code makes a client bounce mail that it should try again, or try for ever.
use super::{
    common::{auth, config, lmtp, submission},
    server_session::{HELLO, Rejects, Session, script},
};
use smtp_proto::{
    Phase, ProtocolError, Reason, Requirement, ServerConfig, Step,
    server::{Ack, Delivered, Rejection},
};

fn answers(exchange: &str) -> Vec<String> {
    script(&format!("{HELLO}{exchange}"), config, Rejects::Nothing)
}

/// [RFC 5321 §3.1](https://www.rfc-editor.org/rfc/rfc5321#section-3.1): 503 to all but QUIT.
// covers rfc5321 3.1 refused-waits-for-quit
#[test]
fn a_greeting_that_is_a_refusal_waits_for_quit() {
    let text = "
        S: 554 5.7.1 refused by policy
        C: EHLO c.example
        S: 503 5.5.1 out of sequence
        C: QUIT
        S: 221 2.0.0 mx.example.net closing
    ";
    script(text, config, Rejects::Connections);
}

/// A mailing list's recipients behind one refused MAIL would else be too many errors.
#[test]
fn what_was_pipelined_behind_a_refused_mail_is_no_attack() {
    let rcpt = "C: RCPT TO:<b@example.net>\nS: 503 5.5.1 no transaction is open\n".repeat(30);
    let text = format!(
        "{HELLO}
        C: MAIL FROM:<a@example.com>
        S: 451 4.3.0 local error, try again later
        {rcpt}
        C: DATA
        S: 503 5.5.1 no transaction is open
        C: NOOP
        S: 250 2.0.0 ok"
    );
    script(&text, config, Rejects::Mail);
}

// covers rfc5321 4.2.4 known-502
#[test]
fn expn_is_known_and_not_implemented() {
    answers("C: EXPN list\nS: 502 5.5.1 EXPN is not offered");
}

// covers rfc4954 5 auth-parameter-555
#[test]
fn the_auth_parameter_is_refused_where_auth_is_not_offered() {
    answers("C: MAIL FROM:<a@example.com> AUTH=<>\nS: 555 5.5.4 parameter AUTH is not offered");
}

#[test]
fn a_route_that_is_not_ascii_needs_smtputf8() {
    answers(
        "C: MAIL FROM:<a@example.com>
        S: 250 2.1.0 sender ok
        C: RCPT TO:<@b\u{fc}ro.example:b@example.net>
        S: 553 5.6.7 a UTF-8 address needs SMTPUTF8",
    );
}

/// `SIZE 0` offers no limit.
#[test]
fn a_limit_of_zero_is_none() {
    let text = format!(
        "{}
        C: MAIL FROM:<a@example.com> SIZE=1
        S: 250 2.1.0 sender ok",
        HELLO.replace("SIZE 1000", "SIZE 0")
    );
    script(&text, || ServerConfig { max_message: 0, ..config() }, Rejects::Nothing);
}

/// Else a client would log in in clear, or believe that it may.
// covers rfc3207 4 tls-first-530
#[test]
fn where_tls_is_required_everything_hears_530() {
    let offers = "S: 250-ENHANCEDSTATUSCODES\nS: 250-STARTTLS";
    let no: String = ["VRFY jane", "AUTH PLAIN", "RSET", "HELP"]
        .map(|command| format!("C: {command}\nS: 530 5.7.0 say STARTTLS first\n"))
        .concat();
    let text = format!("{}{no}", HELLO.replace("S: 250-ENHANCEDSTATUSCODES", offers));
    script(&text, || ServerConfig { tls: Requirement::Required, ..submission() }, Rejects::Nothing);
}

/// [RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4): 500 and 5.5.6; and the host is told.
// covers rfc4954 6 line-too-long-code
// covers rfc4954 4 long-response-fails
#[test]
fn a_response_that_is_too_long_ends_the_exchange() {
    let mut session = Session::new(auth());
    session.say("EHLO c\r\nAUTH PLAIN\r\n");
    session.said();
    session.say(&format!("{}\r\nNOOP\r\n", "A".repeat(20_000)));
    let said = session.said();
    assert!(said.starts_with("500 5.5.6 ") && said.ends_with("250 2.0.0 ok\r\n"), "{said}");
    assert_eq!(session.seen().last().map(String::as_str), Some("cancelled"));
}

/// Else a client that can reach one of two recipients later tells its user that it never will.
// covers rfc5321 4.2.5 transient-first
#[test]
fn one_failure_that_may_pass_makes_the_answer_one_that_may_pass() {
    let (mut session, ask) = Session::with_message(config(), "");
    let outcomes = vec![Err(Rejection::mailbox_unavailable()), Err(Rejection::no_room())];
    session.server.accept(ask, Delivered::each(outcomes)).unwrap();
    let said = session.said();
    assert!(said.starts_with("452 "), "{said}");
}

// covers rfc5321 3.8 421-closes
#[test]
fn a_421_to_a_message_ends_the_session() {
    let (mut session, ask) = Session::with_message(config(), "NOOP\r\n");
    session.server.accept(ask, Delivered::each(vec![Err(Rejection::closing())])).unwrap();
    let step = session.server.receive(&mut session.input).unwrap();
    assert!(matches!(step, Step::Closed), "{step:?}");
    let said = session.said();
    assert!(said.starts_with("421 ") && said.lines().count() == 1, "{said}");
}

/// Else a message is stored, its client does not hear of it, and sends it again.
#[test]
fn a_client_that_has_closed_its_half_gets_the_answer_to_its_message() {
    let (mut session, ask) = Session::with_message(config(), "QUIT\r\n");
    // The host stores the message; meanwhile the client's FIN arrives.
    session.server.receive_eof(&session.input).unwrap();
    session.server.accept(ask, Delivered::all(Ack::default())).unwrap();
    session.say("");
    let said = session.said();
    assert!(said.starts_with("250 2.0.0 ") && said.contains("\r\n221 2.0.0 "), "{said}");
}

/// A driver may read on while a question is open.
#[test]
fn a_command_that_is_cut_while_a_question_is_open_is_no_clean_end() {
    let (mut session, ask) = Session::with_message(config(), "NOOP\r\nMAIL FR");
    session.server.receive_eof(&session.input).unwrap();
    session.server.accept(ask, Delivered::all(Ack::default())).unwrap();
    assert_eq!(session.try_say(""), Err(ProtocolError::Cut));
    assert!(session.said().ends_with("250 2.0.0 ok\r\n"));
}

// covers rfc2033 4.2 endless-message
// covers rfc5321 7.8 endless-message
#[test]
fn lmtp_answers_for_each_recipient_even_where_there_is_far_too_much() {
    let mut session = Session::new(ServerConfig { max_message: 10, ..lmtp() });
    let recipients = "RCPT TO:<b@example.net>\r\n".repeat(3);
    session.say(&format!("LHLO c\r\nMAIL FROM:<a@example.com>\r\n{recipients}DATA\r\n"));
    session.said();
    let endless = "x".repeat(2 << 20);
    session.try_say(&endless).unwrap_err();
    let said = session.said();
    assert_eq!(said.matches("552 ").count(), 3, "{said}");
}

#[test]
fn the_state_of_a_session_that_was_closed_says_so() {
    let mut session = Session::new(config());
    session.say("EHLO c\r\n");
    session.server.close(Reason::Shutdown);
    assert_eq!(session.server.state().phase, Phase::Closed);
}
