//! Logging in, whichever protocol asks.
use crate::{
    accounts::Password,
    auth::{self, Exchange, Outcome},
    causes::Causes,
    server::Shared,
    store::{Account, Store},
};
use std::net::IpAddr;
use tokio_codec::wire::Secret;

/// Characters of a name that go into the log. A client may say some thousand.
const LOGGED: usize = 64;

/// What came of a step.
pub(super) enum Step {
    /// The client is to answer this.
    Challenge(Vec<u8>),
    /// The client is who it says.
    LoggedIn(Account),
    /// It is not, or said nothing of use.
    Refused,
    /// Nobody could tell.
    Failed,
}

/// One session's way to log in.
pub(super) struct Login<'a, S> {
    shared: &'a Shared<S>,
    client: IpAddr,
    exchange: Option<Exchange>,
}

impl<'a, S: Store> Login<'a, S> {
    pub(super) fn new(shared: &'a Shared<S>, client: IpAddr) -> Self {
        Self { shared, client, exchange: None }
    }

    /// Begins an exchange, with the client's initial response if it sent one.
    pub(super) async fn begin(&mut self, mechanism: &str, initial: Option<&Secret>) -> Step {
        self.exchange = Exchange::start(mechanism).ok();
        self.step(initial).await
    }

    /// Takes the client's answer to a challenge.
    pub(super) async fn step(&mut self, said: Option<&Secret>) -> Step {
        let Some(mut exchange) = self.exchange.take() else { return Step::Refused };
        match exchange.step(said.map(Secret::as_bytes)) {
            Outcome::Challenge(octets) => {
                self.exchange = Some(exchange);
                Step::Challenge(octets)
            }
            Outcome::Verify(offer) => self.check(&offer.name, offer.password).await,
            Outcome::Failed(error) => {
                tracing::info!(%error, "login failed");
                Step::Refused
            }
        }
    }

    /// The client gave its exchange up.
    pub(super) fn cancel(&mut self) {
        self.exchange = None;
    }

    /// Checks a name and a password.
    pub(super) async fn check(&self, name: &str, password: Password) -> Step {
        let _turn = self.shared.turns.wait(self.client).await;
        let (limiter, client) = (&self.shared.limiter, self.shared.limiter.client(self.client));
        if let Err(exceeded) = limiter.login(client) {
            tracing::info!(%exceeded, "refused");
            return Step::Failed;
        }
        match auth::login(&self.shared.store, name, password).await {
            Ok(Some(account)) => {
                tracing::info!(account = ?account.address.to_string(), "logged in");
                Step::LoggedIn(account)
            }
            Ok(None) => {
                limiter.login_failed(client);
                // Quoted: a client may call itself anything, a line end included.
                let name: String = name.chars().take(LOGGED).collect();
                tracing::info!(?name, "login failed");
                Step::Refused
            }
            Err(error) => {
                tracing::error!(error = %Causes(&error), "cannot check a login");
                Step::Failed
            }
        }
    }
}
