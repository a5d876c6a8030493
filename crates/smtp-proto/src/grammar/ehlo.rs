//! Lines of the reply to EHLO ([RFC 5321 §4.1.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1)).
use super::{Tolerance, parameter::esmtp_keyword, space};
use crate::{DeviationKind, Extension, Mechanism};
use alloc::vec::Vec;
use mail_wire::{
    Text,
    class::VISIBLE,
    span::{Parsed, Span, expected, number, sasl_mech, some},
};

/// What one line offers.
pub(crate) enum Line {
    /// `SIZE`, with or without a limit.
    Size(Option<u64>),
    /// `AUTH`, with mechanisms.
    Auth(Vec<Mechanism>),
    /// Another known keyword, with or without parameters.
    Known(Extension, Option<Text>),
    /// An unknown keyword: all of the line.
    Other(Text),
}

/// `ehlo-line = ehlo-keyword *( SP ehlo-param )`
pub(crate) fn ehlo_line<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Line> {
    let (rest, keyword) = esmtp_keyword(i)?;
    match Extension::from_octets(keyword.text()) {
        // rule rfc1870 3 size-read: the largest message is the parameter of SIZE
        Some(Extension::Size) => size_line(rest, tolerance).map(|(rest, octets)| (rest, Line::Size(octets))),
        // rule rfc4954 3 auth-read: the mechanisms are the parameters of AUTH
        Some(Extension::Auth) => auth_line(rest, tolerance).map(|(rest, names)| (rest, Line::Auth(names))),
        // rule rfc6531 3.1 parameters-ignored: parameters of SMTPUTF8 do not matter [instead: {expected(i, "x")}]
        Some(extension) => {
            let (end, parameters) = parameters(rest, tolerance)?;
            Ok((end, Line::Known(extension, parameters)))
        }
        None => {
            let (end, _) = parameters(rest, tolerance)?;
            Ok((end, Line::Other(i.before(end).share_text()?)))
        }
    }
}

/// `*( SP ehlo-param )`, without the first space
fn parameters<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Option<Text>> {
    if i.is_empty() {
        return Ok((i, None));
    }
    let (start, ()) = space(i, tolerance)?;
    let (mut rest, _) = ehlo_param(start)?;
    while !rest.is_empty() {
        (rest, ()) = space(rest, tolerance)?;
        (rest, _) = ehlo_param(rest)?;
    }
    Ok((rest, Some(start.before(rest).share_text()?)))
}

/// `ehlo-param = 1*(%d33-126)`
fn ehlo_param(i: Span<'_>) -> Parsed<'_, Span<'_>> {
    some(VISIBLE, "a parameter")(i)
}

/// `SIZE [SP size-value]` ([RFC 1870 §4](https://www.rfc-editor.org/rfc/rfc1870#section-4))
fn size_line<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Option<u64>> {
    // rule rfc1870 3 size-optional: SIZE may come without a number
    if i.is_empty() {
        return Ok((i, None));
    }
    let (i, ()) = space(i, tolerance)?;
    number(i).map(|(rest, octets)| (rest, Some(octets)))
}

/// `AUTH *( SP sasl-mech )` ([RFC 4954 §3](https://www.rfc-editor.org/rfc/rfc4954#section-3)); drafts of it had
/// `AUTH=` in front of them.
fn auth_line<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Vec<Mechanism>> {
    let mut mechanisms = Vec::new();
    let mut rest = i;
    if i.first() == Some(b'=') && tolerance.tolerate(DeviationKind::AuthEquals, i) {
        let (next, found) = mechanism(i.part(1).0, tolerance)?;
        mechanisms.extend(found);
        rest = next;
    }
    while !rest.is_empty() {
        let (next, ()) = space(rest, tolerance)?;
        let (next, found) = mechanism(next, tolerance)?;
        mechanisms.extend(found);
        rest = next;
    }
    Ok((rest, mechanisms))
}

/// `sasl-mech`, up to a space; another name is passed over where that is tolerated, since it cannot be asked for.
fn mechanism<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Option<Mechanism>> {
    let found = sasl_mech(i).and_then(|(rest, found)| match rest.first() {
        None | Some(b' ') => Ok((rest, Some(found))),
        Some(_) => expected(rest, "a space"),
    });
    match (found, some(VISIBLE, "a mechanism")(i)) {
        (Err(_), Ok((rest, _))) if tolerance.tolerate(DeviationKind::OddCapability, i) => Ok((rest, None)),
        (found, _) => found,
    }
}
