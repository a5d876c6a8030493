//! Where messages go, and what is remembered of them.
use super::{
    id::Id,
    lines::LineEnds,
    maildir::Maildir,
    mbox::Mbox,
    state::{State, StateError},
};
use crate::{cli, durable};
use rustix::{
    fs::{FlockOperation, flock},
    io::Errno,
};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};
use thiserror::Error;

/// Octets and time after which a batch is finished: this much is fetched again after a crash.
const BATCH_OCTETS: u64 = 16 << 20;
const BATCH_TIME: Duration = Duration::from_secs(10);

/// Where messages go, and what is remembered of them.
#[derive(Debug)]
pub(super) struct Store {
    target: Target,
    state: State,
    /// Messages in a batch.
    most: usize,
    messages: usize,
    octets: u64,
    since: Instant,
    /// Held until the end: two runs for one account would fetch everything twice.
    _lock: File,
}

#[derive(Debug)]
enum Target {
    Maildir(Maildir),
    Mbox(Mbox),
}

/// Why messages cannot be stored.
#[derive(Debug, Error)]
pub(crate) enum StoreError {
    #[error("cannot write {}", .path.display())]
    File { path: PathBuf, source: io::Error },
    #[error("another program holds {}", .0.display())]
    Locked(PathBuf),
    #[error("another `mail pop` of this account is at work on {}", .0.display())]
    Busy(PathBuf),
    #[error(transparent)]
    State(#[from] StateError),
}

impl StoreError {
    pub(super) fn of(path: &Path, source: io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}

impl Store {
    /// Opens it, and finishes what an earlier run could not.
    pub(super) fn open(options: &cli::Pop, account: Id) -> Result<Self, StoreError> {
        let (target, state, lock) = match (&options.maildir, &options.mbox) {
            (Some(root), _) => {
                let line_ends = if options.lf { LineEnds::Lf } else { LineEnds::AsSent };
                let maildir = Maildir::open(root, account, line_ends)?;
                let stem = root.join(format!("pop-{account}"));
                let lock = lock(&stem)?;
                (Target::Maildir(maildir), State::open(&durable::with_suffix(&stem, ".state"))?, lock)
            }
            (None, mbox) => {
                let path = mbox.clone().unwrap_or_default();
                let stem = durable::with_suffix(&path, &format!(".pop-{account}"));
                let lock = lock(&stem)?;
                let mbox = Mbox::open(&path, account, durable::with_suffix(&stem, ".journal"))?;
                (Target::Mbox(mbox), State::open(&durable::with_suffix(&stem, ".state"))?, lock)
            }
        };
        let most = usize::try_from(options.batch.get()).unwrap_or(usize::MAX);
        let since = Instant::now();
        let mut store = Self { target, state, most, messages: 0, octets: 0, since, _lock: lock };
        match &mut store.target {
            Target::Maildir(maildir) => maildir.recover(&mut store.state)?,
            Target::Mbox(mbox) => mbox.recover(&mut store.state)?,
        }
        Ok(store)
    }

    /// What is remembered. Messages of a batch that is not finished are not.
    pub(super) fn state(&mut self) -> &mut State {
        &mut self.state
    }

    /// A message begins.
    pub(super) fn begin(&mut self) -> Result<(), StoreError> {
        let batch = self.state.batch();
        match &mut self.target {
            Target::Maildir(maildir) => maildir.begin(batch),
            Target::Mbox(mbox) => mbox.begin(batch),
        }
    }

    /// A piece of it.
    pub(super) fn write(&mut self, piece: &[u8]) -> Result<(), StoreError> {
        self.octets += piece.len() as u64;
        match &mut self.target {
            Target::Maildir(maildir) => maildir.write(piece),
            Target::Mbox(mbox) => mbox.write(piece),
        }
    }

    /// The message is whole.
    pub(super) fn end(&mut self, id: Id) -> Result<(), StoreError> {
        match &mut self.target {
            Target::Maildir(maildir) => maildir.end(id)?,
            Target::Mbox(mbox) => mbox.end(id)?,
        }
        self.messages += 1;
        // What is written for a batch grows with what is remembered: so do batches.
        let most = self.most.max(self.state.len() / 4);
        if self.messages >= most || self.octets >= BATCH_OCTETS || self.since.elapsed() >= BATCH_TIME {
            self.commit()?;
        }
        Ok(())
    }

    /// The message is not wanted, or has no end.
    pub(super) fn abandon(&mut self) -> Result<(), StoreError> {
        match &mut self.target {
            Target::Maildir(maildir) => maildir.abandon(),
            Target::Mbox(mbox) => mbox.abandon(),
        }
    }

    /// Makes the messages that are whole durable, and remembers them.
    pub(super) fn commit(&mut self) -> Result<(), StoreError> {
        (self.messages, self.octets, self.since) = (0, 0, Instant::now());
        match &mut self.target {
            Target::Maildir(maildir) => maildir.commit(&mut self.state),
            Target::Mbox(mbox) => mbox.commit(&mut self.state),
        }
    }
}

fn lock(stem: &Path) -> Result<File, StoreError> {
    let path = durable::with_suffix(stem, ".lock");
    let file = durable::private().write(true).create(true).truncate(false).open(&path);
    let file = file.map_err(|source| StoreError::of(&path, source))?;
    match flock(&file, FlockOperation::NonBlockingLockExclusive) {
        Ok(()) => Ok(file),
        Err(Errno::WOULDBLOCK) => Err(StoreError::Busy(stem.to_owned())),
        Err(error) => Err(StoreError::of(&path, error.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::{
        super::state::{Others, Seen},
        *,
    };
    use std::{
        collections::{HashMap, HashSet},
        fs,
        num::NonZeroU32,
    };

    /// Stores a message, without the end of its batch, as a run that is killed then.
    fn killed(options: &cli::Pop, account: Id, id: Id) {
        let mut store = Store::open(options, account).unwrap();
        store.begin().unwrap();
        store.write(b"Subject: hi\r\n\r\n").unwrap();
        store.end(id).unwrap();
        // And another one, which is not whole.
        store.begin().unwrap();
        store.write(b"Subject: half").unwrap();
    }

    fn options(folder: &Path, mbox: Option<PathBuf>) -> cli::Pop {
        let maildir = mbox.is_none().then(|| folder.to_owned());
        cli::Pop { maildir, mbox, keep: true, delete: false, lf: false, batch: NonZeroU32::MAX }
    }

    #[test]
    fn a_message_that_reached_a_maildir_is_known_though_nobody_wrote_that_down() {
        let account = Id::of_account("example.org", 995, "fred");
        let id = Id::of_unique_id("a");
        for reader in ["new", "cur"] {
            let name = format!("mail-store-{}-{reader}", std::process::id());
            let root = std::env::temp_dir().join(name);
            let options = options(&root, None);
            killed(&options, account, id);
            let stored = fs::read_dir(root.join("new")).unwrap().next().unwrap().unwrap();
            if reader == "cur" {
                let seen = format!("{}:2,S", stored.file_name().to_str().unwrap());
                fs::rename(stored.path(), root.join("cur").join(seen)).unwrap();
            }
            let mut store = Store::open(&options, account).unwrap();
            assert!(store.state().has(id, 0), "{reader}: it would be fetched again");
            assert_eq!(fs::read_dir(root.join("tmp")).unwrap().count(), 0, "what is half stays in tmp");
            // It is of a batch that is finished: when its unique-id is used again, it is another message.
            let (there, deleted) = (HashMap::new(), HashSet::from([id]));
            store.state().look(&Seen { there, deleted: &deleted, others: Others::Unknown }).unwrap();
            drop(store);
            assert!(!Store::open(&options, account).unwrap().state().has(id, 0));
            fs::remove_dir_all(root).unwrap();
        }
    }

    #[test]
    fn a_message_that_did_not_reach_an_mbox_is_not_taken_to_be_there() {
        let account = Id::of_account("example.org", 995, "fred");
        let id = Id::of_unique_id("a");
        let folder = std::env::temp_dir().join(format!("mail-store-{}-mbox", std::process::id()));
        fs::create_dir_all(&folder).unwrap();
        let file = folder.join("mbox");
        let options = options(&folder, Some(file.clone()));
        killed(&options, account, id);
        let mut store = Store::open(&options, account).unwrap();
        assert!(!store.state().has(id, 0) && !file.exists());
        store.begin().unwrap();
        store.write(b"Subject: hi\r\n\r\n").unwrap();
        store.end(id).unwrap();
        store.commit().unwrap();
        drop(store);
        let mut store = Store::open(&options, account).unwrap();
        assert!(store.state().has(id, 0));
        let written = fs::read_to_string(&file).unwrap();
        assert!(
            written.starts_with("From mail-pop-") && written.ends_with("\nSubject: hi\n\n\n"),
            "{written}"
        );
        fs::remove_dir_all(folder).unwrap();
    }
}
