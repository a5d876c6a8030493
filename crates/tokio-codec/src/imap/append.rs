//! Messages into mailboxes.
use super::{Answer, Error, Session, running::begin};
use crate::WriteFailure;
use bytes::BytesMut;
use imap_proto::{Append, Command, client::Event};
use tokio::io::{AsyncRead, AsyncReadExt};

/// Longest piece of a message that is queued at once.
const PIECE: usize = 16 * 1024;

/// Puts a message into a mailbox. It is read as it is sent, in pieces of up to 16 KiB.
///
/// Of `append`, the last message must stream: its [`MessageData`](imap_proto::MessageData) is `Announced`, and says how
/// many octets `body` has. What stands behind these is not read.
///
/// ```no_run
/// use imap_proto::{Append, AppendMessage, Flag, MailboxName, MessageData};
/// # async fn keep(session: &mut tokio_codec::imap::Session) -> Result<(), Box<dyn std::error::Error>> {
/// let mut file = tokio::fs::File::open("message.eml").await?;
/// let message = AppendMessage::new(MessageData::Announced(file.metadata().await?.len()));
/// let append = Append::new(MailboxName::new("Sent")?, message.with_flags(Flag::Seen.into()));
/// tokio_codec::imap::append(session, append, &mut file).await?.accepted()?;
/// # Ok(()) }
/// ```
///
/// # Errors
/// The session came to no answer. `body` failed or ended too early: the message was not appended, and since the server
/// waits for the rest, the session is of no more use.
pub async fn append(
    session: &mut Session,
    append: Append,
    body: &mut (impl AsyncRead + Unpin + ?Sized),
) -> Result<Answer, Error> {
    let mut left = append.announced().unwrap_or(0);
    let (mut untagged, mut invalid) = (Vec::new(), 0);
    let mut running = begin(session, Command::Append(Box::new(append)))?;
    while let Some(event) = running.next().await? {
        match event {
            Event::Upload { mut upload, .. } => {
                let session = running.session();
                while left > 0 {
                    let mut piece = BytesMut::with_capacity(PIECE);
                    let read = (&mut *body).take(left).read_buf(&mut piece).await.map_err(Error::Body)?;
                    if read == 0 {
                        break;
                    }
                    left -= read as u64;
                    session.write(&mut upload, piece.freeze()).await.map_err(|failure| match failure {
                        WriteFailure::Connection(error) => Error::Connection(error),
                        WriteFailure::Refused(error) => Error::Message(error),
                    })?;
                }
                session.finish(upload)?;
            }
            Event::Untagged(told) => untagged.push(told),
            Event::Invalid { .. } => invalid += 1,
            _ => {}
        }
    }
    let status = running.status().cloned().ok_or(Error::Closed)?;
    Ok(Answer { untagged, invalid, status })
}
