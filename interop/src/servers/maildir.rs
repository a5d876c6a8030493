//! A Maildir that a server delivers to.

use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use super::PATIENCE;
use crate::failure::{Outcome, ensure};

/// Waits until the Maildir of `whom` has `count` messages and returns them, in the order of their delivery.
pub(super) fn delivered(maildir: &Path, whom: &str, count: usize) -> Outcome<Vec<Vec<u8>>> {
    let new = maildir.join("new");
    let deadline = Instant::now() + PATIENCE;
    loop {
        let files = files(&new);
        if files.len() >= count {
            ensure!(files.len() == count, "{whom} has {} messages and not {count}", files.len());
            return files.iter().map(|file| Ok(std::fs::read(file)?)).collect();
        }
        ensure!(Instant::now() < deadline, "{} of {count} messages reached {whom}", files.len());
        thread::sleep(Duration::from_millis(20));
    }
}

/// The files of a folder that may not be there yet. The names in a Maildir begin with the time.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.sort();
    files
}
