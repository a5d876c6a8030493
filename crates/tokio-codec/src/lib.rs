//! Wires the sans-IO machines of this workspace to tokio: sockets, TLS, timers.
//!
//! A [`Connection`] drives one machine on one socket. [`smtp`] opens client connections and sends messages with
//! them, [`imap`] and [`pop3`] open those that read mailboxes. [`codec`] frames whole messages for proxies and tools that keep
//! track of a session themselves.
//!
//! A server that takes messages by SMTP:
//!
//! ```
//! # #[cfg(feature = "smtp")] mod it {
//! use smtp_proto::{ServerConfig, Text, server::{Ack, Delivered, Event, Server}};
//! use tokio::io::{AsyncRead, AsyncWrite};
//! use tokio_codec::Connection;
//!
//! // `io` comes from `TcpListener::accept`, say.
//! pub async fn serve(io: impl AsyncRead + AsyncWrite + Unpin) -> Result<Vec<u8>, Box<dyn std::error::Error>> {
//!     let config = ServerConfig::new(Text::from_static("mx.example.net"));
//!     let mut connection = Connection::new(io, Server::new(config));
//!     let mut message = Vec::new();
//!     while let Some(event) = connection.next().await? {
//!         let server = connection.machine();
//!         match event {
//!             Event::Connect(ask) => server.accept(ask, ())?,
//!             Event::Hello(ask) => server.accept(ask, ())?,
//!             Event::Mail(ask) => server.accept(ask, Ack::default())?,
//!             Event::Rcpt(ask) => server.accept(ask, Ack::default())?,
//!             Event::Data(ask) => server.accept(ask, ())?,
//!             Event::Payload(piece) => message.extend_from_slice(&piece),
//!             Event::Message(ask) => server.accept(ask, Delivered::all(Ack::default()))?,
//!             _ => {}
//!         }
//!     }
//!     Ok(message)
//! }
//! # }
//!
//! # #[cfg(feature = "smtp")]
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! # use tokio::io::AsyncWriteExt;
//! # let (io, mut peer) = tokio::io::duplex(4096);
//! # peer.write_all(b"EHLO c.example.org\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n..dot\r\n.\r\nQUIT\r\n").await?;
//! # assert_eq!(it::serve(io).await?, b".dot\r\n");
//! # Ok(()) }
//! # #[cfg(not(feature = "smtp"))] fn main() {}
//! ```
#[cfg(any(feature = "pop3", feature = "smtp"))]
pub mod codec;
mod connection;
#[cfg(feature = "imap")]
pub mod imap;
#[cfg(all(feature = "sasl", any(feature = "imap", feature = "pop3", feature = "smtp")))]
mod login;
#[cfg(any(feature = "imap", feature = "pop3", feature = "smtp"))]
mod open;
#[cfg(feature = "pop3")]
pub mod pop3;
#[cfg(feature = "smtp")]
pub mod smtp;
mod stream;

pub use connection::{Connection, Error, WriteFailure};
#[cfg(all(feature = "sasl", any(feature = "imap", feature = "pop3", feature = "smtp")))]
pub use login::LoginError;
#[cfg(feature = "sasl")]
pub use mail_sasl as sasl;
pub use mail_wire as wire;
pub use stream::Stream;
pub use tokio_rustls::rustls;
