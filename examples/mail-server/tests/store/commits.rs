//! Deliveries that come together.

use std::time::Duration;

use mail_server::store::*;

use crate::support::*;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn deliveries_that_come_together_share_commits() {
    const COUNT: usize = 64;
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    let before = store.commits();
    let database = dir.database();
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let tasks: Vec<_> = (0..COUNT)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { deliver(&store, b"together", alice).await })
        })
        .collect();
    until("writing the bodies", || dir.bodies().len() == COUNT).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    database.execute_batch("COMMIT").unwrap();
    for task in tasks {
        task.await.unwrap();
    }
    let commits = store.commits() - before;
    assert!(commits < COUNT as u64 / 2, "{commits} commits for {COUNT} deliveries");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_thousand_deliveries_at_once_all_arrive() {
    const COUNT: u32 = 1000;
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    let tasks: Vec<_> = (0..COUNT)
        .map(|number| {
            let store = store.clone();
            tokio::spawn(async move {
                let body = format!("message {number}");
                (deliver(&store, body.as_bytes(), alice).await.uid, body)
            })
        })
        .collect();
    let mut sent = Vec::new();
    for task in tasks {
        sent.push(task.await.unwrap());
    }
    sent.sort();
    let maildrop = store.maildrop(alice).await.unwrap();
    assert_eq!(uids(&maildrop), (1..=COUNT).collect::<Vec<_>>());
    for (message, (uid, body)) in maildrop.messages().iter().zip(sent) {
        assert_eq!(message.uid, uid);
        assert_eq!(read(&maildrop, message).await, body.as_bytes());
    }
}
