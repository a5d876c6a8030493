//! Defects that a review found: each test failed once.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod client_session;
#[path = "../common/mod.rs"]
mod common;
mod deadlock;
mod messages_as_commands;
mod patience;
mod refusals;
mod replies_of_a_server;
mod replies_to_a_client;
mod server_session;
mod tickets;
mod what_a_client_sends;
