//! The hash functions of SCRAM.
use hmac::{Hmac, Mac};
use sha1::Sha1;
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// A hash function that SCRAM is used with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Hash {
    /// SHA-1: `SCRAM-SHA-1` ([RFC 5802](https://www.rfc-editor.org/rfc/rfc5802)).
    Sha1,
    /// SHA-256: `SCRAM-SHA-256` ([RFC 7677](https://www.rfc-editor.org/rfc/rfc7677)).
    Sha256,
}

impl Hash {
    /// How many octets it makes.
    #[expect(clippy::len_without_is_empty, reason = "no hash is empty")]
    pub fn len(self) -> usize {
        match self {
            Self::Sha1 => 20,
            Self::Sha256 => 32,
        }
    }

    /// The name of its mechanism and of its keys' scheme.
    pub(crate) fn scheme(self) -> &'static str {
        match self {
            Self::Sha1 => "SCRAM-SHA-1",
            Self::Sha256 => "SCRAM-SHA-256",
        }
    }

    pub(crate) fn digest(self, octets: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha1 => Sha1::digest(octets).to_vec(),
            Self::Sha256 => Sha256::digest(octets).to_vec(),
        }
    }

    /// `HMAC(key, parts)`; a key may have any length.
    pub(crate) fn hmac(self, key: &[u8], parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
        fn run<M: Mac>(mac: Result<M, hmac::digest::InvalidLength>, parts: &[&[u8]]) -> Zeroizing<Vec<u8>> {
            // HMAC takes keys of any length: `new_from_slice` does not fail.
            let Ok(mut mac) = mac else { return Zeroizing::default() };
            for part in parts {
                mac.update(part);
            }
            Zeroizing::new(mac.finalize().into_bytes().to_vec())
        }
        match self {
            Self::Sha1 => run(<Hmac<Sha1> as Mac>::new_from_slice(key), parts),
            Self::Sha256 => run(<Hmac<Sha256> as Mac>::new_from_slice(key), parts),
        }
    }

    /// `Hi(password, salt, iterations)`, which is PBKDF2.
    pub(crate) fn salted(self, password: &[u8], salt: &[u8], iterations: u32) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(vec![0; self.len()]);
        match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, iterations, &mut out),
            Self::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, &mut out),
        }
        out
    }
}
