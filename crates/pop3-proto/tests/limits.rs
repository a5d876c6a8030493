//! What a peer may take: lines, refusals, logins, time.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod common;

use common::{Session, under_tls};
use pop3_proto::{DeviationKind, Leniency, ServerConfig, State, Step, Then, server::Server};
use std::time::Duration;

fn greeted(config: ServerConfig) -> Session {
    let mut session = Session::new(config);
    session.proceed();
    session.heard();
    session
}

fn logged_in(config: ServerConfig) -> Session {
    let mut session = greeted(config);
    session.exchange("USER mrose\r\nPASS tan staaf\r\n");
    session
}

// covers rfc2449 4 command-255
#[test]
fn a_command_of_255_octets_passes_and_one_more_does_not() {
    let mut session = greeted(under_tls());
    let line = |octets: usize| format!("USER {}\r\n", "x".repeat(octets - 7));
    assert_eq!(session.exchange(&line(255)), "+OK send PASS\r\n");
    assert_eq!(session.exchange(&line(256)), "-ERR line longer than 255 octets\r\n");
    assert_eq!(session.exchange(&line(1_000_000)), "-ERR line longer than 255 octets\r\n");
    assert!(session.input.is_empty());
    assert_eq!(session.exchange("USER mrose\r\n"), "+OK send PASS\r\n");
}

#[test]
fn a_long_line_is_held_up_to_its_limit_alone() {
    let mut session = greeted(under_tls());
    for _ in 0..1000 {
        session.say(&[b'x'; 100]);
        assert!(session.input.len() <= 255);
    }
}

// covers rfc5034 4 long-lines-of-auth
#[test]
fn lines_of_auth_may_be_longer() {
    let mut session = greeted(under_tls());
    let initial = format!("AUTH PLAIN {}\r\n", "AAAA".repeat(3000));
    assert_eq!(session.exchange(&initial), "-ERR [AUTH] authentication failed\r\n");
    assert_eq!(session.exchange("AUTH PLAIN\r\n"), "+ \r\n");
    let response = format!("{}\r\n", "AAAA".repeat(3000));
    assert_eq!(session.exchange(&response), "-ERR [AUTH] authentication failed\r\n");
    assert_eq!(session.exchange("AUTH PLAIN\r\n"), "+ \r\n");
    let response = format!("{}\r\n", "AAAA".repeat(4000));
    assert_eq!(session.exchange(&response), "-ERR line longer than 12288 octets\r\n");
    assert_eq!(session.outcome.log.last().unwrap(), "auth cancelled");
    // The exchange is over, and with it the longer line.
    let long = format!("USER {}\r\n", "x".repeat(300));
    assert_eq!(session.exchange(&long), "-ERR line longer than 255 octets\r\n");
}

#[test]
fn bad_commands_in_a_row_end_the_session() {
    let mut config = under_tls();
    config.max_errors = 3;
    let mut session = greeted(config);
    assert_eq!(session.exchange("GET / HTTP/1.1\r\n"), "-ERR unknown command\r\n");
    assert_eq!(session.exchange("\r\n"), "-ERR expected a keyword at octet 0, found the end\r\n");
    assert_eq!(session.exchange("CAPA\r\n").lines().next(), Some("+OK capability list follows"));
    assert_eq!(session.exchange("RETR 1\r\n"), "-ERR RETR may not stand in the state AUTHORIZATION\r\n");
    assert_eq!(session.exchange("LIST x\r\n"), "-ERR expected a message number at octet 5, found 'x'\r\n");
    assert_eq!(session.exchange("a\rb\r\nCAPA\r\n"), "-ERR too many bad commands, goodbye\r\n");
    assert_eq!(session.outcome.log, ["closed"]);
    assert_eq!(session.server.state(), State::Closed);
}

#[test]
fn logins_that_fail_end_the_session() {
    let mut config = under_tls();
    config.max_failed_logins = 3;
    let mut session = greeted(config);
    session.exchange("USER a\r\nPASS b\r\nAUTH PLAIN\r\n*\r\nBOGUS\r\n");
    assert_eq!(session.server.state(), State::Authorization);
    assert_eq!((session.server.failed_logins(), session.server.errors()), (2, 1));
    assert_eq!(
        session.exchange("AUTH PLAIN AAAA\r\nUSER mrose\r\nPASS tan staaf\r\n"),
        "-ERR [AUTH] authentication failed\r\n"
    );
    assert_eq!(session.outcome.log.last().unwrap(), "closed");
}

#[test]
fn a_login_has_its_time_whatever_is_said_meanwhile() {
    let mut session = Session::new(under_tls());
    let connecting = session.server.patience();
    session.proceed();
    let patience = session.server.patience();
    assert_ne!(patience.period, connecting.period);
    assert_eq!((patience.limit, patience.then), (Duration::from_secs(180), Then::GiveUp));
    session.exchange("CAPA\r\nUSER a\r\nPASS b\r\nAUTH PLAIN\r\n*\r\nBOGUS\r\n");
    assert_eq!(session.server.patience(), patience);
    session.exchange("USER mrose\r\nPASS tan staaf\r\n");
    assert_eq!(session.server.patience().limit, Duration::from_secs(600));
    assert_ne!(session.server.patience().period, patience.period);
}

// covers rfc1939 3 command-resets-timer
#[test]
fn after_the_login_a_command_starts_the_time_anew_and_an_octet_does_not() {
    let mut session = logged_in(under_tls());
    let before = session.server.patience();
    session.say(b"NOO");
    assert_eq!(session.server.patience(), before);
    session.say(b"P\r\n");
    assert_ne!(session.server.patience().period, before.period);
}

// covers rfc1939 3 ten-minutes
#[test]
fn the_autologout_is_never_shorter_than_ten_minutes() {
    let mut config = under_tls();
    config.idle_timeout = Duration::from_secs(1);
    assert_eq!(logged_in(config).server.patience().limit, Duration::from_secs(600));
}

#[test]
fn what_was_tolerated_is_told_with_its_event_alone() {
    let mut config = under_tls();
    config.leniency = Leniency::LENIENT;
    let mut session = logged_in(config);
    assert_eq!(session.exchange("STAT  \r\n"), "+OK 2 54\r\n");
    session.input.extend_from_slice(b"DELE  1\r\n");
    let Ok(Step::Event(pop3_proto::server::Event::Dele(ask))) = session.server.receive(&mut session.input)
    else {
        panic!("no DELE")
    };
    let deviation = session.server.deviation().unwrap();
    assert_eq!((deviation.kind, deviation.offset), (DeviationKind::ExtraSpace, 5));
    session.server.accept(ask, 29).unwrap();
    session.exchange("LIST x\r\n");
    assert_eq!(session.server.deviation(), None);
}

#[test]
fn an_idle_session_is_small() {
    assert!(size_of::<Server>() <= 768, "{}", size_of::<Server>());
}
