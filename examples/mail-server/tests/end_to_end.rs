//! What a user sees of the whole server: mail that goes in by SMTP and comes out by POP3, and what is refused.

#![allow(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

mod support;

use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use bytes::Bytes;
use mail_server::{
    server::Service,
    store::{Maildrop, Store},
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use support::{
    PASSWORD, Running,
    client::{Session, Way},
    wire::Wire,
};
use tokio::{net::TcpStream, time::sleep};

const ALICE: &str = "alice@example.org";

/// Bodies that have hurt mail servers.
fn nasty_bodies() -> Vec<Bytes> {
    let long_line = [b"x".repeat(5000), b"\r\n".to_vec()].concat();
    let across_buffers = b".\r\n..\r\n.x.\r\n\r\n".repeat(20_000);
    let every_octet: Vec<u8> = (0..=u8::MAX).filter(|octet| !matches!(octet, b'\r' | b'\n')).collect();
    vec![
        Bytes::new(),
        Bytes::from_static(b"\r\n"),
        Bytes::from_static(b"Subject: dots\r\n\r\n.\r\n..\r\n...\r\n.x\r\nx.\r\n"),
        Bytes::from_static(b".\r\n.\r\nQUIT\r\n"),
        Bytes::from_static(b"no header at all\r\n"),
        Bytes::from_static(b"Subject: \xff\x00\x80\r\n\r\n\x00\r\n"),
        [&b"Subject: octets\r\n\r\n"[..], &every_octet, b"\r\n"].concat().into(),
        long_line.into(),
        across_buffers.into(),
    ]
}

/// A message without the two fields that the server put before it.
#[track_caller]
fn without_trace(message: &[u8]) -> &[u8] {
    let fields = message.strip_prefix(b"Return-Path: <bob@example.net>\r\nReceived: from ").unwrap();
    let folded = |at: usize| matches!(fields.get(at + 2), Some(b' ' | b'\t'));
    let end = (0..fields.len()).find(|at| fields[*at..].starts_with(b"\r\n") && !folded(*at)).unwrap();
    &fields[end + 2..]
}

fn plain(name: &str, password: &str) -> String {
    format!("AUTH PLAIN {}", BASE64.encode(format!("\0{name}\0{password}")))
}

#[tokio::test]
async fn mail_comes_back_octet_for_octet_whichever_way_it_came() {
    let server = Running::start().await;
    let bodies = nasty_bodies();
    for way in Way::ALL {
        let mut session = Session::open(&server, way).await;
        for body in &bodies {
            session.send(ALICE, body).await;
        }
        session.quit().await;
    }
    let messages = server.read_back(ALICE).await;
    assert_eq!(messages.len(), Way::ALL.len() * bodies.len());
    for (message, body) in messages.iter().zip(bodies.iter().cycle()) {
        assert!(without_trace(message) == *body, "{}", body.slice(..body.len().min(80)).escape_ascii());
    }
    let ways = ["with ESMTP ", "with ESMTPS ", "with LMTP ", "with ESMTPSA ", "with ESMTPSA "];
    for (messages, way) in messages.chunks(bodies.len()).zip(ways) {
        let head = String::from_utf8_lossy(&messages[0]).replace("\r\n\t", " ");
        assert!(head.contains(way) && head.contains("client.example.org ([127.0.0.1])"), "{head}");
    }
}

#[tokio::test]
async fn mail_is_taken_for_local_accounts_alone() {
    let server = Running::start().await;
    let mut submission = server.connect(Service::Submissions).await;
    submission.says("EHLO c.example.org", "250").await;
    submission.says("MAIL FROM:<alice@example.org>", "530").await;
    submission.says(&plain(ALICE, PASSWORD), "235").await;
    let mut smtp = server.connect(Service::Smtp).await;
    smtp.says("EHLO c.example.org", "250").await;
    let mut lmtp = server.connect(Service::Lmtp).await;
    lmtp.says("LHLO c.example.org", "250").await;
    let long = "x".repeat(80);
    for wire in [&mut submission, &mut smtp, &mut lmtp] {
        wire.says("MAIL FROM:<bob@example.net>", "250").await;
        wire.says("RCPT TO:<nobody@example.org>", "550 5.1.1").await;
        wire.says("RCPT TO:<alice@elsewhere.example>", "550 5.7.1").await;
        wire.says("RCPT TO:<alice@[127.0.0.1]>", "550 5.7.1").await;
        wire.says("RCPT TO:<alice%elsewhere.example@example.org>", "550 5.1.1").await;
        wire.says(&format!("RCPT TO:<{long}@example.org>"), "550 5.1.1").await;
        wire.says("DATA", "503").await;
        wire.says("RSET", "250").await;
    }
}

#[tokio::test]
async fn every_spelling_of_an_account_gets_the_message_once() {
    let server = Running::start().await;
    server.add("o'neil and sons@example.org").await;
    let mut wire = server.connect(Service::Lmtp).await;
    wire.says("LHLO c.example.org", "250").await;
    wire.says("MAIL FROM:<bob@example.net>", "250").await;
    for recipient in [
        "<ALICE@EXAMPLE.ORG>",
        "<\"alice\"@example.org>",
        "<@relay.example,@other.example:alice@example.org>",
        "<Postmaster>",
        "<postmaster@example.org>",
        "<\"o'neil and\\ sons\"@example.org>",
    ] {
        wire.says(&format!("RCPT TO:{recipient}"), "250").await;
    }
    wire.says("RCPT TO:<nobody@example.org>", "550").await;
    wire.says("DATA", "354").await;
    wire.send("Subject: once\r\n\r\n.\r\n").await;
    for _ in 0..6 {
        assert!(wire.reply().await.starts_with("250"));
    }
    wire.says("QUIT", "221").await;
    for name in [ALICE, "o'neil and sons@example.org"] {
        let messages = server.read_back(name).await;
        assert_eq!(messages.len(), 1, "{name}");
        assert!(!String::from_utf8_lossy(&messages[0]).contains(" for "), "recipients learn of each other");
    }
}

#[tokio::test]
async fn what_a_client_calls_itself_cannot_forge_trace_fields() {
    let server = Running::start().await;
    let mut wire = server.connect(Service::Smtp).await;
    for name in ["a)b(c", "x;\tfrom y", "\"\u{7f}", "[IPv6:nonsense]", ""] {
        wire.send(format!("EHLO {name}\r\n")).await;
        if !wire.reply().await.starts_with("250") {
            continue;
        }
        wire.begin(ALICE).await;
        wire.says("Subject: x\r\n.", "250").await;
    }
    for message in server.read_back(ALICE).await {
        let text = String::from_utf8(message).unwrap();
        assert!(text.contains("\r\nReceived: from unknown ([127.0.0.1]) by localhost "), "{text}");
    }
}

#[tokio::test]
async fn nobody_logs_in_over_a_connection_in_clear() {
    let server = Running::start().await;
    for service in [Service::Smtp, Service::Submission] {
        let mut wire = server.connect(service).await;
        let offer = wire.says("EHLO c.example.org", "250").await;
        assert!(offer.contains("STARTTLS") && !offer.contains("AUTH"), "{offer}");
        wire.says(&plain(ALICE, PASSWORD), "5").await;
        wire.says("AUTH LOGIN", "5").await;
    }
    let mut lmtp = server.connect(Service::Lmtp).await;
    let offer = lmtp.says("LHLO c.example.org", "250").await;
    assert!(!offer.contains("AUTH"), "{offer}");

    let mut pop3 = server.connect(Service::Pop3).await;
    let offer = pop3.lists("CAPA").await;
    assert!(offer.iter().any(|line| line == "STLS"), "{offer:?}");
    assert!(!offer.iter().any(|line| line == "USER" || line.starts_with("SASL")), "{offer:?}");
    for login in ["USER alice@example.org", "PASS x", &plain(ALICE, PASSWORD), "AUTH LOGIN"] {
        pop3.says(login, "-ERR").await;
    }
    pop3.says("STLS", "+OK").await;
    let mut pop3 = pop3.into_tls(server.trust()).await;
    let offer = pop3.lists("CAPA").await;
    assert!(
        offer
            .iter()
            .any(|line| line.starts_with("SASL SCRAM-SHA-256-PLUS ") && line.ends_with(" PLAIN LOGIN")),
        "{offer:?}"
    );
    // Thunderbird and Outlook ask so.
    let offer = pop3.lists("AUTH").await;
    assert!(offer.iter().any(|line| line == "PLAIN"), "{offer:?}");
    pop3.says(&plain(ALICE, PASSWORD), "+OK").await;
}

#[tokio::test]
async fn a_message_of_utf_8_is_handed_to_who_has_said_utf8() {
    const USER: &str = "d\u{f6}mi@example.org";
    let server = Running::start().await;
    server.add(USER).await;
    let mut lmtp = server.connect(Service::Lmtp).await;
    lmtp.says("LHLO c.example.org", "250").await;
    // The octets of a body are as they are for all, and so are those of a header in another charset.
    let messages: [&[u8]; 3] = [
        "Subject: Gr\u{fc}\u{df}e\r\n\r\nx\r\n".as_bytes(),
        "Subject: x\r\n\r\n\u{fc}\r\n".as_bytes(),
        b"Subject: \xfc\r\n\r\nx\r\n",
    ];
    for message in messages {
        lmtp.says("MAIL FROM:<bob@example.net> SMTPUTF8", "250").await;
        lmtp.says("RCPT TO:<alice@example.org>", "250").await;
        lmtp.says("DATA", "354").await;
        lmtp.send([message, b".\r\n"].concat()).await;
        assert!(lmtp.reply().await.starts_with("250"));
    }
    let mut ascii = server.connect(Service::Pop3s).await;
    let offer = ascii.lists("CAPA").await;
    assert!(["UTF8 USER", "LANG"].iter().all(|it| offer.iter().any(|line| line == it)), "{offer:?}");
    ascii.says("LANG en-GB", "-ERR").await;
    ascii.says("LANG *", "+OK en ").await;
    assert_eq!(ascii.lists("LANG").await, ["en English"]);
    ascii.says(&format!("USER {ALICE}"), "+OK").await;
    ascii.says(&format!("PASS {PASSWORD}"), "+OK").await;
    ascii.says("RETR 1", "-ERR [UTF8] ").await;
    ascii.says("TOP 1 0", "-ERR [UTF8] ").await;
    for (number, message) in [(2, messages[1]), (3, messages[2])] {
        assert_eq!(without_trace(&ascii.retrieve(number).await), message);
    }
    ascii.says("QUIT", "+OK").await;
    let mut utf8 = server.connect(Service::Pop3s).await;
    utf8.says("UTF8", "+OK").await;
    utf8.says(&format!("USER {ALICE}"), "+OK").await;
    utf8.says(&format!("PASS {PASSWORD}"), "+OK").await;
    for (number, message) in (1..).zip(messages) {
        assert_eq!(without_trace(&utf8.retrieve(number).await), message);
    }
    assert!(utf8.lists("TOP 1 0").await.iter().any(|line| line == "Subject: Gr\u{fc}\u{df}e"));

    // A name is the same in whatever form it was typed, and what is no UTF-8 or forbidden is no name.
    for (name, answer) in
        [(USER, "+OK"), ("do\u{308}mi@example.org", "+OK"), ("d\u{f6}mi\u{7}@example.org", "-ERR")]
    {
        let mut wire = server.connect(Service::Pop3s).await;
        wire.says(&format!("USER {name}"), "+OK").await;
        wire.says(&format!("PASS {PASSWORD}"), answer).await;
    }
    let mut wire = server.connect(Service::Pop3s).await;
    wire.send(b"USER d\xf6mi@example.org\r\n").await;
    assert!(wire.line().await.starts_with("-ERR [AUTH] "));
}

#[tokio::test]
async fn logins_in_clear_are_taken_where_that_was_allowed_by_name() {
    let server = Running::start_with(|config| config.auth.allow_cleartext_login = true).await;
    let mut smtp = server.connect(Service::Submission).await;
    assert!(smtp.says("EHLO c.example.org", "250").await.contains(" PLAIN LOGIN"));
    smtp.says("AUTH LOGIN", "334").await;
    smtp.says(&BASE64.encode(ALICE), "334").await;
    smtp.says(&BASE64.encode(PASSWORD), "235").await;
    let mut pop3 = server.connect(Service::Pop3).await;
    pop3.says("USER alice", "+OK").await;
    pop3.says(&format!("PASS {PASSWORD}"), "+OK").await;

    // Under TLS the client is somebody else again.
    smtp.says("STARTTLS", "220").await;
    let mut smtp = smtp.into_tls(server.trust()).await;
    smtp.says("EHLO c.example.org", "250").await;
    smtp.says("MAIL FROM:<alice@example.org>", "530").await;
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_guessing_ends() {
    let server = Running::start().await;
    let mut smtp = server.connect(Service::Submissions).await;
    smtp.says("EHLO c.example.org", "250").await;
    smtp.says(&plain(ALICE, "wrong horse"), "535").await;
    smtp.says(&plain("nobody@example.org", PASSWORD), "535").await;
    smtp.says(&plain(ALICE, PASSWORD), "235").await;

    // Malformed ones are as good as wrong ones here, and quicker.
    for (service, failed, last) in
        [(Service::Submissions, "535", "421 4.7.0 "), (Service::Pop3s, "-ERR [AUTH]", "")]
    {
        let mut wire = server.connect(service).await;
        if service == Service::Submissions {
            wire.says("EHLO c.example.org", "250").await;
        }
        for _ in 0..10 {
            wire.says("AUTH PLAIN AAAA", failed).await;
        }
        let said = wire.rest().await;
        assert!(said.starts_with(last.as_bytes()), "{}", said.escape_ascii());
        assert_eq!(said.is_empty(), last.is_empty());
    }
}

/// Elsewhere loopback is one address.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn one_who_guesses_does_not_keep_others_from_logging_in() {
    const GUESSES: usize = 12;
    let server = Running::start_with(|config| config.auth.allow_cleartext_login = true).await;
    let pop3 = server.address(Service::Pop3);
    let refused = Arc::new(AtomicUsize::new(0));
    for _ in 0..GUESSES {
        let mut wire = Wire::connect_from("127.0.0.2:0".parse().unwrap(), pop3).await;
        assert!(wire.line().await.starts_with("+OK"));
        wire.says("USER alice", "+OK").await;
        wire.send("PASS wrong horse\r\n").await;
        let refused = Arc::clone(&refused);
        tokio::spawn(async move {
            assert!(wire.line().await.starts_with("-ERR [AUTH]"));
            refused.fetch_add(1, Ordering::Relaxed);
        });
    }
    let mut honest = server.connect(Service::Pop3).await;
    honest.says("USER alice", "+OK").await;
    let before = refused.load(Ordering::Relaxed);
    honest.says(&format!("PASS {PASSWORD}"), "+OK").await;
    let meanwhile = refused.load(Ordering::Relaxed) - before;
    assert!(before < GUESSES / 2, "the guesses were over before the test began");
    assert!(meanwhile <= 3, "{meanwhile} guesses were checked first");
}

#[tokio::test]
async fn a_maildrop_has_one_reader_until_that_one_is_gone() {
    let server = Running::start().await;
    let first = server.pop3(ALICE).await;
    let mut second = server.connect(Service::Pop3s).await;
    second.says("USER alice@example.org", "+OK").await;
    second.says(&format!("PASS {PASSWORD}"), "-ERR [IN-USE]").await;
    // Gone without a word.
    drop(first);
    let deadline = Instant::now() + support::PATIENCE;
    while server.store.maildrop(server.alice).await.is_err() {
        assert!(Instant::now() < deadline, "the maildrop is still locked");
        sleep(Duration::from_millis(5)).await;
    }
    second.says("USER alice@example.org", "+OK").await;
    second.says(&format!("PASS {PASSWORD}"), "+OK").await;
}

#[tokio::test]
async fn messages_are_deleted_by_quit_alone() {
    let server = Running::start().await;
    let mut session = Session::open(&server, Way::Smtp).await;
    for subject in ["one", "two", "three"] {
        session.send(ALICE, &format!("Subject: {subject}\r\n\r\n").into()).await;
    }
    let mut pop3 = server.pop3(ALICE).await;
    let all = pop3.lists("UIDL").await;
    assert_eq!(all.len(), 3);
    pop3.says("DELE 1", "+OK").await;
    pop3.says("DELE 2", "+OK").await;
    assert_eq!(pop3.lists("UIDL").await, all[2..]);
    pop3.says("RETR 1", "-ERR").await;
    drop(pop3);
    let deadline = Instant::now() + support::PATIENCE;
    while server.store.maildrop(server.alice).await.is_err() {
        assert!(Instant::now() < deadline, "the maildrop is still locked");
        sleep(Duration::from_millis(5)).await;
    }

    let mut pop3 = server.pop3(ALICE).await;
    assert_eq!(pop3.lists("UIDL").await, all, "a dropped connection deleted something");
    pop3.says("DELE 1", "+OK").await;
    pop3.says("RSET", "+OK").await;
    pop3.says("DELE 2", "+OK").await;
    pop3.says("QUIT", "+OK").await;

    let mut pop3 = server.pop3(ALICE).await;
    let left = pop3.lists("UIDL").await;
    assert_eq!(left.iter().map(|line| &line[2..]).collect::<Vec<_>>(), [&all[0][2..], &all[2][2..]]);
    let top = pop3.lists("TOP 2 0").await;
    assert!(top.contains(&"Subject: three".to_owned()), "{top:?}");
}

#[tokio::test]
async fn a_server_that_stops_lets_transactions_end_and_tells_the_others() {
    let server = Running::start().await;
    let mut busy = server.connect(Service::Smtp).await;
    busy.says("EHLO c.example.org", "250").await;
    busy.begin(ALICE).await;
    busy.send("Subject: under way\r\n").await;
    let mut idle = server.connect(Service::Smtp).await;
    let mut logging_in = server.connect(Service::Submissions).await;
    logging_in.says("EHLO c.example.org", "250").await;
    logging_in.says("AUTH LOGIN", "334").await;
    let mut pop3 = server.pop3(ALICE).await;

    server.stop();
    assert!(idle.reply().await.starts_with("421 4.3.2 "));
    assert!(logging_in.reply().await.starts_with("421 4.3.2 "));
    assert!(pop3.line().await.starts_with("-ERR [SYS/TEMP]"));
    for mut wire in [idle, logging_in, pop3] {
        assert_eq!(wire.rest().await, b"");
    }
    busy.says("\r\nstill under way\r\n.", "250").await;
    assert!(busy.reply().await.starts_with("421 4.3.2 "));
    assert_eq!(busy.rest().await, b"");

    let store = server.store.clone();
    let (alice, dir) = (server.alice, server.stopped().await);
    assert_eq!(store.maildrop(alice).await.unwrap().messages().len(), 1);
    drop(dir);
}

#[tokio::test]
async fn a_message_that_is_being_read_is_read_to_its_end_when_the_server_stops() {
    let server = Running::start().await;
    let body = Bytes::from(b"0123456789abcdef0123456789abcd\r\n".repeat(300_000));
    Session::open(&server, Way::Lmtp).await.send(ALICE, &body).await;
    let mut pop3 = server.pop3(ALICE).await;
    pop3.says("RETR 1", "+OK").await;
    server.stop();
    let rest = pop3.rest().await;
    let (message, last) = rest.split_at(rest.len() - rest.len().min(200));
    assert!(message.len() + 200 > body.len(), "cut after {} octets", message.len());
    assert!(last.windows(5).any(|end| end == b"\r\n.\r\n"), "{}", last.escape_ascii());
    server.stopped().await;
}

#[tokio::test]
async fn handshakes_that_never_come_do_not_keep_the_server_from_stopping() {
    let server = Running::start().await;
    let _silent = TcpStream::connect(server.address(Service::Pop3s)).await.unwrap();
    let mut smtp = server.connect(Service::Smtp).await;
    smtp.says("EHLO c.example.org", "250").await;
    smtp.says("STARTTLS", "220").await;
    let mut pop3 = server.connect(Service::Pop3).await;
    pop3.says("STLS", "+OK").await;
    sleep(Duration::from_millis(50)).await;
    let stopped = Instant::now();
    server.stop();
    server.stopped().await;
    assert!(stopped.elapsed() < Duration::from_secs(5), "{:?}", stopped.elapsed());
}

#[tokio::test]
async fn no_session_outlives_the_server() {
    let server = Running::start_with(|config| config.limits.shutdown_grace_seconds = 1).await;
    let mut endless = server.connect(Service::Smtp).await;
    endless.says("EHLO c.example.org", "250").await;
    endless.begin(ALICE).await;
    endless.send("Subject: endless\r\n").await;
    server.stop();
    let store = server.store.clone();
    let (alice, dir) = (server.alice, server.stopped().await);
    assert_eq!(endless.rest().await, b"");
    assert_eq!(store.maildrop(alice).await.unwrap().messages().len(), 0);
    drop(dir);
}

#[tokio::test]
async fn a_full_house_says_so_and_costs_nothing() {
    let server = Running::start_with(|config| config.limits.max_connections = 1).await;
    let first = server.connect(Service::Smtp).await;
    let mut second = server.connect_unheard(Service::Lmtp).await;
    assert!(second.reply().await.starts_with("421 "));
    assert_eq!(second.rest().await, b"");
    let mut third = server.connect_unheard(Service::Pop3).await;
    assert!(third.line().await.starts_with("-ERR "));
    // A handshake is the dearest part of a connection: none is made.
    let mut fourth = Wire::connect(server.address(Service::Pop3s)).await;
    assert_eq!(fourth.rest().await, b"");
    drop(first);
    let deadline = Instant::now() + support::PATIENCE;
    loop {
        let mut next = server.connect_unheard(Service::Smtp).await;
        if next.reply().await.starts_with("220 ") {
            break;
        }
        assert!(Instant::now() < deadline, "the place is still taken");
        sleep(Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn more_connections_than_can_be_counted_may_be_allowed() {
    let server = Running::start_with(|config| config.limits.max_connections = usize::MAX).await;
    server.connect(Service::Smtp).await;
}
