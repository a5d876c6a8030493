//! What was computed from bodies, and can be computed again.

use bytes::Bytes;
use rusqlite::{Connection, OptionalExtension, params};

use super::facts::Lookup;
use crate::store::{
    Uid,
    writer::{Fate, Work},
};

/// Reads the summaries that there are of a version.
pub(super) fn summaries(
    database: &Connection,
    folder: i64,
    uids: &Lookup,
    version: u32,
) -> rusqlite::Result<Vec<(Uid, Bytes)>> {
    let query = "SELECT uid, version, summary FROM messages JOIN derived ON derived.body = messages.body
                 WHERE folder = ?1 AND uid BETWEEN ?2 AND ?3 ORDER BY uid";
    let found = uids.read(database, folder, query, |uid, row| {
        if row.get::<_, u32>(1)? == version {
            Ok(Some((uid, Bytes::from(row.get::<_, Vec<u8>>(2)?))))
        } else {
            Ok(None)
        }
    })?;
    Ok(found.into_iter().flatten().collect())
}

/// Reads the text of a message, if there is one of this version.
pub(super) fn text(
    database: &Connection,
    folder: i64,
    uid: Uid,
    version: u32,
) -> rusqlite::Result<Option<Bytes>> {
    let text: Option<Option<Vec<u8>>> = database
        .prepare_cached(
            "SELECT text FROM messages JOIN derived ON derived.body = messages.body
             WHERE folder = ?1 AND uid = ?2 AND version = ?3",
        )?
        .query_row(params![folder, uid.0, version], |row| row.get(0))
        .optional()?;
    Ok(text.flatten().map(Bytes::from))
}

/// What was computed from a message's body.
#[derive(Debug)]
pub(super) struct Keep {
    pub(super) folder: i64,
    pub(super) uid: Uid,
    pub(super) version: u32,
    pub(super) summary: Bytes,
    pub(super) text: Option<Bytes>,
}

impl Work for Keep {
    type Output = ();

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<()> {
        database
            .prepare_cached(
                "INSERT INTO derived (body, version, summary, text)
                 SELECT body, ?3, ?4, ?5 FROM messages WHERE folder = ?1 AND uid = ?2
                 ON CONFLICT (body) DO UPDATE SET
                     text = ifnull(excluded.text, iif(version = excluded.version, text, NULL)),
                     version = excluded.version,
                     summary = excluded.summary",
            )?
            .execute(params![
                self.folder,
                self.uid.0,
                self.version,
                self.summary.as_ref(),
                self.text.as_deref()
            ])
            .map(drop)
    }

    fn settle(self, _: Fate) {}
}
