//! Sends a message with the workspace's own client machine.
#![expect(dead_code, reason = "`send` does not use its arguments yet")]

use std::net::SocketAddr;
use std::path::PathBuf;

use crate::failure::{Outcome, fail};

/// What the server speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Protocol {
    Smtp,
    Lmtp,
}

/// Whether the connection is upgraded.
#[derive(Clone, Debug)]
pub(crate) enum Tls {
    Never,
    /// STARTTLS, trusting this certificate (PEM) alone. The server's name is `localhost`.
    StartTls(PathBuf),
}

/// A login.
#[derive(Clone, Debug)]
pub(crate) struct Login {
    /// The SASL mechanism, such as `PLAIN`.
    pub(crate) mechanism: &'static str,
    pub(crate) user: String,
    pub(crate) password: String,
}

/// Where to send, and how.
#[derive(Clone, Debug)]
pub(crate) struct Target {
    pub(crate) address: SocketAddr,
    pub(crate) protocol: Protocol,
    pub(crate) tls: Tls,
    pub(crate) login: Option<Login>,
}

/// From whom, to whom.
#[derive(Clone, Debug)]
pub(crate) struct Envelope {
    pub(crate) from: String,
    pub(crate) to: Vec<String>,
}

/// The server's last word on one recipient: its refusal, or the reply to the message.
#[derive(Clone, Debug)]
pub(crate) struct RecipientOutcome {
    pub(crate) recipient: String,
    pub(crate) code: u16,
    pub(crate) text: String,
}

/// Sends one message over a connection of its own. The outcomes stand in the order of the recipients.
pub(crate) fn send(target: &Target, _envelope: &Envelope, _message: &[u8]) -> Outcome<Vec<RecipientOutcome>> {
    fail!("no client machine is connected to {target:?} yet")
}
