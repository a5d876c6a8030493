//! Reading ahead of an answer.
use super::{Connection, Error};
use mail_wire::{Machine, Step};
use tokio::{
    io::{AsyncRead, AsyncWrite},
    time::Instant,
};

/// Octets that are read while a question is open.
const MAX_AHEAD: usize = 4 * 1024;

impl<Io, M> Connection<Io, M>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    M: Machine,
{
    /// Reads on while a question of the machine is open, up to 4 KiB, and brings what the machine tells of that, such as
    /// an SMTP client that does not wait for its greeting. `None`: nothing more is told before the answer.
    ///
    /// What was read is kept, and handled in its turn. Not for a grant of an [`Upgrade`](mail_wire::Upgrade): what comes
    /// then is not the machine's, and ends the session.
    ///
    /// Cancel-safe: dropped before it is ready, nothing is lost.
    ///
    /// ```no_run
    /// # async fn ask<Io, M>(mut connection: tokio_codec::Connection<Io, M>)
    /// # where Io: tokio::io::AsyncRead + tokio::io::AsyncWrite + Unpin, M: mail_wire::Machine {
    /// // A question is open: does the peer say something within a second?
    /// let early = tokio::time::timeout(std::time::Duration::from_secs(1), connection.next_unanswered()).await;
    /// # }
    /// ```
    ///
    /// # Errors
    /// As of [`next`](Self::next).
    pub async fn next_unanswered(&mut self) -> Result<Option<M::Event>, Error<M::Error>> {
        loop {
            self.tell_failure().await?;
            match self.machine.receive(&mut self.input.octets) {
                Ok(Step::Event(event)) => {
                    self.told = Some(Instant::now());
                    return Ok(Some(event));
                }
                Ok(Step::NeedAnswer) if !self.ended && self.input.octets.len() < MAX_AHEAD => {
                    self.read_on(1).await?;
                }
                // No question is open, and `next` goes on.
                Ok(_) => return Ok(None),
                Err(error) => self.failure = Some(Error::Protocol(error)),
            }
        }
    }
}
