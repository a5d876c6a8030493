//! APPEND: whole, in pieces, and to servers that take more or less.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::{Buf, Bytes};
use imap_proto::{
    Append, AppendMessage, Command, Deviations, Dialect, Encoding, Flag, Flags, LiteralForm, MailboxName,
    MessageData, MessageKind, Offer, Tag, Tail, Unfit, Wire,
};
use mail_wire::Outbox;

fn tag() -> Tag {
    Tag::new("A003").unwrap()
}

fn whole(octets: &'static [u8]) -> AppendMessage {
    AppendMessage::new(MessageData::Whole(Bytes::from_static(octets)))
}

fn announced(octets: u64) -> AppendMessage {
    AppendMessage::new(MessageData::Announced(octets))
}

fn example(message: AppendMessage) -> AppendMessage {
    let date = "17-Jul-1996 02:44:25 -0700".parse().unwrap();
    message.with_flags(Flags::from(Flag::Seen)).with_date(date)
}

fn append(mailbox: &str, messages: impl IntoIterator<Item = AppendMessage>) -> Append {
    let mut messages = messages.into_iter();
    let mut append = Append::new(MailboxName::new(mailbox).unwrap(), messages.next().unwrap());
    messages.for_each(|message| append.push(message));
    append
}

fn encoded(append: &Append, wire: &Wire) -> Vec<u8> {
    let mut out = Vec::new();
    Command::Append(Box::new(append.clone())).encode(&tag(), wire, &mut out);
    out
}

// covers rfc3501 6.3.11 date-is-read
// covers rfc3501 9 day-of-two-places
// covers rfc3501 9 two-digits
#[test]
fn whole_messages_read_and_write_as_the_rfcs_have_it() {
    for (unit, append) in [
        (
            &b"A003 APPEND saved-messages (\\Seen) {6}\r\nabc\r\n)"[..],
            append("saved-messages", [whole(b"abc\r\n)").with_flags(Flag::Seen.into())]),
        ),
        (b"A003 APPEND x {0}\r\n", append("x", [whole(b"")])),
        (
            b"A003 APPEND \"a b\" (\\Seen) \"17-Jul-1996 02:44:25 -0700\" {1}\r\nm",
            append("a b", [example(whole(b"m"))]),
        ),
        (
            b"A003 APPEND x \" 1-Jan-2024 00:00:00 +0130\" {1}\r\n)",
            append("x", [whole(b")").with_date(" 1-Jan-2024 00:00:00 +0130".parse().unwrap())]),
        ),
        (b"A003 APPEND x ~{2}\r\n\0\0", append("x", [whole(b"\0\0").with_kind(MessageKind::Binary)])),
        (
            b"A003 APPEND x UTF8 (~{2}\r\n\xc3\xa9)",
            append("x", [whole(b"\xc3\xa9").with_kind(MessageKind::Utf8)]),
        ),
        (
            b"A003 APPEND x {1}\r\na (\\Seen) {2}\r\n\r\n UTF8 (~{1}\r\nc)",
            append(
                "x",
                [
                    whole(b"a"),
                    whole(b"\r\n").with_flags(Flag::Seen.into()),
                    whole(b"c").with_kind(MessageKind::Utf8),
                ],
            ),
        ),
    ] {
        let (_, command) =
            Command::parse(&Bytes::from_static(unit), &Dialect::default(), &mut Deviations::new())
                .unwrap_or_else(|e| panic!("{}: {e}", unit.escape_ascii()));
        assert_eq!(command, Command::Append(Box::new(append.clone())));
        assert_eq!(append.announced(), None);
        assert_eq!(encoded(&append, &Wire::new()), [unit, b"\r\n"].concat());
    }
}

// covers rfc3501 6.3.11 flags-are-read
#[test]
fn a_message_streams_and_the_command_goes_on_behind_it() {
    let (dialect, mut deviations) = (Dialect::default(), Deviations::new());
    let head = Bytes::from_static(b"A003 APPEND {1}\r\nx {1}\r\na (\\Seen) UTF8 (~{100000+}\r\n");
    let (read, mut streamed) = Append::parse_head(&head, &dialect, &mut deviations).unwrap();
    assert_eq!((read, streamed.announced(), streamed.messages().len()), (tag(), Some(100_000), 2));

    let rest = Bytes::from_static(b") {2}\r\nab ~{7}\r\n");
    streamed.resume(&rest, Tail::Literal, &dialect, &mut deviations).unwrap();
    assert_eq!((streamed.announced(), streamed.messages().len()), (Some(7), 4));

    streamed.resume(&Bytes::new(), Tail::End, &dialect, &mut deviations).unwrap();
    assert_eq!(
        streamed,
        append(
            "x",
            [
                whole(b"a"),
                announced(100_000).with_flags(Flag::Seen.into()).with_kind(MessageKind::Utf8),
                whole(b"ab"),
                announced(7).with_kind(MessageKind::Binary),
            ]
        )
    );
}

// covers rfc3501 9 zone-of-minutes
// covers rfc6855 4 utf8-needs-literal8
#[test]
fn what_cannot_stream_or_go_on_is_refused() {
    let (dialect, mut deviations) = (Dialect::default(), Deviations::new());
    for (head, message) in [
        (&b"a LOGIN joe {100000}\r\n"[..], "expected all octets of a literal at octet 22, found the end"),
        (b"a APPEND {100000}\r\n", "expected all octets of a literal at octet 19, found the end"),
        (b"a APPEND x (a {100000}\r\n", "expected a flag at octet 14, found '{'"),
        (b"a APPEND x {1}\r\na", "expected a literal that streams at octet 17, found the end"),
        (b"a NOOP", "expected a command that streams at octet 6, found the end"),
        (b"a XAPPEND {5}\r\n", "expected all octets of a literal at octet 15, found the end"),
        (b"a APPEND x UTF8 ({5}\r\n", "expected a literal8 at octet 17, found '{'"),
        (b"a APPEND x", "expected a space at octet 10, found the end"),
        (b"a APPEND x \"1-Jan-2024 00:00:00 +0000\" {5}\r\n", "expected a digit at octet 12, found '1'"),
        (
            b"a APPEND x \"01-Jan-2024 24:00:00 +0000\" {5}\r\n",
            "expected a time of day at octet 24, found '2'",
        ),
        (
            b"a APPEND x \"01-Jan-2024 00:00:00 +0060\" {5}\r\n",
            "expected a zone of hours and minutes at octet 33, found '+'",
        ),
    ] {
        let error = Append::parse_head(&Bytes::from_static(head), &dialect, &mut deviations).unwrap_err();
        assert_eq!(error.to_string(), message);
        assert_eq!(error.tag.unwrap().as_str(), "a");
    }
    for (kind, rest, tail, message) in [
        (MessageKind::Text, &b")"[..], Tail::End, "expected a space at octet 0, found ')'"),
        (MessageKind::Utf8, b"", Tail::End, "expected a closing parenthesis at octet 0, found the end"),
        (MessageKind::Text, b" ", Tail::End, "expected the end at octet 0, found ' '"),
        (
            MessageKind::Text,
            b" {5}\r\nabc",
            Tail::End,
            "expected all octets of a literal at octet 6, found 'a'",
        ),
        (
            MessageKind::Text,
            b" {5}\r\n",
            Tail::End,
            "expected all octets of a literal at octet 6, found the end",
        ),
        (MessageKind::Text, b" (\\Seen)", Tail::Literal, "expected a space at octet 8, found the end"),
    ] {
        let mut append = append("x", [announced(9).with_kind(kind)]);
        let error = append.resume(&Bytes::from_static(rest), tail, &dialect, &mut deviations).unwrap_err();
        assert_eq!(error.to_string(), message);
    }
}

// covers rfc3501 6.3.11 date-of-the-message
// covers rfc6855 4 utf8-closes
#[test]
fn a_streamed_message_is_written_around_its_octets() {
    let wire = Wire::new().with_literals(LiteralForm::Plus);
    let mut append = append("x", [whole(b"a"), example(announced(3)).with_kind(MessageKind::Utf8)]);
    let mut out = encoded(&append, &wire);
    out.extend_from_slice(b"123");
    append.encode_next(announced(2), &wire, &mut out);
    out.extend_from_slice(b"45");
    append.encode_end(&mut out);
    assert_eq!(
        out.escape_ascii().to_string(),
        r#"A003 APPEND x {1+}\r\na (\\Seen) \"17-Jul-1996 02:44:25 -0700\" UTF8 (~{3+}\r\n123) {2+}\r\n45\r\n"#
    );
}

#[test]
fn a_synchronising_literal_holds_back_what_follows_and_no_more() {
    let mut outbox = Outbox::default();
    let send = |outbox: &mut Outbox, command: Command, wire: Wire| command.encode(&tag(), &wire, outbox);
    send(&mut outbox, Command::Append(Box::new(append("x", [whole(b"abc")]))), Wire::new());
    send(&mut outbox, Command::Noop, Wire::new());
    assert_eq!(outbox.transmit().chunk(), b"A003 APPEND x {3}\r\n");
    let n = outbox.transmit().remaining();
    outbox.transmit().advance(n);
    outbox.discard();
    assert_eq!(outbox.transmit().copy_to_bytes(11), "A003 NOOP\r\n");

    let login = imap_proto::Login::new("a\r\nb", "c\r\nd").unwrap();
    send(&mut outbox, Command::Login(login.clone()), Wire::new());
    assert_eq!(outbox.transmit().copy_to_bytes(16), "A003 LOGIN {4}\r\n");
    outbox.release();
    assert_eq!(outbox.transmit().copy_to_bytes(10), "a\r\nb {4}\r\n");
    assert!(outbox.transmit().is_empty());
    outbox.release();
    assert_eq!(outbox.transmit().copy_to_bytes(6), "c\r\nd\r\n");

    send(&mut outbox, Command::Login(login), Wire::new().with_literals(LiteralForm::Minus));
    assert_eq!(outbox.transmit().remaining(), outbox.unsent());
}

// covers rfc3502 6.3.11 one-without-multiappend
// covers rfc3516 4.4 needs-binary
// covers rfc3516 4.4 nul-needs-literal8
#[test]
fn what_the_server_has_not_is_told_before() {
    let kind = |kind| Command::Append(Box::new(append("x", [announced(1).with_kind(kind)])));
    assert_eq!(kind(MessageKind::Text).fits(&Wire::new()), Ok(()));
    assert_eq!(kind(MessageKind::Binary).fits(&Wire::new()), Err(Unfit::NeedsBinary));
    let nul = |kind| Command::Append(Box::new(append("x", [whole(b"a\0").with_kind(kind)])));
    assert_eq!(nul(MessageKind::Text).fits(&Wire::new()), Err(Unfit::Nul));
    assert_eq!(nul(MessageKind::Binary).fits(&Wire::new().with_binary(Offer::Yes)), Ok(()));
    assert_eq!(kind(MessageKind::Binary).fits(&Wire::new().with_binary(Offer::Yes)), Ok(()));
    assert_eq!(kind(MessageKind::Utf8).fits(&Wire::new()), Err(Unfit::NeedsUtf8));
    assert_eq!(kind(MessageKind::Utf8).fits(&Wire::new().with_encoding(Encoding::Utf8)), Ok(()));
    let two = Command::Append(Box::new(append("x", [whole(b"a"), whole(b"b")])));
    assert_eq!(two.fits(&Wire::new()), Err(Unfit::NeedsMultiAppend));
    assert_eq!(two.fits(&Wire::new().with_multi_append(Offer::Yes)), Ok(()));
}
