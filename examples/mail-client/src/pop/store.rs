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
