//! Connections to SMTP, submission and LMTP servers, and messages sent with them.
//!
//! Nothing here is out of a caller's reach: each function is a loop over [`Connection::next`] and
//! [`Client::send`](smtp_proto::client::Client::send). For more (a fallback to HELO, a connection that is
//! kept warm) write to the [`Session`] that they share.
//!
//! ```no_run
//! use smtp_proto::{ClientConfig, ClientName, Mail, Mailbox, Rcpt};
//! use tokio_codec::{rustls, smtp};
//!
//! # async fn send(tls: std::sync::Arc<rustls::ClientConfig>) -> Result<(), Box<dyn std::error::Error>> {
//! let us = ClientName::new("client.example.org")?;
//! let server = "mx.example.net".try_into()?;
//! let address = ("mx.example.net", 25);
//! let mut session = smtp::connect_starttls(address, ClientConfig::default(), us, tls, server).await?;
//!
//! let mail = Mail::new(Mailbox::new("a@example.org")?);
//! let to = ["b@example.net", "c@example.net"];
//! let recipients = to.iter().map(|to| Ok(Rcpt::new(Mailbox::new(to)?))).collect::<Result<_, smtp_proto::ParseError>>()?;
//! let message = b"Subject: hi\r\n\r\nHello.\r\n";
//! for (to, reply) in to.iter().zip(smtp::send_message(&mut session, mail, recipients, &message[..]).await?) {
//!     println!("{to}: {reply}");
//! }
//! smtp::quit(&mut session).await?;
//! # Ok(()) }
//! ```
mod connect;
#[cfg(feature = "sasl")]
mod login;
mod send;

pub use connect::{connect, connect_starttls, connect_tls, quit};
#[cfg(feature = "sasl")]
pub use login::login;
pub use send::{Body, send_message};

use crate::Connection;
use mail_wire::{FinishError, WriteError};
use smtp_proto::{
    Class, Code, Command, ProtocolError, Reply,
    client::{Client, Event, SendError},
};
use std::io;
use tokio::net::TcpStream;

/// A client's session on a socket.
pub type Session = Connection<TcpStream, Client>;

/// Why a step of a session failed. The session is of no more use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection failed.
    #[error(transparent)]
    Connection(#[from] crate::Error<ProtocolError>),
    /// The server refused the connection or a command that must succeed.
    #[error("refused by the server: {0}")]
    Refused(Reply),
    /// The server closed the connection without an answer.
    #[error("the server closed the connection without an answer")]
    Closed,
    /// The session's state, the server's offers or the configuration forbid a command.
    #[error(transparent)]
    NotSent(#[from] SendError),
    /// There is no way to log in, or the server is not to be believed.
    #[cfg(feature = "sasl")]
    #[error("cannot log in: {0}")]
    Login(#[from] crate::LoginError),
    /// The message cannot be sent as it is.
    #[error("the message cannot be sent: {0}")]
    Message(#[from] WriteError),
    /// The message ends in a bare CR.
    #[error("the message cannot be sent: {0}")]
    Unfinished(#[from] FinishError),
    /// The message could not be read. The server was told nothing of its end.
    #[error("the message could not be read: {0}")]
    Body(io::Error),
}

#[cfg(feature = "sasl")]
impl From<Box<mail_sasl::NoMechanism>> for Error {
    fn from(none: Box<mail_sasl::NoMechanism>) -> Self {
        Self::Login(none.into())
    }
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Connection(error.into())
    }
}

async fn event(session: &mut Session) -> Result<Event, Error> {
    session.next().await?.ok_or(Error::Closed)
}

/// Sends a command that must succeed, and waits for its answer.
async fn ask(session: &mut Session, command: Command) -> Result<Event, Error> {
    let sent = session.machine().send(command)?;
    loop {
        match event(session).await? {
            Event::Reply { reply, .. } if is_refusal(&reply) => return Err(Error::Refused(reply)),
            Event::Unsolicited(reply) if reply.code() == Code::NOT_AVAILABLE => {
                return Err(Error::Refused(reply));
            }
            Event::Reply { ticket, reply } if ticket == sent => return Ok(Event::Reply { ticket, reply }),
            upgrade @ Event::Upgrade { .. } => return Ok(upgrade),
            Event::Unanswered(_) | Event::NeverSent(_) => return Err(Error::Closed),
            _ => {}
        }
    }
}

fn is_refusal(reply: &Reply) -> bool {
    matches!(reply.code().class(), Class::Transient | Class::Permanent)
}
