//! Values to bytes: whatever can be built can be written, and is one unit then.
mod command;
pub(crate) mod response;
pub(crate) mod section;
mod wire;
pub(crate) mod writer;

pub use wire::{Hold, LiteralForm, Wire};
