//! Capabilities.
use crate::{InvalidImplementation, Mechanisms, grammar};
use bytes::Bytes;
use mail_wire::{ParseError, Text, span};

/// One line of what CAPA answers ([RFC 2449 §5](https://www.rfc-editor.org/rfc/rfc2449#section-5)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Capability {
    /// `TOP` is known.
    Top,
    /// `USER` and `PASS` are known.
    User,
    /// `AUTH` is known, with these mechanisms ([RFC 5034 §3](https://www.rfc-editor.org/rfc/rfc5034#section-3)).
    Sasl(Mechanisms),
    /// `RESP-CODES`: what starts with `[` is a [`ResponseCode`](crate::ResponseCode).
    RespCodes,
    /// `AUTH-RESP-CODE`: a login that fails for its credentials, and no other, says `[AUTH]`
    /// ([RFC 3206 §6](https://www.rfc-editor.org/rfc/rfc3206#section-6)).
    AuthRespCode,
    /// `LOGIN-DELAY`: how long to wait between logins.
    LoginDelay {
        /// The time, in seconds.
        seconds: u64,
        /// For whom.
        scope: Scope,
    },
    /// `PIPELINING`: commands may be sent before the replies of others have come.
    Pipelining,
    /// `EXPIRE`: how long messages are kept.
    Expire {
        /// How long at least.
        retention: Retention,
        /// For whom.
        scope: Scope,
    },
    /// `UIDL` is known.
    Uidl,
    /// `STLS` is known ([RFC 2595 §4](https://www.rfc-editor.org/rfc/rfc2595#section-4)).
    Stls,
    /// `IMPLEMENTATION`: what the server is. Clients must not act on it.
    Implementation(Implementation),
    /// `UTF8`: the command is known; names and passwords may hold this
    /// ([RFC 6856 §2](https://www.rfc-editor.org/rfc/rfc6856#section-2)).
    Utf8(Charset),
    /// `LANG` is known ([RFC 6856 §3](https://www.rfc-editor.org/rfc/rfc6856#section-3)).
    Lang,
    /// A capability that is not known here, or a known one with arguments that are not.
    Other(OtherCapability),
}

/// Does a value hold for everybody?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Scope {
    /// It does.
    #[default]
    Everyone,
    /// `USER`: users differ. After the login the server tells what holds for this one.
    User,
}

/// What characters there may be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Charset {
    /// ASCII alone.
    #[default]
    Ascii,
    /// All of them, as UTF-8.
    Utf8,
}

/// How long messages are kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Retention {
    /// So many days at least. 0: what was retrieved is removed when the session ends.
    Days(u64),
    /// `NEVER`: the server removes nothing by itself.
    Never,
}

/// What a server is: one or more words, 1 to 495 octets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Implementation(Text);

impl Implementation {
    /// This text.
    ///
    /// # Errors
    /// It is empty, or too long for a line of 512 octets.
    pub fn new(text: Text) -> Result<Self, InvalidImplementation> {
        let octets = text.len();
        // rule rfc2449 6.9 implementation-length: what the server is fits a line of 512 octets, and is not nothing
        if !(1..=495).contains(&octets) {
            return Err(InvalidImplementation::Length { octets });
        }
        Ok(Self(text))
    }

    /// The text.
    pub fn as_text(&self) -> &Text {
        &self.0
    }
}

impl TryFrom<&str> for Implementation {
    type Error = InvalidImplementation;
    fn try_from(text: &str) -> Result<Self, InvalidImplementation> {
        Self::new(Text::try_from(text)?)
    }
}

/// A capability that is not known here, kept. Made by [`Capability::parse`] alone, so that it is never one that is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OtherCapability {
    pub(crate) tag: Text,
    pub(crate) arguments: Option<Text>,
}

impl OtherCapability {
    /// Its tag, in upper case.
    pub fn tag(&self) -> &Text {
        &self.tag
    }

    /// All that stands behind the space.
    pub fn arguments(&self) -> Option<&Text> {
        self.arguments.as_ref()
    }
}

impl Capability {
    /// Reads a line of what CAPA answers, without its CRLF.
    ///
    /// # Errors
    /// The line does not follow the grammar.
    pub fn parse(line: &Bytes) -> Result<Self, ParseError> {
        span::parse(line, grammar::capability)
    }
}
