//! Values of BODY and AUTH.
use super::known::is_keyword;
use crate::Mailbox;

/// What a message is made of: `BODY=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Body {
    /// `7BIT`: lines of ASCII ([RFC 6152](https://www.rfc-editor.org/rfc/rfc6152)).
    SevenBit,
    /// `8BITMIME`: lines of octets ([RFC 6152](https://www.rfc-editor.org/rfc/rfc6152)).
    EightBitMime,
    /// `BINARYMIME`: octets, not lines, so that it needs BDAT ([RFC 3030 §3](https://www.rfc-editor.org/rfc/rfc3030#section-3)).
    BinaryMime,
}

/// Who first submitted a message: `AUTH=` ([RFC 4954 §5](https://www.rfc-editor.org/rfc/rfc4954#section-5)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Submitter {
    /// `<>`: not known, or not trusted.
    Unknown,
    /// This mailbox.
    Mailbox(Mailbox),
}

impl Body {
    /// How it is written.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::SevenBit => "7BIT",
            Self::EightBitMime => "8BITMIME",
            Self::BinaryMime => "BINARYMIME",
        }
    }

    /// By its keyword, which is letters and digits.
    #[inline]
    pub(crate) fn from_keyword(keyword: &[u8]) -> Option<Self> {
        match keyword.len() {
            8 if is_keyword(keyword, b"8BITMIME") => Some(Self::EightBitMime),
            4 if is_keyword(keyword, b"7BIT") => Some(Self::SevenBit),
            10 if is_keyword(keyword, b"BINARYMIME") => Some(Self::BinaryMime),
            _ => None,
        }
    }
}
