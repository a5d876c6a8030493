//! Connections to SMTP, submission and LMTP servers, and messages delivered over them.
//!
//! Nothing here is out of a caller's reach: each function is a loop over [`Connection::next`] and the methods of
//! [`Delivery`]. For more (a connection that is kept warm, events as they come) write to the [`Session`] that they share.
//!
//! ```no_run
//! use smtp_proto::{ClientConfig, ClientName, Mail, Mailbox, Rcpt, delivery::Message};
//! use tokio_codec::{rustls, sasl::{Credentials, Policy, Secret}, smtp};
//!
//! # async fn send(tls: std::sync::Arc<rustls::ClientConfig>) -> Result<(), Box<dyn std::error::Error>> {
//! let us = ClientName::new("client.example.org")?;
//! let server = "mail.example.net".try_into()?;
//! let address = ("mail.example.net", 587);
//! let mut session = smtp::connect_starttls(address, ClientConfig::default(), us, tls, server).await?;
//! let credentials = Credentials::password("ann", Secret::copy_from(b"secret"))?;
//! smtp::login(&mut session, credentials, &Policy::default()).await?;
//!
//! let to = ["b@example.net", "c@example.net"];
//! let recipients = to.iter().map(|to| Ok(Rcpt::new(Mailbox::new(to)?))).collect::<Result<_, smtp_proto::ParseError>>()?;
//! let message = Message::new(Mail::new(Mailbox::new("ann@example.org")?), recipients);
//! let report = smtp::deliver(&mut session, message, &b"Subject: hi\r\n\r\nHello.\r\n"[..]).await?;
//! for (to, outcome) in to.iter().zip(&report.outcomes) {
//!     println!("{to}: {:?}", outcome.verdict());
//! }
//! smtp::quit(&mut session).await?;
//! # Ok(()) }
//! ```
mod connect;
mod deliver;
#[cfg(feature = "sasl")]
mod login;

pub use connect::{connect, connect_starttls, connect_tls, quit};
pub use deliver::{Body, deliver};
#[cfg(feature = "sasl")]
pub use login::login;

use crate::Connection;
use mail_wire::{FinishError, WriteError};
use smtp_proto::{
    ProtocolError, Reply,
    client::SendError,
    delivery::{DeliverError, Delivery, Event, Report, Unusable},
};
use std::io;
use tokio::net::TcpStream;

/// A delivering session on a socket.
pub type Session = Connection<TcpStream, Delivery>;

/// Why a step of a session failed. But for [`Error::Refused`] and [`Error::NotSent`] the session is of no more use.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The connection failed.
    #[error(transparent)]
    Connection(#[from] crate::Error<ProtocolError>),
    /// The connection failed while a message was on its way, or the message's own source did when all of the announced
    /// length was sent.
    #[error("interrupted while a message was on its way: {error}")]
    Interrupted {
        /// Who has it, who has not, and of whom that is not known.
        report: Report,
        /// How it failed.
        error: Box<crate::Error<ProtocolError>>,
    },
    /// The session cannot deliver.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// The server refused the login.
    #[error("refused by the server: {0}")]
    Refused(Reply),
    /// There is no way to log in, or the server is not to be believed.
    #[cfg(feature = "sasl")]
    #[error("cannot log in: {0}")]
    Login(#[from] crate::LoginError),
    /// The server closed the connection without an answer.
    #[error("the server closed the connection without an answer")]
    Closed,
    /// The session's state, the server's offers or the configuration forbid a command.
    #[error(transparent)]
    NotSent(#[from] SendError),
    /// The session is over, or busy. The message comes back.
    #[error(transparent)]
    NotDelivered(#[from] DeliverError),
    /// The message cannot be sent as it is, and got no end: nobody has it.
    #[error("the message cannot be sent: {0}")]
    Message(#[from] WriteError),
    /// The message ends where it cannot, and got no end: nobody has it.
    #[error("the message cannot be sent: {0}")]
    Unfinished(#[from] FinishError),
    /// The message could not be read, and got no end: nobody has it.
    #[error("the message could not be read: {0}")]
    Body(io::Error),
}

impl From<io::Error> for Error {
    fn from(error: io::Error) -> Self {
        Self::Connection(error.into())
    }
}

async fn event(session: &mut Session) -> Result<Event, Error> {
    session.next().await?.ok_or(Error::Closed)
}
