//! IMAP4rev1, sans I/O: values, grammar, encoding, framing, and views of a mailbox. The machines are not there yet.
//!
//! | room | what stands there |
//! |---|---|
//! | [`Command`], [`Tag`] | what a client says |
//! | [`response`] | what a server says |
//! | [`MailboxName`], [`Flags`], [`SequenceSet`], [`Section`], [`DateTime`], [`AString`] | what commands and responses are made of |
//! | [`frame`] | where a command or a response ends, and what it may cost |
//! | [`mailbox`] | message numbers, UIDs, and who has been told what |
//! | [`client::Client`], [`ClientConfig`] | the client machine, how it behaves and what it may cost |
//! | [`Wire`], [`Hold`] | what the peer takes, and where it is written |
//! | [`Dialect`], [`Leniency`], [`Deviation`] | how a connection is read, what is tolerated, and what was |
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
mod grammar;
mod leniency;
pub mod mailbox;
pub mod response;
pub mod server;
mod state;
mod types;

pub use command::{
    Append, AppendMessage, Authenticate, BinarySection, BodySection, Command, Copy, DONE, Enable, Fetch,
    FetchItem, FetchItems, FetchMacro, HeaderKey, List, Login, MessageData, MessageKind, Numbering,
    OtherCommand, OtherFetchItem, Rename, Report, Search, SearchKey, SearchReturn, Seen, Status, Store,
    StoreAction, Tail, parse_done,
};
pub use config::{Bodies, ClientConfig, ServerConfig, Timeouts, TlsPolicy};
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
    Reason, Secret, Security, Stale, Step, Text, Then, Transmit, Upgrade, UpgradeError, Upload, Uploads,
    WriteError, sasl,
};
