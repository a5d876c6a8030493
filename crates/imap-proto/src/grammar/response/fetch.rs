//! FETCH.
use super::{
    body::body,
    envelope::envelope,
    no_space,
    number::{mod_sequence_value, number64, nz_number, usual_number, usual_nz_number},
    raw, recover, sp,
};
use crate::{
    DeviationKind, Flags, Section, Tail,
    grammar::{
        Tolerance,
        class::{self, ASTRING},
        date::date_time,
        flag::{Use, flag_list},
        leaf::{Key, close, key, name, nil, number64 as plain_number64, open},
        section::section,
        space,
        string::{literal_head, quoted},
    },
    response::{BinarySize, Content, ContentKind, FetchItem, FetchSink, OtherItem, Payload},
    types::flag::{ANSWERED, DELETED, DRAFT, FLAGGED, RECENT, SEEN, WILDCARD},
};
use alloc::boxed::Box;
use mail_wire::{
    Text,
    span::{Parsed, Span, expected, octet},
};

/// Where a list of items came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Reached {
    /// Its end.
    End,
    /// A literal that streams.
    Hole,
}

pub(super) const UID: Key = key(b"UID");
pub(super) const FLAGS: Key = key(b"FLAGS");
pub(super) const MODSEQ: Key = key(b"MODSEQ");
pub(super) const SIZE: Key = key(b"RFC822.SIZE");
pub(super) const INTERNALDATE: Key = key(b"INTERNALDATE");
pub(super) const ENVELOPE: Key = key(b"ENVELOPE");
pub(super) const BODY: Key = key(b"BODY");
pub(super) const BODY_PEEK: Key = key(b"BODY.PEEK");
pub(super) const BODYSTRUCTURE: Key = key(b"BODYSTRUCTURE");
pub(super) const BINARY: Key = key(b"BINARY");
pub(super) const BINARY_PEEK: Key = key(b"BINARY.PEEK");
pub(super) const BINARY_SIZE: Key = key(b"BINARY.SIZE");
pub(super) const RFC822: Key = key(b"RFC822");
pub(super) const RFC822_HEADER: Key = key(b"RFC822.HEADER");
pub(super) const RFC822_TEXT: Key = key(b"RFC822.TEXT");

/// `msg-att = "(" (msg-att-dynamic / msg-att-static) *(SP (msg-att-dynamic / msg-att-static)) ")"`
#[inline]
pub(super) fn msg_att<'a>(
    i: Span<'a>,
    tail: Tail,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Reached> {
    let (i, ()) = open(i)?;
    let i = no_space(i, tolerance);
    if i.first() == Some(b')') && tolerance.tolerate(DeviationKind::EmptyList, i) {
        return Ok((i.part(1).0, Reached::End));
    }
    items(i, tail, sink, tolerance)
}

/// `*(SP (msg-att-dynamic / msg-att-static)) ")"`: a list of items from behind one of them.
pub(super) fn msg_att_rest<'a>(
    i: Span<'a>,
    tail: Tail,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Reached> {
    match next(i, tolerance)? {
        (i, true) => items(i, tail, sink, tolerance),
        (i, false) => Ok((i, Reached::End)),
    }
}

/// `(msg-att-dynamic / msg-att-static) *(SP (msg-att-dynamic / msg-att-static)) ")"`
///
/// An item that does not follow the grammar does not lose the others, where that is tolerated.
#[inline]
fn items<'a>(
    mut i: Span<'a>,
    tail: Tail,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Reached> {
    // As many as there are octets of the unit for: the sink decides what it keeps.
    loop {
        if let Some((rest, item)) = usual_item(i) {
            match rest.text() {
                [b' ', octet, ..] if *octet > b' ' && *octet != b')' => {
                    sink.item(item);
                    i = rest.part(1).0;
                    continue;
                }
                [b')', ..] => {
                    sink.item(item);
                    return Ok((rest.part(1).0, Reached::End));
                }
                _ => {}
            }
        }
        let found = msg_att_item(i, tail, tolerance);
        if let Ok((rest, item)) = found {
            match rest.text() {
                [b' ', octet, ..] if *octet > b' ' && *octet != b')' => {
                    sink.item(item);
                    i = rest.part(1).0;
                }
                [b')', ..] => {
                    sink.item(item);
                    return Ok((rest.part(1).0, Reached::End));
                }
                _ => match odd_item(i, rest, item, tail, tolerance)? {
                    (rest, (item, Next::Item)) => {
                        sink.item(item);
                        i = rest;
                    }
                    (rest, (item, Next::Reached(reached))) => {
                        sink.item(item);
                        return Ok((rest, reached));
                    }
                },
            }
        } else if let Err(e) = found {
            let (rest, (item, more)) = recover::give_up(i, tail, e, tolerance)?;
            sink.item(item);
            if !more {
                return Ok((rest, Reached::End));
            }
            i = rest;
        }
    }
}

/// The items that are told again and again, in the usual spelling.
#[inline(always)]
fn usual_item(i: Span<'_>) -> Option<(Span<'_>, FetchItem)> {
    match i.text() {
        [b'U', b'I', b'D', b' ', ..] => {
            let (rest, uid) = usual_nz_number(i.part(4).0)?;
            Some((rest, FetchItem::Uid(uid)))
        }
        [b'F', b'L', b'A', b'G', b'S', b' ', b'(', ..] => {
            let (rest, bits) = system_flags(i.part(6).0, Use::Told)?;
            Some((rest, FetchItem::Flags(Flags::from_checked(bits, Text::EMPTY))))
        }
        [b'M', b'O', b'D', b'S', b'E', b'Q', b' ', b'(', ..] => match usual_number(i.part(8).0)? {
            (rest, value @ 1..) if rest.first() == Some(b')') => {
                Some((rest.part(1).0, FetchItem::ModSeq(value)))
            }
            _ => None,
        },
        [b'R', b'F', b'C', b'8', b'2', b'2', b'.', b'S', b'I', b'Z', b'E', b' ', ..] => {
            let (rest, octets) = usual_number(i.part(12).0)?;
            Some((rest, FetchItem::Size(octets)))
        }
        _ => None,
    }
}

/// What stands behind an item.
enum Next {
    Item,
    Reached(Reached),
}

/// An item behind which stands neither one space nor the end of the list.
#[cold]
#[inline(never)]
fn odd_item<'a>(
    i: Span<'a>,
    rest: Span<'a>,
    item: FetchItem,
    tail: Tail,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, (FetchItem, Next)> {
    if matches!(&item, FetchItem::Content(it) if matches!(it.payload, Payload::Streamed(_))) {
        return Ok((rest, (item, Next::Reached(Reached::Hole))));
    }
    let (rest, (item, more)) = match next(rest, tolerance) {
        Ok((rest, more)) => (rest, (item, more)),
        Err(e) => recover::give_up(i, tail, e, tolerance)?,
    };
    Ok((rest, (item, if more { Next::Item } else { Next::Reached(Reached::End) })))
}

/// `SP` in front of another item, or the parenthesis behind the last.
#[inline]
pub(super) fn next<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, bool> {
    match i.text() {
        [b' ', octet, ..] if *octet > b' ' && *octet != b')' => Ok((i.part(1).0, true)),
        [b')', ..] => Ok((i.part(1).0, false)),
        _ => odd_next(i, tolerance),
    }
}

#[cold]
fn odd_next<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, bool> {
    let behind = i.part(super::spaces(i)).0;
    match behind.text() {
        [b')', ..] if tolerance.tolerate(DeviationKind::ExtraSpaces, i) => Ok((behind.part(1).0, false)),
        [] | [b'\r', b'\n'] | [b'\n'] if tolerance.tolerate(DeviationKind::MissingParenthesis, i) => {
            Ok((behind, false))
        }
        [octet, ..] if octet.is_ascii_alphabetic() => sp(i, tolerance).map(|(rest, ())| (rest, true)),
        _ => expected(i, "a space or a closing parenthesis"),
    }
}

/// `msg-att-dynamic / msg-att-static`, and those of the extensions.
#[inline]
fn msg_att_item<'a>(i: Span<'a>, tail: Tail, tolerance: &mut Tolerance<'_>) -> Parsed<'a, FetchItem> {
    let (rest, (_, key)) = name(i)?;
    match (key, rest.first()) {
        // rule rfc3501 7.4.2 uid-item: UID has a number
        (UID, Some(b' ')) => {
            let (rest, ()) = sp(rest, tolerance)?;
            nz_number(rest, tolerance).map(|(rest, uid)| (rest, FetchItem::Uid(uid)))
        }
        // rule rfc3501 7.4.2 flags-item: FLAGS has flags
        (FLAGS, Some(b' ')) => {
            let (rest, ()) = sp(rest, tolerance)?;
            match flag_list(rest, Use::Told, tolerance) {
                Ok((rest, flags)) => Ok((rest, FetchItem::Flags(flags))),
                Err(e) => recover::odd_flags(rest, e, tolerance)
                    .map(|(rest, flags)| (rest, FetchItem::Flags(flags))),
            }
        }
        // rule rfc7162 3.1.4.2 modseq-item: MODSEQ has a number in parentheses
        (MODSEQ, Some(b' ')) => {
            let (rest, ()) = sp(rest, tolerance)?;
            fetch_mod_resp(rest, tolerance).map(|(rest, value)| (rest, FetchItem::ModSeq(value)))
        }
        // rule rfc3501 2.3.4 size-item: RFC822.SIZE has a number
        (SIZE, Some(b' ')) => {
            let (rest, ()) = sp(rest, tolerance)?;
            number64(rest, tolerance).map(|(rest, octets)| (rest, FetchItem::Size(octets)))
        }
        // rule rfc3501 2.3.3 internaldate-item: INTERNALDATE has a date, a time and a zone
        (INTERNALDATE, Some(b' ')) => {
            let (rest, ()) = sp(rest, tolerance)?;
            date_time(rest, tolerance).map(|(rest, date)| (rest, FetchItem::InternalDate(date)))
        }
        // rule rfc3501 2.3.5 envelope-item: ENVELOPE has the fields of the header
        (ENVELOPE, Some(b' ')) => {
            let (rest, ()) = sp(rest, tolerance)?;
            envelope(rest, tolerance).map(|(rest, envelope)| (rest, FetchItem::Envelope(Box::new(envelope))))
        }
        // rule rfc3501 2.3.6 bodystructure-item: BODYSTRUCTURE has the parts of the message
        (BODYSTRUCTURE, Some(b' ')) => {
            let (rest, ()) = sp(rest, tolerance)?;
            body(rest, tolerance).map(|(rest, body)| (rest, FetchItem::BodyStructure(Box::new(body))))
        }
        // rule rfc3501 7.4.2 body-item: BODY is BODYSTRUCTURE without extension data
        (BODY, Some(b' ')) => {
            let (rest, ()) = sp(rest, tolerance)?;
            body(rest, tolerance).map(|(rest, body)| (rest, FetchItem::Body(Box::new(body))))
        }
        // rule rfc3501 7.4.2 section-item: BODY[] has the octets of a section
        (BODY, Some(b'[')) => content(rest, ContentKind::Body, tail, tolerance),
        // rule rfc3516 4.3 binary-item: BINARY[] has the decoded octets of a part
        (BINARY, Some(b'[')) => content(rest, ContentKind::Binary, tail, tolerance),
        (BODY_PEEK, Some(b'[')) if tolerance.tolerate(DeviationKind::OddSection, i) => {
            content(rest, ContentKind::Body, tail, tolerance)
        }
        (BINARY_PEEK, Some(b'[')) if tolerance.tolerate(DeviationKind::OddSection, i) => {
            content(rest, ContentKind::Binary, tail, tolerance)
        }
        // rule rfc3516 4.3 binary-size-item: BINARY.SIZE[] has how many they are
        (BINARY_SIZE, Some(b'[')) => {
            let (rest, section) = section(rest, tolerance)?;
            let (rest, ()) = sp(rest, tolerance)?;
            let (rest, octets) = number64(rest, tolerance)?;
            Ok((rest, FetchItem::BinarySize(Box::new(BinarySize { section, octets }))))
        }
        // rule rfc3501 7.4.2 rfc822-item: RFC822 is BODY[]
        (RFC822, Some(b' ')) => rfc822(rest, ContentKind::Rfc822, Section::WHOLE, tail, tolerance),
        (RFC822_HEADER, Some(b' ')) => {
            rfc822(rest, ContentKind::Rfc822Header, Section::HEADER, tail, tolerance)
        }
        // rule rfc3501 7.4.2 rfc822-text-item: RFC822.TEXT is BODY[TEXT]
        (RFC822_TEXT, Some(b' ')) => rfc822(rest, ContentKind::Rfc822Text, Section::TEXT, tail, tolerance),
        (
            UID | FLAGS | MODSEQ | SIZE | INTERNALDATE | ENVELOPE | BODYSTRUCTURE | BODY | BODY_PEEK | BINARY
            | BINARY_PEEK | BINARY_SIZE | RFC822 | RFC822_HEADER | RFC822_TEXT,
            next,
        ) if !next.is_some_and(|octet| octet != b'[' && class::is(octet, ASTRING)) => {
            expected(rest, "the value of the item")
        }
        _ => other(i, tolerance),
    }
}

/// `"(" [flag-fetch *(SP flag-fetch)] ")"`, of flags that are bits, in the usual case: what most messages have.
#[inline(always)]
pub(super) fn system_flags(i: Span<'_>, r#use: Use) -> Option<(Span<'_>, u8)> {
    let mut rest = i.text().strip_prefix(b"(")?;
    let mut bits = 0;
    if rest.first() != Some(&b')') {
        loop {
            let (bit, behind) = match rest {
                [b'\\', b'S', b'e', b'e', b'n', behind @ ..] => (SEEN, behind),
                [b'\\', b'A', b'n', b's', b'w', b'e', b'r', b'e', b'd', behind @ ..] => (ANSWERED, behind),
                [b'\\', b'F', b'l', b'a', b'g', b'g', b'e', b'd', behind @ ..] => (FLAGGED, behind),
                [b'\\', b'D', b'e', b'l', b'e', b't', b'e', b'd', behind @ ..] => (DELETED, behind),
                [b'\\', b'D', b'r', b'a', b'f', b't', behind @ ..] => (DRAFT, behind),
                [b'\\', b'R', b'e', b'c', b'e', b'n', b't', behind @ ..] if r#use == Use::Told => {
                    (RECENT, behind)
                }
                [b'\\', b'*', behind @ ..] if r#use == Use::Permanent => (WILDCARD, behind),
                _ => return None,
            };
            bits |= bit;
            match behind {
                [b' ', behind @ ..] => rest = behind,
                [b')', ..] => {
                    rest = behind;
                    break;
                }
                _ => return None,
            }
        }
    }
    Some((i.part(i.text().len() - rest.len() + 1).0, bits))
}

/// `"(" permsg-modsequence ")"`; a number without parentheses is tolerated.
#[inline]
fn fetch_mod_resp<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, u64> {
    if let Some(b'0'..=b'9') = i.first() {
        if tolerance.tolerate(DeviationKind::MissingParenthesis, i) {
            return mod_sequence_value(i, tolerance);
        }
    }
    let (i, ()) = open(i)?;
    let (i, value) = mod_sequence_value(no_space(i, tolerance), tolerance)?;
    let (i, ()) = close(no_space(i, tolerance))?;
    Ok((i, value))
}

/// `section ["<" number ">"] SP (nstring / literal8)`, from behind its name.
fn content<'a>(
    i: Span<'a>,
    kind: ContentKind,
    tail: Tail,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, FetchItem> {
    let (i, section) = section(i, tolerance)?;
    let (i, origin) = origin(i, tolerance)?;
    let (i, ()) = sp(i, tolerance)?;
    let (i, payload) = payload(i, kind, tail, tolerance)?;
    Ok((i, FetchItem::Content(Box::new(Content { kind, section, origin, payload }))))
}

/// `SP nstring`, from behind its name.
fn rfc822<'a>(
    i: Span<'a>,
    kind: ContentKind,
    section: Section,
    tail: Tail,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, FetchItem> {
    let (i, ()) = sp(i, tolerance)?;
    let (i, payload) = payload(i, kind, tail, tolerance)?;
    Ok((i, FetchItem::Content(Box::new(Content { kind, section, origin: None, payload }))))
}

/// `["<" number ">"]`; the number of octets behind it, as commands have it, is tolerated.
fn origin<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Option<u64>> {
    if i.first() != Some(b'<') {
        return Ok((i, None));
    }
    let (mut rest, origin) = number64(i.part(1).0, tolerance)?;
    if rest.first() == Some(b'.') && tolerance.tolerate(DeviationKind::OddSection, rest) {
        rest = plain_number64(rest.part(1).0)?.0;
    }
    let (rest, ()) = octet(b'>', "'>'")(rest)?;
    Ok((rest, Some(origin)))
}

/// `nstring`, or `nstring / literal8` of BINARY: the one place of the grammar whose literal may stream.
fn payload<'a>(
    i: Span<'a>,
    kind: ContentKind,
    tail: Tail,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Payload> {
    match i.first() {
        Some(b'{' | b'~') => {
            let (at, head) = literal_head(i, tolerance)?;
            // rule rfc3516 4.3 literal8-for-binary-alone: what is not decoded comes in no literal8
            if head.binary && kind != ContentKind::Binary && !tolerance.tolerate(DeviationKind::Literal8, i) {
                return expected(i, "a literal that is no literal8");
            }
            if tail == Tail::Literal && at.is_empty() {
                return Ok((at, Payload::Streamed(head.octets)));
            }
            match usize::try_from(head.octets) {
                Ok(octets) if octets <= at.text().len() => {
                    let (rest, octets) = at.part(octets);
                    Ok((rest, Payload::Whole(octets.share())))
                }
                _ => expected(at, "all octets of a literal"),
            }
        }
        Some(b'"') => {
            let (rest, found) = quoted(i, tolerance)?;
            Ok((rest, Payload::Whole(found.to_astring().into_bytes())))
        }
        _ => match nil(i) {
            Ok((rest, ())) => Ok((rest, Payload::Nil)),
            Err(_) => expected(i, "a string or NIL"),
        },
    }
}

/// An item that is not known: an atom, and a value of some kind.
#[cold]
fn other<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, FetchItem> {
    let (rest, name) = item_name(i)?;
    let (rest, ()) = space(rest, tolerance)?;
    let (rest, value) = raw::value(rest, tolerance)?;
    Ok((rest, FetchItem::Other(Box::new(OtherItem::from_checked(name.share_text()?, value)))))
}

/// An item that is not known, and no other.
pub(crate) fn other_item<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, OtherItem> {
    match msg_att_item(i, Tail::End, tolerance)? {
        (rest, FetchItem::Other(item)) => Ok((rest, *item)),
        _ => expected(i, "the name of an unknown item"),
    }
}

/// The name of an item that is not known, with brackets if it has some: `X-FOO[1 (a b)]<0>`.
pub(super) fn item_name(i: Span<'_>) -> Parsed<'_, Span<'_>> {
    let octets = class::run(i.text(), ASTRING);
    if octets == 0 {
        return expected(i, "the name of an item");
    }
    let (rest, name) = i.part(octets);
    let is_open = name.text().contains(&b'[') && !name.text().contains(&b']');
    if !is_open {
        return Ok((rest, name));
    }
    match rest.text().iter().position(|octet| matches!(octet, b']' | b'\r' | b'\n')) {
        Some(at) if rest.text().get(at) == Some(&b']') => {
            let behind = rest.part(at + 1).0;
            let behind = behind.part(class::run(behind.text(), ASTRING)).0;
            Ok((behind, i.before(behind)))
        }
        _ => expected(rest, "a closing bracket"),
    }
}
