//! IDLE.
use crate::common::*;
use imap_proto::{client::SendRefusal, *};

fn idling() -> Session {
    let mut session = Session::selected(open(), "IDLE", 3);
    session.sends(Command::Idle);
    assert_eq!(session.says(), "A2 IDLE\r\n");
    assert_eq!(session.hears("+ idling\r\n"), ["A2 idling"]);
    session
}

// covers rfc2177 3 done-before-all
#[test]
fn a_command_ends_idle_and_goes_when_that_is_answered() {
    let mut session = idling();
    session.sends(fetch(Numbering::Sequence, &[1]));
    session.sends(Command::Noop);
    assert_eq!(session.says(), "DONE\r\n");
    assert_eq!(session.hears("* 1 EXPUNGE\r\nA2 OK done\r\n"), ["1 expunged", "A2 OK"]);
    assert_eq!(session.says(), "A3 FETCH 1 FLAGS\r\nA4 NOOP\r\n");
}

// covers rfc2177 3 anew
#[test]
fn idle_is_said_anew_by_sending_it_again() {
    let mut session = idling();
    assert_eq!(session.client.idle_renewal().as_secs(), 28 * 60);
    session.sends(Command::Idle);
    assert_eq!(session.says(), "DONE\r\n");
    session.hears("A2 OK done\r\n");
    assert_eq!(session.says(), "A3 IDLE\r\n");
    assert_eq!(session.hears("+ idling\r\n"), ["A3 idling"]);
    session.client.done().unwrap();
    assert_eq!(session.says(), "DONE\r\n");
    assert_eq!(session.hears("A3 OK done\r\n"), ["A3 OK"]);
}

#[test]
fn done_waits_until_idle_has_begun() {
    let mut session = Session::selected(open(), "IDLE", 3);
    assert!(session.client.done().is_err());
    session.sends(Command::Idle);
    session.client.done().unwrap();
    session.sends(Command::Noop);
    assert_eq!(session.says(), "A2 IDLE\r\n");
    // A server that will not idle reads what follows as a command.
    assert_eq!(session.hears("A2 NO not now\r\n"), ["A2 NO"]);
    assert_eq!(session.says(), "A3 NOOP\r\n");
    session.hears("A3 OK done\r\n");
    session.sends(Command::Idle);
    session.says();
    session.client.done().unwrap();
    assert_eq!(session.hears("+ idling\r\n"), ["A4 idling"]);
    assert_eq!(session.says(), "DONE\r\n");
}

#[test]
fn done_is_said_once() {
    let mut session = idling();
    session.client.done().unwrap();
    assert_eq!(session.client.done().unwrap_err().to_string(), "the session does not idle");
    session.sends(Command::Noop);
    assert_eq!(session.says(), "DONE\r\n");
}

#[test]
fn a_server_may_end_idle_by_itself() {
    let mut session = idling();
    assert_eq!(session.hears("A2 NO enough\r\n"), ["A2 NO"]);
    session.sends(Command::Noop);
    assert_eq!(session.says(), "A3 NOOP\r\n");
}

#[test]
fn new_messages_before_the_plus_are_told() {
    let mut session = Session::selected(open(), "IDLE", 3);
    session.sends(Command::Idle);
    session.says();
    assert_eq!(
        session.hears("* 4 EXISTS\r\n+\x20idling\r\n* 5 EXISTS\r\n"),
        ["4 exists", "A2 idling", "5 exists"]
    );
    assert_eq!(session.client.mailbox().unwrap().messages(), 5);
}

// covers rfc2177 3 idle-where-offered
#[test]
fn idle_is_not_said_to_a_server_without_it() {
    let mut session = Session::selected(open(), "", 3);
    let refused = session.client.send(Command::Idle).unwrap_err();
    assert_eq!(refused.refusal, SendRefusal::NotOffered(response::Capability::Idle));
    assert_eq!(refused.to_string(), "not sent: the server does not offer IDLE");
}

#[test]
fn the_end_of_a_connection_that_idles_is_told() {
    let mut session = idling();
    assert!(session.client.receive_eof(&session.input).is_err());
    assert_eq!(session.happens(), ["A2 unanswered"]);
}

#[test]
fn done_before_idle_had_its_turn_lets_nobody_idle() {
    let mut session = Session::selected(open(), "IDLE", 3);
    session.sends(Command::Noop);
    session.sends(Command::Idle);
    session.client.done().unwrap();
    assert!(session.client.done().is_err());
    assert_eq!(session.happens(), ["A3 never sent"]);
    assert_eq!(session.says(), "A2 NOOP\r\n");
    assert_eq!(session.hears("A2 OK done\r\n"), ["A2 OK"]);
    assert_eq!(session.says(), "");
    // The renewal of one that goes on: DONE was said for that.
    let mut session = idling();
    session.sends(Command::Idle);
    session.client.done().unwrap();
    assert_eq!(session.says(), "DONE\r\n");
    assert_eq!(session.hears("A2 OK done\r\n"), ["A3 never sent", "A2 OK"]);
    assert_eq!(session.says(), "");
}
