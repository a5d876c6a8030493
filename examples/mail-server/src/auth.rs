//! Who a client is: what is offered, and the check of a name and a password.
//!
//! The mechanisms are `mail-sasl`'s. What they ask is answered in [`session`](crate::session), the same for all
//! protocols.

use std::{error::Error, sync::LazyLock, thread};

use tokio::{sync::Semaphore, task::spawn_blocking};
use tokio_codec::sasl::{Hash, Mechanism, Secret, ServerConfig};

use crate::{
    accounts::Credentials,
    causes::Causes,
    store::{Account, AccountId, Known, Store, StoreError},
    tokens::Tokens,
};

/// What every server of this kind offers, the stronger ones first; EXTERNAL where a client has shown a certificate.
const MECHANISMS: [Mechanism; 7] = [
    Mechanism::EXTERNAL,
    Mechanism::SCRAM_SHA_256_PLUS,
    Mechanism::SCRAM_SHA_256,
    Mechanism::SCRAM_SHA_1_PLUS,
    Mechanism::SCRAM_SHA_1,
    Mechanism::PLAIN,
    Mechanism::LOGIN,
];

/// What one offers too that has a command for tokens.
const BY_TOKEN: [Mechanism; 2] = [Mechanism::OAUTHBEARER, Mechanism::XOAUTH2];

/// How clients may log in, and what names hear that nobody has.
#[derive(Debug)]
pub struct Logins {
    config: ServerConfig,
    tokens: Option<Tokens>,
    guest: Option<Account>,
}

impl Logins {
    /// With the secret that the store keeps for this; by token, too, where a command knows whose they are; without a
    /// name, where there is an account to be read by everybody.
    pub fn new(secret: Secret, tokens: Option<Tokens>, guest: Option<Account>) -> Self {
        let mut offered = MECHANISMS.to_vec();
        if tokens.is_some() {
            offered.extend(BY_TOKEN);
        }
        if guest.is_some() {
            offered.push(Mechanism::ANONYMOUS);
        }
        let config = ServerConfig::new(secret).iterations(Credentials::ITERATIONS).mechanisms(&offered);
        Self { config, tokens, guest }
    }

    /// What an exchange begins with.
    pub fn config(&self) -> &ServerConfig {
        &self.config
    }

    /// Who knows whose a token is.
    pub fn tokens(&self) -> Option<&Tokens> {
        self.tokens.as_ref()
    }

    /// What those read who say no name.
    pub fn guest(&self) -> Option<&Account> {
        self.guest.as_ref()
    }

    /// Checks a name and a password, and answers whose they are.
    ///
    /// The name is as [`Store::credentials`] takes it. A name that no account has takes as long as a wrong
    /// password. Checks wait for their turn. Credentials that are [outdated](Credentials::is_outdated) are made anew of
    /// a password that fits.
    ///
    /// # Errors
    ///
    /// When the store cannot be read.
    pub async fn check<S: Store>(
        &self,
        store: &S,
        name: &str,
        password: Secret,
    ) -> Result<Option<Account>, StoreError> {
        let (found, keys) = match store.credentials(name).await? {
            Known::Account(account, credentials) => {
                let keys = credentials.keys(Hash::Sha256).clone();
                (Some((account, credentials)), keys)
            }
            Known::Nobody { called } => (None, self.config.keys_of_nobody(Hash::Sha256, &called)),
        };
        let said = password.clone();
        let fits = hashing(move || keys.fit(&said)).await?;
        let Some((account, credentials)) = found.filter(|_| fits) else { return Ok(None) };
        if credentials.is_outdated() {
            match renew(store, account.id, &credentials, password).await {
                Ok(()) => tracing::info!(account = ?account.address.to_string(), "made its keys anew"),
                // The next login may do it.
                Err(error) => tracing::warn!(error = %Causes(&*error), "cannot make keys anew"),
            }
        }
        Ok(Some(account))
    }
}

/// Makes keys as they are made today, of a password that fits those of earlier.
async fn renew<S: Store>(
    store: &S,
    account: AccountId,
    old: &Credentials,
    password: Secret,
) -> Result<(), Box<dyn Error + Send + Sync>> {
    let new = hashing(move || Credentials::new(&password)).await??;
    Ok(store.renew_credentials(account, old, &new).await?)
}

/// Runs what hashes passwords, off the threads that serve: a hash takes all of one core for tens of milliseconds.
///
/// No more at a time than there are cores.
///
/// # Errors
///
/// When the runtime is shutting down.
pub async fn hashing<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, StoreError> {
    static TURNS: LazyLock<Semaphore> =
        LazyLock::new(|| Semaphore::new(thread::available_parallelism().map_or(1, usize::from)));
    let permit = TURNS.acquire().await.map_err(|_| StoreError::Stopped)?;
    let work = spawn_blocking(move || {
        // The permit goes along: a client that hangs up does not stop the work.
        let _permit = permit;
        work()
    });
    Ok(work.await?)
}
