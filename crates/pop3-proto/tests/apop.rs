//! APOP, as a server has it.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod common;

use common::{Session, every_way};
use pop3_proto::{CleartextLogin, Offer, ReplyText, ResponseCode, Security, ServerConfig, Timestamp};

/// The one of RFC 1939.
const TIMESTAMP: &str = "<1896.697170952@dbc.mtview.ca.us>";

fn with_apop() -> ServerConfig {
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config.timestamp = Some(Timestamp::new(TIMESTAMP).unwrap());
    config
}

// covers rfc1939 7 timestamp-in-greeting
#[test]
fn a_digest_of_the_timestamp_in_the_greeting_logs_in() {
    let log = every_way(
        r"
        S: +OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>
        C: APOP mrose 00000000000000000000000000000000
        S: -ERR [AUTH] authentication failed
        C: APOP mrose C4C9334BAC560ECC979E58001B3E22FB
        S: -ERR expected a digest of 32 digits at octet 11, found 'C'
        C: USER somebody
        S: +OK send PASS
        C: APOP m rose c4c9334bac560ecc979e58001b3e22fb
        S: +OK maildrop has 2 messages (54 octets)
        C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
        S: -ERR APOP may not stand in the state TRANSACTION
        C: QUIT
        S: +OK goodbye
        ",
        || Session::new(with_apop()),
    );
    assert_eq!(
        log,
        [
            &*format!("apop mrose {TIMESTAMP} 00000000000000000000000000000000"),
            &*format!("apop m rose {TIMESTAMP} c4c9334bac560ecc979e58001b3e22fb"),
            "remove []",
            "closed",
        ]
    );
}

// covers rfc2595 2.3 no-apop-in-clear
#[test]
fn apop_is_not_offered_where_nobody_may_log_in() {
    let mut config = with_apop();
    config.cleartext = CleartextLogin::Refuse;
    config.stls = Offer::Yes;
    let script = r"
        S: +OK POP3 server ready
        C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
        S: -ERR APOP is not offered
        C: STLS
        S: +OK begin TLS
        --- TLS ---
        C: APOP mrose c4c9334bac560ecc979e58001b3e22fb
        S: -ERR APOP is not offered
        ";
    every_way(script, || Session::new(config.clone()));
}

#[test]
fn logins_by_apop_that_fail_end_the_session() {
    let mut config = with_apop();
    config.max_failed_logins = 2;
    let mut session = Session::new(config);
    session.exchange(&"APOP mrose 00000000000000000000000000000000\r\n".repeat(2));
    assert_eq!(session.outcome.log.last().unwrap(), "closed");
}

/// A client takes what stands in the first `<>` for the timestamp.
#[test]
fn the_greeting_has_one_timestamp_and_fits_its_line() {
    let greeted = |greeting: ReplyText| {
        let mut config = with_apop();
        config.security = Security::Tls;
        config.greeting = greeting;
        let mut session = Session::new(config);
        session.exchange("")
    };
    assert_eq!(greeted(ReplyText::default()), format!("+OK {TIMESTAMP}\r\n"));
    assert_eq!(greeted(ReplyText::new("<x@y>").unwrap()), format!("+OK {TIMESTAMP}\r\n"));
    assert_eq!(greeted(ReplyText::new("x".repeat(500)).unwrap()), format!("+OK {TIMESTAMP}\r\n"));
    let coded = ReplyText::with_code(ResponseCode::SysTemp, "slow").unwrap();
    assert_eq!(greeted(coded), format!("+OK [SYS/TEMP] slow {TIMESTAMP}\r\n"));
}
