//! Waiting for something to change.

use std::future;

use tokio::sync::watch;

/// What a session waits with for changes of a folder. It costs nothing while there are none.
#[derive(Debug, Clone)]
pub struct Watch {
    changes: watch::Receiver<()>,
}

impl Watch {
    /// Waits until something has changed since the last time, or since this was made; a session's own changes are
    /// among them.
    ///
    /// Nothing is lost when the future is dropped before it is ready.
    pub async fn changed(&mut self) {
        if self.changes.changed().await.is_err() {
            // No handle of the folder is left, and so no one who could poll it.
            future::pending::<()>().await;
        }
    }
}

/// Watches what a sender tells of.
impl From<watch::Receiver<()>> for Watch {
    fn from(changes: watch::Receiver<()>) -> Self {
        Self { changes }
    }
}
