//! The transition table. It does not know whose side it is on: a server asks it what may be answered, a client
//! what may be said.
#[cfg(test)]
mod tests;

use crate::Command;
use core::fmt;

/// Where a session stands ([RFC 9051 §3](https://www.rfc-editor.org/rfc/rfc9051#section-3)).
///
/// ```text
///  Greeting ──OK──► NotAuthenticated ◄──────────────── upgraded ──────────────── Upgrading
///   │   │            │   ▲    │  └─ STARTTLS OK ──────────────────────────────────────▲
///   │ PREAUTH        │   │    └─ AUTHENTICATE + ──► Authenticating ◄─┐ response +
///  BYE  │            │   └──────── NO, BAD ─────────────┘   │   └─────┘
///   │   │        LOGIN OK                                  │ OK
///   │   │   AUTHENTICATE OK                                │
///   │   └──────────► Authenticated ◄───────────────────────┘
///   │                  │  ▲   │  ▲
///   ▼        SELECT OK │  │   │  │ OK to DONE
/// Closed   EXAMINE OK  │  │   └──┴── IDLE + ──► Idling
///                      ▼  │ CLOSE OK, UNSELECT OK, SELECT NO, EXAMINE NO
///                    Selected ── IDLE + ──► Idling ── OK to DONE ──► Selected
/// ```
///
/// LOGOUT leads to LoggingOut from anywhere a command may stand, its OK to Closed; BYE leads to Closed from anywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum State {
    /// The server has not greeted yet.
    #[default]
    Greeting,
    /// Nobody has logged in.
    NotAuthenticated,
    /// A SASL exchange is under way.
    Authenticating,
    /// STARTTLS has been agreed on; not an octet may be said before the transport is upgraded.
    Upgrading,
    /// The client has logged in; no mailbox is selected.
    Authenticated,
    /// A mailbox is selected.
    Selected(Access),
    /// The client idles, with this mailbox selected or with none.
    Idling(Option<Access>),
    /// LOGOUT has been said.
    LoggingOut,
    /// The session is over.
    Closed,
}

/// What may be done with a selected mailbox.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Access {
    /// It may be changed.
    ReadWrite,
    /// It may only be read: by EXAMINE, or because the server says so.
    ReadOnly,
}

/// What moves a session: the commands, and what is none but moves it all the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Verb {
    /// The greeting.
    Greet,
    /// CAPABILITY
    Capability,
    /// NOOP
    Noop,
    /// ID
    Id,
    /// LOGOUT
    Logout,
    /// STARTTLS
    StartTls,
    /// The transport has been upgraded.
    Upgraded,
    /// AUTHENTICATE
    Authenticate,
    /// A response to a challenge.
    Respond,
    /// LOGIN
    Login,
    /// COMPRESS
    Compress,
    /// ENABLE
    Enable,
    /// SELECT
    Select,
    /// EXAMINE
    Examine,
    /// CREATE
    Create,
    /// DELETE
    Delete,
    /// RENAME
    Rename,
    /// SUBSCRIBE
    Subscribe,
    /// UNSUBSCRIBE
    Unsubscribe,
    /// LIST
    List,
    /// LSUB
    Lsub,
    /// NAMESPACE
    Namespace,
    /// STATUS
    Status,
    /// APPEND
    Append,
    /// IDLE
    Idle,
    /// DONE, which ends IDLE.
    Done,
    /// CHECK
    Check,
    /// CLOSE
    Close,
    /// UNSELECT
    Unselect,
    /// EXPUNGE, UID EXPUNGE
    Expunge,
    /// SEARCH, UID SEARCH
    Search,
    /// FETCH, UID FETCH
    Fetch,
    /// STORE, UID STORE
    Store,
    /// COPY, UID COPY
    Copy,
    /// MOVE, UID MOVE
    Move,
    /// A command that has no variant.
    Other,
}

/// What has become of a verb.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Outcome {
    /// It is said, and not answered.
    Said,
    /// `+`: the client may go on.
    Continue,
    /// `OK`
    Ok,
    /// `OK`, and this mailbox is selected.
    Opened(Access),
    /// `PREAUTH`
    PreAuth,
    /// `NO`: it could not be done.
    No,
    /// `BAD`: it was not even tried.
    Bad,
    /// `BYE`
    Bye,
}

/// Why a command may not stand where it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// It needs a login.
    #[error("log in first")]
    NotAuthenticated,
    /// It may stand before the login alone.
    #[error("already logged in")]
    AlreadyAuthenticated,
    /// It needs a mailbox.
    #[error("no mailbox is selected")]
    NoMailbox,
    /// It may stand before a mailbox is selected alone.
    #[error("a mailbox is selected")]
    MailboxSelected,
    /// It would change a mailbox that may only be read.
    #[error("the mailbox is read-only")]
    ReadOnly,
    /// No command may stand here, or not this one.
    #[error("out of sequence")]
    OutOfSequence,
}

impl State {
    /// The state after `verb` with this outcome.
    #[expect(clippy::match_same_arms, reason = "a table has a row for each thing that may happen")]
    pub(crate) fn after(self, verb: Verb, outcome: Outcome) -> Result<Self, Refusal> {
        use {Access::ReadWrite, Outcome as O, State::*, Verb::*};
        Ok(match (self, verb, outcome) {
            // rule rfc3501 7.1.5 bye-closes: BYE ends a session wherever it stands
            (_, _, O::Bye) => Closed,
            (Greeting, Greet, O::Said) => Greeting,
            // rule rfc3501 7.1.1 greeting-ok: behind an OK greeting the client has to log in
            (Greeting, Greet, O::Ok) => NotAuthenticated,
            // rule rfc3501 7.1.4 greeting-preauth: behind PREAUTH no login is needed
            (Greeting, Greet, O::PreAuth) => Authenticated,

            // rule rfc3501 6.1 any-state: CAPABILITY, NOOP and the like may be said before the login and behind it
            (
                NotAuthenticated | Authenticated | Selected(_),
                Capability | Noop | Id | Compress | Other,
                O::Said | O::Ok | O::No | O::Bad,
            ) => self,
            // rule rfc3501 3.4 logout-state: LOGOUT leads to the logout state from any other
            (NotAuthenticated | Authenticated | Selected(_), Logout, O::Said) => LoggingOut,
            // rule rfc3501 3.4 closed-behind-logout: the session is over when LOGOUT is answered
            (LoggingOut, Logout, O::Ok | O::No) => Closed,

            // rule rfc3501 6.2 before-login: STARTTLS, LOGIN and AUTHENTICATE stand before the login
            (NotAuthenticated, StartTls | Login | Authenticate, O::Said | O::No | O::Bad) => NotAuthenticated,
            // rule rfc3501 6.2.1 nothing-but-tls: behind the OK to STARTTLS no command stands before TLS is there
            (NotAuthenticated, StartTls, O::Ok) => Upgrading,
            // rule rfc3501 6.2.1 still-not-authenticated: TLS alone logs nobody in
            (Upgrading, Upgraded, O::Ok) => NotAuthenticated,
            // rule rfc3501 3.2 logged-in: a login that succeeds leads to the authenticated state
            (NotAuthenticated, Login | Authenticate, O::Ok) => Authenticated,
            // rule rfc3501 6.2.2 exchange-state: a challenge begins an exchange, in which no command stands
            (NotAuthenticated, Authenticate, O::Continue) => Authenticating,
            (Authenticating, Respond, O::Said | O::Continue) => Authenticating,
            // rule rfc3501 6.2.2 exchange-succeeds: an exchange that succeeds logs in
            (Authenticating, Respond, O::Ok) => Authenticated,
            // rule rfc3501 6.2.2 exchange-fails: behind one that fails the client may try again
            (Authenticating, Respond, O::No | O::Bad) => NotAuthenticated,

            // rule rfc5161 3.1 before-select: ENABLE stands behind the login, and before a mailbox is selected
            (Authenticated, Enable, O::Said | O::Ok | O::No | O::Bad) => Authenticated,
            // rule rfc3501 6.3 authenticated-commands: commands about mailboxes stand anywhere behind the login
            (
                Authenticated | Selected(_),
                Create | Delete | Rename | Subscribe | Unsubscribe | List | Lsub | Namespace | Status
                | Append,
                O::Said | O::Ok | O::No | O::Bad,
            ) => self,

            // What was selected is not any more, whether this succeeds or not.
            // rule rfc3501 6.3.1 deselects-first: SELECT deselects before it tries: a failure leaves no mailbox
            (Authenticated | Selected(_), Select | Examine, O::Said | O::No) => Authenticated,
            // rule rfc3501 3.3 selected-state: a mailbox is selected when SELECT has succeeded
            (Authenticated | Selected(_), Select | Examine, O::Opened(access)) => Selected(access),
            (Authenticated | Selected(_), Select | Examine, O::Bad) => self,

            // rule rfc3501 6.4 selected-commands: commands about messages stand where a mailbox is selected
            (Selected(_), Check | Search | Fetch | Copy, O::Said | O::Ok | O::No | O::Bad) => self,
            (Selected(ReadWrite), Expunge | Store | Move, O::Said) => self,
            (Selected(_), Expunge | Store | Move, O::Ok | O::No | O::Bad) => self,
            (Selected(_), Close | Unselect, O::Said | O::No | O::Bad) => self,
            // rule rfc3501 6.4.2 close-deselects: behind CLOSE no mailbox is selected
            // rule rfc3691 2 unselect-deselects: behind UNSELECT no mailbox is selected
            (Selected(_), Close | Unselect, O::Ok) => Authenticated,

            // rule rfc2177 4 idle-states: IDLE stands with a mailbox selected and without
            (Authenticated | Selected(_), Idle, O::Said | O::Ok | O::No | O::Bad) => self,
            (Authenticated, Idle, O::Continue) => Idling(None),
            // rule rfc2177 3 nothing-but-done: while the client idles no command stands
            (Selected(access), Idle, O::Continue) => Idling(Some(access)),
            (Idling(_), Done, O::Said) => self,
            (Idling(None), Done, O::Ok | O::No | O::Bad) => Authenticated,
            // rule rfc2177 3 commands-again: behind the answer to IDLE commands stand as before
            (Idling(Some(access)), Done, O::Ok | O::No | O::Bad) => Selected(access),

            (state, verb, _) => return Err(state.refusal(verb)),
        })
    }

    /// May `verb` be said here?
    ///
    /// # Errors
    /// It may not, and why.
    pub fn permits(self, verb: Verb) -> Result<(), Refusal> {
        self.after(verb, Outcome::Said).map(|_| ())
    }

    /// What may be done with the selected mailbox; `None` where none is selected.
    pub fn selected(self) -> Option<Access> {
        match self {
            Self::Selected(access) => Some(access),
            Self::Idling(access) => access,
            _ => None,
        }
    }

    /// Has the client logged in, and not logged out?
    pub(crate) fn is_authenticated(self) -> bool {
        matches!(self, Self::Authenticated | Self::Selected(_) | Self::Idling(_))
    }

    /// Why `verb` may not stand here.
    fn refusal(self, verb: Verb) -> Refusal {
        use {State::*, Verb::*};
        match (self, verb) {
            (_, Greet | Upgraded | Respond | Done) => Refusal::OutOfSequence,
            (NotAuthenticated, _) => Refusal::NotAuthenticated,
            (Authenticated | Selected(_), StartTls | Login | Authenticate) => Refusal::AlreadyAuthenticated,
            (Selected(_), Enable) => Refusal::MailboxSelected,
            (Selected(Access::ReadOnly), Expunge | Store | Move) => Refusal::ReadOnly,
            (Authenticated, Check | Close | Unselect | Expunge | Search | Fetch | Store | Copy | Move) => {
                Refusal::NoMailbox
            }
            _ => Refusal::OutOfSequence,
        }
    }
}

impl Verb {
    /// The verb of a command.
    pub fn of(command: &Command) -> Self {
        match command {
            Command::Capability => Self::Capability,
            Command::Noop => Self::Noop,
            Command::Logout => Self::Logout,
            Command::Id(_) => Self::Id,
            Command::StartTls => Self::StartTls,
            Command::Authenticate(_) => Self::Authenticate,
            Command::Login(_) => Self::Login,
            Command::Compress => Self::Compress,
            Command::Enable(_) => Self::Enable,
            Command::Select(_) => Self::Select,
            Command::Examine(_) => Self::Examine,
            Command::Create(_) => Self::Create,
            Command::Delete(_) => Self::Delete,
            Command::Rename(_) => Self::Rename,
            Command::Subscribe(_) => Self::Subscribe,
            Command::Unsubscribe(_) => Self::Unsubscribe,
            Command::List(_) => Self::List,
            Command::Lsub(_) => Self::Lsub,
            Command::Namespace => Self::Namespace,
            Command::Status(_) => Self::Status,
            Command::Append(_) => Self::Append,
            Command::Idle => Self::Idle,
            Command::Check => Self::Check,
            Command::Close => Self::Close,
            Command::Unselect => Self::Unselect,
            Command::Expunge | Command::UidExpunge(_) => Self::Expunge,
            Command::Search(_) => Self::Search,
            Command::Fetch(_) => Self::Fetch,
            Command::Store(_) => Self::Store,
            Command::Copy(_) => Self::Copy,
            Command::Move(_) => Self::Move,
            Command::Other(_) => Self::Other,
        }
    }

    /// The verb of a command of this name, in whatever case.
    pub(crate) fn named(name: &[u8]) -> Self {
        use Verb::*;
        const NAMED: [Verb; 31] = [
            Append,
            Authenticate,
            Capability,
            Check,
            Close,
            Compress,
            Copy,
            Create,
            Delete,
            Enable,
            Examine,
            Expunge,
            Fetch,
            Id,
            Idle,
            List,
            Login,
            Logout,
            Lsub,
            Move,
            Namespace,
            Noop,
            Rename,
            Search,
            Select,
            StartTls,
            Status,
            Store,
            Subscribe,
            Unselect,
            Unsubscribe,
        ];
        NAMED.into_iter().find(|verb| verb.as_str().as_bytes().eq_ignore_ascii_case(name)).unwrap_or(Other)
    }

    /// As it is written; in words where it is no command.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Greet => "the greeting",
            Self::Capability => "CAPABILITY",
            Self::Noop => "NOOP",
            Self::Id => "ID",
            Self::Logout => "LOGOUT",
            Self::StartTls => "STARTTLS",
            Self::Upgraded => "an upgrade",
            Self::Authenticate => "AUTHENTICATE",
            Self::Respond => "a SASL response",
            Self::Login => "LOGIN",
            Self::Compress => "COMPRESS",
            Self::Enable => "ENABLE",
            Self::Select => "SELECT",
            Self::Examine => "EXAMINE",
            Self::Create => "CREATE",
            Self::Delete => "DELETE",
            Self::Rename => "RENAME",
            Self::Subscribe => "SUBSCRIBE",
            Self::Unsubscribe => "UNSUBSCRIBE",
            Self::List => "LIST",
            Self::Lsub => "LSUB",
            Self::Namespace => "NAMESPACE",
            Self::Status => "STATUS",
            Self::Append => "APPEND",
            Self::Idle => "IDLE",
            Self::Done => "DONE",
            Self::Check => "CHECK",
            Self::Close => "CLOSE",
            Self::Unselect => "UNSELECT",
            Self::Expunge => "EXPUNGE",
            Self::Search => "SEARCH",
            Self::Fetch => "FETCH",
            Self::Store => "STORE",
            Self::Copy => "COPY",
            Self::Move => "MOVE",
            Self::Other => "a command",
        }
    }
}

impl fmt::Display for Verb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
