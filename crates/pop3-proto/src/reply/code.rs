//! Response codes.
use crate::grammar;
use bytes::Bytes;
use core::fmt;
use mail_wire::{ParseError, Text, span};

/// Why a command failed, for programs to read ([RFC 2449 §8](https://www.rfc-editor.org/rfc/rfc2449#section-8)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum ResponseCode {
    /// `LOGIN-DELAY`: the last login was too short a time ago.
    LoginDelay,
    /// `IN-USE`: the credentials are right, and another session holds the maildrop.
    InUse,
    /// `SYS/TEMP`: a failure of the system that will pass ([RFC 3206 §4](https://www.rfc-editor.org/rfc/rfc3206#section-4)).
    SysTemp,
    /// `SYS/PERM`: a failure of the system that someone must mend.
    SysPerm,
    /// `AUTH`: the credentials are at fault, and nothing else.
    Auth,
    /// `UTF8`: the message holds UTF-8, and the client has not said UTF8
    /// ([RFC 6856 §5](https://www.rfc-editor.org/rfc/rfc6856#section-5)).
    Utf8,
    /// A code that is not known here.
    Other(OtherCode),
}

/// A code that is not known here, kept. Made by [`ResponseCode::parse`] alone, so that it is never one that is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct OtherCode(Text);

impl OtherCode {
    pub(crate) fn checked(name: Text) -> Self {
        Self(name)
    }
}

impl ResponseCode {
    /// Reads a code, without its brackets and in any case.
    ///
    /// # Errors
    /// It is no code: levels of printable ASCII but `/` and `]`, with `/` between them.
    pub fn parse(name: &Bytes) -> Result<Self, ParseError> {
        span::parse(name, grammar::code)
    }

    /// The code without its brackets, in upper case.
    pub fn name(&self) -> &str {
        match self {
            Self::LoginDelay => "LOGIN-DELAY",
            Self::InUse => "IN-USE",
            Self::SysTemp => "SYS/TEMP",
            Self::SysPerm => "SYS/PERM",
            Self::Auth => "AUTH",
            Self::Utf8 => "UTF8",
            Self::Other(OtherCode(name)) => name.as_str().unwrap_or_default(),
        }
    }

    /// The known code that this one details, as a client must read it: `[IN-USE/IMAP]` means `[IN-USE]`.
    ///
    /// A known code is its own. `None`: no code known here starts with the same levels.
    pub fn general(&self) -> Option<Self> {
        let Self::Other(OtherCode(name)) = self else { return Some(self.clone()) };
        let known = [Self::LoginDelay, Self::InUse, Self::SysTemp, Self::SysPerm, Self::Auth, Self::Utf8];
        let details = |code: &Self| {
            name.as_bytes().strip_prefix(code.name().as_bytes()).is_some_and(|rest| rest.starts_with(b"/"))
        };
        // rule rfc2449 8 code-levels: a code with levels that are not known means the levels that are [instead: None]
        known.into_iter().find(details)
    }
}

impl fmt::Display for ResponseCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
