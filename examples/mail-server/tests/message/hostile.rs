//! Messages that are made to harm: each is looked at on a small stack, and in time that grows with its size alone.
use crate::common::section_of;
use imap_proto::BodyPart;
use mail_server::message::{SearchText, Summary};
use std::{thread, time::Duration};

/// Time that no test comes near to in linear time, and that none of the messages would keep in quadratic.
const LIMIT: Duration = Duration::from_secs(20);

/// Looks at a message on a stack of 512 KiB.
fn look_at(message: Vec<u8>) -> Summary {
    let work = move || {
        let started = std::time::Instant::now();
        let (summary, text) = Summary::of(&message);
        assert_eq!(Summary::decode(&summary.encode()).as_ref(), Ok(&summary));
        assert_eq!(SearchText::decode(&text.encode()).as_ref(), Ok(&text));
        assert_eq!(summary.octets(), message.len() as u64);
        assert_eq!(section_of(&message, &summary, "").as_deref(), Some(&message[..]));
        assert!(started.elapsed() < LIMIT, "{:?}", started.elapsed());
        summary
    };
    thread::Builder::new().stack_size(512 << 10).spawn(work).unwrap().join().unwrap()
}

fn depth(part: BodyPart<'_>) -> usize {
    1 + part.children().map(depth).max().unwrap_or(0)
}

#[test]
fn ten_thousand_nested_multiparts_are_told_as_deep_as_clients_read() {
    let level = |level| format!("Content-Type: multipart/mixed; boundary=b{level}\r\n\r\n--b{level}\r\n");
    let summary = look_at((0..10_000).map(level).collect::<String>().into_bytes());
    assert_eq!(depth(summary.structure().root()), 32);
    let deepest = summary.structure().parts().last().unwrap();
    assert!(deepest.is("application", "octet-stream"));
    assert!(deepest.octets() > 100_000);
}

#[test]
fn ten_thousand_nested_messages_are_told_as_deep_as_clients_read() {
    let summary = look_at("Content-Type: message/rfc822\r\n\r\n".repeat(10_000).into_bytes());
    assert_eq!(depth(summary.structure().root()), 32);
}

#[test]
fn multiparts_that_never_begin_are_not_sought_to_the_end_each() {
    let part = "--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n";
    let message = format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", part.repeat(9_000));
    let summary = look_at(message.into_bytes());
    assert_eq!(summary.structure().root().children().count(), 9_000);
}

#[test]
fn more_parts_than_are_told_belong_to_the_last() {
    let message =
        format!("Content-Type: multipart/mixed; boundary=b\r\n\r\n{}", "--b\r\n\r\nx\r\n".repeat(70_000));
    let summary = look_at(message.into_bytes());
    let parts = summary.structure().parts();
    assert_eq!(parts.len(), 10_000);
    assert!(parts.last().unwrap().octets() > 500_000);
}

#[test]
fn large_headers_cost_what_their_octets_cost() {
    look_at("X-Field: value\r\n".repeat(100_000).into_bytes());
    look_at("Content-Type: text/plain; a=b\r\n".repeat(100_000).into_bytes());
    look_at(format!("Subject: {}\r\n", "x".repeat(1 << 20)).into_bytes());
    look_at(format!("Subject: {}\r\n", "x\r\n ".repeat(1 << 18)).into_bytes());
    look_at(format!("To: {}\r\n", "a@b, ".repeat(1 << 18)).into_bytes());
    look_at(format!("To: {}\r\n", "(".repeat(1 << 20)).into_bytes());
    look_at("To: a@b\r\n".repeat(100_000).into_bytes());
    look_at(format!("Content-Type: text/plain{}\r\n", "; a*1=b".repeat(1 << 17)).into_bytes());
    look_at(format!("Content-Type: text/plain{}\r\n", "; a=b".repeat(1 << 17)).into_bytes());
    look_at(format!("Content-Language: {}\r\n", "a,".repeat(1 << 19)).into_bytes());
}

#[test]
fn encoded_words_that_do_not_end_are_not_sought_again_and_again() {
    for word in ["=?", "=?x", "=?utf-8?q?", "=?utf-8?b?QUJD", "=?utf-8?q?a?=", "=?utf-8*", "=?utf-8?q?a=?"] {
        look_at(format!("Subject: {}\r\n", word.repeat((1 << 18) / word.len())).into_bytes());
    }
}

#[test]
fn a_boundary_of_a_megabyte_separates_parts() {
    let boundary = "x".repeat(1 << 20);
    let part = format!("--{boundary}\r\n\r\ny\r\n");
    let message = format!("Content-Type: multipart/mixed; boundary={boundary}\r\n\r\n{}", part.repeat(3));
    assert_eq!(look_at(message.into_bytes()).structure().root().children().count(), 3);
}

#[test]
fn bodies_that_are_nearly_boundaries_or_tags_cost_what_their_octets_cost() {
    let head = "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n\r\n";
    look_at(format!("{head}{}", "--\r\n".repeat(1 << 18)).into_bytes());
    for text in ["<", "<!-- ", "&", "&amp", "<p &#"] {
        look_at(
            format!("Content-Type: text/html\r\n\r\n{}", text.repeat((1 << 20) / text.len())).into_bytes(),
        );
    }
    for (encoding, text) in [("quoted-printable", "=\r\n"), ("quoted-printable", "=3"), ("base64", "QQ=\r\n")]
    {
        let head = format!("Content-Transfer-Encoding: {encoding}\r\n\r\n");
        look_at(format!("{head}{}", text.repeat((1 << 20) / text.len())).into_bytes());
    }
}

#[test]
fn nul_and_control_octets_do_not_reach_strings() {
    let all: Vec<u8> = (0..=255).collect();
    let mut message = b"Subject: ".to_vec();
    for name in ["Content-Type: a/b; c=", "From: ", "Content-ID: ", "Content-Disposition: x; y=", ""] {
        message.extend_from_slice(&all);
        message.extend_from_slice(b"\r\n");
        message.extend_from_slice(name.as_bytes());
    }
    look_at(message);
    look_at(vec![0; 1 << 20]);
    look_at(all.repeat(4096));
}

#[test]
fn what_is_kept_of_a_message_is_small_whatever_a_stranger_sends() {
    let long = "x".repeat(8 << 20);
    for message in [
        format!("Subject: {long}\r\n\r\n"),
        format!("From: \"{long}\" <a@b.c>\r\n\r\n"),
        format!("Content-Type: text/plain; name=\"{long}\"\r\n\r\n"),
        format!("Content-Type: message/rfc822\r\n\r\nSubject: {long}\r\n\r\n"),
    ] {
        let (summary, _) = Summary::of(message.as_bytes());
        let kept = summary.encode();
        assert!(kept.len() < 4 << 20, "{} octets of {:?}", kept.len(), &message[..20]);
        assert_eq!(Summary::decode(&kept), Ok(summary));
    }
}
