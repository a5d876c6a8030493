//! Values of BY, MT-PRIORITY, HOLDFOR, HOLDUNTIL, RRVS, MTRK, SOLICIT and TRANSID.
use super::time::{date_time, date_time_utc};
use crate::{ByMode, DeliverBy, Priority};
use mail_wire::{
    class::{self, ALNUM, ALPHA, DIGIT, VALUE},
    span::{Parsed, Span, expected, octet},
};

const MAX_TRANSID: usize = 80;
const MAX_SOLICIT: usize = 1000;

/// `1*9DIGIT`
pub(super) fn nine_digits(i: Span<'_>) -> Parsed<'_, u32> {
    let octets = class::run(i.text(), DIGIT);
    if !(1..=9).contains(&octets) {
        return expected(i, "a number of 1 to 9 digits");
    }
    let (rest, digits) = i.part(octets);
    Ok((rest, digits.text().iter().fold(0, |number, digit| number * 10 + u32::from(digit - b'0'))))
}

/// `by-value = by-time ";" by-mode [by-trace]`, `by-time = ["-" / "+"] 1*9DIGIT`
/// ([RFC 2852 §4](https://www.rfc-editor.org/rfc/rfc2852#section-4))
pub(crate) fn by_value(i: Span<'_>) -> Parsed<'_, DeliverBy> {
    let (digits, late) = match i.first() {
        Some(b'-') => (i.part(1).0, true),
        Some(b'+') => (i.part(1).0, false),
        _ => (i, false),
    };
    let (rest, seconds) = nine_digits(digits)?;
    // Nine digits fit.
    let seconds = i32::try_from(seconds).unwrap_or(i32::MAX);
    let seconds = if late { -seconds } else { seconds };
    let (rest, ()) = octet(b';', "';'")(rest)?;
    let (behind, mode) = match rest.first() {
        Some(b'N' | b'n') => (rest.part(1).0, ByMode::Notify),
        // What is to be returned must have time left.
        Some(b'R' | b'r') if seconds <= 0 => return expected(i, "a time above 0, or N"),
        Some(b'R' | b'r') => (rest.part(1).0, ByMode::Return),
        _ => return expected(rest, "N or R"),
    };
    let (behind, trace) = match behind.first() {
        Some(b'T' | b't') => (behind.part(1).0, true),
        _ => (behind, false),
    };
    Ok((behind, DeliverBy::from_checked(seconds, mode, trace)))
}

/// `priority-value = (["-"] NZDIGIT) / "0"` ([RFC 6710 §7](https://www.rfc-editor.org/rfc/rfc6710#section-7))
pub(crate) fn priority_value(i: Span<'_>) -> Parsed<'_, Priority> {
    let (octets, number) = match i.text() {
        [b'-', digit @ b'1'..=b'9', ..] => (2, -i16::from(digit - b'0')),
        [digit @ b'0'..=b'9', ..] => (1, i16::from(digit - b'0')),
        _ => (0, 10),
    };
    match i8::try_from(number).ok().and_then(Priority::new) {
        Some(priority) => Ok((i.part(octets).0, priority)),
        // rule rfc6710 7 priority-values: MT-PRIORITY is a number from -9 to 9 [instead: Ok((i, Priority::default()))]
        None => expected(i, "a number from -9 to 9"),
    }
}

/// `future-release-integer = %x31-39 *8DIGIT`: how many seconds
/// ([RFC 4865 §4](https://www.rfc-editor.org/rfc/rfc4865#section-4))
pub(super) fn future_release_integer(i: Span<'_>) -> Parsed<'_, u32> {
    match i.first() {
        Some(b'0') => expected(i, "a number above 0"),
        _ => nine_digits(i),
    }
}

/// `future-release-integer`
pub(crate) fn holdfor_value(i: Span<'_>) -> Parsed<'_, ()> {
    future_release_integer(i).map(|(rest, _)| (rest, ()))
}

/// A time in UTC ([RFC 4865 §4](https://www.rfc-editor.org/rfc/rfc4865#section-4))
pub(crate) fn holduntil_value(i: Span<'_>) -> Parsed<'_, ()> {
    date_time_utc(i)
}

/// `date-time [";" ("C" / "R")]` ([RFC 7293 §3.1](https://www.rfc-editor.org/rfc/rfc7293#section-3.1))
pub(crate) fn rrvs_value(i: Span<'_>) -> Parsed<'_, ()> {
    let (rest, _) = date_time(i)?;
    let Ok((rest, ())) = octet(b';', "';'")(rest) else { return Ok((rest, ())) };
    match rest.first() {
        Some(b'C' | b'c' | b'R' | b'r') => Ok((rest.part(1).0, ())),
        _ => expected(rest, "C or R"),
    }
}

/// `mtrk-certifier [":" mtrk-timeout]`, `mtrk-certifier = 1*base64`, `mtrk-timeout = 1*9DIGIT`
/// ([RFC 3885 §3](https://www.rfc-editor.org/rfc/rfc3885#section-3))
pub(crate) fn mtrk_value(i: Span<'_>) -> Parsed<'_, ()> {
    let is_base64 = |octet: &&u8| class::is(**octet, ALNUM) || matches!(octet, b'+' | b'/');
    let rest = match i.text().iter().take_while(is_base64).count() {
        0 => return expected(i, "base64 without padding"),
        octets => i.part(octets).0,
    };
    match octet(b':', "':'")(rest) {
        Ok((rest, ())) => nine_digits(rest).map(|(rest, _)| (rest, ())),
        Err(_) => Ok((rest, ())),
    }
}

/// `word *("," word)`, `word = ALPHA *wordchar`, at most 1000 octets
/// ([RFC 3865 §4](https://www.rfc-editor.org/rfc/rfc3865#section-4))
pub(crate) fn solicit_value(i: Span<'_>) -> Parsed<'_, ()> {
    let is_wordchar = |octet: &&u8| class::is(**octet, ALNUM) || matches!(octet, b'.' | b'-' | b'_' | b':');
    let mut at = i;
    loop {
        if !at.first().is_some_and(|first| class::is(first, ALPHA)) {
            return expected(at, "a solicitation class keyword");
        }
        let rest = at.part(at.text().iter().take_while(is_wordchar).count()).0;
        match octet(b',', "','")(rest) {
            Ok((behind, ())) => at = behind,
            Err(_) if i.before(rest).text().len() > MAX_SOLICIT => return expected(i, "at most 1000 octets"),
            Err(_) => return Ok((rest, ())),
        }
    }
}

/// `transid-value = "<" transid-token "@" transid-token ">"`, `transid-token = transid-atom *("." transid-atom)`, at
/// most 80 octets ([RFC 1845 §2](https://www.rfc-editor.org/rfc/rfc1845#section-2))
pub(crate) fn transid_value(i: Span<'_>) -> Parsed<'_, ()> {
    let (rest, ()) = octet(b'<', "'<'")(i)?;
    let (rest, ()) = transid_token(rest)?;
    let (rest, ()) = octet(b'@', "'@'")(rest)?;
    let (rest, ()) = transid_token(rest)?;
    let (rest, ()) = octet(b'>', "'>'")(rest)?;
    match i.before(rest).text().len() {
        ..=MAX_TRANSID => Ok((rest, ())),
        _ => expected(i, "at most 80 octets"),
    }
}

/// No atom has one of MIME's `tspecials`.
fn transid_token(i: Span<'_>) -> Parsed<'_, ()> {
    let is_atom = |octet: &&u8| class::is(**octet, VALUE) && !b"()<>@,;:\\\"/[]?=.".contains(octet);
    let mut at = i;
    loop {
        let rest = match at.text().iter().take_while(is_atom).count() {
            0 => return expected(at, "an atom"),
            octets => at.part(octets).0,
        };
        match octet(b'.', "'.'")(rest) {
            Ok((behind, ())) => at = behind,
            Err(_) => return Ok((rest, ())),
        }
    }
}
