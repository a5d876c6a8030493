//! Strings that stand alone.
use alloc::{borrow::Cow, string::String, vec::Vec};
use bytes::Bytes;
use core::{fmt, str::Utf8Error};

/// A string: octets, whichever of the forms atom, quoted or literal they came in, and escapes undone.
///
/// A string that was read shares the octets of its unit; only one with escapes is a copy. It keeps the whole block
/// alive that it was read in; [`detach`](Self::detach) copies just its own octets. When it is written, its content
/// decides which form it takes: CR and LF go in literals alone. One that was built holds no NUL.
///
/// ```
/// let name = imap_proto::AString::new("Jane Doe")?;
/// assert_eq!(name, "Jane Doe");
/// # Ok::<(), imap_proto::InvalidString>(())
/// ```
#[derive(Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AString(Bytes);

/// Octets that no string may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("NUL at octet {offset}, where a string may hold none")]
pub struct InvalidString {
    /// Where it stands.
    pub offset: usize,
}

impl AString {
    /// The empty string.
    pub const EMPTY: Self = Self(Bytes::new());

    /// A string of these octets; `Bytes`, `Vec<u8>` and `String` are taken as they are, not copied.
    ///
    /// # Errors
    /// They hold NUL.
    pub fn new(octets: impl Into<Bytes>) -> Result<Self, InvalidString> {
        let octets = octets.into();
        match octets.iter().position(|octet| *octet == 0) {
            Some(offset) => Err(InvalidString { offset }),
            None => Ok(Self(octets)),
        }
    }

    /// Of octets that the grammar has checked, or tolerated.
    #[inline]
    pub(crate) fn from_checked(octets: Bytes) -> Self {
        Self(octets)
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

impl fmt::Debug for AString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl fmt::Display for AString {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str_lossy())
    }
}

impl AsRef<[u8]> for AString {
    fn as_ref(&self) -> &[u8] {
        &self.0
    }
}

impl PartialEq<str> for AString {
    fn eq(&self, other: &str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl PartialEq<&str> for AString {
    fn eq(&self, other: &&str) -> bool {
        self.0 == other.as_bytes()
    }
}

impl TryFrom<&str> for AString {
    type Error = InvalidString;
    fn try_from(text: &str) -> Result<Self, InvalidString> {
        Self::new(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl TryFrom<String> for AString {
    type Error = InvalidString;
    fn try_from(text: String) -> Result<Self, InvalidString> {
        Self::new(text)
    }
}

impl TryFrom<Vec<u8>> for AString {
    type Error = InvalidString;
    fn try_from(octets: Vec<u8>) -> Result<Self, InvalidString> {
        Self::new(octets)
    }
}
