//! What became of a message.
use crate::{Class, EnhancedClass, EnhancedCode, Extension, Reply, client::SendRefusal};
use alloc::vec::Vec;

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Of each recipient, in the order of the [`Message`](super::Message).
    pub outcomes: Vec<Outcome>,
    /// Extensions that the server does not offer, and whose parameters were left out for that. A relay that leaves out
    /// those of DSN owes the sender a notification of its own
    /// ([RFC 3461 §5.2.2](https://www.rfc-editor.org/rfc/rfc3461#section-5.2.2)).
    pub omitted: Vec<Extension>,
}

/// What became of a message for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The server has taken it over.
    Accepted(Reply),
    /// The server has refused it.
    Refused {
        /// What was refused.
        at: At,
        /// What the server said.
        reply: Reply,
    },
    /// Not all of it was sent, and so the server does not have it.
    Unsent(Unsent),
    /// All of it was sent, and no answer came: it may have been delivered. Sent again, it may come twice
    /// ([RFC 1047](https://www.rfc-editor.org/rfc/rfc1047)).
    Unknown,
}

/// Which part of a transaction was refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum At {
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA.
    Data,
    /// The message, or a chunk of it.
    Message,
}

/// Why a message was not sent to a recipient.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unsent {
    /// The server does not offer what the message, or the recipient's parameters, need.
    #[error("the server does not offer {0}")]
    Needs(Extension),
    /// The recipient's address is not ASCII, and the server does not offer SMTPUTF8.
    #[error("the address is not ASCII, and the server does not offer SMTPUTF8")]
    NonAsciiAddress,
    /// The message is longer than the server takes.
    #[error("the server takes messages of up to {limit} octets")]
    TooLarge {
        /// The server's limit.
        limit: u64,
    },
    /// A command may not be sent.
    #[error(transparent)]
    NotSent(#[from] SendRefusal),
    /// The server takes no further transaction in this session, and says so by LIMITS: deliver in another one.
    #[error("the server takes no more transactions in this session")]
    NoMoreTransactions,
    /// The server takes recipients of no further domain in this session, and says so by LIMITS.
    #[error("the server takes recipients of no more domains in this session")]
    NoMoreDomains,
    /// Another transaction was needed, and the body can be read [once](super::Reading::Once).
    #[error("another transaction is needed, and the body can be read once")]
    ReadOnce,
    /// The session never came to the point where messages can be sent.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// The session ended before the message was sent: with this reply, or without a word.
    #[error("the session ended before the message was sent")]
    SessionOver(Option<Reply>),
}

/// Why a session cannot deliver.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unusable {
    /// The greeting is no 220.
    #[error("the server gives no service: {0}")]
    Greeting(Reply),
    /// EHLO, LHLO or HELO was refused.
    #[error("the server refuses to be greeted: {0}")]
    Hello(Reply),
    /// TLS is required, and STARTTLS was refused.
    #[error("the server refuses TLS: {0}")]
    StartTls(Reply),
    /// TLS is required, and STARTTLS is not offered.
    #[error("the server does not offer TLS")]
    NoTls,
    /// A command may not be sent.
    #[error(transparent)]
    NotSent(#[from] SendRefusal),
}

/// What to do about an outcome.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// Nothing: it was delivered.
    Delivered,
    /// Try again later, or elsewhere.
    Later,
    /// Tell the sender: trying again will not help.
    Never,
    /// Who tries again may deliver it twice, who does not may lose it.
    Unknown,
}

impl Report {
    /// Did all recipients receive it?
    pub fn is_delivered(&self) -> bool {
        self.outcomes.iter().all(|outcome| outcome.verdict() == Verdict::Delivered)
    }
}

impl Outcome {
    /// What to do about it.
    pub fn verdict(&self) -> Verdict {
        match self {
            Self::Accepted(_) => Verdict::Delivered,
            Self::Refused { at, reply } => {
                // rule rfc5321 4.5.3.1.10 delivery-552: 552 to RCPT is temporary [instead: reply.code().class()]
                let class = if *at == At::Rcpt { reply.class_to_rcpt() } else { reply.code().class() };
                // rule rfc5321 4.2.1 delivery-later: 4yz asks to try again [instead: Verdict::Never]
                if class == Class::Transient { Verdict::Later } else { Verdict::Never }
            }
            Self::Unsent(unsent) => unsent.verdict(),
            Self::Unknown => Verdict::Unknown,
        }
    }

    /// The reply of the server, if there is one.
    pub fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Accepted(reply) | Self::Refused { reply, .. } => Some(reply),
            Self::Unsent(unsent) => unsent.reply(),
            Self::Unknown => None,
        }
    }

    /// The enhanced code, for a notification: the server's, or one for what it did not say.
    pub fn enhanced(&self) -> EnhancedCode {
        match self {
            Self::Accepted(reply) | Self::Refused { reply, .. } => of_reply(reply),
            Self::Unsent(unsent) => unsent.enhanced(),
            // 4.4.2, bad connection.
            Self::Unknown => EnhancedCode::transient(4, 2),
        }
    }
}

impl Unsent {
    fn verdict(&self) -> Verdict {
        match self.enhanced().class() {
            EnhancedClass::Permanent => Verdict::Never,
            EnhancedClass::Transient | EnhancedClass::Success => Verdict::Later,
        }
    }

    fn reply(&self) -> Option<&Reply> {
        match self {
            Self::Unusable(
                Unusable::Greeting(reply) | Unusable::Hello(reply) | Unusable::StartTls(reply),
            ) => Some(reply),
            Self::SessionOver(reply) => reply.as_ref(),
            _ => None,
        }
    }

    /// The enhanced code that a notification of it bears.
    pub fn enhanced(&self) -> EnhancedCode {
        match self {
            // 5.6.3, conversion required but not supported.
            Self::Needs(Extension::EightBitMime | Extension::BinaryMime | Extension::Chunking) => {
                EnhancedCode::permanent(6, 3)
            }
            // 5.6.9, a header in UTF-8 cannot be transferred.
            Self::Needs(Extension::SmtpUtf8) => EnhancedCode::permanent(6, 9),
            // 5.7.30, REQUIRETLS support required.
            Self::Needs(Extension::RequireTls) => EnhancedCode::permanent(7, 30),
            // Another session stands elsewhere.
            Self::NotSent(
                SendRefusal::BadSequence(_)
                | SendRefusal::Busy
                | SendRefusal::NeedsReset
                | SendRefusal::Closed,
            ) => EnhancedCode::transient(4, 2),
            // 5.3.3, not capable of selected features.
            Self::Needs(_) | Self::NotSent(_) => EnhancedCode::permanent(3, 3),
            // rule rfc6531 3.2 delivery-address: without SMTPUTF8 such an address is 5.6.7 [instead: EnhancedCode::OK]
            Self::NonAsciiAddress => EnhancedCode::NON_ASCII_ADDRESS,
            Self::TooLarge { .. } => EnhancedCode::MESSAGE_TOO_BIG,
            Self::NoMoreTransactions | Self::NoMoreDomains | Self::ReadOnce => {
                EnhancedCode::TOO_MANY_RECIPIENTS
            }
            // Another host of the domain may do better.
            Self::Unusable(_) => EnhancedCode::transient(4, 0),
            Self::SessionOver(_) => EnhancedCode::transient(4, 2),
        }
    }
}

fn of_reply(reply: &Reply) -> EnhancedCode {
    let class = match reply.code().class() {
        Class::Completion | Class::Intermediate => EnhancedClass::Success,
        Class::Transient => EnhancedClass::Transient,
        Class::Permanent => EnhancedClass::Permanent,
    };
    reply.enhanced().unwrap_or(EnhancedCode::new(class, 0, 0))
}
