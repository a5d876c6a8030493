//! Why a session ended early.
use crate::store::StoreError;
use std::error::Error;
use thiserror::Error;
use tokio_codec::{WriteFailure, wire::Stale};

/// Why a session ended early, whichever protocol it spoke.
#[derive(Debug, Error)]
pub(super) enum SessionError {
    #[error(transparent)]
    Connection(Box<dyn Error + Send + Sync>),
    #[error("a message could not be read")]
    Store(#[from] StoreError),
    #[error("an answer could not be sent: {0}")]
    Unsent(String),
    #[error("a question was answered that was not open")]
    Stale,
    #[error("the server stops")]
    Stopped,
}

impl<E: Error + Send + Sync + 'static> From<tokio_codec::Error<E>> for SessionError {
    fn from(error: tokio_codec::Error<E>) -> Self {
        Self::Connection(error.into())
    }
}

impl<E: Error + Send + Sync + 'static> From<WriteFailure<E>> for SessionError {
    fn from(failure: WriteFailure<E>) -> Self {
        Self::Connection(failure.into())
    }
}

impl<T> From<Stale<T>> for SessionError {
    fn from(_: Stale<T>) -> Self {
        Self::Stale
    }
}
