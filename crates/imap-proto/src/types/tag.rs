//! Tags of commands.
use crate::grammar;
use bytes::Bytes;
use core::{fmt, str::FromStr};
use mail_wire::{ParseError, Text, span};

/// What a client calls a command, so that its answer can be told:
/// `1*<any ASTRING-CHAR except "+">` ([RFC 9051 §9](https://www.rfc-editor.org/rfc/rfc9051#section-9)).
///
/// ```
/// use imap_proto::Tag;
/// assert_eq!("a001".parse::<Tag>()?.as_str(), "a001");
/// assert!("a+1".parse::<Tag>().is_err());
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Tag(Text);

impl Tag {
    /// Checks and copies it.
    ///
    /// # Errors
    /// It is empty, or holds what may not stand in a tag.
    pub fn new(tag: &str) -> Result<Self, ParseError> {
        span::parse(&Bytes::copy_from_slice(tag.as_bytes()), grammar::leaf::tag)
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        // ASCII, checked when it was made.
        self.0.as_str().unwrap_or_default()
    }

    /// The tag, sharing its octets.
    pub fn as_text(&self) -> &Text {
        &self.0
    }

    /// A copy of just its octets, free of the block it was read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self(self.0.detach())
    }

    /// Of a text that the grammar has checked.
    pub(crate) fn from_checked(text: Text) -> Self {
        Self(text)
    }
}

impl FromStr for Tag {
    type Err = ParseError;
    fn from_str(tag: &str) -> Result<Self, ParseError> {
        Self::new(tag)
    }
}

impl TryFrom<&str> for Tag {
    type Error = ParseError;
    fn try_from(tag: &str) -> Result<Self, ParseError> {
        Self::new(tag)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
