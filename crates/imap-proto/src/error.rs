//! Errors by blame: what the peer did, and what our own caller did.
use crate::{
    Tag,
    frame::{Breach, SwallowedTooMuch},
    mailbox::Contradiction,
};
use core::fmt;
use mail_wire::ParseError;

/// What a peer can do wrong beyond repair. The session is over.
///
/// A command that breaks a limit or the grammar is none of these: the server answers it with BAD and goes on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// Octets in clear stand behind STARTTLS, where only TLS may follow: someone on the way put them there.
    #[error("octets in clear behind STARTTLS")]
    InjectedPlaintext,
    /// The peer closed the connection in the middle of something.
    #[error("connection closed inside {inside}")]
    Cut {
        /// What was cut.
        inside: Unit,
    },
    /// Octets stand behind the header of a synchronising literal that was refused: whether they are the literal or
    /// commands, nobody can tell.
    #[error("octets behind a synchronising literal that was not asked for")]
    EarlyLiteral,
    /// A unit that was refused does not end.
    #[error(transparent)]
    Endless(#[from] SwallowedTooMuch),
    /// A server said what is no response, or none that may stand there.
    #[error("bad response: {0}")]
    BadResponse(ParseError),
    /// A server said what is no unit, or one that costs too much.
    #[error("bad response: {0}")]
    BadUnit(Breach),
    /// A server greets with PREAUTH in clear where TLS is required: STARTTLS cannot be said any more
    /// ([RFC 9051 §11.1](https://www.rfc-editor.org/rfc/rfc9051#section-11.1)).
    #[error("PREAUTH in clear where TLS is required")]
    PreAuthInClear,
    /// A server asks for more of a SASL exchange that was cancelled.
    #[error("challenge in a SASL exchange that was cancelled")]
    UnexpectedChallenge,
    /// A server contradicts what it said of the selected mailbox.
    #[error(transparent)]
    Contradiction(#[from] Contradiction),
}

/// What a closed connection cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// A command or a response without its end.
    Line,
    /// A SASL exchange.
    Exchange,
    /// An upgrade to TLS that was agreed on.
    Upgrade,
    /// A session that has no greeting yet.
    Greeting,
    /// A session whose commands are not all answered.
    Commands,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "a command or a response",
            Self::Exchange => "a SASL exchange",
            Self::Upgrade => "an upgrade to TLS",
            Self::Greeting => "a session without greeting",
            Self::Commands => "a session whose commands are not all answered",
        })
    }
}

/// A command does not follow the grammar.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
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
    /// A message goes as a literal, and holds NUL: it is [`MessageKind::Binary`](crate::MessageKind::Binary).
    #[error("a message with NUL that does not go as a binary literal")]
    Nul,
    /// SEARCH names a charset, and `UTF8=ACCEPT` is enabled.
    #[error("a SEARCH that names a charset, and UTF8=ACCEPT is enabled")]
    NamesCharset,
    /// AUTHENTICATE bears its first response, which needs `SASL-IR`.
    #[error("an initial response, and the server has no SASL-IR")]
    NeedsInitialResponse,
    /// APPEND bears several messages, which needs `MULTIAPPEND`.
    #[error("several messages in one APPEND, and the server has no MULTIAPPEND")]
    NeedsMultiAppend,
}
