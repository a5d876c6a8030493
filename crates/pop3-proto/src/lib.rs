//! POP3.
#![no_std]
#![deny(clippy::indexing_slicing, clippy::panic)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod command;
mod config;
mod deviation;
mod encode;
mod error;
mod grammar;
mod leniency;
mod mechanism;
mod reply;
pub mod server;
mod state;
mod top_lines;

pub use command::{Command, MessageNumber, Name, OtherCommand, Password};
pub use config::{CleartextLogin, Offer, Security, ServerConfig};
pub use deviation::{Deviation, DeviationKind};
pub use error::{
    EntryError, InvalidArgument, InvalidImplementation, InvalidMechanisms, InvalidReply, InvalidUniqueId,
    ProtocolError, Unit,
};
pub use leniency::Leniency;
pub use mechanism::{Mechanism, Mechanisms};
pub use reply::{
    Capability, DropListing, Implementation, OtherCapability, OtherCode, Reply, ReplyText, Response,
    ResponseCode, Retention, ScanListing, Scope, Status, UniqueId, UniqueIdListing,
};
pub use server::Server;
pub use state::State;
pub use top_lines::TopLines;

#[doc(no_inline)]
pub use bytes::{Buf, Bytes, BytesMut};
pub use mail_wire::{
    Ask, FinishError, InvalidText, Machine, Output, ParseError, Patience, Reason, Secret, Stale, Step, Text,
    Then, Transmit, Upgrade, UpgradeError, Upload, WriteError, dot::Outgoing,
};
