//! What a server session tells its host.
use super::{
    inquiry::{Expn, Vrfy},
    proxy::{XClient, XForward},
    request::{Auth, AuthResponse, Connect, Data, Hello, Message, StartTls},
};
use crate::{Etrn, Mail, Rcpt};
use bytes::Bytes;
use mail_wire::{Ask, dot::BareLineEnding};

/// What a server session tells its host.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The client said something before it was greeted, which it must not: senders of spam do. Told once, where the
    /// driver has read by then, before [`Connect`](Self::Connect) or while that is open: a driver may read on meanwhile.
    /// What was said is kept, and answered in its turn.
    EarlyTalker,
    /// A client has connected; accepted, it is greeted.
    Connect(Ask<Connect>),
    /// EHLO, HELO or LHLO. Accepted, it ends a transaction that was open.
    Hello(Ask<Hello>),
    /// STARTTLS. Accepted, it grants an [`Upgrade`](crate::Upgrade).
    StartTls(Ask<StartTls>),
    /// AUTH begins an exchange.
    Auth(Ask<Auth>),
    /// The client's response to a challenge.
    AuthResponse(Ask<AuthResponse>),
    /// The client gave its exchange up, or broke it; it has been told so.
    AuthCancelled,
    /// A transaction begins.
    Mail(Ask<Mail>),
    /// A recipient.
    Rcpt(Ask<Rcpt>),
    /// The client wants to send the message, by DATA or by BDAT.
    Data(Ask<Data>),
    /// A piece of the message: a slice of the input, un-stuffed; by BDAT, its octets as they are.
    Payload(Bytes),
    /// No more of the message will come and none of it counts. Its end, or that of its chunk, is awaited, and
    /// answered, by the machine.
    Discarded(Discard),
    /// The message is whole. Accept it once it is safe.
    Message(Ask<Message>),
    /// VRFY asks about a mailbox, where [`extensions`](crate::ServerConfig::extensions) offer it.
    Vrfy(Ask<Vrfy>),
    /// EXPN asks who is on a list, where it is offered.
    Expn(Ask<Expn>),
    /// ETRN asks for mail that waits to be sent, where it is offered.
    Etrn(Ask<Etrn>),
    /// XCLIENT: a proxy says who the client is for whom it stands, where that is offered. Accepted, the session begins
    /// anew, and the client says hello again.
    XClient(Ask<XClient>),
    /// XFORWARD: a host in front says where the mail to come is from, where that is offered.
    XForward(Ask<XForward>),
    /// RSET: the transaction that was open is no more, nor what came of its message in chunks.
    Reset,
    /// QUIT, which has been answered.
    Quit,
}

/// Why a message is thrown away as it comes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Discard {
    /// It is longer than allowed.
    #[error("message longer than {limit} octets")]
    TooLong {
        /// The limit.
        limit: u64,
    },
    /// It holds a CR or LF outside of a CRLF.
    #[error("message refused: {0}")]
    BareLineEnding(#[from] BareLineEnding),
}
