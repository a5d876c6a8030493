//! Numbers, as servers send them: some say 0 where there is none, and some -1.
use crate::{
    DeviationKind,
    grammar::{
        Tolerance,
        leaf::{self, SURE_DIGITS, digits},
    },
};
use mail_wire::span::{Parsed, Span, expected};

/// `1*DIGIT`, in the usual spelling: not too many digits, and no zero in front.
#[inline(always)]
pub(crate) fn usual_number(i: Span<'_>) -> Option<(Span<'_>, u64)> {
    let (octets, value) = digits(i.text());
    let is_usual = (1..=SURE_DIGITS).contains(&octets) && (i.first() != Some(b'0') || octets == 1);
    is_usual.then(|| (i.part(octets).0, value))
}

/// `nz-number`, in the usual spelling.
#[inline(always)]
pub(crate) fn usual_nz_number(i: Span<'_>) -> Option<(Span<'_>, u32)> {
    let (rest, value) = usual_number(i)?;
    match u32::try_from(value) {
        Ok(value @ 1..) => Some((rest, value)),
        _ => None,
    }
}

/// `number = 1*DIGIT`, below 2^32. Below zero means zero, where that is tolerated.
#[inline]
pub(crate) fn number<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, u32> {
    match leaf::number(i) {
        Ok(found) => Ok(found),
        Err(e) => negative(i, tolerance).map_or(Err(e), |rest| Ok((rest, 0))),
    }
}

/// `number64 = 1*DIGIT`, below 2^63. Below zero means zero, where that is tolerated.
#[inline]
pub(crate) fn number64<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, u64> {
    match leaf::number64(i) {
        Ok(found) => Ok(found),
        Err(e) => negative(i, tolerance).map_or(Err(e), |rest| Ok((rest, 0))),
    }
}

/// `nz-number = digit-nz *DIGIT`, below 2^32. Zero and below mean zero, where that is tolerated.
#[inline]
pub(crate) fn nz_number<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, u32> {
    let (rest, value) = number(i, tolerance)?;
    above_zero(i, value == 0, tolerance)?;
    Ok((rest, value))
}

/// `mod-sequence-value = 1*DIGIT`, from 1 and below 2^63. Zero and below mean zero, where that is tolerated.
#[inline]
pub(crate) fn mod_sequence_value<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, u64> {
    let (rest, value) = number64(i, tolerance)?;
    above_zero(i, value == 0, tolerance)?;
    Ok((rest, value))
}

/// The number at `i` must begin with a digit above zero.
#[inline]
fn above_zero<'a>(
    i: Span<'a>,
    is_zero: bool,
    tolerance: &mut Tolerance<'_>,
) -> Result<(), nom::Err<mail_wire::span::Expected>> {
    // A sign is told as such.
    let kind = match (i.first(), is_zero) {
        (Some(b'0'), true) => DeviationKind::ZeroNumber,
        (Some(b'0'), false) => DeviationKind::LeadingZero,
        _ => return Ok(()),
    };
    if tolerance.tolerate(kind, i) { Ok(()) } else { expected(i, "a number above zero") }
}

#[cold]
fn negative<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Option<Span<'a>> {
    let digits = i.text().strip_prefix(b"-")?.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let taken = digits > 0 && tolerance.tolerate(DeviationKind::NegativeNumber, i);
    taken.then(|| i.part(1 + digits).0)
}
