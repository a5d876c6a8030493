//! A message on its way out, read from its file.

use std::{
    fs::File,
    io::{Read, Seek, SeekFrom},
    mem,
    ops::Range,
    path::PathBuf,
};

use bytes::Bytes;
use tokio::task::{JoinHandle, spawn_blocking};

use super::{Body, error::StoreError};

/// Longest chunk, in octets. A reader holds one.
const CHUNK: u64 = 64 * 1024;

/// A body of a [`SqliteStore`](super::SqliteStore), being read.
///
/// Opening reads the first chunk too, so that a small message costs one trip to the blocking pool in all.
#[derive(Debug)]
pub struct BodyReader {
    size: u64,
    state: State,
}

#[derive(Debug)]
enum State {
    /// The next chunk is at hand.
    Ready(Bytes, Rest),
    /// The next chunk is not read yet.
    Idle(Rest),
    /// A task reads it.
    Reading(JoinHandle<Result<(Bytes, Rest), StoreError>>),
    /// A read failed.
    Failed(StoreError),
}

/// What is still in the file.
#[derive(Debug)]
struct Rest {
    file: File,
    path: PathBuf,
    octets: u64,
}

impl BodyReader {
    /// Opens some octets of a body, as far as its `size` reaches.
    pub(super) async fn open(path: PathBuf, size: u64, range: Range<u64>) -> Result<Self, StoreError> {
        let range = within(size, range);
        let size = range.end - range.start;
        let (chunk, rest) = spawn_blocking(move || Rest::open(path, range)?.read()).await??;
        Ok(Self { size, state: State::Ready(chunk, rest) })
    }
}

/// Reads some octets of a body at once, as far as its `size` reaches.
pub(super) async fn read_range(path: PathBuf, size: u64, range: Range<u64>) -> Result<Bytes, StoreError> {
    let read = move || {
        let mut rest = Rest::open(path, within(size, range))?;
        rest.take(rest.octets)
    };
    spawn_blocking(read).await?
}

/// What of a range lies within a body.
fn within(size: u64, range: Range<u64>) -> Range<u64> {
    let end = range.end.min(size);
    range.start.min(end)..end
}

impl Body for BodyReader {
    fn size(&self) -> u64 {
        self.size
    }

    async fn next(&mut self) -> Result<Option<Bytes>, StoreError> {
        loop {
            if let State::Reading(task) = &mut self.state {
                // Awaited in place: a caller that gives up half-way finds the task here when it comes back.
                self.state = match task.await.unwrap_or(Err(StoreError::Stopped)) {
                    Ok((chunk, rest)) => State::Ready(chunk, rest),
                    Err(error) => State::Failed(error),
                };
            }
            match mem::replace(&mut self.state, State::Failed(StoreError::Stopped)) {
                State::Ready(chunk, rest) => {
                    self.state = State::Idle(rest);
                    return Ok(Some(chunk).filter(|chunk| !chunk.is_empty()));
                }
                State::Idle(rest) if rest.octets == 0 => {
                    self.state = State::Idle(rest);
                    return Ok(None);
                }
                State::Idle(rest) => self.state = State::Reading(spawn_blocking(move || rest.read())),
                reading @ State::Reading(_) => self.state = reading,
                State::Failed(error) => {
                    self.state = State::Failed(error.clone());
                    return Err(error);
                }
            }
        }
    }
}

impl Rest {
    /// Blocks, as all of these do. A body that is cut short is found out before anybody is promised its octets.
    fn open(path: PathBuf, range: Range<u64>) -> Result<Self, StoreError> {
        let mut file = File::open(&path).map_err(StoreError::io("open", &path))?;
        let there = file.metadata().map_err(StoreError::io("look at", &path))?.len();
        if let Some(missing) = range.end.checked_sub(there).filter(|missing| *missing > 0) {
            return Err(StoreError::Truncated { path, missing });
        }
        if range.start > 0 {
            file.seek(SeekFrom::Start(range.start)).map_err(StoreError::io("seek in", &path))?;
        }
        Ok(Self { file, path, octets: range.end - range.start })
    }

    /// Reads the next chunk.
    fn read(mut self) -> Result<(Bytes, Self), StoreError> {
        Ok((self.take(self.octets.min(CHUNK))?, self))
    }

    fn take(&mut self, want: u64) -> Result<Bytes, StoreError> {
        let mut octets = Vec::with_capacity(want as usize);
        (&mut self.file).take(want).read_to_end(&mut octets).map_err(StoreError::io("read", &self.path))?;
        if (octets.len() as u64) < want {
            let missing = self.octets - octets.len() as u64;
            return Err(StoreError::Truncated { path: self.path.clone(), missing });
        }
        self.octets -= want;
        Ok(octets.into())
    }
}
