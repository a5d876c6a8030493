//! SMTP, submission and LMTP, for both ends of the wire: values, grammar, encoding, and a machine for each role
//! that does no I/O.
//!
//! | room | what stands there |
//! |---|---|
//! | [`Command`], [`Mailbox`], [`MailParameters`] | what a client says |
//! | [`Reply`], [`Capabilities`] | what a server says |
//! | [`State`] | which command may stand where: one table for both roles |
//! | [`server`] | the server's side of a session |
//! | [`client`] | the client's side, command by command |
//! | [`delivery`] | the client's side, message by message |
//! | [`ServerConfig`], [`ClientConfig`] | what is offered, and what a session may cost |
//! | [`Leniency`], [`Deviation`] | what is tolerated, and what was |
//!
//! The caller owns the socket and the input buffer, the machine its state and an output queue. The loop is the
//! same for all machines: call `receive`; answer its event; on [`Step::NeedInput`] write what `transmit` holds and
//! read more. [`server::Server`] and [`client::Client`] each show a session. Values do without a machine:
//!
//! ```
//! use smtp_proto::{Bytes, Command, DeviationKind, Deviations, Leniency};
//!
//! // As some clients say it: with a space that the RFC does not allow.
//! let line = Bytes::from_static(b"MAIL FROM: <ann@example.org> SIZE=1000");
//! assert!(Command::parse(&line, Leniency::STRICT, &mut Deviations::new()).is_err());
//! let mut deviations = Deviations::new();
//! let Command::Mail(mail) = Command::parse(&line, Leniency::LENIENT, &mut deviations)? else { panic!() };
//! assert_eq!(deviations.iter().map(|it| it.kind).collect::<Vec<_>>(), [DeviationKind::SpaceAfterColon]);
//! assert_eq!(mail.parameters().size(), Some(1000));
//!
//! let mut said = Vec::new();
//! Command::Mail(mail).encode(&mut said);
//! assert_eq!(said, b"MAIL FROM:<ann@example.org> SIZE=1000\r\n");
//! # Ok::<(), smtp_proto::CommandError>(())
//! ```
//!
//! With the feature `serde` all values can be written as JSON and the like: [`Text`] and other octets as a string, or as
//! `{"octets":"<base64>"}` where they are not UTF-8; secrets as `"(redacted)"`; nothing can be read back yet.
#![no_std]
#![deny(clippy::indexing_slicing, clippy::panic)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod capabilities;
pub mod client;
mod command;
mod config;
pub mod delivery;
mod deviation;
mod domains;
mod encode;
mod error;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod grammar;
mod leniency;
mod parameters;
mod path;
mod reply;
#[cfg(feature = "serde")]
mod serde;
pub mod server;
mod state;

/// `xtext`: octets of a parameter's value, with `+` and two digits for those that cannot stand there
/// ([RFC 3461 §4](https://www.rfc-editor.org/rfc/rfc3461#section-4)).
pub mod xtext {
    pub use crate::{encode::xtext::encode, grammar::xtext::decode};
}

pub use capabilities::{Capabilities, Extension, Limits, MaxHold};
pub use command::{
    Argument, Atrn, Auth, Bdat, Burl, Chunk, ClientAttributes, Command, Etrn, Mail, OtherCommand, Queues,
    Rcpt, Source, Told,
};
pub use config::{Authentication, Chunking, ClientConfig, Protocol, Requirement, ServerConfig, Timeouts};
pub use deviation::{Deviation, DeviationKind, Deviations};
pub use error::{CommandError, Fault, ProtocolError};
pub use leniency::Leniency;
pub use parameters::{
    Body, ByMode, DateTime, DeliverBy, Hold, MailParameters, Notify, OriginalRecipient, Priority,
    RcptParameters, Ret, Submitter, Tracking, Unsupported, ValidSince,
};
pub use path::{CanonicalMailbox, ClientName, Domain, ForwardPath, Mailbox, Path, ReversePath, SourceRoute};
pub use reply::{
    Class, ClassMismatch, Code, EnhancedClass, EnhancedCode, InvalidCode, Reply, ReplyError, ReplyReader,
};
pub use state::{Identity, Phase, Refusal, State, Verb};

#[doc(no_inline)]
pub use bytes::{Buf, Bytes, BytesMut};
pub use mail_wire::{
    Ask, CleartextLogin, FinishError, Frame, InvalidText, Machine, Mechanism, Offer, Output, ParseError,
    Patience, Reason, Secret, Security, Stale, Step, Text, Then, TlsPolicy, Transmit, Upgrade, UpgradeError,
    Upload, Uploads, WriteError, dot, line, proxy, sasl,
};
