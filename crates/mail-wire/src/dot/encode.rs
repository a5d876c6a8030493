//! Stuffing: from payload to the wire.
use super::scan::{BARE, BLOCK, DOTS, Scan};
use crate::Output;
use bytes::{Buf, Bytes};
use core::iter;

/// What to do with a CR or an LF outside of a CRLF on the way out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Outgoing {
    /// The chunk is refused.
    #[default]
    Refuse,
    /// Each becomes CRLF; a dot behind it starts a line then, and is stuffed.
    Normalise,
}

/// A chunk holds a CR or LF outside of a CRLF. Nothing of it was written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("bare CR or LF at octet {offset} of the chunk")]
pub struct BareRefused {
    /// The chunk.
    pub chunk: Bytes,
    /// Where in the chunk; 0 also tells of a CR that ended the chunk before.
    pub offset: usize,
}

/// Writes payload dot-stuffed. The octets are shared: stuffing splits around the dots.
#[derive(Debug, Clone)]
pub struct DotEncoder {
    bare: Outgoing,
    at_line_start: bool,
    /// The last chunk ended in a CR that was not written yet: what it means, its next octet tells.
    held_cr: bool,
}

impl DotEncoder {
    /// An encoder at the start of a payload, where a dot is at the start of a line.
    pub fn new(bare: Outgoing) -> Self {
        Self { bare, at_line_start: true, held_cr: false }
    }

    /// Writes a chunk.
    ///
    /// # Errors
    /// [`Outgoing::Refuse`], and it holds a bare CR or LF. Nothing of it was written.
    pub fn write(&mut self, mut chunk: Bytes, out: &mut impl Output) -> Result<(), BareRefused> {
        let Some(first) = chunk.first().copied() else { return Ok(()) };
        let mut scan = Scan::<BARE>::default();
        if self.bare == Outgoing::Refuse {
            let offset = if self.held_cr != (first == b'\n') { Some(0) } else { scan.next_bare(&chunk) };
            // rule rfc5321 2.3.8 bare-not-sent: a CR or LF outside of CRLF is not sent
            if let Some(offset) = offset {
                return Err(BareRefused { chunk, offset });
            }
        }
        if self.held_cr {
            self.held_cr = false;
            self.line_end(out);
            if first == b'\n' {
                chunk.advance(1);
            }
        }
        let text = chunk.clone();
        if self.bare == Outgoing::Normalise {
            // An LF in front has no CR before it.
            let in_front = text.first().filter(|octet| **octet == b'\n').map(|_| 0);
            for bare in in_front.into_iter().chain(iter::from_fn(|| scan.next_bare(&text))) {
                let piece = text.get(text.len() - chunk.len()..bare).unwrap_or_default();
                self.stuff(piece, &mut chunk, out);
                chunk.advance(1);
                self.line_end(out);
            }
        }
        let rest = text.get(text.len() - chunk.len()..).unwrap_or_default();
        self.held_cr = rest.last() == Some(&b'\r');
        self.stuff(rest.strip_suffix(b"\r").unwrap_or(rest), &mut chunk, out);
        Ok(())
    }

    /// Writes `text`, which stands at the front of `chunk`: each CR and LF of it is part of a CRLF.
    fn stuff(&mut self, text: &[u8], chunk: &mut Bytes, out: &mut impl Output) {
        let Some(first) = text.first() else { return };
        // rule rfc5321 4.5.2 dot-stuffed: a line that begins with a dot gets another in front
        // rule rfc1939 3 dot-stuffed: a dot at the start of a line is doubled
        if self.at_line_start && *first == b'.' {
            out.text(b".");
        }
        let (mut scan, mut taken, mut wire) = (Scan::<DOTS>::default(), 0, [0; 2 * BLOCK]);
        while let Some((from, mut dots)) = scan.look(text) {
            let block = text.get(from..).and_then(<[u8]>::first_chunk);
            match block.filter(|_| dots.count_ones() >= MANY) {
                Some(block) => {
                    if from > taken {
                        out.take(chunk, from - taken);
                    }
                    let octets = stuff_block(block, dots, &mut wire);
                    out.text(wire.get(..octets).unwrap_or_default());
                    chunk.advance(BLOCK);
                    taken = from + BLOCK;
                }
                None => {
                    while dots != 0 {
                        let dot = from + dots.trailing_zeros() as usize + 1;
                        dots &= dots - 1;
                        out.take(chunk, dot - taken);
                        out.text(b".");
                        taken = dot;
                    }
                }
            }
        }
        if taken < text.len() {
            out.take(chunk, text.len() - taken);
        }
        self.at_line_start = text.ends_with(b"\r\n");
    }

    /// Writes the end of data. A last line without CRLF gets one.
    ///
    /// # Errors
    /// [`Outgoing::Refuse`], and the payload ended in a CR. Nothing was written.
    pub fn finish(&mut self, out: &mut impl Output) -> Result<(), BareRefused> {
        // rule rfc5321 2.3.8 last-cr-not-sent: a message that ends in a bare CR is not ended
        if self.held_cr && self.bare == Outgoing::Refuse {
            return Err(BareRefused { chunk: Bytes::new(), offset: 0 });
        }
        // rule rfc5321 4.1.1.4 last-line-ended: a last line without CRLF gets one
        if self.held_cr || !self.at_line_start {
            self.line_end(out);
        }
        self.held_cr = false;
        // rule rfc5321 4.1.1.4 end-written: a message ends with a line that holds a dot
        // rule rfc1939 3 end-sent: a multi-line reply ends with a line that is a lone dot
        out.text(b".\r\n");
        Ok(())
    }

    fn line_end(&mut self, out: &mut impl Output) {
        out.text(b"\r\n");
        self.at_line_start = true;
    }
}

/// From so many dots in a block on it is copied as a whole, since a write of its own for each would cost more.
const MANY: u32 = 4;

/// Copies a block with a dot behind each octet that has a bit. Returns how many octets that gave.
///
/// Eight are copied at once, and what is too much is written over. So eight octets stand behind the block.
fn stuff_block(block: &[u8; BLOCK + 8], mut dots: u64, wire: &mut [u8; 2 * BLOCK]) -> usize {
    let (mut from, mut octets) = (0, 0);
    loop {
        // 64 where there is no dot any more.
        let end = BLOCK.min(dots.trailing_zeros() as usize + 1);
        while from < end {
            let Some(eight) = block.get(from..).and_then(<[u8]>::first_chunk::<8>) else { return octets };
            let Some(place) = wire.get_mut(octets..).and_then(<[u8]>::first_chunk_mut) else { return octets };
            *place = *eight;
            let copied = (end - from).min(8);
            from += copied;
            octets += copied;
        }
        if dots == 0 {
            return octets;
        }
        dots &= dots - 1;
        if let Some(place) = wire.get_mut(octets) {
            *place = b'.';
        }
        octets += 1;
    }
}
