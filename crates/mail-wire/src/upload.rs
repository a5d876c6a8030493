//! Payload on its way out.
use crate::{
    Mark, Outbox, Output, Stale,
    ask::Seal,
    dot::{DotEncoder, Outgoing},
};
use bytes::Bytes;
use core::fmt;

/// Payload on its way out: written piece by piece through its session, then finished.
///
/// Dropping one unfinished closes the connection: a cut message never gets an end.
#[must_use = "dropping an unfinished upload closes the connection"]
#[derive(Debug)]
pub struct Upload {
    body: Body,
    seal: Seal,
}

#[derive(Debug)]
enum Body {
    /// Stuffed on the way; ends in a line with a lone dot.
    Dotted(DotEncoder),
    /// Its length was told before.
    Sized { left: u64 },
}

/// A chunk was not taken. Nothing has happened; the chunk comes back.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum WriteError {
    /// Enough waits to be written: write the chunk again when `transmit` has drained.
    #[error("more than {max_unsent} octets wait to be written")]
    Blocked {
        /// What was not taken.
        chunk: Bytes,
        /// The limit.
        max_unsent: usize,
    },
    /// The peer refused the payload before it was sent.
    #[error("refused by the peer before it was sent")]
    Refused {
        /// What was not taken.
        chunk: Bytes,
    },
    /// The chunk is longer than what is left of the announced length.
    #[error("chunk of {} octets where {left} are left of the announced length", chunk.len())]
    TooLong {
        /// What was not taken.
        chunk: Bytes,
        /// Octets left of the announced length.
        left: u64,
    },
    /// The chunk holds a CR or LF that is not part of CRLF.
    #[error("bare CR or LF at octet {offset} of the chunk")]
    BareLineEnding {
        /// What was not taken.
        chunk: Bytes,
        /// Where in the chunk; 0 also tells of a CR that ended the chunk before.
        offset: usize,
    },
    /// The upload is of another session, or of one that is over.
    #[error("upload of another session, or of one that is over")]
    Stale {
        /// What was not taken.
        chunk: Bytes,
    },
}

impl WriteError {
    /// The chunk that was not taken.
    pub fn into_chunk(self) -> Bytes {
        match self {
            Self::Blocked { chunk, .. }
            | Self::Refused { chunk }
            | Self::TooLong { chunk, .. }
            | Self::BareLineEnding { chunk, .. }
            | Self::Stale { chunk } => chunk,
        }
    }
}

impl fmt::Debug for WriteError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "WriteError({self})")
    }
}

/// An upload could not be finished. It comes back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FinishError {
    /// The announced length has not been reached.
    #[error("{octets} octets of the announced length are missing")]
    Missing {
        /// The upload, to write the rest to.
        upload: Upload,
        /// How many octets are missing.
        octets: u64,
    },
    /// The last octet is a CR whose LF is missing.
    #[error("a bare CR ends the payload")]
    BareCr {
        /// The upload, to write the LF to.
        upload: Upload,
    },
    /// The upload is of another session, or of one that is over.
    #[error(transparent)]
    Stale(#[from] Stale<Upload>),
}

impl Upload {
    /// Payload that is dot-stuffed and ends in a line with a lone dot.
    pub fn dotted(mark: &Mark, bare: Outgoing) -> Self {
        Self { body: Body::Dotted(DotEncoder::new(bare)), seal: mark.seal() }
    }

    /// Payload of exactly `octets` octets.
    pub fn sized(mark: &Mark, octets: u64) -> Self {
        Self { body: Body::Sized { left: octets }, seal: mark.seal() }
    }

    /// Is this an upload of the session `mark`?
    pub fn is_of(&self, mark: &Mark) -> bool {
        mark.made(&self.seal)
    }

    /// Queues a chunk; its octets are shared, not copied, but for segments so short that sharing costs more.
    ///
    /// A chunk is taken whole as soon as less than `max_unsent` octets wait, so that the queue holds at most
    /// `max_unsent` and one chunk.
    ///
    /// # Errors
    /// The chunk was not taken, and comes back.
    pub fn write(
        &mut self,
        mark: &Mark,
        outbox: &mut Outbox,
        max_unsent: usize,
        chunk: Bytes,
    ) -> Result<(), WriteError> {
        if !self.is_of(mark) {
            return Err(WriteError::Stale { chunk });
        }
        if outbox.unsent() >= max_unsent && !chunk.is_empty() {
            return Err(WriteError::Blocked { chunk, max_unsent });
        }
        match &mut self.body {
            Body::Dotted(encoder) => encoder
                .write(chunk, outbox)
                .map_err(|bare| WriteError::BareLineEnding { chunk: bare.chunk, offset: bare.offset }),
            Body::Sized { left } => match left.checked_sub(chunk.len() as u64) {
                Some(rest) => {
                    *left = rest;
                    outbox.share(chunk);
                    Ok(())
                }
                None => Err(WriteError::TooLong { chunk, left: *left }),
            },
        }
    }

    /// Ends the payload: with its lone dot, or because its length is reached.
    ///
    /// # Errors
    /// Something is missing; the upload comes back.
    pub fn finish(mut self, mark: &Mark, outbox: &mut Outbox) -> Result<(), FinishError> {
        if !self.is_of(mark) {
            return Err(Stale(self).into());
        }
        match &mut self.body {
            Body::Dotted(encoder) => {
                if encoder.finish(outbox).is_err() {
                    return Err(FinishError::BareCr { upload: self });
                }
            }
            Body::Sized { left: 0 } => {}
            Body::Sized { left } => return Err(FinishError::Missing { octets: *left, upload: self }),
        }
        self.seal.spend();
        Ok(())
    }
}
