//! IMAP4rev1, sans I/O: machines for clients and servers, values, grammar, encoding, framing, and views of a mailbox.
//!
//! A machine takes octets and gives events; it does no I/O, reads no clock and draws no randomness. So it runs
//! under any runtime or none, and a whole session fits a test:
//!
//! ```
//! use imap_proto::{
//!     Access, Buf, Bytes, BytesMut, CleartextLogin, Flag, Flags, ServerConfig, Step, Text,
//!     response::{Content, Fetch, FetchItem, Payload, Untagged},
//!     server::{Completion, Event, Rejection, Selected, Server, Welcome},
//! };
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let message = Bytes::from_static(b"Subject: hi\r\n\r\nhello\r\n");
//! let mut config = ServerConfig::default();
//! config.cleartext = CleartextLogin::Allow; // Not on a network: see `starttls` and `security`.
//! config.greeting = Text::from_static("hello");
//! let mut server = Server::new(config);
//!
//! // What a client says; a driver reads it from a socket.
//! let said = b"a LOGIN tim {6+}\r\nsecret\r\nb SELECT INBOX\r\nc FETCH 1 (UID BODY.PEEK[])\r\nd NOOP\r\n\
//!              e APPEND Sent (\\Seen) {3+}\r\nabc\r\nf FETCH\r\ng LOGOUT\r\n";
//! let mut input = BytesMut::from(&said[..]);
//! let mut heard = Vec::new();
//! // What the machine says; a driver writes it to the socket, before it reads and when the queue is full.
//! let mut flush = |server: &mut Server| {
//!     let transmit = server.transmit();
//!     heard.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
//! };
//! let mut appended = Vec::new();
//! loop {
//!     match server.receive(&mut input)? {
//!         Step::Event(Event::Connect(ask)) => server.accept(ask, Welcome::Ok)?,
//!         Step::Event(Event::Login(ask)) => {
//!             if ask.username == "tim" && ask.password.as_bytes() == b"secret" {
//!                 server.accept(ask, ())?;
//!             } else {
//!                 server.reject(ask, Rejection::AUTHENTICATION_FAILED)?;
//!             }
//!         }
//!         Step::Event(Event::Select(ask)) if ask.mailbox.is_inbox() => {
//!             let flags = Flags::from(Flag::Seen);
//!             server.accept(ask, Selected {
//!                 flags: flags.clone(),
//!                 permanent_flags: flags,
//!                 exists: 1,
//!                 recent: 0,
//!                 unseen: None,
//!                 uid_validity: 1,
//!                 uid_next: 8,
//!                 access: Access::ReadWrite,
//!             })?;
//!         }
//!         Step::Event(Event::Select(ask)) => server.reject(ask, Rejection::NON_EXISTENT)?,
//!         Step::Event(Event::Fetch(ask)) => {
//!             // The command is at work from here on; a host may answer other sessions meanwhile.
//!             let running = server.accept(ask, ())?;
//!             let mut content = Content::body("".parse()?, Bytes::new());
//!             content.payload = Payload::Streamed(message.len() as u64);
//!             let items = vec![FetchItem::Uid(7), FetchItem::Content(Box::new(content))];
//!             let mut upload = server.stream(&running, Fetch { number: 1, items })?;
//!             server.write(&mut upload, message.clone())?; // Fails with `Blocked` now and then: flush, and go on.
//!             server.finish(upload)?;
//!             server.complete(running, Completion::OK)?;
//!         }
//!         Step::Event(Event::Noop(ask)) => {
//!             let running = server.accept(ask, ())?;
//!             server.data(&running, Untagged::Exists(2))?;
//!             server.complete(running, Completion::OK)?;
//!         }
//!         // Not an octet of the message has been asked for: whoever may not append is told now.
//!         Step::Event(Event::Append(ask)) => server.accept(ask, ())?,
//!         Step::Event(Event::Payload(octets)) => appended.extend_from_slice(&octets),
//!         Step::Event(Event::AppendEnd(ask)) => server.accept(ask, Completion::OK)?,
//!         // What a host drops unanswered ends the session with `BYE`.
//!         Step::Event(_) => {}
//!         Step::NeedFlush => flush(&mut server),
//!         Step::NeedInput { .. } | Step::NeedAnswer | Step::Closed => break,
//!     }
//! }
//! flush(&mut server);
//! assert_eq!(appended, b"abc");
//! let heard = String::from_utf8(heard)?;
//! let (logins, session) = heard.split_at(heard.find("* 1 EXISTS").unwrap());
//! assert!(logins.starts_with("* OK [CAPABILITY IMAP4rev1 "));
//! assert_eq!(
//!     session,
//!     "* 1 EXISTS\r\n* 0 RECENT\r\n* OK [UIDVALIDITY 1] UIDs valid\r\n* OK [UIDNEXT 8] Predicted next UID\r\n\
//!      * FLAGS (\\Seen)\r\n* OK [PERMANENTFLAGS (\\Seen)] Limited\r\nb OK [READ-WRITE] SELECT completed\r\n\
//!      * 1 FETCH (UID 7 BODY[] {22}\r\nSubject: hi\r\n\r\nhello\r\n)\r\nc OK FETCH completed\r\n\
//!      * 2 EXISTS\r\nd OK NOOP completed\r\n\
//!      e OK APPEND completed\r\n\
//!      f BAD expected a space at octet 7, found the end\r\n\
//!      * BYE logging out\r\ng OK LOGOUT completed\r\n"
//! );
//! # Ok(())
//! # }
//! ```
//!
//! # What the machine does by itself
//!
//! It finds commands, whatever literals they hold, and asks for a literal only if what it belongs to may stand. It
//! keeps the [state](State), answers CAPABILITY, ENABLE, ID and LOGOUT, refuses what is out of order or not on offer,
//! and says by itself what every answer must have. It knows when EXPUNGE may be told
//! ([`Server::expunges`](server::Server::expunges)), and lets none through at another time. Messages stream both ways.
//! What is left to the host is what only a host can know: who may log in, and what the mailboxes hold; [`mailbox`]
//! counts their messages.
//!
//! # Rooms
//!
//! | room | what stands there |
//! |---|---|
//! | [`Command`], [`Tag`] | what a client says |
//! | [`response`] | what a server says |
//! | [`server`], [`ServerConfig`] | the server's machine |
//! | [`State`], [`Verb`], [`Refusal`] | the transition table and its diagram |
//! | [`MailboxName`], [`Flags`], [`SequenceSet`], [`Section`], [`DateTime`], [`AString`] | what commands and responses are made of |
//! | [`frame`] | where a command or a response ends, and what it may cost |
//! | [`mailbox`] | message numbers, UIDs, and who has been told what |
//! | [`client::Client`], [`ClientConfig`] | the client machine, how it behaves and what it may cost |
//! | [`Wire`], [`Hold`] | what the peer takes, and where it is written |
//! | [`Dialect`], [`Leniency`], [`Deviation`] | how a connection is read, what is tolerated, and what was |
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
//! The server's machine: [3501](https://www.rfc-editor.org/rfc/rfc3501) (IMAP4rev1),
//! [2177](https://www.rfc-editor.org/rfc/rfc2177) (IDLE), [2342](https://www.rfc-editor.org/rfc/rfc2342) (NAMESPACE),
//! [2971](https://www.rfc-editor.org/rfc/rfc2971) (ID), [3502](https://www.rfc-editor.org/rfc/rfc3502) (MULTIAPPEND),
//! [3691](https://www.rfc-editor.org/rfc/rfc3691) (UNSELECT), [4315](https://www.rfc-editor.org/rfc/rfc4315) (UIDPLUS),
//! [4959](https://www.rfc-editor.org/rfc/rfc4959) (SASL-IR), [5161](https://www.rfc-editor.org/rfc/rfc5161) (ENABLE),
//! [5530](https://www.rfc-editor.org/rfc/rfc5530) (response codes),
//! [6851](https://www.rfc-editor.org/rfc/rfc6851) (MOVE),
//! [7888](https://www.rfc-editor.org/rfc/rfc7888) (LITERAL+, LITERAL-).
#![no_std]
#![deny(clippy::indexing_slicing, clippy::panic)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

pub mod client;
mod command;
mod config;
mod deviation;
mod dialect;
mod encode;
mod error;
pub mod frame;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod grammar;
mod leniency;
pub mod mailbox;
pub mod response;
#[cfg(feature = "serde")]
mod serde;
pub mod server;
mod state;
mod types;

pub use command::{
    Append, AppendMessage, Authenticate, BinarySection, BodySection, Command, Copy, DONE, Enable, Fetch,
    FetchItem, FetchItems, FetchMacro, HeaderKey, List, Login, MessageData, MessageKind, Numbering,
    OtherCommand, OtherFetchItem, Rename, Report, Search, SearchKey, SearchReturn, Seen, Status, Store,
    StoreAction, Tail, parse_done,
};
pub use config::{Bodies, ClientConfig, ServerConfig, Timeouts};
pub use deviation::{Deviation, DeviationKind, Deviations};
pub use dialect::{Dialect, Encoding};
pub use encode::{Hold, LiteralForm, Wire};
pub use error::{CommandError, ProtocolError, Unfit, Unit};
pub use leniency::Leniency;
pub use state::{Access, Refusal, State, Verb};
pub use types::{
    AString, Address, AddressFields, AddressKind, BodyPart, BodyStructure, Date, DateTime, Disposition,
    Envelope, EnvelopeFields, Flag, Flags, IdFields, InvalidName, InvalidString, Keyword, MailboxName,
    OtherStatusItem, PartFields, PartKind, Partial, Section, SectionText, SeqNumber, SeqRange, SequenceSet,
    StatusItem, StatusItems, Tag,
};

pub use bytes::{Buf, Bytes, BytesMut};
pub use mail_wire::{
    Ask, CleartextLogin, FinishError, InvalidText, Machine, Mechanism, Offer, Output, ParseError, Patience,
    Reason, Secret, Security, Stale, Step, Text, Then, TlsPolicy, Transmit, Upgrade, UpgradeError, Upload,
    Uploads, WriteError, proxy, sasl,
};
