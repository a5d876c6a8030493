//! What a commit has changed in folders, on its way to those that are open.

use imap_proto::{Flags, mailbox::ChangeError, mailbox::Mailbox};

use super::hub::Hub;
use crate::store::writer::Fate;

/// A change of one folder, under one MODSEQ.
#[derive(Debug, Clone)]
pub(in crate::store) struct FolderChange {
    pub(in crate::store) folder: i64,
    pub(in crate::store) modseq: u64,
    pub(in crate::store) kind: ChangeKind,
}

#[derive(Debug, Clone)]
pub(in crate::store) enum ChangeKind {
    /// Messages were added, their UIDs ascending.
    Added(Vec<(u32, Flags)>),
    /// Messages have other flags.
    Flagged(Vec<(u32, Flags)>),
    /// Messages are gone.
    Expunged(Vec<u32>),
    /// The folder is gone, and all its messages.
    Deleted,
}

impl FolderChange {
    /// Brings it to the mailbox. One that the mailbox knows already, since it was loaded later, changes nothing.
    pub(super) fn apply(self, mailbox: &mut Mailbox<Flags>) -> Result<(), ChangeError> {
        if self.modseq <= mailbox.highest_modseq() {
            return Ok(());
        }
        match self.kind {
            ChangeKind::Added(messages) => mailbox.append(&messages, self.modseq),
            ChangeKind::Flagged(messages) => mailbox.change_flags(&messages, self.modseq).map(drop),
            ChangeKind::Expunged(uids) => mailbox.expunge(&uids, self.modseq).map(drop),
            ChangeKind::Deleted => {
                let uids: Vec<u32> =
                    mailbox.changed_since(0).into_iter().map(|message| message.uid).collect();
                mailbox.expunge(&uids, self.modseq).map(drop)
            }
        }
    }
}

/// The changes that a [`Work`](crate::store::writer::Work) makes, told to the open folders once they are durable.
#[derive(Debug)]
pub(in crate::store) struct News {
    hub: Hub,
    changes: Vec<FolderChange>,
}

impl News {
    pub(in crate::store) fn new(hub: &Hub) -> Self {
        Self { hub: hub.clone(), changes: Vec::new() }
    }

    pub(in crate::store) fn add(&mut self, folder: i64, modseq: u64, kind: ChangeKind) {
        self.changes.push(FolderChange { folder, modseq, kind });
    }

    /// Tells what has happened, if it has.
    pub(in crate::store) fn settle(self, fate: Fate) {
        if fate == Fate::Committed {
            self.changes.into_iter().for_each(|change| self.hub.tell(change));
        }
    }
}
