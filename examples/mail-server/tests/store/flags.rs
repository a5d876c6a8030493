//! Changing flags.

use imap_proto::{
    Flags, StoreAction,
    mailbox::{Change, Echo, Expunges, MailboxView, Recent},
};
use mail_server::store::*;

use crate::support::*;

#[tokio::test]
async fn flags_are_added_removed_and_replaced() {
    let (dir, store, alice, inbox) = inbox_of(3).await;
    for (action, uids, names, expected) in [
        (StoreAction::Add, [1, 2], &["\\Seen", "$Work"][..], ["(\\Seen $Work)", "(\\Seen $Work)", "()"]),
        (StoreAction::Add, [2, 3], &["\\Seen", "b"], ["(\\Seen $Work)", "(\\Seen $Work b)", "(\\Seen b)"]),
        (StoreAction::Remove, [2, 3], &["$WORK", "\\Draft"], ["(\\Seen $Work)", "(\\Seen b)", "(\\Seen b)"]),
        (StoreAction::Replace, [1, 3], &["\\Deleted"], ["(\\Deleted)", "(\\Seen b)", "(\\Deleted)"]),
        (StoreAction::Replace, [2, 2], &[], ["(\\Deleted)", "()", "(\\Deleted)"]),
    ] {
        inbox.store_flags(uids_of(uids), action, flags(names), None).await.unwrap();
        let found: Vec<_> = listed(&inbox).into_iter().map(|(_, flags)| flags).collect();
        assert_eq!(found, expected);
    }
    let before = shared(&inbox);
    drop((inbox, store));
    let inbox = dir.serve().open_folder(alice, &name("INBOX")).await.unwrap();
    assert_eq!(shared(&inbox), before, "a restart has changed flags");
}

#[tokio::test]
async fn messages_that_do_not_change_keep_their_modseq() {
    let (_dir, _store, _, inbox) = inbox_of(4).await;
    let add = async |uids: Vec<u32>, names| {
        inbox.store_flags(uids_of(uids), StoreAction::Add, flags(names), None).await.unwrap()
    };
    let first = add(vec![3, 1, 1, 9], &["\\Seen"]).await;
    assert_eq!((first.modseq, &first.changed[..]), (6, &[(Uid::new(1), 2), (Uid::new(3), 4)][..]));
    let second = add(vec![1, 2], &["\\Seen"]).await;
    assert_eq!((second.modseq, &second.changed[..]), (7, &[(Uid::new(2), 3)][..]));
    assert_eq!(second.unchanged, uids_of([1]));
    let third = add(vec![1, 2, 3], &["\\SEEN"]).await;
    assert_eq!((third.modseq, third.changed.len(), third.unchanged.len()), (7, 0, 3));
    let modseqs: Vec<_> = shared(&inbox).into_iter().map(|message| message.modseq).collect();
    assert_eq!(modseqs, [6, 7, 6, 5]);
    assert_eq!(inbox.with(|mailbox| mailbox.highest_modseq()), 7);
}

#[tokio::test]
async fn what_others_have_changed_since_is_left_alone() {
    let (_dir, _store, _, inbox) = inbox_of(3).await;
    inbox.store_flags(uids_of([2]), StoreAction::Add, flags(&["\\Flagged"]), None).await.unwrap();
    let stored = inbox
        .store_flags(uids_of([1, 2, 3]), StoreAction::Replace, flags(&["\\Seen"]), Some(4))
        .await
        .unwrap();
    assert_eq!(stored.modified, uids_of([2]));
    let found: Vec<_> = listed(&inbox).into_iter().map(|(_, flags)| flags).collect();
    assert_eq!(found, ["(\\Seen)", "(\\Flagged)", "(\\Seen)"]);
}

#[tokio::test]
async fn a_change_that_fails_half_way_changes_no_flag() {
    let (dir, store, alice, inbox) = inbox_of(3).await;
    dir.database()
        .execute_batch(
            "CREATE TRIGGER failing BEFORE UPDATE ON messages WHEN NEW.uid = 3
             BEGIN SELECT RAISE(ABORT, 'no'); END;",
        )
        .unwrap();
    let before = (shared(&inbox), store.status(alice, &name("INBOX")).await.unwrap());
    let outcome =
        inbox.store_flags(uids_of([1, 2, 3]), StoreAction::Add, flags(&["\\Seen", "a"]), None).await;
    assert!(matches!(outcome, Err(StoreError::Database(_))));
    assert_eq!((shared(&inbox), store.status(alice, &name("INBOX")).await.unwrap()), before);
    let stored =
        inbox.store_flags(uids_of([1, 2]), StoreAction::Add, flags(&["\\Seen", "a"]), None).await.unwrap();
    assert_eq!((stored.modseq, stored.changed.len()), (5, 2));
}

#[tokio::test]
async fn a_session_is_not_told_of_its_own_silent_change() {
    let (_dir, _store, _, inbox) = inbox_of(2).await;
    let mut view = inbox.with(|mailbox| mailbox.open(Recent::Ignore));
    let mut other = inbox.with(|mailbox| mailbox.open(Recent::Ignore));
    inbox.store_flags(uids_of([2]), StoreAction::Add, flags(&["\\Flagged"]), None).await.unwrap();
    let stored =
        inbox.store_flags(uids_of([1, 2]), StoreAction::Add, flags(&["\\Seen"]), None).await.unwrap();
    let before = stored.changed.iter().map(|(uid, modseq)| (uid.value(), *modseq));
    view.stored(stored.modseq, Echo::Nothing, before);
    let told = |view: &mut MailboxView| -> Vec<_> {
        let changes = inbox.with(|mailbox| view.pending(mailbox, Expunges::Allowed));
        let fetch = |change: Change<Flags>| match change {
            Change::Fetch { number, flags: Some(flags), .. } => (number, flags.to_string()),
            other => panic!("{other:?}"),
        };
        changes.map(fetch).collect()
    };
    assert_eq!(told(&mut view), [(2, "(\\Flagged \\Seen)".to_owned())]);
    assert_eq!(told(&mut other), [(1, "(\\Seen)".to_owned()), (2, "(\\Flagged \\Seen)".to_owned())]);
}
