//! Which lines a stream holds: every short stream, under every set of cuts, against a reader octet by octet.
use bytes::BytesMut;
use mail_wire::line::{Broken, Framed, LineEnding, LineFramer};
use test_support::exhaust::{segmentations, strings};

#[derive(Debug, Clone, PartialEq, Eq)]
enum Told {
    Line(Vec<u8>),
    Broken(Broken),
}

/// The reference: a line lasts until its end is there, and then is judged; or it breaks on the way, and what
/// follows up to the end belongs to it.
fn reference(stream: &[u8], limit: usize, ending: LineEnding) -> Vec<Told> {
    let (mut told, mut line, mut broken) = (Vec::new(), Vec::new(), None);
    for octet in stream {
        line.push(*octet);
        let crlf = line.ends_with(b"\r\n");
        let lf = *octet == b'\n';
        if broken.is_none() {
            if line.len() > limit {
                broken = Some(Broken::TooLong { limit });
            } else if lf && !crlf && ending == LineEnding::Crlf {
                broken = Some(Broken::BareLf { offset: line.len() - 1 });
            }
        }
        if !(crlf || lf && ending == LineEnding::CrlfOrLf) {
            continue;
        }
        line.truncate(line.len() - if crlf { 2 } else { 1 });
        let odd = line.iter().position(|octet| matches!(octet, b'\r' | 0));
        told.push(match (broken.take(), odd) {
            (Some(broken), _) => Told::Broken(broken),
            (None, Some(offset)) if line[offset] == 0 => Told::Broken(Broken::Nul { offset }),
            (None, Some(offset)) => Told::Broken(Broken::BareCr { offset }),
            (None, None) => Told::Line(line.clone()),
        });
        line.clear();
    }
    told
}

fn read(pieces: &[&[u8]], limit: usize, ending: LineEnding) -> Vec<Told> {
    let (mut framer, mut input, mut told) = (LineFramer::new(limit, ending), BytesMut::new(), Vec::new());
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            told.push(match framer.next(&mut input) {
                Framed::Line(line) => Told::Line(line.to_vec()),
                Framed::Broken(broken) => Told::Broken(broken),
                Framed::NeedInput => break,
            });
        }
        assert!(input.len() <= limit, "{} octets of an unfinished line are held", input.len());
    }
    told
}

fn every_stream_under_every_cut(alphabet: &[u8], longest: u32, ending: LineEnding) {
    for stream in strings(alphabet, longest) {
        for limit in [0, 1, 2, 3, 4, 100] {
            let expected = reference(&stream, limit, ending);
            for pieces in segmentations(&stream) {
                let told = read(&pieces, limit, ending);
                assert_eq!(told, expected, "limit {limit}, {ending:?}: {}", stream.escape_ascii());
            }
        }
    }
}

#[test]
fn a_server_finds_the_same_lines_under_every_cut() {
    every_stream_under_every_cut(b"\r\nx", 7, LineEnding::Crlf);
    every_stream_under_every_cut(b"\r\nx\0", 5, LineEnding::Crlf);
}

#[test]
fn a_client_that_takes_bare_lf_finds_the_same_lines_under_every_cut() {
    every_stream_under_every_cut(b"\r\nx", 7, LineEnding::CrlfOrLf);
    every_stream_under_every_cut(b"\r\nx\0", 5, LineEnding::CrlfOrLf);
}

#[test]
fn a_line_is_unfinished_until_its_end_is_there() {
    let (mut framer, mut input) = (LineFramer::new(4, LineEnding::Crlf), BytesMut::new());
    assert!(!framer.is_inside(&input));
    for (piece, is_inside) in
        [("a", true), ("\r", true), ("\n", false), ("too long", true), ("\n", true), ("\r\n", false)]
    {
        input.extend_from_slice(piece.as_bytes());
        while framer.next(&mut input) != Framed::NeedInput {}
        assert_eq!(framer.is_inside(&input), is_inside, "after {piece:?}");
    }
}

#[test]
fn a_new_limit_holds_for_the_line_that_has_begun() {
    let (mut framer, mut input) = (LineFramer::new(10, LineEnding::Crlf), BytesMut::from(&b"12345"[..]));
    assert_eq!(framer.next(&mut input), Framed::NeedInput);
    framer.set_limit(100);
    input.extend_from_slice(b"6789012345\r\n");
    assert!(matches!(framer.next(&mut input), Framed::Line(line) if line.len() == 15));
}
