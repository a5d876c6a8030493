//! Lines to replies.
use super::{Code, Lines, Reply};
use crate::{
    Deviations, Leniency,
    grammar::{Tolerance, reply},
};
use alloc::vec::Vec;
use bytes::Bytes;
use core::{fmt, mem};
use mail_wire::{Frame, Output, ParseError, span};

/// Collects the lines of a reply. One line is not copied; several are, once.
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
    /// What the last line began with: the code and a hyphen.
    front: Option<[u8; 4]>,
    /// May a line so far begin with an enhanced code?
    leads: bool,
    /// The lines so far, codes and all, each with LF.
    block: Vec<u8>,
}

/// Octets that a reply of some lines has room for from the start.
const ROOM: usize = 256;
/// Octets in front of the text of each line: its code, and a hyphen or a space.
const FRONT: u8 = 4;

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
        Self { limit, octets: 0, code: None, front: None, leads: false, block: Vec::new() }
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
        line: impl Frame,
        leniency: Leniency,
        deviations: &mut Deviations,
    ) -> Result<Option<Reply>, ReplyError> {
        let text = line.as_ref();
        self.octets = self.octets.saturating_add(text.len()).saturating_add(2);
        // rule rfc5321 7.8 endless-reply: a reply without end is given up
        if self.octets > self.limit {
            return Err(ReplyError::TooLong { limit: self.limit });
        }
        // Most lines of a long reply begin as the one before, and go on plainly.
        if self.front.is_some()
            && text.first_chunk() == self.front.as_ref()
            && reply::plain(text) == text.len()
        {
            self.leads |= may_lead(text);
            self.add(text);
            return Ok(None);
        }
        let found = read(text, self.code, leniency, deviations)?;
        self.leads |= may_lead(text);
        match (found, self.code) {
            // rule rfc5321 4.2 no-code: without a code it is no reply [instead: Ok(Some(Reply::from_challenge(b"")))]
            (reply::Line::Uncoded, None) => Ok(None),
            (reply::Line::Uncoded, Some(code)) => {
                self.leads |= text.get(1) == Some(&b'.');
                // As if it had one.
                self.block.number(u64::from(code.as_u16()));
                self.block.push(b'-');
                self.add(text);
                Ok(None)
            }
            (reply::Line::Middle(code), before) => {
                if before.is_none() {
                    // Where there are two lines there are more, as a rule.
                    self.block.reserve(ROOM.min(self.limit));
                }
                self.code = Some(code);
                self.front = text.first_chunk().copied();
                self.add(text);
                Ok(None)
            }
            (reply::Line::Last(code), None) => {
                self.octets = 0;
                let octets = text.len();
                let leads = mem::take(&mut self.leads);
                Ok(Some(Reply::from_raw(code, Lines::of(line.keep(octets), FRONT), leads)))
            }
            (reply::Line::Last(code), Some(_)) => {
                self.block.extend_from_slice(text);
                self.octets = 0;
                self.code = None;
                self.front = None;
                let block = mem::take(&mut self.block).into();
                let leads = mem::take(&mut self.leads);
                Ok(Some(Reply::from_raw(code, Lines::of(block, FRONT), leads)))
            }
        }
    }

    fn add(&mut self, line: &[u8]) {
        self.block.extend_from_slice(line);
        self.block.push(b'\n');
    }
}

/// One line of a reply, where `before` is the code of those that came before.
#[inline]
fn read(
    line: &[u8],
    before: Option<Code>,
    leniency: Leniency,
    deviations: &mut Deviations,
) -> Result<reply::Line, ParseError> {
    let mut tolerance = Tolerance::new(line, leniency, deviations);
    span::parse_text(line, |i| {
        let (rest, found) = reply::reply_line(i, before, &mut tolerance)?;
        let (rest, _) = reply::textstring(rest, &mut tolerance)?;
        Ok((rest, found))
    })
}

/// May the text of this line begin with an enhanced code?
#[inline]
fn may_lead(line: &[u8]) -> bool {
    line.get(usize::from(FRONT) + 1) == Some(&b'.')
}

/// A reply that stands in one block, and nothing else in it.
pub(super) fn whole(
    block: &Bytes,
    leniency: Leniency,
    deviations: &mut Deviations,
) -> Result<Reply, ParseError> {
    let (mut code, mut left, mut uncoded, mut leads) = (None, &block[..], 0, false);
    let mut front = None;
    loop {
        let start = block.len() - left.len();
        // Most lines begin as the one before, and go on plainly.
        let plain_end = reply::plain(left);
        let (line, behind) = line(left, plain_end).map_err(|error| shifted(error, start))?;
        if front.is_some() && left.first_chunk() == front && line.len() == plain_end {
            leads |= may_lead(line);
            left = behind;
            continue;
        }
        let found = read(line, code, leniency, deviations).map_err(|error| shifted(error, start))?;
        leads |= may_lead(line);
        match found {
            reply::Line::Middle(found) => {
                code = Some(found);
                front = left.first_chunk::<4>();
            }
            reply::Line::Uncoded => uncoded += 1,
            reply::Line::Last(_) if !behind.is_empty() => {
                let found = behind.first().copied();
                return Err(ParseError { offset: block.len() - behind.len(), found, expected: "the end" });
            }
            reply::Line::Last(_) if uncoded > 0 => return by_lines(block, leniency),
            reply::Line::Last(code) => {
                let lines = Lines::of(block.slice(..start + line.len()), FRONT);
                return Ok(Reply::from_raw(code, lines, leads));
            }
        }
        left = behind;
    }
}

/// The line that `left` begins with, without its CRLF, and what is behind it; so many octets of `left` are plain.
#[inline]
fn line(left: &[u8], plain: usize) -> Result<(&[u8], &[u8]), ParseError> {
    // What ends plain text is nearly always the end of its line.
    match left.split_at_checked(plain) {
        Some((line, [b'\r', b'\n', behind @ ..])) => Ok((line, behind)),
        _ => odd_line(left),
    }
}

fn odd_line(left: &[u8]) -> Result<(&[u8], &[u8]), ParseError> {
    let end = memchr::memchr(b'\n', left).unwrap_or(left.len());
    match left.split_at_checked(end) {
        Some(([line @ .., b'\r'], [_, behind @ ..])) => Ok((line, behind)),
        _ => Err(ParseError { offset: end, found: left.get(end).copied(), expected: "CRLF" }),
    }
}

/// Counted from the start of the block, not of its line.
fn shifted(error: ParseError, start: usize) -> ParseError {
    ParseError { offset: error.offset.saturating_add(start), ..error }
}

/// A reply that was found, with the lines that have no code put right.
fn by_lines(block: &Bytes, leniency: Leniency) -> Result<Reply, ParseError> {
    let (mut reader, mut deviations) = (ReplyReader::new(usize::MAX), Deviations::new());
    let mut left = &block[..];
    loop {
        let (line, behind) = odd_line(left)?;
        match reader.push(block.slice_ref(line), leniency, &mut deviations) {
            Ok(Some(reply)) => return Ok(reply),
            Err(ReplyError::Syntax(error)) => return Err(error),
            Ok(None) | Err(_) => left = behind,
        }
    }
}
