//! The questions of a server session, and what each answer does.
use super::{AuthAnswer, Deleted, Listing, Rejection, Server, Size, Task};
use crate::{
    Digest, DropListing, Mechanism, MessageNumber, Name, Password, Reply, ScanListing, Timestamp, UniqueId,
    UniqueIdListing,
    state::{Outcome, Verb},
};
use mail_wire::{Output, Secret, Upgrade, Upload, dot::Outgoing, sasl};

/// A client that has connected.
#[derive(Debug)]
#[non_exhaustive]
pub struct Connect;

/// USER and PASS.
#[derive(Debug)]
#[non_exhaustive]
pub struct Login {
    /// Whose maildrop.
    pub name: Name,
    /// The password.
    pub password: Password,
}

/// APOP. Its digest must be the [MD5 of the timestamp and the secret](crate::Digest).
#[derive(Debug)]
#[non_exhaustive]
pub struct Apop {
    /// Whose maildrop.
    pub name: Name,
    /// That of this session's greeting.
    pub timestamp: Timestamp,
    /// What the client made of it and the secret.
    pub digest: Digest,
}

/// STLS.
#[derive(Debug)]
#[non_exhaustive]
pub struct StartTls;

/// AUTH, which begins an exchange.
#[derive(Debug)]
#[non_exhaustive]
pub struct Auth {
    /// One of the mechanisms on offer.
    pub mechanism: Mechanism,
    /// The initial response; absent is not the same as empty.
    pub initial: Option<Secret>,
}

/// A response to a challenge.
#[derive(Debug)]
#[non_exhaustive]
pub struct AuthResponse {
    /// The mechanism's octets.
    pub octets: Secret,
}

/// LIST with a message.
#[derive(Debug)]
#[non_exhaustive]
pub struct List {
    /// The message.
    pub message: MessageNumber,
}

/// LIST alone.
#[derive(Debug)]
#[non_exhaustive]
pub struct ListAll;

/// UIDL with a message.
#[derive(Debug)]
#[non_exhaustive]
pub struct Uidl {
    /// The message.
    pub message: MessageNumber,
}

/// UIDL alone.
#[derive(Debug)]
#[non_exhaustive]
pub struct UidlAll;

/// RETR.
#[derive(Debug)]
#[non_exhaustive]
pub struct Retr {
    /// The message.
    pub message: MessageNumber,
}

/// TOP.
#[derive(Debug)]
#[non_exhaustive]
pub struct Top {
    /// The message.
    pub message: MessageNumber,
    /// How many lines of its body.
    pub lines: u64,
}

/// DELE.
#[derive(Debug)]
#[non_exhaustive]
pub struct Dele {
    /// The message.
    pub message: MessageNumber,
}

/// QUIT after a login.
#[derive(Debug)]
#[non_exhaustive]
pub struct Quit {
    /// The messages to be removed.
    pub deleted: Deleted,
}

/// A question that a server session asks: what its answer holds, and what accepting it grants.
///
/// Sealed: the requests are those of this module.
pub trait Request: Sized + sealed::Sealed {
    /// What accepting needs to know.
    type Answer;
    /// What accepting gives.
    type Grant;
    #[doc(hidden)]
    fn accepted(self, server: &mut Server, answer: Self::Answer, _: sealed::Key) -> Self::Grant;
    #[doc(hidden)]
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        // rule rfc1939 6 not-removed-told: a QUIT that could not remove all is answered with -ERR
        server.say(&Reply::err(rejection.into_text()));
        server.answered(Self::VERB, Outcome::Err);
    }
}

pub(super) mod sealed {
    use super::Verb;

    pub trait Sealed {
        const VERB: Verb;
    }
    /// Only this crate has one, so that only `accept` and `reject` move a session.
    #[derive(Debug)]
    pub struct Key(pub(in crate::server) ());
}

macro_rules! sealed {
    ($($request:ty => $verb:expr;)*) => {
        $(impl sealed::Sealed for $request { const VERB: Verb = $verb; })*
    };
}

sealed! {
    Connect => Verb::Greet;
    Login => Verb::Pass;
    Apop => Verb::Apop;
    StartTls => Verb::Stls;
    Auth => Verb::Auth;
    AuthResponse => Verb::Respond;
    List => Verb::List;
    ListAll => Verb::List;
    Uidl => Verb::Uidl;
    UidlAll => Verb::Uidl;
    Retr => Verb::Retr;
    Top => Verb::Top;
    Dele => Verb::Dele;
    Quit => Verb::Quit;
}

impl Request for Connect {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        let greeting = server.greeting();
        // rule rfc1939 4 greeting: the server speaks first
        server.say(&Reply::ok(greeting));
        server.answered(Verb::Greet, Outcome::Ok);
    }
}

impl Request for Login {
    type Answer = DropListing;
    type Grant = ();
    fn accepted(self, server: &mut Server, all: DropListing, _: sealed::Key) {
        server.logged_in(Verb::Pass, all);
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.login_failed(Verb::Pass, rejection);
    }
}

impl Request for Apop {
    type Answer = DropListing;
    type Grant = ();
    fn accepted(self, server: &mut Server, all: DropListing, _: sealed::Key) {
        server.logged_in(Verb::Apop, all);
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.login_failed(Verb::Apop, rejection);
    }
}

impl Request for StartTls {
    type Answer = ();
    type Grant = Upgrade;
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) -> Upgrade {
        // rule rfc2595 4 stls-ok: STLS is answered with +OK before TLS begins
        server.ok("begin TLS");
        server.answered(Verb::Stls, Outcome::Ok);
        server.mark.upgrade()
    }
}

impl Request for Auth {
    type Answer = AuthAnswer;
    type Grant = ();
    fn accepted(self, server: &mut Server, answer: AuthAnswer, _: sealed::Key) {
        exchange(server, Verb::Auth, answer);
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.login_failed(Verb::Auth, rejection);
    }
}

impl Request for AuthResponse {
    type Answer = AuthAnswer;
    type Grant = ();
    fn accepted(self, server: &mut Server, answer: AuthAnswer, _: sealed::Key) {
        exchange(server, Verb::Respond, answer);
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.login_failed(Verb::Respond, rejection);
    }
}

fn exchange(server: &mut Server, verb: Verb, answer: AuthAnswer) {
    match answer {
        AuthAnswer::Success(all) => server.logged_in(verb, all),
        AuthAnswer::Challenge(octets) => {
            // rule rfc5034 4 challenge-sign: a challenge begins with a plus and a space
            server.outbox.text(b"+ ");
            // rule rfc5034 4 challenge-base64: a challenge is base64
            sasl::encode(&octets, &mut server.outbox);
            server.outbox.text(b"\r\n");
            server.answered(verb, Outcome::Challenge);
        }
    }
}

impl Request for List {
    type Answer = u64;
    type Grant = ();
    fn accepted(self, server: &mut Server, octets: u64, _: sealed::Key) {
        server.outbox.text(b"+OK ");
        // rule rfc1939 5 list-one: LIST with a message tells its number and its size
        ScanListing { message: self.message, octets }.encode(&mut server.outbox);
        server.answered(Verb::List, Outcome::Ok);
    }
}

impl Request for ListAll {
    type Answer = ();
    type Grant = Listing<ScanListing>;
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) -> Listing<ScanListing> {
        let remaining = Size(server.maildrop.remaining());
        // rule rfc1939 5 list-ok: the listing of LIST follows a reply of +OK
        server.ok(remaining);
        Listing::new(sending(server, Verb::List, Outgoing::Refuse))
    }
}

impl Request for Uidl {
    type Answer = UniqueId;
    type Grant = ();
    fn accepted(self, server: &mut Server, id: UniqueId, _: sealed::Key) {
        server.outbox.text(b"+OK ");
        // rule rfc1939 7 uidl-one: UIDL with a message tells its number and its unique-id
        UniqueIdListing { message: self.message, id }.encode(&mut server.outbox);
        server.answered(Verb::Uidl, Outcome::Ok);
    }
}

impl Request for UidlAll {
    type Answer = ();
    type Grant = Listing<UniqueIdListing>;
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) -> Listing<UniqueIdListing> {
        // rule rfc1939 7 uidl-ok: the listing of UIDL follows a reply of +OK
        server.ok("unique-id listing follows");
        Listing::new(sending(server, Verb::Uidl, Outgoing::Refuse))
    }
}

impl Request for Retr {
    type Answer = u64;
    type Grant = Upload;
    fn accepted(self, server: &mut Server, octets: u64, _: sealed::Key) -> Upload {
        // rule rfc1939 5 retr-ok: a message follows a reply of +OK
        server.ok(format_args!("{octets} octets"));
        sending(server, Verb::Retr, server.config.bare)
    }
}

impl Request for Top {
    type Answer = ();
    type Grant = Upload;
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) -> Upload {
        // rule rfc1939 7 top-ok: the lines of TOP follow a reply of +OK
        server.ok("top of message follows");
        sending(server, Verb::Top, server.config.bare)
    }
}

impl Request for Dele {
    type Answer = u64;
    type Grant = ();
    fn accepted(self, server: &mut Server, octets: u64, _: sealed::Key) {
        // rule rfc1939 5 dele-marks: DELE marks the message as deleted
        server.maildrop.mark(self.message, octets);
        server.ok(format_args!("message {} deleted", self.message));
        server.answered(Verb::Dele, Outcome::Ok);
    }
}

impl Request for Quit {
    type Answer = ();
    type Grant = ();
    fn accepted(self, server: &mut Server, (): (), _: sealed::Key) {
        // rule rfc1939 6 quit-ok: QUIT is answered with +OK when all is removed
        server.ok("goodbye");
        server.answered(Verb::Quit, Outcome::Ok);
    }
}

/// The status line is said; the lines behind it are on their way.
fn sending(server: &mut Server, verb: Verb, bare: Outgoing) -> Upload {
    server.answered(verb, Outcome::Ok);
    server.task = Task::Sending { last: None };
    Upload::dotted(&server.mark, bare)
}
