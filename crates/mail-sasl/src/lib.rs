//! SASL mechanisms for SMTP, POP3 and IMAP, for both roles, without I/O.
//!
//! The protocol crates carry the octets of an exchange and do not look into them; here is what the octets mean. The
//! mechanisms are rsasl's: PLAIN, LOGIN, EXTERNAL, ANONYMOUS, XOAUTH2, OAUTHBEARER, SCRAM-SHA-1 and SCRAM-SHA-256, the
//! last two also as `-PLUS`, with channel binding. Around them stands what a mail program needs beside: which
//! mechanism to take, when an initial response fits, keys to store in place of passwords, and answers that do not
//! tell which accounts there are.
//!
//! | room | what stands there |
//! |---|---|
//! | [`Client`], [`Credentials`], [`Policy`], [`Protocol`] | the client's side |
//! | [`Server`], [`ServerConfig`], [`Accounts`], [`Question`], [`Answer`] | the server's side |
//! | [`ScramKeys`], [`enum@Hash`] | what a server keeps of a password |
//! | [`Channel`], [`ChannelBinding`] | the connection, and what ties an exchange to it |
//! | [`certificate_addresses`] | whose a client's certificate is, for EXTERNAL |
//!
//! Both sides of one exchange; between them would be the machines of a protocol, and base64:
//!
//! ```
//! use mail_sasl::{
//!     Accounts, Channel, Client, Credentials, Hash, Mechanism, Policy, Protocol, ScramKeys, Secret, Server,
//!     ServerConfig, Step,
//! };
//!
//! /// One account.
//! struct Ann(ScramKeys);
//! impl Accounts for Ann {
//!     fn keys(&self, name: &str, hash: Hash) -> Option<ScramKeys> {
//!         (name == "ann" && hash == self.0.hash()).then(|| self.0.clone())
//!     }
//! }
//! let password = || Secret::copy_from(b"pencil");
//! let ann = Ann(ScramKeys::from_password(Hash::Sha256, &password(), b"random, 16 octets", 4_096)?);
//!
//! let config = ServerConfig::new(Secret::copy_from(b"32 random octets that stay the same"))
//!     .mechanisms(&[Mechanism::PLAIN, Mechanism::SCRAM_SHA_256]);
//! let channel = Channel::tls();
//! let offered = config.offered(&channel);
//!
//! let credentials = Credentials::password("ann", password())?;
//! let mut client = Client::select(&offered, credentials, &Policy::default(), &channel)?;
//! let mut server = Server::begin(client.mechanism(), &config, &channel)?;
//! assert_eq!(client.mechanism(), Mechanism::SCRAM_SHA_256);
//!
//! let mut response = client.initial(Protocol::Smtp);
//! let identity = loop {
//!     match server.step(response.as_ref().map(Secret::as_bytes), &ann) {
//!         Step::Challenge(challenge) => response = Some(client.step(challenge.as_bytes())?),
//!         Step::Done(identity) => break identity,
//!         Step::Failed(failure) => return Err(failure.into()),
//!     }
//! };
//! client.finish()?;
//! assert_eq!(identity.authentication, "ann");
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # What is not here
//!
//! CRAM-MD5 and other mechanisms that nobody should begin with now. A host that has a mechanism of its own needs no
//! door here: it gives its octets to the machines, as this crate's users do.
//!
//! # Limits
//!
//! A message has at most [`MAX_MESSAGE`] octets in either direction. Passwords and messages are wiped when they are
//! dropped as long as they are here; the buffers inside of rsasl are not.
#![deny(clippy::indexing_slicing, clippy::panic)]

mod binding;
mod certificate;
mod client;
mod credentials;
#[cfg(any(fuzzing, test))]
#[doc(hidden)]
pub mod fuzzing;
mod kind;
mod prepare;
mod scram;
mod server;

pub use binding::{BindingKind, Channel, ChannelBinding};
pub use certificate::certificate_addresses;
pub use client::{Client, ClientError, NoMechanism, NoMechanismReason, Policy, Protocol};
pub use credentials::{Credentials, InvalidCredentials};
pub use mail_wire::{CleartextLogin, Mechanism, Secret, Security, sasl};
pub use prepare::Unprepared;
pub use scram::{Hash, InvalidKeys, MAX_ITERATIONS, MIN_ITERATIONS, ScramKeys};
pub use server::{
    Accounts, Answer, Failure, Identity, NotOffered, Progress, Question, Server, ServerConfig, Step,
};

/// The longest message of an exchange, in octets: what base64 puts on a line of the 12,288 octets of
/// [RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4).
pub const MAX_MESSAGE: usize = 9_213;
