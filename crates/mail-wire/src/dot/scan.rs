//! The look that both directions share: from octet to octet, is there anything to do?

/// Octets looked at together: one bit each of what is still to be told of them.
const BLOCK: usize = 64;

/// Does something stand between two neighbours that plain text does not have: a CR without its LF, an LF
/// without its CR, or a dot that starts a line?
#[inline]
fn is_special(octet: u8, next: u8) -> bool {
    ((octet == b'\r') ^ (next == b'\n')) | ((octet == b'\n') & (next == b'.'))
}

/// Goes through a text from one special pair to the next. It never starts anew: a text of nothing but lines of one dot
/// is looked at once too.
///
/// The first octet is not looked at as somebody's next: a leading LF or dot is the caller's to judge.
#[derive(Debug, Default)]
pub(super) struct Scan {
    /// What stands before was looked at.
    at: usize,
    /// Special pairs of the block before `at` that were not told yet, the first in the lowest bit.
    pending: u64,
}

impl Scan {
    /// The next index whose octet and the next are special together. `None`: plain text up to the last octet, which
    /// has no next one yet.
    ///
    /// Between two calls `text` may grow, and what stands before the index that was told may change.
    #[inline]
    pub(super) fn next(&mut self, text: &[u8]) -> Option<usize> {
        if self.pending == 0 {
            return self.look(text);
        }
        let bit = self.pending.trailing_zeros();
        self.pending &= self.pending - 1;
        Some(self.at - BLOCK + bit as usize)
    }

    /// Looks at what comes.
    fn look(&mut self, text: &[u8]) -> Option<usize> {
        let (octets, nexts) = (text.get(self.at..)?, text.get(self.at + 1..)?);
        let (blocks, next_blocks) = (octets.chunks_exact(BLOCK), nexts.chunks_exact(BLOCK));
        for (block, next) in blocks.zip(next_blocks) {
            self.at += BLOCK;
            let plain =
                !block.iter().zip(next).fold(false, |hits, (octet, next)| hits | is_special(*octet, *next));
            if !plain {
                self.pending = hits(block, next);
                return self.next(text);
            }
        }
        let (octets, nexts) = (text.get(self.at..)?, text.get(self.at + 1..)?);
        let found = octets.iter().zip(nexts).position(|(octet, next)| is_special(*octet, *next));
        self.at += found.map_or(nexts.len(), |found| found + 1);
        found.map(|_| self.at - 1)
    }
}

/// The special pairs of a block: a bit each.
fn hits(octets: &[u8], nexts: &[u8]) -> u64 {
    let mut hits = [0; BLOCK];
    mark(octets, nexts, &mut hits);
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
fn mark(octets: &[u8], nexts: &[u8], hits: &mut [u8; BLOCK]) {
    for ((hit, octet), next) in hits.iter_mut().zip(octets).zip(nexts) {
        *hit = u8::from(is_special(*octet, *next));
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
                let told = (at..=at + 2).filter(|at| is_special(text[*at], text[at + 1]));
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
            (0..text.len() - 1).filter(|at| is_special(text[*at], text[at + 1])).collect();
        for step in [1, 2, 15, 16, 17, 64, 65, 500] {
            let (mut scan, mut found) = (Scan::default(), vec![]);
            for end in (0..text.len()).step_by(step).chain([text.len()]) {
                found.extend(core::iter::from_fn(|| scan.next(&text[..end])));
            }
            assert_eq!(found, expected, "{step}");
        }
    }

    fn all(text: &[u8]) -> Vec<usize> {
        let mut scan = Scan::default();
        core::iter::from_fn(|| scan.next(text)).collect()
    }
}
