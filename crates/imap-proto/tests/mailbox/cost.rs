//! What a million messages and a thousand sessions cost.
use imap_proto::mailbox::{
    Change, ClientView, Echo, Expunges, Mailbox, MailboxView, Message, Recent, Stored,
};
use test_support::heap;

const MILLION: u32 = 1_000_000;

/// A mailbox in which every `step`th UID has a message.
fn mailbox(messages: u32, step: u32) -> Mailbox<u64> {
    let stored = Stored {
        uid_validity: 1,
        uid_next: messages * step + 1,
        highest_modseq: 1,
        recent_from: messages * step,
    };
    let messages = (1..=messages).map(|n| Message { uid: n * step, modseq: 1, flags: 0 });
    Mailbox::load(stored, messages).expect("ascending")
}

#[test]
fn a_message_costs_its_flags_and_little_more() {
    for (step, most) in [(1, 26), (2, 36)] {
        let (used, mailbox) = heap::measure(|| mailbox(MILLION, step));
        let each = used.kept / MILLION as isize;
        println!("a message with 8 octets of flags, every {step}th UID: {each} octets");
        assert!(each <= most, "{each} octets");
        drop(mailbox);
    }
}

#[test]
fn a_session_costs_no_heap() {
    let mut mailbox = mailbox(100_000, 2);
    let (used, mut views) = heap::measure(|| {
        let mut views: Vec<MailboxView> = Vec::with_capacity(1000);
        views.extend((0..1000).map(|_| mailbox.open(Recent::Claim)));
        views
    });
    let each = used.kept as usize / 1000;
    println!("a session: {each} octets");
    // The first one has claimed what is recent.
    assert!(each <= size_of::<MailboxView>() + 1 && each <= 200, "{used:?}");
    let (used, ()) = heap::measure(|| {
        for view in &mut views {
            assert!(!view.has_news(&mailbox));
            assert!(view.pending(&mut mailbox, Expunges::Allowed).is_empty());
        }
    });
    assert_eq!(used.allocations, 0, "a poll without news");
}

#[test]
fn sessions_that_sleep_share_what_they_remember() {
    let mut mailbox = mailbox(100_000, 2);
    let mut modseq = 1;
    let (used, views) = heap::measure(|| {
        let mut views: Vec<MailboxView> = Vec::with_capacity(100);
        for session in 0..100 {
            views.push(mailbox.open(Recent::Ignore));
            for n in 0..100 {
                modseq += 1;
                mailbox.expunge(&[2 * (session * 97 + n * 9973) % 200_000], modseq).expect("in order");
            }
        }
        views
    });
    let expunges = modseq as isize - 1;
    println!("{expunges} expunges while 100 sessions sleep: {} octets each", used.kept / expunges);
    assert!(used.kept / expunges < 2400, "{used:?}");
    // When they have heard of it, nothing of it is left.
    let (used, ()) = heap::measure(|| {
        for mut view in views {
            let gone = view.pending(&mut mailbox, Expunges::Allowed).count();
            assert_eq!(view.exists(), mailbox.exists());
            assert!(gone <= 10_000);
        }
    });
    assert!(used.kept < 0, "{used:?}");
}

#[test]
fn flags_that_change_cost_a_sleeping_session_nothing() {
    let mut mailbox = mailbox(10_000, 1);
    let view = mailbox.open(Recent::Ignore);
    let all: Vec<_> = (1..=10_000).map(|uid| (uid, 1)).collect();
    let (used, ()) = heap::measure(|| {
        for modseq in 2..20 {
            mailbox.change_flags(&all, modseq).expect("in order");
        }
    });
    assert!(used.kept <= 0 && used.peak < 4096, "{used:?}");
    assert!(view.has_news(&mailbox));
}

#[test]
fn a_session_forgets_what_it_has_stored_when_it_was_told() {
    let mut mailbox = mailbox(100, 1);
    let mut view = mailbox.open(Recent::Ignore);
    let (used, ()) = heap::measure(|| {
        for modseq in 1..1000 {
            mailbox.change_flags(&[(1, 0)], modseq * 2).expect("in order");
            view.store(&mut mailbox, &[(1, 1), (2, 2)], modseq * 2 + 1, Echo::Nothing).expect("in order");
            assert_eq!(view.pending(&mut mailbox, Expunges::Forbidden).count(), 1);
        }
    });
    assert!(used.kept < 256, "{used:?}");
}

#[test]
fn all_messages_can_be_expunged_and_told_of_at_once() {
    let mut mailbox = mailbox(MILLION / 10, 2);
    let (mut near, mut far) = (mailbox.open(Recent::Ignore), mailbox.open(Recent::Ignore));
    let mut twin = ClientView::new();
    twin.exists(near.exists()).expect("it grows");
    let uids: Vec<_> = (1..=MILLION / 10).map(|n| n * 2).collect();
    mailbox.expunge(&uids[..1000], 2).expect("in order");
    for change in near.pending(&mut mailbox, Expunges::Allowed) {
        let Change::Expunge { number, .. } = change else { panic!("{change:?}") };
        twin.expunged(number).expect("it is there");
    }
    mailbox.expunge(&uids, 3).expect("in order");
    let mut changes = far.pending(&mut mailbox, Expunges::Allowed);
    assert_eq!(changes.next(), Some(Change::Expunge { number: MILLION / 10, uid: MILLION / 5 }));
    assert_eq!(changes.count(), uids.len() - 1);
    assert_eq!((far.exists(), mailbox.exists()), (0, 0));
    assert_eq!(near.pending(&mut mailbox, Expunges::Allowed).vanished().count(), uids.len() - 1000);
    assert_eq!(twin.messages(), near.exists() + MILLION / 10 - 1000);
}

#[test]
fn a_client_that_knows_nothing_holds_nothing() {
    let (used, mut view) = heap::measure(|| {
        let mut view = ClientView::new();
        view.exists(MILLION).expect("it grows");
        view
    });
    assert!(used.kept < 1024, "{used:?}");
    let (used, ()) = heap::measure(|| {
        for number in 1..=MILLION / 10 {
            view.fetched(number, number * 2).expect("it fits");
        }
    });
    let each = used.kept / (MILLION / 10) as isize;
    println!("a UID known to a client, of every 2nd: {each} octets");
    assert!(each < 14, "{used:?}");
    let ascending: Vec<u32> = (1..=MILLION / 10).collect();
    let descending: Vec<u32> = ascending.iter().rev().copied().collect();
    for numbers in [ascending, descending] {
        let (used, ()) = heap::measure(|| {
            let mut view = ClientView::new();
            view.exists(MILLION / 10).expect("it grows");
            numbers.iter().for_each(|number| view.fetched(*number, *number + 7).expect("it fits"));
        });
        assert!(used.peak < 4096, "UIDs that follow each other: {used:?}");
    }
}
