//! What extensions of SMTP do for a user: messages in chunks and of any octets, what is asked of notifications, TLS that
//! is demanded, limits that are told.

#![allow(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

mod support;

use mail_server::{
    server::Service,
    store::{Body, FolderName, Maildrop, Store},
};
use std::{net::SocketAddr, time::Instant};
use support::{PATIENCE, Running, imap::Imap, wire::Wire};

const ALICE: &str = "alice@example.org";

/// Says a chunk; its octets go along with the command.
async fn bdat(wire: &mut Wire, octets: &[u8], last: &str, expected: &str) {
    wire.send(format!("BDAT {}{last}\r\n", octets.len())).await;
    wire.send(octets).await;
    let reply = wire.reply().await;
    assert!(reply.starts_with(expected), "a chunk was answered {reply}");
}

/// A session that has said hello, with what it was offered.
async fn greeted(server: &Running, service: Service) -> (Wire, Vec<String>) {
    let mut wire = server.connect(service).await;
    let hello = if service == Service::Lmtp { "LHLO" } else { "EHLO" };
    let offer = wire.says(&format!("{hello} c.example.org"), "250").await;
    (wire, offer.lines().skip(1).map(|line| line[4..].to_owned()).collect())
}

/// What the store keeps of a message, without the two fields that the server put before it.
async fn stored(server: &Running, number: usize) -> Vec<u8> {
    let maildrop = server.store.maildrop(server.alice).await.unwrap();
    let mut body = maildrop.open(&maildrop.messages()[number]).await.unwrap();
    let mut octets = Vec::new();
    while let Some(chunk) = body.next().await.unwrap() {
        octets.extend_from_slice(&chunk);
    }
    let end = octets.windows(9).position(|text| text == b"\r\nSubject").unwrap();
    octets.split_off(end + 2)
}

#[tokio::test]
async fn what_can_be_done_is_offered_and_tls_is_demanded_under_tls_alone() {
    let server = Running::start_with(|config| config.limits.max_recipients = 7).await;
    let common = [
        "PIPELINING",
        "SIZE 67108864",
        "8BITMIME",
        "SMTPUTF8",
        "ENHANCEDSTATUSCODES",
        "CHUNKING",
        "BINARYMIME",
        "DSN",
        "LIMITS RCPTMAX=7",
    ];
    for service in [Service::Smtp, Service::Lmtp, Service::Submissions] {
        let (_, offer) = greeted(&server, service).await;
        for line in common {
            assert!(offer.iter().any(|offered| offered == line), "{service}: {line} is not of {offer:?}");
        }
        let is_tls = service.is_tls();
        assert_eq!(offer.iter().any(|line| line == "REQUIRETLS"), is_tls, "{service}: {offer:?}");
        assert_eq!(offer.iter().any(|line| line == "STARTTLS"), !is_tls, "{service}: {offer:?}");
    }
}

#[tokio::test]
async fn a_session_has_as_many_transactions_and_domains_as_is_told() {
    let server = Running::start_with(|config| {
        config.limits.max_transactions = 1;
        config.limits.max_domains = 1;
    })
    .await;
    let (mut wire, offer) = greeted(&server, Service::Lmtp).await;
    assert!(offer.iter().any(|line| line == "LIMITS RCPTMAX=1000 MAILMAX=1 RCPTDOMAINMAX=1"), "{offer:?}");
    wire.says("MAIL FROM:<bob@example.net>", "250").await;
    wire.says(&format!("RCPT TO:<{ALICE}>"), "250").await;
    wire.says("RCPT TO:<cy@elsewhere.example>", "452 4.5.3").await;
    wire.says("RSET", "250").await;
    wire.says("MAIL FROM:<bob@example.net>", "421").await;
}

#[tokio::test]
async fn a_message_in_chunks_is_kept_octet_for_octet() {
    let server = Running::start().await;
    let every_octet: Vec<u8> = (0..=u8::MAX).cycle().take(200_000).collect();
    let binary = [&b"Subject: any\r\n\r\n.\r\n..\n.\r\r\n.\r\nQUIT\r\n"[..], &every_octet].concat();
    for (service, body) in [(Service::Smtp, " BODY=BINARYMIME"), (Service::Lmtp, "")] {
        let (mut wire, _) = greeted(&server, service).await;
        wire.says(&format!("MAIL FROM:<bob@example.net>{body}"), "250").await;
        wire.says(&format!("RCPT TO:<{ALICE}>"), "250").await;
        for chunk in binary.chunks(70_000) {
            bdat(&mut wire, chunk, "", "250").await;
        }
        bdat(&mut wire, b"", " LAST", "250").await;
        wire.says("QUIT", "221").await;
    }
    for number in 0..2 {
        assert!(stored(&server, number).await == binary, "message {number} was changed");
    }
    // IMAP has no NUL, POP3 no line end but CRLF; nothing else is changed.
    let mut imap = Imap::open(&server, "INBOX").await;
    let told = imap.ok("FETCH 1 BODY.PEEK[TEXT]").await;
    let text = &binary[b"Subject: any\r\n\r\n".len()..];
    let without_nul: Vec<u8> = text.iter().map(|octet| if *octet == 0 { 0x80 } else { *octet }).collect();
    let expected = format!("{{{}}}\r\n{})", text.len(), String::from_utf8_lossy(&without_nul));
    assert!(told[0].ends_with(&expected), "IMAP tells something else");
    drop(imap);
    let retrieved = server.read_back(ALICE).await;
    let crlf = |octets: &[u8]| {
        let lines =
            String::from_utf8(octets.iter().flat_map(|octet| octet.escape_ascii()).collect()).unwrap();
        lines.replace("\\r\\n", "\n").replace("\\r", "\n").replace("\\n", "\n")
    };
    let retrieved = crlf(&retrieved[0]);
    assert!(retrieved.trim_end_matches('\n').ends_with(&crlf(text)), "POP3 tells something else");
}

#[tokio::test]
async fn chunks_of_which_one_is_refused_are_no_message() {
    let server = Running::start_with(|config| config.limits.max_message = 1000).await;
    let (mut wire, _) = greeted(&server, Service::Smtp).await;
    wire.says("MAIL FROM:<bob@example.net>", "250").await;
    wire.says(&format!("RCPT TO:<{ALICE}>"), "250").await;
    bdat(&mut wire, &[b'x'; 900], "", "250").await;
    bdat(&mut wire, &[b'\n'; 900], "", "552 5.3.4").await;
    bdat(&mut wire, b"MAIL FROM:<x@example.org>\r\n", " LAST", "503").await;
    wire.says("RSET", "250").await;
    wire.says("MAIL FROM:<bob@example.net>", "250").await;
    wire.says("RCPT TO:<nobody@example.org>", "550").await;
    bdat(&mut wire, b"Subject: to nobody\r\n", " LAST", "503").await;
    wire.says("RSET", "250").await;
    wire.begin(ALICE).await;
    wire.says("Subject: whole\r\n.", "250").await;
    assert_eq!(server.read_back(ALICE).await.len(), 1);
}

#[tokio::test]
async fn a_message_that_comes_in_chunks_may_end_when_the_server_stops() {
    let server = Running::start().await;
    let (mut wire, _) = greeted(&server, Service::Smtp).await;
    wire.says("MAIL FROM:<bob@example.net>", "250").await;
    wire.says(&format!("RCPT TO:<{ALICE}>"), "250").await;
    bdat(&mut wire, b"Subject: under way\r\n", "", "250").await;
    server.stop();
    bdat(&mut wire, b"\r\nstill under way\r\n", " LAST", "250").await;
    assert!(wire.reply().await.starts_with("421 4.3.2 "));
    let (store, alice) = (server.store.clone(), server.alice);
    let _dir = server.stopped().await;
    assert_eq!(store.maildrop(alice).await.unwrap().messages().len(), 1);
}

#[tokio::test]
async fn what_is_asked_of_notifications_is_kept_with_the_message() {
    let server = Running::start().await;
    for service in [Service::Smtp, Service::Lmtp] {
        let (mut wire, _) = greeted(&server, service).await;
        wire.says("MAIL FROM:<bob@example.net> RET=HDRS ENVID=QQ+2B31 SIZE=100", "250").await;
        wire.says("RCPT TO:<nobody@example.org> NOTIFY=NEVER", "550").await;
        let alice = "RCPT TO:<Alice@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;al+2Bice@old.example";
        wire.says(alice, "250").await;
        wire.says("RCPT TO:<postmaster> NOTIFY=NEVER,DELAY", "501").await;
        wire.says("RCPT TO:<postmaster> NOTIFY=NEVER", "250").await;
        wire.says("DATA", "354").await;
        wire.says("Subject: asking\r\n.", "250").await;
    }
    let envelopes = server.store.envelopes(server.alice, &FolderName::inbox()).await.unwrap();
    let expected = "MAIL FROM:<bob@example.net> RET=HDRS ENVID=QQ+2B31 SIZE=100\n\
                    RCPT TO:<Alice@example.org> NOTIFY=SUCCESS,DELAY ORCPT=rfc822;al+2Bice@old.example\n\
                    RCPT TO:<Postmaster> NOTIFY=NEVER";
    assert_eq!(envelopes.iter().map(|(_, of)| of.to_string()).collect::<Vec<_>>(), [expected, expected]);
}

#[tokio::test]
async fn where_no_notifications_are_to_be_asked_for_they_are_not_offered() {
    let server = Running::start_with(|config| config.smtp.dsn = false).await;
    let (mut wire, offer) = greeted(&server, Service::Smtp).await;
    assert!(!offer.iter().any(|line| line == "DSN"), "{offer:?}");
    wire.says("MAIL FROM:<bob@example.net> RET=HDRS", "555").await;
}

#[tokio::test]
async fn a_message_that_demands_tls_is_taken_under_tls_alone() {
    let server = Running::start().await;
    let (mut wire, _) = greeted(&server, Service::Smtp).await;
    wire.says("MAIL FROM:<bob@example.net> REQUIRETLS", "555").await;
    wire.says("STARTTLS", "220").await;
    let mut wire = wire.into_tls(server.trust()).await;
    wire.says("EHLO c.example.org", "250").await;
    wire.says("MAIL FROM:<bob@example.net> REQUIRETLS", "250").await;
    wire.says(&format!("RCPT TO:<{ALICE}>"), "250").await;
    wire.says("DATA", "354").await;
    wire.says("Subject: demanded\r\n.", "250").await;
    let envelopes = server.store.envelopes(server.alice, &FolderName::inbox()).await.unwrap();
    assert!(envelopes[0].1.mail.parameters().requiretls());
}

/// Elsewhere loopback is one address, which is trusted.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn who_speaks_before_the_greeting_is_refused_and_who_waits_is_greeted() {
    let server = Running::start_with(|config| {
        config.smtp.greeting_delay_milliseconds = 200;
        config.limits.trusted.clear();
    })
    .await;
    let from = SocketAddr::from(([127, 0, 0, 2], 0));
    let mut early = Wire::connect_from(from, server.address(Service::Smtp)).await;
    early.says("EHLO c.example.org", "554 5.5.1").await;
    let begun = Instant::now();
    let mut patient = Wire::connect_from(from, server.address(Service::Smtp)).await;
    assert!(patient.reply().await.starts_with("220 "));
    assert!(begun.elapsed().as_millis() >= 200, "{:?}", begun.elapsed());
    patient.says("EHLO c.example.org", "250").await;
    patient.begin(ALICE).await;
    // Nobody waits on the other ports.
    let mut lmtp = Wire::connect_from(from, server.address(Service::Lmtp)).await;
    lmtp.send("LHLO c.example.org\r\n").await;
    assert!(lmtp.reply().await.starts_with("220 "));

    // One who leaves before the greeting does not keep the server from stopping.
    drop(Wire::connect_from(from, server.address(Service::Smtp)).await);
    drop((early, patient, lmtp));
    let stopped = Instant::now();
    server.stop();
    server.stopped().await;
    assert!(stopped.elapsed() < PATIENCE);
}
