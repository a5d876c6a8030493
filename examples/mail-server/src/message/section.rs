//! Where a section of a message stands.
use super::walk::{Kind, Part};
use imap_proto::{AString, Section, SectionText};
use std::ops::Range;

/// The octets of a message that a section names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Slice {
    /// These octets, as they stand.
    Octets(Range<u64>),
    /// Some of the fields of a header: what [`fields`](super::fields) makes of its octets.
    Fields {
        /// The header, its empty line included.
        header: Range<u64>,
        /// The names of fields.
        names: Vec<AString>,
        /// Which fields are meant.
        which: Which,
    },
}

/// Which fields of a header are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Which {
    /// `HEADER.FIELDS`: those of these names.
    Named,
    /// `HEADER.FIELDS.NOT`: all others.
    NotNamed,
}

/// What the numbers of a section lead to, read from the left.
#[derive(Debug, Clone, Copy)]
enum Place {
    /// A message: the part that has its header.
    Message(usize),
    /// A part of one.
    Part(usize),
}

/// Where this section of a message with these parts stands; `None` where there is no such section.
pub(super) fn find(parts: &[Part], section: &Section) -> Option<Slice> {
    let mut place = Place::Message(0);
    for number in section.part() {
        place = step(parts, place, number)?;
    }
    let (header, text) = match (place, section.text()) {
        (Place::Message(_), SectionText::Whole) => {
            return parts.first().map(|message| Slice::Octets(message.header.start..message.body.end));
        }
        (Place::Part(at), SectionText::Whole) => return Some(Slice::Octets(parts.get(at)?.body.clone())),
        (Place::Part(at), SectionText::Mime) => return Some(Slice::Octets(parts.get(at)?.header.clone())),
        (Place::Message(at), text) => (at, text),
        (Place::Part(at), text) if parts.get(at)?.kind == Kind::Message => (at + 1, text),
        (Place::Part(_), _) => return None,
    };
    let message = parts.get(header)?;
    let fields = |which| {
        let names = section.fields().map(|name| name.detach()).collect();
        Some(Slice::Fields { header: message.header.clone(), names, which })
    };
    match text {
        SectionText::Header => Some(Slice::Octets(message.header.clone())),
        SectionText::Text => Some(Slice::Octets(message.body.clone())),
        SectionText::HeaderFields => fields(Which::Named),
        SectionText::HeaderFieldsNot => fields(Which::NotNamed),
        _ => None,
    }
}

/// What a number names below a place ([RFC 3501 §6.4.5](https://www.rfc-editor.org/rfc/rfc3501#section-6.4.5)).
fn step(parts: &[Part], place: Place, number: u32) -> Option<Place> {
    let index = usize::try_from(number).ok()?.checked_sub(1)?;
    let at = match place {
        Place::Message(at) => at,
        Place::Part(at) => match parts.get(at)?.kind {
            Kind::Multipart => at,
            Kind::Message => at + 1,
            Kind::Leaf => return None,
        },
    };
    match parts.get(at)?.kind {
        Kind::Multipart => children(parts, at).nth(index).map(Place::Part),
        // A message that is no multipart has one part: its text.
        Kind::Message | Kind::Leaf => (index == 0).then_some(Place::Part(at)),
    }
}

/// The parts right below one.
pub(super) fn children(parts: &[Part], at: usize) -> impl Iterator<Item = usize> {
    let end = parts.get(at).map_or(0, |part| part.end);
    let next = move |from: usize| (from < end).then_some(from);
    std::iter::successors(next(at + 1), move |child| next(parts.get(*child)?.end.max(child + 1)))
}
