//! Listings: what STAT, LIST and UIDL answer.
use crate::{Deviation, InvalidUniqueId, Leniency, MessageNumber, grammar};
use bytes::Bytes;
use core::fmt;
use mail_wire::{ParseError, Text, span};

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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct UniqueIdListing {
    /// The message.
    pub message: MessageNumber,
    /// Its unique-id.
    pub id: UniqueId,
}

/// The name of a message that it keeps in all sessions: 1 to 70 octets from 0x21 to 0x7E.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct UniqueId(Text);

impl UniqueId {
    /// This unique-id; `Bytes`, `Vec<u8>` and `String` are taken as they are, not copied.
    ///
    /// # Errors
    /// It is not 1 to 70 octets from 0x21 to 0x7E.
    pub fn new(id: impl Into<Bytes>) -> Result<Self, InvalidUniqueId> {
        let id = id.into();
        // rule rfc1939 7 unique-id-70: a unique-id has 1 to 70 octets from 0x21 to 0x7E
        if !(1..=70).contains(&id.len()) || !id.iter().all(u8::is_ascii_graphic) {
            return Err(InvalidUniqueId);
        }
        Text::new(id).map(Self).map_err(|_| InvalidUniqueId)
    }

    /// Of a unique-id that the grammar has checked.
    pub(crate) fn from_checked(id: Text) -> Self {
        Self(id)
    }

    /// The unique-id as text, which is ASCII.
    pub fn as_str(&self) -> &str {
        self.0.as_str().unwrap_or_default()
    }

    /// A copy that lets go of the block it was read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self(self.0.detach())
    }
}

impl fmt::Debug for UniqueId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
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
    pub fn parse(words: &Bytes) -> Result<Self, ParseError> {
        span::parse(words, grammar::drop_listing)
    }
}

impl ScanListing {
    /// Reads a scan listing: a line of the reply to LIST, without its CRLF.
    ///
    /// # Errors
    /// The line does not follow the grammar.
    pub fn parse(line: &Bytes) -> Result<Self, ParseError> {
        span::parse(line, grammar::scan_listing)
    }
}

impl UniqueIdListing {
    /// Reads a unique-id listing: a line of the reply to UIDL, without its CRLF.
    ///
    /// # Errors
    /// The line does not follow the grammar.
    pub fn parse(line: &Bytes) -> Result<Self, ParseError> {
        span::parse(line, grammar::unique_id_listing)
    }

    /// The same, and tolerates what `leniency` says.
    ///
    /// # Errors
    /// The line departs from the grammar in a way that is not tolerated.
    pub fn parse_lenient(line: &Bytes, leniency: Leniency) -> Result<(Self, Option<Deviation>), ParseError> {
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
            let error = UniqueId::new(id.to_vec()).unwrap_err();
            assert_eq!(error.to_string(), "not a unique-id: 1 to 70 octets in the range 0x21 to 0x7e");
        }
    }
}
