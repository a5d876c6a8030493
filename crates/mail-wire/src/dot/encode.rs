//! Stuffing: from payload to the wire.
use super::scan::Scan;
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
        if self.bare == Outgoing::Refuse {
            let offset = if self.held_cr != (first == b'\n') { Some(0) } else { first_bare(&chunk) };
            // rule rfc5321 2.3.8 bare-not-sent: a CR or LF outside of CRLF is not sent
            if let Some(offset) = offset {
                return Err(BareRefused { chunk, offset });
            }
        }
        if self.held_cr {
            self.held_cr = false;
            self.at_line_start = true;
            out.text(b"\r\n");
            if first == b'\n' {
                chunk.advance(1);
            }
        }
        // It goes on where it is, whatever is taken from the front of the chunk.
        let (text, mut scan) = (chunk.clone(), Scan::default());
        while let Some(first) = chunk.first().copied() {
            match first {
                // rule rfc5321 4.5.2 dot-stuffed: a line that begins with a dot gets another in front
                // rule rfc1939 3 dot-stuffed: a dot at the start of a line is doubled
                b'.' if self.at_line_start => out.text(b"."),
                // Only `Normalise` comes here: an LF in front has no CR before it.
                b'\n' => {
                    chunk.advance(1);
                    self.line_end(out);
                    continue;
                }
                _ => {}
            }
            self.at_line_start = false;
            let taken = text.len() - chunk.len();
            let found = iter::from_fn(|| scan.next(&text)).find(|at| *at >= taken);
            let Some(at) = found.map(|at| at - taken) else {
                self.last(chunk, out);
                break;
            };
            match (chunk.get(at), chunk.get(at + 1)) {
                (Some(b'\n'), Some(b'.')) => {
                    out.take(&mut chunk, at + 1);
                    self.at_line_start = true;
                }
                (Some(b'\r'), _) => {
                    out.take(&mut chunk, at);
                    chunk.advance(1);
                    self.line_end(out);
                }
                _ => out.take(&mut chunk, at + 1),
            }
            // A CR and its LF are never parted above, so that an LF in front is a bare one.
        }
        Ok(())
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

    /// Writes the end of a chunk, in which nothing is special.
    fn last(&mut self, mut chunk: Bytes, out: &mut impl Output) {
        self.held_cr = chunk.last() == Some(&b'\r');
        if self.held_cr {
            chunk.truncate(chunk.len() - 1);
        }
        self.at_line_start = chunk.ends_with(b"\r\n");
        out.share(chunk);
    }
}

/// The first CR or LF of `chunk` that is outside of a CRLF, but for an LF in front and a CR at the end.
fn first_bare(chunk: &[u8]) -> Option<usize> {
    let mut scan = Scan::default();
    loop {
        let at = scan.next(chunk)?;
        match chunk.get(at..)? {
            [b'\n', b'.', ..] => {}
            [b'\r', ..] => return Some(at),
            _ => return Some(at + 1),
        }
    }
}
