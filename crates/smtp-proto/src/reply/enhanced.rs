//! Enhanced status codes.
use super::Code;
use crate::grammar;
use bytes::Bytes;
use core::{fmt, str::FromStr};
use mail_wire::{ParseError, span};

/// An enhanced status code: `class "." subject "." detail`
/// ([RFC 2034 §4](https://www.rfc-editor.org/rfc/rfc2034#section-4); the registry is
/// [RFC 5248](https://www.rfc-editor.org/rfc/rfc5248)).
///
/// ```
/// # use smtp_proto::{EnhancedClass, EnhancedCode};
/// let code: EnhancedCode = "5.7.509".parse()?;
/// assert_eq!((code.class(), code.subject(), code.detail()), (EnhancedClass::Permanent, 7, 509));
/// assert_eq!(code.to_string(), "5.7.509");
/// # Ok::<(), smtp_proto::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct EnhancedCode {
    class: EnhancedClass,
    subject: u16,
    detail: u16,
}

/// The first number of an [`EnhancedCode`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum EnhancedClass {
    /// 2: done.
    Success = 2,
    /// 4: not done; trying again may help.
    Transient = 4,
    /// 5: not done; trying again will not help.
    Permanent = 5,
}

impl EnhancedCode {
    /// 2.0.0, done.
    pub const OK: Self = Self::success(0, 0);
    /// 2.1.0, the sender is fine.
    pub const SENDER_OK: Self = Self::success(1, 0);
    /// 2.1.5, the recipient is fine.
    pub const RECIPIENT_OK: Self = Self::success(1, 5);
    /// 2.6.0, the message is fine.
    pub const MESSAGE_OK: Self = Self::success(6, 0);
    /// 2.7.0, authenticated.
    pub const AUTHENTICATED: Self = Self::success(7, 0);
    /// 5.1.3, bad syntax of the recipient's address.
    pub const BAD_RECIPIENT_SYNTAX: Self = Self::permanent(1, 3);
    /// 5.1.7, bad syntax of the sender's address.
    pub const BAD_SENDER_SYNTAX: Self = Self::permanent(1, 7);
    /// 5.3.4, the message is too big.
    pub const MESSAGE_TOO_BIG: Self = Self::permanent(3, 4);
    /// 4.5.3, too many recipients.
    pub const TOO_MANY_RECIPIENTS: Self = Self::transient(5, 3);
    /// 5.5.1, the command may not stand here.
    pub const INVALID_COMMAND: Self = Self::permanent(5, 1);
    /// 5.5.2, syntax error.
    pub const SYNTAX: Self = Self::permanent(5, 2);
    /// 5.5.4, invalid arguments.
    pub const INVALID_ARGUMENTS: Self = Self::permanent(5, 4);
    /// 5.5.6, a line of a SASL exchange is too long.
    pub const AUTH_LINE_TOO_LONG: Self = Self::permanent(5, 6);
    /// 5.6.7, addresses that are not ASCII are not permitted here.
    pub const NON_ASCII_ADDRESS: Self = Self::permanent(6, 7);
    /// 5.7.0, a matter of security.
    pub const SECURITY: Self = Self::permanent(7, 0);
    /// 5.7.8, the credentials are invalid.
    pub const BAD_CREDENTIALS: Self = Self::permanent(7, 8);

    /// `2.subject.detail`.
    ///
    /// # Panics
    /// A number is above 999: in a `const` that is an error of the compiler.
    pub const fn success(subject: u16, detail: u16) -> Self {
        Self::new(EnhancedClass::Success, subject, detail)
    }

    /// `4.subject.detail`.
    ///
    /// # Panics
    /// A number is above 999: in a `const` that is an error of the compiler.
    pub const fn transient(subject: u16, detail: u16) -> Self {
        Self::new(EnhancedClass::Transient, subject, detail)
    }

    /// `5.subject.detail`.
    ///
    /// # Panics
    /// A number is above 999: in a `const` that is an error of the compiler.
    pub const fn permanent(subject: u16, detail: u16) -> Self {
        Self::new(EnhancedClass::Permanent, subject, detail)
    }

    /// `class.subject.detail`. For numbers that are not known beforehand, parse a text instead.
    ///
    /// # Panics
    /// A number is above 999: in a `const` that is an error of the compiler.
    pub const fn new(class: EnhancedClass, subject: u16, detail: u16) -> Self {
        assert!(subject <= 999 && detail <= 999, "subject and detail have at most three digits");
        Self { class, subject, detail }
    }

    /// Whether it is done, not done, or never to be done.
    pub const fn class(self) -> EnhancedClass {
        self.class
    }

    /// What it is about: 1 addresses, 2 mailboxes, 3 the system, 4 the network, 5 the protocol, 6 content,
    /// 7 security.
    pub const fn subject(self) -> u16 {
        self.subject
    }

    /// What happened, by subject.
    pub const fn detail(self) -> u16 {
        self.detail
    }

    /// Is it of this reply's class?
    pub const fn fits(self, code: Code) -> bool {
        // rule rfc2034 4 class-of-reply: an enhanced code of another class than its reply is text [instead: true]
        code.as_u16() / 100 == self.class as u16
    }

    pub(crate) const fn from_checked(class: EnhancedClass, subject: u16, detail: u16) -> Self {
        Self { class, subject, detail }
    }
}

impl FromStr for EnhancedCode {
    type Err = ParseError;
    fn from_str(code: &str) -> Result<Self, ParseError> {
        span::parse(&Bytes::copy_from_slice(code.as_bytes()), grammar::reply::status_code)
    }
}

impl fmt::Debug for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for EnhancedCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.class as u8, self.subject, self.detail)
    }
}
