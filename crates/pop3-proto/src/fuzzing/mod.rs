//! Bodies of the fuzz targets.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "what does not hold is told by a panic"
)]
mod asked;
mod client;
mod commands;
mod maildrop;
mod pair;
mod replies;
mod seeds;
mod server;
mod top;
mod values;

use mail_wire::fuzzing::{Target, run_target};
pub use seeds::seeds;

/// The targets of this crate.
pub const TARGETS: &[Target] =
    &[commands::read, replies::read, values::written, server::cut, top::cut, client::cut, pair::agrees];

/// Runs one of the [`TARGETS`].
pub fn run(data: &[u8]) {
    run_target(TARGETS, data);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::test_runner::{Config, RngSeed};
    use std::vec::Vec;
    use test_support::{Script, Who};

    /// So many cases, the same ones each time.
    pub(super) fn cases(cases: u32) -> Config {
        Config { cases, rng_seed: RngSeed::Fixed(1939), failure_persistence: None, ..Config::default() }
    }

    #[test]
    fn the_targets_hold_for_the_sessions_of_testdata() {
        const NAMES: [&str; 10] = [
            "auth",
            "pipelined",
            "refusals",
            "rfc1939-10",
            "rfc5034-6-challenges",
            "rfc6856-3.3",
            "session",
            "stls",
            "typical",
            "utf8",
        ];
        let said = NAMES.map(|name| {
            let script = Script::load(&std::format!("pop3/{name}.txt"));
            [script.said_by(Who::Client), script.said_by(Who::Server)]
        });
        said.iter().flat_map(|[client, server]| seeds(client, server)).for_each(|seed| run(&seed));
        let lines: Vec<Vec<u8>> = said.into_iter().flatten().collect();
        mail_wire::fuzzing::smoke(run, TARGETS.len(), &lines);
    }
}
