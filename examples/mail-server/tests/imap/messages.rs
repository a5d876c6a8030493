//! Messages: appended, fetched, flagged, copied, moved, removed.
use super::{
    ALICE, NESTED,
    support::{
        Running,
        client::{Session, Way},
        imap::Imap,
    },
};
use bytes::Bytes;
use std::{fs, time::Duration};

#[tokio::test]
async fn a_message_is_appended_with_flags_and_date_and_fetched_as_it_was() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    let date = "\"17-Jul-1996 02:44:25 -0700\"";
    let done = session.append("Sent", &format!("(\\Seen $Work) {date}"), NESTED).await;
    assert!(done.starts_with("OK [APPENDUID ") && done.contains(" 1] "), "{done}");
    session.ok("SELECT Sent").await;
    let fetched = session.ok("FETCH 1 (FLAGS INTERNALDATE RFC822.SIZE BODY.PEEK[])").await;
    let size = NESTED.len();
    let expected = format!(
        "* 1 FETCH (FLAGS (\\Seen \\Recent $Work) INTERNALDATE \"17-Jul-1996 09:44:25 +0000\" RFC822.SIZE {size} \
         BODY[] {{{size}}}\r\n{NESTED})"
    );
    assert_eq!(fetched, [expected]);
}

#[tokio::test]
async fn parts_of_a_message_are_fetched_exactly() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    session.append("INBOX", "", NESTED).await;
    session.ok("SELECT INBOX").await;
    for (section, expected) in [
        ("1", "sch=C3=B6n"),
        (
            "1.MIME",
            "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
        ),
        ("2.HEADER", "Subject: inner\r\n\r\n"),
        ("2.TEXT", "inner text"),
        ("HEADER.FIELDS (Subject)", "Subject: =?utf-8?q?L=C3=A4mmer?=\r\n\r\n"),
    ] {
        let fetched = session.ok(&format!("FETCH 1 BODY.PEEK[{section}]")).await;
        let told = fetched[0].split_once("}\r\n").unwrap().1;
        assert_eq!(told, format!("{expected})"), "{section}");
    }
    assert_eq!(session.ok("FETCH 1 BODY.PEEK[1]<4.3>").await, ["* 1 FETCH (BODY[1]<4> {3}\r\nC3=)"]);
    assert_eq!(session.ok("FETCH 1 BODY.PEEK[1]<400.3>").await, ["* 1 FETCH (BODY[1]<400> {0}\r\n)"]);
    assert_eq!(session.ok("FETCH 1 BODY.PEEK[3]").await, ["* 1 FETCH (BODY[3] NIL)"]);
    let told = session.ok("FETCH 1 (ENVELOPE BODYSTRUCTURE)").await;
    assert!(
        told[0].contains(r#"((("Carol" NIL "carol" "example.net"))"#)
            || told[0].contains(r#"(("Carol" NIL "carol" "example.net"))"#),
        "{told:?}"
    );
    assert!(told[0].contains(r#""message" "rfc822""#), "{told:?}");
}

#[tokio::test]
async fn reading_a_message_makes_it_seen_unless_one_only_peeks_or_examines() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    session.append("INBOX", "", NESTED).await;
    session.ok("EXAMINE INBOX").await;
    session.ok("FETCH 1 BODY[]").await;
    session.refused("STORE 1 +FLAGS (\\Seen)", "NO").await;
    session.ok("SELECT INBOX").await;
    session.ok("FETCH 1 BODY.PEEK[]").await;
    assert_eq!(session.ok("FETCH 1 FLAGS").await, ["* 1 FETCH (FLAGS (\\Recent))"]);
    let told = session.ok("FETCH 1 BODY[TEXT]").await;
    assert!(told.iter().any(|line| line.contains("FLAGS (\\Seen \\Recent)")), "{told:?}");
}

#[tokio::test]
async fn a_large_message_goes_in_and_comes_out_octet_for_octet() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    let message = format!("Subject: large\r\n\r\n{}", "0123456789abcdef\r\n".repeat(100_000));
    session.append("INBOX", "", &message).await;
    session.ok("SELECT INBOX").await;
    // Two bodies that stream in one response, and what stands behind them.
    let told = session.ok("UID FETCH 1 (BODY.PEEK[] BODY.PEEK[TEXT]<0.100000> FLAGS)").await;
    let expected = format!(
        "* 1 FETCH (UID 1 FLAGS (\\Recent) BODY[] {{{}}}\r\n{message} BODY[TEXT]<0> {{100000}}\r\n{})",
        message.len(),
        &message[18..100_018]
    );
    assert!(told[0] == expected, "{} octets, {} expected", told[0].len(), expected.len());
}

#[tokio::test]
async fn what_is_too_large_is_refused_before_it_is_sent() {
    let server = Running::start_with(|config| config.limits.max_message = 1000).await;
    let mut session = Imap::login(&server, ALICE).await;
    session.refused("APPEND INBOX {1001}", "NO [TOOBIG]").await;
    let done = session.append("INBOX", "", &"x".repeat(1001)).await;
    assert!(done.starts_with("NO [TOOBIG]"), "{done}");
    session.refused("APPEND nowhere {10}", "NO [TRYCREATE]").await;
    let done = session.append("INBOX", "", &"x".repeat(1000)).await;
    assert!(done.starts_with("OK"), "{done}");
}

#[tokio::test]
async fn flags_are_set_added_and_taken_away() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    for _ in 0..3 {
        session.append("INBOX", "", "Subject: x\r\n\r\n").await;
    }
    session.ok("SELECT INBOX").await;
    let told = session.ok("STORE 1:2 FLAGS (\\Flagged $Work)").await;
    assert_eq!(
        told[1..],
        [
            "* 1 FETCH (UID 1 FLAGS (\\Flagged \\Recent $Work))",
            "* 2 FETCH (UID 2 FLAGS (\\Flagged \\Recent $Work))"
        ]
    );
    assert_eq!(session.ok("STORE 1 -FLAGS (\\Flagged)").await, ["* 1 FETCH (UID 1 FLAGS (\\Recent $Work))"]);
    // What is so already is told all the same: it was asked for.
    assert_eq!(session.ok("STORE 1 +FLAGS ($Work)").await, ["* 1 FETCH (UID 1 FLAGS (\\Recent $Work))"]);
    assert!(session.ok("UID STORE 3 +FLAGS.SILENT (\\Deleted)").await.is_empty());
    session.refused("STORE 4 +FLAGS (\\Seen)", "BAD").await;
    assert!(session.ok("UID STORE 4 +FLAGS (\\Seen)").await.is_empty());
    assert_eq!(session.changes("EXPUNGE").await, ["* 3 EXPUNGE"]);
}

#[tokio::test]
async fn messages_are_copied_and_moved_with_their_flags() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    for subject in ["a", "b", "c"] {
        session.append("INBOX", "(\\Answered)", &format!("Subject: {subject}\r\n\r\n")).await;
    }
    session.ok("SELECT INBOX").await;
    session.refused("COPY 1 nowhere", "NO [TRYCREATE]").await;
    session.refused("MOVE 1 nowhere", "NO [TRYCREATE]").await;
    let done = session.say("COPY 1,3 Archive").await.done;
    assert!(done.starts_with("OK [COPYUID ") && done.contains(" 1,3 1:2]"), "{done}");
    let told = session.changes("MOVE 2:3 Archive").await;
    assert!(told[0].starts_with("* OK [COPYUID ") && told[0].contains(" 2:3 3:4]"), "{told:?}");
    assert_eq!(told[1..], ["* 3 EXPUNGE", "* 2 EXPUNGE"]);
    session.ok("SELECT Archive").await;
    let told = session.ok("FETCH 1:* (FLAGS BODY.PEEK[HEADER.FIELDS (SUBJECT)])").await;
    let subjects: Vec<&str> =
        told.iter().map(|line| &line[line.find("Subject: ").unwrap() + 9..][..1]).collect();
    assert_eq!(subjects, ["a", "c", "b", "c"]);
    assert!(told.iter().all(|line| line.contains("\\Answered")), "{told:?}");
}

#[tokio::test]
async fn close_removes_what_is_deleted_and_unselect_does_not() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    for _ in 0..3 {
        session.append("INBOX", "", "Subject: x\r\n\r\n").await;
    }
    session.ok("SELECT INBOX").await;
    session.ok("STORE 1,2 +FLAGS.SILENT (\\Deleted)").await;
    session.ok("UNSELECT").await;
    session.ok("SELECT INBOX").await;
    assert_eq!(session.changes("UID EXPUNGE 2:3").await, ["* 2 EXPUNGE"]);
    assert!(session.ok("CLOSE").await.is_empty());
    session.refused("FETCH 1 FLAGS", "BAD").await;
    assert_eq!(session.ok("STATUS INBOX (MESSAGES)").await, ["* STATUS INBOX (MESSAGES 1)"]);
}

#[tokio::test]
async fn what_came_by_smtp_is_the_same_by_imap_and_by_pop3() {
    let server = Running::start().await;
    let body = Bytes::from_static(b"Subject: dots\r\n\r\n.\r\n..\r\nx\r\n");
    let mut sender = Session::open(&server, Way::Smtp).await;
    sender.send(ALICE, &body).await;
    sender.quit().await;
    let by_pop3 = server.read_back(ALICE).await;
    let mut session = Imap::open(&server, "INBOX").await;
    let told = session.ok("FETCH 1 BODY.PEEK[]").await;
    assert!(told[0].ends_with(&format!("\r\n{})", String::from_utf8(by_pop3[0].clone()).unwrap())));
}

#[tokio::test]
async fn messages_of_all_sizes_are_told_whatever_was_told_before() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    let sizes = [12_000, 12_000, 12_000, 12_000, 12_000, 12_000, 60_000, 15_000, 200_000, 17_000, 15_000];
    for size in sizes {
        session.append("INBOX", "", &format!("Subject: y\r\n\r\n{}", "x".repeat(size))).await;
    }
    session.ok("SELECT INBOX").await;
    for (times, items) in
        [(1, "BODY.PEEK[]"), (4, "(BODY.PEEK[] BODY.PEEK[TEXT] BODY.PEEK[1] FLAGS BODY.PEEK[])")]
    {
        let told = session.ok(&format!("FETCH 1:* {items}")).await;
        assert_eq!(told.len(), sizes.len());
        for (response, size) in told.iter().zip(sizes) {
            let octets = response.bytes().filter(|octet| *octet == b'x').count();
            assert_eq!(octets, times * size, "{items}");
        }
    }
}

#[tokio::test]
async fn of_many_messages_that_are_appended_together_one_is_held_in_memory() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    let message = format!("Subject: y\r\n\r\n{}", "x".repeat(30_000));
    let head = format!("(\\Seen) {{{}+}}", message.len());
    session.begin(&format!("APPEND INBOX {{4+}}\r\none! {head}")).await;
    for _ in 0..19 {
        session.send(format!("{message} {head}\r\n")).await;
    }
    session.send(&message).await;
    let spool = server.data().join("spool");
    let spooled = || fs::read_dir(&spool).unwrap().map(|file| file.unwrap().metadata().unwrap().len());
    for _ in 0..1_000 {
        if spooled().count() == 20 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    assert_eq!(spooled().sum::<u64>(), 4 + 19 * message.len() as u64);
    session.send("\r\n").await;
    let done = session.answer().await.done;
    assert!(done.contains(" 1:21] "), "{done}");
    assert_eq!(spooled().count(), 0);
    session.ok("SELECT INBOX").await;
    let fetched = session.ok("FETCH 1,21 BODY.PEEK[]").await;
    assert!(fetched[0].contains("one!") && fetched[1].contains(&message));
}

#[tokio::test]
async fn a_message_of_any_date_is_told_and_found() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    for (date, told) in [
        ("31-Dec-9999 23:59:59 -1200", "31-Dec-9999 23:59:59 +0000"),
        (" 1-Jan-0000 00:00:00 +1200", " 1-Jan-0000 00:00:00 +0000"),
        ("31-Dec-1969 23:59:59 +0000", "31-Dec-1969 23:59:59 +0000"),
    ] {
        session.append("INBOX", &format!("\"{date}\""), "Subject: x\r\n\r\n").await;
        session.ok("SELECT INBOX").await;
        let fetched = session.ok("FETCH * INTERNALDATE").await;
        assert!(fetched[0].ends_with(&format!("(INTERNALDATE \"{told}\")")), "{fetched:?}");
    }
    assert_eq!(session.ok("SEARCH ALL").await, ["* SEARCH 1 2 3"]);
    assert_eq!(session.ok("SEARCH BEFORE 1-Jan-1970").await, ["* SEARCH 2 3"]);
}

#[tokio::test]
async fn body_tells_what_bodystructure_does_but_for_extension_data() {
    let server = Running::start().await;
    let mut session = Imap::login(&server, ALICE).await;
    session.append("INBOX", "", NESTED).await;
    session.ok("SELECT INBOX").await;
    let told = session.ok("FETCH 1 BODY").await;
    assert!(told[0].ends_with(" 10 0) 2) \"mixed\"))"), "{}", told[0]);
    let told = session.ok("FETCH 1 BODYSTRUCTURE").await;
    assert!(told[0].ends_with(" \"mixed\" (\"boundary\" \"b\") NIL NIL NIL))"), "{}", told[0]);
}

/// A literal that holds one is none (RFC 9051 section 4.3.1): clients end the session, or the text, there.
#[tokio::test]
async fn a_nul_is_never_told_in_a_literal_and_nothing_else_is_changed() {
    let server = Running::start().await;
    let mut lmtp = Session::open(&server, Way::Lmtp).await;
    let long = "0\0\x01\t\x7f89\r\n".repeat(5000);
    for text in ["a\0b\r\n", &long] {
        lmtp.send(ALICE, &Bytes::from(format!("Subject: n\0l\r\n\r\n{text}"))).await;
    }
    let mut session = Imap::open(&server, "INBOX").await;
    for (number, text) in [(1, "a\0b\r\n"), (2, &*long)] {
        for (section, octets) in
            [("TEXT", text.to_owned()), ("HEADER.FIELDS (SUBJECT)", "Subject: n\0l\r\n\r\n".to_owned())]
        {
            let told = session.ok(&format!("FETCH {number} BODY.PEEK[{section}]")).await;
            // What is told in its place is no UTF-8, and read as this.
            let expected = format!(" {{{}}}\r\n{})", octets.len(), octets.replace('\0', "\u{fffd}"));
            assert!(told[0].ends_with(&expected), "{section} of {number}");
        }
        let whole = session.ok(&format!("FETCH {number} BODY.PEEK[]")).await;
        assert!(whole[0].contains("Subject: n\u{fffd}l") && !whole[0].contains('\0'));
    }
}
