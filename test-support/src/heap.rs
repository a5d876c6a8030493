//! A heap that counts, thread by thread.
//!
//! The test crate installs it:
//!
//! ```
//! use test_support::heap::{self, Counting};
//!
//! #[global_allocator]
//! static HEAP: Counting = Counting;
//!
//! let (used, text) = heap::measure(|| "abc".repeat(100));
//! assert_eq!((used.allocations, used.kept, used.peak), (1, 300, 300));
//! # drop(text);
//! ```
#![expect(unsafe_code, reason = "an allocator that counts wraps the system's, whose functions are unsafe")]
use std::{
    alloc::{GlobalAlloc, Layout, System},
    cell::Cell,
    hint::black_box,
};

/// The system's allocator, counted.
#[derive(Debug, Clone, Copy, Default)]
pub struct Counting;

/// What a piece of work took from the heap, on its own thread.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Used {
    /// How often it asked for memory; growing a block counts.
    pub allocations: usize,
    /// The most octets it held at any moment, above what was held before. A block that grows counts twice while
    /// it does.
    pub peak: usize,
    /// The octets it still holds, or, below zero, has let go.
    pub kept: isize,
}

thread_local! {
    static ALLOCATIONS: Cell<usize> = const { Cell::new(0) };
    static HELD: Cell<isize> = const { Cell::new(0) };
    static PEAK: Cell<isize> = const { Cell::new(0) };
}

/// Measures a piece of work. Measurements do not nest.
///
/// # Panics
/// [`Counting`] is not the global allocator: every count would be zero.
pub fn measure<T>(work: impl FnOnce() -> T) -> (Used, T) {
    let before = ALLOCATIONS.get();
    drop(black_box(Box::new(0_u8)));
    assert!(ALLOCATIONS.get() > before, "heap::Counting is not the global allocator");
    let (allocations, held) = (ALLOCATIONS.get(), HELD.get());
    PEAK.set(held);
    let result = work();
    let used = Used {
        allocations: ALLOCATIONS.get() - allocations,
        peak: PEAK.get().abs_diff(held),
        kept: HELD.get() - held,
    };
    (used, result)
}

/// How often a piece of work asks for memory.
///
/// # Panics
/// As [`measure`].
pub fn allocations<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let (used, result) = measure(work);
    (used.allocations, result)
}

/// The most octets a piece of work holds at any moment.
///
/// # Panics
/// As [`measure`].
pub fn peak<T>(work: impl FnOnce() -> T) -> (usize, T) {
    let (used, result) = measure(work);
    (used.peak, result)
}

fn count(allocations: usize, octets: isize) {
    // A thread that is going away may have no counters any more.
    let _ = ALLOCATIONS.try_with(|counter| counter.set(counter.get() + allocations));
    let _ = HELD.try_with(|held| {
        held.set(held.get() + octets);
        let _ = PEAK.try_with(|peak| peak.set(peak.get().max(held.get())));
    });
}

// SAFETY: every call is handed to `System` as it is; the counters are plain cells, which allocate nothing.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as isize);
        // SAFETY: the caller keeps the contract of `alloc`, which is the same.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        count(0, -(layout.size() as isize));
        // SAFETY: `at` was allocated by `System` above, with this layout.
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(1, layout.size() as isize);
        // SAFETY: the caller keeps the contract of `alloc_zeroed`, which is the same.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, octets: usize) -> *mut u8 {
        // The system may hold both blocks while it copies.
        count(1, octets as isize);
        count(0, -(layout.size() as isize));
        // SAFETY: `at` was allocated by `System` above, with this layout.
        unsafe { System.realloc(at, layout, octets) }
    }
}
