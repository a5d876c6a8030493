//! `date-time` ([RFC 3339 §5.6](https://www.rfc-editor.org/rfc/rfc3339#section-5.6)).
use mail_wire::{
    class::{self, DIGIT},
    span::{Parsed, Span, expected, octet},
};

const DAY: i64 = 86_400;

/// `date-time = full-date "T" full-time`: seconds since 1970, in UTC.
pub(crate) fn date_time(i: Span<'_>) -> Parsed<'_, i64> {
    let (rest, local) = local_time(i)?;
    let (rest, offset) = time_offset(rest)?;
    Ok((rest, local - offset))
}

/// The same in UTC: its `time-offset` is `Z`.
pub(crate) fn date_time_utc(i: Span<'_>) -> Parsed<'_, ()> {
    let (rest, _) = local_time(i)?;
    zulu(rest)
}

/// `full-date = date-fullyear "-" date-month "-" date-mday`, `partial-time = time-hour ":" time-minute ":"
/// time-second [time-secfrac]`
fn local_time(i: Span<'_>) -> Parsed<'_, i64> {
    let (rest, year) = digits(i, 4, 0, 9999)?;
    let (rest, ()) = octet(b'-', "'-'")(rest)?;
    let (rest, month) = digits(rest, 2, 1, 12)?;
    let (rest, ()) = octet(b'-', "'-'")(rest)?;
    let (rest, day) = digits(rest, 2, 1, days_of(year, month))?;
    let rest = match rest.first() {
        Some(b'T' | b't') => rest.part(1).0,
        _ => return expected(rest, "'T'"),
    };
    let (rest, hour) = digits(rest, 2, 0, 23)?;
    let (rest, ()) = octet(b':', "':'")(rest)?;
    let (rest, minute) = digits(rest, 2, 0, 59)?;
    let (rest, ()) = octet(b':', "':'")(rest)?;
    let (rest, second) = digits(rest, 2, 0, 60)?;
    let rest = secfrac(rest)?.0;
    Ok((rest, days_since_1970(year, month, day) * DAY + hour * 3600 + minute * 60 + second))
}

/// `time-secfrac = "." 1*DIGIT`, or nothing
fn secfrac(i: Span<'_>) -> Parsed<'_, ()> {
    let Ok((rest, ())) = octet(b'.', "'.'")(i) else { return Ok((i, ())) };
    match class::run(rest.text(), DIGIT) {
        0 => expected(rest, "a digit"),
        octets => Ok((rest.part(octets).0, ())),
    }
}

/// `time-offset = "Z" / ("+" / "-") time-hour ":" time-minute`, in seconds
fn time_offset(i: Span<'_>) -> Parsed<'_, i64> {
    let sign = match i.first() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => return zulu(i).map(|(rest, ())| (rest, 0)),
    };
    let (rest, hour) = digits(i.part(1).0, 2, 0, 23)?;
    let (rest, ()) = octet(b':', "':'")(rest)?;
    let (rest, minute) = digits(rest, 2, 0, 59)?;
    Ok((rest, sign * (hour * 3600 + minute * 60)))
}

fn zulu(i: Span<'_>) -> Parsed<'_, ()> {
    match i.first() {
        Some(b'Z' | b'z') => Ok((i.part(1).0, ())),
        _ => expected(i, "a time zone"),
    }
}

/// So many digits, whose number is within these ends.
fn digits(i: Span<'_>, octets: usize, least: i64, most: i64) -> Parsed<'_, i64> {
    let (rest, taken) = i.part(octets);
    if class::run(taken.text(), DIGIT) < octets {
        return expected(i, "digits of a date and time");
    }
    let number = taken.text().iter().fold(0, |number, digit| number * 10 + i64::from(digit - b'0'));
    if (least..=most).contains(&number) {
        Ok((rest, number))
    } else {
        expected(i, "a date and time that there is")
    }
}

fn days_of(year: i64, month: i64) -> i64 {
    match month {
        2 if year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Years are counted from March here, so that the leap day is a year's last.
fn days_since_1970(year: i64, month: i64, day: i64) -> i64 {
    let year = if month < 3 { year - 1 } else { year };
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    365 * year + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + of_year - 719_468
}
