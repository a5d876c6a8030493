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
}

/// One thing that was tolerated, and where.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Deviation {
    /// What.
    pub kind: DeviationKind,
    /// Where, counted in octets from the start of the line.
    pub offset: usize,
}
