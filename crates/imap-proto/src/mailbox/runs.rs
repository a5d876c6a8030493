//! Which UIDs there are, as runs: a mailbox that nobody deletes from is one run.
use super::tree::{Item, Tree};
use alloc::vec::Vec;

/// UIDs that follow each other, or messages whose UIDs are not known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Run {
    /// The lowest UID; 0 when they are not known.
    pub(super) first: u32,
    /// How many.
    pub(super) len: u32,
}

impl Item for Run {
    const LEAF: usize = 64;

    fn weight(&self) -> u32 {
        self.len
    }

    fn first(&self) -> u32 {
        self.first
    }

    fn last(&self) -> u32 {
        if self.first == 0 { 0 } else { self.first.saturating_add(self.len.saturating_sub(1)) }
    }
}

impl Run {
    /// `None` when it is empty.
    pub(super) fn new(first: u32, len: u32) -> Option<Self> {
        (len > 0).then_some(Self { first, len })
    }

    /// Does `next` go on where this ends?
    pub(super) fn goes_on_in(&self, next: &Self) -> bool {
        match (self.first, next.first) {
            (0, 0) => true,
            (0, _) | (_, 0) => false,
            _ => self.last().checked_add(1) == Some(next.first),
        }
    }

    /// Without so many from `offset` on.
    pub(super) fn without(&self, offset: u32, messages: u32) -> [Option<Self>; 2] {
        let skipped = offset.saturating_add(messages);
        let behind = if self.first == 0 { 0 } else { self.first.saturating_add(skipped) };
        [Self::new(self.first, offset), Self::new(behind, self.len.saturating_sub(skipped))]
    }
}

/// A set of UIDs in order. Cloning one is O(1).
#[derive(Debug, Clone)]
pub(super) struct Uids(Tree<Run>);

impl Uids {
    pub(super) fn new() -> Self {
        Self(Tree::new())
    }

    #[cfg(test)]
    pub(super) fn tree(&self) -> &Tree<Run> {
        &self.0
    }

    pub(super) fn len(&self) -> u32 {
        self.0.weight()
    }

    /// The highest; 0 when there is none.
    pub(super) fn last(&self) -> u32 {
        self.0.last()
    }

    /// Adds UIDs above all others.
    pub(super) fn push(&mut self, run: Run) {
        match self.len().checked_sub(1).filter(|_| self.last().checked_add(1) == Some(run.first)) {
            Some(end) => self.0.splice(end, |last, _| {
                [Some(Run { len: last.len.saturating_add(run.len), ..*last }), None, None]
            }),
            None => self.0.push(run),
        }
    }

    /// Takes one away, if it is there.
    pub(super) fn remove(&mut self, uid: u32) {
        if let Some(position) = self.position(uid) {
            self.0.splice(position, |run, offset| {
                let [before, behind] = run.without(offset, 1);
                [before, behind, None]
            });
        }
    }

    /// Where a UID stands, counted from 0.
    pub(super) fn position(&self, uid: u32) -> Option<u32> {
        self.0.find(uid).map(|(position, _)| position)
    }

    /// How many stand before the first of at least `uid`.
    pub(super) fn lower_bound(&self, uid: u32) -> u32 {
        self.0.lower_bound(uid)
    }

    /// How many stand up to and with `uid`.
    pub(super) fn upper_bound(&self, uid: u32) -> u32 {
        uid.checked_add(1).map_or(self.len(), |next| self.lower_bound(next))
    }

    /// The UID at a position, and those that follow it without a gap.
    pub(super) fn run_at(&self, position: u32) -> Option<Run> {
        let (run, offset) = self.0.at(position)?;
        Run::new(run.first.saturating_add(offset), run.len.saturating_sub(offset))
    }

    /// The runs from a position on.
    pub(super) fn runs_from(&self, position: u32) -> impl Iterator<Item = Run> {
        let mut position = position;
        core::iter::from_fn(move || {
            let run = self.run_at(position)?;
            position = position.saturating_add(run.len);
            Some(run)
        })
    }

    /// What is here and not in `others`, ascending: O(1) for each run of both, and for each chunk that they share.
    pub(super) fn without(&self, others: &Self) -> Vec<Run> {
        let (mut missing, mut here, mut there) = (Vec::new(), self.0.cursor(), others.0.cursor());
        while let Some(run) = here.item() {
            let (mut next, last) = (run.first, run.last());
            while let Some(other) = there.item().filter(|other| next <= last && other.first <= last) {
                if here.shares_leaf(&there) {
                    break;
                }
                missing.extend(Run::new(next, other.first.saturating_sub(next)));
                next = next.max(other.last().saturating_add(1));
                if other.last() <= last {
                    there.advance();
                }
            }
            if here.shares_leaf(&there) && next == run.first {
                here.skip_leaf();
                there.skip_leaf();
                continue;
            }
            missing.extend(Run::new(next, last.saturating_add(1).saturating_sub(next)));
            here.advance();
        }
        missing
    }
}
