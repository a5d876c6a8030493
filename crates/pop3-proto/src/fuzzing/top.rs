//! The first lines of a message under any cut.
use crate::TopLines;
use alloc::vec::Vec;
use bytes::Bytes;
use mail_wire::fuzzing::{Input, same_under_any_cut};

/// The header, the empty line, and so many lines of the body, however the message comes.
pub(super) fn cut(mut input: Input<'_>) {
    let lines = u64::from(input.dice.among(6));
    let message = input.octets;
    let top = same_under_any_cut(input, |pieces| {
        let (mut top, mut taken) = (TopLines::new(lines), Vec::new());
        for piece in pieces {
            taken.extend_from_slice(&top.next(Bytes::copy_from_slice(piece)));
        }
        taken
    });
    assert!(message.starts_with(&top), "what is told is not how the message starts");
    let header = message.windows(4).position(|window| window == b"\r\n\r\n");
    if let Some(body) = header.and_then(|at| top.get(at + 4..)) {
        assert!(body.windows(2).filter(|window| window == b"\r\n").count() as u64 <= lines);
    }
}
