//! Folders come, go, and change their names.

use mail_server::store::*;

use crate::support::*;

const NEW: [&str; 6] = ["Archive", "Drafts", "INBOX", "Junk", "Sent", "Trash"];

async fn names(store: &SqliteStore, account: AccountId) -> Vec<String> {
    let folders = store.folders(account).await.unwrap();
    folders.iter().map(|folder| folder.name.as_str().to_owned()).filter(|n| !NEW.contains(&&**n)).collect()
}

async fn validity(store: &SqliteStore, account: AccountId, folder: &str) -> u32 {
    store.status(account, &name(folder)).await.unwrap().uid_validity.value()
}

#[tokio::test]
async fn a_new_account_knows_what_its_folders_are_for() {
    let (_dir, store, alice, _) = inbox_of(0).await;
    let folders = store.folders(alice).await.unwrap();
    let expected = [
        ("Archive", Some(SpecialUse::Archive)),
        ("Drafts", Some(SpecialUse::Drafts)),
        ("INBOX", None),
        ("Junk", Some(SpecialUse::Junk)),
        ("Sent", Some(SpecialUse::Sent)),
        ("Trash", Some(SpecialUse::Trash)),
    ];
    assert!(folders.iter().map(|folder| (folder.name.as_str(), folder.special_use)).eq(expected));
    assert!(folders.iter().all(|folder| folder.subscription == Subscription::Subscribed));
}

#[tokio::test]
async fn a_folder_is_made_with_those_above_it() {
    let (_dir, store, alice, _) = inbox_of(0).await;
    store.create_folder(alice, &name("a/b/c")).await.unwrap();
    store.create_folder(alice, &name("inbox/Lists")).await.unwrap();
    assert_eq!(names(&store, alice).await, ["INBOX/Lists", "a", "a/b", "a/b/c"]);
    assert!(matches!(store.create_folder(alice, &name("a/b")).await, Err(FolderError::Exists)));
    assert!(matches!(store.create_folder(alice, &name("iNBoX")).await, Err(FolderError::Exists)));
    let invalid = store.create_folder(alice, &name("a//d")).await.unwrap_err();
    assert_eq!(invalid.to_string(), "a level of the folder's name is empty");
    assert_eq!(names(&store, alice).await, ["INBOX/Lists", "a", "a/b", "a/b/c"]);
    let status = store.status(alice, &name("a/b/c")).await.unwrap();
    assert_eq!((status.messages, status.uid_next.value(), status.recent, status.size), (0, 1, 0, 0));
}

#[tokio::test]
async fn folders_of_one_account_are_not_anothers() {
    let (_dir, store, alice, _) = inbox_of(0).await;
    let bob = add(&store, "bob@example.org").await;
    store.create_folder(alice, &name("a")).await.unwrap();
    assert!(names(&store, bob).await.is_empty());
    assert!(matches!(store.open_folder(bob, &name("a")).await, Err(FolderError::NoSuchFolder)));
    assert!(matches!(store.delete_folder(bob, &name("a")).await, Err(FolderError::NoSuchFolder)));
}

#[tokio::test]
async fn a_name_that_is_made_anew_has_a_uid_validity_of_its_own() {
    let (dir, store, alice, _) = inbox_of(0).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        store.create_folder(alice, &name("a")).await.unwrap();
        assert_eq!(append(&store, alice, "a", b"x", &[]).await.value(), 1);
        seen.push(validity(&store, alice, "a").await);
        store.delete_folder(alice, &name("a")).await.unwrap();
    }
    assert!(seen.is_sorted_by(|one, next| one < next), "{seen:?}");
    assert!(dir.bodies().is_empty(), "messages went with their folder, and their bodies did not");
}

#[tokio::test]
async fn what_must_stay_is_not_deleted() {
    let (_dir, store, alice, _) = inbox_of(1).await;
    store.create_folder(alice, &name("a/b")).await.unwrap();
    store.create_folder(alice, &name("a.b")).await.unwrap();
    store.create_folder(alice, &name("a0")).await.unwrap();
    assert!(matches!(store.delete_folder(alice, &name("inbox")).await, Err(FolderError::Inbox)));
    assert!(matches!(store.delete_folder(alice, &name("a")).await, Err(FolderError::HasChildren)));
    assert!(matches!(store.delete_folder(alice, &name("b")).await, Err(FolderError::NoSuchFolder)));
    store.delete_folder(alice, &name("a/b")).await.unwrap();
    store.delete_folder(alice, &name("a")).await.unwrap();
    assert_eq!(names(&store, alice).await, ["a.b", "a0"]);
}

#[tokio::test]
async fn a_body_outlives_a_folder_as_long_as_another_has_it() {
    let (dir, store, alice, inbox) = inbox_of(1).await;
    store.create_folder(alice, &name("a")).await.unwrap();
    for _ in 0..2 {
        inbox.copy_to(uids_of([1]), &name("a")).await.unwrap();
    }
    store.delete_folder(alice, &name("a")).await.unwrap();
    assert_eq!(body_of(&inbox, 1).await.unwrap(), b"message 1");
    assert_eq!(dir.bodies().len(), 1);
}

#[tokio::test]
async fn a_folder_is_renamed_with_all_below_it() {
    let (_dir, store, alice, _) = inbox_of(0).await;
    for folder in ["a/b/c", "a.b", "ab"] {
        store.create_folder(alice, &name(folder)).await.unwrap();
    }
    append(&store, alice, "a/b", b"x", &["\\Seen"]).await;
    let before = validity(&store, alice, "a/b").await;
    store.rename_folder(alice, &name("a"), &name("new/er")).await.unwrap();
    assert_eq!(names(&store, alice).await, ["a.b", "ab", "new", "new/er", "new/er/b", "new/er/b/c"]);
    let moved = store.open_folder(alice, &name("new/er/b")).await.unwrap();
    assert_eq!(listed(&moved), [(1, "(\\Seen)".to_owned())]);
    assert_eq!(validity(&store, alice, "new/er/b").await, before);
    store.rename_folder(alice, &name("ab"), &name("inbox/ab")).await.unwrap();
    assert!(store.open_folder(alice, &name("INBOX/ab")).await.is_ok());
}

#[tokio::test]
async fn a_rename_that_cannot_be_changes_nothing() {
    let (_dir, store, alice, _) = inbox_of(0).await;
    for folder in ["a/b", "c"] {
        store.create_folder(alice, &name(folder)).await.unwrap();
    }
    let deep = ["x"; 31].join("/");
    let long = ["y"; 32].join("/");
    for (from, to, expected) in [
        ("nowhere", "d", "no such folder"),
        ("a", "c", "folder already exists"),
        ("a", "a", "folder already exists"),
        ("c", "Inbox", "folder already exists"),
        ("a/b", "a", "folder already exists"),
        ("a", "a/x/y", "a folder cannot become its own inferior"),
        ("a", "d/", "a level of the folder's name is empty"),
        ("a", &format!("{deep}/z"), "folder name of 33 levels has more than 32"),
        ("c", &format!("{long}/z"), "folder name of 33 levels has more than 32"),
    ] {
        let error = store.rename_folder(alice, &name(from), &name(to)).await.unwrap_err();
        assert_eq!(error.to_string(), expected, "{from} {to}");
    }
    assert_eq!(names(&store, alice).await, ["a", "a/b", "c"]);
}

#[tokio::test]
async fn the_inbox_is_renamed_and_there_still() {
    let (_dir, store, alice, inbox) = inbox_of(2).await;
    inbox
        .store_flags(uids_of([2]), imap_proto::StoreAction::Add, flags(&["\\Flagged", "kept"]), None)
        .await
        .unwrap();
    store.create_folder(alice, &name("INBOX/below")).await.unwrap();
    store.rename_folder(alice, &name("INBOX"), &name("old/mail")).await.unwrap();
    assert_eq!(names(&store, alice).await, ["INBOX/below", "old", "old/mail"]);
    assert!(listed(&inbox).is_empty());
    let old = store.open_folder(alice, &name("old/mail")).await.unwrap();
    assert_eq!(listed(&old), [(1, "()".to_owned()), (2, "(\\Flagged kept)".to_owned())]);
    assert_eq!(body_of(&old, 2).await.unwrap(), b"message 2");
    assert_eq!(deliver(&store, b"new", alice).await.uid.value(), 3);
}

#[tokio::test]
async fn subscriptions_are_names() {
    let (dir, store, alice, _) = inbox_of(0).await;
    store.create_folder(alice, &name("a")).await.unwrap();
    for folder in ["a", "a", "not there"] {
        store.subscribe(alice, &name(folder)).await.unwrap();
    }
    store.rename_folder(alice, &name("a"), &name("b")).await.unwrap();
    store.unsubscribe(alice, &name("Junk")).await.unwrap();
    store.delete_folder(alice, &name("Trash")).await.unwrap();
    let again = store.unsubscribe(alice, &name("Junk")).await;
    assert!(matches!(again, Err(FolderError::NotSubscribed)));
    assert!(matches!(store.subscribe(alice, &name("/")).await, Err(FolderError::InvalidName(_))));
    drop(store);

    let store = dir.serve();
    let subscribed = store.subscriptions(alice).await.unwrap();
    let subscribed: Vec<_> = subscribed.iter().map(FolderName::as_str).collect();
    assert_eq!(subscribed, ["Archive", "Drafts", "INBOX", "Sent", "Trash", "a", "not there"]);
    let folders = store.folders(alice).await.unwrap();
    let missing = folders.iter().filter(|folder| folder.subscription == Subscription::NotSubscribed);
    assert!(missing.map(|folder| folder.name.as_str()).eq(["Junk", "b"]));
}
