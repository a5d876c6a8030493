//! `STATUS`.
use super::super::{
    PARENTHESES, Tolerance,
    leaf::{Key, atom, key},
    list, space,
    string::astring_found,
};
use crate::{
    MailboxName, OtherStatusItem, Status, StatusItem, StatusItems,
    types::status::{NAMES, bit},
};
use alloc::vec::Vec;
use mail_wire::span::{Expected, Parsed, Span, expected};

/// `status = "STATUS" SP mailbox SP "(" status-att *(SP status-att) ")"`
pub(super) fn status<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<Status, nom::Err<Expected>> {
    let (i, ()) = space(i, tolerance)?;
    let (i, mailbox) = astring_found(i, tolerance)?;
    let (i, ()) = space(i, tolerance)?;
    let (mut known, mut others) = (0, Vec::new());
    let (behind, count) = list(i, tolerance, PARENTHESES, |i, _| {
        let (rest, item) = status_att(i)?;
        match item {
            StatusItem::Other(other) if others.contains(&other) => {}
            StatusItem::Other(other) => others.push(other),
            item => known |= bit(&item),
        }
        Ok((rest, ()))
    })?;
    // rule rfc3501 9 no-empty-status: STATUS asks for one item at least
    if count == 0 {
        return expected(i.part(1).0, "a status item");
    }
    *rest = behind;
    let mailbox = MailboxName::from_found(mailbox, tolerance.encoding());
    Ok(Status { mailbox, items: StatusItems::from_checked(known, others) })
}

/// `status-att = "MESSAGES" / "UIDNEXT" / "UIDVALIDITY" / "UNSEEN" / "DELETED" / "SIZE"`, and others: atoms
#[inline]
pub(crate) fn status_att(i: Span<'_>) -> Parsed<'_, StatusItem> {
    let Ok((rest, name)) = atom(i) else { return expected(i, "a status item") };
    let folded = key(name.text());
    match KEYS.iter().zip(&NAMES).find(|(key, _)| **key == folded) {
        Some((_, (_, item))) => Ok((rest, item.clone())),
        None => Ok((rest, StatusItem::Other(OtherStatusItem::from_checked(name.share_text()?)))),
    }
}

/// The keys of [`NAMES`].
const KEYS: [Key; 11] = [
    key(b"MESSAGES"),
    key(b"RECENT"),
    key(b"UIDNEXT"),
    key(b"UIDVALIDITY"),
    key(b"UNSEEN"),
    key(b"DELETED"),
    key(b"SIZE"),
    key(b"HIGHESTMODSEQ"),
    key(b"APPENDLIMIT"),
    key(b"MAILBOXID"),
    key(b"DELETED-STORAGE"),
];

/// A name that [`StatusItem`] has no variant for.
pub(crate) fn other(i: Span<'_>) -> Parsed<'_, OtherStatusItem> {
    match status_att(i)? {
        (rest, StatusItem::Other(other)) => Ok((rest, other)),
        _ => expected(i, "a status item without a variant of its own"),
    }
}
