//! Putting a whole body into the folders of its recipients.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    bodies::StoredBody,
    error::DeliverError,
    value::{AccountId, Delivered, Recipient, Uid, UidValidity},
    writer::{Fate, Work},
};

/// One message for all of its recipients: one body, a row for each.
#[derive(Debug)]
pub(super) struct Deliver {
    body: StoredBody,
    recipients: Vec<Recipient>,
    internal_date: i64,
    /// Whether a row refers to the body.
    referenced: bool,
}

impl Deliver {
    pub(super) fn new(body: StoredBody, recipients: Vec<Recipient>, internal_date: i64) -> Self {
        Self { body, recipients, internal_date, referenced: false }
    }
}

impl Work for Deliver {
    type Output = Vec<Result<Delivered, DeliverError>>;

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output> {
        let mut body = None;
        let mut outcomes = Vec::with_capacity(self.recipients.len());
        for recipient in &self.recipients {
            let Some(place) = next_place(database, recipient)? else {
                outcomes.push(Err(why_not(database, recipient.account)?));
                continue;
            };
            let body = match body {
                Some(body) => body,
                None => *body.insert(insert_body(database, &self.body)?),
            };
            database
                .prepare_cached(
                    "INSERT INTO messages (folder, uid, body, modseq, internal_date)
                     VALUES (?1, ?2, ?3, ?4, ?5)",
                )?
                .execute(params![place.folder, place.uid.0, body, place.modseq, self.internal_date])?;
            outcomes.push(Ok(Delivered { uid_validity: place.uid_validity, uid: place.uid }));
        }
        self.referenced = body.is_some();
        Ok(outcomes)
    }

    fn settle(self, fate: Fate) {
        if self.referenced && fate != Fate::Undone {
            self.body.keep();
        }
    }
}

/// Where the next message of a folder goes.
struct Place {
    folder: i64,
    uid_validity: UidValidity,
    uid: Uid,
    modseq: i64,
}

/// Takes the folder's next UID and MODSEQ. The counters live in the folder's own row, so neither deleting
/// messages nor starting anew ever turns them back.
fn next_place(database: &Connection, recipient: &Recipient) -> rusqlite::Result<Option<Place>> {
    database
        .prepare_cached(
            "UPDATE folders SET uidnext = uidnext + 1, highestmodseq = highestmodseq + 1
             WHERE account = ?1 AND name = ?2
             RETURNING id, uidvalidity, uidnext - 1, highestmodseq",
        )?
        .query_row(params![recipient.account.0, recipient.folder.as_str()], |row| {
            Ok(Place {
                folder: row.get(0)?,
                uid_validity: UidValidity(row.get(1)?),
                uid: Uid(row.get(2)?),
                modseq: row.get(3)?,
            })
        })
        .optional()
}

fn insert_body(database: &Connection, body: &StoredBody) -> rusqlite::Result<i64> {
    database
        .prepare_cached("INSERT INTO bodies (name, size) VALUES (?1, ?2)")?
        .insert(params![body.name().to_string(), body.size() as i64])
}

fn why_not(database: &Connection, account: AccountId) -> rusqlite::Result<DeliverError> {
    let exists = database.prepare_cached("SELECT 1 FROM accounts WHERE id = ?1")?.exists([account.0])?;
    Ok(if exists { DeliverError::NoSuchFolder } else { DeliverError::NoSuchAccount })
}
