//! Rows of contestants, and the clock.
//!
//! The contestants of a row run in turns, and the fastest turn of each counts: what else the machine does then hits
//! all of them alike, and the ratios are stable where the times are not.
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Makes a row, its inputs and its checks, when it is wanted.
pub(crate) struct Maker {
    pub(crate) id: &'static str,
    pub(crate) make: fn() -> Row,
}

/// One line of the comparison: contestants that do the same work on the same octets.
pub(crate) struct Row {
    pub(crate) id: &'static str,
    pub(crate) work: &'static str,
    /// How many items the work has: times are told for one.
    pub(crate) items: usize,
    /// How many octets it has.
    pub(crate) octets: usize,
    pub(crate) contestants: Vec<Contestant>,
    pub(crate) marks: Vec<Mark>,
    /// Why a mark is missed, where one is.
    pub(crate) why: &'static str,
}

/// One who does the work of a row.
pub(crate) struct Contestant {
    pub(crate) name: &'static str,
    pub(crate) side: Side,
    pub(crate) turn: Turn,
}

/// Whose work it is, and what the result is worth.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// This workspace's. Its values are owned.
    Ours,
    /// A peer's, whose values borrow from the input.
    Borrowed,
    /// A peer's, whose values are owned in the end.
    Owned,
    /// Nobody's: the least that such work can cost.
    Limit,
}

/// The work.
pub(crate) enum Turn {
    /// All of it is timed.
    Whole(Box<dyn FnMut()>),
    /// It times itself: what it prepares is not counted.
    Clocked(Box<dyn FnMut() -> Duration>),
}

/// What one of ours should reach.
pub(crate) struct Mark {
    pub(crate) ours: &'static str,
    pub(crate) than: Than,
    /// So many times as fast, at least.
    pub(crate) wanted: f64,
}

/// Whom one of ours is measured against.
#[derive(Clone, Copy)]
pub(crate) enum Than {
    /// The fastest of the peers whose values borrow.
    Borrowed,
    /// The fastest of the peers whose values are owned.
    Owned,
    /// This one.
    Named(&'static str),
}

impl Row {
    pub(crate) fn new(id: &'static str, work: &'static str, items: usize, octets: usize) -> Self {
        Self { id, work, items, octets, contestants: Vec::new(), marks: Vec::new(), why: "" }
    }

    pub(crate) fn ours<T>(self, name: &'static str, turn: impl FnMut() -> T + 'static) -> Self {
        self.with(name, Side::Ours, whole(turn))
    }

    pub(crate) fn borrowed<T>(self, name: &'static str, turn: impl FnMut() -> T + 'static) -> Self {
        self.with(name, Side::Borrowed, whole(turn))
    }

    pub(crate) fn owned<T>(self, name: &'static str, turn: impl FnMut() -> T + 'static) -> Self {
        self.with(name, Side::Owned, whole(turn))
    }

    pub(crate) fn limit<T>(self, name: &'static str, turn: impl FnMut() -> T + 'static) -> Self {
        self.with(name, Side::Limit, whole(turn))
    }

    pub(crate) fn clocked(
        self,
        name: &'static str,
        side: Side,
        turn: impl FnMut() -> Duration + 'static,
    ) -> Self {
        self.with(name, side, Turn::Clocked(Box::new(turn)))
    }

    /// One of ours should be so many times as fast.
    pub(crate) fn mark(mut self, ours: &'static str, than: Than, wanted: f64) -> Self {
        self.marks.push(Mark { ours, than, wanted });
        self
    }

    /// Why a mark is missed.
    pub(crate) fn because(self, why: &'static str) -> Self {
        Self { why, ..self }
    }

    fn with(mut self, name: &'static str, side: Side, turn: Turn) -> Self {
        self.contestants.push(Contestant { name, side, turn });
        self
    }

    /// Lets the contestants run in turns. Returns the best time of each, for the whole work.
    pub(crate) fn race(&mut self) -> Vec<Duration> {
        let repeats: Vec<u32> = self.contestants.iter_mut().map(|one| one.turn.repeats()).collect();
        let mut best = vec![Duration::MAX; self.contestants.len()];
        let mut spent = Duration::ZERO;
        for round in 0..ROUNDS {
            if round >= FEWEST_ROUNDS && spent > LONGEST {
                break;
            }
            for ((one, repeats), best) in self.contestants.iter_mut().zip(&repeats).zip(&mut best) {
                let took = one.turn.run(*repeats);
                spent += took;
                *best = (took / *repeats).min(*best);
            }
        }
        best
    }
}

/// Work whose result counts as used.
fn whole<T>(mut turn: impl FnMut() -> T + 'static) -> Turn {
    Turn::Whole(Box::new(move || drop(black_box(turn()))))
}

const ROUNDS: u32 = 25;
const FEWEST_ROUNDS: u32 = 3;
/// After so much time on one row a few rounds are enough.
const LONGEST: Duration = Duration::from_secs(4);
/// How long one turn takes at least.
const TURN: Duration = Duration::from_millis(3);

impl Turn {
    /// Runs it so often, and tells how long that took.
    pub(crate) fn run(&mut self, times: u32) -> Duration {
        match self {
            Self::Whole(work) => {
                let started = Instant::now();
                (0..times).for_each(|_| work());
                started.elapsed()
            }
            Self::Clocked(work) => (0..times).map(|_| work()).sum(),
        }
    }

    /// How often it must run to fill a turn; warms the caches.
    fn repeats(&mut self) -> u32 {
        let once = self.run(1).min(self.run(1)).max(Duration::from_nanos(20));
        TURN.as_nanos().div_ceil(once.as_nanos()).clamp(1, 1 << 20) as u32
    }
}

impl Than {
    /// The best of those it means, and its time.
    pub(crate) fn of(self, row: &Row, times: &[Duration]) -> Option<(&'static str, Duration)> {
        let matches = |one: &Contestant| match self {
            Self::Borrowed => one.side == Side::Borrowed,
            Self::Owned => one.side == Side::Owned,
            Self::Named(name) => one.name == name,
        };
        let all = row.contestants.iter().zip(times).filter(|(one, _)| matches(one));
        all.map(|(one, time)| (one.name, *time)).min_by_key(|(_, time)| *time)
    }
}
