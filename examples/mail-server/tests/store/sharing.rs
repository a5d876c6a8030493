//! What one session does, the others see.

use std::time::Duration;

use imap_proto::{
    StoreAction,
    mailbox::{Change, Expunges, Recent},
};
use mail_server::store::*;

use crate::support::*;

/// Whether something changes, or has changed.
async fn changes(watch: &mut Watch) -> bool {
    tokio::time::timeout(Duration::from_millis(100), watch.changed()).await.is_ok()
}

#[tokio::test]
async fn everyone_who_opens_a_folder_shares_one_mailbox() {
    let (_dir, store, alice, inbox) = inbox_of(1).await;
    let again = store.clone().open_folder(alice, &name("iNBOX")).await.unwrap();
    let one = inbox.with(|mailbox| std::ptr::from_mut(mailbox).addr());
    assert_eq!(again.with(|mailbox| std::ptr::from_mut(mailbox).addr()), one);
    deliver(&store, b"x", alice).await;
    drop(inbox);
    assert_eq!(shared_uids(&again), [1, 2]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn those_who_open_a_folder_together_share_it_too() {
    let (_dir, store, alice, inbox) = inbox_of(20).await;
    drop(inbox);
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { store.open_folder(alice, &name("INBOX")).await.unwrap() })
        })
        .collect();
    let mut handles = Vec::new();
    for task in tasks {
        handles.push(task.await.unwrap());
    }
    let mailboxes = handles.iter().map(|folder| folder.with(|mailbox| std::ptr::from_mut(mailbox).addr()));
    assert_eq!(mailboxes.collect::<std::collections::BTreeSet<_>>().len(), 1);
}

#[tokio::test]
async fn a_session_wakes_for_every_kind_of_change_and_for_nothing_else() {
    let (_dir, store, alice, inbox) = inbox_of(5).await;
    let mut watch = inbox.watch();
    assert!(!changes(&mut watch).await);
    deliver(&store, b"x", alice).await;
    assert!(changes(&mut watch).await);
    assert!(!changes(&mut watch).await);
    append(&store, alice, "INBOX", b"x", &[]).await;
    assert!(changes(&mut watch).await);
    inbox.store_flags(uids_of([1]), StoreAction::Add, flags(&["\\Deleted"]), None).await.unwrap();
    assert!(changes(&mut watch).await);
    inbox.expunge(uids_of([1])).await.unwrap();
    assert!(changes(&mut watch).await);
    inbox.move_to(uids_of([2]), &name("Trash")).await.unwrap();
    assert!(changes(&mut watch).await);
    let trash = store.open_folder(alice, &name("Trash")).await.unwrap();
    trash.copy_to(uids_of([1]), &name("INBOX")).await.unwrap();
    assert!(changes(&mut watch).await);
    let mut maildrop = store.maildrop(alice).await.unwrap();
    maildrop.delete(&uids_of([3])).await.unwrap();
    assert!(changes(&mut watch).await);
    append(&store, alice, "Sent", b"elsewhere", &[]).await;
    inbox.with(|mailbox| mailbox.open(Recent::Claim));
    assert!(!changes(&mut watch).await);
    // A wait that was given up has lost nothing.
    assert!(!changes(&mut watch).await);
    deliver(&store, b"x", alice).await;
    assert!(changes(&mut watch).await);
}

#[tokio::test]
async fn the_one_who_asked_finds_his_change_in_the_mailbox() {
    let (_dir, store, alice, inbox) = inbox_of(1).await;
    for _ in 0..40 {
        let uid = deliver(&store, b"x", alice).await.uid.value();
        assert!(inbox.with(|mailbox| mailbox.get(uid).is_some()));
        inbox.store_flags(uids_of([uid]), StoreAction::Add, flags(&["\\Deleted"]), None).await.unwrap();
        inbox.expunge(uids_of([uid])).await.unwrap();
        assert!(inbox.with(|mailbox| mailbox.get(uid).is_none()));
    }
}

#[tokio::test]
async fn pop3_and_imap_see_what_the_other_deletes() {
    let (_dir, store, alice, inbox) = inbox_of(3).await;
    let mut view = inbox.with(|mailbox| mailbox.open(Recent::Ignore));
    let mut maildrop = store.maildrop(alice).await.unwrap();
    let listing = maildrop.messages().to_vec();
    maildrop.delete(&[listing[0].uid]).await.unwrap();
    let told: Vec<_> = inbox.with(|mailbox| view.pending(mailbox, Expunges::Allowed)).collect();
    assert_eq!(told, [Change::Expunge { number: 1, uid: 1 }]);

    inbox.store_flags(uids_of([2]), StoreAction::Add, flags(&["\\Deleted"]), None).await.unwrap();
    inbox.expunge(uids_of([2])).await.unwrap();
    assert!(matches!(maildrop.open(&listing[1]).await, Err(StoreError::NoSuchMessage)));
    assert_eq!(read(&maildrop, &listing[2]).await, b"message 3");
    maildrop.delete(&[listing[1].uid, listing[2].uid]).await.unwrap();
    assert!(shared(&inbox).is_empty());
    drop(maildrop);
    assert!(store.maildrop(alice).await.unwrap().messages().is_empty());
}

#[tokio::test]
async fn sessions_of_a_deleted_folder_see_it_empty_and_nothing_of_a_new_one() {
    let (_dir, store, alice, _) = inbox_of(0).await;
    append(&store, alice, "Junk", b"x", &["a"]).await;
    let junk = store.open_folder(alice, &name("Junk")).await.unwrap();
    let mut view = junk.with(|mailbox| mailbox.open(Recent::Claim));
    let mut watch = junk.watch();
    store.delete_folder(alice, &name("Junk")).await.unwrap();
    assert!(changes(&mut watch).await);
    let told: Vec<_> = junk.with(|mailbox| view.pending(mailbox, Expunges::Allowed)).collect();
    assert_eq!(told[0], Change::Expunge { number: 1, uid: 1 });
    let stored = junk.store_flags(uids_of([1]), StoreAction::Add, flags(&["b"]), None).await;
    assert!(matches!(stored, Err(StoreError::NoSuchFolder)));
    assert!(matches!(junk.expunge(uids_of([1])).await, Err(StoreError::NoSuchFolder)));
    assert!(matches!(junk.body(Uid::new(1)).await, Err(StoreError::NoSuchFolder)));
    assert!(matches!(junk.facts(uids_of([1])).await, Err(StoreError::NoSuchFolder)));
    assert!(matches!(junk.kept_text(Uid::new(1), 1).await, Err(StoreError::NoSuchFolder)));

    store.create_folder(alice, &name("Junk")).await.unwrap();
    append(&store, alice, "Junk", b"y", &[]).await;
    let new = store.open_folder(alice, &name("Junk")).await.unwrap();
    assert_eq!((shared_uids(&junk).len(), shared_uids(&new).len()), (0, 1));
}

#[tokio::test]
async fn a_renamed_folder_stays_open() {
    let (_dir, store, alice, _) = inbox_of(0).await;
    let junk = store.open_folder(alice, &name("Junk")).await.unwrap();
    store.rename_folder(alice, &name("Junk"), &name("Spam/Old")).await.unwrap();
    append(&store, alice, "Spam/Old", b"x", &[]).await;
    assert_eq!(shared_uids(&junk), [1]);
    assert_eq!(body_of(&junk, 1).await.unwrap(), b"x");
}

#[tokio::test]
async fn a_message_is_recent_to_one_session_also_after_a_restart() {
    let (dir, store, alice, inbox) = inbox_of(2).await;
    let look = inbox.with(|mailbox| mailbox.open(Recent::Look));
    let mut first = inbox.with(|mailbox| mailbox.open(Recent::Claim));
    let second = inbox.with(|mailbox| mailbox.open(Recent::Claim));
    assert_eq!([look.recent(), first.recent(), second.recent()], [2, 2, 0]);
    deliver(&store, b"x", alice).await;
    let _ = inbox.with(|mailbox| first.pending(mailbox, Expunges::Allowed));
    assert_eq!(first.recent(), 3);
    // No handle is left, and the next one may come before the store has written that down.
    drop(inbox);
    for _ in 0..20 {
        let inbox = store.open_folder(alice, &name("INBOX")).await.unwrap();
        assert_eq!(inbox.with(|mailbox| mailbox.open(Recent::Claim)).recent(), 0);
    }
    drop(store);

    let store = dir.serve();
    deliver(&store, b"y", alice).await;
    assert_eq!(store.status(alice, &name("INBOX")).await.unwrap().recent, 1);
    let inbox = store.open_folder(alice, &name("INBOX")).await.unwrap();
    let view = inbox.with(|mailbox| mailbox.open(Recent::Claim));
    assert!(view.recent() == 1 && view.is_recent(4));
    assert_eq!(store.status(alice, &name("INBOX")).await.unwrap().recent, 0);
}

#[tokio::test]
async fn what_is_recent_is_written_down_again_after_a_failure() {
    let (dir, store, alice, inbox) = inbox_of(2).await;
    let database = dir.database();
    let sql = "CREATE TRIGGER failing BEFORE UPDATE OF recent_from ON folders BEGIN SELECT RAISE(ABORT, 'no'); END;";
    database.execute_batch(sql).unwrap();
    inbox.with(|mailbox| mailbox.open(Recent::Claim));
    // This comes behind it.
    store.subscribe(alice, &name("x")).await.unwrap();
    let saved = || {
        database
            .query_row("SELECT recent_from FROM folders WHERE name = 'INBOX'", [], |row| row.get::<_, u32>(0))
            .unwrap()
    };
    database.execute_batch("DROP TRIGGER failing").unwrap();
    assert_eq!(saved(), 1);
    inbox.with(|_| ());
    store.subscribe(alice, &name("y")).await.unwrap();
    assert_eq!(saved(), 3);
}
