//! The few things the store asks of a file system.
//!
//! A new name in a folder is durable only when the folder itself was synced, so [`sync_dir`] follows each
//! rename.

use std::{
    fs::{self, DirBuilder, File, OpenOptions},
    io,
    path::Path,
};

use super::error::StoreError;

/// Makes a folder that only its owner can enter, and its parents; no error when it is there already.
pub(super) fn create_private_dir(path: &Path) -> Result<(), StoreError> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path).map_err(StoreError::io("create folder", path))
}

/// The same, and makes the names of all that was new durable.
///
/// Without that, a power cut takes a new store away with all that it had acknowledged.
pub(super) fn create_private_dir_durably(path: &Path) -> Result<(), StoreError> {
    let new: Vec<&Path> = path.ancestors().take_while(|dir| is_named(dir) && !dir.exists()).collect();
    create_private_dir(path)?;
    new.into_iter().try_for_each(|dir| sync_dir(parent(dir)))
}

/// The folder that holds the name of `path`.
fn parent(path: &Path) -> &Path {
    path.parent().filter(|parent| is_named(parent)).unwrap_or(Path::new("."))
}

/// The parent of a bare name is the empty path, which the system does not know.
fn is_named(path: &Path) -> bool {
    !path.as_os_str().is_empty()
}

/// Makes an empty file that only its owner can read; no error when it is there already.
///
/// SQLite would make it as open as the process's umask lets it.
pub(super) fn touch_private_file(path: &Path) -> Result<(), StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map(drop).map_err(StoreError::io("create", path))
}

/// Makes a file that was not there, and that only its owner can read.
pub(super) fn create_private_file(path: &Path) -> Result<File, StoreError> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path).map_err(StoreError::io("create", path))
}

/// Makes the names in a folder durable.
pub(super) fn sync_dir(path: &Path) -> Result<(), StoreError> {
    // Elsewhere a folder cannot be opened, and a rename is as durable as the file system makes it.
    #[cfg(unix)]
    File::open(path).and_then(|dir| dir.sync_all()).map_err(StoreError::io("sync folder", path))?;
    #[cfg(not(unix))]
    let _ = path;
    Ok(())
}

/// Removes a file; no error when it is gone already.
pub(super) fn remove_file(path: &Path) -> Result<(), StoreError> {
    match fs::remove_file(path) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(StoreError::io("remove", path)(error)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bare_name_lies_in_the_working_folder() {
        assert_eq!(parent(Path::new("mail-data")), Path::new("."));
        assert_eq!(parent(Path::new("var/mail-data")), Path::new("var"));
        assert_eq!(parent(Path::new("/mail-data")), Path::new("/"));
    }
}
