//! Paths and mailboxes ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
use super::{
    Tolerance,
    command::utf8,
    domain::{at_domain, domain_or_literal},
};
use crate::{DeviationKind, ForwardPath, Mailbox, Path, ReversePath};
use mail_wire::{
    Text,
    class::{self, ATEXT, NON_ASCII},
    span::{Parsed, Span, expected, letters, octet},
};

/// Octets of a path, brackets and route counted ([RFC 5321 §4.5.3.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.3)).
// rule rfc5321 4.5.3.1.3 path-256: a path has at most 256 octets [instead: 255]
const MAX_PATH: usize = 256;
/// Octets of a local part ([RFC 5321 §4.5.3.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1)).
// rule rfc5321 4.5.3.1.1 local-part-64: a local part has at most 64 octets [instead: 63]
const MAX_LOCAL_PART: usize = 64;

/// `Reverse-path = Path / "<>"`
pub(crate) fn reverse_path<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ReversePath> {
    match letters("<>", "\"<>\"")(i) {
        // rule rfc5321 4.5.5 null-path: a message may come from nowhere [instead: expected(rest, "a path")]
        Ok((rest, ())) => Ok((rest, ReversePath::Null)),
        Err(_) => path(i, tolerance).map(|(rest, path)| (rest, ReversePath::Path(path))),
    }
}

/// `"<Postmaster>" / Forward-path`, `Forward-path = Path`
pub(crate) fn forward_path<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ForwardPath> {
    // rule rfc5321 4.5.1 postmaster: the postmaster may be named without a domain, in any case
    if let Ok((rest, ())) = letters("<postmaster>", "")(i) {
        return Ok((rest, ForwardPath::Postmaster));
    }
    if let Ok((rest, ())) = letters("postmaster", "")(i) {
        let ends = rest.first().is_none_or(|octet| octet == b' ');
        if ends && tolerance.tolerate(DeviationKind::PathWithoutBrackets, i) {
            return Ok((rest, ForwardPath::Postmaster));
        }
    }
    path(i, tolerance).map(|(rest, path)| (rest, ForwardPath::Path(path)))
}

/// `Path = "<" [ A-d-l ":" ] Mailbox ">"`
fn path<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Path> {
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
    if i.before(rest).text().len() > MAX_PATH {
        return expected(i.part(MAX_PATH).0, "a path of at most 256 octets");
    }
    Ok((rest, path))
}

/// `[ A-d-l ":" ] Mailbox`
fn inner_path<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Path> {
    if i.first() != Some(b'@') {
        return mailbox(i, tolerance).map(|(rest, mailbox)| (rest, mailbox.into()));
    }
    let (rest, route) = a_d_l(i, tolerance)?;
    let (rest, ()) = octet(b':', "':'")(rest)?;
    let (rest, mailbox) = mailbox(rest, tolerance)?;
    Ok((rest, Path::from_parts(mailbox, Some(route))))
}

/// `A-d-l = At-domain *( "," At-domain )`
fn a_d_l<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Text> {
    let (mut rest, ()) = at_domain(i, tolerance)?;
    // Each turn takes at least three octets of a line that is bounded.
    // rule rfc5321 4.1.1.3 source-route: a source route is read, and may be ignored
    while let Ok((next, ())) = octet(b',', "','")(rest) {
        (rest, ()) = at_domain(next, tolerance)?;
    }
    let route = i.before(rest);
    utf8(route)?;
    Ok((rest, route.share_text()?))
}

/// `Mailbox = Local-part "@" ( Domain / address-literal )`
pub(crate) fn mailbox<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Mailbox> {
    let (rest, ()) = local_part(i, tolerance)?;
    let local = i.before(rest).text().len();
    if local > MAX_LOCAL_PART && !tolerance.tolerate(DeviationKind::LongLocalPart, i) {
        return expected(i.part(MAX_LOCAL_PART).0, "a local part of at most 64 octets");
    }
    // rule rfc5321 2.3.11 local-part-at-domain: an address is a local part, "@" and a domain
    let (rest, ()) = octet(b'@', "'@'")(rest)?;
    let (rest, _) = domain_or_literal(rest, tolerance)?;
    let text = i.before(rest);
    // The two brackets of a path that it may stand in count.
    let Ok(at) = u16::try_from(local) else { return expected(i, "a path of at most 256 octets") };
    if text.text().len() > MAX_PATH - 2 {
        return expected(i.part(MAX_PATH - 2).0, "a path of at most 256 octets");
    }
    // rule rfc6531 3.3 utf8-mailbox: a mailbox that is not ASCII is UTF-8
    utf8(text)?;
    Ok((rest, Mailbox::from_checked(text.share(), at)))
}

/// `Local-part = Dot-string / Quoted-string`
fn local_part<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    // rule rfc5321 4.1.2 quoted-string: a local part may be a quoted string
    if i.first() == Some(b'"') { quoted_string(i) } else { dot_string(i, tolerance) }
}

/// `Dot-string = Atom *("." Atom)`, `Atom = 1*atext`, `atext =/ UTF8-non-ascii` ([RFC 6531 §3.3])
///
/// [RFC 6531 §3.3]: https://www.rfc-editor.org/rfc/rfc6531#section-3.3
fn dot_string<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let mut rest = i;
    let mut told = false;
    loop {
        let atom = class::run(rest.text(), ATEXT | NON_ASCII);
        let next = rest.part(atom).0;
        let dot = next.first() == Some(b'.');
        if atom == 0 {
            let behind_a_dot = rest.text().len() < i.text().len();
            if !dot && !behind_a_dot {
                return expected(rest, "a local part");
            }
            // rule rfc5321 4.1.2 dot-string: dots of a local part stand between atoms
            if !told && !tolerance.tolerate(DeviationKind::LooseDots, rest) {
                return expected(rest, "an atom");
            }
            told = true;
        }
        if !dot {
            return Ok((next, ()));
        }
        rest = next.part(1).0;
    }
}

/// `Quoted-string = DQUOTE *QcontentSMTP DQUOTE`, `QcontentSMTP = qtextSMTP / quoted-pairSMTP`,
/// `quoted-pairSMTP = %d92 %d32-126`, `qtextSMTP = %d32-33 / %d35-91 / %d93-126 / UTF8-non-ascii`
fn quoted_string(i: Span<'_>) -> Parsed<'_, ()> {
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
            Some(b' '..=b'~' | 0x80..) => {}
            // rule rfc5321 4.1.2 qtext: a quoted string holds no control characters [instead: {}]
            Some(_) => return expected(rest, "a printable character"),
            None => return expected(rest, "a closing quotation mark"),
        }
        rest = rest.part(1).0;
    }
}
