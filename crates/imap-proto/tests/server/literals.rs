//! Literals of all forms: asked for, not asked for, too large, refused.
use crate::common::{Driven, Told, open_config, session};
use crate::rfc::in_mailbox;
use imap_proto::{CleartextLogin, ProtocolError, ServerConfig, Step, response::Capability};

// covers rfc3501 4.3 word-is-due
// covers rfc3501 2.2.1 asks-for-literals
#[test]
fn a_client_that_waits_is_told_to_go_on() {
    let log = session(
        &open_config(),
        r"
        S: * OK [CAPABILITY {BEFORE}] IMAP4rev1 server ready
        C: A001 LOGIN {11}
        S: + ready for literal
        C: FRED FOOBAR {6}
        S: + ready for literal
        C: secret
        S: A001 OK [CAPABILITY {AFTER}] logged in
        ",
        || Told::new(&[]),
    );
    assert_eq!(log, ["login FRED FOOBAR secret"]);
}

// covers rfc7888 3 plus-does-not-wait
#[test]
fn a_client_that_does_not_wait_need_not() {
    let log = session(
        &open_config(),
        r"
        S: * OK [CAPABILITY {BEFORE}] IMAP4rev1 server ready
        C: A001 LOGIN {11+}
        C: FRED FOOBAR {6+}
        C: secret
        S: A001 OK [CAPABILITY {AFTER}] logged in
        C: a CREATE {11+}
        C: a\r\nb LOGOUT
        S: a OK CREATE completed
        C: b NOOP
        S: b OK NOOP completed
        ",
        || Told::new(&[]),
    );
    assert_eq!(log[0], "login FRED FOOBAR secret");
}

// covers rfc3501 6.3.3 create-is-read
// covers rfc3501 6.3.5 rename-is-read
#[test]
fn literals_of_mailbox_names_and_search_keys() {
    let log = in_mailbox(
        r"
        C: a CREATE {3}
        S: + ready for literal
        C: foo
        S: a OK CREATE completed
        C: b SEARCH SUBJECT {4+}
        C: a)\x20(
        S: b OK SEARCH completed
        C: c RENAME {1+}
        C: a {1}
        S: + ready for literal
        C: b
        S: c OK RENAME completed
        C: d CREATE {0}
        S: + ready for literal
        C:
        S: d OK CREATE completed
        ",
        &[],
    );
    assert_eq!(log[1..], ["CREATE", "SEARCH", "RENAME", "CREATE"]);
}

// covers rfc3501 11.2 no-password-in-clear
// covers rfc3501 6.2.3 says-logindisabled
#[test]
fn a_password_that_may_not_be_said_in_clear_is_not_asked_for() {
    let mut config = open_config();
    config.cleartext = CleartextLogin::Refuse;
    let log = session(
        &config,
        r"
        S: * OK [CAPABILITY IMAP4rev1 LOGINDISABLED SASL-IR LITERAL- IDLE ENABLE ID NAMESPACE UIDPLUS MOVE UNSELECT CHILDREN] IMAP4rev1 server ready
        C: a LOGIN {3}
        S: a NO [PRIVACYREQUIRED] no login in clear
        C: b LOGIN tim {6}
        S: b NO [PRIVACYREQUIRED] no login in clear
        C: c AUTHENTICATE PLAIN
        S: c NO [PRIVACYREQUIRED] no login in clear
        C: d LOGIN {3+}
        C: tim {6+}
        C: secret
        S: d NO [PRIVACYREQUIRED] no login in clear
        C: e NOOP
        S: e OK NOOP completed
        ",
        || Told::new(&[]),
    );
    assert_eq!(log, ["NOOP"]);
}

// covers rfc5530 3 privacy-required
#[test]
fn no_password_is_asked_for_because_a_command_before_had_a_literal() {
    let mut config = open_config();
    config.cleartext = CleartextLogin::Refuse;
    let mut driven = Driven::new(config);
    driven.hear("a ID (\"name\" {3+}\r\nfoo)\r\nb LOGIN tim {6}\r\n");
    assert!(matches!(driven.step(), Step::Event(imap_proto::server::Event::ClientId(_))));
    assert!(matches!(driven.step(), Step::NeedInput { .. }));
    assert!(driven.said().ends_with("b NO [PRIVACYREQUIRED] no login in clear\r\n"));
}

// covers rfc7888 5 minus-has-4096
#[test]
fn above_4096_octets_literal_minus_is_refused_and_swallowed() {
    let script = format!(
        r"
        S: * OK [CAPABILITY {{BEFORE}}] IMAP4rev1 server ready
        C: a LOGIN tim {{5000+}}
        C: {}{{2+}}
        C: b LOGOUT
        S: a BAD [TOOBIG] non-synchronising literal of 5000 octets where LITERAL- allows 4096
        C: c NOOP
        S: c OK NOOP completed
        ",
        "x".repeat(5000)
    );
    let script = test_support::Script::parse(&script.replace("{BEFORE}", crate::common::BEFORE));
    for cuts in [test_support::Cuts::Whole, test_support::Cuts::Every(7), test_support::Cuts::Every(1000)] {
        let server = imap_proto::server::Server::new(open_config());
        let log = test_support::run(&script, test_support::Who::Server, cuts, (server, Told::new(&[])));
        assert_eq!(log, ["NOOP"], "{cuts}");
    }
}

#[test]
fn without_the_capability_no_client_may_skip_the_wait() {
    let mut config = open_config();
    config.capabilities = config.capabilities.without(Capability::LiteralMinus);
    let mut driven = Driven::new(config);
    driven.hear("a LOGIN {3+}\r\ntim secret\r\nb NOOP\r\n");
    assert!(matches!(driven.event(), imap_proto::server::Event::Noop(_)));
    assert_eq!(driven.said(), "a BAD non-synchronising literal where none is taken\r\n");
}

#[test]
fn literal_plus_has_no_bound_of_its_own() {
    let mut config = open_config();
    config.capabilities = config.capabilities.with(Capability::LiteralPlus);
    config.limits.inline = 10_000;
    let mut driven = Driven::logged_in(config);
    driven.hear(&format!("a CREATE {{9000+}}\r\n{}\r\n", "x".repeat(9000)));
    let imap_proto::server::Event::Create(ask) = driven.event() else { panic!() };
    assert_eq!(ask.mailbox.to_str_lossy().len(), 9000);
}

#[test]
fn a_literal_that_is_too_large_is_not_asked_for() {
    in_mailbox(
        r"
        C: a CREATE {4097}
        S: a NO [TOOBIG] literal of 4097 octets where 4096 are allowed
        C: b SEARCH SUBJECT {99999999999999999999}
        S: b NO [TOOBIG] literal of 18446744073709551615 octets where 67108864 are allowed
        C: c NOOP
        S: c OK NOOP completed
        ",
        &[],
    );
}

// covers rfc3501 3 wrong-state
#[test]
fn what_may_not_stand_is_refused_at_its_first_literal() {
    in_mailbox(
        r"
        C: a LOGIN {3}
        S: a BAD [CLIENTBUG] LOGIN: already logged in
        C: b XYZZY {3}
        S: b BAD unknown command
        C: {3}
        S: * BAD expected a tag and a command
        C: c UID XYZZY {3}
        S: c BAD unknown command
        ",
        &[],
    );
}

// covers rfc3501 4.3 literal-too-early
// covers rfc3501 6.5 unknown-is-bad
// covers rfc7888 4 literal-limit
#[test]
fn octets_behind_a_literal_that_is_refused_are_never_commands() {
    for (said, octets) in [
        ("a LOGIN {9}\r\n", "b LOGOUT\r\n"),
        ("a XYZZY {9}\r\n", "x"),
        ("a APPEND INBOX {99999999999}\r\n", "b LOGOUT\r\n"),
        ("a CREATE {5000}\r\n", "\r\nb DELETE INBOX\r\n"),
        ("a CREATE {3+}\r\nabc{5000}\r\n", "\r\nb DELETE INBOX\r\n"),
        (&format!("a CREATE {}{{3}}\r\n", "x".repeat(70_000)), "b DELETE INBOX\r\n"),
    ] {
        let mut driven = Driven::logged_in(open_config());
        driven.hear(said);
        driven.hear(octets);
        assert_eq!(
            driven.server.receive(&mut driven.input).unwrap_err(),
            ProtocolError::EarlyLiteral,
            "{said}"
        );
        assert_eq!(driven.said(), "* BYE a literal came that was not asked for\r\n");
        assert!(matches!(driven.step(), Step::Closed));
    }
}

#[test]
fn octets_that_came_while_the_host_thought_are_never_commands() {
    let mut driven = Driven::logged_in(open_config());
    driven.hear("a APPEND INBOX {310}\r\n");
    let imap_proto::server::Event::Append(ask) = driven.event() else { panic!() };
    driven.hear("b DELETE INBOX\r\n");
    driven.server.reject(ask, imap_proto::server::Rejection::OVER_QUOTA).unwrap();
    assert_eq!(driven.server.receive(&mut driven.input).unwrap_err(), ProtocolError::EarlyLiteral);
}

#[test]
fn a_client_that_says_an_accepted_literal_too_early_is_taken_at_its_word() {
    let mut driven = Driven::new(open_config());
    driven.hear("a LOGIN {3}\r\ntim {6}\r\nsecret\r\n");
    let imap_proto::server::Event::Login(ask) = driven.event() else { panic!() };
    assert_eq!(ask.password.as_bytes(), b"secret");
    assert_eq!(driven.said(), "+ ready for literal\r\n+ ready for literal\r\n");
    driven.server.accept(ask, ()).unwrap();
}

#[test]
fn a_literal_without_end_ends_the_session() {
    let mut driven = Driven::logged_in(ServerConfig::default());
    driven.hear("a CREATE {18446744073709551615+}\r\n");
    let error = driven.server.receive(&mut driven.input).unwrap_err();
    assert!(matches!(error, ProtocolError::Endless(_)), "{error}");
    assert_eq!(driven.said(), "* BYE refused unit longer than the 67108864 octets that are swallowed\r\n");
}
