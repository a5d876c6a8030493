//! The client's machine against what servers say.
#![allow(clippy::unwrap_used, clippy::panic, reason = "a test fails by panicking")]
mod attacks;
mod common;
mod ends;
mod limits;
mod login;
mod offers;
mod order;
mod quirks;
mod tls;
#[path = "../common/told.rs"]
mod told;
