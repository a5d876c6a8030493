//! A store of an earlier version.

use std::fs;

use mail_server::{auth::Logins, store::*};
use rusqlite::{Connection, params};
use tokio_codec::sasl::{Hash, Secret};

use crate::support::*;

/// A store as version 1 left it: an account, three folders, two messages of one body, one that is gone.
fn version_1(dir: &TempDir) {
    let body = "000000000000000000000000000000ab";
    fs::create_dir_all(dir.0.join("bodies/00")).unwrap();
    fs::write(dir.0.join("bodies/00").join(body), b"kept").unwrap();
    let database = Connection::open(dir.0.join("mail.db")).unwrap();
    database.execute_batch(include_str!("version_1.sql")).unwrap();
    database
        .execute_batch(&format!(
            "INSERT INTO accounts VALUES (7, 'alice', 'example.org', 'hash', 1);
             INSERT INTO scram_keys VALUES (7, 'SHA-1', x'00', 4096, zeroblob(20), zeroblob(20)),
                                           (7, 'SHA-256', x'00', 4096, zeroblob(32), zeroblob(32));
             INSERT INTO folders VALUES (1, 7, 'INBOX', 100, 5, 9, NULL, 1), (2, 7, 'Sent', 101, 2, 2, '\\Sent', 1),
                                        (3, 7, 'Work/Old', 102, 1, 1, NULL, 0);
             UPDATE next_uidvalidity SET value = 103;
             INSERT INTO bodies VALUES (1, '{body}', 4);
             INSERT INTO messages VALUES (1, 2, 1, 3, 500, 1), (1, 4, 1, 8, 600, 8), (2, 1, 1, 2, 500, 0);
             INSERT INTO keywords VALUES (1, 4, '$Junk');
             INSERT INTO expunged VALUES (1, 3, 9);
             PRAGMA user_version = 1;"
        ))
        .unwrap();
}

#[tokio::test]
async fn a_store_of_version_1_keeps_all_it_has() {
    let dir = TempDir::new();
    version_1(&dir);
    for _ in 0..2 {
        let store = dir.serve();
        let alice = store.account(&"alice@example.org".parse().unwrap()).await.unwrap().unwrap();
        let known = store.credentials("alice@example.org").await.unwrap();
        assert!(matches!(known, Known::Account(account, _) if account.id == alice));
        let subscribed: Vec<_> = store.subscriptions(alice).await.unwrap();
        assert_eq!(subscribed, [name("INBOX"), name("Sent")]);
        let folders = store.folders(alice).await.unwrap();
        let told: Vec<_> = folders.iter().map(|folder| (folder.name.as_str(), folder.special_use)).collect();
        assert_eq!(told, [("INBOX", None), ("Sent", Some(SpecialUse::Sent)), ("Work/Old", None)]);

        let status = store.status(alice, &name("INBOX")).await.unwrap();
        assert_eq!([status.messages, status.unseen, status.deleted, status.recent], [2, 1, 1, 2]);
        assert_eq!((status.size, status.uid_next.value(), status.highest_modseq), (8, 5, 9));
        assert_eq!(status.uid_validity.value(), 100);
        let inbox = store.open_folder(alice, &name("INBOX")).await.unwrap();
        assert_eq!(listed(&inbox), [(2, "(\\Seen)".to_owned()), (4, "(\\Deleted $Junk)".to_owned())]);
        assert_eq!(body_of(&inbox, 2).await.unwrap(), b"kept");
        assert_eq!(inbox.facts(uids_of([4])).await.unwrap()[0].internal_date, 600);
        let empty = store.status(alice, &name("Work/Old")).await.unwrap();
        assert_eq!((empty.messages, empty.size), (0, 0));
    }
    let store = dir.serve();
    let alice = store.account(&"alice@example.org".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(deliver(&store, b"new", alice).await.uid.value(), 5);
    assert_eq!(store.status(alice, &name("INBOX")).await.unwrap().messages, 3);
}

#[tokio::test]
async fn a_store_of_version_2_keeps_what_it_has_and_learns_of_envelopes() {
    let dir = TempDir::new();
    let body = "000000000000000000000000000000ab";
    fs::create_dir_all(dir.0.join("bodies/00")).unwrap();
    fs::write(dir.0.join("bodies/00").join(body), b"kept").unwrap();
    let database = Connection::open(dir.0.join("mail.db")).unwrap();
    database.execute_batch(include_str!("version_2.sql")).unwrap();
    database
        .execute_batch(&format!(
            "INSERT INTO accounts VALUES (7, 'alice', 'example.org', 'hash', 1);
             INSERT INTO folders (id, account, name, uidvalidity, uidnext) VALUES (1, 7, 'INBOX', 100, 5);
             UPDATE next_uidvalidity SET value = 101;
             INSERT INTO bodies VALUES (1, '{body}', 4);
             INSERT INTO messages VALUES (1, 4, 1, 3, 500, 1);
             PRAGMA user_version = 2;"
        ))
        .unwrap();
    drop(database);
    let store = dir.serve();
    let alice = store.account(&"alice@example.org".parse().unwrap()).await.unwrap().unwrap();
    assert_eq!(store.envelopes(alice, &name("INBOX")).await.unwrap(), []);
    assert_eq!(deliver(&store, b"new", alice).await.uid.value(), 5);
    let inbox = store.open_folder(alice, &name("INBOX")).await.unwrap();
    assert_eq!(listed(&inbox), [(4, "(\\Seen)".to_owned()), (5, "()".to_owned())]);
    assert_eq!(body_of(&inbox, 4).await.unwrap(), b"kept");
    let envelopes = store.envelopes(alice, &name("INBOX")).await.unwrap();
    assert_eq!(envelopes, [(Uid::new(5), Envelope::default())]);
}

#[tokio::test]
async fn accounts_of_earlier_versions_log_in_as_before_and_no_other_hash_of_a_password_is_left() {
    const HASH: &str = "$argon2id$v=19$m=7168,t=5,p=1$c2FsdHNhbHQ$b2YgdGhlIHBhc3N3b3Jk";
    for (version, schema) in [(1, include_str!("version_1.sql")), (2, include_str!("version_2.sql"))] {
        let dir = TempDir::new();
        fs::create_dir_all(&dir.0).unwrap();
        let database = Connection::open(dir.0.join("mail.db")).unwrap();
        database.execute_batch(schema).unwrap();
        database.pragma_update(None, "user_version", version).unwrap();
        for id in 1..=100 {
            database
                .execute(
                    "INSERT INTO accounts VALUES (?1, 'a' || ?1, 'example.org', ?2, 1)",
                    params![id, HASH],
                )
                .unwrap();
        }
        for (name, hash) in [("SHA-1", Hash::Sha1), ("SHA-256", Hash::Sha256)] {
            let keys = credentials().keys(hash);
            let (stored_key, server_key) = (keys.stored_key().as_bytes(), keys.server_key().as_bytes());
            let row = params![name, keys.salt(), keys.iterations(), stored_key, server_key];
            database.execute("INSERT INTO scram_keys VALUES (7, ?1, ?2, ?3, ?4, ?5)", row).unwrap();
        }
        drop(database);
        let store = dir.serve();
        let logins = Logins::new(store.login_secret().await.unwrap(), None, None);
        for (password, fits) in [("pencil", true), ("pencils", false)] {
            let account = logins.check(&store, "a7", Secret::copy_from(password.as_bytes())).await.unwrap();
            assert_eq!(account.is_some(), fits, "version {version}: {password}");
        }
        drop((logins, store));
        for file in ["mail.db", "mail.db-wal"] {
            let octets = fs::read(dir.0.join(file)).unwrap_or_default();
            let left = octets.windows(HASH.len()).filter(|octets| *octets == HASH.as_bytes()).count();
            assert_eq!(left, 0, "version {version}: {file}");
        }
    }
}
