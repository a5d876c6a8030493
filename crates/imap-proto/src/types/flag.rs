//! Flags of messages.
use crate::grammar;
use bytes::Bytes;
use core::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};
use mail_wire::{ParseError, Text, span};

/// A flag of a message ([RFC 9051 §2.3.2](https://www.rfc-editor.org/rfc/rfc9051#section-2.3.2)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Flag {
    /// `\Seen`: it has been read.
    Seen,
    /// `\Answered`
    Answered,
    /// `\Flagged`: it asks for attention.
    Flagged,
    /// `\Deleted`: the next EXPUNGE removes it.
    Deleted,
    /// `\Draft`: it is not complete.
    Draft,
    /// `\Recent`: this session is the first that is told of it. IMAP4rev2 has it no more, and nobody can set it.
    Recent,
    /// A keyword, or a flag of an extension.
    Keyword(Keyword),
}

/// A keyword, or a flag that an extension defines: `$Forwarded`, `\Important`. The same in any case.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Keyword(Text);

/// The flags that are bits, in the order of their bits, which is the order they are written in.
pub(super) static SYSTEM: [(Flag, &str); 6] = [
    (Flag::Answered, "\\Answered"),
    (Flag::Flagged, "\\Flagged"),
    (Flag::Deleted, "\\Deleted"),
    (Flag::Seen, "\\Seen"),
    (Flag::Draft, "\\Draft"),
    (Flag::Recent, "\\Recent"),
];

pub(crate) const ANSWERED: u8 = 1;
pub(crate) const FLAGGED: u8 = 1 << 1;
pub(crate) const DELETED: u8 = 1 << 2;
pub(crate) const SEEN: u8 = 1 << 3;
pub(crate) const DRAFT: u8 = 1 << 4;
pub(crate) const RECENT: u8 = 1 << 5;
/// `\*`
pub(crate) const WILDCARD: u8 = 1 << 6;

impl Flag {
    /// The bit of a flag that is one; 0 for a keyword.
    pub(super) fn bit(&self) -> u8 {
        match self {
            Self::Answered => ANSWERED,
            Self::Flagged => FLAGGED,
            Self::Deleted => DELETED,
            Self::Seen => SEEN,
            Self::Draft => DRAFT,
            Self::Recent => RECENT,
            Self::Keyword(_) => 0,
        }
    }

    /// The flag as it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Keyword(keyword) => keyword.as_str(),
            system => {
                SYSTEM.iter().find(|(flag, _)| flag.bit() == system.bit()).map_or("", |(_, name)| *name)
            }
        }
    }
}

impl Keyword {
    /// Checks and copies it.
    ///
    /// # Errors
    /// It is not an atom, nor one behind a backslash, or it is a flag that [`Flag`] has a variant for.
    pub fn new(keyword: &str) -> Result<Self, ParseError> {
        span::parse(&Bytes::copy_from_slice(keyword.as_bytes()), grammar::flag::keyword).map(Self)
    }

    /// The keyword, as it was written.
    pub fn as_str(&self) -> &str {
        // ASCII, checked when it was made; a lenient one perhaps not, then it has no name to match on.
        self.0.as_str().unwrap_or_default()
    }

    /// The keyword, sharing its octets.
    pub fn as_text(&self) -> &Text {
        &self.0
    }

    /// Of a text that the grammar has checked, or tolerated.
    pub(crate) fn from_checked(text: Text) -> Self {
        Self(text)
    }
}

impl fmt::Display for Flag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Flag {
    type Err = ParseError;
    fn from_str(flag: &str) -> Result<Self, ParseError> {
        let system = SYSTEM.iter().find(|(_, name)| name.eq_ignore_ascii_case(flag));
        match system {
            Some((flag, _)) => Ok(flag.clone()),
            None => Keyword::new(flag).map(Self::Keyword),
        }
    }
}

impl FromStr for Keyword {
    type Err = ParseError;
    fn from_str(keyword: &str) -> Result<Self, ParseError> {
        Self::new(keyword)
    }
}

impl PartialEq for Keyword {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().eq_ignore_ascii_case(other.0.as_bytes())
    }
}

impl Eq for Keyword {}

impl Hash for Keyword {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.0.as_bytes().to_ascii_lowercase().hash(state);
    }
}

impl fmt::Debug for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_str_lossy())
    }
}

impl fmt::Display for Keyword {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.to_str_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    // covers rfc3501 6.4.4 keyword-is-no-system-flag
    #[test]
    fn what_is_no_keyword_is_refused() {
        for (keyword, message) in [
            ("", "expected a flag at octet 0, found the end"),
            ("\\", "expected a flag at octet 1, found the end"),
            ("a b", "expected the end at octet 1, found ' '"),
            ("\\*", "expected a flag at octet 1, found '*'"),
            ("a]", "expected the end at octet 1, found ']'"),
            ("\\Seen", "expected a keyword at octet 0, found '\\\\'"),
            ("a\r\nb", "expected the end at octet 1, found '\\r'"),
        ] {
            assert_eq!(Keyword::new(keyword).unwrap_err().to_string(), message);
        }
    }
}
