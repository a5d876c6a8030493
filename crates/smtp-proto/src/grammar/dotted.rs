//! Names with dots in them as nearly all are, eight octets at once: what is odd about one is the rules' to say.
use mail_wire::word::{self, HIGH};

/// `Domain`, and its octets, where it is of ASCII, well-formed, and nothing behind it could be of a domain that is
/// tolerated.
#[inline]
pub(super) fn domain(text: &[u8]) -> Option<usize> {
    let octets = |word| word::letters(word) | word::lie(word, b'-', b'.') | word::lie(word, b'0', b'9');
    let (octets, end) = dotted(text, octets, |word| word::lie(word, b'-', b'.'))?;
    (end < 0x80 && end != b'_').then_some(octets)
}

/// `Dot-string`, and its octets, where it has the usual marks alone and `@` follows.
#[inline]
pub(super) fn dot_string(text: &[u8]) -> Option<usize> {
    let octets = |word| {
        let marks = word::are(word, b'_') | word::are(word, b'+') | word::are(word, b'=');
        word::letters(word) | word::lie(word, b'-', b'9') | marks
    };
    let (octets, end) = dotted(text, octets, |word| word::are(word, b'.'))?;
    (end == b'@').then_some(octets)
}

/// How many of these octets stand here, and the one behind them, 0 at the end. `None` where a dot or another joint
/// is first or last, a dot stands beside a joint, or there are none at all.
#[inline(always)]
fn dotted(text: &[u8], octets: impl Fn(u64) -> u64, joints: impl Fn(u64) -> u64) -> Option<(usize, u8)> {
    // What stood last: in front of the first octet a dot would be as wrong as behind a dot.
    let (mut at, mut joint, mut dot) = (0, 0x80, 0x80);
    loop {
        let word = word::load_at(text, at);
        let ends = !octets(word) & HIGH;
        let until = ends.wrapping_sub(1) & !ends;
        let dots = word::are(word, b'.') & until;
        let joints = joints(word) & until;
        let (behind_joint, behind_dot) = (joints << 8 | joint, dots << 8 | dot);
        if dots & behind_joint | joints & behind_dot != 0 {
            return None;
        }
        if ends != 0 {
            let end = ends.trailing_zeros();
            // The highest bit of the first octet that is none of these is `end`.
            let is_behind_joint = behind_joint >> end & 1 == 1;
            return (!is_behind_joint).then_some((at + end as usize / 8, (word >> (end - 7)) as u8));
        }
        (joint, dot) = (joints >> 56, dots >> 56);
        at += 8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::{string::String, vec::Vec};

    /// All texts of up to `most` of these letters.
    fn texts(letters: &[char], most: usize) -> Vec<String> {
        let mut all: Vec<String> = Vec::from([String::new()]);
        let mut from = 0;
        for _ in 0..most {
            let more: Vec<_> = all[from..]
                .iter()
                .flat_map(|text| letters.iter().map(move |letter| alloc::format!("{text}{letter}")))
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
        for text in texts(&['a', '.', '-'], 5) {
            // The odd part stands at each place of a word, and across two.
            for front in 0..9 {
                let name = alloc::format!("{}{text}", "x".repeat(front));
                let expected = name.split('.').all(is_label).then_some(name.len());
                for end in ["", ">", " SIZE=1", "@"] {
                    assert_eq!(domain(alloc::format!("{name}{end}").as_bytes()), expected, "{name}{end}");
                }
                assert_eq!(domain(alloc::format!("{name}_").as_bytes()), None);
                assert_eq!(domain(alloc::format!("{name}é").as_bytes()), None);
            }
        }
    }

    #[test]
    fn what_is_read_at_once_is_a_dot_string() {
        for text in texts(&['a', '.', '-', '+'], 4) {
            for front in 0..9 {
                let name = alloc::format!("{}{text}", "x".repeat(front));
                let expected = name.split('.').all(|atom| !atom.is_empty()).then_some(name.len());
                assert_eq!(dot_string(alloc::format!("{name}@").as_bytes()), expected, "{name}");
                assert_eq!(dot_string(name.as_bytes()), None, "{name}");
            }
        }
        for octet in 0..=255_u8 {
            let text = [b'a', octet, b'@'];
            let is_usual = octet.is_ascii_alphanumeric() || b"-_+=/".contains(&octet);
            let expected = if octet == b'@' { Some(1) } else { is_usual.then_some(2) };
            assert_eq!(dot_string(&text), expected, "{octet:#x}");
        }
    }
}
