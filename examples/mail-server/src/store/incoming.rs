//! A message that is still arriving: small ones in memory, the others on their way to disk.

use std::mem;

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{
    Incoming,
    bodies::{Bodies, StoredBody},
    error::StoreError,
    spool::SpoolFile,
};

/// How many octets are collected before they go to disk.
///
/// A message holds at most twice this, and one chunk, in memory: one buffer fills while the other is written.
/// A message that fits costs one trip to the blocking pool in all.
const BUFFER: usize = 64 * 1024;

/// A message that is still arriving at a [`SqliteStore`](super::SqliteStore).
#[derive(Debug)]
pub struct SqliteIncoming {
    bodies: Bodies,
    buffer: Vec<u8>,
    size: u64,
    spool: Spool,
}

/// The part of the message that has left the buffer.
#[derive(Debug)]
enum Spool {
    /// Nothing has: there is no file yet.
    Empty,
    /// A task is writing to the file, or is done with it.
    Writing(JoinHandle<Result<SpoolFile, StoreError>>),
    /// The file rests.
    Idle(SpoolFile),
    /// A write failed.
    Lost,
}

impl SqliteIncoming {
    pub(super) fn new(bodies: Bodies) -> Self {
        Self { bodies, buffer: Vec::new(), size: 0, spool: Spool::Empty }
    }

    /// Makes the whole message durable in `bodies/`.
    pub(super) async fn store(mut self) -> Result<StoredBody, StoreError> {
        self.written().await?;
        let Self { bodies, buffer, spool, .. } = self;
        spawn_blocking(move || {
            let mut file = spool.into_file(&bodies)?;
            file.append(&buffer)?;
            file.store(&bodies)
        })
        .await?
    }

    /// Has something done to the file, which no task does anything to.
    fn work(&mut self, work: impl FnOnce(&mut SpoolFile) -> Result<(), StoreError> + Send + 'static) {
        let spool = mem::replace(&mut self.spool, Spool::Lost);
        let bodies = self.bodies.clone();
        self.spool = Spool::Writing(spawn_blocking(move || {
            let mut file = spool.into_file(&bodies)?;
            work(&mut file)?;
            Ok(file)
        }));
    }

    /// Waits until no task writes.
    async fn written(&mut self) -> Result<(), StoreError> {
        if let Spool::Writing(task) = &mut self.spool {
            // Awaited in place: a caller that gives up half-way finds the task here when it comes back.
            let result = task.await.unwrap_or(Err(StoreError::Stopped));
            self.spool = Spool::Lost;
            self.spool = Spool::Idle(result?);
        }
        Ok(())
    }
}

impl Incoming for SqliteIncoming {
    async fn write(&mut self, chunk: Bytes) -> Result<(), StoreError> {
        if matches!(self.spool, Spool::Lost) {
            return Err(StoreError::Lost);
        }
        self.size += chunk.len() as u64;
        self.buffer.extend_from_slice(&chunk);
        if self.buffer.len() < BUFFER {
            return Ok(());
        }
        self.written().await?;
        let full = mem::replace(&mut self.buffer, Vec::with_capacity(BUFFER));
        self.work(move |file| file.append(&full));
        Ok(())
    }

    async fn set_aside(&mut self) -> Result<(), StoreError> {
        if matches!(self.spool, Spool::Lost) {
            return Err(StoreError::Lost);
        }
        self.written().await?;
        let rest = mem::take(&mut self.buffer);
        self.work(move |file| {
            file.append(&rest)?;
            file.close()
        });
        self.written().await
    }

    fn size(&self) -> u64 {
        self.size
    }
}

impl Spool {
    /// The file that no task writes to: made now if it was not needed before.
    fn into_file(self, bodies: &Bodies) -> Result<SpoolFile, StoreError> {
        match self {
            Self::Empty => SpoolFile::create(bodies),
            Self::Idle(file) => Ok(file),
            Self::Writing(_) | Self::Lost => Err(StoreError::Lost),
        }
    }
}
