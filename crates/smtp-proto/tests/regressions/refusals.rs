//! What the host refuses again and again.
use super::{
    common::config,
    server_session::{HELLO, Rejects, Session, script},
};
use smtp_proto::ServerConfig;

const MAIL: &str = "MAIL FROM:<a@example.com>";

fn at_most(max_refusals: u32) -> ServerConfig {
    ServerConfig { max_refusals, ..config() }
}

// covers rfc5321 7.8 too-many-refusals
#[test]
fn a_client_that_tries_recipients_for_who_is_there_is_given_up() {
    let tried = "C: RCPT TO:<x@example.net>\nS: 550 5.1.1 no such mailbox here\n";
    let text = format!(
        "{HELLO}C: {MAIL}\nS: 250 2.1.0 sender ok\n{}S: 421 4.7.0 mx.example.net too many refusals, closing",
        tried.repeat(3)
    );
    let seen = script(&text, || at_most(3), Rejects::Recipients);
    assert_eq!(seen.last().map(String::as_str), Some("closed"));
}

// covers rfc5321 7.8 too-many-refusals
#[test]
fn a_client_that_tries_senders_or_names_for_who_is_let_in_is_given_up() {
    let no = "451 4.3.0 local error, try again later";
    for (command, rejects) in [(MAIL, Rejects::Mail), ("EHLO d", Rejects::Hello)] {
        let hello = if rejects == Rejects::Hello { "S: 220 mx.example.net ESMTP\n" } else { HELLO };
        let tried = format!("C: {command}\nS: {no}\n").repeat(2);
        let text = format!("{hello}{tried}S: 421 4.7.0 mx.example.net too many refusals, closing");
        let seen = script(&text, || at_most(2), rejects);
        assert_eq!(seen.last().map(String::as_str), Some("closed"), "{command}");
    }
}

// covers rfc5321 7.8 data-refusals
#[test]
fn a_client_whose_messages_are_refused_before_they_come_is_given_up() {
    let rcpt = "C: RCPT TO:<b@example.net>\nS: 250 2.1.5 recipient ok\n";
    let tried = "C: DATA\nS: 451 4.3.0 local error, try again later\n";
    let text = format!(
        "{HELLO}C: {MAIL}\nS: 250 2.1.0 sender ok\n{rcpt}{}S: 421 4.7.0 mx.example.net too many refusals, closing",
        tried.repeat(2)
    );
    let seen = script(&text, || at_most(2), Rejects::Data);
    assert_eq!(seen.last().map(String::as_str), Some("closed"));
}

/// A list has members who have left, and its messages go to the others all the same.
#[test]
fn a_message_that_is_taken_makes_up_for_the_refusals_before_it() {
    let mut session = Session::new(at_most(3));
    let message = format!(
        "{MAIL}\r\nRCPT TO:<Green@example.net>\r\nRCPT TO:<Green@example.net>\r\nRCPT TO:<b@example.net>\r\n\
         DATA\r\nhi\r\n.\r\n"
    );
    session.say(&format!("EHLO c\r\n{}", message.repeat(5)));
    let said = session.said();
    assert_eq!(said.matches("250 2.0.0 message taken").count(), 5, "{said}");
    assert_eq!(session.server.refusals(), 0);
}

/// Else a list of whose members too many have left at once is sent to nobody.
// covers rfc5321 7.8 refusals-spare-accepted
#[test]
fn a_recipient_who_was_accepted_gets_the_message_though_too_many_others_are_refused() {
    let mut session = Session::new(at_most(3));
    let refused = "RCPT TO:<Green@example.net>\r\n";
    session.say(&format!("EHLO c\r\n{MAIL}\r\nRCPT TO:<b@example.net>\r\n{}", refused.repeat(5)));
    let said = session.said();
    assert_eq!(said.matches("550 5.1.1").count(), 3, "{said}");
    assert_eq!(said.matches("452 4.5.3 too many recipients were refused\r\n").count(), 2, "{said}");
    session.say("DATA\r\nhi\r\n.\r\n");
    assert!(session.said().ends_with("250 2.0.0 message taken\r\n"));
    // Those who heard 452 come again.
    session.say(&format!("{MAIL}\r\n{}", refused.repeat(2)));
    assert!(session.said().ends_with("550 5.1.1 no such mailbox here\r\n"));
}

/// Else one recipient who is there lets a client try all others.
#[test]
fn a_recipient_who_was_accepted_and_gets_no_message_lets_nobody_try_others() {
    let mut session = Session::new(at_most(3));
    let refused = "RCPT TO:<Green@example.net>\r\n";
    let tried = format!("{MAIL}\r\nRCPT TO:<b@example.net>\r\n{}RSET\r\n", refused.repeat(5));
    session.say(&format!("EHLO c\r\n{}", tried.repeat(3)));
    let said = session.said();
    assert_eq!(said.matches("550 5.1.1").count(), 3, "{said}");
    session.say(&format!("{MAIL}\r\n{refused}"));
    assert!(session.said().ends_with("421 4.7.0 mx.example.net too many refusals, closing\r\n"));
}

/// Else who sends one message that is refused may try as many recipients as before.
#[test]
fn a_message_that_is_refused_makes_up_for_nothing() {
    let mut session = Session::new(at_most(3));
    let message =
        format!("{MAIL}\r\nRCPT TO:<Green@example.net>\r\nRCPT TO:<full@example.net>\r\nDATA\r\nhi\r\n.\r\n");
    session.say(&format!("EHLO c\r\n{}", message.repeat(2)));
    assert_eq!(session.server.refusals(), 2);
    session.say(&message);
    assert!(session.said().ends_with("421 4.7.0 mx.example.net too many refusals, closing\r\n"));
}
