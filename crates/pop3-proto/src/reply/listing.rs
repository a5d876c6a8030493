//! Listings: what STAT, LIST and UIDL answer.
use crate::{Deviation, InvalidUniqueId, Leniency, MessageNumber, grammar};
use core::fmt;
use mail_wire::{ParseError, class, span, word::load_at};

/// How large a maildrop is: what STAT answers
/// ([RFC 1939 §5](https://www.rfc-editor.org/rfc/rfc1939#section-5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct DropListing {
    /// How many messages.
    pub messages: u32,
    /// How many octets all of them have, each line end counted as two.
    pub octets: u64,
}

/// How large a message is: one line of what LIST answers
/// ([RFC 1939 §5](https://www.rfc-editor.org/rfc/rfc1939#section-5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ScanListing {
    /// The message.
    pub message: MessageNumber,
    /// How many octets it has, each line end counted as two.
    pub octets: u64,
}

/// How a message is known for ever: one line of what UIDL answers
/// ([RFC 1939 §7](https://www.rfc-editor.org/rfc/rfc1939#section-7)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct UniqueIdListing {
    /// The message.
    pub message: MessageNumber,
    /// Its unique-id.
    pub id: UniqueId,
}

/// The name of a message that it keeps in all sessions: 1 to 70 octets from 0x21 to 0x7E.
///
/// It is so short that it holds its octets itself, and no block that they were read in.
// Aligned, so that it is moved by the words that it was written by: a machine waits for others.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(C, align(8))]
pub struct UniqueId {
    /// Zero behind the last one, so that the order is that of the texts.
    octets: [[u8; 8]; 9],
    len: u8,
}

impl UniqueId {
    /// Most octets of a unique-id.
    // rule rfc1939 7 unique-id-read: a unique-id of more than 70 octets is refused [instead: 71]
    const MAX: u8 = 70;

    /// This unique-id, which is copied.
    ///
    /// # Errors
    /// It is not 1 to 70 octets from 0x21 to 0x7E.
    pub fn new(id: impl AsRef<[u8]>) -> Result<Self, InvalidUniqueId> {
        let id = id.as_ref();
        let is_visible = class::run(id, class::VISIBLE) == id.len();
        // rule rfc1939 7 unique-id-70: all of it is visible [instead: Self::of_visible(id).ok_or(InvalidUniqueId)]
        Self::of_visible(id).filter(|_| is_visible).ok_or(InvalidUniqueId)
    }

    /// Of visible octets; `None` where they are none, or too many.
    #[inline]
    pub(crate) fn of_visible(id: &[u8]) -> Option<Self> {
        let len = u8::try_from(id.len()).ok().filter(|len| (1..=Self::MAX).contains(len))?;
        let eight = |at| load_at(id, at).to_le_bytes();
        const NONE: [u8; 8] = [0; 8];
        // Nearly all are short.
        let octets = if len <= 32 {
            [eight(0), eight(8), eight(16), eight(24), NONE, NONE, NONE, NONE, NONE]
        } else {
            [0, 8, 16, 24, 32, 40, 48, 56, 64].map(eight)
        };
        Some(Self { octets, len })
    }

    /// The unique-id as text, which is ASCII.
    pub fn as_str(&self) -> &str {
        let octets = self.octets.as_flattened().get(..usize::from(self.len)).unwrap_or_default();
        core::str::from_utf8(octets).unwrap_or_default()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for UniqueId {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl fmt::Debug for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl DropListing {
    /// Reads a drop listing: the words of the reply to STAT.
    ///
    /// # Errors
    /// They do not follow the grammar.
    pub fn parse(words: &[u8]) -> Result<Self, ParseError> {
        span::parse_text(words, grammar::drop_listing)
    }
}

impl ScanListing {
    /// Reads a scan listing: a line of the reply to LIST, without its CRLF.
    ///
    /// # Errors
    /// The line does not follow the grammar.
    #[inline]
    pub fn parse(line: &[u8]) -> Result<Self, ParseError> {
        span::parse_text(line, grammar::scan_listing)
    }
}

impl UniqueIdListing {
    /// Reads a unique-id listing: a line of the reply to UIDL, without its CRLF.
    ///
    /// # Errors
    /// The line does not follow the grammar.
    pub fn parse(line: &[u8]) -> Result<Self, ParseError> {
        span::parse_text(line, grammar::unique_id_listing)
    }

    /// The same, and tolerates what `leniency` says.
    ///
    /// # Errors
    /// The line departs from the grammar in a way that is not tolerated.
    pub fn parse_lenient(line: &[u8], leniency: Leniency) -> Result<(Self, Option<Deviation>), ParseError> {
        grammar::lenient_unique_id_listing(line, leniency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{string::ToString, vec};

    // covers rfc1939 7 unique-id-70
    #[test]
    fn a_unique_id_is_1_to_70_visible_octets() {
        assert_eq!(UniqueId::new(vec![b'~'; 70]).unwrap().as_str().len(), 70);
        for id in [&b""[..], b"a b", b"a\r\n2 b", b"\x7f", b"caf\xe9", &[b'a'; 71]] {
            let error = UniqueId::new(id).unwrap_err();
            assert_eq!(error.to_string(), "not a unique-id: 1 to 70 octets in the range 0x21 to 0x7e");
        }
    }
}
