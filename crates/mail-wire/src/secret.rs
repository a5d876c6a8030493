//! What must not be told.
use alloc::vec::Vec;
use core::{fmt, str::Utf8Error};
use zeroize::Zeroizing;

/// A password or a SASL response: wiped when dropped, and never shown by `Debug` or `serde`.
///
/// A secret is copied out of the block it was read in; the block is the caller's, and wiping it too.
/// Comparison is by octets and takes its own time: it is there for tests, not to check a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(Zeroizing<Vec<u8>>);

impl Secret {
    /// A secret of these octets, which are copied.
    #[inline]
    pub fn copy_from(octets: &[u8]) -> Self {
        Self(Zeroizing::new(octets.to_vec()))
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
}

impl From<Vec<u8>> for Secret {
    fn from(octets: Vec<u8>) -> Self {
        Self(Zeroizing::new(octets))
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// `"(redacted)"`, whatever it holds.
#[cfg(feature = "serde")]
impl serde::Serialize for Secret {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn debug_tells_nothing_not_even_the_length() {
        assert_eq!(format!("{:?}", Secret::copy_from(b"hunter2")), "Secret(..)");
    }

    #[cfg(feature = "serde")]
    #[test]
    fn serde_tells_nothing_either() {
        let told = |secret: &[u8]| serde_json::to_string(&Secret::copy_from(secret)).unwrap();
        assert_eq!((told(b"hunter2"), told(b"")), ("\"(redacted)\"".into(), "\"(redacted)\"".into()));
    }
}
