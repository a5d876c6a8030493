//! Whatever is said, whatever a host decides and however it is cut: nobody waits for ever, and no message is
//! lost, doubled or made up.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod commands;
mod cuts;
mod delivery;
mod dice;
mod endings;
mod nonsense;
mod pipes;
mod receiver;
mod sender;

use proptest::test_runner::{Config, RngSeed};

/// So many cases, the same ones each time.
fn cases(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(5321), failure_persistence: None, ..Config::default() }
}
