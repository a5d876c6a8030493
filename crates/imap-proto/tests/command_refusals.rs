//! Commands that are none, what is tolerated of them, and what reading one may cost.
#![expect(clippy::unwrap_used, reason = "helpers of tests: what cannot go on should fail")]
use bytes::Bytes;
use imap_proto::{
    Command, CommandError, DeviationKind, Deviations, Dialect, Encoding, Leniency, MailboxName, SearchKey,
    Tag, Wire,
};
use test_support::heap::{self, Counting};

#[global_allocator]
static HEAP: Counting = Counting;

fn parse(
    unit: &'static [u8],
    leniency: Leniency,
) -> Result<(Command, Vec<(DeviationKind, usize)>), CommandError> {
    let mut deviations = Deviations::new();
    let (_, command) = Command::parse(&Bytes::from_static(unit), &Dialect::new(leniency), &mut deviations)?;
    Ok((command, deviations.iter().map(|deviation| (deviation.kind, deviation.offset)).collect()))
}

fn encoded(command: &Command, wire: &Wire) -> String {
    let mut out = Vec::new();
    command.encode(&Tag::new("a").unwrap(), wire, &mut out);
    String::from_utf8(out).unwrap()
}

fn name(name: &str) -> MailboxName {
    MailboxName::new(name).unwrap()
}

// covers rfc3501 9 no-empty-fetch
// covers rfc3501 9 no-empty-key
// covers rfc3501 9 no-empty-status
// covers rfc3516 4.2 binary-of-parts
#[test]
fn what_is_no_command_is_refused_where_it_goes_wrong() {
    for (unit, message) in [
        (&b""[..], "expected a tag at octet 0, found the end"),
        (b"a", "expected a space at octet 1, found the end"),
        (b"a+b NOOP", "expected a space at octet 1, found '+'"),
        (b"* NOOP", "expected a tag at octet 0, found '*'"),
        (b"a ", "expected a command at octet 2, found the end"),
        (b"a  NOOP", "expected a command at octet 2, found ' '"),
        (b"a NOOP x", "expected the end at octet 6, found ' '"),
        (b"a NOOP ", "expected the end at octet 6, found ' '"),
        (b"a SELECT", "expected a space at octet 8, found the end"),
        (b"a SELECT ", "expected an atom or a string at octet 9, found the end"),
        (b"a SELECT a b", "expected the end at octet 10, found ' '"),
        (b"a SELECT caf\xe9", "expected the end at octet 12, found '\\xe9'"),
        (b"a LOGIN a", "expected a space at octet 9, found the end"),
        (b"a LOGIN a {3}\r\nxy", "expected all octets of a literal at octet 15, found 'x'"),
        (b"a LOGIN a b\r\nb LOGOUT", "expected the end at octet 11, found '\\r'"),
        (b"a AUTHENTICATE PLAIN x", "expected base64 at octet 21, found 'x'"),
        (b"a AUTHENTICATE", "expected a space at octet 14, found the end"),
        (b"a ENABLE", "expected a space at octet 8, found the end"),
        (b"a ENABLE A (B)", "expected an atom at octet 11, found '('"),
        (b"a COMPRESS LZW", "expected DEFLATE at octet 11, found 'L'"),
        (b"a ID (\"a\")", "expected a space at octet 9, found ')'"),
        (b"a ID x", "expected a list or NIL at octet 5, found 'x'"),
        (b"a LIST \"\" a(b", "expected the end at octet 11, found '('"),
        (b"a STATUS a ()", "expected a status item at octet 12, found ')'"),
        (b"a STATUS a MESSAGES", "expected an opening parenthesis at octet 11, found 'M'"),
        (b"a STATUS a (MESSAGES", "expected a space or the end of the list at octet 20, found the end"),
        (b"a UID NOOP", "expected COPY, EXPUNGE, FETCH, MOVE, SEARCH or STORE at octet 6, found 'N'"),
        (b"a FETCH 0 UID", "expected a number above zero at octet 8, found '0'"),
        (b"a FETCH 4294967296 UID", "expected a number below 2^32 at octet 8, found '4'"),
        (b"a FETCH 1, UID", "expected a number, '*' or '$' at octet 10, found ' '"),
        (b"a FETCH 1:$ UID", "expected a number, '*' or '$' at octet 10, found '$'"),
        (b"a FETCH 1 ()", "expected a fetch item at octet 11, found ')'"),
        (b"a FETCH 1 (ALL)", "expected a fetch item at octet 11, found 'A'"),
        (b"a FETCH 1 BODY.PEEK", "expected a fetch item at octet 10, found 'B'"),
        (b"a FETCH 1 BODY[0]", "expected a number above zero at octet 15, found '0'"),
        (
            b"a FETCH 1 BODY[1.5.]",
            "expected HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or MIME at octet 19, found ']'",
        ),
        (b"a FETCH 1 BODY[]<1>", "expected '.' at octet 18, found '>'"),
        (b"a FETCH 1 BODY[]<1.0>", "expected a number above zero at octet 19, found '0'"),
        (b"a FETCH 1 BINARY[TEXT]", "expected the numbers of a part at octet 16, found '['"),
        (
            b"a STORE 1 FLAG (\\Seen)",
            "expected FLAGS or FLAGS.SILENT, '+' or '-' before it at octet 10, found 'F'",
        ),
        (b"a STORE 1 FLAGS", "expected a space at octet 15, found the end"),
        (b"a STORE 1 FLAGS \\", "expected a flag at octet 17, found the end"),
        (b"a STORE 1 FLAGS (\\Recent)", "expected a flag that can be set at octet 17, found '\\\\'"),
        (b"a STORE 1 FLAGS (\\*)", "expected a flag at octet 18, found '*'"),
        (b"a SEARCH", "expected a space at octet 8, found the end"),
        (b"a SEARCH X", "expected a search key at octet 9, found 'X'"),
        (b"a SEARCH ()", "expected a search key at octet 10, found ')'"),
        (b"a SEARCH OR SEEN", "expected a space at octet 16, found the end"),
        (b"a SEARCH CHARSET UTF-8", "expected a space at octet 22, found the end"),
        (b"a SEARCH SINCE 32-Feb-1994", "expected a day from 1 to 31 at octet 15, found '3'"),
        (b"a SEARCH SINCE 1-Foo-1994", "expected a month at octet 17, found 'F'"),
        (b"a SEARCH LARGER 9223372036854775808", "expected a number below 2^63 at octet 16, found '9'"),
        (b"a SEARCH KEYWORD \\Seen", "expected a keyword at octet 17, found '\\\\'"),
        (b"a SEARCH RETURN (FOO) ALL", "expected MIN, MAX, ALL, COUNT or SAVE at octet 17, found 'F'"),
        (b"a APPEND x {3}\r\na\0b", "expected no NUL in a literal at octet 17, found '\\x00'"),
        (b"a X {3}", "expected no announcement of a literal at the end at octet 7, found the end"),
        (b"a X a\nb", "expected no CR, LF or NUL outside of a literal at octet 5, found '\\n'"),
        (b"a (", "expected a command at octet 2, found '('"),
    ] {
        let error = parse(unit, Leniency::STRICT).expect_err(message);
        assert_eq!(error.to_string(), message, "{}", unit.escape_ascii());
    }
}

#[test]
fn a_refusal_bears_the_tag_as_soon_as_it_is_known() {
    for (unit, tag) in [(&b"a1 SELECT"[..], Some("a1")), (b"a2", Some("a2")), (b"+ x", None), (b"\"", None)] {
        let error = parse(unit, Leniency::LENIENT).unwrap_err();
        assert_eq!(error.tag.as_ref().map(Tag::as_str), tag);
    }
}

// covers rfc3501 2.3.2 recent-cannot-be-set
// covers rfc3501 9 store-without-parentheses
#[test]
fn leniency_takes_what_is_meant_and_tells_it() {
    use DeviationKind as Kind;
    for (unit, written, deviations) in [
        (&b"a NOOP  "[..], "a NOOP\r\n", &[(Kind::TrailingSpaces, 6)][..]),
        (b"a SELECT  x ", "a SELECT x\r\n", &[(Kind::ExtraSpaces, 9), (Kind::TrailingSpaces, 11)]),
        (b"a AUTHENTICATE PLAIN ", "a AUTHENTICATE PLAIN\r\n", &[(Kind::TrailingSpaces, 20)]),
        (
            b"a FETCH 1 ( UID  FLAGS )",
            "a FETCH 1 (UID FLAGS)\r\n",
            &[(Kind::ExtraSpaces, 11), (Kind::ExtraSpaces, 16), (Kind::ExtraSpaces, 22)],
        ),
        (b"a FETCH 01 UID", "a FETCH 1 UID\r\n", &[(Kind::LeadingZero, 8)]),
        (b"a LOGIN a \"x\\y\"", "a LOGIN a \"x\\\\y\"\r\n", &[(Kind::LooseEscape, 12)]),
        (b"a SELECT {1}\nx", "a SELECT x\r\n", &[(Kind::BareLfBehindLiteral, 12)]),
        (b"a APPEND x {3}\r\na\0b", "a APPEND x {3}\r\na\0b\r\n", &[(Kind::NulInLiteral, 17)]),
        (b"a SELECT \"Entw\xc3\xbcrfe\"", "a SELECT Entw&APw-rfe\r\n", &[(Kind::EightBit, 14)]),
        (b"a SELECT Entw\xc3\xbcrfe", "a SELECT Entw&APw-rfe\r\n", &[(Kind::EightBit, 13)]),
        (b"a STORE 1 FLAGS (\\Recent \\Seen)", "a STORE 1 FLAGS (\\Seen)\r\n", &[(Kind::RecentFlag, 17)]),
        (b"a SEARCH  SEEN ", "a SEARCH SEEN\r\n", &[(Kind::ExtraSpaces, 9), (Kind::TrailingSpaces, 14)]),
        (b"a STORE 1 FLAGS \\Seen ", "a STORE 1 FLAGS (\\Seen)\r\n", &[(Kind::TrailingSpaces, 21)]),
        (b"a ENABLE X ", "a ENABLE X\r\n", &[(Kind::TrailingSpaces, 10)]),
    ] {
        let (command, told) =
            parse(unit, Leniency::LENIENT).unwrap_or_else(|e| panic!("{}: {e}", unit.escape_ascii()));
        assert_eq!(encoded(&command, &Wire::new()), written);
        assert_eq!(told, deviations, "{}", unit.escape_ascii());
        assert!(parse(unit, Leniency::STRICT).is_err(), "{}", unit.escape_ascii());
    }
}

// covers rfc3501 4.3 quotes-are-seven-bit
// covers rfc6855 3 utf8-in-quotes
#[test]
fn where_utf_8_was_agreed_upon_it_is_no_deviation() {
    let dialect = Dialect::default().with_encoding(Encoding::Utf8);
    for (unit, mailbox) in
        [("a SELECT \"Entwürfe\"", "Entwürfe"), ("a SELECT R&D", "R&D"), ("a SELECT &-", "&-")]
    {
        let (_, command) = Command::parse(&Bytes::from(unit), &dialect, &mut Deviations::new()).unwrap();
        assert_eq!(command, Command::Select(name(mailbox)));
    }
    let latin_1 = Command::parse(&Bytes::from_static(b"a SELECT \"\xe9\""), &dialect, &mut Deviations::new());
    assert_eq!(latin_1.unwrap_err().to_string(), "expected UTF-8 at octet 10, found '\\xe9'");
}

#[test]
fn secrets_are_not_shown() {
    for unit in [&b"a LOGIN joe hunter2"[..], b"a AUTHENTICATE PLAIN aHVudGVyMg==", b"a XLOGIN joe hunter2"] {
        let shown = format!("{:?}", parse(unit, Leniency::STRICT).unwrap().0);
        assert!(!shown.contains("hunter2"), "{shown}");
    }
}

// covers rfc3501 6.4.4 keys-in-parentheses
// covers rfc3501 6.4.4 not
// covers rfc3501 6.4.4 or
#[test]
fn deep_nesting_is_refused_and_needs_little_stack() {
    let work = || {
        let dialect = Dialect::new(Leniency::LENIENT).with_nesting(u8::MAX);
        for (open, close) in [("(", ")"), ("NOT ", ""), ("OR SEEN ", ""), ("NOT (OR SEEN ", ")")] {
            for depth in [20, 100_000] {
                let unit = format!("a SEARCH {}SEEN{}", open.repeat(depth), close.repeat(depth));
                let read = Command::parse(&unit.into(), &dialect, &mut Deviations::new());
                assert_eq!(read.is_ok(), depth == 20, "{open}");
                if let Err(e) = read {
                    assert_eq!(e.error.expected, "less nesting");
                }
            }
        }
        let deepest = format!("a SEARCH {}SEEN{}", "(".repeat(64), ")".repeat(64));
        assert!(Command::parse(&deepest.into(), &dialect, &mut Deviations::new()).is_ok());
    };
    std::thread::Builder::new().stack_size(512 << 10).spawn(work).unwrap().join().unwrap();
}

#[test]
fn limits_of_items_hold() {
    let dialect = Dialect::default().with_items(3);
    for (three, four) in [
        ("a FETCH 1,2,3 UID", "a FETCH 1,2,3,4 UID"),
        ("a FETCH 1 (UID UID UID)", "a FETCH 1 (UID UID UID UID)"),
        ("a SEARCH SEEN SEEN SEEN", "a SEARCH SEEN SEEN SEEN SEEN"),
    ] {
        assert!(Command::parse(&three.into(), &dialect, &mut Deviations::new()).is_ok());
        let error = Command::parse(&four.into(), &dialect, &mut Deviations::new()).unwrap_err();
        assert!(error.error.expected.starts_with("fewer"), "{error}");
    }
}

#[test]
fn common_commands_cost_one_allocation_or_none() {
    for (unit, most) in [
        (&b"a NOOP"[..], 0),
        (b"a SELECT INBOX", 0),
        (b"a UID FETCH 1:* (UID FLAGS)", 0),
        (b"a FETCH 1 BODY.PEEK[HEADER.FIELDS (From To)]", 1),
        (b"a UID STORE 17 +FLAGS.SILENT (\\Deleted $Junk)", 1),
        (b"a UID COPY 1:9 Trash", 0),
        (b"a STATUS Sent (MESSAGES UNSEEN)", 0),
        (b"a LIST \"\" %", 0),
        // The keys, and the box around all.
        (b"a UID SEARCH UNSEEN", 2),
        (b"a LOGIN joe secret", 1),
    ] {
        let block = Bytes::from(unit.to_vec());
        // The first share of a block allocates its count.
        drop(block.clone());
        let dialect = Dialect::default();
        let (cost, read) = heap::measure(|| Command::parse(&block, &dialect, &mut Deviations::new()));
        assert!(read.is_ok());
        assert!(cost.allocations <= most, "{}: {} allocations", unit.escape_ascii(), cost.allocations);
    }
    assert!(size_of::<Command>() <= 80, "{}", size_of::<Command>());
    assert_eq!(size_of::<SearchKey>(), 40);
}
