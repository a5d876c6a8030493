//! Lines of the reply to EHLO ([RFC 5321 §4.1.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1)).
use super::{Tolerance, parameter::esmtp_keyword, space};
use crate::{DeviationKind, Extension};
use mail_wire::{
    class::VISIBLE,
    span::{Parsed, Span, expected, number, sasl_mech, some},
    word::{self, HIGH, ONE},
};

/// What one line offers.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Line {
    /// `SIZE`, with or without a limit.
    Size(Option<u64>),
    /// `AUTH`, with or without mechanisms.
    Auth,
    /// Another known keyword, with or without parameters.
    Known {
        extension: Extension,
        /// Octets of the line that are left where its parameters start: they reach to its end. 0: there are none.
        left: usize,
    },
    /// An unknown keyword.
    Other,
}

impl Line {
    /// Of which extension it tells.
    pub(crate) fn extension(&self) -> Option<Extension> {
        match self {
            Self::Size(_) => Some(Extension::Size),
            Self::Auth => Some(Extension::Auth),
            Self::Known { extension, .. } => Some(*extension),
            Self::Other => None,
        }
    }
}

/// `ehlo-line = ehlo-keyword *( SP ehlo-param )`, of which a known keyword has perhaps been found, and how long it is
pub(crate) fn ehlo_line<'a>(
    i: Span<'a>,
    known: Option<(Extension, usize)>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Line> {
    let (rest, extension) = match known {
        Some((extension, octets)) => (i.part(octets).0, Some(extension)),
        None => esmtp_keyword(i).map(|(rest, keyword)| (rest, Extension::from_octets(keyword.text())))?,
    };
    match extension {
        // rule rfc1870 3 size-read: the largest message is the parameter of SIZE
        Some(Extension::Size) => size_line(rest, tolerance).map(|(rest, octets)| (rest, Line::Size(octets))),
        // rule rfc4954 3 auth-read: the mechanisms are the parameters of AUTH
        Some(Extension::Auth) => auth_line(rest, tolerance).map(|(rest, ())| (rest, Line::Auth)),
        // rule rfc6531 3.1 parameters-ignored: parameters of SMTPUTF8 do not matter [instead: {expected(i, "x")}]
        Some(extension) => {
            let (end, left) = parameters(rest, tolerance)?;
            Ok((end, Line::Known { extension, left }))
        }
        None => parameters(rest, tolerance).map(|(end, _)| (end, Line::Other)),
    }
}

/// The known keyword that a line begins with, and what is behind it in `text`.
///
/// Nearly all lines have one of few keywords and nothing else. No two of them begin with the same eight octets.
#[inline(always)]
pub(crate) fn known_keyword(text: &[u8]) -> Option<(Extension, &[u8])> {
    let word = word::load(text);
    // An octet below 0x21 is told in its lowest bit, and perhaps one behind it: the first one is told rightly.
    let ends = (word.wrapping_sub(ONE * 0x21) & !word & HIGH) >> 7;
    let before = (ends & ends.wrapping_neg()).wrapping_sub(1);
    let extension = Extension::from_front(word & before)?;
    let octets = ends.trailing_zeros() / 8;
    let behind = text.get(octets as usize..)?;
    let Some(more) = extension.keyword().as_bytes().get(8..) else { return Some((extension, behind)) };
    let (found, behind) = behind.split_at_checked(more.len())?;
    let ends = behind.first().is_none_or(|octet| *octet < 0x21);
    // Keywords go on with letters.
    let differs = |differs, (octet, letter): (&u8, &u8)| differs | (octet ^ letter) & !0x20;
    (ends && found.iter().zip(more).fold(0, differs) == 0).then_some((extension, behind))
}

/// `*( SP ehlo-param )`, without the first space: how many octets are left where they start
fn parameters<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, usize> {
    if i.is_empty() {
        return Ok((i, 0));
    }
    let (start, ()) = space(i, tolerance)?;
    let (mut rest, _) = ehlo_param(start)?;
    while !rest.is_empty() {
        (rest, ()) = space(rest, tolerance)?;
        (rest, _) = ehlo_param(rest)?;
    }
    Ok((rest, start.text().len()))
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
fn auth_line<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let mut rest = i;
    if i.first() == Some(b'=') && tolerance.tolerate(DeviationKind::AuthEquals, i) {
        (rest, ()) = mechanism(i.part(1).0, tolerance)?;
    }
    while !rest.is_empty() {
        let (next, ()) = space(rest, tolerance)?;
        (rest, ()) = mechanism(next, tolerance)?;
    }
    Ok((rest, ()))
}

/// `sasl-mech`, up to a space; another name is passed over where that is tolerated, since it cannot be asked for.
fn mechanism<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let refused = match sasl_mech(i) {
        Ok((rest, _)) if matches!(rest.first(), None | Some(b' ')) => return Ok((rest, ())),
        Ok((rest, _)) => expected(rest, "a space"),
        Err(error) => Err(error),
    };
    match some(VISIBLE, "a mechanism")(i) {
        Ok((rest, _)) if tolerance.tolerate(DeviationKind::OddCapability, i) => Ok((rest, ())),
        _ => refused,
    }
}
