//! ENVELOPE.
use super::{
    address::{ListedAddress, list},
    fields::{Fields, unfold},
};
use imap_proto::{AddressFields, Envelope, EnvelopeFields, ParseError};
use std::borrow::Cow;

const STRINGS: [&str; 4] = ["Date", "Subject", "In-Reply-To", "Message-ID"];
const LISTS: [&str; 6] = ["From", "Sender", "Reply-To", "To", "Cc", "Bcc"];

/// The envelope of the message with this header
/// ([RFC 3501 §7.4.2](https://www.rfc-editor.org/rfc/rfc3501#section-7.4.2)).
///
/// Strings are as they were written, unfolded. Of several fields of a name the last string counts, and the
/// addresses of all, as in Dovecot.
///
/// # Errors
/// It would be larger than an envelope may be.
pub(super) fn envelope(header: &[u8]) -> Result<Envelope, ParseError> {
    let mut strings: [Option<Cow<'_, [u8]>>; 4] = Default::default();
    let mut lists: [Vec<ListedAddress>; 6] = Default::default();
    for field in Fields::new(header) {
        if let Some(at) = STRINGS.iter().position(|name| field.is(name)) {
            strings.get_mut(at).into_iter().for_each(|string| *string = Some(unfold(field.value)));
        } else if let Some(addresses) =
            LISTS.iter().position(|name| field.is(name)).and_then(|at| lists.get_mut(at))
        {
            list(field.value, addresses);
        }
    }
    let lists: Vec<Vec<AddressFields<'_>>> =
        lists.iter().map(|list| list.iter().map(ListedAddress::as_fields).collect()).collect();
    let [from, sender, reply_to, to, cc, bcc] = [0, 1, 2, 3, 4, 5].map(|at| {
        let list = lists.get(at).map(Vec::as_slice).unwrap_or_default();
        // Sender and Reply-To are From where they are not told.
        if list.is_empty() && (at == 1 || at == 2) {
            lists.first().map(Vec::as_slice).unwrap_or_default()
        } else {
            list
        }
    });
    let [date, subject, in_reply_to, message_id] = &strings;
    Envelope::new(&EnvelopeFields {
        date: date.as_deref(),
        subject: subject.as_deref(),
        from,
        sender,
        reply_to,
        to,
        cc,
        bcc,
        in_reply_to: in_reply_to.as_deref(),
        message_id: message_id.as_deref(),
    })
}
