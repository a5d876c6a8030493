//! What a server says.
/// What the usual spelling of a rule finds, or what the rule itself does.
///
/// The usual spelling is a rule that tolerates nothing, tells no error, and is made of scalars: a `Parsed` holds
/// values and errors in the same place, and each that is handed on costs a dozen cycles.
macro_rules! usual {
    ($usual:expr, $rule:expr) => {
        match $usual {
            Some(found) => found,
            None => $rule?,
        }
    };
}

pub(crate) mod body;
mod body_fields;
pub(crate) mod code;
pub(crate) mod envelope;
pub(crate) mod fetch;
pub(crate) mod line;
mod mailbox_data;
mod name;
mod namespace;
pub(crate) mod number;
pub(crate) mod place;
pub(crate) mod raw;
mod recover;
mod search;

use super::Tolerance;
use crate::{DeviationKind, Deviations, Dialect, Leniency};
use bytes::Bytes;
use mail_wire::{
    ParseError,
    span::{self, Parsed, Span, expected},
};

/// How values are read that are made from text which this crate wrote.
pub(crate) const CANONICAL: Dialect = Dialect::new(Leniency::STRICT).with_nesting(Dialect::MAX_NESTING);

/// Runs `rule` over the whole of `unit`.
pub(crate) fn whole<'a, T>(
    unit: &'a Bytes,
    dialect: &Dialect,
    deviations: &mut Deviations,
    rule: impl FnOnce(Span<'a>, &mut Tolerance<'_>) -> Parsed<'a, T>,
) -> Result<T, ParseError> {
    let mut tolerance = Tolerance::new(unit, dialect, deviations);
    span::parse(unit, |i| rule(i, &mut tolerance))
}

/// `SP`: one space. More of them are tolerated, and none where something else follows.
#[inline(always)]
pub(crate) fn sp<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    match i.text() {
        [b' ', next, ..] if *next != b' ' => Ok((i.part(1).0, ())),
        _ => odd_sp(i, tolerance),
    }
}

#[cold]
fn odd_sp<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let spaces = spaces(i);
    let kind = match (spaces, i.first()) {
        (1, _) => return Ok((i.part(1).0, ())),
        (0, None | Some(b')')) => return expected(i, "a space"),
        (0, _) => DeviationKind::MissingSpace,
        _ => DeviationKind::ExtraSpaces,
    };
    // One space is due; it is the others that are told.
    let at = i.part(usize::from(spaces > 0)).0;
    if tolerance.tolerate(kind, at) {
        return Ok((i.part(spaces).0, ()));
    }
    if spaces == 0 { expected(i, "a space") } else { Ok((at, ())) }
}

/// How many spaces stand here.
pub(crate) fn spaces(i: Span<'_>) -> usize {
    i.text().iter().take_while(|octet| **octet == b' ').count()
}

/// Is a list going on? Where it is, the space in front of its next value is taken; where it ends in `)`, tolerated
/// spaces are.
#[inline(always)]
pub(crate) fn goes_on<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, bool> {
    match i.text() {
        [b')', ..] => Ok((i, false)),
        [b' ', next, ..] if !matches!(next, b' ' | b')') => Ok((i.part(1).0, true)),
        _ => odd_goes_on(i, tolerance),
    }
}

#[cold]
fn odd_goes_on<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, bool> {
    let behind = i.part(spaces(i)).0;
    if matches!(behind.first(), Some(b')')) && tolerance.tolerate(DeviationKind::ExtraSpaces, i) {
        return Ok((behind, false));
    }
    sp(i, tolerance).map(|(rest, ())| (rest, true))
}

/// Skips spaces where none is due, as far as that is tolerated.
#[inline(always)]
pub(crate) fn no_space<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Span<'a> {
    if i.first() == Some(b' ') && tolerance.tolerate(DeviationKind::ExtraSpaces, i) {
        return i.part(spaces(i)).0;
    }
    i
}

/// How many octets of the line are left: the CRLF at the unit's end, if it is still on, does not count.
#[inline]
pub(crate) fn line_end(i: Span<'_>) -> usize {
    match i.text() {
        [line @ .., b'\r', b'\n'] | [line @ .., b'\n'] => line.len(),
        line => line.len(),
    }
}
