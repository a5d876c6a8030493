//! Dates and times.
use super::Tolerance;
use crate::{Date, DateTime, DeviationKind};
use mail_wire::span::{Parsed, Span, expected, octet};

/// `date = date-text / DQUOTE date-text DQUOTE`
pub(crate) fn date(i: Span<'_>) -> Parsed<'_, Date> {
    // rule rfc3501 9 date-without-quotes: a date may stand without quotation marks
    if i.first() != Some(b'"') {
        return date_text(i);
    }
    let (i, date) = date_text(i.part(1).0)?;
    let (i, ()) = octet(b'"', "a quotation mark")(i)?;
    Ok((i, date))
}

/// `date-text = date-day "-" date-month "-" date-year`, where `date-day = 1*2DIGIT`
pub(crate) fn date_text(i: Span<'_>) -> Parsed<'_, Date> {
    let (rest, day) = match digits::<2>(i) {
        Ok(found) => found,
        Err(_) => digits::<1>(i)?,
    };
    month_and_year(i, rest, day)
}

/// `"-" date-month "-" date-year`, behind the day that starts at `i`.
fn month_and_year<'a>(i: Span<'a>, rest: Span<'a>, day: u16) -> Parsed<'a, Date> {
    let (rest, ()) = octet(b'-', "'-'")(rest)?;
    let (rest, month) = date_month(rest)?;
    let (rest, ()) = octet(b'-', "'-'")(rest)?;
    let (rest, year) = digits::<4>(rest)?;
    match u8::try_from(day).ok().and_then(|day| Date::new(year, month, day)) {
        Some(date) => Ok((rest, date)),
        None => expected(i, "a day from 1 to 31"),
    }
}

/// `date-month = "Jan" / "Feb" / ..`, in any case.
fn date_month(i: Span<'_>) -> Parsed<'_, u8> {
    let month = i.text().first_chunk::<3>().map(|letters| letters.map(|letter| letter.to_ascii_lowercase()));
    let month = match month.as_ref() {
        Some(b"jan") => 1,
        Some(b"feb") => 2,
        Some(b"mar") => 3,
        Some(b"apr") => 4,
        Some(b"may") => 5,
        Some(b"jun") => 6,
        Some(b"jul") => 7,
        Some(b"aug") => 8,
        Some(b"sep") => 9,
        Some(b"oct") => 10,
        Some(b"nov") => 11,
        Some(b"dec") => 12,
        _ => return expected(i, "a month"),
    };
    Ok((i.part(3).0, month))
}

/// `date-time = DQUOTE date-day-fixed "-" date-month "-" date-year SP time SP zone DQUOTE`
pub(crate) fn date_time<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, DateTime> {
    let (i, ()) = octet(b'"', "a date in quotation marks")(i)?;
    let (i, date) = date_time_text(i, tolerance)?;
    let (i, ()) = octet(b'"', "a quotation mark")(i)?;
    Ok((i, date))
}

/// `date-day-fixed "-" date-month "-" date-year SP time SP zone`, where `date-day-fixed = (SP DIGIT) / 2DIGIT`,
/// `time = 2DIGIT ":" 2DIGIT ":" 2DIGIT` and `zone = ("+" / "-") 4DIGIT`
pub(crate) fn date_time_text<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, DateTime> {
    let (rest, day) = match i.first() {
        // rule rfc3501 9 fixed-day: the day of a date-time has two places
        Some(b' ') => digits::<1>(i.part(1).0)?,
        _ => match digits::<2>(i) {
            Ok(found) => found,
            Err(e) => match digits::<1>(i) {
                Ok(found) if tolerance.tolerate(DeviationKind::ShortDay, i) => found,
                _ => return Err(e),
            },
        },
    };
    let (rest, date) = month_and_year(i, rest, day)?;
    let (time, ()) = octet(b' ', "a space")(rest)?;
    let (rest, hour) = digits::<2>(time)?;
    let (rest, ()) = octet(b':', "':'")(rest)?;
    let (rest, minute) = digits::<2>(rest)?;
    let (rest, ()) = octet(b':', "':'")(rest)?;
    let (rest, second) = digits::<2>(rest)?;
    let is_local = rest.first() == Some(b'"') && tolerance.tolerate(DeviationKind::MissingField, rest);
    let part = |value: u16| u8::try_from(value).unwrap_or(u8::MAX);
    if is_local {
        // Whose clock it was cannot be known: it is taken for UTC.
        return match DateTime::new(date, part(hour), part(minute), part(second), 0) {
            Some(date) => Ok((rest, date)),
            None => expected(time, "a time of day"),
        };
    }
    let (sign, ()) = octet(b' ', "a space")(rest)?;
    let west = match sign.first() {
        Some(b'+') => false,
        Some(b'-') => true,
        _ => return expected(sign, "'+' or '-'"),
    };
    let (rest, zone_hours) = digits::<2>(sign.part(1).0)?;
    let (rest, zone_minutes) = digits::<2>(rest)?;
    let zone = i16::try_from(zone_hours * 60 + zone_minutes).unwrap_or(i16::MAX);
    let zone = if west { -zone } else { zone };
    // rule rfc3501 9 zone-of-minutes: a zone has hours and minutes
    if zone_minutes > 59 {
        return expected(sign, "a zone of hours and minutes");
    }
    match DateTime::new(date, part(hour), part(minute), part(second), zone) {
        Some(date) => Ok((rest, date)),
        None => expected(time, "a time of day"),
    }
}

/// Exactly so many digits: at most four.
fn digits<const N: usize>(i: Span<'_>) -> Parsed<'_, u16> {
    let Some(digits) = i.text().first_chunk::<N>() else { return expected(i, "a digit") };
    let mut value = 0;
    for digit in digits {
        if !digit.is_ascii_digit() {
            return expected(i, "a digit");
        }
        value = value * 10 + u16::from(digit - b'0');
    }
    Ok((i.part(N).0, value))
}
