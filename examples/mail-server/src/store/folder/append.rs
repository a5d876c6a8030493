//! Adding messages to a folder, as APPEND does.

use imap_proto::Flags;
use rusqlite::Connection;

use super::{
    Appended, FolderName,
    change::{ChangeKind, News},
    flags,
    hub::Hub,
    load,
    messages::{NewRow, Place},
};
use crate::store::{
    AccountId, Uid,
    bodies::StoredBody,
    delivery,
    error::FolderError,
    writer::{Fate, Work},
};

/// Messages to append to one folder, all or none.
#[derive(Debug)]
pub(in crate::store) struct Append {
    account: AccountId,
    name: FolderName,
    messages: Vec<Arrived>,
    /// Whether rows refer to the bodies.
    referenced: bool,
    news: News,
}

/// A message whose body is durable.
#[derive(Debug)]
pub(in crate::store) struct Arrived {
    pub(in crate::store) body: StoredBody,
    pub(in crate::store) flags: Flags,
    pub(in crate::store) internal_date: i64,
}

impl Append {
    pub(in crate::store) fn new(
        account: AccountId,
        name: FolderName,
        messages: Vec<Arrived>,
        hub: &Hub,
    ) -> Self {
        Self { account, name, messages, referenced: false, news: News::new(hub) }
    }
}

impl Work for Append {
    type Output = Result<Appended, FolderError>;

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output> {
        let Some((folder, uid_validity)) = load::find(database, self.account, &self.name)? else {
            return Ok(Err(FolderError::NoSuchFolder));
        };
        if self.messages.is_empty() {
            return Ok(Ok(Appended { uid_validity, uids: Vec::new() }));
        }
        let Some(place) = Place::take(database, folder, self.messages.len())? else {
            return Ok(Err(FolderError::NoSuchFolder));
        };
        let mut rows = Vec::with_capacity(self.messages.len());
        for Arrived { body, flags, internal_date } in &self.messages {
            let body = delivery::insert_body(database, body)?;
            rows.push(NewRow { body, internal_date: *internal_date, flags: flags::settable(flags) });
        }
        let added = place.fill(database, rows)?;
        let uids = added.iter().map(|(uid, _)| Uid(*uid)).collect();
        self.news.add(folder, place.modseq, ChangeKind::Added(added));
        self.referenced = true;
        Ok(Ok(Appended { uid_validity, uids }))
    }

    fn settle(self, fate: Fate) {
        if self.referenced && fate != Fate::Undone {
            self.messages.into_iter().for_each(|message| message.body.keep());
        }
        self.news.settle(fate);
    }
}
