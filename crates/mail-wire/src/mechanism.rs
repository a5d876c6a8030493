//! Names of SASL mechanisms.
use crate::{ParseError, span};
use bytes::Bytes;
use core::{fmt, str::FromStr};

/// The name of a SASL mechanism: 1 to 20 of `A-Z`, `0-9`, `-` and `_`
/// ([RFC 4422 §3.1](https://www.rfc-editor.org/rfc/rfc4422#section-3.1)). Lower case is folded to upper.
///
/// ```
/// use mail_wire::Mechanism;
/// assert_eq!("Plain".parse(), Ok(Mechanism::PLAIN));
/// assert!("SCRAM SHA-1".parse::<Mechanism>().is_err());
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Mechanism {
    /// Padded with NUL, which no name holds.
    name: [u8; 20],
}

impl Mechanism {
    /// `PLAIN` ([RFC 4616](https://www.rfc-editor.org/rfc/rfc4616)), which every server of AUTH needs.
    pub const PLAIN: Self = Self::literal("PLAIN");
    /// `LOGIN`, which no RFC defines.
    pub const LOGIN: Self = Self::literal("LOGIN");
    /// `CRAM-MD5` ([RFC 2195](https://www.rfc-editor.org/rfc/rfc2195)).
    pub const CRAM_MD5: Self = Self::literal("CRAM-MD5");
    /// `SCRAM-SHA-1` ([RFC 5802](https://www.rfc-editor.org/rfc/rfc5802)).
    pub const SCRAM_SHA_1: Self = Self::literal("SCRAM-SHA-1");
    /// `SCRAM-SHA-1-PLUS`: the same with channel binding.
    pub const SCRAM_SHA_1_PLUS: Self = Self::literal("SCRAM-SHA-1-PLUS");
    /// `SCRAM-SHA-256` ([RFC 7677](https://www.rfc-editor.org/rfc/rfc7677)).
    pub const SCRAM_SHA_256: Self = Self::literal("SCRAM-SHA-256");
    /// `SCRAM-SHA-256-PLUS`: the same with channel binding.
    pub const SCRAM_SHA_256_PLUS: Self = Self::literal("SCRAM-SHA-256-PLUS");
    /// `OAUTHBEARER` ([RFC 7628](https://www.rfc-editor.org/rfc/rfc7628)).
    pub const OAUTHBEARER: Self = Self::literal("OAUTHBEARER");
    /// `XOAUTH2`, which came before it.
    pub const XOAUTH2: Self = Self::literal("XOAUTH2");
    /// `EXTERNAL` ([RFC 4422 §A](https://www.rfc-editor.org/rfc/rfc4422#appendix-A)).
    pub const EXTERNAL: Self = Self::literal("EXTERNAL");
    /// `ANONYMOUS` ([RFC 4505](https://www.rfc-editor.org/rfc/rfc4505)).
    pub const ANONYMOUS: Self = Self::literal("ANONYMOUS");

    /// Reads a name, in any case.
    ///
    /// # Errors
    /// It is empty, longer than 20 octets, or holds other characters.
    pub fn new(name: &str) -> Result<Self, ParseError> {
        span::parse(&Bytes::copy_from_slice(name.as_bytes()), span::sasl_mech)
    }

    /// The name, in upper case.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.name).unwrap_or_default().trim_end_matches('\0')
    }

    /// Of a name that the grammar has checked.
    pub(crate) fn from_checked(checked: &[u8]) -> Self {
        let mut name = [0; 20];
        for (place, octet) in name.iter_mut().zip(checked) {
            *place = octet.to_ascii_uppercase();
        }
        Self { name }
    }

    #[expect(clippy::indexing_slicing, reason = "evaluated by the compiler")]
    const fn literal(text: &str) -> Self {
        let mut name = [0; 20];
        let mut at = 0;
        while at < text.len() {
            name[at] = text.as_bytes()[at];
            at += 1;
        }
        Self { name }
    }
}

impl FromStr for Mechanism {
    type Err = ParseError;
    fn from_str(name: &str) -> Result<Self, ParseError> {
        Self::new(name)
    }
}

impl fmt::Debug for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for Mechanism {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Mechanism {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    // covers rfc5034 5 mechanism-20
    // covers rfc4954 8 mechanism-20
    #[test]
    fn a_name_is_the_same_in_any_case_and_nothing_else_is_one() {
        assert_eq!(Mechanism::new("plain"), Ok(Mechanism::PLAIN));
        assert_eq!(Mechanism::new("scram-sha-1"), Ok(Mechanism::SCRAM_SHA_1));
        assert_eq!(Mechanism::new("SCRAM-SHA-256-PLUS"), Ok(Mechanism::SCRAM_SHA_256_PLUS));
        for (name, error) in [
            ("", "expected a mechanism of 1 to 20 letters, digits, '-' and '_' at octet 0, found the end"),
            ("A B", "expected the end at octet 1, found ' '"),
            ("PLAIN\r\nDELE 1", "expected the end at octet 5, found '\\r'"),
            (
                "ABCDEFGHIJKLMNOPQRSTU",
                "expected a mechanism of 1 to 20 letters, digits, '-' and '_' at octet 0, found 'A'",
            ),
        ] {
            assert_eq!(Mechanism::new(name).unwrap_err().to_string(), error);
        }
    }
}
