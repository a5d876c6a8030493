//! What SMTP, POP3 and IMAP share on the wire, and nothing else: there is no protocol verb in this crate.
//!
//! Users of a protocol crate never name this one: `smtp-proto`, `pop3-proto` and `imap-proto` re-export what
//! they show of it. It is a crate of its own because the three need the same security-critical code (line
//! endings, end of data, upgrades, answer-once tokens), and copies drift.
//!
//! | room | what stands there |
//! |---|---|
//! | [`step`](Step), [`Machine`], [`Patience`], [`Reason`] | the shape that all machines have |
//! | [`Ask`], [`Stale`], [`Upgrade`], [`Upload`] | tokens of a session, each good for one use |
//! | [`Transmit`], [`Outbox`], [`Output`] | what waits to be written to the peer |
//! | [`line`](mod@line) | finds lines: linear, resumable, limited |
//! | [`dot`] | end of data: un-stuffing and stuffing |
//! | [`Counted`] | payload whose length was told before |
//! | [`proxy`] | who stands behind a load balancer |
//! | [`span`], [`Frame`], [`Place`], [`Text`], [`Secret`] | input and leaves of the grammars |
//! | [`sasl`], [`Mechanism`] | base64 framing of opaque SASL octets |
//! | [`Security`], [`TlsPolicy`], [`Offer`], [`CleartextLogin`] | what all configurations say alike |
//! | `octets` | how `serde` writes values: with the feature of that name |
//! | [`class`] | one table of ASCII character classes |
#![no_std]
#![deny(clippy::indexing_slicing, clippy::panic)]

extern crate alloc;
#[cfg(any(feature = "std", test))]
extern crate std;

mod ask;
pub mod class;
mod counted;
pub mod dot;
mod frame;
#[cfg(any(fuzzing, test, feature = "fuzzing"))]
#[doc(hidden)]
pub mod fuzzing;
pub mod line;
mod machine;
mod mechanism;
#[cfg(feature = "serde")]
pub mod octets;
mod output;
mod place;
mod policy;
pub mod proxy;
pub mod sasl;
mod secret;
pub mod span;
mod text;
mod transmit;
mod upload;
pub mod word;

pub use ask::{Ask, Mark, Stale, Upgrade};
pub use counted::Counted;
pub use frame::Frame;
#[doc(hidden)]
pub use machine::sealed;
pub use machine::{Machine, Patience, Reason, Step, Then, UpgradeError, Uploads};
pub use mechanism::Mechanism;
pub use output::Output;
pub use place::Place;
pub use policy::{CleartextLogin, Offer, Security, TlsPolicy};
pub use secret::Secret;
pub use span::ParseError;
pub use text::{InvalidText, Text};
pub use transmit::{Outbox, Transmit};
pub use upload::{FinishError, Upload, WriteError};
