//! BDAT and BURL.
use super::text;
use crate::grammar::chunk;
use bytes::Bytes;
use mail_wire::{ParseError, Text, span};

/// `BDAT`: these octets of the message follow, as they are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Bdat {
    /// How many octets follow behind the CRLF. May be 0.
    pub length: u64,
    /// Whether the message ends with them.
    pub chunk: Chunk,
}

/// Is a chunk the end of its message?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Chunk {
    /// There are more behind it.
    More,
    /// `LAST`: the message ends with it.
    Last,
}

/// `BURL`: what stands at this place is the message, or a piece of it.
///
/// ```
/// use smtp_proto::{Burl, Chunk, Command};
/// let url = "imap://ann@example.org/Sent;UIDVALIDITY=3/;UID=7;URLAUTH=submit+ann:internal:91354a473744909de610943775f92038";
/// let burl = Burl::new(url, Chunk::Last)?;
/// let mut line = Vec::new();
/// Command::Burl(burl).encode(&mut line);
/// assert!(line.starts_with(b"BURL imap://ann@") && line.ends_with(b" LAST\r\n"));
/// # Ok::<(), smtp_proto::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Burl {
    url: Text,
    chunk: Chunk,
}

impl Burl {
    /// Checks and copies the URL.
    ///
    /// # Errors
    /// It is not an absolute URI: it has no scheme, names nothing, has a fragment, or an octet that must be encoded.
    pub fn new(url: &str, chunk: Chunk) -> Result<Self, ParseError> {
        span::parse_text(url.as_bytes(), chunk::absolute_uri)?;
        Ok(Self::from_checked(Bytes::copy_from_slice(url.as_bytes()), chunk))
    }

    /// Where it stands: mostly an `imap` URL with an authorisation
    /// ([RFC 4467](https://www.rfc-editor.org/rfc/rfc4467)).
    pub fn url(&self) -> &str {
        // Checked when it was made.
        self.url.as_str().unwrap_or_default()
    }

    /// Whether the message ends with it.
    pub fn chunk(&self) -> Chunk {
        self.chunk
    }

    /// Of a URL that the grammar has checked.
    pub(super) fn from_checked(url: Bytes, chunk: Chunk) -> Self {
        Self { url: text(url), chunk }
    }
}
