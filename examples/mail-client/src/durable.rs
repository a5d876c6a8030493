//! Files that are there whole after a crash, or not at all.
use std::{
    fs::{self, File, OpenOptions},
    io::{self, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// Options for a file that its owner alone may read: it holds mail, or tells of it.
pub(crate) fn private() -> OpenOptions {
    let mut options = File::options();
    options.mode(0o600);
    options
}

/// Replaces a file: a reader sees the old octets or the new ones, also after a crash.
pub(crate) fn replace(path: &Path, octets: &[u8]) -> io::Result<()> {
    let beside = with_suffix(path, ".new");
    let mut file = private().write(true).create(true).truncate(true).open(&beside)?;
    file.write_all(octets)?;
    file.sync_all()?;
    fs::rename(&beside, path)?;
    sync_folder(folder_of(path))
}

/// Makes what was created in a folder, or renamed into it, durable.
pub(crate) fn sync_folder(folder: &Path) -> io::Result<()> {
    File::open(folder)?.sync_all()
}

/// The folder of a file.
pub(crate) fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    }
}

/// `inbox` and `.lock`: `inbox.lock`.
pub(crate) fn with_suffix(path: &Path, suffix: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}
