//! Which commands may go while others are in flight.
use crate::common::*;
use imap_proto::{client::SendRefusal, *};

fn noop() -> Command {
    Command::Noop
}

fn fetch_some() -> Command {
    fetch(Numbering::Sequence, &[1])
}

fn uid_fetch() -> Command {
    fetch(Numbering::Uid, &[1])
}

fn store() -> Command {
    Command::Store(Store {
        numbering: Numbering::Sequence,
        set: numbers(&[1]),
        action: StoreAction::Add,
        report: Report::Told,
        flags: Flag::Seen.into(),
    })
}

fn copy_one() -> Copy {
    Copy { numbering: Numbering::Sequence, set: numbers(&[1]), mailbox: mailbox("x") }
}

fn copy() -> Command {
    Command::Copy(copy_one())
}

fn one_or_seen() -> SearchKey {
    SearchKey::Or(Box::new([SearchKey::Seen, SearchKey::Sequence(numbers(&[1]))]))
}

fn search(numbering: Numbering, keys: Vec<SearchKey>) -> Command {
    Command::Search(Box::new(Search::new(numbering, keys)))
}

fn status() -> Command {
    Command::Status(Status {
        mailbox: mailbox("x"),
        items: StatusItems::new([StatusItem::Messages]).unwrap(),
    })
}

/// How many of these go at once.
fn at_once(commands: Vec<Command>) -> usize {
    let mut session = Session::selected(open(), "IDLE UIDPLUS UNSELECT MOVE", 9);
    for command in commands {
        session.sends(command);
    }
    session.says().lines().count()
}

// covers rfc3501 5.5 store-waits
#[test]
fn the_lists_of_rfc_3501_section_5_5() {
    // Those that must wait.
    assert_eq!(at_once(vec![fetch_some(), noop(), store()]), 2);
    assert_eq!(at_once(vec![store(), copy(), fetch_some()]), 2);
    assert_eq!(at_once(vec![copy(), copy()]), 1);
    assert_eq!(at_once(vec![Command::Check, fetch_some()]), 1);
    // Those that need not.
    let all = search(Numbering::Sequence, vec![SearchKey::All]);
    assert_eq!(at_once(vec![fetch_some(), store(), all, Command::Check]), 4);
    assert_eq!(at_once(vec![store(), copy(), Command::Expunge]), 3);
}

// covers rfc3501 7.4.1 fetch-keeps-numbers
// covers rfc3501 7.4.1 store-keeps-numbers
// covers rfc3501 7.4.1 search-keeps-numbers
#[test]
fn message_numbers_go_at_once_behind_what_keeps_them() {
    let all = || search(Numbering::Sequence, vec![SearchKey::All]);
    for first in [fetch_some(), store(), all()] {
        assert_eq!(at_once(vec![first.clone(), fetch_some()]), 2, "{first:?}");
    }
}

// covers rfc3501 5.5 copy-waits
// covers rfc3501 5.5 fetch-waits
// covers rfc3501 5.5 numbers-in-keys
// covers rfc3501 5.5 numbers-wait
// covers rfc6851 3.3 move-waits
#[test]
fn message_numbers_wait_for_all_that_may_change_them() {
    for (first, second, together) in [
        (uid_fetch(), fetch_some(), 1),
        (uid_fetch(), uid_fetch(), 2),
        (noop(), uid_fetch(), 2),
        (status(), fetch_some(), 1),
        (status(), status(), 2),
        (fetch_some(), uid_fetch(), 2),
        (noop(), search(Numbering::Uid, vec![SearchKey::Unseen]), 2),
        (
            noop(),
            search(Numbering::Uid, vec![SearchKey::Not(Box::new(SearchKey::Sequence(numbers(&[1]))))]),
            1,
        ),
        (fetch_some(), search(Numbering::Uid, vec![SearchKey::Sequence(numbers(&[1]))]), 2),
        (noop(), search(Numbering::Uid, vec![one_or_seen()]), 1),
        (noop(), search(Numbering::Uid, vec![SearchKey::And(vec![SearchKey::Seen, one_or_seen()])]), 1),
        (noop(), Command::Move(copy_one()), 1),
    ] {
        let shown = format!("{first:?} {second:?}");
        assert_eq!(at_once(vec![first, second]), together, "{shown}");
    }
}

// covers rfc3501 5.5 alone-on-its-way
#[test]
fn what_changes_the_mailbox_or_the_encoding_is_alone_on_its_way() {
    let select = Command::Select(mailbox("x"));
    let other = Command::Other(OtherCommand::new("XTEST", "").unwrap());
    for alone in [select, other, Command::Close, Command::Unselect, Command::Idle, Command::Logout] {
        assert_eq!(at_once(vec![uid_fetch(), alone.clone()]), 1, "{alone:?} behind");
    }
    let select = || Command::Select(mailbox("x"));
    assert_eq!(at_once(vec![select(), noop()]), 1);
    assert_eq!(at_once(vec![Command::Close, noop()]), 1);
    assert_eq!(at_once(vec![select(), select()]), 1);
}

#[test]
fn what_waited_goes_in_order_when_it_may() {
    let mut session = Session::selected(open(), "", 9);
    session.sends(noop());
    session.sends(fetch_some());
    // Could go, but not past the one before it.
    session.sends(uid_fetch());
    assert_eq!(session.says(), "A2 NOOP\r\n");
    session.hears("A2 OK done\r\n");
    assert_eq!(session.says(), "A3 FETCH 1 FLAGS\r\nA4 UID FETCH 1 FLAGS\r\n");
    // The server may answer in any order.
    assert_eq!(session.hears("A4 OK done\r\nA3 OK done\r\n"), ["A4 OK", "A3 OK"]);
}

// covers rfc3501 6.2.1 nothing-behind-starttls
#[test]
fn behind_a_login_nothing_is_taken() {
    let mut session = Session::greeted(open(), "AUTH=PLAIN STARTTLS COMPRESS=DEFLATE");
    let authenticate = Authenticate { mechanism: Mechanism::PLAIN, initial: None };
    for barrier in [
        Command::Login(Login::new("a", "b").unwrap()),
        Command::Authenticate(authenticate),
        Command::StartTls,
        Command::Compress,
    ] {
        let tag = session.sends(barrier);
        let refused = session.client.send(noop()).unwrap_err();
        assert_eq!((*refused.command, refused.refusal), (noop(), SendRefusal::Busy));
        session.says();
        session.hears(&format!("{tag} NO no\r\n"));
        session.client.send(noop()).unwrap();
        session.says();
        session.hears(&format!("A{} OK done\r\n", &tag.as_str()[1..].parse::<u32>().unwrap() + 1));
    }
}

#[test]
fn a_bounded_number_of_commands_waits() {
    let mut session = Session::authenticated(ClientConfig { max_in_flight: 3, ..open() }, "");
    for _ in 0..3 {
        session.sends(noop());
    }
    assert_eq!(session.client.send(noop()).unwrap_err().refusal, SendRefusal::TooMany { limit: 3 });
    session.says();
    session.hears("A2 OK done\r\n");
    session.sends(noop());
    // Those that are held count too.
    let mut session = Session::authenticated(ClientConfig { max_in_flight: 3, ..open() }, "");
    for _ in 0..3 {
        session.sends(Command::Select(mailbox("x")));
    }
    assert_eq!(session.client.send(noop()).unwrap_err().refusal, SendRefusal::TooMany { limit: 3 });
}

#[test]
fn commands_wait_while_nobody_reads() {
    let config = ClientConfig { max_unsent: 20, ..open() };
    let mut session = Session::authenticated(config, "");
    for _ in 0..10 {
        session.sends(noop());
    }
    assert!(session.client.transmit().unsent() <= 30);
    let mut said = String::new();
    while said.lines().count() < 10 {
        let more = session.says();
        assert!(!more.is_empty());
        said.push_str(&more);
        session.happens();
    }
}
