//! What a server says of a message.
use super::Raw;
use crate::{BodyStructure, DateTime, Deviations, Dialect, Encoding, Envelope, Flags, Section, grammar};
use alloc::{boxed::Box, vec::Vec};
use bytes::Bytes;
use mail_wire::{ParseError, Text};

/// What a server says of a message: `* 12 FETCH (..)`
/// ([RFC 9051 §7.5.2](https://www.rfc-editor.org/rfc/rfc9051#section-7.5.2)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Fetch {
    /// The number of the message; 0 where that was tolerated.
    pub number: u32,
    /// What is said, in the order it was.
    pub items: Vec<FetchItem>,
}

/// One thing that is said of a message: 32 octets, whatever it is.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum FetchItem {
    /// `UID`; 0 where that was tolerated.
    Uid(u32),
    /// `FLAGS`
    Flags(Flags),
    /// `MODSEQ` ([RFC 7162](https://www.rfc-editor.org/rfc/rfc7162)); 0 where that was tolerated.
    ModSeq(u64),
    /// `INTERNALDATE`
    InternalDate(DateTime),
    /// `RFC822.SIZE`
    Size(u64),
    /// `ENVELOPE`
    Envelope(Box<Envelope>),
    /// `BODY`: a structure without extension data.
    Body(Box<BodyStructure>),
    /// `BODYSTRUCTURE`
    BodyStructure(Box<BodyStructure>),
    /// `BODY[..]`, `BINARY[..]`, `RFC822`, `RFC822.HEADER`, `RFC822.TEXT`: octets of the message.
    Content(Box<Content>),
    /// `BINARY.SIZE[..]`: the size of a part, its transfer encoding undone.
    BinarySize(Box<BinarySize>),
    /// An item that this crate does not know.
    Other(Box<OtherItem>),
    /// An item that could not be understood, which was tolerated for the sake of the others: its octets, as they
    /// came. It is never written: nobody knows where it would end.
    #[cfg_attr(feature = "serde", serde(serialize_with = "crate::serde::boxed"))]
    Invalid(Box<Bytes>),
}

/// Octets of a message.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Content {
    /// Which item bears them.
    pub kind: ContentKind,
    /// Which octets they are; for the `RFC822` items what they stand for.
    pub section: Section,
    /// Where in the section the first of them stands, if only a part of it was asked for.
    pub origin: Option<u64>,
    /// The octets.
    pub payload: Payload,
}

/// Which item bears octets of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum ContentKind {
    /// `BODY[..]`
    Body,
    /// `BINARY[..]`: the transfer encoding is undone ([RFC 3516](https://www.rfc-editor.org/rfc/rfc3516)).
    Binary,
    /// `RFC822`, of IMAP4rev1: as `BODY[]`.
    Rfc822,
    /// `RFC822.HEADER`, of IMAP4rev1: as `BODY.PEEK[HEADER]`.
    Rfc822Header,
    /// `RFC822.TEXT`, of IMAP4rev1: as `BODY[TEXT]`.
    Rfc822Text,
}

/// Octets of a message, or where they are.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Payload {
    /// NIL: there is no such part.
    Nil,
    /// All of them, shared with the unit they came in.
    #[cfg_attr(feature = "serde", serde(serialize_with = "mail_wire::octets::serialize"))]
    Whole(Bytes),
    /// So many of them follow, as events of their own.
    Streamed(u64),
}

/// The size of a part, its transfer encoding undone.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BinarySize {
    /// The part.
    pub section: Section,
    /// Its size in octets.
    pub octets: u64,
}

/// An item that this crate does not know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OtherItem {
    name: Text,
    value: Raw,
}

/// Where the items of a FETCH go, one at a time: nothing is allocated to hold them.
///
/// A `Vec` is one, and keeps them.
pub trait FetchSink {
    /// What follows is said of this message.
    fn message(&mut self, number: u32) {
        let _ = number;
    }

    /// One thing that is said of it.
    fn item(&mut self, item: FetchItem);
}

impl FetchSink for Vec<FetchItem> {
    #[inline]
    fn item(&mut self, item: FetchItem) {
        if self.capacity() == 0 {
            self.reserve_exact(4);
        }
        self.push(item);
    }
}

impl Content {
    /// These octets of a message.
    pub fn body(section: Section, octets: Bytes) -> Self {
        Self { kind: ContentKind::Body, section, origin: None, payload: Payload::Whole(octets) }
    }
}

impl OtherItem {
    /// An item of this name with this value: a string, an atom, a number, or a list of them in parentheses.
    ///
    /// # Errors
    /// The name is that of an item that is known, or no name, or the value is none of these.
    pub fn new(name: &str, value: &[u8]) -> Result<Self, ParseError> {
        let mut text = Vec::from(name);
        text.push(b' ');
        text.extend_from_slice(value);
        let (dialect, mut deviations) = (Dialect::default().with_encoding(Encoding::Utf8), Deviations::new());
        grammar::response::whole(
            &text.into(),
            &dialect,
            &mut deviations,
            grammar::response::fetch::other_item,
        )
    }

    /// Of what the grammar has found.
    pub(crate) fn from_checked(name: Text, value: Raw) -> Self {
        Self { name, value }
    }

    /// Its name.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// Its value.
    pub fn value(&self) -> &Raw {
        &self.value
    }
}
