//! What a user sees of a server whose disk is full.

#![allow(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]

mod support;

use bytes::Bytes;
use mail_server::{
    accounts::Credentials,
    server::Service,
    store::{
        Account, AccountId, AddAccountError, Address, Appended, DeliverError, Delivered, Envelope,
        FolderError, FolderInfo, FolderName, FolderStatus, Incoming, Known, MaildropError, NewMessage,
        Recipient, SqliteFolder, SqliteIncoming, SqliteMaildrop, SqliteStore, Store, StoreError, Uid,
    },
};
use std::time::SystemTime;
use support::Running;
use tokio_codec::sasl::Secret;

const ALICE: &str = "alice@example.org";

/// A store whose disk is full.
#[derive(Clone)]
struct FullDisk(SqliteStore);

/// A message whose octets find no room.
struct NoRoom(SqliteIncoming);

impl Incoming for NoRoom {
    async fn write(&mut self, chunk: Bytes) -> Result<(), StoreError> {
        if chunk.starts_with(b"Return-Path:") { Ok(()) } else { Err(StoreError::Full) }
    }
    async fn set_aside(&mut self) -> Result<(), StoreError> {
        Ok(())
    }

    fn size(&self) -> u64 {
        self.0.size()
    }
}

impl Store for FullDisk {
    type Incoming = NoRoom;
    type Maildrop = SqliteMaildrop;
    type Folder = SqliteFolder;
    async fn account(&self, address: &Address) -> Result<Option<AccountId>, StoreError> {
        self.0.account(address).await
    }
    async fn has_domain(&self, domain: &str) -> Result<bool, StoreError> {
        self.0.has_domain(domain).await
    }
    async fn accounts(&self) -> Result<Vec<Account>, StoreError> {
        self.0.accounts().await
    }
    async fn add_account(&self, _: &Address, _: &Credentials) -> Result<AccountId, AddAccountError> {
        Err(StoreError::Full.into())
    }
    async fn credentials(&self, name: &str) -> Result<Known, StoreError> {
        self.0.credentials(name).await
    }
    async fn renew_credentials(
        &self,
        _: AccountId,
        _: &Credentials,
        _: &Credentials,
    ) -> Result<(), StoreError> {
        Err(StoreError::Full)
    }
    async fn outdated_credentials(&self) -> Result<u32, StoreError> {
        self.0.outdated_credentials().await
    }
    async fn login_secret(&self) -> Result<Secret, StoreError> {
        self.0.login_secret().await
    }
    async fn incoming(&self) -> Result<NoRoom, StoreError> {
        Ok(NoRoom(self.0.incoming().await?))
    }
    async fn deliver(
        &self,
        incoming: NoRoom,
        envelope: Envelope,
        recipients: &[Recipient],
        received_at: SystemTime,
    ) -> Result<Vec<Result<Delivered, DeliverError>>, StoreError> {
        self.0.deliver(incoming.0, envelope, recipients, received_at).await
    }
    async fn envelopes(
        &self,
        account: AccountId,
        name: &FolderName,
    ) -> Result<Vec<(Uid, Envelope)>, FolderError> {
        self.0.envelopes(account, name).await
    }
    async fn maildrop(&self, account: AccountId) -> Result<SqliteMaildrop, MaildropError> {
        self.0.maildrop(account).await
    }
    async fn maildrop_to_read(&self, account: AccountId) -> Result<SqliteMaildrop, MaildropError> {
        self.0.maildrop_to_read(account).await
    }
    async fn folders(&self, account: AccountId) -> Result<Vec<FolderInfo>, StoreError> {
        self.0.folders(account).await
    }
    async fn create_folder(&self, account: AccountId, name: &FolderName) -> Result<(), FolderError> {
        self.0.create_folder(account, name).await
    }
    async fn delete_folder(&self, account: AccountId, name: &FolderName) -> Result<(), FolderError> {
        self.0.delete_folder(account, name).await
    }
    async fn rename_folder(
        &self,
        account: AccountId,
        from: &FolderName,
        to: &FolderName,
    ) -> Result<(), FolderError> {
        self.0.rename_folder(account, from, to).await
    }
    async fn subscriptions(&self, account: AccountId) -> Result<Vec<FolderName>, StoreError> {
        self.0.subscriptions(account).await
    }
    async fn subscribe(&self, account: AccountId, name: &FolderName) -> Result<(), FolderError> {
        self.0.subscribe(account, name).await
    }
    async fn unsubscribe(&self, account: AccountId, name: &FolderName) -> Result<(), FolderError> {
        self.0.unsubscribe(account, name).await
    }
    async fn status(&self, account: AccountId, name: &FolderName) -> Result<FolderStatus, FolderError> {
        self.0.status(account, name).await
    }
    async fn append(
        &self,
        _: AccountId,
        _: &FolderName,
        _: Vec<NewMessage<NoRoom>>,
    ) -> Result<Appended, FolderError> {
        Err(StoreError::Full.into())
    }
    async fn open_folder(&self, account: AccountId, name: &FolderName) -> Result<SqliteFolder, FolderError> {
        self.0.open_folder(account, name).await
    }
}

#[tokio::test]
async fn a_full_disk_is_told_and_the_session_goes_on() {
    let server = Running::start_on(|_| {}, FullDisk).await;
    for (service, hello) in [(Service::Smtp, "EHLO c.example.org"), (Service::Lmtp, "LHLO c.example.org")] {
        let mut wire = server.connect(service).await;
        wire.says(hello, "250").await;
        for _ in 0..2 {
            wire.begin(ALICE).await;
            wire.says("Subject: no room\r\n\r\nMAIL FROM:<x@example.org>\r\n.", "452 4.3.1").await;
        }
        wire.says("QUIT", "221").await;
    }
    assert!(server.read_back(ALICE).await.is_empty());
}
