//! The mail store: accounts, their folders and the messages in them.
//!
//! The protocols see five traits, and any store that has them will do:
//!
//! - [`Store`] knows the accounts, takes messages in and opens maildrops;
//! - [`Incoming`] is a message that is still arriving, written as its octets come;
//! - [`Maildrop`] is one account's INBOX, held by one POP3 session;
//! - [`Folder`] is a folder that IMAP sessions share, and know all changes of;
//! - [`Body`] is a message on its way out, read chunk by chunk.
//!
//! [`SqliteStore`] is the one that ships: message bodies are plain files, everything about them is rows of
//! one SQLite database. Its folder looks so:
//!
//! ```text
//! mail.db        accounts, folders, messages, flags (and SQLite's -wal and -shm beside it)
//! serve.lock     held by the one server that runs
//! spool/         bodies that are still arriving; emptied when a server starts
//! bodies/3f/     bodies that were delivered, under the first two digits of their name
//! ```
//!
//! # Example
//!
//! ```
//! # use std::time::SystemTime;
//! # use imap_proto::mailbox::Recent;
//! # use mail_server::{accounts::Credentials, store::*};
//! # use tokio_codec::sasl::Secret;
//! # async fn example(dir: &std::path::Path) -> Result<(), Box<dyn std::error::Error>> {
//! let store = SqliteStore::open(dir, OpenMode::Serve)?;
//! let address: Address = "alice@example.org".parse()?;
//! let alice = store.add_account(&address, &Credentials::new(&Secret::copy_from(b"correct horse"))?).await?;
//!
//! let mut incoming = store.incoming().await?;
//! incoming.write("Subject: hello\r\n\r\nHello.\r\n".into()).await?;
//! let recipients = [Recipient::inbox(alice)];
//! let outcomes = store.deliver(incoming, Envelope::default(), &recipients, SystemTime::now()).await?;
//! assert!(outcomes[0].is_ok());
//!
//! let inbox = store.open_folder(alice, &FolderName::inbox()).await?;
//! let view = inbox.with(|mailbox| mailbox.open(Recent::Claim));
//! assert_eq!((view.exists(), view.recent()), (1, 1));
//!
//! let maildrop = store.maildrop(alice).await?;
//! let mut body = maildrop.open(&maildrop.messages()[0]).await?;
//! while let Some(chunk) = body.next().await? {
//!     println!("{} octets", chunk.len());
//! }
//! # Ok(())
//! # }
//! # let dir = std::env::temp_dir().join(format!("mail-store-doc-{}", std::process::id()));
//! # tokio::runtime::Runtime::new().unwrap().block_on(example(&dir)).unwrap();
//! # std::fs::remove_dir_all(dir).unwrap();
//! ```

mod bodies;
mod delivery;
mod directory;
mod disk;
mod envelope;
mod error;
mod expunge;
mod folder;
mod incoming;
mod maildrop;
mod open;
mod reader;
mod readers;
mod schema;
mod spool;
mod sqlite;
mod value;
mod writer;

use std::{future::Future, time::SystemTime};

use bytes::Bytes;

use tokio_codec::sasl::Secret;

use crate::accounts::Credentials;

pub use self::{
    envelope::Envelope,
    error::{AddAccountError, DeliverError, FolderError, MaildropError, OpenError, StoreError},
    folder::{
        Appended, BodyId, Copied, Facts, FlagsStored, Folder, FolderInfo, FolderName, FolderStatus,
        InvalidFolderName, NewMessage, SpecialUse, SqliteFolder, Subscription, Watch,
    },
    incoming::SqliteIncoming,
    maildrop::SqliteMaildrop,
    open::OpenMode,
    reader::BodyReader,
    sqlite::SqliteStore,
    value::{
        Account, AccountId, Address, Delivered, InvalidAddress, Known, Message, Recipient, Uid, UidValidity,
    },
};

/// Where mail lives: accounts, deliveries and maildrops.
///
/// A handle is cheap to clone and all clones are the same store. Every failure is an error that a server may
/// answer with "try again later"; nothing here panics when a disk is full.
pub trait Store: Clone + Send + Sync + 'static {
    /// A message that is still arriving.
    type Incoming: Incoming;
    /// An account's INBOX as a POP3 session sees it.
    type Maildrop: Maildrop;
    /// A folder as IMAP sessions see it.
    type Folder: Folder;

    /// Finds the account that receives mail for `address`.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn account(
        &self,
        address: &Address,
    ) -> impl Future<Output = Result<Option<AccountId>, StoreError>> + Send;

    /// Tells whether mail for `domain` is taken: whether any account is of it.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn has_domain(&self, domain: &str) -> impl Future<Output = Result<bool, StoreError>> + Send;

    /// Lists all accounts, by domain and then by local part.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn accounts(&self) -> impl Future<Output = Result<Vec<Account>, StoreError>> + Send;

    /// Adds an account with its INBOX and the folders that clients look for: Sent, Drafts, Trash, Junk,
    /// Archive.
    ///
    /// # Errors
    ///
    /// [`AddAccountError::Exists`] when the address is taken; otherwise when the store cannot be written.
    fn add_account(
        &self,
        address: &Address,
        credentials: &Credentials,
    ) -> impl Future<Output = Result<AccountId, AddAccountError>> + Send;

    /// Finds the account that a login name means, and what its password is checked against.
    ///
    /// The name is `local-part@domain`; where all accounts are of one domain, the local part will do. What a name
    /// means does not hang on who there is: else it would tell.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn credentials(&self, name: &str) -> impl Future<Output = Result<Known, StoreError>> + Send;

    /// Puts credentials in the place of `old`. Where the account has others by now, they stay.
    ///
    /// # Errors
    ///
    /// When the store cannot be written: then the old ones are still there.
    fn renew_credentials(
        &self,
        account: AccountId,
        old: &Credentials,
        new: &Credentials,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Tells how many accounts have credentials that are [outdated](Credentials::is_outdated).
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn outdated_credentials(&self) -> impl Future<Output = Result<u32, StoreError>> + Send;

    /// Octets that nobody else knows, always the same: what names that no account has are told of their keys is made
    /// of them.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn login_secret(&self) -> impl Future<Output = Result<Secret, StoreError>> + Send;

    /// Begins a message.
    ///
    /// # Errors
    ///
    /// When the store takes no mail.
    fn incoming(&self) -> impl Future<Output = Result<Self::Incoming, StoreError>> + Send;

    /// Puts a message into the folder of each recipient, with what was said of it beside, and answers when both are
    /// durable.
    ///
    /// The outcomes stand in the order of `recipients`. A recipient whose account or folder is gone fails
    /// alone. When the future is dropped early, the message may or may not be delivered.
    ///
    /// # Errors
    ///
    /// When the message could not be stored: then no recipient has it.
    fn deliver(
        &self,
        incoming: Self::Incoming,
        envelope: Envelope,
        recipients: &[Recipient],
        received_at: SystemTime,
    ) -> impl Future<Output = Result<Vec<Result<Delivered, DeliverError>>, StoreError>> + Send;

    /// Tells the envelopes of the messages in a folder, by UID. What IMAP appended has none.
    ///
    /// # Errors
    ///
    /// [`FolderError::NoSuchFolder`], or [`FolderError::Store`].
    fn envelopes(
        &self,
        account: AccountId,
        name: &FolderName,
    ) -> impl Future<Output = Result<Vec<(Uid, Envelope)>, FolderError>> + Send;

    /// Opens an account's maildrop, which no one else can open until this one is dropped ([RFC 1939 §4]).
    ///
    /// # Errors
    ///
    /// [`MaildropError::InUse`] while another session has it; otherwise when the store cannot be read.
    ///
    /// [RFC 1939 §4]: https://www.rfc-editor.org/rfc/rfc1939#section-4
    fn maildrop(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Self::Maildrop, MaildropError>> + Send;

    /// Opens an account's maildrop to be read, whoever else has it open. Nothing is deleted through it.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn maildrop_to_read(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Self::Maildrop, MaildropError>> + Send;

    /// Lists the folders of an account, by name. All superior levels of a folder are folders.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn folders(&self, account: AccountId)
    -> impl Future<Output = Result<Vec<FolderInfo>, StoreError>> + Send;

    /// Makes a folder, and those above it that are missing ([RFC 9051 §6.3.4]). It has a UIDVALIDITY that no folder
    /// ever had.
    ///
    /// # Errors
    ///
    /// [`FolderError::Exists`], [`FolderError::InvalidName`], or [`FolderError::Store`]: then none was made.
    ///
    /// [RFC 9051 §6.3.4]: https://www.rfc-editor.org/rfc/rfc9051#section-6.3.4
    fn create_folder(
        &self,
        account: AccountId,
        name: &FolderName,
    ) -> impl Future<Output = Result<(), FolderError>> + Send;

    /// Deletes a folder with all its messages ([RFC 9051 §6.3.5]). Its name stays subscribed.
    ///
    /// One that has inferior names is not deleted: RFC 9051 would let it live on as a name without messages, which
    /// no client expects any more.
    ///
    /// # Errors
    ///
    /// [`FolderError::NoSuchFolder`], [`FolderError::Inbox`], [`FolderError::HasChildren`], or
    /// [`FolderError::Store`]: then all is as it was.
    ///
    /// [RFC 9051 §6.3.5]: https://www.rfc-editor.org/rfc/rfc9051#section-6.3.5
    fn delete_folder(
        &self,
        account: AccountId,
        name: &FolderName,
    ) -> impl Future<Output = Result<(), FolderError>> + Send;

    /// Gives a folder and all below it another name, and makes the folders above that are missing
    /// ([RFC 9051 §6.3.6]). Subscriptions stay with the names.
    ///
    /// The INBOX stays: its messages move to a new folder of that name.
    ///
    /// # Errors
    ///
    /// [`FolderError::NoSuchFolder`], [`FolderError::Exists`], [`FolderError::InvalidName`],
    /// [`FolderError::OwnInferior`], or [`FolderError::Store`]: then all is as it was.
    ///
    /// [RFC 9051 §6.3.6]: https://www.rfc-editor.org/rfc/rfc9051#section-6.3.6
    fn rename_folder(
        &self,
        account: AccountId,
        from: &FolderName,
        to: &FolderName,
    ) -> impl Future<Output = Result<(), FolderError>> + Send;

    /// Lists the names that an account has subscribed to, in order; there need not be such folders
    /// ([RFC 9051 §6.3.7]).
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    ///
    /// [RFC 9051 §6.3.7]: https://www.rfc-editor.org/rfc/rfc9051#section-6.3.7
    fn subscriptions(
        &self,
        account: AccountId,
    ) -> impl Future<Output = Result<Vec<FolderName>, StoreError>> + Send;

    /// Subscribes to a name. To subscribe to it again is no error.
    ///
    /// # Errors
    ///
    /// [`FolderError::InvalidName`], or when the store cannot be written.
    fn subscribe(
        &self,
        account: AccountId,
        name: &FolderName,
    ) -> impl Future<Output = Result<(), FolderError>> + Send;

    /// Takes a subscription back.
    ///
    /// # Errors
    ///
    /// [`FolderError::NotSubscribed`], or when the store cannot be written.
    fn unsubscribe(
        &self,
        account: AccountId,
        name: &FolderName,
    ) -> impl Future<Output = Result<(), FolderError>> + Send;

    /// Tells how a folder is, without opening it. However many messages it has, this takes the same time, but for
    /// those that are recent.
    ///
    /// # Errors
    ///
    /// [`FolderError::NoSuchFolder`], or when the store cannot be read.
    fn status(
        &self,
        account: AccountId,
        name: &FolderName,
    ) -> impl Future<Output = Result<FolderStatus, FolderError>> + Send;

    /// Adds messages to a folder, all or none, and answers when they are durable ([RFC 9051 §6.3.12]).
    ///
    /// # Errors
    ///
    /// [`FolderError::NoSuchFolder`], or when they could not be stored: then the folder has none of them.
    ///
    /// [RFC 9051 §6.3.12]: https://www.rfc-editor.org/rfc/rfc9051#section-6.3.12
    fn append(
        &self,
        account: AccountId,
        name: &FolderName,
        messages: Vec<NewMessage<Self::Incoming>>,
    ) -> impl Future<Output = Result<Appended, FolderError>> + Send;

    /// Opens a folder. The first one who does waits until its flags are read, some 100 ms for 100,000 messages; the
    /// others share that.
    ///
    /// # Errors
    ///
    /// [`FolderError::NoSuchFolder`], or when the store cannot be read.
    fn open_folder(
        &self,
        account: AccountId,
        name: &FolderName,
    ) -> impl Future<Output = Result<Self::Folder, FolderError>> + Send;
}

/// A message that is still arriving. Dropping it forgets the message and removes what was written.
pub trait Incoming: Send + 'static {
    /// Appends `chunk`.
    ///
    /// Nothing is lost when the future is dropped before it is ready: the chunk was taken at the first poll.
    ///
    /// # Errors
    ///
    /// When the octets cannot be kept; the message is lost then, and so is every later call.
    fn write(&mut self, chunk: Bytes) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Lets go of what a message takes while it arrives: all of it was written, and others come before it is stored.
    ///
    /// # Errors
    ///
    /// As [`write`](Self::write).
    fn set_aside(&mut self) -> impl Future<Output = Result<(), StoreError>> + Send;

    /// Tells how many octets were written.
    fn size(&self) -> u64;
}

/// An account's INBOX, held by one session: a listing that does not change while it is open.
///
/// Dropping it gives the maildrop free.
pub trait Maildrop: Send + Sync + 'static {
    /// A message on its way out.
    type Body: Body;

    /// Lists the messages, in the order they are numbered.
    fn messages(&self) -> &[Message];

    /// Opens the body of a listed message.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchMessage`] when it is not in the listing; otherwise when it cannot be read.
    fn open(&self, message: &Message) -> impl Future<Output = Result<Self::Body, StoreError>> + Send;

    /// Deletes messages for good, all or none of them, and takes them out of the listing.
    ///
    /// A message that is already gone is no error.
    ///
    /// # Errors
    ///
    /// When the store cannot be written, or the maildrop was opened to be read: then all the messages are still there.
    fn delete(&mut self, messages: &[Uid]) -> impl Future<Output = Result<(), StoreError>> + Send;
}

/// A message on its way out.
pub trait Body: Send + 'static {
    /// Tells the size of the whole message, in octets.
    fn size(&self) -> u64;

    /// Reads the next chunk, at most 64 KiB; `None` is the end.
    ///
    /// Nothing is lost when the future is dropped before it is ready.
    ///
    /// # Errors
    ///
    /// When the body cannot be read, or is shorter than it was when it was delivered.
    fn next(&mut self) -> impl Future<Output = Result<Option<Bytes>, StoreError>> + Send;
}
