//! What XCLIENT and XFORWARD tell of a client: no RFC, but [Postfix's description].
//!
//! [Postfix's description]: https://www.postfix.org/XCLIENT_README.html
use super::{Tolerance, parameter::esmtp_keyword, space};
use crate::xtext;
use core::net::IpAddr;
use mail_wire::{
    class::{DIGIT, VALUE, run},
    span::{Key, Parsed, Span, expected, fold, octet, some},
};

const ADDR: Key = fold(b"ADDR");
const DESTADDR: Key = fold(b"DESTADDR");
const DESTPORT: Key = fold(b"DESTPORT");
const HELO: Key = fold(b"HELO");
const NAME: Key = fold(b"NAME");
const PORT: Key = fold(b"PORT");
const PROTO: Key = fold(b"PROTO");
const SOURCE: Key = fold(b"SOURCE");

/// Most attributes of a command: looking for repeats costs the square of it.
const MAX_ATTRIBUTES: usize = 32;
/// Octets of a host's name.
const MAX_NAME: usize = 255;
/// Octets of a protocol's name.
const MAX_PROTO: usize = 64;

/// Stands for what is not known.
pub(crate) const UNAVAILABLE: &str = "[UNAVAILABLE]";
/// Stands for what could not be found out now.
pub(crate) const TEMPUNAVAIL: &str = "[TEMPUNAVAIL]";

/// `SP attributes`: how many octets are left where the latter start.
pub(crate) fn behind_verb<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, usize> {
    let (i, ()) = space(i, tolerance)?;
    attributes(i, tolerance).map(|(rest, ())| (rest, i.text().len()))
}

/// `attribute *( SP attribute )`, `attribute = attribute-name "=" attribute-value`
pub(crate) fn attributes<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let (mut at, mut count) = (i, 0);
    loop {
        let (rest, name) = esmtp_keyword(at)?;
        let said = i.before(at).text().split(|octet| *octet == b' ');
        if said.filter_map(name_of).any(|other| other.eq_ignore_ascii_case(name.text())) {
            return expected(at, "each attribute only once");
        }
        count += 1;
        if count > MAX_ATTRIBUTES {
            return expected(at, "at most 32 attributes");
        }
        let (rest, ()) = octet(b'=', "'='")(rest)?;
        let (rest, ()) = value(rest, name.text())?;
        if rest.is_empty() {
            return Ok((rest, ()));
        }
        (at, ()) = space(rest, tolerance)?;
    }
}

/// `attribute-name`, of which later ones may be any keyword
pub(crate) fn name(i: Span<'_>) -> Parsed<'_, ()> {
    esmtp_keyword(i).map(|(rest, _)| (rest, ()))
}

fn name_of(attribute: &[u8]) -> Option<&[u8]> {
    attribute.split(|octet| *octet == b'=').next().filter(|name| !name.is_empty())
}

/// `attribute-value = xtext`, of what the attribute may tell
fn value<'a>(i: Span<'a>, name: &[u8]) -> Parsed<'a, ()> {
    let (rest, value) = some(VALUE, "a value")(i)?;
    let Ok(told) = xtext::decode(value.text()) else { return expected(i, "xtext") };
    let Ok(told) = told.as_str() else { return expected(i, "UTF-8") };
    if told.eq_ignore_ascii_case(UNAVAILABLE) {
        return Ok((rest, ()));
    }
    let (fits, rule) = match fold(name) {
        ADDR | DESTADDR => (address(told).is_some(), "an IPv4 address, or \"IPV6:\" and an IPv6 address"),
        PORT | DESTPORT => (port(told).is_some(), "a port"),
        NAME | HELO => (told.len() <= MAX_NAME, "a name of at most 255 octets"),
        PROTO => (told.len() <= MAX_PROTO, "a protocol of at most 64 octets"),
        SOURCE => (source(told).is_some(), "LOCAL or REMOTE"),
        // Of others there is no knowing.
        _ => (true, ""),
    };
    if fits { Ok((rest, ())) } else { expected(i, rule) }
}

/// An IPv4 address, or an IPv6 address behind `IPV6:`.
pub(crate) fn address(told: &str) -> Option<IpAddr> {
    match told.split_at_checked("IPV6:".len()) {
        Some((tag, address)) if tag.eq_ignore_ascii_case("IPV6:") => address.parse().ok().map(IpAddr::V6),
        _ => told.parse().ok().map(IpAddr::V4),
    }
}

/// A port of TCP, in digits.
pub(crate) fn port(told: &str) -> Option<u16> {
    // `parse` takes a plus sign too.
    told.parse().ok().filter(|_| run(told.as_bytes(), DIGIT) == told.len())
}

/// Did the message come from the host that tells so?
pub(crate) fn source(told: &str) -> Option<crate::Source> {
    match fold(told.as_bytes()) {
        LOCAL => Some(crate::Source::Local),
        REMOTE => Some(crate::Source::Remote),
        _ => None,
    }
}

const LOCAL: Key = fold(b"LOCAL");
const REMOTE: Key = fold(b"REMOTE");
