//! What a program reads that drives this one.
use crate::{Verdict, cli::Cli, run, show::Show};
use clap::Parser;
use serde_json::{Value, json};
use std::io::{self, Read};
use test_support::{
    Script, Who,
    heap::{self, Counting},
};

#[global_allocator]
static HEAP: Counting = Counting;

/// Gives its octets in these pieces.
struct Pieces<'a>(Vec<&'a [u8]>);

impl Read for Pieces<'_> {
    fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
        let Some(piece) = self.0.iter_mut().find(|piece| !piece.is_empty()) else { return Ok(0) };
        piece.read(block)
    }
}

fn told(args: &str, source: impl Read) -> (Verdict, String) {
    let arguments = ["inspect"].into_iter().chain(args.split_ascii_whitespace());
    let cli = Cli::try_parse_from(arguments).expect(args);
    let mut output = Vec::new();
    let verdict = run(&cli, Show::Plain, source, &mut output).expect("reading and writing memory");
    (verdict, String::from_utf8(output).expect("JSON is UTF-8"))
}

fn units(args: &str, input: &[u8]) -> Vec<Value> {
    let (_, output) = told(args, input);
    output.lines().map(|line| serde_json::from_str(line).expect(line)).collect()
}

/// A unit that was read, of the whole input, by its kind and its value.
fn one(args: &str, input: &[u8]) -> (Value, Value) {
    let units = units(args, input);
    let [unit] = &units[..] else { panic!("{units:?}") };
    assert_eq!((&unit["offset"], &unit["length"]), (&json!(0), &json!(input.len())));
    (unit["kind"].clone(), unit["value"].clone())
}

fn kinds(args: &str, input: &[u8]) -> Vec<String> {
    let kind = |unit: &Value| unit["kind"].as_str().unwrap_or("failed").to_owned();
    units(args, input).iter().map(kind).collect()
}

/// All sides, with what makes them go wrong, end, and take the longer way.
const INPUTS: [(&str, &[u8]); 14] = [
    (
        "imap server",
        b"* OK hi {5}\r\n* 1 FETCH (UID 7 BODY[] {9}\r\na\r\nb {3}\r\n FLAGS ())\r\n+ go\r\na OK\r\n* x\r\n\
          * OK\n* 2 FETCH (BODY[] {3}\nabc)\r\n* 1 FETCH (ENVELOPE",
    ),
    (
        "imap server",
        b"* 1 FETCH (ENVELOPE (NIL \"a\r\n b\" NIL NIL NIL NIL NIL NIL NIL NIL))\r\n* 1 FETCH (X \"a\r\n* 2 EXISTS\r\n\
          * 1 FETCH (X \"\r\n",
    ),
    (
        "imap client",
        b"a LOGIN {3}\r\ntim {2+}\r\nxy\r\nb AUTHENTICATE LOGIN\r\nYQ==\r\nYQ==\r\n\r\nc IDLE\r\nDONE\r\n\
          d APPEND x {2}\r\na\n {1+}\r\nb\r\ne NO\rOP\r\nf FETCH\r\nc IDLE\r\nNOOP\r\ng",
    ),
    (
        "smtp client",
        b"EHLO a\r\nMAIL FROM: <a@b.c>\r\nDATA\r\n..a\r\n.b\nc\r\r\n.\r\nAUTH LOGIN YQ==\r\nYQ==\r\nBDAT 3 LAST\r\n\r\nxAUTH PLAIN\r\n*\r\n\
          NO\rOP\r\nR\nSET\r\nDATA\r\nx\r\n.",
    ),
    ("smtp server", b"220 hi\r\n250-a\n250-AUTH=PLAIN\r\n550 x\r\nloose\r\n2\0\r\n250-x\r\nno\r\n250\r\n250-"),
    (
        "smtp server --for EHLO",
        b"220 hi\r\n250-a\r\n250-SIZE x\r\n250 AUTH=PLAIN\r\n250-a\r\n250-8BITMIME \r\n250\r\n",
    ),
    ("smtp server --for greeting --for EHLO --for DATA", b"220 hi\r\n250 a\r\nSIZE 5\r\n\r\n?\r\n354 b\r\nx\r\n2\r\n250 c"),
    ("pop3 client", b"USER a\r\nPASS b c\r\nSTAT \r\nAUTH PLAIN\r\nYQ==\r\nRETR 0\r\nLI"),
    ("pop3 server", b"+OK hi\r\n-ERR\n+ERR x\r\n+ YQ==\r\n+ YQ\r\nno\r\n+O"),
    ("pop3 server --for UIDL", b"+OK\r\n1 a b\r\n..\r\n0 x\r\n.\r\n-ERR no\r\n+OK\r\n1 a\r\n"),
    ("pop3 server --for RETR", b"+OK\r\na\r\n..b\r\n.c\r\nd\ne\r\n.\r\n-ERR no\r\n+OK\r\n.\r\n+OK\r\n.\r"),
    ("pop3 server --for RETR", b"+OK\na\n..b\n.c\r\n.\n-ERR no\n+OK\n.\r\n+OK\n."),
    ("pop3 server --for greeting --for AUTH --for LIST", b"+OK <a@b>\r\n+ \r\n+OK\r\nPLAIN\r\n.\r\n+OK\r\n1 2\r\n.\r\n+OK\r\n."),
    ("pop3 server --for STAT", b"+OK 2 320 x\r\n+OK x\r\n-ERR\r\n"),
];

#[test]
fn the_output_does_not_depend_on_how_the_input_is_cut() {
    for (args, input) in INPUTS {
        for mode in ["--lenient", "--strict"] {
            let args = format!("{args} {mode}");
            let whole = told(&args, input);
            for at in 0..input.len() {
                let (one, other) = input.split_at(at);
                assert_eq!(told(&args, Pieces(vec![one, other])), whole, "{args}, cut at {at}");
            }
            for cut in [1, 2, 3, 7] {
                assert_eq!(told(&format!("{args} --cut {cut}"), input), whole, "{args}, pieces of {cut}");
            }
        }
    }
}

#[test]
fn every_octet_belongs_to_one_unit() {
    for (args, input) in INPUTS {
        let mut end = 0;
        for unit in units(args, input) {
            assert_eq!(unit["offset"], end, "{args}: {unit}");
            end += unit["length"].as_u64().expect("a length");
            let failed_at = unit["error_offset"].as_u64().unwrap_or(end);
            assert!(unit["offset"].as_u64() <= Some(failed_at) && failed_at <= end, "{args}: {unit}");
        }
        assert_eq!(end, input.len() as u64, "{args}");
    }
}

#[test]
fn a_message_of_any_size_costs_no_memory() {
    const SIZE: u64 = 8 << 20;
    let line = b"0123456789012345678901234567890123456789012345678901234567890\r\n";
    let body = |octets: u64| (0..octets).map(|at| line[at as usize % line.len()]);
    /// Octets from an iterator.
    struct From<I>(I);
    impl<I: Iterator<Item = u8>> Read for From<I> {
        fn read(&mut self, block: &mut [u8]) -> io::Result<usize> {
            let given = block.iter_mut().zip(&mut self.0).map(|(place, octet)| *place = octet);
            Ok(given.count())
        }
    }
    for (args, head, tail) in [
        ("imap server", format!("* 1 FETCH (BODY[] {{{SIZE}}}\r\n"), ")\r\n"),
        ("imap client", format!("a APPEND x {{{SIZE}}}\r\n"), "\r\n"),
        ("smtp client", "DATA\r\n".into(), "\r\n.\r\n"),
        ("pop3 server --for RETR", "+OK\r\n".into(), "\r\n.\r\n"),
    ] {
        let source = head.as_bytes().chain(From(body(SIZE))).chain(tail.as_bytes());
        let (used, (verdict, output)) = heap::measure(|| told(args, source));
        assert_eq!(verdict, Verdict::AllOk, "{output}");
        assert!(output.contains(&SIZE.to_string()) || output.contains(&(SIZE + 2).to_string()), "{output}");
        assert!(used.peak < 1 << 20, "{args}: {} octets held", used.peak);
    }
}

#[test]
fn what_failed_is_told_with_its_place_and_the_next_unit_is_read() {
    assert_eq!(
        units("imap server --strict", b"* 23 EXISTS\r\n* 1 FETCH (UID x)\r\n* 24 EXISTS\r\n"),
        [
            json!({ "offset": 0, "length": 13, "ok": true, "kind": "Exists", "value": 23, "deviations": [] }),
            json!({ "offset": 13, "length": 19, "ok": false, "error": "expected a number, found 'x'",
                    "error_offset": 28, "expected": "a number" }),
            json!({ "offset": 32, "length": 13, "ok": true, "kind": "Exists", "value": 24, "deviations": [] }),
        ]
    );
    assert_eq!(
        units("imap server", b"* 23 EX"),
        [json!({ "offset": 0, "length": 7, "ok": false, "error": "cut", "error_offset": 7,
                 "expected": "the end of a response" })]
    );
}

#[test]
fn what_was_tolerated_is_told_where_it_stands_in_the_stream() {
    let units = units("imap server", b"* OK hi\r\n* SEARCH 1 2 \r\n");
    assert_eq!(units[1]["deviations"], json!([{ "kind": "TrailingSpaces", "offset": 21 }]));
}

#[test]
fn a_server_of_imap() {
    let (kind, value) = one("imap server", b"* 1 FETCH (UID 7 FLAGS (\\Seen))\r\n");
    assert_eq!(
        (kind, value),
        (json!("Fetch"), json!({ "number": 1, "items": [{ "Uid": 7 }, { "Flags": ["\\Seen"] }] }))
    );
    let (kind, value) = one("imap server", b"a1 OK done\r\n");
    assert_eq!(kind, "Tagged");
    assert_eq!(value["tag"], "a1");
    let utf8 = b"* ENABLED UTF8=ACCEPT\r\n* LIST () \"/\" \"Entw\xc3\xbcrfe\"\r\n";
    assert_eq!(kinds("imap server --strict", utf8), ["Enabled", "List"]);
}

#[test]
fn a_client_of_imap() {
    let (kind, value) = one("imap client", b"a LOGIN {3}\r\ntim {6+}\r\nsecret\r\n");
    assert_eq!(
        (kind, value),
        (json!("Login"), json!({ "tag": "a", "arguments": { "username": "tim", "password": "(redacted)" } }))
    );
    let session = b"a AUTHENTICATE GSSAPI\r\nYWJj\r\n\r\nb IDLE\r\nDONE\r\nc APPEND x {3}\r\nabc\r\nd AUTHENTICATE PLAIN\r\n\
                    YWJj\r\ne LOGOUT\r\n";
    assert_eq!(
        kinds("imap client --strict", session),
        [
            "Authenticate",
            "SaslResponse",
            "SaslResponse",
            "Idle",
            "Done",
            "Append",
            "Authenticate",
            "SaslResponse",
            "Logout"
        ]
    );
}

#[test]
fn the_sessions_of_the_test_data() {
    for name in ["typical", "lmtp", "pipelining", "smtputf8", "starttls", "helo"] {
        let script = Script::load(&format!("smtp/{name}.txt"));
        for (who, side) in [(Who::Client, "client"), (Who::Server, "server")] {
            let units = units(&format!("smtp {side} --strict"), &script.said_by(who));
            let failed: Vec<_> = units.iter().filter(|unit| unit["ok"] == false).collect();
            assert!(failed.is_empty() && units.len() > 3, "{name}, {side}: {failed:?}");
        }
    }
}

#[test]
fn the_octets_of_a_message_are_counted_without_their_stuffing() {
    for (args, input) in [
        ("smtp client", &b"DATA\r\n..\r\n.\r\nQUIT\r\n"[..]),
        ("pop3 server --for RETR", b"+OK\r\n..\r\n.\r\n-ERR no\r\n"),
    ] {
        let units = units(args, input);
        assert_eq!((&units[1]["kind"], &units[1]["value"]), (&json!("Message"), &json!({ "octets": 3 })));
        assert_eq!((units.len(), &units[1]["length"]), (3, &json!(7)));
    }
    // Nothing but CRLF . CRLF ends a message.
    let smuggled = b"DATA\r\na\n.\r\nMAIL FROM:<x@y.z>\r\n.\r\n";
    assert_eq!(kinds("smtp client", smuggled), ["Data", "Message"]);
    assert_eq!(kinds("smtp client --strict", smuggled), ["Data", "failed"]);
}

#[test]
fn a_server_that_does_not_stuff_or_ends_lines_in_lf() {
    let units = units("pop3 server --for RETR", b"+OK\r\n.x\r\n.\r\n+OK\n.x\n.\n-ERR\n");
    assert_eq!(units[1]["value"], json!({ "octets": 4 }));
    assert_eq!(units[1]["deviations"], json!([{ "kind": "MissingStuffing", "offset": 5 }]));
    assert_eq!((&units[3]["value"], units.len()), (&json!({ "octets": 3 }), 5));
    assert_eq!(units[3]["deviations"], json!([{ "kind": "MissingStuffing", "offset": 16 }]));
}

/// A reader that goes to the place finds what it is told, whatever dots stood before it.
#[test]
fn what_is_odd_in_a_message_is_told_where_it_stands() {
    let message = b"..a\r\n...\r\n.x\r\n..y\nz\r\n.\rz\r\n..\r\nq\n\r\n.\r\n";
    let place = |odd: &[u8]| message.windows(odd.len()).position(|octets| octets == odd).unwrap() + 5;
    for (args, status, octets, missing) in
        [("pop3 server --for RETR", "+OK\r\n", 30, true), ("smtp client", "DATA\r\n", 28, false)]
    {
        let mut wire = status.as_bytes().to_vec();
        wire.extend_from_slice(message);
        let units = units(args, &wire);
        let behind = status.len() - 5;
        let mut expected = vec![
            ("MissingStuffing", place(b".x")),
            ("BareLf", place(b"\nz")),
            ("MissingStuffing", place(b".\rz")),
            ("BareCr", place(b"\rz")),
            ("BareLf", place(b"\n\r\n.\r\n")),
        ];
        expected.retain(|(kind, _)| missing || *kind != "MissingStuffing");
        let expected: Vec<_> =
            expected.iter().map(|(kind, at)| json!({ "kind": kind, "offset": at + behind })).collect();
        assert_eq!(units[1]["deviations"], json!(expected), "{args}");
        assert_eq!(units[1]["value"], json!({ "octets": octets }), "{args}");
    }
}

#[test]
fn what_answers_a_command_is_typed() {
    let (kind, value) = one("smtp server --for EHLO", b"250-mx\r\n250-SIZE 5\r\n250-AUTH PLAIN\r\n250\r\n");
    assert_eq!(kind, "Capabilities");
    assert_eq!((&value["size_limit"], &value["mechanisms"]), (&json!(5), &json!(["PLAIN"])));
    for (args, input, expected) in [
        ("pop3 server --for STAT", &b"+OK 2 320\r\n"[..], json!({ "messages": 2, "octets": 320 })),
        ("pop3 server --for LIST", b"+OK\r\n1 120\r\n.\r\n", json!({ "message": 1, "octets": 120 })),
        ("pop3 server --for UIDL", b"+OK\r\n1 abc\r\n.\r\n", json!({ "message": 1, "id": "abc" })),
        ("pop3 server --for CAPA", b"+OK\r\nSASL PLAIN\r\n.\r\n", json!({ "Sasl": ["PLAIN"] })),
        ("pop3 server --for AUTH", b"+OK\r\nPLAIN\r\n.\r\n", json!("PLAIN")),
        ("pop3 server --for LANG", b"+OK\r\nde\r\n.\r\n", json!({ "tag": "de", "words": null })),
    ] {
        let units = units(args, input);
        let typed = if units.len() == 1 { &units[0] } else { &units[1] };
        assert_eq!(typed["value"], expected, "{args}");
    }
    assert_eq!(
        kinds("pop3 server --for LIST", b"-ERR no\r\n+OK\r\n1 120\r\n.\r\n-ERR no\r\n"),
        ["Reply", "Reply", "ScanListing", "End", "Reply"]
    );
}

#[test]
fn a_greeting_is_not_taken_for_an_answer() {
    let session =
        b"+OK ready <1896.697@example.net>\r\n-ERR no\r\n+OK 2 320\r\n+OK\r\n1 120\r\n.\r\n+OK\r\n.\r\n";
    assert_eq!(
        kinds("pop3 server --strict --for greeting --for NOOP --for STAT --for LIST", session),
        ["Reply", "Reply", "DropListing", "Reply", "ScanListing", "End", "Reply", "End"]
    );
    let session = b"220 mx\r\n250-mx\r\n250 SIZE 5\r\n250 ok\r\n250 ok\r\n";
    assert_eq!(
        kinds("smtp server --strict --for greeting --for EHLO --for MAIL", session),
        ["Reply", "Capabilities", "Reply", "Reply"]
    );
}

#[test]
fn what_asks_for_more_is_not_the_answer() {
    assert_eq!(
        kinds("pop3 server --strict --for PASS --for STAT", b"+ YQ==\r\n+ YQ==\r\n+OK\r\n+OK 2 320\r\n"),
        ["Challenge", "Challenge", "Reply", "DropListing"]
    );
    assert_eq!(
        kinds("smtp server --strict --for AUTH --for EHLO", b"334 YQ==\r\n235 ok\r\n250 mx\r\n"),
        ["Reply", "Reply", "Capabilities"]
    );
    // What cannot be read answers all the same.
    assert_eq!(
        kinds("smtp server --strict --for AUTH --for EHLO", b"2x5 ok\r\n250 mx\r\n"),
        ["failed", "Capabilities"]
    );
    assert_eq!(
        kinds("pop3 server --strict --for NOOP --for STAT", b"+OK\rx\r\n+OK 0 0\r\n"),
        ["failed", "DropListing"]
    );
}

#[test]
fn capabilities_on_lines_without_a_code() {
    // Within the reply, and where its first line says that it is the last.
    let (kind, value) = one("smtp server --for EHLO", b"250-mx\r\nSIZE 1000\r\n250 8BITMIME\r\n");
    assert_eq!((kind, &value["size_limit"]), (json!("Capabilities"), &json!(1000)));
    let session = b"220 mx\r\nhi\r\n250 mx\r\nSIZE 1000\r\nAUTH=PLAIN\r\n221 bye\r\nSIZE 1\r\n";
    let units = units("smtp server --for greeting --for EHLO", session);
    let kinds: Vec<_> = units.iter().map(|unit| unit["kind"].as_str().unwrap_or("failed")).collect();
    assert_eq!(kinds, ["Reply", "Text", "Capabilities", "Capabilities", "Capabilities", "Reply", "Text"]);
    assert_eq!((&units[3]["offset"], &units[3]["value"]["size_limit"]), (&json!(20), &json!(1000)));
    assert_eq!(
        units[4]["deviations"],
        json!([{ "kind": "MissingCode", "offset": 31 }, { "kind": "AuthEquals", "offset": 35 }])
    );
    assert_eq!(
        self::kinds("smtp server --for EHLO --strict", b"250 mx\r\nSIZE 1000\r\n"),
        ["Capabilities", "failed"]
    );
}

#[test]
fn chunks_are_not_read_as_commands() {
    assert_eq!(kinds("smtp client", b"BDAT 6 LAST\r\nQUIT\r\nNOOP\r\n"), ["Bdat", "Chunk", "Noop"]);
    assert_eq!(kinds("smtp client", b"BDAT 99999999999999999999 LAST\r\n"), ["failed"]);
}

#[test]
fn an_exchange_has_as_many_responses_as_its_mechanism() {
    for (args, input, expected) in [
        // QUIT is base64, too.
        ("smtp client", &b"AUTH PLAIN\r\nYQ==\r\nQUIT\r\n"[..], &["Auth", "SaslResponse", "Quit"][..]),
        ("smtp client", b"AUTH PLAIN YQ==\r\nQUIT\r\n", &["Auth", "Quit"]),
        ("smtp client", b"AUTH XOAUTH2 YQ==\r\n\r\nQUIT\r\n", &["Auth", "SaslResponse", "Quit"]),
        (
            "smtp client",
            b"AUTH X-FOO\r\nYQ==\r\nYQ==\r\nQUIT\r\n",
            &["Auth", "SaslResponse", "SaslResponse", "Quit"],
        ),
        ("pop3 client", b"AUTH LOGIN\r\n*\r\nQUIT\r\n", &["Auth", "SaslResponse", "Quit"]),
        ("pop3 client", b"AUTH PLAIN\r\n?\r\nQUIT\r\n", &["Auth", "failed", "Quit"]),
    ] {
        assert_eq!(kinds(args, input), expected, "{args}: {}", input.escape_ascii());
    }
}
