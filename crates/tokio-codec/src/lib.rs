//! Wires the sans-IO machines of this workspace to tokio: sockets, TLS, timers.
//!
//! A [`Connection`] drives one machine on one socket. [`smtp`] opens client connections and sends messages with
//! them, [`imap`] opens those that read mailboxes. [`codec`] frames whole messages for proxies and tools that keep
//! track of a session themselves.
#[cfg(any(feature = "pop3", feature = "smtp"))]
pub mod codec;
mod connection;
#[cfg(feature = "imap")]
pub mod imap;
#[cfg(any(feature = "imap", feature = "smtp"))]
mod open;
#[cfg(feature = "smtp")]
pub mod smtp;
mod stream;

pub use connection::{Connection, Error, WriteFailure};
pub use mail_wire as wire;
pub use stream::Stream;
pub use tokio_rustls::rustls;
