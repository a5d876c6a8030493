//! How a connection is read.
use crate::Leniency;

/// How text outside of ASCII goes over the wire: agreed upon by `ENABLE`, and the same in both directions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Encoding {
    /// As in IMAP4rev1: quoted strings are ASCII, mailbox names are modified UTF-7
    /// ([RFC 3501 §5.1.3](https://www.rfc-editor.org/rfc/rfc3501#section-5.1.3)).
    #[default]
    ModifiedUtf7,
    /// Quoted strings and mailbox names are UTF-8: after `ENABLE IMAP4rev2` or `ENABLE UTF8=ACCEPT`
    /// ([RFC 6855 §3](https://www.rfc-editor.org/rfc/rfc6855#section-3)).
    Utf8,
}

/// How a connection is read: what was agreed upon, what is tolerated, and what a unit may cost.
///
/// ```
/// use imap_proto::{Dialect, Encoding, Leniency};
/// let dialect = Dialect::new(Leniency::STRICT).with_encoding(Encoding::Utf8);
/// assert_eq!(dialect.nesting(), 32);
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Dialect {
    leniency: Leniency,
    encoding: Encoding,
    nesting: u8,
    items: u32,
}

impl Dialect {
    /// The most that [`with_nesting`](Self::with_nesting) takes: so deep a unit is read on a stack of 512 KiB.
    pub const MAX_NESTING: u8 = 64;

    /// Modified UTF-7, and the default limits.
    pub const fn new(leniency: Leniency) -> Self {
        Self { leniency, encoding: Encoding::ModifiedUtf7, nesting: 32, items: 1 << 20 }
    }

    /// Sets how text outside of ASCII is read.
    #[must_use]
    pub const fn with_encoding(self, encoding: Encoding) -> Self {
        Self { encoding, ..self }
    }

    /// Sets how deep lists, search keys and body parts may nest. Default 32, at most
    /// [`MAX_NESTING`](Self::MAX_NESTING): each level costs stack while a unit is read.
    #[must_use]
    pub const fn with_nesting(self, levels: u8) -> Self {
        let nesting = if levels > Self::MAX_NESTING { Self::MAX_NESTING } else { levels };
        Self { nesting, ..self }
    }

    /// Sets how many items one list or set may have. Default 2^20, so that the octets of a unit are what limits
    /// them: an item costs at most 40 octets of memory for two of text.
    #[must_use]
    pub const fn with_items(self, items: u32) -> Self {
        Self { items, ..self }
    }

    /// What is tolerated.
    pub const fn leniency(&self) -> Leniency {
        self.leniency
    }

    /// How text outside of ASCII is read.
    pub const fn encoding(&self) -> Encoding {
        self.encoding
    }

    /// How deep a unit may nest.
    pub const fn nesting(&self) -> u8 {
        self.nesting
    }

    /// How many items one list or set may have.
    pub const fn items(&self) -> u32 {
        self.items
    }
}

impl Default for Dialect {
    /// Strict.
    fn default() -> Self {
        Self::new(Leniency::STRICT)
    }
}
