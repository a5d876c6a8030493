//! Answers to nothing that was asked.
use crate::common::*;
use imap_proto::{client::Event, *};

#[test]
fn an_answer_is_never_credited_to_another_command() {
    let mut session = Session::authenticated(open(), "");
    session.sends(Command::Noop);
    session.says();
    for (said, told) in [
        ("A2 OK not yet\r\n", "unsolicited A2 OK"),
        ("A0 NO who?\r\n", "unsolicited A0 NO"),
        ("a1 BAD other case\r\n", "unsolicited a1 BAD"),
        ("A1 OK done\r\n", "A1 OK"),
        ("A1 OK done\r\n", "unsolicited A1 OK"),
        ("+ go\r\n", "continuation"),
    ] {
        assert_eq!(session.hears(said), [told]);
    }
    session.sends(Command::Noop);
    session.says();
    // The one to A1 comes a third time.
    assert_eq!(session.hears("A1 NO done\r\nA2 OK done\r\n"), ["unsolicited A1 NO", "A2 OK"]);
}

#[test]
fn an_answer_to_what_was_not_sent_answers_nothing() {
    let mut session = Session::authenticated(open(), "");
    session.sends(Command::Noop);
    // Not written yet.
    assert_eq!(session.hears("A1 OK early\r\n"), ["unsolicited A1 OK"]);
    assert_eq!(session.hears("A1 NO early\r\n"), ["unsolicited A1 NO"]);
    assert_eq!(session.says(), "A1 NOOP\r\n");
    assert_eq!(session.hears("A1 OK done\r\n"), ["A1 OK"]);
}

#[test]
fn a_guessed_answer_logs_nobody_in() {
    let mut session = Session::greeted(open(), "");
    session.sends(Command::Login(Login::new("a", "b").unwrap()));
    session.hears("A1 OK welcome\r\n");
    assert_eq!(session.client.state(), State::NotAuthenticated);
}

// covers rfc2177 3 idles-from-the-plus-on
#[test]
fn a_plus_is_not_kept_for_the_next_command() {
    let mut session = Session::authenticated(open(), "IDLE");
    assert_eq!(session.hears("+ go\r\n"), ["continuation"]);
    session.sends(Command::Idle);
    session.says();
    assert_eq!(
        session.hears("* 1 EXISTS\r\n+ idling\r\n+ again\r\n"),
        ["1 exists", "A1 idling", "continuation"]
    );
}

#[test]
fn a_plus_that_comes_before_its_command_begins_nothing() {
    let authenticate = Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial: None });
    let mut session = Session::greeted(open(), "AUTH=PLAIN");
    session.sends(authenticate);
    // Nobody has asked for a mechanism's first word yet: it would be said to whoever guesses.
    assert_eq!(session.hears("+ \r\n"), ["continuation"]);
    assert_eq!(session.says(), "A1 AUTHENTICATE PLAIN\r\n");
    assert_eq!(session.hears("+ \r\n"), ["A1 challenge "]);
    let mut session = Session::authenticated(open(), "IDLE");
    session.sends(Command::Idle);
    session.client.done().unwrap();
    assert_eq!(session.hears("+ go\r\n"), ["continuation"]);
    assert_eq!(session.says(), "A1 IDLE\r\n");
}

// covers rfc3501 2.2.2 answers-what-was-sent
#[test]
fn a_message_that_was_never_asked_for_is_not_taken_for_appended() {
    for message in [message("Hello"), streams(5), streams(0)] {
        let mut session = Session::authenticated(open(), "");
        session.sends(Command::Append(Box::new(Append::new(MailboxName::INBOX, message))));
        assert!(session.says().starts_with("A1 APPEND INBOX {"));
        assert_eq!(session.hears("A1 OK appended\r\n"), ["unsolicited A1 OK"]);
    }
}

#[test]
fn a_message_that_is_not_written_yet_is_not_taken_for_appended() {
    let mut session = Session::authenticated(open(), "LITERAL+");
    session.sends(Command::Append(Box::new(Append::new(MailboxName::INBOX, streams(5)))));
    let Some(Ok(Event::Upload { mut upload, .. })) = session.events().pop() else { panic!() };
    session.says();
    assert_eq!(session.hears("A1 OK appended\r\n"), ["unsolicited A1 OK"]);
    session.client.write(&mut upload, "Hel".into()).unwrap();
    session.says();
    assert_eq!(session.hears("A1 OK appended\r\n"), ["unsolicited A1 OK"]);
    session.client.write(&mut upload, "lo".into()).unwrap();
    assert_eq!(session.hears("A1 OK appended\r\n"), ["unsolicited A1 OK"]);
    session.says();
    assert_eq!(session.hears("A1 OK appended\r\n"), ["A1 OK"]);
    session.client.finish(upload).unwrap();
}

#[test]
fn the_rest_of_a_refused_message_takes_no_answer_from_a_command_before_it() {
    let mut session = Session::authenticated(open(), "LITERAL+");
    session.sends(Command::Noop);
    session.sends(Command::Append(Box::new(Append::new(MailboxName::INBOX, streams(5)))));
    let Some(Ok(Event::Upload { mut upload, .. })) = session.events().pop() else { panic!() };
    session.says();
    assert_eq!(session.hears("A2 NO full\r\n"), ["A2 NO"]);
    session.client.write(&mut upload, "Hello".into()).unwrap();
    session.client.finish(upload).unwrap();
    assert_eq!(session.hears("A1 OK done\r\n"), ["A1 OK"]);
}

#[test]
fn what_looks_like_the_answer_to_another_tag_is_given_up() {
    let mut session = Session::authenticated(lenient(), "");
    session.sends(Command::Noop);
    session.says();
    assert!(session.hears("A10 what\r\n")[0].starts_with("invalid \"A10 what"));
    assert!(session.hears("A1 what\r\n")[0].starts_with("error: "));
}
