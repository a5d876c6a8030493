//! What is asked of delivery status notifications ([RFC 3461 §4](https://www.rfc-editor.org/rfc/rfc3461#section-4)).
use crate::grammar;
use mail_wire::{
    Output, ParseError, Text,
    span::{self, Key, fold},
};

/// How much of the message a notification of failure returns: `RET=`
/// ([RFC 3461 §4.3](https://www.rfc-editor.org/rfc/rfc3461#section-4.3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Ret {
    /// `FULL`: all of it.
    Full,
    /// `HDRS`: its header.
    Headers,
}

/// What the sender is to be told of a recipient: `NOTIFY=`
/// ([RFC 3461 §4.1](https://www.rfc-editor.org/rfc/rfc3461#section-4.1)).
///
/// ```
/// use smtp_proto::Notify;
/// let notify = Notify::SUCCESS.and(Notify::DELAY);
/// assert!(notify.has(Notify::DELAY) && !notify.has(Notify::FAILURE));
/// assert_eq!(notify.to_string(), "SUCCESS,DELAY");
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Notify(u8);

/// The address that a message was first sent to, which may be of another kind of mail: `ORCPT=`
/// ([RFC 3461 §4.2](https://www.rfc-editor.org/rfc/rfc3461#section-4.2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct OriginalRecipient<'a> {
    address_type: &'a str,
    encoded: &'a str,
}

const FULL: Key = fold(b"FULL");
const HDRS: Key = fold(b"HDRS");
const NEVER: Key = fold(b"NEVER");
const SUCCESS: Key = fold(b"SUCCESS");
const FAILURE: Key = fold(b"FAILURE");
const DELAY: Key = fold(b"DELAY");

impl Ret {
    /// How it is written.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::Full => "FULL",
            Self::Headers => "HDRS",
        }
    }

    pub(crate) fn from_keyword(keyword: &[u8]) -> Option<Self> {
        match fold(keyword) {
            FULL => Some(Self::Full),
            HDRS => Some(Self::Headers),
            _ => None,
        }
    }
}

impl Notify {
    /// `NEVER`: nothing, under no conditions.
    pub const NEVER: Self = Self(0);
    /// `SUCCESS`: that the message was delivered.
    pub const SUCCESS: Self = Self(1);
    /// `FAILURE`: that it could not be delivered.
    pub const FAILURE: Self = Self(2);
    /// `DELAY`: that it is late.
    pub const DELAY: Self = Self(4);

    /// Both of these. `NEVER` adds nothing.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Is the sender told of all these? Of nothing: is it never told?
    pub fn has(self, other: Self) -> bool {
        if other == Self::NEVER { self == Self::NEVER } else { self.0 & other.0 == other.0 }
    }

    /// How it is written.
    pub fn as_str(self) -> &'static str {
        match self.0 {
            0 => "NEVER",
            1 => "SUCCESS",
            2 => "FAILURE",
            3 => "SUCCESS,FAILURE",
            4 => "DELAY",
            5 => "SUCCESS,DELAY",
            6 => "FAILURE,DELAY",
            _ => "SUCCESS,FAILURE,DELAY",
        }
    }

    #[inline]
    pub(crate) fn from_keyword(keyword: &[u8]) -> Option<Self> {
        match fold(keyword) {
            NEVER => Some(Self::NEVER),
            SUCCESS => Some(Self::SUCCESS),
            FAILURE => Some(Self::FAILURE),
            DELAY => Some(Self::DELAY),
            _ => None,
        }
    }

    /// Of a value that the grammar has checked.
    pub(crate) fn from_checked(value: &str) -> Self {
        let elements = value.split(',').filter_map(|element| Self::from_keyword(element.as_bytes()));
        elements.fold(Self::NEVER, Self::and)
    }
}

/// As it stands in a command.
impl core::fmt::Display for Notify {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl<'a> OriginalRecipient<'a> {
    /// What kind of address it is, as it was written: `rfc822`, or `utf-8`
    /// ([RFC 6533 §3](https://www.rfc-editor.org/rfc/rfc6533#section-3)).
    pub fn address_type(self) -> &'a str {
        self.address_type
    }

    /// The address, decoded anew each time. It need not be a mailbox of SMTP.
    pub fn address(self) -> Text {
        // Checked when it was read.
        grammar::dsn::decode_address(self.address_type, self.encoded.as_bytes()).unwrap_or_default()
    }

    /// The address as it was written: `xtext`, and for `utf-8` one of the forms of RFC 6533.
    pub fn encoded(self) -> &'a str {
        self.encoded
    }

    /// Of a value that the grammar has checked.
    pub(crate) fn from_checked(value: &'a str) -> Option<Self> {
        value.split_once(';').map(|(address_type, encoded)| Self { address_type, encoded })
    }

    /// Writes the value of ORCPT.
    ///
    /// Of type `utf-8` it is ASCII all the same (`utf-8-addr-xtext`), which may be said with and without SMTPUTF8.
    pub(crate) fn encode(
        address_type: &str,
        address: &str,
        out: &mut alloc::vec::Vec<u8>,
    ) -> Result<(), ParseError> {
        span::parse_text(address_type.as_bytes(), grammar::dsn::addr_type)?;
        out.text(address_type.as_bytes());
        out.text(b";");
        if grammar::dsn::is_utf8(address_type.as_bytes()) {
            crate::encode::xtext::encode_utf8(address, out);
        } else {
            crate::encode::xtext::encode(address.as_bytes(), out);
        }
        Ok(())
    }
}
