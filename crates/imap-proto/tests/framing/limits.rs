//! What a unit may cost.
use crate::told::{Say, check, client, server, told};
use bytes::BytesMut;
use imap_proto::frame::{Breach, Framed, Framer, LiteralKind, NonSynchronising, Rules, Synchrony};

#[test]
fn a_literal_that_may_not_stream_is_told_and_swallowed() {
    let stream = "a APPEND x {31+}\r\nb LOGOUT\r\nb LOGOUT\r\nb LOGOUT\r\n!\r\nb NOOP\r\n";
    let told = r"literal of 31 octets where 30 are allowed:a APPEND x {31+}\r\n|refused|b NOOP\r\n";
    check(stream, server(), Say::Stream, told);
    let told = r"literal of 31 octets where 30 are allowed:a APPEND x {31}\r\n|refused|b NOOP\r\n";
    check("a APPEND x {31}\r\nb NOOP\r\n", server(), Say::Stream, told);
}

// covers rfc7888 4 no-literal-above-the-limit
#[test]
fn a_literal_without_end_ends_the_session() {
    for len in ["18446744073709551615", "18446744073709551616", "000000000000000000000005", "201"] {
        let stream = format!("a X {{{len}+}}\r\nb NOOP\r\n");
        let log = told(&[stream.as_bytes()], server(), Say::Stream);
        assert!(log.ends_with("refused unit longer than the 200 octets that are swallowed"), "{log}");
        // One that waits is simply not sent.
        let stream = format!("a X {{{len}}}\r\nb NOOP\r\n");
        let log = told(&[stream.as_bytes()], server(), Say::Stream);
        assert!(log.ends_with(r"refused|b NOOP\r\n"), "{log}");
    }
    // It is told before its octets come, be it the second of a unit.
    let stream = "a X {31+}\r\n0123456789012345678901234567890 {161+}\r\n";
    let log = told(&[stream.as_bytes()], server(), Say::Stream);
    assert!(log.ends_with("200 octets that are swallowed"), "{log}");
}

#[test]
fn text_without_end_ends_the_session() {
    for stream in ["x".repeat(400), "x\n".repeat(200), " {9+}\r\n123456789".repeat(20)] {
        for piece in [1, 7, 400] {
            let pieces: Vec<_> = stream.as_bytes().chunks(piece).collect();
            let log = told(&pieces, server(), Say::Refuse);
            assert!(log.ends_with("200 octets that are swallowed"), "{log}");
        }
    }
}

#[test]
fn text_of_all_lines_counts_and_literals_do_not() {
    let mut rules = client();
    rules.limits.text = 30;
    rules.limits.inline = 40;
    let literal = "y".repeat(40);
    check(&format!("* X {{40}}\r\n{literal} Y {{40}}\r\n{literal})\r\n"), rules, Say::Stream, &{
        format!(r"* X {{40}}\r\n{literal} Y {{40}}\r\n{literal})\r\n")
    });
    check(
        &format!("* X {{40}}\r\n{literal} YYYYYYYYYYYYYYYYYYYY\r\n* Z\r\n"),
        rules,
        Say::Stream,
        &format!(r"text longer than 30 octets:* X {{40}}\r\n{literal} YYYYYYYYYYYYYYYYYYY|refused|* Z\r\n"),
    );
}

#[test]
fn small_literals_add_up_to_the_limit_of_a_unit() {
    let mut rules = server();
    (rules.limits.inline, rules.limits.unit) = (10, 30);
    check(
        "a {10+}\r\n0123456789 {10+}\r\nb NOOP\r\n\r\n\r\nc NOOP\r\n",
        rules,
        Say::Stream,
        r"text and literals longer than 30 octets:a {10+}\r\n0123456789 {10+}\r\n|refused|c NOOP\r\n",
    );
    check(
        "a {10+}\r\n0123456789 0123456789 {2+}\r\n\r\n\r\nc NOOP\r\n",
        rules,
        Say::Stream,
        r"text and literals longer than 30 octets:a {10+}\r\n0123456789 0123456789|refused|c NOOP\r\n",
    );
}

// covers rfc7888 3 only-where-offered
#[test]
fn literal_minus_takes_4096_octets_and_no_more() {
    let mut rules = Rules::server();
    rules.limits.inline = 10;
    for (stream, non_synchronising, expected) in [
        ("a APPEND x {4096+}\r\n", NonSynchronising::Minus, None),
        ("a APPEND x {4097+}\r\n", NonSynchronising::Minus, Some(Breach::AboveLiteralMinus { octets: 4097 })),
        ("a APPEND x {4097}\r\n", NonSynchronising::Minus, None),
        ("a APPEND x {4097+}\r\n", NonSynchronising::Plus, None),
        ("a APPEND x {1+}\r\n", NonSynchronising::Refuse, Some(Breach::NonSynchronising)),
        ("a APPEND x {99}\r\n", NonSynchronising::Refuse, None),
    ] {
        rules.non_synchronising = non_synchronising;
        let mut framer = Framer::new(rules);
        match (framer.next(&mut BytesMut::from(stream)), expected) {
            (Ok(Framed::Large(n, literal)), None) => {
                assert_eq!((n, literal.kind), (stream.len(), LiteralKind::Text), "{stream}");
                assert_eq!(literal.synchrony == Synchrony::NonSynchronising, stream.contains('+'));
            }
            (Ok(Framed::Broken(_, breach)), Some(expected)) => assert_eq!(breach, expected, "{stream}"),
            (found, _) => panic!("{stream}: {found:?}"),
        }
    }
    assert!(Breach::AboveLiteralMinus { octets: 4097 }.is_too_big());
    assert!(!Breach::NonSynchronising.is_too_big());
}

#[test]
fn a_limit_allows_what_it_says_and_no_octet_more() {
    let mut rules = server();
    (rules.limits.text, rules.limits.unit) = (6, 100);
    check("abcd\r\n", rules, Say::Stream, r"abcd\r\n");
    check("abcde\r\n", rules, Say::Stream, r"text longer than 6 octets:abcde\r|refused");
    (rules.limits.text, rules.limits.unit) = (100, 6);
    check("abcd\r\n", rules, Say::Stream, r"abcd\r\n");
    check("abcde\r\n", rules, Say::Stream, r"text and literals longer than 6 octets:abcde\r|refused");
    // A unit of twelve octets, its last CRLF counted.
    let unit = "a {2+}\r\nxy\r\n";
    rules.limits.unit = 12;
    check(unit, rules, Say::Stream, r"a {2+}\r\nxy\r\n");
    rules.limits.unit = 11;
    check(unit, rules, Say::Stream, r"text and literals longer than 11 octets:a {2+}\r\nxy\r|refused");
    rules.limits.unit = 10;
    check(unit, rules, Say::Stream, r"text and literals longer than 10 octets:a {2+}\r\nxy|refused");
    rules.limits.unit = 9;
    check(unit, rules, Say::Stream, r"text and literals longer than 9 octets:a {2+}\r\n|refused");
    // And what streams is not held.
    (rules.limits.unit, rules.limits.inline, rules.limits.literal) = (12, 4, 30);
    let stream = "a X {30}\r\n012345678901234567890123456789\r\n";
    check(stream, rules, Say::Stream, r"a X {30}\r\n..30|<012345678901234567890123456789>|\r\n");
}

#[test]
fn each_unit_may_have_as_much_swallowed() {
    let unit = "a X {150+}\r\n".to_owned() + &"x".repeat(150) + "\r\n";
    let told = told(&[unit.repeat(3).as_bytes()], server(), Say::Refuse);
    let one = r"literal of 150 octets where 30 are allowed:a X {150+}\r\n|refused";
    assert_eq!(told, [one; 3].join("|"));
}
