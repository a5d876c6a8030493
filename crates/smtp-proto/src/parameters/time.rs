//! Points in time, as parameters tell them.
use crate::grammar;
use core::fmt;
use mail_wire::{ParseError, span};

/// `date-time` ([RFC 3339 §5.6](https://www.rfc-editor.org/rfc/rfc3339#section-5.6)): a day that there is, and a time
/// of that day.
///
/// ```
/// use smtp_proto::DateTime;
/// assert_eq!(DateTime::new("2014-04-03T23:01:00Z")?.unix_seconds(), 1_396_566_060);
/// assert!(DateTime::new("2014-02-29T23:01:00Z").is_err());
/// # Ok::<(), smtp_proto::ParseError>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct DateTime<'a>(&'a str);

impl<'a> DateTime<'a> {
    /// Checks it.
    ///
    /// # Errors
    /// It does not follow the grammar, or there is no such day or time.
    pub fn new(text: &'a str) -> Result<Self, ParseError> {
        span::parse_text(text.as_bytes(), grammar::time::date_time)?;
        Ok(Self(text))
    }

    /// As it was written.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// Seconds since 1970 in UTC; fractions are left out, and a leap second is the one behind it.
    pub fn unix_seconds(self) -> i64 {
        // Checked when it was read.
        span::parse_text(self.0.as_bytes(), grammar::time::date_time).unwrap_or_default()
    }

    pub(crate) fn from_checked(text: &'a str) -> Self {
        Self(text)
    }
}

impl fmt::Display for DateTime<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
