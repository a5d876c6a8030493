//! A message on its way out, read from its file.

use std::{fs::File, io::Read, mem, path::PathBuf};

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
    pub(super) async fn open(path: PathBuf, size: u64) -> Result<Self, StoreError> {
        let (chunk, rest) = spawn_blocking(move || {
            let file = File::open(&path).map_err(StoreError::io("open", &path))?;
            Rest { file, path, octets: size }.read()
        })
        .await??;
        Ok(Self { size, state: State::Ready(chunk, rest) })
    }
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
    /// Reads the next chunk. Blocks.
    fn read(mut self) -> Result<(Bytes, Self), StoreError> {
        let want = self.octets.min(CHUNK);
        let mut chunk = Vec::with_capacity(want as usize);
        (&mut self.file).take(want).read_to_end(&mut chunk).map_err(StoreError::io("read", &self.path))?;
        if (chunk.len() as u64) < want {
            let missing = self.octets - chunk.len() as u64;
            return Err(StoreError::Truncated { path: self.path, missing });
        }
        self.octets -= want;
        Ok((chunk.into(), self))
    }
}
