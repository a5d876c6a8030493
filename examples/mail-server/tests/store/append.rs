//! Appending messages, and how a folder is then.

use imap_proto::mailbox::Recent;
use mail_server::store::*;

use crate::support::*;

#[tokio::test]
async fn an_appended_message_has_its_flags_and_its_date() {
    let (dir, store, alice, _) = inbox_of(0).await;
    let mut messages = Vec::new();
    for (body, names, internal_date) in [
        (&b"one"[..], &["\\Seen", "\\Recent", "$Junk", "$JUNK"][..], -1),
        (b"three", &["\\Answered", "\\Flagged", "\\Deleted", "\\Draft"], 837_596_665),
    ] {
        messages.push(NewMessage {
            incoming: spool(&store, body, 2).await,
            flags: flags(names),
            internal_date,
        });
    }
    let appended = store.append(alice, &name("Sent"), messages).await.unwrap();
    assert_eq!(appended.uids, uids_of([1, 2]));
    let expected =
        [(1, "(\\Seen $Junk)".to_owned()), (2, "(\\Answered \\Flagged \\Deleted \\Draft)".to_owned())];
    let sent = store.open_folder(alice, &name("Sent")).await.unwrap();
    assert_eq!(listed(&sent), expected);
    drop((sent, store));

    let store = dir.serve();
    let sent = store.open_folder(alice, &name("Sent")).await.unwrap();
    assert_eq!(listed(&sent), expected);
    assert_eq!(sent.with(|mailbox| mailbox.uid_validity()), appended.uid_validity.value());
    let facts = sent.facts(uids_of([2, 7, 1])).await.unwrap();
    let told: Vec<_> =
        facts.iter().map(|facts| (facts.uid.value(), facts.size, facts.internal_date)).collect();
    assert_eq!(told, [(1, 3, -1), (2, 5, 837_596_665)]);
    assert_eq!(body_of(&sent, 2).await.unwrap(), b"three");
}

#[tokio::test]
async fn appending_to_no_folder_leaves_nothing_behind() {
    let (dir, store, alice, _) = inbox_of(0).await;
    let message = NewMessage { incoming: spool(&store, b"x", 1).await, flags: flags(&[]), internal_date: 0 };
    let outcome = store.append(alice, &name("Nowhere"), vec![message]).await;
    assert!(matches!(outcome, Err(FolderError::NoSuchFolder)));
    assert!(dir.bodies().is_empty());
}

#[tokio::test]
async fn of_messages_appended_together_all_arrive_or_none() {
    let (dir, store, alice, inbox) = inbox_of(1).await;
    dir.database()
        .execute_batch(
            "CREATE TRIGGER failing BEFORE INSERT ON keywords WHEN NEW.keyword = 'bad'
             BEGIN SELECT RAISE(ABORT, 'no'); END;",
        )
        .unwrap();
    let mut messages = Vec::new();
    for names in [&["good"][..], &["bad"]] {
        messages.push(NewMessage {
            incoming: spool(&store, b"x", 1).await,
            flags: flags(names),
            internal_date: 0,
        });
    }
    let outcome = store.append(alice, &name("INBOX"), messages).await;
    assert!(matches!(outcome, Err(FolderError::Store(StoreError::Database(_)))));
    assert_eq!(shared_uids(&inbox), [1]);
    assert_eq!(dir.bodies().len(), 1);
    let status = store.status(alice, &name("INBOX")).await.unwrap();
    assert_eq!((status.messages, status.uid_next.value()), (1, 2));
    assert_eq!(append(&store, alice, "INBOX", b"y", &["good"]).await.value(), 2);
}

#[tokio::test]
async fn a_status_is_what_the_messages_are() {
    let (dir, store, alice, inbox) = inbox_of(0).await;
    for (body, names) in
        [("12345", &["\\Seen"][..]), ("123", &["\\Deleted"]), ("1", &["\\Seen", "\\Deleted"])]
    {
        append(&store, alice, "INBOX", body.as_bytes(), names).await;
    }
    deliver(&store, b"1234567", alice).await;
    let status = async |store: &SqliteStore| {
        let status = store.status(alice, &name("INBOX")).await.unwrap();
        let counts = [status.messages, status.unseen, status.deleted, status.recent, status.uid_next.value()];
        (counts, status.size, status.highest_modseq)
    };
    assert_eq!(status(&store).await, ([4, 2, 2, 4, 5], 16, 5));
    inbox
        .store_flags(uids_of([1, 2]), imap_proto::StoreAction::Replace, flags(&["\\Flagged"]), None)
        .await
        .unwrap();
    assert_eq!(status(&store).await, ([4, 3, 1, 4, 5], 16, 6));
    inbox.with(|mailbox| mailbox.open(Recent::Claim));
    deliver(&store, b"7", alice).await;
    assert_eq!(status(&store).await, ([5, 4, 1, 1, 6], 17, 7));
    inbox.expunge(uids_of(1..9)).await.unwrap();
    inbox.copy_to(uids_of([1, 4]), &name("INBOX")).await.unwrap();
    let last = ([6, 6, 0, 3, 8], 28, 9);
    assert_eq!(status(&store).await, last);
    drop((inbox, store));
    assert_eq!(status(&dir.serve()).await, last);
    let nowhere = dir.admin().status(alice, &name("Nowhere")).await;
    assert!(matches!(nowhere, Err(FolderError::NoSuchFolder)));
}
