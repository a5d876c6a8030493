//! What a session is told, and when.
use imap_proto::{
    Numbering, SequenceSet,
    mailbox::{
        Change, ChangeError, Echo, Expunges, Mailbox, MailboxView, Message, OutOfRange, Recent, Stored,
    },
};

type Flags = &'static str;

/// A mailbox of messages with these UIDs.
fn mailbox(uids: &[u32]) -> Mailbox<Flags> {
    let mut mailbox = Mailbox::new(1);
    let messages: Vec<_> = uids.iter().map(|uid| (*uid, "")).collect();
    mailbox.append(&messages, 1).expect("a first change");
    mailbox
}

/// What is told, as it reads on the wire.
fn told(view: &mut MailboxView, mailbox: &mut Mailbox<Flags>, expunges: Expunges) -> Vec<String> {
    view.pending(mailbox, expunges)
        .map(|change| match change {
            Change::Expunge { number, .. } => format!("{number} EXPUNGE"),
            Change::Exists(n) => format!("{n} EXISTS"),
            Change::Recent(n) => format!("{n} RECENT"),
            Change::Fetch { number, modseq, flags: Some(flags), .. } => {
                format!("{number} FETCH (MODSEQ ({modseq}) FLAGS ({flags}))")
            }
            Change::Fetch { number, modseq, flags: None, .. } => {
                format!("{number} FETCH (MODSEQ ({modseq}))")
            }
        })
        .collect()
}

use Expunges::{Allowed, Forbidden};

#[test]
fn a_new_view_has_nothing_to_hear() {
    let mut mailbox = mailbox(&[3, 5]);
    let mut view = mailbox.open(Recent::Ignore);
    assert_eq!(
        (view.exists(), view.uid(1), view.uid(2), view.uid(3), view.uid(0)),
        (2, Some(3), Some(5), None, None)
    );
    assert_eq!((view.number(5), view.number(4), view.number(0)), (Some(2), None, None));
    assert!(!view.has_news(&mailbox));
    assert!(view.pending(&mut mailbox, Allowed).is_empty());
}

// covers rfc3501 2.3.2 recent-from-now-on
// covers rfc3501 7.4.1 from-the-highest-down
#[test]
fn expunges_come_first_from_the_highest_number_down() {
    let mut mailbox = mailbox(&[1, 2, 3, 4, 5, 6, 7]);
    let mut view = mailbox.open(Recent::Claim);
    mailbox.change_flags(&[(7, "\\Seen"), (3, "\\Deleted")], 2).unwrap();
    mailbox.expunge(&[3, 1, 6], 3).unwrap();
    mailbox.append(&[(8, "")], 4).unwrap();
    assert!(view.has_news(&mailbox));
    assert_eq!(
        told(&mut view, &mut mailbox, Allowed),
        [
            "6 EXPUNGE",
            "3 EXPUNGE",
            "1 EXPUNGE",
            "5 EXISTS",
            "5 RECENT",
            "4 FETCH (MODSEQ (2) FLAGS (\\Seen))"
        ]
    );
}

#[test]
fn an_expunge_alone_needs_no_exists() {
    let mut mailbox = mailbox(&[1, 2]);
    let mut view = mailbox.open(Recent::Ignore);
    mailbox.expunge(&[1], 2).unwrap();
    assert_eq!(told(&mut view, &mut mailbox, Allowed), ["1 EXPUNGE"]);
}

// covers rfc3501 5.2 exists-is-told
#[test]
fn numbers_stay_while_expunge_is_forbidden() {
    let mut mailbox = mailbox(&[10, 20, 30]);
    let mut view = mailbox.open(Recent::Ignore);
    mailbox.expunge(&[20], 2).unwrap();
    mailbox.append(&[(40, ""), (50, "")], 3).unwrap();
    mailbox.change_flags(&[(30, "\\Seen"), (20, "gone"), (50, "new")], 4).unwrap();
    assert_eq!(told(&mut view, &mut mailbox, Forbidden), ["5 EXISTS", "3 FETCH (MODSEQ (4) FLAGS (\\Seen))"]);
    let messages: Vec<_> = view.numbers([(Some(1), None)]).unwrap().collect();
    assert_eq!(messages, [(1, 10), (2, 20), (3, 30), (4, 40), (5, 50)]);
    assert!(mailbox.get(20).is_none());
    // No change below 2 is untold; the expunge is of 2.
    assert_eq!(view.highest_modseq(), 1);
    // A second time it is told nothing, and still knows.
    assert!(view.has_news(&mailbox));
    assert_eq!(told(&mut view, &mut mailbox, Forbidden), [""; 0]);
    assert_eq!(told(&mut view, &mut mailbox, Allowed), ["2 EXPUNGE"]);
    assert_eq!((view.number(50), view.highest_modseq()), (Some(4), 4));
}

// covers rfc3501 2.3.2 recent-ends-with-expunge
// covers rfc3501 7.3.2 recent-behind-exists
// covers rfc3501 7.3.2 recent-is-told
#[test]
fn a_message_that_came_and_went_is_not_told_of() {
    let mut mailbox = mailbox(&[1]);
    let mut view = mailbox.open(Recent::Claim);
    mailbox.append(&[(2, "")], 2).unwrap();
    mailbox.expunge(&[2], 3).unwrap();
    assert_eq!(told(&mut view, &mut mailbox, Allowed), [""; 0]);
    // Told while expunges are forbidden, it has a number until its own expunge.
    mailbox.expunge(&[1], 4).unwrap();
    mailbox.append(&[(3, "")], 5).unwrap();
    assert_eq!(told(&mut view, &mut mailbox, Forbidden), ["2 EXISTS", "2 RECENT"]);
    mailbox.expunge(&[3], 6).unwrap();
    assert_eq!(told(&mut view, &mut mailbox, Allowed), ["2 EXPUNGE", "1 EXPUNGE", "0 RECENT"]);
}

#[test]
fn flags_that_change_often_are_told_once() {
    let mut mailbox = mailbox(&[1, 2]);
    let mut view = mailbox.open(Recent::Ignore);
    for (modseq, flags) in [(2, "a"), (3, "b"), (7, "c")] {
        assert_eq!(mailbox.change_flags(&[(2, flags), (9, "none")], modseq), Ok(1));
    }
    assert_eq!(told(&mut view, &mut mailbox, Forbidden), ["2 FETCH (MODSEQ (7) FLAGS (c))"]);
}

// covers rfc7162 3.1.3 silent-tells-modseq
#[test]
fn an_own_silent_store_is_not_echoed() {
    let mut mailbox = mailbox(&[1, 2, 3]);
    let (mut own, mut other) = (mailbox.open(Recent::Ignore), mailbox.open(Recent::Ignore));
    own.store(&mut mailbox, &[(1, "silent")], 2, Echo::Nothing).unwrap();
    own.store(&mut mailbox, &[(2, "condstore")], 3, Echo::ModSeq).unwrap();
    own.store(&mut mailbox, &[(3, "loud")], 4, Echo::Flags).unwrap();
    assert_eq!(
        told(&mut own, &mut mailbox, Forbidden),
        ["2 FETCH (MODSEQ (3))", "3 FETCH (MODSEQ (4) FLAGS (loud))"]
    );
    assert_eq!(told(&mut other, &mut mailbox, Forbidden).len(), 3);
    for modseq in [5, 6, 7] {
        own.store(&mut mailbox, &[(1, "silent again")], modseq, Echo::Nothing).unwrap();
    }
    assert_eq!(told(&mut own, &mut mailbox, Forbidden), [""; 0]);
    // The next change by another is no own one.
    mailbox.change_flags(&[(1, "theirs")], 8).unwrap();
    assert_eq!(told(&mut own, &mut mailbox, Forbidden), ["1 FETCH (MODSEQ (8) FLAGS (theirs))"]);
}

// covers rfc3501 6.4.6 others-are-told
// covers rfc3501 6.4.6 silent
#[test]
fn a_silent_store_does_not_hide_what_others_did_before_or_after() {
    for echo in [Echo::Nothing, Echo::ModSeq] {
        let mut mailbox = mailbox(&[1, 2]);
        let mut own = mailbox.open(Recent::Ignore);
        mailbox.change_flags(&[(1, "theirs")], 2).unwrap();
        own.store(&mut mailbox, &[(1, "theirs own"), (2, "own")], 3, echo).unwrap();
        own.store(&mut mailbox, &[(1, "theirs own own"), (2, "own own")], 4, echo).unwrap();
        mailbox.change_flags(&[(2, "own own theirs")], 5).unwrap();
        assert_eq!(
            told(&mut own, &mut mailbox, Forbidden),
            ["1 FETCH (MODSEQ (4) FLAGS (theirs own own))", "2 FETCH (MODSEQ (5) FLAGS (own own theirs))"]
        );
        // That is told now: the next own change is silent again.
        own.store(&mut mailbox, &[(1, "own")], 6, Echo::Nothing).unwrap();
        assert!(own.pending(&mut mailbox, Forbidden).is_empty());
    }
}

#[test]
fn a_silent_store_by_way_of_a_database_is_not_echoed_and_hides_nothing() {
    let mut mailbox = mailbox(&[1, 2, 3]);
    let (mut own, mut other) = (mailbox.open(Recent::Ignore), mailbox.open(Recent::Ignore));
    mailbox.change_flags(&[(2, "theirs")], 2).unwrap();
    mailbox.change_flags(&[(1, "own"), (2, "theirs own"), (3, "own")], 3).unwrap();
    // Others go on before this session hears that its change is done.
    mailbox.change_flags(&[(3, "own theirs")], 4).unwrap();
    own.stored(3, Echo::Nothing, [(1, 1), (2, 2), (3, 1)]);
    assert_eq!(
        told(&mut own, &mut mailbox, Forbidden),
        ["2 FETCH (MODSEQ (3) FLAGS (theirs own))", "3 FETCH (MODSEQ (4) FLAGS (own theirs))"]
    );
    assert_eq!(told(&mut other, &mut mailbox, Forbidden).len(), 3);
    // What was told before it was claimed stays told, and hides no later change.
    mailbox.change_flags(&[(1, "late")], 5).unwrap();
    assert_eq!(told(&mut own, &mut mailbox, Forbidden), ["1 FETCH (MODSEQ (5) FLAGS (late))"]);
    own.stored(5, Echo::Nothing, [(1, 3)]);
    mailbox.change_flags(&[(1, "next")], 6).unwrap();
    assert_eq!(told(&mut own, &mut mailbox, Forbidden), ["1 FETCH (MODSEQ (6) FLAGS (next))"]);
    // Two changes that are heard of in the other order.
    mailbox.change_flags(&[(1, "a")], 7).unwrap();
    mailbox.change_flags(&[(2, "b")], 8).unwrap();
    own.stored(8, Echo::Nothing, [(2, 3)]);
    own.stored(7, Echo::ModSeq, [(1, 6)]);
    assert_eq!(told(&mut own, &mut mailbox, Forbidden), ["1 FETCH (MODSEQ (7))"]);
}

// covers rfc3501 2.3.2 recent-once
#[test]
fn one_session_gets_the_recent_messages() {
    let mut mailbox = mailbox(&[1, 2]);
    let look = mailbox.open(Recent::Look);
    assert_eq!((look.recent(), look.is_recent(1)), (2, true));
    let rev2 = mailbox.open(Recent::Ignore);
    assert_eq!((rev2.recent(), rev2.is_recent(1)), (0, false));
    let mut first = mailbox.open(Recent::Claim);
    let mut second = mailbox.open(Recent::Claim);
    assert_eq!((first.recent(), second.recent(), mailbox.stored().recent_from), (2, 0, 3));

    mailbox.append(&[(3, "")], 2).unwrap();
    assert_eq!(told(&mut second, &mut mailbox, Forbidden), ["3 EXISTS", "1 RECENT"]);
    assert_eq!(told(&mut first, &mut mailbox, Forbidden), ["3 EXISTS", "2 RECENT"]);
    assert!(second.is_recent(3) && !first.is_recent(3) && first.is_recent(1));

    mailbox.expunge(&[1], 3).unwrap();
    assert_eq!(told(&mut first, &mut mailbox, Allowed), ["1 EXPUNGE", "1 RECENT"]);
    assert_eq!(told(&mut second, &mut mailbox, Allowed), ["1 EXPUNGE"]);
}

// covers rfc3501 7.3.1 exists-behind-expunge
#[test]
fn with_qresync_the_uids_that_vanished_are_told_in_ranges() {
    let mut mailbox = mailbox(&[1, 2, 3, 5, 6, 9]);
    let mut view = mailbox.open(Recent::Ignore);
    mailbox.append(&[(10, "")], 2).unwrap();
    mailbox.expunge(&[9, 2, 3, 5, 10], 3).unwrap();
    mailbox.append(&[(11, "")], 4).unwrap();
    let mut changes = view.pending(&mut mailbox, Allowed);
    assert!(changes.vanished().eq([(2, 3), (5, 5), (9, 9)]), "and none that was never told of");
    assert!(changes.eq([Change::Exists(3)]));
    assert_eq!(mailbox.vanished_since(2), Some(vec![2, 3, 5, 9, 10]));
    assert_eq!(mailbox.vanished_since(3), Some(vec![]));
}

#[test]
fn a_session_that_lags_is_told_all_the_same() {
    let uids: Vec<_> = (1..=100).collect();
    let mut mailbox = mailbox(&uids).remember(3);
    let mut view = mailbox.open(Recent::Ignore);
    for (modseq, uid) in (1..=100).step_by(10).enumerate() {
        mailbox.expunge(&[uid], modseq as u64 + 2).unwrap();
    }
    assert_eq!(mailbox.vanished_since(8), Some(vec![71, 81, 91]));
    assert_eq!(mailbox.vanished_since(7), None, "it is not known any more");
    let numbers: Vec<_> = (1..101).step_by(10).rev().map(|n| format!("{n} EXPUNGE")).collect();
    assert_eq!(told(&mut view, &mut mailbox, Allowed), numbers);
}

#[test]
fn sets_are_resolved_by_what_the_session_was_told() {
    let mut mailbox = mailbox(&[10, 11, 12, 20, 30]);
    let mut view = mailbox.open(Recent::Ignore);
    mailbox.expunge(&[11], 2).unwrap();
    mailbox.append(&[(40, "")], 3).unwrap();
    let numbers = |view: &MailboxView, set: &[(Option<u32>, Option<u32>)]| {
        view.numbers(set.iter().copied()).map(|messages| messages.map(|(_, uid)| uid).collect::<Vec<_>>())
    };
    let uids = |set: &[(Option<u32>, Option<u32>)]| {
        view.uids(set.iter().copied()).map(|(_, uid)| uid).collect::<Vec<_>>()
    };
    // `*` is the largest that was told, and ranges may be written either way.
    assert_eq!(numbers(&view, &[(None, None)]), Ok(vec![30]));
    assert_eq!(numbers(&view, &[(None, Some(4)), (Some(2), Some(1))]), Ok(vec![10, 11, 20, 30]));
    assert_eq!(uids(&[(Some(31), None)]), vec![30], "n:* has the last message in any case");
    assert_eq!(uids(&[(Some(1), Some(u32::MAX))]), vec![10, 11, 12, 20, 30]);
    assert_eq!(uids(&[(Some(13), Some(19)), (Some(40), Some(40))]), vec![]);
    // Each message once, ascending, however often it is named.
    let overlapping = [(Some(3), Some(4)), (Some(2), Some(3)), (Some(2), Some(5)), (Some(3), Some(3))];
    assert_eq!(numbers(&view, &overlapping), Ok(vec![11, 12, 20, 30]));
    for number in [6, u32::MAX] {
        let error = OutOfRange { number, exists: 5 };
        assert_eq!(numbers(&view, &[(Some(1), Some(number))]), Err(error));
    }
    let _ = view.pending(&mut mailbox, Allowed).count();
    assert_eq!(numbers(&view, &[(Some(2), None)]), Ok(vec![12, 20, 30, 40]));
}

// covers rfc3501 9 each-once
// covers rfc3501 9 either-way-round
// covers rfc3501 9 number-out-of-range
#[test]
fn a_set_of_a_command_means_numbers_or_uids() {
    let mut mailbox = mailbox(&[10, 11, 12, 20, 30]);
    let view = mailbox.open(Recent::Ignore);
    let messages = |numbering, set: &str| {
        let set: SequenceSet = set.parse().unwrap();
        view.messages(numbering, &set).map(Iterator::collect::<Vec<_>>)
    };
    use Numbering::{Sequence, Uid};
    for (numbering, set, expected) in [
        (Sequence, "*,2:1", &[(1, 10), (2, 11), (5, 30)][..]),
        (Sequence, "4:*", &[(4, 20), (5, 30)]),
        (Sequence, "$", &[]),
        (Uid, "20:11,12", &[(2, 11), (3, 12), (4, 20)]),
        (Uid, "31:*", &[(5, 30)]),
        (Uid, "13,1:9", &[]),
        (Uid, "1:4294967295", &[(1, 10), (2, 11), (3, 12), (4, 20), (5, 30)]),
        (Uid, "$", &[]),
    ] {
        assert_eq!(messages(numbering, set).as_deref(), Ok(expected), "{set}");
    }
    assert_eq!(messages(Sequence, "6").unwrap_err(), OutOfRange { number: 6, exists: 5 });
    assert_eq!(messages(Sequence, "6:*").unwrap_err(), OutOfRange { number: 6, exists: 5 });
}

#[test]
fn an_empty_mailbox_has_no_largest_number() {
    let mut mailbox: Mailbox<Flags> = Mailbox::new(1);
    let view = mailbox.open(Recent::Claim);
    let all = [(Some(1), None)];
    assert_eq!(view.numbers(all).unwrap_err(), OutOfRange { number: 1, exists: 0 });
    assert_eq!(view.numbers([(None, None)]).unwrap_err().number, 0);
    assert_eq!(view.uids(all).count(), 0);
}

// covers rfc3501 2.3.1.1 higher-than-before
// covers rfc3501 2.3.1.1 uidnext-moves
// covers rfc7162 3.1 modseq-ascends
#[test]
fn a_change_that_cannot_be_changes_nothing() {
    let mut mailbox = mailbox(&[5]);
    let mut view = mailbox.open(Recent::Ignore);
    let stale = ChangeError::ModSeq { modseq: 1, highest: 1 };
    assert_eq!(mailbox.append(&[(6, "")], 1), Err(stale));
    assert_eq!(mailbox.change_flags(&[(5, "x")], 1), Err(stale));
    assert_eq!(mailbox.expunge(&[5], 1), Err(stale));
    assert_eq!(view.store(&mut mailbox, &[(5, "x")], 1, Echo::Nothing), Err(stale));
    for (uids, wrong, uid_next) in [([5, 6], 5, 6), ([7, 7], 7, 8), ([9, u32::MAX], u32::MAX, 10)] {
        let error = ChangeError::Uid { uid: wrong, uid_next };
        assert_eq!(mailbox.append(&uids.map(|uid| (uid, "")), 2), Err(error));
    }
    assert!(!view.has_news(&mailbox));
    assert_eq!((mailbox.exists(), mailbox.uid_next(), mailbox.get(5).unwrap().flags), (1, 6, ""));
}

// covers rfc3501 2.3.1.1 loaded-in-order
#[test]
fn a_stored_mailbox_goes_on_where_it_was() {
    let message = |uid, modseq| Message { uid, modseq, flags: "" };
    let stored = Stored { uid_validity: 7, uid_next: 100, highest_modseq: 50, recent_from: 20 };
    let mut mailbox = Mailbox::load(stored, [message(10, 50), message(20, 3)]).unwrap();
    assert_eq!(mailbox.stored(), stored);
    assert_eq!(mailbox.vanished_since(49), None);
    assert_eq!(mailbox.vanished_since(50), Some(vec![]));
    assert!(mailbox.changed_since(3).iter().map(|message| message.uid).eq([10]));
    let view = mailbox.open(Recent::Claim);
    assert_eq!((view.exists(), view.recent(), view.highest_modseq()), (2, 1, 50));
    assert!(mailbox.append(&[(99, "")], 51).is_err());
    mailbox.append(&[(100, "")], 51).unwrap();
    for uids in [[20, 10], [10, 100], [0, 10]] {
        assert!(Mailbox::load(stored, uids.map(|uid| message(uid, 1))).is_err());
    }
}

#[test]
fn mailboxes_and_views_may_cross_threads() {
    fn is_send_and_sync<T: Send + Sync + 'static>() {}
    is_send_and_sync::<Mailbox<Flags>>();
    is_send_and_sync::<MailboxView>();
}
