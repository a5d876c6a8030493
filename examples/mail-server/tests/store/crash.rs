//! What a crash leaves behind, and what it must not take.

use std::{
    collections::BTreeSet,
    env, fs,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use mail_server::store::*;

use crate::support::*;

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
        .args(["--exact", "crash::delivers_until_killed", "--ignored", "--nocapture"])
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
