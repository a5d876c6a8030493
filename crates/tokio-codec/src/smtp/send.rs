//! One message.
use super::{Error, Session, ask, event, is_refusal};
use crate::WriteFailure;
use bytes::{Bytes, BytesMut};
use mail_wire::Upload;
use smtp_proto::{
    Code, Command, Extension, Mail, Phase, Rcpt, Reply,
    client::{Event, SendRefusal},
};
use std::{collections::VecDeque, fmt};
use tokio::io::{AsyncRead, AsyncReadExt};

/// A message, from memory or from somewhere else.
pub enum Body<'a> {
    /// All of it. Its octets are shared, not copied.
    Bytes(Bytes),
    /// Read as it is sent, in pieces of up to 16 KiB.
    Reader(&'a mut (dyn AsyncRead + Send + Unpin)),
}

/// Longest piece of a message that is queued at once.
const PIECE: usize = 16 * 1024;

/// Sends a message: MAIL, a RCPT for each recipient and DATA, in one group where the server pipelines.
///
/// It comes back with one reply for each recipient, in their order: the refusal of its RCPT, or what became of
/// the message, which LMTP tells for each. A refused MAIL or DATA counts for all. Then the session is free for the
/// next message.
///
/// What the server offers is made use of: SIZE and 8BITMIME are told of a message in memory if `mail` does not.
///
/// # Errors
/// The session came to no result and is of no more use. Whether the message was taken is only then unknown when
/// all of it had been sent: a message that could not be read or encoded to its end gets no end, and is not.
pub async fn send_message(
    session: &mut Session,
    mail: Mail,
    recipients: Vec<Rcpt>,
    body: impl Into<Body<'_>>,
) -> Result<Vec<Reply>, Error> {
    let mut body = Some(body.into());
    let mail = Command::Mail(described(mail, body.as_ref(), session));
    let mut outcomes: Vec<Option<Reply>> = vec![None; recipients.len()];
    let mut unsent: VecDeque<Command> =
        [mail].into_iter().chain(recipients.into_iter().map(Command::Rcpt)).chain([Command::Data]).collect();
    // In order: MAIL, the RCPTs, DATA.
    let mut tickets = Vec::with_capacity(unsent.len());
    let mut unanswered = 0_usize;
    let mut farewell = None;
    while !unsent.is_empty() || unanswered > 0 {
        while let Some(command) = unsent.pop_front() {
            match session.machine().send(command) {
                Ok(ticket) => tickets.push(ticket),
                Err(error) if error.refusal == SendRefusal::Busy && unanswered > 0 => {
                    unsent.push_front(*error.command);
                    break;
                }
                Err(error) => return Err(error.into()),
            }
            unanswered += 1;
        }
        match event(session).await? {
            Event::Upload { mut upload, .. } => {
                if let Some(body) = body.take().filter(|_| outcomes.iter().any(Option::is_none)) {
                    write(session, &mut upload, body).await?;
                }
                session.finish(upload)?;
            }
            Event::Reply { ticket, reply } => {
                unanswered = unanswered.saturating_sub(1);
                if reply.code() == Code::NOT_AVAILABLE {
                    farewell = Some(reply.clone());
                }
                let Ok(place) = tickets.binary_search(&ticket) else { continue };
                match place.checked_sub(1).and_then(|recipient| outcomes.get_mut(recipient)) {
                    Some(outcome) if is_refusal(&reply) => drop(outcome.get_or_insert(reply)),
                    Some(_) => {}
                    // MAIL that succeeds decides nothing.
                    None if place == 0 && !is_refusal(&reply) => {}
                    None => {
                        unsent.clear();
                        for outcome in &mut outcomes {
                            outcome.get_or_insert_with(|| reply.clone());
                        }
                    }
                }
            }
            Event::Recipient { recipient, reply, .. } => {
                let place = tickets.binary_search(&recipient).ok().and_then(|place| place.checked_sub(1));
                if let Some(outcome) = place.and_then(|recipient| outcomes.get_mut(recipient)) {
                    outcome.get_or_insert(reply);
                }
                if outcomes.iter().all(Option::is_some) {
                    unanswered = 0;
                }
            }
            Event::Unsolicited(reply) => farewell = Some(reply),
            Event::Unanswered(_) | Event::NeverSent(_) => {
                return Err(farewell.map_or(Error::Closed, Error::Refused));
            }
            _ => {}
        }
    }
    // Nobody was accepted, or the message was not: the transaction stands open.
    if farewell.is_none() && matches!(session.machine().state().phase, Phase::Transaction { .. }) {
        ask(session, Command::Rset).await?;
    }
    Ok(outcomes.into_iter().flatten().collect())
}

/// Adds what the server may know beforehand.
fn described(mut mail: Mail, body: Option<&Body<'_>>, session: &mut Session) -> Mail {
    let (Some(Body::Bytes(message)), Some(offered)) = (body, session.machine().capabilities()) else {
        return mail;
    };
    // rule rfc1870 6 size-declared: the size of a message in memory is declared where the server offers it
    if mail.parameters().size().is_none() && offered.has(Extension::Size) {
        mail = mail.with_size(message.len() as u64);
    }
    // rule rfc6152 3 body-declared: a message with octets above 0x7F is declared as 8BITMIME
    if mail.parameters().body().is_none() && offered.has(Extension::EightBitMime) && !message.is_ascii() {
        mail = mail.with_body(smtp_proto::Body::EightBitMime);
    }
    mail
}

async fn write(session: &mut Session, upload: &mut Upload, body: Body<'_>) -> Result<(), Error> {
    let refused = |failure| match failure {
        WriteFailure::Connection(error) => Error::Connection(error),
        WriteFailure::Refused(error) => Error::Message(error),
    };
    match body {
        Body::Bytes(mut message) => {
            while !message.is_empty() {
                let piece = message.split_to(message.len().min(PIECE));
                session.write(upload, piece).await.map_err(refused)?;
            }
        }
        Body::Reader(reader) => loop {
            let mut piece = BytesMut::with_capacity(PIECE);
            if reader.read_buf(&mut piece).await.map_err(Error::Body)? == 0 {
                break;
            }
            session.write(upload, piece.freeze()).await.map_err(refused)?;
        },
    }
    Ok(())
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
