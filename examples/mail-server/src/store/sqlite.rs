//! The store that ships: bodies in files, everything about them in SQLite.

use std::{path::Path, sync::Arc, time::SystemTime};

use tokio::sync::Semaphore;
use tokio_codec::sasl::Secret;

use super::{
    Store,
    bodies::{Bodies, StoredBody},
    delivery::Deliver,
    directory::{self, AddAccount, RenewCredentials},
    envelope::{self, Envelope},
    error::{AddAccountError, DeliverError, FolderError, MaildropError, OpenError, StoreError},
    folder::{
        self, Append, Appended, Arrived, FolderInfo, FolderName, FolderStatus, Hub, NewMessage, SqliteFolder,
        Subscription,
        list::{self, Subscribe},
        tree::{Create, Delete, Rename},
    },
    incoming::SqliteIncoming,
    maildrop::{OpenMaildrops, SqliteMaildrop},
    open::{self, OpenMode, ServeLock},
    readers::Readers,
    schema,
    value::{Account, AccountId, Address, Delivered, Known, Recipient, Uid},
    writer::{Work, Writer},
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
    pub(super) hub: Hub,
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
            hub: Hub::default(),
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

    /// Makes a body durable.
    async fn stored(&self, incoming: SqliteIncoming) -> Result<StoredBody, StoreError> {
        let _permit = self.shared.syncs.acquire().await.map_err(|_| StoreError::Stopped)?;
        incoming.store().await
    }

    /// Has a name checked, and then something done with it.
    async fn write_name<W: Work<Output = Result<(), FolderError>>>(
        &self,
        name: &FolderName,
        work: W,
    ) -> Result<(), FolderError> {
        name.check()?;
        self.shared.writer.write(work).await?
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

    async fn credentials(&self, name: &str) -> Result<Known, StoreError> {
        let name = name.to_owned();
        self.shared.readers.read(move |database| directory::credentials(database, &name)).await
    }

    async fn renew_credentials(
        &self,
        account: AccountId,
        old: &Credentials,
        new: &Credentials,
    ) -> Result<(), StoreError> {
        self.shared.writer.write(RenewCredentials::new(account, old.clone(), new.clone())).await
    }

    async fn outdated_credentials(&self) -> Result<u32, StoreError> {
        self.shared.readers.read(directory::outdated).await
    }

    async fn login_secret(&self) -> Result<Secret, StoreError> {
        self.shared.readers.read(directory::login_secret).await
    }

    async fn incoming(&self) -> Result<SqliteIncoming, StoreError> {
        self.for_mail()?;
        Ok(SqliteIncoming::new(self.shared.bodies.clone()))
    }

    async fn deliver(
        &self,
        incoming: SqliteIncoming,
        envelope: Envelope,
        recipients: &[Recipient],
        received_at: SystemTime,
    ) -> Result<Vec<Result<Delivered, DeliverError>>, StoreError> {
        self.for_mail()?;
        let body = self.stored(incoming).await?;
        let received_at = schema::seconds(received_at);
        let work = Deliver::new(body, envelope, recipients.to_vec(), received_at, &self.shared.hub);
        self.shared.writer.write(work).await
    }

    async fn envelopes(
        &self,
        account: AccountId,
        name: &FolderName,
    ) -> Result<Vec<(Uid, Envelope)>, FolderError> {
        let name = name.clone();
        let query = move |database: &_| {
            let exists = folder::find(database, account, &name)?.is_some();
            exists.then(|| envelope::of_folder(database, account, &name)).transpose()
        };
        self.shared.readers.read(query).await?.ok_or(FolderError::NoSuchFolder)
    }

    async fn maildrop(&self, account: AccountId) -> Result<SqliteMaildrop, MaildropError> {
        self.for_mail()?;
        SqliteMaildrop::open(Arc::clone(&self.shared), account).await
    }

    async fn maildrop_to_read(&self, account: AccountId) -> Result<SqliteMaildrop, MaildropError> {
        self.for_mail()?;
        SqliteMaildrop::open_to_read(Arc::clone(&self.shared), account).await
    }

    async fn folders(&self, account: AccountId) -> Result<Vec<FolderInfo>, StoreError> {
        self.shared.readers.read(move |database| list::folders(database, account)).await
    }

    async fn create_folder(&self, account: AccountId, name: &FolderName) -> Result<(), FolderError> {
        self.write_name(name, Create::new(account, name.clone())).await
    }

    async fn delete_folder(&self, account: AccountId, name: &FolderName) -> Result<(), FolderError> {
        self.for_mail()?;
        if name.is_inbox() {
            return Err(FolderError::Inbox);
        }
        let Shared { bodies, hub, .. } = &*self.shared;
        self.shared.writer.write(Delete::new(account, name.clone(), bodies.clone(), hub)).await?
    }

    async fn rename_folder(
        &self,
        account: AccountId,
        from: &FolderName,
        to: &FolderName,
    ) -> Result<(), FolderError> {
        self.for_mail()?;
        self.write_name(to, Rename::new(account, from.clone(), to.clone(), &self.shared.hub)).await
    }

    async fn subscriptions(&self, account: AccountId) -> Result<Vec<FolderName>, StoreError> {
        self.shared.readers.read(move |database| list::subscriptions(database, account)).await
    }

    async fn subscribe(&self, account: AccountId, name: &FolderName) -> Result<(), FolderError> {
        let subscription = Subscription::Subscribed;
        self.write_name(name, Subscribe { account, name: name.clone(), subscription }).await
    }

    async fn unsubscribe(&self, account: AccountId, name: &FolderName) -> Result<(), FolderError> {
        let subscription = Subscription::NotSubscribed;
        let work = Subscribe { account, name: name.clone(), subscription };
        self.shared.writer.write(work).await?
    }

    async fn status(&self, account: AccountId, name: &FolderName) -> Result<FolderStatus, FolderError> {
        let (name, hub) = (name.clone(), self.shared.hub.clone());
        let query = move |database: &_| list::status(database, account, &name, &hub);
        self.shared.readers.read(query).await?.ok_or(FolderError::NoSuchFolder)
    }

    async fn append(
        &self,
        account: AccountId,
        name: &FolderName,
        messages: Vec<NewMessage<SqliteIncoming>>,
    ) -> Result<Appended, FolderError> {
        self.for_mail()?;
        let mut arrived = Vec::with_capacity(messages.len());
        for NewMessage { incoming, flags, internal_date } in messages {
            arrived.push(Arrived { body: self.stored(incoming).await?, flags, internal_date });
        }
        let work = Append::new(account, name.clone(), arrived, &self.shared.hub);
        self.shared.writer.write(work).await?
    }

    async fn open_folder(&self, account: AccountId, name: &FolderName) -> Result<SqliteFolder, FolderError> {
        self.for_mail()?;
        SqliteFolder::open(Arc::clone(&self.shared), account, name.clone()).await
    }
}
