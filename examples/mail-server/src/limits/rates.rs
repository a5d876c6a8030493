//! How often each of any number of clients does something, in a table that never grows.
use std::{
    fmt,
    hash::{BuildHasher, Hash, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

/// Cells of a row; a power of two. Two rows of them take 1 MiB, most of it only once it is written to.
const CELLS: usize = 1 << 16;
const ROWS: usize = 2;

/// A limit of so many a period for each key, counted for all keys together in a fixed number of cells.
///
/// A cell is a token bucket that is written as one time, the one when it will be full again (GCRA): a period from then
/// back it is empty, and nothing has to be done while nobody comes. A key has a cell in each row, where its hash puts
/// it; the hash is keyed, so that nobody chooses a neighbour. It is told yes when one of its cells has room, and all of
/// them are then at least as empty as that makes it (a count-min sketch, updated conservatively). So
///
/// - a cell is never fuller than the bucket of any key in it would be: nobody gets more than the limit, however many
///   others there are, and nothing is forgotten to make room;
/// - a key that has done nothing wrong hears no only while each of its cells is empty by others. Beside a thousand
///   clients at their limit that is one key in 4,000, and beside so many that most cells are empty, most keys: a
///   flood from everywhere makes strangers wait, not memory grow.
pub(super) struct Rates {
    hasher: RandomState,
    /// When each bucket is full again, in nanoseconds of the caller's clock.
    cells: Mutex<Box<[u64]>>,
    /// What one costs, in nanoseconds.
    cost: u64,
    period: u64,
}

impl Rates {
    /// At most `count` in each `period`, and all of them at once where it was quiet so long.
    pub(super) fn new(count: u32, period: Duration) -> Self {
        let period = nanoseconds(period);
        Self {
            hasher: RandomState::new(),
            cells: Mutex::new(vec![0; ROWS * CELLS].into()),
            // Of nothing at all none is had.
            cost: period.checked_div(count.into()).unwrap_or(u64::MAX),
            period,
        }
    }

    /// Takes one, if there is one left.
    pub(super) fn take(&self, key: &impl Hash, now: Duration) -> bool {
        let now = nanoseconds(now);
        let places = self.places(key);
        let mut cells = self.lock();
        let full = self.after_one(&cells, places, now);
        let has_room = full <= now.saturating_add(self.period);
        if has_room {
            for place in places {
                if let Some(cell) = cells.get_mut(place) {
                    *cell = full.max(*cell);
                }
            }
        }
        has_room
    }

    /// How many are left?
    pub(super) fn left(&self, key: &impl Hash, now: Duration) -> u64 {
        let now = nanoseconds(now);
        let full = self.full(&self.lock(), self.places(key)).max(now);
        let room = now.saturating_add(self.period).saturating_sub(full);
        room.checked_div(self.cost).unwrap_or(u64::MAX)
    }

    /// When the bucket will be full if one more is taken now.
    fn after_one(&self, cells: &[u64], places: [usize; ROWS], now: u64) -> u64 {
        self.full(cells, places).max(now).saturating_add(self.cost)
    }

    /// When the bucket was or will be full.
    fn full(&self, cells: &[u64], places: [usize; ROWS]) -> u64 {
        places.iter().filter_map(|place| cells.get(*place)).min().copied().unwrap_or(u64::MAX)
    }

    /// Where a key's cells are: one in each row.
    fn places(&self, key: &impl Hash) -> [usize; ROWS] {
        let hash = self.hasher.hash_one(key);
        [0, 1].map(|row| row * CELLS + (hash >> (32 * row)) as usize % CELLS)
    }

    fn lock(&self) -> MutexGuard<'_, Box<[u64]>> {
        self.cells.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Rates {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (cost, period) = (Duration::from_nanos(self.cost), Duration::from_nanos(self.period));
        f.debug_struct("Rates").field("cost", &cost).field("period", &period).finish_non_exhaustive()
    }
}

fn nanoseconds(time: Duration) -> u64 {
    u64::try_from(time.as_nanos()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const MINUTE: Duration = Duration::from_secs(60);

    fn at(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    #[test]
    fn all_of_a_period_may_come_at_once_and_then_one_at_a_time() {
        let rates = Rates::new(6, MINUTE);
        for taken in 0..6 {
            assert_eq!(rates.left(&"a", at(100)), 6 - taken);
            assert!(rates.take(&"a", at(100)));
        }
        assert!(!rates.take(&"a", at(100)));
        assert!(!rates.take(&"a", at(109)));
        assert_eq!([109, 110, 129, 130].map(|now| rates.left(&"a", at(now))), [0, 1, 2, 3]);
        assert!(rates.take(&"a", at(110)));
        assert!(!rates.take(&"a", at(110)));
        for _ in 0..6 {
            assert!(rates.take(&"a", at(200)));
        }
    }

    #[test]
    fn being_refused_costs_nothing() {
        let rates = Rates::new(1, MINUTE);
        assert!(rates.take(&"a", at(0)));
        for second in 1..60 {
            assert!(!rates.take(&"a", at(second)));
        }
        assert!(rates.take(&"a", at(60)));
    }

    #[test]
    fn a_limit_beyond_counting_lets_everything_through_and_none_nothing() {
        let (all, none) = (Rates::new(u32::MAX, Duration::from_nanos(7)), Rates::new(0, MINUTE));
        for _ in 0..1000 {
            assert!(all.take(&"a", at(0)));
            assert!(!none.take(&"a", at(1_000_000)));
        }
    }

    #[test]
    fn beside_a_thousand_who_flood_nearly_everybody_gets_through() {
        let rates = Rates::new(2, MINUTE);
        for flooder in 0..1000_u32 {
            while rates.take(&flooder, at(0)) {}
        }
        // One in 4,300 on the average. That more than 100 of 100,000 are unlucky has no chance worth a name.
        let refused = (1000..101_000_u32).filter(|key| rates.left(key, at(0)) == 0).count();
        assert!(refused < 100, "{refused} strangers are refused");
    }

    #[test]
    fn a_flood_from_everywhere_makes_strangers_wait_and_nobody_gets_more() {
        let rates = Rates::new(2, MINUTE);
        let taken = (0..1_000_000_u32).filter(|key| rates.take(key, at(0))).count();
        assert!(taken <= ROWS * CELLS * 2, "{taken} came through {} buckets", ROWS * CELLS);
        let strangers = (1_000_000..1_001_000_u32).filter(|key| rates.take(key, at(0))).count();
        assert!(strangers < 10, "{strangers} of 1000 are let in");
        assert!((1_000_000..1_001_000_u32).all(|key| rates.left(&key, at(60)) > 0), "the flood is over");
    }

    proptest! {
        /// However many others there are, and whenever they come.
        #[test]
        fn nobody_gets_more_than_the_limit_in_any_period(
            count in 1..5_u32,
            takes in prop::collection::vec((0..4_u32, 0..30_u64), 1..200),
        ) {
            let rates = Rates::new(count, MINUTE);
            let (mut now, mut taken) = (0, Vec::new());
            for (key, later) in takes {
                now += later;
                if rates.take(&key, at(now)) {
                    taken.push((key, now));
                }
            }
            for (key, start) in taken.clone() {
                let within = taken.iter().filter(|(of, when)| *of == key && (start..start + 60).contains(when));
                // A bucket that was full, and what came into it meanwhile.
                prop_assert!(within.count() <= 2 * count as usize);
            }
            for key in 0..4_u32 {
                let all = taken.iter().filter(|(of, _)| *of == key).count() as u64;
                prop_assert!(all <= u64::from(count) + now * u64::from(count) / 60);
            }
        }
    }
}
