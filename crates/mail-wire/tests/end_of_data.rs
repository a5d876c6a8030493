//! Where a message ends: every short string, under every set of cuts, against a reader written from the RFC.
use bytes::BytesMut;
use mail_wire::dot::{Bare, BareLineEnding, DotDecoder, Dotted};
use test_support::exhaust::{segmentations, strings};

const ALPHABET: &[u8] = b"\r\n.x";

/// What a reader makes of a stream.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
struct Reading {
    payload: Vec<u8>,
    refused: Option<BareLineEnding>,
    ended: bool,
    /// What has not been taken: octets whose meaning the next ones tell, or what stands behind the end.
    left: Vec<u8>,
}

/// The reference, octet by octet, from [RFC 5321 §4.5.2] (a line that is a lone dot ends the data; a leading dot
/// with something behind it is deleted) and §2.3.8 (a line ends in CRLF, and CR and LF mean nothing apart).
fn reference(stream: &[u8], bare: Bare) -> Reading {
    #[derive(Clone, Copy)]
    enum State {
        LineStart,
        LeadingDot,
        LeadingDotCr,
        Inside,
        Cr,
    }
    use State::{Cr, Inside, LeadingDot, LeadingDotCr, LineStart};

    let mut reading = Reading::default();
    let stray = |reading: &mut Reading, ending: BareLineEnding| match bare {
        Bare::Reject => reading.refused = reading.refused.or(Some(ending)),
        Bare::Normalise => reading.payload.extend_from_slice(b"\r\n"),
        Bare::Pass => {
            reading.payload.push(if matches!(ending, BareLineEnding::Cr(_)) { b'\r' } else { b'\n' });
        }
    };
    let mut state = LineStart;
    for (at, octet) in (0_u64..).zip(stream.iter().copied()) {
        if reading.ended {
            reading.left.push(octet);
            continue;
        }
        state = match (state, octet) {
            (LeadingDotCr, b'\n') => {
                reading.ended = true;
                LineStart
            }
            (Cr, b'\n') => {
                if reading.refused.is_none() {
                    reading.payload.extend_from_slice(b"\r\n");
                }
                LineStart
            }
            (LineStart, b'.') => LeadingDot,
            (LeadingDot, b'\r') => LeadingDotCr,
            (before, octet) => {
                if matches!(before, Cr | LeadingDotCr) {
                    stray(&mut reading, BareLineEnding::Cr(at - 1));
                }
                match octet {
                    b'\r' => Cr,
                    b'\n' => {
                        stray(&mut reading, BareLineEnding::Lf(at));
                        Inside
                    }
                    _ => {
                        if reading.refused.is_none() {
                            reading.payload.push(octet);
                        }
                        Inside
                    }
                }
            }
        };
    }
    if !reading.ended {
        reading.left.extend_from_slice(match state {
            LineStart | Inside => b"",
            LeadingDot => b".",
            LeadingDotCr => b".\r",
            Cr => b"\r",
        });
    }
    reading
}

/// Where the strict reading ends the data: behind the first CRLF `.` CRLF, the start counting as CRLF.
fn strict_end(stream: &[u8]) -> Option<usize> {
    let whole = [b"\r\n", stream].concat();
    whole.windows(5).position(|five| five == b"\r\n.\r\n").map(|at| at + 3)
}

fn read<'a>(mut decoder: DotDecoder, pieces: impl IntoIterator<Item = &'a [u8]>) -> (Reading, u64) {
    let (mut reading, mut input) = (Reading::default(), BytesMut::new());
    for piece in pieces {
        input.extend_from_slice(piece);
        while !reading.ended {
            match decoder.next(&mut input) {
                Dotted::Payload(piece) => {
                    assert!(reading.refused.is_none(), "payload behind a refusal");
                    assert!(!piece.is_empty(), "a piece of nothing");
                    reading.payload.extend_from_slice(&piece);
                }
                Dotted::Refused(bare) => {
                    assert!(reading.refused.is_none(), "refused twice");
                    reading.refused = Some(bare);
                }
                Dotted::End => reading.ended = true,
                Dotted::NeedInput => break,
            }
        }
    }
    reading.left = input.to_vec();
    (reading, decoder.taken())
}

fn shown(pieces: &[&[u8]]) -> String {
    pieces.iter().map(|piece| piece.escape_ascii().to_string()).collect::<Vec<_>>().join(" | ")
}

fn every_string_under_every_cut(bare: Bare) {
    for stream in strings(ALPHABET, 7) {
        let expected = reference(&stream, bare);
        let end = expected.ended.then(|| stream.len() - expected.left.len());
        assert_eq!(end, strict_end(&stream), "the reference itself: {}", stream.escape_ascii());
        for pieces in segmentations(&stream) {
            let (reading, taken) = read(DotDecoder::new(bare), pieces.iter().copied());
            assert_eq!(reading, expected, "{bare:?}: {}", shown(&pieces));
            assert_eq!(taken as usize, stream.len() - expected.left.len(), "{bare:?}: {}", shown(&pieces));
        }
    }
}

// covers rfc5321 4.1.1.4 end-read
// covers rfc5321 4.5.2 dot-unstuffed
// covers rfc5321 2.3.8 bare-refused
#[test]
fn a_server_that_rejects_bare_line_ends_reads_every_stream_as_the_rfc_does() {
    every_string_under_every_cut(Bare::Reject);
}

#[test]
fn a_server_that_normalises_bare_line_ends_finds_no_other_end() {
    every_string_under_every_cut(Bare::Normalise);
}

// covers rfc5321 4.1.1.4 no-other-end
#[test]
fn a_server_that_passes_bare_line_ends_finds_no_other_end() {
    every_string_under_every_cut(Bare::Pass);
}

#[test]
fn a_message_too_large_is_swallowed_up_to_its_true_end_and_no_further() {
    for bare in [Bare::Reject, Bare::Normalise, Bare::Pass] {
        for stream in strings(ALPHABET, 5) {
            let expected = reference(&stream, bare);
            for pieces in segmentations(&stream) {
                let mut decoder = DotDecoder::new(bare);
                decoder.swallow();
                let (reading, _) = read(decoder, pieces.iter().copied());
                let swallowed = Reading { payload: Vec::new(), refused: None, ..expected.clone() };
                assert_eq!(reading, swallowed, "{bare:?}: {}", shown(&pieces));
            }
        }
    }
}

#[test]
fn swallowing_may_begin_in_the_middle_of_a_message() {
    for bare in [Bare::Reject, Bare::Normalise, Bare::Pass] {
        for stream in strings(ALPHABET, 6) {
            for begin in 0..stream.len() {
                let (mut decoder, mut input) = (DotDecoder::new(bare), BytesMut::new());
                let (mut ended, mut swallowing) = (false, false);
                for (at, octet) in stream.iter().enumerate() {
                    if at == begin {
                        decoder.swallow();
                        swallowing = true;
                    }
                    input.extend_from_slice(&[*octet]);
                    while !ended {
                        match decoder.next(&mut input) {
                            Dotted::End => ended = true,
                            Dotted::NeedInput => break,
                            Dotted::Payload(_) | Dotted::Refused(_) => {
                                assert!(!swallowing, "{bare:?} from {begin}: {}", stream.escape_ascii());
                            }
                        }
                    }
                }
                let end = ended.then(|| stream.len() - input.len());
                assert_eq!(end, strict_end(&stream), "{bare:?} from {begin}: {}", stream.escape_ascii());
            }
        }
    }
}

#[test]
fn the_smuggling_streams_of_the_field_hold_one_message() {
    let ends: [&[u8]; 10] = [
        b"\n.\n",
        b"\n.\r\n",
        b"\r.\r",
        b"\r\n.\n",
        b"\r\n.\r",
        b"\r.\r\n",
        b"\n\n.\r\n",
        b"\r\r\n.\r\r\n",
        b"\n\r.\r\n",
        b"\r\n\0.\r\n",
    ];
    for end in ends {
        let stream = [b"one", end, b"MAIL FROM:<a@b>\r\n.\r\nQUIT\r\n"].concat();
        for bare in [Bare::Reject, Bare::Normalise, Bare::Pass] {
            let (reading, _) = read(DotDecoder::new(bare), [&stream[..]]);
            assert_eq!(reading.left, b"QUIT\r\n", "{bare:?}: {}", end.escape_ascii());
            if bare == Bare::Reject && !end.contains(&0) {
                assert!(reading.refused.is_some(), "{}", end.escape_ascii());
            }
        }
    }
}

#[test]
fn a_refused_message_shows_the_same_payload_whatever_the_cuts() {
    let stream = b"kept\r\nthen\nlost\r\n.\r\n";
    for pieces in [vec![&stream[..]], stream.chunks(1).collect(), stream.chunks(7).collect()] {
        let (reading, _) = read(DotDecoder::new(Bare::Reject), pieces.iter().copied());
        assert_eq!(reading.payload, b"kept\r\nthen", "{}", shown(&pieces));
        assert_eq!(reading.refused, Some(BareLineEnding::Lf(10)), "{}", shown(&pieces));
    }
}

#[test]
fn a_long_line_in_front_changes_nothing() {
    // Octets are scanned in blocks of 64: let each string lie across their seams.
    for bare in [Bare::Reject, Bare::Normalise, Bare::Pass] {
        for text in strings(ALPHABET, 4) {
            for front in 58..68 {
                let stream = [&vec![b'x'; front][..], &text, b"\r\n.\r\nMAIL"].concat();
                let expected = reference(&stream, bare);
                for second in [0, 1, front, front + 1, front + 2, stream.len() - 5] {
                    let pieces = [&stream[..second], &stream[second..]];
                    let (reading, _) = read(DotDecoder::new(bare), pieces);
                    assert_eq!(reading, expected, "{bare:?}: {front} octets, then {}", text.escape_ascii());
                }
            }
        }
    }
}
