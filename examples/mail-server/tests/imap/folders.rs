//! Folders: made, listed, renamed, subscribed, deleted.
use super::support::{Running, imap::Imap};

async fn names(session: &mut Imap, command: &str) -> Vec<String> {
    let listed = session.ok(command).await;
    listed.iter().map(|line| line.rsplit_once("\"/\" ").unwrap().1.to_owned()).collect()
}

#[tokio::test]
async fn folders_are_listed_with_what_they_are_for() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, "alice@example.org").await;
    let listed = session.ok("LIST \"\" *").await;
    assert!(listed.contains(&r#"* LIST (\HasNoChildren \Sent) "/" Sent"#.to_owned()), "{listed:?}");
    assert!(listed.contains(&r#"* LIST (\HasNoChildren) "/" INBOX"#.to_owned()), "{listed:?}");
    assert_eq!(session.ok("LIST \"\" \"\"").await, [r#"* LIST (\Noselect) "/" """#]);
    assert_eq!(session.ok("NAMESPACE").await, [r#"* NAMESPACE (("" "/")) NIL NIL"#]);
}

#[tokio::test]
async fn a_folder_brings_the_levels_above_it_and_is_found_by_patterns() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, "alice@example.org").await;
    session.ok("CREATE work/2026/november/").await;
    assert_eq!(names(&mut session, "LIST \"\" work*").await, ["work", "work/2026", "work/2026/november"]);
    assert_eq!(names(&mut session, "LIST \"\" work/%").await, ["work/2026"]);
    assert_eq!(names(&mut session, "LIST work/ %").await, ["work/2026"]);
    session.refused("CREATE work/2026", "NO [ALREADYEXISTS]").await;
    session.refused("CREATE inbox", "NO [ALREADYEXISTS]").await;
    session.refused("CREATE a//b", "NO [CANNOT]").await;
    session.refused("CREATE &bad", "NO [CANNOT]").await;
    session.refused("SELECT &bad", "NO [NONEXISTENT]").await;
    session.refused("DELETE work", "NO [CANNOT]").await;
    session.refused("DELETE INBOX", "NO [CANNOT]").await;
    session.refused("DELETE nowhere", "NO [NONEXISTENT]").await;
    session.ok("DELETE work/2026/november").await;
    session.refused("SELECT work/2026/november", "NO [NONEXISTENT]").await;
}

#[tokio::test]
async fn names_that_are_not_ascii_come_back_as_they_were_said() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, "alice@example.org").await;
    session.ok("CREATE \"Entw&APw-rfe/a&-b\"").await;
    assert_eq!(names(&mut session, "LIST \"\" Entw*").await, ["Entw&APw-rfe", "Entw&APw-rfe/a&-b"]);
    session.append("Entw&APw-rfe", "", "Subject: x\r\n\r\n").await;
    assert_eq!(
        session.ok("STATUS Entw&APw-rfe (MESSAGES UIDNEXT)").await,
        ["* STATUS Entw&APw-rfe (MESSAGES 1 UIDNEXT 2)"]
    );
}

#[tokio::test]
async fn a_renamed_folder_keeps_its_messages_and_inbox_stays() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, "alice@example.org").await;
    session.ok("CREATE a/b").await;
    session.append("a/b", "", "Subject: x\r\n\r\n").await;
    session.ok("RENAME a c/d").await;
    assert_eq!(names(&mut session, "LIST \"\" c*").await, ["c", "c/d", "c/d/b"]);
    assert_eq!(session.ok("STATUS c/d/b (MESSAGES)").await, ["* STATUS c/d/b (MESSAGES 1)"]);
    session.refused("RENAME c c/e", "NO [CANNOT]").await;
    session.refused("RENAME c Sent", "NO [ALREADYEXISTS]").await;
    session.append("INBOX", "", "Subject: y\r\n\r\n").await;
    session.ok("RENAME INBOX old").await;
    assert_eq!(session.ok("STATUS old (MESSAGES)").await, ["* STATUS old (MESSAGES 1)"]);
    assert_eq!(session.ok("STATUS INBOX (MESSAGES)").await, ["* STATUS INBOX (MESSAGES 0)"]);
}

#[tokio::test]
async fn subscriptions_are_names_and_outlive_their_folders() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, "alice@example.org").await;
    session.ok("CREATE a/b").await;
    session.ok("SUBSCRIBE a/b").await;
    assert_eq!(names(&mut session, "LSUB \"\" a*").await, ["a/b"]);
    // RFC 3501 section 6.3.9: what % stops at is told when something below it is subscribed.
    assert_eq!(session.ok("LSUB \"\" a%").await, [r#"* LSUB (\Noselect) "/" a"#]);
    session.ok("DELETE a/b").await;
    assert_eq!(names(&mut session, "LSUB \"\" a*").await, ["a/b"]);
    session.ok("UNSUBSCRIBE a/b").await;
    assert!(session.ok("LSUB \"\" a*").await.is_empty());
    session.refused("UNSUBSCRIBE a/b", "NO").await;
}
