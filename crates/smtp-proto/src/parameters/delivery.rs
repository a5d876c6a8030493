//! When and how a message is to be delivered.
use super::time::DateTime;
use crate::grammar;
use alloc::vec::Vec;
use core::{fmt, str::FromStr};
use mail_wire::{
    Output, ParseError,
    span::{self, Span},
};

/// By when a message must be delivered: `BY=` ([RFC 2852 §4](https://www.rfc-editor.org/rfc/rfc2852#section-4)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct DeliverBy {
    seconds: i32,
    mode: ByMode,
    trace: bool,
}

/// What happens to a message that is late.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum ByMode {
    /// `N`: the sender is notified, and the message is still delivered.
    Notify,
    /// `R`: the message is returned.
    Return,
}

/// How urgent a message is, from -9 to 9; 0 is usual: `MT-PRIORITY=`
/// ([RFC 6710 §3](https://www.rfc-editor.org/rfc/rfc6710#section-3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Priority(i8);

/// How long a message is held before it is sent on
/// ([RFC 4865 §4](https://www.rfc-editor.org/rfc/rfc4865#section-4)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Hold<'a> {
    /// `HOLDFOR=`: for so many seconds, from 1 to 999,999,999.
    For(u32),
    /// `HOLDUNTIL=`: until then, told in UTC.
    Until(DateTime<'a>),
}

/// Since when a recipient's mailbox must have had its owner: `RRVS=`
/// ([RFC 7293 §3](https://www.rfc-editor.org/rfc/rfc7293#section-3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct ValidSince<'a> {
    /// Since when.
    pub since: DateTime<'a>,
    /// What a relay does whose next hop cannot tell. `None` means `Reject`.
    pub unsupported: Option<Unsupported>,
}

/// What a relay does where the next server does not offer RRVS.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Unsupported {
    /// `C`: goes on without.
    Continue,
    /// `R`: rejects.
    Reject,
}

/// How a message may be tracked: `MTRK=` ([RFC 3885 §3](https://www.rfc-editor.org/rfc/rfc3885#section-3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Tracking<'a> {
    /// Proves later who asks, in base64 without padding.
    pub certifier: &'a str,
    /// For how many seconds tracking information is kept.
    pub timeout: Option<u32>,
}

impl DeliverBy {
    /// Within so many seconds from now; less than 0: it is late already.
    ///
    /// # Errors
    /// There are more than nine digits, or what is late already is to be returned.
    pub fn new(seconds: i32, mode: ByMode) -> Result<Self, ParseError> {
        let by = Self { seconds, mode, trace: false };
        let mut value = Vec::new();
        by.encode(&mut value);
        span::parse_text(&value, grammar::delivery::by_value)?;
        Ok(by)
    }

    /// The same with `T`: each relay tells the sender that it took the message.
    #[must_use]
    pub fn with_trace(self) -> Self {
        Self { trace: true, ..self }
    }

    /// How many seconds are left; less than 0: it is late.
    pub fn seconds(self) -> i32 {
        self.seconds
    }

    /// What happens when it is late.
    pub fn mode(self) -> ByMode {
        self.mode
    }

    /// Does each relay tell the sender?
    pub fn is_traced(self) -> bool {
        self.trace
    }

    pub(crate) fn from_checked(seconds: i32, mode: ByMode, trace: bool) -> Self {
        Self { seconds, mode, trace }
    }

    pub(crate) fn encode(self, out: &mut impl Output) {
        if self.seconds < 0 {
            out.text(b"-");
        }
        out.number(u64::from(self.seconds.unsigned_abs()));
        out.text(match self.mode {
            ByMode::Notify => b";N",
            ByMode::Return => b";R",
        });
        if self.trace {
            out.text(b"T");
        }
    }
}

impl Priority {
    /// `None`: it is below -9 or above 9.
    pub fn new(priority: i8) -> Option<Self> {
        (-9..=9).contains(&priority).then_some(Self(priority))
    }

    /// The number.
    pub fn number(self) -> i8 {
        self.0
    }
}

impl fmt::Display for Priority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for Priority {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        span::parse_text(text.as_bytes(), grammar::delivery::priority_value)
    }
}

impl<'a> ValidSince<'a> {
    pub(crate) fn from_checked(value: &'a str) -> Self {
        let (since, unsupported) = match value.split_once(';') {
            Some((since, action)) if action.eq_ignore_ascii_case("C") => (since, Some(Unsupported::Continue)),
            Some((since, _)) => (since, Some(Unsupported::Reject)),
            None => (value, None),
        };
        Self { since: DateTime::from_checked(since), unsupported }
    }

    pub(crate) fn encode(self, out: &mut impl Output) {
        out.text(self.since.as_str().as_bytes());
        match self.unsupported {
            Some(Unsupported::Continue) => out.text(b";C"),
            Some(Unsupported::Reject) => out.text(b";R"),
            None => {}
        }
    }
}

impl<'a> Tracking<'a> {
    pub(crate) fn from_checked(value: &'a str) -> Self {
        match value.split_once(':') {
            Some((certifier, timeout)) => Self { certifier, timeout: timeout.parse().ok() },
            None => Self { certifier: value, timeout: None },
        }
    }
}

/// The value of BY that the grammar has checked.
pub(crate) fn by(value: &str) -> Option<DeliverBy> {
    grammar::delivery::by_value(Span::of(value.as_bytes())).ok().map(|(_, by)| by)
}
