//! Names of mailboxes.
use super::{Tolerance, string::astring_found};
use crate::MailboxName;
use mail_wire::span::{Parsed, Span};

/// `mailbox = "INBOX" / astring`
#[inline]
pub(crate) fn mailbox<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, MailboxName> {
    let (rest, found) = astring_found(i, tolerance)?;
    Ok((rest, MailboxName::from_found(found, tolerance.encoding())))
}
