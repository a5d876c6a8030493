//! Values of BODY and AUTH.
use crate::Mailbox;
use mail_wire::span::{Key, fold};

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

const SEVEN_BIT: Key = fold(b"7BIT");
const EIGHT_BIT_MIME: Key = fold(b"8BITMIME");
const BINARY_MIME: Key = fold(b"BINARYMIME");

impl Body {
    /// How it is written.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::SevenBit => "7BIT",
            Self::EightBitMime => "8BITMIME",
            Self::BinaryMime => "BINARYMIME",
        }
    }

    pub(crate) fn from_keyword(keyword: &[u8]) -> Option<Self> {
        match fold(keyword) {
            SEVEN_BIT => Some(Self::SevenBit),
            EIGHT_BIT_MIME => Some(Self::EightBitMime),
            BINARY_MIME => Some(Self::BinaryMime),
            _ => None,
        }
    }
}
