//! Taking messages out of a folder for good.

use rusqlite::Connection;

use super::{
    bodies::{Bodies, BodyName},
    disk,
    folder::{ChangeKind, DELETED, Hub, News, messages},
    value::Uid,
    writer::{Fate, Work},
};

/// Messages to expunge from one folder. The answer is which were, or `None` when the folder is gone.
///
/// A body goes when no row refers to it any more. That is asked inside the transaction, on the thread that
/// makes every delivery, so a body cannot gain a reader between the question and its end.
#[derive(Debug)]
pub(super) struct Expunge {
    folder: i64,
    uids: Vec<Uid>,
    which: Which,
    removed: RemovedBodies,
    news: News,
}

/// Which of the messages go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    /// All of them.
    All,
    /// Those that have `\Deleted`.
    Deleted,
}

impl Expunge {
    pub(super) fn new(folder: i64, uids: Vec<Uid>, which: Which, bodies: Bodies, hub: &Hub) -> Self {
        Self { folder, uids, which, removed: RemovedBodies::new(bodies), news: News::new(hub) }
    }
}

impl Work for Expunge {
    type Output = Option<Vec<Uid>>;

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output> {
        let bits = if self.which == Which::Deleted { DELETED } else { 0 };
        let mut gone = Vec::new();
        for uid in &self.uids {
            if let Some(body) = messages::delete(database, self.folder, *uid, bits)? {
                gone.push(*uid);
                self.removed.check(database, body)?;
            }
        }
        if gone.is_empty() {
            return Ok(messages::exists(database, self.folder)?.then_some(gone));
        }
        // One MODSEQ for all that go together: RFC 7162 asks that it ascend, not that each have its own.
        let Some(modseq) = messages::next_modseq(database, self.folder)? else { return Ok(None) };
        for uid in &gone {
            messages::remember_expunged(database, self.folder, *uid, modseq)?;
        }
        let uids = gone.iter().map(|uid| uid.value()).collect();
        self.news.add(self.folder, modseq, ChangeKind::Expunged(uids));
        Ok(Some(gone))
    }

    fn settle(self, fate: Fate) {
        self.news.settle(fate);
        self.removed.settle(fate);
    }
}

/// Bodies that no row refers to once a change is committed, and that go then.
#[derive(Debug)]
pub(super) struct RemovedBodies {
    bodies: Bodies,
    names: Vec<BodyName>,
}

impl RemovedBodies {
    pub(super) fn new(bodies: Bodies) -> Self {
        Self { bodies, names: Vec::new() }
    }

    /// A message that referred to this body is gone.
    pub(super) fn check(&mut self, database: &Connection, body: i64) -> rusqlite::Result<()> {
        self.names.extend(messages::delete_unreferenced(database, body)?);
        Ok(())
    }

    pub(super) fn settle(self, fate: Fate) {
        if fate == Fate::Committed {
            for name in self.names {
                // What cannot be removed now goes when the next server starts.
                let _ = disk::remove_file(&self.bodies.path(name));
            }
        }
    }
}
