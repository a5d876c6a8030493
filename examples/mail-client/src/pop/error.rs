//! Why a maildrop was not fetched.
use super::store::StoreError;
use crate::account::KeyError;
use pop3_proto::ResponseCode;
use thiserror::Error as ThisError;
use tokio_codec::pop3;

/// Why a maildrop was not fetched.
#[derive(Debug, ThisError)]
pub(crate) enum Error {
    #[error("cannot connect to {host}:{port}")]
    Connect { host: String, port: u16, source: pop3::Error },
    #[error("cannot log in as {user}")]
    Login { user: String, source: pop3::Error },
    #[error(transparent)]
    Key(#[from] KeyError),
    #[error("the session ended early")]
    Session(#[from] pop3::Error),
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(
        "the server told unique-ids before, and does not now: what was fetched cannot be told from what was not"
    )]
    NoUniqueIds,
    #[error("the server did not hand out {0} of the messages")]
    Withheld(usize),
    #[error("the server broke the protocol at {count} of the messages, which were left")]
    Broken { count: usize, source: pop3::Error },
    #[error("the server did not delete all of what it was told to")]
    Undeleted,
}

impl Error {
    /// Will it pass?
    pub(crate) fn is_temporary(&self) -> bool {
        use ResponseCode::{InUse, LoginDelay, SysTemp};
        match self {
            Self::Connect { source: pop3::Error::Refused(reply), .. }
            | Self::Login { source: pop3::Error::Refused(reply), .. } => {
                matches!(
                    reply.text.code().and_then(ResponseCode::general),
                    Some(InUse | LoginDelay | SysTemp)
                )
            }
            Self::Session(pop3::Error::Refused(_)) => true,
            Self::NoUniqueIds | Self::Withheld(_) | Self::Undeleted => true,
            _ => false,
        }
    }

    /// Was it this user, or this password? Then trying again helps nobody.
    pub(crate) fn is_login(&self) -> bool {
        use pop3::Error::{Credentials, Left, Login, NotSent, Refused};
        let is_login = matches!(
            self,
            Self::Login { source: Refused(_) | Left(_) | Credentials(_) | NotSent(_) | Login(_), .. }
                | Self::Key(KeyError::Credentials(_))
        );
        is_login && !self.is_temporary()
    }
}
