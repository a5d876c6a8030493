//! `FETCH`.
use super::Numbering;
use crate::{Partial, Section, SequenceSet, grammar};
use alloc::vec::Vec;
use bytes::Bytes;
use mail_wire::{ParseError, Text, span};

/// `FETCH`: asks for messages, or for parts of them.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Fetch {
    /// What the numbers are.
    pub numbering: Numbering,
    /// Which messages.
    pub set: SequenceSet,
    /// What of them.
    pub items: FetchItems,
}

/// What FETCH asks for; at least one thing, each once.
///
/// Items without arguments are bits: asking for them needs no memory.
///
/// ```
/// use imap_proto::{FetchItem, FetchItems};
/// let items = FetchItems::new([FetchItem::Uid, FetchItem::Flags]).unwrap();
/// assert!(items.contains(&FetchItem::Flags) && !items.contains(&FetchItem::Envelope));
/// assert!(FetchItems::FAST.contains(&FetchItem::InternalDate));
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct FetchItems {
    /// One bit a name of [`NAMES`].
    simple: u16,
    /// The bits as one word.
    as_macro: Option<FetchMacro>,
    listed: Vec<FetchItem>,
}

/// A word for several items.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum FetchMacro {
    /// `ALL`: `FLAGS INTERNALDATE RFC822.SIZE ENVELOPE`
    All,
    /// `FAST`: `FLAGS INTERNALDATE RFC822.SIZE`
    Fast,
    /// `FULL`: `FLAGS INTERNALDATE RFC822.SIZE ENVELOPE BODY`
    Full,
}

/// One thing that FETCH asks for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum FetchItem {
    /// `UID`
    Uid,
    /// `FLAGS`
    Flags,
    /// `INTERNALDATE`: when the server took the message in.
    InternalDate,
    /// `RFC822.SIZE`: its octets.
    Rfc822Size,
    /// `ENVELOPE`: the fields of its header, parsed.
    Envelope,
    /// `BODY`: the structure, without the data of extensions.
    Body,
    /// `BODYSTRUCTURE`: the structure.
    BodyStructure,
    /// `RFC822`: `BODY[]` under its old name.
    Rfc822,
    /// `RFC822.HEADER`: `BODY.PEEK[HEADER]` under its old name.
    Rfc822Header,
    /// `RFC822.TEXT`: `BODY[TEXT]` under its old name.
    Rfc822Text,
    /// `BODY[..]`, `BODY.PEEK[..]`
    Section(BodySection),
    /// `BINARY[..]`, `BINARY.PEEK[..]`: a part, its transfer encoding undone ([RFC 3516](https://www.rfc-editor.org/rfc/rfc3516)).
    Binary(BinarySection),
    /// `BINARY.SIZE[..]`: how many octets that would be.
    BinarySize(Section),
    /// Another.
    Other(OtherFetchItem),
}

/// Whether a message is `\Seen` because a part of it was fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Seen {
    /// It is.
    #[default]
    Set,
    /// `.PEEK`: it stays as it was.
    Keep,
}

/// A section of a message, or some octets of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BodySection {
    /// Whether the message is `\Seen` then.
    pub seen: Seen,
    /// The section.
    pub section: Section,
    /// Which octets of it; `None` for all.
    pub partial: Option<Partial>,
}

/// A part of a message, decoded, or some octets of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct BinarySection {
    /// Whether the message is `\Seen` then.
    pub seen: Seen,
    section: Section,
    /// Which octets of it; `None` for all.
    pub partial: Option<Partial>,
}

/// A fetch item that [`FetchItem`] has no variant for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct OtherFetchItem(Text);

/// Items without arguments, in the order of their bits, which is the order they are written in.
pub(crate) static NAMES: [(&str, FetchItem); 10] = [
    ("UID", FetchItem::Uid),
    ("FLAGS", FetchItem::Flags),
    ("INTERNALDATE", FetchItem::InternalDate),
    ("RFC822.SIZE", FetchItem::Rfc822Size),
    ("ENVELOPE", FetchItem::Envelope),
    ("BODY", FetchItem::Body),
    ("BODYSTRUCTURE", FetchItem::BodyStructure),
    ("RFC822", FetchItem::Rfc822),
    ("RFC822.HEADER", FetchItem::Rfc822Header),
    ("RFC822.TEXT", FetchItem::Rfc822Text),
];

const FAST: u16 = 0b1110;
const ALL: u16 = FAST | 1 << 4;
const FULL: u16 = ALL | 1 << 5;

impl FetchItem {
    /// A section, without making the message `\Seen`.
    pub fn peek(section: Section) -> Self {
        Self::Section(BodySection { seen: Seen::Keep, section, partial: None })
    }

    /// The bit of an item without arguments; 0 for others.
    fn bit(&self) -> u16 {
        let at =
            NAMES.iter().position(|(_, item)| core::mem::discriminant(item) == core::mem::discriminant(self));
        at.map_or(0, |at| 1 << at)
    }
}

impl FetchMacro {
    fn bits(self) -> u16 {
        match self {
            Self::All => ALL,
            Self::Fast => FAST,
            Self::Full => FULL,
        }
    }

    /// The word as it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "ALL",
            Self::Fast => "FAST",
            Self::Full => "FULL",
        }
    }
}

impl FetchItems {
    /// `ALL`
    pub const ALL: Self = Self { simple: ALL, as_macro: Some(FetchMacro::All), listed: Vec::new() };
    /// `FAST`
    pub const FAST: Self = Self { simple: FAST, as_macro: Some(FetchMacro::Fast), listed: Vec::new() };
    /// `FULL`
    pub const FULL: Self = Self { simple: FULL, as_macro: Some(FetchMacro::Full), listed: Vec::new() };

    /// These items. `None` when there is none.
    pub fn new(items: impl IntoIterator<Item = FetchItem>) -> Option<Self> {
        let mut all = Self { simple: 0, as_macro: None, listed: Vec::new() };
        for item in items {
            match item.bit() {
                0 if all.listed.contains(&item) => {}
                0 => all.listed.push(item),
                bit => all.simple |= bit,
            }
        }
        (!all.is_empty()).then_some(all)
    }

    /// Is this one among them? Those that a macro stands for are.
    pub fn contains(&self, item: &FetchItem) -> bool {
        match item.bit() {
            0 => self.listed.contains(item),
            bit => self.simple & bit != 0,
        }
    }

    /// All; for a macro, those that it stands for.
    pub fn iter(&self) -> impl Iterator<Item = FetchItem> + '_ {
        self.simple_names().map(|(_, item)| item.clone()).chain(self.listed.iter().cloned())
    }

    /// The word that was said for them.
    pub fn as_macro(&self) -> Option<FetchMacro> {
        self.as_macro
    }

    /// Of bits and of what has none.
    pub(crate) fn from_checked(simple: u16, listed: Vec<FetchItem>) -> Self {
        Self { simple, as_macro: None, listed }
    }

    pub(crate) fn of_macro(word: FetchMacro) -> Self {
        Self { simple: word.bits(), as_macro: Some(word), listed: Vec::new() }
    }

    pub(crate) fn simple_names(&self) -> impl Iterator<Item = &'static (&'static str, FetchItem)> {
        let simple = self.simple;
        NAMES.iter().enumerate().filter(move |(at, _)| simple & 1 << at != 0).map(|(_, name)| name)
    }

    pub(crate) fn listed(&self) -> &[FetchItem] {
        &self.listed
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.simple == 0 && self.listed.is_empty()
    }
}

impl BinarySection {
    /// A part of the message, by its numbers; of none, the message.
    ///
    /// # Errors
    /// A number is 0.
    pub fn new(part: &[u32], seen: Seen, partial: Option<Partial>) -> Result<Self, ParseError> {
        Ok(Self { seen, section: Section::of_part(part)?, partial })
    }

    /// The part: a section that is whole.
    pub fn section(&self) -> &Section {
        &self.section
    }

    /// Of a section that is a part.
    pub(crate) fn from_checked(seen: Seen, section: Section, partial: Option<Partial>) -> Self {
        Self { seen, section, partial }
    }
}

impl OtherFetchItem {
    /// Checks and copies a name.
    ///
    /// # Errors
    /// It holds what may not stand in an atom or is empty, or [`FetchItem`] has a variant for it.
    pub fn new(name: &str) -> Result<Self, ParseError> {
        span::parse(&Bytes::copy_from_slice(name.as_bytes()), grammar::command::fetch::other)
    }

    /// The name, as it was written.
    pub fn as_str(&self) -> &str {
        // ASCII, checked when it was made.
        self.0.as_str().unwrap_or_default()
    }

    /// Of a name that the grammar has checked.
    pub(crate) fn from_checked(name: Text) -> Self {
        Self(name)
    }
}
