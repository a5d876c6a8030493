//! What may be told when, and which commands may run beside each other.
use crate::common::{Driven, open_config, untagged};
use imap_proto::{
    Ask, Offer, Step,
    mailbox::Expunges,
    server::{Completion, Event, TellError, Work},
};

const EXPUNGE: &str = "* 2 EXPUNGE";

fn parallel(commands: usize) -> Driven {
    let mut config = open_config();
    config.parallel = commands;
    Driven::in_mailbox(config)
}

/// Accepts the command, and sees whether EXPUNGE may be told in it: as the session says, and as it does.
fn tells<T: Work + std::fmt::Debug>(driven: &mut Driven, ask: Ask<T>) -> bool {
    let asked = driven.server.expunges() == Expunges::Allowed;
    let running = driven.server.accept(ask, ()).unwrap();
    let says = driven.server.expunges() == Expunges::Allowed;
    let told = driven.server.tell(untagged(EXPUNGE));
    if let Err(error) = &told {
        assert!(matches!(error, TellError::Forbidden { .. }), "{error}");
    }
    assert_eq!((asked, says), (told.is_ok(), told.is_ok()));
    driven.server.complete(running, Completion::OK).unwrap();
    told.is_ok()
}

fn expunge_is_told_in(command: &str) -> bool {
    let mut config = open_config();
    config.others = Offer::Yes;
    let mut driven = Driven::in_mailbox(config);
    driven.hear(&format!("a {command}\r\n"));
    let told = match driven.event() {
        Event::Noop(ask) => tells(&mut driven, ask),
        Event::Check(ask) => tells(&mut driven, ask),
        Event::Fetch(ask) => tells(&mut driven, ask),
        Event::Store(ask) => tells(&mut driven, ask),
        Event::Search(ask) => tells(&mut driven, ask),
        Event::Copy(ask) => tells(&mut driven, ask),
        Event::Status(ask) => tells(&mut driven, ask),
        Event::Expunge(ask) => tells(&mut driven, ask),
        Event::Other(ask) => tells(&mut driven, ask),
        other => panic!("{other:?}"),
    };
    assert_eq!(driven.said().contains("EXPUNGE\r\n"), told);
    told
}

// covers rfc3501 6.4.4 numbers-are-keys
// covers rfc3501 6.4.4 uid-key
// covers rfc3501 5.5 numbers-in-uid-search
// covers rfc3501 7.4.1 not-during-search
// covers rfc3501 7.4.1 not-during-store
#[test]
fn no_expunge_while_messages_are_named_by_number() {
    for command in [
        "FETCH 1 FLAGS",
        "STORE 1 FLAGS (\\Seen)",
        "SEARCH ALL",
        "SEARCH UID 1",
        "UID SEARCH 1:3",
        "UID SEARCH OR (NOT 1) ALL",
        "SORT (DATE) UTF-8 ALL",
        "thread REFERENCES UTF-8 ALL",
    ] {
        assert!(!expunge_is_told_in(command), "{command}");
    }
    for command in [
        "NOOP",
        "CHECK",
        "STATUS x (MESSAGES)",
        "EXPUNGE",
        "COPY 1 x",
        "UID FETCH 1 FLAGS",
        "UID STORE 1 FLAGS ()",
        "UID SEARCH ALL",
        "XEXPUNGE",
    ] {
        assert!(expunge_is_told_in(command), "{command}");
    }
}

// covers rfc3501 5.3 no-expunge-unasked
// covers rfc3501 7.4.1 in-progress
#[test]
fn no_expunge_while_no_command_is_in_progress() {
    let mut driven = Driven::in_mailbox(open_config());
    assert!(matches!(driven.server.tell(untagged(EXPUNGE)), Err(TellError::Forbidden { .. })));
    driven.server.tell(untagged("* 19 EXISTS")).unwrap();
    driven.server.tell(untagged("* VANISHED 4")).unwrap_err();
    assert_eq!(driven.said(), "* 19 EXISTS\r\n");
}

// covers rfc3501 7.4.1 not-by-number
#[test]
fn no_expunge_while_a_command_waits_behind() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("a NOOP\r\nb FETCH 2 FLAGS\r\n");
    let Event::Noop(ask) = driven.event() else { panic!() };
    assert!(!tells(&mut driven, ask));
    let Event::Fetch(ask) = driven.event() else { panic!() };
    assert!(!tells(&mut driven, ask));
    assert_eq!(driven.said(), "a OK NOOP completed\r\nb OK FETCH completed\r\n");
}

// covers rfc3501 6.4.3 expunge-is-read
// covers rfc3501 5.5 none-while-more-is-there
#[test]
fn expunge_tells_what_it_removes_whatever_waits_behind() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("a EXPUNGE\r\nb NOOP\r\n");
    let Event::Expunge(ask) = driven.event() else { panic!() };
    let running = driven.server.accept(ask, ()).unwrap();
    assert_eq!(driven.server.expunges(), Expunges::Forbidden);
    driven.server.data(&running, untagged(EXPUNGE)).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    assert_eq!(driven.said(), "* 2 EXPUNGE\r\na OK EXPUNGE completed\r\n");
}

// covers rfc6851 3.1 move-is-read
#[test]
fn move_tells_what_it_removes_whatever_waits_behind() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("a MOVE 2 x\r\nb NOOP\r\n");
    let Event::Move(ask) = driven.event() else { panic!() };
    let running = driven.server.accept(ask, ()).unwrap();
    driven.server.data(&running, untagged(EXPUNGE)).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    assert_eq!(driven.said(), "* 2 EXPUNGE\r\na OK MOVE completed\r\n");
}

// covers rfc3501 7.4.1 not-among-data
// covers rfc3501 7.4.1 not-during-fetch
#[test]
fn data_of_a_fetch_is_no_way_around() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("a FETCH 1 FLAGS\r\n");
    let Event::Fetch(ask) = driven.event() else { panic!() };
    let running = driven.server.accept(ask, ()).unwrap();
    let error = driven.server.data(&running, untagged(EXPUNGE)).unwrap_err();
    assert_eq!(error.into_untagged(), untagged(EXPUNGE));
    driven.server.data(&running, untagged("* 1 FETCH (FLAGS ())")).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    assert_eq!(driven.said(), "* 1 FETCH (FLAGS ())\r\na OK FETCH completed\r\n");
}

// covers rfc3501 6.4.8 uid-commands
// covers rfc6851 4.3 copyuid-first
#[test]
fn what_a_client_learns_of_a_move_stands_in_this_order() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("a UID MOVE 42:43 foo\r\n");
    let Event::Move(ask) = driven.event() else { panic!() };
    let running = driven.server.accept(ask, ()).unwrap();
    let uids = imap_proto::response::CopyUid {
        uid_validity: 432_432,
        source: "42:43".parse().unwrap(),
        destination: "1202:1203".parse().unwrap(),
    };
    driven.server.moved(&running, uids).unwrap();
    driven.server.data(&running, untagged("* 22 EXPUNGE")).unwrap();
    driven.server.data(&running, untagged("* 22 EXPUNGE")).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    assert_eq!(
        driven.said(),
        "* OK [COPYUID 432432 42:43 1202:1203] moved\r\n* 22 EXPUNGE\r\n* 22 EXPUNGE\r\na OK UID MOVE completed\r\n"
    );
}

// covers rfc3501 5.5 in-order
// covers rfc3501 9 one-number-is-a-range
#[test]
fn one_command_at_a_time_by_default() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("a FETCH 1 FLAGS\r\nb SEARCH ALL\r\n");
    let Event::Fetch(ask) = driven.event() else { panic!() };
    let running = driven.server.accept(ask, ()).unwrap();
    assert!(matches!(driven.step(), Step::NeedAnswer));
    assert_eq!(driven.input, "b SEARCH ALL\r\n");
    driven.server.complete(running, Completion::OK).unwrap();
    let Event::Search(ask) = driven.event() else { panic!() };
    let _running = driven.server.accept(ask, ()).unwrap();
}

// covers rfc3501 6.3.10 status-is-read
#[test]
fn commands_that_read_run_beside_each_other_and_end_in_any_order() {
    let mut driven = parallel(3);
    driven.hear("a FETCH 1 BODY.PEEK[]\r\nb SEARCH ALL\r\nc STATUS x (MESSAGES)\r\nd NOOP\r\n");
    let Event::Fetch(ask) = driven.event() else { panic!() };
    let fetch = driven.server.accept(ask, ()).unwrap();
    let Event::Search(ask) = driven.event() else { panic!() };
    let search = driven.server.accept(ask, ()).unwrap();
    let Event::Status(ask) = driven.event() else { panic!() };
    let status = driven.server.accept(ask, ()).unwrap();
    assert!(matches!(driven.step(), Step::NeedAnswer));
    driven.server.complete(status, Completion::OK).unwrap();
    let Event::Noop(ask) = driven.event() else { panic!() };
    let noop = driven.server.accept(ask, ()).unwrap();
    assert_eq!(driven.server.expunges(), Expunges::Forbidden, "FETCH and SEARCH are open");
    driven.server.complete(fetch, Completion::OK).unwrap();
    driven.server.complete(search, Completion::OK).unwrap();
    assert_eq!(driven.server.expunges(), Expunges::Allowed);
    driven.server.complete(noop, Completion::OK).unwrap();
    let lines =
        "c OK STATUS completed\r\na OK FETCH completed\r\nb OK SEARCH completed\r\nd OK NOOP completed\r\n";
    assert_eq!(driven.said(), lines);
}

// covers rfc3501 5.5 behind-one-that-changes
// covers rfc3501 5.5 none-while-one-waits
// covers rfc3501 5.5 one-that-changes-is-alone
// covers rfc3501 6.4.5 seen-by-fetch
// covers rfc9051 6.4.4.1 save-changes
#[test]
fn what_changes_something_waits_for_what_reads_and_the_other_way_round() {
    for (first, second) in [
        ("FETCH 1 FLAGS", "STORE 1 FLAGS (\\Seen)"),
        ("FETCH 1 BODY[]", "SEARCH UNSEEN"),
        ("FETCH 1 RFC822", "SEARCH UNSEEN"),
        ("NOOP", "CLOSE"),
        ("NOOP", "SELECT x"),
        ("NOOP", "LOGOUT"),
        ("SEARCH ALL", "IDLE"),
        ("SEARCH RETURN (SAVE) ALL", "SEARCH $"),
        ("NOOP", "APPEND x {3+}\r\nabc"),
    ] {
        let mut driven = parallel(8);
        driven.hear(&format!("a {first}\r\nb {second}\r\n"));
        let complete: &dyn Fn(&mut Driven) = &match driven.event() {
            Event::Fetch(ask) => running(&mut driven, ask),
            Event::Noop(ask) => running(&mut driven, ask),
            Event::Search(ask) => running(&mut driven, ask),
            other => panic!("{other:?}"),
        };
        assert!(matches!(driven.step(), Step::NeedAnswer), "{first}, {second}");
        assert_eq!(driven.server.expunges(), Expunges::Forbidden, "something waits");
        assert_eq!(driven.said(), "", "{first}, {second}");
        complete(&mut driven);
        assert!(matches!(driven.step(), Step::Event(_)), "{first}, {second}");
    }
}

fn running<T: Work + 'static>(driven: &mut Driven, ask: Ask<T>) -> Box<dyn Fn(&mut Driven)> {
    let running = std::cell::Cell::new(Some(driven.server.accept(ask, ()).unwrap()));
    Box::new(move |driven| driven.server.complete(running.take().unwrap(), Completion::OK).unwrap())
}

// covers rfc3501 7.3.1 needs-a-mailbox
#[test]
fn data_of_a_mailbox_needs_a_mailbox() {
    let mut driven = Driven::logged_in(open_config());
    for line in ["* 1 EXISTS", "* 1 RECENT", "* FLAGS ()", "* SEARCH 1", "* 1 FETCH (FLAGS ())", "* BYE x"] {
        assert!(matches!(driven.server.tell(untagged(line)), Err(TellError::OutOfPlace { .. })), "{line}");
    }
    driven.server.tell(untagged("* LIST () \"/\" x")).unwrap();
    driven.server.tell(untagged("* OK [ALERT] the disk is on fire")).unwrap();
    assert_eq!(driven.said(), "* LIST () \"/\" x\r\n* OK [ALERT] the disk is on fire\r\n");

    let mut stranger = Driven::new(open_config());
    assert!(matches!(stranger.server.tell(untagged("* OK x")), Err(TellError::OutOfPlace { .. })));
}

// covers rfc3501 3.3 selected-state
#[test]
fn what_is_told_between_select_and_its_answer_cannot_be_of_the_old_mailbox() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("a SELECT x\r\n");
    let Event::Select(ask) = driven.event() else { panic!() };
    assert!(matches!(driven.server.tell(untagged("* 19 EXISTS")), Err(TellError::OutOfPlace { .. })));
    driven.server.accept(ask, crate::common::selected(None)).unwrap();
    driven.server.tell(untagged("* 19 EXISTS")).unwrap();
}

// covers rfc9051 6.4.4 return-options
// covers rfc9051 7.3.4 esearch-names-its-command
#[test]
fn the_answer_to_an_extended_search_names_its_command() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("A282 SEARCH RETURN (COUNT) ALL\r\n");
    let Event::Search(ask) = driven.event() else { panic!() };
    let running = driven.server.accept(ask, ()).unwrap();
    let found = imap_proto::response::ESearch {
        tag: Some(imap_proto::AString::try_from(running.tag().as_str()).unwrap()),
        numbers: imap_proto::response::Numbers::Messages,
        items: vec![imap_proto::response::ESearchItem::Count(3)],
    };
    driven.server.data(&running, imap_proto::response::Untagged::ESearch(Box::new(found))).unwrap();
    driven.server.complete(running, Completion::OK).unwrap();
    assert_eq!(driven.said(), "* ESEARCH (TAG \"A282\") COUNT 3\r\nA282 OK SEARCH completed\r\n");
}
