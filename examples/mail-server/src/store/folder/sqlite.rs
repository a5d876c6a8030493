//! A folder of the store that ships.

use std::{ops::Range, path::PathBuf, sync::Arc};

use bytes::Bytes;
use imap_proto::{Flags, StoreAction, mailbox::Mailbox};
use rusqlite::Connection;

use super::{
    Copied, Facts, FlagsStored, Folder, FolderName, Watch,
    derived::{self, Keep},
    facts::{self, Lookup},
    hub::{OpenFolder, SaveRecent},
    load,
    store_flags::StoreFlags,
    transfer::{Transfer, TransferKind},
};
use crate::store::{
    AccountId, BodyReader, Uid,
    error::{FolderError, StoreError},
    expunge::{Expunge, Which},
    reader,
    sqlite::Shared,
};

/// A folder of a [`SqliteStore`](crate::store::SqliteStore). The mailbox that is shared takes 12 octets and the flags a
/// message; a handle is two pointers.
#[derive(Debug, Clone)]
pub struct SqliteFolder {
    store: Arc<Shared>,
    open: Arc<OpenFolder>,
}

impl SqliteFolder {
    pub(in crate::store) async fn open(
        store: Arc<Shared>,
        account: AccountId,
        name: FolderName,
    ) -> Result<Self, FolderError> {
        let found = store.readers.read(move |database| load::find(database, account, &name)).await?;
        let (folder, _) = found.ok_or(FolderError::NoSuchFolder)?;
        // It listens before it is read, so that no commit falls between.
        let open = store.hub.open(folder, account);
        let load = async || {
            let mailbox = store.readers.read(move |database| load::read(database, folder)).await?;
            open.load(mailbox.ok_or(FolderError::NoSuchFolder)?);
            Ok::<_, FolderError>(())
        };
        open.loaded.get_or_try_init(load).await?;
        Ok(Self { store, open })
    }

    /// Asks the database about the folder.
    async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection, i64) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        self.open.check()?;
        let folder = self.open.id;
        self.store.readers.read(move |database| query(database, folder)).await
    }

    /// Where a message's body lies, and its size.
    async fn locate(&self, uid: Uid) -> Result<(PathBuf, u64), StoreError> {
        let found = self.read(move |database, folder| facts::body(database, folder, uid)).await?;
        let (name, size) = found.ok_or(StoreError::NoSuchMessage)?;
        Ok((self.store.bodies.path(name), size))
    }

    async fn transfer(
        &self,
        uids: Vec<Uid>,
        target: &FolderName,
        kind: TransferKind,
    ) -> Result<Copied, FolderError> {
        let OpenFolder { id, account, .. } = *self.open;
        let work = Transfer::new(id, account, target.clone(), uids, kind, &self.store.hub);
        self.store.writer.write(work).await?
    }
}

impl Folder for SqliteFolder {
    type Body = BodyReader;

    fn with<T>(&self, look: impl FnOnce(&mut Mailbox<Flags>) -> T) -> T {
        let (answer, is_news) = self.open.with(look);
        if is_news {
            self.store.writer.post(SaveRecent(Arc::clone(&self.open)));
        }
        answer
    }

    fn watch(&self) -> Watch {
        self.open.watch().into()
    }

    async fn store_flags(
        &self,
        uids: Vec<Uid>,
        action: StoreAction,
        flags: Flags,
        unchanged_since: Option<u64>,
    ) -> Result<FlagsStored, StoreError> {
        let work = StoreFlags::new(self.open.id, uids, action, &flags, unchanged_since, &self.store.hub);
        self.store.writer.write(work).await?.ok_or(StoreError::NoSuchFolder)
    }

    async fn copy_to(&self, uids: Vec<Uid>, target: &FolderName) -> Result<Copied, FolderError> {
        self.transfer(uids, target, TransferKind::Copy).await
    }

    async fn move_to(&self, uids: Vec<Uid>, target: &FolderName) -> Result<Copied, FolderError> {
        self.transfer(uids, target, TransferKind::Move).await
    }

    async fn expunge(&self, uids: Vec<Uid>) -> Result<Vec<Uid>, StoreError> {
        let Shared { bodies, hub, .. } = &*self.store;
        let work = Expunge::new(self.open.id, uids, Which::Deleted, bodies.clone(), hub);
        self.store.writer.write(work).await?.ok_or(StoreError::NoSuchFolder)
    }

    async fn facts(&self, uids: Vec<Uid>) -> Result<Vec<Facts>, StoreError> {
        self.read(move |database, folder| facts::read(database, folder, &Lookup::new(uids))).await
    }

    async fn body(&self, uid: Uid) -> Result<BodyReader, StoreError> {
        self.body_range(uid, 0..u64::MAX).await
    }

    async fn body_range(&self, uid: Uid, range: Range<u64>) -> Result<BodyReader, StoreError> {
        let (path, size) = self.locate(uid).await?;
        match BodyReader::open(path, size, range).await {
            // It may have gone between the two.
            Err(error) => Err(self.locate(uid).await.err().unwrap_or(error)),
            opened => opened,
        }
    }

    async fn read_range(&self, uid: Uid, range: Range<u64>) -> Result<Bytes, StoreError> {
        let (path, size) = self.locate(uid).await?;
        match reader::read_range(path, size, range).await {
            Err(error) => Err(self.locate(uid).await.err().unwrap_or(error)),
            read => read,
        }
    }

    async fn kept_summaries(&self, uids: Vec<Uid>, version: u32) -> Result<Vec<(Uid, Bytes)>, StoreError> {
        let query =
            move |database: &_, folder| derived::summaries(database, folder, &Lookup::new(uids), version);
        self.read(query).await
    }

    async fn kept_text(&self, uid: Uid, version: u32) -> Result<Option<Bytes>, StoreError> {
        self.read(move |database, folder| derived::text(database, folder, uid, version)).await
    }

    async fn keep(
        &self,
        uid: Uid,
        version: u32,
        summary: Bytes,
        text: Option<Bytes>,
    ) -> Result<(), StoreError> {
        self.open.check()?;
        let folder = self.open.id;
        self.store.writer.write(Keep { folder, uid, version, summary, text }).await
    }
}
