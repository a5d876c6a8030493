//! What a session may cost, and what it offers.
use crate::{Capability, Charset, Implementation, Language, Leniency, Mechanisms, ReplyText, Timestamp};
use alloc::vec::Vec;
use core::time::Duration;
use mail_wire::{CleartextLogin, Offer, Security, TlsPolicy, dot::Outgoing};

/// What a server offers, and what a session with it may cost.
///
/// A session holds at most the read block of its driver, one line ([`max_line`](Self::max_line), or
/// [`max_auth_line`](Self::max_auth_line) while logging in), [`max_unsent`](Self::max_unsent) octets of
/// replies with one reply or chunk more, and one bit for each message up to the highest one that is marked
/// deleted. Messages and listings are passed on as they come and never held.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Whether the connection is TLS from its start, as on port 995.
    pub security: Security,
    /// Whether STLS is offered; the host must be able to do TLS then.
    pub stls: Offer,
    /// Whether USER and PASS are offered.
    pub user: Offer,
    /// The mechanisms of AUTH on offer; none: no AUTH at all.
    pub mechanisms: Mechanisms,
    /// Whether USER, PASS, APOP and AUTH may be said without TLS.
    pub cleartext: CleartextLogin,
    /// What is said beside the `+OK` of the greeting.
    ///
    /// Words in `<>` would tell a client that APOP is known.
    pub greeting: ReplyText,
    /// The timestamp that the greeting ends with, which offers APOP; another one for each session, or who has heard a
    /// digest may say it again. `None`, the default: no APOP.
    ///
    /// To check a digest the host must know the secret itself and have an MD5, a hash that is broken. Of one name it takes
    /// either PASS or APOP ([RFC 1939 §13](https://www.rfc-editor.org/rfc/rfc1939#section-13)). Where
    /// [`cleartext`](Self::cleartext) refuses a login, the greeting has no timestamp.
    pub timestamp: Option<Timestamp>,
    /// Whether UTF8 is offered, and what names and passwords may hold then ([RFC 6856 §2]). Default `None`: it is not.
    ///
    /// A host that offers it looks at [`Server::charset`](crate::server::Server::charset) before it sends a message that
    /// is not ASCII, and refuses it with [`Rejection::NEEDS_UTF8`](crate::server::Rejection::NEEDS_UTF8) or sends another
    /// in its place; with [`Charset::Utf8`] it applies SASLprep to names and passwords.
    ///
    /// [RFC 6856 §2]: https://www.rfc-editor.org/rfc/rfc6856#section-2
    pub utf8: Option<Charset>,
    /// The languages that LANG offers, the preferred one first, which `*` chooses; none, the default: no LANG at all.
    ///
    /// The session itself speaks English: in another language, of what it says by itself the status and the code are
    /// said, and no words.
    pub languages: Vec<Language>,
    /// What the server is, as CAPA tells it. `None`: it does not.
    pub implementation: Option<Implementation>,
    /// Further capabilities to tell: EXPIRE, LOGIN-DELAY, AUTH-RESP-CODE and such. Those that the session itself
    /// knows about are told by it, and left out of here.
    pub capabilities: Vec<Capability>,
    /// Longest command line, in octets, CRLF counted. Default 255, as
    /// [RFC 2449 §4](https://www.rfc-editor.org/rfc/rfc2449#section-4) asks.
    ///
    /// The session holds at most this much of an unfinished line.
    pub max_line: usize,
    /// Longest line of AUTH and of its responses, in octets, CRLF counted. Default 12,288, as SMTP has it:
    /// [RFC 5034 §4](https://www.rfc-editor.org/rfc/rfc5034#section-4) sets no limit to responses. It holds an AUTH
    /// command with its initial response to 255, but clients send longer ones.
    ///
    /// The session holds at most this much of an unfinished line.
    pub max_auth_line: usize,
    /// Commands in a row that the session itself refuses before it closes. Default 10.
    pub max_errors: u32,
    /// Logins that may fail before the session closes. Default 10: a client tries three ways with one password.
    pub max_failed_logins: u32,
    /// Octets that may wait to be written before commands and payload wait too. Default 65,536.
    ///
    /// The session holds this much, and one reply or one chunk more.
    pub max_unsent: usize,
    /// What to do with a CR or LF outside of CRLF in a message that is sent. Default: it becomes CRLF, since
    /// stored mail has line ends of many kinds.
    pub bare: Outgoing,
    /// What is tolerated in commands. Default: nothing.
    pub leniency: Leniency,
    /// Patience with a client that has to log in, from the greeting or the start of TLS to the end of the login,
    /// whatever it says meanwhile. Default 3 minutes.
    pub login_timeout: Duration,
    /// Patience with the next command after the login, and with a client that does not take what it asked for.
    /// Default 10 minutes; less counts as 10 minutes, which is what
    /// [RFC 1939 §3](https://www.rfc-editor.org/rfc/rfc1939#section-3) demands.
    pub idle_timeout: Duration,
}

impl Default for ServerConfig {
    /// USER and PASS under TLS alone, strict, with the RFC's limits. To let anybody log in, set
    /// [`stls`](Self::stls) or [`security`](Self::security).
    fn default() -> Self {
        Self {
            security: Security::Clear,
            stls: Offer::No,
            user: Offer::Yes,
            mechanisms: Mechanisms::NONE,
            // rule rfc2595 2.3 cleartext-is-chosen: no passwords in clear by default [instead: CleartextLogin::Allow]
            cleartext: CleartextLogin::Refuse,
            greeting: ReplyText::from_static("POP3 server ready"),
            timestamp: None,
            utf8: None,
            languages: Vec::new(),
            implementation: None,
            capabilities: Vec::new(),
            // rule rfc2449 4 command-255: a command line has at most 255 octets by default [instead: 256]
            max_line: 255,
            max_auth_line: 12_288,
            max_errors: 10,
            max_failed_logins: 10,
            max_unsent: 64 << 10,
            bare: Outgoing::Normalise,
            leniency: Leniency::STRICT,
            login_timeout: Duration::from_secs(3 * 60),
            idle_timeout: Self::SHORTEST_IDLE,
        }
    }
}

impl ServerConfig {
    /// The shortest patience after the login: 10 minutes.
    pub(crate) const SHORTEST_IDLE: Duration = Duration::from_secs(10 * 60);
}

/// Where an initial response of AUTH stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum InitialResponse {
    /// In the line of AUTH, where it fits, which saves a round trip.
    #[default]
    Inline,
    /// Behind the server's empty challenge, always: Office 365 refuses one line with both.
    Behind,
}

/// How a client behaves, and what a session with it may cost.
///
/// A session holds at most the read block of its driver, one line ([`max_line`](Self::max_line)), as many
/// capabilities as [`max_capabilities`](Self::max_capabilities) says, each of one line, the commands that are in
/// flight ([`max_in_flight`](Self::max_in_flight)), and [`max_unsent`](Self::max_unsent) octets of them and one more.
/// Messages and listings are told as they come and never held.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClientConfig {
    /// Whether the connection is TLS from its start, as on port 995.
    pub security: Security,
    /// When TLS is wanted. Where it is required, nothing but CAPA, STLS and QUIT is said in clear.
    pub tls: TlsPolicy,
    /// Whether USER, PASS, APOP and AUTH may be said in clear.
    pub cleartext: CleartextLogin,
    /// Where an initial response of AUTH stands.
    pub initial: InitialResponse,
    /// Longest line of a server, in octets, CRLF counted. [RFC 2449 §4](https://www.rfc-editor.org/rfc/rfc2449#section-4)
    /// allows 512; servers send more, and challenges have no limit. Default 12,288. Lines of messages do not count.
    ///
    /// The session holds at most this much of an unfinished line.
    pub max_line: usize,
    /// Most capabilities that CAPA may list, and most mechanisms that AUTH alone may. Default 100.
    pub max_capabilities: usize,
    /// Most commands sent or held whose replies have not come; one more is `Busy`. The session holds as many. Default
    /// 1,000.
    pub max_in_flight: usize,
    /// Octets of commands that may wait to be written before further ones are held as values. Default 65,536.
    pub max_unsent: usize,
    /// What is tolerated in what the server says. Default: all.
    pub leniency: Leniency,
    /// Patience with a reply, and with each 1,024 octets of a message or a listing. Default 5 minutes: a server may
    /// look through a large maildrop before it answers.
    pub timeout: Duration,
}

impl Default for ClientConfig {
    /// TLS before all else, lenient.
    fn default() -> Self {
        Self {
            security: Security::Clear,
            tls: TlsPolicy::Required,
            // rule rfc2595 2.3 client-cleartext-is-chosen: no clear login by default [instead: CleartextLogin::Allow]
            cleartext: CleartextLogin::Refuse,
            initial: InitialResponse::Inline,
            max_line: 12_288,
            max_capabilities: 100,
            max_in_flight: 1000,
            max_unsent: 64 << 10,
            leniency: Leniency::LENIENT,
            timeout: Duration::from_secs(5 * 60),
        }
    }
}
