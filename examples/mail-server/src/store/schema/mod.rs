//! The database's connections and its schema, version by version.

use std::{
    path::Path,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

use rusqlite::{Connection, TransactionBehavior};

use super::error::OpenError;

/// The version this program writes, kept in `PRAGMA user_version`.
const VERSION: u32 = 3;

/// How long a connection waits for another process's write. An account being added takes milliseconds.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens the one connection that writes.
///
/// Write-ahead logging lets readers go on while it writes, in this process and in others;
/// `synchronous = FULL` makes each commit wait for the disk.
pub(super) fn open_writer(database: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(database)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "foreign_keys", "ON")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Opens a connection that only reads.
pub(super) fn open_reader(database: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(database)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "query_only", "ON")?;
    connection.set_prepared_statement_cache_capacity(32);
    Ok(connection)
}

/// Brings the database to [`VERSION`], in one transaction, and rewrites it where it was of an earlier one.
pub(super) fn migrate(connection: &mut Connection) -> Result<(), OpenError> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    let found: u32 = transaction.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    let steps: &[&str] = match found {
        0 => &[include_str!("schema.sql")],
        1 => &[include_str!("from_1_to_2.sql"), include_str!("from_2_to_3.sql")],
        2 => &[include_str!("from_2_to_3.sql")],
        VERSION => return Ok(()),
        _ => return Err(OpenError::NewerSchema { found, known: VERSION }),
    };
    for step in steps {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", VERSION)?;
    transaction.commit()?;
    if found != 0 {
        // SQLite leaves what it drops where it stood: hashes of passwords would stay in the file.
        connection.execute_batch("VACUUM")?;
    }
    Ok(())
}

/// A time as the database keeps it: seconds since 1970.
pub(super) fn seconds(time: SystemTime) -> i64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(since) => since.as_secs() as i64,
        Err(before) => -(before.duration().as_secs() as i64),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn migrating_twice_changes_nothing() {
        let mut connection = Connection::open_in_memory().unwrap();
        migrate(&mut connection).unwrap();
        migrate(&mut connection).unwrap();
    }

    /// The columns of each table, and the text of each index and trigger.
    fn shape(connection: &Connection) -> BTreeSet<String> {
        let sql =
            "SELECT t.name || '.' || c.name || c.type || c.\"notnull\" || ifnull(c.dflt_value, '') || c.pk
                   FROM sqlite_master t, pragma_table_info(t.name) c WHERE t.type = 'table'
                   UNION ALL SELECT name || ifnull(sql, '') FROM sqlite_master WHERE type <> 'table'";
        let mut query = connection.prepare(sql).unwrap();
        query.query_map([], |row| row.get(0)).unwrap().collect::<rusqlite::Result<_>>().unwrap()
    }

    #[test]
    fn a_store_of_an_earlier_version_becomes_as_a_new_one() {
        let mut new = Connection::open_in_memory().unwrap();
        migrate(&mut new).unwrap();
        let earlier = [
            include_str!("../../../tests/store/version_1.sql"),
            include_str!("../../../tests/store/version_2.sql"),
        ];
        for (version, schema) in (1..).zip(earlier) {
            let mut old = Connection::open_in_memory().unwrap();
            old.execute_batch(schema).unwrap();
            old.pragma_update(None, "user_version", version).unwrap();
            migrate(&mut old).unwrap();
            assert_eq!(shape(&old), shape(&new), "version {version}");
        }
    }

    #[test]
    fn a_store_from_the_future_is_left_alone() {
        let mut connection = Connection::open_in_memory().unwrap();
        connection.pragma_update(None, "user_version", 7).unwrap();
        let error = migrate(&mut connection).unwrap_err();
        assert_eq!(error.to_string(), "store is of version 7, this program knows up to 3");
    }
}
