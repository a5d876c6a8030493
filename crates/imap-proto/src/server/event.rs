//! What a server session tells its host.
use super::request::{
    Append, AppendEnd, AuthResponse, Check, Close, Connect, Create, Delete, Expunge, Idle, Lsub, Move,
    Namespace, NextMessage, Noop, Select, StartTls, Subscribe, UidExpunge, Unselect, Unsubscribe,
};
use crate::{
    Authenticate, Copy, Fetch, IdFields, List, Login, OtherCommand, Rename, Search, Status, Store,
    response::Capabilities,
};
use bytes::Bytes;
use mail_wire::Ask;

/// What a server session tells its host.
///
/// Commands that may not stand where they stand never come here, nor do CAPABILITY, LOGOUT and what else the session
/// answers itself. What a request holds is cut from the caller's read block, and keeps it alive.
///
/// Most commands, accepted, grant a [`Running`](super::Running): their untagged responses go by
/// [`data`](super::Server::data), and [`complete`](super::Server::complete) ends them.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A client has connected. Answer with a [`Welcome`](super::Welcome).
    Connect(Ask<Connect>),
    /// STARTTLS. Accepted, it grants an [`Upgrade`](crate::Upgrade).
    StartTls(Ask<StartTls>),
    /// LOGIN.
    Login(Ask<Login>),
    /// AUTHENTICATE begins an exchange. Answer with an [`AuthAnswer`](super::AuthAnswer).
    Authenticate(Ask<Authenticate>),
    /// The client's response to a challenge. Answer with an [`AuthAnswer`](super::AuthAnswer).
    AuthResponse(Ask<AuthResponse>),
    /// The exchange is over without a result: the client gave it up or broke it, and is told so.
    AuthCancelled,
    /// ENABLE: this is enabled from now on. It has been answered.
    Enabled(Capabilities),
    /// ID: who the client says that it is. It has been answered.
    ClientId(IdFields),
    /// NAMESPACE. Answer with the [`Namespaces`](crate::response::Namespaces).
    Namespace(Ask<Namespace>),

    /// SELECT or EXAMINE. The mailbox that was selected is closed now, whatever the answer. Answer with what is
    /// [`Selected`](super::Selected).
    Select(Ask<Select>),
    /// CLOSE: remove what is `\Deleted`, unless the mailbox is read-only, and tell nothing of it; then accept.
    Close(Ask<Close>),
    /// UNSELECT: accepted, no mailbox is selected, and nothing was removed.
    Unselect(Ask<Unselect>),

    /// An APPEND has come as far as to its message. Not an octet of it has been asked for: rejected, none that could
    /// wait is sent. Accepted, it comes as [`Payload`](Event::Payload).
    Append(Ask<Append>),
    /// A further message of the same APPEND ([RFC 3502](https://www.rfc-editor.org/rfc/rfc3502)).
    NextMessage(Ask<NextMessage>),
    /// Octets of a message: a slice of what was read.
    Payload(Bytes),
    /// The APPEND is complete. Answer with its [`Completion`](super::Completion); only now may its messages, all or
    /// none, be in the mailbox.
    AppendEnd(Ask<AppendEnd>),
    /// The APPEND was broken behind a message that was accepted: forget its messages. The client is told.
    AppendAborted,

    /// IDLE. Accepted, [`tell`](super::Server::tell) says what is new at once.
    Idle(Ask<Idle>),
    /// IDLE is over, and has been answered.
    IdleEnded,
    /// LOGOUT. It has been answered, and the session is over.
    Logout,

    /// NOOP: tell what is new.
    Noop(Ask<Noop>),
    /// CHECK
    Check(Ask<Check>),
    /// CREATE
    Create(Ask<Create>),
    /// DELETE
    Delete(Ask<Delete>),
    /// RENAME
    Rename(Ask<Rename>),
    /// SUBSCRIBE
    Subscribe(Ask<Subscribe>),
    /// UNSUBSCRIBE
    Unsubscribe(Ask<Unsubscribe>),
    /// LIST
    List(Ask<List>),
    /// LSUB
    Lsub(Ask<Lsub>),
    /// STATUS
    Status(Ask<Status>),
    /// EXPUNGE
    Expunge(Ask<Expunge>),
    /// UID EXPUNGE
    UidExpunge(Ask<UidExpunge>),
    /// SEARCH, UID SEARCH
    Search(Ask<Search>),
    /// FETCH, UID FETCH. Large bodies go by [`stream`](super::Server::stream).
    Fetch(Ask<Fetch>),
    /// STORE, UID STORE
    Store(Ask<Store>),
    /// COPY, UID COPY
    Copy(Ask<Copy>),
    /// MOVE, UID MOVE. [`moved`](super::Server::moved) tells the UIDs of the copies before the EXPUNGEs.
    Move(Ask<Move>),
    /// A command that has no variant, where the configuration lets it through: in whatever
    /// [`state`](super::Server::state), before the login too.
    Other(Ask<OtherCommand>),
}
