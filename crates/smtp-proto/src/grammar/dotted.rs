//! Paths and domains as nearly all are, eight octets at once: what is odd about one is the rules' to say.
use crate::path::MailboxPlace;
use mail_wire::word::{self, HIGH};

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
    (end < SHORT).then(|| (end + 1, MailboxPlace { at: at as u8 - 1, octets: end as u8 - 1 }))
}

/// `Domain` up to the end, where it has the usual octets alone and no limit is near.
#[inline]
pub(super) fn is_domain(text: &[u8]) -> bool {
    text.len() < SHORT && labels(text, 0).is_some_and(|(end, _)| end == text.len())
}

/// `Dot-string`, but for its unusual marks: where it ends, and the octet there.
#[inline(always)]
fn dot_string(text: &[u8], from: usize) -> Option<(usize, u8)> {
    let (mut atom, mut at) = (from, from);
    loop {
        at = alnums(text, at);
        let next = text.get(at).copied().unwrap_or_default();
        match next {
            b'-' | b'_' => {}
            _ if at == atom => return None,
            b'.' => atom = at + 1,
            _ => return Some((at, next)),
        }
        at += 1;
    }
}

/// `sub-domain *("." sub-domain)`: where they end, and the octet there.
#[inline(always)]
fn labels(text: &[u8], from: usize) -> Option<(usize, u8)> {
    let (mut label, mut at) = (from, from);
    loop {
        let name = at;
        at = alnums(text, at);
        let next = text.get(at).copied().unwrap_or_default();
        match next {
            _ if at == label => return None,
            b'-' => {}
            // Nothing behind a hyphen.
            _ if at == name => return None,
            b'.' => label = at + 1,
            _ => return Some((at, next)),
        }
        at += 1;
    }
}

/// Where letters and digits end that stand at `at`.
#[inline(always)]
fn alnums(text: &[u8], mut at: usize) -> usize {
    loop {
        let word = word::load_at(text, at);
        let others = !(word::letters(word) | word::lie(word, b'0', b'9')) & HIGH;
        if others != 0 {
            return at + others.trailing_zeros() as usize / 8;
        }
        at += 8;
    }
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
        for octets in [SHORT, 254, 255, 256] {
            let long = "x".repeat(octets);
            assert!(path(format!("<a@{long}>").as_bytes()).is_none());
            assert!(path(format!("<{long}@b>").as_bytes()).is_none());
            assert!(!is_domain(long.as_bytes()));
        }
        assert_eq!(path(b"<a@b").map(|(octets, _)| octets), None);
    }
}
