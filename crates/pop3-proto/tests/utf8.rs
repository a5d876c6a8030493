//! UTF8 and LANG, as a server has them.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod common;

use bytes::Bytes;
use common::{Session, every_way};
use pop3_proto::{
    Charset, CleartextLogin, Language, LanguageTag, Mechanism, Mechanisms, Offer, ServerConfig, Text,
};

fn language(tag: &'static str, words: &'static str) -> Language {
    Language::new(LanguageTag::new(tag).unwrap(), Some(Text::try_from(words).unwrap())).unwrap()
}

fn clear() -> ServerConfig {
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config.utf8 = Some(Charset::Ascii);
    config.stls = Offer::Yes;
    config.mechanisms = Mechanisms::new([Mechanism::PLAIN]).unwrap();
    config
}

fn with_languages() -> ServerConfig {
    let mut config = clear();
    config.languages = vec![
        language("es", "Espa\u{f1}ol"),
        language("en", "English"),
        language("en-boont", "English Boontling dialect"),
        Language::new(LanguageTag::new("de").unwrap(), None).unwrap(),
    ];
    config
}

// covers rfc6856 2.1 utf8-mode
// covers rfc6856 2.1 no-stls-behind-utf8
#[test]
fn a_message_of_utf8_is_sent_to_who_has_said_utf8_and_to_nobody_else() {
    let message = Bytes::from("Subject: \u{fc}\r\n\r\n");
    let session = || {
        let mut session = Session::new(clear());
        session.messages = vec![message.clone()];
        session
    };
    every_way(
        r"
        S: +OK POP3 server ready
        C: USER mrose
        S: +OK send PASS
        C: PASS tan staaf
        S: +OK maildrop has 1 message (15 octets)
        C: RETR 1
        S: -ERR [UTF8] the message holds UTF-8, say UTF8 first
        C: UTF8
        S: -ERR UTF8 may not stand in the state TRANSACTION
        ",
        session,
    );
    every_way(
        r"
        S: +OK POP3 server ready
        C: UTF8
        S: +OK UTF8 enabled
        C: STLS
        S: -ERR STLS may not stand behind UTF8
        C: USER mrose
        S: +OK send PASS
        C: PASS tan staaf
        S: +OK maildrop has 1 message (15 octets)
        C: RETR 1
        S: +OK 15 octets
        S: Subject: \xc3\xbc
        S:
        S: .
        ",
        session,
    );
}

// covers rfc6856 2.2 logins-are-utf8
#[test]
fn a_name_that_may_be_utf8_and_is_none_is_refused() {
    let mut config = clear();
    config.utf8 = Some(Charset::Utf8);
    let log = every_way(
        r"
        S: +OK POP3 server ready
        C: USER caf\xe9
        S: -ERR [AUTH] name and password must be UTF-8
        C: USER caf\xc3\xa9
        S: +OK send PASS
        C: PASS caf\xe9
        S: -ERR [AUTH] name and password must be UTF-8
        C: PASS tan staaf
        S: -ERR PASS may not stand in the state AUTHORIZATION
        C: USER caf\xc3\xa9
        S: +OK send PASS
        C: PASS tan staaf
        S: +OK maildrop has 2 messages (54 octets)
        ",
        || Session::new(config.clone()),
    );
    assert_eq!(log, ["login caf\u{e9} tan staaf"]);
    // Where it is not on offer, the host knows how its names were written.
    let mut session = Session::new(clear());
    session.say(b"USER caf\xe9\r\n");
    assert_eq!(session.heard(), "+OK POP3 server ready\r\n+OK send PASS\r\n");
}

// covers rfc6856 2 utf8-listed
// covers rfc6856 3.1 lang-listed
#[test]
fn capa_lists_utf8_and_lang_where_they_are_offered() {
    let listed = |config: ServerConfig| {
        let mut session = Session::new(config);
        session.exchange("CAPA\r\n").lines().map(String::from).collect::<Vec<_>>()
    };
    let lines = listed(with_languages());
    assert!(lines.contains(&"UTF8".into()) && lines.contains(&"LANG".into()), "{lines:?}");
    let mut config = clear();
    config.utf8 = Some(Charset::Utf8);
    let lines = listed(config);
    assert!(lines.contains(&"UTF8 USER".into()) && !lines.contains(&"LANG".into()), "{lines:?}");
    let lines = listed(ServerConfig::default());
    assert!(!lines.iter().any(|line| line.starts_with("UTF8")), "{lines:?}");
}

// covers rfc6856 3.2 lang-lists
// covers rfc6856 3.2 lang-tells-tag
// covers rfc6856 3.2 lang-failed
// covers rfc6856 3.2 english-is-silent
#[test]
fn a_language_is_chosen_and_nothing_is_said_in_another_one() {
    let log = every_way(
        r"
        S: +OK POP3 server ready
        C: LANG
        S: +OK language listing follows
        S: es Espa\xc3\xb1ol
        S: en English
        S: en-boont English Boontling dialect
        S: de
        S: .
        C: LANG MUL
        S: -ERR no such language
        C: LANG EN
        S: +OK en English
        C: USER mrose
        S: +OK send PASS
        C: LANG *
        S: +OK es Espa\xc3\xb1ol
        C: LANG uga
        S: -ERR
        C: AUTH CRAM-MD5
        S: -ERR
        C: PASS tan staaf
        S: +OK 2 54
        C: DELE 1
        S: +OK
        C: RETR 1
        S: -ERR
        C: STAT
        S: +OK 1 25
        C: LIST
        S: +OK
        S: 2 25
        S: .
        C: LANG en-boont
        S: +OK en-boont English Boontling dialect
        C: DELE 1
        S: -ERR message 1 already deleted
        C: LANG de
        S: +OK de
        C: QUIT
        S: +OK
        ",
        || Session::new(with_languages()),
    );
    assert_eq!(
        log,
        [
            "language en",
            "language es",
            "login mrose tan staaf",
            "dele 1",
            "language en-boont",
            "language de",
            "remove [1]",
            "closed"
        ]
    );
}

/// What a program reads is said in any language.
#[test]
fn a_code_is_said_in_any_language() {
    let mut config = with_languages();
    config.cleartext = CleartextLogin::Refuse;
    let mut session = Session::new(config);
    assert_eq!(
        session.exchange("LANG es\r\nUSER a\r\nLANG en\r\nUSER a\r\n"),
        "+OK POP3 server ready\r\n+OK es Espa\u{f1}ol\r\n-ERR [SYS/PERM]\r\n+OK en English\r\n\
         -ERR [SYS/PERM] no login in clear, say STLS first\r\n"
    );
}

// covers rfc6856 7 language-forgotten
#[test]
fn a_language_that_somebody_chose_in_clear_is_forgotten_under_tls() {
    let script = r"
        S: +OK POP3 server ready
        C: LANG es
        S: +OK es Espa\xc3\xb1ol
        C: STLS
        S: +OK
        --- TLS ---
        C: STLS
        S: -ERR TLS is active already
        ";
    every_way(script, || Session::new(with_languages()));
}
