//! ENVELOPE. Where it is not told otherwise, the answers are those of Dovecot 2.3.19 to the same message.
use crate::common::{crlf, envelope};

/// The envelope of a message with this header.
fn of(header: &str) -> String {
    envelope(&crlf(&format!("{header}\nx\n")))
}

#[test]
fn an_ordinary_header_is_told_as_it_was_written() {
    let header = "From: Jane Doe <jane@example.org>\nTo: joe@example.net\nSubject: =?utf-8?q?=C3=B6?= plain\n\
                  Date: Mon, 7 Feb 1994 21:52:25 -0800\nMessage-ID: <1@x>\nIn-Reply-To: <a@b> <c@d>\n";
    let jane = r#"(("Jane Doe" NIL "jane" "example.org"))"#;
    let expected = format!(
        r#"("Mon, 7 Feb 1994 21:52:25 -0800" "=?utf-8?q?=C3=B6?= plain" {jane} {jane} {jane} ((NIL NIL "joe" "example.net")) NIL NIL "<a@b> <c@d>" "<1@x>")"#
    );
    assert_eq!(of(header), expected);
}

#[test]
fn a_message_without_header_has_an_envelope_of_nil() {
    let nothing = "(NIL NIL NIL NIL NIL NIL NIL NIL NIL NIL)";
    assert_eq!(envelope(b""), nothing);
    assert_eq!(envelope(b"\r\nJust a body\r\n"), nothing);
    assert_eq!(envelope(b"Hello world this is no header\r\n"), nothing);
}

#[test]
fn folded_fields_are_one_line() {
    let header = "From: Jane\n Doe\n\t<jane@example.org>\nSubject: a\n b\n\t c   \n   d\nTo:\n joe@x\n";
    let jane = r#"(("Jane Doe" NIL "jane" "example.org"))"#;
    assert_eq!(
        of(header),
        format!(r#"(NIL "a b c d" {jane} {jane} {jane} ((NIL NIL "joe" "x")) NIL NIL NIL NIL)"#)
    );
}

#[test]
fn of_fields_that_stand_twice_the_last_counts_and_addresses_are_joined() {
    let header = "From: a@x\nFrom: b@x\nSubject: one\nSubject: two\nMessage-ID: <1@x>\nMessage-ID: <2@x>\n";
    let from = r#"((NIL NIL "a" "x")(NIL NIL "b" "x"))"#;
    assert_eq!(of(header), format!(r#"(NIL "two" {from} {from} {from} NIL NIL NIL NIL "<2@x>")"#));
}

#[test]
fn addresses_of_all_forms_are_told() {
    for (field, expected) in [
        (
            r#""Doe, Jane" <j@x>, joe@x (Joe Q), <bare@y>"#,
            r#"("Doe, Jane" NIL "j" "x")("Joe Q" NIL "joe" "x")(NIL NIL "bare" "y")"#,
        ),
        (
            "=?utf-8?q?J=C3=B6rg?= =?utf-8?q?_X?= <j@x>",
            r#"("=?utf-8?q?J=C3=B6rg?= =?utf-8?q?_X?=" NIL "j" "x")"#,
        ),
        ("undisclosed-recipients:;", r#"(NIL NIL "undisclosed-recipients" NIL)(NIL NIL NIL NIL)"#),
        (
            "Friends: a@x, B <b@y>;, c@z",
            r#"(NIL NIL "Friends" NIL)(NIL NIL "a" "x")("B" NIL "b" "y")(NIL NIL NIL NIL)(NIL NIL "c" "z")"#,
        ),
        (r#""quoted \"q\" s"@host"#, r#"(NIL NIL "quoted \"q\" s" "host")"#),
        ("<@route1,@route2:u@h>", r#"(NIL "@route1,@route2" "u" "h")"#),
        (
            "a.b.c@[1.2.3.4], John Q. Public <jq@x>",
            r#"(NIL NIL "a.b.c" "[1.2.3.4]")("John Q. Public" NIL "jq" "x")"#,
        ),
        (r#"a @ b . c (x), "A" "B" C <d@e> (trailing)"#, r#"("x" NIL "a" "b.c")("A B C" NIL "d" "e")"#),
        ("user, noat <noat>", r#"(NIL NIL "user" "MISSING_DOMAIN")("noat" NIL "noat" "MISSING_DOMAIN")"#),
        ("foo bar baz", r#"("foo bar baz" NIL "MISSING_MAILBOX" "MISSING_DOMAIN")"#),
        (
            "@nodomain, <>",
            r#"(NIL NIL "MISSING_MAILBOX" "nodomain")(NIL NIL "MISSING_MAILBOX" "MISSING_DOMAIN")"#,
        ),
        ("()<a@b>", r#"(NIL NIL "a" "b")"#),
        (r#""" <a@b>"#, r#"(NIL NIL "a" "b")"#),
        ("a@b@c", r#"(NIL NIL "a" "b")"#),
    ] {
        let told = of(&format!("Cc: {field}\n"));
        assert_eq!(told, format!("(NIL NIL NIL NIL NIL NIL ({expected}) NIL NIL NIL)"), "{field}");
    }
}

/// Dovecot tells of an address that is missing between two commas, and of none behind a list that is broken.
#[test]
fn one_broken_address_does_not_hide_the_others() {
    for (field, expected) in [
        (",a@x,,b@x,", r#"(NIL NIL "a" "x")(NIL NIL "b" "x")"#),
        ("<a@b> junk, c@d", r#"(NIL NIL "a" "b")(NIL NIL "c" "d")"#),
        ("broken <broken", r#"("broken" NIL "broken" "MISSING_DOMAIN")"#),
    ] {
        let told = of(&format!("Cc: {field}\n"));
        assert_eq!(told, format!("(NIL NIL NIL NIL NIL NIL ({expected}) NIL NIL NIL)"), "{field}");
    }
}

#[test]
fn octets_above_ascii_stay_as_they_are() {
    let (summary, _) =
        mail_server::message::Summary::of(b"Subject: gr\xFC\xDFe\r\nFrom: J\xF6rg <j\xF6rg@x>\r\n\r\n");
    let envelope = summary.envelope();
    assert_eq!(envelope.subject().as_deref(), Some(&b"gr\xFC\xDFe"[..]));
    let from = envelope.from().next().unwrap();
    assert_eq!(from.name().as_deref(), Some(&b"J\xF6rg"[..]));
    assert_eq!(from.mailbox().as_deref(), Some(&b"j\xF6rg"[..]));
}
