//! Finds lines.
//!
//! A line ends in CRLF. The framer remembers how far it looked, so that the work is linear however the input
//! is cut, and it never hands out a part of a line as if it were one: what breaks a limit or holds a bare CR,
//! LF or NUL is swallowed up to its true end and told as [`Broken`].
use crate::Frame;
use bytes::{Buf, Bytes, BytesMut};
use core::{fmt, ops::Deref};
use memchr::{memchr, memchr3};

/// Which octets end a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum LineEnding {
    /// CRLF and nothing else, as all three protocols demand.
    #[default]
    Crlf,
    /// A bare LF too: some servers send it. Not for a server, where two readings of one stream are an attack.
    CrlfOrLf,
}

/// What the framer found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Framed<L = Bytes> {
    /// A line, without its end.
    Line(L),
    /// A line that is none; all of it has been swallowed.
    Broken(Broken),
    /// The line does not end in what is there.
    NeedInput,
}

/// Why a line is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Broken {
    /// It is longer than the limit, its CRLF counted.
    #[error("line longer than {limit} octets")]
    TooLong {
        /// The limit.
        limit: usize,
    },
    /// It holds a CR that is not part of CRLF.
    #[error("bare CR at octet {offset} of the line")]
    BareCr {
        /// Where, counted from the start of the line.
        offset: usize,
    },
    /// It holds an LF that is not part of CRLF.
    #[error("bare LF at octet {offset} of the line")]
    BareLf {
        /// Where, counted from the start of the line.
        offset: usize,
    },
    /// It holds a NUL.
    #[error("NUL at octet {offset} of the line")]
    Nul {
        /// Where, counted from the start of the line.
        offset: usize,
    },
}

/// A line, without its end, that still stands in the input. Dropping it takes it from there.
///
/// Who only reads it needs no share of the input's block, which costs a count up and a count down.
pub struct Line<'i> {
    input: &'i mut BytesMut,
    /// Octets of the line.
    octets: usize,
    /// The same and its end: what is taken from the input.
    taken: usize,
}

impl Line<'_> {
    /// Takes it from the input.
    pub fn into_bytes(self) -> Bytes {
        let octets = self.octets;
        self.keep(octets)
    }
}

impl Deref for Line<'_> {
    type Target = [u8];
    #[inline]
    fn deref(&self) -> &[u8] {
        self.input.get(..self.octets).unwrap_or_default()
    }
}

impl AsRef<[u8]> for Line<'_> {
    #[inline]
    fn as_ref(&self) -> &[u8] {
        self
    }
}

impl Frame for Line<'_> {
    #[inline]
    fn keep(mut self, octets: usize) -> Bytes {
        let mut line = self.input.split_to(self.taken);
        line.truncate(octets.min(self.octets));
        self.taken = 0;
        line.freeze()
    }
}

impl Drop for Line<'_> {
    #[inline]
    fn drop(&mut self) {
        if self.taken > 0 {
            self.input.advance(self.taken);
        }
    }
}

impl fmt::Debug for Line<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.escape_ascii())
    }
}

/// Finds lines in what has arrived so far. Holds at most `limit` octets of an unfinished one in the input.
#[derive(Debug, Clone)]
pub struct LineFramer {
    limit: usize,
    ending: LineEnding,
    /// `input[..seen]` holds no LF, and no CR or NUL but what `flaw` tells.
    seen: usize,
    /// The first stray CR or NUL of the line that has begun.
    flaw: Option<Broken>,
    /// The line is broken: it is being swallowed.
    broken: Option<Broken>,
    /// The last octet swallowed was a CR.
    after_cr: bool,
    examined: u64,
}

impl LineFramer {
    /// Lines of up to `limit` octets, CRLF counted.
    pub fn new(limit: usize, ending: LineEnding) -> Self {
        Self { limit, ending, seen: 0, flaw: None, broken: None, after_cr: false, examined: 0 }
    }

    /// Sets the limit of the lines to come.
    pub fn set_limit(&mut self, limit: usize) {
        self.limit = limit;
    }

    /// Is a line begun and not finished?
    pub fn is_inside(&self, input: &BytesMut) -> bool {
        self.broken.is_some() || !input.is_empty()
    }

    /// Is a line being swallowed whose start is gone?
    pub fn is_swallowing(&self) -> bool {
        self.broken.is_some()
    }

    /// How many octets were looked at in all: linear in what arrived, whatever its cuts.
    pub fn examined(&self) -> u64 {
        self.examined
    }

    /// Takes the next line from the front of `input`.
    ///
    /// Between a [`Framed::NeedInput`] and the next call `input` may grow and nothing else: what was looked at is
    /// not looked at again.
    pub fn next(&mut self, input: &mut BytesMut) -> Framed {
        match self.find(input) {
            Framed::Line(line) => Framed::Line(line.into_bytes()),
            Framed::Broken(broken) => Framed::Broken(broken),
            Framed::NeedInput => Framed::NeedInput,
        }
    }

    /// Finds the next line at the front of `input`, and leaves it there until it was read: as [`next`](Self::next),
    /// for who may not need to keep it.
    pub fn find<'i>(&mut self, input: &'i mut BytesMut) -> Framed<Line<'i>> {
        loop {
            if self.broken.is_some() {
                return self.swallow(input);
            }
            let unseen = input.get(self.seen..).unwrap_or_default();
            // What is wrong with a line need be found once.
            let found = match self.flaw {
                None => memchr3(b'\r', b'\n', 0, unseen),
                Some(_) => memchr(b'\n', unseen),
            };
            let Some(found) = found else {
                self.examined += unseen.len() as u64;
                self.seen = input.len();
                if self.outgrown(input) {
                    continue;
                }
                return Framed::NeedInput;
            };
            let at = self.seen + found;
            let (line, end) = match (input.get(at), input.get(at + 1)) {
                (Some(b'\r'), Some(b'\n')) => (at, at + 2),
                (Some(b'\r'), None) => {
                    self.examined += found as u64;
                    self.seen = at;
                    if self.outgrown(input) {
                        continue;
                    }
                    return Framed::NeedInput;
                }
                // A CR in front was taken for stray, or is the end's.
                (Some(b'\n'), _) => (at - usize::from(at > 0 && input.get(at - 1) == Some(&b'\r')), at + 1),
                (octet, _) => {
                    self.examined += found as u64 + 1;
                    self.seen = at + 1;
                    let is_nul = octet == Some(&0);
                    let flaw =
                        if is_nul { Broken::Nul { offset: at } } else { Broken::BareCr { offset: at } };
                    self.flaw = Some(flaw);
                    continue;
                }
            };
            self.examined += (end - self.seen) as u64;
            self.seen = 0;
            let flaw = self.flaw.take();
            // rule rfc5321 4.5.3.1.4 long-line: a line above its limit is none, and neither is its tail
            // rule rfc2449 4 long-line: a line above its limit is none, and neither is its tail
            if end > self.limit {
                self.broken = Some(Broken::TooLong { limit: self.limit });
                continue;
            }
            // rule rfc5321 2.3.8 bare-lf: an LF without its CR ends no line
            // rule rfc1939 3 crlf: an LF without its CR ends no line
            if end - line == 1 && self.ending == LineEnding::Crlf {
                self.broken = Some(Broken::BareLf { offset: line });
                continue;
            }
            if let Some(flaw) = flaw {
                input.advance(end);
                return Framed::Broken(flaw);
            }
            return Framed::Line(Line { input, octets: line, taken: end });
        }
    }

    /// Is what has arrived of a line longer than a line may be? It is broken then.
    fn outgrown(&mut self, input: &BytesMut) -> bool {
        // A CR at the end may be the CRLF's: one octet of grace.
        let outgrown = input.len() > self.limit || input.len() == self.limit && input.last() != Some(&b'\r');
        if outgrown {
            (self.broken, self.flaw) = (Some(Broken::TooLong { limit: self.limit }), None);
        }
        outgrown
    }

    /// Swallows a broken line up to its true end.
    fn swallow<L>(&mut self, input: &mut BytesMut) -> Framed<L> {
        loop {
            let Some(lf) = memchr(b'\n', input) else {
                self.examined += input.len() as u64;
                self.after_cr = input.last().map_or(self.after_cr, |last| *last == b'\r');
                input.clear();
                self.seen = 0;
                return Framed::NeedInput;
            };
            self.examined += lf as u64 + 1;
            let before = if lf == 0 { self.after_cr } else { input.get(lf - 1) == Some(&b'\r') };
            input.advance(lf + 1);
            self.after_cr = false;
            self.seen = 0;
            if before || self.ending == LineEnding::CrlfOrLf {
                if let Some(broken) = self.broken.take() {
                    return Framed::Broken(broken);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    fn frame(framer: &mut LineFramer, pieces: &[&[u8]]) -> Vec<Framed> {
        let (mut input, mut found) = (BytesMut::new(), Vec::new());
        for piece in pieces {
            input.extend_from_slice(piece);
            loop {
                match framer.next(&mut input) {
                    Framed::NeedInput => break,
                    framed => found.push(framed),
                }
            }
        }
        found
    }

    fn line(text: &'static str) -> Framed {
        Framed::Line(Bytes::from_static(text.as_bytes()))
    }

    // covers rfc2449 4 long-line
    // covers rfc5321 2.3.8 bare-lf
    // covers rfc1939 3 crlf
    #[test]
    fn every_cut_finds_the_same_lines() {
        let stream: &[u8] =
            b"NOOP\r\n\r\nlf\nend\r\ncr\rend\r\n0123456789\r\n01234567890\r\nnul\0\r\nQUIT\r\n";
        let expected = vec![
            line("NOOP"),
            line(""),
            Framed::Broken(Broken::BareLf { offset: 2 }),
            Framed::Broken(Broken::BareCr { offset: 2 }),
            line("0123456789"),
            Framed::Broken(Broken::TooLong { limit: 12 }),
            Framed::Broken(Broken::Nul { offset: 3 }),
            line("QUIT"),
        ];
        for first in 0..=stream.len() {
            for second in first..=stream.len() {
                let mut framer = LineFramer::new(12, LineEnding::Crlf);
                let pieces = [&stream[..first], &stream[first..second], &stream[second..]];
                assert_eq!(frame(&mut framer, &pieces), expected, "cut at {first} and {second}");
            }
        }
    }

    #[test]
    fn the_tail_of_a_long_line_is_never_a_line() {
        let mut framer = LineFramer::new(8, LineEnding::Crlf);
        let mut input = BytesMut::new();
        for _ in 0..100 {
            input.extend_from_slice(b"x\nQUIT\n\r");
            assert_eq!(framer.next(&mut input), Framed::NeedInput);
            assert!(input.len() <= 8);
        }
        input.extend_from_slice(b"\n");
        assert_eq!(framer.next(&mut input), Framed::Broken(Broken::BareLf { offset: 1 }));
        assert_eq!(framer.next(&mut input), Framed::NeedInput);
    }

    // covers rfc5321 4.5.3.1.4 long-line
    #[test]
    fn a_line_of_the_limit_passes_and_one_octet_more_does_not() {
        let mut framer = LineFramer::new(6, LineEnding::Crlf);
        assert_eq!(frame(&mut framer, &[b"abcd\r", b"\n"]), [line("abcd")]);
        assert_eq!(frame(&mut framer, &[b"abcde\r", b"\n"]), [Framed::Broken(Broken::TooLong { limit: 6 })]);
    }

    #[test]
    fn a_lenient_reader_takes_bare_lf() {
        let mut framer = LineFramer::new(100, LineEnding::CrlfOrLf);
        assert_eq!(frame(&mut framer, &[b"+OK\n1 a\r\n.\n"]), [line("+OK"), line("1 a"), line(".")]);
    }

    #[test]
    fn work_is_linear_byte_by_byte() {
        let mut framer = LineFramer::new(100_000, LineEnding::Crlf);
        let mut input = BytesMut::new();
        for _ in 0..50_000 {
            input.extend_from_slice(b"x");
            assert_eq!(framer.next(&mut input), Framed::NeedInput);
        }
        assert_eq!(framer.examined(), 50_000);
    }
}
