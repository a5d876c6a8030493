//! How `serde` writes octets: here, once, for all crates.
//!
//! What a peer sent is octets, and mostly UTF-8. So they are a string where they are UTF-8, and otherwise a map of one
//! entry, `octets`, with all of them in base64: `"café"`, `{"octets":"Y2Fm6Q=="}`. Nothing is lost either way, and the
//! two cannot be taken for each other.
//!
//! The rest of how values are written, in all crates alike:
//!
//! - A struct is a map of its fields, or of what its accessors tell, under their names. What is absent is null.
//! - An enum is the name of its variant, or a map of one entry from that name to what it holds: `"Data"`,
//!   `{"Uid":7}`. What has one spelling on the wire is that spelling: `"\\Seen"`, `"PLAIN"`, `"1:3,7"`.
//! - Equal values may be written in two ways where letters of different case are equal; but INBOX is always `INBOX`.
//! - A [`Secret`](crate::Secret) is `"(redacted)"`, whatever it holds.
//!
//! Values are written and not read: there is no `Deserialize` yet.
use base64::{Engine, engine::general_purpose::STANDARD};
use serde::{Serialize, Serializer, ser::SerializeMap};

/// Octets, as they are written.
///
/// ```
/// use mail_wire::octets::Octets;
/// assert_eq!(serde_json::to_string(&Octets("café".as_bytes()))?, r#""café""#);
/// assert_eq!(serde_json::to_string(&Octets(b"caf\xe9"))?, r#"{"octets":"Y2Fm6Q=="}"#);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Octets<'a>(pub &'a [u8]);

impl Serialize for Octets<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match core::str::from_utf8(self.0) {
            Ok(text) => serializer.serialize_str(text),
            Err(_) => undecoded(self.0, serializer),
        }
    }
}

/// Writes octets: for `#[serde(serialize_with = "mail_wire::octets::serialize")]`.
///
/// # Errors
/// Those of the serializer.
pub fn serialize<S: Serializer>(octets: &impl AsRef<[u8]>, serializer: S) -> Result<S::Ok, S::Error> {
    Octets(octets.as_ref()).serialize(serializer)
}

/// Writes octets in base64, whatever they are: for what is not a text though it be UTF-8.
///
/// # Errors
/// Those of the serializer.
pub fn undecoded<S: Serializer>(octets: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(1))?;
    map.serialize_entry("octets", &STANDARD.encode(octets))?;
    map.end()
}
