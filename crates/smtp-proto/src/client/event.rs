//! What a client session tells its host.
use crate::Reply;
use mail_wire::{Secret, Upgrade, Upload};

/// A command's number: what its replies are matched by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Ticket(pub(super) u64);

/// What a client session tells its host.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The server's first word. Anything but 220 ends the session.
    Greeting(Reply),
    /// The reply to a command; to DATA and the last BDAT, what became of the message.
    Reply {
        /// The command.
        ticket: Ticket,
        /// What the server says.
        reply: Reply,
    },
    /// LMTP: what became of the message for one recipient, in the order of the accepted RCPTs.
    Recipient {
        /// The DATA, or the last BDAT.
        ticket: Ticket,
        /// The RCPT.
        recipient: Ticket,
        /// What the server says.
        reply: Reply,
    },
    /// 354 to DATA, or BDAT was sent: the message, or that chunk of it, may be written.
    Upload {
        /// The DATA or BDAT.
        ticket: Ticket,
        /// Where to write it to.
        upload: Upload,
    },
    /// 334 to AUTH: the mechanism waits for [`respond`](crate::client::Client::respond).
    Challenge {
        /// The AUTH.
        ticket: Ticket,
        /// The mechanism's octets.
        challenge: Secret,
    },
    /// 220 to STARTTLS: upgrade the transport, then tell [`upgraded`](crate::client::Client::upgraded).
    Upgrade {
        /// The STARTTLS.
        ticket: Ticket,
        /// The permission.
        upgrade: Upgrade,
    },
    /// A reply that nothing asked for; never credited to a command.
    ///
    /// One of class 5 while a message is written is the server's verdict on it, said early.
    Unsolicited(Reply),
    /// The session ended before this command was sent, or it is a BDAT behind recipients or chunks that were refused,
    /// or stands behind such a BDAT: it had no effect.
    NeverSent(Ticket),
    /// The session ended before this command was answered: whether it had an effect is not known. Of an LMTP
    /// message, the RCPTs are named.
    Unanswered(Ticket),
}
