//! Why a message was not sent.
use crate::account::KeyError;
use smtp_proto::{
    Class, ParseError, ProtocolError, Reply,
    client::SendError,
    delivery::{DeliverError, Unusable},
};
use std::{fmt, io, path::PathBuf};
use thiserror::Error as ThisError;
use tokio_codec::sasl::{ClientError, NoMechanism};

/// Why a message was not sent.
#[derive(Debug, ThisError)]
pub(crate) enum Error {
    #[error("cannot read {what}")]
    Read { what: String, source: io::Error },
    #[error("{0} is not text in UTF-8; --attach takes what is not")]
    NotText(String),
    #[error("cannot compose the message")]
    Compose(#[source] io::Error),
    #[error("<> sends nothing but what is given with --raw")]
    NoSender,
    #[error("nobody receives it: --to, --cc or --bcc is missing")]
    NoRecipient,
    #[error("{name} cannot be said")]
    Option { name: &'static str, source: ParseError },
    #[error("cannot connect to {host}:{port}")]
    Connect { host: String, port: u16, source: io::Error },
    #[error("cannot connect to {}", .path.display())]
    Socket { path: PathBuf, source: io::Error },
    #[error("no secure connection to {host}")]
    Tls { host: String, source: io::Error },
    #[error("the server cannot be used: {0}")]
    Unusable(Unusable),
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("cannot log in: {0}")]
    NoMechanism(Box<NoMechanism>),
    #[error("cannot log in as {user}: refused by the server: {reply}")]
    Login { user: String, reply: Reply },
    #[error("the login is not to be trusted")]
    Sasl(#[from] ClientError),
    #[error("the session ended early")]
    Session(#[from] tokio_codec::Error<ProtocolError>),
    #[error("the server closed the connection without an answer")]
    Closed,
    #[error(transparent)]
    NotSent(#[from] SendError),
    #[error(transparent)]
    NotDelivered(#[from] DeliverError),
    /// The table has told it.
    #[error("of {recipients} recipients {permanent} refused, {temporary} to be tried again")]
    Undelivered { recipients: usize, temporary: usize, permanent: usize },
}

impl Error {
    pub(super) fn read(what: impl fmt::Display, source: io::Error) -> Self {
        Self::Read { what: what.to_string(), source }
    }

    /// Will it pass? `None`: that is not known of such an error.
    pub(crate) fn is_temporary(&self) -> Option<bool> {
        let is_transient = |reply: &Reply| reply.code().class() == Class::Transient;
        match self {
            Self::Login { reply, .. } => Some(is_transient(reply)),
            Self::Unusable(
                Unusable::Greeting(reply) | Unusable::Hello(reply) | Unusable::StartTls(reply),
            ) => Some(is_transient(reply)),
            Self::Undelivered { temporary, .. } => Some(*temporary > 0),
            _ => None,
        }
    }
}
