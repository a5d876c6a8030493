//! Changing the flags of messages.

use imap_proto::{Flags, StoreAction};
use rusqlite::{Connection, OptionalExtension, params};

use super::{
    FlagsStored,
    change::{ChangeKind, News},
    flags,
    hub::Hub,
    messages,
};
use crate::store::{
    Uid,
    writer::{Fate, Work},
};

/// Flags to change in one folder. The answer is `None` when the folder is gone.
#[derive(Debug)]
pub(super) struct StoreFlags {
    folder: i64,
    uids: Vec<Uid>,
    action: StoreAction,
    flags: Flags,
    unchanged_since: Option<u64>,
    news: News,
}

/// A message's flags, as they were and as they are to be.
struct Change {
    before: Flags,
    after: Flags,
}

impl StoreFlags {
    pub(super) fn new(
        folder: i64,
        mut uids: Vec<Uid>,
        action: StoreAction,
        flags: &Flags,
        unchanged_since: Option<u64>,
        hub: &Hub,
    ) -> Self {
        uids.sort_unstable();
        uids.dedup();
        let (flags, news) = (flags::settable(flags), News::new(hub));
        Self { folder, uids, action, flags, unchanged_since, news }
    }

    fn change(&self, before: Flags) -> Change {
        let mut after = before.clone();
        match self.action {
            StoreAction::Replace => after = self.flags.clone(),
            StoreAction::Add => flags::add(&mut after, &self.flags),
            StoreAction::Remove => self.flags.iter().for_each(|flag| after.remove(&flag)),
        }
        Change { before, after }
    }
}

impl Work for StoreFlags {
    type Output = Option<FlagsStored>;

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<Self::Output> {
        let Some(highest) = messages::highest_modseq(database, self.folder)? else { return Ok(None) };
        let mut stored = FlagsStored { modseq: highest, ..FlagsStored::default() };
        let mut flagged = Vec::new();
        for uid in &self.uids {
            let Some((bits, modseq)) = find(database, self.folder, *uid)? else { continue };
            if self.unchanged_since.is_some_and(|since| modseq > since) {
                stored.modified.push(*uid);
                continue;
            }
            let change = self.change(flags::read(database, self.folder, uid.0, bits)?);
            if change.before == change.after {
                stored.unchanged.push(*uid);
                continue;
            }
            if stored.changed.is_empty() {
                let Some(next) = messages::next_modseq(database, self.folder)? else { return Ok(None) };
                stored.modseq = next;
            }
            change.write(database, self.folder, *uid, stored.modseq)?;
            stored.changed.push((*uid, modseq));
            flagged.push((uid.0, change.after));
        }
        if !flagged.is_empty() {
            self.news.add(self.folder, stored.modseq, ChangeKind::Flagged(flagged));
        }
        Ok(Some(stored))
    }

    fn settle(self, fate: Fate) {
        self.news.settle(fate);
    }
}

impl Change {
    fn write(&self, database: &Connection, folder: i64, uid: Uid, modseq: u64) -> rusqlite::Result<()> {
        database
            .prepare_cached("UPDATE messages SET flags = ?3, modseq = ?4 WHERE folder = ?1 AND uid = ?2")?
            .execute(params![folder, uid.0, flags::bits(&self.after), modseq as i64])?;
        if self.before.keywords().eq(self.after.keywords()) {
            return Ok(());
        }
        flags::replace_keywords(database, folder, uid.0, &self.after)
    }
}

/// The bits and the MODSEQ of a message.
fn find(database: &Connection, folder: i64, uid: Uid) -> rusqlite::Result<Option<(u8, u64)>> {
    database
        .prepare_cached("SELECT flags, modseq FROM messages WHERE folder = ?1 AND uid = ?2")?
        .query_row(params![folder, uid.0], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))
        .optional()
}
