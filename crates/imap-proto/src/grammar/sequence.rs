//! Sets of message numbers and UIDs.
use super::{Tolerance, leaf::nz_number};
use crate::{SeqNumber, SeqRange, SequenceSet};
use alloc::vec::Vec;
use mail_wire::span::{Parsed, Span, expected};

/// `sequence-set = (seq-number / seq-range) ["," sequence-set] / seq-last-command`, where
/// `seq-last-command = "$"`
#[inline]
pub(crate) fn sequence_set<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, SequenceSet> {
    // rule rfc9051 6.4.4.1 saved-result: $ is what was saved of a SEARCH
    if i.first() == Some(b'$') {
        return Ok((i.part(1).0, SequenceSet::SAVED));
    }
    let (mut i, first) = seq_range(i, tolerance)?;
    let mut more = Vec::new();
    while i.first() == Some(b',') {
        if more.len() as u64 >= u64::from(tolerance.items()) {
            return expected(i, "fewer items");
        }
        let (rest, range) = seq_range(i.part(1).0, tolerance)?;
        if more.is_empty() {
            more.push(first);
        }
        more.push(range);
        i = rest;
    }
    Ok((i, SequenceSet::from_checked(first, more)))
}

/// `known-uids = sequence-set`, where "`*` is not allowed" ([RFC 7162 §7]), as in `uid-set` ([RFC 4315 §4]); nor is `$`,
/// which a server has no use for
///
/// [RFC 7162 §7]: https://www.rfc-editor.org/rfc/rfc7162#section-7
/// [RFC 4315 §4]: https://www.rfc-editor.org/rfc/rfc4315#section-4
pub(crate) fn known_uids<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, SequenceSet> {
    let (rest, uids) = sequence_set(i, tolerance)?;
    if uids.is_saved() || uids.ranges().iter().any(|range| range.last() == SeqNumber::Largest) {
        return expected(i, "numbers without '*' and '$'");
    }
    Ok((rest, uids))
}

/// `seq-number / seq-range`, where `seq-range = seq-number ":" seq-number`
#[inline]
fn seq_range<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, SeqRange> {
    let (i, one) = seq_number(i, tolerance)?;
    // rule rfc3501 9 one-number-is-a-range: a number without a colon is a range of one
    if i.first() != Some(b':') {
        return Ok((i, SeqRange::new(one, one)));
    }
    let (i, other) = seq_number(i.part(1).0, tolerance)?;
    Ok((i, SeqRange::new(one, other)))
}

/// `seq-number = nz-number / "*"`
#[inline]
fn seq_number<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, SeqNumber> {
    match i.first() {
        // rule rfc3501 9 star: * is the largest number in use
        Some(b'*') => Ok((i.part(1).0, SeqNumber::Largest)),
        Some(b'0'..=b'9') => {
            let (rest, number) = nz_number(i, tolerance)?;
            match SeqNumber::new(number) {
                Some(number) => Ok((rest, number)),
                None => expected(i, "a number above zero"),
            }
        }
        _ => expected(i, "a number, '*' or '$'"),
    }
}
