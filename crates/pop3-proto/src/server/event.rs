//! What a server session tells its host.
use super::request::{
    Apop, Auth, AuthResponse, Connect, Dele, List, ListAll, Login, Quit, Retr, StartTls, Top, Uidl, UidlAll,
};
use crate::LanguageTag;
use mail_wire::Ask;

/// What a server session tells its host.
///
/// A message that is asked for is there: its number is in range, and it is not marked deleted. What names another
/// one, the session answers itself, and CAPA, STAT, NOOP, UTF8, LANG and all that is out of order.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// A client has connected; accepted, it is greeted.
    Connect(Ask<Connect>),
    /// USER and PASS. Answer with what the maildrop holds once it is locked.
    Login(Ask<Login>),
    /// APOP. Answer with what the maildrop holds once it is locked.
    Apop(Ask<Apop>),
    /// STLS. Accepted, it grants an [`Upgrade`](crate::Upgrade).
    StartTls(Ask<StartTls>),
    /// AUTH begins an exchange.
    Auth(Ask<Auth>),
    /// The client's response to a challenge.
    AuthResponse(Ask<AuthResponse>),
    /// The exchange is over without a result: the client gave it up or broke it, and has been told so.
    AuthCancelled,
    /// LIST with a message. Answer with its octets.
    List(Ask<List>),
    /// LIST alone. Accepted, it grants a [`Listing`](super::Listing).
    ListAll(Ask<ListAll>),
    /// UIDL with a message. Answer with its unique-id.
    Uidl(Ask<Uidl>),
    /// UIDL alone. Accepted, it grants a [`Listing`](super::Listing).
    UidlAll(Ask<UidlAll>),
    /// RETR. Answer with the message's octets; accepted, it grants an [`Upload`](crate::Upload).
    Retr(Ask<Retr>),
    /// TOP. Accepted, it grants an [`Upload`](crate::Upload); [`TopLines`](crate::TopLines) cuts the message.
    Top(Ask<Top>),
    /// DELE. Answer with the message's octets. Nothing is removed before [`Quit`](Event::Quit) is accepted.
    Dele(Ask<Dele>),
    /// RSET: no message is marked any more. It has been answered.
    Reset,
    /// LANG: what people read of rejections is to be in this language from here on. It has been answered.
    Language(LanguageTag),
    /// QUIT after a login: remove what is marked, then accept. No other event asks for messages to be removed.
    Quit(Ask<Quit>),
}
