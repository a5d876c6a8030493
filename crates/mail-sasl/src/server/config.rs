//! What a server offers.
use crate::{Channel, MAX_ITERATIONS, MIN_ITERATIONS, ScramKeys, kind::Kind, scram::Hash};
use core::fmt;
use mail_wire::{Mechanism, Secret};

/// What a server offers, the same for all connections.
#[derive(Clone)]
pub struct ServerConfig {
    mechanisms: Vec<Mechanism>,
    secret: Secret,
    iterations: u32,
}

impl ServerConfig {
    /// Nothing yet.
    ///
    /// Names that no account has get salts derived of the secret, so that they answer as others do, and each time
    /// the same. It should be 32 random octets, kept with the accounts: a new one tells who had no account.
    pub fn new(secret: Secret) -> Self {
        Self { mechanisms: Vec::new(), secret, iterations: MIN_ITERATIONS }
    }

    /// The mechanisms on offer; names that are not known here are left out.
    pub fn mechanisms(self, mechanisms: &[Mechanism]) -> Self {
        let known = mechanisms.iter().copied().filter(|mechanism| Kind::of(*mechanism).is_some());
        Self { mechanisms: known.collect(), ..self }
    }

    /// How many iterations a name hears that no account has: as many as the accounts' keys have. Default 4,096.
    pub fn iterations(self, iterations: u32) -> Self {
        Self { iterations: iterations.clamp(MIN_ITERATIONS, MAX_ITERATIONS), ..self }
    }

    /// What one connection offers, in the order that was configured: `-PLUS` only where it has channel bindings.
    pub fn offered(&self, channel: &Channel) -> Vec<Mechanism> {
        // rule rfc5801 5 plus-needs-binding: who can bind nothing offers no -PLUS [instead: |_: &Mechanism| true]
        // rule rfc5802 4 plus-needs-binding: -PLUS where a channel can be bound [instead: |_: &Mechanism| true]
        let fits = |mechanism: &Mechanism| {
            !channel.bindings().is_empty() || !Kind::of(*mechanism).is_some_and(Kind::is_plus)
        };
        self.mechanisms.iter().copied().filter(fits).collect()
    }

    /// Keys that no password fits, for a name that no account has: always the same ones.
    ///
    /// A host that checks a password by [`ScramKeys::fit`] takes these where it knows no others, and as much time.
    pub fn keys_of_nobody(&self, hash: Hash, called: &str) -> ScramKeys {
        self.nobody().keys(hash, called)
    }

    pub(super) fn nobody(&self) -> Nobody {
        Nobody { secret: self.secret.clone(), iterations: self.iterations }
    }
}

impl fmt::Debug for ServerConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ServerConfig")
            .field("mechanisms", &self.mechanisms)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

/// Makes the keys of names that nobody has.
pub(super) struct Nobody {
    secret: Secret,
    iterations: u32,
}

impl Nobody {
    pub(super) fn keys(&self, hash: Hash, name: &str) -> ScramKeys {
        ScramKeys::of_nobody(hash, &self.secret, name, self.iterations)
    }
}
