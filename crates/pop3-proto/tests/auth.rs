//! Exchanges of SASL, as the RFCs write them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod common;

use common::{Session, every_way, under_tls};

#[test]
fn auth_with_an_initial_response_as_rfc_5034_section_6() {
    let log = every_way(
        r"
        S: +OK POP3 server ready
        C: AUTH PLAIN AG1yb3NlAHRhbiBzdGFhZg==
        S: +OK maildrop has 2 messages (54 octets)
        ",
        || Session::new(under_tls()),
    );
    assert_eq!(log, [r#"auth PLAIN Some("\\x00mrose\\x00tan staaf")"#]);
}

// covers rfc5034 4 exchange-has-its-lines
// covers rfc5034 3 auth-lists
// covers rfc5034 4 challenge-sign
// covers rfc5034 4 challenge-base64
#[test]
fn auth_in_two_steps_and_with_challenges() {
    let log = every_way(
        r"
        S: +OK POP3 server ready
        C: AUTH
        S: +OK mechanisms follow
        S: PLAIN
        S: LOGIN
        S: .
        C: AUTH PLAIN
        S: +\x20
        C: AG1yb3NlAHdyb25n
        S: -ERR [AUTH] authentication failed
        C: auth login
        S: + VXNlcm5hbWU6
        C: bXJvc2U=
        S: + UGFzc3dvcmQ6
        C: dGFuIHN0YWFm
        S: +OK maildrop has 2 messages (54 octets)
        ",
        || Session::new(under_tls()),
    );
    let expected = [
        "auth PLAIN None",
        r"response \x00mrose\x00wrong",
        "auth LOGIN None",
        "response mrose",
        "response tan staaf",
    ];
    assert_eq!(log, expected);
}

// covers rfc5034 4 broken-line-fails
// covers rfc5034 4 cancel-is-told
// covers rfc5034 4 cancel-ends
// covers rfc5034 4 mechanism-not-offered
#[test]
fn an_exchange_that_is_cancelled_or_broken_is_over() {
    let log = every_way(
        r"
        S: +OK POP3 server ready
        C: USER mrose
        S: +OK send PASS
        C: AUTH PLAIN
        S: +\x20
        C: *
        S: -ERR authentication cancelled
        C: PASS tan staaf
        S: -ERR PASS may not stand in the state AUTHORIZATION
        C: AUTH PLAIN
        S: +\x20
        C: QUIT now
        S: -ERR not base64, or base64 without its padding
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C> AA\nAA\r\n
        S: -ERR bare LF at octet 2 of the line
        C: AUTH LOGIN =
        S: -ERR [AUTH] authentication failed
        C: AUTH LOGIN
        S: + VXNlcm5hbWU6
        C:
        S: -ERR [AUTH] authentication failed
        C: AUTH CRAM-MD5
        S: -ERR this mechanism is not offered
        ",
        || Session::new(under_tls()),
    );
    let expected = [
        "auth PLAIN None",
        "auth cancelled",
        "auth PLAIN None",
        "auth cancelled",
        "auth LOGIN None",
        "auth cancelled",
        r#"auth LOGIN Some("")"#,
        "auth LOGIN None",
        "response ",
    ];
    assert_eq!(log, expected);
}
