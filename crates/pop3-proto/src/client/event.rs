//! What a client session tells its host.
use crate::{DropListing, Language, Reply, ScanListing, UniqueIdListing};
use alloc::vec::Vec;
use bytes::Bytes;
use mail_wire::{Mechanism, Secret, Upgrade};

/// A command's number: what its reply is matched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub(super) u64);

/// What a client session tells its host.
///
/// A command has its answer with the one event that names its ticket; those that are answered with many lines, LIST
/// and UIDL without a message, LANG without a language, RETR and TOP, have it with [`End`](Event::End).
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The server's first word. `-ERR` ends the session.
    Greeting(Reply),
    /// The reply to a command.
    ///
    /// To CAPA it comes when all is read: see [`capabilities`](crate::client::Client::capabilities). To QUIT after a
    /// login, `+OK` and nothing else says that what was marked has been removed; `-ERR` says that not all was.
    Reply {
        /// The command.
        ticket: Ticket,
        /// What the server says.
        reply: Reply,
    },
    /// `+OK` to LIST or UIDL without a message, to LANG without a language, to RETR or to TOP: lines or payload follow, up to their
    /// [`End`](Event::End).
    Begin {
        /// The command.
        ticket: Ticket,
        /// What the server says.
        reply: Reply,
    },
    /// The reply to STAT.
    DropListing {
        /// The STAT.
        ticket: Ticket,
        /// What the maildrop holds.
        listing: DropListing,
    },
    /// The reply to LIST with a message, or one line of the reply to LIST without.
    ScanListing {
        /// The LIST.
        ticket: Ticket,
        /// A message and its size.
        listing: ScanListing,
    },
    /// The reply to UIDL with a message, or one line of the reply to UIDL without.
    UniqueIdListing {
        /// The UIDL.
        ticket: Ticket,
        /// A message and its unique-id.
        listing: UniqueIdListing,
    },
    /// The reply to LANG with a language, or one line of the reply to LANG without.
    Language {
        /// The LANG.
        ticket: Ticket,
        /// A language, and words in it.
        language: Language,
    },
    /// The reply to AUTH alone.
    Mechanisms {
        /// The AUTH.
        ticket: Ticket,
        /// What the server lists, in its order.
        mechanisms: Vec<Mechanism>,
    },
    /// A piece of a message, unstuffed: a slice of the input. It is of the last command that began.
    Payload(Bytes),
    /// The lines or the message are told in full.
    End(Ticket),
    /// `+ ` to AUTH: the mechanism waits for [`respond`](crate::client::Client::respond).
    Challenge {
        /// The AUTH.
        ticket: Ticket,
        /// The mechanism's octets.
        challenge: Secret,
    },
    /// `+OK` to STLS: upgrade the transport, then tell [`upgraded`](crate::client::Client::upgraded).
    Upgrade {
        /// The STLS.
        ticket: Ticket,
        /// The permission.
        upgrade: Upgrade,
    },
    /// A reply that nothing asked for; never credited to a command. Servers say `-ERR` so before they log out a
    /// client that is idle.
    Unsolicited(Reply),
    /// The session ended before this command was sent: it had no effect.
    NeverSent(Ticket),
    /// The session ended before this command was answered, or answered in full: whether it had an effect is not
    /// known. Of QUIT: whether what was marked has been removed, the next session will show.
    Unanswered(Ticket),
}
