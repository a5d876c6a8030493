//! What CAPA answers, octet for octet.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod common;

use bytes::Bytes;
use common::Session;
use pop3_proto::{
    Capability, CleartextLogin, Implementation, Mechanism, Mechanisms, Offer, Retention, Scope, Security,
    ServerConfig,
};

const ALWAYS: &str = "+OK capability list follows\r\nTOP\r\nUIDL\r\nRESP-CODES\r\nPIPELINING\r\n";

fn capa(config: ServerConfig) -> String {
    let mut session = Session::new(config);
    session.proceed();
    session.heard();
    session.exchange("CAPA\r\n")
}

fn full() -> ServerConfig {
    let mut config = ServerConfig::default();
    config.stls = Offer::Yes;
    config.mechanisms = Mechanisms::new([Mechanism::SCRAM_SHA_256, Mechanism::PLAIN]).unwrap();
    config
}

// covers rfc2595 2.3 logins-unlisted-in-clear
// covers rfc2595 4 stls-listed
// covers rfc2595 2.3 cleartext-is-chosen
#[test]
fn in_clear_no_way_to_log_in_is_listed() {
    assert_eq!(capa(full()), format!("{ALWAYS}STLS\r\n.\r\n"));
    assert_eq!(capa(ServerConfig::default()), format!("{ALWAYS}.\r\n"));
}

// covers rfc2449 6.1 top-listed
// covers rfc2449 6.8 uidl-listed
// covers rfc2449 6.4 resp-codes-listed
// covers rfc2449 6.6 pipelining-listed
// covers rfc2449 6.2 user-listed
// covers rfc2449 6.3 sasl-listed
// covers rfc5034 3 sasl-listed
// covers rfc2595 4 stls-unlisted-under-tls
// covers rfc2449 5 capa-ends
#[test]
fn under_tls_all_ways_are_listed_and_stls_is_not() {
    let mut config = full();
    config.security = Security::Tls;
    assert_eq!(capa(config), format!("{ALWAYS}USER\r\nSASL SCRAM-SHA-256 PLAIN\r\n.\r\n"));
}

#[test]
fn cleartext_logins_are_listed_where_they_are_allowed() {
    let mut config = full();
    config.cleartext = CleartextLogin::Allow;
    assert_eq!(capa(config), format!("{ALWAYS}USER\r\nSASL SCRAM-SHA-256 PLAIN\r\nSTLS\r\n.\r\n"));
}

#[test]
fn what_is_not_offered_is_not_listed() {
    let mut config = ServerConfig::default();
    config.security = Security::Tls;
    config.user = Offer::No;
    assert_eq!(capa(config), format!("{ALWAYS}.\r\n"));
}

// covers rfc2449 6.5 login-delay-listed
// covers rfc2449 6.7 expire-listed
// covers rfc3206 6 auth-resp-code-listed
// covers rfc2449 6.9 implementation-listed
#[test]
fn the_host_adds_what_only_it_knows() {
    let mut config = ServerConfig::default();
    config.capabilities = vec![
        Capability::Expire { retention: Retention::Days(60), scope: Scope::User },
        Capability::LoginDelay { seconds: 900, scope: Scope::Everyone },
        Capability::AuthRespCode,
        Capability::parse(&Bytes::from_static(b"X-HELLO world")).unwrap(),
        // Whether these hold, the session itself knows.
        Capability::Stls,
        Capability::User,
        Capability::Sasl(Mechanisms::new([Mechanism::PLAIN]).unwrap()),
        Capability::Top,
    ];
    config.implementation = Some(Implementation::try_from("Shlemazle-Plotz-v302").unwrap());
    assert_eq!(
        capa(config),
        format!(
            "{ALWAYS}EXPIRE 60 USER\r\nLOGIN-DELAY 900\r\nAUTH-RESP-CODE\r\nX-HELLO world\r\n\
             IMPLEMENTATION Shlemazle-Plotz-v302\r\n.\r\n"
        )
    );
}

/// RFC 2449 section 5: what is announced before the login is announced behind it too.
#[test]
fn the_login_takes_nothing_from_the_list() {
    let mut config = full();
    config.cleartext = CleartextLogin::Allow;
    let before = capa(config.clone());
    let mut session = Session::new(config);
    session.exchange("USER mrose\r\nPASS tan staaf\r\n");
    assert_eq!(session.exchange("CAPA\r\n"), before);
}

// covers rfc2449 6.9 implementation-length
#[test]
fn an_implementation_fits_its_line() {
    let longest = "x".repeat(495);
    let mut config = ServerConfig::default();
    config.implementation = Some(Implementation::try_from(&*longest).unwrap());
    assert!(capa(config).lines().all(|line| line.len() + 2 <= 512));
    let error = Implementation::try_from("").unwrap_err();
    assert_eq!(error.to_string(), "implementation text of 0 octets where 1 to 495 are allowed");
    assert!(Implementation::try_from(&*"x".repeat(496)).is_err());
    let error = Implementation::try_from("a\r\n.").unwrap_err();
    assert_eq!(error.to_string(), "octet 0x0d at 1 where a line may hold no CR, LF or NUL");
}
