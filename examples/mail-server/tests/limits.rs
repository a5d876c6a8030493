//! What one client may do to a server, and that others do not feel it. Clients come from addresses of loopback's
//! network, of which Linux has 16 million; elsewhere there is one.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

mod support;

use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use mail_server::{
    config::Config,
    limits::{Clock, Exceeded, Limiter},
    server::Service,
};
use std::{
    net::{Ipv4Addr, Ipv6Addr, SocketAddr},
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};
use support::{PASSWORD, PATIENCE, Running, wire::Wire};
use test_support::heap::{self, Counting};
use tokio::time::sleep;

#[global_allocator]
static HEAP: Counting = Counting;

const ALICE: &str = "alice@example.org";
const FLOODER: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 2);
const HONEST: Ipv4Addr = Ipv4Addr::new(127, 0, 0, 3);

/// Nobody is trusted, and little is allowed.
fn strict(config: &mut Config) {
    let limits = &mut config.limits;
    limits.trusted.clear();
    limits.address.connections = 3;
    limits.address.connections_per_minute = 1000;
    limits.address.messages_per_minute = 5;
    limits.address.recipients_per_hour = 20;
    limits.address.failed_logins_per_hour = 2;
    limits.account.messages_per_minute = 2;
    limits.account.recipients_per_hour = 4;
}

async fn connect(server: &Running, from: Ipv4Addr, service: Service) -> Wire {
    let wire = Wire::connect_from(SocketAddr::from((from, 0)), server.address(service)).await;
    if service.is_tls() { wire.into_tls(server.trust()).await } else { wire }
}

/// A session of SMTP that has said hello, by which mail could be sent.
async fn greeted(server: &Running, from: Ipv4Addr) -> Wire {
    let mut wire = connect(server, from, Service::Smtp).await;
    assert!(wire.reply().await.starts_with("220 "));
    wire.says("EHLO c.example.org", "250").await;
    wire
}

/// A session that has logged in.
async fn logged_in(server: &Running, from: Ipv4Addr, name: &str) -> Wire {
    let mut wire = connect(server, from, Service::Submissions).await;
    assert!(wire.reply().await.starts_with("220 "));
    wire.says("EHLO c.example.org", "250").await;
    wire.says(&format!("AUTH PLAIN {}", BASE64.encode(format!("\0{name}\0{PASSWORD}"))), "235").await;
    wire
}

#[tokio::test]
async fn a_flood_of_connections_from_one_address_is_turned_away_and_others_are_served() {
    let server = Running::start_with(strict).await;
    let mut held = Vec::new();
    for _ in 0..3 {
        held.push(greeted(&server, FLOODER).await);
    }
    for _ in 0..50 {
        for (service, told) in [
            (Service::Smtp, "421 4.7.0 too many connections from your address"),
            (Service::Submission, "421 4.7.0 too many connections from your address"),
            (Service::Imap, "* BYE [LIMIT] too many connections from your address"),
            (Service::Pop3, "-ERR [SYS/TEMP] too many connections from your address"),
        ] {
            let mut wire = connect(&server, FLOODER, service).await;
            let line = wire.line().await;
            assert!(line.starts_with(told), "{service}: {line}");
            assert_eq!(wire.rest().await, b"");
        }
        // No handshake is made to say no.
        for service in [Service::Submissions, Service::Imaps, Service::Pop3s] {
            let from = SocketAddr::from((FLOODER, 0));
            assert_eq!(Wire::connect_from(from, server.address(service)).await.rest().await, b"");
        }
    }
    greeted(&server, HONEST).await.begin(ALICE).await;
    // Those who were let in are not disturbed, and whoever leaves makes room.
    held[0].begin(ALICE).await;
    drop(held.pop());
    let deadline = Instant::now() + PATIENCE;
    while !connect(&server, FLOODER, Service::Smtp).await.reply().await.starts_with("220 ") {
        assert!(Instant::now() < deadline, "the place is still taken");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn who_connects_again_and_again_waits_until_the_minute_is_over() {
    let seconds = Arc::new(AtomicU64::new(0));
    let shown = Arc::clone(&seconds);
    let clock = Clock::new(move || Duration::from_secs(shown.load(Ordering::Relaxed)));
    let server = Running::start_at(clock, |config| {
        strict(config);
        config.limits.address.connections_per_minute = 2;
    })
    .await;
    for _ in 0..2 {
        greeted(&server, FLOODER).await.says("QUIT", "221").await;
    }
    for _ in 0..50 {
        assert!(connect(&server, FLOODER, Service::Smtp).await.reply().await.starts_with("421 4.7.0 "));
    }
    greeted(&server, HONEST).await;
    seconds.store(30, Ordering::Relaxed);
    greeted(&server, FLOODER).await;
    assert!(connect(&server, FLOODER, Service::Pop3).await.line().await.starts_with("-ERR [SYS/TEMP] "));
}

#[tokio::test]
async fn a_flood_of_messages_from_one_address_is_put_off_and_others_get_through() {
    let server = Running::start_with(strict).await;
    let mut flooder = greeted(&server, FLOODER).await;
    for _ in 0..5 {
        flooder.begin(ALICE).await;
        flooder.says("Subject: flood\r\n.", "250").await;
    }
    for _ in 0..100 {
        flooder.says("MAIL FROM:<bob@example.net>", "450 4.7.1 too many messages").await;
    }
    // Another session of the same address is no way around.
    greeted(&server, FLOODER).await.says("MAIL FROM:<bob@example.net>", "450 4.7.1 ").await;
    let mut honest = greeted(&server, HONEST).await;
    honest.begin(ALICE).await;
    honest.says("Subject: honest\r\n.", "250").await;
    assert_eq!(server.read_back(ALICE).await.len(), 6);
}

#[tokio::test]
async fn who_tries_names_runs_out_of_recipients_and_keeps_what_was_accepted() {
    let server = Running::start_with(strict).await;
    let mut wire = greeted(&server, FLOODER).await;
    wire.says("MAIL FROM:<bob@example.net>", "250").await;
    wire.says("RCPT TO:<alice@example.org>", "250").await;
    for name in 0..19 {
        wire.says(&format!("RCPT TO:<name{name}@example.org>"), "550 5.1.1").await;
    }
    wire.says("RCPT TO:<alice@example.org>", "450 4.7.1 too many recipients").await;
    wire.says("DATA", "354").await;
    wire.says("Subject: x\r\n.", "250").await;
    greeted(&server, HONEST).await.begin(ALICE).await;
}

#[tokio::test]
async fn an_account_is_limited_wherever_it_logs_in_and_others_are_not() {
    let server = Running::start_with(strict).await;
    server.add("carol@example.org").await;
    let mut home = logged_in(&server, FLOODER, ALICE).await;
    let mut office = logged_in(&server, HONEST, ALICE).await;
    home.begin(ALICE).await;
    home.says("Subject: x\r\n.", "250").await;
    office.says("MAIL FROM:<alice@example.org>", "250").await;
    for _ in 0..3 {
        office.says("RCPT TO:<alice@example.org>", "250").await;
    }
    office.says("RCPT TO:<alice@example.org>", "450 4.7.1 too many recipients").await;
    home.says("MAIL FROM:<alice@example.org>", "450 4.7.1 too many messages").await;
    logged_in(&server, FLOODER, "carol@example.org").await.begin(ALICE).await;
    // Without a login the same address has its own share.
    greeted(&server, FLOODER).await.begin(ALICE).await;
}

#[tokio::test]
async fn who_guesses_passwords_over_many_connections_hears_nothing_any_more() {
    let server = Running::start_with(|config| {
        strict(config);
        config.auth.allow_cleartext_login = true;
    })
    .await;
    for _ in 0..2 {
        let mut pop3 = connect(&server, FLOODER, Service::Pop3).await;
        assert!(pop3.line().await.starts_with("+OK"));
        pop3.says("USER alice", "+OK").await;
        pop3.says("PASS wrong horse", "-ERR [AUTH]").await;
    }
    // Not even what would be right.
    let mut pop3 = connect(&server, FLOODER, Service::Pop3).await;
    assert!(pop3.line().await.starts_with("+OK"));
    pop3.says("USER alice", "+OK").await;
    pop3.says(&format!("PASS {PASSWORD}"), "-ERR [SYS/TEMP]").await;
    let mut imap = connect(&server, FLOODER, Service::Imap).await;
    assert!(imap.line().await.starts_with("* OK"));
    imap.send(format!("a LOGIN alice \"{PASSWORD}\"\r\n")).await;
    assert!(imap.line().await.starts_with("a NO [UNAVAILABLE]"));
    drop((pop3, imap));
    let mut smtp = connect(&server, FLOODER, Service::Submission).await;
    assert!(smtp.reply().await.starts_with("220 "));
    smtp.says("EHLO c.example.org", "250").await;
    smtp.says(&format!("AUTH PLAIN {}", BASE64.encode(format!("\0alice\0{PASSWORD}"))), "454 4.7.0").await;
    logged_in(&server, HONEST, ALICE).await;
}

/// A session of submission that has said hello, in clear.
async fn submitting(server: &Running, from: Ipv4Addr) -> Wire {
    let mut wire = connect(server, from, Service::Submission).await;
    assert!(wire.reply().await.starts_with("220 "));
    wire.says("EHLO c.example.org", "250").await;
    wire
}

#[tokio::test]
async fn who_guesses_over_many_connections_at_once_gets_no_more_guesses() {
    const CONNECTIONS: usize = 8;
    let open = |config: &mut Config| {
        strict(config);
        config.limits.address.connections = 100;
        config.auth.allow_cleartext_login = true;
    };
    let server = Running::start_with(open).await;
    let mut guessing = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut pop3 = connect(&server, FLOODER, Service::Pop3).await;
        assert!(pop3.line().await.starts_with("+OK"));
        pop3.says("USER alice", "+OK").await;
        guessing.push(pop3);
    }
    for pop3 in &mut guessing {
        pop3.send("PASS wrong horse\r\n").await;
    }
    let mut heard = 0;
    for pop3 in &mut guessing {
        heard += usize::from(pop3.line().await.starts_with("-ERR [AUTH]"));
    }
    assert_eq!(heard, 2, "passwords");

    let server = Running::start_with(open).await;
    let mut proving = Vec::new();
    for _ in 0..CONNECTIONS {
        let mut smtp = submitting(&server, FLOODER).await;
        let first = format!("AUTH SCRAM-SHA-256 {}", BASE64.encode("n,,n=alice,r=nonce"));
        let answer = smtp.says(&first, "334 ").await;
        let challenge = BASE64.decode(answer.trim_start_matches("334 ")).unwrap();
        let nonce = String::from_utf8(challenge).unwrap().split(',').next().unwrap().to_owned();
        proving.push((smtp, format!("c=biws,{nonce},p={}", BASE64.encode([0; 32]))));
    }
    let mut heard = 0;
    for (smtp, proof) in &mut proving {
        smtp.send(format!("{}\r\n", BASE64.encode(proof))).await;
        heard += usize::from(smtp.reply().await.starts_with("535 "));
    }
    assert_eq!(heard, 2, "proofs");
    // Neither do those who only look at the salt, nor those who give up, use up what others may fail.
    for _ in 0..CONNECTIONS {
        let mut smtp = submitting(&server, HONEST).await;
        smtp.says(&format!("AUTH SCRAM-SHA-256 {}", BASE64.encode("n,,n=alice,r=nonce")), "334 ").await;
        smtp.says("*", "501").await;
    }
    logged_in(&server, HONEST, ALICE).await;
}

#[tokio::test]
async fn who_guesses_tokens_over_many_connections_at_once_gets_no_more_guesses() {
    let server = Running::start_with(|config| {
        strict(config);
        config.limits.address.connections = 100;
        config.auth.allow_cleartext_login = true;
        config.auth.token_command = Some("sleep 0.1; exit 1".into());
    })
    .await;
    let guess = format!("AUTH XOAUTH2 {}\r\n", BASE64.encode("user=alice\x01auth=Bearer stale\x01\x01"));
    let mut guessing = Vec::new();
    for _ in 0..8 {
        let mut smtp = submitting(&server, FLOODER).await;
        smtp.send(&guess).await;
        guessing.push(smtp);
    }
    let mut heard = 0;
    for smtp in &mut guessing {
        heard += usize::from(smtp.reply().await.starts_with("334 "));
    }
    assert_eq!(heard, 2);
}

#[tokio::test]
async fn a_token_that_takes_long_does_not_make_its_network_wait() {
    let server = Running::start_with(|config| {
        strict(config);
        config.limits.address.connections = 100;
        config.limits.address.failed_logins_per_hour = 3;
        config.auth.token_command = Some("sleep 60".into());
    })
    .await;
    let mut waiting = Vec::new();
    for _ in 0..2 {
        let mut smtp = connect(&server, FLOODER, Service::Submissions).await;
        assert!(smtp.reply().await.starts_with("220 "));
        smtp.says("EHLO c.example.org", "250").await;
        let token = BASE64.encode("user=alice\x01auth=Bearer slow\x01\x01");
        smtp.send(format!("AUTH XOAUTH2 {token}\r\n")).await;
        waiting.push(smtp);
    }
    // They have come to where they wait.
    sleep(Duration::from_millis(200)).await;
    let begun = Instant::now();
    logged_in(&server, FLOODER, ALICE).await;
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
}

#[tokio::test]
async fn who_tries_tokens_and_does_not_wait_for_the_end_has_failed_all_the_same() {
    let server = Running::start_with(|config| {
        strict(config);
        config.auth.allow_cleartext_login = true;
        config.auth.token_command = Some("exit 1".into());
    })
    .await;
    let guess = format!("AUTH XOAUTH2 {}", BASE64.encode("user=alice\x01auth=Bearer stale\x01\x01"));
    let mut smtp = submitting(&server, FLOODER).await;
    smtp.says(&guess, "334 ").await;
    smtp.says("", "535").await;
    smtp.says(&guess, "334 ").await;
    smtp.says("*", "501").await;
    smtp.says(&guess, "454 4.7.0").await;
}

#[tokio::test]
async fn those_who_are_trusted_and_the_sites_own_servers_are_not_limited() {
    let server = Running::start_with(|config| {
        strict(config);
        config.limits.trusted.push("127.0.0.3".parse().unwrap());
    })
    .await;
    for (from, service, hello) in
        [(HONEST, Service::Smtp, "EHLO c.example.org"), (FLOODER, Service::Lmtp, "LHLO c.example.org")]
    {
        let mut held = Vec::new();
        for _ in 0..6 {
            let mut wire = connect(&server, from, service).await;
            assert!(wire.reply().await.starts_with("220 "));
            wire.says(hello, "250").await;
            for _ in 0..4 {
                wire.begin(ALICE).await;
                wire.says("Subject: x\r\n.", "250").await;
            }
            held.push(wire);
        }
    }
    assert_eq!(server.read_back(ALICE).await.len(), 48);
}

#[test]
fn a_million_addresses_take_no_more_memory_than_one() {
    const ADDRESSES: u32 = 1_000_000;
    let (made, limiter) = heap::measure(|| Limiter::new(&Config::default().limits, Clock::system()));
    assert!(made.kept < 7 << 20, "{} octets", made.kept);
    let (used, refused) = heap::measure(|| {
        let mut refused = 0;
        for number in 0..ADDRESSES / 2 {
            let v6 = Ipv6Addr::from_bits(0x2001_0db8 << 96 | u128::from(number) << 64);
            for address in [Ipv4Addr::from_bits(0x0b00_0000 + number).into(), v6.into()] {
                let client = limiter.client(address);
                let seat = limiter.connect(client);
                refused += u32::from(seat.is_err_and(|exceeded| exceeded == Exceeded::ConnectionRate));
                let _ = limiter.message(client, None);
                let _ = limiter.recipient(client, None);
                limiter.login_failed(client);
            }
        }
        refused
    });
    assert!(used.peak < 1024 && used.kept < 1024, "{used:?}");
    assert_eq!(refused, 0, "a million addresses with a connection each are all within the limit");
}
