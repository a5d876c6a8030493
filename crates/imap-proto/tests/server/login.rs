//! LOGIN, AUTHENTICATE, STARTTLS, ENABLE: who is there, and what was agreed on.
use crate::common::{Driven, Told, open_config, selected, session};
use imap_proto::{
    CleartextLogin, Encoding, Mechanism, Offer, ProtocolError, Reason, Security, ServerConfig, Step,
    UpgradeError,
    response::{Capabilities, Capability},
    server::{AuthAnswer, Event, Rejection, Server, Welcome},
};

const GREETING: &str = "S: * OK [CAPABILITY {BEFORE}] IMAP4rev1 server ready\n";

fn login(script: &str) -> Vec<String> {
    session(&open_config(), &format!("{GREETING}{script}"), || Told::new(&[]))
}

// covers rfc3501 3.2 logged-in
#[test]
fn plain_in_one_step_and_in_two() {
    let log = login(
        r"
        C: A01 AUTHENTICATE PLAIN
        S: +\x20
        C: AHRpbQB0YW5zdGFhZnRhbnN0YWFm
        S: A01 OK [CAPABILITY {AFTER}] logged in
        ",
    );
    assert_eq!(log, ["authenticate PLAIN None", r"response \x00tim\x00tanstaaftanstaaf"]);
    let log = login(
        r"
        C: A01 authenticate plain AHRpbQB0YW5zdGFhZnRhbnN0YWFm
        S: A01 OK [CAPABILITY {AFTER}] logged in
        ",
    );
    assert_eq!(log, [r#"authenticate PLAIN Some("\\x00tim\\x00tanstaaftanstaaf")"#]);
}

// covers rfc3501 6.2.2 exchange-state
// covers rfc3501 6.2.2 exchange-succeeds
#[test]
fn an_exchange_of_three_steps_and_one_that_fails() {
    let log = login(
        r"
        C: A01 AUTHENTICATE LOGIN
        S: + VXNlciBOYW1l
        C: dGlt
        S: + UGFzc3dvcmQ=
        C: d3Jvbmc=
        S: A01 NO [AUTHENTICATIONFAILED] authentication failed
        C: A02 AUTHENTICATE LOGIN
        S: + VXNlciBOYW1l
        C: dGlt
        S: + UGFzc3dvcmQ=
        C: c2VjcmV0
        S: A02 OK [CAPABILITY {AFTER}] logged in
        ",
    );
    assert_eq!(log.last().unwrap(), "response secret");
}

// covers rfc3501 2.2.1 syntax-is-bad
// covers rfc3501 6.2.2 unknown-mechanism
#[test]
fn an_exchange_is_cancelled_or_broken_and_the_session_goes_on() {
    let log = login(
        r"
        C: a AUTHENTICATE PLAIN
        S: +\x20
        C: *
        S: a BAD authentication cancelled
        C: b AUTHENTICATE PLAIN
        S: +\x20
        C: no base64!
        S: b BAD not base64, or base64 without its padding
        C: c AUTHENTICATE PLAIN
        S: +\x20
        C: c LOGIN {5}
        S: c BAD expected base64
        C: d AUTHENTICATE PLAIN
        S: +\x20
        C: nul\0
        S: d BAD NUL at octet 3
        C: e AUTHENTICATE CRAM-MD5
        S: e NO [CANNOT] this mechanism is not offered
        C: f AUTHENTICATE PLAIN =x
        S: f BAD expected base64 at octet 21, found '='
        C: g NOOP
        S: g OK NOOP completed
        ",
    );
    let cancelled = log.iter().filter(|entry| *entry == "auth cancelled").count();
    assert_eq!(cancelled, 4);
    assert_eq!(log.last().unwrap(), "NOOP");
}

// covers rfc3501 2.2.2 one-completion
// covers rfc4959 3 needs-sasl-ir
#[test]
fn an_initial_response_needs_its_capability() {
    let mut config = open_config();
    config.capabilities = config.capabilities.without(Capability::SaslIr);
    let mut driven = Driven::new(config);
    driven.hear("a AUTHENTICATE PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n");
    assert!(driven.needs_input());
    assert_eq!(driven.said(), "a BAD an initial response is not offered\r\n");
}

// covers rfc3501 6.2.2 challenge-is-a-plus
// covers rfc3501 6.2.2 exchange-fails
#[test]
fn a_login_that_fails_may_be_tried_again_but_not_for_ever() {
    let mut config = open_config();
    config.max_failed_logins = 3;
    let log = session(
        &config,
        &format!(
            r"{GREETING}
            C: a LOGIN tim wrong
            S: a NO [AUTHENTICATIONFAILED] authentication failed
            C: b LOGIN tim wronger
            S: b NO [AUTHENTICATIONFAILED] authentication failed
            C: c AUTHENTICATE PLAIN
            S: +\x20
            C: *
            S: c BAD authentication cancelled
            S: * BYE too many failed logins
            "
        ),
        || Told::new(&[]),
    );
    assert_eq!(log.last().unwrap(), "closed");
}

#[test]
fn a_password_cannot_be_guessed_for_ever_by_authenticate_either() {
    for said in ["a AUTHENTICATE PLAIN eA==\r\n", "a AUTHENTICATE PLAIN\r\neA==\r\n"] {
        let mut config = open_config();
        config.max_failed_logins = 1;
        let mut driven = Driven::new(config);
        driven.hear(said);
        loop {
            match driven.step() {
                Step::Event(Event::Authenticate(ask)) if ask.initial.is_none() => {
                    driven.server.accept(ask, AuthAnswer::Challenge(Vec::new())).unwrap();
                }
                Step::Event(Event::Authenticate(ask)) => {
                    driven.server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap();
                }
                Step::Event(Event::AuthResponse(ask)) => {
                    driven.server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap();
                }
                other => break assert!(matches!(other, Step::Closed), "{said}: {other:?}"),
            }
        }
        assert!(driven.said().ends_with("* BYE too many failed logins\r\n"), "{said}");
    }
}

// covers rfc3501 6.1.1 capability-is-told
#[test]
fn a_password_is_not_asked_for_again_after_the_login() {
    login(
        r"
        C: a LOGIN tim secret
        S: a OK [CAPABILITY {AFTER}] logged in
        C: b LOGIN tim secret
        S: b BAD [CLIENTBUG] LOGIN: already logged in
        C: c STARTTLS
        S: c BAD [CLIENTBUG] STARTTLS: already logged in
        C: d CAPABILITY
        S: * CAPABILITY {AFTER}
        S: d OK CAPABILITY completed
        ",
    );
}

fn tls_config() -> ServerConfig {
    let mut config = open_config();
    config.starttls = Offer::Yes;
    config.cleartext = CleartextLogin::Refuse;
    config
}

const TLS_GREETING: &str = "S: * OK [CAPABILITY IMAP4rev1 STARTTLS LOGINDISABLED SASL-IR LITERAL- IDLE ENABLE ID NAMESPACE UIDPLUS MOVE UNSELECT CHILDREN] IMAP4rev1 server ready\n";

// covers rfc3501 6.2.1 starttls-offered
// covers rfc9051 6.2.1 bad-under-tls
// covers rfc9051 6.2.1 starttls-is-gone
#[test]
fn after_starttls_the_client_may_log_in() {
    let log = session(
        &tls_config(),
        &format!(
            r"{TLS_GREETING}
            C: a LOGIN tim secret
            S: a NO [PRIVACYREQUIRED] no login in clear, say STARTTLS first
            C: b STARTTLS
            S: b OK begin TLS negotiation now
            --- TLS ---
            C: c CAPABILITY
            S: * CAPABILITY {{BEFORE}}
            S: c OK CAPABILITY completed
            C: d STARTTLS
            S: d BAD TLS is active already
            C: e LOGIN tim secret
            S: e OK [CAPABILITY {{AFTER}}] logged in
            "
        ),
        || Told::new(&[]),
    );
    assert_eq!(log, ["upgraded", "login tim secret"]);
}

fn upgrading() -> (Driven, imap_proto::Upgrade) {
    let mut driven = Driven::new(tls_config());
    driven.hear("b STARTTLS\r\n");
    let Event::StartTls(ask) = driven.event() else { panic!() };
    let upgrade = driven.server.accept(ask, ()).unwrap();
    (driven, upgrade)
}

// covers rfc9051 6.2.1 no-plaintext-behind-starttls
// covers rfc9051 6.2.1 no-plaintext-into-tls
#[test]
fn octets_in_clear_behind_starttls_are_an_attack() {
    let (mut driven, upgrade) = upgrading();
    driven.hear("c LOGIN tim secret\r\n");
    let error = driven.server.receive(&mut driven.input).unwrap_err();
    assert_eq!(error, ProtocolError::InjectedPlaintext);
    assert!(matches!(driven.step(), Step::Closed));
    assert!(matches!(driven.server.upgraded(upgrade, &driven.input), Err(UpgradeError::Stale(_))));

    let (mut driven, upgrade) = upgrading();
    driven.hear("c");
    let error = driven.server.upgraded(upgrade, &driven.input).unwrap_err();
    assert!(matches!(error, UpgradeError::Protocol(ProtocolError::InjectedPlaintext)));
}

// covers rfc3501 6.2.1 nothing-but-tls
#[test]
fn behind_starttls_nothing_is_said_in_clear() {
    let (mut driven, upgrade) = upgrading();
    assert_eq!(driven.said(), "b OK begin TLS negotiation now\r\n");
    driven.server.close(Reason::Shutdown);
    assert_eq!(driven.said(), "");
    drop(upgrade);
}

// covers rfc3501 6 refused-unread
// covers rfc3501 6.2.1 starttls-not-offered
#[test]
fn starttls_that_is_not_offered_or_refused_changes_nothing() {
    let mut driven = Driven::new(open_config());
    driven.hear("a STARTTLS\r\n");
    assert!(driven.needs_input());
    assert_eq!(driven.said(), "a BAD STARTTLS is not offered\r\n");

    let mut driven = Driven::new(tls_config());
    driven.hear("a STARTTLS\r\nb NOOP\r\n");
    let Event::StartTls(ask) = driven.event() else { panic!() };
    driven.server.reject(ask, Rejection::UNAVAILABLE).unwrap();
    assert!(matches!(driven.event(), Event::Noop(_)));
    assert_eq!(driven.said(), "a NO [UNAVAILABLE] try again later\r\n");
    assert_eq!(driven.server.security(), Security::Clear);
}

// covers rfc5161 3.1 before-select
// covers rfc6855 3 utf8-from-enable-on
// covers rfc5161 3.1 unknown-is-ignored
#[test]
fn what_enable_agreed_on_holds_from_then_on() {
    let mut config = open_config();
    config.capabilities = config.capabilities.with(Capability::Utf8Accept);
    config.enable = config.enable.with(Capability::Utf8Accept).with(Capability::CondStore);
    let mut driven = Driven::logged_in(config);
    driven.hear("a ENABLE utf8=accept X-UNKNOWN QRESYNC\r\n");
    let Event::Enabled(enabled) = driven.event() else { panic!() };
    assert!(enabled.has(Capability::Utf8Accept) && !enabled.has(Capability::QResync));
    assert_eq!(driven.said(), "* ENABLED UTF8=ACCEPT\r\na OK ENABLE completed\r\n");
    assert_eq!(driven.server.encoding(), Encoding::Utf8);
    driven.hear("b CREATE \"Entw\u{fc}rfe\"\r\n");
    let Event::Create(ask) = driven.event() else { panic!() };
    assert_eq!(ask.mailbox.to_str().unwrap(), "Entw\u{fc}rfe");
    let running = driven.server.accept(ask, ()).unwrap();
    let list = imap_proto::response::List {
        kind: imap_proto::response::ListKind::List,
        attributes: Default::default(),
        delimiter: Some('/'),
        mailbox: running.mailbox.clone(),
        extended: Vec::new(),
    };
    driven.server.data(&running, imap_proto::response::Untagged::List(Box::new(list))).unwrap();
    driven.server.complete(running, imap_proto::server::Completion::OK).unwrap();
    assert_eq!(driven.said(), "* LIST () \"/\" \"Entw\u{fc}rfe\"\r\nb OK CREATE completed\r\n");
}

// covers rfc6855 3 bad-charset
// covers rfc3501 6.4.4 charset
// covers rfc5161 3.2 enabled-is-told
#[test]
fn once_utf_8_is_enabled_a_search_that_names_a_charset_is_bad() {
    let mut config = open_config();
    config.enable = config.enable.with(Capability::Utf8Accept);
    let search = "b SEARCH CHARSET UTF-8 SEEN\r\n";

    let mut driven = Driven::in_mailbox(config.clone());
    driven.hear(search);
    assert!(matches!(driven.event(), Event::Search(_)));

    let mut driven = Driven::logged_in(config);
    driven.hear("a ENABLE UTF8=ACCEPT\r\ns SELECT INBOX\r\n");
    assert!(matches!(driven.event(), Event::Enabled(_)));
    let Event::Select(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, selected(None)).unwrap();
    driven.said();
    driven.hear(search);
    driven.hear("c SEARCH SEEN\r\n");
    assert!(matches!(driven.event(), Event::Search(_)));
    assert_eq!(driven.said(), "b BAD UTF8=ACCEPT is enabled, and a charset is named\r\n");
}

// covers rfc3501 7.1.5 rejected-connection
#[test]
fn a_client_that_is_not_welcome_hears_bye() {
    let mut server = Server::new(open_config());
    let mut input = bytes::BytesMut::from("a NOOP\r\n");
    let Ok(Step::Event(Event::Connect(ask))) = server.receive(&mut input) else { panic!() };
    server.reject(ask, Rejection::UNAVAILABLE).unwrap();
    assert!(matches!(server.receive(&mut input), Ok(Step::Closed)));
    assert_eq!(bytes::Buf::chunk(server.transmit()), b"* BYE [UNAVAILABLE] try again later\r\n");
}

// covers rfc3501 6.3.8 list-is-read
// covers rfc3501 7.1.4 greeting-preauth
#[test]
fn a_host_that_knows_who_is_there_asks_for_no_login() {
    let log = session(
        &open_config(),
        r"
        S: * PREAUTH [CAPABILITY {AFTER}] IMAP4rev1 server ready
        C: a LIST x y
        S: a OK LIST completed
        ",
        || {
            let mut host = Told::new(&[]);
            host.welcome = Welcome::PreAuth;
            host
        },
    );
    assert_eq!(log, ["LIST"]);
}

#[test]
fn a_connection_that_is_closed_instead_of_upgraded_is_cut() {
    let (mut driven, upgrade) = upgrading();
    assert!(matches!(driven.step(), Step::NeedAnswer));
    let cut = ProtocolError::Cut { inside: imap_proto::Unit::Upgrade };
    assert_eq!(driven.server.receive_eof(&driven.input), Err(cut));
    drop(upgrade);
}

// covers rfc2971 3.1 id-may-be-nil
// covers rfc2177 3 idle-offered
// covers rfc2342 4 namespace-offered
// covers rfc2971 3 id-offered
// covers rfc3501 6.1.1 not-offered
// covers rfc3691 1 unselect-offered
// covers rfc4315 2.1 needs-uidplus
// covers rfc5161 3.1 enable-offered
// covers rfc6851 1 move-offered
#[test]
fn what_is_not_offered_is_refused() {
    for (capability, command) in [
        (Capability::Id, "ID NIL"),
        (Capability::Enable, "ENABLE X"),
        (Capability::Namespace, "NAMESPACE"),
        (Capability::Idle, "IDLE"),
        (Capability::Unselect, "UNSELECT"),
        (Capability::Move, "MOVE 1 x"),
        (Capability::UidPlus, "UID EXPUNGE 1"),
        (Capability::CompressDeflate, "COMPRESS DEFLATE"),
    ] {
        let mut config = open_config();
        config.capabilities = config.capabilities.without(capability);
        let mut driven = if command.starts_with("ENABLE") {
            Driven::logged_in(config)
        } else {
            Driven::in_mailbox(config)
        };
        driven.hear(&format!("a {command}\r\n"));
        assert!(driven.needs_input());
        let said = driven.said();
        assert!(said.starts_with("a BAD ") && said.ends_with(" is not offered\r\n"), "{said}");
    }
}

// covers rfc4315 2.1 uids-of-uid-expunge
// covers rfc9051 7.2.2 built-in
#[test]
fn what_a_client_of_imap4rev2_knows_is_there_need_not_be_named() {
    let mut config = open_config();
    let mechanism = Mechanism::PLAIN;
    config.capabilities = Capabilities::new().with(Capability::Imap4Rev2).with_mechanism(mechanism);
    let mut driven = Driven::new(config.clone());
    driven.hear("a LOGIN {3+}\r\ntim wrong\r\n");
    let Event::Login(ask) = driven.event() else { panic!() };
    driven.server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap();
    driven.hear("b AUTHENTICATE PLAIN AHRpbQB0YW5zdGFhZnRhbnN0YWFm\r\n");
    let Event::Authenticate(ask) = driven.event() else { panic!() };
    assert!(ask.initial.is_some());
    driven.server.accept(ask, AuthAnswer::Success).unwrap();
    for command in ["NAMESPACE", "ENABLE X", "IDLE", "UNSELECT", "MOVE 1 x", "UID EXPUNGE 1"] {
        let mut driven = if command.starts_with("ENABLE") {
            Driven::logged_in(config.clone())
        } else {
            Driven::in_mailbox(config.clone())
        };
        driven.hear(&format!("a {command}\r\n"));
        assert!(matches!(driven.step(), Step::Event(_)), "{command}");
    }
}

// covers rfc3501 6.2.3 login-disabled
// covers rfc3501 7.2.1 logindisabled-without-login
// covers rfc3501 7.2.1 offered-only-if-done
// covers rfc7888 5 never-both
#[test]
fn what_is_offered_holds_together() {
    let mut config = open_config();
    config.login = Offer::No;
    config.capabilities = [Capability::LiteralPlus, Capability::LiteralMinus, Capability::CompressDeflate]
        .into_iter()
        .fold(config.capabilities, Capabilities::with);
    let mut driven = Driven::new(config);
    driven.hear("a CAPABILITY\r\nb LOGIN tim secret\r\n");
    assert!(driven.needs_input());
    assert_eq!(
        driven.said(),
        "* CAPABILITY IMAP4rev1 LOGINDISABLED SASL-IR LITERAL+ IDLE ENABLE ID NAMESPACE UIDPLUS MOVE UNSELECT \
         CHILDREN AUTH=PLAIN AUTH=LOGIN\r\na OK CAPABILITY completed\r\n\
         b NO [CANNOT] LOGIN is not offered\r\n"
    );
}

// covers rfc7162 3.2.11 closed-between
#[test]
fn a_client_of_a_newer_protocol_hears_when_its_mailbox_is_closed() {
    let mut config = open_config();
    config.capabilities = config.capabilities.with(Capability::QResync);
    let mut driven = Driven::logged_in(config);
    driven.hear("s SELECT INBOX\r\n");
    let Event::Select(ask) = driven.event() else { panic!() };
    driven.server.accept(ask, selected(None)).unwrap();
    assert!(!driven.said().contains("CLOSED"), "nothing was selected before");
    driven.hear("a SELECT nothing\r\n");
    let Event::Select(ask) = driven.event() else { panic!() };
    driven.server.reject(ask, Rejection::NON_EXISTENT).unwrap();
    assert_eq!(driven.said(), "* OK [CLOSED] closed\r\na NO [NONEXISTENT] no such mailbox\r\n");
}
