//! Opening a store: its folder, its lock, and what a crash may have left behind.

use std::{
    path::{Path, PathBuf},
    sync::Mutex,
    time::Duration,
};

use rusqlite::{Connection, ErrorCode};

use super::{
    bodies::Bodies,
    disk,
    error::{OpenError, StoreError},
    schema,
};

/// What a store is opened for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OpenMode {
    /// To take and give mail: one process at a time. What a crash left behind is cleared away first.
    Serve,
    /// To look after accounts, also while a server runs.
    Admin,
}

/// An open store, piece by piece.
pub(super) struct Opened {
    pub(super) bodies: Bodies,
    pub(super) connection: Connection,
    pub(super) lock: Option<ServeLock>,
}

/// Opens the store in `dir`, or makes it there. Blocks.
pub(super) fn open(dir: &Path, mode: OpenMode) -> Result<Opened, OpenError> {
    disk::create_private_dir_durably(dir)?;
    let lock = match mode {
        OpenMode::Serve => Some(ServeLock::take(dir)?),
        OpenMode::Admin => None,
    };
    disk::touch_private_file(&database(dir))?;
    let mut connection = schema::open_writer(&database(dir))?;
    schema::migrate(&mut connection)?;
    let bodies = Bodies::new(dir);
    if mode == OpenMode::Serve {
        bodies.create()?;
        bodies.sweep(&connection)?;
    }
    disk::sync_dir(dir)?;
    Ok(Opened { bodies, connection, lock })
}

/// The database's file.
pub(super) fn database(dir: &Path) -> PathBuf {
    dir.join("mail.db")
}

/// Held by the one server that runs; the system releases it when the process ends, however it ends.
///
/// `File::try_lock` of the standard library is younger than the oldest compiler this builds with. SQLite
/// brings a portable file lock, so this is an empty database with an exclusive transaction that never ends.
#[derive(Debug)]
pub(super) struct ServeLock {
    /// In a mutex only because a connection cannot be shared between threads; nothing locks it.
    _transaction: Mutex<Connection>,
}

impl ServeLock {
    fn take(dir: &Path) -> Result<Self, OpenError> {
        let file = dir.join("serve.lock");
        disk::touch_private_file(&file)?;
        let lock = || {
            let connection = Connection::open(&file)?;
            connection.busy_timeout(Duration::ZERO)?;
            connection.execute_batch("BEGIN EXCLUSIVE")?;
            Ok(Self { _transaction: Mutex::new(connection) })
        };
        lock().map_err(|error: rusqlite::Error| match error.sqlite_error_code() {
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => {
                OpenError::InUse { dir: dir.to_owned() }
            }
            _ => OpenError::Store(StoreError::from(error)),
        })
    }
}
