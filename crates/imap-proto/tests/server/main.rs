//! The server's machine.
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

mod any_session;
mod append;
mod common;
mod idle;
mod limits;
mod literals;
mod login;
mod order;
mod rfc;
mod streams;
mod tokens;

#[global_allocator]
static HEAP: test_support::heap::Counting = test_support::heap::Counting;
