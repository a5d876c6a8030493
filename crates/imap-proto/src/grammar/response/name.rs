//! Names in their usual spelling.
use crate::grammar::leaf::Key;

/// How many octets a name of up to 15 octets has, and its key, sixteen octets at once.
///
/// It ends in front of the first octet below `*`, which are control octets, spaces, quotation marks and parentheses,
/// or of `]`. What stands in it is not looked at: a key is good for finding one of the names that are known, and no
/// other, since no octet of those shares its key with another that may stand here.
#[inline(always)]
pub(super) fn usual_name(text: &[u8]) -> Option<(usize, Key)> {
    const ONE: u128 = u128::from_le_bytes([1; 16]);
    const HIGH: u128 = ONE << 7;
    const FOLD: u128 = u128::from_le_bytes([0xdf; 16]);
    let word = u128::from_le_bytes(*text.first_chunk::<16>()?);
    let bracket = word ^ (ONE * b']' as u128);
    // Of the octets that are flagged the first is exact.
    let ends =
        ((word.wrapping_sub(ONE * b'*' as u128) & !word) | (bracket.wrapping_sub(ONE) & !bracket)) & HIGH;
    let octets = (ends.trailing_zeros() / 8) as usize;
    let is_name = (1..16).contains(&octets);
    is_name.then(|| (octets, word & FOLD & ((1 << (8 * octets)) - 1)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::grammar::leaf::key;

    #[test]
    fn names_end_where_they_should_and_fold() {
        for (text, name) in [
            (&b"idle UIDPLUS MOVE"[..], Some("IDLE")),
            (b"LITERAL+ UIDPLUS MOVE", Some("LITERAL+")),
            (b"READ-WRITE] SELECT completed", Some("READ-WRITE")),
            (b"HasNoChildren) \"/\"", Some("HASNOCHILDREN")),
            (b"AUTH=PLAIN\r\n    ", Some("AUTH=PLAIN")),
            (b" AUTH=PLAIN         ", None),
            (b"EXACTLY15OCTETS x", Some("EXACTLY15OCTETS")),
            (b"SIXTEEN16OCTETS6 x", None),
            (b"SHORT", None),
        ] {
            let found = usual_name(text);
            assert_eq!(found, name.map(|name| (name.len(), key(name.as_bytes()))), "{}", text.escape_ascii());
        }
        assert_ne!(usual_name(b"\xc9\xc4\xcc\xc5 aaaaaaaaaaaaaaa").map(|(_, key)| key), Some(key(b"IDLE")));
    }
}
