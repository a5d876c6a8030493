//! Bodies of the fuzz targets.
#![expect(
    clippy::panic,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "what does not hold is told by a panic"
)]
mod chunks;
mod client;
mod commands;
mod deliveries;
mod delivery;
mod endings;
mod nonsense;
mod receiver;
mod replies;
mod seeds;
mod sender;
mod server;
mod told;
mod values;

use mail_wire::fuzzing::{Target, run_target};
pub use seeds::seeds;

/// The targets of this crate.
pub const TARGETS: &[Target] = &[
    commands::read,
    replies::read,
    values::written,
    server::cut,
    client::cut,
    delivery::agrees,
    told::written_back,
    nonsense::every_end_is_told,
    endings::stay_closed,
    chunks::never_commands,
    deliveries::are_reported,
];

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
        Config { cases, rng_seed: RngSeed::Fixed(5321), failure_persistence: None, ..Config::default() }
    }

    /// Lines that mean something here or there, or nothing anywhere.
    pub(super) const LINES: [&str; 47] = [
        "EHLO c.example",
        "HELO c.example",
        "MAIL FROM:<a@b.example>",
        "MAIL FROM:<a@b.example> SIZE=5",
        "RCPT TO:<c@d.example>",
        "DATA",
        ".",
        "..",
        "text",
        "RSET",
        "NOOP",
        "QUIT",
        "AUTH PLAIN",
        "AUTH PLAIN =",
        "AUTH LOGIN dGVzdA==",
        "*",
        "dGVzdA==",
        "VRFY x",
        "EXPN y",
        "STARTTLS",
        "MAIL FROM:<d\u{f6}@b.example> SMTPUTF8",
        "x\ny",
        "a\rb",
        "",
        "BDAT 5 LAST",
        "ETRN @example.org",
        "ETRN #uucp",
        "ATRN a.example,b.example",
        "BURL imap://a@b.example/x;UID=1 LAST",
        "XCLIENT NAME=[UNAVAILABLE] ADDR=IPV6:::1 PORT=25",
        "XFORWARD SOURCE=LOCAL HELO=a+2Bb",
        "250-LIMITS RCPTMAX=5 MAILMAX=x",
        "250-FUTURERELEASE 86400 2027-01-01T00:00:00Z",
        "250-DELIVERBY 240,x",
        "250-NO-SOLICITING a,b",
        "552 5.5.3 too many recipients",
        "BDAT 5",
        "BDAT 0",
        "BDAT 0 LAST",
        "BDAT 40 LAST",
        "BDAT 70",
        "BDAT 18446744073709551616",
        "MAIL FROM:<a@b.example> BODY=BINARYMIME",
        "ETRN b.example",
        "XCLIENT NAME=a.example",
        "XFORWARD NAME=a.example",
        "0123456789012345678901234567890123456789",
    ];

    pub(super) const SCRIPTS: [&str; 10] = [
        "aborted",
        "auth-login",
        "auth-plain-cancel",
        "helo",
        "lmtp",
        "pipelining",
        "refusals",
        "smtputf8",
        "starttls",
        "typical",
    ];

    /// Those that the clients of the targets do not know how to say.
    pub(super) const OF_SERVERS: [&str; 6] =
        ["binarymime", "chunking", "dsn-relay", "etrn", "lmtp-chunking", "verified"];

    #[test]
    fn the_targets_hold_for_the_sessions_of_testdata() {
        let said = SCRIPTS.into_iter().chain(OF_SERVERS).map(|name| {
            let script = Script::load(&std::format!("smtp/{name}.txt"));
            [script.said_by(Who::Client), script.said_by(Who::Server)]
        });
        let said: Vec<_> = said.collect();
        said.iter().flat_map(|[client, server]| seeds(client, server)).for_each(|seed| run(&seed));
        let lines: Vec<Vec<u8>> = said.into_iter().flatten().collect();
        mail_wire::fuzzing::smoke(run, TARGETS.len(), &lines);
    }
}
