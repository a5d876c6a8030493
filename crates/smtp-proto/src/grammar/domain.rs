//! Domain names, address literals ([RFC 5321 §4.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.3)) and
//! what clients say for them.
use super::{Tolerance, dotted};
use crate::{DeviationKind, Domain};
use core::net::{Ipv4Addr, Ipv6Addr};
use mail_wire::{
    class::{self, ALNUM, BLANK, DIGIT, HYPHEN, NON_ASCII, VISIBLE},
    span::{Parsed, Span, expected, letters, octet},
};
use nom::{Parser, branch::alt};

/// Octets of a domain ([RFC 5321 §4.5.3.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.2)).
// rule rfc5321 4.5.3.1.2 domain-255: a domain has at most 255 octets [instead: 254]
const MAX_DOMAIN: usize = 255;

/// `Domain / address-literal`; `ascii` is cleared where a name is not ASCII: whether it is UTF-8 is still to be seen.
#[inline]
pub(crate) fn domain_or_literal<'a>(
    i: Span<'a>,
    tolerance: &mut Tolerance<'_>,
    ascii: &mut bool,
) -> Parsed<'a, ()> {
    let rest = match i.first() {
        // rule rfc5321 4.1.3 literal: an address in brackets may stand for a domain
        Some(b'[') => address_literal(i)?.0,
        _ => domain(i, tolerance, ascii)?.0,
    };
    if i.text().len() - rest.text().len() > MAX_DOMAIN {
        return expected(i.part(MAX_DOMAIN).0, "a domain of at most 255 octets");
    }
    Ok((rest, ()))
}

/// What stands at `i`, which [`domain_or_literal`] has taken before.
pub(crate) fn checked_domain(i: Span<'_>) -> Domain<'_> {
    match address_literal(i) {
        Ok((_, literal)) => literal,
        Err(_) => Domain::Name(text(i)),
    }
}

/// `At-domain = "@" Domain`
pub(crate) fn at_domain<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>, ascii: &mut bool) -> Parsed<'a, ()> {
    let (i, ()) = octet(b'@', "'@'")(i)?;
    domain(i, tolerance, ascii)
}

/// `Domain = sub-domain *("." sub-domain)`, `sub-domain = Let-dig [Ldh-str] / U-label`,
/// `Ldh-str = *( ALPHA / DIGIT / "-" ) Let-dig`
///
/// So hyphens and dots stand between letters and digits: a hyphen neither begins nor ends a label.
#[inline]
fn domain<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>, ascii: &mut bool) -> Parsed<'a, ()> {
    let text = i.text();
    let (mut label, mut at, mut told) = (0, 0, false);
    loop {
        at += class::run(text.get(at..).unwrap_or_default(), ALNUM);
        let rest = i.part(at).0;
        let ends_label = match rest.first() {
            Some(b'-') if at > label => false,
            Some(0x80..) => {
                *ascii = false;
                false
            }
            Some(b'_') => {
                // rule rfc5321 2.3.5 letters-digits-hyphens: a label has letters, digits and hyphens
                if !told && !tolerance.tolerate(DeviationKind::UnderscoreInDomain, rest) {
                    return expected(rest, "a letter, a digit or a hyphen");
                }
                told = true;
                false
            }
            _ => true,
        };
        if ends_label {
            if at == label {
                return expected(rest, "a domain");
            }
            // rule rfc5321 4.1.2 no-hyphen-last: a label ends in a letter or a digit
            if text.get(at - 1) == Some(&b'-') {
                return expected(rest, "a letter or a digit");
            }
            if rest.first() != Some(b'.') {
                return Ok((rest, ()));
            }
            label = at + 1;
        }
        at += 1;
    }
}

/// `address-literal = "[" ( IPv4-address-literal / IPv6-address-literal / General-address-literal ) "]"`
#[inline(never)]
fn address_literal(i: Span<'_>) -> Parsed<'_, Domain<'_>> {
    let (i, ()) = octet(b'[', "'['")(i)?;
    let (i, literal) = alt((ipv4_address_literal, ipv6_address_literal, general_address_literal)).parse(i)?;
    // rule rfc5321 4.1.3 literal-closed: an address literal ends in a bracket
    let (i, ()) = octet(b']', "']'")(i)?;
    Ok((i, literal))
}

/// `IPv4-address-literal = Snum 3("." Snum)`
fn ipv4_address_literal(i: Span<'_>) -> Parsed<'_, Domain<'_>> {
    let dot = octet(b'.', "'.'");
    let (i, (a, _, b, _, c, _, d)) = (snum, &dot, snum, &dot, snum, &dot, snum).parse(i)?;
    Ok((i, Domain::Ipv4(Ipv4Addr::new(a, b, c, d))))
}

/// `Snum = 1*3DIGIT`, "a decimal integer value in the range 0 through 255"
fn snum(i: Span<'_>) -> Parsed<'_, u8> {
    let digits = class::run(i.text(), DIGIT);
    let (rest, text) = i.part(digits);
    match text.text() {
        [_] | [_, _] | [_, _, _] => {}
        // rule rfc5321 4.1.3 snum-digits: the numbers of an IPv4 address have up to three digits [instead: {}]
        _ => return expected(i, "a number below 256"),
    }
    match text.text().iter().fold(0, |value, digit| value * 10 + u16::from(digit - b'0')).try_into() {
        Ok(value) => Ok((rest, value)),
        // rule rfc5321 4.1.3 snum-255: the numbers of an IPv4 address go up to 255 [instead: Ok((rest, 0))]
        Err(_) => expected(i, "a number below 256"),
    }
}

/// `IPv6-address-literal = "IPv6:" IPv6-addr`
fn ipv6_address_literal(i: Span<'_>) -> Parsed<'_, Domain<'_>> {
    // rule rfc5321 4.1.3 ipv6-tag: an IPv6 address has its tag in front
    let (i, ()) = letters("IPv6:", "an address literal")(i)?;
    ipv6_addr(i).map(|(rest, address)| (rest, Domain::Ipv6(address)))
}

/// `IPv6-addr = IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp`
///
/// The standard library reads all four. It lets `::` stand for a single group too, which the RFC does not.
fn ipv6_addr(i: Span<'_>) -> Parsed<'_, Ipv6Addr> {
    let octets =
        i.text().iter().take_while(|octet| octet.is_ascii_hexdigit() || matches!(octet, b':' | b'.')).count();
    let (rest, found) = i.part(octets);
    let found = text(found);
    let groups =
        found.split(':').filter(|group| !group.is_empty()).count() + usize::from(found.contains('.'));
    match found.parse() {
        Ok(address) if groups <= 6 || !found.contains("::") => Ok((rest, address)),
        _ => expected(i, "an IPv6 address"),
    }
}

/// `General-address-literal = Standardized-tag ":" 1*dcontent`, `Standardized-tag = Ldh-str`,
/// `dcontent = %d33-90 / %d94-126`
fn general_address_literal(i: Span<'_>) -> Parsed<'_, Domain<'_>> {
    let (rest, tag) = i.part(class::run(i.text(), ALNUM | HYPHEN));
    if tag.text().last().is_none_or(|last| *last == b'-') {
        return expected(i, "an address literal");
    }
    let (content, ()) = octet(b':', "':'")(rest)?;
    // rule rfc5321 4.1.3 ipv6-well-formed: what the tag of IPv6 stands in front of is such an address
    if tag.text().eq_ignore_ascii_case(b"IPv6") {
        return expected(content, "an IPv6 address");
    }
    let dcontent = |octet: &&u8| class::is(**octet, VISIBLE) && !matches!(octet, b'[' | b'\\' | b']');
    let (rest, found) = content.part(content.text().iter().take_while(dcontent).count());
    if found.is_empty() {
        return expected(content, "an address");
    }
    Ok((rest, Domain::General { tag: text(tag), content: text(found) }))
}

/// `Domain / address-literal` as a client says it before it knows whether it may say UTF-8
/// ([RFC 6531 §3.7.1]): all of it ASCII.
///
/// [RFC 6531 §3.7.1]: https://www.rfc-editor.org/rfc/rfc6531#section-3.7.1
pub(crate) fn ascii_domain<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let (rest, ()) = domain_or_literal(i, tolerance, &mut true)?;
    let name = i.before(rest);
    match name.text().iter().position(|octet| class::is(*octet, NON_ASCII)) {
        // rule rfc6531 3.7.1 hello-ascii: the name of EHLO is ASCII [instead: Ok((rest, ()))]
        Some(at) => expected(i.part(at).0, "a domain in ASCII"),
        None if rest.is_empty() => Ok((rest, ())),
        None => expected(rest, "the end"),
    }
}

/// `Domain`, all of it ASCII.
pub(crate) fn ascii_name<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let mut ascii = true;
    let (rest, ()) = domain(i, tolerance, &mut ascii)?;
    match i.before(rest).text().len() {
        ..=MAX_DOMAIN if ascii => Ok((rest, ())),
        ..=MAX_DOMAIN => expected(i, "a domain in ASCII"),
        _ => expected(i.part(MAX_DOMAIN).0, "a domain of at most 255 octets"),
    }
}

/// `Domain / address-literal`, up to the end; any printable text, and none, are tolerated.
pub(crate) fn client_name<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    if dotted::is_domain(i.text()) {
        return Ok((i.part(i.text().len()).0, ()));
    }
    let error = match tolerance.attempt(i, ascii_domain) {
        Ok((rest, ())) => return Ok((rest, ())),
        Err(error) => error,
    };
    let kind = if i.is_empty() { DeviationKind::MissingClientName } else { DeviationKind::OddClientName };
    let (rest, printable) = i.part(class::run(i.text(), VISIBLE | BLANK | NON_ASCII));
    let blank = |octet: Option<&u8>| octet.is_some_and(|octet| class::is(*octet, BLANK));
    let trimmed = !blank(printable.text().first()) && !blank(printable.text().last());
    if rest.is_empty() && trimmed && tolerance.tolerate(kind, i) {
        return Ok((rest, ()));
    }
    Err(error)
}

/// ASCII, or UTF-8 that was checked before or is about to be.
fn text(i: Span<'_>) -> &str {
    core::str::from_utf8(i.text()).unwrap_or_default()
}
