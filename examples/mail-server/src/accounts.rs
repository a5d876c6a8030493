//! Passwords, and what is kept in their place.
//!
//! A password itself is never stored. [`Credentials`] hold an argon2id hash, against which a password that
//! was sent is checked, and the keys of SCRAM ([RFC 5802], [RFC 7677]), for clients that prove they know the
//! password without sending it. Someone who steals both attacks whichever is cheaper to guess: the SCRAM
//! keys, however many [iterations](Credentials::SCRAM_ITERATIONS) they are made with.
//!
//! [RFC 5802]: https://www.rfc-editor.org/rfc/rfc5802
//! [RFC 7677]: https://www.rfc-editor.org/rfc/rfc7677

use std::{
    borrow::Cow,
    fmt,
    num::NonZeroU32,
    str,
    sync::{Mutex, PoisonError},
};

use argon2::{
    Algorithm, Argon2, Block, Params, Version,
    password_hash::phc::{Output, ParamsString, PasswordHash, Salt},
};
use ring::{
    digest, hmac, pbkdf2,
    rand::{SecureRandom, SystemRandom},
};
use thiserror::Error;
use zeroize::{Zeroize, Zeroizing};

/// Octets of salt, for argon2 and for SCRAM alike.
const SALT: usize = 16;

/// A password as a person typed it. Wiped from memory when dropped, and never shown by `Debug`.
///
/// It is prepared with SASLprep ([RFC 4013]) wherever it is used, so that each way to log in takes the same
/// password for the same, however a keyboard composed its letters.
///
/// [RFC 4013]: https://www.rfc-editor.org/rfc/rfc4013
#[derive(Clone)]
pub struct Password(Zeroizing<Vec<u8>>);

impl Password {
    /// The octets as SASLprep gives them.
    fn prepare(&self) -> Result<Zeroizing<Vec<u8>>, PasswordError> {
        let text = str::from_utf8(&self.0).map_err(|_| PasswordError::NotUtf8)?;
        let prepared = match stringprep::saslprep(text).map_err(|_| PasswordError::Forbidden)? {
            Cow::Borrowed(_) => self.0.clone(),
            Cow::Owned(prepared) => Zeroizing::new(prepared.into_bytes()),
        };
        if prepared.is_empty() { Err(PasswordError::Empty) } else { Ok(prepared) }
    }
}

impl From<Vec<u8>> for Password {
    fn from(octets: Vec<u8>) -> Self {
        Self(Zeroizing::new(octets))
    }
}

impl From<&[u8]> for Password {
    fn from(octets: &[u8]) -> Self {
        octets.to_vec().into()
    }
}

impl From<&str> for Password {
    fn from(text: &str) -> Self {
        text.as_bytes().into()
    }
}

impl fmt::Debug for Password {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Password(..)")
    }
}

/// Why a password cannot be set.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PasswordError {
    /// It is empty, or holds only characters that SASLprep drops.
    #[error("password is empty")]
    Empty,
    /// It is not text.
    #[error("password is not UTF-8")]
    NotUtf8,
    /// It holds what cannot be typed alike everywhere.
    #[error("password holds control or other characters that SASLprep forbids")]
    Forbidden,
    /// The system gives no random numbers, or has no memory to hash in.
    #[error("password could not be hashed")]
    Unhashable,
}

/// The password is not the one that was set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("wrong password")]
pub struct WrongPassword;

/// What is kept of a password.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    password_hash: String,
    scram_sha_1: ScramKeys,
    scram_sha_256: ScramKeys,
}

impl Credentials {
    /// How often SCRAM hashes a password. A client does that at each login.
    ///
    /// The RFCs ask for 4,096 at least, a number of 2010. This takes a phone some tens of milliseconds.
    pub const SCRAM_ITERATIONS: NonZeroU32 = NonZeroU32::new(100_000).unwrap();

    /// Makes credentials for a new password. This takes some hundred milliseconds and 7 MiB.
    ///
    /// # Errors
    ///
    /// When the password is empty, or SASLprep refuses it.
    pub fn new(password: &Password) -> Result<Self, PasswordError> {
        let password = password.prepare()?;
        let (hasher, salt_of_hash) = (hasher(), salt()?);
        let mut octets = Zeroizing::new([0; Params::DEFAULT_OUTPUT_LEN]);
        hash(&hasher, &password, &salt_of_hash, octets.as_mut()).map_err(|_| PasswordError::Unhashable)?;
        Ok(Self {
            password_hash: phc(&hasher, &salt_of_hash, octets.as_ref())?,
            scram_sha_1: ScramKeys::derive(ScramHash::Sha1, &password, &salt()?, Self::SCRAM_ITERATIONS),
            scram_sha_256: ScramKeys::derive(ScramHash::Sha256, &password, &salt()?, Self::SCRAM_ITERATIONS),
        })
    }

    /// Puts stored credentials together again: the argon2 hash as a PHC string, and the keys for each SCRAM.
    pub fn from_parts(password_hash: String, scram_sha_1: ScramKeys, scram_sha_256: ScramKeys) -> Self {
        Self { password_hash, scram_sha_1, scram_sha_256 }
    }

    /// Makes credentials that no password fits, and that take as long to say so as real ones: for names that
    /// no account has.
    pub fn dummy() -> Self {
        let keys = |size| ScramKeys {
            salt: vec![0; SALT],
            iterations: Self::SCRAM_ITERATIONS,
            stored_key: vec![0; size],
            server_key: vec![0; size],
        };
        Self { password_hash: DUMMY_HASH.to_owned(), scram_sha_1: keys(20), scram_sha_256: keys(32) }
    }

    /// Checks a password. This takes some tens of milliseconds and 7 MiB, whatever the outcome.
    ///
    /// # Errors
    ///
    /// [`WrongPassword`], also when the stored hash is damaged.
    pub fn verify(&self, password: &Password) -> Result<(), WrongPassword> {
        // One that SASLprep refuses was never set, but must not be told apart by the time it takes.
        let octets = password.prepare().unwrap_or_else(|_| password.0.clone());
        let stored = PasswordHash::new(&self.password_hash).map_err(|_| WrongPassword)?;
        let (Some(salt), Some(expected)) = (&stored.salt, &stored.hash) else { return Err(WrongPassword) };
        let params = Params::try_from(&stored).map_err(|_| WrongPassword)?;
        let algorithm = Algorithm::try_from(stored.algorithm.as_str()).map_err(|_| WrongPassword)?;
        let version = stored.version.map_or(Ok(Version::default()), Version::try_from);
        let hasher = Argon2::new(algorithm, version.map_err(|_| WrongPassword)?, params);
        let mut found = Zeroizing::new(vec![0; expected.len()]);
        hash(&hasher, &octets, salt.as_ref(), &mut found).map_err(|_| WrongPassword)?;
        // Their comparison takes the same time wherever they differ.
        let found = Output::new(&found).map_err(|_| WrongPassword)?;
        if found == *expected { Ok(()) } else { Err(WrongPassword) }
    }

    /// The argon2 hash, as a PHC string.
    pub fn password_hash(&self) -> &str {
        &self.password_hash
    }

    /// What SCRAM with this hash needs to know.
    pub fn scram(&self, hash: ScramHash) -> &ScramKeys {
        match hash {
            ScramHash::Sha1 => &self.scram_sha_1,
            ScramHash::Sha256 => &self.scram_sha_256,
        }
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

/// argon2id with 7 MiB and five passes: of the settings that OWASP holds for equal, the one of least memory.
fn hasher() -> Argon2<'static> {
    let params = const {
        match Params::new(7 * 1024, 5, 1, None) {
            Ok(params) => params,
            Err(_) => panic!("these parameters are allowed"),
        }
    };
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
}

/// Hashes in memory that is kept for the next time.
///
/// Blocks that are allocated anew each time are aligned, and glibc before 2.38 does not find the hole again that
/// the last ones left: every login would take 7 MiB more.
fn hash(hasher: &Argon2<'_>, password: &[u8], salt: &[u8], out: &mut [u8]) -> Result<(), argon2::Error> {
    static MEMORY: Mutex<Vec<Block>> = Mutex::new(Vec::new());
    let mut memory = MEMORY.lock().unwrap_or_else(PoisonError::into_inner);
    memory.resize(hasher.params().block_count(), Block::default());
    let done = hasher.hash_password_into_with_memory(password, salt, out, memory.as_mut_slice());
    memory.iter_mut().for_each(Zeroize::zeroize);
    done
}

/// A hash as a PHC string, with all that it takes to check a password against it.
fn phc(hasher: &Argon2<'_>, salt: &[u8], octets: &[u8]) -> Result<String, PasswordError> {
    let phc = PasswordHash {
        algorithm: Algorithm::Argon2id.ident(),
        version: Some(Version::V0x13.into()),
        params: ParamsString::try_from(hasher.params()).map_err(|_| PasswordError::Unhashable)?,
        salt: Some(Salt::new(salt).map_err(|_| PasswordError::Unhashable)?),
        hash: Some(Output::new(octets).map_err(|_| PasswordError::Unhashable)?),
    };
    Ok(phc.to_string())
}

/// A hash of nothing, of the kind and cost that [`Credentials::new`] makes.
const DUMMY_HASH: &str =
    "$argon2id$v=19$m=7168,t=5,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The hash function of a SCRAM mechanism.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ScramHash {
    /// SCRAM-SHA-1, which clients of old know.
    Sha1,
    /// SCRAM-SHA-256.
    Sha256,
}

impl ScramHash {
    /// The name of the hash, as it stands in the mechanism's.
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "SHA-1",
            Self::Sha256 => "SHA-256",
        }
    }

    fn pbkdf2(self) -> pbkdf2::Algorithm {
        match self {
            Self::Sha1 => pbkdf2::PBKDF2_HMAC_SHA1,
            Self::Sha256 => pbkdf2::PBKDF2_HMAC_SHA256,
        }
    }

    fn hmac(self) -> hmac::Algorithm {
        match self {
            Self::Sha1 => hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY,
            Self::Sha256 => hmac::HMAC_SHA256,
        }
    }
}

/// What a server keeps for SCRAM ([RFC 5802 §3]).
///
/// [RFC 5802 §3]: https://www.rfc-editor.org/rfc/rfc5802#section-3
#[derive(Clone, PartialEq, Eq)]
pub struct ScramKeys {
    /// The salt, told to the client.
    pub salt: Vec<u8>,
    /// How often the client hashes.
    pub iterations: NonZeroU32,
    /// `H(ClientKey)`: what the client's proof is checked against.
    pub stored_key: Vec<u8>,
    /// What the server proves itself with.
    pub server_key: Vec<u8>,
}

impl ScramKeys {
    /// ```text
    /// SaltedPassword  := Hi(Normalize(password), salt, i)
    /// ClientKey       := HMAC(SaltedPassword, "Client Key")
    /// StoredKey       := H(ClientKey)
    /// ServerKey       := HMAC(SaltedPassword, "Server Key")
    /// ```
    fn derive(hash: ScramHash, password: &[u8], salt: &[u8], iterations: NonZeroU32) -> Self {
        let digest = hash.hmac().digest_algorithm();
        let mut salted_password = Zeroizing::new(vec![0; digest.output_len()]);
        pbkdf2::derive(hash.pbkdf2(), iterations, salt, password, &mut salted_password);
        let key = hmac::Key::new(hash.hmac(), &salted_password);
        let client_key = hmac::sign(&key, b"Client Key");
        Self {
            salt: salt.to_vec(),
            iterations,
            stored_key: digest::digest(digest, client_key.as_ref()).as_ref().to_vec(),
            server_key: hmac::sign(&key, b"Server Key").as_ref().to_vec(),
        }
    }
}

impl fmt::Debug for ScramKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramKeys").field("iterations", &self.iterations).finish_non_exhaustive()
    }
}

fn salt() -> Result<[u8; SALT], PasswordError> {
    let mut salt = [0; SALT];
    SystemRandom::new().fill(&mut salt).map_err(|_| PasswordError::Unhashable)?;
    Ok(salt)
}

#[cfg(test)]
mod tests {
    use base64::{Engine, prelude::BASE64_STANDARD as BASE64};

    use super::*;

    /// Plays the server's part of a SCRAM exchange: the client's proof must fit; answers what the server
    /// proves itself with.
    fn exchange(hash: ScramHash, salt: &str, nonces: [&str; 2], proof: &str) -> String {
        let iterations = NonZeroU32::new(4096).unwrap();
        let keys = ScramKeys::derive(hash, b"pencil", &BASE64.decode(salt).unwrap(), iterations);
        let [client, both] = nonces;
        let auth_message = format!("n=user,r={client},r={both},s={salt},i=4096,c=biws,r={both}");
        let sign = |key: &[u8]| hmac::sign(&hmac::Key::new(hash.hmac(), key), auth_message.as_bytes());
        let signature = sign(&keys.stored_key);
        let proof = BASE64.decode(proof).unwrap();
        let client_key: Vec<u8> = proof.iter().zip(signature.as_ref()).map(|(a, b)| a ^ b).collect();
        let hashed = digest::digest(hash.hmac().digest_algorithm(), &client_key);
        assert_eq!(hashed.as_ref(), keys.stored_key, "StoredKey does not fit the client's proof");
        BASE64.encode(sign(&keys.server_key))
    }

    #[test]
    fn scram_sha_1_keys_fit_the_exchange_of_rfc_5802_section_5() {
        let nonces = ["fyko+d2lbbFgONRv9qkxdawL", "fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j"];
        let answer = exchange(ScramHash::Sha1, "QSXCR+Q6sek8bf92", nonces, "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=");
        assert_eq!(answer, "rmF9pqV8S7suAoZWja4dJRkFsKQ=");
    }

    #[test]
    fn scram_sha_256_keys_fit_the_exchange_of_rfc_7677_section_3() {
        let nonces = ["rOprNGfwEbeRWgbNEkqO", "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"];
        let proof = "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=";
        let answer = exchange(ScramHash::Sha256, "W22ZaJ0SNY7soEsUEjb6gQ==", nonces, proof);
        assert_eq!(answer, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=");
    }

    #[test]
    fn the_right_password_fits_and_others_do_not() {
        let credentials = Credentials::new(&"correct horse".into()).unwrap();
        assert_eq!(credentials.verify(&"correct horse".into()), Ok(()));
        for wrong in ["", "correct hors", "correct horse ", "Correct horse", "correct\0horse"] {
            assert_eq!(credentials.verify(&wrong.into()), Err(WrongPassword), "{wrong:?}");
        }
        assert_eq!(credentials.verify(&Password::from(&b"\xff"[..])), Err(WrongPassword));
    }

    #[test]
    fn a_letter_is_the_same_however_it_was_composed() {
        let credentials = Credentials::new(&"caf\u{e9}".into()).unwrap();
        assert_eq!(credentials.verify(&"cafe\u{301}".into()), Ok(()));
    }

    #[test]
    fn what_cannot_be_a_password_is_refused() {
        for (password, why) in [
            (&b""[..], "password is empty"),
            (b"\xc2\xad", "password is empty"),
            (b"tab\there", "password holds control or other characters that SASLprep forbids"),
            (b"\xff", "password is not UTF-8"),
        ] {
            assert_eq!(Credentials::new(&password.into()).unwrap_err().to_string(), why);
        }
    }

    #[test]
    fn two_accounts_with_one_password_do_not_show_it() {
        let [one, two] = [0, 1].map(|_| Credentials::new(&"pencil".into()).unwrap());
        assert_ne!(one.password_hash, two.password_hash);
        assert_ne!(one.scram_sha_1.stored_key, two.scram_sha_1.stored_key);
        assert_ne!(one.scram_sha_256.stored_key, two.scram_sha_256.stored_key);
    }

    #[test]
    fn an_unknown_name_costs_what_a_known_one_does() {
        let real = Credentials::new(&"pencil".into()).unwrap();
        let [real, dummy] =
            [&real, &Credentials::dummy()].map(|c| PasswordHash::new(&c.password_hash).unwrap());
        assert_eq!(real.algorithm, dummy.algorithm);
        assert_eq!(real.version, dummy.version);
        assert_eq!(real.params, dummy.params);
        assert_eq!(real.hash.unwrap().len(), dummy.hash.unwrap().len());
        assert_eq!(Credentials::dummy().verify(&"pencil".into()), Err(WrongPassword));
    }

    #[test]
    fn no_secret_is_shown() {
        let credentials = Credentials::new(&"pencil".into()).unwrap();
        let shown = format!("{:?} {:?} {:?}", Password::from("pencil"), credentials, credentials.scram_sha_1);
        assert_eq!(shown, "Password(..) Credentials(..) ScramKeys { iterations: 100000, .. }");
    }
}
