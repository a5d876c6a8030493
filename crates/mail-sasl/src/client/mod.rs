//! The client's side of one exchange.
mod protocol;
mod select;

pub use protocol::Protocol;
pub use select::{NoMechanism, NoMechanismReason, Policy};

use crate::{MAX_MESSAGE, binding::Bindings, kind::Kind, scram::message};
use core::{fmt, mem};
use mail_wire::{Mechanism, Secret};
use rsasl::{
    prelude::{Session, SessionError},
    validate::NoValidation,
};
use zeroize::Zeroizing;

/// The client's side of one exchange, by the mechanism that [`select`](Self::select) has chosen.
///
/// The octets are without base64: the machine of the protocol adds it. An exchange goes so:
///
/// 1. [`initial`](Self::initial) goes along with AUTH or AUTHENTICATE, where it fits.
/// 2. [`step`](Self::step) answers each challenge. After an error there, the exchange is to be cancelled with `*`.
/// 3. When the server says that the login is good, [`finish`](Self::finish) says whether to believe it.
///
/// When it says no, that is final: the credentials are used up.
pub struct Client {
    kind: Kind,
    mechanism: Mechanism,
    session: Session<NoValidation, Bindings>,
    stage: Stage,
}

enum Stage {
    /// LOGIN: the server speaks first.
    Begun,
    /// The first message waits to be sent.
    Held(Secret),
    /// The first message is out, and more is to come, or may.
    Said,
    /// SCRAM: the proof is out, and the server owes its own.
    Proof,
    /// The mechanism has nothing more to say.
    Done,
    /// The server told why it refuses.
    Refused(String),
    Over,
}

/// Why an exchange is no good, as the client sees it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ClientError {
    /// A challenge is not what the mechanism asks for.
    #[error("malformed challenge")]
    Malformed,
    /// A challenge is too long.
    #[error("challenge of {0} octets, at most {MAX_MESSAGE} allowed")]
    TooLong(usize),
    /// A server asks to hash a password too seldom or too often.
    #[error("{0} iterations asked for, {min} to {max} allowed", min = crate::MIN_ITERATIONS, max = crate::MAX_ITERATIONS)]
    Iterations(u32),
    /// The server has not proved that it knows the password: it is another one, or somebody stands between.
    #[error("server has not proved that it knows the password")]
    ServerUnproved,
    /// The server refused, by the mechanism's own words.
    #[error("server refused: {0}")]
    Refused(String),
    /// The mechanism has nothing to answer, now or any more.
    #[error("exchange is over")]
    Over,
}

impl Client {
    /// The mechanism that was chosen.
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// The initial response, if the mechanism has one and the line has room for it.
    ///
    /// Where there is none, AUTH goes without it, the server answers with an empty challenge, and
    /// [`step`](Self::step) has the first message.
    pub fn initial(&mut self, protocol: Protocol) -> Option<Secret> {
        match mem::replace(&mut self.stage, Stage::Over) {
            Stage::Held(first) if protocol.has_room(self.mechanism, first.as_bytes().len()) => {
                self.stage = self.after_first();
                Some(first)
            }
            stage => {
                self.stage = stage;
                None
            }
        }
    }

    /// Answers a challenge. With SCRAM one step takes as long as the server's iterations ask for.
    ///
    /// # Errors
    /// The exchange is no good, and over.
    pub fn step(&mut self, challenge: &[u8]) -> Result<Secret, ClientError> {
        let stage = mem::replace(&mut self.stage, Stage::Over);
        // rule rfc4422 3.4 bounded-challenge: a challenge has at most the octets that a line has room for
        if challenge.len() > MAX_MESSAGE {
            return Err(ClientError::TooLong(challenge.len()));
        }
        let (response, next) = match (stage, self.kind) {
            (Stage::Held(first), _) if challenge.is_empty() => (first, self.after_first()),
            (Stage::Held(_), _) => return Err(ClientError::Malformed),
            (Stage::Begun, _) => (self.drive(challenge)?, Stage::Said),
            (Stage::Said, Kind::Scram { .. }) => (self.prove(challenge)?, Stage::Proof),
            (Stage::Said, Kind::OAuthBearer) => {
                // rule rfc7628 3.2.3 dummy: a client answers an error with one kvsep [instead: Secret::copy_from(b"")]
                let kvsep = Secret::copy_from(b"\x01");
                (kvsep, Stage::Refused(told(challenge)))
            }
            (Stage::Said, Kind::XOAuth2) => (Secret::copy_from(b""), Stage::Refused(told(challenge))),
            (Stage::Said, _) => (self.drive(challenge)?, Stage::Done),
            (Stage::Proof, _) => (self.check_proof(challenge)?, Stage::Done),
            (Stage::Refused(why), _) => return Err(ClientError::Refused(why)),
            (Stage::Done | Stage::Over, _) => return Err(ClientError::Over),
        };
        self.stage = next;
        Ok(response)
    }

    /// Looks whether the mechanism agrees, when the server has said that the login is good.
    ///
    /// # Errors
    /// The server said so before it had proved itself, or before the client had said all.
    pub fn finish(self) -> Result<(), ClientError> {
        match (self.stage, self.kind) {
            (Stage::Done, _) | (Stage::Said, Kind::OAuthBearer | Kind::XOAuth2) => Ok(()),
            (Stage::Refused(why), _) => Err(ClientError::Refused(why)),
            // rule rfc5802 5 server-authenticated: without the server's signature the exchange has failed
            (_, Kind::Scram { .. }) => Err(ClientError::ServerUnproved),
            _ => Err(ClientError::Over),
        }
    }

    /// What the server told of why it refuses: JSON by XOAUTH2 and OAUTHBEARER.
    pub fn refusal(&self) -> Option<&str> {
        if let Stage::Refused(why) = &self.stage { Some(why) } else { None }
    }

    fn after_first(&self) -> Stage {
        match self.kind {
            Kind::Scram { .. } | Kind::OAuthBearer | Kind::XOAuth2 => Stage::Said,
            Kind::External | Kind::Plain | Kind::Login | Kind::Anonymous => Stage::Done,
        }
    }

    fn prove(&mut self, challenge: &[u8]) -> Result<Secret, ClientError> {
        if let Some(why) = message::server_error(challenge) {
            return Err(ClientError::Refused(why));
        }
        message::server_first(challenge).map_err(|error| match error {
            message::BadServerFirst::Malformed => ClientError::Malformed,
            message::BadServerFirst::Iterations(iterations) => ClientError::Iterations(iterations),
        })?;
        self.drive(challenge)
    }

    fn check_proof(&mut self, challenge: &[u8]) -> Result<Secret, ClientError> {
        if let Some(why) = message::server_error(challenge) {
            return Err(ClientError::Refused(why));
        }
        if !message::is_verifier(challenge) {
            return Err(ClientError::Malformed);
        }
        self.drive(challenge)
    }

    fn drive(&mut self, challenge: &[u8]) -> Result<Secret, ClientError> {
        advance(&mut self.session, Some(challenge)).map_err(|error| match error {
            SessionError::MutualAuthenticationFailed => ClientError::ServerUnproved,
            _ => ClientError::Malformed,
        })
    }
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("mechanism", &self.mechanism).finish_non_exhaustive()
    }
}

fn advance(
    session: &mut Session<NoValidation, Bindings>,
    input: Option<&[u8]>,
) -> Result<Secret, SessionError> {
    let mut out = Zeroizing::new(Vec::with_capacity(1_024));
    session.step(input, &mut *out)?;
    Ok(Secret::from(mem::take(&mut *out)))
}

/// What a server says, fit to be shown.
fn told(challenge: &[u8]) -> String {
    String::from_utf8_lossy(challenge).chars().filter(|character| !character.is_control()).collect()
}
