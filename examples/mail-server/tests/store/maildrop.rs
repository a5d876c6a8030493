//! What one POP3 session may rely on.

use std::path::PathBuf;

use mail_server::store::*;

use crate::support::*;

#[tokio::test]
async fn a_maildrop_is_open_once() {
    let dir = TempDir::new();
    let store = dir.serve();
    let (alice, bob) = (add(&store, "alice@example.org").await, add(&store, "bob@example.org").await);
    let maildrop = store.maildrop(alice).await.unwrap();
    assert!(matches!(store.maildrop(alice).await, Err(MaildropError::InUse)));
    assert!(store.maildrop(bob).await.is_ok());
    drop(maildrop);
    assert!(store.maildrop(alice).await.is_ok());
}

#[tokio::test]
async fn a_maildrop_does_not_change_while_it_is_open() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    deliver(&store, b"early", alice).await;
    let maildrop = store.maildrop(alice).await.unwrap();
    deliver(&store, b"late", alice).await;
    assert_eq!(uids(&maildrop), [1]);
    drop(maildrop);
    let maildrop = store.maildrop(alice).await.unwrap();
    assert_eq!(uids(&maildrop), [1, 2]);
    let [one, two] = [0, 1].map(|index| maildrop.messages()[index].unique_id());
    assert_ne!(one, two);
    for id in [one, two] {
        assert!((1..=70).contains(&id.len()) && id.bytes().all(|b| (0x21..=0x7e).contains(&b)), "{id}");
    }
}

#[tokio::test]
async fn deleting_twice_is_no_error() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    deliver(&store, b"x", alice).await;
    let mut maildrop = store.maildrop(alice).await.unwrap();
    let uid = maildrop.messages()[0].uid;
    maildrop.delete(&[uid, uid]).await.unwrap();
    maildrop.delete(&[uid]).await.unwrap();
    maildrop.delete(&[]).await.unwrap();
    assert_eq!(dir.bodies(), Vec::<PathBuf>::new());
}
