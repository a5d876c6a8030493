//! What fails, and what must not fail with it.

use std::{
    fs,
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use mail_server::store::*;

use crate::support::*;

#[tokio::test]
async fn a_disk_that_fails_fails_one_message_and_not_the_server() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    fs::remove_dir(dir.0.join("spool")).unwrap();

    let small = spool(&store, b"small", 5).await;
    let error = store
        .deliver(small, Envelope::default(), &[Recipient::inbox(alice)], SystemTime::now())
        .await
        .unwrap_err();
    assert!(error.to_string().starts_with("cannot create "), "{error}");

    let mut large = store.incoming().await.unwrap();
    large.write(Bytes::from(octets(70_000))).await.unwrap();
    assert!(large.write(Bytes::from(octets(70_000))).await.is_err());
    assert!(matches!(large.write(Bytes::new()).await, Err(StoreError::Lost)));
    assert!(
        store
            .deliver(large, Envelope::default(), &[Recipient::inbox(alice)], SystemTime::now())
            .await
            .is_err()
    );

    fs::create_dir(dir.0.join("spool")).unwrap();
    deliver(&store, b"better", alice).await;
    assert_eq!(store.maildrop(alice).await.unwrap().messages().len(), 1);
}

#[tokio::test]
async fn a_body_cut_short_on_disk_is_an_error_not_a_shorter_message() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    deliver(&store, &octets(100_000), alice).await;
    let body = dir.bodies().remove(0);
    let maildrop = store.maildrop(alice).await.unwrap();
    let mut reader = maildrop.open(&maildrop.messages()[0]).await.unwrap();
    fs::write(&body, octets(70_000)).unwrap();
    assert_eq!(reader.next().await.unwrap().unwrap().len(), 65_536);
    let cut = format!("body {} ends 30000 octets early", body.display());
    assert_eq!(reader.next().await.unwrap_err().to_string(), cut);
    let error = maildrop.open(&maildrop.messages()[0]).await.unwrap_err();
    assert_eq!(error.to_string(), cut, "it is found out before the first octet is told");
    fs::remove_file(body).unwrap();
    assert!(maildrop.open(&maildrop.messages()[0]).await.is_err());
}

/// Lets some deliveries fail in the database: the ones received at `FAILS`.
const FAILS: Duration = Duration::from_secs(1);

async fn deliver_beside_failures(action: &str) -> (TempDir, SqliteStore, AccountId, [bool; 3]) {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    let database = dir.database();
    database
        .execute_batch(&format!(
            "CREATE TRIGGER failing BEFORE INSERT ON messages WHEN NEW.internal_date = 1
             BEGIN SELECT RAISE({action}, 'no'); END;"
        ))
        .unwrap();
    let mut incoming = Vec::new();
    for body in [&b"one"[..], b"two", b"three"] {
        incoming.push(spool(&store, body, 1).await);
    }
    // While this lock is held the deliveries pile up behind a first one, and then share a transaction.
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let first = tokio::spawn({
        let store = store.clone();
        async move { deliver(&store, b"first", alice).await }
    });
    until("first delivery", || dir.bodies().len() == 1).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let times = [SystemTime::now(), SystemTime::UNIX_EPOCH + FAILS, SystemTime::now()];
    let mut waiting = Vec::new();
    for (incoming, time) in incoming.into_iter().zip(times) {
        let store = store.clone();
        let before = dir.bodies().len();
        waiting.push(tokio::spawn(async move {
            store.deliver(incoming, Envelope::default(), &[Recipient::inbox(alice)], time).await
        }));
        until("body", || dir.bodies().len() > before).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let before = store.commits();
    database.execute_batch("COMMIT").unwrap();
    first.await.unwrap();
    let mut outcomes = [false; 3];
    for (outcome, task) in outcomes.iter_mut().zip(waiting) {
        *outcome = task.await.unwrap().is_ok();
    }
    assert!(store.commits() - before <= 2);
    (dir, store, alice, outcomes)
}

#[tokio::test]
async fn a_delivery_that_fails_does_not_fail_those_it_shares_a_commit_with() {
    let (dir, store, alice, outcomes) = deliver_beside_failures("ABORT").await;
    assert_eq!(outcomes, [true, false, true]);
    let maildrop = store.maildrop(alice).await.unwrap();
    assert_eq!(maildrop.messages().len(), 3);
    assert_eq!(dir.bodies().len(), 3, "the body of the failed one is still there");
}

#[tokio::test]
async fn a_transaction_that_sqlite_gives_up_fails_all_of_it_and_nothing_after() {
    let (dir, store, alice, outcomes) = deliver_beside_failures("ROLLBACK").await;
    assert_eq!(outcomes, [false, false, false]);
    assert_eq!(store.maildrop(alice).await.unwrap().messages().len(), 1);
    deliver(&store, b"after", alice).await;
    assert_eq!(store.maildrop(alice).await.unwrap().messages().len(), 2);
    drop(store);
    dir.serve();
    assert_eq!(dir.bodies().len(), 2);
}
