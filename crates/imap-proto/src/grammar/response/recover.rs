//! Items of FETCH that do not follow the grammar, for the sake of those that do.
use super::{
    fetch::{
        BINARY, BINARY_PEEK, BINARY_SIZE, BODY, BODY_PEEK, BODYSTRUCTURE, ENVELOPE, FLAGS, INTERNALDATE,
        MODSEQ, RFC822, RFC822_HEADER, RFC822_TEXT, SIZE, UID, item_name, next,
    },
    line_end, raw, spaces,
};
use crate::{
    DeviationKind, Flags, Tail,
    grammar::{
        Tolerance,
        leaf::{name, nil},
        string::literal_head,
    },
    response::FetchItem,
};
use alloc::boxed::Box;
use mail_wire::span::{Expected, Parsed, Span};

/// The item at `i` does not follow the grammar: it is kept as it is, where that is tolerated. Tells whether more
/// items follow.
#[cold]
pub(super) fn give_up<'a>(
    i: Span<'a>,
    tail: Tail,
    error: nom::Err<Expected>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, (FetchItem, bool)> {
    if !tolerance.tolerates(DeviationKind::InvalidItem) {
        return Err(error);
    }
    let found = balanced(i, tolerance).or_else(|| resynchronised(i, tail));
    tolerance.forget_from(i);
    tolerance.tolerate(DeviationKind::InvalidItem, i);
    let Some((end, rest, more)) = found else { return Err(error) };
    let octets = i.before(end).share();
    if octets.is_empty() {
        return Err(error);
    }
    Ok((rest, (FetchItem::Invalid(Box::new(octets)), more)))
}

/// Ends the item where its strings and parentheses do, in front of what may be the next: where it ends, what is
/// left, and whether more items follow.
fn balanced<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Option<(Span<'a>, Span<'a>, bool)> {
    let (mut at, _) = item_name(i).ok()?;
    loop {
        if spaces(at) == line_end(at) {
            // What should have closed the list has closed something in the item: it ended earlier.
            return None;
        }
        match next(at, tolerance) {
            Ok((rest, false)) => return Some((at, rest, false)),
            Ok((rest, true)) if may_be_item(rest) => return Some((at, rest, true)),
            _ => {}
        }
        // Each turn takes at least one octet.
        at = raw::skip_value(at.part(spaces(at)).0, raw::Purpose::Skip, tolerance).ok()?;
    }
}

/// Ends the item in front of the next that is known for sure, or at the end of the list.
fn resynchronised(i: Span<'_>, tail: Tail) -> Option<(Span<'_>, Span<'_>, bool)> {
    let mut at = i.part(1).0;
    while let Some(first) = at.first() {
        let behind = at.part(1).0;
        if first == b' ' && is_item(behind) {
            return Some((at, behind, true));
        }
        at = match skip_literal(at) {
            Some(behind) => behind,
            None => behind,
        };
    }
    if tail == Tail::Literal {
        return None;
    }
    let (rest, line) = i.part(line_end(i));
    let list = line.text().strip_suffix(b")").map_or(line.text().len(), <[u8]>::len);
    Some((i.part(list).0, rest, false))
}

/// The literal at `i`, whose octets are none of ours to look at.
fn skip_literal(i: Span<'_>) -> Option<Span<'_>> {
    if i.first() != Some(b'{') {
        return None;
    }
    let mut deviations = crate::Deviations::new();
    let mut strict = Tolerance::new(i.text(), &super::CANONICAL, &mut deviations);
    let (behind, head) = literal_head(i, &mut strict).ok()?;
    let octets = usize::try_from(head.octets).ok()?;
    (octets <= behind.text().len()).then(|| behind.part(octets).0)
}

/// Is this perhaps an item: a name in capitals, and something behind it?
fn may_be_item(i: Span<'_>) -> bool {
    let name = i
        .text()
        .iter()
        .take_while(|octet| matches!(octet, b'A'..=b'Z' | b'0'..=b'9' | b'.' | b'-' | b'_'))
        .count();
    let named = name > 1 && i.first().is_some_and(|octet| octet.is_ascii_uppercase());
    named && matches!(i.text().get(name), Some(b' ' | b'[')) && !i.text().starts_with(b"NIL ")
}

/// Is this an item that is known, with the start of its value?
fn is_item(i: Span<'_>) -> bool {
    let Ok((rest, (_, key))) = name(i) else { return false };
    matches!(
        (key, rest.text()),
        (UID | SIZE, [b' ', b'0'..=b'9', ..])
            | (FLAGS | MODSEQ | ENVELOPE | BODYSTRUCTURE | BODY, [b' ', b'(', ..])
            | (INTERNALDATE, [b' ', b'"', ..])
            | (BODY | BODY_PEEK | BINARY | BINARY_PEEK | BINARY_SIZE, [b'[', ..])
            | (RFC822 | RFC822_HEADER | RFC822_TEXT, [b' ', b'"' | b'{' | b'N' | b'n', ..])
    )
}

/// Flags that are no list: NIL for none is tolerated.
#[cold]
pub(super) fn odd_flags<'a>(
    i: Span<'a>,
    error: nom::Err<Expected>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Flags> {
    match nil(i) {
        Ok((rest, ())) if tolerance.tolerate(DeviationKind::EmptyList, i) => Ok((rest, Flags::NONE)),
        _ => Err(error),
    }
}
