//! The part of a message that TOP asks for.
use bytes::Bytes;

/// Cuts a message down to its header, the empty line behind it and the first lines of its body, as
/// [TOP](https://www.rfc-editor.org/rfc/rfc1939#page-11) asks.
///
/// The message comes in chunks, cut anywhere; out come their fronts, which share the chunks' octets. CRLF, and
/// a CR or an LF alone, end a line: that is what they become on the wire.
///
/// ```
/// use bytes::Bytes;
/// use pop3_proto::TopLines;
/// let mut top = TopLines::new(1);
/// let chunk = top.next(Bytes::from_static(b"Subject: x\r\n\r\none\r\ntwo\r\n"));
/// assert_eq!(chunk, "Subject: x\r\n\r\none\r\n");
/// assert!(top.is_done());
/// ```
#[derive(Debug, Clone)]
pub struct TopLines {
    part: Part,
    /// Lines of the body that are still wanted.
    lines: u64,
    /// The line has no octet yet.
    at_line_start: bool,
    /// The last octet was a CR: an LF behind it ends no further line.
    after_cr: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    Header,
    Body,
    /// The last line ended in a CR that was the last octet so far: its LF may follow.
    LastLf,
    Done,
}

impl TopLines {
    /// The header and `lines` lines of the body.
    pub fn new(lines: u64) -> Self {
        Self { part: Part::Header, lines, at_line_start: true, after_cr: false }
    }

    /// Will nothing of what follows be wanted?
    pub fn is_done(&self) -> bool {
        self.part == Part::Done
    }

    /// Takes the next chunk of the message; gives what is wanted of it.
    #[must_use = "this is what to write"]
    pub fn next(&mut self, mut chunk: Bytes) -> Bytes {
        let wanted = self.wanted(&chunk);
        chunk.truncate(wanted);
        chunk
    }

    fn wanted(&mut self, chunk: &[u8]) -> usize {
        for (at, octet) in chunk.iter().enumerate() {
            match self.part {
                Part::Done => return at,
                Part::LastLf => {
                    self.part = Part::Done;
                    return if *octet == b'\n' { at + 1 } else { at };
                }
                Part::Header | Part::Body => self.take(*octet),
            }
        }
        chunk.len()
    }

    fn take(&mut self, octet: u8) {
        match octet {
            // rule rfc1939 7 top-crlf: CRLF ends one line, not two
            b'\n' if self.after_cr => self.after_cr = false,
            b'\n' | b'\r' => {
                self.after_cr = octet == b'\r';
                self.end_line();
                self.at_line_start = true;
            }
            _ => (self.after_cr, self.at_line_start) = (false, false),
        }
    }

    fn end_line(&mut self) {
        match self.part {
            // rule rfc1939 7 top-empty-line: the empty line behind the header begins the body
            Part::Header if self.at_line_start => self.part = Part::Body,
            // rule rfc1939 7 top-counts: TOP gives as many lines of the body as asked [instead: {}]
            Part::Body => self.lines -= 1,
            Part::Header | Part::LastLf | Part::Done => {}
        }
        // rule rfc1939 7 top-ends: TOP gives no more of the body than asked
        if self.part == Part::Body && self.lines == 0 {
            self.part = if self.after_cr { Part::LastLf } else { Part::Done };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{string::String, vec::Vec};

    fn top(message: &str, lines: u64, cuts: &[usize]) -> String {
        let message = Bytes::copy_from_slice(message.as_bytes());
        let mut top = TopLines::new(lines);
        let (mut kept, mut from): (Vec<u8>, usize) = (Vec::new(), 0);
        for cut in cuts.iter().copied().chain([message.len()]) {
            kept.extend_from_slice(&top.next(message.slice(from..cut)));
            from = cut;
        }
        String::from_utf8(kept).unwrap()
    }

    // covers rfc1939 7 top-empty-line
    // covers rfc1939 7 top-counts
    // covers rfc1939 7 top-ends
    // covers rfc1939 7 top-crlf
    #[test]
    fn header_and_lines_are_the_same_under_every_two_cuts() {
        for (message, lines, kept) in [
            ("A: b\r\nC: d\r\n\r\n1\r\n2\r\n", 0, "A: b\r\nC: d\r\n\r\n"),
            ("A: b\r\nC: d\r\n\r\n1\r\n2\r\n", 1, "A: b\r\nC: d\r\n\r\n1\r\n"),
            ("A: b\r\nC: d\r\n\r\n1\r\n2\r\n", 9, "A: b\r\nC: d\r\n\r\n1\r\n2\r\n"),
            ("A: b\r\n\r\n\r\n\r\n3", 2, "A: b\r\n\r\n\r\n\r\n"),
            ("\r\nno header\r\nx", 1, "\r\nno header\r\n"),
            ("A: b\n\n1\n2\n", 1, "A: b\n\n1\n"),
            ("A: b\r\r1\r2\r", 1, "A: b\r\r1\r"),
            ("A: b\r\n\n1\r\n", 0, "A: b\r\n\n"),
            ("A: b\r\nno end", 5, "A: b\r\nno end"),
            ("", 5, ""),
        ] {
            for first in 0..=message.len() {
                for second in first..=message.len() {
                    assert_eq!(top(message, lines, &[first, second]), kept, "{message:?} {first} {second}");
                }
            }
        }
    }

    #[test]
    fn nothing_is_copied_and_nothing_more_is_wanted() {
        let chunk = Bytes::from(b"A: b\r\n\r\n1\r\n".to_vec());
        let mut top = TopLines::new(0);
        assert_eq!(top.next(chunk.clone()).as_ptr(), chunk.as_ptr());
        assert!(top.is_done());
        assert_eq!(top.next(Bytes::from_static(b"\n")), "");
    }
}
