//! APPEND: small, large, refused, several, cut, broken.
use crate::common::{Driven, Told, open_config, session};
use crate::rfc::in_mailbox;
use imap_proto::{
    ProtocolError, ServerConfig, Text, Unit,
    response::{AppendUid, Capability, Code},
    server::{Completion, Event, Welcome},
};

fn multi_config() -> ServerConfig {
    let mut config = open_config();
    config.capabilities = config.capabilities.with(Capability::MultiAppend);
    config
}

fn preauth(config: &ServerConfig, script: &str, answers: &[(&str, &[&str], &str)]) -> Vec<String> {
    let after = if config.capabilities.has(Capability::MultiAppend) {
        "IMAP4rev1 SASL-IR LITERAL- IDLE ENABLE ID NAMESPACE UIDPLUS MOVE UNSELECT CHILDREN MULTIAPPEND"
    } else {
        crate::common::AFTER
    };
    let script = format!("S: * PREAUTH [CAPABILITY {after}] IMAP4rev1 server ready\n{script}");
    session(config, &script, || {
        let mut host = Told::new(answers);
        host.welcome = Welcome::PreAuth;
        host
    })
}

// covers rfc3501 6.3.11 asks-for-the-message
#[test]
fn the_message_of_rfc_3501() {
    let log = preauth(
        &open_config(),
        r#"
        C: A003 APPEND saved-messages (\\Seen) "17-Jul-1996 02:44:25 -0700" {47}
        S: + ready for message
        C: From: Fred Foobar <foobar@Blurdybloop.COM>\r\n\r\na
        S: A003 OK [APPENDUID 38505 3955] APPEND completed
        C: b NOOP
        S: b OK NOOP completed
        "#,
        &[("APPEND", &[], "[APPENDUID 38505 3955] APPEND completed")],
    );
    assert_eq!(
        log,
        [
            r#"append saved-messages (\Seen) true Text 47"#,
            r#"payload "From: Fred Foobar <foobar@Blurdybloop.COM>\r\n\r\na""#,
            "append end 1 47",
            "NOOP"
        ]
    );
}

#[test]
fn a_message_that_is_sent_without_waiting() {
    let log = preauth(
        &open_config(),
        r"
        C: a APPEND {5+}
        C: inbox {3+}
        C: abc
        C: b APPEND x {1+}
        C: y
        S: a OK APPEND completed
        S: b OK APPEND completed
        ",
        &[],
    );
    assert_eq!(
        log,
        [
            "append inbox () false Text 3",
            "payload \"abc\"",
            "append end 1 3",
            "append x () false Text 1",
            "payload \"y\"",
            "append end 1 1",
        ]
    );
}

#[test]
fn the_name_of_the_mailbox_may_be_a_literal_too() {
    let log = preauth(
        &open_config(),
        r"
        C: a APPEND {1}
        S: + ready for literal
        C: x (\\Flagged) {4}
        S: + ready for message
        C: {3}\n
        S: a OK APPEND completed
        ",
        &[],
    );
    assert_eq!(log[1], "payload \"{3}\\n\"");
}

// covers rfc3501 2.2.1 refused-before-its-literal
#[test]
fn a_message_that_is_refused_is_not_asked_for_or_swallowed() {
    let script = r"
        S: * PREAUTH [CAPABILITY {AFTER}] IMAP4rev1 server ready
        C: a APPEND x {3}
        S: a NO [OVERQUOTA] quota exceeded
        C: b APPEND x {9+}
        C: c LOGOUT\r\n (\\Seen) {3+}
        C: xyz
        S: b NO [OVERQUOTA] quota exceeded
        C: d NOOP
        S: d OK NOOP completed
        ";
    let log = session(&open_config(), script, || {
        let mut host = Told::new(&[]);
        host.welcome = Welcome::PreAuth;
        host.refuse_append = true;
        host
    });
    assert_eq!(log, ["append x () false Text 3", "append x () false Text 9", "NOOP"]);
}

#[test]
fn a_message_that_is_too_large_is_never_announced_to_the_host() {
    let mut config = open_config();
    config.limits.literal = 10;
    let log = preauth(
        &config,
        r"
        C: a APPEND x {11}
        S: a NO [TOOBIG] literal of 11 octets where 10 are allowed
        C: b APPEND x {12+}
        C: b LOGOUT\r\n..
        S: b NO [TOOBIG] literal of 12 octets where 10 are allowed
        C: c APPEND x {10+}
        C: 0123456789
        S: c OK APPEND completed
        ",
        &[],
    );
    assert_eq!(log, ["append x () false Text 10", "payload \"0123456789\"", "append end 1 10"]);
}

// covers rfc7888 5 too-big
#[test]
fn a_message_above_literal_minus_is_bad_and_too_big() {
    let mut driven = Driven::logged_in(open_config());
    driven.hear(&format!("a APPEND x {{4097+}}\r\n{}\r\n", "x".repeat(4097)));
    assert!(driven.needs_input());
    assert_eq!(
        driven.said(),
        "a BAD [TOOBIG] non-synchronising literal of 4097 octets where LITERAL- allows 4096\r\n"
    );
}

#[test]
fn several_messages_at_once() {
    let log = preauth(
        &multi_config(),
        r"
        C: a APPEND x (\\Seen) {3}
        S: + ready for message
        C: one (\\Draft) {3+}
        C: two {5}
        S: + ready for message
        C: three
        S: a OK [APPENDUID 1 2:4] done
        ",
        &[("APPEND", &[], "[APPENDUID 1 2:4] done")],
    );
    assert_eq!(
        log,
        [
            r"append x (\Seen) false Text 3",
            "payload \"one\"",
            "next message 3",
            "payload \"two\"",
            "next message 5",
            "payload \"three\"",
            "append end 3 11",
        ]
    );
}

// covers rfc3502 6.3.11 all-or-none
#[test]
fn an_append_that_breaks_behind_its_message_is_forgotten() {
    let log = preauth(
        &multi_config(),
        r"
        C: a APPEND x {3+}
        C: one junk
        S: a BAD expected a literal at octet 1, found 'j'
        C: b APPEND x {3+}
        C: one {0+}
        C:
        S: b NO a message of no octets
        C: c APPEND x {3+}
        C: one {99999999999}
        S: c NO [TOOBIG] literal of 99999999999 octets where 67108864 are allowed
        C: d APPEND x {3+}
        C: one\0
        S: d BAD NUL at octet 0
        C: e APPEND x {3+}
        C: one {5+}
        C: abcde)
        S: e BAD expected a space at octet 0, found ')'
        C: f NOOP
        S: f OK NOOP completed
        ",
        &[],
    );
    assert_eq!(log.iter().filter(|entry| *entry == "append aborted").count(), 5);
    assert_eq!(log.iter().filter(|entry| entry.starts_with("append end")).count(), 0);
}

#[test]
fn a_further_message_may_not_come_in_a_way_that_is_not_offered() {
    let mut driven = Driven::logged_in(multi_config());
    driven.hear("a APPEND x {3+}\r\none ~{3}\r\n");
    let Event::Append(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, ()).unwrap();
    assert!(matches!(driven.event(), Event::Payload(_)));
    assert!(matches!(driven.event(), Event::AppendAborted));
    assert!(driven.needs_input());
    assert_eq!(driven.said(), "a BAD BINARY is not offered\r\n");
}

// covers rfc3502 6.3.11 needs-multiappend
#[test]
fn several_messages_where_that_is_not_offered() {
    let log = preauth(
        &open_config(),
        r"
        C: a APPEND x {3+}
        C: one {3}
        S: a BAD several messages in one APPEND are not offered
        C: b APPEND x {3+}
        C: one {3+}
        C: two {3+}
        C: ten
        S: b BAD several messages in one APPEND are not offered
        C: c NOOP
        S: c OK NOOP completed
        ",
        &[],
    );
    let aborted = ["append x () false Text 3", "payload \"one\"", "append aborted"];
    assert_eq!(log[..3], aborted);
    assert_eq!(log[3..6], aborted);
    assert_eq!(log[6..], ["NOOP"]);
}

// covers rfc3502 6.3.11 no-empty-message
// covers rfc6855 4 needs-enable
#[test]
fn an_empty_message_is_none() {
    let log = preauth(
        &open_config(),
        r"
        C: a APPEND x {0}
        S: + ready for literal
        C:
        S: a NO a message of no octets
        C: b APPEND x ~{3}
        S: b BAD BINARY is not offered
        C: c APPEND x UTF8 (~{3}
        S: c BAD UTF8=ACCEPT is not enabled
        C: d APPEND x (\\Seen {3}
        S: d BAD expected a flag at octet 18, found '{'
        C: e APPEND x junk {3}
        S: e BAD expected a literal at octet 11, found 'j'
        C: f NOOP
        S: f OK NOOP completed
        ",
        &[],
    );
    assert_eq!(log, ["NOOP"]);
}

// covers rfc6855 4 utf8-is-read
#[test]
fn a_message_in_utf8_where_that_is_enabled() {
    let mut config = open_config();
    config.enable = config.enable.with(Capability::Utf8Accept);
    let log = preauth(
        &config,
        r"
        C: a ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: a OK ENABLE completed
        C: b APPEND x UTF8 (~{3+}
        C: \xc3\xa4\0)
        S: b OK APPEND completed
        C: c APPEND x UTF8 (~{3+}
        C: abc
        S: c BAD expected a closing parenthesis at octet 0, found the end
        ",
        &[],
    );
    assert_eq!(log[1..4], ["append x () false Utf8 3", r#"payload "\xc3\xa4\x00""#, "append end 1 3"]);
    assert_eq!(log.last().unwrap(), "append aborted");
}

// covers rfc5530 3 client-bug
#[test]
fn before_the_login_nothing_is_appended() {
    let mut driven = Driven::new(open_config());
    driven.hear("a APPEND x {3}\r\n");
    assert!(driven.needs_input());
    assert_eq!(driven.said(), "a BAD [CLIENTBUG] APPEND: log in first\r\n");
}

#[test]
fn a_message_that_is_cut_is_no_message() {
    let mut driven = Driven::logged_in(open_config());
    driven.hear("a APPEND x {6+}\r\nabc");
    let Event::Append(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, ()).unwrap();
    assert!(matches!(driven.event(), Event::Payload(octets) if octets == "abc"));
    assert!(driven.needs_input());
    let cut = ProtocolError::Cut { inside: Unit::Line };
    assert_eq!(driven.server.receive_eof(&driven.input), Err(cut));
}

#[test]
fn what_is_new_may_be_told_while_a_message_comes_but_no_expunge() {
    let mut driven = Driven::in_mailbox(open_config());
    driven.hear("a APPEND x {6+}\r\nabc");
    let Event::Append(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, ()).unwrap();
    driven.server.tell(crate::common::untagged("* 19 EXISTS")).unwrap();
    driven.server.tell(crate::common::untagged("* 1 EXPUNGE")).unwrap_err();
    assert!(matches!(driven.event(), Event::Payload(_)));
    driven.hear("def\r\n");
    assert!(matches!(driven.event(), Event::Payload(_)));
    let Event::AppendEnd(ask) = driven.event() else { panic!() };
    driven.server.tell(crate::common::untagged("* 1 EXPUNGE")).unwrap();
    let uids = AppendUid { uid_validity: 7, uids: "3".parse().unwrap() };
    let done = Completion::ok(Text::from_static("done")).with_code(Code::AppendUid(Box::new(uids)));
    driven.server.accept(ask, done).unwrap();
    assert_eq!(driven.said(), "* 19 EXISTS\r\n* 1 EXPUNGE\r\na OK [APPENDUID 7 3] done\r\n");
}

#[test]
fn pieces_of_a_message_are_slices_of_what_was_read() {
    let mut driven = Driven::logged_in(open_config());
    driven.hear("a APPEND x {1000+}\r\n");
    driven.hear(&"x".repeat(1000));
    let Event::Append(ask) = driven.event() else { panic!() };
    let at = driven.input.as_ptr();
    driven.server.accept(ask, ()).unwrap();
    let Event::Payload(octets) = driven.event() else { panic!() };
    assert_eq!((octets.as_ptr(), octets.len()), (at, 1000));
}

#[test]
fn a_message_into_the_selected_mailbox() {
    in_mailbox(
        r"
        C: a APPEND INBOX {2}
        S: + ready for message
        C: ab
        S: a OK APPEND completed
        ",
        &[],
    );
}

#[test]
fn messages_of_several_kinds_at_once() {
    let mut config = multi_config();
    config.enable = config.enable.with(Capability::Utf8Accept);
    let log = preauth(
        &config,
        r"
        C: a ENABLE UTF8=ACCEPT
        S: * ENABLED UTF8=ACCEPT
        S: a OK ENABLE completed
        C: b APPEND x {3+}
        C: one UTF8 (~{3+}
        C: two) {3+}
        C: ten
        S: b OK APPEND completed
        ",
        &[],
    );
    assert_eq!(log.last().unwrap(), "append end 3 9");
}

#[test]
fn an_empty_message_among_others_refuses_them_all() {
    let log = preauth(
        &multi_config(),
        r"
        C: a APPEND x {0+}
        C>  {3}\r\n
        S: a NO a message of no octets
        C: b APPEND x {3+}
        C: one {0+}
        C>  {3}\r\n
        S: b NO a message of no octets
        C: c NOOP
        S: c OK NOOP completed
        ",
        &[],
    );
    assert_eq!(log, ["append x () false Text 3", "payload \"one\"", "append aborted", "NOOP"]);
}
