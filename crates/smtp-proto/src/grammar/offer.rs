//! What stands behind keywords of the reply to EHLO.
use super::{
    delivery::{future_release_integer, nine_digits},
    time::date_time,
};
use mail_wire::{
    class::{self, ALNUM, DIGIT, VISIBLE},
    span::{Parsed, Span, expected, octet, sp},
};

/// `limits-param = limit-name-value 0*[SP limit-name-value]`, `limit-name-value = limit-name ["=" limit-value]`
/// ([RFC 9422 §3](https://www.rfc-editor.org/rfc/rfc9422#section-3))
pub(crate) fn limits_param(i: Span<'_>) -> Parsed<'_, ()> {
    let mut at = i;
    loop {
        let (rest, ()) = limit_name_value(at)?;
        match sp(rest) {
            // More of them were perhaps tolerated.
            Ok((behind, ())) => {
                at = behind.part(behind.text().iter().take_while(|octet| **octet == b' ').count()).0;
            }
            Err(_) => return Ok((rest, ())),
        }
    }
}

/// `limit-name = 1*(ALPHA / DIGIT / "-" / "_")`, `limit-value = 1*(%x21-3A / %x3C-7E)`
fn limit_name_value(i: Span<'_>) -> Parsed<'_, ()> {
    let in_name = |octet: &&u8| class::is(**octet, ALNUM) || matches!(octet, b'-' | b'_');
    let rest = match i.text().iter().take_while(in_name).count() {
        0 => return expected(i, "the name of a limit"),
        octets => i.part(octets).0,
    };
    let Ok((value, ())) = octet(b'=', "'='")(rest) else { return Ok((rest, ())) };
    let in_value = |octet: &&u8| class::is(**octet, VISIBLE) && **octet != b';';
    match value.text().iter().take_while(in_value).count() {
        0 => expected(value, "the value of a limit"),
        octets => Ok((value.part(octets).0, ())),
    }
}

/// `%x31-39 0*5DIGIT`, the value of each limit of [RFC 9422 §4](https://www.rfc-editor.org/rfc/rfc9422#section-4).
pub(crate) fn limit_value(i: Span<'_>) -> Parsed<'_, u32> {
    let octets = class::run(i.text(), DIGIT);
    // rule rfc9422 4.2 six-digits: a limit has at most six digits, and does not begin with 0
    if i.first() == Some(b'0') || octets > 6 {
        return expected(i, "a number of 1 to 6 digits above 0");
    }
    nine_digits(i)
}

/// `deliverby-param = min-by-time *( ',' extension-token )`, `min-by-time = [1*9DIGIT]`
/// ([RFC 2852 §2](https://www.rfc-editor.org/rfc/rfc2852#section-2)): the former, if there is one.
pub(crate) fn deliverby_param(i: Span<'_>) -> Parsed<'_, Option<u32>> {
    let (rest, seconds) = match i.first() {
        None | Some(b',') => (i, None),
        Some(_) => nine_digits(i).map(|(rest, seconds)| (rest, Some(seconds)))?,
    };
    match rest.first() {
        // Options of later RFCs.
        Some(b',') => Ok((rest.part(rest.text().len()).0, seconds)),
        _ => Ok((rest, seconds)),
    }
}

/// `priority-profile = 1*20(ALPHA / DIGIT / "-" / "_" / ".")`
/// ([RFC 6710 §7](https://www.rfc-editor.org/rfc/rfc6710#section-7))
pub(crate) fn priority_profile(i: Span<'_>) -> Parsed<'_, ()> {
    let in_name = |octet: &&u8| class::is(**octet, ALNUM) || matches!(octet, b'-' | b'_' | b'.');
    match i.text().iter().take_while(in_name).count() {
        // rule rfc6710 7 profile-20: the name of a priority assignment policy has 1 to 20 octets
        octets if !(1..=20).contains(&octets) => expected(i, "a name of 1 to 20 octets"),
        octets => Ok((i.part(octets).0, ())),
    }
}

/// `max-future-release-interval SP max-future-release-date-time`
/// ([RFC 4865 §4](https://www.rfc-editor.org/rfc/rfc4865#section-4)): the former, and how many octets are left where the
/// latter starts.
pub(crate) fn future_release(i: Span<'_>) -> Parsed<'_, (u32, usize)> {
    let (rest, interval) = future_release_integer(i)?;
    let (start, ()) = sp(rest)?;
    let (rest, _) = date_time(start)?;
    Ok((rest, (interval, start.text().len())))
}
