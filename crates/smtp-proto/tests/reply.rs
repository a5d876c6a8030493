//! Replies: known answers both ways, what servers really send, and refusals word by word.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use smtp_proto::{
    Class, Code, DeviationKind, Deviations, EnhancedCode, Leniency, Reply, ReplyError, ReplyReader, Text,
};
use test_support::heap::{self, Counting};

#[global_allocator]
static HEAP: Counting = Counting;

type Kinds = Vec<(DeviationKind, usize)>;

/// Reads a reply and demands that it ends with the last of these lines.
fn read(wire: &[u8], leniency: Leniency) -> Result<(Reply, Kinds), ReplyError> {
    let (mut reader, mut deviations) = (ReplyReader::new(4096), Deviations::new());
    let mut lines = wire.strip_suffix(b"\r\n").unwrap().split(|octet| *octet == b'\n').peekable();
    while let Some(line) = lines.next() {
        let line = Bytes::copy_from_slice(line.strip_suffix(b"\r").unwrap_or(line));
        let reply = reader.push(line, leniency, &mut deviations)?;
        assert_eq!(reader.is_inside(), reply.is_none());
        if let Some(reply) = reply {
            assert!(lines.peek().is_none(), "the reply ended too early");
            return Ok((reply, deviations.iter().map(|found| (found.kind, found.offset)).collect()));
        }
    }
    panic!("the reply did not end")
}

fn encoded(reply: &Reply) -> String {
    let mut wire = Vec::new();
    reply.encode(&mut wire);
    String::from_utf8_lossy(&wire).into_owned()
}

fn text(text: &str) -> Text {
    Text::try_from(text).unwrap()
}

// covers rfc2034 4 code-taken-off
// covers rfc2034 4 class-of-reply
// covers rfc5321 4.2.1 code-on-each-line
// covers rfc5321 4.2.1 hyphen
// covers rfc2034 4 code-on-each-line
// covers rfc5321 2.3.7 reply-lines
// covers rfc2920 3.1 multiline
// covers rfc2034 4 class-2
// covers rfc2034 4 class-4
// covers rfc2034 4 class-5
#[test]
fn replies_read_and_write_as_the_rfcs_have_it() {
    for (wire, code, enhanced, lines) in [
        ("220 mx.example.org ESMTP\r\n", 220, None, &["mx.example.org ESMTP"][..]),
        ("250 \r\n", 250, None, &[""]),
        ("250-first\r\n250-\r\n250 last\r\n", 250, None, &["first", "", "last"]),
        (
            "250 2.1.0 Originator <ned@ymir.claremont.edu> ok\r\n",
            250,
            Some("2.1.0"),
            &["Originator <ned@ymir.claremont.edu> ok"],
        ),
        (
            "551-5.7.1 Forwarding to remote hosts disabled\r\n551 5.7.1 Select another host to act as your forwarder\r\n",
            551,
            Some("5.7.1"),
            &["Forwarding to remote hosts disabled", "Select another host to act as your forwarder"],
        ),
        ("550 5.7.509 Access denied\r\n", 550, Some("5.7.509"), &["Access denied"]),
        ("421 4.3.2\r\n", 421, Some("4.3.2"), &[""]),
        ("250 5.1.1 is not of this class\r\n", 250, None, &["5.1.1 is not of this class"]),
        ("354 2.0.0 has no class to be of\r\n", 354, None, &["2.0.0 has no class to be of"]),
        ("550 5.1.1.1 nor is this one\r\n", 550, None, &["5.1.1.1 nor is this one"]),
        ("550 5.1.1000 or this\r\n", 550, None, &["5.1.1000 or this"]),
        ("550 5.1. or this\r\n", 550, None, &["5.1. or this"]),
        (
            "550-5.1.1 5.1.1 said twice\r\n550 5.1.1  far off\r\n",
            550,
            Some("5.1.1"),
            &["5.1.1 said twice", " far off"],
        ),
        ("250 <2F4V..> Queued\r\n", 250, None, &["<2F4V..> Queued"]),
        ("250 ĝis\tla\r\n", 250, None, &["ĝis\tla"]),
    ] {
        for leniency in [Leniency::STRICT, Leniency::LENIENT] {
            let (reply, deviations) = read(wire.as_bytes(), leniency).unwrap();
            assert_eq!(reply.code().as_u16(), code);
            assert_eq!(reply.enhanced().map(|enhanced| enhanced.to_string()).as_deref(), enhanced, "{wire}");
            assert!(reply.lines().eq(lines.iter().map(|line| line.as_bytes())), "{reply:?}");
            assert_eq!((encoded(&reply).as_str(), deviations), (wire, vec![]));
            let whole = Reply::parse(&Bytes::from(wire), leniency, &mut Deviations::new()).unwrap();
            assert_eq!((encoded(&whole).as_str(), &whole), (wire, &reply));
        }
    }
}

// covers rfc5321 4.2 code-alone
#[test]
fn a_code_alone_is_a_reply() {
    let (reply, deviations) = read(b"250\r\n", Leniency::STRICT).unwrap();
    assert_eq!((encoded(&reply).as_str(), deviations), ("250 \r\n", vec![]));
    let (reply, _) = read(b"250-mx.example.org\r\n250\r\n", Leniency::STRICT).unwrap();
    assert!(reply.lines().eq([&b"mx.example.org"[..], b""]));
}

#[test]
fn an_enhanced_code_that_only_some_lines_have_is_found() {
    for (wire, lines) in [
        (&b"550-no such user\r\n550 5.1.1 here\r\n"[..], ["no such user", "here"]),
        (b"550-5.1.1 no such user\r\n550 here\r\n", ["no such user", "here"]),
        (b"550-5.1.1 no such user\r\n550 5.1.2 here\r\n", ["no such user", "5.1.2 here"]),
    ] {
        let (reply, _) = read(wire, Leniency::STRICT).unwrap();
        assert_eq!(reply.enhanced(), Some(EnhancedCode::permanent(1, 1)));
        assert!(reply.lines().eq(lines.map(str::as_bytes)), "{reply:?}");
    }
}

#[test]
fn what_servers_send_against_the_grammar_is_taken_where_tolerated_and_told() {
    use DeviationKind::{CodesDiffer, MissingCode, OddCode, TextCharset};
    for (wire, canonical, expected) in [
        (
            &b"220-someserver.net ESMTP\r\n521 5.7.1 Service unavailable\r\n"[..],
            "521-5.7.1 someserver.net ESMTP\r\n521 5.7.1 Service unavailable\r\n",
            (CodesDiffer, 0),
        ),
        (
            b"250-Nice to meet you.\r\nSIZE\r\n250 HELP\r\n",
            "250-Nice to meet you.\r\n250-SIZE\r\n250 HELP\r\n",
            (MissingCode, 0),
        ),
        (b"299 mixed up\r\n", "299 mixed up\r\n", (OddCode, 1)),
        (b"550 caf\xe9\r\n", "550 caf\u{fffd}\r\n", (TextCharset, 7)),
    ] {
        assert!(read(wire, Leniency::STRICT).is_err());
        let (reply, deviations) = read(wire, Leniency::LENIENT).unwrap();
        assert_eq!((encoded(&reply).as_str(), deviations), (canonical, vec![expected]));
        assert_eq!(read(wire, Leniency::STRICT.with(expected.0)).unwrap().0, reply);
        assert!(read(wire, Leniency::LENIENT.without(expected.0)).is_err());
    }
}

// covers rfc5321 4.2 no-code
#[test]
fn a_line_outside_of_a_reply_is_never_an_answer() {
    let (mut reader, mut deviations) = (ReplyReader::new(64), Deviations::new());
    let mut push = |line| reader.push(Bytes::from_static(line), Leniency::LENIENT, &mut deviations);
    assert!(push(b"250 Nice to meet you.").unwrap().is_some());
    assert_eq!(push(b"SIZE"), Ok(None));
    assert_eq!(push(b"25"), Ok(None));
    assert_eq!(push(b"354 go on").unwrap().unwrap().code(), Code::START_MAIL);
    // For ever is too long.
    let error = (0..100).find_map(|_| push(b"SIZE").err());
    assert_eq!(error, Some(ReplyError::TooLong { limit: 64 }));
}

// covers rfc5321 4.2.1 one-code
// covers rfc5321 4.2 second-digit
#[test]
fn what_is_no_reply_is_refused_where_it_goes_wrong() {
    for (wire, message) in [
        (&b"\r\n"[..], "bad reply: expected a reply code at octet 0, found the end"),
        (b"25\r\n", "bad reply: expected a reply code at octet 0, found '2'"),
        (b"ok\r\n", "bad reply: expected a reply code at octet 0, found 'o'"),
        (b"150 x\r\n", "bad reply: expected a reply code at octet 0, found '1'"),
        (b"600 x\r\n", "bad reply: expected a reply code at octet 0, found '6'"),
        (b"260 x\r\n", "bad reply: expected a digit of at most 5 at octet 1, found '6'"),
        (b"250_x\r\n", "bad reply: expected a space or a hyphen at octet 3, found '_'"),
        (b"2500 x\r\n", "bad reply: expected a space or a hyphen at octet 3, found '0'"),
        (b"250-a\r\n251 b\r\n", "bad reply: expected the code of the lines before at octet 0, found '2'"),
        (b"250-a\r\nb\r\n", "bad reply: expected a reply code at octet 0, found 'b'"),
        (b"250 \xff\r\n", "bad reply: expected UTF-8 at octet 4, found '\\xff'"),
        (b"250 a\0b\r\n", "bad reply: expected text without CR, LF or NUL at octet 4, found 'a'"),
    ] {
        assert_eq!(read(wire, Leniency::STRICT).unwrap_err().to_string(), message);
    }
    // What looks like a code and is none ends a lenient session too.
    for wire in [&b"150 x\r\n"[..], b"999 x\r\n", b"2500 x\r\n", b"250_x\r\n"] {
        assert!(read(wire, Leniency::LENIENT).is_err());
    }
}

// covers rfc5321 7.8 endless-reply
#[test]
fn a_reply_without_end_is_cut_off() {
    let (mut reader, mut deviations) = (ReplyReader::new(20), Deviations::new());
    let mut push = |line| reader.push(Bytes::from_static(line), Leniency::STRICT, &mut deviations);
    assert_eq!(push(b"250-1234"), Ok(None));
    assert_eq!(push(b"250-1234"), Ok(None));
    let error = push(b"250 ").unwrap_err();
    assert_eq!(error.to_string(), "reply longer than 20 octets");
}

#[test]
fn the_limit_is_one_of_each_reply() {
    let (mut reader, mut deviations) = (ReplyReader::new(20), Deviations::new());
    for line in [&b"250-1234"[..], b"250 1234", b"250 12345678", b"250-1", b"250 2"] {
        reader.push(Bytes::from_static(line), Leniency::STRICT, &mut deviations).unwrap();
    }
}

#[test]
fn codes_that_change_are_told_where_they_do() {
    let (reply, deviations) = read(b"220-a\r\n521-b\r\n521 c\r\n", Leniency::LENIENT).unwrap();
    assert_eq!((reply.code(), deviations), (Code::NO_MAIL, vec![(DeviationKind::CodesDiffer, 0)]));
}

// covers rfc2034 4 code-taken-off
#[test]
fn a_whole_reply_is_read_as_its_lines_are_and_shares_its_block() {
    for (wire, lines) in [
        ("250-mx\r\n250-caf\u{e9}\r\n250-\r\n250 last\r\n", &["mx", "caf\u{e9}", "", "last"][..]),
        ("220-a\r\n521-b\r\n220-c\r\n220 d\r\n", &["a", "b", "c", "d"]),
        ("250-mx\r\n250-a\tb\r\n250\r\n", &["mx", "a\tb", ""]),
        ("550-no\r\n550-5.1.1 such\r\n550 5.1.1 user\r\n", &["no", "such", "user"]),
        ("550-5.1.1\r\n550 5.1.1 user\r\n", &["", "user"]),
        ("220-mx\r\nno code\r\n220 5\r\n", &["mx", "no code", "5"]),
        ("banner\r\n220 mx\r\n", &["mx"]),
    ] {
        let mut told = Deviations::new();
        let whole = Reply::parse(&Bytes::from(wire), Leniency::LENIENT, &mut told).unwrap();
        assert!(whole.lines().eq(lines.iter().map(|line| line.as_bytes())), "{whole:?}");
        if !wire.starts_with("banner") {
            let (reply, deviations) = read(wire.as_bytes(), Leniency::LENIENT).unwrap();
            assert_eq!(whole, reply);
            assert!(told.iter().map(|found| (found.kind, found.offset)).eq(deviations), "{wire}");
        }
        assert_eq!(whole.detach(), whole);
    }
    let block = Bytes::from(b"550-5.1.1 no\r\n550 5.1.1 such user\r\n".to_vec());
    let (_shared, mut deviations) = (block.clone(), Deviations::new());
    let (allocations, reply) = heap::allocations(|| Reply::parse(&block, Leniency::STRICT, &mut deviations));
    let reply = reply.unwrap();
    assert!(reply.lines().eq([&b"no"[..], b"such user"]) && reply.enhanced().is_some());
    assert_eq!(allocations, 0);
}

#[test]
fn what_is_not_one_whole_reply_is_refused_where_it_is_not() {
    for (wire, message) in [
        ("", "expected CRLF at octet 0, found the end"),
        ("250 a", "expected CRLF at octet 5, found the end"),
        ("250-a\r\n250 b\n", "expected CRLF at octet 12, found '\\n'"),
        ("250-a\r\n", "expected CRLF at octet 7, found the end"),
        ("250 a\r\n250 b\r\n", "expected the end at octet 7, found '2'"),
        ("250-a\r\n251 b\r\n", "expected the code of the lines before at octet 7, found '2'"),
        ("250-a\r\n250-b\0\r\n", "expected text without CR, LF or NUL at octet 11, found 'b'"),
    ] {
        let error = Reply::parse(&Bytes::from(wire), Leniency::STRICT, &mut Deviations::new()).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

// covers rfc5321 4.5.3.1.5 reply-512
#[test]
fn text_that_is_too_long_for_a_line_goes_on_on_the_next() {
    let words = "many words ".repeat(200);
    let reply = Reply::new(Code::MAILBOX_UNAVAILABLE, text(&format!("5.7.1 {words}")));
    let wire = encoded(&reply);
    assert!(wire.lines().count() > 4);
    assert!(wire.split_inclusive("\r\n").all(|line| line.len() <= 512 && line[4..].starts_with("5.7.1 ")));
    // Nothing but spaces was lost, and no word is in two.
    let lines: Vec<_> = reply.lines().map(|line| std::str::from_utf8(line).unwrap()).collect();
    assert_eq!(lines.join(" "), words);

    // Characters stay whole.
    for (front, c) in [("", "é"), ("x", "é"), ("x", "例"), ("xy", "例"), ("xyz", "😀"), ("x", "😀")] {
        let reply = Reply::new(Code::OK, text(&format!("{front}{}", c.repeat(400))));
        assert!(reply.lines().all(|line| std::str::from_utf8(line).is_ok() && line.len() <= 496), "{c}");
        assert_eq!(reply.lines().flatten().count(), front.len() + c.len() * 400);
    }

    let reply =
        Reply::with_enhanced(Code::OK, "2.999.999".parse().unwrap(), text(&"x".repeat(5000))).unwrap();
    assert!(encoded(&reply).split_inclusive("\r\n").all(|line| line.len() <= 512));
}

// covers rfc3463 3.6 too-many-recipients
// covers rfc5321 4.5.3.1.10 client-452
// covers rfc5321 4.5.3.1.10 client-552
// covers rfc5321 4.5.3.1.10 client-552-transient
#[test]
fn a_recipient_too_many_is_not_given_up() {
    use Class::{Completion, Permanent, Transient};
    for (line, is_too_many, class) in [
        ("452 4.5.3 Too many recipients", true, Transient),
        ("452 Too many recipients", true, Transient),
        ("552 too many recipients", true, Transient),
        ("552 5.5.3 Too many recipients", true, Transient),
        ("552 5.5.0 no more of them", true, Transient),
        ("452 4.0.0 later", true, Transient),
        ("451 4.5.3 Too many recipients", true, Transient),
        ("550 5.5.3 Too many recipients", true, Transient),
        ("552 5.2.2 mailbox full", false, Permanent),
        ("552 5.3.4 message too big", false, Permanent),
        ("452 4.3.1 disk full", false, Transient),
        ("452 4.2.2 mailbox full", false, Transient),
        ("550 no such user", false, Permanent),
        ("450 greylisted", false, Transient),
        ("250 2.5.3 ok", false, Completion),
        ("250 ok", false, Completion),
    ] {
        let (reply, _) = read(format!("{line}\r\n").as_bytes(), Leniency::STRICT).unwrap();
        assert_eq!((reply.is_too_many_recipients(), reply.class_to_rcpt()), (is_too_many, class), "{line}");
        assert!(!reply.is_closing());
    }
    let (reply, _) = read(b"421 4.3.2 shutting down\r\n", Leniency::STRICT).unwrap();
    assert_eq!((reply.is_closing(), reply.class_to_rcpt()), (true, Transient));
}

#[test]
fn a_challenge_is_base64_and_never_wrapped() {
    for (wire, octets) in [
        (&b"334 VXNlciBOYW1lAA==\r\n"[..], &b"User Name\0"[..]),
        (b"334 \r\n", b""),
        (b"334\r\n", b""),
        (b"334 eyJzdGF0dXMiOiI0MDAifQ==\r\n", br#"{"status":"400"}"#),
    ] {
        let (reply, _) = read(wire, Leniency::STRICT).unwrap();
        assert_eq!(reply.challenge().unwrap().as_bytes(), octets);
        assert_eq!(Reply::from_challenge(octets), reply);
    }
    let long = Reply::from_challenge(&[7; 9000]);
    assert_eq!((long.lines().count(), long.challenge().unwrap().as_bytes()), (1, &[7; 9000][..]));
    for wire in [&b"334 Username:\r\n"[..], b"334-VXNl\r\n334 VXNl\r\n"] {
        assert!(read(wire, Leniency::STRICT).unwrap().0.challenge().is_err());
    }
}

#[test]
fn debug_and_display_stay_on_one_line() {
    let reply = Reply::from_lines(Code::MAILBOX_UNAVAILABLE, [text("5.1.1 no"), text("such user")]);
    assert_eq!(format!("{reply:?}"), r#"Reply(550 5.1.1 "no\nsuch user")"#);
    assert_eq!(reply.to_string(), "550 5.1.1 no such user");
}

#[test]
fn a_reply_of_one_line_takes_nothing_from_the_heap() {
    for line in [&b"250 2.1.0 Ok"[..], b"250", b"550 caf\xe9", b"354 go on"] {
        let line = bytes::BytesMut::from(&[line, b"\r\n"].concat()[..]).split_to(line.len()).freeze();
        let (mut reader, mut deviations) = (ReplyReader::new(512), Deviations::new());
        let (allocations, reply) =
            heap::allocations(|| reader.push(line, Leniency::LENIENT, &mut deviations));
        assert!(reply.unwrap().is_some());
        assert_eq!(allocations, 0);
    }
    assert!(size_of::<Reply>() <= 48);
}
