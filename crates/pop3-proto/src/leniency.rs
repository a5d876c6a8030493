//! Which departures from the grammar a connection tolerates.
use crate::DeviationKind;

/// Which departures from the grammar a connection tolerates: one switch a [`DeviationKind`].
///
/// A conforming line means the same under every leniency. Whatever is tolerated is told as a
/// [`Deviation`](crate::Deviation).
///
/// ```
/// use pop3_proto::{DeviationKind, Leniency};
/// let leniency = Leniency::STRICT.with(DeviationKind::ExtraSpace);
/// assert!(leniency.tolerates(DeviationKind::ExtraSpace));
/// assert!(!leniency.tolerates(DeviationKind::ExtraWords));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Leniency {
    tolerated: u32,
}

impl Leniency {
    /// Tolerates nothing.
    pub const STRICT: Self = Self { tolerated: 0 };
    /// Tolerates every [`DeviationKind`].
    pub const LENIENT: Self = Self { tolerated: u32::MAX };

    /// Tolerates this too.
    #[must_use]
    pub const fn with(self, kind: DeviationKind) -> Self {
        Self { tolerated: self.tolerated | 1 << kind as u32 }
    }

    /// Does not tolerate this.
    #[must_use]
    pub const fn without(self, kind: DeviationKind) -> Self {
        Self { tolerated: self.tolerated & !(1 << kind as u32) }
    }

    /// Is this tolerated?
    pub const fn tolerates(self, kind: DeviationKind) -> bool {
        self.tolerated & 1 << kind as u32 != 0
    }
}
