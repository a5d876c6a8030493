//! Values of RET, ENVID, NOTIFY and ORCPT ([RFC 3461 §4](https://www.rfc-editor.org/rfc/rfc3461#section-4)), and
//! addresses of type `utf-8` ([RFC 6533 §3](https://www.rfc-editor.org/rfc/rfc6533#section-3)).
use super::xtext;
use crate::{Notify, Ret, parameters::is_same};
use alloc::string::String;
use bytes::Bytes;
use mail_wire::{
    ParseError, Text,
    class::{self, ALPHA, ATEXT, NON_ASCII, VALUE},
    span::{self, Parsed, Span, expected, octet},
};

/// Longest value of ENVID, and of ORCPT, in octets as it is written.
const MAX_ENVID: usize = 100;
const MAX_ORCPT: usize = 500;

/// `ret-value = "FULL" / "HDRS"`
pub(crate) fn ret_value(i: Span<'_>) -> Parsed<'_, ()> {
    let (rest, value) = i.part(class::run(i.text(), ALPHA));
    match Ret::from_keyword(value.text()) {
        Some(_) => Ok((rest, ())),
        // rule rfc3461 4.3 ret-values: RET says FULL or HDRS [instead: Ok((rest, ()))]
        None => expected(i, "FULL or HDRS"),
    }
}

/// `envid-parameter = "ENVID=" xtext`, of at most 100 octets, which stand for printable ones
pub(crate) fn envid_value(i: Span<'_>) -> Parsed<'_, ()> {
    let (rest, ()) = xtext::printable(i)?;
    match i.before(rest).text().len() {
        // rule rfc3461 4.4 envid-100: ENVID has at most 100 characters
        ..=MAX_ENVID => Ok((rest, ())),
        _ => expected(i, "at most 100 octets"),
    }
}

/// `notify-esmtp-value = "NEVER" / 1#notify-list-element`, `notify-list-element = "SUCCESS" / "FAILURE" / "DELAY"`
#[inline]
pub(crate) fn notify_value(i: Span<'_>) -> Parsed<'_, ()> {
    let (mut at, mut first) = (i, true);
    loop {
        let rest = match notify_list_element(at) {
            // rule rfc3461 4.1 never-alone: NEVER stands by itself
            Some((rest, Notify::NEVER)) if first => return Ok((rest, ())),
            Some((rest, found)) if found != Notify::NEVER => rest,
            _ if first => return expected(at, "NEVER, SUCCESS, FAILURE or DELAY"),
            _ => return expected(at, "SUCCESS, FAILURE or DELAY"),
        };
        match octet(b',', "','")(rest) {
            Ok((behind, ())) => (at, first) = (behind, false),
            Err(_) => return Ok((rest, ())),
        }
    }
}

/// `"NEVER" / "SUCCESS" / "FAILURE" / "DELAY"`
#[inline]
fn notify_list_element(i: Span<'_>) -> Option<(Span<'_>, Notify)> {
    let text = i.text();
    let (octets, found) = match text.first()? {
        b'S' | b's' if begins_with(text, b"SUCCESS") => (7, Notify::SUCCESS),
        b'F' | b'f' if begins_with(text, b"FAILURE") => (7, Notify::FAILURE),
        b'D' | b'd' if begins_with(text, b"DELAY") => (5, Notify::DELAY),
        b'N' | b'n' if begins_with(text, b"NEVER") => (5, Notify::NEVER),
        _ => return None,
    };
    Some((i.part(octets).0, found))
}

/// Does a text begin with these letters, in whatever case?
#[inline]
fn begins_with<const OCTETS: usize>(text: &[u8], letters: &[u8; OCTETS]) -> bool {
    text.first_chunk().is_some_and(|octets| is_same(octets, letters))
}

/// `original-recipient-address = addr-type ";" xtext`, of at most 500 octets
#[inline]
pub(crate) fn orcpt_value(i: Span<'_>) -> Parsed<'_, ()> {
    let (rest, ()) = addr_type(i)?;
    let kind = i.before(rest).text();
    let (rest, ()) = octet(b';', "';'")(rest)?;
    // rule rfc6533 3 utf-8-address: an address of type utf-8 is written in another way than xtext
    let (rest, ()) = if is_utf8(kind) { utf8_address(rest)? } else { xtext::printable(rest)? };
    match i.before(rest).text().len() {
        // rule rfc3461 4.2 orcpt-500: ORCPT has at most 500 characters
        ..=MAX_ORCPT => Ok((rest, ())),
        _ => expected(i, "at most 500 octets"),
    }
}

/// `addr-type = atom`
#[inline]
pub(crate) fn addr_type(i: Span<'_>) -> Parsed<'_, ()> {
    let is_atom = |octet: &&u8| class::is(**octet, ATEXT) && **octet != b'=';
    let rest = i.part(i.text().iter().take_while(is_atom).count()).0;
    match rest.first() {
        Some(b'=') => expected(i, "an address type without '='"),
        _ if rest.text().len() == i.text().len() => expected(i, "an address type"),
        _ => Ok((rest, ())),
    }
}

pub(crate) fn is_utf8(addr_type: &[u8]) -> bool {
    addr_type.eq_ignore_ascii_case(b"utf-8")
}

/// `utf-8-addr-unitext = 1*(QUCHAR / EmbeddedUnicodeChar)`, which holds `utf-8-addr-xtext`
fn utf8_address(i: Span<'_>) -> Parsed<'_, ()> {
    let mut at = i;
    loop {
        match at.first() {
            Some(b'\\') => at = embedded(at)?.0,
            Some(b'+') => return expected(at, "an address of type utf-8"),
            Some(first) if class::is(first, VALUE | NON_ASCII) => at = at.part(1).0,
            _ if at.text().len() == i.text().len() => return expected(at, "an address of type utf-8"),
            _ => return super::command::utf8(i, at),
        }
    }
}

/// `EmbeddedUnicodeChar = %x5C.78 "{" HEXPOINT "}"`: no CR, LF or NUL among them.
fn embedded(i: Span<'_>) -> Parsed<'_, char> {
    let digits = i
        .text()
        .strip_prefix(b"\\x{")
        .map(|digits| digits.iter().take_while(|digit| digit.is_ascii_hexdigit()).count());
    let Some(digits @ 2..=6) = digits else { return expected(i, "\"\\x{\" and 2 to 6 hexadecimal digits") };
    let (rest, taken) = i.part(3).0.part(digits);
    let hex = core::str::from_utf8(taken.text()).unwrap_or_default();
    let point = u32::from_str_radix(hex, 16).ok().filter(|point| match digits {
        // "All xtext-specials", and what is not ASCII.
        2 => matches!(point, 0x01..=0x09 | 0x10..=0x19 | 0x20 | 0x2b | 0x3d | 0x5c | 0x7f..),
        _ => !taken.text().starts_with(b"0"),
    });
    let (rest, ()) = octet(b'}', "'}'")(rest)?;
    match point.and_then(char::from_u32) {
        Some(point) => Ok((rest, point)),
        None => expected(i, "a character that is not plain ASCII"),
    }
}

/// What an address of ORCPT stands for.
pub(crate) fn decode_address(addr_type: &str, value: &[u8]) -> Result<Text, ParseError> {
    if !is_utf8(addr_type.as_bytes()) {
        return xtext::decode(value);
    }
    span::parse_text(value, |i| {
        let (mut address, mut at) = (String::with_capacity(value.len()), i);
        while let Some(first) = at.first() {
            if first == b'\\' {
                let (rest, point) = embedded(at)?;
                address.push(point);
                at = rest;
            } else {
                let octets = at.text().iter().take_while(|octet| **octet != b'\\').count();
                let (rest, plain) = at.part(octets);
                address.push_str(core::str::from_utf8(plain.text()).unwrap_or_default());
                at = rest;
            }
        }
        Ok((at, Text::new(Bytes::from(address)).unwrap_or_default()))
    })
}
