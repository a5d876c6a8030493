//! What a client may ask for without the server taking all memory, or all of its time.
use super::{
    ALICE,
    support::{Running, imap::Imap},
};
use std::fs;

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
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    let held = resident().saturating_sub(before);
    assert!(held < 100 << 20, "{held} octets more");
    assert!(session.answer().await.done.starts_with("OK"));
}
