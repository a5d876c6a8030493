//! BDAT.

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
