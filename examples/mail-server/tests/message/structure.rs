//! BODYSTRUCTURE. Where it is not told otherwise, the answers are those of Dovecot 2.3.19 to the same message.
use crate::common::{crlf, structure};

const MIXED: &str = "Subject: test\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=\"b1\"\n\n";

/// The structure of a message with this text.
fn of(text: &str) -> String {
    structure(&crlf(text))
}

/// That of a text without MIME header.
fn plain(octets: u64, lines: u64) -> String {
    format!(r#"("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" {octets} {lines} NIL NIL NIL NIL)"#)
}

/// That of a multipart/mixed of these parts.
fn mixed(parts: &[String]) -> String {
    format!(r#"({} "mixed" ("boundary" "b1") NIL NIL NIL)"#, parts.concat())
}

#[test]
fn a_message_without_mime_header_is_a_text() {
    assert_eq!(of("Subject: test\n\nHello\nworld\n"), plain(14, 2));
    assert_eq!(of("Subject: test\n\nHello\nworld"), plain(12, 1));
    assert_eq!(of("Subject: test\n"), plain(0, 0));
    assert_eq!(of("\nJust a body\nof text\n"), plain(22, 2));
    assert_eq!(of(""), plain(0, 0));
}

#[test]
fn parts_are_told_with_all_that_their_headers_say() {
    let message = format!(
        "{MIXED}--b1\nContent-Type: multipart/alternative; boundary=\"in\"\n\npre\n--in\n\nalt1\n--in\n\
         Content-Type: text/html\n\n<b>alt2</b>\n--in--\nepi\n--b1\nContent-Type: application/pdf; name=x.pdf\n\
         Content-Disposition: attachment; filename=x.pdf; size=3\nContent-ID: <id@x>\n\
         Content-Description: some desc\nContent-MD5: Q2hlY2s=\nContent-Language: en, de\n\
         Content-Location: http://x/y\n\nPDF\n--b1--\n"
    );
    let expected = concat!(
        r#"((("text" "plain" ("charset" "us-ascii") NIL NIL "7bit" 4 0 NIL NIL NIL NIL)"#,
        r#"("text" "html" ("charset" "us-ascii") NIL NIL "7bit" 11 0 NIL NIL NIL NIL) "alternative" ("boundary" "in") NIL NIL NIL)"#,
        r#"("application" "pdf" ("name" "x.pdf") "<id@x>" "some desc" "7bit" 3 "Q2hlY2s=" ("attachment" ("filename" "x.pdf" "size" "3")) ("en" "de") "http://x/y")"#,
        r#" "mixed" ("boundary" "b1") NIL NIL NIL)"#
    );
    assert_eq!(of(&message), expected);
}

#[test]
fn messages_in_messages_are_told_with_their_envelopes() {
    let message = format!(
        "{MIXED}--b1\nContent-Type: message/rfc822\n\nFrom: inner@x\nSubject: inner\n\ninner body\nline2\n--b1--\n"
    );
    let inner = r#"((NIL NIL "inner" "x"))"#;
    let envelope = format!(r#"(NIL "inner" {inner} {inner} {inner} NIL NIL NIL NIL NIL)"#);
    let expected = format!(
        r#"("message" "rfc822" NIL NIL NIL "7bit" 50 {envelope} {} 4 NIL NIL NIL NIL)"#,
        plain(17, 1)
    );
    assert_eq!(of(&message), mixed(&[expected]));
}

#[test]
fn parts_of_a_digest_are_messages() {
    let message = "Content-Type: multipart/digest; boundary=b1\n\n--b1\n\nSubject: d1\n\nbody1\n--b1\nContent-Type: text/plain\n\ntext\n--b1--\n";
    let envelope = r#"(NIL "d1" NIL NIL NIL NIL NIL NIL NIL NIL)"#;
    let first =
        format!(r#"("message" "rfc822" NIL NIL NIL "7bit" 20 {envelope} {} 2 NIL NIL NIL NIL)"#, plain(5, 0));
    assert_eq!(of(message), format!(r#"({first}{} "digest" ("boundary" "b1") NIL NIL NIL)"#, plain(4, 0)));
}

#[test]
fn a_multipart_without_parts_has_an_empty_one() {
    for text in ["nothing here\n", "", "--b1--\n"] {
        assert_eq!(of(&format!("{MIXED}{text}")), mixed(&[plain(0, 0)]), "{text}");
    }
}

#[test]
fn a_multipart_without_end_ends_with_the_message() {
    assert_eq!(of(&format!("{MIXED}--b1\n\none\n--b1\n\ntwo\n")), mixed(&[plain(3, 0), plain(5, 1)]));
}

#[test]
fn a_boundary_is_one_at_the_start_of_a_line_alone() {
    let message = format!("{MIXED}--b1\n\ntext --b1 in line\n --b1\nx--b1\n--b1--\n");
    assert_eq!(of(&message), mixed(&[plain(31, 2)]));
    let message = format!("{MIXED}--b1x  \n\none\n--b1--\n--b1\n\nafter the end\n");
    assert_eq!(of(&message), mixed(&[plain(3, 0)]));
}

#[test]
fn an_outer_boundary_ends_the_parts_within() {
    let message = format!(
        "{MIXED}--b1\nContent-Type: multipart/alternative; boundary=in\n\n--in\n\nalt1\n--b1\n\nsecond\n--b1--\n"
    );
    let inner = format!(r#"({} "alternative" ("boundary" "in") NIL NIL NIL)"#, plain(4, 0));
    assert_eq!(of(&message), mixed(&[inner, plain(6, 0)]));
}

#[test]
fn of_boundaries_that_begin_alike_the_longest_counts() {
    for (outer, inner) in [("foo", "foobar"), ("foobar", "foo"), ("foo", "foo--")] {
        let message = format!(
            "Content-Type: multipart/mixed; boundary={outer}\n\n--{outer}\nContent-Type: multipart/alternative; \
             boundary=\"{inner}\"\n\n--{inner}\n\nin\n--{inner}--\n--{outer}\n\nout\n--{outer}--\n"
        );
        let within = format!(r#"({} "alternative" ("boundary" "{inner}") NIL NIL NIL)"#, plain(2, 0));
        let expected = format!(r#"({within}{} "mixed" ("boundary" "{outer}") NIL NIL NIL)"#, plain(3, 0));
        assert_eq!(of(&message), expected);
    }
}

#[test]
fn empty_parts_are_parts() {
    let message = format!(
        "{MIXED}--b1\n--b1\n\n--b1\n\n\n--b1\nContent-Type: text/plain\n--b1\nContent-Type: text/plain\n\n--b1--\n"
    );
    assert_eq!(of(&message), mixed(&[plain(0, 0), plain(0, 0), plain(0, 0), plain(0, 0), plain(0, 0)]));
}

#[test]
fn parameters_are_told_as_they_were_written_and_pieces_joined() {
    let message = "Content-Type: text/plain; charset=\"us-ascii\"; format=flowed; delsp=yes (comment); x=\"a \\\"q\\\" b\"\n\
                   Content-Disposition: inline; filename*0*=utf-8''%e2%82; filename*1*=%ac; filename*2=.txt; foo=bar\n\
                   Content-Transfer-Encoding: 8BIT\n\nx\n";
    let expected = concat!(
        r#"("text" "plain" ("charset" "us-ascii" "format" "flowed" "delsp" "yes" "x" "a \"q\" b") NIL NIL "8BIT" 3 1 NIL "#,
        r#"("inline" ("foo" "bar" "filename*" "utf-8''%e2%82%ac.txt")) NIL NIL)"#
    );
    assert_eq!(of(message), expected);
    let message =
        "Content-Type: multipart/mixed; boundary*0=\"ab\"; boundary*1=cd\n\n--abcd\n\na\n--abcd--\n";
    assert_eq!(of(message), format!(r#"({} "mixed" ("boundary" "abcd") NIL NIL NIL)"#, plain(1, 0)));
}

/// RFC 2045 §5.2 has it so; Dovecot tells an empty type of some of them.
#[test]
fn a_type_that_cannot_be_read_is_plain_text() {
    for value in ["text", "", "/plain", "multipart", "; charset=utf-8"] {
        assert_eq!(of(&format!("Content-Type: {value}\n\nx\n")), plain(3, 1), "{value}");
    }
    assert_eq!(
        of("Content-Type: TEXT / HTML ; CHARSET = utf-8;; x=y\n\nx\n"),
        r#"("TEXT" "HTML" ("CHARSET" "utf-8" "x" "y") NIL NIL "7bit" 3 1 NIL NIL NIL NIL)"#
    );
}
