//! Lines to replies.
use super::{Code, Reply};
use crate::{
    Deviations, Leniency,
    grammar::{Tolerance, reply},
};
use bytes::{Bytes, BytesMut};
use core::fmt;
use mail_wire::{ParseError, span};

/// Collects the lines of a reply. One line is not copied; several are joined.
///
/// ```
/// # use bytes::Bytes;
/// use smtp_proto::{Code, Deviations, Leniency, ReplyReader};
/// let (mut reader, mut deviations) = (ReplyReader::new(4096), Deviations::new());
/// let mut push = |line| reader.push(Bytes::from_static(line), Leniency::STRICT, &mut deviations);
/// assert_eq!(push(b"250-mx.example.org at your service")?, None);
/// let reply = push(b"250 PIPELINING")?.ok_or("not complete")?;
/// assert_eq!((reply.code(), reply.lines().count()), (Code::OK, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct ReplyReader {
    limit: usize,
    /// Octets of the lines so far, CRLFs counted.
    octets: usize,
    /// The code of the lines so far; `None` before the first.
    code: Option<Code>,
    text: BytesMut,
}

/// Octets that a reply of some lines has room for from the start.
const ROOM: usize = 256;

/// What a server sent is not a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ReplyError {
    /// A line does not follow the grammar.
    #[error("bad reply: {0}")]
    Syntax(#[from] ParseError),
    /// All its lines together are too long.
    #[error("reply longer than {limit} octets")]
    TooLong {
        /// The limit.
        limit: usize,
    },
}

/// Tells how much, and not what: a server may echo what it should not.
impl fmt::Debug for ReplyReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { limit, octets, code, .. } = self;
        f.debug_struct("ReplyReader")
            .field("limit", limit)
            .field("octets", octets)
            .field("code", code)
            .finish_non_exhaustive()
    }
}

impl ReplyReader {
    /// Replies of up to `limit` octets, codes and CRLFs counted: the reader holds at most that much.
    pub fn new(limit: usize) -> Self {
        Self { limit, octets: 0, code: None, text: BytesMut::new() }
    }

    /// Has a reply begun and not ended?
    pub fn is_inside(&self) -> bool {
        self.code.is_some()
    }

    /// Takes the next line, without its CRLF. `None`: the reply goes on, or there was none on that line.
    ///
    /// A lenient reader takes a line without a code as text of the reply it stands in. Outside of one it is
    /// dropped, so that it is never taken for an answer.
    ///
    /// # Errors
    /// The line is not of a reply, or the reply is too long. The connection is of no more use then.
    pub fn push(
        &mut self,
        line: Bytes,
        leniency: Leniency,
        deviations: &mut Deviations,
    ) -> Result<Option<Reply>, ReplyError> {
        self.octets = self.octets.saturating_add(line.len()).saturating_add(2);
        // rule rfc5321 7.8 endless-reply: a reply without end is given up
        if self.octets > self.limit {
            return Err(ReplyError::TooLong { limit: self.limit });
        }
        let mut tolerance = Tolerance::new(&line, leniency, deviations);
        let code = self.code;
        let (found, text) = span::parse(&line, |i| {
            let (rest, found) = reply::reply_line(i, code, &mut tolerance)?;
            let (rest, text) = reply::textstring(rest, &mut tolerance)?;
            Ok((rest, (found, text)))
        })?;
        match (found, self.code) {
            // rule rfc5321 4.2 no-code: without a code it is no reply [instead: Ok(Some(Reply::from_challenge(b"")))]
            (reply::Line::Uncoded, None) => Ok(None),
            (reply::Line::Uncoded, Some(_)) => {
                self.add(text.text());
                Ok(None)
            }
            (reply::Line::Middle(code), None) => {
                self.code = Some(code);
                // Where there are two lines there are more, as a rule.
                self.text.reserve(ROOM.min(self.limit));
                self.text.extend_from_slice(text.text());
                Ok(None)
            }
            (reply::Line::Middle(code), Some(_)) => {
                self.code = Some(code);
                self.add(text.text());
                Ok(None)
            }
            (reply::Line::Last(code), None) => {
                self.octets = 0;
                Ok(Some(Reply::from_raw(code, text.share())))
            }
            (reply::Line::Last(code), Some(_)) => {
                self.add(text.text());
                self.octets = 0;
                self.code = None;
                Ok(Some(Reply::from_raw(code, self.text.split().freeze())))
            }
        }
    }

    fn add(&mut self, text: &[u8]) {
        self.text.extend_from_slice(b"\n");
        self.text.extend_from_slice(text);
    }
}
