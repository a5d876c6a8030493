//! Who may come in, and how sessions end.
use super::{
    ALICE,
    support::{PASSWORD, Running, imap::Imap},
};
use base64::{Engine, prelude::BASE64_STANDARD as BASE64};
use mail_server::server::Service;

#[tokio::test]
async fn nobody_logs_in_in_clear_and_no_password_is_asked_for() {
    let server = Running::start().await;
    let mut session = Imap::connect(&server, Service::Imap).await;
    let offered = session.ok("CAPABILITY").await;
    assert!(offered[0].contains(" STARTTLS") && offered[0].contains(" LOGINDISABLED"), "{offered:?}");
    assert!(!offered[0].contains("AUTH="), "{offered:?}");
    session.refused(&format!("LOGIN {ALICE} \"{PASSWORD}\""), "NO [PRIVACYREQUIRED]").await;
    // A literal that waits is never asked for.
    session.refused("LOGIN {5}", "NO [PRIVACYREQUIRED]").await;
    session.refused("AUTHENTICATE PLAIN", "NO [PRIVACYREQUIRED]").await;
    session.refused("SELECT INBOX", "BAD").await;
}

#[tokio::test]
async fn starttls_then_authenticate() {
    let server = Running::start().await;
    for initial in [true, false] {
        let mut session = Imap::connect(&server, Service::Imap).await;
        session.ok("STARTTLS").await;
        let mut session = session.into_tls(&server).await;
        let offered = session.ok("CAPABILITY").await;
        assert!(!offered[0].contains("STARTTLS") && offered[0].contains(" AUTH=PLAIN"), "{offered:?}");
        let response = BASE64.encode(format!("\0{ALICE}\0{PASSWORD}"));
        if initial {
            session.ok(&format!("AUTHENTICATE PLAIN {response}")).await;
        } else {
            session.begin("AUTHENTICATE PLAIN").await;
            assert!(session.response().await.starts_with("+ "));
            session.send(format!("{response}\r\n")).await;
            assert!(session.answer().await.done.starts_with("OK [CAPABILITY "));
        }
        session.ok("SELECT INBOX").await;
    }
}

#[tokio::test]
async fn what_is_said_in_clear_behind_starttls_ends_the_session() {
    let server = Running::start().await;
    let mut session = Imap::connect(&server, Service::Imap).await;
    session.send("a STARTTLS\r\nb NOOP\r\n").await;
    let rest = session.rest().await;
    assert!(!rest.contains("b OK"), "{rest}");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_too_many_end_the_session() {
    let server = Running::start().await;
    let mut session = Imap::connect(&server, Service::Imaps).await;
    session.refused(&format!("LOGIN {ALICE} wrong"), "NO [AUTHENTICATIONFAILED]").await;
    session.refused("LOGIN nobody@example.org wrong", "NO [AUTHENTICATIONFAILED]").await;
    session.ok(&format!("LOGIN {ALICE} \"{PASSWORD}\"")).await;
    session.refused(&format!("LOGIN {ALICE} \"{PASSWORD}\""), "BAD").await;
}

#[tokio::test]
async fn a_session_is_told_when_the_server_stops() {
    let server = Running::start().await;
    let mut idle = Imap::open(&server, "INBOX").await;
    idle.begin("IDLE").await;
    assert!(idle.response().await.starts_with("+ "));
    let mut other = Imap::open(&server, "INBOX").await;
    server.stop();
    assert!(idle.rest().await.starts_with("* BYE "));
    assert!(other.rest().await.starts_with("* BYE "));
    server.stopped().await;
}
