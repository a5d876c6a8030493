//! Bytes to values: one function an ABNF rule.
//!
//! A unit is a line with its literals, as the framer found it: each literal stands in place, `{n}` CRLF and its
//! `n` octets, and the CRLF that ends the unit is off. A unit that is cut at a literal which streams ends in
//! the CRLF of that literal's announcement.
pub(crate) mod class;
pub(crate) mod command;
pub(crate) mod date;
pub(crate) mod flag;
pub(crate) mod leaf;
pub(crate) mod mailbox;
pub(crate) mod response;
pub(crate) mod section;
pub(crate) mod sequence;
pub(crate) mod string;

use crate::{Deviation, DeviationKind, Deviations, Dialect, Encoding};
use mail_wire::span::{Parsed, Span, expected, octet};

/// How one unit is read: what may be tolerated, what has been, and how deep it may still nest.
///
/// Rules that take one must run over the tail of the unit, never inside a part of it: offsets are counted from
/// the end.
pub(crate) struct Tolerance<'d> {
    dialect: Dialect,
    deviations: &'d mut Deviations,
    /// Octets of the unit.
    unit: usize,
    /// Levels left.
    nesting: u8,
}

impl<'d> Tolerance<'d> {
    pub(crate) fn new(unit: &[u8], dialect: &Dialect, deviations: &'d mut Deviations) -> Self {
        Self { dialect: *dialect, deviations, unit: unit.len(), nesting: dialect.nesting() }
    }

    /// How text outside of ASCII is read.
    pub(crate) fn encoding(&self) -> Encoding {
        self.dialect.encoding()
    }

    /// How many items a list may have.
    pub(crate) fn items(&self) -> u32 {
        self.dialect.items()
    }

    /// How many levels a value may still nest.
    pub(crate) fn depth_left(&self) -> usize {
        usize::from(self.nesting)
    }

    /// Is this tolerated? That is asked before it is known whether it has to be.
    pub(crate) fn tolerates(&self, kind: DeviationKind) -> bool {
        self.dialect.leniency().tolerates(kind)
    }

    /// Is this tolerated? If it is, it has been: at the start of `i`.
    #[cold]
    pub(crate) fn tolerate(&mut self, kind: DeviationKind, i: Span<'_>) -> bool {
        let tolerated = self.dialect.leniency().tolerates(kind);
        if tolerated {
            self.deviations.push(Deviation { kind, offset: self.unit.saturating_sub(i.text().len()) });
        }
        tolerated
    }

    /// What was tolerated from `i` on was for nothing and is not told.
    pub(crate) fn forget_from(&mut self, i: Span<'_>) {
        self.deviations.forget_from(self.unit.saturating_sub(i.text().len()));
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

    /// Runs `rule` one level deeper.
    pub(crate) fn nested<'a, T>(
        &mut self,
        i: Span<'a>,
        rule: impl FnOnce(Span<'a>, &mut Tolerance<'_>) -> Parsed<'a, T>,
    ) -> Parsed<'a, T> {
        let Some(left) = self.nesting.checked_sub(1) else { return expected(i, "less nesting") };
        self.nesting = left;
        let found = rule(i, self);
        self.nesting = left + 1;
        found
    }
}

/// `SP`: one space; more of them are tolerated.
#[inline]
pub(crate) fn space<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let (rest, ()) = octet(b' ', "a space")(i)?;
    Ok((skip_spaces(rest, DeviationKind::ExtraSpaces, tolerance), ()))
}

/// Skips spaces, where that is tolerated.
#[inline]
pub(crate) fn skip_spaces<'a>(i: Span<'a>, kind: DeviationKind, tolerance: &mut Tolerance<'_>) -> Span<'a> {
    if i.first() != Some(b' ') {
        return i;
    }
    let spaces = i.text().iter().take_while(|octet| **octet == b' ').count();
    if tolerance.tolerate(kind, i) { i.part(spaces).0 } else { i }
}

/// Is nothing left of the unit but perhaps spaces, which are the whole command's business?
#[inline]
pub(crate) fn is_over(i: Span<'_>) -> bool {
    i.text().iter().all(|octet| *octet == b' ')
}

/// `open [item *(SP item)] close`: `item` keeps what it reads. Tells how many there were.
#[inline]
pub(crate) fn list<'a>(
    i: Span<'a>,
    tolerance: &mut Tolerance<'_>,
    (open, close): (u8, u8),
    mut item: impl FnMut(Span<'a>, &mut Tolerance<'_>) -> Parsed<'a, ()>,
) -> Parsed<'a, u32> {
    let (i, ()) = octet(open, "an opening parenthesis")(i)?;
    let mut i = skip_spaces(i, DeviationKind::ExtraSpaces, tolerance);
    let mut count = 0;
    if i.first() == Some(close) {
        return Ok((i.part(1).0, count));
    }
    loop {
        if count == tolerance.items() {
            return expected(i, "fewer items");
        }
        (i, ()) = item(i, tolerance)?;
        count += 1;
        match i.first() {
            Some(b' ') => {
                let (rest, ()) = space(i, tolerance)?;
                if rest.first() == Some(close) && tolerance.tolerate(DeviationKind::ExtraSpaces, i) {
                    return Ok((rest.part(1).0, count));
                }
                i = rest;
            }
            Some(octet) if octet == close => return Ok((i.part(1).0, count)),
            _ => return expected(i, "a space or the end of the list"),
        }
    }
}

/// The parentheses of most lists.
pub(crate) const PARENTHESES: (u8, u8) = (b'(', b')');
