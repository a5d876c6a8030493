//! The server machine against sessions that read like the RFCs, under every cut.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;

use common::{auth, chunking, config, lmtp, server_host, submission};
use smtp_proto::{server::Server, *};
use test_support::{Script, run_server};

fn log(script: &str, config: impl Fn() -> ServerConfig) -> Vec<String> {
    run_server(&Script::load(script), || (Server::new(config()), server_host()))
}

fn inline(script: &str, config: impl Fn() -> ServerConfig) -> Vec<String> {
    run_server(&Script::parse(script), || (Server::new(config()), server_host()))
}

// covers rfc5321 4.1.1.2 mail
// covers rfc5321 4.1.1.3 rcpt
// covers rfc5321 4.1.1.4 data
// covers rfc5321 4.1.1.10 quit-221
// covers rfc5321 4.1.1.10 quit-closes
// covers rfc1870 3 size-offered
// covers rfc2034 3 enhanced-codes-offered
// covers rfc5321 4.3.1 greets-first
// covers rfc5321 3.3 mail-begins
// covers rfc2920 3.2 data-needs-recipients
// covers rfc5321 4.1.1.4 data-354
// covers rfc1870 5 octets-counted
// covers rfc6152 2 8bitmime-offered
// covers rfc5321 2.4 8bitmime-offered
// covers rfc5321 4.1.1.1 help-offered
#[test]
fn a_typical_transaction() {
    assert_eq!(
        log("smtp/typical.txt", config),
        [
            "hello Esmtp bar.com",
            "mail <Smith@bar.com>",
            "rcpt <Jones@foo.com>",
            "rcpt <Green@foo.com>",
            "rcpt <Brown@foo.com>",
            r#"payload "Blah blah blah...\r\n.etc. etc. etc.\r\n""#,
            "message of 36 octets for 2",
            "Quit",
            "closed"
        ]
    );
}

// covers rfc5321 4.1.1.5 rset-250
#[test]
fn a_transaction_that_is_given_up() {
    let log = log("smtp/aborted.txt", config);
    assert_eq!(log[4..], ["Reset", "Quit", "closed"]);
}

// covers rfc5321 4.1.1.1 helo
// covers rfc5321 7.3 vrfy-252
// covers rfc5321 3.5.3 vrfy-not-250
#[test]
fn helo_null_sender_postmaster_and_an_empty_message() {
    let log = log("smtp/helo.txt", config);
    assert_eq!(
        log,
        [
            "hello Smtp bar.com",
            "mail <>",
            "rcpt <Postmaster>",
            "payload \"\"",
            "message of 0 octets for 1",
            "Quit",
            "closed"
        ]
    );
}

// covers rfc2920 3.2 pipelining-offered
#[test]
fn groups_of_commands() {
    let log = log("smtp/pipelining.txt", config);
    assert_eq!(log[5..], [r#"payload "Hello.\r\n""#, "message of 8 octets for 2", "Quit", "closed"]);
}

// covers rfc3207 4 starttls
// covers rfc4954 3 auth-offered
// covers rfc3207 4 nothing-but-tls
// covers rfc3207 4 starttls-220
// covers rfc3207 4.2 not-offered-twice
// covers rfc4954 4 encryption-first
#[test]
fn starttls_then_login() {
    let log = log("smtp/starttls.txt", submission);
    let expected = [
        "hello Esmtp mail.example.com",
        "upgraded",
        "hello Esmtp mail.example.com",
        "logged in",
        "mail <test@example.com>",
        "rcpt <b@example.net>",
        "Quit",
        "closed",
    ];
    assert_eq!(log, expected);
}

// covers rfc4954 4 auth
// covers rfc4954 4 challenge-334
// covers rfc4954 6 success-235
#[test]
fn login_by_steps() {
    let log = log("smtp/auth-login.txt", auth);
    assert_eq!(log[1..], ["wrong password", "logged in", "Quit", "closed"]);
}

// covers rfc4954 4 may-try-again
// covers rfc4954 4 cancelled
// covers rfc4954 4 cancelled-501
#[test]
fn login_given_up() {
    let log = log("smtp/auth-plain-cancel.txt", auth);
    assert_eq!(log[1..], ["cancelled", "logged in", "Quit", "closed"]);
}

// covers rfc2033 5 pipelining-offered
// covers rfc2033 5 8bitmime-offered
// covers rfc2033 5 enhanced-codes-offered
#[test]
fn lmtp_answers_for_each_recipient() {
    log("smtp/lmtp.txt", lmtp);
}

// covers rfc6531 3.1 8bitmime-offered
// covers rfc6531 3.1 smtputf8-offered
// covers rfc6531 3.4 smtputf8-of-the-transaction
#[test]
fn utf8_addresses() {
    let log = log("smtp/smtputf8.txt", config);
    assert_eq!(log[1..3], ["mail <dömi@example.com>", "rcpt <姚@例子.example>"]);
}

// covers rfc5321 4.3.2 syntax-error-501
// covers rfc5321 4.1.4 out-of-order-503
// covers rfc5321 3.3 rcpt-before-mail-503
// covers rfc3207 3 starttls-not-offered
// covers rfc5321 4.2.4 auth-502
// covers rfc5321 4.1.4 bad-mail-keeps-state
// covers rfc5321 4.1.1.11 mail-parameter-555
// covers rfc6152 3 binarymime-555
// covers rfc1870 6.1 declared-size-552
// covers rfc6531 3.5 utf8-sender-553
// covers rfc5321 4.5.3.1.10 too-many-recipients-452
// covers rfc5321 4.1.1.11 rcpt-parameter-555
// covers rfc6531 3.5 utf8-recipient-553
// covers rfc2033 4.2 data-needs-a-recipient
// covers rfc5321 2.3.8 crlf-alone
// covers rfc5321 4.2.4 unknown-500
#[test]
fn what_a_client_may_not_say() {
    log("smtp/refusals.txt", config);
}

// covers rfc3030 2 last-chunk
#[test]
fn a_message_of_one_chunk() {
    let log = log("smtp/chunking.txt", chunking);
    assert_eq!(
        log[3..],
        [
            "chunk of 86 octets",
            r#"payload "To: Susan@random.com\r\nFrom: Sam@random.com\r\nSubject: This is a bodyless test message\r\n""#,
            "message of 86 octets for 1",
            "Quit",
            "closed"
        ]
    );
}

// covers rfc3030 2 octets-counted
// covers rfc3030 2 chunk-250
#[test]
fn octets_that_are_no_lines_come_in_chunks() {
    let log = log("smtp/binarymime.txt", chunking);
    assert_eq!(
        log[4..7],
        [
            "chunk of 27 octets",
            r#"payload "Subject: x\r\n\r\n\x00\n.\n\r.\r\n.\r\n\xff\rQUIT\n""#,
            "message of 32 octets for 2"
        ]
    );
}

/// The greeting and EHLO of the scripts that follow.
const HELLO: &str = "
    S: 220 mx.example.net ESMTP
    C: HELO c.example
    S: 250 mx.example.net
";

const ENVELOPE: &str = "
    C: MAIL FROM:<a@example.com>
    S: 250 2.1.0 sender ok
    C: RCPT TO:<b@example.net>
    S: 250 2.1.5 recipient ok
    C: DATA
    S: 354 end with a line that holds a dot
";

// covers rfc5321 4.1.1.4 failure-reply
// covers rfc1870 6.3 actual-size
// covers rfc5321 4.5.3.1.9 rest-drained
#[test]
fn a_message_that_is_too_long_is_drained_to_its_end() {
    let long = "C: 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF\n".repeat(25);
    let script = format!(
        "{HELLO}{ENVELOPE}{long}C: QUIT\nC: .\nS: 552 5.3.4 message longer than 1000 octets\n\
         C: NOOP\nS: 250 2.0.0 ok\n"
    );
    let log = inline(&script, config);
    assert_eq!(log.last().map(String::as_str), Some("discarded: message longer than 1000 octets"));
}

// covers rfc5321 4.1.1.4 bare-lf-refused
#[test]
fn a_bare_line_feed_refuses_the_message_and_ends_nothing() {
    let script = format!(
        "{HELLO}{ENVELOPE}
        C> one\\n.\\nMAIL FROM:<evil@example.com>\\r\\n.\\r\\n
        S: 554 5.6.0 bare LF at octet 3 of the payload
        C: NOOP
        S: 250 2.0.0 ok"
    );
    let log = inline(&script, config);
    assert_eq!(
        log.last().map(String::as_str),
        Some("discarded: message refused: bare LF at octet 3 of the payload")
    );
}

#[test]
fn octets_behind_starttls_end_the_session() {
    let script = "
        S: 220 mx.example.net ESMTP
        C: EHLO c.example
        S: 250-mx.example.net
        S: 250-PIPELINING
        S: 250-SIZE 1000
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250-STARTTLS
        S: 250 HELP
        C: STARTTLS
        C: MAIL FROM:<evil@example.com>
        S: 220 2.0.0 ready to start TLS
    ";
    let log = inline(script, submission);
    assert_eq!(log.last().map(String::as_str), Some("error: octets in clear behind STARTTLS"));
}

// covers rfc4954 6 encryption-required-538
// covers rfc4954 6 authentication-required-530
#[test]
fn submission_wants_tls_and_a_login_first() {
    let script = "
        S: 220 mx.example.net ESMTP
        C: EHLO c.example
        S: 250-mx.example.net
        S: 250-PIPELINING
        S: 250-SIZE 1000
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250-STARTTLS
        S: 250 HELP
        C: AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=
        S: 538 5.7.11 encryption is required to log in
        C: MAIL FROM:<a@example.com>
        S: 530 5.7.0 authentication required
    ";
    inline(script, submission);
    let first = script.replace("538 5.7.11 encryption is required to log in", "530 5.7.0 say STARTTLS first");
    inline(&first.replace("authentication required", "say STARTTLS first"), || ServerConfig {
        tls: Requirement::Required,
        ..submission()
    });
}

// covers rfc5321 7.8 too-many-errors
#[test]
fn too_many_errors_end_the_session() {
    let script = format!(
        "{HELLO}
        C: FROB
        S: 500 5.5.1 command not recognised
        C: FROB
        S: 500 5.5.1 command not recognised
        S: 421 4.7.0 mx.example.net too many errors, closing"
    );
    let log = inline(&script, || ServerConfig { max_errors: 2, ..config() });
    assert_eq!(log.last().map(String::as_str), Some("closed"));
}

// covers rfc4954 4 long-lines
// covers rfc5321 4.3.2 line-too-long-500
#[test]
fn a_login_line_may_be_long_and_a_command_may_not() {
    let initial = "A".repeat(4000);
    let script = format!(
        "S: 220 mx.example.net ESMTP
        C: EHLO c.example
        S: 250-mx.example.net
        S: 250-PIPELINING
        S: 250-SIZE 1000
        S: 250-8BITMIME
        S: 250-SMTPUTF8
        S: 250-ENHANCEDSTATUSCODES
        S: 250-AUTH PLAIN LOGIN
        S: 250 HELP
        C: AUTH PLAIN {initial}
        S: 535 5.7.8 authentication failed"
    );
    // Every cut of 4,000 octets would take long and show nothing more.
    let script = Script::parse(&script);
    for cuts in [test_support::Cuts::Whole, test_support::Cuts::Every(1460), test_support::Cuts::Every(1)] {
        test_support::run(&script, test_support::Who::Server, cuts, (Server::new(auth()), server_host()));
    }
    let long = "A".repeat(600);
    let script =
        format!("{HELLO}C: NOOP {long}\nS: 500 5.5.2 line longer than 512 octets\nC: NOOP\nS: 250 2.0.0 ok");
    inline(&script, || ServerConfig { max_line: 512, ..config() });
}

// covers rfc5321 4.1.1.5 closed-as-by-quit
#[test]
fn a_connection_that_ends_between_transactions_ends_well_and_elsewhere_it_does_not() {
    let log = inline(&format!("{HELLO}--- EOF ---"), config);
    assert_eq!(log.last().map(String::as_str), Some("eof: clean"));
    let cut = "eof: the connection ended in the midst of a session";
    for rest in ["C> NO", "C: MAIL FROM:<a@example.com>\nS: 250 2.1.0 sender ok"] {
        let log = inline(&format!("{HELLO}{rest}\n--- EOF ---"), config);
        assert_eq!(log.last().map(String::as_str), Some(cut), "{rest}");
    }
    let log = inline(&format!("{HELLO}{ENVELOPE}C: half\n--- EOF ---"), config);
    assert_eq!(log.last().map(String::as_str), Some(cut));
}
