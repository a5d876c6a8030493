//! One message.
use super::{Error, Session};
use crate::WriteFailure;
use bytes::{Bytes, BytesMut};
use mail_wire::{Reason, Upload, WriteError};
use smtp_proto::{
    ProtocolError,
    delivery::{Event, Message, Outcome, Reading, Report},
};
use std::{
    fmt,
    future::{Future, poll_fn},
    io,
    pin::pin,
    task::Poll,
};
use tokio::io::{AsyncRead, AsyncReadExt};

/// The body of a message, from memory or from somewhere else.
pub enum Body<'a> {
    /// All of it. Its octets are shared, not copied.
    Bytes(Bytes),
    /// Read as it is sent, in pieces of up to 16 KiB. It can be read once: see [`Reading::Once`].
    Reader(&'a mut (dyn AsyncRead + Send + Unpin)),
}

/// Longest piece of a message that is queued at once.
const PIECE: usize = 16 * 1024;

/// Delivers a message, and tells what became of it for each recipient. Then the session is free for the next one, or
/// over: the report of the next message tells.
///
/// Of one in memory it is found out what it needs, as far as the message does not say: its size, and 8BITMIME where it
/// has octets above 127. It goes in several transactions where its recipients do not fit into one. Of one that is read
/// say what it needs, and its size if that is known.
///
/// # Errors
/// [`Error::Interrupted`]: the connection failed, or the body did behind the last octet that was announced, and its
/// report tells who has the message. Any other: nobody was sent the whole of it, and the session is of no more use.
pub async fn deliver(
    session: &mut Session,
    message: Message,
    body: impl Into<Body<'_>>,
) -> Result<Report, Error> {
    let mut body = body.into();
    session.machine().deliver(described(message, &body))?;
    loop {
        match session.next().await {
            Ok(Some(Event::Report(report))) => return Ok(report),
            Ok(Some(Event::Body(upload))) => match write(session, upload, &mut body).await {
                Ok(None) => {}
                Ok(Some(report)) => return Ok(report),
                Err(error) => return Err(given_up(session, error).await),
            },
            Ok(Some(_)) => {}
            Ok(None) => return Err(Error::Closed),
            Err(error) => return Err(interrupted(session, error).await),
        }
    }
}

/// The connection has failed. What became of the message?
async fn interrupted(session: &mut Session, error: crate::Error<ProtocolError>) -> Error {
    // A server that reads no more may have said why.
    while let Some(Ok(Some(event))) = now(session).await {
        if let Event::Report(report) = event {
            return Error::Interrupted { report, error: Box::new(error) };
        }
    }
    session.machine().close(Reason::Failure);
    // It is told, whatever else fails.
    while let Ok(Some(event)) = session.next().await {
        if let Event::Report(report) = event {
            return Error::Interrupted { report, error: Box::new(error) };
        }
    }
    Error::Connection(error)
}

/// The body could not be written to its end. One whose announced length was reached may have been delivered.
async fn given_up(session: &mut Session, error: Error) -> Error {
    if !matches!(error, Error::Body(_) | Error::Message(_)) {
        return error;
    }
    session.machine().close(Reason::Failure);
    while let Ok(Some(event)) = session.next().await {
        let Event::Report(report) = event else { continue };
        if !report.outcomes.contains(&Outcome::Unknown) {
            break;
        }
        let cause = match error {
            Error::Body(error) => error,
            error => io::Error::new(io::ErrorKind::InvalidInput, error),
        };
        return Error::Interrupted { report, error: Box::new(cause.into()) };
    }
    error
}

/// Says what is known of a message in memory.
fn described(message: Message, body: &Body<'_>) -> Message {
    let Body::Bytes(octets) = body else { return message.with_reading(Reading::Once) };
    let said = message.mail().parameters();
    let mut mail = message.mail().clone();
    // rule rfc1870 6 size-declared: the size of a message in memory is declared where the server offers it
    if said.size().is_none() {
        mail = mail.with_size(octets.len() as u64);
    }
    // rule rfc6152 3 body-declared: a message with octets above 0x7F is declared as 8BITMIME
    if said.body().is_none() && !octets.is_ascii() {
        mail = mail.with_body(smtp_proto::Body::EightBitMime);
    }
    message.with_mail(mail)
}

/// Writes the body. A report: the session ended meanwhile.
async fn write(
    session: &mut Session,
    mut upload: Upload,
    body: &mut Body<'_>,
) -> Result<Option<Report>, Error> {
    let mut unread = match body {
        Body::Bytes(octets) => octets.clone(),
        Body::Reader(_) => Bytes::new(),
    };
    let mut waiting = None;
    loop {
        let piece = match (waiting.take(), &mut *body) {
            (Some(piece), _) => piece,
            (None, Body::Bytes(_)) => unread.split_to(unread.len().min(PIECE)),
            (None, Body::Reader(reader)) => {
                let mut piece = BytesMut::with_capacity(PIECE);
                reader.read_buf(&mut piece).await.map_err(Error::Body)?;
                piece.freeze()
            }
        };
        if piece.is_empty() {
            session.finish(upload)?;
            return Ok(None);
        }
        match session.write_or_hear(&mut upload, piece).await {
            Ok(left) => waiting = left,
            // The server wants no more of it, and the report tells why.
            Err(WriteFailure::Refused(WriteError::Refused { .. })) => {
                session.finish(upload)?;
                return Ok(None);
            }
            Err(WriteFailure::Refused(error)) => return Err(Error::Message(error)),
            Err(WriteFailure::Connection(error)) => return Err(interrupted(session, error).await),
        }
        // Replies are taken as they come, so that neither end waits for the other to read, and none is lost with the
        // connection.
        match now(session).await {
            None => {}
            Some(Ok(Some(Event::Report(report)))) => return Ok(Some(report)),
            Some(Ok(_)) => {}
            Some(Err(error)) => return Err(interrupted(session, error).await),
        }
    }
}

/// What [`next`](crate::Connection::next) has to tell without a wait.
async fn now(session: &mut Session) -> Option<Result<Option<Event>, crate::Error<ProtocolError>>> {
    let mut next = pin!(session.next());
    poll_fn(|cx| match next.as_mut().poll(cx) {
        Poll::Ready(event) => Poll::Ready(Some(event)),
        Poll::Pending => Poll::Ready(None),
    })
    .await
}

impl From<Bytes> for Body<'_> {
    fn from(message: Bytes) -> Self {
        Self::Bytes(message)
    }
}

impl From<&'static [u8]> for Body<'_> {
    fn from(message: &'static [u8]) -> Self {
        Self::Bytes(Bytes::from_static(message))
    }
}

impl<'a, R: AsyncRead + Send + Unpin> From<&'a mut R> for Body<'a> {
    fn from(reader: &'a mut R) -> Self {
        Self::Reader(reader)
    }
}

impl fmt::Debug for Body<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(message) => write!(f, "Body({} octets)", message.len()),
            Self::Reader(_) => f.write_str("Body(..)"),
        }
    }
}
