//! Reading parts of messages, and keeping what was computed from them.

use bytes::Bytes;
use imap_proto::StoreAction;
use mail_server::store::*;

use crate::support::*;

#[tokio::test]
async fn any_range_of_a_message_is_read_octet_for_octet() {
    let (_dir, store, alice, inbox) = inbox_of(0).await;
    let whole = octets(150_000);
    let uid = append(&store, alice, "INBOX", &whole, &[]).await;
    for (start, end) in [
        (0, 150_000),
        (0, u64::MAX),
        (0, 0),
        (5, 6),
        (65_535, 131_073),
        (149_999, 150_000),
        (149_999, 200_000),
        (150_000, 150_001),
        (u64::MAX, u64::MAX),
        (10, 5),
    ] {
        let clamp = |at: u64| at.min(150_000) as usize;
        let expected = whole.get(clamp(start)..clamp(end)).unwrap_or_default();
        let mut body = inbox.body_range(uid, start..end).await.unwrap();
        assert_eq!(body.size(), expected.len() as u64);
        let mut found = Vec::new();
        while let Some(chunk) = body.next().await.unwrap() {
            assert!(chunk.len() <= 64 * 1024);
            found.extend_from_slice(&chunk);
        }
        assert!(found == expected, "{start}..{end}");
        assert_eq!(inbox.read_range(uid, start..end).await.unwrap(), expected);
    }
    assert!(matches!(inbox.read_range(Uid::new(9), 0..1).await, Err(StoreError::NoSuchMessage)));
}

#[tokio::test]
async fn a_message_that_is_being_read_is_read_to_its_end() {
    let (_dir, store, alice, inbox) = inbox_of(0).await;
    let uid = append(&store, alice, "INBOX", &octets(150_000), &["\\Deleted"]).await;
    let mut body = inbox.body(uid).await.unwrap();
    inbox.expunge(vec![uid]).await.unwrap();
    let mut found = 0;
    while let Some(chunk) = body.next().await.unwrap() {
        found += chunk.len();
    }
    assert_eq!(found, 150_000);
    assert!(matches!(inbox.body(uid).await, Err(StoreError::NoSuchMessage)));
}

#[tokio::test]
async fn a_body_that_the_disk_has_lost_is_no_message_that_is_gone() {
    let (dir, store, alice, inbox) = inbox_of(1).await;
    std::fs::remove_file(dir.bodies().remove(0)).unwrap();
    assert!(matches!(inbox.body(Uid::new(1)).await, Err(StoreError::Io { .. })));
    assert!(matches!(inbox.read_range(Uid::new(1), 0..1).await, Err(StoreError::Io { .. })));
    let maildrop = store.maildrop(alice).await.unwrap();
    assert!(matches!(maildrop.open(&maildrop.messages()[0]).await, Err(StoreError::Io { .. })));
}

#[tokio::test]
async fn what_was_computed_is_kept_with_the_body() {
    let (dir, store, alice, inbox) = inbox_of(3).await;
    let octets = |text: &'static str| Bytes::from_static(text.as_bytes());
    inbox.keep(Uid::new(1), 2, octets("summary"), Some(octets("text"))).await.unwrap();
    inbox.keep(Uid::new(2), 1, octets("old"), Some(octets("old text"))).await.unwrap();
    inbox.keep(Uid::new(9), 2, octets("gone"), None).await.unwrap();
    assert_eq!(inbox.kept_summaries(uids_of(1..9), 2).await.unwrap(), [(Uid::new(1), octets("summary"))]);
    assert_eq!(inbox.kept_text(Uid::new(1), 2).await.unwrap(), Some(octets("text")));
    assert_eq!(inbox.kept_text(Uid::new(2), 2).await.unwrap(), None);
    assert_eq!(inbox.kept_text(Uid::new(3), 2).await.unwrap(), None);

    // Without a text, one of the same version stays, and one of another goes.
    inbox.keep(Uid::new(1), 2, octets("better"), None).await.unwrap();
    inbox.keep(Uid::new(2), 2, octets("new"), None).await.unwrap();
    assert_eq!(inbox.kept_text(Uid::new(1), 2).await.unwrap(), Some(octets("text")));
    assert_eq!(inbox.kept_text(Uid::new(2), 2).await.unwrap(), None);
    let both = [(Uid::new(1), octets("better")), (Uid::new(2), octets("new"))];
    assert_eq!(inbox.kept_summaries(uids_of([2, 1]), 2).await.unwrap(), both);

    // A copy has it too, and the last one takes it along.
    inbox.copy_to(uids_of([1]), &name("Sent")).await.unwrap();
    drop((inbox, store));
    let store = dir.serve();
    let sent = store.open_folder(alice, &name("Sent")).await.unwrap();
    assert_eq!(sent.kept_text(Uid::new(1), 2).await.unwrap(), Some(octets("text")));
    let inbox = store.open_folder(alice, &name("INBOX")).await.unwrap();
    inbox.store_flags(uids_of(1..4), StoreAction::Add, flags(&["\\Deleted"]), None).await.unwrap();
    inbox.expunge(uids_of(1..4)).await.unwrap();
    let kept =
        || dir.database().query_row("SELECT count(*) FROM derived", [], |row| row.get::<_, u32>(0)).unwrap();
    assert_eq!(kept(), 1);
    store.delete_folder(alice, &name("Sent")).await.unwrap();
    assert_eq!(kept(), 0);
}
