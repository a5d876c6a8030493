//! Where the octets of a message come from, and what they are.
use super::Error;
use bytes::Bytes;
use std::{
    fs::File,
    io::{self, BufReader, Read},
    path::PathBuf,
};

/// Octets that are read and sent at once.
pub(super) const PIECE: usize = 16 << 10;

/// Where the octets of a message come from. They are read twice: to know what they are, and to be sent.
#[derive(Debug)]
pub(super) enum Source {
    Memory(Bytes),
    File(PathBuf),
}

/// What a message is, as it is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Nature {
    pub(super) octets: u64,
    /// Line ends that were something else than CRLF.
    pub(super) mended: u64,
    pub(super) body: Charset,
    pub(super) header: Charset,
}

/// Which octets occur.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Charset {
    #[default]
    Ascii,
    Other,
}

/// The octets of a message as they are sent: a CR or an LF alone is made a CRLF.
pub(super) struct Octets<'a> {
    from: Box<dyn Read + 'a>,
    block: Vec<u8>,
    has_cr: bool,
    mended: u64,
}

impl Source {
    /// Opens it, from its start.
    pub(super) fn open(&self) -> Result<Octets<'_>, Error> {
        let from: Box<dyn Read + '_> = match self {
            Self::Memory(octets) => Box::new(&octets[..]),
            Self::File(path) => {
                let file = File::open(path).map_err(|source| Error::read(path.display(), source))?;
                Box::new(BufReader::with_capacity(PIECE, file))
            }
        };
        Ok(Octets { from, block: vec![0; PIECE], has_cr: false, mended: 0 })
    }

    /// Looks at all of it.
    pub(super) fn nature(&self) -> Result<Nature, Error> {
        let mut octets = self.open()?;
        let mut nature = Nature::default();
        // Octets of the line so far; the first empty one ends the header.
        let (mut line, mut is_body) = (0_u64, false);
        while let Some(piece) = octets.next().map_err(|source| Error::read("the message", source))? {
            nature.octets += piece.len() as u64;
            for octet in piece {
                match octet {
                    b'\n' => {
                        is_body |= line == 0;
                        line = 0;
                    }
                    b'\r' => {}
                    octet => {
                        line += 1;
                        if !octet.is_ascii() {
                            *(if is_body { &mut nature.body } else { &mut nature.header }) = Charset::Other;
                        }
                    }
                }
            }
        }
        nature.mended = octets.mended;
        Ok(nature)
    }
}

impl Octets<'_> {
    /// The next piece; `None` behind the last.
    pub(super) fn next(&mut self) -> io::Result<Option<Vec<u8>>> {
        let read = self.from.read(&mut self.block)?;
        let block = self.block.get(..read).unwrap_or_default();
        let mut piece = Vec::with_capacity(read + read / 8 + 2);
        for octet in block {
            match (octet, self.has_cr) {
                (b'\n', true) => {
                    piece.push(b'\n');
                    self.has_cr = false;
                    continue;
                }
                (_, true) => {
                    piece.push(b'\n');
                    self.mended += 1;
                }
                (b'\n', false) => {
                    piece.push(b'\r');
                    self.mended += 1;
                }
                _ => {}
            }
            piece.push(*octet);
            self.has_cr = *octet == b'\r';
        }
        if read == 0 {
            // A last CR is the last line's end.
            if !std::mem::take(&mut self.has_cr) {
                return Ok(None);
            }
            self.mended += 1;
            piece.push(b'\n');
        }
        Ok(Some(piece))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(octets: &[u8]) -> (Vec<u8>, Nature) {
        let source = Source::Memory(Bytes::copy_from_slice(octets));
        let (mut read, mut sent) = (source.open().unwrap(), Vec::new());
        while let Some(piece) = read.next().unwrap() {
            sent.extend(piece);
        }
        (sent, source.nature().unwrap())
    }

    #[test]
    fn every_line_ends_by_crlf_and_all_else_stays() {
        for (octets, expected, mended) in [
            (&b"a\r\n\r\n.\r\n"[..], &b"a\r\n\r\n.\r\n"[..], 0),
            (b"a\nb\n\n", b"a\r\nb\r\n\r\n", 3),
            (b"a\rb\r\r\n\r", b"a\r\nb\r\n\r\n\r\n", 3),
            (b"no end", b"no end", 0),
            (b"", b"", 0),
        ] {
            let (sent, nature) = sent(octets);
            assert_eq!((&sent[..], nature.mended), (expected, mended), "{octets:?}");
            assert_eq!(nature.octets, expected.len() as u64);
        }
        // Across the ends of blocks.
        let lines = b"\r\n\n".repeat(PIECE);
        assert_eq!(sent(&lines).0, b"\r\n".repeat(2 * PIECE));
    }

    #[test]
    fn a_header_and_a_body_that_are_not_ascii_are_told_apart() {
        let nature = |text: &str| {
            let nature = sent(text.as_bytes()).1;
            (nature.header, nature.body)
        };
        assert_eq!(nature("A: b\n\nc"), (Charset::Ascii, Charset::Ascii));
        assert_eq!(nature("A: \u{fc}\n\nc"), (Charset::Other, Charset::Ascii));
        assert_eq!(nature("A: b\n\nc\u{fc}"), (Charset::Ascii, Charset::Other));
    }
}
