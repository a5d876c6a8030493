//! What the RFCs ask of both ends, where no other test would miss it.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod chunks;
mod client;
mod client_chunks;
mod client_reset;
#[path = "../regressions/client_session.rs"]
mod client_session;
#[path = "../common/mod.rs"]
mod common;
mod defaults;
mod extensions;
mod login;
mod server;
#[path = "../regressions/server_session.rs"]
#[expect(dead_code, reason = "the regressions need more of it")]
mod server_session;
mod tls;
