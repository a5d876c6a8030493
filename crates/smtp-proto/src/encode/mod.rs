//! Values to bytes: whatever can be built can be written, and is one line then (a reply: the lines of one reply).
mod command;
mod path;
mod reply;
pub(crate) mod xtext;
