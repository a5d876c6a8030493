//! Lines under any cut.
use super::{Input, same_under_any_cut};
use crate::line::{Framed, LineEnding, LineFramer};
use alloc::vec::Vec;
use bytes::BytesMut;

/// The same lines are found however the stream is cut, none holds what ends one, and the work is linear.
pub(super) fn cut(mut input: Input<'_>) {
    let limit = 1 + usize::from(input.dice.among(80));
    let ending = input.dice.one_of(&[LineEnding::Crlf, LineEnding::CrlfOrLf]);
    let found = same_under_any_cut(input, |pieces| lines(pieces, limit, ending));
    for framed in found {
        if let Framed::Line(line) = framed {
            assert!(line.len() < limit && !line.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0)));
        }
    }
}

fn lines(pieces: &[&[u8]], limit: usize, ending: LineEnding) -> Vec<Framed> {
    let (mut framer, mut input, mut found) = (LineFramer::new(limit, ending), BytesMut::new(), Vec::new());
    let mut fed = 0;
    for piece in pieces {
        input.extend_from_slice(piece);
        fed += piece.len() as u64;
        loop {
            match framer.next(&mut input) {
                Framed::NeedInput => break,
                framed => found.push(framed),
            }
        }
        assert!(input.len() <= limit, "{} octets wait", input.len());
    }
    assert!(framer.examined() <= 2 * fed, "{} looked at of {fed}", framer.examined());
    found
}
