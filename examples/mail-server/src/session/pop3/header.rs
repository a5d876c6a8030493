//! The header of a message, looked at as it is read.

/// Octets of a line after which it is looked at, in pieces.
const LONGEST: usize = 16 << 10;

/// The header of a message, looked at as it is read: it may be as long as the message.
#[derive(Debug, Default)]
pub(super) struct Header {
    line: Vec<u8>,
    /// The line has begun in a piece before this one.
    is_continued: bool,
    has_ended: bool,
    is_utf8: bool,
}

impl Header {
    /// Takes octets of the message.
    pub(super) fn take(&mut self, chunk: &[u8]) {
        for piece in chunk.split_inclusive(|octet| *octet == b'\n') {
            if self.has_ended() {
                return;
            }
            self.line.extend_from_slice(piece);
            if piece.ends_with(b"\n") {
                self.end_piece();
                self.is_continued = false;
            } else if self.line.len() > LONGEST {
                // A character that is cut belongs to the next piece.
                let whole =
                    std::str::from_utf8(&self.line).map_err(|error| (error.error_len(), error.valid_up_to()));
                let rest =
                    if let Err((None, whole)) = whole { self.line.split_off(whole) } else { Vec::new() };
                self.end_piece();
                (self.line, self.is_continued) = (rest, true);
            }
        }
    }

    fn end_piece(&mut self) {
        self.has_ended = !self.is_continued && matches!(self.line.as_slice(), b"\n" | b"\r\n");
        // Octets of another charset are no UTF-8, whatever a client has said: they stand in mail as it ever was.
        self.is_utf8 |= !self.line.is_ascii() && std::str::from_utf8(&self.line).is_ok();
        self.line.clear();
    }

    /// Is known what there is to know?
    pub(super) fn has_ended(&self) -> bool {
        self.has_ended || self.is_utf8
    }

    /// Is it an internationalised one ([RFC 6532](https://www.rfc-editor.org/rfc/rfc6532))?
    pub(super) fn holds_utf8(mut self) -> bool {
        self.end_piece();
        self.is_utf8
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_utf8(message: &[u8]) -> bool {
        let whole = |size: usize| {
            let mut header = Header::default();
            message.chunks(size).for_each(|chunk| header.take(chunk));
            header.holds_utf8()
        };
        let answer = whole(message.len().max(1));
        assert!([1, 2, 3, 7].into_iter().all(|size| whole(size) == answer), "it depends on the cuts");
        answer
    }

    #[test]
    fn only_utf_8_in_a_header_needs_utf_8() {
        for (message, needs) in [
            ("Subject: \u{fc}\r\n\r\nx\r\n".as_bytes(), true),
            ("From: a\r\nSubject: x\r\n \u{5bb}\r\n\r\n".as_bytes(), true),
            ("Subject: \u{fc}".as_bytes(), true),
            ("Subject: x\r\n\r\n\u{fc}\r\n".as_bytes(), false),
            ("Subject: x\n\n\u{fc}\n".as_bytes(), false),
            (b"Subject: \xfc\r\n\r\nx\r\n", false),
            (b"Subject: x\r\n", false),
            (b"", false),
        ] {
            assert_eq!(is_utf8(message), needs, "{}", message.escape_ascii());
        }
    }

    #[test]
    fn a_line_without_end_is_looked_at_in_pieces() {
        for octets in 0..4 {
            let before = "x".repeat(LONGEST - octets);
            assert!(is_utf8(format!("{before}\u{1f4ec}\r\n\r\n").as_bytes()), "{octets}");
            // What is left of a line is no empty line.
            assert!(is_utf8(format!("{before}x\r\nSubject: \u{fc}\r\n\r\n").as_bytes()), "{octets}");
            assert!(is_utf8(format!("{before}\r\nSubject: \u{fc}\r\n\r\n").as_bytes()), "{octets}");
        }
        let mut header = Header::default();
        (0..100).for_each(|_| header.take(&[b'x'; 1000]));
        assert!(header.line.len() <= LONGEST + 1000);
    }
}
