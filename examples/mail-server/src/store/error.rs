//! What can go wrong in a store.

use std::{
    io,
    path::{Path, PathBuf},
    sync::Arc,
};

use thiserror::Error;

use super::folder::InvalidFolderName;

/// The store could not do its work. All of these are temporary as far as a mail client is concerned.
#[derive(Debug, Clone, Error)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk, or the quota, is full.
    #[error("no space left in the mail store")]
    Full,
    /// A file or folder could not be worked on.
    #[error("cannot {action} {}", path.display())]
    Io {
        /// What was tried.
        action: &'static str,
        /// On which file or folder.
        path: PathBuf,
        /// What the system said.
        source: Arc<io::Error>,
    },
    /// The database failed.
    #[error("mail database failed")]
    Database(#[source] Arc<rusqlite::Error>),
    /// A body on disk is shorter than it was when it was delivered.
    #[error("body {} ends {missing} octets early", path.display())]
    Truncated {
        /// The body.
        path: PathBuf,
        /// How many octets are gone.
        missing: u64,
    },
    /// An earlier write of this message failed, and the message with it.
    #[error("message was lost when an earlier write failed")]
    Lost,
    /// The message is not in the listing.
    #[error("no such message")]
    NoSuchMessage,
    /// The folder was deleted while it was open.
    #[error("folder was deleted")]
    NoSuchFolder,
    /// The store was opened for administration, and takes and gives no mail.
    #[error("store was opened for administration, not for mail")]
    AdminOnly,
    /// The maildrop was opened to be read.
    #[error("maildrop was opened to be read alone")]
    ReadOnly,
    /// The store is shutting down, or its writer has died.
    #[error("mail store has stopped")]
    Stopped,
}

impl StoreError {
    /// Is it that a message cannot be read, while others may be?
    pub fn is_of_message(&self) -> bool {
        matches!(self, Self::Io { .. } | Self::Truncated { .. })
    }

    /// Returns what turns an I/O error into one of these, for `map_err`.
    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| match source.kind() {
            io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => Self::Full,
            _ => Self::Io { action, path: path.to_owned(), source: Arc::new(source) },
        }
    }
}

impl From<rusqlite::Error> for StoreError {
    fn from(error: rusqlite::Error) -> Self {
        match error.sqlite_error_code() {
            Some(rusqlite::ErrorCode::DiskFull) => Self::Full,
            _ => Self::Database(Arc::new(error)),
        }
    }
}

/// A blocking task ends early only when the runtime goes down, or when it panics.
impl From<tokio::task::JoinError> for StoreError {
    fn from(_: tokio::task::JoinError) -> Self {
        Self::Stopped
    }
}

/// Why a store could not be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum OpenError {
    /// Another server has it.
    #[error("another server is running on {}", dir.display())]
    InUse {
        /// The store's folder.
        dir: PathBuf,
    },
    /// It was written by a later version of this program.
    #[error("store is of version {found}, this program knows up to {known}")]
    NewerSchema {
        /// The version it has.
        found: u32,
        /// The latest version this program knows.
        known: u32,
    },
    /// It could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<rusqlite::Error> for OpenError {
    fn from(error: rusqlite::Error) -> Self {
        Self::Store(error.into())
    }
}

/// Why an account was not added.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum AddAccountError {
    /// The address is taken.
    #[error("account already exists")]
    Exists,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why one recipient of a message did not get it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum DeliverError {
    /// The account is gone.
    #[error("no such account")]
    NoSuchAccount,
    /// The account has no such folder.
    #[error("no such folder")]
    NoSuchFolder,
}

/// Why something was not done with a folder.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FolderError {
    /// There is none of this name: whoever wants to add messages to it may create it (`[TRYCREATE]`).
    #[error("no such folder")]
    NoSuchFolder,
    /// There is one of this name already.
    #[error("folder already exists")]
    Exists,
    /// No folder can have this name.
    #[error("{0}")]
    InvalidName(#[from] InvalidFolderName),
    /// It has inferior names, and so it cannot be deleted.
    #[error("folder has inferior names")]
    HasChildren,
    /// It is the INBOX, which cannot be deleted.
    #[error("the INBOX cannot be deleted")]
    Inbox,
    /// It would become an inferior of itself.
    #[error("a folder cannot become its own inferior")]
    OwnInferior,
    /// The name is not subscribed.
    #[error("name is not subscribed")]
    NotSubscribed,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Why a maildrop could not be opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum MaildropError {
    /// Another session has it.
    #[error("maildrop is in use by another session")]
    InUse,
    /// The account is gone.
    #[error("no such account")]
    NoSuchAccount,
    /// The store could not do it.
    #[error(transparent)]
    Store(#[from] StoreError),
}
