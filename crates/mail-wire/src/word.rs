//! Eight octets at once, in a word whose lowest octet is the first.
//!
//! What tells something of each octet tells it in its highest bit; the other bits are zero.

/// One in each octet.
pub const ONE: u64 = u64::from_ne_bytes([1; 8]);
/// The highest bit of each octet.
pub const HIGH: u64 = ONE << 7;

/// The first eight octets of a text; zeros stand for those behind its end.
#[inline(always)]
pub fn load(text: &[u8]) -> u64 {
    load_at(text, 0)
}

/// The eight octets of a text from `at` on; zeros stand for those behind its end.
#[inline(always)]
pub fn load_at(text: &[u8], at: usize) -> u64 {
    let rest = text.get(at..).unwrap_or_default();
    match (rest.first_chunk(), text.last_chunk()) {
        (Some(octets), _) => u64::from_le_bytes(*octets),
        // What stands in front of them is moved out.
        (None, Some(last)) => {
            u64::from_le_bytes(*last).checked_shr(64 - 8 * rest.len() as u32).unwrap_or_default()
        }
        (None, None) => rest.iter().rev().fold(0, |word, octet| word << 8 | u64::from(*octet)),
    }
}

/// Which octets lie from `from` to `to`, both below 0x80. None above 0x7F does.
#[inline(always)]
pub const fn lie(word: u64, from: u8, to: u8) -> u64 {
    let low = word & !HIGH;
    (low + ONE * (0x80 - from) as u64) & !(low + ONE * (0x7f - to) as u64) & !word & HIGH
}

/// Which octets are this one, which is below 0x80.
#[inline(always)]
pub const fn are(word: u64, octet: u8) -> u64 {
    let other = word ^ (ONE * octet as u64);
    (HIGH - (other & !HIGH)) & !other & HIGH
}

/// Which octets are letters of ASCII.
#[inline(always)]
pub const fn letters(word: u64) -> u64 {
    lie(word | (ONE * 0x20), b'a', b'z')
}

/// Up to eight octets to look for, letters in any case.
#[derive(Debug, Clone, Copy)]
pub struct Letters {
    upper: u64,
    /// Whether an octet belongs to it: all of its bits.
    octets: u64,
    len: usize,
}

impl Letters {
    /// Of a text.
    ///
    /// # Panics
    /// It has none, or more than eight octets, or one that is not ASCII. Where this is a constant, that is told when
    /// it is compiled.
    pub const fn new(text: &str) -> Self {
        let (mut word, mut rest) = (0, text.as_bytes());
        assert!(!rest.is_empty() && rest.len() <= 8 && text.is_ascii(), "one to eight octets of ASCII");
        while let [front @ .., last] = rest {
            word = word << 8 | *last as u64;
            rest = front;
        }
        Self { upper: upper(word), octets: u64::MAX >> (64 - 8 * text.len()), len: text.len() }
    }

    /// What is behind them, where a text begins with them.
    #[inline(always)]
    pub fn behind(self, text: &[u8]) -> Option<&[u8]> {
        let begins = upper(load(text) & self.octets) == self.upper;
        if begins { text.get(self.len..) } else { None }
    }
}

/// Letters of ASCII in upper case, other octets as they are.
#[inline(always)]
pub const fn upper(word: u64) -> u64 {
    word ^ letters(word) >> 2 & word
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each octet among others that could disturb it: what carries or borrows would show.
    fn each(told: impl Fn(u64) -> u64, expected: impl Fn(u8) -> bool) {
        for octet in 0..=255 {
            for others in [0, 0x2d, 0x7f, 0x80, 0xff] {
                for at in 0..8 {
                    let octets: [u8; 8] =
                        core::array::from_fn(|place| if place == at { octet } else { others });
                    let told = told(load(&octets)).to_le_bytes();
                    for (octet, told) in octets.into_iter().zip(told) {
                        assert_eq!(told, if expected(octet) { 0x80 } else { 0 }, "{octet:#x} in {octets:x?}");
                    }
                }
            }
        }
    }

    #[test]
    fn octets_are_told_apart_whatever_stands_beside_them() {
        each(letters, |octet| octet.is_ascii_alphabetic());
        each(|word| lie(word, b'0', b'9'), |octet| octet.is_ascii_digit());
        each(|word| lie(word, 0, 0x7f), |octet| octet.is_ascii());
        each(|word| are(word, b'.'), |octet| octet == b'.');
        each(|word| are(word, 0), |octet| octet == 0);
    }

    #[test]
    fn letters_are_found_in_any_case_and_no_other_octets_are() {
        const FROM: Letters = Letters::new("From:");
        assert_eq!(FROM.behind(b"fROM:<a>"), Some(&b"<a>"[..]));
        assert_eq!(FROM.behind(b"FROM:"), Some(&b""[..]));
        assert_eq!(FROM.behind(b"FROM"), None);
        for at in 0..5 {
            for octet in 0..=255_u8 {
                let mut text = *b"from:<a@b>";
                text.get_mut(at).map(|place| *place = octet).unwrap();
                let expected = text[..5].eq_ignore_ascii_case(b"from:");
                assert_eq!(FROM.behind(&text).is_some(), expected, "{octet:#x} at {at}");
            }
        }
        assert!(Letters::new("STARTTLS").behind(b"starttls").is_some());
    }

    #[test]
    fn a_short_text_ends_in_zeros() {
        assert_eq!(load_at(b"abcdefghij", 7), u64::from_le_bytes(*b"hij\0\0\0\0\0"));
        assert_eq!(
            [load_at(b"abcdefgh", 8), load_at(b"abcdefgh", 9), load_at(b"", 0), load_at(b"a", 1)],
            [0; 4]
        );
        assert_eq!(load(b"ab"), u64::from_le_bytes(*b"ab\0\0\0\0\0\0"));
        assert_eq!(load(b"abcdefghi"), u64::from_le_bytes(*b"abcdefgh"));
    }
}
