//! LIST and STATUS.
use super::{
    goes_on, line_end,
    name::usual_name,
    no_space,
    number::{number, number64, nz_number},
    raw, sp, spaces,
};
use crate::{
    DeviationKind, Encoding, MailboxName,
    grammar::{
        PARENTHESES, Tolerance,
        class::{self, ASTRING, ATOM},
        leaf::{Key, close, key, name, nil, number as plain_number, open, some},
        list,
        mailbox::mailbox,
        space,
        string::{astring, printable},
    },
    response::{Attribute, Attributes, List, ListExtended, ListKind, StatusData, StatusItem, Untagged},
    types::resolve::unescape,
};
use alloc::{boxed::Box, vec::Vec};
use mail_wire::span::{Expected, Parsed, Span, expected};

/// `mailbox-list = "(" [mbx-list-flags] ")" SP (DQUOTE QUOTED-CHAR DQUOTE / nil) SP mailbox
/// [SP mbox-list-extended]`, behind `SP`.
pub(super) fn mailbox_list<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    kind: ListKind,
    tolerance: &mut Tolerance<'_>,
) -> Result<Untagged, nom::Err<Expected>> {
    let (i, ()) = sp(i, tolerance)?;
    let mut attributes = Attributes::new();
    let (i, ()) = mbx_list_flags(i, &mut attributes, tolerance)?;
    if let Some((behind, delimiter, name)) = usual_name_of(i) {
        *rest = behind;
        let mailbox = MailboxName::from_wire(name.share(), tolerance.encoding());
        let list =
            Box::new(List { kind, attributes, delimiter: Some(delimiter), mailbox, extended: Vec::new() });
        return Ok(Untagged::List(list));
    }
    let (i, ()) = sp(i, tolerance)?;
    let (i, delimiter) = delimiter(i, tolerance)?;
    let (i, ()) = sp(i, tolerance)?;
    let (behind, (mailbox, extended)) = named(i, tolerance)?;
    *rest = behind;
    Ok(Untagged::List(Box::new(List { kind, attributes, delimiter, mailbox, extended })))
}

/// `SP DQUOTE QUOTED-CHAR DQUOTE SP mailbox`, in the usual spelling, with nothing behind.
#[inline(always)]
fn usual_name_of(i: Span<'_>) -> Option<(Span<'_>, char, Span<'_>)> {
    let [b' ', b'"', delimiter @ (b'/' | b'.'), b'"', b' ', first, ..] = i.text() else { return None };
    let quotes = usize::from(*first == b'"');
    let at = i.part(5 + quotes).0;
    let octets = match quotes {
        0 => class::run(at.text(), ASTRING),
        _ => printable(at.text()),
    };
    let (rest, name) = at.part(octets);
    let rest = match (quotes, rest.text()) {
        (0, text) if !text.is_empty() && octets == 0 => return None,
        (0, _) => rest,
        (_, [b'"', ..]) => rest.part(1).0,
        _ => return None,
    };
    let is_last = octets + quotes > 0 && matches!(rest.text(), [] | [b'\r', b'\n']);
    is_last.then(|| (rest, char::from(*delimiter), name))
}

/// `"(" [mbx-list-flags] ")"`
#[inline(always)]
fn mbx_list_flags<'a>(
    i: Span<'a>,
    attributes: &mut Attributes,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let mut usual = i.text().strip_prefix(b"(");
    while let Some([b'\\', rest @ ..]) = usual {
        usual = None;
        if let Some((octets, key)) = usual_name(rest) {
            let behind = rest.get(octets..).unwrap_or_default();
            if let (Some(attribute), [end @ (b' ' | b')'), behind @ ..]) = (Attribute::of(key), behind) {
                attributes.insert(attribute);
                if *end == b')' {
                    return Ok((i.part(i.text().len() - behind.len()).0, ()));
                }
                usual = Some(behind);
            }
        }
    }
    *attributes = Attributes::new();
    odd_list_flags(i, attributes, tolerance)
}

/// The same, in every spelling.
#[inline(never)]
fn odd_list_flags<'a>(
    i: Span<'a>,
    attributes: &mut Attributes,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    if let Ok((rest, ())) = nil(i) {
        if tolerance.tolerate(DeviationKind::EmptyList, i) {
            return Ok((rest, ()));
        }
    }
    let (at, ()) = open(i)?;
    let mut at = no_space(at, tolerance);
    if at.first() == Some(b')') {
        return Ok((at.part(1).0, ()));
    }
    loop {
        let (rest, ()) = mbx_list_flag(at, attributes, tolerance)?;
        let (rest, more) = goes_on(rest, tolerance)?;
        if !more {
            return close(rest);
        }
        at = rest;
    }
}

/// `mbx-list-oflag / mbx-list-sflag`
#[inline]
fn mbx_list_flag<'a>(
    i: Span<'a>,
    attributes: &mut Attributes,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    if i.first() == Some(b'\\') {
        if let Some((octets, key)) = usual_name(i.part(1).0.text()) {
            let rest = i.part(1 + octets).0;
            if let (Some(attribute), Some(b' ' | b')')) = (Attribute::of(key), rest.first()) {
                attributes.insert(attribute);
                return Ok((rest, ()));
            }
        } else if let Ok((rest, (_, key))) = name(i.part(1).0) {
            if let (Some(attribute), Some(b' ' | b')')) = (Attribute::of(key), rest.first()) {
                attributes.insert(attribute);
                return Ok((rest, ()));
            }
        }
    }
    let at = i.part(usize::from(i.first() == Some(b'\\'))).0;
    let octets = class::run(at.text(), ATOM);
    let mut rest = at.part(octets).0;
    let is_atom = octets > 0 && at.text().len() < i.text().len() && matches!(rest.first(), Some(b' ' | b')'));
    if !is_atom {
        let octets =
            i.text().iter().take_while(|octet| !matches!(octet, 0..=b' ' | b'(' | b')' | b'{')).count();
        if octets == 0 || !tolerance.tolerate(DeviationKind::OddAttribute, i) {
            return expected(at, "an attribute of a mailbox");
        }
        rest = i.part(octets).0;
    }
    attributes.insert_other(i.before(rest).share_text()?);
    Ok((rest, ()))
}

/// `DQUOTE QUOTED-CHAR DQUOTE / nil`
#[inline]
pub(super) fn delimiter<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Option<char>> {
    match i.text() {
        [b'"', octet @ 0x20..=0x7e, b'"', ..] if !matches!(octet, b'"' | b'\\') => {
            Ok((i.part(3).0, Some(char::from(*octet))))
        }
        // rule rfc3501 7.2.2 delimiter-in-quotes: the delimiter may be a backslash, escaped
        [b'"', b'\\', octet @ (b'"' | b'\\'), b'"', ..] => Ok((i.part(4).0, Some(char::from(*octet)))),
        _ => match nil(i) {
            Ok((rest, ())) => Ok((rest, None)),
            Err(_) => odd_delimiter(i, tolerance),
        },
    }
}

#[cold]
fn odd_delimiter<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Option<char>> {
    match i.text() {
        [b'"', b'"', ..] if tolerance.tolerate(DeviationKind::OddDelimiter, i) => Ok((i.part(2).0, None)),
        [b'"', b'\\', b'"', ..] if tolerance.tolerate(DeviationKind::OddDelimiter, i) => {
            Ok((i.part(3).0, Some('\\')))
        }
        [octet @ (b'/' | b'.' | b'\\'), b' ', ..] if tolerance.tolerate(DeviationKind::OddDelimiter, i) => {
            Ok((i.part(1).0, Some(char::from(*octet))))
        }
        [b'"', inside @ ..] => {
            let octets = inside.iter().take(5).position(|octet| *octet == b'"').unwrap_or(0);
            let char = inside.get(..octets).and_then(|inside| core::str::from_utf8(inside).ok());
            let mut chars = char.unwrap_or_default().chars();
            match (chars.next(), chars.next()) {
                (Some(char), None)
                    if !matches!(char, '\\' | '\r' | '\n' | '\0')
                        && (char.is_ascii()
                            || tolerance.encoding() == Encoding::Utf8
                            || tolerance.tolerate(DeviationKind::EightBit, i.part(1).0)) =>
                {
                    Ok((i.part(octets + 2).0, Some(char)))
                }
                _ => expected(i, "a hierarchy delimiter"),
            }
        }
        _ => expected(i, "a hierarchy delimiter or NIL"),
    }
}

/// `mailbox [SP mbox-list-extended]`; a name of several words that is not quoted is tolerated.
#[inline]
fn named<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, (MailboxName, Vec<ListExtended>)> {
    let found = mailbox(i, tolerance);
    let (error, rest) = match found {
        Ok((rest, mailbox)) => match rest.text() {
            [] | [b'\r', b'\n'] | [b'\n'] => return Ok((rest, (mailbox, Vec::new()))),
            _ => match tolerance.attempt(rest, extended) {
                Ok((rest, extended)) => return Ok((rest, (mailbox, extended))),
                Err(error) => (error, rest),
            },
        },
        Err(error) => (error, i),
    };
    let (behind, line) = i.part(line_end(i));
    let words = line.text().trim_ascii_end().len();
    // Spaces at the end are told there.
    let only_spaces = i.text().len() - rest.text().len() >= words;
    let is_string = matches!(i.first(), Some(b'"' | b'{'));
    if !only_spaces && !is_string && tolerance.tolerate(DeviationKind::UnquotedString, i) {
        let (_, name) = i.part(words);
        let name = MailboxName::from_wire(name.share(), tolerance.encoding());
        let behind = if words < line.text().len() { i.part(words).0 } else { behind };
        return Ok((behind, (name, Vec::new())));
    }
    if only_spaces && !is_string
        || is_string && rest.text().len() < i.text().len() && spaces(rest) == line_end(rest)
    {
        let (rest, mailbox) = mailbox(i, tolerance)?;
        return Ok((rest, (mailbox, Vec::new())));
    }
    match loose_quoted(i, words, tolerance) {
        Some(mailbox) => Ok((behind, (mailbox, Vec::new()))),
        None => Err(error),
    }
}

/// A name in quotation marks of so many octets, with some within that are not escaped: where that is tolerated, none
/// of them ends it.
#[cold]
fn loose_quoted(i: Span<'_>, octets: usize, tolerance: &mut Tolerance<'_>) -> Option<MailboxName> {
    let [b'"', name @ .., b'"'] = i.part(octets).1.text() else { return None };
    let ends = |pair: &[u8]| matches!(pair, [b'"', b' ' | b'(' | b')']);
    let is_one = !name.windows(2).any(ends) && !name.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0));
    (is_one && tolerance.tolerate(DeviationKind::UnescapedQuote, i))
        .then(|| MailboxName::from_wire(unescape(name), tolerance.encoding()))
}

/// `SP mbox-list-extended`, where
/// `mbox-list-extended = "(" [mbox-list-extended-item *(SP mbox-list-extended-item)] ")"`
fn extended<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Vec<ListExtended>> {
    let (i, ()) = sp(i, tolerance)?;
    let mut items = Vec::new();
    let (rest, _) = list(i, tolerance, PARENTHESES, |i, tolerance| {
        let (rest, item) = extended_item(i, tolerance)?;
        items.push(item);
        Ok((rest, ()))
    })?;
    Ok((rest, items))
}

/// `mbox-list-extended-item = mbox-list-extended-item-tag SP tagged-ext-val`, with
/// `childinfo-extended-item = "CHILDINFO" SP "(" list-select-base-opt-quoted *(SP list-select-base-opt-quoted) ")"`
/// and `oldname-extended-item = "OLDNAME" SP "(" mailbox ")"`
fn extended_item<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ListExtended> {
    let (rest, tag) = astring(i, tolerance)?;
    let (rest, ()) = sp(rest, tolerance)?;
    // rule rfc9051 6.3.9.6 childinfo: CHILDINFO tells what children match
    if tag.as_bytes().eq_ignore_ascii_case(b"CHILDINFO") {
        let mut options = Vec::new();
        let (rest, _) = list(rest, tolerance, PARENTHESES, |i, tolerance| {
            let (i, option) = astring(i, tolerance)?;
            options.push(option);
            Ok((i, ()))
        })?;
        return Ok((rest, ListExtended::ChildInfo(options)));
    }
    // rule rfc9051 6.3.9.7 oldname: OLDNAME tells what a mailbox was called
    if tag.as_bytes().eq_ignore_ascii_case(b"OLDNAME") {
        let (rest, ()) = open(rest)?;
        let (rest, mailbox) = mailbox(rest, tolerance)?;
        let (rest, ()) = close(rest)?;
        return Ok((rest, ListExtended::OldName(mailbox)));
    }
    let (rest, value) = raw::value(rest, tolerance)?;
    Ok((rest, ListExtended::Other(tag, value)))
}

const MESSAGES: Key = key(b"MESSAGES");
const RECENT: Key = key(b"RECENT");
const UIDNEXT: Key = key(b"UIDNEXT");
const UIDVALIDITY: Key = key(b"UIDVALIDITY");
const UNSEEN: Key = key(b"UNSEEN");
const DELETED: Key = key(b"DELETED");
const SIZE: Key = key(b"SIZE");
const HIGHESTMODSEQ: Key = key(b"HIGHESTMODSEQ");
const APPENDLIMIT: Key = key(b"APPENDLIMIT");

/// `"STATUS" SP mailbox SP "(" [status-att-list] ")"`, from behind its name; a mailbox of several words that is not
/// quoted is tolerated.
pub(super) fn status<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Untagged> {
    let (i, ()) = sp(i, tolerance)?;
    let (rest, mailbox) = status_mailbox(i, tolerance)?;
    let mut items = Vec::new();
    let (rest, _) = list(rest, tolerance, PARENTHESES, |i, tolerance| {
        let (rest, item) = status_att_val(i, tolerance)?;
        items.push(item);
        Ok((rest, ()))
    })?;
    Ok((rest, Untagged::MailboxStatus(Box::new(StatusData { mailbox, items }))))
}

/// `mailbox SP`
fn status_mailbox<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, MailboxName> {
    let found = mailbox(i, tolerance).and_then(|(rest, mailbox)| {
        match (rest.text(), rest.part(spaces(rest)).0.first()) {
            ([b' ', ..], Some(b'(')) => sp(rest, tolerance).map(|(rest, ())| (rest, mailbox)),
            _ => expected(rest, "a space and a list"),
        }
    });
    let error = match found {
        Ok(found) => return Ok(found),
        Err(error) => error,
    };
    let line = i.part(line_end(i)).1;
    let words = line.text().windows(2).rposition(|octets| octets == b" (");
    match words {
        Some(words) if words > 0 && !matches!(i.first(), Some(b'"' | b'{')) => {
            if !tolerance.tolerate(DeviationKind::UnquotedString, i) {
                return Err(error);
            }
            let (rest, name) = i.part(words);
            Ok((rest.part(1).0, MailboxName::from_wire(name.share(), tolerance.encoding())))
        }
        Some(words) => match loose_quoted(i, words, tolerance) {
            Some(mailbox) => Ok((i.part(words + 1).0, mailbox)),
            None => Err(error),
        },
        None => Err(error),
    }
}

/// `status-att-val = ("MESSAGES" SP number) / ("UIDNEXT" SP nz-number) / ..`
fn status_att_val<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, StatusItem> {
    let (rest, name) = some(ATOM, "an item of STATUS")(i)?;
    let (at, ()) = space(rest, tolerance)?;
    Ok(match key(name.text()) {
        // rule rfc3501 7.2.4 messages-of-status: MESSAGES has a number
        MESSAGES => number(at, tolerance).map(|(rest, value)| (rest, StatusItem::Messages(value)))?,
        RECENT => number(at, tolerance).map(|(rest, value)| (rest, StatusItem::Recent(value)))?,
        UIDNEXT => nz_number(at, tolerance).map(|(rest, value)| (rest, StatusItem::UidNext(value)))?,
        UIDVALIDITY => {
            nz_number(at, tolerance).map(|(rest, value)| (rest, StatusItem::UidValidity(value)))?
        }
        // rule rfc3501 7.2.4 unseen-of-status: UNSEEN has a number
        UNSEEN => number(at, tolerance).map(|(rest, value)| (rest, StatusItem::Unseen(value)))?,
        DELETED => number(at, tolerance).map(|(rest, value)| (rest, StatusItem::Deleted(value)))?,
        SIZE => number64(at, tolerance).map(|(rest, value)| (rest, StatusItem::Size(value)))?,
        // rule rfc7162 3.1.7 highestmodseq-of-status: HIGHESTMODSEQ has a number of 63 bits
        HIGHESTMODSEQ => {
            number64(at, tolerance).map(|(rest, value)| (rest, StatusItem::HighestModSeq(value)))?
        }
        APPENDLIMIT => match nil(at) {
            Ok((rest, ())) => (rest, StatusItem::AppendLimit(None)),
            Err(_) => plain_number(at).map(|(rest, value)| (rest, StatusItem::AppendLimit(Some(value))))?,
        },
        _ => {
            let (rest, value) = raw::value(at, tolerance)?;
            (rest, StatusItem::Other(name.share_text()?, value))
        }
    })
}
