//! The look that both directions share: from octet to octet, is there anything to do?

use memchr::memchr2_iter;

/// Octets looked at together. Small enough that a line of two octets costs no attack's worth of looking, large
/// enough that the compiler compares sixteen or more at once.
const BLOCK: usize = 64;

/// Octets looked at one by one before blocks are.
const SHORT: usize = 4;

/// Does something stand between two neighbours that plain text does not have: a CR without its LF, an LF
/// without its CR, or a dot that starts a line?
#[inline]
fn is_special(octet: u8, next: u8) -> bool {
    ((octet == b'\r') ^ (next == b'\n')) | ((octet == b'\n') & (next == b'.'))
}

/// The first index whose octet and the next are special together. `None`: plain text up to the last octet,
/// which has no next one yet.
///
/// The first octet is not looked at as somebody's next: a leading LF or dot is the caller's to judge.
pub(super) fn special(text: &[u8]) -> Option<usize> {
    // Where lines are short, so is the way to the next hit: no block, and no searcher, is set up for it.
    let mut at = 0;
    while let Some([octet, next]) = text.get(at..at + 2) {
        if is_special(*octet, *next) {
            return Some(at);
        }
        at += 1;
        if at == SHORT {
            break;
        }
    }
    while let (Some(octets), Some(nexts)) = (text.get(at..at + BLOCK), text.get(at + 1..=at + BLOCK)) {
        let hits =
            octets.iter().zip(nexts).fold(false, |hits, (octet, next)| hits | is_special(*octet, *next));
        if hits {
            break;
        }
        at += BLOCK;
    }
    special_from(text, at)
}

/// The same by looking at CRs and LFs alone: one of a special pair is always one.
fn special_from(text: &[u8], from: usize) -> Option<usize> {
    let rest = text.get(from..)?;
    memchr2_iter(b'\r', b'\n', rest).find_map(|found| {
        let at = from + found;
        let (before, behind) = (at.checked_sub(1).and_then(|at| text.get(at)), text.get(at + 1));
        match (text.get(at), before, behind) {
            (Some(b'\r'), _, Some(next)) if *next != b'\n' => Some(at),
            (Some(b'\n'), Some(before), _) if *before != b'\r' => Some(at - 1),
            (Some(b'\n'), _, Some(b'.')) => Some(at),
            _ => None,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec;

    #[test]
    fn finds_each_special_pair_at_every_place_of_a_block() {
        for pair in [&b"\rx"[..], b"x\n", b"\n.", b"\r\r", b"\n\n"] {
            for at in 0..200 {
                let mut text = vec![b'a'; 300];
                text[at + 1..at + 3].copy_from_slice(pair);
                let found = special(&text).expect("a special pair is there");
                assert!(found == at || found == at + 1, "{} at {at}: {found}", pair.escape_ascii());
            }
        }
    }

    #[test]
    fn plain_lines_have_none() {
        let text = b"line\r\n".repeat(100);
        assert_eq!(special(&text), None);
        assert_eq!(special(b""), None);
        assert_eq!(special(b"\r"), None);
        assert_eq!(special(b"a.b\r\n"), None);
    }
}
