//! BODY and BODYSTRUCTURE.
mod build;
mod part;

use super::envelope::Envelope;
use crate::{Deviations, Dialect, encode, grammar};
use alloc::{boxed::Box, vec::Vec};
pub use build::PartFields;
use bytes::Bytes;
use core::{
    fmt,
    hash::{Hash, Hasher},
};
use mail_wire::{ParseError, Place};
pub use part::{BodyPart, Disposition, PartKind};

/// The MIME structure of a message: its parts, and what their headers say about them
/// ([RFC 9051 §7.5.2](https://www.rfc-editor.org/rfc/rfc9051#section-7.5.2)).
///
/// It is its own text, a flat list of the parts in the order of the message, and the places of their strings in
/// the text. Two are equal when they say the same, however it was written. One that was parsed keeps the block
/// alive that it was read in; [`detach`](Self::detach) copies just its octets.
///
/// ```
/// use imap_proto::{BodyStructure, PartFields};
/// let parts = [
///     PartFields::text("plain", 1_234, 30).with_parameters(&[("charset", "utf-8")]),
///     PartFields::single("image", "png", 10_000).with_encoding("base64"),
/// ];
/// let body = BodyStructure::new(&PartFields::multipart("mixed", &parts))?;
/// let sizes: Vec<_> = body.root().children().map(|part| part.octets()).collect();
/// assert_eq!(sizes, [1_234, 10_000]);
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Clone)]
pub struct BodyStructure {
    pub(crate) text: Bytes,
    /// In pre-order: a part, then the parts within.
    pub(crate) nodes: Vec<Node>,
    /// The parameters of all parts and dispositions: name and value.
    pub(crate) parameters: Vec<(Place, Place)>,
}

/// One part.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) kind: PartKind,
    /// Past the last part within, in `nodes`.
    pub(crate) end: u16,
    pub(crate) parameters: Range,
    pub(crate) disposition_parameters: Range,
    pub(crate) media_type: Place,
    pub(crate) subtype: Place,
    pub(crate) id: Place,
    pub(crate) description: Place,
    pub(crate) encoding: Place,
    pub(crate) disposition: Place,
    pub(crate) octets: u64,
    pub(crate) lines: u64,
    /// What few parts have.
    pub(crate) extra: Option<Box<Extra>>,
}

/// What few parts have.
#[derive(Debug, Clone)]
pub(crate) struct Extra {
    pub(crate) md5: Place,
    pub(crate) location: Place,
    pub(crate) languages: Vec<Place>,
    /// Extension data that no RFC defines: the text between the parentheses, with no space in front.
    pub(crate) extensions: Place,
    pub(crate) envelope: Option<Envelope>,
}

/// Some of the parameters: the first, and the first behind.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Range {
    pub(crate) start: u16,
    pub(crate) end: u16,
}

impl Node {
    /// A part of which nothing is known yet.
    pub(crate) const fn new(kind: PartKind) -> Self {
        Self {
            kind,
            end: 0,
            parameters: Range { start: 0, end: 0 },
            disposition_parameters: Range { start: 0, end: 0 },
            media_type: Place::NIL,
            subtype: Place::NIL,
            id: Place::NIL,
            description: Place::NIL,
            encoding: Place::NIL,
            disposition: Place::NIL,
            octets: 0,
            lines: 0,
            extra: None,
        }
    }

    /// Room for what few parts have.
    pub(crate) fn extra(&mut self) -> &mut Extra {
        self.extra.get_or_insert_with(|| {
            Box::new(Extra {
                md5: Place::NIL,
                location: Place::NIL,
                languages: Vec::new(),
                extensions: Place::NIL,
                envelope: None,
            })
        })
    }
}

impl BodyStructure {
    /// Makes a structure of its strings and numbers.
    ///
    /// # Errors
    /// It would be too large, 65,535 parts or parameters, or too deep, 64 levels; or a multipart has no parts, or
    /// a part of another kind has some.
    pub fn new(part: &PartFields<'_>) -> Result<Self, ParseError> {
        let mut text = Vec::new();
        encode::response::body::fields(part, &mut text);
        Self::parse(&text.into(), &grammar::response::CANONICAL, &mut Deviations::new())
    }

    /// Reads a structure, from its opening parenthesis to its closing one, and shares its octets.
    ///
    /// # Errors
    /// It does not follow the grammar, as far as that is not tolerated.
    pub fn parse(text: &Bytes, dialect: &Dialect, deviations: &mut Deviations) -> Result<Self, ParseError> {
        grammar::response::whole(text, dialect, deviations, grammar::response::body::body)
    }

    /// The same without extension data: what BODY tells where BODYSTRUCTURE tells all of it
    /// ([RFC 3501 §7.4.2](https://www.rfc-editor.org/rfc/rfc3501#section-7.4.2)).
    ///
    /// # Errors
    /// It was read leniently, and is no structure that could be [made](Self::new).
    pub fn without_extension(&self) -> Result<Self, ParseError> {
        let mut text = Vec::new();
        encode::response::body::bare(self, &mut text);
        Self::parse(&text.into(), &grammar::response::CANONICAL, &mut Deviations::new())
    }

    /// The part that is the whole message.
    pub fn root(&self) -> BodyPart<'_> {
        BodyPart::new(self, 0)
    }

    /// All parts, each before the parts within it.
    pub fn parts(&self) -> impl ExactSizeIterator<Item = BodyPart<'_>> {
        (0..self.nodes.len()).map(|at| BodyPart::new(self, at))
    }

    /// The part with this number, as in `BODY[4.1.2]`; no number at all is the whole message.
    pub fn part(&self, number: &[u32]) -> Option<BodyPart<'_>> {
        let (mut part, mut number) = (self.root(), number);
        // A message that is no multipart has a part 1: what it holds.
        if part.kind() != PartKind::Multipart {
            if let Some((first, behind)) = number.split_first() {
                (*first == 1).then_some(())?;
                number = behind;
            }
        }
        for number in number {
            part = part.numbered(*number)?;
        }
        Some(part)
    }

    /// A copy of just these octets, free of the block they were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        let mut copy = Self { text: Bytes::copy_from_slice(&self.text), ..self.clone() };
        for extra in copy.nodes.iter_mut().filter_map(|node| node.extra.as_mut()) {
            extra.envelope = extra.envelope.as_ref().map(Envelope::detach);
        }
        copy
    }
}

impl PartialEq for BodyStructure {
    fn eq(&self, other: &Self) -> bool {
        self.parts().eq(other.parts())
    }
}

impl Eq for BodyStructure {}

impl Hash for BodyStructure {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.parts().for_each(|part| part.hash_fields(state));
    }
}

impl fmt::Debug for BodyStructure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("BodyStructure").field(&self.root()).finish()
    }
}
