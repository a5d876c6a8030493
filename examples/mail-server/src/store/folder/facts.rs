//! What never changes of messages, and where their bodies lie.

use rusqlite::{Connection, OptionalExtension, Row, params};

use super::{BodyId, Facts};
use crate::store::{Uid, bodies::BodyName};

/// UIDs to look up: in as few queries as it pays to make.
#[derive(Debug)]
pub(super) struct Lookup {
    /// Ascending, each once.
    uids: Vec<Uid>,
}

/// How many messages that were not asked for are passed over rather than begin another query.
const SKIP: u32 = 8;

impl Lookup {
    pub(super) fn new(mut uids: Vec<Uid>) -> Self {
        uids.sort_unstable();
        uids.dedup();
        Self { uids }
    }

    /// From and to, ascending, with gaps between.
    fn ranges(&self) -> Vec<(u32, u32)> {
        let mut ranges: Vec<(u32, u32)> = Vec::new();
        for Uid(uid) in &self.uids {
            match ranges.last_mut() {
                Some((_, last)) if uid - *last <= SKIP => *last = *uid,
                _ => ranges.push((*uid, *uid)),
            }
        }
        ranges
    }

    /// Reads all rows of them by a query of a folder, from a UID up to another; the UID is the first column.
    pub(super) fn read<T>(
        &self,
        database: &Connection,
        folder: i64,
        query: &str,
        read: impl Fn(Uid, &Row<'_>) -> rusqlite::Result<T>,
    ) -> rusqlite::Result<Vec<T>> {
        let mut query = database.prepare_cached(query)?;
        let mut found = Vec::new();
        for (first, last) in self.ranges() {
            let mut rows = query.query(params![folder, first, last])?;
            while let Some(row) = rows.next()? {
                let uid = Uid(row.get(0)?);
                if self.uids.binary_search(&uid).is_ok() {
                    found.push(read(uid, row)?);
                }
            }
        }
        Ok(found)
    }
}

/// Reads the facts of messages.
pub(super) fn read(database: &Connection, folder: i64, uids: &Lookup) -> rusqlite::Result<Vec<Facts>> {
    let query = "SELECT uid, size, internal_date, body FROM messages JOIN bodies ON bodies.id = messages.body
                 WHERE folder = ?1 AND uid BETWEEN ?2 AND ?3 ORDER BY uid";
    uids.read(database, folder, query, |uid, row| {
        let size: i64 = row.get(1)?;
        let (internal_date, body) = (row.get(2)?, BodyId(row.get(3)?));
        Ok(Facts { uid, size: size.unsigned_abs(), internal_date, body })
    })
}

/// The name and the size of a message's body.
pub(in crate::store) fn body(
    database: &Connection,
    folder: i64,
    uid: Uid,
) -> rusqlite::Result<Option<(BodyName, u64)>> {
    database
        .prepare_cached(
            "SELECT name, size FROM messages JOIN bodies ON bodies.id = messages.body
             WHERE folder = ?1 AND uid = ?2",
        )?
        .query_row(params![folder, uid.0], |row| Ok((row.get(0)?, row.get::<_, i64>(1)?.unsigned_abs())))
        .optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn neighbours_are_looked_up_together() {
        let lookup = Lookup::new([30, 1, 2, 9, 100, 2, 29].map(Uid).to_vec());
        assert_eq!(lookup.ranges(), [(1, 9), (29, 30), (100, 100)]);
        assert_eq!(Lookup::new(Vec::new()).ranges(), []);
    }
}
