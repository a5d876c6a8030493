//! POP3, sans I/O: a machine for each side, and the values, grammar and encoding of both.
//!
//! A machine takes octets and gives events; it does no I/O, reads no clock and draws no randomness. So it runs
//! under any runtime or none, and a whole session fits a test:
//!
//! ```
//! use pop3_proto::{
//!     Buf, Bytes, BytesMut, CleartextLogin, DropListing, ScanListing, MessageNumber, ServerConfig, Step,
//!     server::{Server, Event, Rejection},
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let message = Bytes::from_static(b"Subject: hi\r\n\r\n.\r\n");
//! let mut config = ServerConfig::default();
//! config.cleartext = CleartextLogin::Allow; // Not on a network: see `stls` and `security`.
//! let mut server = Server::new(config);
//!
//! // What a client says; a driver reads it from a socket.
//! let said = b"USER mrose\r\nPASS tan staaf\r\nLIST\r\nRETR 1\r\nDELE 1\r\nRETR 1\r\nQUIT\r\n";
//! let mut input = BytesMut::from(&said[..]);
//! let mut heard = Vec::new();
//! // What the machine says; a driver writes it to the socket, before it reads and when the queue is full.
//! let mut flush = |server: &mut Server| {
//!     let transmit = server.transmit();
//!     heard.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
//! };
//! let mut removed = Vec::new();
//! loop {
//!     match server.receive(&mut input)? {
//!         Step::Event(Event::Connect(ask)) => server.accept(ask, ())?,
//!         Step::Event(Event::Login(ask)) => {
//!             if ask.name.as_bytes() == b"mrose" && ask.password.as_bytes() == b"tan staaf" {
//!                 server.accept(ask, DropListing { messages: 1, octets: message.len() as u64 })?;
//!             } else {
//!                 server.reject(ask, Rejection::AUTHENTICATION_FAILED)?;
//!             }
//!         }
//!         Step::Event(Event::ListAll(ask)) => {
//!             let mut listing = server.accept(ask, ())?;
//!             let octets = message.len() as u64;
//!             for message in (1..=1).filter_map(MessageNumber::new) {
//!                 // In a long listing this fails with `Blocked` now and then: flush, and go on.
//!                 server.entry(&mut listing, &ScanListing { message, octets })?;
//!             }
//!             server.finish_listing(listing)?;
//!         }
//!         Step::Event(Event::Retr(ask)) => {
//!             let mut upload = server.accept(ask, message.len() as u64)?;
//!             server.write(&mut upload, message.clone())?; // This may be `Blocked` too.
//!             server.finish(upload)?;
//!         }
//!         Step::Event(Event::Dele(ask)) => server.accept(ask, message.len() as u64)?,
//!         Step::Event(Event::Quit(ask)) => {
//!             removed.extend(ask.deleted.iter());
//!             server.accept(ask, ())?;
//!         }
//!         // What a host drops unanswered ends the session with `-ERR [SYS/TEMP]`.
//!         Step::Event(_) => {}
//!         Step::NeedFlush => flush(&mut server),
//!         Step::NeedInput { .. } | Step::NeedAnswer | Step::Closed => break,
//!     }
//! }
//! flush(&mut server);
//! assert_eq!(removed, MessageNumber::new(1).as_slice());
//! assert_eq!(
//!     String::from_utf8(heard)?,
//!     "+OK POP3 server ready\r\n\
//!      +OK send PASS\r\n\
//!      +OK maildrop has 1 message (18 octets)\r\n\
//!      +OK 1 message (18 octets)\r\n1 18\r\n.\r\n\
//!      +OK 18 octets\r\nSubject: hi\r\n\r\n..\r\n.\r\n\
//!      +OK message 1 deleted\r\n\
//!      -ERR message 1 already deleted\r\n\
//!      +OK goodbye\r\n"
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # What the server does by itself
//!
//! It greets, keeps the [state](State), answers CAPA, STAT, NOOP, USER, UTF8 and LANG, refuses what is out of order or
//! not on offer, checks that messages exist, keeps the marks of DELE and takes them back at RSET. What is left to the
//! host is what only a host can know: who may log in, and what the messages hold. Nothing is ever removed but
//! by [`Event::Quit`](server::Event::Quit): a session that ends otherwise, however it ends, asks for nothing.
//!
//! # Rooms
//!
//! | what | where |
//! |---|---|
//! | what a client says | [`Command`], [`MessageNumber`], [`Name`], [`Password`], [`Mechanism`], [`Digest`], [`LanguageRange`] |
//! | what a server says | [`Reply`], [`ResponseCode`], [`Capability`], [`DropListing`], [`ScanListing`], [`UniqueIdListing`], [`Language`], [`Timestamp`] |
//! | the server's machine | [`server`], [`ServerConfig`] |
//! | the client's machine | [`client`], [`ClientConfig`], [`TlsPolicy`] |
//! | the first lines of a message | [`TopLines`] |
//! | the transition table and its diagram | [`State`] |
//! | what is tolerated | [`Leniency`], [`Deviation`] |
//!
//! Values that were parsed share the octets of the block they were read in, and keep it alive; `detach` copies
//! just their own. Passwords and SASL octets are copied out and wiped ([`Secret`]); wiping the read block is the
//! caller's.
//!
//! With the feature `serde` all values can be written as JSON and the like: [`Text`] and other octets as a string, or as
//! `{"octets":"<base64>"}` where they are not UTF-8; secrets as `"(redacted)"`; nothing can be read back yet.
//!
//! # RFCs
//!
//! [1939](https://www.rfc-editor.org/rfc/rfc1939) (MD5 for APOP is the host's),
//! [2449](https://www.rfc-editor.org/rfc/rfc2449) (CAPA, response codes, pipelining),
//! [2595](https://www.rfc-editor.org/rfc/rfc2595#section-4) (STLS),
//! [3206](https://www.rfc-editor.org/rfc/rfc3206) (`SYS` and `AUTH` codes),
//! [5034](https://www.rfc-editor.org/rfc/rfc5034) (AUTH),
//! [6856](https://www.rfc-editor.org/rfc/rfc6856) (UTF8, LANG; surrogates for messages that need UTF-8, and SASLprep, are
//! the host's).
#![no_std]
#![deny(clippy::indexing_slicing, clippy::panic)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod apop;
pub mod client;
mod command;
mod config;
mod deviation;
mod encode;
mod error;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod grammar;
mod language;
mod leniency;
mod mechanism;
mod name;
mod reply;
pub mod server;
mod state;
mod top_lines;

pub use apop::{Digest, Timestamp};
pub use command::{Command, MessageNumber, OtherCommand, Password};
pub use config::{ClientConfig, InitialResponse, ServerConfig};
pub use deviation::{Deviation, DeviationKind};
pub use error::{
    EntryError, InvalidArgument, InvalidDigest, InvalidImplementation, InvalidLanguage, InvalidMechanisms,
    InvalidReply, InvalidTimestamp, InvalidUniqueId, ProtocolError, Unit,
};
pub use language::{Language, LanguageRange, LanguageTag};
pub use leniency::Leniency;
pub use mechanism::Mechanisms;
pub use name::Name;
pub use reply::{
    Capability, Charset, DropListing, Implementation, OtherCapability, OtherCode, Reply, ReplyText, Response,
    ResponseCode, Retention, ScanListing, Scope, Status, UniqueId, UniqueIdListing,
};
pub use state::State;
pub use top_lines::TopLines;

#[doc(no_inline)]
pub use bytes::{Buf, Bytes, BytesMut};
pub use mail_wire::{
    Ask, CleartextLogin, FinishError, InvalidText, Machine, Mechanism, Offer, Output, ParseError, Patience,
    Reason, Secret, Security, Stale, Step, Text, Then, TlsPolicy, Transmit, Upgrade, UpgradeError, Upload,
    Uploads, WriteError, dot, dot::Outgoing, line, proxy, sasl,
};
