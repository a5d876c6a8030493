//! What STATUS tells.
use crate::grammar;
use alloc::vec::Vec;
use bytes::Bytes;
use mail_wire::{ParseError, Text, span};

/// One thing that STATUS can tell of a mailbox
/// ([RFC 9051 §6.3.11](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.11)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum StatusItem {
    /// `MESSAGES`: how many there are.
    Messages,
    /// `RECENT`: how many are new. Not in IMAP4rev2.
    Recent,
    /// `UIDNEXT`: the UID that the next message gets.
    UidNext,
    /// `UIDVALIDITY`: what the UIDs are good for.
    UidValidity,
    /// `UNSEEN`: how many are not read.
    Unseen,
    /// `DELETED`: how many wait to be expunged.
    Deleted,
    /// `SIZE`: octets of all together.
    Size,
    /// `HIGHESTMODSEQ` ([RFC 7162 §3.1.7](https://www.rfc-editor.org/rfc/rfc7162#section-3.1.7)).
    HighestModSeq,
    /// `APPENDLIMIT` ([RFC 7889](https://www.rfc-editor.org/rfc/rfc7889)).
    AppendLimit,
    /// `MAILBOXID` ([RFC 8474 §4.3](https://www.rfc-editor.org/rfc/rfc8474#section-4.3)).
    MailboxId,
    /// `DELETED-STORAGE` ([RFC 9208 §4.1.4](https://www.rfc-editor.org/rfc/rfc9208#section-4.1.4)).
    DeletedStorage,
    /// Another.
    Other(OtherStatusItem),
}

/// A status item that [`StatusItem`] has no variant for.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct OtherStatusItem(Text);

/// Things that STATUS shall tell, each once; at least one.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatusItems {
    /// One bit a name of [`NAMES`].
    known: u16,
    others: Vec<OtherStatusItem>,
}

/// The items that have names here, in the order of their bits.
pub(crate) static NAMES: [(&str, StatusItem); 11] = [
    ("MESSAGES", StatusItem::Messages),
    ("RECENT", StatusItem::Recent),
    ("UIDNEXT", StatusItem::UidNext),
    ("UIDVALIDITY", StatusItem::UidValidity),
    ("UNSEEN", StatusItem::Unseen),
    ("DELETED", StatusItem::Deleted),
    ("SIZE", StatusItem::Size),
    ("HIGHESTMODSEQ", StatusItem::HighestModSeq),
    ("APPENDLIMIT", StatusItem::AppendLimit),
    ("MAILBOXID", StatusItem::MailboxId),
    ("DELETED-STORAGE", StatusItem::DeletedStorage),
];

impl StatusItem {
    /// The item as it is written.
    pub fn as_str(&self) -> &str {
        match self {
            Self::Other(other) => other.as_str(),
            known => NAMES.iter().find(|(_, item)| item == known).map_or("", |(name, _)| name),
        }
    }
}

impl OtherStatusItem {
    /// Checks and copies a name.
    ///
    /// # Errors
    /// It is not an atom, or [`StatusItem`] has a variant for it.
    pub fn new(name: &str) -> Result<Self, ParseError> {
        span::parse(&Bytes::copy_from_slice(name.as_bytes()), grammar::command::status::other)
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

impl StatusItems {
    /// These items. `None` when there is none.
    pub fn new(items: impl IntoIterator<Item = StatusItem>) -> Option<Self> {
        let mut all = Self { known: 0, others: Vec::new() };
        for item in items {
            all.insert(item);
        }
        (all.known != 0 || !all.others.is_empty()).then_some(all)
    }

    /// Is this one among them?
    pub fn contains(&self, item: &StatusItem) -> bool {
        match item {
            StatusItem::Other(other) => self.others.contains(other),
            known => self.known & bit(known) != 0,
        }
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = StatusItem> + '_ {
        let known =
            NAMES.iter().filter(|(_, item)| self.known & bit(item) != 0).map(|(_, item)| item.clone());
        known.chain(self.others.iter().cloned().map(StatusItem::Other))
    }

    /// Of bits, and of what has none: not all is empty.
    pub(crate) fn from_checked(known: u16, others: Vec<OtherStatusItem>) -> Self {
        Self { known, others }
    }

    fn insert(&mut self, item: StatusItem) {
        match item {
            StatusItem::Other(other) if self.others.contains(&other) => {}
            StatusItem::Other(other) => self.others.push(other),
            known => self.known |= bit(&known),
        }
    }
}

/// The bit of an item that has a name here.
pub(crate) fn bit(item: &StatusItem) -> u16 {
    NAMES.iter().position(|(_, known)| known == item).map_or(0, |at| 1 << at)
}
