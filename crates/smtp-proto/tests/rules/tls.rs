//! STARTTLS.
use super::{
    common::{auth, config, submission},
    server_session::Session,
};
use bytes::BytesMut;
use smtp_proto::{
    Identity, Offer, ProtocolError, Reason, Requirement, Security, ServerConfig, Step, Upgrade, UpgradeError,
    server::Event,
};

/// A server that has said 220 to STARTTLS, behind these lines.
fn upgrading(config: ServerConfig, lines: &str) -> (Session, Upgrade) {
    let mut session = Session::new(config);
    session.say(&format!("EHLO c\r\n{lines}"));
    session.said();
    session.input.extend_from_slice(b"STARTTLS\r\n");
    let Ok(Step::Event(Event::StartTls(ask))) = session.server.receive(&mut session.input) else {
        panic!("STARTTLS may stand there");
    };
    let upgrade = session.server.accept(ask, ()).unwrap();
    assert!(session.said().starts_with("220 "));
    (session, upgrade)
}

/// The same, under TLS.
fn upgraded(config: ServerConfig, lines: &str) -> Session {
    let (mut session, upgrade) = upgrading(config, lines);
    session.server.upgraded(upgrade, &BytesMut::new()).unwrap();
    session
}

fn starttls() -> ServerConfig {
    ServerConfig { starttls: Offer::Yes, ..auth() }
}

// covers rfc3207 6 server-injected
#[test]
fn a_server_that_finds_clear_octets_behind_its_220_gives_up() {
    let (mut session, _upgrade) = upgrading(starttls(), "");
    session.input.extend_from_slice(b"MAIL FROM:<evil@example.com>\r\n");
    let error = session.server.receive(&mut session.input).unwrap_err();
    assert_eq!(error, ProtocolError::InjectedPlaintext);
}

// covers rfc3207 6 server-injected-late
#[test]
fn clear_octets_that_came_just_before_tls_are_not_read_as_if_they_came_under_it() {
    let (mut session, upgrade) = upgrading(starttls(), "");
    session.input.extend_from_slice(b"MAIL FROM:<evil@example.com>\r\n");
    let error = session.server.upgraded(upgrade, &session.input).unwrap_err();
    assert!(matches!(error, UpgradeError::Protocol(ProtocolError::InjectedPlaintext)), "{error}");
}

// covers rfc3207 4.2 server-starts-anew
// covers rfc3207 4.2 server-forgets-hello
#[test]
fn under_tls_a_session_begins_anew() {
    let mut session = upgraded(starttls(), "");
    assert_eq!((session.server.dialect(), session.server.state().security), (None, Security::Tls));
    session.say("MAIL FROM:<>\r\n");
    assert_eq!(session.said(), "503 5.5.1 say hello first\r\n");
    session.say("EHLO c\r\nSTARTTLS\r\n");
    let said = session.said();
    assert!(!said.contains("STARTTLS") && said.ends_with("503 5.5.1 already under TLS\r\n"), "{said}");
}

// covers rfc3207 4.2 login-forgotten
#[test]
fn a_login_in_clear_counts_for_nothing_under_tls() {
    let mut session = upgraded(starttls(), "AUTH PLAIN dGVzdAB0ZXN0ADEyMzQ=\r\n");
    assert_eq!(session.server.state().identity, Identity::Anonymous);
    session.say("EHLO c\r\n");
    let said = session.said();
    assert!(said.contains("AUTH PLAIN LOGIN"), "{said}");
}

// covers rfc3207 4 in-clear-all-the-same
// covers rfc3207 4 ehlo-in-clear
#[test]
fn where_tls_is_required_a_client_may_still_find_out_and_leave() {
    let config = || ServerConfig { tls: Requirement::Required, ..submission() };
    let mut session = Session::new(config());
    session.say("NOOP\r\nEHLO c\r\nMAIL FROM:<>\r\nQUIT\r\n");
    let said = session.said();
    let last: Vec<_> = said.lines().rev().take(2).map(|line| &line[..3]).collect();
    assert_eq!(last, ["221", "530"], "{said}");
    assert!(said.contains("\r\n250 2.0.0 ok\r\n"), "{said}");
    // STARTTLS is heard.
    let (_session, _upgrade) = upgrading(config(), "");
}

// covers rfc3207 2 starttls-offered
#[test]
fn starttls_is_offered_where_the_host_can_and_nowhere_else() {
    for (config, offered) in [(starttls(), true), (config(), false)] {
        let mut session = Session::new(config);
        session.say("EHLO c\r\n");
        let said = session.said();
        assert_eq!(said.contains("STARTTLS"), offered, "{said}");
    }
}

/// The next octet is TLS's: a line of text there would break the handshake.
#[test]
fn behind_its_220_a_server_that_goes_down_says_nothing_in_clear() {
    let (mut session, _upgrade) = upgrading(starttls(), "");
    session.server.close(Reason::Shutdown);
    assert_eq!(session.said(), "");
}
