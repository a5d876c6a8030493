//! Sets of numbers, and which messages they mean.
use super::runs::Uids;
use alloc::vec::{self, Vec};

/// A message number that the session has not been told of: the command is BAD.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("message number {number} where there are {exists} messages")]
pub struct OutOfRange {
    /// The number; 0 stands for `*` in an empty mailbox.
    pub number: u32,
    /// How many messages there are.
    pub exists: u32,
}

/// The messages of a set, each once and ascending: number and UID.
///
/// It is of its own: the view may be told more meanwhile. Its numbers hold as long as no EXPUNGE is told.
#[derive(Debug, Clone)]
pub struct Messages {
    uids: Uids,
    /// Positions, from and up to.
    ranges: vec::IntoIter<(u32, u32)>,
    /// What is left of the range in hand, and the UID at its start for as long as they follow each other.
    from: u32,
    until: u32,
    uid: u32,
    run: u32,
}

/// A range of a set: from and to, either way round; `None` is `*`.
pub(super) type Range = (Option<u32>, Option<u32>);

impl Messages {
    pub(super) fn of_numbers(uids: &Uids, set: impl IntoIterator<Item = Range>) -> Result<Self, OutOfRange> {
        let exists = uids.len();
        let positions = set.into_iter().map(|range| {
            let (first, last) = ordered(range, exists);
            let from = first
                .checked_sub(1)
                // rule rfc3501 9 number-out-of-range: a message number above the highest is an error
                .filter(|_| last <= exists);
            Ok((from.ok_or(OutOfRange { number: last, exists })?, last))
        });
        Ok(Self::at(uids, positions.collect::<Result<_, _>>()?))
    }

    pub(super) fn of_uids(uids: &Uids, set: impl IntoIterator<Item = Range>) -> Self {
        let positions = set.into_iter().map(|range| {
            let (first, last) = ordered(range, uids.last());
            (uids.lower_bound(first), uids.upper_bound(last))
        });
        Self::at(uids, positions.collect())
    }

    fn at(uids: &Uids, mut ranges: Vec<(u32, u32)>) -> Self {
        ranges.sort_unstable();
        Self { uids: uids.clone(), ranges: ranges.into_iter(), from: 0, until: 0, uid: 0, run: 0 }
    }
}

fn ordered((one, other): Range, largest: u32) -> (u32, u32) {
    let (one, other) = (one.unwrap_or(largest), other.unwrap_or(largest));
    // rule rfc3501 9 either-way-round: 4:2 means what 2:4 means [instead: (one, other)]
    (one.min(other), one.max(other))
}

impl Iterator for Messages {
    type Item = (u32, u32);

    fn next(&mut self) -> Option<(u32, u32)> {
        while self.from >= self.until {
            let (mut from, until) = self.ranges.next()?;
            // rule rfc3501 9 each-once: a message that is named twice is meant once
            from = from.max(self.until);
            (self.from, self.until, self.run) = (from, until.max(self.until), 0);
        }
        if self.run == 0 {
            let run = self.uids.run_at(self.from)?;
            (self.uid, self.run) = (run.first, run.len);
        }
        let found = (self.from + 1, self.uid);
        self.from += 1;
        self.uid = self.uid.saturating_add(1);
        self.run -= 1;
        Some(found)
    }
}
