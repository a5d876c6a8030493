//! Sets of message numbers and UIDs.
use crate::{Deviations, Dialect, grammar};
use alloc::vec::Vec;
use bytes::Bytes;
use core::{fmt, num::NonZeroU32, str::FromStr};
use mail_wire::{ParseError, span};

/// A number of a set, or `*`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SeqNumber {
    /// This one.
    Number(NonZeroU32),
    /// `*`: the largest in use.
    Largest,
}

/// Numbers of a set that follow each other: from the lower to the higher, `*` last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SeqRange {
    first: SeqNumber,
    last: SeqNumber,
}

/// A set of message numbers or UIDs: `2,4:7,9,12:*`; never empty
/// ([RFC 9051 §9](https://www.rfc-editor.org/rfc/rfc9051#section-9), `sequence-set`).
///
/// It keeps its ranges in the order they were written in, since COPYUID counts on it; one range needs no memory
/// of its own. What `*` is, and so which numbers there are, is known to the mailbox alone: `largest` below is its
/// largest number, 0 in an empty one. Numbers above it are left out, so that `1:4294967295` costs nothing.
///
/// ```
/// use imap_proto::SequenceSet;
/// let set = "2,4:7,9,12:*".parse::<SequenceSet>()?;
/// assert!(set.iter(15).eq([2, 4, 5, 6, 7, 9, 12, 13, 14, 15]));
/// assert_eq!(SequenceSet::from_numbers([3, 1, 2, 5]).unwrap().to_string(), "1:3,5");
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct SequenceSet(Repr);

#[derive(Clone, PartialEq, Eq, Hash)]
enum Repr {
    One(SeqRange),
    Many(Vec<SeqRange>),
    Saved,
}

/// What `*` sorts as: behind all numbers.
const LARGEST: u64 = 1 << 32;

impl SeqNumber {
    /// This number. `None` for 0, which is none.
    pub fn new(number: u32) -> Option<Self> {
        NonZeroU32::new(number).map(Self::Number)
    }

    /// The number, where it is one.
    pub fn number(self) -> Option<u32> {
        match self {
            Self::Number(number) => Some(number.get()),
            Self::Largest => None,
        }
    }

    #[inline]
    fn order(self) -> u64 {
        self.number().map_or(LARGEST, u64::from)
    }

    /// Of an order from 1 to [`LARGEST`].
    fn from_order(order: u64) -> Self {
        u32::try_from(order).ok().and_then(Self::new).unwrap_or(Self::Largest)
    }

    fn resolve(self, largest: u32) -> u32 {
        self.number().unwrap_or(largest)
    }
}

impl SeqRange {
    /// From one to the other, whichever comes first.
    #[inline]
    pub fn new(one: SeqNumber, other: SeqNumber) -> Self {
        if one.order() <= other.order() {
            Self { first: one, last: other }
        } else {
            Self { first: other, last: one }
        }
    }

    /// The lower end.
    pub fn first(self) -> SeqNumber {
        self.first
    }

    /// The higher end, or `*`.
    pub fn last(self) -> SeqNumber {
        self.last
    }

    /// The numbers of it that there are, from and to.
    fn resolve(self, largest: u32) -> Option<(u32, u32)> {
        let (one, other) = (self.first.resolve(largest), self.last.resolve(largest));
        let (first, last) = (one.min(other).max(1), one.max(other).min(largest));
        (first <= last).then_some((first, last))
    }
}

impl SequenceSet {
    /// `1:*`: all there are.
    pub const ALL: Self =
        Self(Repr::One(SeqRange { first: SeqNumber::Number(NonZeroU32::MIN), last: SeqNumber::Largest }));

    /// `$`: what the last SEARCH saved ([RFC 5182](https://www.rfc-editor.org/rfc/rfc5182)). It names no numbers by
    /// itself.
    pub const SAVED: Self = Self(Repr::Saved);

    /// Just this number.
    pub const fn single(number: NonZeroU32) -> Self {
        Self(Repr::One(SeqRange { first: SeqNumber::Number(number), last: SeqNumber::Number(number) }))
    }

    /// These numbers, in as few ranges as there can be. 0 is no number and is left out; `None` when none is left.
    pub fn from_numbers(numbers: impl IntoIterator<Item = u32>) -> Option<Self> {
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        for number in numbers.into_iter().filter(|number| *number != 0).map(u64::from) {
            match ranges.last_mut() {
                Some((_, last)) if *last + 1 == number => *last = number,
                _ => ranges.push((number, number)),
            }
        }
        Self::compact(ranges)
    }

    /// These ranges, in this order. `None` when there is none.
    pub fn from_ranges(ranges: impl IntoIterator<Item = SeqRange>) -> Option<Self> {
        let mut ranges = ranges.into_iter();
        let first = ranges.next()?;
        Some(match ranges.next() {
            None => Self(Repr::One(first)),
            Some(second) => Self(Repr::Many([first, second].into_iter().chain(ranges).collect())),
        })
    }

    /// Of ranges that the grammar has found: the first, and more if there are any.
    #[inline]
    pub(crate) fn from_checked(first: SeqRange, more: Vec<SeqRange>) -> Self {
        Self(if more.is_empty() { Repr::One(first) } else { Repr::Many(more) })
    }

    /// Is it `$`?
    pub fn is_saved(&self) -> bool {
        self.0 == Repr::Saved
    }

    /// Its ranges, in the order they were written in. `$` has none.
    pub fn ranges(&self) -> &[SeqRange] {
        match &self.0 {
            Repr::One(range) => core::slice::from_ref(range),
            Repr::Many(ranges) => ranges,
            Repr::Saved => &[],
        }
    }

    /// Is this one of its numbers?
    pub fn contains(&self, number: u32, largest: u32) -> bool {
        let mut ranges = self.ranges().iter().filter_map(|range| range.resolve(largest));
        ranges.any(|(first, last)| (first..=last).contains(&number))
    }

    /// Its numbers, each once, from the lowest.
    pub fn iter(&self, largest: u32) -> impl Iterator<Item = u32> + use<> {
        self.resolved(largest).into_iter().flat_map(|(first, last)| first..=last)
    }

    /// How many numbers it has.
    pub fn count(&self, largest: u32) -> u32 {
        // Ranges do not overlap, so the sum is at most `largest`.
        self.resolved(largest).into_iter().fold(0, |count, (first, last)| count + (last - first) + 1)
    }

    /// The highest number that it names; `None` for `*` and `$` alone.
    ///
    /// A server answers BAD to a message number above the mailbox's largest.
    pub fn highest(&self) -> Option<u32> {
        self.ranges().iter().flat_map(|range| [range.first.number(), range.last.number()]).flatten().max()
    }

    /// The numbers of both, in as few ranges as there can be. `None` when just one of them is `$`.
    #[must_use]
    pub fn union(&self, other: &Self) -> Option<Self> {
        if self.is_saved() || other.is_saved() {
            return (self == other).then_some(Self::SAVED);
        }
        let ranges = self.ranges().iter().chain(other.ranges());
        Self::compact(ranges.map(|range| (range.first.order(), range.last.order())).collect())
    }

    /// The same numbers in as few ranges as there can be, from the lowest.
    #[must_use]
    pub fn compacted(&self) -> Self {
        self.union(self).unwrap_or_else(|| self.clone())
    }

    fn compact(mut ranges: Vec<(u64, u64)>) -> Option<Self> {
        merge(&mut ranges);
        let number = SeqNumber::from_order;
        Self::from_ranges(
            ranges.iter().map(|(first, last)| SeqRange { first: number(*first), last: number(*last) }),
        )
    }

    /// Ranges that are in order and apart.
    fn resolved(&self, largest: u32) -> Vec<(u32, u32)> {
        let mut ranges: Vec<_> = self.ranges().iter().filter_map(|range| range.resolve(largest)).collect();
        merge(&mut ranges);
        ranges
    }
}

/// Puts ranges in order and joins those that touch.
fn merge<N: Copy + Ord + From<u8> + core::ops::Sub<Output = N>>(ranges: &mut Vec<(N, N)>) {
    ranges.sort_unstable();
    ranges.dedup_by(|next, kept| {
        let touches = next.0 <= kept.1 || next.0 - N::from(1) == kept.1;
        if touches {
            kept.1 = kept.1.max(next.1);
        }
        touches
    });
}

impl fmt::Display for SeqNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Largest => f.write_str("*"),
        }
    }
}

impl fmt::Display for SequenceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_saved() {
            return f.write_str("$");
        }
        for (at, SeqRange { first, last }) in self.ranges().iter().enumerate() {
            let comma = if at > 0 { "," } else { "" };
            if first == last { write!(f, "{comma}{first}")? } else { write!(f, "{comma}{first}:{last}")? }
        }
        Ok(())
    }
}

impl fmt::Debug for SequenceSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl From<NonZeroU32> for SequenceSet {
    fn from(number: NonZeroU32) -> Self {
        Self::single(number)
    }
}

impl FromStr for SequenceSet {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let (text, mut deviations) = (Bytes::copy_from_slice(text.as_bytes()), Deviations::new());
        let mut tolerance = grammar::Tolerance::new(&text, &Dialect::default(), &mut deviations);
        span::parse(&text, |i| grammar::sequence::sequence_set(i, &mut tolerance))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    fn set(text: &str) -> SequenceSet {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_those_that_there_are() {
        for (text, largest, numbers) in [
            ("2,4:7,9,12:*", 15, &[2, 4, 5, 6, 7, 9, 12, 13, 14, 15][..]),
            ("*:4,5:7", 10, &[4, 5, 6, 7, 8, 9, 10]),
            ("5:*", 3, &[3]),
            ("*", 3, &[3]),
            ("*", 0, &[]),
            ("1:*", 0, &[]),
            ("1:4294967295", 2, &[1, 2]),
            ("3,2,1,2", 9, &[1, 2, 3]),
            ("7", 3, &[]),
            ("$", 3, &[]),
        ] {
            let set = set(text);
            assert_eq!(set.iter(largest).collect::<Vec<_>>(), numbers, "{text}");
            assert_eq!(set.count(largest) as usize, numbers.len());
            for number in 0..20 {
                assert_eq!(set.contains(number, largest), numbers.contains(&number), "{text} {number}");
            }
        }
        assert_eq!(SequenceSet::ALL.count(u32::MAX), u32::MAX);
    }

    // covers rfc3501 9 star
    // covers rfc9051 6.4.4.1 saved-result
    #[test]
    fn a_union_has_few_ranges() {
        for (one, other, both) in [
            ("1:3", "4", "1:4"),
            ("5,1", "3", "1,3,5"),
            ("5:*", "7", "5:*"),
            ("5", "*", "5,*"),
            ("4294967295", "*", "4294967295:*"),
            ("1:10", "2:3,20", "1:10,20"),
            ("$", "$", "$"),
        ] {
            assert_eq!(set(one).union(&set(other)).unwrap().to_string(), both);
            assert_eq!(set(other).union(&set(one)).unwrap().to_string(), both);
        }
        assert_eq!(set("$").union(&set("1")), None);
        assert_eq!(SequenceSet::from_numbers([]), None);
        assert_eq!(
            SequenceSet::from_numbers([9, 0, 8, 7, 1, u32::MAX]).unwrap().to_string(),
            "1,7:9,4294967295"
        );
    }

    #[test]
    fn a_set_is_narrow() {
        assert_eq!((size_of::<SeqRange>(), size_of::<SequenceSet>()), (8, 24));
    }
}
