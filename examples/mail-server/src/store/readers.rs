//! The connections that read.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
};

use rusqlite::Connection;
use tokio::{sync::Semaphore, task::spawn_blocking};

use super::{error::StoreError, schema};

/// How many queries run at once. A connection holds some hundred KiB of pages; queries here take
/// microseconds.
const READERS: usize = 4;

/// Connections that read, opened as they are needed and used again.
#[derive(Debug, Clone)]
pub(super) struct Readers {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    database: PathBuf,
    idle: Mutex<Vec<Connection>>,
    permits: Arc<Semaphore>,
}

impl Readers {
    pub(super) fn new(database: &Path) -> Self {
        let (idle, permits) = (Mutex::new(Vec::new()), Arc::new(Semaphore::new(READERS)));
        Self { shared: Arc::new(Shared { database: database.to_owned(), idle, permits }) }
    }

    /// Runs a query where it may block.
    pub(super) async fn read<T: Send + 'static>(
        &self,
        query: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
    ) -> Result<T, StoreError> {
        let permit =
            Arc::clone(&self.shared.permits).acquire_owned().await.map_err(|_| StoreError::Stopped)?;
        let shared = Arc::clone(&self.shared);
        let answer = spawn_blocking(move || {
            let _permit = permit;
            let idle = shared.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
            let connection = match idle {
                Some(connection) => connection,
                None => schema::open_reader(&shared.database)?,
            };
            let answer = query(&connection);
            shared.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
            answer
        });
        Ok(answer.await??)
    }
}
