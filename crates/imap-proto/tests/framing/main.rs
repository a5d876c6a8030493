//! Units as they come from a peer.
mod cuts;
mod limits;
mod lines;
mod literals;
mod refusals;
mod told;
mod work;

use test_support::heap::Counting;

#[global_allocator]
static HEAP: Counting = Counting;
