//! Who there is, and who may log in.

use std::collections::BTreeSet;

use mail_server::{accounts::Credentials, auth::Logins, store::*};
use tokio_codec::sasl::{Hash, Secret};

use crate::support::*;

#[tokio::test]
async fn a_new_account_has_the_folders_that_clients_look_for() {
    let dir = TempDir::new();
    let store = dir.serve();
    for address in ["alice@example.org", "bob@example.org"] {
        add(&store, address).await;
    }
    let query = |sql| -> Vec<(String, Option<String>)> {
        let database = dir.database();
        let mut query = database.prepare(sql).unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    };
    let folders = query("SELECT name, special_use FROM folders ORDER BY id");
    let names: Vec<_> =
        folders.iter().map(|(name, special_use)| (name.as_str(), special_use.as_deref())).collect();
    let expected = [
        ("INBOX", None),
        ("Sent", Some("\\Sent")),
        ("Drafts", Some("\\Drafts")),
        ("Trash", Some("\\Trash")),
        ("Junk", Some("\\Junk")),
        ("Archive", Some("\\Archive")),
    ];
    assert_eq!(names, [expected, expected].concat());
    assert_eq!(query("SELECT name, NULL FROM subscriptions").len(), 12);
    let validities: BTreeSet<_> =
        query("SELECT CAST(uidvalidity AS TEXT), NULL FROM folders").into_iter().collect();
    assert_eq!(validities.len(), 12);
    assert!(!validities.contains(&("0".to_owned(), None)));
}

#[tokio::test]
async fn an_address_is_found_in_any_case_and_taken_once() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "Alice@Example.org").await;
    assert_eq!(store.account(&"aLICE@eXAMPLE.ORG".parse().unwrap()).await.unwrap(), Some(alice));
    assert_eq!(store.account(&"alice@example.com".parse().unwrap()).await.unwrap(), None);
    let again = store.add_account(&"ALICE@example.org".parse().unwrap(), credentials()).await;
    assert!(matches!(again, Err(AddAccountError::Exists)));
    let accounts = store.accounts().await.unwrap();
    assert_eq!(accounts, [Account { id: alice, address: "alice@example.org".parse().unwrap() }]);
}

#[tokio::test]
async fn logging_in_takes_the_right_name_and_the_right_password() {
    let dir = TempDir::new();
    let store = dir.serve();
    for address in ["alice@example.org", "bob@example.org"] {
        add(&store, address).await;
    }
    let Known::Account(_, stored) = store.credentials("alice").await.unwrap() else { panic!() };
    assert!(stored == *credentials(), "credentials changed in the store");
    let logins = Logins::new(store.login_secret().await.unwrap(), None, None);
    let try_login = async |name: &str, password: &str| {
        let account = logins.check(&store, name, Secret::copy_from(password.as_bytes())).await.unwrap();
        account.map(|account| account.address.to_string())
    };
    assert_eq!(try_login("alice@example.org", "pencil").await.unwrap(), "alice@example.org");
    assert_eq!(try_login("ALICE", "pencil").await.unwrap(), "alice@example.org");
    assert_eq!(try_login("bob", "pencil").await.unwrap(), "bob@example.org");
    assert_eq!(try_login("alice", "pencils").await, None);
    assert_eq!(try_login("carol", "pencil").await, None);
    assert_eq!(try_login("", "").await, None);
    add(&store, "bob@example.com").await;
    assert_eq!(try_login("bob@example.com", "pencil").await.unwrap(), "bob@example.com");
    for name in ["alice", "bob"] {
        assert_eq!(try_login(name, "pencil").await, None, "{name} says no domain, and there are two");
    }
}

#[tokio::test]
async fn keys_of_an_earlier_version_are_made_anew_once_the_password_is_shown() {
    let dir = TempDir::new();
    let store = dir.serve();
    for address in ["alice@example.org", "bob@example.org"] {
        add(&store, address).await;
    }
    let stored = async |name: &str| match store.credentials(name).await.unwrap() {
        Known::Account(_, credentials) => credentials,
        Known::Nobody { .. } => panic!("{name}"),
    };
    let logins = Logins::new(store.login_secret().await.unwrap(), None, None);
    let fits = async |password: &str| {
        logins.check(&store, "alice", Secret::copy_from(password.as_bytes())).await.unwrap().is_some()
    };
    assert_eq!(store.outdated_credentials().await.unwrap(), 2);
    assert!(!fits("pencils").await);
    assert!(stored("alice").await == *credentials(), "made anew of a wrong password");
    // A store that takes nothing at the moment keeps nobody out.
    let database = dir.database();
    database
        .execute_batch(
            "CREATE TRIGGER full BEFORE INSERT ON scram_keys BEGIN SELECT RAISE(FAIL, 'full'); END",
        )
        .unwrap();
    assert!(fits("pencil").await);
    assert!(stored("alice").await == *credentials());
    database.execute_batch("DROP TRIGGER full").unwrap();

    let commits = store.commits();
    assert!(fits("pencil").await);
    let renewed = stored("alice").await;
    for hash in [Hash::Sha1, Hash::Sha256] {
        assert_eq!(renewed.keys(hash).iterations(), Credentials::ITERATIONS);
        assert!(renewed.keys(hash).fit(&Secret::copy_from(b"pencil")));
    }
    assert!(stored("bob").await == *credentials());
    assert_eq!(store.outdated_credentials().await.unwrap(), 1);
    assert!(fits("pencil").await && stored("alice").await == renewed, "made anew twice");
    assert_eq!(store.commits(), commits + 1);
    // Of two logins at once the second finds that it was done.
    let alice = store.account(&"alice@example.org".parse().unwrap()).await.unwrap().unwrap();
    store.renew_credentials(alice, credentials(), credentials()).await.unwrap();
    assert!(stored("alice").await == renewed);
}

#[tokio::test]
async fn a_name_that_nobody_has_is_called_the_same_however_it_is_spelt() {
    let dir = TempDir::new();
    let store = dir.serve();
    let called = async |name: &str| match store.credentials(name).await.unwrap() {
        Known::Account(account, _) => account.address.to_string(),
        Known::Nobody { called } => called,
    };
    add(&store, "alice@example.org").await;
    for name in ["alice", "bob"] {
        for spelt in ["", "@example.org", "@EXAMPLE.org"] {
            let expected = format!("{name}@example.org");
            assert_eq!(called(&format!("{name}{spelt}")).await, expected);
            assert_eq!(called(&format!("{}{spelt}", name.to_uppercase())).await, expected);
        }
    }
    assert_eq!(called("bob@example.net").await, "bob@example.net");
    add(&store, "carol@example.com").await;
    for name in ["alice", "ALICE", "bob", "carol"] {
        assert_eq!(called(name).await, name.to_ascii_lowercase(), "there are two domains");
    }
}

#[tokio::test]
async fn the_secret_of_a_store_stays_and_no_two_have_the_same() {
    let [one, other] = [TempDir::new(), TempDir::new()];
    let first = one.serve().login_secret().await.unwrap();
    assert_eq!(first.as_bytes().len(), 32);
    assert_eq!(one.serve().login_secret().await.unwrap(), first);
    assert_ne!(other.serve().login_secret().await.unwrap(), first);
}

#[tokio::test]
async fn an_account_added_beside_a_running_server_receives_mail_at_once() {
    let dir = TempDir::new();
    let server = dir.serve();
    let admin = dir.admin();
    let alice = add(&admin, "alice@example.org").await;
    assert_eq!(server.account(&"alice@example.org".parse().unwrap()).await.unwrap(), Some(alice));
    deliver(&server, b"x", alice).await;
    assert_eq!(server.maildrop(alice).await.unwrap().messages().len(), 1);
    assert!(matches!(admin.incoming().await, Err(StoreError::AdminOnly)));
    assert!(matches!(admin.maildrop(alice).await, Err(MaildropError::Store(StoreError::AdminOnly))));
}
