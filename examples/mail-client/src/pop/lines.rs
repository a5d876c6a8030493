//! Line ends of a message on disk.
use memchr::memchr;

/// How the lines of a message end on disk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum LineEnds {
    /// As the server sends them: the message is there octet for octet.
    AsSent,
    /// By LF: each CRLF becomes one.
    Lf,
}

/// Makes LF of CRLF, in what comes in pieces.
#[derive(Debug, Default)]
pub(super) struct CrlfToLf {
    /// The last piece ended with a CR.
    has_cr: bool,
}

impl CrlfToLf {
    /// Takes a piece.
    pub(super) fn push(&mut self, mut piece: &[u8], out: &mut Vec<u8>) {
        if piece.is_empty() {
            return;
        }
        if self.has_cr && piece.first() != Some(&b'\n') {
            out.push(b'\r');
        }
        self.has_cr = false;
        while let Some((before, rest)) = memchr(b'\r', piece).and_then(|at| piece.split_at_checked(at)) {
            out.extend_from_slice(before);
            piece = rest.get(1..).unwrap_or_default();
            match piece.first() {
                None => self.has_cr = true,
                Some(b'\n') => {}
                Some(_) => out.push(b'\r'),
            }
        }
        out.extend_from_slice(piece);
    }

    /// The message ends.
    pub(super) fn finish(&mut self, out: &mut Vec<u8>) {
        if std::mem::take(&mut self.has_cr) {
            out.push(b'\r');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_cr_of_a_line_end_goes_wherever_it_is_cut() {
        let text = b"a\r\n\r\nb\rc\r\r\nd\n\r";
        for first in 0..=text.len() {
            for second in first..=text.len() {
                let (mut filter, mut out) = (CrlfToLf::default(), Vec::new());
                for piece in [&text[..first], &text[first..second], &text[second..]] {
                    filter.push(piece, &mut out);
                }
                filter.finish(&mut out);
                assert_eq!(out, b"a\n\nb\rc\r\nd\n\r", "{first} {second}");
            }
        }
    }
}
