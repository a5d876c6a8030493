//! One part of a structure.
use super::{BodyStructure, Extra, Node, Range};
use crate::{
    Envelope,
    types::resolve::{Octets, resolve},
};
use alloc::{borrow::Cow, vec::Vec};
use core::{
    fmt,
    hash::{Hash, Hasher},
};
use mail_wire::Place;

/// One part of a [`BodyStructure`].
///
/// Equality of two parts does not look at the parts within.
#[derive(Clone, Copy)]
pub struct BodyPart<'a> {
    body: &'a BodyStructure,
    at: usize,
}

/// What a part is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum PartKind {
    /// Text: it has a number of lines.
    Text,
    /// A message: it has an envelope, a structure of its own, and a number of lines.
    Message,
    /// Other parts.
    Multipart,
    /// Octets.
    Basic,
}

/// How a part wants to be shown ([RFC 2183](https://www.rfc-editor.org/rfc/rfc2183)).
#[derive(Clone, Copy)]
pub struct Disposition<'a> {
    part: BodyPart<'a>,
}

/// What stands for a media type that a server left out.
const UNKNOWN_TYPE: &[u8] = b"application";
const UNKNOWN_SUBTYPE: &[u8] = b"octet-stream";

impl<'a> BodyPart<'a> {
    pub(crate) fn new(body: &'a BodyStructure, at: usize) -> Self {
        Self { body, at }
    }

    /// What it is made of.
    pub fn kind(self) -> PartKind {
        self.node().kind
    }

    /// The media type: `text`. Where a server left it out, `application`, as unknown data has it.
    pub fn media_type(self) -> Cow<'a, [u8]> {
        match self.kind() {
            PartKind::Multipart => Cow::Borrowed(b"multipart"),
            _ => self.string(self.node().media_type).unwrap_or(Cow::Borrowed(UNKNOWN_TYPE)),
        }
    }

    /// The media subtype: `plain`. Where a server left it out, the default of the type.
    pub fn subtype(self) -> Cow<'a, [u8]> {
        self.string(self.node().subtype).unwrap_or(Cow::Borrowed(match self.kind() {
            PartKind::Text => b"plain",
            PartKind::Message => b"rfc822",
            PartKind::Multipart => b"mixed",
            PartKind::Basic => UNKNOWN_SUBTYPE,
        }))
    }

    /// Is it of this media type, in any case?
    pub fn is(self, media_type: &str, subtype: &str) -> bool {
        self.media_type().eq_ignore_ascii_case(media_type.as_bytes())
            && self.subtype().eq_ignore_ascii_case(subtype.as_bytes())
    }

    /// The parameters of its media type: name and value.
    pub fn parameters(self) -> impl ExactSizeIterator<Item = (Cow<'a, [u8]>, Cow<'a, [u8]>)> {
        self.range(self.node().parameters)
    }

    /// The value of this parameter of its media type, its name in any case.
    pub fn parameter(self, name: &str) -> Option<Cow<'a, [u8]>> {
        self.parameters().find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }

    /// Its Content-ID.
    pub fn id(self) -> Option<Cow<'a, [u8]>> {
        self.string(self.node().id)
    }

    /// Its Content-Description.
    pub fn description(self) -> Option<Cow<'a, [u8]>> {
        self.string(self.node().description)
    }

    /// Its Content-Transfer-Encoding: `7bit` where none was told. A multipart has none.
    pub fn encoding(self) -> Option<Cow<'a, [u8]>> {
        match self.kind() {
            PartKind::Multipart => None,
            _ => Some(self.string(self.node().encoding).unwrap_or(Cow::Borrowed(b"7BIT"))),
        }
    }

    /// Its size in octets, encoded as it is. That of a multipart is not told: 0.
    pub fn octets(self) -> u64 {
        self.node().octets
    }

    /// Its size in lines, of a text or a message.
    pub fn lines(self) -> Option<u64> {
        matches!(self.kind(), PartKind::Text | PartKind::Message).then_some(self.node().lines)
    }

    /// The envelope of a message.
    pub fn envelope(self) -> Option<&'a Envelope> {
        self.extra()?.envelope.as_ref()
    }

    /// Its Content-MD5. A multipart has none.
    pub fn md5(self) -> Option<Cow<'a, [u8]>> {
        self.string(self.extra()?.md5)
    }

    /// Its Content-Disposition.
    pub fn disposition(self) -> Option<Disposition<'a>> {
        (!self.node().disposition.is_nil()).then_some(Disposition { part: self })
    }

    /// Its Content-Language.
    pub fn languages(self) -> impl ExactSizeIterator<Item = Cow<'a, [u8]>> {
        let languages = self.extra().map(|extra| extra.languages.as_slice()).unwrap_or_default();
        languages.iter().map(move |place| self.string(*place).unwrap_or_default())
    }

    /// Its Content-Location.
    pub fn location(self) -> Option<Cow<'a, [u8]>> {
        self.string(self.extra()?.location)
    }

    /// Extension data that no RFC defines yet, as it was written.
    pub fn extensions(self) -> Option<&'a [u8]> {
        self.extra()?.extensions.of(&self.body.text)
    }

    /// The parts of a multipart; of a message, the part that is its body.
    pub fn children(self) -> impl Iterator<Item = BodyPart<'a>> {
        let end = self.end();
        let first = (self.at + 1 < end).then(|| Self::new(self.body, self.at + 1));
        core::iter::successors(first, move |part| {
            (part.end() < end).then(|| Self::new(part.body, part.end()))
        })
    }

    /// What `BODY[number]` names below this part ([RFC 9051 §6.4.5.1](https://www.rfc-editor.org/rfc/rfc9051#section-6.4.5.1)).
    pub(super) fn numbered(self, number: u32) -> Option<Self> {
        let at = usize::try_from(number).ok()?.checked_sub(1)?;
        match self.kind() {
            PartKind::Multipart => self.children().nth(at),
            PartKind::Message => match self.children().next()? {
                body if body.kind() == PartKind::Multipart => body.children().nth(at),
                body => (at == 0).then_some(body),
            },
            PartKind::Text | PartKind::Basic => None,
        }
    }

    /// Past the last part within.
    pub(crate) fn end(self) -> usize {
        // It lies behind the part itself, or walking the parts would never end.
        usize::from(self.node().end).max(self.at + 1)
    }

    /// Has it any of what BODYSTRUCTURE tells and BODY does not?
    pub(crate) fn is_extended(self) -> bool {
        let node = self.node();
        let extra = |extra: &Extra| {
            let strings = [extra.md5, extra.location, extra.extensions];
            !extra.languages.is_empty() || strings.iter().any(|place| !place.is_nil())
        };
        !node.disposition.is_nil()
            || node.kind == PartKind::Multipart && node.parameters != Range::default()
            || self.extra().is_some_and(extra)
    }

    pub(super) fn hash_fields<H: Hasher>(self, state: &mut H) {
        (self.end(), self.octets(), self.lines(), self.envelope(), self.extensions()).hash(state);
        self.strings().hash(state);
        self.parameters().for_each(|parameter| parameter.hash(state));
    }

    fn node(self) -> &'a Node {
        /// No grammar makes a structure without parts.
        static NONE: Node = Node::new(PartKind::Basic);
        self.body.nodes.get(self.at).unwrap_or(&NONE)
    }

    fn extra(self) -> Option<&'a Extra> {
        self.node().extra.as_deref()
    }

    fn string(self, place: Place) -> Option<Cow<'a, [u8]>> {
        resolve(&self.body.text, place)
    }

    fn range(self, range: Range) -> impl ExactSizeIterator<Item = (Cow<'a, [u8]>, Cow<'a, [u8]>)> {
        let range = usize::from(range.start)..usize::from(range.end);
        let places = self.body.parameters.get(range).unwrap_or_default();
        let string = move |place| self.string(place).unwrap_or_default();
        places.iter().map(move |(name, value)| (string(*name), string(*value)))
    }

    fn strings(self) -> [Option<Cow<'a, [u8]>>; 7] {
        let (media_type, subtype) = (Some(self.media_type()), Some(self.subtype()));
        [media_type, subtype, self.id(), self.description(), self.encoding(), self.md5(), self.location()]
    }
}

impl PartialEq for BodyPart<'_> {
    fn eq(&self, other: &Self) -> bool {
        let numbers = |part: &Self| (part.kind(), part.end() - part.at, part.octets(), part.lines());
        numbers(self) == numbers(other)
            && self.strings() == other.strings()
            && self.parameters().eq(other.parameters())
            && self.disposition() == other.disposition()
            && self.languages().eq(other.languages())
            && self.extensions() == other.extensions()
            && self.envelope() == other.envelope()
    }
}

impl Eq for BodyPart<'_> {}

impl fmt::Debug for BodyPart<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut fields = f.debug_struct("BodyPart");
        fields.field(
            "type",
            &format_args!("{}/{}", self.media_type().escape_ascii(), self.subtype().escape_ascii()),
        );
        let names = ["id", "description", "encoding", "md5", "location"];
        for (name, string) in names.iter().zip(self.strings().into_iter().skip(2)) {
            if let Some(octets) = string {
                fields.field(name, &Octets(&octets));
            }
        }
        if self.kind() != PartKind::Multipart {
            fields.field("octets", &self.octets());
        }
        if let Some(lines) = self.lines() {
            fields.field("lines", &lines);
        }
        if self.parameters().len() > 0 {
            fields.field("parameters", &Pairs(self.node().parameters, *self));
        }
        if let Some(disposition) = self.disposition() {
            fields.field("disposition", &disposition);
        }
        if self.languages().len() > 0 {
            let languages: Vec<_> = self.languages().collect();
            fields.field("languages", &languages.iter().map(|octets| Octets(octets)).collect::<Vec<_>>());
        }
        if let Some(envelope) = self.envelope() {
            fields.field("envelope", envelope);
        }
        if let Some(extensions) = self.extensions() {
            fields.field("extensions", &Octets(extensions));
        }
        let children: Vec<_> = self.children().collect();
        if !children.is_empty() {
            fields.field("children", &children);
        }
        fields.finish()
    }
}

/// Shows parameters.
struct Pairs<'a>(Range, BodyPart<'a>);

impl fmt::Debug for Pairs<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut map = f.debug_map();
        for (name, value) in self.1.range(self.0) {
            map.entry(&Octets(&name), &Octets(&value));
        }
        map.finish()
    }
}

impl<'a> Disposition<'a> {
    /// Its type: `attachment`, `inline`.
    pub fn kind(self) -> Cow<'a, [u8]> {
        self.part.string(self.part.node().disposition).unwrap_or_default()
    }

    /// Its parameters: name and value.
    pub fn parameters(self) -> impl ExactSizeIterator<Item = (Cow<'a, [u8]>, Cow<'a, [u8]>)> {
        self.part.range(self.part.node().disposition_parameters)
    }

    /// The value of this parameter, its name in any case.
    pub fn parameter(self, name: &str) -> Option<Cow<'a, [u8]>> {
        self.parameters().find(|(n, _)| n.eq_ignore_ascii_case(name.as_bytes())).map(|(_, value)| value)
    }
}

impl PartialEq for Disposition<'_> {
    fn eq(&self, other: &Self) -> bool {
        self.kind() == other.kind() && self.parameters().eq(other.parameters())
    }
}

impl Eq for Disposition<'_> {}

impl fmt::Debug for Disposition<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters = Pairs(self.part.node().disposition_parameters, self.part);
        f.debug_struct("Disposition")
            .field("kind", &Octets(&self.kind()))
            .field("parameters", &parameters)
            .finish()
    }
}
