//! Commands about messages.
use crate::{Flags, MailboxName, SequenceSet};

/// What the numbers of a command are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Numbering {
    /// Message numbers.
    #[default]
    Sequence,
    /// UIDs: the command begins with `UID`.
    Uid,
}

/// `STORE`: changes the flags of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Store {
    /// What the numbers are.
    pub numbering: Numbering,
    /// Which messages.
    pub set: SequenceSet,
    /// What to do with the flags.
    pub action: StoreAction,
    /// Whether the server tells the flags then.
    pub report: Report,
    /// The flags. `\Recent` and `\*` cannot be set, and are not sent.
    pub flags: Flags,
}

/// What STORE does with flags.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum StoreAction {
    /// `FLAGS`: a message has these and no others.
    Replace,
    /// `+FLAGS`: a message has these too.
    Add,
    /// `-FLAGS`: a message has these no more.
    Remove,
}

/// Whether a server tells what a STORE came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Report {
    /// It tells the flags of each message.
    #[default]
    Told,
    /// `.SILENT`: it does not.
    Silent,
}

/// `COPY` and `MOVE`: puts messages into another mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Copy {
    /// What the numbers are.
    pub numbering: Numbering,
    /// Which messages.
    pub set: SequenceSet,
    /// Into this mailbox.
    pub mailbox: MailboxName,
}
