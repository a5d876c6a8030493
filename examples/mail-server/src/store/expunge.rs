//! Taking messages out of a folder for good.

use rusqlite::{Connection, OptionalExtension, params};

use super::{
    bodies::{Bodies, BodyName},
    disk,
    value::Uid,
    writer::{Fate, Work},
};

/// Messages to expunge from one folder.
///
/// A body goes when no row refers to it any more. That is asked inside the transaction, on the thread that
/// makes every delivery, so a body cannot gain a reader between the question and its end.
#[derive(Debug)]
pub(super) struct Expunge {
    folder: i64,
    uids: Vec<Uid>,
    bodies: Bodies,
    /// Bodies that no row refers to once this is committed.
    unreferenced: Vec<BodyName>,
}

impl Expunge {
    pub(super) fn new(folder: i64, uids: Vec<Uid>, bodies: Bodies) -> Self {
        Self { folder, uids, bodies, unreferenced: Vec::new() }
    }
}

impl Work for Expunge {
    type Output = ();

    fn apply(&mut self, database: &Connection) -> rusqlite::Result<()> {
        let mut modseq = None;
        for uid in &self.uids {
            let Some(body) = delete_message(database, self.folder, *uid)? else { continue };
            // One MODSEQ for all that go together: RFC 7162 asks that it ascend, not that each have its own.
            let modseq = match modseq {
                Some(modseq) => modseq,
                None => *modseq.insert(next_modseq(database, self.folder)?),
            };
            database
                .prepare_cached("INSERT INTO expunged (folder, uid, modseq) VALUES (?1, ?2, ?3)")?
                .execute(params![self.folder, uid.0, modseq])?;
            self.unreferenced.extend(delete_unreferenced(database, body)?);
        }
        Ok(())
    }

    fn settle(self, fate: Fate) {
        if fate == Fate::Committed {
            for name in self.unreferenced {
                // What cannot be removed now goes when the next server starts.
                let _ = disk::remove_file(&self.bodies.path(name));
            }
        }
    }
}

/// Deletes the message and answers which body it referred to.
fn delete_message(database: &Connection, folder: i64, uid: Uid) -> rusqlite::Result<Option<i64>> {
    database
        .prepare_cached("DELETE FROM messages WHERE folder = ?1 AND uid = ?2 RETURNING body")?
        .query_row(params![folder, uid.0], |row| row.get(0))
        .optional()
}

fn next_modseq(database: &Connection, folder: i64) -> rusqlite::Result<i64> {
    database
        .prepare_cached(
            "UPDATE folders SET highestmodseq = highestmodseq + 1 WHERE id = ?1 RETURNING highestmodseq",
        )?
        .query_row([folder], |row| row.get(0))
}

/// Deletes the body's row if no message refers to it, and answers its name then.
fn delete_unreferenced(database: &Connection, body: i64) -> rusqlite::Result<Option<BodyName>> {
    database
        .prepare_cached(
            "DELETE FROM bodies WHERE id = ?1 AND NOT EXISTS (SELECT 1 FROM messages WHERE body = ?1)
             RETURNING name",
        )?
        .query_row([body], |row| row.get(0))
        .optional()
}
