//! Messages come out as they went in.

use std::{path::PathBuf, time::SystemTime};

use bytes::Bytes;
use mail_server::store::*;

use crate::support::*;

#[tokio::test]
async fn a_message_is_read_back_octet_for_octet() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    let sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 300_000];
    for (index, size) in sizes.into_iter().enumerate() {
        let incoming = spool(&store, &octets(size), 1 + index * 20_000).await;
        let outcomes = store
            .deliver(incoming, Envelope::default(), &[Recipient::inbox(alice)], SystemTime::now())
            .await
            .unwrap();
        assert!(outcomes[0].is_ok());
    }
    let maildrop = store.maildrop(alice).await.unwrap();
    assert_eq!(maildrop.messages().len(), sizes.len());
    for (message, size) in maildrop.messages().iter().zip(sizes) {
        assert_eq!(message.size, size as u64);
        assert_eq!(read(&maildrop, message).await, octets(size));
    }
    assert_eq!(dir.spooled(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn recipients_of_one_message_share_its_body_until_the_last_deletes_it() {
    let dir = TempDir::new();
    let store = dir.serve();
    let (alice, bob) = (add(&store, "alice@example.org").await, add(&store, "bob@example.org").await);
    let recipients = [alice, bob].map(Recipient::inbox);
    let incoming = spool(&store, b"shared", 3).await;
    let outcomes =
        store.deliver(incoming, Envelope::default(), &recipients, SystemTime::now()).await.unwrap();
    assert_eq!(outcomes.len(), 2);
    assert_eq!(dir.bodies().len(), 1);

    let mut first = store.maildrop(alice).await.unwrap();
    let mut second = store.maildrop(bob).await.unwrap();
    let [one, other] = [&first, &second].map(|maildrop| maildrop.messages()[0]);
    first.delete(&[one.uid]).await.unwrap();
    assert!(first.messages().is_empty());
    assert_eq!(read(&second, &other).await, b"shared");
    second.delete(&[other.uid]).await.unwrap();
    assert_eq!(dir.bodies(), Vec::<PathBuf>::new());
    let left: i64 = dir.database().query_row("SELECT count(*) FROM bodies", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 0);
}

#[tokio::test]
async fn a_recipient_that_is_not_there_fails_alone() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    let folder = |name: &str| Recipient { account: alice, folder: name.into() };
    let gone = {
        let other = TempDir::new();
        let other = other.serve();
        add(&other, "one@example.org").await;
        add(&other, "two@example.org").await
    };
    let recipients = [Recipient::inbox(gone), folder("Nowhere"), folder("Archive"), folder("inbox")];
    let incoming = spool(&store, b"x", 1).await;
    let outcomes =
        store.deliver(incoming, Envelope::default(), &recipients, SystemTime::now()).await.unwrap();
    assert_eq!(outcomes[0], Err(DeliverError::NoSuchAccount));
    assert_eq!(outcomes[1], Err(DeliverError::NoSuchFolder));
    assert!(outcomes[2].is_ok());
    assert!(outcomes[3].is_ok());

    let incoming = spool(&store, b"for no one", 1).await;
    store.deliver(incoming, Envelope::default(), &recipients[..2], SystemTime::now()).await.unwrap();
    assert_eq!(dir.bodies().len(), 1, "a body that reached no one is still there");
}

#[tokio::test]
async fn a_message_given_up_leaves_no_file() {
    let dir = TempDir::new();
    let store = dir.serve();
    drop(spool(&store, b"small", 5).await);
    let mut large = spool(&store, &octets(200_000), 10_000).await;
    until("spooling", || dir.spooled().len() == 1).await;
    large.write(Bytes::from(octets(70_000))).await.unwrap();
    drop(large);
    until("removal", || dir.spooled().is_empty()).await;
    assert_eq!(dir.bodies(), Vec::<PathBuf>::new());
}

#[tokio::test]
async fn a_uid_is_never_given_twice() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    let mut given = Vec::new();
    for body in [b"1", b"2", b"3"] {
        given.push(deliver(&store, body, alice).await);
    }
    let mut maildrop = store.maildrop(alice).await.unwrap();
    let highest = maildrop.messages()[2];
    maildrop.delete(&[highest.uid]).await.unwrap();
    assert_eq!(uids(&maildrop), [1, 2]);
    assert!(matches!(maildrop.open(&highest).await, Err(StoreError::NoSuchMessage)));
    drop((maildrop, store));

    let store = dir.serve();
    let next = deliver(&store, b"4", alice).await;
    assert!(given.iter().all(|earlier| earlier.uid < next.uid), "{next:?} after {given:?}");
    assert_eq!(next.uid_validity, given[0].uid_validity);
    let row: (u32, i64) = dir
        .database()
        .query_row("SELECT uid, modseq FROM expunged", [], |row| Ok((row.get(0)?, row.get(1)?)))
        .unwrap();
    assert_eq!(row, (3, 5), "three deliveries took MODSEQ 2 to 4, the expunge comes next");
}
