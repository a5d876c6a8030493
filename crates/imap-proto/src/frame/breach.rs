//! What a unit can do wrong before any grammar reads it.

/// Why a unit cannot be read. All of it can be refused: see [`Framer::refuse`](super::Framer::refuse).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Breach {
    /// Its text, literals apart, is longer than [`Limits::text`](super::Limits::text).
    #[error("text longer than {limit} octets")]
    TextTooLong {
        /// The limit.
        limit: usize,
    },
    /// What must be held of it is longer than [`Limits::unit`](super::Limits::unit).
    #[error("text and literals longer than {limit} octets")]
    UnitTooLong {
        /// The limit.
        limit: usize,
    },
    /// A literal is longer than any may be.
    #[error("literal of {octets} octets where {limit} are allowed")]
    LiteralTooLong {
        /// What was announced.
        octets: u64,
        /// The limit.
        limit: u64,
    },
    /// A non-synchronising literal is longer than LITERAL- allows
    /// ([RFC 7888 §5](https://www.rfc-editor.org/rfc/rfc7888#section-5)).
    #[error("non-synchronising literal of {octets} octets where LITERAL- allows 4096")]
    AboveLiteralMinus {
        /// What was announced.
        octets: u64,
    },
    /// A non-synchronising literal came, and none is taken.
    #[error("non-synchronising literal where none is taken")]
    NonSynchronising,
    /// It holds an LF that is not part of CRLF.
    #[error("bare LF at octet {offset}")]
    BareLf {
        /// Where, counted from the start of the input.
        offset: usize,
    },
    /// It holds a CR that is not part of CRLF.
    #[error("bare CR at octet {offset}")]
    BareCr {
        /// Where, counted from the start of the input.
        offset: usize,
    },
    /// It holds a NUL outside of its literals.
    #[error("NUL at octet {offset}")]
    Nul {
        /// Where, counted from the start of the input.
        offset: usize,
    },
}

impl Breach {
    /// Is a literal too big? Then the answer bears `[TOOBIG]`, as
    /// [RFC 7888 §5](https://www.rfc-editor.org/rfc/rfc7888#section-5) asks.
    pub fn is_too_big(&self) -> bool {
        matches!(
            self,
            Self::LiteralTooLong { .. } | Self::AboveLiteralMinus { .. } | Self::UnitTooLong { .. }
        )
    }
}

/// A refused unit is longer than what is swallowed of one: where it ends will never be known, and the session is over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("refused unit longer than the {limit} octets that are swallowed")]
pub struct SwallowedTooMuch {
    /// The limit.
    pub limit: u64,
}
