//! The server's side of one exchange.
mod config;
mod heard;
mod question;

pub use config::ServerConfig;
pub use question::{Accounts, Answer, Question};

use crate::{
    Channel, MAX_MESSAGE,
    binding::Bindings,
    credentials::check_trace,
    kind::{Form, Kind},
    prepare,
    scram::{
        Hash,
        message::{self, Flag},
        name as saslname,
    },
};
use config::Nobody;
use core::{fmt, mem};
use heard::{Heard, Reader};
use mail_wire::{Mechanism, Secret};

/// The server's side of one exchange.
///
/// The octets are without base64: the machine of the protocol takes it away. With a host that answers at once,
/// [`step`](Self::step) is all that is needed. Else [`receive`](Self::receive) takes what the client said, and a
/// [`Question`] that comes of it is answered by [`answer`](Self::answer), whenever the host knows.
///
/// Each exchange is good for one login: once it is done or has failed, it fails.
pub struct Server {
    kind: Kind,
    mechanism: Mechanism,
    bindings: Bindings,
    /// Is the same mechanism offered with `-PLUS`?
    plus: Plus,
    nobody: Nobody,
    stage: Stage,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Plus {
    Offered,
    NotOffered,
}

enum Stage {
    /// Nothing was said.
    Begun,
    /// LOGIN has asked for a name, or for a password.
    Asking(Reader),
    /// The host is asked for keys; the client's first message waits.
    Keys {
        hash: Hash,
        first: Secret,
        who: Who,
    },
    /// A proof is to come.
    Proof {
        reader: Reader,
        hash: Hash,
        who: Who,
    },
    /// The host is asked about a password, a token, a certificate or a guest.
    Verdict {
        authorization: Option<String>,
    },
    /// The host is asked whether one may act as the other.
    ActAs {
        name: String,
        verifier: Option<Secret>,
    },
    /// The server has proved itself; an empty response is to come.
    Proved(Identity),
    /// The client was told why; a response without meaning is to come.
    Refusing,
    Over,
}

/// Who a client of SCRAM says it is.
struct Who {
    name: String,
    authorization: Option<String>,
}

/// What is next, with a host that answers at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Send this, and step again with what the client answers.
    Challenge(Secret),
    /// The client has logged in.
    Done(Identity),
    /// It has not.
    Failed(Failure),
}

/// What is next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Progress {
    /// Send this, and give what the client answers to [`Server::receive`].
    Challenge(Secret),
    /// Give the answer to [`Server::answer`].
    Ask(Question),
    /// The client has logged in.
    Done(Identity),
    /// It has not.
    Failed(Failure),
}

/// Who has logged in.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Identity {
    /// Whose credentials were good.
    pub authentication: String,
    /// Whom the client acts as: mostly the same.
    pub authorization: String,
}

/// Why nobody has logged in. For the log: a client should hear the same of all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// A response is not what the mechanism asks for.
    #[error("malformed response")]
    Malformed,
    /// A response is too long.
    #[error("response of {0} octets, at most {MAX_MESSAGE} allowed")]
    TooLong(usize),
    /// A wrong password, proof or token, or a name that no account has.
    #[error("credentials refused")]
    Refused,
    /// The client may not act as whom it wants to.
    #[error("may not act as another")]
    Authorization,
    /// The client is bound to another connection, or not bound at all: somebody may stand between.
    #[error("channel binding does not fit")]
    ChannelBinding,
    /// The host's answer is to another question, or to none; or a response came in place of it.
    #[error("answer without its question")]
    Misplaced,
    /// The exchange was over before.
    #[error("exchange is over")]
    Over,
}

/// The mechanism is not on offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("mechanism not offered: {0}")]
pub struct NotOffered(pub Mechanism);

impl Server {
    /// Begins an exchange, on a connection of these qualities.
    ///
    /// # Errors
    /// [`ServerConfig::offered`] does not have the mechanism.
    pub fn begin(mechanism: Mechanism, config: &ServerConfig, channel: &Channel) -> Result<Self, NotOffered> {
        let offered = config.offered(channel);
        let kind =
            Kind::of(mechanism).filter(|_| offered.contains(&mechanism)).ok_or(NotOffered(mechanism))?;
        let plus = match kind {
            Kind::Scram { hash, .. } => Kind::Scram { hash, form: Form::Plus },
            other => other,
        };
        let is_plus_offered = offered.iter().any(|offer| offer.as_str() == plus.name()) && plus.is_plus();
        Ok(Self {
            kind,
            mechanism,
            bindings: Bindings(channel.bindings().to_vec()),
            plus: if is_plus_offered { Plus::Offered } else { Plus::NotOffered },
            nobody: config.nobody(),
            stage: Stage::Begun,
        })
    }

    /// The mechanism.
    pub fn mechanism(&self) -> Mechanism {
        self.mechanism
    }

    /// Takes what the client said: first its initial response, if there is one; then its answer to each challenge.
    pub fn step(&mut self, response: Option<&[u8]>, accounts: &(impl Accounts + ?Sized)) -> Step {
        let mut progress = self.receive(response);
        loop {
            progress = match progress {
                Progress::Ask(question) => self.answer(accounts.answer(&question)),
                Progress::Challenge(challenge) => return Step::Challenge(challenge),
                Progress::Done(identity) => return Step::Done(identity),
                Progress::Failed(failure) => return Step::Failed(failure),
            }
        }
    }

    /// Takes what the client said: first its initial response, if there is one; then its answer to each challenge.
    pub fn receive(&mut self, response: Option<&[u8]>) -> Progress {
        let stage = mem::replace(&mut self.stage, Stage::Over);
        self.received(stage, response).unwrap_or_else(Progress::Failed)
    }

    /// Takes the host's answer to the question asked.
    pub fn answer(&mut self, answer: Answer) -> Progress {
        let stage = mem::replace(&mut self.stage, Stage::Over);
        self.answered(stage, answer).unwrap_or_else(Progress::Failed)
    }

    fn received(&mut self, stage: Stage, response: Option<&[u8]>) -> Result<Progress, Failure> {
        // rule rfc4422 3.4 bounded-response: a response has at most the octets that a line has room for
        if let Some(long) = response.map(<[u8]>::len).filter(|octets| *octets > MAX_MESSAGE) {
            return Err(Failure::TooLong(long));
        }
        match (stage, response) {
            (Stage::Begun, response) if self.kind == Kind::Login => self.begin_login(response),
            (Stage::Begun, None) => {
                // rule rfc4954 4 empty-challenge: without an initial response the client is given the word
                self.stage = Stage::Begun;
                Ok(Progress::Challenge(Secret::copy_from(b"")))
            }
            (Stage::Begun, Some(response)) => match self.kind {
                Kind::Scram { hash, form } => self.begin_scram(hash, form, response),
                _ => {
                    let mut reader = self.reader()?;
                    reader.read(Some(response)).ok_or(Failure::Malformed)?;
                    self.heard(reader)
                }
            },
            (Stage::Asking(mut reader), Some(response)) => {
                let challenge = reader.read(Some(response)).ok_or(Failure::Malformed)?;
                if challenge.as_bytes().is_empty() {
                    return self.heard(reader);
                }
                self.stage = Stage::Asking(reader);
                Ok(Progress::Challenge(challenge))
            }
            (Stage::Proof { reader, hash, who }, Some(response)) => {
                self.check_proof(reader, hash, who, response)
            }
            // rule rfc5802 5 outcome-in-challenge: what SCRAM says last is answered by an empty response
            (Stage::Proved(identity), Some(b"")) => Ok(Progress::Done(identity)),
            (Stage::Refusing, _) => Err(Failure::Refused),
            (Stage::Asking(_) | Stage::Proof { .. } | Stage::Proved(_), _) => Err(Failure::Malformed),
            (Stage::Keys { .. } | Stage::Verdict { .. } | Stage::ActAs { .. }, _) => Err(Failure::Misplaced),
            (Stage::Over, _) => Err(Failure::Over),
        }
    }

    fn answered(&mut self, stage: Stage, answer: Answer) -> Result<Progress, Failure> {
        match (stage, answer) {
            (
                Stage::Keys { hash, first, who },
                answer @ (Answer::Keys(_) | Answer::Unknown { .. } | Answer::Refused),
            ) => {
                let called = if let Answer::Unknown { called } = &answer { called } else { &who.name };
                // Made in any case, so that it takes the same time.
                let nobody = self.nobody.keys(hash, called);
                let keys = match answer {
                    Answer::Keys(keys) if keys.hash() == hash => keys,
                    _ => nobody,
                };
                let mut reader =
                    Reader::new(self.kind, Some(keys), &self.bindings).ok_or(Failure::Malformed)?;
                let challenge = reader.read(Some(first.as_bytes())).ok_or(Failure::Malformed)?;
                self.stage = Stage::Proof { reader, hash, who };
                Ok(Progress::Challenge(challenge))
            }
            (Stage::Verdict { authorization }, Answer::Granted(name)) => {
                self.authorize(Who { name, authorization }, None)
            }
            (Stage::Verdict { .. }, Answer::Unknown { .. } | Answer::Refused) => match self.refusal() {
                Some(told) => {
                    self.stage = Stage::Refusing;
                    Ok(Progress::Challenge(Secret::copy_from(told)))
                }
                None => Err(Failure::Refused),
            },
            (Stage::ActAs { name, verifier }, Answer::Granted(other)) => {
                Ok(self.done(Identity { authentication: name, authorization: other }, verifier))
            }
            (Stage::ActAs { .. }, Answer::Unknown { .. } | Answer::Refused) => Err(Failure::Authorization),
            (Stage::Over, _) => Err(Failure::Over),
            _ => Err(Failure::Misplaced),
        }
    }

    /// The server would ask for the name; many clients send it without being asked.
    fn begin_login(&mut self, response: Option<&[u8]>) -> Result<Progress, Failure> {
        let mut reader = self.reader()?;
        let mut challenge = reader.read(None).ok_or(Failure::Malformed)?;
        if response.is_some() {
            challenge = reader.read(response).ok_or(Failure::Malformed)?;
        }
        self.stage = Stage::Asking(reader);
        Ok(Progress::Challenge(challenge))
    }

    fn begin_scram(&mut self, hash: Hash, form: Form, first: &[u8]) -> Result<Progress, Failure> {
        let message::ClientFirst { flag, authorization, name } =
            message::client_first(first).ok_or(Failure::Malformed)?;
        match (&flag, form) {
            // rule rfc5801 5 downgrade: a flag of y is refused where -PLUS is offered
            // rule rfc5802 6 downgrade: a client that believes -PLUS is not offered where it is, is refused
            (Flag::NotOffered, Form::Bare) if self.plus == Plus::Offered => {
                return Err(Failure::ChannelBinding);
            }
            (Flag::No | Flag::NotOffered, Form::Bare) => {}
            // rule rfc5801 5.2 binding-of-client: a server takes the type that the client names, or refuses
            // rule rfc5802 6 unknown-binding: a type of channel binding that this connection has not is refused
            (Flag::Used(binding), Form::Plus) if !self.bindings.has(binding) => {
                return Err(Failure::ChannelBinding);
            }
            (Flag::Used(_), Form::Plus) => {}
            (Flag::No | Flag::NotOffered, Form::Plus) | (Flag::Used(_), Form::Bare) => {
                return Err(Failure::ChannelBinding);
            }
        }
        // rule rfc5802 5.1 name-prepared-by-server: a server prepares the name by SASLprep
        let name = prepare::name(&name).map_err(|_| Failure::Malformed)?;
        let who = Who { name: name.clone(), authorization };
        self.stage = Stage::Keys { hash, first: Secret::copy_from(first), who };
        Ok(Progress::Ask(Question::Keys { name, hash }))
    }

    fn check_proof(
        &mut self,
        mut reader: Reader,
        hash: Hash,
        who: Who,
        last: &[u8],
    ) -> Result<Progress, Failure> {
        if !message::is_client_final(hash, last) {
            return Err(Failure::Malformed);
        }
        let verifier = reader.read(Some(last)).ok_or(Failure::Malformed)?;
        if reader.heard().is_none() {
            let is_binding = verifier.as_bytes() == b"e=channel-bindings-dont-match";
            return Err(if is_binding { Failure::ChannelBinding } else { Failure::Refused });
        }
        self.authorize(who, Some(verifier))
    }

    /// Asks the host about what was said.
    fn heard(&mut self, mut reader: Reader) -> Result<Progress, Failure> {
        let Heard { name, authorization, password, token, trace } =
            reader.heard().ok_or(Failure::Malformed)?;
        let (question, authorization) = match (self.kind, password, token) {
            (Kind::Plain | Kind::Login, Some(password), _) => {
                let name = prepare::name(&name.unwrap_or_default()).map_err(|_| Failure::Malformed)?;
                // SASLprep leaves alone what it has prepared; LOGIN's password it has not seen.
                let password = prepare::password(password.as_bytes()).map_err(|_| Failure::Malformed)?;
                (Question::Password { name, password }, authorization)
            }
            (Kind::XOAuth2, _, Some(token)) if is_token(token.as_bytes()) => {
                (Question::Token { name, token }, None)
            }
            (Kind::OAuthBearer, _, Some(token)) => {
                let name = match authorization {
                    Some(name) => Some(saslname::decode(name.as_bytes()).ok_or(Failure::Malformed)?),
                    None => None,
                };
                let token = bearer(&token).ok_or(Failure::Malformed)?;
                (Question::Token { name, token }, None)
            }
            // rule rfc4422 3.4.1 no-nul: an identity to act as holds no NUL
            (Kind::External, ..) if authorization.as_ref().is_some_and(|name| name.contains('\0')) => {
                return Err(Failure::Malformed);
            }
            (Kind::External, ..) => (Question::External { authorization }, None),
            (Kind::Anonymous, ..) => {
                let trace = trace.unwrap_or_default();
                check_trace(&trace).map_err(|_| Failure::Malformed)?;
                (Question::Anonymous { trace }, None)
            }
            _ => return Err(Failure::Malformed),
        };
        self.stage = Stage::Verdict { authorization };
        Ok(Progress::Ask(question))
    }

    /// The credentials are good: what else?
    fn authorize(&mut self, who: Who, verifier: Option<Secret>) -> Result<Progress, Failure> {
        match who.authorization {
            // rule rfc4616 2 may-act-as: who wants to act as another is asked about first
            Some(other) if other != who.name => {
                self.stage = Stage::ActAs { name: who.name.clone(), verifier };
                Ok(Progress::Ask(Question::ActAs { name: who.name, other }))
            }
            _ => {
                Ok(self
                    .done(Identity { authentication: who.name.clone(), authorization: who.name }, verifier))
            }
        }
    }

    fn done(&mut self, identity: Identity, verifier: Option<Secret>) -> Progress {
        match verifier {
            Some(verifier) => {
                self.stage = Stage::Proved(identity);
                Progress::Challenge(verifier)
            }
            None => Progress::Done(identity),
        }
    }

    /// What a client hears before it hears that the login has failed.
    fn refusal(&self) -> Option<&'static [u8]> {
        match self.kind {
            // rule rfc7628 3.2.2 error-challenge: a refused token is told by JSON in a challenge
            Kind::OAuthBearer => Some(br#"{"status":"invalid_token"}"#),
            Kind::XOAuth2 => Some(br#"{"status":"401","schemes":"bearer"}"#),
            _ => None,
        }
    }

    fn reader(&self) -> Result<Reader, Failure> {
        Reader::new(self.kind, None, &self.bindings).ok_or(Failure::Malformed)
    }
}

impl fmt::Debug for Server {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Server").field("mechanism", &self.mechanism).finish_non_exhaustive()
    }
}

/// The token of `auth = "Bearer" 1*SP token`; the word may have any case.
fn bearer(value: &Secret) -> Option<Secret> {
    let (word, token) = value.as_bytes().split_at_checked(7)?;
    (word.eq_ignore_ascii_case(b"Bearer ") && is_token(token)).then(|| Secret::copy_from(token))
}

/// One word of ASCII, as hosts may write it on a line.
fn is_token(octets: &[u8]) -> bool {
    !octets.is_empty() && octets.iter().all(u8::is_ascii_graphic)
}
