//! Classes of octets in IMAP: one table, one bit a class.

/// Some classes of octets: bits to be joined with `|`.
pub(crate) type Class = u8;

/// `ATOM-CHAR = <any CHAR except atom-specials>`
pub(crate) const ATOM: Class = 1;
/// `resp-specials = "]"`
pub(crate) const RESP_SPECIALS: Class = 1 << 1;
/// `list-wildcards = "%" / "*"`
pub(crate) const WILDCARDS: Class = 1 << 2;
/// `<any ASTRING-CHAR except "+">`: what tags are made of.
pub(crate) const TAG: Class = 1 << 3;
/// Letters, digits, `.` and `-`: what names of commands and attributes are made of.
pub(crate) const NAME: Class = 1 << 4;
/// 0x80 to 0xFF.
pub(crate) const NON_ASCII: Class = 1 << 5;
/// `TEXT-CHAR`, and octets above 0x7F: what a line may hold.
pub(crate) const TEXT: Class = 1 << 6;

/// `ASTRING-CHAR = ATOM-CHAR / resp-specials`
pub(crate) const ASTRING: Class = ATOM | RESP_SPECIALS;
/// `list-char = ATOM-CHAR / list-wildcards / resp-specials`
pub(crate) const LIST: Class = ASTRING | WILDCARDS;

static TABLE: [Class; 256] = table();

#[expect(clippy::indexing_slicing, reason = "`octet` runs below the table's 256")]
const fn table() -> [Class; 256] {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < 256 {
        let b = octet as u8;
        let mut class = 0;
        if b.is_ascii_graphic() && !matches!(b, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']') {
            class |= ATOM;
        }
        // rule rfc3501 9 bracket-in-astring: an astring may hold a closing bracket, an atom may not
        if b == b']' {
            class |= RESP_SPECIALS;
        }
        // rule rfc3501 6.3.8 wildcards: a pattern may hold wildcards
        if matches!(b, b'%' | b'*') {
            class |= WILDCARDS;
        }
        if class & ASTRING != 0 && b != b'+' {
            class |= TAG;
        }
        if b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-') {
            class |= NAME;
        }
        if b >= 0x80 {
            class |= NON_ASCII;
        }
        if !matches!(b, b'\r' | b'\n' | 0) {
            class |= TEXT;
        }
        table[octet] = class;
        octet += 1;
    }
    table
}

/// Is `octet` of one of these classes?
#[expect(clippy::indexing_slicing, reason = "a u8 lies below the table's 256")]
#[inline]
pub(crate) const fn is(octet: u8, class: Class) -> bool {
    TABLE[octet as usize] & class != 0
}

/// How many leading octets of `text` are of one of these classes.
#[inline]
pub(crate) fn run(text: &[u8], class: Class) -> usize {
    text.iter().position(|octet| !is(*octet, class)).unwrap_or(text.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn atom_specials_are_the_rfcs_list() {
        for octet in 0..=255_u8 {
            let special = octet <= 0x20 || octet >= 0x7f || b"(){%*\"\\]".contains(&octet);
            assert_eq!(is(octet, ATOM), !special, "{octet:#x}");
        }
    }
}
