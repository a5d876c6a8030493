//! Passwords, and what is kept in their place.
//!
//! A password itself is never stored, nor a hash of it beside what SCRAM needs ([RFC 5802], [RFC 7677]): who stole both
//! would guess at whichever is cheaper. A password that is sent is checked against the same keys.
//!
//! [RFC 5802]: https://www.rfc-editor.org/rfc/rfc5802
//! [RFC 7677]: https://www.rfc-editor.org/rfc/rfc7677

use std::fmt;

use ring::rand::{SecureRandom, SystemRandom};
use thiserror::Error;
use tokio_codec::sasl::{Hash, ScramKeys, Secret};

/// Octets of salt.
const SALT: usize = 16;

/// Why a password cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// It is empty.
    #[error("password is empty")]
    Empty,
    /// It holds what cannot be typed alike everywhere.
    #[error("password is not UTF-8, or holds characters that SASLprep forbids, or nothing else")]
    Forbidden,
    /// The system gives no random numbers.
    #[error("no random numbers to be had")]
    NoSalt,
}

/// What is kept of a password: keys for SCRAM with each hash.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    sha_1: ScramKeys,
    sha_256: ScramKeys,
}

impl Credentials {
    /// How often a password is hashed: by a client at each login by SCRAM, else by the server.
    ///
    /// The RFCs ask for 4,096 at least, a number of 2010, and Cyrus SASL computes no more than these. They take some
    /// tens of milliseconds of one core.
    pub const ITERATIONS: u32 = 65_536;

    /// Makes credentials for a new password. This takes as long as two logins.
    ///
    /// # Errors
    ///
    /// The password is empty, or SASLprep refuses it.
    pub fn new(password: &Secret) -> Result<Self, PasswordError> {
        if password.as_bytes().is_empty() {
            return Err(PasswordError::Empty);
        }
        let keys = |hash| {
            let mut salt = [0; SALT];
            SystemRandom::new().fill(&mut salt).map_err(|_| PasswordError::NoSalt)?;
            // Iterations and salt are in bounds.
            ScramKeys::from_password(hash, password, &salt, Self::ITERATIONS)
                .map_err(|_| PasswordError::Forbidden)
        };
        Ok(Self { sha_1: keys(Hash::Sha1)?, sha_256: keys(Hash::Sha256)? })
    }

    /// Puts stored credentials together again; `None` where one is in the place of the other.
    pub fn from_keys(sha_1: ScramKeys, sha_256: ScramKeys) -> Option<Self> {
        let fit = sha_1.hash() == Hash::Sha1 && sha_256.hash() == Hash::Sha256;
        fit.then_some(Self { sha_1, sha_256 })
    }

    /// Were they made with another number of iterations than new ones are?
    ///
    /// That tells them from names that no account has, and of more than these Cyrus SASL computes none.
    pub fn is_outdated(&self) -> bool {
        [&self.sha_1, &self.sha_256].iter().any(|keys| keys.iterations() != Self::ITERATIONS)
    }

    /// What SCRAM with this hash needs to know.
    pub fn keys(&self, hash: Hash) -> &ScramKeys {
        match hash {
            Hash::Sha1 => &self.sha_1,
            Hash::Sha256 => &self.sha_256,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn password(text: &str) -> Secret {
        Secret::copy_from(text.as_bytes())
    }

    #[test]
    fn the_right_password_fits_and_others_do_not() {
        let credentials = Credentials::new(&password("caf\u{e9} horse")).unwrap();
        for hash in [Hash::Sha1, Hash::Sha256] {
            // A letter is the same however it was composed.
            assert!(credentials.keys(hash).fit(&password("cafe\u{301} horse")));
            assert!(!credentials.keys(hash).fit(&password("caf\u{e9} hors")));
        }
    }

    #[test]
    fn what_cannot_be_a_password_is_refused() {
        for (octets, why) in [
            (&b""[..], PasswordError::Empty),
            (b"\xc2\xad", PasswordError::Forbidden),
            (b"tab\there", PasswordError::Forbidden),
            (b"\xff", PasswordError::Forbidden),
        ] {
            assert_eq!(Credentials::new(&Secret::copy_from(octets)), Err(why), "{}", octets.escape_ascii());
        }
    }

    #[test]
    fn two_accounts_with_one_password_do_not_show_it() {
        let [one, two] = [0, 1].map(|_| Credentials::new(&password("pencil")).unwrap());
        for hash in [Hash::Sha1, Hash::Sha256] {
            assert_ne!(one.keys(hash).salt(), two.keys(hash).salt());
            assert_ne!(one.keys(hash).stored_key(), two.keys(hash).stored_key());
        }
        assert_ne!(one.keys(Hash::Sha1).salt(), one.keys(Hash::Sha256).salt());
        assert_eq!(format!("{one:?}"), "Credentials(..)");
    }
}
