//! Which departures from the grammar a connection tolerates.
use crate::DeviationKind;

/// Which departures from the grammar a connection tolerates: one switch a [`DeviationKind`].
///
/// A conforming unit means the same under every leniency, and what a stricter one accepts a looser one accepts
/// with the same value. Whatever is tolerated is told as a [`Deviation`](crate::Deviation).
///
/// ```
/// use imap_proto::{DeviationKind, Leniency};
/// let leniency = Leniency::STRICT.with(DeviationKind::ExtraSpaces);
/// assert!(leniency.tolerates(DeviationKind::ExtraSpaces));
/// assert!(!leniency.tolerates(DeviationKind::EightBit));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Leniency {
    tolerated: u64,
}

impl Leniency {
    /// Tolerates nothing.
    pub const STRICT: Self = Self { tolerated: 0 };
    /// Tolerates every [`DeviationKind`].
    pub const LENIENT: Self = Self { tolerated: u64::MAX };

    /// Tolerates this too.
    #[must_use]
    pub const fn with(self, kind: DeviationKind) -> Self {
        Self { tolerated: self.tolerated | 1 << kind as u64 }
    }

    /// Does not tolerate this.
    #[must_use]
    pub const fn without(self, kind: DeviationKind) -> Self {
        Self { tolerated: self.tolerated & !(1 << kind as u64) }
    }

    /// Is this tolerated?
    #[inline]
    pub const fn tolerates(self, kind: DeviationKind) -> bool {
        self.tolerated & 1 << kind as u64 != 0
    }
}
