//! FETCH.
use super::{
    body::Form,
    line::{flag_list, named, raw},
};
use crate::{
    Wire,
    encode::{Hold, writer::Writer},
    response::{Content, ContentKind, Fetch, FetchItem, Payload},
};
use mail_wire::Output;

impl Fetch {
    /// `nz-number SP "FETCH" SP msg-att`
    pub(super) fn write<O: Hold>(&self, out: &mut Writer<'_, O>) {
        out.number(self.number.into());
        out.text(b" FETCH (");
        items(&self.items, out);
        out.text(b")");
    }

    /// Writes the response up to the octets of its last item, a payload that streams: they are to be written
    /// next, as many as were announced. Without such an item the text ends behind the last.
    pub fn encode_head(&self, wire: &Wire, out: &mut impl Hold) {
        let mut out = Writer::response(wire, out);
        out.text(b"* ");
        out.number(self.number.into());
        out.text(b" FETCH (");
        head(&self.items, &mut out);
    }

    /// Writes more items behind octets that were written, up to the octets of the last.
    pub fn encode_more(items: &[FetchItem], wire: &Wire, out: &mut impl Hold) {
        let mut out = Writer::response(wire, out);
        out.text(b" ");
        head(items, &mut out);
    }

    /// Writes the last items, behind octets that were written, and the end of the response.
    pub fn encode_rest(rest: &[FetchItem], wire: &Wire, out: &mut impl Hold) {
        let mut out = Writer::response(wire, out);
        if rest.iter().any(is_written) {
            out.text(b" ");
            items(rest, &mut out);
        }
        out.text(b")");
        out.end();
    }
}

/// Items, the last of which may stream.
fn head<O: Hold>(list: &[FetchItem], out: &mut Writer<'_, O>) {
    let streamed = list.split_last().and_then(|(last, before)| match last {
        FetchItem::Content(content) => match content.payload {
            Payload::Streamed(octets) => Some((before, content, octets)),
            _ => None,
        },
        _ => None,
    });
    let Some((before, content, octets)) = streamed else { return items(list, out) };
    items(before, out);
    if before.iter().any(is_written) {
        out.text(b" ");
    }
    content.write_name(out);
    // rule rfc3516 4.3 streamed-binary-is-literal8: so does what streams
    if content.kind == ContentKind::Binary {
        out.text(b"~");
    }
    out.announce(octets);
}

/// What was not understood is not written: nobody knows where it would end.
fn is_written(item: &FetchItem) -> bool {
    !matches!(item, FetchItem::Invalid(_))
}

/// `item *(SP item)`
fn items<O: Hold>(items: &[FetchItem], out: &mut Writer<'_, O>) {
    out.spaced(items.iter().filter(|item| is_written(item)), FetchItem::write);
}

impl FetchItem {
    fn write<O: Hold>(&self, out: &mut Writer<'_, O>) {
        match self {
            Self::Uid(uid) => named(b"UID ", (*uid).into(), out),
            Self::Flags(flags) => {
                out.text(b"FLAGS ");
                flag_list(flags, out);
            }
            Self::ModSeq(value) => {
                named(b"MODSEQ (", *value, out);
                out.text(b")");
            }
            Self::InternalDate(date) => {
                out.text(b"INTERNALDATE ");
                out.date_time(*date);
            }
            Self::Size(octets) => named(b"RFC822.SIZE ", *octets, out),
            Self::Envelope(envelope) => {
                out.text(b"ENVELOPE ");
                envelope.write(out);
            }
            Self::Body(body) => {
                out.text(b"BODY ");
                body.write(Form::Basic, out);
            }
            Self::BodyStructure(body) => {
                out.text(b"BODYSTRUCTURE ");
                body.write(Form::Extended, out);
            }
            Self::Content(content) => content.write(out),
            Self::BinarySize(size) => {
                out.text(b"BINARY.SIZE");
                size.section.write(out);
                out.text(b" ");
                out.number(size.octets);
            }
            Self::Other(other) => {
                out.text(other.name().as_bytes());
                out.text(b" ");
                raw(other.value(), out);
            }
            Self::Invalid(_) => {}
        }
    }
}

impl Content {
    /// The name of the item, and the space behind it.
    fn write_name<O: Hold>(&self, out: &mut Writer<'_, O>) {
        match self.kind {
            ContentKind::Body => out.text(b"BODY"),
            ContentKind::Binary => out.text(b"BINARY"),
            ContentKind::Rfc822 => return out.text(b"RFC822 "),
            ContentKind::Rfc822Header => return out.text(b"RFC822.HEADER "),
            ContentKind::Rfc822Text => return out.text(b"RFC822.TEXT "),
        }
        self.section.write(out);
        // rule rfc3501 7.4.2 origin-octet: a part of a section tells where it begins
        if let Some(origin) = self.origin {
            out.text(b"<");
            out.number(origin);
            out.text(b">");
        }
        out.text(b" ");
    }

    fn write<O: Hold>(&self, out: &mut Writer<'_, O>) {
        self.write_name(out);
        match &self.payload {
            Payload::Nil | Payload::Streamed(_) => out.text(b"NIL"),
            Payload::Whole(octets) => {
                // rule rfc3516 4.3 binary-is-literal8: decoded content goes in a literal8
                if self.kind == ContentKind::Binary {
                    out.text(b"~");
                }
                out.announce(octets.len() as u64);
                out.share(octets.clone());
            }
        }
    }
}
