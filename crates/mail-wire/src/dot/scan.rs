//! The look that both directions share: from octet to octet, is there anything to do?

/// Octets looked at together: one bit each of what is still to be told of them.
pub(super) const BLOCK: usize = 64;

/// Looks for a CR without its LF, and an LF without its CR.
pub(super) const BARE: u8 = 1;
/// Looks for a dot that starts a line, with the LF in front of it.
pub(super) const DOTS: u8 = 2;
/// Looks for both: for whatever plain text does not have.
pub(super) const BOTH: u8 = BARE | DOTS;

#[inline]
fn is_bare(octet: u8, next: u8) -> bool {
    (octet == b'\r') ^ (next == b'\n')
}

#[inline]
fn is_dot(octet: u8, next: u8) -> bool {
    (octet == b'\n') & (next == b'.')
}

/// Are two neighbours what is looked for?
#[inline]
fn is_special<const WHAT: u8>(octet: u8, next: u8) -> bool {
    (WHAT & BARE != 0) & is_bare(octet, next) | (WHAT & DOTS != 0) & is_dot(octet, next)
}

/// Goes through a text from one special pair to the next. It never starts anew: a text of nothing but lines of one dot
/// is looked at once too.
///
/// The first octet is not looked at as somebody's next: a leading LF or dot is the caller's to judge.
#[derive(Debug, Default)]
pub(super) struct Scan<const WHAT: u8> {
    /// What stands before was looked at.
    at: usize,
    /// Special pairs that were not told yet: where they were found, and a bit each.
    from: usize,
    pending: u64,
}

impl<const WHAT: u8> Scan<WHAT> {
    /// The next index whose octet and the next are special together. `None`: plain text up to the last octet, which
    /// has no next one yet.
    ///
    /// Between two calls `text` may grow, and what stands before the index that was told may change.
    #[inline]
    pub(super) fn next(&mut self, text: &[u8]) -> Option<usize> {
        if self.pending == 0 {
            (self.from, self.pending) = self.look(text)?;
        }
        let bit = self.pending.trailing_zeros();
        self.pending &= self.pending - 1;
        Some(self.from + bit as usize)
    }

    /// Looks at what comes, up to the next special pairs: of a block that begins where is told, or of less. The lowest
    /// bit is the first octet's.
    #[inline(never)]
    pub(super) fn look(&mut self, text: &[u8]) -> Option<(usize, u64)> {
        let behind = |octets: usize| text.get(self.at + octets..).unwrap_or_default().chunks_exact(BLOCK);
        for ((block, next), third) in behind(0).zip(behind(1)).zip(behind(2)) {
            let from = self.at;
            self.at += BLOCK;
            // Each octet is compared once with LF: as the end of a CRLF, and as what stands in front of a dot. So the
            // dot in front is looked for by itself, and one behind the block is found again in the next.
            let octets = block.iter().zip(next).zip(third);
            let plain = !octets.fold(false, |hits, ((octet, next), third)| {
                let bare = (WHAT & BARE != 0) & is_bare(*octet, *next);
                hits | bare | (WHAT & DOTS != 0) & is_dot(*next, *third)
            });
            if !plain || block.starts_with(b"\n.") {
                let pending = hits::<WHAT>(block, next);
                if pending != 0 {
                    return Some((from, pending));
                }
            }
        }
        let (octets, nexts) = (text.get(self.at..)?, text.get(self.at + 1..)?);
        let found = octets.iter().zip(nexts).position(|(octet, next)| is_special::<WHAT>(*octet, *next));
        self.at += found.map_or(nexts.len(), |found| found + 1);
        found.map(|_| (self.at - 1, 1))
    }
}

impl Scan<BARE> {
    /// The next CR or LF outside of a CRLF.
    pub(super) fn next_bare(&mut self, text: &[u8]) -> Option<usize> {
        let at = self.next(text)?;
        // The pair is told from its first octet: `x LF` is a bare LF one further.
        Some(if text.get(at) == Some(&b'\r') { at } else { at + 1 })
    }
}

impl Scan<BOTH> {
    /// The same behind a dot, `from` which a line goes on: often another line with a dot follows, and a search for the
    /// line's end finds that sooner.
    #[inline]
    pub(super) fn next_line(&mut self, text: &[u8], from: usize) -> Option<usize> {
        match self.pending {
            0 => self.line_end(text, from).or_else(|| self.next(text)),
            _ => self.next(text),
        }
    }

    /// The LF of the first line end behind `from`, if it is CRLF and a dot follows.
    fn line_end(&mut self, text: &[u8], from: usize) -> Option<usize> {
        let line = text.get(from..)?;
        let end = memchr::memchr2(b'\r', b'\n', line)?;
        // Of short lines there are many in a block.
        if end < BLOCK / 2 || !line.get(end..)?.starts_with(b"\r\n.") {
            return None;
        }
        self.at = from + end + 2;
        Some(from + end + 1)
    }
}

/// The special pairs of a block: a bit each.
fn hits<const WHAT: u8>(octets: &[u8], nexts: &[u8]) -> u64 {
    let mut hits = [0; BLOCK];
    mark::<WHAT>(octets, nexts, &mut hits);
    let mut bits = 0;
    for eight in hits.rchunks_exact(8) {
        let ones = eight.try_into().map_or(0, u64::from_le_bytes);
        // Moves the lowest bit of the octet `n` to the bit `56 + n`.
        bits = bits << 8 | ones.wrapping_mul(0x0102_0408_1020_4080) >> 56;
    }
    bits
}

/// Marks special pairs with 1. In a function of its own, and in memory, sixteen or more are compared at once.
#[inline(never)]
fn mark<const WHAT: u8>(octets: &[u8], nexts: &[u8], hits: &mut [u8; BLOCK]) {
    for ((hit, octet), next) in hits.iter_mut().zip(octets).zip(nexts) {
        *hit = u8::from(is_special::<WHAT>(*octet, *next));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{vec, vec::Vec};

    #[test]
    fn finds_each_special_pair_at_every_place_of_a_block() {
        for pair in [&b"\rx"[..], b"x\n", b"\n.", b"\r\r", b"\n\n"] {
            for at in 0..200 {
                let mut text = vec![b'a'; 300];
                text[at + 1..at + 3].copy_from_slice(pair);
                let found = all(&text);
                let told = (at..=at + 2).filter(|at| is_special::<BOTH>(text[*at], text[at + 1]));
                assert!(!found.is_empty() && told.eq(found), "{} at {at}", pair.escape_ascii());
            }
        }
    }

    #[test]
    fn plain_lines_have_none() {
        let text = b"line\r\n".repeat(100);
        for text in [&text[..], b"", b"\r", b"a.b\r\n"] {
            assert_eq!(all(text), Vec::<usize>::new());
        }
    }

    #[test]
    fn each_special_pair_is_told_once_however_the_text_grows() {
        let text = b".\r\n..\n\r\rline\r\n.".repeat(30);
        let expected: Vec<usize> =
            (0..text.len() - 1).filter(|at| is_special::<BOTH>(text[*at], text[at + 1])).collect();
        for step in [1, 2, 15, 16, 17, 64, 65, 500] {
            let (mut scan, mut found) = (Scan::<BOTH>::default(), vec![]);
            for end in (0..text.len()).step_by(step).chain([text.len()]) {
                found.extend(core::iter::from_fn(|| scan.next(&text[..end])));
            }
            assert_eq!(found, expected, "{step}");
        }
    }

    fn all(text: &[u8]) -> Vec<usize> {
        let mut scan = Scan::<BOTH>::default();
        core::iter::from_fn(|| scan.next(text)).collect()
    }
}
