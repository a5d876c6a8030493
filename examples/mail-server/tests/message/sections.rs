//! `BODY[..]`. The answers are those of Dovecot 2.3.19 to the same messages, but that it tells an empty string of
//! sections that are not there.
use crate::common::{crlf, section};

/// A section of a message, with LF at the end of lines.
fn of(message: &str, name: &str) -> Option<String> {
    section(&crlf(message), name).map(|octets| String::from_utf8(octets).unwrap().replace("\r\n", "\n"))
}

fn check(message: &str, sections: &[(&str, Option<&str>)]) {
    for (name, expected) in sections {
        assert_eq!(of(message, name).as_deref(), *expected, "{name}");
    }
}

#[test]
fn a_message_that_is_no_multipart_has_part_1() {
    let message = "Subject: test\nX-A: b\n\nHello\n";
    check(
        message,
        &[
            ("", Some(message)),
            ("HEADER", Some("Subject: test\nX-A: b\n\n")),
            ("TEXT", Some("Hello\n")),
            ("1", Some("Hello\n")),
            ("1.MIME", Some("Subject: test\nX-A: b\n\n")),
            ("1.HEADER", None),
            ("1.TEXT", None),
            ("1.1", None),
            ("2", None),
        ],
    );
}

#[test]
fn fields_are_filtered_with_their_folds() {
    let message = "Subject: test\nx-long: foo\n bar\nFrom : a@b\nno field\nSubject: again\n\nbody\n";
    check(
        message,
        &[
            ("HEADER.FIELDS (SUBJECT X-LONG)", Some("Subject: test\nx-long: foo\n bar\nSubject: again\n\n")),
            ("HEADER.FIELDS (FROM)", Some("From : a@b\n\n")),
            ("HEADER.FIELDS (NOSUCH)", Some("\n")),
            ("HEADER.FIELDS.NOT (SUBJECT FROM)", Some("x-long: foo\n bar\nno field\n\n")),
        ],
    );
    check(
        "Subject: x",
        &[
            ("HEADER.FIELDS (SUBJECT)", Some("Subject: x\n\n")),
            ("HEADER", Some("Subject: x")),
            ("TEXT", Some("")),
        ],
    );
}

#[test]
fn parts_of_messages_within_parts_are_found() {
    let deep = "Subject: deeper\n\ndeep body";
    let inner = format!(
        "Subject: in\nContent-Type: multipart/mixed; boundary=b2\n\n--b2\n\nx\n--b2\nContent-Type: message/rfc822\nContent-Description: deep\n\n{deep}\n--b2--\nepilogue"
    );
    let message = format!(
        "Content-Type: multipart/mixed; boundary=b1\n\npreamble\n--b1\nContent-Type: message/rfc822\n\n{inner}\n--b1\n\nlast\n--b1--\n"
    );
    check(
        &message,
        &[
            ("1", Some(&inner)),
            ("1.MIME", Some("Content-Type: message/rfc822\n\n")),
            ("1.HEADER", Some("Subject: in\nContent-Type: multipart/mixed; boundary=b2\n\n")),
            ("1.HEADER.FIELDS (SUBJECT)", Some("Subject: in\n\n")),
            ("1.1", Some("x")),
            ("1.1.MIME", Some("\n")),
            ("1.2", Some(deep)),
            ("1.2.HEADER", Some("Subject: deeper\n\n")),
            ("1.2.TEXT", Some("deep body")),
            ("1.2.1", Some("deep body")),
            ("1.2.MIME", Some("Content-Type: message/rfc822\nContent-Description: deep\n\n")),
            ("1.2.2", None),
            ("1.3", None),
            ("2", Some("last")),
            ("2.HEADER", None),
            ("2.TEXT", None),
            ("3", None),
        ],
    );
}

#[test]
fn a_message_in_a_message_has_the_parts_that_clients_ask_for() {
    let inner = "From: inner@x\nSubject: inner\n\ninner body\n";
    let message = format!("Subject: outer\nContent-Type: message/rfc822\n\n{inner}");
    check(
        &message,
        &[
            ("1", Some(inner)),
            ("1.HEADER", Some("From: inner@x\nSubject: inner\n\n")),
            ("1.TEXT", Some("inner body\n")),
            ("1.1", Some("inner body\n")),
            ("HEADER.FIELDS (SUBJECT)", Some("Subject: outer\n\n")),
            ("1.HEADER.FIELDS.NOT (FROM)", Some("Subject: inner\n\n")),
        ],
    );
}

#[test]
fn a_boundary_takes_the_line_break_before_it_even_from_a_header() {
    let head = "Content-Type: multipart/mixed; boundary=b1\n\n";
    let message = format!(
        "{head}--b1\nContent-Type: text/plain\nX-A: b\n--b1\nContent-Type: text/html\n\n--b1\n\n\n\n--b1--"
    );
    check(
        &message,
        &[
            ("1", Some("")),
            ("1.MIME", Some("Content-Type: text/plain\nX-A: b")),
            ("2", Some("")),
            ("2.MIME", Some("Content-Type: text/html\n")),
            ("3", Some("\n")),
            ("3.MIME", Some("\n")),
        ],
    );
}

#[test]
fn an_empty_message_has_empty_sections() {
    check("", &[("", Some("")), ("HEADER", Some("")), ("TEXT", Some("")), ("1", Some("")), ("2", None)]);
}
