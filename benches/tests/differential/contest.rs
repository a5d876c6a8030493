//! A parser of this workspace and one of a peer, on the same inputs.
use crate::{
    class::{Class, Difference, Field},
    generate::mutated,
    meaning::{Answer, Refusal},
};
use benches::Seed;
use bytes::Bytes;
use std::{
    collections::BTreeMap,
    panic::{self, AssertUnwindSafe},
};

/// A parser of this workspace and one of a peer.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Contest {
    /// The peer.
    pub(crate) peer: &'static str,
    /// How many letters of a verb tell what is like what, among differences that are not explained.
    pub(crate) verbs: usize,
    /// What is parsed.
    pub(crate) kind: &'static str,
    /// Makes a unit that is valid.
    pub(crate) valid: fn(&mut Seed) -> Vec<u8>,
    /// Units that are seldom made, and were found once.
    pub(crate) also: &'static [&'static [u8]],
    /// Reads a unit here.
    pub(crate) ours: fn(&Bytes) -> Answer,
    /// Reads it there.
    pub(crate) theirs: fn(&Bytes) -> Answer,
    /// Writes what was read here or there, where it was.
    pub(crate) written: fn(&Bytes) -> Vec<Bytes>,
    /// The classes of differences that are known.
    pub(crate) classes: &'static [Class],
}

/// How many differences of a kind are shown that belong to no class.
const SHOWN: usize = 5;

/// What a contest came to.
#[derive(Debug)]
pub(crate) struct Report {
    pub(crate) contest: Contest,
    pub(crate) seed: u64,
    /// How many inputs both took, how many both refused.
    pub(crate) taken: usize,
    pub(crate) refused: usize,
    /// What was found of each class, in the order of the classes.
    pub(crate) found: Vec<Found>,
    /// How many are like this, and the first few.
    unexplained: BTreeMap<String, (usize, Vec<(Bytes, Difference)>)>,
}

/// What was found of a class.
#[derive(Debug, Clone, Default)]
pub(crate) struct Found {
    pub(crate) count: usize,
    /// The shortest input, the first of them.
    pub(crate) example: Option<(Bytes, Difference)>,
}

impl Contest {
    /// Runs so many inputs: one in four valid, the others mutations, and what each side writes of what it read.
    pub(crate) fn run(self, seed: u64, inputs: usize) -> Report {
        let mut report = Report {
            contest: self,
            seed,
            taken: 0,
            refused: 0,
            found: vec![Found::default(); self.classes.len()],
            unexplained: BTreeMap::new(),
        };
        self.also.iter().for_each(|unit| report.compare(&Bytes::from_static(unit)));
        let mut dice = Seed::new(seed);
        for at in 0..inputs {
            let mut input = (self.valid)(&mut dice);
            if at % 4 != 0 {
                input = mutated(&input, &mut dice);
            }
            if dice.below(6) == 0 {
                input = mutated(&input, &mut dice);
            }
            let input = Bytes::from(input);
            report.compare(&input);
            if at % 8 == 0 {
                (self.written)(&input).iter().for_each(|written| report.compare(written));
            }
        }
        report
    }
}

impl Report {
    fn compare(&mut self, input: &Bytes) {
        let theirs = panic::catch_unwind(AssertUnwindSafe(|| (self.contest.theirs)(input)))
            .unwrap_or_else(|_| Err(Refusal::of_peer("panics")));
        match ((self.contest.ours)(input), theirs) {
            (Err(_), Err(refusal)) if refusal.rule != "panics" => self.refused += 1,
            (Err(_), Err(refusal)) => {
                self.file(input, Difference::PeerRefuses { meaning: <_>::default(), refusal });
            }
            (Ok(meaning), Err(refusal)) => self.file(input, Difference::PeerRefuses { meaning, refusal }),
            (Err(refusal), Ok(meaning)) => self.file(input, Difference::PeerTakes { refusal, meaning }),
            (Ok(ours), Ok(theirs)) => {
                self.taken += 1;
                for (name, ours, theirs) in ours.differences(&theirs) {
                    self.file(input, Difference::Differs(Field { name, ours, theirs }));
                }
            }
        }
    }

    fn file(&mut self, input: &Bytes, difference: Difference) {
        let Some(at) = self.contest.classes.iter().position(|class| class.holds(input, &difference)) else {
            let like = match &difference {
                Difference::PeerRefuses { meaning, .. } => format!(
                    "peer refuses {}",
                    meaning.field("verb").chars().take(self.contest.verbs).collect::<String>()
                ),
                Difference::PeerTakes { refusal, .. } => format!("peer takes, {}", refusal.rule),
                Difference::Differs(field) => {
                    format!("differs in {}", field.name.split(' ').next().unwrap_or_default())
                }
            };
            let (count, first) = self.unexplained.entry(like).or_default();
            *count += 1;
            if first.len() < SHOWN {
                first.push((input.clone(), difference));
            }
            return;
        };
        let found = &mut self.found[at];
        found.count += 1;
        if found.example.as_ref().is_none_or(|(shortest, _)| input.len() < shortest.len()) {
            found.example = Some((input.clone(), difference));
        }
    }

    /// The classes that no input showed.
    pub(crate) fn stale(&self) -> Vec<String> {
        let Contest { peer, kind, classes, .. } = self.contest;
        let none = classes.iter().zip(&self.found).filter(|(_, found)| found.count == 0);
        none.map(|(class, _)| format!("{peer}, {kind}: {}", class.name)).collect()
    }
}

/// Tells the differences that belong to no class.
pub(crate) fn unexplained(reports: &[Report]) -> String {
    let mut told = String::new();
    for Report { contest, seed, unexplained, .. } in reports {
        for (like, (count, first)) in unexplained {
            told += &format!("{}, {}, seed {seed}: {like}, {count} times\n", contest.peer, contest.kind);
            for (input, difference) in first {
                let [ours, theirs] = difference.answers();
                told += &format!("  input  {}\n  ours   {ours}\n  theirs {theirs}\n", input.escape_ascii());
            }
        }
    }
    told
}
