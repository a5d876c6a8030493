//! An account's INBOX as a POP3 session sees it.

use std::{
    collections::HashSet,
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::{Connection, OptionalExtension};

use super::{
    Maildrop,
    bodies::BodyName,
    error::{MaildropError, StoreError},
    expunge::{Expunge, Which},
    folder,
    reader::BodyReader,
    sqlite::Shared,
    value::{AccountId, Message, Uid, UidValidity},
};

/// A maildrop of a [`SqliteStore`](super::SqliteStore). Holds some fifty octets for each message.
#[derive(Debug)]
pub struct SqliteMaildrop {
    store: Arc<Shared>,
    listing: Listing,
    /// `None` where it is just read.
    lock: Option<MaildropLock>,
}

impl SqliteMaildrop {
    pub(super) async fn open(store: Arc<Shared>, account: AccountId) -> Result<Self, MaildropError> {
        let lock = store.maildrops.lock(account).ok_or(MaildropError::InUse)?;
        Self::listed(store, account, Some(lock)).await
    }

    pub(super) async fn open_to_read(store: Arc<Shared>, account: AccountId) -> Result<Self, MaildropError> {
        Self::listed(store, account, None).await
    }

    async fn listed(
        store: Arc<Shared>,
        account: AccountId,
        lock: Option<MaildropLock>,
    ) -> Result<Self, MaildropError> {
        let listing = store.readers.read(move |database| Listing::read(database, account)).await?;
        let listing = listing.ok_or(MaildropError::NoSuchAccount)?;
        Ok(Self { store, listing, lock })
    }
}

impl SqliteMaildrop {
    /// Is a listed message still there?
    async fn has(&self, uid: Uid) -> Result<bool, StoreError> {
        let inbox = self.listing.folder;
        let found = self.store.readers.read(move |database| folder::body(database, inbox, uid)).await?;
        Ok(found.is_some())
    }
}

impl Maildrop for SqliteMaildrop {
    type Body = BodyReader;

    fn messages(&self) -> &[Message] {
        &self.listing.messages
    }

    async fn open(&self, message: &Message) -> Result<BodyReader, StoreError> {
        let index = self.listing.messages.binary_search_by_key(&message.uid, |listed| listed.uid);
        let name = index.ok().and_then(|index| self.listing.bodies.get(index));
        let path = self.store.bodies.path(*name.ok_or(StoreError::NoSuchMessage)?);
        match BodyReader::open(path, message.size, 0..message.size).await {
            // An IMAP session may have expunged it since.
            Err(_) if !self.has(message.uid).await? => Err(StoreError::NoSuchMessage),
            opened => opened,
        }
    }

    async fn delete(&mut self, messages: &[Uid]) -> Result<(), StoreError> {
        if messages.is_empty() {
            return Ok(());
        }
        if self.lock.is_none() {
            return Err(StoreError::ReadOnly);
        }
        let (uids, bodies) = (messages.to_vec(), self.store.bodies.clone());
        let expunge = Expunge::new(self.listing.folder, uids, Which::All, bodies, &self.store.hub);
        self.store.writer.write(expunge).await?;
        self.listing.remove(&messages.iter().copied().collect());
        Ok(())
    }
}

/// What the INBOX held when it was opened.
#[derive(Debug)]
struct Listing {
    folder: i64,
    messages: Vec<Message>,
    /// The body of each message, in the same order.
    bodies: Vec<BodyName>,
}

impl Listing {
    fn read(database: &Connection, account: AccountId) -> rusqlite::Result<Option<Self>> {
        let inbox = database
            .prepare_cached("SELECT id, uidvalidity FROM folders WHERE account = ?1 AND name = 'INBOX'")?
            .query_row([account.0], |row| Ok((row.get(0)?, UidValidity(row.get(1)?))))
            .optional()?;
        let Some((folder, uid_validity)) = inbox else { return Ok(None) };
        let mut query = database.prepare_cached(
            "SELECT uid, size, name FROM messages JOIN bodies ON bodies.id = messages.body
             WHERE folder = ?1 ORDER BY uid",
        )?;
        let mut rows = query.query([folder])?;
        let (mut messages, mut bodies) = (Vec::new(), Vec::new());
        while let Some(row) = rows.next()? {
            let size: i64 = row.get(1)?;
            messages.push(Message { uid: Uid(row.get(0)?), size: size.unsigned_abs(), uid_validity });
            bodies.push(row.get(2)?);
        }
        Ok(Some(Self { folder, messages, bodies }))
    }

    fn remove(&mut self, uids: &HashSet<Uid>) {
        let (messages, bodies) = self
            .messages
            .iter()
            .zip(&self.bodies)
            .filter(|(message, _)| !uids.contains(&message.uid))
            .unzip();
        (self.messages, self.bodies) = (messages, bodies);
    }
}

/// Which maildrops are open.
///
/// This is known inside the process alone: the one server that runs is the only one that opens maildrops.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenMaildrops {
    accounts: Arc<Mutex<HashSet<AccountId>>>,
}

impl OpenMaildrops {
    fn lock(&self, account: AccountId) -> Option<MaildropLock> {
        let free = self.accounts.lock().unwrap_or_else(PoisonError::into_inner).insert(account);
        free.then(|| MaildropLock { open: self.clone(), account })
    }
}

/// One account's maildrop, for as long as this lives.
#[derive(Debug)]
struct MaildropLock {
    open: OpenMaildrops,
    account: AccountId,
}

impl Drop for MaildropLock {
    fn drop(&mut self) {
        self.open.accounts.lock().unwrap_or_else(PoisonError::into_inner).remove(&self.account);
    }
}
