//! What a caller of the client may do wrong.
use crate::{Command, State};
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
    #[error("it may not stand in the state {state}")]
    BadSequence {
        /// Where the session stands when all that is on its way succeeds.
        state: State,
    },
    /// A command of a name that is not known here: nobody could tell where its reply ends.
    #[error("not a command that is known")]
    UnknownCommand,
    /// Behind STLS, AUTH and QUIT everything waits: what they bring changes what may be said. Or too many commands
    /// are in flight.
    #[error("a reply must come first")]
    Busy,
    /// Only TLS may carry it.
    #[error("TLS is required")]
    NeedsTls,
    /// STLS where the configuration says [`TlsPolicy::Never`](crate::TlsPolicy::Never).
    #[error("TLS is never to be used")]
    TlsForbidden,
    /// STLS where TLS is active already.
    #[error("TLS is active already")]
    TlsActive,
    /// The capabilities that the server told of do not list it. Of APOP: its greeting had no timestamp, or one that was
    /// heard in clear before STLS.
    #[error("the server does not offer it")]
    NotOffered,
    /// A name or a password beyond ASCII, and the server has not listed `UTF8 USER`
    /// ([RFC 6856 §2.2](https://www.rfc-editor.org/rfc/rfc6856#section-2.2)). AUTH takes any.
    #[error("not ASCII, and the server does not list UTF8 USER")]
    NeedsUtf8,
    /// STLS behind UTF8 ([RFC 6856 §2.1](https://www.rfc-editor.org/rfc/rfc6856#section-2.1)).
    #[error("it may not stand behind UTF8")]
    BehindUtf8,
    /// The line is longer than servers must take: 255 octets.
    #[error("command line longer than 255 octets")]
    LineTooLong,
    /// The session is over.
    #[error("the session is over")]
    Closed,
}

/// [`respond`](crate::client::Client::respond) was called where no challenge waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("no challenge waits for a response")]
pub struct NotChallenged;
