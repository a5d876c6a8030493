//! The sessions of the RFCs, under every cut.
use crate::common::*;
use imap_proto::{client::Event, *};

// covers rfc3501 2.2.1 new-tag
// covers rfc3501 7.1 unseen-code
// covers rfc3501 7.3.2 recent-is-read
#[test]
fn the_sample_connection_of_rfc_3501() {
    let log = scripted(
        r#"
        S: * OK IMAP4rev1 Service Ready
        C: A1 LOGIN mrc secret
        S: A1 OK LOGIN completed
        C: A2 SELECT INBOX
        S: * 18 EXISTS
        S: * FLAGS (\\Answered \\Flagged \\Deleted \\Seen \\Draft)
        S: * 2 RECENT
        S: * OK [UNSEEN 17] Message 17 is the first unseen message
        S: * OK [UIDVALIDITY 3857529045] UIDs valid
        S: A2 OK [READ-WRITE] SELECT completed
        C: A3 FETCH 12 FULL
        S: * 12 FETCH (FLAGS (\\Seen) INTERNALDATE "17-Jul-1996 02:44:25 -0700" RFC822.SIZE 4286 ENVELOPE ("Wed, 17 Jul 1996 02:23:25 -0700 (PDT)" "IMAP4rev1 WG mtg summary and minutes" (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) (("Terry Gray" NIL "gray" "cac.washington.edu")) ((NIL NIL "imap" "cac.washington.edu")) ((NIL NIL "minutes" "CNRI.Reston.VA.US")("John Klensin" NIL "KLENSIN" "MIT.EDU")) NIL NIL "<B27397-0100000@cac.washington.edu>") BODY ("TEXT" "PLAIN" ("CHARSET" "US-ASCII") NIL NIL "7BIT" 3028 92))
        S: A3 OK FETCH completed
        C: A4 FETCH 12 BODY[HEADER]
        S: * 12 FETCH (BODY[HEADER] {66}
        S: Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)
        S: MIME-Version: 1.0
        S:
        S: )
        S: A4 OK FETCH completed
        C: A5 STORE 12 +FLAGS (\\Deleted)
        S: * 12 FETCH (FLAGS (\\Seen \\Deleted))
        S: A5 OK +FLAGS completed
        C: A6 LOGOUT
        S: * BYE IMAP4rev1 server terminating connection
        S: A6 OK LOGOUT completed
        "#,
        &one_by_one(),
    );
    assert_eq!(log[0..3], ["greeting OK", "A1 OK", "18 exists"]);
    assert_eq!(log[4..8], ["2 recent", "OK Unseen(17)", "OK UidValidity(3857529045)", "A2 OK ReadWrite"]);
    assert!(log[8].starts_with("12 is ") && log[8].ends_with(", body"), "{}", log[8]);
    let header = r#""Date: Wed, 17 Jul 1996 02:23:25 -0700 (PDT)\r\nMIME-Version: 1.0\r\n\r\n""#;
    assert_eq!(log[9..11], ["A3 OK".to_owned(), format!("12 is HEADER {header}")]);
    assert_eq!(log[13..], ["A5 OK", "BYE", "A6 OK", "closed"]);
}

// covers rfc3501 6.3.11 flags-of-the-message
#[test]
fn the_literals_of_rfc_3501() {
    // A name and a password that wait, and a message that does.
    let log = scripted(
        r"
        S: * OK hi
        C: A1 LOGIN {11}
        S: + Ready for additional command text
        C> FRED F\xffOBAR
        C: \x20{7}
        S: + Ready for additional command text
        C: fat m\xe4n
        S: A1 OK LOGIN completed
        C: A2 APPEND saved-messages (\\Seen) {12}
        S: + Ready for literal data
        C: Hello Joe\r\n.
        S: A2 OK APPEND completed
        ",
        &one_by_one(),
    );
    assert_eq!(log, ["greeting OK", "A1 OK", "A2 OK"]);
}

// covers rfc3501 7.2.1 capability-is-read
// covers rfc4959 3 initial-response
// covers rfc9051 6.2.2 initial-response-is-built-in
#[test]
fn sasl_with_and_without_an_initial_response() {
    let log = scripted(
        r"
        S: * OK hi
        C: A1 CAPABILITY
        S: * CAPABILITY IMAP4rev1 SASL-IR AUTH=PLAIN AUTH=EXTERNAL
        S: A1 OK Completed
        C: A2 AUTHENTICATE PLAIN dGVzdAB0ZXN0AHRlc3Q=
        S: A2 NO wrong
        C: A3 AUTHENTICATE PLAIN
        S: +\x20
        C: dGVzdAB0ZXN0AHRlc3Q=
        S: A3 NO wrong
        C: A4 AUTHENTICATE EXTERNAL =
        S: A4 NO wrong
        C: A5 AUTHENTICATE EXTERNAL
        S: +\x20
        C:
        S: A5 NO wrong
        C: A6 AUTHENTICATE PLAIN
        S: + aGk=
        C: *
        S: A6 BAD cancelled
        C: A7 LOGOUT
        ",
        &one_by_one(),
    );
    assert_eq!(
        log[2..],
        [
            "A1 OK",
            "A2 NO",
            "A3 challenge ",
            "A3 NO",
            "A4 NO",
            "A5 challenge ",
            "A5 NO",
            "A6 challenge hi",
            "A6 BAD"
        ]
    );
}

#[test]
fn the_session_of_rfc_2177() {
    let log = scripted(
        r"
        S: * PREAUTH hi
        C: A1 SELECT INBOX
        S: * 3 EXISTS
        S: A1 OK SELECT completed
        C: A2 IDLE
        S: + idling
        S: * 4 EXISTS
        C: DONE
        S: A2 OK IDLE terminated
        C: A3 FETCH 4 FAST
        S: * 4 FETCH (FLAGS ())
        S: A3 OK FETCH completed
        C: A4 IDLE
        S: * 2 EXPUNGE
        S: * 3 EXISTS
        S: + idling
        S: * 3 EXPUNGE
        C: DONE
        S: * 2 EXISTS
        S: A4 OK IDLE terminated
        C: A5 FETCH 2 FAST
        S: * 2 FETCH (FLAGS ())
        S: A5 OK FETCH completed
        ",
        &one_by_one(),
    );
    assert_eq!(
        log[3..],
        [
            "A2 idling",
            "4 exists",
            "A2 OK",
            "4 is ()",
            "A3 OK",
            "2 expunged",
            "3 exists",
            "A4 idling",
            "3 expunged",
            "2 exists",
            "A4 OK",
            "2 is ()",
            "A5 OK"
        ]
    );
}

// covers rfc5161 3.2 enabled-is-kept
// covers rfc5161 3.2 enabled-is-read
#[test]
fn enabled_utf_8_changes_what_is_said_and_how_it_is_read() {
    let log = scripted(
        r#"
        S: * PREAUTH [CAPABILITY IMAP4rev1 ENABLE UTF8=ACCEPT] hi
        C: A1 CREATE Entw&APw-rfe
        S: A1 OK done
        C: A2 ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: A2 OK done
        C: A3 SELECT "Entwürfe"
        S: * 1 EXISTS
        S: * LIST () "/" "Entwürfe"
        S: A3 OK done
        "#
        .replace("Entwürfe", "Entw\\xc3\\xbcrfe")
        .as_str(),
        &one_by_one(),
    );
    assert!(log[5].contains("Entw"), "{log:#?}");
    assert_eq!(log[6], "A3 OK");
}

// covers rfc5161 3.1 nothing-unasked
#[test]
fn a_server_that_enables_nothing_changes_nothing() {
    let mut session = Session::authenticated(open(), "ENABLE UTF8=ACCEPT");
    session.sends(Command::Enable(Enable::new("UTF8=ACCEPT").unwrap()));
    session.sends(Command::Create(mailbox("ü")));
    assert_eq!(session.says(), "A1 ENABLE UTF8=ACCEPT\r\n");
    session.hears("* ENABLED\r\nA1 OK done\r\n");
    assert_eq!(session.says(), "A2 CREATE &APw-\r\n");
    // Nobody asked.
    session.hears("* ENABLED UTF8=ACCEPT\r\nA2 OK done\r\n");
    session.sends(Command::Create(mailbox("ü")));
    assert_eq!(session.says(), "A3 CREATE &APw-\r\n");
}

// covers rfc6855 3 no-charset
#[test]
fn a_search_names_no_charset_once_utf_8_is_enabled() {
    let search = |charset: Option<&'static str>| {
        let search = Search::new(Numbering::Uid, vec![SearchKey::Seen]);
        Command::Search(Box::new(match charset {
            Some(name) => search.with_charset(AString::new(name).unwrap()),
            None => search,
        }))
    };
    let mut session = Session::selected(open(), "ENABLE UTF8=ACCEPT", 3);
    session.sends(search(Some("UTF-8")));
    assert_eq!(session.says(), "A2 UID SEARCH CHARSET UTF-8 SEEN\r\n");

    let mut session = Session::authenticated(open(), "ENABLE UTF8=ACCEPT");
    session.sends(Command::Enable(Enable::new("UTF8=ACCEPT").unwrap()));
    session.says();
    session.hears("* ENABLED UTF8=ACCEPT\r\nA1 OK done\r\n");
    session.sends(Command::Select(MailboxName::INBOX));
    session.says();
    session.hears("* 3 EXISTS\r\nA2 OK done\r\n");
    let refused = session.client.send(search(Some("UTF-8"))).unwrap_err().refusal;
    assert_eq!(refused, client::SendRefusal::Unfit(Unfit::NamesCharset));
    session.sends(search(None));
    assert_eq!(session.says(), "A3 UID SEARCH SEEN\r\n");
}

// covers rfc3501 6.2.3 capabilities-lapse
// covers rfc3501 7.1 capability-code
// covers rfc3501 7.1 codes-of-answers
// covers rfc3501 7.2.1 capability-is-kept
#[test]
fn capabilities_lapse_with_a_login_unless_they_are_told_anew() {
    for (answer, known) in [
        ("A1 OK done\r\n", false),
        ("A1 OK [CAPABILITY IMAP4rev1 MOVE] done\r\n", true),
        ("* CAPABILITY IMAP4rev1 MOVE\r\nA1 OK done\r\n", true),
        ("A1 NO wrong\r\n", true),
    ] {
        let mut session = Session::greeted(open(), "MOVE");
        session.sends(Command::Login(Login::new("a", "b").unwrap()));
        session.says();
        session.hears(answer);
        assert_eq!(session.client.capabilities().is_some(), known, "{answer}");
        let mut session = Session::greeted(open(), "MOVE AUTH=PLAIN");
        session.sends(Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial: None }));
        session.says();
        session.hears("+ \r\n");
        session.client.respond(&sasl::Response::Data(Secret::copy_from(b"\0a\0b"))).unwrap();
        session.says();
        session.hears(answer);
        assert_eq!(session.client.capabilities().is_some(), known, "AUTHENTICATE: {answer}");
    }
}

// covers rfc3501 3 nothing-out-of-state
// covers rfc3501 6.3.1 failed-select
#[test]
fn a_command_behind_one_that_failed_is_not_sent_where_it_makes_no_sense() {
    let mut session = Session::authenticated(open(), "");
    session.sends(Command::Select(mailbox("nowhere")));
    let fetch = session.sends(fetch(Numbering::Sequence, &[1]));
    session.sends(Command::Noop);
    assert_eq!(session.says(), "A1 SELECT nowhere\r\n");
    let log = session.hears("A1 NO no such mailbox\r\n");
    assert_eq!(log, ["A1 NO".to_owned(), format!("{fetch} never sent")]);
    assert_eq!(session.says(), "A3 NOOP\r\n");
    assert!(session.client.mailbox().is_none());
}

#[test]
fn bye_ends_a_session_once_what_was_asked_is_answered() {
    let mut session = Session::greeted(open(), "");
    session.sends(Command::Login(Login::new("a", "b").unwrap()));
    session.says();
    assert_eq!(session.hears("* BYE too many failures\r\n"), ["BYE"]);
    let refused = session.client.send(Command::Noop).unwrap_err();
    assert_eq!(refused.to_string(), "not sent: the session is over");
    assert_eq!(session.hears("A1 NO wrong\r\n"), ["A1 NO"]);
    assert!(matches!(session.client.receive(&mut session.input), Ok(Step::Closed)));
}

// covers rfc3501 6.1.3 over-when-answered
// covers rfc3501 7.1 greeting-is-a-status
#[test]
fn a_session_is_over_when_logout_is_answered_with_bye_or_without() {
    for bye in ["* BYE see you\r\n", ""] {
        let mut session = Session::authenticated(open(), "");
        session.sends(Command::Logout);
        session.says();
        session.hears(bye);
        assert_eq!(session.hears("A1 OK done\r\n"), ["A1 OK"]);
        assert!(matches!(session.client.receive(&mut session.input), Ok(Step::Closed)), "{bye}");
    }
}

#[test]
fn what_was_on_its_way_when_a_session_ended_is_told() {
    let mut session = Session::authenticated(open(), "");
    session.sends(Command::Select(MailboxName::INBOX));
    session.sends(Command::Noop);
    session.says();
    let error = session.client.receive_eof(&session.input).unwrap_err();
    assert_eq!(error.to_string(), "connection closed inside a session whose commands are not all answered");
    assert_eq!(session.happens(), ["A1 unanswered", "A2 never sent"]);
    assert!(matches!(session.client.receive(&mut session.input), Ok(Step::Closed)));
}

#[test]
fn the_end_of_a_connection_is_clean_behind_bye_and_where_nothing_is_awaited() {
    for (said, clean) in [
        ("", false),
        ("* OK hi\r\n", true),
        ("* OK hi\r\n* BYE timeout\r\n", true),
        ("* OK hi\r\n* 1 EXI", false),
        ("* OK hi\r\n* 1 FETCH (BODY[] {3}\r\nab", false),
        ("* BYE no\r\n", true),
    ] {
        let mut session = Session::new(open());
        session.hears(said);
        assert_eq!(session.client.receive_eof(&session.input).is_ok(), clean, "{said}");
    }
    let mut session = Session::greeted(open(), "");
    session.sends(Command::Logout);
    session.says();
    session.hears("* BYE see you\r\n");
    session.client.receive_eof(&session.input).unwrap();
    assert_eq!(session.happens(), ["A1 unanswered"]);
}

// covers rfc3501 7 tagged-is-a-completion
#[test]
fn a_response_that_waits_behind_the_end_of_a_connection_is_still_told() {
    let mut session = Session::greeted(open(), "");
    session.sends(Command::Noop);
    session.says();
    session.input.extend_from_slice(b"A1 OK done\r\n");
    session.client.receive_eof(&session.input).unwrap();
    assert_eq!(session.happens(), ["A1 OK"]);
}

// covers rfc2177 3 done-before-logout
// covers rfc3501 3.4 says-logout
#[test]
fn a_host_that_closes_says_logout_where_it_may() {
    let mut session = Session::selected(open(), "", 1);
    session.client.close(Reason::Shutdown);
    assert_eq!(session.says(), "A2 LOGOUT\r\n");
    let mut session = Session::selected(open(), "IDLE", 1);
    session.sends(Command::Idle);
    session.says();
    session.hears("+ idling\r\n");
    session.client.close(Reason::Timeout);
    assert_eq!(session.says(), "DONE\r\nA3 LOGOUT\r\n");
    // DONE is said once.
    let mut session = Session::selected(open(), "IDLE", 1);
    session.sends(Command::Idle);
    session.says();
    session.hears("+ idling\r\n");
    session.client.done().unwrap();
    session.client.close(Reason::Timeout);
    assert_eq!(session.says(), "DONE\r\nA3 LOGOUT\r\n");
    // In the middle of an exchange it would be read as a part of that.
    let mut session = Session::greeted(open(), "AUTH=PLAIN");
    let authenticate = Authenticate { mechanism: Mechanism::PLAIN, initial: None };
    session.sends(Command::Authenticate(authenticate));
    session.says();
    session.client.close(Reason::Shutdown);
    assert_eq!(session.says(), "");
}

#[test]
fn patience_starts_anew_with_each_response_and_knows_what_it_waits_for() {
    let mut session = Session::new(open());
    let timeouts = Timeouts::default();
    assert_eq!(session.client.patience().limit, timeouts.greeting);
    session.hears("* PREAUTH hi\r\n");
    assert_eq!(session.client.patience().limit, timeouts.silence);
    session.sends(Command::Noop);
    let before = session.client.patience();
    assert_eq!(before.limit, timeouts.command);
    session.says();
    session.hears("* 1 EXI");
    assert_eq!(session.client.patience(), before);
    session.hears("STS\r\n");
    assert_ne!(session.client.patience().period, before.period);
    session.hears("A1 OK done\r\n");
    session.sends(Command::Idle);
    session.says();
    session.hears("+ idling\r\n");
    assert_eq!(session.client.patience().limit, timeouts.silence);
}

// covers rfc3501 7.1.5 greeted-by-bye
#[test]
fn a_greeting_of_bye_ends_the_session() {
    let mut session = Session::new(open());
    assert_eq!(session.hears("* BYE full\r\n"), ["greeting BYE"]);
    assert!(matches!(session.client.receive(&mut session.input), Ok(Step::Closed)));
}

#[test]
fn what_comes_before_the_greeting_ends_the_session() {
    for said in ["* 1 EXISTS\r\n", "A1 OK hi\r\n", "+ go\r\n", "* 1 FETCH (BODY[] {100000}\r\n", "hello\r\n"]
    {
        for config in [open(), lenient()] {
            let mut session = Session::new(config);
            let log = session.hears(said);
            assert!(log.len() == 1 && log[0].starts_with("error: bad response"), "{said}: {log:?}");
        }
    }
}

#[test]
fn tokens_of_another_session_come_back() {
    let mut one = Session::authenticated(open(), "LITERAL+");
    let mut other = Session::authenticated(open(), "LITERAL+");
    for session in [&mut one, &mut other] {
        let append = Append::new(MailboxName::INBOX, streams(3));
        session.sends(Command::Append(Box::new(append)));
    }
    let upload = |session: &mut Session| match session.events().pop() {
        Some(Ok(Event::Upload { upload, .. })) => upload,
        other => panic!("{other:?}"),
    };
    let (mut upload, _other) = (upload(&mut one), upload(&mut other));
    let stale = other.client.write(&mut upload, "abc".into()).unwrap_err();
    assert!(matches!(stale, WriteError::Stale { .. }));
    let Err(FinishError::Stale(Stale(mut upload))) = other.client.finish(upload) else { panic!() };
    one.client.write(&mut upload, "abc".into()).unwrap();
    one.client.finish(upload).unwrap();
    assert_eq!(one.says(), "A1 APPEND INBOX {3+}\r\nabc\r\n");
}

// covers rfc3501 7.1.5 nothing-behind-bye
#[test]
fn behind_bye_no_exchange_goes_on_and_nothing_new_is_said() {
    let authenticate = || Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial: None });
    for (command, said, answer) in [
        (authenticate(), "+ \r\n", "A1 NO"),
        (Command::StartTls, "", "A1 OK"),
        (Command::Compress, "", "A1 OK"),
    ] {
        let mut session = Session::greeted(open(), "AUTH=PLAIN STARTTLS COMPRESS=DEFLATE");
        session.sends(command);
        session.says();
        let told = session.hears(&format!("* BYE enough\r\n{said}{answer} done\r\n"));
        assert_eq!((&told[0][..], &told.last().unwrap()[..]), ("BYE", answer));
        assert!(session.client.cancel().is_err());
        assert!(matches!(session.client.receive(&mut session.input), Ok(Step::Closed)));
        assert!(session.client.send(Command::Noop).is_err());
        assert_eq!(session.says(), "");
    }
    let mut session = Session::authenticated(open(), "IDLE");
    session.sends(Command::Idle);
    session.says();
    assert_eq!(session.hears("* BYE enough\r\n+ idling\r\n"), ["BYE", "continuation"]);
}
