//! Which rules of the RFCs are kept where, and whether their tests would notice if one was not.
//!
//! A rule is a comment above the code that keeps it, and a test says above itself which rules it covers:
//!
//! ```text
//! // rule rfc5321 4.5.2 dot-unstuffed: a dot at the start of a line is taken away
//! if line.first() == Some(&b'.') {
//!     line.advance(1);
//! }
//!
//! // covers rfc5321 4.5.2 dot-unstuffed
//! #[test]
//! fn a_dot_at_the_start_of_a_line_is_not_delivered() {
//! ```
//!
//! What stands behind the marker is a piece of syntax ([`piece`]): up to its `;`, its `,`, the `}` of its block, or the
//! bracket that closes what it stands in. [`mutate`] deletes it in a copy of the tree and runs the tests that say they
//! cover it: one of them must fail. Code that is needed as a value is replaced by what the marker names at its end,
//! `[instead: false]`.
//!
//! [`listed`] looks whether cargo runs those tests at all. [`table`] holds the rules against the sections of the RFCs (`docs/rfc-sections`), and [`page`] writes
//! `docs/rfc-coverage.md`.

pub mod api;
pub mod copy;
pub mod draw;
pub mod listed;
pub mod marker;
pub mod mutate;
pub mod page;
pub mod piece;
pub mod program;
pub mod scan;
pub mod section;
pub mod table;
pub mod tree;
