//! What the client knows of the selected mailbox.
use crate::common::*;
use imap_proto::{mailbox::ClientView, *};

fn uids(view: &ClientView) -> Vec<Option<u32>> {
    (1..=view.messages()).map(|number| view.uid(number)).collect()
}

// covers rfc3501 2.3.1.1 uidvalidity-is-kept
// covers rfc3501 5.2 size-is-recorded
// covers rfc3501 7.4.1 expunge-is-recorded
// covers rfc7162 3.2.10 vanished-is-read
// covers rfc7162 3.2.10 vanished-is-recorded
#[test]
fn numbers_and_uids_follow_what_the_server_says() {
    let mut session = Session::selected(open(), "", 4);
    session.hears("* 1 FETCH (UID 10 FLAGS ())\r\n* 3 FETCH (FLAGS () UID 30)\r\n* 2 EXPUNGE\r\n");
    let view = session.client.mailbox().unwrap();
    assert_eq!(uids(view), [Some(10), Some(30), None]);
    assert_eq!((view.uid_validity(), view.number(30)), (9, Some(2)));
    session.hears("* 5 EXISTS\r\n* VANISHED 10\r\n* VANISHED (EARLIER) 1:9\r\n");
    assert_eq!(uids(session.client.mailbox().unwrap()), [Some(30), None, None, None]);
}

// covers rfc3501 7.4.2 uid-of-a-fetch
#[test]
fn a_uid_in_any_part_of_a_fetch_counts() {
    let config = ClientConfig { bodies: Bodies::AlwaysStream, ..open() };
    let mut session = Session::selected(config, "", 4);
    session.hears("* 1 FETCH (UID 10 BODY[] {1}\r\nx)\r\n");
    session.hears("* 2 FETCH (BODY[1] {1}\r\nx UID 20 BODY[2] {1}\r\ny)\r\n");
    session.hears("* 3 FETCH (BODY[1] {1}\r\nx UID 30)\r\n");
    assert_eq!(uids(session.client.mailbox().unwrap()), [Some(10), Some(20), Some(30), None]);
}

// covers rfc3501 6.3.1 select-in-flight
// covers rfc7162 3.2.11 closed-forgets
#[test]
fn from_select_on_what_is_told_is_of_the_new_mailbox() {
    let mut session = Session::selected(open(), "", 4);
    session.hears("* 1 FETCH (UID 10)\r\n");
    session.sends(Command::Select(mailbox("other")));
    assert_eq!(session.client.mailbox().unwrap().messages(), 0);
    session.says();
    // The server had something more to say of the old one.
    session.hears("* 5 EXISTS\r\n* 5 EXPUNGE\r\n* OK [CLOSED] now the other\r\n");
    session.hears("* 2 EXISTS\r\n* OK [UIDVALIDITY 7] ok\r\nA2 OK done\r\n");
    let view = session.client.mailbox().unwrap();
    assert_eq!((view.uid_validity(), uids(view)), (7, vec![None, None]));
    session.sends(Command::Select(mailbox("again")));
    session.says();
    session.hears("* 2 FETCH (UID 20)\r\n* 2 EXISTS\r\n* 1 FETCH (UID 10)\r\n* OK [CLOSED] x\r\n");
    session.hears("* 2 EXISTS\r\n* 1 FETCH (UID 3)\r\nA3 OK done\r\n");
    assert_eq!(uids(session.client.mailbox().unwrap()), [Some(3), None]);
    session.sends(Command::Select(mailbox("new")));
    session.says();
    session.hears("* OK [UIDVALIDITY 8] x\r\n* OK [CLOSED] x\r\n* 2 EXISTS\r\nA4 OK done\r\n");
    assert_eq!(session.client.mailbox().unwrap().uid_validity(), 0);
    // Without CLOSED there may be fewer all the same.
    session.sends(Command::Select(mailbox("third")));
    session.says();
    session.hears("* 5 EXISTS\r\n* 1 EXISTS\r\nA5 OK done\r\n");
    assert_eq!(session.client.mailbox().unwrap().messages(), 1);
}

// covers rfc3501 6.4.2 nothing-of-a-closed-one
#[test]
fn a_mailbox_that_is_closed_is_forgotten() {
    for (command, answer, known) in [
        (Command::Close, "OK done", false),
        (Command::Close, "NO not now", true),
        (Command::Unselect, "OK done", false),
        (Command::Select(mailbox("x")), "NO no such mailbox", false),
    ] {
        let mut session = Session::selected(open(), "UNSELECT", 4);
        session.sends(command.clone());
        session.says();
        session.hears(&format!("A2 {answer}\r\n"));
        assert_eq!(session.client.mailbox().is_some(), known, "{command:?} {answer}");
        assert_eq!(session.client.state().selected().is_some(), known);
    }
}

// covers rfc3501 2.3.1.2 number-within-exists
#[test]
fn a_contradiction_ends_a_strict_session() {
    for (said, why) in [
        ("* 5 EXPUNGE\r\n", "message number 5 where there are 4 messages"),
        ("* 3 EXISTS\r\n", "3 messages where there were 4 and none was expunged"),
        ("* 5 FETCH (FLAGS ())\r\n", "message number 5 where there are 4 messages"),
        ("* 1 FETCH (UID 11)\r\n", "UID 11 for message number 1"),
    ] {
        let mut session = Session::selected(open(), "", 4);
        session.hears("* 1 FETCH (UID 10)\r\n");
        assert_eq!(session.hears(said), [format!("error: {why}")]);
    }
}

#[test]
fn a_contradiction_is_told_where_it_is_tolerated_and_the_view_begins_anew() {
    for (said, messages) in
        [("* 5 EXPUNGE\r\n", None), ("* 3 EXISTS\r\n", Some(3)), ("* 1 FETCH (UID 11)\r\n", None)]
    {
        let mut session = Session::selected(lenient(), "", 4);
        session.hears("* 1 FETCH (UID 10)\r\n");
        assert_eq!(session.hears(said).len(), 1);
        let told = session.client.deviations().iter().next().map(|deviation| deviation.kind);
        assert_eq!(told, Some(DeviationKind::Contradiction), "{said}");
        assert_eq!(session.client.mailbox().map(ClientView::messages), messages, "{said}");
        session.hears("* 6 EXISTS\r\n* 2 FETCH (UID 20)\r\n");
        let view = session.client.mailbox().unwrap();
        assert_eq!((view.messages(), view.uid(1), view.uid(2), view.uid_validity()), (6, None, Some(20), 9));
    }
}

// covers rfc3501 6.3.1 read-only-is-heard
// covers rfc3501 7.1 read-write-code
#[test]
fn a_mailbox_that_may_only_be_read_is_only_read() {
    let mut session = Session::authenticated(open(), "");
    session.sends(Command::Examine(MailboxName::INBOX));
    session.says();
    session.hears("* 1 EXISTS\r\nA1 OK [READ-ONLY] done\r\n");
    assert_eq!(session.client.state(), State::Selected(Access::ReadOnly));
    assert_eq!(
        session.client.send(Command::Expunge).unwrap_err().to_string(),
        "not sent: the mailbox is read-only"
    );
    session.sends(fetch(Numbering::Sequence, &[1]));
    // So is one that SELECT opens read-only.
    let mut session = Session::authenticated(open(), "");
    session.sends(Command::Select(MailboxName::INBOX));
    session.says();
    session.hears("* 1 EXISTS\r\nA1 OK [READ-ONLY] done\r\n");
    assert_eq!(session.client.state(), State::Selected(Access::ReadOnly));
    // EXAMINE needs no code to say so.
    let mut session = Session::authenticated(open(), "");
    session.sends(Command::Examine(MailboxName::INBOX));
    session.says();
    session.hears("* 1 EXISTS\r\nA1 OK done\r\n");
    assert!(session.client.send(Command::Expunge).is_err());
    let mut session = Session::selected(open(), "", 1);
    session.hears("* OK [READ-ONLY] another client has it\r\n");
    assert!(session.client.send(Command::Expunge).is_err());
    session.hears("* OK [READ-WRITE] it is yours again\r\n");
    session.sends(Command::Expunge);
}

// covers rfc3501 7.1 read-only-code
// covers rfc3501 7.5 continuation-is-read
#[test]
fn a_mailbox_that_becomes_read_only_while_the_client_idles_is_only_read_behind_it() {
    let mut session = Session::selected(open(), "IDLE", 1);
    session.sends(Command::Idle);
    session.says();
    session.hears("+ idling\r\n* OK [READ-ONLY] another client has it\r\n");
    assert_eq!(session.client.state(), State::Idling(Some(Access::ReadOnly)));
    assert!(session.client.send(Command::Expunge).is_err());
    session.client.done().unwrap();
    session.says();
    session.hears("A2 OK done\r\n");
    assert!(session.client.send(Command::Expunge).is_err());
    // Where no mailbox is selected, none is.
    let mut session = Session::authenticated(open(), "IDLE");
    session.sends(Command::Idle);
    session.says();
    session.hears("+ idling\r\n* OK [READ-ONLY] what?\r\n");
    assert_eq!(session.client.state(), State::Idling(None));
}

#[test]
fn a_uid_of_the_mailbox_before_is_none_of_the_new_one() {
    // The server had more to say of the old mailbox, and says no CLOSED.
    let mut session = Session::selected(open(), "", 4);
    session.sends(Command::Select(mailbox("other")));
    session.says();
    session.hears("* 5 EXISTS\r\n* 2 FETCH (UID 20 FLAGS (\\Seen))\r\n");
    session.hears("* 7 EXISTS\r\n* OK [UIDVALIDITY 3] ok\r\nA2 OK done\r\n");
    let view = session.client.mailbox().unwrap();
    assert_eq!((view.messages(), view.uid(2), view.uid_validity()), (7, None, 3));
    assert!(session.hears("* 2 FETCH (UID 8)\r\n")[0].starts_with("2 is"));
}
