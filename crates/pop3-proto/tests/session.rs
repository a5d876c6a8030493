//! Whole sessions, as the RFCs write them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod common;

use common::{Session, every_way, under_tls};
use pop3_proto::{CleartextLogin, Offer, Security, ServerConfig};

fn with_stls() -> ServerConfig {
    let mut config = under_tls();
    config.security = Security::Clear;
    config.stls = Offer::Yes;
    config
}

// covers rfc1939 5 stat-counts
// covers rfc1939 6 quit-removes
// covers rfc1939 4 greeting
// covers rfc1939 5 retr-ok
// covers rfc1939 5 list-ok
// covers rfc1939 6 quit-ok
// covers rfc1939 5 list-each
#[test]
fn the_session_of_rfc_1939_section_10() {
    let log = every_way(
        r"
        S: +OK POP3 server ready
        C: USER mrose
        S: +OK send PASS
        C: PASS tan staaf
        S: +OK maildrop has 2 messages (54 octets)
        C: STAT
        S: +OK 2 54
        C: LIST
        S: +OK 2 messages (54 octets)
        S: 1 29
        S: 2 25
        S: .
        C: RETR 1
        S: +OK 29 octets
        S: Subject: one
        S:
        S: ..
        S: ...x
        S: end
        S: .
        C: DELE 1
        S: +OK message 1 deleted
        C: RETR 2
        S: +OK 25 octets
        S: Subject: two
        S:
        S: 1
        S: 2
        S: 3
        S: .
        C: DELE 2
        S: +OK message 2 deleted
        C: QUIT
        S: +OK goodbye
        ",
        || Session::new(under_tls()),
    );
    assert_eq!(log, ["login mrose tan staaf", "dele 1", "dele 2", "remove [1, 2]", "closed"]);
}

// covers rfc1939 5 stat-counts
// covers rfc1939 5 rset-unmarks
// covers rfc1939 5 no-such-message
// covers rfc1939 5 list-one
// covers rfc1939 7 uidl-one
// covers rfc1939 7 uidl-ok
// covers rfc1939 5 dele-marks
// covers rfc1939 5 list-skips-deleted
// covers rfc1939 7 uidl-each
// covers rfc1939 5 deleted-is-gone
#[test]
fn deleted_messages_are_gone_from_every_answer_until_rset() {
    let log = every_way(
        r"
        S: +OK POP3 server ready
        C: USER mrose
        S: +OK send PASS
        C: PASS tan staaf
        S: +OK maildrop has 2 messages (54 octets)
        C: DELE 1
        S: +OK message 1 deleted
        C: DELE 1
        S: -ERR message 1 already deleted
        C: STAT
        S: +OK 1 25
        C: LIST
        S: +OK 1 message (25 octets)
        S: 2 25
        S: .
        C: UIDL
        S: +OK unique-id listing follows
        S: 2 id-2
        S: .
        C: LIST 1
        S: -ERR message 1 already deleted
        C: UIDL 1
        S: -ERR message 1 already deleted
        C: RETR 1
        S: -ERR message 1 already deleted
        C: TOP 1 0
        S: -ERR message 1 already deleted
        C: RSET
        S: +OK no message is marked deleted
        C: LIST 1
        S: +OK 1 29
        C: UIDL 1
        S: +OK 1 id-1
        C: STAT
        S: +OK 2 54
        C: QUIT
        S: +OK goodbye
        ",
        || Session::new(under_tls()),
    );
    assert_eq!(log, ["login mrose tan staaf", "dele 1", "reset", "remove []", "closed"]);
}

// covers rfc1939 5 no-such-message
// covers rfc1939 7 top-ok
#[test]
fn top_gives_the_header_and_as_many_lines_as_asked() {
    every_way(
        r"
        S: +OK POP3 server ready
        C: USER mrose
        S: +OK send PASS
        C: PASS tan staaf
        S: +OK maildrop has 2 messages (54 octets)
        C: TOP 2 0
        S: +OK top of message follows
        S: Subject: two
        S:
        S: .
        C: TOP 1 2
        S: +OK top of message follows
        S: Subject: one
        S:
        S: ..
        S: ...x
        S: .
        C: TOP 2 18446744073709551615
        S: +OK top of message follows
        S: Subject: two
        S:
        S: 1
        S: 2
        S: 3
        S: .
        C: TOP 2 18446744073709551616
        S: -ERR expected a number below 2^64 at octet 6, found '1'
        C: TOP 100 3
        S: -ERR no such message, only 2 messages in maildrop
        ",
        || Session::new(under_tls()),
    );
}

// covers rfc1939 7 failed-pass-begins-anew
// covers rfc1939 5 noop-ok
// covers rfc1939 4 failed-login-told
#[test]
fn a_login_that_fails_may_be_tried_again() {
    let log = every_way(
        r"
        S: +OK POP3 server ready
        C: PASS first
        S: -ERR PASS may not stand in the state AUTHORIZATION
        C: USER nobody
        S: +OK send PASS
        C: PASS x
        S: -ERR [AUTH] authentication failed
        C: PASS tan staaf
        S: -ERR PASS may not stand in the state AUTHORIZATION
        C: USER mrose
        S: +OK send PASS
        C: RETR 1
        S: -ERR RETR may not stand in the state AUTHORIZATION
        C: pass tan staaf
        S: +OK maildrop has 2 messages (54 octets)
        C: USER mrose
        S: -ERR USER may not stand in the state TRANSACTION
        C: AUTH PLAIN
        S: -ERR AUTH may not stand in the state TRANSACTION
        C: STLS
        S: -ERR STLS may not stand in the state TRANSACTION
        C: NOOP
        S: +OK
        ",
        || Session::new(under_tls()),
    );
    assert_eq!(log, ["login nobody x", "login mrose tan staaf"]);
}

// covers rfc1939 4 quit-before-login
#[test]
fn quit_before_a_login_removes_nothing() {
    let script = r"
        S: +OK POP3 server ready
        C: QUIT
        S: +OK goodbye
        ";
    assert_eq!(every_way(script, || Session::new(under_tls())), ["closed"]);
}

// covers rfc1939 6 not-removed-told
#[test]
fn what_could_not_be_removed_is_told() {
    let log = every_way(
        r"
        S: +OK POP3 server ready
        C: USER mrose
        S: +OK send PASS
        C: PASS tan staaf
        S: +OK maildrop has 2 messages (54 octets)
        C: DELE 2
        S: +OK message 2 deleted
        C: QUIT
        S: -ERR some deleted messages not removed
        ",
        || {
            let mut session = Session::new(under_tls());
            session.stuck = true;
            session
        },
    );
    assert_eq!(log, ["login mrose tan staaf", "dele 2", "remove [2]", "closed"]);
}

// covers rfc2595 4 stls-under-tls
// covers rfc2595 2.3 no-cleartext-login
// covers rfc2595 4 tls-is-known
// covers rfc2595 4 stls-ok
#[test]
fn nobody_logs_in_before_stls_and_all_is_forgotten_behind_it() {
    let log = every_way(
        r"
        S: +OK POP3 server ready
        C: USER mrose
        S: -ERR [SYS/PERM] no login in clear, say STLS first
        C: PASS tan staaf
        S: -ERR [SYS/PERM] no login in clear, say STLS first
        C: AUTH PLAIN AG1yb3NlAHRhbiBzdGFhZg==
        S: -ERR [SYS/PERM] no login in clear, say STLS first
        C: AUTH
        S: -ERR [SYS/PERM] no login in clear, say STLS first
        C: CAPA
        S: +OK capability list follows
        S: TOP
        S: UIDL
        S: RESP-CODES
        S: PIPELINING
        S: STLS
        S: .
        C: STLS
        S: +OK begin TLS
        --- TLS ---
        C: STLS
        S: -ERR TLS is active already
        C: CAPA
        S: +OK capability list follows
        S: TOP
        S: UIDL
        S: RESP-CODES
        S: PIPELINING
        S: USER
        S: SASL PLAIN LOGIN
        S: .
        C: AUTH PLAIN AG1yb3NlAHRhbiBzdGFhZg==
        S: +OK maildrop has 2 messages (54 octets)
        ",
        || Session::new(with_stls()),
    );
    assert_eq!(log, ["upgraded", r#"auth PLAIN Some("\\x00mrose\\x00tan staaf")"#]);
}

// covers rfc2595 4 authorization-behind-tls
#[test]
fn a_name_said_in_clear_is_forgotten_behind_stls() {
    let script = r"
        S: +OK POP3 server ready
        C: USER mrose
        S: +OK send PASS
        C: STLS
        S: +OK begin TLS
        --- TLS ---
        C: PASS tan staaf
        S: -ERR PASS may not stand in the state AUTHORIZATION
        ";
    let log = every_way(script, || {
        let mut config = with_stls();
        config.cleartext = CleartextLogin::Allow;
        Session::new(config)
    });
    assert_eq!(log, ["upgraded"]);
}

// covers rfc2595 4 stls-not-offered
// covers rfc2449 6.2 user-not-offered
// covers rfc5034 4 auth-not-offered
// covers rfc1939 7 apop-not-offered
// covers rfc6856 2 utf8-not-offered
// covers rfc6856 3 lang-not-offered
#[test]
fn what_is_not_offered_is_refused() {
    every_way(
        r"
        S: +OK POP3 server ready
        C: STLS
        S: -ERR STLS is not offered
        C: USER mrose
        S: -ERR USER is not offered
        C: AUTH PLAIN
        S: -ERR AUTH is not offered
        C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
        S: -ERR APOP is not offered
        C: UTF8
        S: -ERR UTF8 is not offered
        C: LANG
        S: -ERR LANG is not offered
        C: LAST
        S: -ERR unknown command
        C: XTND XMIT
        S: -ERR unknown command
        ",
        || {
            let mut config = ServerConfig::default();
            config.user = Offer::No;
            Session::new(config)
        },
    );
}

#[test]
fn broken_lines_are_swallowed_to_their_end_and_never_read_as_commands() {
    let log = every_way(
        r"
        S: +OK POP3 server ready
        C> USER a\nQUIT\nQUIT\r\n
        S: -ERR bare LF at octet 6 of the line
        C> NOOP\rQUIT\r\n
        S: -ERR bare CR at octet 4 of the line
        C> QU\0IT\r\n
        S: -ERR NUL at octet 2 of the line
        C> aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\nQUIT\r\r\n
        S: -ERR line longer than 32 octets
        C:
        S: -ERR expected a keyword at octet 0, found the end
        C: \xffUIT
        S: -ERR expected a keyword at octet 0, found '\\xff'
        C: USER mrose
        S: +OK send PASS
        ",
        || {
            let mut config = under_tls();
            config.max_line = 32;
            Session::new(config)
        },
    );
    assert!(log.is_empty());
}

#[test]
fn commands_may_be_said_before_the_greeting_is_out() {
    let mut session = Session::new(under_tls());
    let said = "USER mrose\r\nPASS tan staaf\r\nSTAT\r\nDELE 2\r\nQUIT\r\nRETR 1\r\n";
    assert_eq!(
        session.exchange(said),
        "+OK POP3 server ready\r\n+OK send PASS\r\n+OK maildrop has 2 messages (54 octets)\r\n+OK 2 54\r\n\
         +OK message 2 deleted\r\n+OK goodbye\r\n"
    );
    assert_eq!(session.outcome.log, ["login mrose tan staaf", "dele 2", "remove [2]", "closed"]);
}
