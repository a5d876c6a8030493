//! A body of lines that goes in chunks.
//!
//! A chunk may hold any octets, but whoever relays such a message by DATA would find a bare CR or LF in it: the same holds
//! for them as in DATA.
use alloc::vec::Vec;
use bytes::Bytes;
use mail_wire::dot::{BareRefused, Outgoing};

/// The lines of a body, as far as they were written.
#[derive(Debug)]
pub(super) struct Lines {
    bare: Outgoing,
    /// The last piece ended in a CR that was not passed on yet: what it means, its next octet tells.
    held_cr: bool,
    is_ended: bool,
}

impl Lines {
    pub(super) fn new(bare: Outgoing) -> Self {
        Self { bare, held_cr: false, is_ended: true }
    }

    /// A piece as it is sent.
    pub(super) fn take(&mut self, piece: Bytes) -> Result<Vec<Bytes>, BareRefused> {
        let sent = match (first_bare(&piece, self.held_cr), self.bare) {
            // rule rfc5321 2.3.8 bare-not-in-chunks: a CR or LF outside of CRLF is not sent by BDAT either
            (Some(offset), Outgoing::Refuse) => return Err(BareRefused { chunk: piece, offset }),
            (Some(_), _) => Vec::from([self.normalised(&piece)]),
            (None, _) => self.shared(piece),
        };
        if let Some(last) = sent.iter().rev().find_map(|piece| piece.last()) {
            self.is_ended = *last == b'\n';
        }
        Ok(sent)
    }

    /// What is left to be sent. `None`: a CR whose LF is missing.
    pub(super) fn finish(&mut self) -> Option<Bytes> {
        if self.held_cr && self.bare == Outgoing::Refuse {
            return None;
        }
        let is_ended = self.is_ended && !self.held_cr;
        self.held_cr = false;
        self.is_ended = true;
        // rule rfc5321 4.1.1.4 last-line-ended-by-bdat: a last line without CRLF gets one [instead: Some(Bytes::new())]
        Some(Bytes::from_static(if is_ended { b"" } else { b"\r\n" }))
    }

    fn shared(&mut self, mut piece: Bytes) -> Vec<Bytes> {
        if piece.is_empty() {
            return Vec::new();
        }
        let front = self.held_cr.then_some(Bytes::from_static(b"\r"));
        self.held_cr = piece.last() == Some(&b'\r');
        piece.truncate(piece.len() - usize::from(self.held_cr));
        front.into_iter().chain([piece]).collect()
    }

    /// Each CR and LF becomes CRLF, but for a CR at the end.
    fn normalised(&mut self, piece: &[u8]) -> Bytes {
        let mut sent = Vec::with_capacity(piece.len() + piece.len() / 8);
        for octet in piece {
            if self.held_cr || *octet == b'\n' {
                sent.extend_from_slice(b"\r\n");
            }
            self.held_cr = *octet == b'\r';
            if !matches!(octet, b'\r' | b'\n') {
                sent.push(*octet);
            }
        }
        sent.into()
    }
}

/// The first CR or LF that is outside of a CRLF, but for a CR at the end.
fn first_bare(piece: &[u8], held_cr: bool) -> Option<usize> {
    let first = *piece.first()?;
    if held_cr != (first == b'\n') {
        return Some(0);
    }
    let mut at = usize::from(held_cr);
    while let Some(found) = piece.get(at..).and_then(|rest| memchr::memchr2(b'\r', b'\n', rest)) {
        at += found;
        match piece.get(at..) {
            Some([b'\r']) => return None,
            Some([b'\r', b'\n', ..]) => at += 2,
            _ => return Some(at),
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use mail_wire::dot::DotEncoder;
    use proptest::prelude::*;

    proptest! {
        /// Else what arrives by BDAT is not what arrives by DATA.
        #[test]
        fn chunks_hold_what_data_would(
            pieces in prop::collection::vec(prop::collection::vec(prop::sample::select(&b"ab\r\n\n\r"[..]), 0..6), 0..6),
            is_refused in any::<bool>(),
        ) {
            let bare = if is_refused { Outgoing::Refuse } else { Outgoing::Normalise };
            // There is no dot to be stuffed.
            let (mut lines, mut encoder) = (Lines::new(bare), DotEncoder::new(bare));
            let (mut chunks, mut data) = (Vec::new(), Vec::new());
            for piece in pieces {
                let piece = Bytes::from(piece);
                let (taken, written) = (lines.take(piece.clone()), encoder.write(piece, &mut data));
                prop_assert_eq!(taken.as_ref().err(), written.as_ref().err());
                chunks.extend(taken.unwrap_or_default().concat());
            }
            let (left, ended) = (lines.finish(), encoder.finish(&mut data));
            prop_assert_eq!(left.is_some(), ended.is_ok());
            if let Some(left) = left {
                chunks.extend(left);
                chunks.extend(b".\r\n");
            }
            prop_assert_eq!(chunks, data);
        }
    }
}
