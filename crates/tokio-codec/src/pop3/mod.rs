//! Connections to POP3 servers.
//!
//! Nothing here is out of a caller's reach: each function is a loop over [`Connection::next`] and
//! [`Client::send`]. Messages are asked for and taken by the [`Session`] itself:
//!
//! ```no_run
//! use pop3_proto::{ClientConfig, Command, MessageNumber, client::Event};
//! use tokio::io::AsyncWriteExt;
//! use tokio_codec::{pop3, rustls, sasl::{Credentials, Policy, Secret}};
//!
//! # async fn take(tls: std::sync::Arc<rustls::ClientConfig>, mut file: tokio::fs::File) -> Result<(), Box<dyn std::error::Error>> {
//! let server = "mail.example.net".try_into()?;
//! let mut session = pop3::connect_tls(("mail.example.net", 995), ClientConfig::default(), tls, server).await?;
//! let credentials = Credentials::password("mrose", Secret::copy_from(b"tan staaf"))?;
//! pop3::login(&mut session, credentials, &Policy::default()).await?;
//! let message = MessageNumber::new(1).ok_or("no message has the number 0")?;
//! let retr = session.machine().send(Command::Retr(message))?;
//! while let Some(event) = session.next().await? {
//!     match event {
//!         // While this waits for the disk, nothing is read, and the server waits too.
//!         Event::Payload(piece) => file.write_all(&piece).await?,
//!         Event::End(ticket) if ticket == retr => break,
//!         Event::Reply { ticket, reply } if ticket == retr => return Err(pop3::Error::Refused(reply).into()),
//!         _ => {}
//!     }
//! }
//! session.machine().send(Command::Dele(message))?;
//! // Only now is the message removed.
//! pop3::quit(&mut session).await?;
//! # Ok(()) }
//! ```
mod connect;
#[cfg(feature = "sasl")]
mod login;

pub use connect::{connect, connect_starttls, connect_tls, quit};
#[cfg(feature = "sasl")]
pub use login::login;

use crate::Connection;
use pop3_proto::{
    Command, InvalidArgument, ProtocolError, Reply, Status,
    client::{Client, Event, SendError},
};
use std::io;
use tokio::net::TcpStream;

/// A client's session on a socket.
pub type Session = Connection<TcpStream, Client>;

/// Why a step of a session failed. After all but [`Refused`](Self::Refused), [`NotSent`](Self::NotSent) and
/// [`Credentials`](Self::Credentials) the session is of no more use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection failed.
    #[error(transparent)]
    Connection(#[from] crate::Error<ProtocolError>),
    /// The server refused the connection or a command that must succeed.
    #[error("refused by the server: {}", .0.text.words().to_str_lossy())]
    Refused(Reply),
    /// The server refused a login, and left before the same could be said in two steps: whether the credentials are at
    /// fault or the form, it has not said.
    #[error("refused by the server: {}", .0.text.words().to_str_lossy())]
    Left(Reply),
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
    /// The name or the password cannot be said.
    #[error("a name or a password that cannot be said: {0}")]
    Credentials(#[from] InvalidArgument),
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
    let mut farewell = None;
    loop {
        match event(session).await? {
            Event::Reply { ticket, reply } if ticket == sent && reply.status == Status::Err => {
                return Err(Error::Refused(reply));
            }
            answer @ (Event::Reply { ticket, .. } | Event::Upgrade { ticket, .. }) if ticket == sent => {
                return Ok(answer);
            }
            Event::Unsolicited(reply) => farewell = Some(reply),
            Event::Unanswered(ticket) | Event::NeverSent(ticket) if ticket == sent => {
                return Err(farewell.map_or(Error::Closed, Error::Refused));
            }
            _ => {}
        }
    }
}
