//! What is to be delivered.
use crate::{Mail, Rcpt};
use alloc::vec::Vec;

/// A message to be delivered: its envelope, and what it needs of the server.
///
/// [`Mail`] and [`Rcpt`] hold the parameters as they would be said to a server that offers everything. What they say of
/// the message itself is what it needs:
///
/// - [`with_size`](Mail::with_size): it has so many octets. Said where SIZE is offered, and held against the server's
///   limit.
/// - [`with_body`](Mail::with_body): `EightBitMime` needs 8BITMIME, `BinaryMime` needs BINARYMIME and CHUNKING. It is
///   never converted: where that is not offered, nobody receives it.
/// - [`with_smtputf8`](Mail::with_smtputf8): its header holds UTF-8. An address that is not ASCII asks for SMTPUTF8 by
///   itself.
///
/// ```
/// use smtp_proto::{Body, Mail, Mailbox, Notify, Rcpt, Ret, delivery::Message};
/// let mail = Mail::new(Mailbox::new("ann@example.org")?)
///     .with_size(120)
///     .with_body(Body::EightBitMime)
///     .with_ret(Ret::Headers);
/// let to = ["bob@example.net", "cy@example.net"].map(Mailbox::new);
/// let recipients = to.into_iter().map(|to| Ok(Rcpt::new(to?).with_notify(Notify::FAILURE)));
/// let message = Message::new(mail, recipients.collect::<Result<_, smtp_proto::ParseError>>()?);
/// assert_eq!(message.recipients().len(), 2);
/// # Ok::<(), smtp_proto::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    mail: Mail,
    recipients: Vec<Rcpt>,
    reading: Reading,
}

/// How often a host can read the body of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Reading {
    /// As often as it is asked to: in memory, in a file.
    #[default]
    Again,
    /// Once: it comes from somewhere else. There is one transaction, and who does not fit into it is left over.
    Once,
}

impl Message {
    /// A message whose body can be read again.
    pub fn new(mail: Mail, recipients: Vec<Rcpt>) -> Self {
        Self { mail, recipients, reading: Reading::Again }
    }

    /// Says how often the body can be read.
    #[must_use]
    pub fn with_reading(self, reading: Reading) -> Self {
        Self { reading, ..self }
    }

    /// Says MAIL otherwise.
    #[must_use]
    pub fn with_mail(self, mail: Mail) -> Self {
        Self { mail, ..self }
    }

    /// The sender, and the parameters.
    pub fn mail(&self) -> &Mail {
        &self.mail
    }

    /// Who is to receive it.
    pub fn recipients(&self) -> &[Rcpt] {
        &self.recipients
    }

    /// How often the body can be read.
    pub fn reading(&self) -> Reading {
        self.reading
    }
}
