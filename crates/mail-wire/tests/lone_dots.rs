//! Dots that nobody stuffed: every short string, under every set of cuts, against a reader line by line.
use bytes::BytesMut;
use mail_wire::dot::{Bare, BareLineEnding, DotDecoder, Dotted};
use test_support::exhaust::{segmentations, strings};

/// What a reader makes of a stream.
#[derive(Debug, PartialEq, Eq, Default)]
struct Reading {
    payload: Vec<u8>,
    /// Where dots stand that stuffed nothing.
    lone: Vec<u64>,
    ended: bool,
    left: Vec<u8>,
}

/// The reference: of two dots at the start of a line the first goes; one alone stays.
fn reference(stream: &[u8]) -> Reading {
    let (mut reading, mut at, mut at_line_start) = (Reading::default(), 0, true);
    while at < stream.len() {
        let rest = &stream[at..];
        if at_line_start {
            match rest {
                [b'.', b'\r', b'\n', ..] => {
                    reading.ended = true;
                    at += 3;
                    break;
                }
                [b'.'] | [b'.', b'\r'] => break,
                [b'.', b'.', ..] => {
                    at += 1;
                    at_line_start = false;
                    continue;
                }
                [b'.', ..] => reading.lone.push(at as u64),
                _ => {}
            }
        }
        let line_end = rest.windows(2).position(|pair| pair == b"\r\n").map(|end| end + 2);
        let end = line_end.unwrap_or(rest.len() - usize::from(rest.ends_with(b"\r")));
        reading.payload.extend_from_slice(&rest[..end]);
        at += end;
        at_line_start = line_end.is_some();
        if line_end.is_none() {
            break;
        }
    }
    reading.left = stream[at..].to_vec();
    reading
}

fn read(pieces: &[&[u8]]) -> Reading {
    let mut decoder = DotDecoder::new(Bare::Pass).keeping_lone_dots();
    let (mut reading, mut input) = (Reading::default(), BytesMut::new());
    for piece in pieces {
        input.extend_from_slice(piece);
        while !reading.ended {
            match decoder.next(&mut input) {
                Dotted::Payload(piece) => {
                    if let Some(at) = decoder.lone_dot() {
                        assert_eq!(piece.first(), Some(&b'.'), "told of a dot that is not there");
                        reading.lone.push(at);
                    }
                    reading.payload.extend_from_slice(&piece);
                }
                Dotted::End => reading.ended = true,
                Dotted::NeedInput => break,
                Dotted::Refused(bare) => panic!("{bare}"),
            }
        }
    }
    reading.left = input.to_vec();
    reading
}

#[test]
fn a_dot_that_stuffs_nothing_is_kept_and_told_and_the_end_is_where_it_was() {
    for stream in strings(b"\r\n.x", 7) {
        let expected = reference(&stream);
        for pieces in segmentations(&stream) {
            assert_eq!(
                read(&pieces),
                expected,
                "{:?}",
                pieces.iter().map(|it| it.escape_ascii().to_string())
            );
        }
    }
}

/// What is stuffed reads the same to who keeps lone dots and who does not.
#[test]
fn a_sender_that_stuffs_is_read_as_ever() {
    for wire in [&b"..\r\n...\r\n..x\r\ny..\r\n.\r\n"[..], b".\r\n", b"x\r\n..\r\n.\r\n"] {
        let read = |mut decoder: DotDecoder| {
            let (mut payload, mut input) = (Vec::new(), BytesMut::from(wire));
            while let Dotted::Payload(piece) = decoder.next(&mut input) {
                assert_eq!(decoder.lone_dot(), None);
                payload.extend_from_slice(&piece);
            }
            payload
        };
        let decoder = DotDecoder::new(Bare::Reject);
        assert_eq!(read(decoder.clone().keeping_lone_dots()), read(decoder));
    }
}

#[test]
fn what_was_refused_may_be_passed_after_all() {
    for (wire, place) in [
        (&b"a\nb\r\n.c\r\nd\re\r\n.\r\n"[..], BareLineEnding::Lf(1)),
        (b"a\rb\r\n.c\r\nd\re\r\n.\r\n", BareLineEnding::Cr(1)),
    ] {
        for pieces in segmentations(wire) {
            let mut decoder = DotDecoder::new(Bare::Reject).keeping_lone_dots();
            let (mut payload, mut lone, mut input) = (Vec::new(), Vec::new(), BytesMut::new());
            for piece in pieces {
                input.extend_from_slice(piece);
                loop {
                    match decoder.next(&mut input) {
                        Dotted::Payload(piece) => {
                            payload.extend_from_slice(&piece);
                            lone.extend(decoder.lone_dot());
                        }
                        Dotted::Refused(bare) => {
                            assert_eq!(bare, place);
                            decoder.pass();
                        }
                        Dotted::NeedInput | Dotted::End => break,
                    }
                }
            }
            assert_eq!((&*payload, &*lone), (&wire[..wire.len() - 3], &[5][..]));
        }
    }
}
