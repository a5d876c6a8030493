//! Data of which only its extent is known.
use crate::{Deviations, Dialect, grammar};
use bytes::Bytes;
use core::fmt;
use mail_wire::ParseError;

/// Data of an extension that this crate does not know, as it was written: text on one line, with its literals in
/// place. It is written as it came.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Raw(Bytes);

impl Raw {
    /// No data.
    pub const EMPTY: Self = Self(Bytes::new());

    /// Data of these octets.
    ///
    /// # Errors
    /// They hold CR, LF or NUL outside of literals, or end in the announcement of one.
    pub fn new(octets: impl Into<Bytes>) -> Result<Self, ParseError> {
        let (octets, mut deviations) = (octets.into(), Deviations::new());
        grammar::response::whole(&octets, &Dialect::default(), &mut deviations, |i, _| {
            grammar::response::raw::raw(i)
        })
    }

    /// Of octets that the grammar has checked.
    pub(crate) fn from_checked(octets: Bytes) -> Self {
        Self(octets)
    }

    /// The octets.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// A copy of just these octets, free of the block they were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self(Bytes::copy_from_slice(&self.0))
    }
}

impl fmt::Debug for Raw {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}
