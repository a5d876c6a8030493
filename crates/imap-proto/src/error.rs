//! Errors of values.
use crate::Tag;
use core::fmt;
use mail_wire::ParseError;

/// A command does not follow the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommandError {
    /// Its tag, where one could be read: the answer is `BAD` with this tag, or untagged.
    pub tag: Option<Tag>,
    /// Where, what was found, and what was expected.
    pub error: ParseError,
}

impl fmt::Display for CommandError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.error.fmt(f)
    }
}

impl core::error::Error for CommandError {}

/// A command cannot be told to this peer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// A message goes as `literal8`, which needs `BINARY`.
    #[error("a binary literal, and the server has no BINARY")]
    NeedsBinary,
    /// A message goes as `UTF8 (..)`, which needs `UTF8=ACCEPT` enabled.
    #[error("a message in UTF-8, and UTF8=ACCEPT is not enabled")]
    NeedsUtf8,
    /// AUTHENTICATE bears its first response, which needs `SASL-IR`.
    #[error("an initial response, and the server has no SASL-IR")]
    NeedsInitialResponse,
    /// APPEND bears several messages, which needs `MULTIAPPEND`.
    #[error("several messages in one APPEND, and the server has no MULTIAPPEND")]
    NeedsMultiAppend,
}
