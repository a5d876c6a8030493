//! An mbox that nobody else writes.
//!
//! Locked as most programs expect it: a lock of the system first (`fcntl`), then a file beside it (`.lock`).
use super::super::store::StoreError;
use crate::durable;
use rustix::{
    fs::{FlockOperation, fcntl_lock},
    io::Errno,
    system::uname,
};
use std::{
    fs::{self, File},
    io::{self, Write},
    os::unix::fs::MetadataExt,
    path::{Path, PathBuf},
    thread,
    time::{Duration, Instant},
};

/// Waits no longer for another program.
const PATIENCE: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(100);

/// An mbox that nobody else writes, until this is dropped.
#[derive(Debug)]
pub(super) struct Locked {
    pub(super) file: File,
    dot_lock: PathBuf,
}

impl Locked {
    /// Opens an mbox and locks it. It is created where there is none.
    pub(super) fn open(path: &Path) -> Result<Self, StoreError> {
        let failed = |source| StoreError::of(path, source);
        let deadline = Instant::now() + PATIENCE;
        let wait = || {
            let in_time = Instant::now() < deadline;
            thread::sleep(PAUSE);
            if in_time { Ok(()) } else { Err(StoreError::Locked(path.to_owned())) }
        };
        let file = loop {
            let is_new = !path.exists();
            let mut options = durable::private();
            // Never cut: what another program wrote stays.
            let file =
                options.read(true).write(true).create(true).truncate(false).open(path).map_err(failed)?;
            if is_new {
                durable::sync_folder(durable::folder_of(path)).map_err(failed)?;
            }
            match fcntl_lock(&file, FlockOperation::NonBlockingLockExclusive) {
                // Another program may have put a new file in its place meanwhile.
                Ok(()) if is_same(&file, path).map_err(failed)? => break file,
                Ok(()) => {}
                Err(Errno::AGAIN | Errno::ACCESS) => wait()?,
                Err(error) => return Err(failed(error.into())),
            }
        };
        let dot_lock = durable::with_suffix(path, ".lock");
        let failed = |source| StoreError::of(&dot_lock, source);
        loop {
            match create(path, &dot_lock) {
                Ok(()) => return Ok(Self { file, dot_lock }),
                // Who wrote this held the other lock too, and no longer does: it has died.
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => match fs::read(&dot_lock) {
                    Ok(found) if found == words().as_bytes() => fs::remove_file(&dot_lock).map_err(failed)?,
                    _ => wait()?,
                },
                Err(error) => return Err(failed(error)),
            }
        }
    }
}

impl Drop for Locked {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.dot_lock);
    }
}

/// Creates the file beside an mbox, with its words in it from the first: without them, nobody knew whose it is. Another
/// `mail pop` does not come here at the same time: it has not got the other lock.
fn create(path: &Path, dot_lock: &Path) -> io::Result<()> {
    let unnamed = durable::with_suffix(path, ".pop-lock");
    let mut lock = durable::private().write(true).create(true).truncate(true).open(&unnamed)?;
    lock.write_all(words().as_bytes())?;
    let created = fs::hard_link(&unnamed, dot_lock);
    let _ = fs::remove_file(&unnamed);
    created
}

/// What this program says in the file beside an mbox, on this machine.
fn words() -> String {
    format!("mail-pop {}\n", uname().nodename().to_string_lossy())
}

fn is_same(file: &File, path: &Path) -> io::Result<bool> {
    let here = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((here.dev(), here.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}
