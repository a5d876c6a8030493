//! The values that are told of folders and of the messages in them.

use imap_proto::Flags;

use super::FolderName;
use crate::store::{Uid, UidValidity};

/// A folder, as an account's list of them has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FolderInfo {
    /// Its name. Each folder's superior levels are folders too.
    pub name: FolderName,
    /// What it is for, if that was said when it was made.
    pub special_use: Option<SpecialUse>,
    /// Whether its name is subscribed.
    pub subscription: Subscription,
}

/// What a folder is for ([RFC 6154 §2](https://www.rfc-editor.org/rfc/rfc6154#section-2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SpecialUse {
    /// `\Archive`
    Archive,
    /// `\Drafts`
    Drafts,
    /// `\Junk`
    Junk,
    /// `\Sent`
    Sent,
    /// `\Trash`
    Trash,
}

impl SpecialUse {
    const ALL: [Self; 5] = [Self::Archive, Self::Drafts, Self::Junk, Self::Sent, Self::Trash];

    /// The attribute as LIST writes it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Archive => "\\Archive",
            Self::Drafts => "\\Drafts",
            Self::Junk => "\\Junk",
            Self::Sent => "\\Sent",
            Self::Trash => "\\Trash",
        }
    }

    /// Of the attribute as it is stored.
    pub(in crate::store) fn from_stored(attribute: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|special_use| special_use.as_str() == attribute)
    }
}

/// Whether a name is among those that its account wants to see in LSUB.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Subscription {
    /// It is.
    Subscribed,
    /// It is not.
    NotSubscribed,
}

/// What STATUS tells of a folder ([RFC 9051 §6.3.11](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.11)).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FolderStatus {
    /// How many messages there are.
    pub messages: u32,
    /// How many of them have no `\Seen`.
    pub unseen: u32,
    /// How many of them have `\Deleted`.
    pub deleted: u32,
    /// How many of them no session was told of as recent.
    pub recent: u32,
    /// The UID that the next message gets at least.
    pub uid_next: Uid,
    /// UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// The sizes of all messages together, in octets.
    pub size: u64,
    /// HIGHESTMODSEQ.
    pub highest_modseq: u64,
}

/// A message to append.
#[derive(Debug)]
pub struct NewMessage<I> {
    /// Its octets, all of them written.
    pub incoming: I,
    /// Its flags, as far as [`Folder::store_flags`](super::Folder::store_flags) takes them.
    pub flags: Flags,
    /// When it was received, in seconds since 1970: what [`DateTime::to_unix`](imap_proto::DateTime::to_unix)
    /// makes of the date that APPEND gives.
    pub internal_date: i64,
}

/// What appended messages are called from now on: what APPENDUID tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Appended {
    /// The folder's UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// The UID of each message, in the order they were given.
    pub uids: Vec<Uid>,
}

/// What copied or moved messages are called from now on: what COPYUID tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Copied {
    /// The target's UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// The UID of each message before and in the target, both ascending.
    pub pairs: Vec<(Uid, Uid)>,
}

/// What came of changing flags.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct FlagsStored {
    /// The MODSEQ of all that changed; the folder's highest when nothing did.
    pub modseq: u64,
    /// The messages that changed, each with the MODSEQ it had before, as
    /// [`MailboxView::stored`](imap_proto::mailbox::MailboxView::stored) wants to know.
    pub changed: Vec<(Uid, u64)>,
    /// The messages that had those flags already.
    pub unchanged: Vec<Uid>,
    /// The messages that were left alone because others had changed them since (`MODIFIED`, [RFC 7162 §3.1.3]).
    ///
    /// [RFC 7162 §3.1.3]: https://www.rfc-editor.org/rfc/rfc7162#section-3.1.3
    pub modified: Vec<Uid>,
}

/// What never changes of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Facts {
    /// Its UID.
    pub uid: Uid,
    /// Its size in octets.
    pub size: u64,
    /// When it was received, in seconds since 1970.
    pub internal_date: i64,
    /// Its body, which copies of it share.
    pub body: BodyId,
}

/// A message's octets, whichever messages have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct BodyId(pub(in crate::store) i64);
