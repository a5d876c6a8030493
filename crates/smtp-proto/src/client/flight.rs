//! Commands on their way: what each waits for, and which may share a group.
use super::event::Ticket;
use crate::{Chunk, Command, state::Verb};

/// A command whose reply has not come.
#[derive(Debug, Clone, Copy)]
pub(super) struct InFlight {
    pub(super) ticket: Ticket,
    pub(super) awaits: Awaits,
    /// Where its last octet stands, counted from the session's first one: before that is sent nothing answers it.
    pub(super) last: u64,
}

/// What a reply answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Awaits {
    /// No command: the server speaks first.
    Greeting,
    /// HELO, whose reply offers nothing.
    Helo,
    /// A command of this row of the table.
    Command(Verb),
    /// The message.
    Message,
    /// The message, for this RCPT alone (LMTP).
    Recipient(Ticket),
}

/// The row of the transition table that `command` stands for.
pub(super) fn verb(command: &Command) -> Verb {
    match command {
        Command::Ehlo(_) | Command::Helo(_) | Command::Lhlo(_) => Verb::Hello,
        Command::StartTls => Verb::StartTls,
        Command::Auth(_) => Verb::Auth,
        Command::Mail(_) => Verb::Mail,
        Command::Rcpt(_) => Verb::Rcpt,
        Command::Data => Verb::Data,
        Command::Bdat(bdat) if bdat.chunk == Chunk::More => Verb::Chunk,
        Command::Burl(burl) if burl.chunk() == Chunk::More => Verb::Chunk,
        Command::Bdat(_) | Command::Burl(_) => Verb::LastChunk,
        Command::Rset => Verb::Reset,
        Command::Etrn(_) => Verb::Etrn,
        Command::XClient(_) => Verb::XClient,
        Command::XForward(_) => Verb::XForward,
        Command::Noop(_)
        | Command::Vrfy(_)
        | Command::Expn(_)
        | Command::Help(_)
        | Command::Atrn(_)
        | Command::Other(_) => Verb::Idle,
        Command::Quit => Verb::Quit,
    }
}

/// Must this command be the last of its group ([RFC 2920 §3.1])?
///
/// [RFC 2920 §3.1]: https://www.rfc-editor.org/rfc/rfc2920#section-3.1
pub(super) fn ends_group(awaits: Awaits) -> bool {
    match awaits {
        Awaits::Greeting | Awaits::Helo => true,
        // rule rfc3030 4.2 chunks-share-a-group: a chunk goes before the one in front of it is answered [instead: true]
        Awaits::Command(Verb::Chunk) => false,
        // What comes of the last one decides whether RSET must come first.
        // rule rfc2920 3.1 last-of-group: EHLO, DATA, VRFY, EXPN, QUIT and NOOP end a group [instead: false]
        Awaits::Command(verb) => !matches!(verb, Verb::Mail | Verb::Rcpt | Verb::Reset),
        // The end of data may be followed at once.
        Awaits::Message | Awaits::Recipient(_) => false,
    }
}

impl Awaits {
    /// What the reply to `command` answers.
    pub(super) fn of(command: &Command) -> Self {
        match command {
            Command::Helo(_) => Self::Helo,
            command => Self::Command(verb(command)),
        }
    }

    /// The row of the table.
    pub(super) fn verb(self) -> Option<Verb> {
        match self {
            Self::Helo => Some(Verb::Hello),
            Self::Command(verb) => Some(verb),
            Self::Greeting | Self::Message | Self::Recipient(_) => None,
        }
    }
}

/// Does what this command brings change what may be said behind it?
pub(super) fn is_barrier(verb: Verb) -> bool {
    matches!(verb, Verb::Hello | Verb::StartTls | Verb::Auth | Verb::XClient)
}

/// Does this command end a transaction that failed, or the session?
pub(super) fn is_reset(verb: Verb) -> bool {
    matches!(verb, Verb::Reset | Verb::Hello | Verb::Quit)
}

/// Does this command announce a chunk?
pub(super) fn is_chunk(verb: Verb) -> bool {
    matches!(verb, Verb::Chunk | Verb::LastChunk)
}
