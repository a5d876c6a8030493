//! Paths and mailboxes ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
use super::{
    Tolerance,
    command::utf8,
    domain::{at_domain, domain_or_literal},
    dotted,
};
use crate::{
    DeviationKind,
    path::{MailboxPlace, PathPlace},
};
use mail_wire::{
    class::{self, ATEXT},
    span::{Parsed, Span, expected, letters, octet},
};

/// Octets of a path, brackets and route counted ([RFC 5321 §4.5.3.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3)).
// rule rfc5321 4.5.3.1.3 path-256: a path has at most 256 octets [instead: 255]
const MAX_PATH: usize = 256;
/// Octets of a local part ([RFC 5321 §4.5.3.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1)).
// rule rfc5321 4.5.3.1.1 local-part-64: a local part has at most 64 octets [instead: 63]
const MAX_LOCAL_PART: usize = 64;

/// `Reverse-path = Path / "<>"`; `None` for the latter
#[inline]
pub(crate) fn reverse_path<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Option<PathPlace>> {
    match i.text() {
        // rule rfc5321 4.5.5 null-path: a message may come from nowhere
        [b'<', b'>', ..] => Ok((i.part(2).0, None)),
        _ => match plain(i) {
            Some(path) => Ok(path),
            None => path(i, tolerance).map(|(rest, path)| (rest, Some(path))),
        },
    }
}

/// `"<Postmaster>" / Forward-path`, `Forward-path = Path`; `None` for the former
#[inline]
pub(crate) fn forward_path<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Option<PathPlace>> {
    if let Some(path) = plain(i) {
        return Ok(path);
    }
    // rule rfc5321 4.5.1 postmaster: the postmaster may be named without a domain, in any case
    if let Ok((rest, ())) = letters("<postmaster>", "")(i) {
        return Ok((rest, None));
    }
    if let Ok((rest, ())) = letters("postmaster", "")(i) {
        let ends = rest.first().is_none_or(|octet| octet == b' ');
        if ends && tolerance.tolerate(DeviationKind::PathWithoutBrackets, i) {
            return Ok((rest, None));
        }
    }
    path(i, tolerance).map(|(rest, path)| (rest, Some(path)))
}

/// A path as nearly all are.
#[inline(always)]
fn plain(i: Span<'_>) -> Option<(Span<'_>, Option<PathPlace>)> {
    let (octets, mailbox) = dotted::path(i.text())?;
    Some((i.part(octets).0, Some(PathPlace { left: i.text().len() - 1, route: 0, mailbox })))
}

/// `Path = "<" [ A-d-l ":" ] Mailbox ">"`
fn path<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, PathPlace> {
    let (rest, path) = match octet(b'<', "'<'")(i) {
        Ok((inner, ())) => {
            let (rest, path) = inner_path(inner, tolerance)?;
            // rule rfc5321 4.1.2 path-in-brackets: a path stands in brackets
            let (rest, ()) = octet(b'>', "'>'")(rest)?;
            (rest, path)
        }
        Err(e) => {
            let starts = i.first().is_some_and(|octet| !matches!(octet, b' ' | b'>'));
            if !starts || !tolerance.tolerate(DeviationKind::PathWithoutBrackets, i) {
                return Err(e);
            }
            inner_path(i, tolerance)?
        }
    };
    if i.text().len() - rest.text().len() > MAX_PATH {
        return expected(i.part(MAX_PATH).0, "a path of at most 256 octets");
    }
    Ok((rest, path))
}

/// `[ A-d-l ":" ] Mailbox`
#[inline]
fn inner_path<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, PathPlace> {
    let left = i.text().len();
    if i.first() != Some(b'@') {
        return mailbox(i, tolerance).map(|(rest, mailbox)| (rest, PathPlace { left, route: 0, mailbox }));
    }
    let (rest, ()) = a_d_l(i, tolerance)?;
    let (start, ()) = octet(b':', "':'")(rest)?;
    let Ok(route) = u16::try_from(left - start.text().len()) else {
        return expected(i.part(MAX_PATH).0, "a path of at most 256 octets");
    };
    let (rest, mailbox) = mailbox(start, tolerance)?;
    Ok((rest, PathPlace { left, route, mailbox }))
}

/// `A-d-l = At-domain *( "," At-domain )`
fn a_d_l<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let mut ascii = true;
    let (mut rest, ()) = at_domain(i, tolerance, &mut ascii)?;
    // Each turn takes at least three octets of a line that is bounded.
    // rule rfc5321 4.1.1.3 source-route: a source route is read, and may be ignored
    while let Ok((next, ())) = octet(b',', "','")(rest) {
        (rest, ()) = at_domain(next, tolerance, &mut ascii)?;
    }
    if ascii { Ok((rest, ())) } else { utf8(i, rest) }
}

/// `Mailbox = Local-part "@" ( Domain / address-literal )`
#[inline]
pub(crate) fn mailbox<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, MailboxPlace> {
    let mut ascii = true;
    let (rest, ()) = local_part(i, tolerance, &mut ascii)?;
    let local = i.text().len() - rest.text().len();
    if local > MAX_LOCAL_PART && !tolerance.tolerate(DeviationKind::LongLocalPart, i) {
        return expected(i.part(MAX_LOCAL_PART).0, "a local part of at most 64 octets");
    }
    // rule rfc5321 2.3.11 local-part-at-domain: an address is a local part, "@" and a domain
    let (rest, ()) = octet(b'@', "'@'")(rest)?;
    let (rest, ()) = domain_or_literal(rest, tolerance, &mut ascii)?;
    let octets = i.text().len() - rest.text().len();
    // The two brackets of a path that it may stand in count.
    match (u8::try_from(local), u8::try_from(octets)) {
        (Ok(at), Ok(octets)) if usize::from(octets) <= MAX_PATH - 2 => {
            if !ascii {
                // rule rfc6531 3.3 utf8-mailbox: a mailbox that is not ASCII is UTF-8
                utf8(i, rest)?;
            }
            Ok((rest, MailboxPlace { at, octets }))
        }
        _ => expected(i.part(MAX_PATH - 2).0, "a path of at most 256 octets"),
    }
}

/// `Local-part = Dot-string / Quoted-string`; `ascii` is cleared where it is not.
#[inline]
fn local_part<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>, ascii: &mut bool) -> Parsed<'a, ()> {
    // rule rfc5321 4.1.2 quoted-string: a local part may be a quoted string
    if i.first() == Some(b'"') { quoted_string(i, ascii) } else { dot_string(i, tolerance, ascii) }
}

/// `Dot-string = Atom *("." Atom)`, `Atom = 1*atext`, `atext =/ UTF8-non-ascii` ([RFC 6531 §3.3])
///
/// [RFC 6531 §3.3]: https://www.rfc-editor.org/rfc/rfc6531#section-3.3
#[inline]
fn dot_string<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>, ascii: &mut bool) -> Parsed<'a, ()> {
    let (mut atom, mut at, mut told) = (0, 0, false);
    loop {
        at += class::run(i.text().get(at..).unwrap_or_default(), ATEXT);
        let rest = i.part(at).0;
        let dot = match rest.first() {
            Some(0x80..) => {
                *ascii = false;
                at += 1;
                continue;
            }
            next => next == Some(b'.'),
        };
        if at == atom {
            if !dot && atom == 0 {
                return expected(rest, "a local part");
            }
            // rule rfc5321 4.1.2 dot-string: dots of a local part stand between atoms
            if !told && !tolerance.tolerate(DeviationKind::LooseDots, rest) {
                return expected(rest, "an atom");
            }
            told = true;
        }
        if !dot {
            return Ok((rest, ()));
        }
        at += 1;
        atom = at;
    }
}

/// `Quoted-string = DQUOTE *QcontentSMTP DQUOTE`, `QcontentSMTP = qtextSMTP / quoted-pairSMTP`,
/// `quoted-pairSMTP = %d92 %d32-126`, `qtextSMTP = %d32-33 / %d35-91 / %d93-126 / UTF8-non-ascii`
#[inline(never)]
fn quoted_string<'a>(i: Span<'a>, ascii: &mut bool) -> Parsed<'a, ()> {
    let (mut rest, ()) = octet(b'"', "a quotation mark")(i)?;
    loop {
        match rest.first() {
            Some(b'"') => return Ok((rest.part(1).0, ())),
            Some(b'\\') => {
                rest = rest.part(1).0;
                // rule rfc5321 4.1.2 quoted-pair: behind a backslash stands a printable character of ASCII
                if !rest.first().is_some_and(|octet| matches!(octet, b' '..=b'~')) {
                    return expected(rest, "a printable character behind the backslash");
                }
            }
            Some(b' '..=b'~') => {}
            Some(0x80..) => *ascii = false,
            // rule rfc5321 4.1.2 qtext: a quoted string holds no control characters [instead: {}]
            Some(_) => return expected(rest, "a printable character"),
            None => return expected(rest, "a closing quotation mark"),
        }
        rest = rest.part(1).0;
    }
}
