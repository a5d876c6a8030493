//! Why a connection ended.
use mail_wire::{Stale, Upgrade, WriteError};
use std::io;

/// Why a connection ended.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error<E: std::error::Error> {
    /// The socket failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The peer broke the protocol.
    #[error(transparent)]
    Protocol(E),
    /// The peer closed the connection in the middle of something.
    #[error("the peer closed the connection too early: {0}")]
    Cut(E),
    /// The peer kept us waiting for too long.
    #[error("the peer did not answer in time")]
    TimedOut,
    /// `next` was called while a question of the machine was open: nothing could have happened.
    #[error("an open question must be answered first")]
    Unanswered,
    /// An upgrade of another session.
    #[error(transparent)]
    Stale(#[from] Stale<Upgrade>),
}

/// Why a chunk was not written.
#[derive(Debug, thiserror::Error)]
pub enum WriteFailure<E: std::error::Error> {
    /// The connection failed.
    #[error(transparent)]
    Connection(#[from] Error<E>),
    /// The machine did not take the chunk, which comes back.
    #[error(transparent)]
    Refused(WriteError),
}
