//! Errors of values, by what is to be answered.
use crate::{Code, EnhancedCode, ReplyError};
use core::fmt;
use mail_wire::{ParseError, line::Broken};

/// A command line does not follow the grammar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[error("bad {fault}: {error}")]
pub struct CommandError {
    /// Where, what was found, and what was expected.
    pub error: ParseError,
    /// Which part of the command it is.
    pub fault: Fault,
}

/// Which part of a command is at fault, and so which reply it asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Fault {
    /// There is no verb, or not a line of text at all.
    Verb,
    /// An argument or a parameter is missing, malformed, repeated, or one too many.
    Argument,
    /// The sender's address.
    Sender,
    /// The recipient's address.
    Recipient,
    /// An initial response that is not base64.
    Base64,
}

impl CommandError {
    /// The code to answer with ([RFC 5321 §4.2.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.2.2)).
    pub fn code(&self) -> Code {
        match self.fault {
            Fault::Verb => Code::UNRECOGNISED,
            Fault::Argument | Fault::Sender | Fault::Recipient | Fault::Base64 => Code::BAD_ARGUMENT,
        }
    }

    /// The enhanced code to answer with ([RFC 5248 §2.4](https://www.rfc-editor.org/rfc/rfc5248#section-2.4),
    /// for base64 [RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
    pub fn enhanced(&self) -> EnhancedCode {
        match self.fault {
            Fault::Verb | Fault::Base64 => EnhancedCode::SYNTAX,
            Fault::Argument => EnhancedCode::INVALID_ARGUMENTS,
            Fault::Sender => EnhancedCode::BAD_SENDER_SYNTAX,
            Fault::Recipient => EnhancedCode::BAD_RECIPIENT_SYNTAX,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Verb => "command",
            Self::Argument => "argument",
            Self::Sender => "sender address",
            Self::Recipient => "recipient address",
            Self::Base64 => "initial response",
        })
    }
}

/// The peer broke the protocol beyond repair: the session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProtocolError {
    /// Octets stand behind STARTTLS, or its reply, that were sent in clear: someone on the way put them there
    /// ([RFC 3207 §5](https://www.rfc-editor.org/rfc/rfc3207#section-5)).
    #[error("octets in clear behind STARTTLS")]
    InjectedPlaintext,
    /// A client did not wait for the answer to DATA, which was no: its message would be read as commands.
    #[error("octets behind a DATA that was refused")]
    EarlyPayload,
    /// A client went on for long behind what a message may have.
    #[error("far more than the {limit} octets that a message may have")]
    TooMuchData {
        /// The limit.
        limit: u64,
    },
    /// A server sent a line that is none.
    #[error("reply is no line: {0}")]
    BrokenLine(Broken),
    /// A server sent a line that is no reply.
    #[error(transparent)]
    BadReply(ReplyError),
    /// The reply to EHLO is none.
    #[error("bad EHLO reply: {0}")]
    BadCapabilities(ParseError),
    /// A reply that says neither yes nor no to what was asked.
    #[error("reply {code} answers nothing that was asked")]
    UnexpectedReply {
        /// Its code.
        code: Code,
    },
    /// The connection ended in the midst of something.
    #[error("the connection ended in the midst of a session")]
    Cut,
}
