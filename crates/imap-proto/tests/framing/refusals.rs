//! Units that nobody wants, and what is never read as a command.
use crate::told::{Say, check, client, server};
use bytes::BytesMut;
use imap_proto::frame::{Framed, Framer, Last, Rules};

#[test]
fn a_password_is_not_asked_for_where_it_may_not_be_sent() {
    check("a LOGIN jo {4}\r\nb NOOP\r\n", server(), Say::RefuseWaiting, r"go:16|refused|b NOOP\r\n");
}

// covers rfc7888 3 refused-is-swallowed
#[test]
fn a_refused_unit_is_swallowed_to_its_real_end() {
    for say in [Say::Refuse, Say::TakeAndRefuse] {
        // A client that waits has sent nothing more.
        check("a APPEND x {6}\r\nb NOOP\r\n", server(), say, r"refused|b NOOP\r\n");
        // One that does not has sent it all: commands within are payload, and later literals count.
        check(
            "a APPEND x {10+}\r\nb LOGOUT\r\n (\\Seen) {4+}\r\nc \r\n {2+}\r\n\r\n\r\nb NOOP\r\n",
            server(),
            say,
            r"refused|b NOOP\r\n",
        );
        check("a APPEND x {6+}\r\n012345 {9}\r\nb NOOP\r\n", server(), say, r"refused|b NOOP\r\n");
        // A server's literals always follow.
        check("* X {6}\r\n* BYE\r {9}\r\n* BYE x\r\n)\r\n* OK\r\n", client(), say, r"refused|* OK\r\n");
    }
}

#[test]
fn the_tail_of_a_long_line_is_no_command_and_its_literals_count() {
    let long = "a ".repeat(60);
    let shown = &long[..100];
    let cases = [
        (format!("{long}\r\nb NOOP\r\n"), r"refused|b NOOP\r\n"),
        (format!("{long}{{9+}}\r\nb EXIT\r\n \r\nb NOOP\r\n"), r"refused|b NOOP\r\n"),
        (format!("{long}{{9}}\r\nb NOOP\r\n"), r"refused|b NOOP\r\n"),
        (format!("{long}{{09+}}\nb EXIT\r\nb NOOP\r\n"), r"refused|b NOOP\r\n"),
    ];
    for (stream, rest) in cases {
        check(&stream, server(), Say::Stream, &format!("text longer than 100 octets:{shown}|{rest}"));
    }
    // A long status text has no literal, a long code may have one, and text goes on behind it.
    let text = "x".repeat(120);
    let cases = [
        (format!("* OK {text} {{9}}\r\n* X\r\n"), r"refused|* X\r\n"),
        (format!("* OK [A {text} {{9}}\r\n* BYE x\r\n] {{5}}\r\n* X\r\n"), r"refused|* X\r\n"),
        (format!("* LIST {text} {{9}}\r\n* BYE x\r\n\r\n* X\r\n"), r"refused|* X\r\n"),
    ];
    for (stream, rest) in cases {
        check(
            &stream,
            client(),
            Say::Stream,
            &format!("text longer than 100 octets:{}|{rest}", &stream[..100]),
        );
    }
}

#[test]
fn a_message_given_up_half_way_is_swallowed_to_its_end() {
    let stream = b"a APPEND x {10}\r\nb NOOP\r\nxx {4+}\r\nc \r\n\r\nd NOOP\r\n";
    for cut in 17..27 {
        let (mut framer, mut input) = (Framer::new(server()), BytesMut::from(&stream[..cut]));
        assert!(matches!(framer.next(&mut input), Ok(Framed::Large(..))));
        framer.stream(&mut input);
        while cut > 17 && matches!(framer.next(&mut input), Ok(Framed::Payload(_, Last::No))) {}
        if cut == 27 {
            continue;
        }
        framer.refuse(&mut input);
        input.extend_from_slice(&stream[cut..]);
        assert_eq!(framer.next(&mut input), Ok(Framed::Refused), "cut at {cut}");
        assert_eq!(framer.next(&mut input), Ok(Framed::End(8)));
    }
}

#[test]
fn a_host_may_refuse_a_unit_whose_end_has_not_come() {
    let (mut framer, mut input) = (Framer::new(server()), BytesMut::from(&b"a NO"[..]));
    framer.refuse(&mut input);
    assert_eq!(&input[..], b"a NO", "nothing was looked at, so no unit has begun");
    assert!(matches!(framer.next(&mut input), Ok(Framed::Need(_))));
    framer.refuse(&mut input);
    input.extend_from_slice(b"OP {3+}\r\nx\r\n\r\nb\r\n");
    assert_eq!(framer.next(&mut input), Ok(Framed::Refused));
    assert_eq!(framer.next(&mut input), Ok(Framed::End(3)));
}

#[test]
fn a_host_may_refuse_a_unit_in_the_middle_of_a_literal_that_is_held() {
    let (mut framer, mut input) = (Framer::new(server()), BytesMut::from(&b"a X {4+}\r\n\r\n"[..]));
    assert!(matches!(framer.next(&mut input), Ok(Framed::Need(_))));
    framer.refuse(&mut input);
    input.extend_from_slice(b"\r\n {3+}\r\nx\r\n\r\nb\r\n");
    assert_eq!(framer.next(&mut input), Ok(Framed::Refused));
    assert_eq!(&input[..], b"b\r\n");
}

#[test]
fn a_host_learns_whether_a_refused_unit_ended_at_a_literal_that_was_to_wait() {
    let long = "x".repeat(70_000);
    for (stream, waits) in [
        ("a LOGIN {4}\r\n", true),
        ("a APPEND x {9999}\r\n", true),
        ("a APPEND x {99999999999}\r\n", true),
        (&format!("{long}{{4}}\r\n"), true),
        ("a LOGIN {2+}\r\njo {4}\r\n", true),
        ("a LOGIN {2+}\r\njo\r\n", false),
        ("a APPEND x {6000+}\r\n", false),
        (&format!("{long}\r\n"), false),
        ("nul\0\r\n", false),
    ] {
        let (mut framer, mut input) = (Framer::new(Rules::server()), BytesMut::from(stream));
        loop {
            match framer.next(&mut input).unwrap() {
                Framed::Refused | Framed::Need(_) | Framed::End(_) => break,
                _ => framer.refuse(&mut input),
            }
        }
        assert_eq!(framer.has_refused_literal(), waits, "{}", &stream[..stream.len().min(30)]);
    }
}
