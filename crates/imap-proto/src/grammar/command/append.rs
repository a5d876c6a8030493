//! `APPEND`.
use super::super::{
    Tolerance,
    date::date_time,
    flag::{Use, flag_list},
    is_over,
    leaf::{close, open},
    mailbox::mailbox,
    skip_spaces, space,
    string::{LiteralHead, literal_head, without_nul},
};
use crate::{Append, AppendMessage, DeviationKind, Flags, MessageData, MessageKind, Tail};
use alloc::vec::Vec;
use mail_wire::span::{Parsed, Span, expected, letters};

/// `append = "APPEND" SP mailbox 1*append-message` ([RFC 3502 §6.3.11](https://www.rfc-editor.org/rfc/rfc3502)), up to
/// a message that streams where `tail` says so.
pub(super) fn append<'a>(i: Span<'a>, tail: Tail, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Append> {
    let (i, ()) = space(i, tolerance)?;
    let (i, mailbox) = mailbox(i, tolerance)?;
    let mut messages = Vec::with_capacity(1);
    let (i, message) = append_message(i, tail, tolerance)?;
    messages.push(message);
    let (i, ()) = more(i, tail, &mut messages, tolerance)?;
    Ok((i, Append::from_checked(mailbox, messages)))
}

/// What stands behind the octets of a message that streamed: `[")"] *append-message`.
pub(crate) fn rest<'a>(
    i: Span<'a>,
    behind: MessageKind,
    tail: Tail,
    messages: &mut Vec<AppendMessage>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    let i = if behind == MessageKind::Utf8 { close(i)?.0 } else { i };
    let (i, ()) = more(i, tail, messages, tolerance)?;
    Ok((skip_spaces(i, DeviationKind::TrailingSpaces, tolerance), ()))
}

/// `*append-message`, the last of which streams where `tail` says so.
fn more<'a>(
    mut i: Span<'a>,
    tail: Tail,
    messages: &mut Vec<AppendMessage>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    while !is_over(i) {
        if messages.len() as u64 >= u64::from(tolerance.items()) {
            return expected(i, "fewer messages");
        }
        let (rest, message) = append_message(i, tail, tolerance)?;
        messages.push(message);
        i = rest;
    }
    match (tail, messages.last().map(|message| &message.data)) {
        (Tail::Literal, Some(MessageData::Whole(_)) | None) => expected(i, "a literal that streams"),
        _ => Ok((i, ())),
    }
}

/// `append-message = [SP flag-list] [SP date-time] SP append-data`
fn append_message<'a>(i: Span<'a>, tail: Tail, tolerance: &mut Tolerance<'_>) -> Parsed<'a, AppendMessage> {
    let (mut i, ()) = space(i, tolerance)?;
    let mut flags = Flags::NONE;
    // rule rfc3501 6.3.11 flags-are-read: a message may have flags
    if i.first() == Some(b'(') {
        (i, flags) = flag_list(i, Use::Set, tolerance)?;
        (i, ()) = space(i, tolerance)?;
    }
    let mut date = None;
    // rule rfc3501 6.3.11 date-is-read: a message may have a date
    if i.first() == Some(b'"') {
        let (rest, found) = date_time(i, tolerance)?;
        (i, ()) = space(rest, tolerance)?;
        date = Some(found);
    }
    let (i, (kind, data)) = append_data(i, tail, tolerance)?;
    Ok((i, AppendMessage { flags, date, kind, data }))
}

/// `append-data = literal / literal8 / "UTF8" SP "(" literal8 ")"`
/// ([RFC 4466 §6](https://www.rfc-editor.org/rfc/rfc4466#section-6),
/// [RFC 6855 §4](https://www.rfc-editor.org/rfc/rfc6855#section-4))
fn append_data<'a>(
    i: Span<'a>,
    tail: Tail,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, (MessageKind, MessageData)> {
    match i.first() {
        Some(b'{' | b'~') => {
            let (rest, (head, data)) = data(i, tail, tolerance)?;
            Ok((rest, (if head.binary { MessageKind::Binary } else { MessageKind::Text }, data)))
        }
        // rule rfc6855 4 utf8-is-read: a message may come as UTF8 (literal8)
        Some(b'U' | b'u') => {
            let (i, ()) = letters("UTF8", "UTF8")(i)?;
            let (i, ()) = space(i, tolerance)?;
            let (i, ()) = open(i)?;
            let (rest, (head, data)) = data(i, tail, tolerance)?;
            // rule rfc6855 4 utf8-needs-literal8: UTF8 takes a literal8, and no other literal
            if !head.binary {
                return expected(i, "a literal8");
            }
            let rest = match data {
                MessageData::Whole(_) => close(rest)?.0,
                MessageData::Announced(_) => rest,
            };
            Ok((rest, (MessageKind::Utf8, data)))
        }
        _ => expected(i, "a literal"),
    }
}

/// A literal, or its announcement where the unit is cut behind it.
fn data<'a>(
    i: Span<'a>,
    tail: Tail,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, (LiteralHead, MessageData)> {
    let (i, head) = literal_head(i, tolerance)?;
    if tail == Tail::Literal && i.is_empty() {
        return Ok((i, (head, MessageData::Announced(head.octets))));
    }
    match usize::try_from(head.octets) {
        Ok(octets) if octets <= i.text().len() => {
            let (rest, octets) = i.part(octets);
            if !head.binary {
                without_nul(octets, rest, i, tolerance)?;
            }
            Ok((rest, (head, MessageData::Whole(octets.share()))))
        }
        _ => expected(i, "all octets of a literal"),
    }
}
