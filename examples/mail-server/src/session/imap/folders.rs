//! Commands about folders.
use super::{
    Session, SessionError, answer,
    pattern::{DELIMITER, Pattern, superiors},
};
use crate::store::{FolderStatus, SpecialUse, Store};
use bytes::Bytes;
use imap_proto::{
    Ask, Encoding, List, MailboxName, Rename, Status, StatusItem as Asked, StatusItems, Text,
    response::{self, Attribute, Attributes, ListKind, StatusData, StatusItem, Untagged},
    server::{Completion, Create, Delete, Lsub, Rejection, Subscribe, Unsubscribe},
};
use std::collections::BTreeMap;
use tokio::task::yield_now;

impl<S: Store> Session<'_, S> {
    pub(super) async fn create(&mut self, ask: Ask<Create>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let (store, account) = (&self.shared.store, self.account()?);
        let done = async { store.create_folder(account, &answer::superior(&running.mailbox)?).await }.await;
        self.complete(running, answer::outcome(done)).await
    }

    pub(super) async fn delete(&mut self, ask: Ask<Delete>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let (store, account) = (&self.shared.store, self.account()?);
        let done = async { store.delete_folder(account, &answer::existing(&running.mailbox)?).await }.await;
        self.complete(running, answer::outcome(done)).await
    }

    pub(super) async fn rename(&mut self, ask: Ask<Rename>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let (store, account) = (&self.shared.store, self.account()?);
        let done = async {
            store
                .rename_folder(account, &answer::existing(&running.from)?, &answer::superior(&running.to)?)
                .await
        }
        .await;
        self.complete(running, answer::outcome(done)).await
    }

    pub(super) async fn subscribe(&mut self, ask: Ask<Subscribe>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let (store, account) = (&self.shared.store, self.account()?);
        let done = async { store.subscribe(account, &answer::superior(&running.mailbox)?).await }.await;
        self.complete(running, answer::outcome(done)).await
    }

    pub(super) async fn unsubscribe(&mut self, ask: Ask<Unsubscribe>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let (store, account) = (&self.shared.store, self.account()?);
        let done = async { store.unsubscribe(account, &answer::superior(&running.mailbox)?).await }.await;
        self.complete(running, answer::outcome(done)).await
    }

    pub(super) async fn list(&mut self, ask: Ask<List>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let (reference, pattern) = (running.reference.to_str_lossy(), running.pattern.to_str_lossy());
        if pattern.is_empty() {
            // What is asked for is the delimiter, and where names that begin like the reference have their root.
            let root = response::List {
                kind: ListKind::List,
                attributes: Attributes::new().with(Attribute::NoSelect),
                delimiter: Some(DELIMITER),
                mailbox: MailboxName::from_wire(Bytes::new(), Encoding::Utf8),
                extended: Vec::new(),
            };
            self.data(&running, Untagged::List(Box::new(root))).await?;
            return self.complete(running, Completion::OK).await;
        }
        let pattern = Pattern::new(&reference, &pattern);
        let folders = match self.shared.store.folders(self.account()?).await {
            Ok(folders) => folders,
            Err(error) => return self.complete(running, answer::refused(error.into()).into()).await,
        };
        for (at, folder) in folders.iter().enumerate() {
            // A hostile pattern is some milliseconds of work for each folder: others come between.
            yield_now().await;
            if !pattern.matches(folder.name.as_str()) {
                continue;
            }
            // Names that begin alike stand side by side, but others, such as `a-b`, stand between `a` and `a/b`.
            let mut behind = folders[at + 1..].iter();
            let has_inferiors = behind
                .by_ref()
                .take_while(|other| other.name.as_str().starts_with(folder.name.as_str()))
                .any(|other| other.name.is_inferior_of(&folder.name));
            let children = if has_inferiors { Attribute::HasChildren } else { Attribute::HasNoChildren };
            let mut attributes = Attributes::new().with(children);
            if let Some(attribute) = folder.special_use.and_then(attribute) {
                attributes = attributes.with(attribute);
            }
            let Some(listed) = listed(ListKind::List, folder.name.as_str(), attributes) else { continue };
            self.data(&running, listed).await?;
        }
        self.complete(running, Completion::OK).await
    }

    /// LSUB: of names below one that `%` stops at, the superior is told, as one that cannot be selected
    /// ([RFC 3501 §6.3.9](https://www.rfc-editor.org/rfc/rfc3501#section-6.3.9)).
    pub(super) async fn lsub(&mut self, ask: Ask<Lsub>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let pattern = Pattern::new(&running.reference.to_str_lossy(), &running.pattern.to_str_lossy());
        let names = match self.shared.store.subscriptions(self.account()?).await {
            Ok(names) => names,
            Err(error) => return self.complete(running, answer::refused(error.into()).into()).await,
        };
        let mut found: BTreeMap<&str, Attributes> = BTreeMap::new();
        for name in &names {
            yield_now().await;
            if pattern.matches(name.as_str()) {
                found.insert(name.as_str(), Attributes::new());
                continue;
            }
            if let Some(superior) = superiors(name.as_str()).find(|superior| pattern.matches(superior)) {
                found.entry(superior).or_insert(Attributes::new().with(Attribute::NoSelect));
            }
        }
        for (name, attributes) in found {
            let Some(listed) = listed(ListKind::Lsub, name, attributes) else { continue };
            self.data(&running, listed).await?;
        }
        self.complete(running, Completion::OK).await
    }

    pub(super) async fn status(&mut self, ask: Ask<Status>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let (store, account) = (&self.shared.store, self.account()?);
        let found = async { store.status(account, &answer::existing(&running.mailbox)?).await }.await;
        let status = match found {
            Ok(status) => status,
            Err(error) => return self.complete(running, answer::refused(error).into()).await,
        };
        let Some(items) = told(&running.items, &status) else {
            let unknown = Rejection::bad(Text::from_static("a status item that is not known here"));
            return self.complete(running, unknown.into()).await;
        };
        let data = StatusData { mailbox: running.mailbox.clone(), items };
        self.data(&running, Untagged::MailboxStatus(Box::new(data))).await?;
        self.complete(running, Completion::OK).await
    }
}

/// A line of LIST or LSUB.
fn listed(kind: ListKind, name: &str, attributes: Attributes) -> Option<Untagged> {
    let mailbox = MailboxName::new(name).ok()?;
    let list = response::List { kind, attributes, delimiter: Some(DELIMITER), mailbox, extended: Vec::new() };
    Some(Untagged::List(Box::new(list)))
}

fn attribute(special_use: SpecialUse) -> Option<Attribute> {
    Attribute::ALL.iter().copied().find(|attribute| attribute.as_str() == special_use.as_str())
}

/// What STATUS was asked for; `None` where this server does not know some of it.
fn told(asked: &StatusItems, status: &FolderStatus) -> Option<Vec<StatusItem>> {
    let item = |asked| match asked {
        Asked::Messages => Some(StatusItem::Messages(status.messages)),
        Asked::Recent => Some(StatusItem::Recent(status.recent)),
        Asked::UidNext => Some(StatusItem::UidNext(status.uid_next.value())),
        Asked::UidValidity => Some(StatusItem::UidValidity(status.uid_validity.value())),
        Asked::Unseen => Some(StatusItem::Unseen(status.unseen)),
        Asked::Deleted => Some(StatusItem::Deleted(status.deleted)),
        Asked::Size => Some(StatusItem::Size(status.size)),
        _ => None,
    };
    asked.iter().map(item).collect()
}
