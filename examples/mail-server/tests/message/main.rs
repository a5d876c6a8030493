//! What IMAP is told of messages, well made and not.
#![expect(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]
mod common;
mod envelope;
mod hostile;
mod random;
mod search;
mod sections;
mod structure;
