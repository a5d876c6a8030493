//! Copying, moving and expunging.

use imap_proto::StoreAction;
use mail_server::store::*;

use crate::support::*;

async fn mark(folder: &SqliteFolder, uids: &[u32], names: &[&str]) {
    let uids = uids_of(uids.iter().copied());
    folder.store_flags(uids, StoreAction::Add, flags(names), None).await.unwrap();
}

fn numbers(pairs: &[(Uid, Uid)]) -> Vec<(u32, u32)> {
    pairs.iter().map(|(from, to)| (from.value(), to.value())).collect()
}

#[tokio::test]
async fn a_copy_has_all_that_the_message_has() {
    let (dir, store, alice, inbox) = inbox_of(3).await;
    append(&store, alice, "Sent", b"there before", &[]).await;
    let sent = store.open_folder(alice, &name("Sent")).await.unwrap();
    mark(&inbox, &[1, 3], &["\\Seen", "$Work"]).await;
    let copied = inbox.copy_to(uids_of([3, 8, 1, 3]), &name("Sent")).await.unwrap();
    assert_eq!(numbers(&copied.pairs), [(1, 2), (3, 3)]);
    assert_eq!(copied.uid_validity.value(), sent.with(|mailbox| mailbox.uid_validity()));
    let kept = "(\\Seen $Work)".to_owned();
    assert_eq!(listed(&sent), [(1, "()".to_owned()), (2, kept.clone()), (3, kept)]);
    assert_eq!(shared_uids(&inbox), [1, 2, 3]);
    let [original, copy] =
        [inbox.facts(uids_of([3])).await.unwrap()[0], sent.facts(uids_of([3])).await.unwrap()[0]];
    assert_eq!(original, copy);
    assert_eq!(body_of(&sent, 2).await.unwrap(), b"message 1");
    assert_eq!(dir.bodies().len(), 4, "a copy shares its body");

    let copied = inbox.copy_to(uids_of([1]), &name("inbox")).await.unwrap();
    assert_eq!(numbers(&copied.pairs), [(1, 4)]);
    assert_eq!(shared_uids(&inbox), [1, 2, 3, 4]);
}

#[tokio::test]
async fn a_moved_message_is_in_one_place() {
    let (dir, store, alice, inbox) = inbox_of(3).await;
    mark(&inbox, &[2], &["\\Deleted", "kept"]).await;
    let moved = inbox.move_to(uids_of([2, 3]), &name("Trash")).await.unwrap();
    assert_eq!(numbers(&moved.pairs), [(2, 1), (3, 2)]);
    let trash = store.open_folder(alice, &name("Trash")).await.unwrap();
    assert_eq!(listed(&trash), [(1, "(\\Deleted kept)".to_owned()), (2, "()".to_owned())]);
    assert_eq!(shared_uids(&inbox), [1]);
    assert_eq!(body_of(&trash, 2).await.unwrap(), b"message 3");
    assert!(matches!(body_of(&inbox, 3).await, Err(StoreError::NoSuchMessage)));
    assert_eq!(dir.bodies().len(), 3);

    let again = inbox.move_to(uids_of([2, 3]), &name("Trash")).await.unwrap();
    assert!(again.pairs.is_empty());
    let within = trash.move_to(uids_of([1]), &name("Trash")).await.unwrap();
    assert_eq!(numbers(&within.pairs), [(1, 3)]);
    assert_eq!(shared_uids(&trash), [2, 3]);
    assert_eq!(body_of(&trash, 3).await.unwrap(), b"message 2");
}

#[tokio::test]
async fn a_copy_to_nowhere_is_told_from_a_copy_out_of_nowhere() {
    let (_dir, store, alice, inbox) = inbox_of(1).await;
    let outcome = inbox.copy_to(uids_of([1]), &name("Nowhere")).await;
    assert!(matches!(outcome, Err(FolderError::NoSuchFolder)));
    let junk = store.open_folder(alice, &name("Junk")).await.unwrap();
    store.delete_folder(alice, &name("Junk")).await.unwrap();
    let outcome = junk.move_to(uids_of([1]), &name("INBOX")).await;
    assert!(matches!(outcome, Err(FolderError::Store(StoreError::NoSuchFolder))));
}

#[tokio::test]
async fn what_fails_half_way_leaves_both_folders_as_they_were() {
    for trigger in [
        "BEFORE INSERT ON messages WHEN NEW.uid = 2",
        "BEFORE INSERT ON keywords WHEN NEW.uid = 3",
        "BEFORE DELETE ON messages WHEN OLD.uid = 3",
        "BEFORE INSERT ON expunged WHEN NEW.uid = 3",
    ] {
        let (dir, store, alice, inbox) = inbox_of(3).await;
        mark(&inbox, &[3], &["keyword"]).await;
        let trash = store.open_folder(alice, &name("Trash")).await.unwrap();
        let sql = format!("CREATE TRIGGER failing {trigger} BEGIN SELECT RAISE(ABORT, 'no'); END;");
        dir.database().execute_batch(&sql).unwrap();
        let before = (shared(&inbox), shared(&trash), store.status(alice, &name("INBOX")).await.unwrap());
        let outcome = inbox.move_to(uids_of([1, 2, 3]), &name("Trash")).await;
        assert!(matches!(outcome, Err(FolderError::Store(StoreError::Database(_)))), "{trigger}");
        let after = (shared(&inbox), shared(&trash), store.status(alice, &name("INBOX")).await.unwrap());
        assert_eq!(after, before);
        dir.database().execute_batch("DROP TRIGGER failing").unwrap();
        assert_eq!(inbox.move_to(uids_of([1, 2, 3]), &name("Trash")).await.unwrap().pairs.len(), 3);
        assert_eq!(shared_uids(&trash), [1, 2, 3]);
    }
}

#[tokio::test]
async fn only_what_is_marked_at_that_moment_is_expunged() {
    let (dir, _store, _, inbox) = inbox_of(4).await;
    mark(&inbox, &[1, 2, 4], &["\\Deleted", "keyword"]).await;
    inbox.store_flags(uids_of([2]), StoreAction::Remove, flags(&["\\Deleted"]), None).await.unwrap();
    assert_eq!(inbox.expunge(uids_of([1, 2, 3, 1, 77])).await.unwrap(), uids_of([1]));
    assert_eq!(shared_uids(&inbox), [2, 3, 4]);
    assert_eq!(inbox.expunge(uids_of([2, 3])).await.unwrap(), []);
    let modseq = inbox.with(|mailbox| mailbox.highest_modseq());
    assert_eq!(inbox.expunge(uids_of(1..5)).await.unwrap(), uids_of([4]));
    assert_eq!(inbox.with(|mailbox| mailbox.vanished_since(modseq)), Some(vec![4]));
    assert_eq!(dir.bodies().len(), 2);
    let left: i64 = dir.database().query_row("SELECT count(*) FROM keywords", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 1);
}

#[tokio::test]
async fn an_expunge_that_fails_half_way_removes_nothing() {
    let (dir, _store, _, inbox) = inbox_of(2).await;
    mark(&inbox, &[1, 2], &["\\Deleted"]).await;
    dir.database()
        .execute_batch(
            "CREATE TRIGGER failing BEFORE DELETE ON messages WHEN OLD.uid = 2
             BEGIN SELECT RAISE(ABORT, 'no'); END;",
        )
        .unwrap();
    assert!(inbox.expunge(uids_of([1, 2])).await.is_err());
    assert_eq!(shared_uids(&inbox), [1, 2]);
    assert_eq!(body_of(&inbox, 1).await.unwrap(), b"message 1");
}

#[tokio::test]
async fn a_uid_that_was_moved_or_expunged_is_given_to_no_other_message() {
    let (dir, store, alice, inbox) = inbox_of(4).await;
    mark(&inbox, &[4], &["\\Deleted"]).await;
    inbox.move_to(uids_of([3]), &name("Trash")).await.unwrap();
    inbox.expunge(uids_of([4])).await.unwrap();
    let trash = store.open_folder(alice, &name("Trash")).await.unwrap();
    trash.move_to(uids_of([1]), &name("INBOX")).await.unwrap();
    drop((inbox, trash, store));

    let store = dir.serve();
    assert_eq!(append(&store, alice, "INBOX", b"x", &[]).await.value(), 6);
    assert_eq!(append(&store, alice, "Trash", b"x", &[]).await.value(), 2);
    let inbox = store.open_folder(alice, &name("INBOX")).await.unwrap();
    assert_eq!(shared_uids(&inbox), [1, 2, 5, 6]);
}
