//! Framing of a SASL exchange: opaque octets as base64 on a line.
//!
//! What the octets mean is the mechanism's business. Here is what [RFC 4954 §4], [RFC 5034 §4] and
//! [RFC 9051 §6.2.2] say alike: base64 with padding, `*` to cancel, `=` for an initial response that is there
//! and empty.
//!
//! [RFC 4954 §4]: https://www.rfc-editor.org/rfc/rfc4954#section-4
//! [RFC 5034 §4]: https://www.rfc-editor.org/rfc/rfc5034#section-4
//! [RFC 9051 §6.2.2]: https://www.rfc-editor.org/rfc/rfc9051#section-6.2.2
use crate::{Output, Secret};
use alloc::vec::Vec;
use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

/// What a client says in answer to a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Response {
    /// The mechanism's octets.
    Data(Secret),
    /// `*`: the client gives the exchange up.
    Cancel,
}

/// A line of an exchange is not base64.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not base64, or base64 without its padding")]
pub struct NotBase64;

impl Response {
    /// Reads a line, without its CRLF.
    ///
    /// # Errors
    /// It is neither base64 nor `*`.
    pub fn parse(line: &[u8]) -> Result<Self, NotBase64> {
        // rule rfc4954 4 star: a response of "*" gives the exchange up
        // rule rfc5034 4 star-cancels: a lone star cancels an exchange
        if line == b"*" { Ok(Self::Cancel) } else { decode(line).map(Self::Data) }
    }

    /// Writes the line, without its CRLF.
    pub fn encode(&self, out: &mut impl Output) {
        match self {
            Self::Data(secret) => encode(secret.as_bytes(), out),
            Self::Cancel => out.text(b"*"),
        }
    }
}

/// Reads an initial response: `=` is an empty one.
///
/// # Errors
/// It is not base64.
pub fn decode_initial(argument: &[u8]) -> Result<Secret, NotBase64> {
    // rule rfc4954 4 equals-sign: an initial response of "=" is an empty one
    // rule rfc5034 4 empty-initial-response: an initial response of = is there, and empty
    if argument == b"=" { Ok(Secret::copy_from(b"")) } else { decode(argument) }
}

/// Writes an initial response: an empty one as `=`.
pub fn encode_initial(octets: &[u8], out: &mut impl Output) {
    // rule rfc4954 4 equals-sign-written: an empty initial response is written as "="
    // rule rfc5034 4 empty-initial-response-sent: an empty initial response is sent as =
    if octets.is_empty() { out.text(b"=") } else { encode(octets, out) }
}

/// How many octets [`encode_initial`] writes for an initial response of `octets` octets.
pub fn initial_len(octets: usize) -> usize {
    octets.div_ceil(3).saturating_mul(4).max(1)
}

/// Reads the octets of a challenge or a response.
///
/// # Errors
/// They are not base64.
pub fn decode(line: &[u8]) -> Result<Secret, NotBase64> {
    STANDARD.decode(line).map(Secret::from).map_err(|_| NotBase64)
}

/// Writes the octets of a challenge or a response.
pub fn encode(octets: &[u8], out: &mut impl Output) {
    let mut text = Zeroizing::new(Vec::new());
    text.resize(octets.len().div_ceil(3).saturating_mul(4), 0);
    // The buffer has the size that padded base64 needs, which is all that can fail.
    if let Ok(written) = STANDARD.encode_slice(octets, &mut text) {
        out.text(text.get(..written).unwrap_or_default());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn encoded(octets: &[u8]) -> Vec<u8> {
        let mut out = Vec::new();
        encode(octets, &mut out);
        out
    }

    #[test]
    fn known_answers_both_ways() {
        for (octets, line) in [
            (&b""[..], &b""[..]),
            (b"\0tim\0tanstaaftanstaaf", b"AHRpbQB0YW5zdGFhZnRhbnN0YWFm"),
            (b"Username:", b"VXNlcm5hbWU6"),
            (b"User Name\0", b"VXNlciBOYW1lAA=="),
        ] {
            assert_eq!(encoded(octets), line);
            assert_eq!(Response::parse(line), Ok(Response::Data(Secret::copy_from(octets))));
        }
    }

    // covers rfc4954 4 equals-sign
    // covers rfc4954 4 equals-sign-written
    // covers rfc5034 4 empty-initial-response
    // covers rfc5034 4 empty-initial-response-sent
    #[test]
    fn an_empty_initial_response_is_not_an_absent_one() {
        assert_eq!(decode_initial(b"="), Ok(Secret::copy_from(b"")));
        let mut out = Vec::new();
        encode_initial(b"", &mut out);
        assert_eq!(out, b"=");
        assert_eq!(initial_len(0), 1);
        assert_eq!(initial_len(21), 28);
    }

    // covers rfc4954 4 star
    // covers rfc5034 4 star-cancels
    #[test]
    fn a_star_cancels_and_junk_is_refused() {
        assert_eq!(Response::parse(b"*"), Ok(Response::Cancel));
        for line in [&b"="[..], b"**", b"YQ", b"YQ=", b"Y Q=", b"YQ==\r", b"YQ==YQ=="] {
            assert_eq!(Response::parse(line), Err(NotBase64), "{}", line.escape_ascii());
        }
    }
}
