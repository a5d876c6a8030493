//! What a large folder costs, and many accounts.

use std::time::{Duration, Instant};

use imap_proto::StoreAction;
use mail_server::store::*;

use crate::support::*;

const MESSAGES: u32 = 100_000;

/// As many as one command changes while all others wait.
const MANY: u32 = 10_000;

#[tokio::test]
async fn a_large_folder_opens_in_a_moment_and_its_status_in_less() {
    let (dir, store, alice, inbox) = inbox_of(1).await;
    drop(inbox);
    dir.database()
        .execute_batch(&format!(
            "WITH RECURSIVE uids (uid) AS (SELECT 2 UNION ALL SELECT uid + 1 FROM uids WHERE uid < {MESSAGES})
             INSERT INTO messages SELECT folders.id, uid, 1, 2, 1000, uid % 2 FROM folders, uids WHERE name = 'INBOX';
             INSERT INTO keywords SELECT folder, uid, '$Junk' FROM messages WHERE uid % 10 = 0;
             UPDATE folders SET uidnext = {MESSAGES} + 1 WHERE name = 'INBOX';"
        ))
        .unwrap();
    let timed = |what, since: Instant, most: Duration| {
        println!("{what}: {:?}", since.elapsed());
        assert!(since.elapsed() < most, "{what}: {:?}", since.elapsed());
    };
    let since = Instant::now();
    let inbox = store.open_folder(alice, &name("INBOX")).await.unwrap();
    timed("opening", since, Duration::from_secs(3));
    assert_eq!(inbox.with(|mailbox| mailbox.exists()), MESSAGES);
    inbox.with(|mailbox| mailbox.open(imap_proto::mailbox::Recent::Claim));

    let since = Instant::now();
    for _ in 0..100 {
        let status = store.status(alice, &name("INBOX")).await.unwrap();
        assert_eq!((status.messages, status.unseen, status.recent), (MESSAGES, MESSAGES / 2 + 1, 0));
    }
    timed("100 times STATUS", since, Duration::from_secs(1));

    let since = Instant::now();
    assert_eq!(inbox.facts(uids_of(1..=MESSAGES)).await.unwrap().len(), MESSAGES as usize);
    timed("all facts", since, Duration::from_secs(3));

    let since = Instant::now();
    let many = uids_of(1..=MANY);
    let stored =
        inbox.store_flags(many.clone(), StoreAction::Add, flags(&["\\Deleted"]), None).await.unwrap();
    assert_eq!(stored.changed.len(), MANY as usize);
    timed("flags of many", since, Duration::from_secs(5));

    let since = Instant::now();
    assert_eq!(inbox.move_to(many, &name("Trash")).await.unwrap().pairs.len(), MANY as usize);
    timed("moving many", since, Duration::from_secs(5));

    let since = Instant::now();
    store.delete_folder(alice, &name("Trash")).await.unwrap();
    timed("deleting many", since, Duration::from_secs(5));
    assert_eq!(inbox.with(|mailbox| mailbox.exists()), MESSAGES - MANY);
}

#[tokio::test]
async fn a_name_without_its_domain_is_looked_up_as_fast_among_many_accounts() {
    let dir = TempDir::new();
    let store = dir.serve();
    add(&store, "alice@example.org").await;
    dir.database()
        .execute_batch(
            "WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 200000)
             INSERT INTO accounts (local_part, domain, created_at) SELECT 'u' || n, 'example.org', 0 FROM numbers;",
        )
        .unwrap();
    // Anybody may ask, by the first message of SCRAM.
    let since = Instant::now();
    for _ in 0..500 {
        assert!(matches!(store.credentials("alice").await.unwrap(), Known::Account(..)));
    }
    assert!(since.elapsed() < Duration::from_secs(1), "{:?}", since.elapsed());
}
