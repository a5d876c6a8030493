//! Whole responses.
use super::{
    code::{capabilities, resp_text, text},
    fetch::{Reached, msg_att, msg_att_rest},
    line_end, mailbox_data,
    name::usual_name,
    namespace,
    number::{number, usual_nz_number},
    raw::raw,
    recover, search, sp, spaces,
};
use crate::{
    DeviationKind, Tag, Tail,
    grammar::{
        Tolerance,
        class::TAG,
        flag::{Use, flag_list},
        leaf::{Key, atom, key, some},
    },
    response::{
        Continuation, Fetch, FetchSink, ListKind, OtherResponse, Response, Status, StatusKind, Tagged,
        Untagged,
    },
};
use alloc::{boxed::Box, vec::Vec};
use mail_wire::span::{Expected, Parsed, Span, expected};

const OK: Key = key(b"OK");
const NO: Key = key(b"NO");
const BAD: Key = key(b"BAD");
const PREAUTH: Key = key(b"PREAUTH");
const BYE: Key = key(b"BYE");
const CAPABILITY: Key = key(b"CAPABILITY");
const ENABLED: Key = key(b"ENABLED");
const LIST: Key = key(b"LIST");
const LSUB: Key = key(b"LSUB");
const XLIST: Key = key(b"XLIST");
const STATUS: Key = key(b"STATUS");
const FLAGS: Key = key(b"FLAGS");
const SEARCH: Key = key(b"SEARCH");
const SORT: Key = key(b"SORT");
const ESEARCH: Key = key(b"ESEARCH");
const VANISHED: Key = key(b"VANISHED");
const NAMESPACE: Key = key(b"NAMESPACE");
const ID: Key = key(b"ID");
const QUOTA: Key = key(b"QUOTA");
const QUOTAROOT: Key = key(b"QUOTAROOT");
const FETCH: Key = key(b"FETCH");
const EXISTS: Key = key(b"EXISTS");
const RECENT: Key = key(b"RECENT");
const EXPUNGE: Key = key(b"EXPUNGE");

/// `continue-req / response-data / response-done`, which is all of a unit.
///
/// This rule and those below it return their value by itself, and put what is left in `rest`: a pair of both would be
/// put together in memory and taken apart again by each that hands it on.
#[inline]
pub(crate) fn response<'a>(
    i: Span<'a>,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Result<Response, nom::Err<Expected>> {
    let mut rest = i;
    let response = match i.first() {
        Some(b'*') => {
            let (i, ()) = sp(i.part(1).0, tolerance)?;
            Response::Untagged(response_data(i, &mut rest, sink, tolerance)?)
        }
        // rule rfc3501 7.5 continuation-is-read: a line that begins with + is a continuation request
        Some(b'+') => Response::Continuation(continue_req(i.part(1).0, &mut rest, tolerance)?),
        _ => match response_tagged(i, &mut rest, tolerance) {
            Ok(tagged) => Response::Tagged(tagged),
            Err(e) => Response::Untagged(Untagged::Status(bare_code(i, &mut rest, e, tolerance)?)),
        },
    };
    end(rest, tolerance)?;
    Ok(response)
}

/// `greeting = "*" SP (resp-cond-auth / resp-cond-bye) CRLF`
pub(crate) fn greeting(i: Span<'_>, tolerance: &mut Tolerance<'_>) -> Result<Status, nom::Err<Expected>> {
    let Some(b'*') = i.first() else { return expected(i, "'*'") };
    let (at, ()) = sp(i.part(1).0, tolerance)?;
    let (i, name) = atom_before_code(at)?;
    match kind(key(name.text())) {
        // rule rfc3501 7.1 greeting-is-a-status: a greeting is OK, PREAUTH or BYE
        Some(kind @ (StatusKind::Ok | StatusKind::PreAuth | StatusKind::Bye)) => {
            let mut rest = i;
            let status = status_rest(i, &mut rest, kind, tolerance)?;
            end(rest, tolerance)?;
            Ok(status)
        }
        _ => expected(at, "OK, PREAUTH or BYE"),
    }
}

/// `response-tagged = tag SP resp-cond-state CRLF`, where `resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text`
#[inline]
fn response_tagged<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Box<Tagged>, nom::Err<Expected>> {
    let (behind, tag) = some(TAG, "a tag")(i)?;
    let (at, ()) = sp(behind, tolerance)?;
    let (i, name) = atom_before_code(at)?;
    match kind(key(name.text())) {
        // rule rfc3501 7 tagged-is-a-completion: a tagged response is OK, NO or BAD
        Some(kind @ (StatusKind::Ok | StatusKind::No | StatusKind::Bad)) => {
            let status = status_rest(i, rest, kind, tolerance)?;
            Ok(Box::new(Tagged { tag: Tag::from_checked(tag.text()), status }))
        }
        _ => expected(at, "OK, NO or BAD"),
    }
}

/// A response code with nothing in front of it, which is no tag, where that is tolerated.
#[cold]
fn bare_code<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    error: nom::Err<Expected>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Box<Status>, nom::Err<Expected>> {
    if i.first() != Some(b'[') || !tolerance.tolerate(DeviationKind::MissingStatus, i) {
        return Err(error);
    }
    let mut code = None;
    let text = resp_text(i, rest, &mut code, tolerance)?;
    Ok(Box::new(Status::from_checked(StatusKind::Ok, code, text.share_text()?)))
}

/// An atom; `[` ends it, so that a code with no space in front is seen.
#[inline]
fn atom_before_code(i: Span<'_>) -> Parsed<'_, Span<'_>> {
    let (rest, name) = atom(i)?;
    match name.text().iter().position(|octet| *octet == b'[') {
        None => Ok((rest, name)),
        Some(octets) => Ok(i.part(octets)),
    }
}

fn kind(key: Key) -> Option<StatusKind> {
    Some(match key {
        OK => StatusKind::Ok,
        NO => StatusKind::No,
        BAD => StatusKind::Bad,
        PREAUTH => StatusKind::PreAuth,
        BYE => StatusKind::Bye,
        _ => return None,
    })
}

/// `SP resp-text`
#[inline(always)]
fn status_rest<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    kind: StatusKind,
    tolerance: &mut Tolerance<'_>,
) -> Result<Status, nom::Err<Expected>> {
    let i = match i.text() {
        [b' ', ..] => i.part(1).0,
        [] | [b'\r' | b'\n', ..] if tolerance.tolerate(DeviationKind::MissingText, i) => i,
        [b'[', ..] if tolerance.tolerate(DeviationKind::MissingSpace, i) => i,
        _ => return expected(i, "a space"),
    };
    let mut code = None;
    let text = resp_text(i, rest, &mut code, tolerance)?;
    Ok(Status::from_checked(kind, code, text.share_text()?))
}

/// `continue-req = "+" SP (resp-text / base64) CRLF`, from behind the plus.
fn continue_req<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Box<Continuation>, nom::Err<Expected>> {
    let i = match i.text() {
        [b' ', ..] => i.part(1).0,
        [] | [b'\r' | b'\n', ..] if tolerance.tolerate(DeviationKind::MissingText, i) => i,
        [_, ..] if tolerance.tolerate(DeviationKind::MissingSpace, i) => i,
        _ => return expected(i, "a space"),
    };
    let mut code = None;
    let found = match resp_text(i, rest, &mut code, tolerance) {
        Ok(found) => found,
        // What asks for more need not make sense.
        Err(e) if !tolerance.tolerate(DeviationKind::OddCode, i) => return Err(e),
        Err(_) => {
            code = None;
            text(i, rest, tolerance)?
        }
    };
    Ok(Box::new(Continuation::from_checked(code, found.share_text()?)))
}

/// `resp-cond-state / resp-cond-bye / mailbox-data / message-data / capability-data / enable-data`, and those of
/// the extensions.
#[inline]
fn response_data<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Result<Untagged, nom::Err<Expected>> {
    if let Some(b'0'..=b'9' | b'-') = i.first() {
        return message_data(i, rest, sink, tolerance);
    }
    let usual = usual_name(i.text()).map(|(octets, key)| (i.part(octets).0, key));
    let (at, key) = match usual.filter(|(at, _)| matches!(at.first(), Some(b' '))) {
        Some(found) => found,
        None => {
            let (at, name) = atom_before_code(i)?;
            (at, key(name.text()))
        }
    };
    let (behind, data) = match key {
        OK | NO | BAD | PREAUTH | BYE => {
            let kind = kind(key).unwrap_or(StatusKind::Ok);
            return Ok(Untagged::Status(Box::new(status_rest(at, rest, kind, tolerance)?)));
        }
        // rule rfc3501 7.2.2 list-is-read: LIST tells attributes, delimiter and name
        LIST => return mailbox_data::mailbox_list(at, rest, ListKind::List, tolerance),
        // rule rfc3501 7.2.3 lsub-is-read: LSUB tells attributes, delimiter and name
        LSUB => return mailbox_data::mailbox_list(at, rest, ListKind::Lsub, tolerance),
        XLIST => return mailbox_data::mailbox_list(at, rest, ListKind::Xlist, tolerance),
        // rule rfc3501 7.2.1 capability-is-read: CAPABILITY tells what is offered
        CAPABILITY => return Ok(Untagged::Capability(Box::new(capabilities(at, rest, tolerance)?))),
        // rule rfc5161 3.2 enabled-is-read: ENABLED tells what is enabled
        ENABLED => return Ok(Untagged::Enabled(Box::new(capabilities(at, rest, tolerance)?))),
        // rule rfc3501 7.2.4 status-is-read: STATUS tells items of a mailbox
        STATUS => mailbox_data::status(at, tolerance)?,
        // rule rfc3501 7.2.6 flags-is-read: FLAGS tells the flags of a mailbox
        FLAGS => {
            let (at, ()) = sp(at, tolerance)?;
            flag_list(at, Use::Told, tolerance)
                .or_else(|error| recover::odd_flags(at, error, tolerance))
                .map(|(behind, flags)| (behind, Untagged::Flags(Box::new(flags))))?
        }
        // rule rfc3501 7.2.5 search-is-read: SEARCH tells numbers
        SEARCH => search::search(at, tolerance)
            .map(|(behind, search)| (behind, Untagged::Search(Box::new(search))))?,
        SORT => search::search(at, tolerance)
            .map(|(behind, search)| (behind, Untagged::Sort(Box::new(search))))?,
        // rule rfc9051 7.3.4 esearch-is-read: ESEARCH tells what was found, as it was asked for
        ESEARCH => search::esearch(at, tolerance)?,
        // rule rfc7162 3.2.10 vanished-is-read: VANISHED tells UIDs that are gone
        VANISHED => search::vanished(at, tolerance)?,
        // rule rfc2342 5 namespace-is-read: NAMESPACE tells three classes
        NAMESPACE => namespace::namespace_response(at, tolerance)?,
        // rule rfc2971 3.2 id-is-read: ID tells fields of the server
        ID => namespace::id_response(at, tolerance)?,
        QUOTA => namespace::quota_response(at, tolerance)?,
        QUOTAROOT => namespace::quotaroot_response(at, tolerance)?,
        _ => other(None, i)?,
    };
    *rest = behind;
    Ok(data)
}

/// `message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))`, and `number SP ("EXISTS" / "RECENT")`
#[inline(always)]
fn message_data<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Result<Untagged, nom::Err<Expected>> {
    if let Some((behind, number)) = usual_nz_number(i) {
        match behind.text() {
            [b' ', b'F', b'E', b'T', b'C', b'H', b' ', ..] => {
                return fetch(behind.part(7).0, rest, number, sink, tolerance);
            }
            [b' ', b'E', b'X', b'I', b'S', b'T', b'S']
            | [b' ', b'E', b'X', b'I', b'S', b'T', b'S', b'\r', ..] => {
                *rest = behind.part(7).0;
                return Ok(Untagged::Exists(number));
            }
            [b' ', b'E', b'X', b'P', b'U', b'N', b'G', b'E']
            | [b' ', b'E', b'X', b'P', b'U', b'N', b'G', b'E', b'\r', ..] => {
                *rest = behind.part(8).0;
                return Ok(Untagged::Expunge(number));
            }
            _ => {}
        }
    }
    odd_message_data(i, rest, sink, tolerance)
}

/// `msg-att`, of this message.
#[inline(always)]
fn fetch<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    number: u32,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Result<Untagged, nom::Err<Expected>> {
    sink.message(number);
    (*rest, _) = msg_att(i, Tail::End, sink, tolerance)?;
    Ok(Untagged::Fetch(Fetch { number, items: Vec::new() }))
}

/// The same, in every spelling.
#[inline(never)]
fn odd_message_data<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Result<Untagged, nom::Err<Expected>> {
    let (behind, number) = number(i, tolerance)?;
    let (at, ()) = sp(behind, tolerance)?;
    let (behind, (_, key)) = crate::grammar::leaf::name(at)?;
    let (behind, data) = match key {
        FETCH => {
            not_zero(i, number, tolerance)?;
            let (behind, ()) = sp(behind, tolerance)?;
            return fetch(behind, rest, number, sink, tolerance);
        }
        // rule rfc3501 7.3.1 exists-is-read: EXISTS tells how many messages there are, in any case of letters
        EXISTS => (behind, Untagged::Exists(number)),
        // rule rfc3501 7.3.2 recent-is-read: RECENT tells how many are recent
        RECENT => (behind, Untagged::Recent(number)),
        EXPUNGE => {
            not_zero(i, number, tolerance)?;
            (behind, Untagged::Expunge(number))
        }
        _ => other(Some(number), at)?,
    };
    *rest = behind;
    Ok(data)
}

#[inline]
fn not_zero<'a>(i: Span<'a>, number: u32, tolerance: &mut Tolerance<'_>) -> Result<(), nom::Err<Expected>> {
    if number == 0 && i.first() == Some(b'0') && !tolerance.tolerate(DeviationKind::ZeroNumber, i) {
        return expected(i, "a number above zero");
    }
    Ok(())
}

/// `* n FETCH` up to a literal that streams. Returns `n`.
pub(crate) fn fetch_head<'a>(
    i: Span<'a>,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, u32> {
    let Some(b'*') = i.first() else { return expected(i, "'*'") };
    let (at, ()) = sp(i.part(1).0, tolerance)?;
    let (rest, number) = number(at, tolerance)?;
    not_zero(at, number, tolerance)?;
    let (at, ()) = sp(rest, tolerance)?;
    let (rest, (_, key)) = crate::grammar::leaf::name(at)?;
    if key != FETCH {
        return expected(at, "FETCH");
    }
    let (rest, ()) = sp(rest, tolerance)?;
    sink.message(number);
    match msg_att(rest, Tail::Literal, sink, tolerance)? {
        (rest, Reached::Hole) => Ok((rest, number)),
        (rest, Reached::End) => expected(rest, "a literal that may stream"),
    }
}

/// What stands behind a literal that streamed: up to the end, or to the next one.
pub(crate) fn fetch_rest<'a>(
    i: Span<'a>,
    tail: Tail,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    match (msg_att_rest(i, tail, sink, tolerance)?, tail) {
        ((rest, Reached::Hole), Tail::Literal) => Ok((rest, ())),
        ((rest, Reached::End), Tail::End) => {
            end(rest, tolerance).map(|()| (rest.part(rest.text().len()).0, ()))
        }
        ((rest, _), _) => expected(rest, "a literal that may stream"),
    }
}

/// A response that is not known: an atom, and what stands behind.
#[cold]
fn other(number: Option<u32>, i: Span<'_>) -> Parsed<'_, Untagged> {
    let (rest, name) = atom(i)?;
    let rest = match rest.text() {
        [b' ', ..] => rest.part(1).0,
        [] | [b'\r' | b'\n', ..] => rest,
        _ => return expected(rest, "a space"),
    };
    let (rest, data) = raw(rest)?;
    Ok((rest, Untagged::Other(Box::new(OtherResponse::from_checked(number, name.share_text()?, data)))))
}

/// A response that is not known, and no other.
pub(crate) fn other_response<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, OtherResponse> {
    let mut rest = i;
    match response_data(i, &mut rest, &mut Vec::new(), tolerance)? {
        Untagged::Other(other) => Ok((rest, *other)),
        _ => expected(i, "the name of an unknown response"),
    }
}

/// The end of a unit, with or without its CRLF. Anything behind a response is tolerated.
#[inline]
fn end(i: Span<'_>, tolerance: &mut Tolerance<'_>) -> Result<(), nom::Err<Expected>> {
    match i.text() {
        [] | [b'\r', b'\n'] | [b'\n'] => Ok(()),
        _ => odd_end(i, tolerance),
    }
}

#[cold]
fn odd_end(i: Span<'_>, tolerance: &mut Tolerance<'_>) -> Result<(), nom::Err<Expected>> {
    let only_spaces = spaces(i) == line_end(i);
    let kind = if only_spaces { DeviationKind::TrailingSpaces } else { DeviationKind::TrailingOctets };
    if tolerance.tolerate(kind, i) { Ok(()) } else { expected(i, "the end") }
}
