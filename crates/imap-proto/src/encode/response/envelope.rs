//! ENVELOPE.
use crate::{
    Address, Envelope, EnvelopeFields, Wire,
    encode::{Hold, writer::Writer},
};
use alloc::vec::Vec;
use mail_wire::Output;

/// Writes the text that an envelope is made of.
pub(crate) fn fields(fields: &EnvelopeFields<'_>, text: &mut Vec<u8>) {
    let wire = Wire::new();
    let out = &mut Writer::response(&wire, text);
    let lists = [fields.from, fields.sender, fields.reply_to, fields.to, fields.cc, fields.bcc];
    out.text(b"(");
    out.nstring(fields.date);
    out.text(b" ");
    out.nstring(fields.subject);
    for list in lists {
        addresses(
            list.iter().map(|it| [it.name, it.route, it.mailbox, it.host].map(|s| s.map(Into::into))),
            out,
        );
    }
    out.text(b" ");
    out.nstring(fields.in_reply_to);
    out.text(b" ");
    out.nstring(fields.message_id);
    out.text(b")");
}

impl Envelope {
    /// `envelope`
    pub(crate) fn write<O: Hold>(&self, out: &mut Writer<'_, O>) {
        out.text(b"(");
        out.nstring(self.date().as_deref());
        out.text(b" ");
        out.nstring(self.subject().as_deref());
        for field in 0..6 {
            addresses(self.field(field).map(Address::fields), out);
        }
        out.text(b" ");
        out.nstring(self.in_reply_to().as_deref());
        out.text(b" ");
        out.nstring(self.message_id().as_deref());
        out.text(b")");
    }
}

/// `SP ("(" 1*address ")" / nil)`, where `address = "(" addr-name SP addr-adl SP addr-mailbox SP addr-host ")"`
fn addresses<'a, O: Hold>(
    addresses: impl ExactSizeIterator<Item = [Option<alloc::borrow::Cow<'a, [u8]>>; 4]>,
    out: &mut Writer<'_, O>,
) {
    // rule rfc3501 7.4.2 no-addresses-is-nil: a list of no addresses is NIL
    if addresses.len() == 0 {
        return out.text(b" NIL");
    }
    out.text(b" (");
    for strings in addresses {
        out.text(b"(");
        out.spaced(strings, |string, out| out.nstring(string.as_deref()));
        out.text(b")");
    }
    out.text(b")");
}
