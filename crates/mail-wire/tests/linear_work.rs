//! However the input is cut, the work is linear in its length.
use bytes::{Bytes, BytesMut};
use mail_wire::{
    dot::{Bare, DotDecoder, Dotted},
    line::{Framed, LineEnding, LineFramer},
};

/// Octet by octet, a segment of Ethernet at a time, and at once.
const PIECES: [usize; 3] = [1, 1460, usize::MAX];

fn lines(framer: &mut LineFramer, stream: &[u8], piece: usize) -> Vec<Framed> {
    let (mut input, mut found) = (BytesMut::new(), Vec::new());
    for piece in stream.chunks(piece.min(stream.len())) {
        input.extend_from_slice(piece);
        loop {
            match framer.next(&mut input) {
                Framed::NeedInput => break,
                framed => found.push(framed),
            }
        }
    }
    found
}

#[test]
fn one_long_line_is_looked_at_once() {
    let line = [&vec![b'x'; 100_000][..], b"\r\n"].concat();
    for piece in PIECES {
        let mut framer = LineFramer::new(line.len(), LineEnding::Crlf);
        assert_eq!(lines(&mut framer, &line, piece).len(), 1);
        assert_eq!(framer.examined(), line.len() as u64, "in pieces of {piece}");
    }
}

#[test]
fn many_short_lines_are_looked_at_once() {
    let stream = b"NOOP\r\n\r\n".repeat(5_000);
    for piece in PIECES {
        let mut framer = LineFramer::new(512, LineEnding::Crlf);
        assert_eq!(lines(&mut framer, &stream, piece).len(), 10_000);
        assert_eq!(framer.examined(), stream.len() as u64, "in pieces of {piece}");
    }
}

#[test]
fn lines_that_are_swallowed_are_looked_at_twice_at_most() {
    let streams = [
        [&vec![b'x'; 100_000][..], b"\r\n"].concat(),
        b"x\n".repeat(30_000),
        b"x\ry\r\n\r\n".repeat(10_000),
        b"\n".repeat(30_000),
        b"\r".repeat(30_000),
    ];
    for stream in streams {
        for ending in [LineEnding::Crlf, LineEnding::CrlfOrLf] {
            for piece in PIECES {
                let mut framer = LineFramer::new(512, ending);
                lines(&mut framer, &stream, piece);
                let (looked, start) = (framer.examined(), stream[..4].escape_ascii());
                assert!(
                    looked >= stream.len() as u64,
                    "not all was looked at: {start}.. in pieces of {piece}"
                );
                assert!(looked <= 2 * stream.len() as u64, "{looked} octets: {start}.. in pieces of {piece}");
            }
        }
    }
}

#[test]
fn payload_leaves_the_input_as_soon_as_it_can_be_told() {
    // What stays in the input would be looked at again: two octets at most do, and every call takes some.
    let streams = [
        vec![b'x'; 50_000],
        b"a line\r\n".repeat(5_000),
        b".\r\n.".repeat(1_000),
        b"..\r\n".repeat(10_000),
        b"\n.".repeat(20_000),
        b"\r".repeat(20_000),
        b"x\n.\r".repeat(10_000),
    ];
    for mut stream in streams {
        if stream.starts_with(b".\r") {
            stream.insert(0, b'x');
        }
        for bare in [Bare::Reject, Bare::Normalise, Bare::Pass] {
            for piece in PIECES {
                let (mut decoder, mut input, mut calls) = (DotDecoder::new(bare), BytesMut::new(), 0);
                let mut fed = 0;
                for piece in stream.chunks(piece.min(stream.len())) {
                    input.extend_from_slice(piece);
                    fed += piece.len() as u64;
                    loop {
                        calls += 1;
                        let before = decoder.taken();
                        match decoder.next(&mut input) {
                            Dotted::NeedInput => break,
                            Dotted::Payload(_) => assert!(decoder.taken() > before, "a piece of nothing"),
                            Dotted::Refused(_) | Dotted::End => {}
                        }
                    }
                    assert_eq!(decoder.taken() + input.len() as u64, fed, "each octet is counted once");
                    assert!(input.len() <= 2, "{} octets wait", input.len());
                }
                assert!(calls <= 2 * stream.len() + 2, "{calls} calls for {} octets", stream.len());
            }
        }
    }
}

#[test]
fn a_message_too_large_is_counted_and_nothing_of_it_is_kept() {
    let block = Bytes::from([&vec![b'x'; 998][..], b"\r\n"].concat().repeat(1000));
    let mut decoder = DotDecoder::new(Bare::Reject);
    decoder.swallow();
    for _ in 0..3 {
        let mut input = BytesMut::from(&block[..]);
        assert_eq!(decoder.next(&mut input), Dotted::NeedInput);
        assert!(input.is_empty(), "{} octets wait", input.len());
    }
    assert_eq!(decoder.taken(), 3_000_000);
}
