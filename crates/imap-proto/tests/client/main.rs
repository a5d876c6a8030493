//! The client machine: sessions as scripts under every cut, and what a server or a caller may do to it.
#![expect(clippy::unwrap_used, reason = "a test that panics has failed")]
mod common;
mod idle;
mod injection;
mod literals;
mod mailbox;
mod memory;
mod nonsense;
mod offers;
mod pipelining;
mod quirks;
mod sessions;
mod streaming;
mod tls;
mod unsolicited;

#[global_allocator]
static HEAP: test_support::heap::Counting = test_support::heap::Counting;
