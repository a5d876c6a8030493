//! What a client says.
mod append;
mod fetch;
mod message;
mod other;
mod search;
mod session;

pub use append::{Append, AppendMessage, MessageData, MessageKind, Tail};
pub use fetch::{BinarySection, BodySection, Fetch, FetchItem, FetchItems, FetchMacro, OtherFetchItem, Seen};
pub use message::{Copy, Numbering, Report, Store, StoreAction};
pub use other::OtherCommand;
pub use search::{HeaderKey, Search, SearchKey, SearchReturn};
pub use session::{Authenticate, Enable, List, Login, Rename, Status};

use crate::{
    CommandError, Deviations, Dialect, IdFields, MailboxName, SequenceSet, Tag,
    grammar::{self, Tolerance},
};
use alloc::boxed::Box;
use bytes::Bytes;
use mail_wire::{ParseError, span};

/// A command: one value is always exactly one command on the wire.
///
/// ```
/// use imap_proto::{Command, Deviations, Dialect, Tag, Wire};
/// let unit = bytes::Bytes::from_static(b"a1 UID FETCH 1:* (UID FLAGS)");
/// let (tag, command) = Command::parse(&unit, &Dialect::default(), &mut Deviations::new())?;
/// assert_eq!(tag, Tag::new("a1")?);
///
/// let mut out = Vec::new();
/// command.encode(&tag, &Wire::new(), &mut out);
/// assert_eq!(out, b"a1 UID FETCH 1:* (UID FLAGS)\r\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Command {
    /// `CAPABILITY`: asks what the server can do ([RFC 9051 §6.1.1](https://www.rfc-editor.org/rfc/rfc9051#section-6.1.1)).
    Capability,
    /// `NOOP`: does nothing, but lets the server tell what is new ([RFC 9051 §6.1.2](https://www.rfc-editor.org/rfc/rfc9051#section-6.1.2)).
    Noop,
    /// `LOGOUT` ([RFC 9051 §6.1.3](https://www.rfc-editor.org/rfc/rfc9051#section-6.1.3)).
    Logout,
    /// `ID`: tells who the client is ([RFC 2971](https://www.rfc-editor.org/rfc/rfc2971)).
    Id(IdFields),
    /// `STARTTLS` ([RFC 9051 §6.2.1](https://www.rfc-editor.org/rfc/rfc9051#section-6.2.1)).
    StartTls,
    /// `AUTHENTICATE`: begins a SASL exchange ([RFC 9051 §6.2.2](https://www.rfc-editor.org/rfc/rfc9051#section-6.2.2)).
    Authenticate(Authenticate),
    /// `LOGIN`: name and password in clear ([RFC 9051 §6.2.3](https://www.rfc-editor.org/rfc/rfc9051#section-6.2.3)).
    Login(Login),
    /// `COMPRESS DEFLATE` ([RFC 4978](https://www.rfc-editor.org/rfc/rfc4978)).
    Compress,
    /// `ENABLE`: agrees upon extensions ([RFC 5161](https://www.rfc-editor.org/rfc/rfc5161)).
    Enable(Enable),
    /// `SELECT`: opens a mailbox ([RFC 9051 §6.3.2](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.2)).
    Select(MailboxName),
    /// `EXAMINE`: opens a mailbox to be read alone ([RFC 9051 §6.3.3](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.3)).
    Examine(MailboxName),
    /// `CREATE` ([RFC 9051 §6.3.4](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.4)).
    Create(MailboxName),
    /// `DELETE` ([RFC 9051 §6.3.5](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.5)).
    Delete(MailboxName),
    /// `RENAME` ([RFC 9051 §6.3.6](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.6)).
    Rename(Rename),
    /// `SUBSCRIBE` ([RFC 9051 §6.3.7](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.7)).
    Subscribe(MailboxName),
    /// `UNSUBSCRIBE` ([RFC 9051 §6.3.8](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.8)).
    Unsubscribe(MailboxName),
    /// `LIST`: asks which mailboxes there are ([RFC 9051 §6.3.9](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.9)).
    List(List),
    /// `LSUB`: asks which are subscribed to ([RFC 3501 §6.3.9](https://www.rfc-editor.org/rfc/rfc3501#section-6.3.9)).
    Lsub(List),
    /// `NAMESPACE` ([RFC 2342](https://www.rfc-editor.org/rfc/rfc2342)).
    Namespace,
    /// `STATUS`: asks about a mailbox without opening it ([RFC 9051 §6.3.11](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.11)).
    Status(Status),
    /// `APPEND`: puts messages into a mailbox ([RFC 9051 §6.3.12](https://www.rfc-editor.org/rfc/rfc9051#section-6.3.12)).
    Append(Box<Append>),
    /// `IDLE`: lets the server tell what is new, until [`DONE`] ([RFC 2177](https://www.rfc-editor.org/rfc/rfc2177)).
    Idle,
    /// `CHECK` ([RFC 3501 §6.4.1](https://www.rfc-editor.org/rfc/rfc3501#section-6.4.1)).
    Check,
    /// `CLOSE`: expunges, and closes the mailbox ([RFC 9051 §6.4.1](https://www.rfc-editor.org/rfc/rfc9051#section-6.4.1)).
    Close,
    /// `UNSELECT`: closes the mailbox ([RFC 3691](https://www.rfc-editor.org/rfc/rfc3691)).
    Unselect,
    /// `EXPUNGE`: removes what is `\Deleted` ([RFC 9051 §6.4.3](https://www.rfc-editor.org/rfc/rfc9051#section-6.4.3)).
    Expunge,
    /// `UID EXPUNGE`: of these UIDs alone ([RFC 4315 §2.1](https://www.rfc-editor.org/rfc/rfc4315#section-2.1)).
    UidExpunge(SequenceSet),
    /// `SEARCH` ([RFC 9051 §6.4.4](https://www.rfc-editor.org/rfc/rfc9051#section-6.4.4)).
    Search(Box<Search>),
    /// `FETCH` ([RFC 9051 §6.4.5](https://www.rfc-editor.org/rfc/rfc9051#section-6.4.5)).
    Fetch(Fetch),
    /// `STORE`: changes flags ([RFC 9051 §6.4.6](https://www.rfc-editor.org/rfc/rfc9051#section-6.4.6)).
    Store(Store),
    /// `COPY` ([RFC 9051 §6.4.7](https://www.rfc-editor.org/rfc/rfc9051#section-6.4.7)).
    Copy(Copy),
    /// `MOVE` ([RFC 6851](https://www.rfc-editor.org/rfc/rfc6851)).
    Move(Copy),
    /// Any other.
    Other(OtherCommand),
}

/// What ends an IDLE, its CRLF included ([RFC 2177 §3](https://www.rfc-editor.org/rfc/rfc2177#section-3)).
pub const DONE: &[u8] = b"DONE\r\n";

impl Command {
    /// Reads a whole command: its line with the literals in place, without its last CRLF.
    ///
    /// What `dialect` tolerated is added to `deviations`, also where the command is refused for another reason.
    ///
    /// # Errors
    /// The unit is no command, or one whose arguments do not follow the grammar.
    pub fn parse(
        unit: &Bytes,
        dialect: &Dialect,
        deviations: &mut Deviations,
    ) -> Result<(Tag, Self), CommandError> {
        Self::read(unit, Tail::End, dialect, deviations)
    }

    fn read(
        unit: &Bytes,
        tail: Tail,
        dialect: &Dialect,
        deviations: &mut Deviations,
    ) -> Result<(Tag, Self), CommandError> {
        let (mut tag, mut tolerance) = (None, Tolerance::new(unit, dialect, deviations));
        let command =
            span::parse_whole(unit, |i| grammar::command::command(i, &mut tag, tail, &mut tolerance));
        let command = match command {
            Ok(command) => command,
            Err(error) => return Err(CommandError { tag, error }),
        };
        match tag {
            Some(tag) => Ok((tag, command)),
            // No rule reads a command without its tag.
            None => {
                let error = ParseError { offset: 0, found: unit.first().copied(), expected: "a tag" };
                Err(CommandError { tag: None, error })
            }
        }
    }
}

/// Reads the line that ends an IDLE, without its CRLF.
///
/// # Errors
/// It is another.
pub fn parse_done(line: &Bytes) -> Result<(), ParseError> {
    span::parse(line, span::letters("DONE", "DONE"))
}
