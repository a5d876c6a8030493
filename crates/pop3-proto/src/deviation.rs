//! What lenient parsing tolerated.

/// A departure from the grammar that [`Leniency`](crate::Leniency) can tolerate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum DeviationKind {
    /// More than one space between the arguments of a command, or spaces behind the last one: `LIST `, `TOP 1  0`.
    ///
    /// Spaces of USER and PASS are their argument's own; of AUTH only those behind it are tolerated.
    ExtraSpace,
    /// Words behind the unique-id of a unique-id listing. Behind drop and scan listings they are allowed anyway.
    ExtraWords,
    /// `+ERR` for `-ERR`.
    OddStatus,
    /// A challenge of `+` alone, without the space behind it.
    ChallengeWithoutSpace,
    /// A lone `+OK` that asks for the first words of a mechanism, where `+ ` should.
    OkAsChallenge,
    /// A CR or LF outside of CRLF: in a message it is content and ends no line, elsewhere an LF ends one. Behind a status
    /// line that ends so all lines of the message do, and its last one may.
    BareLineEnding,
    /// A line of a listing, or of what CAPA and AUTH list, that does not follow the grammar: it is passed over.
    BadEntry,
    /// A dot at the start of a line of a message that no other one stands behind: it is content of a server that does
    /// not stuff. Told with the payload that begins with it.
    MissingStuffing,
}

/// One thing that was tolerated, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Deviation {
    /// What.
    pub kind: DeviationKind,
    /// Where, counted in octets from the start of the line; in a message, from its start, dots that were stuffed counted.
    pub offset: usize,
}
