//! Reply codes.
use core::fmt;

/// A reply code: 200 to 599 ([RFC 5321 §4.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.2)).
///
/// A client decides by the [`class`](Self::class); new codes may appear at any time.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Code(u16);

/// What the first digit of a [`Code`] says ([RFC 5321 §4.2.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.2.1)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Class {
    /// 2yz: done.
    Completion,
    /// 3yz: so far so good, more is awaited.
    Intermediate,
    /// 4yz: not done; trying again may help.
    Transient,
    /// 5yz: not done; trying again will not help.
    Permanent,
}

/// No reply code: below 200, above 599, or with a second digit above 5.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("reply code {0} where 200 to 559 are allowed, with a second digit of at most 5")]
pub struct InvalidCode(pub u16);

impl Code {
    /// 211, system status or help.
    pub const SYSTEM_STATUS: Self = Self(211);
    /// 214, help.
    pub const HELP: Self = Self(214);
    /// 220, the greeting; also: go ahead with TLS.
    pub const READY: Self = Self(220);
    /// 221, the answer to QUIT.
    pub const CLOSING: Self = Self(221);
    /// 235, authenticated ([RFC 4954 §6](https://www.rfc-editor.org/rfc/rfc4954#section-6)).
    pub const AUTHENTICATED: Self = Self(235);
    /// 250, done.
    pub const OK: Self = Self(250);
    /// 251, not local, will forward.
    pub const WILL_FORWARD: Self = Self(251);
    /// 252, cannot verify, but will accept.
    pub const CANNOT_VERIFY: Self = Self(252);
    /// 334, the next octets of a SASL exchange ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
    pub const CHALLENGE: Self = Self(334);
    /// 354, begin the message.
    pub const START_MAIL: Self = Self(354);
    /// 421, the service is closing; may come at any moment.
    pub const NOT_AVAILABLE: Self = Self(421);
    /// 432, a password transition is needed ([RFC 4954 §6](https://www.rfc-editor.org/rfc/rfc4954#section-6)).
    pub const PASSWORD_TRANSITION: Self = Self(432);
    /// 450, mailbox busy.
    pub const MAILBOX_BUSY: Self = Self(450);
    /// 451, error in processing.
    pub const LOCAL_ERROR: Self = Self(451);
    /// 452, insufficient storage, or too many recipients.
    pub const INSUFFICIENT_STORAGE: Self = Self(452);
    /// 454, TLS or authentication temporarily not available ([RFC 3207 §4](https://www.rfc-editor.org/rfc/rfc3207#section-4)).
    pub const TEMPORARY_AUTH_FAILURE: Self = Self(454);
    /// 455, unable to accommodate parameters.
    pub const CANNOT_ACCOMMODATE: Self = Self(455);
    /// 500, syntax error: not a command.
    pub const UNRECOGNISED: Self = Self(500);
    /// 501, syntax error in the arguments.
    pub const BAD_ARGUMENT: Self = Self(501);
    /// 502, command not implemented.
    pub const NOT_IMPLEMENTED: Self = Self(502);
    /// 503, bad sequence of commands.
    pub const BAD_SEQUENCE: Self = Self(503);
    /// 504, parameter not implemented.
    pub const PARAMETER_NOT_IMPLEMENTED: Self = Self(504);
    /// 521, the host takes no mail ([RFC 7504](https://www.rfc-editor.org/rfc/rfc7504)).
    pub const NO_MAIL: Self = Self(521);
    /// 530, authentication or TLS is required first ([RFC 4954 §6](https://www.rfc-editor.org/rfc/rfc4954#section-6)).
    pub const AUTH_REQUIRED: Self = Self(530);
    /// 534, the mechanism is too weak ([RFC 4954 §6](https://www.rfc-editor.org/rfc/rfc4954#section-6)).
    pub const MECHANISM_TOO_WEAK: Self = Self(534);
    /// 535, the credentials are invalid ([RFC 4954 §6](https://www.rfc-editor.org/rfc/rfc4954#section-6)).
    pub const BAD_CREDENTIALS: Self = Self(535);
    /// 538, the mechanism needs encryption ([RFC 4954 §6](https://www.rfc-editor.org/rfc/rfc4954#section-6)).
    pub const ENCRYPTION_REQUIRED: Self = Self(538);
    /// 550, mailbox unavailable, or refused for policy.
    pub const MAILBOX_UNAVAILABLE: Self = Self(550);
    /// 551, not local.
    pub const NOT_LOCAL: Self = Self(551);
    /// 552, too much: storage, or a message that is too large.
    pub const EXCEEDED_STORAGE: Self = Self(552);
    /// 553, mailbox name not allowed.
    pub const MAILBOX_NAME_NOT_ALLOWED: Self = Self(553);
    /// 554, transaction failed; as a greeting: no service here.
    pub const TRANSACTION_FAILED: Self = Self(554);
    /// 555, parameters not recognised or not implemented.
    pub const PARAMETER_UNRECOGNISED: Self = Self(555);
    /// 556, the domain takes no mail ([RFC 7504](https://www.rfc-editor.org/rfc/rfc7504)).
    pub const DOMAIN_TAKES_NO_MAIL: Self = Self(556);

    /// A code by its number.
    ///
    /// # Errors
    /// It is not of the form `%x32-35 %x30-35 %x30-39`.
    pub const fn new(code: u16) -> Result<Self, InvalidCode> {
        // rule rfc5321 4.3.2 codes-of-three-digits: a code has three digits, from 2 to 5 [instead: Ok(Self(code))]
        if code >= 200 && code <= 599 && code / 10 % 10 <= 5 {
            Ok(Self(code))
        } else {
            Err(InvalidCode(code))
        }
    }

    /// Its number.
    pub const fn as_u16(self) -> u16 {
        self.0
    }

    /// What its first digit says.
    pub const fn class(self) -> Class {
        match self.0 / 100 {
            // rule rfc5321 4.2.1 2yz: 2yz says that it is done
            2 => Class::Completion,
            // rule rfc5321 4.2.1 3yz: 3yz says that more is awaited
            3 => Class::Intermediate,
            // rule rfc5321 4.2.1 4yz: 4yz says that trying again may help
            4 => Class::Transient,
            _ => Class::Permanent,
        }
    }

    /// A code of 200 to 599, whatever its second digit.
    pub(crate) const fn from_checked(code: u16) -> Self {
        Self(code)
    }
}

impl TryFrom<u16> for Code {
    type Error = InvalidCode;
    fn try_from(code: u16) -> Result<Self, InvalidCode> {
        Self::new(code)
    }
}

impl From<Code> for u16 {
    fn from(code: Code) -> Self {
        code.0
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
