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
    (end < SHORT).then_some((end + 1, MailboxPlace { at: at as u8 - 1, octets: end as u8 - 1 }))
}

/// `Domain` up to the end, where it has the usual octets alone and no limit is near.
#[inline]
pub(super) fn is_domain(text: &[u8]) -> bool {
    text.len() < SHORT && labels(text, 0).is_some_and(|(end, _)| end == text.len())
}

/// `Dot-string`, but for its unusual marks: where it ends, and the octet there.
#[inline(always)]
fn dot_string(text: &[u8], from: usize) -> Option<(usize, u8)> {
    dotted(text, from, |word| word::are(word, b'-') | word::are(word, b'_'), |_| 0)
}

/// `sub-domain *("." sub-domain)`: where they end, and the octet there.
#[inline(always)]
fn labels(text: &[u8], from: usize) -> Option<(usize, u8)> {
    dotted(text, from, |_| 0, |word| word::are(word, b'-'))
}

/// Names of letters, digits and `marks`, with a dot between them, and `hyphens` neither first nor last in one: where
/// they end, and the octet there, 0 at the text's end. `None` where a name is wrong.
#[inline(always)]
fn dotted(
    text: &[u8],
    from: usize,
    marks: impl Fn(u64) -> u64,
    hyphens: impl Fn(u64) -> u64,
) -> Option<(usize, u8)> {
    // Whether a name begins at the next octet, and whether a hyphen stands in front of it.
    let (mut at, mut begins, mut hyphen) = (from, 0x80, 0);
    loop {
        let word = word::load_at(text, at);
        let (dots, hyphens) = (word::are(word, b'.'), hyphens(word));
        let firsts = word::letters(word) | word::lie(word, b'0', b'9') | marks(word);
        let ends = !(firsts | dots | hyphens) & HIGH;
        let until = ends.wrapping_sub(1) & !ends;
        let (dots_before, hyphens_before) = ((dots & until) << 8 | begins, (hyphens & until) << 8 | hyphen);
        if dots_before & !firsts | hyphens_before & (dots | ends) != 0 {
            return None;
        }
        if ends != 0 {
            // The highest bit of the first octet that is none of these.
            let end = ends.trailing_zeros();
            return Some((at + end as usize / 8, (word >> (end - 7)) as u8));
        }
        (begins, hyphen) = (dots >> 56, hyphens >> 56);
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
        let long = "x".repeat(SHORT);
        assert!(path(format!("<a@{long}>").as_bytes()).is_none());
        assert!(path(format!("<{long}@b>").as_bytes()).is_none());
        assert!(!is_domain(long.as_bytes()));
        assert_eq!(path(b"<a@b").map(|(octets, _)| octets), None);
    }
}
