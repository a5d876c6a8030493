//! The questions of a server session, and what each answer does.
use super::{AuthAnswer, Completion, Rejection, Running, Selected, Server, Task, Welcome};
use crate::{
    Access, Authenticate, Copy, DateTime, Fetch, Flags, List, Login, MailboxName, MessageKind, Numbering,
    OtherCommand, Rename, Search, SequenceSet, Status, Store,
    response::{Code, Namespaces, Untagged},
    state::{Outcome, Verb},
};
use alloc::boxed::Box;
use mail_wire::{Secret, Text, Upgrade};

/// A client that has connected.
#[derive(Debug)]
#[non_exhaustive]
pub struct Connect;

/// STARTTLS.
#[derive(Debug)]
#[non_exhaustive]
pub struct StartTls;

/// A response to a challenge.
#[derive(Debug)]
#[non_exhaustive]
pub struct AuthResponse {
    /// The mechanism's octets.
    pub octets: Secret,
}

/// NAMESPACE.
#[derive(Debug)]
#[non_exhaustive]
pub struct Namespace;

/// SELECT and EXAMINE.
#[derive(Debug)]
#[non_exhaustive]
pub struct Select {
    /// The mailbox to open.
    pub mailbox: MailboxName,
    /// Whether it is to be changed: EXAMINE reads alone.
    pub access: Access,
    /// The mailbox that was selected until now, if one was: it is closed.
    pub closed: Option<Access>,
}

/// CLOSE.
#[derive(Debug)]
#[non_exhaustive]
pub struct Close {
    /// What may be done with the mailbox: in one that is read-only nothing is removed.
    pub access: Access,
}

/// UNSELECT.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unselect;

/// APPEND, up to its message.
#[derive(Debug)]
#[non_exhaustive]
pub struct Append {
    /// The mailbox.
    pub mailbox: MailboxName,
    /// Flags of the message.
    pub flags: Flags,
    /// When it came in; `None` for now.
    pub date: Option<DateTime>,
    /// How it is sent.
    pub kind: MessageKind,
    /// Its octets: at least one.
    pub octets: u64,
}

/// A further message of an APPEND.
#[derive(Debug)]
#[non_exhaustive]
pub struct NextMessage {
    /// Its flags.
    pub flags: Flags,
    /// When it came in; `None` for now.
    pub date: Option<DateTime>,
    /// How it is sent.
    pub kind: MessageKind,
    /// Its octets: at least one.
    pub octets: u64,
}

/// A whole APPEND.
#[derive(Debug)]
#[non_exhaustive]
pub struct AppendEnd {
    /// How many messages came.
    pub messages: u32,
    /// How many octets they have together.
    pub octets: u64,
}

/// IDLE.
#[derive(Debug)]
#[non_exhaustive]
pub struct Idle;

/// NOOP.
#[derive(Debug)]
#[non_exhaustive]
pub struct Noop;

/// CHECK.
#[derive(Debug)]
#[non_exhaustive]
pub struct Check;

/// CREATE.
#[derive(Debug)]
#[non_exhaustive]
pub struct Create {
    /// The mailbox.
    pub mailbox: MailboxName,
}

/// DELETE.
#[derive(Debug)]
#[non_exhaustive]
pub struct Delete {
    /// The mailbox.
    pub mailbox: MailboxName,
}

/// SUBSCRIBE.
#[derive(Debug)]
#[non_exhaustive]
pub struct Subscribe {
    /// The mailbox.
    pub mailbox: MailboxName,
}

/// UNSUBSCRIBE.
#[derive(Debug)]
#[non_exhaustive]
pub struct Unsubscribe {
    /// The mailbox.
    pub mailbox: MailboxName,
}

/// LSUB.
#[derive(Debug)]
#[non_exhaustive]
pub struct Lsub {
    /// Where to begin.
    pub reference: MailboxName,
    /// Which names.
    pub pattern: MailboxName,
}

/// EXPUNGE.
#[derive(Debug)]
#[non_exhaustive]
pub struct Expunge;

/// UID EXPUNGE.
#[derive(Debug)]
#[non_exhaustive]
pub struct UidExpunge {
    /// Which messages alone.
    pub set: SequenceSet,
}

/// MOVE, UID MOVE.
#[derive(Debug)]
#[non_exhaustive]
pub struct Move {
    /// What the numbers are.
    pub numbering: Numbering,
    /// Which messages.
    pub set: SequenceSet,
    /// Into this mailbox.
    pub mailbox: MailboxName,
}

/// A question that a server session asks: what its answer holds, and what accepting it grants.
///
/// Sealed: the requests are those of this module, and commands of this crate.
pub trait Request: Sized + sealed::Sealed {
    /// What accepting needs to know.
    type Answer;
    /// What accepting gives.
    type Grant;
    #[doc(hidden)]
    fn accepted(self, server: &mut Server, answer: Self::Answer, _: sealed::Key) -> Self::Grant;
    #[doc(hidden)]
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.end_asked(rejection.into());
    }
}

/// A command that is worked on for a while: its answer may be much, and come in pieces. Sealed.
pub trait Work: Request<Answer = (), Grant = Running<Self>> {}

pub(super) mod sealed {
    pub trait Sealed {}
    /// Only this crate has one, so that only `accept` and `reject` move a session.
    #[derive(Debug)]
    pub struct Key(pub(in crate::server) ());
}

macro_rules! work {
    ($($request:ty),* $(,)?) => {
        $(
            impl sealed::Sealed for $request {}
            impl Work for $request {}
            impl Request for $request {
                type Answer = ();
                type Grant = Running<Self>;
                fn accepted(self, server: &mut Server, (): (), _: sealed::Key) -> Running<Self> {
                    server.run(self)
                }
            }
        )*
    };
}

work! {
    Noop, Check, Create, Delete, Rename, Subscribe, Unsubscribe, List, Lsub, Status, Expunge, UidExpunge,
    Search, Fetch, Store, Copy, Move, OtherCommand,
}

macro_rules! sealed {
    ($($request:ty),* $(,)?) => {
        $(impl sealed::Sealed for $request {})*
    };
}

sealed! {
    Connect, StartTls, Login, Authenticate, AuthResponse, Namespace, Select, Close, Unselect, Append,
    NextMessage, AppendEnd, Idle,
}

impl Request for Connect {
    type Answer = Welcome;
    type Grant = ();
    fn accepted(self, server: &mut Server, welcome: Welcome, _: sealed::Key) {
        server.greet(welcome);
    }
    /// `* BYE`, and the session is over.
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        // rule rfc3501 7.1.5 rejected-connection: a client that is not welcome is greeted with BYE
        server.bye(rejection);
    }
}

impl Request for StartTls {
    type Answer = ();
    type Grant = Upgrade;
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) -> Upgrade {
        server.end_asked(Completion::ok(Text::from_static("begin TLS negotiation now")));
        server.mark.upgrade()
    }
}

impl Request for Login {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        server.logged_in();
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.end_asked(rejection.into());
        server.count_failed_login();
    }
}

impl Request for Authenticate {
    type Answer = AuthAnswer;
    type Grant = ();
    fn accepted(self, server: &mut Server, answer: AuthAnswer, _: sealed::Key) {
        server.exchange(answer);
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.end_asked(rejection.into());
        server.count_failed_login();
    }
}

impl Request for AuthResponse {
    type Answer = AuthAnswer;
    type Grant = ();
    fn accepted(self, server: &mut Server, answer: AuthAnswer, _: sealed::Key) {
        server.exchange(answer);
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.end_asked(rejection.into());
        server.count_failed_login();
    }
}

impl Request for Namespace {
    type Answer = Namespaces;
    type Grant = ();
    fn accepted(self, server: &mut Server, namespaces: Namespaces, _: sealed::Key) {
        // rule rfc2342 5 namespace-is-told: NAMESPACE is answered with a NAMESPACE response
        server.untagged(Untagged::Namespace(Box::new(namespaces)));
        server.end_asked(Completion::OK);
    }
}

impl Request for Select {
    type Answer = Selected;
    type Grant = ();
    fn accepted(self, server: &mut Server, mailbox: Selected, _: sealed::Key) {
        let mut access = mailbox.access;
        // rule rfc3501 6.3.2 examine-reads: what EXAMINE opens is read-only, whatever may be done with it
        if self.access == Access::ReadOnly {
            access = Access::ReadOnly;
        }
        server.describe(mailbox);
        let mut code = Code::ReadWrite;
        // rule rfc3501 6.3.1 says-read-only: the answer says READ-ONLY where the mailbox may only be read
        if access == Access::ReadOnly {
            code = Code::ReadOnly;
        }
        server.end_asked_with(Completion::OK.with_code(code), Outcome::Opened(access));
    }
}

impl Request for Close {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        server.end_asked(Completion::OK);
    }
}

impl Request for Unselect {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        server.end_asked(Completion::OK);
    }
}

impl Request for Append {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        server.take_message();
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.refuse_message(rejection);
    }
}

impl Request for NextMessage {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        server.take_message();
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.refuse_message(rejection);
    }
}

impl Request for AppendEnd {
    type Answer = Completion;
    type Grant = ();
    fn accepted(self, server: &mut Server, completion: Completion, _: sealed::Key) {
        server.end_asked(completion);
    }
}

impl Request for Idle {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        // rule rfc2177 3 asks-for-done: IDLE is answered with a continuation request
        server.go_on("idling");
        let tag = server.take_asked().tag;
        // rule rfc2177 3 waits-for-done: IDLE goes on until the client says DONE
        server.advance(Verb::Idle, Outcome::Continue);
        server.task = Task::Idling(tag);
    }
}
