//! The sessions of RFC 3501 §8 and the examples of its §6, under every cut.
use crate::common::{Told, open_config, session};
use imap_proto::server::Welcome;

// covers rfc3501 6.4.6 adds
// covers rfc3501 6.3.1 exists-told
// covers rfc3501 6.3.1 flags-told
// covers rfc3501 6.3.1 permanentflags-told
// covers rfc3501 6.3.1 recent-told
// covers rfc3501 6.3.1 uidnext-told
// covers rfc3501 6.3.1 uidvalidity-told
// covers rfc3501 6.3.1 unseen-told
#[test]
fn the_sample_session_of_rfc_3501() {
    let log = session(
        &open_config(),
        r#"
        S: * OK [CAPABILITY {BEFORE}] IMAP4rev1 server ready
        C: a001 login mrc secret
        S: a001 OK [CAPABILITY {AFTER}] logged in
        C: a002 select inbox
        S: * 18 EXISTS
        S: * 2 RECENT
        S: * OK [UNSEEN 17] Message 17 is first unseen
        S: * OK [UIDVALIDITY 3857529045] UIDs valid
        S: * OK [UIDNEXT 4392] Predicted next UID
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Limited
        S: a002 OK [READ-WRITE] SELECT completed
        C: a003 fetch 12 full
        S: * 12 FETCH (FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286)
        S: a003 OK FETCH completed
        C: a004 fetch 12 body[header]
        S: * 12 FETCH (BODY[HEADER] {4}
        S: a: b)
        S: a004 OK FETCH completed
        C: a005 store 12 +flags \\deleted
        S: * 12 FETCH (FLAGS (\\Deleted \\Seen))
        S: a005 OK +FLAGS completed
        C: a006 logout
        S: * BYE logging out
        S: a006 OK LOGOUT completed
        "#,
        || {
            Told::new(&[
                (
                    "FETCH",
                    &[
                        r#"* 12 FETCH (FLAGS (\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286)"#,
                    ],
                    "",
                ),
                ("FETCH", &["* 12 FETCH (BODY[HEADER] {4}\r\na: b)"], ""),
                ("STORE", &[r"* 12 FETCH (FLAGS (\Seen \Deleted))"], "+FLAGS completed"),
            ])
        },
    );
    assert_eq!(
        log,
        [
            "login mrc secret",
            "select inbox ReadWrite closed None",
            "FETCH",
            "FETCH",
            "STORE",
            "logout",
            "closed"
        ]
    );
}

// covers rfc2971 3.1 id-of-nothing
// covers rfc2971 3.1 id-is-told
// covers rfc3501 3.4 closed-behind-logout
// covers rfc3501 3.4 logout-state
// covers rfc3501 6.1.3 bye-before-ok
#[test]
fn commands_of_any_state() {
    session(
        &open_config(),
        r#"
        S: * OK [CAPABILITY {BEFORE}] IMAP4rev1 server ready
        C: abcd CAPABILITY
        S: * CAPABILITY {BEFORE}
        S: abcd OK CAPABILITY completed
        C: a002 NOOP
        S: a002 OK NOOP completed
        C: a023 ID ("name" "sodr" "version" "19.34")
        S: * ID NIL
        S: a023 OK ID completed
        C: A023 LOGOUT
        S: * BYE logging out
        S: A023 OK LOGOUT completed
        "#,
        || Told::new(&[]),
    );
}

// covers rfc2342 5 namespace-is-told
// covers rfc3501 6.3.1 says-read-only
// covers rfc3501 6.3.2 examine-reads
// covers rfc3501 6.3.2 no-change
#[test]
fn commands_about_mailboxes() {
    session(
        &open_config(),
        r#"
        S: * PREAUTH [CAPABILITY {AFTER}] IMAP4rev1 server ready
        C: A003 CREATE owatagusiam/
        S: A003 OK CREATE completed
        C: A683 DELETE blurdybloop
        S: A683 NO [NONEXISTENT] no such mailbox
        C: A683 RENAME blurdybloop sarasoop
        S: A683 OK RENAME completed
        C: A002 SUBSCRIBE #news.comp.mail.mime
        S: A002 OK SUBSCRIBE completed
        C: A002 UNSUBSCRIBE #news.comp.mail.mime
        S: A002 OK UNSUBSCRIBE completed
        C: A101 LIST "" ""
        S: * LIST (\\Noselect) "/" ""
        S: A101 OK LIST completed
        C: A002 LSUB "news." "comp.mail.*"
        S: * LSUB () "." #news.comp.mail.mime
        S: A002 OK LSUB completed
        C: A042 STATUS blurdybloop (UIDNEXT MESSAGES)
        S: * STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)
        S: A042 OK STATUS completed
        C: A001 NAMESPACE
        S: * NAMESPACE (("" "/")) NIL NIL
        S: A001 OK NAMESPACE completed
        C: A932 EXAMINE blurdybloop
        S: * 18 EXISTS
        S: * 2 RECENT
        S: * OK [UNSEEN 17] Message 17 is first unseen
        S: * OK [UIDVALIDITY 3857529045] UIDs valid
        S: * OK [UIDNEXT 4392] Predicted next UID
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Limited
        S: A932 OK [READ-ONLY] EXAMINE completed
        C: A202 EXPUNGE
        S: A202 NO the mailbox is read-only
        C: A341 CLOSE
        S: A341 OK CLOSE completed
        C: A342 CHECK
        S: A342 BAD [CLIENTBUG] CHECK: no mailbox is selected
        "#,
        || {
            let mut host = Told::new(&[
                ("CREATE", &[], ""),
                ("DELETE", &[], "NO [NONEXISTENT] no such mailbox"),
                ("RENAME", &[], ""),
                ("SUBSCRIBE", &[], ""),
                ("UNSUBSCRIBE", &[], ""),
                ("LIST", &[r#"* LIST (\Noselect) "/" """#], ""),
                ("LSUB", &[r#"* LSUB () "." #news.comp.mail.mime"#], ""),
                ("STATUS", &["* STATUS blurdybloop (MESSAGES 231 UIDNEXT 44292)"], ""),
            ]);
            host.welcome = Welcome::PreAuth;
            host
        },
    );
}

/// What comes in front of the tests that need a mailbox.
pub(crate) const SELECTED: &str = r"
        S: * PREAUTH [CAPABILITY {AFTER}] IMAP4rev1 server ready
        C: s SELECT INBOX
        S: * 18 EXISTS
        S: * 2 RECENT
        S: * OK [UIDVALIDITY 3857529045] UIDs valid
        S: * OK [UIDNEXT 4392] Predicted next UID
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * OK [PERMANENTFLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft \\*)] Limited
        S: s OK [READ-WRITE] SELECT completed
";

pub(crate) fn in_mailbox(script: &str, answers: &[(&str, &[&str], &str)]) -> Vec<String> {
    session(&open_config(), &format!("{SELECTED}{script}"), || {
        let mut host = Told::new(answers);
        host.welcome = Welcome::PreAuth;
        host.unseen = None;
        host
    })
}

// covers rfc3501 6.4.7 copy-is-read
// covers rfc3501 9 date-without-quotes
#[test]
fn commands_about_messages() {
    in_mailbox(
        r"
        C: FXXZ CHECK
        S: FXXZ OK CHECK completed
        C: A202 EXPUNGE
        S: * 3 EXPUNGE
        S: * 3 EXPUNGE
        S: * 5 EXPUNGE
        S: * 8 EXPUNGE
        S: A202 OK EXPUNGE completed
        C: A003 UID EXPUNGE 3000:3002
        S: * 3 EXPUNGE
        S: A003 OK UID EXPUNGE completed
        C: A282 SEARCH FLAGGED SINCE 1-Feb-1994 NOT FROM Smith
        S: * SEARCH 2 84 882
        S: A282 OK SEARCH completed
        C: A999 UID FETCH 4827313:4828442 FLAGS
        S: * 23 FETCH (FLAGS (\\Seen) UID 4827313)
        S: A999 OK UID FETCH completed
        C: A003 STORE 2:4 +FLAGS (\\Deleted)
        S: * 2 FETCH (FLAGS (\\Deleted \\Seen))
        S: A003 OK STORE completed
        C: A003 COPY 2:4 MEETING
        S: A003 OK [COPYUID 38505 304,319:320 3956:3958] Done
        C: A004 UID COPY 2:4 nowhere
        S: A004 NO [TRYCREATE] no such mailbox
        C: A341 UNSELECT
        S: A341 OK UNSELECT completed
        ",
        &[
            ("CHECK", &[], ""),
            ("EXPUNGE", &["* 3 EXPUNGE", "* 3 EXPUNGE", "* 5 EXPUNGE", "* 8 EXPUNGE"], ""),
            ("UID EXPUNGE", &["* 3 EXPUNGE"], ""),
            ("SEARCH", &["* SEARCH 2 84 882"], ""),
            ("FETCH", &[r"* 23 FETCH (FLAGS (\Seen) UID 4827313)"], ""),
            ("STORE", &[r"* 2 FETCH (FLAGS (\Seen \Deleted))"], ""),
            ("COPY", &[], "[COPYUID 38505 304,319:320 3956:3958] Done"),
            ("COPY", &[], "NO [TRYCREATE] no such mailbox"),
        ],
    );
}

#[test]
fn a_select_that_fails_leaves_no_mailbox_selected() {
    let log = in_mailbox(
        r"
        C: a SELECT nothing
        S: a NO [NONEXISTENT] no such mailbox
        C: b FETCH 1 FLAGS
        S: b BAD [CLIENTBUG] FETCH: no mailbox is selected
        ",
        &[],
    );
    assert_eq!(
        log,
        ["select INBOX ReadWrite closed None", "select nothing ReadWrite closed Some(ReadWrite)"]
    );
}
