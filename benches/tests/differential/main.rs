//! The parsers beside their peers, on generated inputs: what one takes and the other refuses, and what both read
//! differently, belongs to a class that says who is right. `docs/differences.md` is the table of the classes.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what does not hold is told by a panic")]
mod class;
mod contest;
mod generate;
mod imap;
mod lines;
mod meaning;
mod pop3;
mod smtp;
mod table;

use contest::{Contest, Report};
use std::{
    collections::hash_map::RandomState,
    env, fs,
    hash::BuildHasher,
    path::Path,
    sync::OnceLock,
    thread,
    time::{Duration, Instant},
};

/// The seed whose differences are in the table.
const SEED: u64 = 1;
/// Inputs a contest has with it.
const INPUTS: usize = 14000;

fn contests() -> Vec<Contest> {
    [smtp::contests(), pop3::contests(), imap::contests()].into_iter().flatten().collect()
}

/// What the fixed seed gives.
fn fixed() -> &'static [Report] {
    static FIXED: OnceLock<Vec<Report>> = OnceLock::new();
    FIXED.get_or_init(|| {
        thread::scope(|scope| {
            let runs: Vec<_> = contests()
                .into_iter()
                .map(|contest| scope.spawn(move || contest.run(SEED, INPUTS)))
                .collect();
            runs.into_iter().map(|run| run.join().unwrap()).collect()
        })
    })
}

#[test]
fn no_difference_is_without_an_explanation() {
    let told = contest::unexplained(fixed());
    assert!(told.is_empty(), "belongs to no class:\n{told}");
}

#[test]
fn no_explanation_is_without_a_difference() {
    let stale: Vec<String> = fixed().iter().flat_map(Report::stale).collect();
    assert!(stale.is_empty(), "no input shows any more: {stale:#?}");
}

#[test]
fn the_table_tells_what_the_fixed_seed_gives() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/differences.md");
    let table = table::write(fixed());
    if env::var_os("DIFFERENTIAL_WRITE").is_some() {
        fs::write(&path, &table).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default();
    let differs = written.lines().zip(table.lines()).find(|(old, new)| old != new);
    assert!(written == table, "out of date, DIFFERENTIAL_WRITE=1 writes it anew: {differs:#?}");
}

/// Other inputs than those of the table, and as many of new seeds as `DIFFERENTIAL_SECONDS` asks for: what nobody has
/// seen may show what nobody has explained, and fails no change that has no part in it.
#[test]
fn inputs_of_other_seeds_show_no_other_differences() {
    let number = |name| env::var(name).ok().map(|text| text.parse::<u64>().unwrap());
    let contests = contests();
    let seconds = number("DIFFERENTIAL_SECONDS");
    let drawn = || seconds.map(|_| RandomState::new().hash_one(0));
    let mut seed = number("DIFFERENTIAL_SEED").or_else(drawn).unwrap_or(SEED + 1);
    let (started, mut told) = (Instant::now(), String::new());
    loop {
        let reports: Vec<Report> = contests.iter().map(|contest| contest.run(seed, 100)).collect();
        told += &contest::unexplained(&reports);
        if started.elapsed() >= Duration::from_secs(seconds.unwrap_or(0)) {
            break;
        }
        seed = seed.wrapping_add(1);
    }
    assert!(told.is_empty(), "belongs to no class, DIFFERENTIAL_SEED=… shows it again:\n{told}");
}
