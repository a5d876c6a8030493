//! What SCRAM needs beside rsasl: keys to store, names, and messages checked before rsasl sees them.
mod hash;
mod keys;
pub(crate) mod message;
pub(crate) mod name;

pub use hash::Hash;
pub use keys::{InvalidKeys, ScramKeys};

/// How often a password is hashed, at least: [RFC 7677 §4](https://www.rfc-editor.org/rfc/rfc7677#section-4).
pub const MIN_ITERATIONS: u32 = 4_096;

/// How often a password is hashed, at most: a server that asks a client for more would have it busy for seconds.
pub const MAX_ITERATIONS: u32 = 2_000_000;
