//! A leaf that stands alone.
use crate::word::{self, HIGH, ONE};
use alloc::{borrow::Cow, string::String, vec::Vec};
use bytes::Bytes;
use core::{fmt, str::Utf8Error};

/// Octets on one line: a slice of the frame they came in, or the caller's own.
///
/// Real servers send Latin-1 where UTF-8 is due, so text is octets: [`as_str`](Self::as_str) checks. It never
/// holds CR, LF or NUL, so that a value made of texts is always one unit on the wire.
///
/// A text that was parsed keeps the whole block alive that it was read in; [`detach`](Self::detach) copies just
/// its own octets.
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text(Bytes);

/// Octets that cannot stand in a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("octet {octet:#04x} at {offset} where a line may hold no CR, LF or NUL")]
pub struct InvalidText {
    /// Where it stands.
    pub offset: usize,
    /// What stands there.
    pub octet: u8,
}

impl Text {
    /// The empty text.
    pub const EMPTY: Self = Self(Bytes::new());

    /// Text of these octets; `Bytes` and `Vec<u8>` and `String` are taken as they are, not copied.
    ///
    /// # Errors
    /// They hold CR, LF or NUL.
    pub fn new(octets: impl Into<Bytes>) -> Result<Self, InvalidText> {
        let octets = octets.into();
        InvalidText::check(&octets)?;
        Ok(Self(octets))
    }

    /// Text of a `'static` string, checked when it is made.
    ///
    /// # Panics
    /// When the string holds CR, LF or NUL; in a `const` that is an error of the compiler.
    pub const fn from_static(text: &'static str) -> Self {
        let octets = text.as_bytes();
        let mut rest = octets;
        while let [octet, behind @ ..] = rest {
            assert!(!matches!(octet, b'\r' | b'\n' | 0), "a text may hold no CR, LF or NUL");
            rest = behind;
        }
        Self(Bytes::from_static(octets))
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The octets as UTF-8.
    ///
    /// # Errors
    /// They are not UTF-8.
    pub fn as_str(&self) -> Result<&str, Utf8Error> {
        core::str::from_utf8(&self.0)
    }

    /// The octets as UTF-8, with U+FFFD where they are not.
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.0)
    }

    /// The shared octets.
    pub fn into_bytes(self) -> Bytes {
        self.0
    }

    /// A copy of just these octets, free of the block they were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self(Bytes::copy_from_slice(&self.0))
    }

    /// How many octets.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Is it empty?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl InvalidText {
    /// Can these octets stand in a line?
    ///
    /// # Errors
    /// They hold CR, LF or NUL.
    #[inline]
    pub fn check(octets: &[u8]) -> Result<(), Self> {
        if is_line(octets) { Ok(()) } else { Err(Self::of(octets)) }
    }

    #[cold]
    fn of(octets: &[u8]) -> Self {
        let offset = memchr::memchr3(b'\r', b'\n', 0, octets).unwrap_or_default();
        Self { offset, octet: octets.get(offset).copied().unwrap_or_default() }
    }
}

/// Is there no CR, LF or NUL? Eight octets at a time: a text is short, and a search that is made for long ones takes
/// longer to begin.
#[inline]
fn is_line(octets: &[u8]) -> bool {
    let zero = |word: u64| word.wrapping_sub(ONE) & !word;
    let ends = |octets: &[u8; 8]| {
        let word = word::load(octets);
        zero(word) | zero(word ^ (ONE * b'\r' as u64)) | zero(word ^ (ONE * b'\n' as u64))
    };
    let Some(last) = octets.last_chunk() else {
        return !octets.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0));
    };
    let (mut flags, mut rest) = (ends(last), octets);
    while let Some((chunk, behind)) = rest.split_first_chunk() {
        flags |= ends(chunk);
        rest = behind;
    }
    flags & HIGH == 0
}

impl fmt::Debug for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl fmt::Display for Text {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str_lossy())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Text {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        crate::octets::serialize(self, serializer)
    }
}

impl AsRef<[u8]> for Text {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<str> for Text {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for Text {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl TryFrom<&str> for Text {
    type Error = InvalidText;
    fn try_from(text: &str) -> Result<Self, InvalidText> {
        Self::new(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl TryFrom<String> for Text {
    type Error = InvalidText;
    fn try_from(text: String) -> Result<Self, InvalidText> {
        Self::new(text)
    }
}

impl TryFrom<Vec<u8>> for Text {
    type Error = InvalidText;
    fn try_from(octets: Vec<u8>) -> Result<Self, InvalidText> {
        Self::new(octets)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{format, string::ToString};

    #[test]
    fn line_ends_and_nul_cannot_get_in() {
        for (octets, offset) in [("a\rb", 1), ("\n", 0), ("ab\0", 2)] {
            assert_eq!(Text::try_from(octets).unwrap_err().offset, offset);
        }
        for len in 0..40 {
            assert!(Text::new(std::vec![b'\x8d'; len]).is_ok());
            for (offset, octet) in (0..len).flat_map(|at| [(at, b'\r'), (at, b'\n'), (at, 0)]) {
                let mut octets = std::vec![b'\x8a'; len];
                octets[offset] = octet;
                assert_eq!(Text::new(octets), Err(InvalidText { offset, octet }), "of {len}");
            }
        }
        let error = Text::try_from("a\r\nb").unwrap_err();
        assert_eq!(error.to_string(), "octet 0x0d at 1 where a line may hold no CR, LF or NUL");
    }

    #[test]
    fn latin_1_is_kept_and_told() {
        let text = Text::new(&b"caf\xe9"[..]).unwrap();
        assert!(text.as_str().is_err());
        assert_eq!(text.to_str_lossy(), "caf\u{fffd}");
        assert_eq!(format!("{text:?}"), r#""caf\xe9""#);
    }

    #[test]
    fn detach_lets_the_block_go() {
        let block = Bytes::from(std::vec![b'x'; 4096]);
        let text = Text::new(block.slice(..3)).unwrap();
        assert_eq!(text.as_bytes().as_ptr(), block.as_ptr());
        assert_ne!(text.detach().as_bytes().as_ptr(), block.as_ptr());
        assert_eq!(text.detach(), text);
    }
}
