//! Bodies of the fuzz targets.
#![expect(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what does not hold is told by a panic"
)]
mod asker;
mod client;
mod commands;
mod framing;
mod pair;
mod responses;
mod seeds;
mod server;
mod store;
mod told;
mod values;
mod views;

use mail_wire::fuzzing::{Target, run_target};
pub use seeds::seeds;

/// The targets of this crate.
pub const TARGETS: &[Target] = &[
    framing::cut,
    commands::read,
    responses::read,
    values::written,
    server::cut,
    client::cut,
    pair::never_sticks,
    views::agree,
    told::written_back,
];

/// Runs one of the [`TARGETS`].
pub fn run(data: &[u8]) {
    run_target(TARGETS, data);
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;
    use test_support::{Script, Who};

    #[test]
    fn the_targets_hold_for_the_sessions_of_testdata() {
        let said = ["literals", "typical", "unsolicited"].map(|name| {
            let script = Script::load(&std::format!("imap/{name}.txt"));
            [script.said_by(Who::Client), script.said_by(Who::Server)]
        });
        said.iter().flat_map(|[client, server]| seeds(client, server)).for_each(|seed| run(&seed));
        let lines: Vec<Vec<u8>> = said.into_iter().flatten().collect();
        mail_wire::fuzzing::smoke(run, TARGETS.len(), &lines);
    }
}
