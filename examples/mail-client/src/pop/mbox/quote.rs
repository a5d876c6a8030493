//! How a message stands in an mbox: lines that begin with `From `, or with that behind any number of `>`, get one
//! `>` more, so that each begins a message or is one of its lines, and who reads can undo it.
use memchr::memchr;

const FROM: &[u8] = b"From ";

/// Quotes lines that would begin a message, in what comes in pieces. Lines end by LF.
#[derive(Debug)]
pub(super) struct Quote {
    place: Place,
    /// What was written last.
    last: Option<u8>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// At the start of a line, behind any number of `>` and so many octets of `From `, which are held back.
    Start(usize),
    Inside,
}

impl Default for Quote {
    fn default() -> Self {
        Self { place: Place::Start(0), last: None }
    }
}

impl Quote {
    /// Takes a piece.
    pub(super) fn push(&mut self, mut piece: &[u8], out: &mut Vec<u8>) {
        let before = out.len();
        while let Some((octet, rest)) = piece.split_first() {
            match self.place {
                Place::Inside => {
                    let end = memchr(b'\n', piece).map_or(piece.len(), |at| at + 1);
                    let (line, behind) = piece.split_at_checked(end).unwrap_or((piece, &[]));
                    out.extend_from_slice(line);
                    if line.ends_with(b"\n") {
                        self.place = Place::Start(0);
                    }
                    piece = behind;
                }
                Place::Start(0) if *octet == b'>' => {
                    out.push(b'>');
                    piece = rest;
                }
                Place::Start(held) if FROM.get(held) == Some(octet) => {
                    self.place = Place::Start(held + 1);
                    if held + 1 == FROM.len() {
                        // One more of what stands before it: at its end it is the same line.
                        out.push(b'>');
                        out.extend_from_slice(FROM);
                        self.place = Place::Inside;
                    }
                    piece = rest;
                }
                Place::Start(held) => {
                    out.extend_from_slice(FROM.get(..held).unwrap_or_default());
                    self.place = Place::Inside;
                }
            }
        }
        self.last = out.get(before..).and_then(<[u8]>::last).copied().or(self.last);
    }

    /// The message ends: with a line end, and an empty line that is not its own.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if let Place::Start(held @ 1..) = self.place {
            out.extend_from_slice(FROM.get(..held).unwrap_or_default());
            self.last = Some(b'F');
        }
        if self.last.is_some_and(|last| last != b'\n') {
            out.push(b'\n');
        }
        out.push(b'\n');
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quoted(pieces: &[&[u8]]) -> String {
        let (mut quote, mut out) = (Quote::default(), Vec::new());
        pieces.iter().for_each(|piece| quote.push(piece, &mut out));
        quote.finish(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn no_line_of_a_message_begins_another_wherever_it_is_cut() {
        let text = b"From a\n>From b\n>>From c\n From d\nFrom\nFro\n>Fromage\n\nxFrom e\nFFrom f\n>\nFrom ";
        let expected = "\
            >From a\n>>From b\n>>>From c\n From d\nFrom\nFro\n>Fromage\n\nxFrom e\nFFrom f\n>\n>From \n\n";
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let pieces = [&text[..first], &text[first..second], &text[second..]];
                assert_eq!(quoted(&pieces), expected, "{first} {second}");
            }
        }
    }

    #[test]
    fn a_message_ends_with_an_empty_line() {
        for (text, expected) in
            [("a\n", "a\n\n"), ("a", "a\n\n"), ("", "\n"), ("a\n\n", "a\n\n\n"), ("Fro", "Fro\n\n")]
        {
            assert_eq!(quoted(&[text.as_bytes()]), expected, "{text:?}");
        }
    }
}
