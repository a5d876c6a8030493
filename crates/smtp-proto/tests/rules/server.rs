//! A server, command by command.
use super::{
    common::{config, lmtp},
    server_session::Session,
};
use smtp_proto::{
    Offer, Reason, ServerConfig, Step,
    server::{Ack, Delivered, Dialect, Event, Rejection},
};

/// What a server answers to these lines, each by itself, once it has greeted.
fn answers(config: ServerConfig, lines: &[&str]) -> Vec<String> {
    let mut session = Session::new(config);
    session.say("");
    session.said();
    let answer = |line: &&str| {
        session.say(&format!("{line}\r\n"));
        session.said()
    };
    lines.iter().map(answer).collect()
}

/// The same, and only the codes.
fn codes(config: ServerConfig, lines: &[&str]) -> Vec<String> {
    answers(config, lines).iter().map(|answer| answer.chars().take(3).collect()).collect()
}

const MAIL: &str = "MAIL FROM:<a@example.com>";
const RCPT: &str = "RCPT TO:<b@example.net>";

// covers rfc5321 4.1.1.5 transaction-discarded
#[test]
fn a_transaction_that_was_reset_is_no_more() {
    let said = ["EHLO c", MAIL, RCPT, "RSET", RCPT, "RSET", MAIL];
    assert_eq!(codes(config(), &said), ["250", "250", "250", "250", "503", "250", "250"]);
}

// covers rfc5321 4.1.4 ehlo-resets
#[test]
fn hello_said_again_gives_the_transaction_up() {
    let said = ["EHLO c", MAIL, RCPT, "EHLO c", RCPT, MAIL, "HELO c", RCPT];
    assert_eq!(codes(config(), &said), ["250", "250", "250", "250", "503", "250", "250", "503"]);
}

// covers rfc5321 4.1.1.4 buffers-cleared
#[test]
fn a_message_ends_its_transaction_and_not_the_session() {
    let mut session = Session::new(config());
    session.say(&format!("EHLO c\r\n{MAIL}\r\n{RCPT}\r\nDATA\r\n.\r\n{RCPT}\r\n{MAIL}\r\n"));
    let said = session.said();
    let codes: Vec<_> = said.lines().rev().take(3).map(|line| &line[..3]).collect();
    assert_eq!(codes, ["250", "503", "250"], "{said}");
}

// covers rfc5321 4.1.1.9 noop-250
// covers rfc5321 4.5.1 vrfy
// covers rfc5321 4.1.1.8 help
// covers rfc5321 4.1.4 idle-at-any-time
// covers rfc5321 4.1.4 rset-without-hello
#[test]
fn what_needs_no_hello_is_answered_without_one() {
    let said = ["NOOP", "NOOP are you there", "RSET", "HELP", "VRFY jane", MAIL, "QUIT"];
    assert_eq!(codes(config(), &said), ["250", "250", "250", "214", "252", "503", "221"]);
}

#[test]
fn a_client_may_leave_in_the_midst_of_a_transaction() {
    assert_eq!(codes(config(), &["EHLO c", MAIL, "QUIT"]), ["250", "250", "221"]);
}

// covers rfc5321 2.2.1 ehlo
#[test]
fn helo_is_answered_on_one_line_and_ehlo_on_more() {
    let answers = answers(config(), &["HELO c", "EHLO c"]);
    assert_eq!(answers[0], "250 mx.example.net\r\n");
    assert!(answers[1].starts_with("250-mx.example.net\r\n250-"), "{answers:?}");
}

// covers rfc2033 4.1 lhlo
// covers rfc2033 4.1 no-hello-but-lhlo
#[test]
fn a_server_that_speaks_lmtp_takes_no_ehlo() {
    assert_eq!(codes(lmtp(), &["EHLO c", "HELO c", "LHLO c"]), ["500", "500", "250"]);
    assert_eq!(codes(config(), &["LHLO c", "EHLO c"]), ["500", "250"]);
}

// covers rfc5321 3.3 parameters-need-ehlo
// covers rfc5321 3.2 helo-remembered
#[test]
fn parameters_wait_for_ehlo() {
    let answers = answers(config(), &["HELO c", "MAIL FROM:<> SIZE=1", "EHLO c", "MAIL FROM:<> SIZE=1"]);
    assert_eq!(answers[1], "555 5.5.4 parameters need EHLO\r\n");
    assert!(answers[3].starts_with("250 "), "{answers:?}");
}

// covers rfc6531 3.4 smtputf8-555
#[test]
fn smtputf8_is_neither_offered_nor_taken_where_the_host_cannot() {
    let config = ServerConfig { smtputf8: Offer::No, ..config() };
    let answers = answers(config, &["EHLO c", "MAIL FROM:<> SMTPUTF8"]);
    assert!(!answers[0].contains("SMTPUTF8"), "{answers:?}");
    assert_eq!(answers[1], "555 5.5.4 parameter SMTPUTF8 is not offered\r\n");
}

// covers rfc6531 3.4 smtputf8-of-the-transaction
#[test]
fn smtputf8_is_said_for_one_transaction() {
    let said = ["EHLO c", "MAIL FROM:<> SMTPUTF8", "RCPT TO:<d\u{f6}mi@example.net>", "RSET", MAIL];
    let said = [&said[..], &["RCPT TO:<d\u{f6}mi@example.net>"]].concat();
    assert_eq!(codes(config(), &said), ["250", "250", "250", "250", "250", "553"]);
}

// covers rfc5321 3.8 shutdown-421
#[test]
fn a_service_that_goes_down_says_so() {
    for (reason, codes) in [(Reason::Shutdown, "421 4.3.2"), (Reason::Timeout, "421 4.4.2")] {
        let mut session = Session::new(config());
        session.say("EHLO c\r\n");
        session.said();
        session.server.close(reason);
        let said = session.said();
        assert!(said.starts_with(&format!("{codes} mx.example.net ")), "{said}");
    }
}

// covers rfc5321 3.8 host-421-closes
#[test]
fn a_host_that_says_421_ends_the_session() {
    let mut session = Session::new(config());
    session.say("EHLO c\r\n");
    session.input.extend_from_slice(b"MAIL FROM:<>\r\nNOOP\r\n");
    let Ok(Step::Event(Event::Mail(ask))) = session.server.receive(&mut session.input) else {
        panic!("MAIL may stand there");
    };
    session.server.reject(ask, Rejection::closing()).unwrap();
    let step = session.server.receive(&mut session.input).unwrap();
    assert!(matches!(step, Step::Closed), "{step:?}");
}

// covers rfc2033 4.2 reply-per-recipient
#[test]
fn an_lmtp_recipient_that_the_host_forgot_may_be_tried_again() {
    let mut session = Session::new(lmtp());
    session.say(&format!("LHLO c\r\n{MAIL}\r\n{RCPT}\r\n{RCPT}\r\nDATA\r\n"));
    session.said();
    session.input.extend_from_slice(b".\r\n");
    let Ok(Step::Event(Event::Message(ask))) = session.server.receive(&mut session.input) else {
        panic!("the message is whole");
    };
    session.server.accept(ask, Delivered::each(vec![Ok(Ack::default())])).unwrap();
    let said = session.said();
    let codes: Vec<_> = said.lines().map(|line| &line[..3]).collect();
    assert_eq!(codes, ["250", "451"], "{said}");
}

// covers rfc2033 4.2 refusal-per-recipient
#[test]
fn an_lmtp_message_that_is_refused_is_refused_for_each_recipient() {
    let mut session = Session::new(lmtp());
    session.say(&format!("LHLO c\r\n{MAIL}\r\n{RCPT}\r\n{RCPT}\r\nDATA\r\n"));
    session.said();
    session.input.extend_from_slice(b".\r\n");
    let Ok(Step::Event(Event::Message(ask))) = session.server.receive(&mut session.input) else {
        panic!("the message is whole");
    };
    session.server.reject(ask, Rejection::policy()).unwrap();
    assert_eq!(session.said().matches("554 ").count(), 2);
}

// covers rfc5321 3.1 greeting-220
#[test]
fn a_greeting_names_the_host_and_the_protocol() {
    for (config, greeting) in
        [(config(), "220 mx.example.net ESMTP\r\n"), (lmtp(), "220 mx.example.net LMTP\r\n")]
    {
        let mut session = Session::new(config);
        session.say("");
        assert_eq!(session.said(), greeting);
    }
}

// covers rfc5321 3.2 helo-remembered
#[test]
fn a_client_that_said_helo_is_told_as_one() {
    let mut session = Session::new(config());
    session.say("HELO c\r\n");
    assert_eq!(session.server.dialect(), Some(Dialect::Smtp));
}
