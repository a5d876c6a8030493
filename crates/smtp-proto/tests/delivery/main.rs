//! Messages delivered: to servers that keep to the RFCs, and to those that do not.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod any_server;
mod binary;
#[path = "../common/mod.rs"]
mod common;
mod endings;
mod needs;
mod opening;
mod pair;
mod preferred;
mod sends;
mod splitting;
mod transactions;
