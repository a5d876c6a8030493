//! What a caller of the client may do wrong.
use crate::{AppendMessage, Command, Refusal, Unfit, response::Capability};
use alloc::boxed::Box;
use mail_wire::{FinishError, Upload};

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
    /// Behind STARTTLS, LOGIN, AUTHENTICATE and COMPRESS nothing may stand before they are answered: what they bring
    /// changes what may be said.
    #[error("an answer must come first")]
    Busy,
    /// As many commands wait for their answers as may.
    #[error("{limit} commands wait for their answers")]
    TooMany {
        /// The limit.
        limit: usize,
    },
    /// Only TLS may carry it.
    #[error("TLS is required")]
    NeedsTls,
    /// STARTTLS where the configuration says [`TlsPolicy::Never`](crate::TlsPolicy::Never).
    #[error("TLS is never to be used")]
    TlsForbidden,
    /// The server says LOGINDISABLED.
    #[error("the server has disabled LOGIN")]
    LoginDisabled,
    /// The server does not offer what it needs.
    #[error("the server does not offer {}", .0.as_str())]
    NotOffered(Capability),
    /// The server does not offer the mechanism.
    #[error("the server does not offer the mechanism")]
    MechanismNotOffered,
    /// The server cannot take it.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// A message streams that is not the last one of its APPEND. Send those behind it by
    /// [`append_more`](crate::client::Client::append_more).
    #[error("only the last message of an APPEND may stream")]
    StreamsTooEarly,
    /// The session is over.
    #[error("the session is over")]
    Closed,
}

/// The next message of an APPEND was not begun. Nothing has happened; both messages come back.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The message before it cannot end there.
    #[error("not appended: {error}")]
    Unfinished {
        /// Why, and the message before it.
        error: FinishError,
        /// The next message.
        message: Box<AppendMessage>,
    },
    /// The next message cannot be sent.
    #[error("not appended: {refusal}")]
    Refused {
        /// The message before it.
        upload: Upload,
        /// The next message.
        message: Box<AppendMessage>,
        /// Why it was not begun.
        refusal: AppendRefusal,
    },
}

/// Why the next message of an APPEND was not begun.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum AppendRefusal {
    /// The server cannot take it.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// The command has been answered already. Finish the upload.
    #[error("the command has been answered already")]
    Answered,
    /// The upload is of another session, or of one that is over.
    #[error("upload of another session, or of one that is over")]
    Stale,
}

/// [`respond`](crate::client::Client::respond) was called where no challenge waits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("no challenge waits for a response")]
pub struct NotChallenged;

/// [`done`](crate::client::Client::done) was called where no IDLE was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("the session does not idle")]
pub struct NotIdling;
