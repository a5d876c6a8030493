//! Wires the sans-IO machines of this workspace to tokio: sockets, TLS, timers.
//!
//! A [`Connection`] drives one machine on one socket. [`codec`] frames whole messages for proxies and tools that
//! keep track of a session themselves.
mod connection;
mod stream;

pub use connection::{Connection, Error, WriteFailure};
pub use mail_wire as wire;
pub use stream::Stream;
pub use tokio_rustls::rustls;
