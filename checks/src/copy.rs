//! A copy of the tree, in which code can be deleted while the tree itself stays as it is.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Makes `to` a copy of the tree at `root`: what git tracks there and what it would add, as it is now.
///
/// Files that are equal are left alone, so that cargo does not build again what did not change.
///
/// # Errors
///
/// If git cannot list the files, and as copying them.
pub fn copy(root: &Path, to: &Path) -> io::Result<()> {
    let files = listed(root)?;
    for file in &files {
        let contents = fs::read(root.join(file))?;
        let copy = to.join(file);
        if fs::read(&copy).ok().as_deref() != Some(contents.as_slice()) {
            if let Some(folder) = copy.parent() {
                fs::create_dir_all(folder)?;
            }
            fs::write(&copy, contents)?;
        }
    }
    if to.exists() {
        remove_others(to, Path::new(""), &files)?;
    }
    Ok(())
}

fn listed(root: &Path) -> io::Result<BTreeSet<PathBuf>> {
    let output = Command::new("git")
        // A checkout may be another user's, as in a container.
        .args(["-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()?;
    if !output.status.success() {
        return Err(io::Error::other(format!(
            "git ls-files: {}",
            String::from_utf8_lossy(&output.stderr).trim()
        )));
    }
    let names = String::from_utf8_lossy(&output.stdout).into_owned();
    // A file that was deleted, but not in git yet, is listed.
    Ok(names.split_terminator('\0').map(PathBuf::from).filter(|file| root.join(file).is_file()).collect())
}

/// What was deleted in the tree since, and what tests have left behind. Cargo's lock stays.
fn remove_others(to: &Path, folder: &Path, files: &BTreeSet<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(to.join(folder))? {
        let entry = entry?;
        let path = folder.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            remove_others(to, &path, files)?;
        } else if !files.contains(&path) && entry.file_name() != "Cargo.lock" {
            fs::remove_file(entry.path())?;
        }
    }
    Ok(())
}
