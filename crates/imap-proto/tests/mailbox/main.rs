//! Message numbers and UIDs, on both ends.
mod client;
mod cost;
mod model;
mod server;

use test_support::heap::Counting;

#[global_allocator]
static HEAP: Counting = Counting;
