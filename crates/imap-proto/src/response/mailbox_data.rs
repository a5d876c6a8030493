//! What a server says of mailboxes.
use super::Raw;
use crate::{AString, MailboxName};
use alloc::vec::Vec;
use core::fmt;
use mail_wire::Text;

/// A mailbox: `* LIST (\HasNoChildren) "/" INBOX`
/// ([RFC 9051 §7.3.1](https://www.rfc-editor.org/rfc/rfc9051#section-7.3.1)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct List {
    /// Which command it answers.
    pub kind: ListKind,
    /// What kind of mailbox it is.
    pub attributes: Attributes,
    /// What stands between the levels of its name. `None`: there are no levels.
    pub delimiter: Option<char>,
    /// Its name.
    pub mailbox: MailboxName,
    /// Extended data.
    pub extended: Vec<ListExtended>,
}

/// Which command a [`List`] answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum ListKind {
    /// LIST
    List,
    /// LSUB, of IMAP4rev1: subscriptions.
    Lsub,
    /// XLIST, which came before [RFC 6154](https://www.rfc-editor.org/rfc/rfc6154).
    Xlist,
}

/// Extended data of a [`List`].
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum ListExtended {
    /// `CHILDINFO`: children match these selection options.
    ChildInfo(Vec<AString>),
    /// `OLDNAME`: what the mailbox was called before.
    OldName(MailboxName),
    /// Another one: its tag and its value.
    Other(AString, Raw),
}

macro_rules! attributes {
    ($($(#[$doc:meta])* $variant:ident = $name:literal),* $(,)?) => {
        /// What a mailbox is ([RFC 9051 §7.3.1](https://www.rfc-editor.org/rfc/rfc9051#section-7.3.1),
        /// [RFC 6154 §2](https://www.rfc-editor.org/rfc/rfc6154#section-2)).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[non_exhaustive]
        pub enum Attribute { $($(#[$doc])* $variant),* }

        impl Attribute {
            /// All, in the order they are written in.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As it is written, with its backslash.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => concat!("\\", $name)),* }
            }
        }

        #[expect(non_upper_case_globals, reason = "named as the variants are")]
        mod keys {
            use crate::grammar::leaf::{Key, key};
            $(pub(super) const $variant: Key = key($name.as_bytes());)*
        }

        impl Attribute {
            /// The one whose name without its backslash has this key.
            #[inline]
            pub(crate) fn of(key: crate::grammar::leaf::Key) -> Option<Self> {
                match key { $(keys::$variant => Some(Self::$variant),)* _ => None }
            }
        }
    };
}

attributes! {
    /// It cannot be selected.
    NoSelect = "Noselect",
    /// It does not exist; perhaps its children do.
    NonExistent = "NonExistent",
    /// It can have no children.
    NoInferiors = "Noinferiors",
    /// It has children.
    HasChildren = "HasChildren",
    /// It has none.
    HasNoChildren = "HasNoChildren",
    /// It may have new messages.
    Marked = "Marked",
    /// It has none since it was last selected.
    Unmarked = "Unmarked",
    /// It is subscribed to.
    Subscribed = "Subscribed",
    /// It is on another server.
    Remote = "Remote",
    /// It shows all messages.
    All = "All",
    /// It is for messages to keep.
    Archive = "Archive",
    /// It is for drafts.
    Drafts = "Drafts",
    /// It shows flagged messages.
    Flagged = "Flagged",
    /// It is for junk.
    Junk = "Junk",
    /// It is for messages that were sent.
    Sent = "Sent",
    /// It is for messages to delete.
    Trash = "Trash",
    /// It shows important messages ([RFC 8457](https://www.rfc-editor.org/rfc/rfc8457)).
    Important = "Important",
    /// It is the inbox, said by XLIST alone.
    Inbox = "Inbox",
}

/// What kind of mailbox it is: a set of [`Attribute`]s, and those that this crate does not know.
#[derive(Clone, Default, PartialEq, Eq, Hash)]
pub struct Attributes {
    known: u32,
    others: Vec<Text>,
}

impl Attributes {
    /// None.
    pub const fn new() -> Self {
        Self { known: 0, others: Vec::new() }
    }

    /// Is this one among them?
    pub fn has(&self, attribute: Attribute) -> bool {
        self.known & 1 << attribute as u32 != 0
    }

    /// Those that are known.
    pub fn iter(&self) -> impl Iterator<Item = Attribute> + '_ {
        Attribute::ALL.iter().copied().filter(|attribute| self.has(*attribute))
    }

    /// Those that are not, as they were written.
    pub fn others(&self) -> &[Text] {
        &self.others
    }

    /// With this one.
    #[must_use]
    pub fn with(mut self, attribute: Attribute) -> Self {
        self.insert(attribute);
        self
    }

    pub(crate) fn insert(&mut self, attribute: Attribute) {
        self.known |= 1 << attribute as u32;
    }

    pub(crate) fn insert_other(&mut self, other: Text) {
        if !self.others.contains(&other) {
            self.others.push(other);
        }
    }
}

impl FromIterator<Attribute> for Attributes {
    fn from_iter<I: IntoIterator<Item = Attribute>>(attributes: I) -> Self {
        attributes.into_iter().fold(Self::new(), Self::with)
    }
}

impl fmt::Debug for Attributes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).entries(&self.others).finish()
    }
}

/// The state of a mailbox: `* STATUS INBOX (MESSAGES 231)`
/// ([RFC 9051 §7.3.4](https://www.rfc-editor.org/rfc/rfc9051#section-7.3.4)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct StatusData {
    /// The mailbox.
    pub mailbox: MailboxName,
    /// What is said of it.
    pub items: Vec<StatusItem>,
}

/// One thing that is said of the state of a mailbox.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum StatusItem {
    /// `MESSAGES`
    Messages(u32),
    /// `RECENT`, of IMAP4rev1.
    Recent(u32),
    /// `UIDNEXT`; 0 where that was tolerated.
    UidNext(u32),
    /// `UIDVALIDITY`; 0 where that was tolerated.
    UidValidity(u32),
    /// `UNSEEN`: how many have no `\Seen`.
    Unseen(u32),
    /// `DELETED`: how many have `\Deleted`.
    Deleted(u32),
    /// `SIZE` in octets.
    Size(u64),
    /// `HIGHESTMODSEQ` ([RFC 7162](https://www.rfc-editor.org/rfc/rfc7162)); 0: it keeps none.
    HighestModSeq(u64),
    /// `APPENDLIMIT` ([RFC 7889](https://www.rfc-editor.org/rfc/rfc7889)); `None`: there is no limit of its own.
    AppendLimit(Option<u32>),
    /// Another one: its name and its value.
    Other(Text, Raw),
}

/// The namespaces ([RFC 9051 §7.3.5](https://www.rfc-editor.org/rfc/rfc9051#section-7.3.5)).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Namespaces {
    /// Those of the user.
    pub personal: Vec<Namespace>,
    /// Those of other users.
    pub other_users: Vec<Namespace>,
    /// Those that are shared.
    pub shared: Vec<Namespace>,
}

/// One namespace.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Namespace {
    /// What names in it begin with, as it stands on the wire.
    pub prefix: AString,
    /// What stands between the levels of names in it.
    pub delimiter: Option<char>,
    /// Extension data: a name, and values.
    pub extensions: Vec<(AString, Vec<AString>)>,
}

/// A quota: `* QUOTA "" (STORAGE 10 512)` ([RFC 9208 §4.2.1](https://www.rfc-editor.org/rfc/rfc9208#section-4.2.1)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Quota {
    /// The quota root.
    pub root: AString,
    /// Its resources.
    pub resources: Vec<QuotaResource>,
}

/// A resource of a quota.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct QuotaResource {
    /// Its name: `STORAGE`, counted in units of 1024 octets, `MESSAGE`, `MAILBOX`.
    pub name: Text,
    /// How much of it is used.
    pub usage: u64,
    /// How much there is.
    pub limit: u64,
}

/// The quota roots of a mailbox ([RFC 9208 §4.2.2](https://www.rfc-editor.org/rfc/rfc9208#section-4.2.2)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct QuotaRoot {
    /// The mailbox.
    pub mailbox: MailboxName,
    /// The names of its quota roots.
    pub roots: Vec<AString>,
}
