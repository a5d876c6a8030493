//! One table of ASCII character classes, one bit a class.
//!
//! Octets above 0x7F belong to no class but [`NON_ASCII`]; a rule that takes UTF-8 asks for that too.

/// Some classes of octets: bits to be joined with `|`.
pub type Class = u8;

/// `ALPHA` of RFC 5234.
pub const ALPHA: Class = 1;
/// `DIGIT` of RFC 5234.
pub const DIGIT: Class = 1 << 1;
/// `atext` without letters and digits: ``!#$%&'*+-/=?^_`{|}~`` ([RFC 5322 §3.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3)).
pub const ATEXT_MARK: Class = 1 << 2;
/// `-`, which stands in names and keywords.
pub const HYPHEN: Class = 1 << 3;
/// Visible: 0x21 to 0x7E (`VCHAR` of RFC 5234).
pub const VISIBLE: Class = 1 << 4;
/// Space and tab (`WSP` of RFC 5234).
pub const BLANK: Class = 1 << 5;
/// 0x80 to 0xFF.
pub const NON_ASCII: Class = 1 << 6;
/// Visible and not `=`, which stands between a name and its value.
pub const VALUE: Class = 1 << 7;

/// Letters and digits.
pub const ALNUM: Class = ALPHA | DIGIT;
/// `atext` of RFC 5322.
pub const ATEXT: Class = ALNUM | ATEXT_MARK;

static TABLE: [Class; 256] = table();

#[expect(clippy::indexing_slicing, reason = "`octet` runs below the table's 256")]
const fn table() -> [Class; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let b = octet as u8;
        let mut class = 0;
        if b.is_ascii_alphabetic() {
            class |= ALPHA;
        }
        if b.is_ascii_digit() {
            class |= DIGIT;
        }
        if matches!(b, b'!' | b'#'..=b'\'' | b'*' | b'+' | b'-' | b'/' | b'=' | b'?' | b'^'..=b'`' | b'{'..=b'~')
        {
            class |= ATEXT_MARK;
        }
        if b == b'-' {
            class |= HYPHEN;
        }
        if b.is_ascii_graphic() {
            class |= VISIBLE;
        }
        if b == b' ' || b == b'\t' {
            class |= BLANK;
        }
        if b >= 0x80 {
            class |= NON_ASCII;
        }
        if b.is_ascii_graphic() && b != b'=' {
            class |= VALUE;
        }
        table[octet] = class;
        octet += 1;
    }
    table
}

/// Is `octet` of one of these classes?
#[expect(clippy::indexing_slicing, reason = "a u8 lies below the table's 256")]
#[inline]
pub const fn is(octet: u8, class: Class) -> bool {
    TABLE[octet as usize] & class != 0
}

/// How many leading octets of `text` are of one of these classes.
#[inline]
pub fn run(text: &[u8], class: Class) -> usize {
    let mut octets = 0;
    for octet in text {
        if !is(*octet, class) {
            break;
        }
        octets += 1;
    }
    octets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn atext_is_the_rfcs_list() {
        for octet in 0..=255_u8 {
            let listed = octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&octet);
            assert_eq!(is(octet, ATEXT), listed, "{octet:#x}");
        }
    }

    #[test]
    fn no_control_octet_has_a_class_but_tab() {
        for octet in (0..0x20).chain([0x7f]).filter(|octet| *octet != b'\t') {
            assert_eq!(TABLE[usize::from(octet)], 0, "{octet:#x}");
        }
    }

    #[test]
    fn a_run_ends_where_its_class_does() {
        assert_eq!(run(b"abc-1 x", ALNUM | HYPHEN), 5);
        assert_eq!(run(b"", ALNUM), 0);
        assert_eq!(run(b"abc", ALPHA), 3);
    }
}
