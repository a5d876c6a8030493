//! Which folders an account has, which names it is subscribed to, and how a folder is.

use rusqlite::{Connection, OptionalExtension, params};

use super::{FolderInfo, FolderName, FolderStatus, SpecialUse, Subscription, hub::Hub};
use crate::store::{
    AccountId, Uid, UidValidity,
    error::FolderError,
    writer::{Fate, Work},
};

/// Lists the folders of an account.
pub(in crate::store) fn folders(
    database: &Connection,
    account: AccountId,
) -> rusqlite::Result<Vec<FolderInfo>> {
    database
        .prepare_cached(
            "SELECT folders.name, special_use, subscriptions.name IS NOT NULL
             FROM folders LEFT JOIN subscriptions USING (account, name)
             WHERE account = ?1 ORDER BY folders.name",
        )?
        .query_map([account.0], |row| {
            let special_use = row.get::<_, Option<String>>(1)?;
            Ok(FolderInfo {
                name: FolderName::from(row.get_ref(0)?.as_str()?),
                special_use: special_use.and_then(|attribute| SpecialUse::from_stored(&attribute)),
                subscription: match row.get(2)? {
                    true => Subscription::Subscribed,
                    false => Subscription::NotSubscribed,
                },
            })
        })?
        .collect()
}

/// Lists the names that an account is subscribed to.
pub(in crate::store) fn subscriptions(
    database: &Connection,
    account: AccountId,
) -> rusqlite::Result<Vec<FolderName>> {
    database
        .prepare_cached("SELECT name FROM subscriptions WHERE account = ?1 ORDER BY name")?
        .query_map([account.0], |row| Ok(FolderName::from(row.get_ref(0)?.as_str()?)))?
        .collect()
}

/// Tells how a folder is; `None` when there is none of that name. What is recent, an open folder knows best.
pub(in crate::store) fn status(
    database: &Connection,
    account: AccountId,
    name: &FolderName,
    hub: &Hub,
) -> rusqlite::Result<Option<FolderStatus>> {
    let found = database
        .prepare_cached(
            "SELECT messages, unseen, deleted, size, uidnext, uidvalidity, highestmodseq, id, recent_from
             FROM folders WHERE account = ?1 AND name = ?2",
        )?
        .query_row(params![account.0, name.as_str()], |row| {
            let status = FolderStatus {
                messages: row.get(0)?,
                unseen: row.get(1)?,
                deleted: row.get(2)?,
                recent: 0,
                size: row.get::<_, i64>(3)?.unsigned_abs(),
                uid_next: Uid(row.get(4)?),
                uid_validity: UidValidity(row.get(5)?),
                highest_modseq: row.get::<_, i64>(6)?.unsigned_abs(),
            };
            Ok((status, row.get::<_, i64>(7)?, row.get::<_, u32>(8)?))
        })
        .optional()?;
    let Some((status, folder, saved)) = found else { return Ok(None) };
    let recent_from = hub.recent_from(folder).map_or(saved, |open| open.max(saved));
    let recent = database
        .prepare_cached("SELECT count(*) FROM messages WHERE folder = ?1 AND uid >= ?2 AND uid < ?3")?
        .query_row(params![folder, recent_from, status.uid_next.0], |row| row.get(0))?;
    Ok(Some(FolderStatus { recent, ..status }))
}

/// A name to subscribe to, or not any more.
#[derive(Debug)]
pub(in crate::store) struct Subscribe {
    pub(in crate::store) account: AccountId,
    pub(in crate::store) name: FolderName,
    pub(in crate::store) subscription: Subscription,
}

impl Work for Subscribe {
    type Output = Result<(), FolderError>;

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output> {
        let sql = match self.subscription {
            Subscription::Subscribed => {
                "INSERT INTO subscriptions (account, name) VALUES (?1, ?2) ON CONFLICT DO NOTHING"
            }
            Subscription::NotSubscribed => "DELETE FROM subscriptions WHERE account = ?1 AND name = ?2",
        };
        let rows = database.prepare_cached(sql)?.execute(params![self.account.0, self.name.as_str()])?;
        Ok(match self.subscription {
            Subscription::NotSubscribed if rows == 0 => Err(FolderError::NotSubscribed),
            Subscription::NotSubscribed | Subscription::Subscribed => Ok(()),
        })
    }

    fn settle(self, _: Fate) {}
}
