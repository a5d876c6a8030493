//! What APOP is made of ([RFC 1939 §7](https://www.rfc-editor.org/rfc/rfc1939#section-7)).
//!
//! MD5 itself is not here: what is made of a [`Timestamp`] and a secret comes in as a [`Digest`].
use crate::{InvalidDigest, InvalidTimestamp, grammar};
use bytes::Bytes;
use core::fmt;
use mail_wire::{Text, span};

/// The timestamp of a greeting, `<` and `>` included: what APOP's digest begins with.
///
/// The grammar is that of a `msg-id`, which is narrower than what a client might take: with octets of its own choice
/// in front of the password, a server that is none finds out one character of it after the other.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Timestamp(Text);

impl Timestamp {
    /// Most octets of a timestamp, so that it fits its greeting with some words.
    pub const MAX: usize = 250;

    /// This timestamp.
    ///
    /// # Errors
    /// It is not `<` local `@` domain `>` of dots and atoms, or longer than [`MAX`](Self::MAX).
    pub fn new(timestamp: impl Into<Bytes>) -> Result<Self, InvalidTimestamp> {
        span::parse(&timestamp.into(), grammar::timestamp).map_err(|_| InvalidTimestamp)
    }

    pub(crate) fn checked(timestamp: Text) -> Self {
        Self(timestamp)
    }

    /// The timestamp as text, which is ASCII.
    pub fn as_str(&self) -> &str {
        self.0.as_str().unwrap_or_default()
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The digest of APOP: MD5 of the greeting's timestamp and the secret behind it.
///
/// ```
/// use pop3_proto::Digest;
/// // Of `<1896.697170952@dbc.mtview.ca.us>tanstaaf`, by the caller's own MD5.
/// let md5 = [0xc4, 0xc9, 0x33, 0x4b, 0xac, 0x56, 0x0e, 0xcc, 0x97, 0x9e, 0x58, 0x00, 0x1b, 0x3e, 0x22, 0xfb];
/// assert_eq!(Digest::from_octets(md5).as_str(), "c4c9334bac560ecc979e58001b3e22fb");
/// ```
///
/// `Debug` does not show it: who has it and the timestamp can try passwords at leisure.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Digest([u8; Self::DIGITS]);

impl Digest {
    /// Digits of a digest.
    pub(crate) const DIGITS: usize = 32;

    /// The digest of these digits.
    ///
    /// # Errors
    /// They are not 32 of `0-9` and `a-f`.
    pub fn new(digits: impl AsRef<[u8]>) -> Result<Self, InvalidDigest> {
        let digits: [u8; Self::DIGITS] = digits.as_ref().try_into().map_err(|_| InvalidDigest)?;
        // rule rfc1939 7 apop-lower-case: the digest of APOP is in hexadecimal digits of lower case [instead: true]
        let are_digits = digits.iter().all(|digit| matches!(digit, b'0'..=b'9' | b'a'..=b'f'));
        if are_digits { Ok(Self(digits)) } else { Err(InvalidDigest) }
    }

    /// The digest that MD5 gave.
    pub fn from_octets(octets: [u8; 16]) -> Self {
        let digit = |value: u8| if value < 10 { b'0' + value } else { b'a' + value - 10 };
        let mut digits = [0; Self::DIGITS];
        for (pair, octet) in digits.chunks_exact_mut(2).zip(octets) {
            pair.copy_from_slice(&[digit(octet >> 4), digit(octet & 0xf)]);
        }
        Self(digits)
    }

    /// The digits.
    pub fn as_str(&self) -> &str {
        core::str::from_utf8(&self.0).unwrap_or_default()
    }
}

impl fmt::Debug for Digest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Digest(..)")
    }
}

/// `"(redacted)"`, whatever it holds.
#[cfg(feature = "serde")]
impl serde::Serialize for Digest {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str("(redacted)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{format, string::ToString};

    // covers rfc1939 7 apop-lower-case
    #[test]
    fn a_digest_is_32_digits_of_lower_case() {
        let digits = "c4c9334bac560ecc979e58001b3e22fb";
        let digest = Digest::new(digits).unwrap();
        assert_eq!((digest.as_str(), &*format!("{digest:?}")), (digits, "Digest(..)"));
        for digits in ["", "c4c9", "C4C9334BAC560ECC979E58001B3E22FB", "c4c9334bac560ecc979e58001b3e22f\r"] {
            let error = Digest::new(digits).unwrap_err();
            assert_eq!(error.to_string(), "not a digest: 32 digits of 0-9 and a-f");
        }
    }

    // covers rfc1939 7 timestamp-msg-id
    #[test]
    fn a_timestamp_is_a_msg_id_and_no_octets_of_somebodys_choice() {
        let longest = format!("<{}@b>", "a".repeat(246));
        for timestamp in
            ["<1896.697170952@dbc.mtview.ca.us>", "<a@b>", "<a!#$%&'*+/=?^_`{|}~-@[192.0.2.1]>", &longest]
        {
            assert_eq!(Timestamp::new(timestamp.to_string()).unwrap().as_str(), timestamp);
        }
        let long = format!("<{}@b>", "a".repeat(247));
        for timestamp in [
            "", "<>", "<@>", "<a>", "<a@>", "<@b>", "<a@b", "a@b>", "<a@b>x", "<a b@c>", "<a@b@c>",
            "<a@b\r>", &long,
        ] {
            let error = Timestamp::new(timestamp.to_string()).unwrap_err();
            assert_eq!(
                error.to_string(),
                "not a timestamp: <local@domain> of 1 to 250 octets",
                "{timestamp}"
            );
        }
        assert!(Timestamp::new(&b"<a\x80@b>"[..]).is_err());
    }
}
