//! `FETCH`.
use super::super::{
    PARENTHESES, Tolerance,
    class::ASTRING,
    leaf::{Key, key, name, some},
    list,
    section::{partial, section},
    sequence::sequence_set,
    space,
};
use crate::{
    BinarySection, BodySection, Fetch, FetchItem, FetchItems, FetchMacro, Numbering, OtherFetchItem,
    SectionText, Seen,
};
use alloc::vec::Vec;
use mail_wire::span::{Expected, Parsed, Span, expected};

const ALL: Key = key(b"ALL");
const FAST: Key = key(b"FAST");
const FULL: Key = key(b"FULL");
const UID: Key = key(b"UID");
const FLAGS: Key = key(b"FLAGS");
const INTERNALDATE: Key = key(b"INTERNALDATE");
const RFC822_SIZE: Key = key(b"RFC822.SIZE");
const ENVELOPE: Key = key(b"ENVELOPE");
const BODY: Key = key(b"BODY");
const BODY_PEEK: Key = key(b"BODY.PEEK");
const BODYSTRUCTURE: Key = key(b"BODYSTRUCTURE");
const RFC822: Key = key(b"RFC822");
const RFC822_HEADER: Key = key(b"RFC822.HEADER");
const RFC822_TEXT: Key = key(b"RFC822.TEXT");
const BINARY: Key = key(b"BINARY");
const BINARY_PEEK: Key = key(b"BINARY.PEEK");
const BINARY_SIZE: Key = key(b"BINARY.SIZE");

/// The items that were read.
#[derive(Default)]
struct Gathered {
    /// The bits of those without arguments.
    simple: u16,
    listed: Vec<FetchItem>,
}

/// `fetch = "FETCH" SP sequence-set SP ("ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")")`
pub(super) fn fetch<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    numbering: Numbering,
    tolerance: &mut Tolerance<'_>,
) -> Result<Fetch, nom::Err<Expected>> {
    let (i, ()) = space(i, tolerance)?;
    let (i, set) = sequence_set(i, tolerance)?;
    let (i, ()) = space(i, tolerance)?;
    let items = fetch_items(i, rest, tolerance)?;
    Ok(Fetch { numbering, set, items })
}

/// `"ALL" / "FULL" / "FAST" / fetch-att / "(" fetch-att *(SP fetch-att) ")"`
#[inline]
fn fetch_items<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<FetchItems, nom::Err<Expected>> {
    let mut gathered = Gathered::default();
    *rest = if i.first() == Some(b'(') {
        let (rest, count) =
            list(i, tolerance, PARENTHESES, |i, tolerance| fetch_att(i, &mut gathered, tolerance))?;
        // rule rfc3501 9 no-empty-fetch: a FETCH asks for one item at least
        if count == 0 {
            return expected(i.part(1).0, "a fetch item");
        }
        rest
    } else {
        if let Ok((behind, (_, key))) = name(i) {
            let found = match key {
                // rule rfc3501 6.4.5 macro-all: ALL is a macro, and stands alone
                ALL => Some(FetchMacro::All),
                // rule rfc3501 6.4.5 macro-fast: FAST is a macro, and stands alone
                FAST => Some(FetchMacro::Fast),
                // rule rfc3501 6.4.5 macro-full: FULL is a macro, and stands alone
                FULL => Some(FetchMacro::Full),
                _ => None,
            };
            if let Some(found) = found {
                *rest = behind;
                return Ok(FetchItems::of_macro(found));
            }
        }
        fetch_att(i, &mut gathered, tolerance)?.0
    };
    Ok(FetchItems::from_checked(gathered.simple, gathered.listed))
}

/// `fetch-att = "ENVELOPE" / "FLAGS" / "INTERNALDATE" / "RFC822" [".HEADER" / ".SIZE" / ".TEXT"] /
/// "BODY" ["STRUCTURE"] / "UID" / "BODY" [".PEEK"] section [partial] / "BINARY" [".PEEK"] section-binary [partial] /
/// "BINARY.SIZE" section-binary`, and others: 1*ASTRING-CHAR
#[inline]
fn fetch_att<'a>(i: Span<'a>, gathered: &mut Gathered, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    if let Ok((rest, (_, key))) = name(i) {
        if let (Some(bit), None | Some(b' ' | b')')) = (bit(key), rest.first()) {
            gathered.simple |= 1 << bit;
            return Ok((rest, ()));
        }
        if rest.first() == Some(b'[') {
            return with_section(i, rest, key, &mut gathered.listed, tolerance);
        }
    }
    other_att(i, &mut gathered.listed)
}

/// An item whose name, which begins at `i`, has brackets behind it.
fn with_section<'a>(
    i: Span<'a>,
    rest: Span<'a>,
    key: Key,
    listed: &mut Vec<FetchItem>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    match key {
        BODY => body(rest, Seen::Set, listed, tolerance),
        // rule rfc3501 6.4.5 peek: BODY.PEEK does not set \Seen
        BODY_PEEK => body(rest, Seen::Keep, listed, tolerance),
        BINARY => binary(rest, Seen::Set, listed, tolerance),
        // rule rfc3516 4.2 binary-peek: BINARY.PEEK does not set \Seen
        BINARY_PEEK => binary(rest, Seen::Keep, listed, tolerance),
        BINARY_SIZE => {
            let (rest, section) = section_binary(rest, tolerance)?;
            listed.push(FetchItem::BinarySize(section));
            Ok((rest, ()))
        }
        _ => other_att(i, listed),
    }
}

/// The place in [`crate::command`]'s list of items without arguments.
#[inline]
fn bit(key: Key) -> Option<u8> {
    Some(match key {
        UID => 0,
        FLAGS => 1,
        INTERNALDATE => 2,
        RFC822_SIZE => 3,
        ENVELOPE => 4,
        BODY => 5,
        BODYSTRUCTURE => 6,
        RFC822 => 7,
        RFC822_HEADER => 8,
        RFC822_TEXT => 9,
        _ => return None,
    })
}

/// `section [partial]`
fn body<'a>(
    i: Span<'a>,
    seen: Seen,
    listed: &mut Vec<FetchItem>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let (i, section) = section(i, tolerance)?;
    let (i, partial) = partial(i, tolerance)?;
    listed.push(FetchItem::Section(BodySection { seen, section, partial }));
    Ok((i, ()))
}

/// `section-binary [partial]`
fn binary<'a>(
    i: Span<'a>,
    seen: Seen,
    listed: &mut Vec<FetchItem>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let (i, section) = section_binary(i, tolerance)?;
    let (i, partial) = partial(i, tolerance)?;
    listed.push(FetchItem::Binary(BinarySection::from_checked(seen, section, partial)));
    Ok((i, ()))
}

/// `section-binary = "[" [section-part] "]"`
fn section_binary<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, crate::Section> {
    let (rest, section) = section(i, tolerance)?;
    // rule rfc3516 4.2 binary-of-parts: BINARY names a part, and no HEADER or TEXT of it
    if section.text() != SectionText::Whole {
        return expected(i, "the numbers of a part");
    }
    Ok((rest, section))
}

fn other_att<'a>(i: Span<'a>, listed: &mut Vec<FetchItem>) -> Parsed<'a, ()> {
    let (rest, other) = other(i)?;
    listed.push(FetchItem::Other(other));
    Ok((rest, ()))
}

/// `1*ASTRING-CHAR`: an item that [`FetchItem`] has no variant for.
pub(crate) fn other(i: Span<'_>) -> Parsed<'_, OtherFetchItem> {
    let (rest, text) = some(ASTRING, "a fetch item")(i)?;
    if let Ok((rest, (_, key))) = name(text) {
        let is_section = matches!(key, BODY | BODY_PEEK | BINARY | BINARY_PEEK | BINARY_SIZE);
        let is_simple = bit(key).is_some() || matches!(key, ALL | FAST | FULL) || is_section;
        if rest.is_empty() && is_simple || rest.first() == Some(b'[') && is_section {
            return expected(i, "a fetch item");
        }
    }
    Ok((rest, OtherFetchItem::from_checked(text.share_text()?)))
}
