//! Who may open a store.

use mail_server::store::*;

use crate::support::*;

#[tokio::test]
async fn a_second_server_is_refused() {
    let dir = TempDir::new();
    let server = dir.serve();
    let error = SqliteStore::open(&dir.0, OpenMode::Serve).unwrap_err();
    assert_eq!(error.to_string(), format!("another server is running on {}", dir.0.display()));
    drop(server);
    dir.serve();
}

#[cfg(unix)]
#[tokio::test]
async fn no_other_user_can_read_the_mail() {
    use std::{fs, os::unix::fs::PermissionsExt, path::Path};

    let dir = TempDir::new();
    let inner = dir.0.join("new");
    let store = SqliteStore::open(&inner, OpenMode::Serve).unwrap();
    let alice = add(&store, "alice@example.org").await;
    deliver(&store, b"x", alice).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&files(&inner.join("bodies"))[0]), 0o600);
}
