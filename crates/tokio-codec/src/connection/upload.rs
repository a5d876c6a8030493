//! Payload on its way out.
use super::{Connection, WriteFailure};
use bytes::Bytes;
use mail_wire::{FinishError, Upload, Uploads, WriteError};
use tokio::io::{AsyncRead, AsyncWrite};

impl<Io, M> Connection<Io, M>
where
    Io: AsyncRead + AsyncWrite + Unpin,
    M: Uploads,
{
    /// Writes a chunk of payload, waiting while the peer takes what stands before it.
    ///
    /// Not cancel-safe: dropped while it waits, the chunk was not written.
    ///
    /// # Errors
    /// The connection failed, or the chunk was refused: [`WriteFailure::Refused`] hands it back.
    pub async fn write(
        &mut self,
        upload: &mut Upload,
        mut chunk: Bytes,
    ) -> Result<(), WriteFailure<M::Error>> {
        loop {
            match self.machine.write(upload, chunk) {
                Ok(()) => return Ok(()),
                Err(WriteError::Blocked { chunk: back, .. }) => chunk = back,
                Err(error) => return Err(WriteFailure::Refused(error)),
            }
            self.flush().await?;
        }
    }

    /// The same, but for what the peer says meanwhile: the chunk comes back where something was read while it waited, which
    /// `next` tells. A peer that takes no more may have said why.
    #[cfg(feature = "smtp")]
    pub(crate) async fn write_or_hear(
        &mut self,
        upload: &mut Upload,
        chunk: Bytes,
    ) -> Result<Option<Bytes>, WriteFailure<M::Error>> {
        match self.machine.write(upload, chunk) {
            Ok(()) => Ok(None),
            Err(WriteError::Blocked { chunk, .. }) => {
                self.flush_or_read().await?;
                Ok(Some(chunk))
            }
            Err(error) => Err(WriteFailure::Refused(error)),
        }
    }

    /// Ends the payload. Its last octets are written by [`next`](Self::next) or [`flush`](Self::flush).
    ///
    /// # Errors
    /// Something is missing; the upload comes back.
    pub fn finish(&mut self, upload: Upload) -> Result<(), FinishError> {
        self.machine.finish(upload)
    }
}
