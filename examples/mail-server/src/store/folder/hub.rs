//! The folders that are open in this process, and how they hear of what is committed.

use std::{
    collections::HashMap,
    mem,
    sync::{
        Arc, Mutex, MutexGuard, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
    },
};

use imap_proto::{Flags, mailbox::Mailbox};
use rusqlite::{Connection, params};
use tokio::sync::{OnceCell, watch};

use super::change::{ChangeKind, FolderChange};
use crate::store::{
    AccountId,
    error::StoreError,
    writer::{Fate, Work},
};

/// All open folders, each for as long as anyone holds it.
///
/// The writing thread tells of each commit before it begins the next, so open folders see changes in the order they
/// were made in.
#[derive(Debug, Clone, Default)]
pub(in crate::store) struct Hub {
    folders: Arc<Mutex<HashMap<i64, Weak<OpenFolder>>>>,
}

impl Hub {
    /// The folder, which may not be loaded yet. From now on it hears of all changes.
    pub(super) fn open(&self, folder: i64, account: AccountId) -> Arc<OpenFolder> {
        let mut folders = self.lock();
        if let Some(open) = folders.get(&folder).and_then(Weak::upgrade) {
            return open;
        }
        let open = Arc::new(OpenFolder {
            id: folder,
            account,
            loaded: OnceCell::new(),
            state: Mutex::new(State::Loading(Vec::new())),
            changed: watch::Sender::new(()),
            deleted: AtomicBool::new(false),
            hub: self.clone(),
        });
        folders.insert(folder, Arc::downgrade(&open));
        open
    }

    /// The folder, if it is open.
    pub(super) fn find(&self, folder: i64) -> Option<Arc<OpenFolder>> {
        // The lock is gone when the handle may be: the last one's end takes it again.
        let found = self.lock().get(&folder).cloned();
        found.and_then(|open| open.upgrade())
    }

    /// From which UID on no session of the folder was told of a message as recent, if it is open.
    pub(super) fn recent_from(&self, folder: i64) -> Option<u32> {
        self.find(folder)?.recent_from()
    }

    /// Tells the folder of a change, if it is open.
    pub(super) fn tell(&self, change: FolderChange) {
        if let Some(open) = self.find(change.folder) {
            open.tell(change);
        }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<i64, Weak<OpenFolder>>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A folder that all sessions share which have it open.
#[derive(Debug)]
pub(in crate::store) struct OpenFolder {
    pub(super) id: i64,
    pub(super) account: AccountId,
    /// Set when the state is [`State::Open`].
    pub(super) loaded: OnceCell<()>,
    state: Mutex<State>,
    changed: watch::Sender<()>,
    deleted: AtomicBool,
    hub: Hub,
}

#[derive(Debug)]
enum State {
    /// Not read yet: what was committed since the folder began to listen, some of which will have been read.
    Loading(Vec<FolderChange>),
    /// All sessions' mailbox.
    Open { mailbox: Mailbox<Flags>, recent: SavedRecent },
}

/// Whether the store knows which messages were told of as recent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum SavedRecent {
    /// It knows, or is on its way to, that those below this UID were.
    Below(u32),
    /// Someone is on the way to tell it, and will look then.
    Posted,
}

impl OpenFolder {
    /// Takes the mailbox as it was read, and what has changed since.
    pub(super) fn load(&self, mut mailbox: Mailbox<Flags>) {
        let mut state = self.lock();
        if let State::Loading(changes) = &mut *state {
            for change in mem::take(changes) {
                self.apply(change, &mut mailbox);
            }
            let recent = SavedRecent::Below(mailbox.stored().recent_from);
            *state = State::Open { mailbox, recent };
        }
    }

    /// Looks at the mailbox, and tells whether the store must be told what is recent.
    pub(super) fn with<T>(&self, look: impl FnOnce(&mut Mailbox<Flags>) -> T) -> (T, bool) {
        let mut state = self.lock();
        let (mailbox, recent) = match &mut *state {
            State::Open { mailbox, recent } => (mailbox, recent),
            State::Loading(_) => unreachable!("a handle is given out when the folder is loaded"),
        };
        let answer = look(mailbox);
        let is_news = match recent {
            SavedRecent::Below(uid) => *uid != mailbox.stored().recent_from,
            SavedRecent::Posted => false,
        };
        if is_news {
            *recent = SavedRecent::Posted;
        }
        (answer, is_news)
    }

    /// Fails once the folder was deleted.
    pub(super) fn check(&self) -> Result<(), StoreError> {
        if self.deleted.load(Ordering::Relaxed) { Err(StoreError::NoSuchFolder) } else { Ok(()) }
    }

    fn recent_from(&self) -> Option<u32> {
        match &*self.lock() {
            State::Loading(_) => None,
            State::Open { mailbox, .. } => Some(mailbox.stored().recent_from),
        }
    }

    pub(super) fn watch(&self) -> watch::Receiver<()> {
        self.changed.subscribe()
    }

    fn tell(&self, change: FolderChange) {
        match &mut *self.lock() {
            State::Loading(changes) => changes.push(change),
            State::Open { mailbox, .. } => self.apply(change, mailbox),
        }
        self.changed.send_replace(());
    }

    fn apply(&self, change: FolderChange, mailbox: &mut Mailbox<Flags>) {
        let is_deleted = matches!(change.kind, ChangeKind::Deleted);
        if let Err(error) = change.apply(mailbox) {
            // The database and the mailbox count alike. Should they ever not, whoever opens the folder next loads it
            // anew.
            tracing::error!(folder = self.id, %error, "an open folder is not as the store has it");
            self.hub.lock().remove(&self.id);
        } else if is_deleted {
            self.deleted.store(true, Ordering::Relaxed);
        }
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for OpenFolder {
    fn drop(&mut self) {
        let mut folders = self.hub.lock();
        // Another one may be open in its place already.
        if folders.get(&self.id).is_some_and(|open| open.strong_count() == 0) {
            folders.remove(&self.id);
        }
    }
}

/// Writes down which messages were told of as recent.
///
/// It holds the folder open until that is durable, so that no one loads it as it was before.
#[derive(Debug)]
pub(super) struct SaveRecent(pub(super) Arc<OpenFolder>);

impl Work for SaveRecent {
    type Output = ();

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<()> {
        let below = match &mut *self.0.lock() {
            State::Open { mailbox, recent } => {
                let below = mailbox.stored().recent_from;
                *recent = SavedRecent::Below(below);
                below
            }
            State::Loading(_) => return Ok(()),
        };
        database
            .prepare_cached("UPDATE folders SET recent_from = max(recent_from, ?2) WHERE id = ?1")?
            .execute(params![self.0.id, below])
            .map(drop)
    }

    fn settle(self, fate: Fate) {
        if fate != Fate::Committed {
            if let State::Open { recent: recent @ SavedRecent::Below(_), .. } = &mut *self.0.lock() {
                // The next look finds that it is not so.
                *recent = SavedRecent::Below(0);
            }
        }
    }
}
