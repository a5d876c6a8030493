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

#[cfg(test)]
mod tests {
    use super::*;

    fn added(uid: u32, modseq: u64) -> FolderChange {
        FolderChange { folder: 1, modseq, kind: ChangeKind::Added(vec![(uid, Flags::NONE)]) }
    }

    /// A mailbox as the store has it when so many messages were added, each with a MODSEQ of its own.
    fn read(messages: u32) -> Mailbox<Flags> {
        let mut mailbox = Mailbox::new(1);
        for uid in 1..=messages {
            mailbox.append(&[(uid, Flags::NONE)], u64::from(uid)).unwrap();
        }
        mailbox
    }

    fn uids(open: &OpenFolder) -> Vec<u32> {
        open.with(|mailbox| mailbox.changed_since(0).iter().map(|message| message.uid).collect()).0
    }

    #[test]
    fn what_is_committed_while_a_folder_is_read_is_there_once() {
        let hub = Hub::default();
        let open = hub.open(1, AccountId(1));
        let watch = open.watch();
        // The second of these was committed before the folder was read, the others after it.
        for uid in 2..=4 {
            hub.tell(added(uid, u64::from(uid)));
        }
        open.load(read(2));
        assert_eq!(uids(&open), [1, 2, 3, 4]);
        hub.tell(added(5, 5));
        assert_eq!(uids(&open), [1, 2, 3, 4, 5]);
        assert!(watch.has_changed().unwrap());
    }

    #[test]
    fn a_folder_deleted_while_it_is_read_is_gone() {
        let hub = Hub::default();
        let open = hub.open(1, AccountId(1));
        hub.tell(FolderChange { folder: 1, modseq: 3, kind: ChangeKind::Deleted });
        open.load(read(2));
        assert!(uids(&open).is_empty());
        assert!(matches!(open.check(), Err(StoreError::NoSuchFolder)));
    }

    #[test]
    fn a_folder_that_no_one_holds_is_forgotten() {
        let hub = Hub::default();
        let one = hub.open(1, AccountId(1));
        let other = hub.open(1, AccountId(1));
        assert!(Arc::ptr_eq(&one, &other));
        drop(one);
        assert!(hub.find(1).is_some());
        drop(other);
        assert!(hub.lock().is_empty());
    }

    #[test]
    fn a_folder_that_is_not_as_the_store_has_it_is_read_anew_by_the_next() {
        let hub = Hub::default();
        let open = hub.open(1, AccountId(1));
        open.load(read(2));
        hub.tell(added(1, 3));
        assert!(hub.find(1).is_none());
        let next = hub.open(1, AccountId(1));
        drop(open);
        assert!(Arc::ptr_eq(&next, &hub.find(1).unwrap()), "the old one has taken the new one along");
    }
}
