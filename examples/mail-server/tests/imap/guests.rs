//! Who reads without a name.
use super::{
    ALICE,
    support::{Running, imap::Imap},
};
use mail_server::server::Service;

#[tokio::test]
async fn a_guest_reads_and_changes_nothing() {
    let server = Running::start_with(|config| config.auth.anonymous = Some(ALICE.into())).await;
    let mut owner = Imap::login(&server, ALICE).await;
    owner.append("INBOX", "", "Subject: for all\r\n\r\nHello.\r\n").await;
    let commits = server.store.commits();

    let mut guest = Imap::connect(&server, Service::Imaps).await;
    guest.ok("AUTHENTICATE ANONYMOUS c2lyaGM=").await;
    assert!(guest.ok("LIST \"\" *").await.iter().any(|line| line.ends_with(" INBOX")));
    for command in [
        "CREATE new",
        "DELETE Sent",
        "RENAME Sent Old",
        "SUBSCRIBE new",
        "UNSUBSCRIBE Sent",
        "APPEND INBOX {1+}\r\nx",
    ] {
        guest.refused(command, "NO [NOPERM]").await;
    }
    for (command, is_changing) in [("SELECT INBOX", true), ("EXAMINE INBOX", false)] {
        let answer = guest.say(command).await;
        assert!(answer.done.starts_with("OK [READ-ONLY]"), "{command}: {}", answer.done);
        assert!(answer.untagged.iter().any(|line| line.starts_with("* OK [PERMANENTFLAGS ()]")), "{command}");
        let read = guest.ok("FETCH 1 (FLAGS BODY[])").await;
        assert_eq!(read, ["* 1 FETCH (FLAGS (\\Recent) BODY[] {28}\r\nSubject: for all\r\n\r\nHello.\r\n)"]);
        guest.refused("COPY 1 Sent", "NO [NOPERM]").await;
        // The machine says so itself of a mailbox that is read-only.
        for command in ["STORE 1 +FLAGS (\\Deleted)", "EXPUNGE", "UID EXPUNGE 1", "MOVE 1 Sent"] {
            guest.refused(command, "NO").await;
        }
        guest.ok(if is_changing { "CLOSE" } else { "UNSELECT" }).await;
    }
    assert_eq!(server.store.commits(), commits);
    // What is new is still so to its owner.
    let told = owner.ok("SELECT INBOX").await;
    assert!(told.contains(&"* 1 RECENT".to_owned()), "{told:?}");
}

#[tokio::test]
async fn a_guest_that_closes_a_folder_removes_nothing() {
    let server = Running::start_with(|config| config.auth.anonymous = Some(ALICE.into())).await;
    let mut owner = Imap::login(&server, ALICE).await;
    for flags in ["", "(\\Deleted)"] {
        owner.append("INBOX", flags, "Subject: for all\r\n\r\nHello.\r\n").await;
    }
    // What is kept of a message, whoever asks for it first.
    owner.ok("EXAMINE INBOX").await;
    owner.ok("FETCH 1:* BODYSTRUCTURE").await;
    let commits = server.store.commits();
    let mut guest = Imap::connect(&server, Service::Imaps).await;
    guest.ok("AUTHENTICATE ANONYMOUS c2lyaGM=").await;
    for end in ["CLOSE", "UNSELECT", "EXAMINE Sent", "LOGOUT"] {
        let told = guest.ok("SELECT INBOX").await;
        assert!(told.contains(&"* 2 EXISTS".to_owned()), "{told:?}");
        for command in [
            "UID STORE 1:* FLAGS ()",
            "UID COPY 1 INBOX",
            "UID MOVE 1 Sent",
            "COPY 1 INBOX",
            "APPEND INBOX {3}",
            "APPEND INBOX {1+}\r\nx {1+}\r\ny",
            "RENAME INBOX Old",
        ] {
            guest.refused(command, "NO").await;
        }
        guest.ok("FETCH 1:* (RFC822 RFC822.TEXT BODY[TEXT])").await;
        guest.ok("SEARCH UNSEEN DELETED").await;
        guest.ok("NOOP").await;
        guest.ok("CHECK").await;
        guest.ok("STATUS Sent (RECENT UNSEEN)").await;
        guest.ok(end).await;
    }
    assert_eq!(server.store.commits(), commits);
    let told = owner.ok("SELECT INBOX").await;
    assert!(told.contains(&"* 2 RECENT".to_owned()), "{told:?}");
}
