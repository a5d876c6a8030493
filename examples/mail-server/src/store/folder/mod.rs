//! A folder that is open: what IMAP sessions share of it, and what they do to it.

mod append;
mod change;
mod derived;
mod facts;
mod flags;
mod hub;
pub(super) mod list;
mod load;
pub(super) mod messages;
mod name;
mod sqlite;
mod store_flags;
mod transfer;
pub(super) mod tree;
mod value;
mod watch;

use std::{future::Future, ops::Range};

use bytes::Bytes;
use imap_proto::{Flags, StoreAction, mailbox::Mailbox};

use super::{
    Body, Uid,
    error::{FolderError, StoreError},
};

pub use self::{
    name::{FolderName, InvalidFolderName},
    sqlite::SqliteFolder,
    value::{
        Appended, BodyId, Copied, Facts, FlagsStored, FolderInfo, FolderStatus, NewMessage, SpecialUse,
        Subscription,
    },
    watch::Watch,
};

pub(super) use self::{
    append::{Append, Arrived},
    change::{ChangeKind, News},
    facts::body,
    flags::DELETED,
    hub::Hub,
    load::find,
    messages::{NewRow, Place},
};

/// A folder that is open: a handle that is cheap to clone, and all of whose clones, whoever opened them, share one
/// [`Mailbox`].
///
/// Whatever is committed anywhere in the store is in the mailbox before the one who asked for it has his answer:
/// deliveries, what POP3 deletes, and all that other sessions do. A folder that is renamed stays open. One that is
/// deleted has all its messages expunged, and then each method fails with [`StoreError::NoSuchFolder`].
///
/// UIDs that no message has any more are left out, and never an error.
pub trait Folder: Clone + Send + Sync + 'static {
    /// A message on its way out.
    type Body: Body;

    /// Looks at the shared mailbox, opens a view of it, or polls one.
    ///
    /// It is locked meanwhile: keep it short. What is told of as recent here is so in the store soon after. All
    /// other changes are made by the methods below.
    fn with<T>(&self, look: impl FnOnce(&mut Mailbox<Flags>) -> T) -> T;

    /// Begins to watch for changes; the one who watches has not missed any from now on.
    fn watch(&self) -> Watch;

    /// Changes the flags of messages, all or none, and answers when that is durable.
    ///
    /// All messages whose flags change get one MODSEQ; those that have such flags already keep theirs. With
    /// `unchanged_since`, a message with a higher MODSEQ than that is left alone ([RFC 7162 §3.1.3]).
    ///
    /// A message has 64 keywords at most, of 100 octets each; what is beyond that, and `\Recent`, is left out.
    ///
    /// # Errors
    ///
    /// When the folder is gone or the store cannot be written: then no message has changed.
    ///
    /// [RFC 7162 §3.1.3]: https://www.rfc-editor.org/rfc/rfc7162#section-3.1.3
    fn store_flags(
        &self,
        uids: Vec<Uid>,
        action: StoreAction,
        flags: Flags,
        unchanged_since: Option<u64>,
    ) -> impl Future<Output = Result<FlagsStored, StoreError>> + Send;

    /// Copies messages to another folder, or to this one, all or none ([RFC 9051 §6.4.7]). They keep their flags and
    /// dates.
    ///
    /// # Errors
    ///
    /// [`FolderError::NoSuchFolder`] when the target is not there, [`FolderError::Store`] otherwise: then the target
    /// is as it was.
    ///
    /// [RFC 9051 §6.4.7]: https://www.rfc-editor.org/rfc/rfc9051#section-6.4.7
    fn copy_to(
        &self,
        uids: Vec<Uid>,
        target: &FolderName,
    ) -> impl Future<Output = Result<Copied, FolderError>> + Send;

    /// Moves messages to another folder, all or none ([RFC 6851]). Moved to this one they get new UIDs.
    ///
    /// # Errors
    ///
    /// As [`copy_to`](Self::copy_to); then all messages are where they were.
    ///
    /// [RFC 6851]: https://www.rfc-editor.org/rfc/rfc6851
    fn move_to(
        &self,
        uids: Vec<Uid>,
        target: &FolderName,
    ) -> impl Future<Output = Result<Copied, FolderError>> + Send;

    /// Removes for good those of the messages that have `\Deleted` at that very moment, and tells which these were.
    ///
    /// # Errors
    ///
    /// When the folder is gone or the store cannot be written: then all messages are still there.
    fn expunge(&self, uids: Vec<Uid>) -> impl Future<Output = Result<Vec<Uid>, StoreError>> + Send;

    /// Tells what never changes of messages, in the order of their UIDs: some 40 octets each. Ask for a large set in
    /// batches.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn facts(&self, uids: Vec<Uid>) -> impl Future<Output = Result<Vec<Facts>, StoreError>> + Send;

    /// Opens a message to read all of it.
    ///
    /// # Errors
    ///
    /// [`StoreError::NoSuchMessage`] when it is gone; otherwise when it cannot be read.
    fn body(&self, uid: Uid) -> impl Future<Output = Result<Self::Body, StoreError>> + Send;

    /// Opens a message to read some of its octets. A range that reaches beyond its end ends there, and
    /// [`Body::size`] tells how many octets are left of it.
    ///
    /// # Errors
    ///
    /// As [`body`](Self::body).
    fn body_range(
        &self,
        uid: Uid,
        range: Range<u64>,
    ) -> impl Future<Output = Result<Self::Body, StoreError>> + Send;

    /// Reads a few octets of a message at once, such as a header. They are all in memory: bound the range.
    ///
    /// # Errors
    ///
    /// As [`body`](Self::body).
    fn read_range(
        &self,
        uid: Uid,
        range: Range<u64>,
    ) -> impl Future<Output = Result<Bytes, StoreError>> + Send;

    /// Tells what was [kept](Self::keep) as the summaries of messages, in the order of their UIDs. One that has none
    /// of this version is left out.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn kept_summaries(
        &self,
        uids: Vec<Uid>,
        version: u32,
    ) -> impl Future<Output = Result<Vec<(Uid, Bytes)>, StoreError>> + Send;

    /// Tells what was [kept](Self::keep) as the text of a message, if there is one of this version.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    fn kept_text(
        &self,
        uid: Uid,
        version: u32,
    ) -> impl Future<Output = Result<Option<Bytes>, StoreError>> + Send;

    /// Keeps what was computed from a message, for it and all that share its body, for as long as there are any. It
    /// may be lost in a crash: then it is computed again.
    ///
    /// Another version of it is replaced. `None` leaves a text of the same version as it is.
    ///
    /// # Errors
    ///
    /// When the store cannot be written. A message that is gone is no error.
    fn keep(
        &self,
        uid: Uid,
        version: u32,
        summary: Bytes,
        text: Option<Bytes>,
    ) -> impl Future<Output = Result<(), StoreError>> + Send;
}
