//! Copying and moving messages from folder to folder.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    Copied, FolderName,
    change::{ChangeKind, News},
    flags,
    hub::Hub,
    load,
    messages::{self, NewRow, Place},
};
use crate::store::{
    AccountId, Uid,
    error::{FolderError, StoreError},
    writer::{Fate, Work},
};

/// Messages to copy or move, all or none. Their bodies stay where they are, and get more rows that refer to them.
#[derive(Debug)]
pub(super) struct Transfer {
    source: i64,
    account: AccountId,
    target: FolderName,
    uids: Vec<Uid>,
    kind: TransferKind,
    news: News,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum TransferKind {
    Copy,
    Move,
}

impl Transfer {
    pub(super) fn new(
        source: i64,
        account: AccountId,
        target: FolderName,
        mut uids: Vec<Uid>,
        kind: TransferKind,
        hub: &Hub,
    ) -> Self {
        uids.sort_unstable();
        uids.dedup();
        Self { source, account, target, uids, kind, news: News::new(hub) }
    }
}

impl Work for Transfer {
    type Output = Result<Copied, FolderError>;

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output> {
        if !messages::exists(database, self.source)? {
            return Ok(Err(StoreError::NoSuchFolder.into()));
        }
        let Some(target) = load::find(database, self.account, &self.target)? else {
            return Ok(Err(FolderError::NoSuchFolder));
        };
        let pairs = transfer(database, self.source, target.0, &self.uids, self.kind, &mut self.news)?;
        Ok(Ok(Copied { uid_validity: target.1, pairs }))
    }

    fn settle(self, fate: Fate) {
        self.news.settle(fate);
    }
}

/// Moves all messages of a folder.
pub(super) fn move_all(
    database: &Connection,
    source: i64,
    target: i64,
    news: &mut News,
) -> rusqlite::Result<()> {
    let mut query = database.prepare_cached("SELECT uid FROM messages WHERE folder = ?1 ORDER BY uid")?;
    let uids: Vec<Uid> = query.query_map([source], |row| row.get(0).map(Uid))?.collect::<Result<_, _>>()?;
    transfer(database, source, target, &uids, TransferKind::Move, news).map(drop)
}

/// Copies or moves the messages that are there, in the order of their UIDs.
fn transfer(
    database: &Connection,
    source: i64,
    target: i64,
    uids: &[Uid],
    kind: TransferKind,
    news: &mut News,
) -> rusqlite::Result<Vec<(Uid, Uid)>> {
    let (mut from, mut rows) = (Vec::new(), Vec::new());
    for uid in uids {
        if let Some(row) = read(database, source, *uid)? {
            from.push(*uid);
            rows.push(row);
        }
    }
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let Some(place) = Place::take(database, target, rows.len())? else { return Ok(Vec::new()) };
    let added = place.fill(database, rows)?;
    let pairs = from.iter().copied().zip(added.iter().map(|(uid, _)| Uid(*uid))).collect();
    news.add(target, place.modseq, ChangeKind::Added(added));
    if kind == TransferKind::Move {
        remove(database, source, &from, news)?;
    }
    Ok(pairs)
}

/// Takes messages out of the folder they were moved from. Their bodies have other rows now.
fn remove(database: &Connection, source: i64, uids: &[Uid], news: &mut News) -> rusqlite::Result<()> {
    let Some(modseq) = messages::next_modseq(database, source)? else { return Ok(()) };
    for uid in uids {
        messages::delete(database, source, *uid, 0)?;
        messages::remember_expunged(database, source, *uid, modseq)?;
    }
    news.add(source, modseq, ChangeKind::Expunged(uids.iter().map(|uid| uid.0).collect()));
    Ok(())
}

fn read(database: &Connection, folder: i64, uid: Uid) -> rusqlite::Result<Option<NewRow>> {
    let row = database
        .prepare_cached("SELECT body, internal_date, flags FROM messages WHERE folder = ?1 AND uid = ?2")?
        .query_row(params![folder, uid.0], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)))
        .optional()?;
    let Some((body, internal_date, bits)) = row else { return Ok(None) };
    Ok(Some(NewRow { body, internal_date, flags: flags::read(database, folder, uid.0, bits)? }))
}
