//! What a caller of the client may do wrong.
use crate::{Command, Extension, state::Refusal};
use alloc::boxed::Box;

/// A command was not sent. Nothing has happened; it comes back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not sent: {refusal}")]
pub struct SendError {
    /// The command.
    pub command: Box<Command>,
    /// Why it was not sent.
    pub refusal: SendRefusal,
}

/// Why a command was not sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum SendRefusal {
    /// It may not stand there.
    #[error(transparent)]
    BadSequence(#[from] Refusal),
    /// It is not of the protocol that is spoken.
    #[error("not a command of this protocol")]
    WrongProtocol,
    /// Behind EHLO, STARTTLS and AUTH everything waits: what they bring changes what may be said. Or too many
    /// commands are in flight.
    #[error("a reply must come first")]
    Busy,
    /// Only TLS may carry it.
    #[error("TLS is required")]
    NeedsTls,
    /// STARTTLS where the configuration says [`TlsPolicy::Never`](crate::TlsPolicy::Never).
    #[error("TLS is never to be used")]
    TlsForbidden,
    /// The server does not offer the extension that it needs.
    #[error("the server does not offer {0}")]
    NotOffered(Extension),
    /// A chunk was refused, or RSET was while a transaction was open: RSET, EHLO or QUIT must come first.
    #[error("a chunk or RSET was refused, and RSET must come first")]
    NeedsReset,
    /// DATA for a message that MAIL has called binary.
    #[error("a binary message needs BDAT")]
    NeedsBdat,
    /// It may hold ASCII alone, whatever the server offers.
    #[error("not ASCII")]
    NotAscii,
    /// An address is not ASCII, and the server or the transaction is not told to take it.
    #[error("a UTF-8 address needs SMTPUTF8, offered and asked for")]
    NeedsUtf8,
    /// The message is longer than the server takes.
    #[error("the server takes messages of up to {limit} octets")]
    TooLarge {
        /// The server's limit.
        limit: u64,
    },
    /// The line is longer than servers must take: 512 octets. Leave the initial response out.
    #[error("command line longer than 512 octets")]
    LineTooLong,
    /// The session is over.
    #[error("the session is over")]
    Closed,
}

/// [`respond`](crate::client::Client::respond) was called where no challenge waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("no challenge waits for a response")]
pub struct NotChallenged;
