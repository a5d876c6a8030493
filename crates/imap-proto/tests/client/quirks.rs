//! What real servers send.
use crate::common::*;
use imap_proto::*;

/// What a lenient client is told, and that a strict one ends the session.
fn tolerated(mut at: impl FnMut(ClientConfig) -> Session, said: &str) -> Vec<String> {
    let mut strict = at(open());
    let log = strict.hears(said);
    assert!(log.iter().any(|entry| entry.starts_with("error: ")), "strict takes {said:?}: {log:?}");
    let mut session = at(lenient());
    let log = session.hears(said);
    assert!(!session.tolerated.is_empty(), "{said:?} is no deviation: {log:?}");
    log
}

fn asks_noop(config: ClientConfig) -> Session {
    let mut session = Session::selected(config, "", 3);
    session.sends(Command::Noop);
    session.says();
    session
}

#[test]
fn a_plus_with_nothing_behind_it() {
    let idles = |config| {
        let mut session = Session::selected(config, "IDLE", 3);
        session.sends(Command::Idle);
        session.says();
        session
    };
    assert_eq!(tolerated(idles, "+\r\n"), ["A2 idling"]);
    let logs_in = |config| {
        let mut session = Session::greeted(config, "AUTH=PLAIN");
        session.sends(Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial: None }));
        session.says();
        session
    };
    assert_eq!(tolerated(logs_in, "+\r\n"), ["A1 challenge "]);
    assert_eq!(tolerated(logs_in, "+aGk=\r\n"), ["A1 challenge hi"]);
    let creates = |config| {
        let mut session = Session::authenticated(config, "");
        session.sends(Command::Append(Box::new(Append::new(MailboxName::INBOX, message("abc")))));
        session.says();
        session
    };
    let mut session = creates(lenient());
    assert_eq!(session.hears("+\r\n"), Vec::<String>::new());
    assert_eq!(session.says(), "abc\r\n");
}

// covers rfc7162 3.1.2.1 highestmodseq-code
#[test]
fn an_answer_without_text() {
    assert_eq!(tolerated(asks_noop, "A2 OK\r\n"), ["A2 OK"]);
    let log = tolerated(asks_noop, "* OK [HIGHESTMODSEQ 123]\r\n");
    assert_eq!(log, ["OK HighestModSeq(123)"]);
}

#[test]
fn lines_that_end_in_lf_alone() {
    let log = tolerated(asks_noop, "* 4 EXISTS\n* 1 FETCH (BODY[] {3}\nabc)\nA2 OK done\n");
    assert_eq!(log, ["4 exists", "1 is  \"abc\"", "A2 OK"]);
}

#[test]
fn what_a_mail_holds_in_a_quoted_string() {
    let log = tolerated(
        asks_noop,
        "* 1 FETCH (ENVELOPE (NIL \"a\r b\" NIL NIL NIL NIL NIL NIL NIL \"<a@b>\") UID 7)\r\n",
    );
    assert_eq!(log, ["1 is envelope of <a@b>, UID 7"]);
}

#[test]
fn a_quoted_string_over_several_lines() {
    let envelope = |subject: &str| {
        format!("* 1 FETCH (UID 7 ENVELOPE (NIL \"{subject}\" NIL NIL NIL NIL NIL NIL NIL \"<a@b>\"))\r\n")
    };
    let mut session = asks_noop(lenient());
    for subject in ["a\r\n b", "a\r\n\r\n b \\\" \r\n c", "a\r\n* b"] {
        let log = session.hears(&envelope(subject));
        if subject.contains('*') {
            // That cannot be told from the start of a response.
            assert!(log.len() == 2 && log.iter().all(|entry| entry.contains("nvalid")), "{log:?}");
        } else {
            assert_eq!(log, ["1 is UID 7, envelope of <a@b>"], "{subject:?}");
            assert!(session.tolerated.contains(&DeviationKind::LineBreakInQuoted));
        }
    }
    // A mark that was never to be closed costs its own response alone.
    let log = session.hears("* 1 FETCH (UID 7 X-FOO \"abc\r\nA2 OK done\r\n");
    assert!(log[0].starts_with("1 is UID 7") && log[1] == "A2 OK", "{log:?}");
    let mut strict = asks_noop(open());
    assert!(strict.hears(&envelope("a\r\n b"))[0].starts_with("error: bad response"));
}

#[test]
fn a_literal_announced_with_a_wrong_length() {
    // By one or two more or less: the message is what was announced, and the session goes on.
    for octets in 3..=6 {
        for bodies in [Bodies::Inline(100), Bodies::AlwaysStream] {
            let mut session = asks_noop(ClientConfig { bodies, ..lenient() });
            let log =
                session.hears(&format!("* 1 FETCH (UID 7 BODY[] {{{octets}}}\r\nabcd)\r\nA2 OK done\r\n"));
            assert!(!log.iter().any(|entry| entry.starts_with("error")), "{octets} {bodies:?}: {log:#?}");
            assert!(log[0].contains("UID 7"), "{octets} {bodies:?}: {log:#?}");
            assert_eq!(log.last().unwrap(), "A2 OK", "{octets} {bodies:?}: {log:#?}");
        }
    }
}

// covers rfc4315 3 copyuid-code
#[test]
fn a_code_without_its_ok() {
    let log = tolerated(asks_noop, "[COPYUID 124 10 233]\r\nA2 OK done\r\n");
    assert!(log[0].starts_with("OK CopyUid") && log[1] == "A2 OK", "{log:?}");
}

#[test]
fn junk_between_responses_is_given_up() {
    for junk in [
        "hello\r\n",
        "* \r\n",
        "\r\n",
        "* 5\r\n",
        "* 1 FETCH UID 7\r\n",
        "B7 HUH what\r\n",
        "* 1 FETCH (UID\r\n",
    ] {
        let log = tolerated(asks_noop, junk);
        assert!(
            log.len() == 1 && (log[0].starts_with("invalid") || log[0].contains("is ")),
            "{junk:?}: {log:?}"
        );
        let mut session = asks_noop(lenient());
        let log = session.hears(&format!("{junk}A2 OK done\r\n"));
        assert_eq!(log.last().unwrap(), "A2 OK");
    }
}

#[test]
fn an_answer_that_cannot_be_read_is_not_given_up() {
    // Its command would wait for ever.
    for junk in ["A2 HUH what\r\n", "A2\r\n", "A2 OK \0\r\n"] {
        let config = ClientConfig {
            leniency: Leniency::LENIENT.without(DeviationKind::LineBreakInQuoted),
            ..lenient()
        };
        let mut session = asks_noop(config);
        let log = session.hears(junk);
        assert!(log[0].starts_with("error: bad response"), "{junk:?}: {log:?}");
    }
}

#[test]
fn what_was_seen_of_servers_ends_no_session_and_loses_no_response() {
    let body = |text: &str| format!("* 1 FETCH (BODYSTRUCTURE {text})\r\n");
    let envelope = |text: &str| format!("* 1 FETCH (ENVELOPE {text} UID 7)\r\n");
    let seen = [
        "* STATUS INBOX ()\r\n".to_owned(),
        "* SEARCH 1 2 3 \r\n".into(),
        "* ID (\"name\" \"x\" )\r\n".into(),
        "* ID (\"name\" \"Imap\")+\r\n".into(),
        "* 1 FETCH (UID 7 FLAGS (\\Seen)  RFC822.SIZE 10)\r\n".into(),
        "* FLAGS (\\Answered \\Flagged \\*)\r\n".into(),
        "* FLAGS (\\Seen OIB-Seen-[Google Mail]/Alle Nachrichten)\r\n".into(),
        "* OK [PERMANENTFLAGS (\\Seen \\* )] ok\r\n".into(),
        "* 1 FETCH (MODSEQ (-1))\r\n".into(),
        "* OK [UIDNEXT 0] x\r\n".into(),
        body("(\"text\" \"plain\" NIL NIL NIL \"7bit\" 10 1 NIL \"inline\" NIL NIL)"),
        body("((NIL NIL NIL NIL NIL \"7BIT\" 563 NIL NIL NIL NIL) \"mixed\" (\"boundary\" \"b\") NIL NIL)"),
        body("(\"TEXT\" \"HTML\"\" NIL NIL NIL \"8bit\" 74 2)"),
        envelope("(NIL \"s\" ((\"A\" NIL \"a\" \"b.c\")) NIL NIL () () NIL NIL \"<m@b.c>\")"),
        "* LIST (\\HasNoChildren) \"/\" INBOX/Da\tOggetto\r\n".into(),
        "* LIST (\\Noselect) \"/\" NIL\r\n".into(),
        "* LIST () \"/\" \"Entw\u{fc}rfe\"\r\n".into(),
        "* NOOP\r\n".into(),
        "* QUOTA \"\" (STORAGE 54  111)\r\n".into(),
        "* 1 FETCH (RFC822.SIZE 5000000000)\r\n".into(),
        "* CAPABILITY IMAP4rev1 LITERAL + IDLE\r\n".into(),
        "* 1 FETCH (INTERNALDATE \"4-Jan-2015 16:53:35 +0800\")\r\n".into(),
        "* STATUS {5}\r\nabc d (MESSAGES 1)\r\n".into(),
        "* 1 FETCH (BODY[HEADER.FIELDS (\"FROM\")] \"x\")\r\n".into(),
        "A2 OK [Error=\"Foo: bar\" Proxy=X:1993:SSL Service=Imap4] completed.\r\n".into(),
    ];
    for bodies in [Bodies::AlwaysStream, Bodies::Inline(1000)] {
        let mut session = asks_noop(ClientConfig { bodies, ..lenient() });
        let log = session.hears(&seen.concat());
        assert_eq!(log.len(), seen.len(), "{log:#?}");
        for (said, told) in seen.iter().zip(&log) {
            assert!(!told.starts_with("invalid") && !told.contains("Invalid"), "{said:?}: {told}");
        }
        assert!(log.last().unwrap().starts_with("A2 OK"));
    }
}

#[test]
fn what_is_valid_and_unknown_passes_without_a_word() {
    for said in [
        "* XFOO (a {3}\r\nb c)\r\n",
        "* 5 XBAR\r\n",
        "* OK [XCODE a b] text {5}\r\n",
        "* 1 FETCH (X-FOO (a))\r\n",
    ] {
        for config in [open(), lenient()] {
            let mut session = asks_noop(config);
            let log = session.hears(said);
            assert!(log.len() == 1 && !log[0].starts_with("invalid"), "{said:?}: {log:?}");
            assert_eq!(session.tolerated, []);
        }
    }
}

#[test]
fn numbers_that_mean_nothing_change_nothing() {
    for said in ["* 0 FETCH (FLAGS ())\r\n", "* 0 EXPUNGE\r\n"] {
        let mut session = asks_noop(lenient());
        assert_eq!(session.hears(said).len(), 1);
        assert_eq!(session.client.mailbox().unwrap().messages(), 3);
    }
}
