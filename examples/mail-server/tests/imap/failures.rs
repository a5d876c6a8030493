//! What is told when the disk or the database fails, and what still works then.
use super::{
    ALICE,
    support::{Running, imap::Imap},
};
use rusqlite::Connection;
use std::{fs, path::PathBuf};

/// The files of the messages that there are, as `ls` has them.
fn bodies(server: &Running) -> Vec<PathBuf> {
    let shards = fs::read_dir(server.data().join("bodies")).unwrap();
    shards
        .flat_map(|shard| fs::read_dir(shard.unwrap().path()).unwrap().map(|file| file.unwrap().path()))
        .collect()
}

/// Three messages of 100,000 octets, of which the second is gone from the disk, or only a piece of it is left.
async fn damaged(left: Option<u64>) -> (Running, Imap) {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    let mut known = Vec::new();
    for subject in ["one", "two", "three"] {
        let message = format!("Subject: {subject}\r\n\r\n{}", "x".repeat(100_000));
        session.append("INBOX", "", &message).await;
        let new: Vec<PathBuf> = bodies(&server).into_iter().filter(|file| !known.contains(file)).collect();
        known.extend(new);
    }
    match left {
        Some(octets) => fs::File::options().write(true).open(&known[1]).unwrap().set_len(octets).unwrap(),
        None => fs::remove_file(&known[1]).unwrap(),
    }
    session.ok("SELECT INBOX").await;
    (server, session)
}

#[tokio::test]
async fn a_message_whose_file_is_damaged_does_not_keep_others_from_being_read() {
    for left in [None, Some(50), Some(80_000)] {
        let (_server, mut session) = damaged(left).await;
        for command in ["FETCH 1:* BODY.PEEK[]", "FETCH 1:* BODY.PEEK[TEXT]", "FETCH 1:* ENVELOPE"] {
            let told = session.refused(command, "NO [UNAVAILABLE]").await;
            let numbers: Vec<&str> = told.iter().map(|line| &line[..9]).collect();
            assert_eq!(numbers, ["* 1 FETCH", "* 3 FETCH"], "{command}, {left:?}");
        }
        session.ok("FETCH 1:* (FLAGS RFC822.SIZE)").await;
        session.ok("STORE 2 +FLAGS.SILENT (\\Deleted)").await;
        assert!(session.ok("EXPUNGE").await.contains(&"* 2 EXPUNGE".to_owned()));
    }
}

#[tokio::test]
async fn a_mailbox_that_could_not_be_closed_is_still_selected() {
    let (server, mut session) = damaged(None).await;
    session.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    let database = Connection::open(server.data().join("mail.db")).unwrap();
    let failing = "CREATE TRIGGER failing BEFORE DELETE ON messages BEGIN SELECT RAISE(ABORT, 'no'); END;";
    database.execute_batch(failing).unwrap();
    session.refused("CLOSE", "NO [UNAVAILABLE]").await;
    assert_eq!(session.ok("SEARCH DELETED").await, ["* SEARCH 1"]);
    database.execute_batch("DROP TRIGGER failing").unwrap();
    session.ok("CLOSE").await;
    session.refused("SEARCH DELETED", "BAD").await;
    assert!(session.ok("EXAMINE INBOX").await.contains(&"* 2 EXISTS".to_owned()));
}

#[tokio::test]
async fn a_mailbox_that_someone_deleted_can_be_closed() {
    let server = Running::start().await;
    let mut one = Imap::login(&server, ALICE).await;
    one.ok("CREATE work").await;
    one.append("work", "(\\Deleted)", "Subject: x\r\n\r\n").await;
    let mut other = Imap::open(&server, "work").await;
    one.ok("DELETE work").await;
    other.ok("CLOSE").await;
}
