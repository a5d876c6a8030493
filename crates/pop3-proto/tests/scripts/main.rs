//! The sessions of `testdata`, run by both roles.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod client;
#[path = "../common/mod.rs"]
mod common;
mod rfcs;
#[path = "../common/told.rs"]
mod told;

use client::{one_at_a_time, open, scripted};
use common::{Session, every_way};
use pop3_proto::{
    Bytes, Charset, CleartextLogin, Language, LanguageTag, Mechanism, Mechanisms, Offer, ServerConfig, Text,
    TlsPolicy,
};
use std::fs;

/// A script as it stands in its file.
fn text(name: &str) -> String {
    let path = format!("{}/../../testdata/pop3/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    fs::read_to_string(path).unwrap()
}

// covers rfc1939 4 client-greeting
// covers rfc1939 5 client-reads-stat
// covers rfc1939 3 client-lone-dot
// covers rfc1939 6 client-quit-ends
#[test]
fn a_whole_session_is_heard_the_same_under_every_cut() {
    assert_eq!(
        scripted("session", &one_at_a_time()),
        [
            "greeting Ok",
            "Ok capability list follows",
            "Ok send PASS",
            "Err authentication failed",
            "Ok send PASS",
            "Ok maildrop has 2 messages (54 octets)",
            "stat 2 54",
            "begin",
            "list 1 29",
            "list 2 25",
            "end",
            "list 2 25",
            "begin",
            "uidl 1 id-1",
            "uidl 2 id-2",
            "end",
            "uidl 2 id-2",
            "begin",
            r#"payload "Subject: one\r\n\r\n.\r\n..x\r\nend\r\n""#,
            "end",
            "begin",
            r#"payload "Subject: two\r\n\r\n1\r\n""#,
            "end",
            "begin",
            r#"payload "Subject: two\r\n\r\n""#,
            "end",
            "Ok message 1 deleted",
            "Err message 1 already deleted",
            "Ok ",
            "Ok no message is marked deleted",
            "Ok message 2 deleted",
            "Ok goodbye",
            "closed",
        ]
    );
}

// covers rfc2449 6.6 client-pipelines
#[test]
fn commands_leave_in_one_go_where_pipelining_is_listed() {
    let log = scripted("pipelined", &open());
    assert_eq!(log.last().unwrap(), "closed");
    assert_eq!(log.iter().filter(|entry| entry.starts_with("payload")).count(), 2, "{log:#?}");
}

#[test]
fn stls_and_a_login_under_tls() {
    let mut config = one_at_a_time();
    config.tls = TlsPolicy::Required;
    config.cleartext = CleartextLogin::Refuse;
    let log = scripted("stls", &config);
    assert_eq!(log[2..4], ["upgraded", "Ok capability list follows"]);
    assert_eq!(log[5..], ["Ok goodbye", "closed"]);
}

#[test]
fn a_login_by_steps_behind_one_that_is_given_up() {
    assert_eq!(
        scripted("auth", &open())[1..],
        [
            r#"mechanisms ["PLAIN", "LOGIN"]"#,
            "challenge ",
            "Err authentication cancelled",
            "challenge Username:",
            "challenge Password:",
            "Ok maildrop has 2 messages (54 octets)",
            "Ok goodbye",
            "closed",
        ]
    );
}

#[test]
fn the_server_says_what_the_scripts_of_the_client_say() {
    let clear = || {
        let mut config = ServerConfig::default();
        config.cleartext = CleartextLogin::Allow;
        config.mechanisms = Mechanisms::new([Mechanism::PLAIN, Mechanism::LOGIN]).unwrap();
        config
    };
    let stls = || {
        let mut config = clear();
        config.cleartext = CleartextLogin::Refuse;
        config.stls = Offer::Yes;
        config
    };
    for (name, config) in [("session", clear()), ("stls", stls()), ("auth", clear())] {
        let log = every_way(&text(name), || Session::new(config.clone()));
        assert_eq!(log.last().unwrap(), "closed", "{name}");
    }
}

fn language(tag: &'static str, words: &'static str) -> Language {
    Language::new(LanguageTag::new(tag).unwrap(), Some(Text::try_from(words).unwrap())).unwrap()
}

#[test]
fn names_and_messages_beyond_ascii_and_languages_are_the_same_to_both() {
    let log = scripted("utf8", &one_at_a_time());
    assert_eq!(
        log[2..],
        [
            "begin",
            "language en English",
            "language es Espa\u{f1}ol",
            "end",
            "Ok UTF8 enabled",
            "Ok send PASS",
            "Err authentication failed",
            "Ok send PASS",
            "Ok maildrop has 1 message (18 octets)",
            "language en English",
            "language es Espa\u{f1}ol",
            "Err ",
            "begin",
            r#"payload "Subject: \xc3\xbc\r\n\r\n.\r\n""#,
            "end",
            "Ok ",
            "closed",
        ]
    );
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config.utf8 = Some(Charset::Utf8);
    config.languages = vec![language("en", "English"), language("es", "Espa\u{f1}ol")];
    let log = every_way(&text("utf8"), || {
        let mut session = Session::new(config.clone());
        session.messages = vec![Bytes::from("Subject: \u{fc}\r\n\r\n.\r\n")];
        session
    });
    assert_eq!(log.last().unwrap(), "closed");
}
