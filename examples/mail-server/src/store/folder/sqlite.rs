//! A folder of the store that ships.

use std::ops::Range;

use bytes::Bytes;
use imap_proto::{Flags, StoreAction, mailbox::Mailbox};

use super::{Copied, Facts, FlagsStored, Folder, FolderName, Watch};
use crate::store::{
    BodyReader, Uid,
    error::{FolderError, StoreError},
};

/// A folder of a [`SqliteStore`](crate::store::SqliteStore).
#[derive(Debug, Clone)]
pub struct SqliteFolder {
    mailbox: std::sync::Arc<std::sync::Mutex<Mailbox<Flags>>>,
    changed: tokio::sync::watch::Sender<()>,
}

impl Folder for SqliteFolder {
    type Body = BodyReader;

    fn with<T>(&self, look: impl FnOnce(&mut Mailbox<Flags>) -> T) -> T {
        look(&mut self.mailbox.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    fn watch(&self) -> Watch {
        self.changed.subscribe().into()
    }

    async fn store_flags(
        &self,
        _: Vec<Uid>,
        _: StoreAction,
        _: Flags,
        _: Option<u64>,
    ) -> Result<FlagsStored, StoreError> {
        Err(StoreError::Stopped)
    }

    async fn copy_to(&self, _: Vec<Uid>, _: &FolderName) -> Result<Copied, FolderError> {
        Err(StoreError::Stopped.into())
    }

    async fn move_to(&self, _: Vec<Uid>, _: &FolderName) -> Result<Copied, FolderError> {
        Err(StoreError::Stopped.into())
    }

    async fn expunge(&self, _: Vec<Uid>) -> Result<Vec<Uid>, StoreError> {
        Err(StoreError::Stopped)
    }

    async fn facts(&self, _: Vec<Uid>) -> Result<Vec<Facts>, StoreError> {
        Err(StoreError::Stopped)
    }

    async fn body(&self, _: Uid) -> Result<BodyReader, StoreError> {
        Err(StoreError::Stopped)
    }

    async fn body_range(&self, _: Uid, _: Range<u64>) -> Result<BodyReader, StoreError> {
        Err(StoreError::Stopped)
    }

    async fn read_range(&self, _: Uid, _: Range<u64>) -> Result<Bytes, StoreError> {
        Err(StoreError::Stopped)
    }

    async fn kept_summaries(&self, _: Vec<Uid>, _: u32) -> Result<Vec<(Uid, Bytes)>, StoreError> {
        Err(StoreError::Stopped)
    }

    async fn kept_text(&self, _: Uid, _: u32) -> Result<Option<Bytes>, StoreError> {
        Err(StoreError::Stopped)
    }

    async fn keep(&self, _: Uid, _: u32, _: Bytes, _: Option<Bytes>) -> Result<(), StoreError> {
        Err(StoreError::Stopped)
    }
}
