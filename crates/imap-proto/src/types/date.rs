//! Dates and times.
use crate::{Deviations, Dialect, grammar};
use bytes::Bytes;
use core::{fmt, str::FromStr};
use mail_wire::{ParseError, span};

/// A day, as SEARCH takes it: `1-Feb-1994` ([RFC 9051 §9](https://www.rfc-editor.org/rfc/rfc9051#section-9), `date`).
///
/// Days are 1 to 31, whatever the month, as the RFC has it.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Date {
    year: u16,
    month: u8,
    day: u8,
}

/// A moment with its time zone: when a server took a message in (`INTERNALDATE`).
///
/// ```
/// let date = "17-Jul-1996 02:44:25 -0700".parse::<imap_proto::DateTime>()?;
/// assert_eq!(date.to_unix(), 837_596_665);
/// assert_eq!(imap_proto::DateTime::from_unix(837_596_665, -7 * 60), Some(date));
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct DateTime {
    date: Date,
    hour: u8,
    minute: u8,
    second: u8,
    /// Minutes east of Greenwich.
    zone: i16,
}

pub(crate) const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

const DAY: i64 = 86_400;

impl Date {
    /// A day of a year from 0 to 9999. `None` where there is none.
    pub fn new(year: u16, month: u8, day: u8) -> Option<Self> {
        let is_one = year <= 9999 && matches!(month, 1..=12) && matches!(day, 1..=31);
        is_one.then_some(Self { year, month, day })
    }

    /// The year, of four digits.
    pub fn year(self) -> u16 {
        self.year
    }

    /// The month, from 1.
    pub fn month(self) -> u8 {
        self.month
    }

    /// The day of the month, from 1.
    pub fn day(self) -> u8 {
        self.day
    }

    /// The month as it is written: `Jan`.
    pub(crate) fn month_name(self) -> &'static str {
        MONTHS.get(usize::from(self.month).wrapping_sub(1)).copied().unwrap_or("Jan")
    }

    /// Days since 1 January 1970. The 31st of a shorter month is the first of the next.
    pub fn to_days(self) -> i64 {
        // Years begin in March, so that the leap day is the last of one.
        let (year, month) = (i64::from(self.year), i64::from(self.month));
        let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
        let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
        let day = (153 * month + 2) / 5 + i64::from(self.day) - 1;
        era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + day - 719_468
    }

    /// The day that is so many after 1 January 1970. `None` outside of the years 0 to 9999.
    pub fn from_days(days: i64) -> Option<Self> {
        let days = days.checked_add(719_468)?;
        let (era, of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
        let year = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
        let of_year = of_era - (365 * year + year / 4 - year / 100);
        let month = (5 * of_year + 2) / 153;
        let day = of_year - (153 * month + 2) / 5 + 1;
        let (month, next) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
        let year = era.checked_mul(400)?.checked_add(year + next)?;
        Self::new(u16::try_from(year).ok()?, u8::try_from(month).ok()?, u8::try_from(day).ok()?)
    }
}

impl DateTime {
    /// A moment of this day, in a zone so many minutes east of Greenwich. `None` where there is none: a second may
    /// be 60, and a zone is less than 100 hours away.
    pub fn new(date: Date, hour: u8, minute: u8, second: u8, zone: i16) -> Option<Self> {
        let is_one = hour <= 23 && minute <= 59 && second <= 60 && zone.unsigned_abs() < 6000;
        is_one.then_some(Self { date, hour, minute, second, zone })
    }

    /// The day, in its zone.
    pub fn date(self) -> Date {
        self.date
    }

    /// The hour, from 0 to 23, in its zone.
    pub fn hour(self) -> u8 {
        self.hour
    }

    /// The minute.
    pub fn minute(self) -> u8 {
        self.minute
    }

    /// The second; 60 is a leap second.
    pub fn second(self) -> u8 {
        self.second
    }

    /// Minutes east of Greenwich.
    pub fn zone(self) -> i16 {
        self.zone
    }

    /// Seconds since 1 January 1970, UTC.
    pub fn to_unix(self) -> i64 {
        let of_day = (i64::from(self.hour) * 60 + i64::from(self.minute) - i64::from(self.zone)) * 60;
        self.date.to_days() * DAY + of_day + i64::from(self.second)
    }

    /// The moment that is so many seconds after 1 January 1970, UTC, in a zone so many minutes east of Greenwich.
    /// `None` outside of the years 0 to 9999.
    pub fn from_unix(seconds: i64, zone: i16) -> Option<Self> {
        let seconds = seconds.checked_add(i64::from(zone) * 60)?;
        let (days, of_day) = (seconds.div_euclid(DAY), seconds.rem_euclid(DAY));
        let part = |seconds: i64| u8::try_from(seconds).ok();
        let (hour, minute, second) = (part(of_day / 3600)?, part(of_day / 60 % 60)?, part(of_day % 60)?);
        Self::new(Date::from_days(days)?, hour, minute, second, zone)
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}-{:04}", self.day, self.month_name(), self.year)
    }
}

impl fmt::Debug for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Display for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { date, hour, minute, second, zone } = *self;
        let (sign, zone) = (if zone < 0 { '-' } else { '+' }, zone.unsigned_abs());
        let (day, month, year) = (date.day, date.month_name(), date.year);
        write!(
            f,
            "{day:2}-{month}-{year:04} {hour:02}:{minute:02}:{second:02} {sign}{:02}{:02}",
            zone / 60,
            zone % 60
        )
    }
}

impl fmt::Debug for DateTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Date {
    type Err = ParseError;
    /// Reads `1-Feb-1994`.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        span::parse(&Bytes::copy_from_slice(text.as_bytes()), grammar::date::date_text)
    }
}

impl FromStr for DateTime {
    type Err = ParseError;
    /// Reads `17-Jul-1996 02:44:25 -0700`, a day of one digit after a space.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (text, mut deviations) = (Bytes::copy_from_slice(text.as_bytes()), Deviations::new());
        let mut tolerance = grammar::Tolerance::new(&text, &Dialect::default(), &mut deviations);
        span::parse(&text, |i| grammar::date::date_time_text(i, &mut tolerance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn days_count_as_the_calendar_does() {
        for (days, text) in [
            (0, "1-Jan-1970"),
            (-1, "31-Dec-1969"),
            (59, "1-Mar-1970"),
            (11_016, "29-Feb-2000"),
            (11_017, "1-Mar-2000"),
            (-719_528, "1-Jan-0000"),
            (2_932_896, "31-Dec-9999"),
        ] {
            let date = Date::from_days(days).unwrap();
            assert_eq!((date.to_string().as_str(), date.to_days()), (text, days));
            assert_eq!(text.parse(), Ok(date));
        }
        let mut last = None;
        for days in -719_528..=2_932_896 {
            let date = Date::from_days(days).unwrap();
            assert_eq!(date.to_days(), days);
            assert!(last < Some(date));
            last = Some(date);
        }
        assert_eq!(Date::from_days(2_932_897), None);
        assert_eq!(Date::from_days(-719_529), None);
        assert_eq!(Date::from_days(i64::MAX), None);
        assert_eq!(Date::new(2023, 2, 31).unwrap().to_days(), Date::new(2023, 3, 3).unwrap().to_days());
    }

    // covers rfc3501 9 fixed-day
    #[test]
    fn a_moment_keeps_its_zone() {
        for text in ["17-Jul-1996 02:44:25 -0700", " 1-Jan-2024 00:00:00 +0000", "31-Dec-9999 23:59:60 +1345"]
        {
            assert_eq!(text.parse::<DateTime>().unwrap().to_string(), text);
        }
        let date = DateTime::from_unix(0, -90).unwrap();
        assert_eq!(date.to_string(), "31-Dec-1969 22:30:00 -0130");
        assert_eq!(date.to_unix(), 0);
        assert_eq!(DateTime::from_unix(i64::MAX, 0), None);
        assert_eq!(DateTime::from_unix(0, 6000), None);
    }
}
