//! What a server keeps of a password.
use super::{Hash, MAX_ITERATIONS, MIN_ITERATIONS};
use crate::{Unprepared, prepare};
use base64::{Engine, engine::general_purpose::STANDARD};
use core::fmt;
use mail_wire::Secret;
use zeroize::Zeroizing;

/// What a server keeps of a password for SCRAM: with these it knows who has the password, and cannot log in elsewhere
/// with them ([RFC 5802 §3](https://www.rfc-editor.org/rfc/rfc5802#section-3)).
///
/// They still deserve to be kept as a password is: who has them can try passwords, and play the server.
///
/// ```
/// use mail_sasl::{Hash, ScramKeys, Secret};
/// let keys = ScramKeys::from_password(Hash::Sha256, &Secret::copy_from(b"pencil"), b"a random salt", 4_096)?;
/// let text = keys.encode();
/// assert!(text.as_bytes().starts_with(b"SCRAM-SHA-256$4096:YSByYW5kb20gc2FsdA==$"));
/// assert_eq!(ScramKeys::parse(text.as_bytes())?, keys);
/// # Ok::<(), mail_sasl::InvalidKeys>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct ScramKeys {
    hash: Hash,
    iterations: u32,
    salt: Vec<u8>,
    stored_key: Secret,
    server_key: Secret,
}

/// Keys cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidKeys {
    /// Too few or too many iterations.
    #[error("{0} iterations, {MIN_ITERATIONS} to {MAX_ITERATIONS} allowed")]
    Iterations(u32),
    /// The salt is empty or longer than 1,024 octets.
    #[error("salt of {0} octets, 1 to 1024 allowed")]
    Salt(usize),
    /// The password is none.
    #[error(transparent)]
    Password(#[from] Unprepared),
    /// A text is not of the form that [`ScramKeys::encode`] writes, or a key is not as long as its hash.
    #[error("expected SCHEME$iterations:salt$StoredKey:ServerKey with a scheme that is known, and its keys")]
    Text,
}

impl ScramKeys {
    /// Makes the keys of a password, which is prepared by SASLprep first. Takes as long as the iterations ask for.
    ///
    /// The salt is the caller's to draw: 16 random octets, anew for each password.
    ///
    /// # Errors
    /// Iterations below [`MIN_ITERATIONS`] or above [`MAX_ITERATIONS`], no salt, or a password that is empty, not
    /// UTF-8, or holds what SASLprep forbids.
    pub fn from_password(
        hash: Hash,
        password: &Secret,
        salt: &[u8],
        iterations: u32,
    ) -> Result<Self, InvalidKeys> {
        check(salt, iterations)?;
        // rule rfc5802 2.2 normalized: a password is prepared by SASLprep before it is hashed
        let password = prepare::password(password.as_bytes())?;
        let salted = hash.salted(password.as_bytes(), salt, iterations);
        let client_key = hash.hmac(&salted, &[b"Client Key"]);
        Ok(Self {
            hash,
            iterations,
            salt: salt.to_vec(),
            stored_key: hash.digest(&client_key).into(),
            server_key: Secret::copy_from(&hash.hmac(&salted, &[b"Server Key"])),
        })
    }

    /// Puts keys together again that were stored part by part.
    ///
    /// # Errors
    /// The iterations or the salt are out of bounds, or a key is not as long as the hash.
    pub fn from_parts(
        hash: Hash,
        iterations: u32,
        salt: &[u8],
        stored_key: Secret,
        server_key: Secret,
    ) -> Result<Self, InvalidKeys> {
        check(salt, iterations)?;
        if [&stored_key, &server_key].iter().any(|key| key.as_bytes().len() != hash.len()) {
            return Err(InvalidKeys::Text);
        }
        Ok(Self { hash, iterations, salt: salt.to_vec(), stored_key, server_key })
    }

    /// Is this the password that the keys are of? Takes as long as their iterations ask for, whatever comes of it.
    pub fn fit(&self, password: &Secret) -> bool {
        let Ok(theirs) = Self::from_password(self.hash, password, &self.salt, self.iterations) else {
            return false;
        };
        let (ours, theirs) = (self.stored_key.as_bytes(), theirs.stored_key.as_bytes());
        // However much of them is equal, it takes the same time to see.
        ours.len() == theirs.len() && ours.iter().zip(theirs).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
    }

    /// Keys that no password has, the same for the same name and secret.
    pub(crate) fn of_nobody(hash: Hash, secret: &Secret, name: &str, iterations: u32) -> Self {
        let derive = |label: &[u8]| {
            hash.hmac(secret.as_bytes(), &[label, b"\0", hash.scheme().as_bytes(), b"\0", name.as_bytes()])
        };
        Self {
            hash,
            iterations,
            salt: derive(b"salt").iter().take(16).copied().collect(),
            stored_key: Secret::copy_from(&derive(b"StoredKey")),
            server_key: Secret::copy_from(&derive(b"ServerKey")),
        }
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// It is not of that form, or out of bounds.
    pub fn parse(text: &[u8]) -> Result<Self, InvalidKeys> {
        let text = core::str::from_utf8(text).map_err(|_| InvalidKeys::Text)?;
        let mut parts = text.split('$');
        let (Some(scheme), Some(cost), Some(keys), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(InvalidKeys::Text);
        };
        let hash = [Hash::Sha1, Hash::Sha256].into_iter().find(|hash| hash.scheme() == scheme);
        let (Some(hash), Some((iterations, salt)), Some((stored_key, server_key))) =
            (hash, cost.split_once(':'), keys.split_once(':'))
        else {
            return Err(InvalidKeys::Text);
        };
        let iterations = number(iterations.as_bytes()).ok_or(InvalidKeys::Text)?;
        let decode = |text| STANDARD.decode(text).map_err(|_| InvalidKeys::Text);
        let (stored_key, server_key) = (decode(stored_key)?, decode(server_key)?);
        Self::from_parts(hash, iterations, &decode(salt)?, stored_key.into(), server_key.into())
    }

    /// Writes the keys to be stored: `SCRAM-SHA-256$4096:salt$StoredKey:ServerKey`, the last three in base64, as
    /// [RFC 5803 §2](https://www.rfc-editor.org/rfc/rfc5803#section-2) has it.
    pub fn encode(&self) -> Secret {
        let base64 = |octets: &[u8]| Zeroizing::new(STANDARD.encode(octets));
        let (stored_key, server_key) =
            (base64(self.stored_key.as_bytes()), base64(self.server_key.as_bytes()));
        let (scheme, iterations, salt) = (self.hash.scheme(), self.iterations, base64(&self.salt));
        Secret::from(format!("{scheme}${iterations}:{}${}:{}", *salt, *stored_key, *server_key).into_bytes())
    }

    /// The hash function.
    pub fn hash(&self) -> Hash {
        self.hash
    }

    /// How often the password was hashed.
    pub fn iterations(&self) -> u32 {
        self.iterations
    }

    /// The salt.
    pub fn salt(&self) -> &[u8] {
        &self.salt
    }

    /// `H(ClientKey)`.
    pub fn stored_key(&self) -> &Secret {
        &self.stored_key
    }

    /// By which the server proves itself.
    pub fn server_key(&self) -> &Secret {
        &self.server_key
    }
}

/// Without the keys and the salt.
impl fmt::Debug for ScramKeys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ScramKeys")
            .field("hash", &self.hash)
            .field("iterations", &self.iterations)
            .finish_non_exhaustive()
    }
}

/// `posit-number = %x31-39 *DIGIT` that 32 bits hold.
pub(super) fn number(digits: &[u8]) -> Option<u32> {
    let plain = digits.iter().all(u8::is_ascii_digit) && digits.first().is_some_and(|first| *first != b'0');
    if plain { core::str::from_utf8(digits).ok()?.parse().ok() } else { None }
}

fn check(salt: &[u8], iterations: u32) -> Result<(), InvalidKeys> {
    // rule rfc7677 4 at-least-4096: a password is hashed at least 4096 times
    if !(MIN_ITERATIONS..=MAX_ITERATIONS).contains(&iterations) {
        return Err(InvalidKeys::Iterations(iterations));
    }
    if salt.is_empty() || salt.len() > 1_024 {
        return Err(InvalidKeys::Salt(salt.len()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn keys(hash: Hash, salt: &str) -> ScramKeys {
        ScramKeys::from_password(hash, &Secret::copy_from(b"pencil"), &STANDARD.decode(salt).unwrap(), 4_096)
            .unwrap()
    }

    /// The client's proof gives the stored key back, and the server's signature is made by the server key.
    fn proves(keys: &ScramKeys, first: &str, server_first: &str, last: &str, proof: &str, signature: &str) {
        let said = [first, ",", server_first, ",", last].concat();
        let client_signature = keys.hash.hmac(keys.stored_key.as_bytes(), &[said.as_bytes()]);
        let proof = STANDARD.decode(proof).unwrap();
        let client_key: Vec<u8> = proof.iter().zip(client_signature.iter()).map(|(a, b)| a ^ b).collect();
        assert_eq!(keys.hash.digest(&client_key), keys.stored_key.as_bytes());
        let server_signature = keys.hash.hmac(keys.server_key.as_bytes(), &[said.as_bytes()]);
        assert_eq!(STANDARD.encode(&*server_signature), signature);
    }

    // covers rfc5802 2.2 normalized
    #[test]
    fn keys_of_the_example_in_rfc_5802() {
        proves(
            &keys(Hash::Sha1, "QSXCR+Q6sek8bf92"),
            "n=user,r=fyko+d2lbbFgONRv9qkxdawL",
            "r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j,s=QSXCR+Q6sek8bf92,i=4096",
            "c=biws,r=fyko+d2lbbFgONRv9qkxdawL3rfcNHYJY1ZVvWVs7j",
            "v0X8v3Bz2T0CJGbJQyF0X+HI4Ts=",
            "rmF9pqV8S7suAoZWja4dJRkFsKQ=",
        );
        let typed = |password: &[u8]| {
            ScramKeys::from_password(Hash::Sha1, &Secret::copy_from(password), b"salt", 4_096).unwrap()
        };
        assert_eq!(typed("I\u{ad}X".as_bytes()), typed(b"IX"));
    }

    #[test]
    fn keys_of_the_example_in_rfc_7677() {
        proves(
            &keys(Hash::Sha256, "W22ZaJ0SNY7soEsUEjb6gQ=="),
            "n=user,r=rOprNGfwEbeRWgbNEkqO",
            "r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096",
            "c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0",
            "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=",
            "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=",
        );
    }

    // covers rfc7677 4 at-least-4096
    #[test]
    fn texts_that_are_no_keys() {
        let keys = keys(Hash::Sha256, "W22ZaJ0SNY7soEsUEjb6gQ==");
        let text = String::from_utf8(keys.encode().as_bytes().to_vec()).unwrap();
        assert_eq!(ScramKeys::parse(text.as_bytes()), Ok(keys));
        for (from, to, error) in [
            ("SHA-256", "SHA-512", InvalidKeys::Text),
            ("SHA-256", "SHA-1", InvalidKeys::Text),
            ("4096", "4095", InvalidKeys::Iterations(4_095)),
            ("4096", "2000001", InvalidKeys::Iterations(2_000_001)),
            ("4096", "+4096", InvalidKeys::Text),
            ("W22ZaJ0SNY7soEsUEjb6gQ==", "", InvalidKeys::Salt(0)),
            ("W22ZaJ0SNY7soEsUEjb6gQ==", "W", InvalidKeys::Text),
            ("$4096", ":4096", InvalidKeys::Text),
        ] {
            assert_eq!(ScramKeys::parse(text.replace(from, to).as_bytes()), Err(error), "{from} to {to}");
        }
        for end in 0..text.len() {
            assert!(ScramKeys::parse(&text.as_bytes()[..end]).is_err());
        }
    }

    #[test]
    fn keys_fit_their_password_alone() {
        let secret = Secret::copy_from;
        for hash in [Hash::Sha1, Hash::Sha256] {
            let keys = keys(hash, "QSXCR+Q6sek8bf92");
            assert!(keys.fit(&secret(b"pencil")) && keys.fit(&secret("pen\u{ad}cil".as_bytes())));
            for wrong in [&b""[..], b"pencils", b"Pencil", b"\xff"] {
                assert!(!keys.fit(&secret(wrong)), "{}", wrong.escape_ascii());
            }
            let nobody = ScramKeys::of_nobody(hash, &secret(b"of this server"), "ann", 4_096);
            assert!(!nobody.fit(&secret(b"pencil")) && !nobody.fit(&secret(b"")));
        }
    }

    #[test]
    fn nobodys_keys_stay_the_same_and_show_nothing() {
        let secret = Secret::copy_from(b"of this server");
        let nobody = |name| ScramKeys::of_nobody(Hash::Sha256, &secret, name, 4_096);
        assert_eq!(nobody("ann"), nobody("ann"));
        assert_ne!(nobody("ann").salt, nobody("bob").salt);
        assert_eq!(nobody("ann").salt.len(), 16);
        assert_ne!(
            ScramKeys::of_nobody(Hash::Sha256, &Secret::copy_from(b"other"), "ann", 4_096),
            nobody("ann")
        );
        assert_eq!(format!("{:?}", nobody("ann")), "ScramKeys { hash: Sha256, iterations: 4096, .. }");
    }
}
