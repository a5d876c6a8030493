//! What a client may ask for without the server taking all memory, or all of its time.
use super::{
    ALICE,
    support::{Running, imap::Imap},
};
use rusqlite::{Connection, params};
use std::{
    fs,
    pin::pin,
    time::{Duration, Instant},
};

/// What this process has in memory, in octets.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/statm").unwrap();
    status.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096
}

#[tokio::test]
async fn many_looks_at_a_large_header_are_not_all_held_at_once() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    let header: String = (0..10_000).map(|n| format!("X-Field-{n}: {}\r\n", "x".repeat(80))).collect();
    session.append("INBOX", "", &format!("{header}\r\n")).await;
    session.ok("SELECT INBOX").await;
    let fields: Vec<String> = (0..200).map(|n| format!("BODY.PEEK[HEADER.FIELDS.NOT (F{n})]")).collect();
    session.ok(&format!("FETCH 1 ({})", fields[0])).await;
    let before = resident();
    session.begin(&format!("FETCH 1 ({})", fields.join(" "))).await;
    // The client is slow: what it does not read waits, and must not be much.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let held = resident().saturating_sub(before);
    assert!(held < 100 << 20, "{held} octets more");
    assert!(session.answer().await.done.starts_with("OK"));
}

/// Gives Alice's INBOX, which has one message, so many, each with a keyword.
fn fill(server: &Running, messages: u32, keyword: impl Fn(u32) -> String) {
    let mut database = Connection::open(server.data().join("mail.db")).unwrap();
    let filling = database.transaction().unwrap();
    for uid in 2..=messages {
        let row = "INSERT INTO messages (folder, uid, body, modseq, internal_date) VALUES (1, ?1, 1, ?1, 0)";
        filling.prepare_cached(row).unwrap().execute([uid]).unwrap();
        let row = "INSERT INTO keywords VALUES (1, ?1, ?2)";
        filling.prepare_cached(row).unwrap().execute(params![uid, keyword(uid)]).unwrap();
    }
    let counts = "UPDATE folders SET uidnext = ?1 + 1, highestmodseq = ?1 WHERE id = 1";
    filling.execute(counts, [messages]).unwrap();
    filling.commit().unwrap();
}

#[tokio::test]
async fn a_folder_with_very_many_keywords_is_opened_at_once() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    session.append("INBOX", "", "Subject: x\r\n\r\n").await;
    fill(&server, 30_000, |uid| format!("keyword-{uid}"));
    let started = Instant::now();
    let told = session.ok("SELECT INBOX").await;
    assert!(started.elapsed() < Duration::from_secs(2), "{:?}", started.elapsed());
    let flags = told.iter().find(|line| line.starts_with("* FLAGS")).unwrap();
    assert!(flags.contains(" keyword-2 ") && flags.len() < 8_192, "{} octets of FLAGS", flags.len());
    assert_eq!(session.ok("SEARCH KEYWORD keyword-29999").await, ["* SEARCH 29999"]);
}

#[tokio::test]
async fn flags_of_a_whole_folder_are_stored_in_pieces_that_others_come_between() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    session.append("INBOX", "", "Subject: x\r\n\r\n").await;
    fill(&server, 1_200, |_| "work".to_owned());
    session.ok("SELECT INBOX").await;
    let before = server.store.commits();
    assert!(session.ok("STORE 1:* +FLAGS.SILENT (\\Flagged)").await.is_empty());
    assert!(server.store.commits() >= before + 3, "nobody's mail waits for 1,200 messages");
    assert_eq!(session.ok("STORE 1:* +FLAGS (\\Seen)").await.len(), 1_200);
    assert_eq!(session.ok("SEARCH RETURN (COUNT) FLAGGED SEEN").await[0].rsplit(' ').next(), Some("1200"));
}

/// On the one thread of this test, what one session keeps to itself all others wait for.
#[tokio::test]
async fn a_hostile_pattern_keeps_no_one_else_waiting() {
    let server = Running::start().await;
    let mut one = Imap::login(&server, ALICE).await;
    let mut other = Imap::login(&server, ALICE).await;
    for n in 0..100 {
        one.ok(&format!("CREATE {}{n}", "a".repeat(900))).await;
    }
    let pattern = "*a".repeat(800);
    one.begin(&format!("LIST \"\" {pattern}b")).await;
    let mut answer = pin!(one.answer());
    let mut answered = 0;
    let listed = loop {
        tokio::select! {
            listed = &mut answer => break listed,
            _ = other.ok("NOOP") => answered += 1,
        }
    };
    assert!(listed.done.starts_with("OK"));
    assert!(answered >= 10, "{answered} answers while the pattern was tried");
}
