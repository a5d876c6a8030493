//! Errors by blame: what the peer did, and what our own caller did.
use crate::{MessageNumber, ReplyText};
use core::fmt;
use mail_wire::{ParseError, dot::BareLineEnding, line::Broken};

/// What a peer can do wrong beyond repair. The session is over.
///
/// A line of a client that breaks a limit or the grammar is none of these: the server answers it with `-ERR` and
/// goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// Octets in clear stand behind STLS, where only TLS may follow: someone on the way put them there.
    #[error("octets in clear behind STLS")]
    InjectedPlaintext,
    /// The peer closed the connection in the middle of something.
    #[error("connection closed inside {inside}")]
    Cut {
        /// What was cut.
        inside: Unit,
    },
    /// A line of the server breaks a limit, or holds what no line may.
    #[error(transparent)]
    BrokenLine(Broken),
    /// What should be a reply does not follow the grammar.
    #[error("bad reply: {0}")]
    BadReply(ParseError),
    /// A line behind a reply does not follow the grammar.
    #[error("bad line of a listing: {0}")]
    BadEntry(ParseError),
    /// A message has a CR or LF outside of CRLF.
    #[error(transparent)]
    BareLineEnding(BareLineEnding),
    /// The server lists more capabilities or mechanisms than are taken.
    #[error("more than {limit} capabilities")]
    TooManyCapabilities {
        /// The limit.
        limit: usize,
    },
    /// `+OK` to a command that rested on one which failed.
    #[error("+OK to a command that may not stand")]
    UnexpectedOk,
    /// A challenge where no exchange is under way.
    #[error("challenge without an exchange")]
    UnexpectedChallenge,
}

/// What a closed connection cut short.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Unit {
    /// A line without its end.
    Line,
    /// A SASL exchange.
    Exchange,
    /// An upgrade to TLS that was agreed on.
    Upgrade,
    /// A message.
    Message,
    /// The replies to commands: one is due, or its lines are.
    Reply,
}

impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Line => "a line",
            Self::Exchange => "a SASL exchange",
            Self::Upgrade => "an upgrade to TLS",
            Self::Message => "a message",
            Self::Reply => "a reply",
        })
    }
}

/// Why an entry of a listing was not taken. Nothing has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum EntryError {
    /// Enough waits to be written: give the entry again when `transmit` has drained.
    #[error("more than {max_unsent} octets wait to be written")]
    Blocked {
        /// The limit.
        max_unsent: usize,
    },
    /// The maildrop has no such message.
    #[error("message {message} in a maildrop of {messages} messages")]
    NoSuchMessage {
        /// The number given.
        message: MessageNumber,
        /// How many messages the maildrop has.
        messages: u32,
    },
    /// A listing goes upwards, each message once.
    #[error("message {message} behind message {last}")]
    OutOfOrder {
        /// The number given.
        message: MessageNumber,
        /// The number before it.
        last: MessageNumber,
    },
    /// The listing is of another session, or of one that is over.
    #[error("listing of another session, or of one that is over")]
    Stale,
}

/// Text that cannot stand in a status line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidReply {
    /// The line would pass 512 octets ([RFC 1939 §3](https://www.rfc-editor.org/rfc/rfc1939#section-3)).
    #[error("reply text of {octets} octets where {} fit a line of 512", ReplyText::MAX)]
    TooLong {
        /// How many octets code and text take.
        octets: usize,
    },
    /// The text starts with what a client would read as a response code.
    #[error("reply text that reads as a response code")]
    ReadsAsCode,
    /// The text holds CR, LF or NUL.
    #[error(transparent)]
    Text(#[from] mail_wire::InvalidText),
}

/// A string that cannot be an argument of a command.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidArgument {
    /// It is empty.
    #[error("empty where at least one octet is needed")]
    Empty,
    /// It holds CR, LF or NUL.
    #[error(transparent)]
    Text(#[from] mail_wire::InvalidText),
}

/// More mechanisms than one line of capabilities can name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("SASL line of {octets} octets where 512 are allowed")]
pub struct InvalidMechanisms {
    /// How long the line would be.
    pub octets: usize,
}

/// A string that is no unique-id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a unique-id: 1 to 70 octets in the range 0x21 to 0x7e")]
pub struct InvalidUniqueId;

/// Octets that are no timestamp of APOP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a timestamp: <local@domain> of 1 to {} octets", crate::Timestamp::MAX)]
pub struct InvalidTimestamp;

/// Octets that are no digest of APOP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a digest: 32 digits of 0-9 and a-f")]
pub struct InvalidDigest;

/// What is no language, or not one of one line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidLanguage {
    /// It is no tag: letters, then letters and digits, with `-` between them.
    #[error("not a language tag")]
    Tag,
    /// Tag and words would pass 512 octets in their line.
    #[error("language and words of {octets} octets where {} fit a line of 512", crate::Language::MAX)]
    TooLong {
        /// How many octets they take.
        octets: usize,
    },
}

/// Text that cannot tell of an implementation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidImplementation {
    /// It is empty, or the line would pass 512 octets.
    #[error("implementation text of {octets} octets where 1 to 495 are allowed")]
    Length {
        /// How many octets it has.
        octets: usize,
    },
    /// It holds CR, LF or NUL.
    #[error(transparent)]
    Text(#[from] mail_wire::InvalidText),
}
