//! The store that ships: bodies in files, everything about them in SQLite.

use std::{path::Path, sync::Arc, time::SystemTime};

use tokio::sync::Semaphore;

use super::{
    Store,
    bodies::Bodies,
    delivery::Deliver,
    directory::{self, AddAccount},
    error::{AddAccountError, DeliverError, FolderError, MaildropError, OpenError, StoreError},
    folder::{Appended, FolderInfo, FolderName, FolderStatus, NewMessage, SqliteFolder},
    incoming::SqliteIncoming,
    maildrop::{OpenMaildrops, SqliteMaildrop},
    open::{self, OpenMode, ServeLock},
    readers::Readers,
    schema,
    value::{Account, AccountId, Address, Delivered, Recipient},
    writer::Writer,
};
use crate::accounts::Credentials;

/// How many bodies are being synced at once. Each takes a thread; file systems join syncs that come together.
const SYNCS: usize = 64;

/// A [`Store`] in a folder of its own.
///
/// A message is durable before [`Store::deliver`] answers, step by step so that a crash at any point leaves
/// either the whole message or none: the body is written to `spool/` and synced, renamed into `bodies/`, that
/// folder is synced, and then the rows that refer to it are committed. What a crash leaves between two steps
/// is a file that no row refers to, and goes when the next server opens the store.
///
/// Deliveries that arrive together share one commit.
#[derive(Debug, Clone)]
pub struct SqliteStore {
    shared: Arc<Shared>,
}

/// What all handles, and the maildrops they opened, share. The fields are dropped in this order: the lock
/// goes when the writer is done.
#[derive(Debug)]
pub(super) struct Shared {
    pub(super) writer: Writer,
    pub(super) readers: Readers,
    pub(super) bodies: Bodies,
    pub(super) maildrops: OpenMaildrops,
    syncs: Semaphore,
    mode: OpenMode,
    _lock: Option<ServeLock>,
}

impl SqliteStore {
    /// Opens the store in the folder `dir`, or makes it there.
    ///
    /// This blocks, for a while where a crash left much behind or there are many bodies: call it before
    /// serving. When the last handle is dropped, that too waits: for the commits under way.
    ///
    /// # Errors
    ///
    /// [`OpenError::InUse`] when another server has the store; otherwise when it cannot be read or written.
    pub fn open(dir: &Path, mode: OpenMode) -> Result<Self, OpenError> {
        let opened = open::open(dir, mode)?;
        let writer = Writer::start(opened.connection).map_err(StoreError::io("start the writer of", dir))?;
        let shared = Shared {
            writer,
            readers: Readers::new(&open::database(dir)),
            bodies: opened.bodies,
            maildrops: OpenMaildrops::default(),
            syncs: Semaphore::new(SYNCS),
            mode,
            _lock: opened.lock,
        };
        Ok(Self { shared: Arc::new(shared) })
    }

    /// How many commits this handle and its clones have made. Fewer than deliveries, when those come
    /// together.
    pub fn commits(&self) -> u64 {
        self.shared.writer.commits()
    }

    /// Fails unless the store was opened for mail: without the lock, another server's start would clear away
    /// what is being delivered here.
    fn for_mail(&self) -> Result<(), StoreError> {
        match self.shared.mode {
            OpenMode::Serve => Ok(()),
            OpenMode::Admin => Err(StoreError::AdminOnly),
        }
    }
}

impl Store for SqliteStore {
    type Incoming = SqliteIncoming;
    type Maildrop = SqliteMaildrop;
    type Folder = SqliteFolder;

    async fn account(&self, address: &Address) -> Result<Option<AccountId>, StoreError> {
        let address = address.clone();
        self.shared.readers.read(move |database| directory::find(database, &address)).await
    }

    async fn has_domain(&self, domain: &str) -> Result<bool, StoreError> {
        let domain = domain.to_ascii_lowercase();
        self.shared.readers.read(move |database| directory::has_domain(database, &domain)).await
    }

    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.shared.readers.read(directory::list).await
    }

    async fn add_account(
        &self,
        address: &Address,
        credentials: &Credentials,
    ) -> Result<AccountId, AddAccountError> {
        let work = AddAccount::new(address.clone(), credentials.clone());
        self.shared.writer.write(work).await?.ok_or(AddAccountError::Exists)
    }

    async fn credentials(&self, name: &str) -> Result<Option<(Account, Credentials)>, StoreError> {
        let name = name.to_owned();
        self.shared.readers.read(move |database| directory::credentials(database, &name)).await
    }

    async fn incoming(&self) -> Result<SqliteIncoming, StoreError> {
        self.for_mail()?;
        Ok(SqliteIncoming::new(self.shared.bodies.clone()))
    }

    async fn deliver(
        &self,
        incoming: SqliteIncoming,
        recipients: &[Recipient],
        received_at: SystemTime,
    ) -> Result<Vec<Result<Delivered, DeliverError>>, StoreError> {
        self.for_mail()?;
        let body = {
            let _permit = self.shared.syncs.acquire().await.map_err(|_| StoreError::Stopped)?;
            incoming.store().await?
        };
        let work = Deliver::new(body, recipients.to_vec(), schema::seconds(received_at));
        self.shared.writer.write(work).await
    }

    async fn maildrop(&self, account: AccountId) -> Result<SqliteMaildrop, MaildropError> {
        self.for_mail()?;
        SqliteMaildrop::open(Arc::clone(&self.shared), account).await
    }

    async fn folders(&self, _: AccountId) -> Result<Vec<FolderInfo>, StoreError> {
        Err(StoreError::Stopped)
    }

    async fn create_folder(&self, _: AccountId, _: &FolderName) -> Result<(), FolderError> {
        Err(StoreError::Stopped.into())
    }

    async fn delete_folder(&self, _: AccountId, _: &FolderName) -> Result<(), FolderError> {
        Err(StoreError::Stopped.into())
    }

    async fn rename_folder(&self, _: AccountId, _: &FolderName, _: &FolderName) -> Result<(), FolderError> {
        Err(StoreError::Stopped.into())
    }

    async fn subscriptions(&self, _: AccountId) -> Result<Vec<FolderName>, StoreError> {
        Err(StoreError::Stopped)
    }

    async fn subscribe(&self, _: AccountId, _: &FolderName) -> Result<(), FolderError> {
        Err(StoreError::Stopped.into())
    }

    async fn unsubscribe(&self, _: AccountId, _: &FolderName) -> Result<(), FolderError> {
        Err(StoreError::Stopped.into())
    }

    async fn status(&self, _: AccountId, _: &FolderName) -> Result<FolderStatus, FolderError> {
        Err(StoreError::Stopped.into())
    }

    async fn append(
        &self,
        _: AccountId,
        _: &FolderName,
        _: Vec<NewMessage<SqliteIncoming>>,
    ) -> Result<Appended, FolderError> {
        Err(StoreError::Stopped.into())
    }

    async fn open_folder(&self, _: AccountId, _: &FolderName) -> Result<SqliteFolder, FolderError> {
        Err(StoreError::Stopped.into())
    }
}
