//! Who a client is: SASL PLAIN and LOGIN, and the check of a name and password.
//!
//! An [`Exchange`] speaks raw octets, with no base64 and no protocol around them, and ends by offering a name
//! and a password. [`login`] checks those, whether they came by SASL or by USER and PASS:
//!
//! ```
//! # use mail_server::{auth::*, store::{Account, Store, StoreError}};
//! # async fn example<S: Store>(store: &S) -> Result<Option<Account>, StoreError> {
//! let mut exchange = Exchange::start("PLAIN").expect("it is one of MECHANISMS");
//! match exchange.step(Some(b"\0alice@example.org\0correct horse")) {
//!     Outcome::Verify(offer) => login(store, &offer.name, offer.password).await,
//!     Outcome::Challenge(_) | Outcome::Failed(_) => Ok(None),
//! }
//! # }
//! ```
//!
//! The mechanisms are rsasl's. It would have a password checked in a callback, in the midst of a step; a
//! check takes tens of milliseconds of one core, so the callback only keeps what the client said, and the
//! check comes after.

use std::fmt;

use rsasl::{
    callback::{Context, SessionCallback, SessionData},
    config::SASLConfig,
    mechanisms::{login::LOGIN, plain::PLAIN},
    mechname::Mechname,
    prelude::{Mechanism, Registry, SASLServer, Session, SessionError, State},
    property::{AuthId, AuthzId, Password as PasswordProperty},
    validate::{Validate, Validation, ValidationError},
};
use thiserror::Error;
use tokio::{sync::Semaphore, task::spawn_blocking};

use crate::{
    accounts::{Credentials, Password},
    store::{Account, Store, StoreError},
};

/// The mechanisms that [`Exchange::start`] knows, the better ones first.
pub const MECHANISMS: [&str; 2] = ["PLAIN", "LOGIN"];

/// Checks a name and a password, and answers whose they are.
///
/// The name is as [`Store::credentials`] takes it. A name that no account has takes as long as a wrong
/// password. Checks wait for their turn.
///
/// # Errors
///
/// When the store cannot be read.
pub async fn login<S: Store>(
    store: &S,
    name: &str,
    password: Password,
) -> Result<Option<Account>, StoreError> {
    let (account, credentials) = match store.credentials(name).await? {
        Some((account, credentials)) => (Some(account), credentials),
        None => (None, Credentials::dummy()),
    };
    let verdict = hashing(move || credentials.verify(&password)).await?;
    Ok(verdict.ok().and(account))
}

/// Runs what hashes passwords, off the threads that serve: a hash takes all of one core for tens of milliseconds.
///
/// One at a time, since they share their memory.
///
/// # Errors
///
/// When the runtime is shutting down.
pub async fn hashing<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    static TURN: Semaphore = Semaphore::const_new(1);
    let permit = TURN.acquire().await.map_err(|_| StoreError::Stopped)?;
    let work = spawn_blocking(move || {
        // The permit goes along: a client that hangs up does not stop the work.
        let _permit = permit;
        work()
    });
    Ok(work.await?)
}

/// The server's side of one SASL exchange ([RFC 4422]).
///
/// [RFC 4422]: https://www.rfc-editor.org/rfc/rfc4422
pub struct Exchange {
    session: Session<Offered>,
    stage: Stage,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    Begun,
    Running,
    Over,
}

/// What an [`Exchange`] asks for next.
#[derive(Debug)]
pub enum Outcome {
    /// Send this, and step again with what the client answers.
    Challenge(Vec<u8>),
    /// The client said who it is: ask [`login`]. The exchange is over.
    Verify(Offer),
    /// The client said nothing of use. The exchange is over.
    Failed(ExchangeError),
}

/// A name and a password, not yet checked.
#[derive(Debug)]
pub struct Offer {
    /// Who the client says it is.
    pub name: String,
    /// The password it gave.
    pub password: Password,
}

/// Why an [`Exchange`] failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ExchangeError {
    /// The client's octets are not what the mechanism asks for.
    #[error("malformed response")]
    Malformed,
    /// The client wants to act as someone else, which no account of this server may.
    #[error("authorization identity differs from the authentication identity")]
    Authorization,
    /// The exchange was over before.
    #[error("exchange is over")]
    Over,
}

/// The mechanism is none of [`MECHANISMS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("unknown authentication mechanism")]
pub struct UnknownMechanism;

impl Exchange {
    /// Begins an exchange by the mechanism of that name, in any case.
    ///
    /// # Errors
    ///
    /// [`UnknownMechanism`] when it is none of [`MECHANISMS`].
    pub fn start(mechanism: &str) -> Result<Self, UnknownMechanism> {
        static REGISTRY: [Mechanism; 2] = [PLAIN, LOGIN];
        let name = mechanism.to_ascii_uppercase();
        let name = Mechname::parse(name.as_bytes()).map_err(|_| UnknownMechanism)?;
        let config = SASLConfig::builder()
            .with_registry(Registry::with_mechanisms(&REGISTRY))
            .with_callback(KeepWhatIsOffered)
            .map_err(|_| UnknownMechanism)?;
        let session = SASLServer::new(config).start_suggested(name).map_err(|_| UnknownMechanism)?;
        Ok(Self { session, stage: Stage::Begun })
    }

    /// Takes what the client said: at first its initial response, if it sent one; then the answer to each
    /// challenge.
    pub fn step(&mut self, response: Option<&[u8]>) -> Outcome {
        let outcome = self.advance(response).unwrap_or_else(Outcome::Failed);
        self.stage = if matches!(outcome, Outcome::Challenge(_)) { Stage::Running } else { Stage::Over };
        outcome
    }

    fn advance(&mut self, response: Option<&[u8]>) -> Result<Outcome, ExchangeError> {
        match (self.stage, response) {
            (Stage::Over, _) => return Err(ExchangeError::Over),
            (Stage::Running, None) => return Err(ExchangeError::Malformed),
            // The client is to speak first and has not: an empty challenge gives it the word.
            (Stage::Begun, None) if !self.session.are_we_first() => {
                return Ok(Outcome::Challenge(Vec::new()));
            }
            // LOGIN would ask for the name; many clients send it without being asked.
            (Stage::Begun, Some(_)) if self.session.are_we_first() => {
                self.session.step(None, &mut Vec::new())?;
            }
            (Stage::Begun | Stage::Running, _) => {}
        }
        let mut challenge = Vec::new();
        match self.session.step(response, &mut challenge)? {
            State::Running => Ok(Outcome::Challenge(challenge)),
            State::Finished(_) => {
                self.session.validation().ok_or(ExchangeError::Malformed)?.map(Outcome::Verify)
            }
        }
    }
}

impl fmt::Debug for Exchange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Exchange")
            .field("mechanism", &self.session.get_mechname())
            .field("stage", &self.stage)
            .finish_non_exhaustive()
    }
}

/// Without its text, which may quote what the client sent.
impl From<SessionError> for ExchangeError {
    fn from(_: SessionError) -> Self {
        Self::Malformed
    }
}

/// What comes out of rsasl's callback.
struct Offered;

impl Validation for Offered {
    type Value = Result<Offer, ExchangeError>;
}

struct KeepWhatIsOffered;

impl SessionCallback for KeepWhatIsOffered {
    fn validate(
        &self,
        _: &SessionData,
        context: &Context<'_>,
        validate: &mut Validate<'_>,
    ) -> Result<(), ValidationError> {
        let name = context.get_ref::<AuthId>().ok_or(ValidationError::MissingRequiredProperty)?;
        let password =
            context.get_ref::<PasswordProperty>().ok_or(ValidationError::MissingRequiredProperty)?;
        let as_itself = match context.get_ref::<AuthzId>() {
            None | Some("") => true,
            Some(authzid) => authzid.eq_ignore_ascii_case(name),
        };
        validate.finalize::<Offered>(if as_itself {
            Ok(Offer { name: name.to_owned(), password: password.into() })
        } else {
            Err(ExchangeError::Authorization)
        });
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn start(mechanism: &str) -> Exchange {
        Exchange::start(mechanism).unwrap()
    }

    /// What the client offered, by name and the password's hash: a password cannot be looked at.
    #[track_caller]
    fn assert_offers(outcome: Outcome, name: &str, password: &str) {
        let Outcome::Verify(offer) = outcome else { panic!("{outcome:?}") };
        assert_eq!(offer.name, name);
        let expected = Credentials::new(&password.into()).unwrap();
        assert_eq!(expected.verify(&offer.password), Ok(()));
    }

    #[track_caller]
    fn assert_fails(outcome: Outcome, why: ExchangeError) {
        let Outcome::Failed(error) = outcome else { panic!("{outcome:?}") };
        assert_eq!(error, why);
    }

    #[track_caller]
    fn assert_challenges(outcome: Outcome, octets: &[u8]) {
        let Outcome::Challenge(challenge) = outcome else { panic!("{outcome:?}") };
        assert_eq!(challenge, octets);
    }

    #[test]
    fn plain_with_an_initial_response() {
        assert_offers(start("PLAIN").step(Some(b"\0tim\0tanstaaftanstaaf")), "tim", "tanstaaftanstaaf");
    }

    #[test]
    fn plain_in_two_steps() {
        let mut exchange = start("plain");
        assert_challenges(exchange.step(None), b"");
        assert_offers(exchange.step(Some(b"tim\0tim\0pencil")), "tim", "pencil");
        assert_fails(exchange.step(Some(b"tim\0tim\0pencil")), ExchangeError::Over);
    }

    #[test]
    fn plain_on_behalf_of_another_is_refused() {
        assert_fails(start("PLAIN").step(Some(b"kurt\0xipj3plmq\0pencil")), ExchangeError::Authorization);
    }

    #[test]
    fn plain_that_is_malformed() {
        for response in
            [&b""[..], b"tim", b"\0tim", b"\0\0pencil", b"\0tim\0", b"\0tim\0a\0b", b"\0\xff\0pencil"]
        {
            assert_fails(start("PLAIN").step(Some(response)), ExchangeError::Malformed);
        }
    }

    #[test]
    fn login_asks_for_both() {
        let mut exchange = start("LOGIN");
        assert_challenges(exchange.step(None), b"User Name\0");
        assert_challenges(exchange.step(Some(b"tim")), b"Password\0");
        assert_offers(exchange.step(Some(b"pencil")), "tim", "pencil");
        assert_fails(exchange.step(Some(b"pencil")), ExchangeError::Over);
    }

    #[test]
    fn login_takes_the_name_unasked() {
        let mut exchange = start("LOGIN");
        assert_challenges(exchange.step(Some(b"tim")), b"Password\0");
        assert_offers(exchange.step(Some(b"pencil")), "tim", "pencil");
    }

    #[test]
    fn a_challenge_left_unanswered_fails() {
        let mut exchange = start("LOGIN");
        assert_challenges(exchange.step(None), b"User Name\0");
        assert_fails(exchange.step(None), ExchangeError::Malformed);
        assert_fails(exchange.step(Some(b"tim")), ExchangeError::Over);
    }

    #[test]
    fn every_mechanism_that_is_offered_starts_and_no_other() {
        for mechanism in MECHANISMS {
            assert!(Exchange::start(mechanism).is_ok(), "{mechanism}");
        }
        for mechanism in ["", "CRAM-MD5", "SCRAM-SHA-256", "PLAIN LOGIN", "PL\u{e4}IN"] {
            assert_eq!(Exchange::start(mechanism).unwrap_err(), UnknownMechanism, "{mechanism:?}");
        }
    }

    #[test]
    fn an_exchange_moves_between_threads_and_shows_no_secret() {
        fn is_send<T: Send>(value: T) -> T {
            value
        }
        let mut exchange = is_send(start("PLAIN"));
        let shown = format!("{:?} {exchange:?}", exchange.step(Some(b"\0tim\0pencil")));
        assert!(!shown.contains("pencil"), "{shown}");
    }
}
