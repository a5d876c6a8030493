//! Messages that come in pieces.
use crate::common::*;
use imap_proto::{
    client::{Client, Collector, Event},
    response::{FetchItem, FetchSink, Untagged},
    *,
};
use test_support::{Log, Script, Who, host, run_client};

fn streaming() -> ClientConfig {
    ClientConfig { bodies: Bodies::AlwaysStream, ..open() }
}

/// What happens when a server says this, under every cut.
fn told(config: &ClientConfig, said: &str) -> Vec<String> {
    let script = Script::default().say(Who::Server, "* PREAUTH hi\r\n").say(Who::Server, said);
    let mut log = run_client(&script, || {
        let answer = host(|_: &mut Client, event, log: &mut Log| note(event, log));
        (Client::new(config.clone()), answer)
    });
    log.remove(0);
    log
}

#[test]
fn two_bodies_in_one_fetch_with_items_between_and_behind() {
    let said = "* 1 FETCH (UID 7 BODY[1] {5}\r\nHello FLAGS (\\Seen) BODY[2.MIME] {6}\r\nWorld! RFC822.SIZE 11)\r\n* 2 EXISTS\r\n";
    assert_eq!(
        told(&streaming(), said),
        [
            "part of 1: UID 7, 1 of 5",
            "payload \"Hello\"",
            "payload end",
            "part of 1: (\\Seen), 2.MIME of 6",
            "payload \"World!\"",
            "payload end",
            "part of 1: 11 octets",
            "fetch end",
            "2 exists",
        ]
    );
    assert_eq!(told(&open(), said)[0], "1 is UID 7, 1 \"Hello\", (\\Seen), 2.MIME \"World!\", 11 octets");
}

// covers rfc3501 7.4.2 rfc822-item
// covers rfc3501 7.4.2 rfc822-text-item
// covers rfc3516 4.3 binary-item
#[test]
fn every_item_that_bears_a_message_streams() {
    for item in ["BODY[]", "BODY[]<0>", "BODY[HEADER.FIELDS (A B)]", "RFC822", "RFC822.HEADER", "rfc822.text"]
    {
        let log = told(&streaming(), &format!("* 1 FETCH ({item} {{3}}\r\nabc)\r\n"));
        assert_eq!(log.len(), 4, "{item}: {log:?}");
        assert_eq!(log[1..], ["payload \"abc\"", "payload end", "fetch end"], "{item}");
    }
    let log = told(&streaming(), "* 1 FETCH (BINARY[1] ~{3}\r\na\0c)\r\n");
    assert_eq!(log[1], "payload \"a\\x00c\"");
}

#[test]
fn literals_that_are_no_messages_are_waited_for() {
    let config = ClientConfig { bodies: Bodies::Inline(4), ..open() };
    let envelope = "ENVELOPE (NIL {9}\r\n]] {12}\r\n NIL NIL NIL NIL NIL NIL NIL {5}\r\n<a@b>)";
    let log = told(&config, &format!("* 1 FETCH ({envelope} BODY[] {{10}}\r\n0123456789 UID 7)\r\n"));
    assert_eq!(
        log,
        [
            "part of 1: envelope of <a@b>,  of 10",
            "payload \"0123456789\"",
            "payload end",
            "part of 1: UID 7",
            "fetch end"
        ]
    );
    let log = told(&config, "* LIST () \"/\" {7}\r\nmailbox\r\n* 1 FETCH (X-FOO {6}\r\nabcdef)\r\n");
    assert!(log.len() == 2 && log[0].contains("mailbox"), "{log:?}");
}

#[test]
fn what_looks_like_a_message_inside_a_string_is_none() {
    // The head ends as that of a BODY[..] does, and is none: the unit is waited for, and its items are told once.
    let config = ClientConfig { bodies: Bodies::Inline(4), ..open() };
    let said = "* 1 FETCH (UID 7 X-FOO (BODY[] {6}\r\nabcdef) BODY[] {6}\r\nghijkl)\r\n";
    let log = told(&config, said);
    assert_eq!(log.len(), 1);
    assert!(log[0].starts_with("1 is UID 7, ") && log[0].ends_with("\"ghijkl\""), "{log:?}");
}

#[test]
fn a_body_of_nothing() {
    for config in [open(), streaming()] {
        assert_eq!(told(&config, "* 1 FETCH (BODY[] {0}\r\n UID 7)\r\n"), ["1 is  \"\", UID 7"]);
        assert_eq!(told(&config, "* 1 FETCH (BODY[] NIL BODY[1] \"\")\r\n"), ["1 is  nil, 1 \"\""]);
    }
}

#[test]
fn a_connection_that_ends_inside_a_message_is_an_error() {
    let whole = "* 1 FETCH (UID 7 BODY[1] {5}\r\nHello FLAGS (\\Seen) BODY[2] {6}\r\nWorld! UID 7)\r\n";
    for config in [open(), streaming(), lenient()] {
        for octets in 1..whole.len() {
            let mut session = Session::new(config.clone());
            session.hears("* PREAUTH hi\r\n");
            session.hears(&whole[..octets]);
            let cut = session.client.receive_eof(&session.input).unwrap_err();
            assert_eq!(cut.to_string(), "connection closed inside a command or a response", "{octets}");
            assert_eq!(session.happens(), Vec::<String>::new());
        }
    }
}

#[test]
fn what_looks_like_a_message_again_and_again_is_tried_once() {
    // Each attempt would copy and read all that stands before it.
    let nested = format!("X ({}a)", "BODY[] {1}\r\na ".repeat(5000));
    for said in [format!("* 1 FETCH ({nested})\r\n"), format!("* 1 FETCH (BODY[] {{1}}\r\na {nested})\r\n")] {
        let mut session = Session::authenticated(streaming(), "");
        session.input.extend_from_slice(said.as_bytes());
        let (allocations, events) = test_support::heap::allocations(|| session.events());
        assert!(matches!(events.last(), Some(Ok(Event::Untagged(_) | Event::FetchEnd))), "{events:?}");
        assert!(allocations < 50, "{allocations} allocations");
    }
}

#[test]
fn the_rest_of_a_fetch_is_given_up_whatever_it_looks_like() {
    let config = ClientConfig { bodies: Bodies::AlwaysStream, ..lenient() };
    let log = told(&config, "* 1 FETCH (BODY[] {3}\r\nabc+ d]) (\r\n* 2 EXISTS\r\n");
    assert!(log.contains(&"fetch end".to_owned()) && log.last().unwrap() == "2 exists", "{log:#?}");
}

/// Notes how often it is given what.
#[derive(Debug, Default)]
struct Count {
    messages: Vec<u32>,
    items: usize,
    uids: Vec<u32>,
}

impl FetchSink for Count {
    fn message(&mut self, number: u32) {
        self.messages.push(number);
    }
    fn item(&mut self, item: FetchItem) {
        self.items += 1;
        if let FetchItem::Uid(uid) = item {
            self.uids.push(uid);
        }
    }
}

#[test]
fn a_sink_is_given_each_item_once() {
    let mut session = Session::new(ClientConfig { bodies: Bodies::Inline(4), ..open() });
    session.hears("* PREAUTH hi\r\n");
    session.input.extend_from_slice(
        b"* 1 FETCH (UID 7 BODY[] {5}\r\nHello UID 7)\r\n\
          * 2 FETCH (UID 8 X-FOO (BODY[] {6}\r\nabcdef) FLAGS ())\r\n\
          * 3 FETCH (UID 9 FLAGS ())\r\n",
    );
    let (mut sink, mut events) = (Count::default(), 0);
    while let Step::Event(event) = session.client.receive_into(&mut session.input, &mut sink).unwrap() {
        events += 1;
        if let Event::Untagged(Untagged::Fetch(fetch)) = event {
            assert!(fetch.items.is_empty());
        }
    }
    assert_eq!((sink.messages, sink.items, sink.uids), (vec![1, 2, 3], 8, vec![7, 7, 8, 9]));
    // Part, payload, its end, part, the end of the first; the other two.
    assert_eq!(events, 7);
}

#[test]
fn what_costs_too_much_ends_a_strict_session_and_is_swallowed_by_a_lenient_one() {
    let mut small = frame::Rules::client().limits;
    small.text = 60;
    small.unit = 80;
    small.literal = 100;
    for (said, why) in [
        (format!("* XFOO {}\r\n", "x".repeat(100)), "text longer than 60 octets"),
        (
            format!("* LIST () \"/\" {{90}}\r\n{}\r\n", "x".repeat(90)),
            "text and literals longer than 80 octets",
        ),
        (
            format!("* 1 FETCH (UID 7 BODY[] {{200}}\r\n{})\r\n", "x".repeat(200)),
            "literal of 200 octets where 100 are allowed",
        ),
        (
            format!("* 1 FETCH (BODY[] {{20}}\r\n{} X {{200}}\r\n{})\r\n", "a".repeat(20), "x".repeat(200)),
            "literal of 200 octets where 100 are allowed",
        ),
    ] {
        let config = ClientConfig { limits: small, bodies: Bodies::Inline(10), ..open() };
        let log = told(&config, &said);
        assert_eq!(log.last().unwrap(), &format!("error: bad response: {why}"), "{said}");
        let config = ClientConfig { leniency: Leniency::LENIENT, ..config };
        let log = told(&config, &format!("{said}* 2 EXISTS\r\n"));
        assert_eq!(log.last().unwrap(), "2 exists");
        assert!(log.iter().any(|entry| entry.starts_with("invalid \"*") || entry.contains(why)), "{log:?}");
        let parts = log.iter().any(|entry| entry.starts_with("part"));
        assert_eq!(parts, log.contains(&"fetch end".to_owned()), "{log:?}");
    }
}

// covers rfc7888 4 swallowed-is-bounded
#[test]
fn what_is_swallowed_is_bounded() {
    for config in [open(), lenient()] {
        let mut session = Session::new(config);
        session.hears("* PREAUTH hi\r\n");
        let log = session.hears("* 1 FETCH (BODY[] {18446744073709551615}\r\n");
        assert!(log.last().unwrap().starts_with("error: "), "{log:?}");
    }
}

#[test]
fn a_collector_makes_fetches_whole_and_is_bounded() {
    let mut session = Session::new(streaming());
    session.hears("* PREAUTH hi\r\n");
    session.input.extend_from_slice(
        b"* 1 FETCH (UID 7 BODY[1] {5}\r\nHello BODY[2] {3}\r\n!!! FLAGS ())\r\n\
          * 2 FETCH (BODY[1] {5}\r\nHello BODY[2] {6}\r\nWorld! UID 8)\r\n\
          * 3 FETCH (BODY[] {8}\r\n12345678)\r\n* 4 EXISTS\r\n",
    );
    let (mut collector, mut log) = (Collector::new(8), Log::default());
    for event in session.events() {
        match collector.push(event.unwrap()) {
            Ok(Some(event)) => note(event, &mut log),
            Ok(None) => {}
            Err(error) => log.note(error.to_string()),
        }
    }
    assert_eq!(
        log.entries(),
        [
            "1 is UID 7, 1 \"Hello\", 2 \"!!!\", ()",
            "message 2 with more than 8 octets of content",
            "3 is  \"12345678\"",
            "4 exists"
        ]
    );
}

#[test]
fn a_message_that_the_unit_has_no_room_for_streams_however_much_is_inline() {
    let mut small = frame::Rules::client().limits;
    (small.text, small.unit) = (100, 110);
    let (one, other) = ("x".repeat(40), "y".repeat(200));
    for leniency in [Leniency::STRICT, Leniency::LENIENT] {
        let config = ClientConfig { limits: small, bodies: Bodies::Inline(1000), leniency, ..open() };
        assert_eq!(
            told(&config, &format!("* 1 FETCH (UID 7 BODY[] {{200}}\r\n{other} FLAGS ())\r\n")),
            [
                "part of 1: UID 7,  of 200",
                &format!("payload \"{other}\""),
                "payload end",
                "part of 1: ()",
                "fetch end"
            ]
        );
        // Two that have room each, and not both.
        let said = format!("* 1 FETCH (BODY[1] {{40}}\r\n{one} BODY[2] {{40}}\r\n{one} UID 7)\r\n");
        assert_eq!(
            told(&config, &said),
            [
                &format!("part of 1: 1 \"{one}\", 2 of 40"),
                &format!("payload \"{one}\""),
                "payload end",
                "part of 1: UID 7",
                "fetch end"
            ]
        );
    }
}

#[test]
fn a_collector_never_joins_the_messages_of_two_sessions() {
    let (mut collector, mut log) = (Collector::new(100), Log::default());
    for said in ["* 1 FETCH (UID 1 BODY[] {5}\r\nabc", "* 2 FETCH (UID 2 BODY[] {3}\r\nxyz)\r\n"] {
        let mut session = Session::new(streaming());
        session.input.extend_from_slice(format!("* PREAUTH hi\r\n{said}").as_bytes());
        for event in session.events() {
            if let Some(event) = collector.push(event.unwrap()).unwrap() {
                note(event, &mut log);
            }
        }
    }
    assert_eq!(log.entries(), ["greeting PREAUTH", "greeting PREAUTH", "2 is UID 2,  \"xyz\""]);
}

// covers rfc3501 2.3.5 envelope-item
#[test]
fn a_header_that_looks_like_a_message_does_not_lose_the_message_behind_it() {
    // Who sends the mail says what its header is.
    let mut small = frame::Rules::client().limits;
    (small.text, small.unit) = (200, 300);
    let body = "x".repeat(400);
    let config = ClientConfig { limits: small, bodies: Bodies::AlwaysStream, ..open() };
    let envelope =
        "ENVELOPE ({10}\r\nBODY[\u{e9}\u{e9}] {4}\r\n\u{e9}\u{e9} NIL NIL NIL NIL NIL NIL NIL \"<a@b>\")";
    for before in ["", "BODY[1] {1}\r\na "] {
        let said = format!("* 1 FETCH ({before}{envelope} BODY[] {{400}}\r\n{body} UID 7)\r\n");
        let log = told(&config, &said);
        let streamed = [&format!("payload \"{body}\""), "payload end", "part of 1: UID 7", "fetch end"];
        assert!(log[log.len() - 5].ends_with("envelope of <a@b>,  of 400"), "{log:#?}");
        assert_eq!(log[log.len() - 4..], streamed);
    }
}
