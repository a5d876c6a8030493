//! Connections to IMAP servers, and what a program does with them.
//!
//! Nothing here is out of a caller's reach: each function is a loop over [`Connection::next`] and
//! [`Client::send`]. For more (commands that share a round trip, COMPRESS) write to the
//! [`Session`] that they share.
//!
//! | to | take |
//! |---|---|
//! | open a session | [`connect_tls`], [`connect_starttls`], [`connect`], then [`login`] |
//! | say a command and hold its answer | [`run`] |
//! | say a command and take its answer piece by piece, such as a message of any size | [`begin`] |
//! | put a message into a mailbox | [`append`]; one in memory also by [`run`] |
//! | be told what is new | [`idle`] |
//! | end the session | [`logout`] |
//!
//! ```no_run
//! use imap_proto::{ClientConfig, Command, MailboxName, response::Untagged};
//! use tokio_codec::{imap, rustls, sasl::{Credentials, Policy, Secret}};
//!
//! # async fn unread(tls: std::sync::Arc<rustls::ClientConfig>) -> Result<(), Box<dyn std::error::Error>> {
//! let server = "mail.example.net".try_into()?;
//! let mut session = imap::connect_tls(("mail.example.net", 993), ClientConfig::default(), tls, server).await?;
//! let credentials = Credentials::password("fred", Secret::copy_from(b"blurdybloop"))?;
//! imap::login(&mut session, credentials, &Policy::default()).await?;
//! let answer = imap::run(&mut session, Command::Examine(MailboxName::INBOX)).await?.accepted()?;
//! for told in &answer.untagged {
//!     if let Untagged::Exists(messages) = told {
//!         println!("{messages} messages");
//!     }
//! }
//! imap::logout(&mut session).await?;
//! # Ok(()) }
//! ```
mod append;
mod connect;
mod idle;
#[cfg(feature = "sasl")]
mod login;
mod running;

pub use append::append;
pub use connect::{connect, connect_starttls, connect_tls, logout};
pub use idle::{Idle, idle};
#[cfg(feature = "sasl")]
pub use login::login;
pub use running::{Answer, LARGEST_ANSWER, Running, begin, run};

use crate::Connection;
use imap_proto::{
    FinishError, InvalidString, ProtocolError, WriteError,
    client::{Client, SendError},
    response::Status,
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
    /// The server refused the connection or a command that must succeed, or said goodbye.
    #[error("refused by the server: {} {}", .0.kind().as_str(), .0.text())]
    Refused(Box<Status>),
    /// The server closed the connection without an answer.
    #[error("the server closed the connection without an answer")]
    Closed,
    /// The session's state, the server's offers or the configuration forbid a command.
    #[error(transparent)]
    NotSent(#[from] SendError),
    /// The answer to one command is larger than what is held.
    #[error("an answer of more than {limit} octets")]
    TooLarge {
        /// The limit.
        limit: u64,
    },
    /// The name or the password cannot be said.
    #[error("the name or the password cannot be said: {0}")]
    Credentials(#[from] InvalidString),
    /// There is no way to log in, or the server is not to be believed.
    #[cfg(feature = "sasl")]
    #[error("cannot log in: {0}")]
    Login(#[from] crate::LoginError),
    /// The message cannot be sent as it is.
    #[error("the message cannot be sent: {0}")]
    Message(#[from] WriteError),
    /// The message is shorter than was announced.
    #[error("the message cannot be sent: {0}")]
    Unfinished(#[from] FinishError),
    /// The message could not be read. The server was told nothing of its end.
    #[error("the message could not be read: {0}")]
    Body(io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Connection(error.into())
    }
}
