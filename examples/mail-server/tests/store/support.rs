//! What all tests of the store begin with.

use std::{
    env, fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use imap_proto::{Flag, Flags, mailbox::Message as Shared};
use mail_server::{accounts::Credentials, store::*};
use rusqlite::Connection;
use std::sync::OnceLock;
use tokio_codec::sasl::{Hash, ScramKeys, Secret};

/// A folder of the test's own, removed when it ends.
pub struct TempDir(pub PathBuf);

impl TempDir {
    pub fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("mail-store-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    pub fn serve(&self) -> SqliteStore {
        SqliteStore::open(&self.0, OpenMode::Serve).unwrap()
    }

    pub fn admin(&self) -> SqliteStore {
        SqliteStore::open(&self.0, OpenMode::Admin).unwrap()
    }

    /// The database, for what the store does not show.
    pub fn database(&self) -> Connection {
        Connection::open(self.0.join("mail.db")).unwrap()
    }

    pub fn spooled(&self) -> Vec<PathBuf> {
        files(&self.0.join("spool"))
    }

    pub fn bodies(&self) -> Vec<PathBuf> {
        files(&self.0.join("bodies"))
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All files below a folder.
pub fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Adds an account that no one can log in to, which is quicker.
pub async fn add(store: &SqliteStore, address: &str) -> AccountId {
    store.add_account(&address.parse().unwrap(), credentials()).await.unwrap()
}

pub async fn spool(store: &SqliteStore, body: &[u8], chunk: usize) -> SqliteIncoming {
    let mut incoming = store.incoming().await.unwrap();
    for chunk in body.chunks(chunk) {
        incoming.write(Bytes::copy_from_slice(chunk)).await.unwrap();
    }
    assert_eq!(incoming.size(), body.len() as u64);
    incoming
}

pub async fn deliver(store: &SqliteStore, body: &[u8], account: AccountId) -> Delivered {
    let incoming = spool(store, body, 1000).await;
    let outcomes = store
        .deliver(incoming, Envelope::default(), &[Recipient::inbox(account)], SystemTime::now())
        .await
        .unwrap();
    *outcomes[0].as_ref().unwrap()
}

pub async fn read(maildrop: &SqliteMaildrop, message: &Message) -> Vec<u8> {
    let mut body = maildrop.open(message).await.unwrap();
    assert_eq!(body.size(), message.size);
    let mut octets = Vec::new();
    while let Some(chunk) = body.next().await.unwrap() {
        assert!(!chunk.is_empty() && chunk.len() <= 64 * 1024, "chunk of {} octets", chunk.len());
        octets.extend_from_slice(&chunk);
    }
    assert_eq!(body.next().await.unwrap(), None, "the end stays the end");
    octets
}

pub fn octets(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 7 + i / 251) as u8).collect()
}

pub fn uids(maildrop: &SqliteMaildrop) -> Vec<u32> {
    maildrop.messages().iter().map(|message| message.uid.value()).collect()
}

/// Waits for what another thread is about to do.
pub async fn until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{what} did not happen");
}

pub fn flags(names: &[&str]) -> Flags {
    names.iter().map(|name| name.parse::<Flag>().unwrap()).collect()
}

pub fn name(name: &str) -> FolderName {
    FolderName::from(name)
}

/// Puts a message into a folder.
pub async fn append(
    store: &SqliteStore,
    account: AccountId,
    folder: &str,
    body: &[u8],
    names: &[&str],
) -> Uid {
    let incoming = spool(store, body, 1000).await;
    let message = NewMessage { incoming, flags: flags(names), internal_date: 1_000 };
    store.append(account, &name(folder), vec![message]).await.unwrap().uids[0]
}

/// A store with one account, whose INBOX has so many messages.
pub async fn inbox_of(messages: u32) -> (TempDir, SqliteStore, AccountId, SqliteFolder) {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    for message in 1..=messages {
        append(&store, alice, "INBOX", format!("message {message}").as_bytes(), &[]).await;
    }
    let inbox = store.open_folder(alice, &name("INBOX")).await.unwrap();
    (dir, store, alice, inbox)
}

/// All messages that the sessions of a folder share.
pub fn shared(folder: &SqliteFolder) -> Vec<Shared<Flags>> {
    folder.with(|mailbox| mailbox.changed_since(0).into_iter().cloned().collect())
}

/// The UID and the flags of each.
pub fn listed(folder: &SqliteFolder) -> Vec<(u32, String)> {
    shared(folder).into_iter().map(|message| (message.uid, message.flags.to_string())).collect()
}

pub fn shared_uids(folder: &SqliteFolder) -> Vec<u32> {
    shared(folder).into_iter().map(|message| message.uid).collect()
}

/// These UIDs.
pub fn uids_of(uids: impl IntoIterator<Item = u32>) -> Vec<Uid> {
    uids.into_iter().map(Uid::new).collect()
}

/// Reads a message of a folder.
pub async fn body_of(folder: &SqliteFolder, uid: u32) -> Result<Vec<u8>, StoreError> {
    let mut body = folder.body(Uid::new(uid)).await?;
    let mut octets = Vec::new();
    while let Some(chunk) = body.next().await? {
        octets.extend_from_slice(&chunk);
    }
    Ok(octets)
}

/// Credentials that are made fast, for the password `pencil`.
pub(crate) fn credentials() -> &'static Credentials {
    static CREDENTIALS: OnceLock<Credentials> = OnceLock::new();
    CREDENTIALS.get_or_init(|| {
        let keys = |hash| {
            ScramKeys::from_password(hash, &Secret::copy_from(b"pencil"), b"some salt", 4_096).unwrap()
        };
        Credentials::from_keys(keys(Hash::Sha1), keys(Hash::Sha256)).unwrap()
    })
}
