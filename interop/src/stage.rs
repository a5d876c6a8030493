//! What a scenario gets to work with.

use std::cell::RefCell;
use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use crate::failure::Outcome;
use crate::folder::Folder;
use crate::target::Subject;

/// A folder of its own, the server's binary and a place for notes.
pub(crate) struct Stage {
    mail_server: PathBuf,
    subject: Subject,
    folder: Folder,
    notes: RefCell<Vec<String>>,
}

impl Stage {
    pub(crate) fn new(mail_server: &Path, subject: Subject) -> Outcome<Self> {
        let (mail_server, folder) = (mail_server.to_owned(), Folder::create()?);
        Ok(Self { mail_server, subject, folder, notes: RefCell::default() })
    }

    /// Which server the IMAP scenarios run against.
    pub(crate) fn subject(&self) -> Subject {
        self.subject
    }

    pub(crate) fn mail_server(&self) -> &Path {
        &self.mail_server
    }

    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The path of a file of this scenario.
    pub(crate) fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.folder().join(name)
    }

    /// Writes a file of this scenario and returns its path.
    pub(crate) fn write(&self, name: &str, content: impl AsRef<[u8]>) -> Outcome<PathBuf> {
        let path = self.path(name);
        std::fs::write(&path, content)?;
        Ok(path)
    }

    /// Writes a file that holds a password: programs insist that nobody else may read it.
    pub(crate) fn write_private(&self, name: &str, content: impl AsRef<[u8]>) -> Outcome<PathBuf> {
        let path = self.write(name, content)?;
        std::fs::set_permissions(&path, Permissions::from_mode(0o600))?;
        Ok(path)
    }

    /// Adds a remark to the scenario's line of the report: a count, a measurement.
    pub(crate) fn note(&self, text: impl Into<String>) {
        self.notes.borrow_mut().push(text.into());
    }

    pub(crate) fn notes(&self) -> Vec<String> {
        self.notes.borrow().clone()
    }

    /// The logs that servers of this scenario wrote: each keeps its own at the top of the folder.
    pub(crate) fn logs(&self) -> Vec<PathBuf> {
        let entries = std::fs::read_dir(self.folder()).into_iter().flatten().flatten();
        let mut logs: Vec<PathBuf> = entries
            .map(|entry| entry.path())
            .filter(|path| path.extension().is_some_and(|extension| extension == "log"))
            .collect();
        logs.sort();
        logs
    }

    pub(crate) fn remove(self) -> std::io::Result<()> {
        self.folder.remove()
    }
}
