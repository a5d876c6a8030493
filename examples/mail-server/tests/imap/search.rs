//! SEARCH.
use super::{
    ALICE, NESTED,
    support::{Running, imap::Imap},
};

#[tokio::test]
async fn messages_are_found_by_what_they_say_and_are() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    session.append("INBOX", "(\\Seen)", NESTED).await;
    session.append("INBOX", "", "From: dave@example.net\r\nSubject: plain\r\nDate: Tue, 1 Jul 2003 10:52:37 +0200\r\n\r\nLunch?\r\n").await;
    session.append("INBOX", "(\\Flagged $Work) \"01-Feb-1994 00:00:00 +0000\"", "Subject: old\r\n\r\n").await;
    session.ok("SELECT INBOX").await;
    for (keys, found) in [
        ("ALL", " 1 2 3"),
        ("SEEN", " 1"),
        ("UNSEEN NOT FLAGGED", " 2"),
        ("KEYWORD $work", " 3"),
        ("OR FROM carol FROM dave", " 1 2"),
        ("SUBJECT PLAIN", " 2"),
        ("BODY lunch", " 2"),
        ("TEXT inner", " 1"),
        ("SENTON 1-Jul-2003", " 2"),
        ("BEFORE 1-Jan-2000", " 3"),
        ("LARGER 200", " 1"),
        ("UID 2:* SMALLER 60", " 3"),
        ("HEADER Subject \"\"", " 1 2 3"),
        ("CHARSET UTF-8 SUBJECT {7+}\r\nL\u{e4}mmer", " 1"),
        ("CHARSET UTF-8 BODY {6+}\r\nSCH\u{d6}N", " 1"),
        ("BODY nothing", ""),
        ("2,3 ALL", " 2 3"),
    ] {
        let keys = keys.replace("{6+}", &format!("{{{}+}}", "SCH\u{d6}N".len()));
        assert_eq!(session.ok(&format!("SEARCH {keys}")).await, [format!("* SEARCH{found}")], "{keys}");
    }
    session.refused("SEARCH CHARSET KOI8-R SUBJECT x", "NO [BADCHARSET").await;
    assert_eq!(session.ok("UID SEARCH FLAGGED").await, ["* SEARCH 3"]);
    // RFC 4731 section 3.1.
    let told = session.ok("UID SEARCH RETURN (MIN COUNT) UNSEEN").await;
    assert!(
        told[0].starts_with("* ESEARCH (TAG \"t") && told[0].ends_with("\") UID MIN 2 COUNT 2"),
        "{told:?}"
    );
    let told = session.ok("SEARCH RETURN () BODY nothing").await;
    assert!(told[0].starts_with("* ESEARCH (TAG \"t") && told[0].ends_with("\")"), "{told:?}");
}

#[tokio::test]
async fn results_that_are_not_saved_are_not_said_to_be() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    session.append("INBOX", "", NESTED).await;
    session.ok("SELECT INBOX").await;
    for command in ["SEARCH RETURN (SAVE) ALL", "FETCH $ FLAGS", "UID MOVE $ Trash", "UID EXPUNGE $"] {
        session.refused(command, "BAD").await;
    }
}
