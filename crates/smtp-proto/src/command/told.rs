//! What one host tells of another.
use crate::grammar::attribute;

/// A value, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Told<T> {
    /// It is this.
    Value(T),
    /// `[UNAVAILABLE]`: it is not known.
    Unavailable,
    /// `[TEMPUNAVAIL]`: it could not be found out now. Of names alone.
    TempUnavailable,
}

/// Where a host has a message from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Source {
    /// `LOCAL`: from itself.
    Local,
    /// `REMOTE`: from another host.
    Remote,
}

impl<'a> Told<&'a str> {
    pub(super) fn of(text: &'a str) -> Self {
        if text.eq_ignore_ascii_case(attribute::UNAVAILABLE) {
            Self::Unavailable
        } else if text.eq_ignore_ascii_case(attribute::TEMPUNAVAIL) {
            Self::TempUnavailable
        } else {
            Self::Value(text)
        }
    }
}
