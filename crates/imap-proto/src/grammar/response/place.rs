//! Strings of a compound: places in its text.
//!
//! Most octets of ENVELOPE and BODYSTRUCTURE are strings, so these rules mint no values: eight octets a string.
use crate::{
    DeviationKind,
    grammar::{
        Tolerance,
        leaf::nil,
        string::{eight_bit, literal, printable, unescaped},
    },
};
use mail_wire::{
    Place,
    span::{Parsed, Span, expected, octet},
};

/// Where a compound starts: how many octets of the unit were left there.
#[derive(Clone, Copy)]
pub(crate) struct Ground(usize);

impl Ground {
    /// A compound starts at `i`.
    pub(crate) fn new(i: Span<'_>) -> Self {
        Self(i.text().len())
    }

    /// The first `octets` octets of `i`.
    #[inline]
    pub(crate) fn place<'a>(
        self,
        i: Span<'a>,
        octets: usize,
    ) -> Result<Place, nom::Err<mail_wire::span::Expected>> {
        match Place::new(self.0.saturating_sub(i.text().len()), octets) {
            Some(place) => Ok(place),
            None => expected(i, "a string of less than 2 GiB"),
        }
    }
}

/// `SP`, in the usual spelling.
#[inline(always)]
pub(super) fn usual_sp(i: Span<'_>) -> Option<Span<'_>> {
    match i.text() {
        [b' ', behind @ ..] => Some(i.behind(behind)),
        _ => None,
    }
}

/// `nstring = string / nil`, in the usual spelling.
#[inline(always)]
pub(super) fn usual_nstring(i: Span<'_>, ground: Ground) -> Option<(Span<'_>, Place)> {
    inner_nstring(i, ground).filter(|(rest, _)| ends_string(rest.text()))
}

/// The same, where the rule that asks sees to what stands behind.
#[inline(always)]
pub(super) fn inner_nstring(i: Span<'_>, ground: Ground) -> Option<(Span<'_>, Place)> {
    match i.text() {
        [b'N', b'I', b'L', behind @ ..] => Some((i.behind(behind), Place::NIL)),
        _ => inner_string(i, ground),
    }
}

/// `nstring = string / nil`
#[inline(always)]
pub(crate) fn nstring<'a>(i: Span<'a>, ground: Ground, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Place> {
    match usual_nstring(i, ground) {
        Some(found) => Ok(found),
        None => odd_nstring(i, ground, tolerance),
    }
}

#[cold]
#[inline(never)]
fn odd_nstring<'a>(i: Span<'a>, ground: Ground, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Place> {
    match i.first() {
        Some(b'"') => quoted(i, ground, tolerance),
        Some(b'{') => placed_literal(i, ground, tolerance),
        _ => match nil(i) {
            Ok((rest, ())) => Ok((rest, Place::NIL)),
            Err(_) => expected(i, "a string or NIL"),
        },
    }
}

/// `string = quoted / literal`; NIL is tolerated.
#[inline(always)]
pub(crate) fn string<'a>(i: Span<'a>, ground: Ground, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Place> {
    match usual_string(i, ground) {
        Some(found) => Ok(found),
        None => odd_string(i, ground, tolerance),
    }
}

#[cold]
#[inline(never)]
fn odd_string<'a>(i: Span<'a>, ground: Ground, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Place> {
    match i.first() {
        Some(b'"') => quoted(i, ground, tolerance),
        Some(b'{') => placed_literal(i, ground, tolerance),
        _ => match nil(i) {
            Ok((rest, ())) if tolerance.tolerate(DeviationKind::NilString, i) => Ok((rest, Place::NIL)),
            _ => expected(i, "a string"),
        },
    }
}

/// `string = quoted / literal`; NIL and an atom are tolerated.
///
/// For strings in the midst of others: an atom at the start of something may be something else.
#[inline(always)]
pub(crate) fn loose_string<'a>(
    i: Span<'a>,
    ground: Ground,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Place> {
    match usual_string(i, ground) {
        Some(found) => Ok(found),
        None => odd_loose_string(i, ground, tolerance),
    }
}

#[cold]
#[inline(never)]
fn odd_loose_string<'a>(i: Span<'a>, ground: Ground, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Place> {
    let error = match odd_string(i, ground, tolerance) {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    let is_word = |octet: &&u8| !matches!(octet, 0..=b' ' | b'(' | b')' | b'"' | b'{');
    let octets = i.text().iter().take_while(is_word).count();
    if octets > 0 && tolerance.tolerate(DeviationKind::UnquotedString, i) {
        return Ok((i.part(octets).0, ground.place(i, octets)?));
    }
    Err(error)
}

/// `literal`
#[cold]
fn placed_literal<'a>(i: Span<'a>, ground: Ground, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Place> {
    let (rest, octets) = literal(i, tolerance)?;
    let octets = octets.text().len();
    let at = i.part(i.text().len() - rest.text().len() - octets).0;
    Ok((rest, ground.place(at, octets)?))
}

/// `quoted = DQUOTE *QUOTED-CHAR DQUOTE`, of printable ASCII without escapes: what most strings are.
#[inline(always)]
pub(super) fn usual_string(i: Span<'_>, ground: Ground) -> Option<(Span<'_>, Place)> {
    inner_string(i, ground).filter(|(rest, _)| ends_string(rest.text()))
}

/// The same, where the rule that asks sees to what stands behind.
#[inline(always)]
pub(super) fn inner_string(i: Span<'_>, ground: Ground) -> Option<(Span<'_>, Place)> {
    let [b'"', text @ ..] = i.text() else { return None };
    let octets = printable(text);
    let [b'"', behind @ ..] = text.get(octets..)? else { return None };
    let place = Place::new(ground.0.wrapping_sub(text.len()), octets)?;
    Some((i.behind(behind), place))
}

/// `quoted = DQUOTE *QUOTED-CHAR DQUOTE`
fn quoted<'a>(i: Span<'a>, ground: Ground, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Place> {
    let (i, ()) = octet(b'"', "a quotation mark")(i)?;
    odd_quoted(i, printable(i.text()), ground, tolerance)
}

/// A quoted string of which `octets` octets are plain, and that holds something to look at.
#[cold]
fn odd_quoted<'a>(
    i: Span<'a>,
    mut octets: usize,
    ground: Ground,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Place> {
    let mut escapes = false;
    // Up to where quotation marks belong to the string.
    let mut inside = 0;
    loop {
        let at = i.part(octets).0;
        octets += match at.text() {
            [b'"', behind @ ..] if octets >= inside && ends_string(behind) => break,
            [b'"', behind @ ..] if octets >= inside => match later_end(behind, tolerance) {
                Some(end) if tolerance.tolerate(DeviationKind::UnescapedQuote, at) => {
                    inside = octets + 1 + end;
                    1
                }
                _ => break,
            },
            [b'\\', b'"' | b'\\', ..] => {
                escapes = true;
                2
            }
            [b'\\', ..] if tolerance.tolerate(DeviationKind::LooseEscape, at) => 1,
            [b'\\', ..] => return expected(at.part(1).0, "an escaped quotation mark or backslash"),
            // What is meant is a header that was not unfolded.
            [b'\r' | b'\n', ..] if tolerance.tolerate(DeviationKind::LineBreakInQuoted, at) => {
                escapes = true;
                1 + usize::from(at.text().starts_with(b"\r\n"))
            }
            [b'\r' | b'\n' | 0, ..] => return expected(at, "no CR, LF or NUL in a quoted string"),
            [] => return expected(at, "a closing quotation mark"),
            text => unescaped(text),
        };
    }
    let (found, _) = i.text().split_at_checked(octets).unwrap_or((i.text(), &[]));
    if !found.is_ascii() {
        eight_bit(i, found, tolerance)?;
    }
    let place = ground.place(i, octets)?;
    Ok((i.part(octets + 1).0, if escapes { place.with_escapes() } else { place }))
}

/// Where, on the same line, a quotation mark stands that ends a string, if one does and that matters.
///
/// All before it belong to the string, so that they are not asked about again: the work is linear.
fn later_end(text: &[u8], tolerance: &Tolerance<'_>) -> Option<usize> {
    if !tolerance.tolerates(DeviationKind::UnescapedQuote) {
        return None;
    }
    let mut escaped = false;
    for (at, octet) in text.iter().enumerate() {
        match octet {
            b'\r' | b'\n' | 0 => return None,
            b'"' if !escaped && ends_string(text.get(at + 1..).unwrap_or_default()) => return Some(at),
            _ => {}
        }
        escaped = *octet == b'\\' && !escaped;
    }
    None
}

/// May what stands behind a string's closing quotation mark stand there? In a compound that is its end, a space
/// and another value, or, tolerated, a parenthesis.
#[inline(always)]
pub(super) fn ends_string(behind: &[u8]) -> bool {
    match behind {
        [] | [b')' | b'(' | b'\r' | b'\n', ..] => true,
        [b' ', next, ..] => {
            matches!(next, b'"' | b'(' | b')' | b'{' | b'N' | b'n' | b'0'..=b'9' | b'-' | b' ')
        }
        [b' '] => true,
        _ => false,
    }
}
