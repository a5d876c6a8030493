//! Rows of messages: how they are counted, added and removed.

use std::collections::BTreeSet;

use imap_proto::Flags;
use rusqlite::{Connection, OptionalExtension, params};

use super::flags;
use crate::store::{Uid, UidValidity, bodies::BodyName};

/// A message to add to a folder.
#[derive(Debug)]
pub(in crate::store) struct NewRow {
    pub(in crate::store) body: i64,
    pub(in crate::store) internal_date: i64,
    pub(in crate::store) flags: Flags,
}

/// Where the next messages of a folder go.
#[derive(Debug, Clone, Copy)]
pub(in crate::store) struct Place {
    pub(in crate::store) folder: i64,
    pub(in crate::store) uid_validity: UidValidity,
    pub(in crate::store) first: u32,
    pub(in crate::store) modseq: u64,
}

impl Place {
    /// Takes the folder's next UIDs and one MODSEQ; `None` when it is gone. The counters live in the folder's own
    /// row, so neither deleting messages nor starting anew ever turns them back.
    pub(in crate::store) fn take(
        database: &Connection,
        folder: i64,
        messages: usize,
    ) -> rusqlite::Result<Option<Self>> {
        database
            .prepare_cached(
                "UPDATE folders SET uidnext = uidnext + ?2, highestmodseq = highestmodseq + 1 WHERE id = ?1
                 RETURNING uidvalidity, uidnext - ?2, highestmodseq",
            )?
            .query_row(params![folder, messages as i64], |row| {
                Ok(Self {
                    folder,
                    uid_validity: UidValidity(row.get(0)?),
                    first: row.get(1)?,
                    modseq: row.get::<_, i64>(2)?.unsigned_abs(),
                })
            })
            .optional()
    }

    /// Puts messages there, and tells the UID and flags of each.
    pub(in crate::store) fn fill(
        self,
        database: &Connection,
        rows: Vec<NewRow>,
    ) -> rusqlite::Result<Vec<(u32, Flags)>> {
        let mut added = Vec::with_capacity(rows.len());
        for (uid, row) in (self.first..).zip(rows) {
            database
                .prepare_cached(
                    "INSERT INTO messages (folder, uid, body, modseq, internal_date, flags)
                     VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
                )?
                .execute(params![
                    self.folder,
                    uid,
                    row.body,
                    self.modseq as i64,
                    row.internal_date,
                    flags::bits(&row.flags)
                ])?;
            flags::add_keywords(database, self.folder, uid, &row.flags)?;
            added.push((uid, row.flags));
        }
        Ok(added)
    }
}

/// Takes the folder's next MODSEQ; `None` when it is gone.
pub(in crate::store) fn next_modseq(database: &Connection, folder: i64) -> rusqlite::Result<Option<u64>> {
    database
        .prepare_cached(
            "UPDATE folders SET highestmodseq = highestmodseq + 1 WHERE id = ?1 RETURNING highestmodseq",
        )?
        .query_row([folder], |row| row.get(0).map(i64::unsigned_abs))
        .optional()
}

/// The folder's highest MODSEQ; `None` when it is gone.
pub(super) fn highest_modseq(database: &Connection, folder: i64) -> rusqlite::Result<Option<u64>> {
    database
        .prepare_cached("SELECT highestmodseq FROM folders WHERE id = ?1")?
        .query_row([folder], |row| row.get(0).map(i64::unsigned_abs))
        .optional()
}

/// Is the folder there?
pub(in crate::store) fn exists(database: &Connection, folder: i64) -> rusqlite::Result<bool> {
    database.prepare_cached("SELECT 1 FROM folders WHERE id = ?1")?.exists([folder])
}

/// Deletes the message if it has these flags, given as bits, and answers which body it referred to.
pub(in crate::store) fn delete(
    database: &Connection,
    folder: i64,
    uid: Uid,
    bits: u8,
) -> rusqlite::Result<Option<i64>> {
    database
        .prepare_cached(
            "DELETE FROM messages WHERE folder = ?1 AND uid = ?2 AND flags & ?3 = ?3 RETURNING body",
        )?
        .query_row(params![folder, uid.0, bits], |row| row.get(0))
        .optional()
}

/// Deletes all messages of a folder, and answers which bodies they referred to, each once.
pub(super) fn delete_all(database: &Connection, folder: i64) -> rusqlite::Result<BTreeSet<i64>> {
    database
        .prepare_cached("DELETE FROM messages WHERE folder = ?1 RETURNING body")?
        .query_map([folder], |row| row.get(0))?
        .collect()
}

/// Remembers that a message is gone.
pub(in crate::store) fn remember_expunged(
    database: &Connection,
    folder: i64,
    uid: Uid,
    modseq: u64,
) -> rusqlite::Result<()> {
    database
        .prepare_cached("INSERT INTO expunged (folder, uid, modseq) VALUES (?1, ?2, ?3)")?
        .execute(params![folder, uid.0, modseq as i64])
        .map(drop)
}

/// Deletes the body's row if no message refers to it, and answers its name then.
pub(in crate::store) fn delete_unreferenced(
    database: &Connection,
    body: i64,
) -> rusqlite::Result<Option<BodyName>> {
    database
        .prepare_cached(
            "DELETE FROM bodies WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM messages WHERE body = ?1)
             RETURNING name",
        )?
        .query_row([body], |row| row.get(0))
        .optional()
}
