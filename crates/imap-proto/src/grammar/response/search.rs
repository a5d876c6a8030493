//! What a search found.
use super::{
    number::{mod_sequence_value, number, nz_number},
    raw, sp, spaces,
};
use crate::{
    grammar::{
        Tolerance,
        class::ATOM,
        leaf::{self, Key, SURE_DIGITS, close, key, some},
        sequence::{known_uids, sequence_set},
        space,
        string::astring,
    },
    response::{ESearch, ESearchItem, Numbers, Search, Untagged, Vanished, VanishedWhen},
};
use alloc::{boxed::Box, vec::Vec};
use mail_wire::span::{Parsed, Span, expected, letters};

const MIN: Key = key(b"MIN");
const MAX: Key = key(b"MAX");
const ALL: Key = key(b"ALL");
const COUNT: Key = key(b"COUNT");
const MODSEQ: Key = key(b"MODSEQ");

/// `"SEARCH" *(SP nz-number) [SP search-sort-mod-seq]`, from behind its name, where
/// `search-sort-mod-seq = "(" "MODSEQ" SP mod-sequence-value ")"`
pub(super) fn search<'a>(mut i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Search> {
    // Two octets make a number of four: no more memory than twice the unit.
    let mut numbers = Vec::with_capacity(i.text().chunks(128).map(spaces_of_block).sum());
    let mut mod_seq = None;
    loop {
        let usual = usual_numbers(i.text(), tolerance.items(), &mut numbers);
        i = i.part(usual).0;
        match i.text() {
            [b' ', b'0'..=b'9', ..] => {
                if numbers.len() as u64 >= u64::from(tolerance.items()) {
                    return expected(i, "fewer items");
                }
                let at = i.part(1).0;
                let (rest, number) = nz_number(at, tolerance)?;
                numbers.push(number);
                i = rest;
            }
            // rule rfc7162 3.1.6 modseq-behind-numbers: the highest MODSEQ may stand behind the numbers
            [b' ', b'(', ..] => {
                let (rest, ()) = letters(" (MODSEQ", "MODSEQ")(i)?;
                let (rest, ()) = sp(rest, tolerance)?;
                let (rest, value) = mod_sequence_value(rest, tolerance)?;
                (i, ()) = close(rest)?;
                mod_seq = Some(value);
            }
            // Spaces at the end are told there.
            [b' ', ..] if !matches!(i.part(spaces(i)).0.text(), [] | [b'\r' | b'\n', ..]) => {
                let (rest, ()) = sp(i, tolerance)?;
                match rest.first() {
                    Some(b'0'..=b'9' | b'(') => i = i.part(i.text().len() - rest.text().len() - 1).0,
                    _ => return expected(rest, "a number"),
                }
            }
            _ => return Ok((i, Search { numbers, mod_seq })),
        }
    }
}

/// How many spaces there are in 128 octets: so few that one octet counts them, and sixteen counters one register.
fn spaces_of_block(block: &[u8]) -> usize {
    usize::from(block.iter().map(|octet| u8::from(*octet == b' ')).sum::<u8>())
}

/// `*(SP nz-number)`, in the usual spelling: how many octets those have that were taken.
fn usual_numbers(text: &[u8], items: u32, numbers: &mut Vec<u32>) -> usize {
    let mut left = text;
    while let [b' ', digits @ ..] = left {
        let (octets, value) = leaf::digits(digits);
        match (digits, u32::try_from(value)) {
            ([b'1'..=b'9', ..], Ok(value))
                if octets <= SURE_DIGITS && (numbers.len() as u64) < u64::from(items) =>
            {
                numbers.push(value);
            }
            _ => break,
        }
        left = digits.get(octets..).unwrap_or_default();
    }
    text.len() - left.len()
}

/// `esearch-response = "ESEARCH" [search-correlator] [SP "UID"] *(SP search-return-data)`, from behind its name.
pub(super) fn esearch<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Untagged> {
    let (mut i, tag) = match i.text() {
        // rule rfc9051 7.3.4 correlator: ESEARCH names the command that it answers
        [b' ', b'(', ..] => {
            let (rest, ()) = letters(" (TAG", "TAG")(i)?;
            let (rest, ()) = sp(rest, tolerance)?;
            let (rest, tag) = astring(rest, tolerance)?;
            let (rest, ()) = close(rest)?;
            (rest, Some(tag))
        }
        _ => (i, None),
    };
    let mut numbers = Numbers::Messages;
    let mut items = Vec::new();
    // rule rfc9051 7.3.4 uid-of-esearch: UID says that ESEARCH tells UIDs
    if let Ok((rest, ())) = letters(" UID", "UID")(i.part(spaces(i).saturating_sub(1)).0) {
        if matches!(rest.text(), [] | [b' ' | b'\r' | b'\n', ..]) {
            let (at, ()) = sp(i, tolerance)?;
            (i, ()) = letters("UID", "UID")(at)?;
            numbers = Numbers::Uids;
        }
    }
    while i.first() == Some(b' ') && !matches!(i.part(spaces(i)).0.text(), [] | [b'\r' | b'\n', ..]) {
        if items.len() as u64 >= u64::from(tolerance.items()) {
            return expected(i, "fewer items");
        }
        let (at, ()) = sp(i, tolerance)?;
        let (rest, item) = search_return_data(at, tolerance)?;
        items.push(item);
        i = rest;
    }
    Ok((i, Untagged::ESearch(Box::new(ESearch { tag, numbers, items }))))
}

/// `search-return-data = "MIN" SP nz-number / "MAX" SP nz-number / "ALL" SP sequence-set / "COUNT" SP number /
/// search-ret-data-ext`
fn search_return_data<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ESearchItem> {
    let (at, name) = some(ATOM, "a search result")(i)?;
    let (rest, ()) = space(at, tolerance)?;
    match key(name.text()) {
        MIN => nz_number(rest, tolerance).map(|(rest, value)| (rest, ESearchItem::Min(value))),
        MAX => nz_number(rest, tolerance).map(|(rest, value)| (rest, ESearchItem::Max(value))),
        COUNT => number(rest, tolerance).map(|(rest, value)| (rest, ESearchItem::Count(value))),
        ALL => sequence_set(rest, tolerance).map(|(rest, set)| (rest, ESearchItem::All(set))),
        MODSEQ => mod_sequence_value(rest, tolerance).map(|(rest, value)| (rest, ESearchItem::ModSeq(value))),
        _ => {
            let (rest, value) = raw::value(rest, tolerance)?;
            Ok((rest, ESearchItem::Other(name.share_text()?, value)))
        }
    }
}

/// `expunged-resp = "VANISHED" [SP "(EARLIER)"] SP known-uids`, from behind its name.
pub(super) fn vanished<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Untagged> {
    let (rest, ()) = sp(i, tolerance)?;
    let (rest, when) = match letters("(EARLIER)", "EARLIER")(rest) {
        Ok((rest, ())) => (sp(rest, tolerance)?.0, VanishedWhen::Earlier),
        Err(_) => (rest, VanishedWhen::Now),
    };
    let (rest, uids) = known_uids(rest, tolerance)?;
    Ok((rest, Untagged::Vanished(Box::new(Vanished { when, uids }))))
}
