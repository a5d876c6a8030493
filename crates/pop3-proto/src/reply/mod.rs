//! What a server says.
mod capability;
mod code;
mod listing;

pub use capability::{Capability, Charset, Implementation, OtherCapability, Retention, Scope};
pub use code::{OtherCode, ResponseCode};
pub use listing::{DropListing, ScanListing, UniqueId, UniqueIdListing};

use crate::{Deviation, InvalidReply, Leniency, grammar};
use bytes::Bytes;
use mail_wire::{Secret, Text, span};

/// The status that starts a reply.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Status {
    /// `+OK`
    Ok,
    /// `-ERR`
    Err,
}

/// A status line: `+OK` or `-ERR`, and what is said beside it
/// ([RFC 1939 §3](https://www.rfc-editor.org/rfc/rfc1939#section-3)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Reply {
    /// Did the command succeed?
    pub status: Status,
    /// What is said beside the status.
    pub text: ReplyText,
}

/// What is said beside a status: a response code, and words for people. It always fits a line of 512 octets.
///
/// `text = *schar / resp-code *CHAR` ([RFC 2449 §3](https://www.rfc-editor.org/rfc/rfc2449#section-3))
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ReplyText {
    pub(crate) code: Option<ResponseCode>,
    pub(crate) words: Text,
}

impl ReplyText {
    /// Most octets that code and words may take: what is left of a line of 512 behind `-ERR` and a space.
    pub const MAX: usize = 512 - "-ERR \r\n".len();

    /// Words for people, without a code.
    ///
    /// # Errors
    /// They pass the line, hold CR, LF or NUL, or read as a response code.
    pub fn new(words: impl Into<Bytes>) -> Result<Self, InvalidReply> {
        Self::of(None, Text::new(words)?)
    }

    /// A response code, and words for people behind it.
    ///
    /// # Errors
    /// They pass the line, or hold CR, LF or NUL.
    pub fn with_code(code: ResponseCode, words: impl Into<Bytes>) -> Result<Self, InvalidReply> {
        Self::of(Some(code), Text::new(words)?)
    }

    /// Words that are known when the program is built, and checked then.
    ///
    /// # Panics
    /// They take more than 500 octets, start with `[`, or hold CR, LF or NUL; in a `const` that is an error of the
    /// compiler.
    pub const fn from_static(words: &'static str) -> Self {
        assert!(words.len() <= 500 && !matches!(words.as_bytes(), [b'[', ..]), "not the text of a reply");
        Self { code: None, words: Text::from_static(words) }
    }

    fn of(code: Option<ResponseCode>, words: Text) -> Result<Self, InvalidReply> {
        let octets = code.as_ref().map_or(0, |code| code.name().len() + "[] ".len()) + words.len();
        // rule rfc2449 4 reply-512: the first line of a reply has at most 512 octets
        if octets > Self::MAX {
            return Err(InvalidReply::TooLong { octets });
        }
        // rule rfc2449 8 no-words-read-as-code: no words are sent that read as a response code
        if code.is_none() && grammar::starts_with_code(words.as_bytes()) {
            return Err(InvalidReply::ReadsAsCode);
        }
        Ok(Self { code, words })
    }

    /// The response code, where there is one.
    pub fn code(&self) -> Option<&ResponseCode> {
        self.code.as_ref()
    }

    /// The words for people.
    pub fn words(&self) -> &Text {
        &self.words
    }
}

impl Reply {
    /// `+OK`
    pub fn ok(text: ReplyText) -> Self {
        Self { status: Status::Ok, text }
    }

    /// `-ERR`
    pub fn err(text: ReplyText) -> Self {
        Self { status: Status::Err, text }
    }

    /// Reads a status line, without its CRLF.
    ///
    /// # Errors
    /// The line does not follow the grammar.
    pub fn parse(line: &Bytes) -> Result<Self, mail_wire::ParseError> {
        span::parse(line, grammar::single_line)
    }
}

/// A line that a server answers with: a reply, or a challenge of a SASL exchange
/// (`response =/ continue-req`, [RFC 5034 §5](https://www.rfc-editor.org/rfc/rfc5034#section-5)).
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Response {
    /// `+OK` or `-ERR`.
    Reply(Reply),
    /// `+ `: the octets of a challenge.
    Challenge(Secret),
}

impl Response {
    /// Reads a line, without its CRLF.
    ///
    /// # Errors
    /// The line does not follow the grammar.
    pub fn parse(line: &Bytes) -> Result<Self, mail_wire::ParseError> {
        span::parse(line, grammar::response)
    }

    /// The same, and tolerates what `leniency` says.
    ///
    /// # Errors
    /// The line departs from the grammar in a way that is not tolerated.
    pub fn parse_lenient(
        line: &Bytes,
        leniency: Leniency,
    ) -> Result<(Self, Option<Deviation>), mail_wire::ParseError> {
        grammar::lenient_response(line, leniency)
    }
}
