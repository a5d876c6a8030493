//! What a delivering session tells its host.
use super::{Report, Unusable};
use crate::{Reply, client::SendRefusal};
use alloc::boxed::Box;
use mail_wire::{Secret, Upgrade, Upload};

use super::Message;

/// What a delivering session tells its host.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// STARTTLS was agreed on: upgrade the transport, then tell [`upgraded`](super::Delivery::upgraded).
    Upgrade(Upgrade),
    /// Greeted, under TLS where the policy has it: [log in](super::Delivery::login) or
    /// [deliver](super::Delivery::deliver). A message that waits is sent now.
    Ready,
    /// The session cannot deliver, and ends. A message that waits is reported behind this.
    Unusable(Unusable),
    /// The login's mechanism waits for [`respond`](super::Delivery::respond).
    Challenge(Secret),
    /// The login succeeded.
    LoggedIn(Reply),
    /// The login was refused; another one may be tried.
    LoginRefused(Reply),
    /// Write the body from its start, then [finish](super::Delivery::finish). It comes once for each transaction:
    /// again, where one was not enough for all recipients, and not at all where none was accepted.
    Body(Upload),
    /// What became of the message. The session is free for the next one, or over.
    Report(Report),
}

/// A message is not delivered. Nothing has happened; it comes back.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not delivered: {refusal}")]
pub struct DeliverError {
    /// The message.
    pub message: Box<Message>,
    /// `Busy`: something else must end first. `Closed`: the session is over.
    pub refusal: SendRefusal,
}
