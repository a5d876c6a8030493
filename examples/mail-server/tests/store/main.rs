//! What a user of the store may rely on: nothing acknowledged is lost, nothing else is left behind.

#![allow(clippy::unwrap_used, reason = "the helpers of a test fail as the test does")]
#![allow(unreachable_pub, reason = "the rooms of a test are all in one program")]

mod accounts;
mod append;
mod bodies;
mod commits;
mod concurrency;
mod cost;
mod crash;
mod envelope;
mod failures;
mod flags;
mod maildrop;
mod messages;
mod migration;
mod opening;
mod sharing;
mod support;
mod transfer;
mod tree;
