//! Whole responses.
use super::{
    code::{capabilities, resp_text, text},
    fetch::{Reached, msg_att, msg_att_rest},
    line_end, mailbox_data,
    name::usual_name,
    namespace,
    number::{number, usual_nz_number},
    place::usual_sp,
    raw::raw,
    recover, search, sp, spaces,
};
use crate::{
    DeviationKind, Tail,
    grammar::{
        Tolerance,
        flag::{Use, flag_list},
        leaf::{Key, atom, key, tag},
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

/// `continue-req / response-data / response-done`
#[inline]
pub(crate) fn response<'a>(
    i: Span<'a>,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Response> {
    if let [b'*', b' ', b'1'..=b'9', ..] = i.text() {
        let (rest, data) = message_data(i.part(2).0, sink, tolerance)?;
        if !matches!(rest.text(), [] | [b'\r', b'\n']) {
            let (rest, ()) = end(rest, tolerance)?;
            return Ok((rest, Response::Untagged(data)));
        }
        return Ok((rest.part(2).0, Response::Untagged(data)));
    }
    let (rest, response) = match i.first() {
        Some(b'*') => {
            let (i, ()) = usual!(
                usual_sp(i.part(1).0).filter(|i| i.first() != Some(b' ')).map(|i| (i, ())),
                sp(i.part(1).0, tolerance)
            );
            response_data(i, sink, tolerance).map(|(rest, data)| (rest, Response::Untagged(data)))?
        }
        // rule rfc3501 7.5 continuation-is-read: a line that begins with + is a continuation request
        Some(b'+') => continue_req(i.part(1).0, tolerance)?,
        _ => match response_tagged(i, tolerance) {
            Ok(found) => found,
            Err(e) => bare_code(i, e, tolerance)?,
        },
    };
    let (rest, ()) = end(rest, tolerance)?;
    Ok((rest, response))
}

/// `greeting = "*" SP (resp-cond-auth / resp-cond-bye) CRLF`
pub(crate) fn greeting<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Status> {
    let Some(b'*') = i.first() else { return expected(i, "'*'") };
    let (at, ()) = sp(i.part(1).0, tolerance)?;
    let (rest, name) = atom_before_code(at)?;
    match kind(key(name.text())) {
        // rule rfc3501 7.1 greeting-is-a-status: a greeting is OK, PREAUTH or BYE
        Some(kind @ (StatusKind::Ok | StatusKind::PreAuth | StatusKind::Bye)) => {
            let (rest, status) = status_rest(rest, kind, tolerance)?;
            let (rest, ()) = end(rest, tolerance)?;
            Ok((rest, status))
        }
        _ => expected(at, "OK, PREAUTH or BYE"),
    }
}

/// `response-tagged = tag SP resp-cond-state CRLF`, where `resp-cond-state = ("OK" / "NO" / "BAD") SP resp-text`
fn response_tagged<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Response> {
    let (rest, tag) = tag(i)?;
    let (at, ()) = sp(rest, tolerance)?;
    let (rest, name) = atom_before_code(at)?;
    match kind(key(name.text())) {
        // rule rfc3501 7 tagged-is-a-completion: a tagged response is OK, NO or BAD
        Some(kind @ (StatusKind::Ok | StatusKind::No | StatusKind::Bad)) => {
            let (rest, status) = status_rest(rest, kind, tolerance)?;
            Ok((rest, Response::Tagged(Box::new(Tagged { tag, status }))))
        }
        _ => expected(at, "OK, NO or BAD"),
    }
}

/// A response code with nothing in front of it, which is no tag, where that is tolerated.
#[cold]
fn bare_code<'a>(
    i: Span<'a>,
    error: nom::Err<Expected>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Response> {
    if i.first() != Some(b'[') || !tolerance.tolerate(DeviationKind::MissingStatus, i) {
        return Err(error);
    }
    let mut code = None;
    let (rest, text) = resp_text(i, &mut code, tolerance)?;
    Ok((
        rest,
        Response::Untagged(Untagged::Status(Box::new(Status::from_checked(StatusKind::Ok, code, text)))),
    ))
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
#[inline]
fn status_rest<'a>(i: Span<'a>, kind: StatusKind, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Status> {
    let i = match i.text() {
        [b' ', ..] => i.part(1).0,
        [] | [b'\r' | b'\n', ..] if tolerance.tolerate(DeviationKind::MissingText, i) => i,
        [b'[', ..] if tolerance.tolerate(DeviationKind::MissingSpace, i) => i,
        _ => return expected(i, "a space"),
    };
    let mut code = None;
    let (rest, text) = resp_text(i, &mut code, tolerance)?;
    Ok((rest, Status::from_checked(kind, code, text)))
}

/// `continue-req = "+" SP (resp-text / base64) CRLF`, from behind the plus.
fn continue_req<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Response> {
    let i = match i.text() {
        [b' ', ..] => i.part(1).0,
        [] | [b'\r' | b'\n', ..] if tolerance.tolerate(DeviationKind::MissingText, i) => i,
        [_, ..] if tolerance.tolerate(DeviationKind::MissingSpace, i) => i,
        _ => return expected(i, "a space"),
    };
    let mut code = None;
    let (rest, text) = match resp_text(i, &mut code, tolerance) {
        Ok(found) => found,
        // What asks for more need not make sense.
        Err(e) => match tolerance.tolerate(DeviationKind::OddCode, i) {
            true => {
                code = None;
                text(i, tolerance)?
            }
            false => return Err(e),
        },
    };
    Ok((rest, Response::Continuation(Box::new(Continuation::from_checked(code, text)))))
}

/// `resp-cond-state / resp-cond-bye / mailbox-data / message-data / capability-data / enable-data`, and those of
/// the extensions.
#[inline]
fn response_data<'a>(
    i: Span<'a>,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Untagged> {
    if let Some(b'0'..=b'9' | b'-') = i.first() {
        return message_data(i, sink, tolerance);
    }
    let usual = usual_name(i.text()).map(|(octets, key)| (i.part(octets).0, key));
    let (rest, key) = match usual.filter(|(rest, _)| matches!(rest.first(), Some(b' '))) {
        Some(found) => found,
        None => {
            let (rest, name) = atom_before_code(i)?;
            (rest, key(name.text()))
        }
    };
    match key {
        OK | NO | BAD | PREAUTH | BYE => {
            let kind = kind(key).unwrap_or(StatusKind::Ok);
            status_rest(rest, kind, tolerance)
                .map(|(rest, status)| (rest, Untagged::Status(Box::new(status))))
        }
        // rule rfc3501 7.2.2 list-is-read: LIST tells attributes, delimiter and name
        LIST => mailbox_data::mailbox_list(rest, ListKind::List, tolerance),
        // rule rfc3501 7.2.3 lsub-is-read: LSUB tells attributes, delimiter and name
        LSUB => mailbox_data::mailbox_list(rest, ListKind::Lsub, tolerance),
        XLIST => mailbox_data::mailbox_list(rest, ListKind::Xlist, tolerance),
        // rule rfc3501 7.2.4 status-is-read: STATUS tells items of a mailbox
        STATUS => mailbox_data::status(rest, tolerance),
        // rule rfc3501 7.2.6 flags-is-read: FLAGS tells the flags of a mailbox
        FLAGS => {
            let (rest, ()) = sp(rest, tolerance)?;
            let (rest, flags) = flag_list(rest, Use::Told, tolerance)
                .or_else(|error| recover::odd_flags(rest, error, tolerance))?;
            Ok((rest, Untagged::Flags(Box::new(flags))))
        }
        // rule rfc3501 7.2.5 search-is-read: SEARCH tells numbers
        SEARCH => {
            search::search(rest, tolerance).map(|(rest, search)| (rest, Untagged::Search(Box::new(search))))
        }
        SORT => {
            search::search(rest, tolerance).map(|(rest, search)| (rest, Untagged::Sort(Box::new(search))))
        }
        // rule rfc9051 7.3.4 esearch-is-read: ESEARCH tells what was found, as it was asked for
        ESEARCH => search::esearch(rest, tolerance),
        // rule rfc7162 3.2.10 vanished-is-read: VANISHED tells UIDs that are gone
        VANISHED => search::vanished(rest, tolerance),
        // rule rfc3501 7.2.1 capability-is-read: CAPABILITY tells what is offered
        CAPABILITY => {
            let (rest, capabilities) = capabilities(rest, tolerance)?;
            Ok((rest, Untagged::Capability(Box::new(capabilities))))
        }
        // rule rfc5161 3.2 enabled-is-read: ENABLED tells what is enabled
        ENABLED => {
            let (rest, capabilities) = capabilities(rest, tolerance)?;
            Ok((rest, Untagged::Enabled(Box::new(capabilities))))
        }
        // rule rfc2342 5 namespace-is-read: NAMESPACE tells three classes
        NAMESPACE => namespace::namespace_response(rest, tolerance),
        // rule rfc2971 3.2 id-is-read: ID tells fields of the server
        ID => namespace::id_response(rest, tolerance),
        QUOTA => namespace::quota_response(rest, tolerance),
        QUOTAROOT => namespace::quotaroot_response(rest, tolerance),
        _ => other(None, i, tolerance),
    }
}

/// `message-data = nz-number SP ("EXPUNGE" / ("FETCH" SP msg-att))`, and `number SP ("EXISTS" / "RECENT")`
#[inline]
fn message_data<'a>(
    i: Span<'a>,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Untagged> {
    if let Some((rest, number)) = usual_nz_number(i) {
        match rest.text() {
            [b' ', b'F', b'E', b'T', b'C', b'H', b' ', ..] => {
                sink.message(number);
                let (rest, _) = msg_att(rest.part(7).0, Tail::End, sink, tolerance)?;
                return Ok((rest, Untagged::Fetch(Fetch { number, items: Vec::new() })));
            }
            [b' ', b'E', b'X', b'I', b'S', b'T', b'S']
            | [b' ', b'E', b'X', b'I', b'S', b'T', b'S', b'\r', ..] => {
                return Ok((rest.part(7).0, Untagged::Exists(number)));
            }
            [b' ', b'E', b'X', b'P', b'U', b'N', b'G', b'E']
            | [b' ', b'E', b'X', b'P', b'U', b'N', b'G', b'E', b'\r', ..] => {
                return Ok((rest.part(8).0, Untagged::Expunge(number)));
            }
            _ => {}
        }
    }
    odd_message_data(i, sink, tolerance)
}

/// The same, in every spelling.
fn odd_message_data<'a>(
    i: Span<'a>,
    sink: &mut impl FetchSink,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Untagged> {
    let (rest, number) = number(i, tolerance)?;
    let (at, ()) = sp(rest, tolerance)?;
    let (rest, (_, key)) = crate::grammar::leaf::name(at)?;
    match key {
        FETCH => {
            not_zero(i, number, tolerance)?;
            let (rest, ()) = sp(rest, tolerance)?;
            sink.message(number);
            let (rest, _) = msg_att(rest, Tail::End, sink, tolerance)?;
            Ok((rest, Untagged::Fetch(Fetch { number, items: Vec::new() })))
        }
        // rule rfc3501 7.3.1 exists-is-read: EXISTS tells how many messages there are, in any case of letters
        EXISTS => Ok((rest, Untagged::Exists(number))),
        // rule rfc3501 7.3.2 recent-is-read: RECENT tells how many are recent
        RECENT => Ok((rest, Untagged::Recent(number))),
        EXPUNGE => {
            not_zero(i, number, tolerance)?;
            Ok((rest, Untagged::Expunge(number)))
        }
        _ => other(Some(number), at, tolerance),
    }
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
        ((rest, Reached::End), Tail::End) => end(rest, tolerance),
        ((rest, _), _) => expected(rest, "a literal that may stream"),
    }
}

/// A response that is not known: an atom, and what stands behind.
#[cold]
fn other<'a>(number: Option<u32>, i: Span<'a>, _: &mut Tolerance<'_>) -> Parsed<'a, Untagged> {
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
    match response_data(i, &mut Vec::new(), tolerance)? {
        (rest, Untagged::Other(other)) => Ok((rest, *other)),
        _ => expected(i, "the name of an unknown response"),
    }
}

/// The end of a unit, with or without its CRLF. Anything behind a response is tolerated.
#[inline]
fn end<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    if matches!(i.text(), [] | [b'\r', b'\n'] | [b'\n']) {
        return Ok((i.part(i.text().len()).0, ()));
    }
    odd_end(i, tolerance)
}

#[cold]
fn odd_end<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let only_spaces = spaces(i) == line_end(i);
    let kind = if only_spaces { DeviationKind::TrailingSpaces } else { DeviationKind::TrailingOctets };
    if tolerance.tolerate(kind, i) { Ok((i.part(i.text().len()).0, ())) } else { expected(i, "the end") }
}
