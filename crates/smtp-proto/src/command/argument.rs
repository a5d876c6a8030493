//! Text behind a verb.
use super::text;
use crate::grammar::command;
use bytes::Bytes;
use core::{fmt, str::FromStr};
use mail_wire::{ParseError, Text, span};

/// Free text behind a verb: printable, at least one octet, no white space at either end.
///
/// Looser than the RFC's `String`, since people ask `VRFY Jane Doe`. It may hold UTF-8.
#[derive(Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Argument(Text);

impl Argument {
    /// Checks and copies it.
    ///
    /// # Errors
    /// It is empty, begins or ends with white space, or is not printable.
    pub fn new(text: &str) -> Result<Self, ParseError> {
        span::parse_text(text.as_bytes(), command::argument)?;
        Ok(Self::of(Bytes::copy_from_slice(text.as_bytes())))
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        // Checked when it was made.
        self.0.as_str().unwrap_or_default()
    }

    /// The text, sharing its octets.
    pub fn as_text(&self) -> &Text {
        &self.0
    }

    /// Of octets that the grammar has checked.
    pub(super) fn of(octets: Bytes) -> Self {
        Self(text(octets))
    }
}

impl FromStr for Argument {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Argument {
    type Error = ParseError;
    fn try_from(text: &str) -> Result<Self, ParseError> {
        Self::new(text)
    }
}

impl fmt::Debug for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Argument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A command that [`Command`](crate::Command) has no variant for: a private one, one of a later RFC, or
/// `GET / HTTP/1.1`.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OtherCommand {
    verb: Text,
    arguments: Option<Argument>,
}

impl OtherCommand {
    /// A command of this verb.
    ///
    /// # Errors
    /// The verb is empty, holds a space or an octet that is not visible ASCII, or is one that [`Command`](crate::Command) has a
    /// variant for.
    pub fn new(verb: &str, arguments: Option<Argument>) -> Result<Self, ParseError> {
        let verb = span::parse(&Bytes::copy_from_slice(verb.as_bytes()), command::other_verb)?;
        Ok(Self { verb, arguments })
    }

    /// The verb, as it was written.
    pub fn verb(&self) -> &str {
        // Visible ASCII, checked when it was made.
        self.verb.as_str().unwrap_or_default()
    }

    /// What stands behind it.
    pub fn arguments(&self) -> Option<&Argument> {
        self.arguments.as_ref()
    }

    /// Of a verb that the grammar has checked.
    pub(super) fn from_checked(verb: Text, arguments: Option<Argument>) -> Self {
        Self { verb, arguments }
    }
}
