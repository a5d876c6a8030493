//! `\Recent`: which messages a session is the first to hear of.
use super::runs::Uids;
use alloc::vec::Vec;

/// What `\Recent` is to a session ([RFC 3501 §2.3.2](https://www.rfc-editor.org/rfc/rfc3501#section-2.3.2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recent {
    /// SELECT: what it is told of first is recent to it, and to no other session after it.
    Claim,
    /// EXAMINE: the same, but others still hear of it as recent.
    Look,
    /// IMAP4rev2 has no `\Recent`: nothing is recent, and nothing claimed.
    Ignore,
}

/// The messages that are recent to one session.
#[derive(Debug, Clone, Default)]
pub(super) struct RecentUids {
    /// From and to, ascending; UIDs within that are not told stand for nothing.
    ranges: Vec<(u32, u32)>,
    /// How many of them are told of, and not expunged.
    count: u32,
}

impl RecentUids {
    pub(super) fn count(&self) -> u32 {
        self.count
    }

    pub(super) fn contains(&self, uid: u32) -> bool {
        let at = self.ranges.partition_point(|(_, last)| *last < uid);
        self.ranges.get(at).is_some_and(|(first, _)| *first <= uid)
    }

    /// Messages told of right now, from and to.
    pub(super) fn add(&mut self, first: u32, last: u32, told: &Uids) {
        let added = told.upper_bound(last).saturating_sub(told.lower_bound(first));
        if added == 0 {
            return;
        }
        self.count = self.count.saturating_add(added);
        match self.ranges.last_mut() {
            // Nothing stands between: it is one range.
            Some((_, end)) if told.upper_bound(*end) == told.lower_bound(first) => *end = last,
            _ => self.ranges.push((first, last)),
        }
    }

    /// Messages are told to be gone, from and to, all of which had been told of.
    pub(super) fn remove(&mut self, first: u32, last: u32) {
        let at = self.ranges.partition_point(|(_, end)| *end < first);
        for (start, end) in self.ranges.iter().skip(at).take_while(|(start, _)| *start <= last) {
            let gone = last.min(*end).saturating_sub(first.max(*start)).saturating_add(1);
            // rule rfc3501 2.3.2 recent-ends-with-expunge: a message that is gone is not counted as recent
            self.count = self.count.saturating_sub(gone);
        }
    }
}
