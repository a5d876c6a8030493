//! End of data under any cut, and stuffing against un-stuffing.
use super::{Input, same_under_any_cut};
use crate::dot::{Bare, BareLineEnding, DotDecoder, DotEncoder, Dotted, Outgoing};
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};

/// What a decoder made of a stream.
#[derive(Debug, PartialEq)]
struct Decoded {
    payload: Vec<u8>,
    /// Where dots stand that stuffed nothing.
    lone: Vec<u64>,
    refused: Option<BareLineEnding>,
    /// How many octets stood in front of the end and in it, if it was there.
    end: Option<u64>,
}

/// The end of data is where the RFC says, whatever the policy, and the payload does not depend on the cuts.
pub(super) fn decode(mut input: Input<'_>) {
    let bare = input.dice.one_of(&[Bare::Reject, Bare::Normalise, Bare::Pass]);
    let decoder = DotDecoder::new(bare);
    let decoder = input.dice.one_of(&[decoder.clone(), decoder.keeping_lone_dots()]);
    let stream = input.octets;
    let decoded = same_under_any_cut(input, |pieces| decoded(pieces, decoder.clone()));
    assert_eq!(decoded.end, end(stream), "a message is smuggled");
    if bare != Bare::Reject {
        assert_eq!(decoded.refused, None);
    }
}

/// Octets up to the end of data: CRLF `.` CRLF, of which the first CRLF counts as seen at the very start.
fn end(stream: &[u8]) -> Option<u64> {
    if stream.starts_with(b".\r\n") {
        return Some(3);
    }
    stream.windows(5).position(|window| window == b"\r\n.\r\n").map(|at| at as u64 + 5)
}

fn decoded(pieces: &[&[u8]], mut decoder: DotDecoder) -> Decoded {
    let mut input = BytesMut::new();
    let mut decoded = Decoded { payload: Vec::new(), lone: Vec::new(), refused: None, end: None };
    for piece in pieces {
        input.extend_from_slice(piece);
        loop {
            match decoder.next(&mut input) {
                Dotted::Payload(piece) => {
                    assert!(decoded.refused.is_none(), "payload behind a breach");
                    decoded.payload.extend_from_slice(&piece);
                    decoded.lone.extend(decoder.lone_dot());
                }
                Dotted::Refused(bare) => {
                    assert!(decoded.refused.replace(bare).is_none(), "told twice");
                }
                Dotted::End => {
                    decoded.end = Some(decoder.taken());
                    return decoded;
                }
                Dotted::NeedInput => break,
            }
        }
        assert!(input.len() <= 2, "{} octets wait", input.len());
    }
    decoded
}

/// What is written is the same however it is chunked, has its end where it ends, and comes back.
pub(super) fn encode(mut input: Input<'_>) {
    let outgoing = input.dice.one_of(&[Outgoing::Normalise, Outgoing::Refuse]);
    let text = input.octets;
    let wire = same_under_any_cut(input.clone(), |chunks| encoded(chunks, outgoing));
    let Some(wire) = wire else {
        assert!(outgoing == Outgoing::Refuse && normalised(text) != text, "refused without a reason");
        return;
    };
    let mut delivered = normalised(text);
    if !delivered.is_empty() && !delivered.ends_with(b"\r\n") {
        delivered.extend_from_slice(b"\r\n");
    }
    let decoder = DotDecoder::new(Bare::Reject).keeping_lone_dots();
    let decoded = decoded(&input.dice.pieces(&wire), decoder);
    assert_eq!(
        decoded,
        Decoded { payload: delivered, lone: Vec::new(), refused: None, end: Some(wire.len() as u64) }
    );
}

fn encoded(chunks: &[&[u8]], outgoing: Outgoing) -> Option<Vec<u8>> {
    let (mut encoder, mut wire) = (DotEncoder::new(outgoing), Vec::new());
    for chunk in chunks {
        encoder.write(Bytes::copy_from_slice(chunk), &mut wire).ok()?;
    }
    encoder.finish(&mut wire).ok()?;
    Some(wire)
}

/// Every CR and LF apart from its partner becomes CRLF, octet by octet.
fn normalised(text: &[u8]) -> Vec<u8> {
    let (mut out, mut rest) = (Vec::new(), text);
    loop {
        rest = match rest {
            [b'\r', b'\n', behind @ ..] | [b'\r' | b'\n', behind @ ..] => {
                out.extend_from_slice(b"\r\n");
                behind
            }
            [octet, behind @ ..] => {
                out.push(*octet);
                behind
            }
            [] => return out,
        }
    }
}
