//! Putting a whole body into the folders of its recipients.

use imap_proto::Flags;
use rusqlite::{Connection, params};

use super::{
    bodies::StoredBody,
    envelope::{self, Envelope},
    error::DeliverError,
    folder::{self, ChangeKind, Hub, NewRow, News, Place},
    value::{AccountId, Delivered, Recipient, Uid},
    writer::{Fate, Work},
};

/// One message for all of its recipients: one body, a row for each.
#[derive(Debug)]
pub(super) struct Deliver {
    body: StoredBody,
    envelope: Envelope,
    recipients: Vec<Recipient>,
    internal_date: i64,
    /// Whether a row refers to the body.
    referenced: bool,
    news: News,
}

impl Deliver {
    pub(super) fn new(
        body: StoredBody,
        envelope: Envelope,
        recipients: Vec<Recipient>,
        internal_date: i64,
        hub: &Hub,
    ) -> Self {
        Self { body, envelope, recipients, internal_date, referenced: false, news: News::new(hub) }
    }
}

impl Work for Deliver {
    type Output = Vec<Result<Delivered, DeliverError>>;

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output> {
        let mut body = None;
        let mut outcomes = Vec::with_capacity(self.recipients.len());
        for recipient in &self.recipients {
            let folder = folder::find(database, recipient.account, &recipient.folder)?;
            let place = folder.map(|(folder, _)| Place::take(database, folder, 1)).transpose()?.flatten();
            let Some(place) = place else {
                outcomes.push(Err(why_not(database, recipient.account)?));
                continue;
            };
            let body = match body {
                Some(body) => body,
                None => {
                    let row = *body.insert(insert_body(database, &self.body)?);
                    envelope::insert(database, row, &self.envelope)?;
                    row
                }
            };
            let row = NewRow { body, internal_date: self.internal_date, flags: Flags::NONE };
            self.news.add(place.folder, place.modseq, ChangeKind::Added(place.fill(database, vec![row])?));
            outcomes.push(Ok(Delivered { uid_validity: place.uid_validity, uid: Uid(place.first) }));
        }
        self.referenced = body.is_some();
        Ok(outcomes)
    }

    fn settle(self, fate: Fate) {
        if self.referenced && fate != Fate::Undone {
            self.body.keep();
        }
        self.news.settle(fate);
    }
}

pub(super) fn insert_body(database: &Connection, body: &StoredBody) -> rusqlite::Result<i64> {
    database
        .prepare_cached("INSERT INTO bodies (name, size) VALUES (?1, ?2)")?
        .insert(params![body.name().to_string(), body.size() as i64])
}

fn why_not(database: &Connection, account: AccountId) -> rusqlite::Result<DeliverError> {
    let exists = database.prepare_cached("SELECT 1 FROM accounts WHERE id = ?1")?.exists([account.0])?;
    Ok(if exists { DeliverError::NoSuchFolder } else { DeliverError::NoSuchAccount })
}
