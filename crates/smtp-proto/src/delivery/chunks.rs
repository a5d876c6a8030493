//! A body whose length nobody knows: pieces gather, and go as chunks.
use super::{lines::Lines, plan::Content};
use crate::{
    Bdat, Chunk,
    client::{Client, SendRefusal, Ticket},
};
use alloc::vec::Vec;
use bytes::Bytes;
use core::mem;
use mail_wire::WriteError;

/// What was written of a body and has not been sent.
///
/// A chunk goes when `max_unsent` octets have gathered, so that a session holds that much more while it sends one.
#[derive(Debug, Default)]
pub(super) struct Chunks {
    gathered: Vec<Bytes>,
    octets: usize,
    end: End,
    /// Of a body of lines.
    lines: Option<Lines>,
}

/// How a body of chunks goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum End {
    /// The host writes.
    #[default]
    Open,
    /// The host has finished; the last chunk waits for replies.
    Due,
    /// A chunk was refused: nothing more is sent.
    Refused,
}

impl Chunks {
    pub(super) fn new(content: Content) -> Self {
        let lines = match content {
            Content::Octets => None,
            Content::Lines(bare) => Some(Lines::new(bare)),
        };
        Self { lines, ..Self::default() }
    }

    pub(super) fn end(&self) -> End {
        self.end
    }

    pub(super) fn refuse(&mut self) {
        *self = Self { end: End::Refused, ..Self::default() };
    }

    /// Ends the last line. May the body end there?
    pub(super) fn end_line(&mut self) -> bool {
        let left = match &mut self.lines {
            Some(lines) if self.end == End::Open => lines.finish(),
            _ => return true,
        };
        let is_ended = left.is_some();
        self.gather(left);
        is_ended
    }

    pub(super) fn finish(&mut self) {
        if self.end == End::Open {
            self.end = End::Due;
        }
    }

    fn gather(&mut self, pieces: impl IntoIterator<Item = Bytes>) {
        for piece in pieces {
            self.octets += piece.len();
            self.gathered.push(piece);
        }
    }

    /// Takes a piece.
    pub(super) fn write(
        &mut self,
        client: &mut Client,
        max_unsent: usize,
        piece: Bytes,
    ) -> Result<(), WriteError> {
        match self.end {
            End::Open if piece.is_empty() => return Ok(()),
            End::Open if client.transmit().unsent() >= max_unsent => {
                return Err(WriteError::Blocked { chunk: piece, max_unsent });
            }
            End::Open => {}
            End::Due => return Err(WriteError::Stale { chunk: piece }),
            End::Refused => return Err(WriteError::Refused { chunk: piece }),
        }
        match &mut self.lines {
            Some(lines) => {
                let taken = lines
                    .take(piece)
                    .map_err(|bare| WriteError::BareLineEnding { chunk: bare.chunk, offset: bare.offset })?;
                self.gather(taken);
            }
            None => self.gather([piece]),
        }
        // Where something must be answered first, it goes with the next piece.
        if self.octets >= max_unsent && self.send(client, Chunk::More) == Err(SendRefusal::NeedsReset) {
            self.refuse();
        }
        Ok(())
    }

    /// Sends what has gathered, as one chunk.
    pub(super) fn send(&mut self, client: &mut Client, chunk: Chunk) -> Result<Ticket, SendRefusal> {
        let (ticket, mut upload) = client.announce(Bdat { length: self.octets as u64, chunk })?;
        let pieces = mem::take(&mut self.gathered);
        self.octets = 0;
        // It has the octets that were announced.
        let written = client.write_all(&mut upload, pieces);
        match written.is_ok().then(|| client.finish(upload)) {
            Some(Ok(())) => Ok(ticket),
            _ => Err(SendRefusal::Closed),
        }
    }
}
