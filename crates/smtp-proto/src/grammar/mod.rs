//! Bytes to values: one function an ABNF rule.
pub(crate) mod attribute;
pub(crate) mod chunk;
pub(crate) mod command;
pub(crate) mod delivery;
pub(crate) mod domain;
mod dotted;
pub(crate) mod dsn;
pub(crate) mod ehlo;
pub(crate) mod offer;
pub(crate) mod parameter;
pub(crate) mod path;
pub(crate) mod queue;
pub(crate) mod reply;
pub(crate) mod time;
pub(crate) mod xtext;

use crate::{Deviation, DeviationKind, Deviations, Leniency};
use mail_wire::span::{Parsed, Span, octet};

/// What may be tolerated while one line is read, and what has been.
///
/// Rules that take one must run over the tail of the line, never inside a part of it: offsets are counted from
/// the end.
pub(crate) struct Tolerance<'d> {
    leniency: Leniency,
    deviations: &'d mut Deviations,
    /// Octets of the line.
    line: usize,
}

impl<'d> Tolerance<'d> {
    pub(crate) fn new(line: &[u8], leniency: Leniency, deviations: &'d mut Deviations) -> Self {
        Self { leniency, deviations, line: line.len() }
    }

    /// Is this tolerated? If it is, it has been: at the start of `i`.
    pub(crate) fn tolerate(&mut self, kind: DeviationKind, i: Span<'_>) -> bool {
        let tolerated = self.leniency.tolerates(kind);
        if tolerated {
            self.deviations.push(Deviation { kind, offset: self.line.saturating_sub(i.text().len()) });
        }
        tolerated
    }

    /// Runs `rule`; where it fails, what it tolerated was for nothing and is not told.
    pub(crate) fn attempt<'a, T>(
        &mut self,
        i: Span<'a>,
        rule: impl FnOnce(Span<'a>, &mut Tolerance<'_>) -> Parsed<'a, T>,
    ) -> Parsed<'a, T> {
        let before = *self.deviations;
        let found = rule(i, self);
        if found.is_err() {
            *self.deviations = before;
        }
        found
    }
}

/// One space, as the RFC has it; more of them are tolerated.
#[inline]
pub(crate) fn space<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let (rest, ()) = octet(b' ', "a space")(i)?;
    Ok((skip_spaces(rest, DeviationKind::ExtraSpaces, tolerance), ()))
}

/// Skips spaces, where that is tolerated.
#[inline]
pub(crate) fn skip_spaces<'a>(i: Span<'a>, kind: DeviationKind, tolerance: &mut Tolerance<'_>) -> Span<'a> {
    if i.first() != Some(b' ') || !tolerance.tolerate(kind, i) {
        return i;
    }
    let spaces = i.text().iter().take_while(|octet| **octet == b' ').count();
    i.part(spaces).0
}
