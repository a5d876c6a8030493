//! Literals: held, announced, streamed.
use crate::told::{Say, check, client, server};
use bytes::BytesMut;
use imap_proto::frame::{Framed, Framer, Last};

#[test]
fn small_literals_belong_to_their_unit_and_those_that_wait_are_told_once() {
    let login = "a LOGIN {2}\r\njo {3+}\r\na\r\n\r\nb NOOP\r\n";
    check(login, server(), Say::Stream, r"go:13|a LOGIN {2}\r\njo {3+}\r\na\r\n\r\n|b NOOP\r\n");
    check("a X ~{1+}\r\n\0\r\n", server(), Say::Stream, r"a X ~{1+}\r\n\x00\r\n");
    check("a X {0}\r\n\r\n", server(), Say::Stream, r"go:9|a X {0}\r\n\r\n");
    // In responses no literal waits, whatever its form.
    check(
        "* X {2}\r\n}\r\r\n* X {2+}\r\nab\r\n",
        client(),
        Say::Stream,
        r"* X {2}\r\n}\r\r\n|* X {2+}\r\nab\r\n",
    );
}

#[test]
fn large_literals_stream_and_their_unit_goes_on() {
    check(
        "a APPEND x (\\Seen) {6+}\r\n)\r\n{3}\r\nb NOOP\r\n",
        server(),
        Say::Stream,
        r"a APPEND x (\\Seen) {6+}\r\n..6|<)\r\n{3}>|\r\n|b NOOP\r\n",
    );
    check(
        "a APPEND x {5+}\r\nabcde (\\Draft) ~{7+}\r\nA\r\n\0)\n\r {2+}\r\nxy\r\nb NOOP\r\n",
        server(),
        Say::Stream,
        r"a APPEND x {5+}\r\n..5|<abcde>| (\\Draft) ~{7+}\r\n..7|<A\r\n\x00)\n\r>| {2+}\r\nxy\r\n|b NOOP\r\n",
    );
    check(
        "* 1 FETCH (BODY[1] {5}\r\nabcde BODY[2] {3}\r\nx\r\n BODY[3] NIL)\r\n",
        client(),
        Say::Stream,
        r"* 1 FETCH (BODY[1] {5}\r\n..5|<abcde>| BODY[2] {3}\r\nx\r\n BODY[3] NIL)\r\n",
    );
}

#[test]
fn an_empty_literal_that_streams_has_one_empty_last_piece() {
    let mut framer = Framer::new(client());
    framer.limits_mut().inline = 4;
    let mut input = BytesMut::from(&b"* 1 FETCH (BODY[] {5}\r\n12345)\r\n"[..]);
    assert!(matches!(framer.next(&mut input), Ok(Framed::Large(23, _))));
    framer.stream(&mut input);
    assert_eq!(framer.next(&mut input), Ok(Framed::Payload("12345".into(), Last::Yes)));
    assert_eq!(framer.next(&mut input), Ok(Framed::End(3)));
}

#[test]
fn a_large_literal_that_cannot_stream_is_waited_for() {
    check(
        "* 2 FETCH (ENVELOPE (\"date\" {9}\r\nsub\r\nject NIL) UID 3)\r\n",
        client(),
        Say::Inline,
        r#"inline:33|* 2 FETCH (ENVELOPE ("date" {9}\r\nsub\r\nject NIL) UID 3)\r\n"#,
    );
    check(
        "a LOGIN {6}\r\n123456 x\r\n",
        server(),
        Say::Inline,
        r"inline:13|go:13|a LOGIN {6}\r\n123456 x\r\n",
    );
    // Up to the limit of the unit.
    let mut rules = client();
    rules.limits.unit = 20;
    check(
        "* X {12}\r\n0123456789\r\n\r\n* X\r\n",
        rules,
        Say::Inline,
        r"text and literals longer than 20 octets:10|refused|* X\r\n",
    );
}
