//! What a user of the store may rely on: nothing acknowledged is lost, nothing else is left behind.

#![allow(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, SystemTime},
};

use bytes::Bytes;
use mail_server::{
    accounts::{Credentials, Password},
    auth::login,
    store::*,
};
use rusqlite::Connection;

/// A folder of the test's own, removed when it ends.
struct TempDir(PathBuf);

impl TempDir {
    fn new() -> Self {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("mail-store-{}-{count}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn serve(&self) -> SqliteStore {
        SqliteStore::open(&self.0, OpenMode::Serve).unwrap()
    }

    fn admin(&self) -> SqliteStore {
        SqliteStore::open(&self.0, OpenMode::Admin).unwrap()
    }

    /// The database, for what the store does not show.
    fn database(&self) -> Connection {
        Connection::open(self.0.join("mail.db")).unwrap()
    }

    fn spooled(&self) -> Vec<PathBuf> {
        files(&self.0.join("spool"))
    }

    fn bodies(&self) -> Vec<PathBuf> {
        files(&self.0.join("bodies"))
    }
}

impl Drop for TempDir {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// All files below a folder.
fn files(dir: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Adds an account that no one can log in to, which is quicker.
async fn add(store: &SqliteStore, address: &str) -> AccountId {
    store.add_account(&address.parse().unwrap(), &Credentials::dummy()).await.unwrap()
}

async fn spool(store: &SqliteStore, body: &[u8], chunk: usize) -> SqliteIncoming {
    let mut incoming = store.incoming().await.unwrap();
    for chunk in body.chunks(chunk) {
        incoming.write(Bytes::copy_from_slice(chunk)).await.unwrap();
    }
    assert_eq!(incoming.size(), body.len() as u64);
    incoming
}

async fn deliver(store: &SqliteStore, body: &[u8], account: AccountId) -> Delivered {
    let incoming = spool(store, body, 1000).await;
    let outcomes = store.deliver(incoming, &[Recipient::inbox(account)], SystemTime::now()).await.unwrap();
    *outcomes[0].as_ref().unwrap()
}

async fn read(maildrop: &SqliteMaildrop, message: &Message) -> Vec<u8> {
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

fn octets(size: usize) -> Vec<u8> {
    (0..size).map(|i| (i * 7 + i / 251) as u8).collect()
}

fn uids(maildrop: &SqliteMaildrop) -> Vec<u32> {
    maildrop.messages().iter().map(|message| message.uid.value()).collect()
}

/// Waits for what another thread is about to do.
async fn until(what: &str, done: impl Fn() -> bool) {
    for _ in 0..1000 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    panic!("{what} did not happen");
}

#[tokio::test]
async fn a_message_is_read_back_octet_for_octet() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    let sizes = [0, 1, 65_535, 65_536, 65_537, 131_072, 300_000];
    for (index, size) in sizes.into_iter().enumerate() {
        let incoming = spool(&store, &octets(size), 1 + index * 20_000).await;
        let outcomes = store.deliver(incoming, &[Recipient::inbox(alice)], SystemTime::now()).await.unwrap();
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
    let outcomes = store.deliver(incoming, &recipients, SystemTime::now()).await.unwrap();
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
    let outcomes = store.deliver(incoming, &recipients, SystemTime::now()).await.unwrap();
    assert_eq!(outcomes[0], Err(DeliverError::NoSuchAccount));
    assert_eq!(outcomes[1], Err(DeliverError::NoSuchFolder));
    assert!(outcomes[2].is_ok());
    assert!(outcomes[3].is_ok());

    let incoming = spool(&store, b"for no one", 1).await;
    store.deliver(incoming, &recipients[..2], SystemTime::now()).await.unwrap();
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

#[tokio::test]
async fn a_new_account_has_the_folders_that_clients_look_for() {
    let dir = TempDir::new();
    let store = dir.serve();
    for address in ["alice@example.org", "bob@example.org"] {
        add(&store, address).await;
    }
    let database = dir.database();
    let mut query =
        database.prepare("SELECT name, special_use, uidvalidity, subscribed FROM folders").unwrap();
    let folders: Vec<(String, Option<String>, u32, u32)> = query
        .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
        .unwrap()
        .collect::<Result<_, _>>()
        .unwrap();
    let names: Vec<_> =
        folders.iter().map(|(name, special_use, ..)| (name.as_str(), special_use.as_deref())).collect();
    let expected = [
        ("INBOX", None),
        ("Sent", Some("\\Sent")),
        ("Drafts", Some("\\Drafts")),
        ("Trash", Some("\\Trash")),
        ("Junk", Some("\\Junk")),
        ("Archive", Some("\\Archive")),
    ];
    assert_eq!(names, [expected, expected].concat());
    assert!(folders.iter().all(|(.., subscribed)| *subscribed == 1));
    let validities: BTreeSet<u32> = folders.iter().map(|(_, _, validity, _)| *validity).collect();
    assert_eq!(validities.len(), 12);
    assert!(!validities.contains(&0));
}

#[tokio::test]
async fn an_address_is_found_in_any_case_and_taken_once() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "Alice@Example.org").await;
    assert_eq!(store.account(&"aLICE@eXAMPLE.ORG".parse().unwrap()).await.unwrap(), Some(alice));
    assert_eq!(store.account(&"alice@example.com".parse().unwrap()).await.unwrap(), None);
    let again = store.add_account(&"ALICE@example.org".parse().unwrap(), &Credentials::dummy()).await;
    assert!(matches!(again, Err(AddAccountError::Exists)));
    let accounts = store.accounts().await.unwrap();
    assert_eq!(accounts, [Account { id: alice, address: "alice@example.org".parse().unwrap() }]);
}

#[tokio::test]
async fn logging_in_takes_the_right_name_and_the_right_password() {
    let dir = TempDir::new();
    let store = dir.serve();
    let credentials = Credentials::new(&"pencil".into()).unwrap();
    for address in ["alice@example.org", "bob@example.org", "bob@example.com"] {
        store.add_account(&address.parse().unwrap(), &credentials).await.unwrap();
    }
    let (_, stored) = store.credentials("alice").await.unwrap().unwrap();
    assert!(stored == credentials, "credentials changed in the store");
    let try_login = async |name: &str, password: &str| {
        let account = login(&store, name, Password::from(password)).await.unwrap();
        account.map(|account| account.address.to_string())
    };
    assert_eq!(try_login("alice@example.org", "pencil").await.unwrap(), "alice@example.org");
    assert_eq!(try_login("ALICE", "pencil").await.unwrap(), "alice@example.org");
    assert_eq!(try_login("bob@example.com", "pencil").await.unwrap(), "bob@example.com");
    assert_eq!(try_login("bob", "pencil").await, None, "two accounts have that name");
    assert_eq!(try_login("alice", "pencils").await, None);
    assert_eq!(try_login("carol", "pencil").await, None);
    assert_eq!(try_login("", "").await, None);
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
    use std::os::unix::fs::PermissionsExt;

    let dir = TempDir::new();
    let inner = dir.0.join("new");
    let store = SqliteStore::open(&inner, OpenMode::Serve).unwrap();
    let alice = add(&store, "alice@example.org").await;
    deliver(&store, b"x", alice).await;
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&inner), 0o700);
    assert_eq!(mode(&files(&inner.join("bodies"))[0]), 0o600);
}

#[tokio::test]
async fn what_a_crash_left_behind_is_cleared_away() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    deliver(&store, b"kept", alice).await;
    drop(store);
    let half = dir.0.join("spool/00112233445566778899aabbccddeeff");
    let orphan = dir.0.join("bodies/ff/ffeeddccbbaa99887766554433221100");
    for path in [&half, &orphan] {
        fs::write(path, b"left behind").unwrap();
    }
    drop(dir.admin());
    assert!(half.exists() && orphan.exists(), "only a server knows that no other is delivering");

    let store = dir.serve();
    assert!(!half.exists() && !orphan.exists());
    let maildrop = store.maildrop(alice).await.unwrap();
    assert_eq!(read(&maildrop, &maildrop.messages()[0]).await, b"kept");
}

#[tokio::test]
async fn a_disk_that_fails_fails_one_message_and_not_the_server() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    fs::remove_dir(dir.0.join("spool")).unwrap();

    let small = spool(&store, b"small", 5).await;
    let error = store.deliver(small, &[Recipient::inbox(alice)], SystemTime::now()).await.unwrap_err();
    assert!(error.to_string().starts_with("cannot create "), "{error}");

    let mut large = store.incoming().await.unwrap();
    large.write(Bytes::from(octets(70_000))).await.unwrap();
    assert!(large.write(Bytes::from(octets(70_000))).await.is_err());
    assert!(matches!(large.write(Bytes::new()).await, Err(StoreError::Lost)));
    assert!(store.deliver(large, &[Recipient::inbox(alice)], SystemTime::now()).await.is_err());

    fs::create_dir(dir.0.join("spool")).unwrap();
    deliver(&store, b"better", alice).await;
    assert_eq!(store.maildrop(alice).await.unwrap().messages().len(), 1);
}

#[tokio::test]
async fn a_body_cut_short_on_disk_is_an_error_not_a_shorter_message() {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    deliver(&store, &octets(100_000), alice).await;
    let body = dir.bodies().remove(0);
    fs::write(&body, octets(70_000)).unwrap();
    let maildrop = store.maildrop(alice).await.unwrap();
    let mut reader = maildrop.open(&maildrop.messages()[0]).await.unwrap();
    assert_eq!(reader.next().await.unwrap().unwrap().len(), 65_536);
    let error = reader.next().await.unwrap_err();
    assert_eq!(error.to_string(), format!("body {} ends 30000 octets early", body.display()));
    fs::remove_file(body).unwrap();
    assert!(maildrop.open(&maildrop.messages()[0]).await.is_err());
}

/// Lets some deliveries fail in the database: the ones received at `FAILS`.
const FAILS: Duration = Duration::from_secs(1);

async fn deliver_beside_failures(action: &str) -> (TempDir, SqliteStore, AccountId, [bool; 3]) {
    let dir = TempDir::new();
    let store = dir.serve();
    let alice = add(&store, "alice@example.org").await;
    let database = dir.database();
    database
        .execute_batch(&format!(
            "CREATE TRIGGER failing BEFORE INSERT ON messages WHEN NEW.internal_date = 1
             BEGIN SELECT RAISE({action}, 'no'); END;"
        ))
        .unwrap();
    let mut incoming = Vec::new();
    for body in [&b"one"[..], b"two", b"three"] {
        incoming.push(spool(&store, body, 1).await);
    }
    // While this lock is held the deliveries pile up behind a first one, and then share a transaction.
    database.execute_batch("BEGIN IMMEDIATE").unwrap();
    let first = tokio::spawn({
        let store = store.clone();
        async move { deliver(&store, b"first", alice).await }
    });
    until("first delivery", || dir.bodies().len() == 1).await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let times = [SystemTime::now(), SystemTime::UNIX_EPOCH + FAILS, SystemTime::now()];
    let mut waiting = Vec::new();
    for (incoming, time) in incoming.into_iter().zip(times) {
        let store = store.clone();
        let before = dir.bodies().len();
        waiting.push(tokio::spawn(
            async move { store.deliver(incoming, &[Recipient::inbox(alice)], time).await },
        ));
        until("body", || dir.bodies().len() > before).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let before = store.commits();
    database.execute_batch("COMMIT").unwrap();
    first.await.unwrap();
    let mut outcomes = [false; 3];
    for (outcome, task) in outcomes.iter_mut().zip(waiting) {
        *outcome = task.await.unwrap().is_ok();
    }
    assert!(store.commits() - before <= 2);
    (dir, store, alice, outcomes)
}

#[tokio::test]
async fn a_delivery_that_fails_does_not_fail_those_it_shares_a_commit_with() {
    let (dir, store, alice, outcomes) = deliver_beside_failures("ABORT").await;
    assert_eq!(outcomes, [true, false, true]);
    let maildrop = store.maildrop(alice).await.unwrap();
    assert_eq!(maildrop.messages().len(), 3);
    assert_eq!(dir.bodies().len(), 3, "the body of the failed one is still there");
}

#[tokio::test]
async fn a_transaction_that_sqlite_gives_up_fails_all_of_it_and_nothing_after() {
    let (dir, store, alice, outcomes) = deliver_beside_failures("ROLLBACK").await;
    assert_eq!(outcomes, [false, false, false]);
    assert_eq!(store.maildrop(alice).await.unwrap().messages().len(), 1);
    deliver(&store, b"after", alice).await;
    assert_eq!(store.maildrop(alice).await.unwrap().messages().len(), 2);
    drop(store);
    dir.serve();
    assert_eq!(dir.bodies().len(), 2);
}

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

/// Names the folder for [`delivers_until_killed`], which a test below runs as another process.
const VICTIM: &str = "MAIL_STORE_VICTIM";

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
#[ignore = "is killed by a_server_that_is_killed_keeps_what_it_acknowledged"]
async fn delivers_until_killed() {
    let Some(dir) = env::var_os(VICTIM) else { return };
    let store = SqliteStore::open(Path::new(&dir), OpenMode::Serve).unwrap();
    let alice = store.account(&"alice@example.org".parse().unwrap()).await.unwrap().unwrap();
    let tasks: Vec<_> = (0..16)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                for _ in 0..100_000 {
                    let delivered = deliver(&store, &octets(100_000), alice).await;
                    println!("\nacknowledged {}", delivered.uid);
                }
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
}

#[tokio::test]
async fn a_server_that_is_killed_keeps_what_it_acknowledged() {
    let dir = TempDir::new();
    let alice = add(&dir.admin(), "alice@example.org").await;
    let mut victim = Command::new(env::current_exe().unwrap())
        .args(["--exact", "delivers_until_killed", "--ignored", "--nocapture"])
        .env(VICTIM, &dir.0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(victim.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut acknowledged: Vec<u32> = Vec::new();
    let keep = |line: String, acknowledged: &mut Vec<u32>| {
        acknowledged.extend(line.strip_prefix("acknowledged ").map(|uid| uid.parse::<u32>().unwrap()));
    };
    while acknowledged.len() < 100 {
        keep(lines.next().expect("the victim died of itself"), &mut acknowledged);
    }
    victim.kill().unwrap();
    victim.wait().unwrap();
    for line in lines {
        keep(line, &mut acknowledged);
    }

    let store = dir.serve();
    let maildrop = store.maildrop(alice).await.unwrap();
    let there: BTreeSet<u32> = uids(&maildrop).into_iter().collect();
    let lost: Vec<_> = acknowledged.iter().filter(|uid| !there.contains(uid)).collect();
    assert!(lost.is_empty(), "acknowledged and lost: {lost:?}");
    for message in maildrop.messages() {
        assert_eq!(read(&maildrop, message).await, octets(100_000));
    }
    assert_eq!(dir.bodies().len(), maildrop.messages().len());
    assert_eq!(dir.spooled(), Vec::<PathBuf>::new());
}
