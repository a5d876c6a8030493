//! What the measurements and the tests of this package read: made by a seeded generator, the same octets everywhere.
//!
//! `cargo bench -p benches` measures the parsers beside their peers on these octets, prints a table of ratios, and
//! writes `docs/benchmarks.md`. The tests of this package assert what no machine changes: allocations, peak heap,
//! and that work is linear in what arrives, however it is cut.
pub mod imap;
pub mod pop3;
mod seed;
pub mod smtp;
mod units;

pub use seed::Seed;
pub use units::Units;
