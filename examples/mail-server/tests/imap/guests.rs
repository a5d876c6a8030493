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
