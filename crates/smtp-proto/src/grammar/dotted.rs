//! Paths and domains as nearly all are, by a table: what is odd about one is the rules' to say.
//!
//! An octet picks an entry, and the state that was picks of it the one that is: a shift. No branch hangs on what the octets
//! are until the name ends, so that names of any shape cost the same.
use crate::path::MailboxPlace;

/// Octets of a path that no limit is near to.
const SHORT: usize = 64;

/// `"<" Dot-string "@" Domain ">"`, where it is short and has the usual octets alone: how many, and its mailbox behind
/// the bracket.
#[inline]
pub(super) fn path(text: &[u8]) -> Option<(usize, MailboxPlace)> {
    if text.first() != Some(&b'<') {
        return None;
    }
    let (at, b'@') = dot_string(text, 1)? else { return None };
    let (end, b'>') = labels(text, at + 1)? else { return None };
    (end < SHORT).then_some((end + 1, MailboxPlace { at: at as u8 - 1, octets: end as u8 - 1 }))
}

/// `Domain` up to the end, where it has the usual octets alone and no limit is near.
#[inline]
pub(super) fn is_domain(text: &[u8]) -> bool {
    text.len() < SHORT && labels(text, 0).is_some_and(|(end, _)| end == text.len())
}

/// `Dot-string`, but for its unusual marks: where it ends, and the octet there.
#[inline]
fn dot_string(text: &[u8], from: usize) -> Option<(usize, u8)> {
    names(text, from, ATOM_BEGINS)
}

/// `sub-domain *("." sub-domain)`: where they end, and the octet there.
#[inline]
fn labels(text: &[u8], from: usize) -> Option<(usize, u8)> {
    names(text, from, LABEL_BEGINS)
}

/// Names with a dot between them, from a state on: where they end, and the octet there, 0 at the text's end. `None` where
/// a name is wrong.
#[expect(clippy::indexing_slicing, reason = "a u8 lies below the table's 256")]
#[inline(always)]
fn names(text: &[u8], from: usize, begins: u32) -> Option<(usize, u8)> {
    let mut state = begins;
    for (at, octet) in text.iter().enumerate().skip(from) {
        // What stands above a state's bits does not matter to the shift.
        state = NEXT[usize::from(*octet)].wrapping_shr(state);
        if state & STATE >= ENDS {
            return (state & STATE == ENDS).then_some((at, *octet));
        }
    }
    let at_end = NEXT[0].wrapping_shr(state) & STATE;
    (at_end == ENDS).then_some((text.len(), 0))
}

// A state is the place in an entry of `NEXT` where the state that follows it stands.
const ATOM_BEGINS: u32 = 0;
const ATOM: u32 = 5;
const LABEL_BEGINS: u32 = 10;
const LABEL: u32 = 15;
/// In a label, behind a hyphen.
const HYPHEN: u32 = 20;
const ENDS: u32 = 25;
const WRONG: u32 = 30;
/// The bits of a state.
const STATE: u32 = 0x1f;

/// By octet: the states that follow.
static NEXT: [u32; 256] = next();

#[expect(clippy::indexing_slicing, reason = "`octet` runs below the table's 256")]
const fn next() -> [u32; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let (atom_begins, atom, label_begins, label, hyphen) = match octet as u8 {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' => (ATOM, ATOM, LABEL, LABEL, LABEL),
            b'-' => (ATOM, ATOM, WRONG, HYPHEN, HYPHEN),
            b'_' => (ATOM, ATOM, WRONG, ENDS, WRONG),
            b'.' => (WRONG, ATOM_BEGINS, WRONG, LABEL_BEGINS, WRONG),
            _ => (WRONG, ENDS, WRONG, ENDS, WRONG),
        };
        table[octet] = atom_begins << ATOM_BEGINS
            | atom << ATOM
            | label_begins << LABEL_BEGINS
            | label << LABEL
            | hyphen << HYPHEN;
        octet += 1;
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{format, string::String, vec::Vec};

    /// All texts of up to `most` of these letters.
    fn texts(letters: &[char], most: usize) -> Vec<String> {
        let mut all: Vec<String> = Vec::from([String::new()]);
        let mut from = 0;
        for _ in 0..most {
            let more: Vec<_> = all[from..]
                .iter()
                .flat_map(|text| letters.iter().map(move |letter| format!("{text}{letter}")))
                .collect();
            from = all.len();
            all.extend(more);
        }
        all
    }

    fn is_label(label: &str) -> bool {
        !label.is_empty() && !label.starts_with('-') && !label.ends_with('-')
    }

    #[test]
    fn what_is_read_at_once_is_a_domain_wherever_a_word_ends() {
        for text in texts(&['a', '.', '-'], 4) {
            // The odd part stands at each place of a word, and across two.
            for front in 0..9 {
                let name = format!("{}{text}", "x".repeat(front));
                let expected = name.split('.').all(is_label);
                assert_eq!(is_domain(name.as_bytes()), expected, "{name}");
                let path = path(format!("<a@{name}> SIZE=1").as_bytes()).map(|(octets, _)| octets);
                assert_eq!(path, expected.then_some(name.len() + 4), "{name}");
                for odd in ["_", "/", "é", " ", ":", "@", "\0"] {
                    assert!(!is_domain(format!("{name}{odd}").as_bytes()), "{name}{odd}");
                }
            }
        }
    }

    #[test]
    fn what_is_read_at_once_is_a_dot_string() {
        for text in texts(&['a', '.', '_'], 4) {
            for front in 0..9 {
                let name = format!("{}{text}", "x".repeat(front));
                let expected = name.split('.').all(|atom| !atom.is_empty()).then_some(name.len());
                let path = path(format!("<{name}@b>").as_bytes()).map(|(_, place)| usize::from(place.at));
                assert_eq!(path, expected, "{name}");
            }
        }
        for octet in 0..=255_u8 {
            let usual = octet.is_ascii_alphanumeric() || b"-_".contains(&octet);
            assert_eq!(path(&[b'<', b'a', octet, b'@', b'b', b'>']).is_some(), usual, "{octet:#x}");
            let usual = octet.is_ascii_alphanumeric();
            let found = path(&[b'<', b'a', b'@', b'b', octet, b'>']).is_some_and(|(octets, _)| octets == 6);
            assert_eq!(found, usual, "{octet:#x}");
        }
    }

    #[test]
    fn what_could_be_too_long_is_not_read_at_once() {
        let long = "x".repeat(SHORT);
        assert!(path(format!("<a@{long}>").as_bytes()).is_none());
        assert!(path(format!("<{long}@b>").as_bytes()).is_none());
        assert!(!is_domain(long.as_bytes()));
        assert_eq!(path(b"<a@b").map(|(octets, _)| octets), None);
    }
}
