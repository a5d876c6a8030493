//! What a client says.
use crate::{
    Deviation, Digest, InvalidArgument, LanguageRange, Leniency, Mechanism, Name, grammar, state::Verb,
};
use bytes::Bytes;
use core::{fmt, num::NonZeroU32};
use mail_wire::{InvalidText, ParseError, Secret, Text};

/// A command.
///
/// Every value is exactly one line, whatever strings it was made of: what cannot stand in a line cannot be
/// put in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Command {
    /// `USER`: whose maildrop ([RFC 1939 §7](https://www.rfc-editor.org/rfc/rfc1939#section-7)).
    User(Name),
    /// `PASS`: the password, spaces and all.
    Pass(Password),
    /// `APOP`: logs in by a digest, which the caller's MD5 makes
    /// ([RFC 1939 §7](https://www.rfc-editor.org/rfc/rfc1939#section-7)).
    Apop {
        /// Whose maildrop.
        name: Name,
        /// Of the greeting's timestamp and the secret.
        digest: Digest,
    },
    /// `CAPA`: what the server can do ([RFC 2449 §5](https://www.rfc-editor.org/rfc/rfc2449#section-5)).
    Capa,
    /// `STLS`: TLS from here on ([RFC 2595 §4](https://www.rfc-editor.org/rfc/rfc2595#section-4)).
    Stls,
    /// `AUTH` with a mechanism ([RFC 5034 §4](https://www.rfc-editor.org/rfc/rfc5034#section-4)).
    Auth {
        /// The mechanism.
        mechanism: Mechanism,
        /// Its first octets; `Some` of nothing is written `=`.
        initial: Option<Secret>,
    },
    /// `AUTH` alone: lists the mechanisms. In no RFC, but widely used clients ask so.
    AuthList,
    /// `STAT`: how many messages, how many octets.
    Stat,
    /// `LIST`: the octets of a message, or of each.
    List(Option<MessageNumber>),
    /// `UIDL`: the unique-id of a message, or of each.
    Uidl(Option<MessageNumber>),
    /// `RETR`: a message.
    Retr(MessageNumber),
    /// `TOP`: a message's header and its first lines.
    Top {
        /// The message.
        message: MessageNumber,
        /// How many lines of its body.
        lines: u64,
    },
    /// `DELE`: marks a message as deleted.
    Dele(MessageNumber),
    /// `NOOP`: nothing.
    Noop,
    /// `RSET`: takes all marks back.
    Rset,
    /// `QUIT`: removes what is marked, and ends the session.
    Quit,
    /// `UTF8`: messages and all else may be UTF-8 from here on
    /// ([RFC 6856 §2.1](https://www.rfc-editor.org/rfc/rfc6856#section-2.1)).
    Utf8,
    /// `LANG`: the language of what is said for people, or which there are
    /// ([RFC 6856 §3](https://www.rfc-editor.org/rfc/rfc6856#section-3)).
    Lang(Option<LanguageRange>),
    /// A command of a name that is not known here.
    Other(OtherCommand),
}

impl Command {
    /// Reads a command line, without its CRLF.
    ///
    /// # Errors
    /// The line does not follow the grammar.
    pub fn parse(line: &Bytes) -> Result<Self, ParseError> {
        grammar::command(line)
    }

    /// The same, and tolerates what `leniency` says.
    ///
    /// # Errors
    /// The line departs from the grammar in a way that is not tolerated.
    pub fn parse_lenient(line: &Bytes, leniency: Leniency) -> Result<(Self, Option<Deviation>), ParseError> {
        grammar::lenient_command(line, leniency)
    }

    /// The row of the transition table. `None`: no state knows this command.
    pub(crate) fn verb(&self) -> Option<Verb> {
        Some(match self {
            Self::User(_) => Verb::User,
            Self::Pass(_) => Verb::Pass,
            Self::Apop { .. } => Verb::Apop,
            Self::Capa => Verb::Capa,
            Self::Stls => Verb::Stls,
            Self::Auth { .. } => Verb::Auth,
            Self::AuthList => Verb::AuthList,
            Self::Stat => Verb::Stat,
            Self::List(_) => Verb::List,
            Self::Uidl(_) => Verb::Uidl,
            Self::Retr(_) => Verb::Retr,
            Self::Top { .. } => Verb::Top,
            Self::Dele(_) => Verb::Dele,
            Self::Noop => Verb::Noop,
            Self::Rset => Verb::Rset,
            Self::Quit => Verb::Quit,
            Self::Utf8 => Verb::Utf8,
            Self::Lang(_) => Verb::Lang,
            Self::Other(_) => return None,
        })
    }
}

/// The number of a message in a maildrop: 1 and up, the same for the whole session.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct MessageNumber(NonZeroU32);

impl MessageNumber {
    /// This number; `None` for 0, which no message has.
    pub const fn new(number: u32) -> Option<Self> {
        match NonZeroU32::new(number) {
            Some(number) => Some(Self(number)),
            None => None,
        }
    }

    /// The number.
    pub const fn get(self) -> u32 {
        self.0.get()
    }

    /// Where the message stands in a slice of all messages: one less than its number.
    pub const fn index(self) -> usize {
        self.0.get() as usize - 1
    }
}

impl fmt::Debug for MessageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for MessageNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

/// A password: at least one octet, spaces allowed. Wiped when dropped, and never shown by `Debug`.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Password(Secret);

impl Password {
    /// A password of these octets, which are copied.
    ///
    /// # Errors
    /// It is empty, or holds CR, LF or NUL.
    #[inline]
    pub fn new(octets: &[u8]) -> Result<Self, InvalidArgument> {
        // rule rfc1939 7 pass-needs-string: PASS has a string
        if octets.is_empty() {
            return Err(InvalidArgument::Empty);
        }
        InvalidText::check(octets)?;
        Ok(Self(Secret::copy_from(octets)))
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        self.0.as_bytes()
    }

    /// The octets, still to be wiped.
    pub fn into_secret(self) -> Secret {
        self.0
    }
}

/// A command of a name that is not known here. Made by [`Command::parse`] alone, so that it is never one that is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OtherCommand {
    pub(crate) keyword: Text,
    pub(crate) arguments: Option<Text>,
}

impl OtherCommand {
    /// Its keyword, in upper case.
    pub fn keyword(&self) -> &Text {
        &self.keyword
    }

    /// All that stands behind the space.
    pub fn arguments(&self) -> Option<&Text> {
        self.arguments.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{format, string::ToString};

    // covers rfc1939 7 pass-needs-string
    #[test]
    fn no_second_command_can_be_put_into_an_argument() {
        let error = Password::new(b"x\nDELE 1").unwrap_err();
        assert_eq!(error.to_string(), "octet 0x0a at 1 where a line may hold no CR, LF or NUL");
        assert_eq!(Password::new(b""), Err(InvalidArgument::Empty));
        assert_eq!(MessageNumber::new(0), None);
    }

    #[test]
    fn a_password_is_never_shown() {
        let command = Command::Pass(Password::new(b"tanstaaf").unwrap());
        assert_eq!(format!("{command:?}"), "Pass(Password(Secret(..)))");
    }
}
