//! What the octets at a place mean.
use alloc::{borrow::Cow, vec::Vec};
use core::fmt;
use mail_wire::Place;

/// The octets that are meant at `place` of `text`; `None` for NIL.
pub(crate) fn resolve(text: &[u8], place: Place) -> Option<Cow<'_, [u8]>> {
    let octets = place.of(text)?;
    Some(if place.has_escapes() { Cow::Owned(unescape(octets)) } else { Cow::Borrowed(octets) })
}

/// Undoes the escapes of a quoted string: `\"` and `\\`. A backslash before anything else was tolerated and is
/// meant as it stands; a line break was a folded header, and goes.
pub(crate) fn unescape(quoted: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(quoted.len());
    let mut rest = quoted;
    while let Some((octet, behind)) = rest.split_first() {
        rest = behind;
        match (octet, behind.split_first()) {
            (b'\\', Some((escaped @ (b'"' | b'\\'), behind))) => {
                plain.push(*escaped);
                rest = behind;
            }
            (b'\r' | b'\n', _) => {}
            _ => plain.push(*octet),
        }
    }
    plain
}

/// Shows octets as a byte string.
pub(crate) struct Octets<'a>(pub(crate) &'a [u8]);

impl fmt::Debug for Octets<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_undone_and_what_is_none_stays() {
        assert_eq!(unescape(br#"a\"b\\c"#), br#"a"b\c"#);
        assert_eq!(unescape(br"C:\foo\"), br"C:\foo\");
        assert_eq!(unescape(b"a\r\n b"), b"a b");
    }
}
