//! What several devices see of one mailbox, and when.
use super::{
    ALICE,
    support::{
        Running,
        client::{Session, Way},
        imap::Imap,
    },
};
use bytes::Bytes;
use std::time::{Duration, Instant};

async fn filled(messages: usize) -> (Running, Imap, Imap) {
    let server = Running::start().await;
    let mut one = Imap::login(&server, ALICE).await;
    for _ in 0..messages {
        one.append("INBOX", "", "Subject: x\r\n\r\n").await;
    }
    one.ok("SELECT INBOX").await;
    let other = Imap::open(&server, "INBOX").await;
    (server, one, other)
}

#[tokio::test]
async fn what_one_device_does_the_other_hears_at_its_next_command() {
    let (_server, mut one, mut other) = filled(3).await;
    one.ok("STORE 2 +FLAGS.SILENT (\\Flagged)").await;
    assert_eq!(other.changes("NOOP").await, ["* 2 FETCH (UID 2 FLAGS (\\Flagged))"]);
    one.append("INBOX", "", "Subject: x\r\n\r\n").await;
    assert!(other.changes("NOOP").await.contains(&"* 4 EXISTS".to_owned()));
    assert!(other.changes("NOOP").await.is_empty());
}

#[tokio::test]
async fn numbers_stay_while_messages_are_named_by_them() {
    let (_server, mut one, mut other) = filled(3).await;
    one.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    other.changes("NOOP").await;
    one.ok("EXPUNGE").await;
    // FETCH and STORE by number mean what they meant.
    let told = other.ok("FETCH 3 UID").await;
    assert_eq!(told, ["* 3 FETCH (UID 3)"]);
    assert_eq!(other.ok("STORE 2 +FLAGS (\\Seen)").await, ["* 2 FETCH (UID 2 FLAGS (\\Seen))"]);
    // What is gone is told as that, and no one else's message instead.
    let told = other.say("FETCH 1 UID").await;
    assert!(told.untagged.is_empty() && told.done.starts_with("OK [EXPUNGEISSUED]"), "{told:?}");
    assert_eq!(other.changes("NOOP").await, ["* 1 EXPUNGE"]);
    assert_eq!(other.ok("FETCH 1 UID").await, ["* 1 FETCH (UID 2)"]);
}

#[tokio::test]
async fn one_who_idles_hears_at_once() {
    let (server, mut one, mut other) = filled(1).await;
    other.begin("IDLE").await;
    assert!(other.response().await.starts_with("+ "));
    let started = Instant::now();
    let mut sender = Session::open(&server, Way::Smtp).await;
    sender.send(ALICE, &Bytes::from_static(b"Subject: new\r\n\r\n")).await;
    assert_eq!(other.response().await, "* 2 EXISTS");
    assert!(other.response().await.ends_with(" RECENT"));
    one.changes("NOOP").await;
    one.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    assert_eq!(other.response().await, "* 1 FETCH (UID 1 FLAGS (\\Deleted))");
    one.ok("EXPUNGE").await;
    assert_eq!(other.response().await, "* 1 EXPUNGE");
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    other.send("DONE\r\n").await;
    assert!(other.answer().await.done.starts_with("OK"));
}

#[tokio::test]
async fn what_pop3_deletes_goes_from_imap_and_the_other_way_round() {
    let (server, mut one, _other) = filled(3).await;
    let mut pop3 = server.pop3(ALICE).await;
    pop3.says("DELE 1", "+OK").await;
    assert!(one.changes("NOOP").await.is_empty());
    pop3.says("QUIT", "+OK").await;
    assert_eq!(one.changes("NOOP").await, ["* 1 EXPUNGE"]);
    let mut pop3 = server.pop3(ALICE).await;
    one.ok("STORE 1 +FLAGS.SILENT (\\Deleted)").await;
    one.ok("EXPUNGE").await;
    pop3.says("RETR 1", "-ERR").await;
    pop3.says("RETR 2", "+OK").await;
    drop(pop3);
    let mut pop3 = server.pop3(ALICE).await;
    assert_eq!(pop3.lists("LIST").await.len(), 1);
}

#[tokio::test]
async fn a_message_is_recent_to_one_session_alone() {
    let (_server, mut one, mut other) = filled(2).await;
    assert_eq!(one.ok("FETCH 1 FLAGS").await, ["* 1 FETCH (FLAGS (\\Recent))"]);
    assert_eq!(other.ok("FETCH 1 FLAGS").await, ["* 1 FETCH (FLAGS ())"]);
    assert_eq!(other.ok("SEARCH RECENT").await, ["* SEARCH"]);
}

#[tokio::test]
async fn a_folder_that_is_deleted_empties_under_those_who_have_it_open() {
    let server = Running::start().await;
    let mut one = Imap::login(&server, ALICE).await;
    one.ok("CREATE work").await;
    one.append("work", "", "Subject: x\r\n\r\n").await;
    let mut other = Imap::open(&server, "work").await;
    one.ok("DELETE work").await;
    assert_eq!(other.changes("NOOP").await, ["* 1 EXPUNGE"]);
    let done = other.append("work", "", "Subject: x\r\n\r\n").await;
    assert!(done.starts_with("NO [TRYCREATE]"), "{done}");
}

/// A message of some 100,000 octets: of a hundred of them, few fit into what lies between a server and a client that
/// does not read.
const LARGE: usize = 100_000;

#[tokio::test]
async fn messages_have_the_numbers_that_they_were_told_to_have_when_others_go_meanwhile() {
    let (_server, mut one, mut other) = filled(3).await;
    let large = format!("Subject: large\r\n\r\n{}", "x".repeat(LARGE));
    for _ in 0..250 {
        one.append("INBOX", "", &large).await;
    }
    other.changes("NOOP").await;
    let mut uids: Vec<u32> = (1..=253).collect();
    other.begin("UID FETCH 1:* BODY.PEEK[]").await;
    let mut responses = vec![other.response().await];
    one.ok("UID STORE 2:3,200 +FLAGS.SILENT (\\Deleted)").await;
    one.ok("EXPUNGE").await;
    let rest = other.answer().await;
    responses.extend(rest.untagged);
    for response in &responses {
        let mut words = response.split([' ', '(']).skip(1);
        let number: usize = words.next().unwrap().parse().unwrap();
        match words.next().unwrap() {
            "EXPUNGE" => _ = uids.remove(number - 1),
            "FETCH" => {
                let uid = words.skip_while(|word| *word != "UID").nth(1).unwrap();
                let uid: u32 = uid.trim_end_matches(')').parse().unwrap();
                assert_eq!(uids[number - 1], uid, "{}", &response[..40.min(response.len())]);
            }
            _ => {}
        }
    }
    assert_eq!(uids.len(), 250, "the expunges were told while messages were");
}
