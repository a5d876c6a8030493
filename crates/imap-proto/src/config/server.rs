//! What a server offers, and what a session with it may cost.
use crate::{
    IdFields, Leniency,
    frame::{Limits, NonSynchronising, Rules},
    response::{Capabilities, Capability, Namespaces},
};
use core::time::Duration;
use mail_wire::{CleartextLogin, Offer, Security, Text};

/// What a server offers, and what a session with it may cost. One is shared by all sessions.
///
/// A session holds at most the read block of its driver, one command with its small literals
/// ([`Limits::unit`], counted twice while the buffer grows), [`max_unsent`](Self::max_unsent) octets of responses
/// with one response or chunk more, and what the host is asked: [`parallel`](Self::parallel) commands, each of which
/// pins the command it was cut from, and one that waits for those. Their values take up to 24 times the text they were
/// read from, 32 times while it is read: a SEARCH for thousands of numbers costs 2 MiB, and lower limits less.
/// Messages stream both ways and are never held. A session that waits for a command or idles holds less than two
/// kilobytes, one of which is room for output.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ServerConfig {
    /// Whether the connection is TLS from its start, as on port 993.
    pub security: Security,
    /// Whether STARTTLS is offered; the host must be able to do TLS then.
    pub starttls: Offer,
    /// Whether LOGIN is offered.
    pub login: Offer,
    /// Whether LOGIN and AUTHENTICATE may be said without TLS.
    pub cleartext: CleartextLogin,
    /// What is said beside the `OK` of the greeting.
    pub greeting: Text,
    /// What is offered, with the mechanisms of AUTHENTICATE. Default: IMAP4rev1, LITERAL-, IDLE, UIDPLUS, MOVE,
    /// NAMESPACE, ID, UNSELECT, ENABLE, SASL-IR and CHILDREN, and no mechanism.
    ///
    /// A client is told what fits the state: STARTTLS, LOGINDISABLED and `AUTH=` are the session's own business and
    /// need not be named here. A command whose capability is missing is refused; without MULTIAPPEND, BINARY and SASL-IR
    /// so is what they would bring. LITERAL+ and LITERAL- say which literals are taken. Whatever else is named here the
    /// host promises: UIDPLUS that it tells the UIDs of copies, CHILDREN that it tells of children.
    pub capabilities: Capabilities,
    /// What ENABLE enables, of what is asked for. Default: nothing. `UTF8=ACCEPT` turns the session to UTF-8.
    pub enable: Capabilities,
    /// What ID answers. Default NIL.
    pub id: IdFields,
    /// What NAMESPACE answers. `None`: the host is asked.
    pub namespaces: Option<Namespaces>,
    /// Whether commands that have no variant are passed to the host. Default: they are refused.
    ///
    /// The session does not know them, so that they come in every state: from strangers too, and in clear.
    pub others: Offer,
    /// What a command may cost. Default: 64 KiB of text, literals of up to 4 KiB, 256 KiB in all, messages of up to
    /// 64 MiB, and as much swallowed of what is refused.
    ///
    /// Messages of APPEND stream, small ones too: [`Limits::literal`] is for them. [`Limits::inline`] is the longest
    /// of all other literals.
    pub limits: Limits,
    /// Longest command line before the login, in octets, and the most that is held of a command then. Default
    /// 16,384: a ticket or a token of SASL is that long.
    ///
    /// The session holds at most this much of what a stranger says, and up to 32 times that while an ID is read.
    pub max_login_line: usize,
    /// What is tolerated in commands. Default: nothing.
    pub leniency: Leniency,
    /// Octets that may wait to be written before commands and payload wait too. Default 65,536.
    ///
    /// The session holds this much, and one response or one chunk more.
    pub max_unsent: usize,
    /// How many commands may be open at once. Default 1: the next one waits in the caller's input.
    ///
    /// Others may run beside the first only where the order makes no difference
    /// ([RFC 9051 §5.5](https://www.rfc-editor.org/rfc/rfc9051#section-5.5)): commands that read. Each costs its
    /// tag, its request and what it pins.
    pub parallel: usize,
    /// Commands in a row that the session itself refuses before it ends. Default 10.
    pub max_errors: u32,
    /// Logins that may fail before the session ends. Default 10: a client tries three ways with one password.
    pub max_failed_logins: u32,
    /// Patience with a client that has to log in, from the greeting or the start of TLS to the end of the login,
    /// whatever it says meanwhile. Default 1 minute.
    pub login_timeout: Duration,
    /// Patience with the next command after the login, with a client that idles, and with one that does not take
    /// what it asked for. Default 30 minutes; less counts as 30 minutes, which is what
    /// [RFC 3501 §5.4](https://www.rfc-editor.org/rfc/rfc3501#section-5.4) demands.
    pub idle_timeout: Duration,
    /// Patience with the next octets of a message that a client appends. Default 5 minutes.
    pub payload_timeout: Duration,
}

impl Default for ServerConfig {
    /// LOGIN under TLS alone, strict. To let anybody log in, set [`starttls`](Self::starttls) or
    /// [`security`](Self::security).
    fn default() -> Self {
        use Capability::{
            Children, Enable, Id, Idle, Imap4Rev1, LiteralMinus, Move, Namespace, SaslIr, UidPlus, Unselect,
        };
        let capabilities =
            [Imap4Rev1, LiteralMinus, SaslIr, Enable, Id, Idle, Namespace, UidPlus, Move, Unselect, Children];
        Self {
            security: Security::Clear,
            starttls: Offer::No,
            login: Offer::Yes,
            cleartext: CleartextLogin::Refuse,
            greeting: Text::from_static("IMAP4rev1 server ready"),
            capabilities: capabilities.into_iter().collect(),
            enable: Capabilities::new(),
            id: IdFields::NIL,
            namespaces: None,
            others: Offer::No,
            limits: Rules::server().limits,
            max_login_line: 16 << 10,
            leniency: Leniency::STRICT,
            max_unsent: 64 << 10,
            parallel: 1,
            max_errors: 10,
            max_failed_logins: 10,
            login_timeout: Duration::from_secs(60),
            idle_timeout: Self::SHORTEST_IDLE,
            payload_timeout: Duration::from_secs(5 * 60),
        }
    }
}

impl ServerConfig {
    /// The shortest patience after the login: 30 minutes.
    pub(crate) const SHORTEST_IDLE: Duration = Duration::from_secs(30 * 60);

    /// Is this offered: by its name, or because IMAP4rev2 has it built in
    /// ([RFC 9051, appendix E](https://www.rfc-editor.org/rfc/rfc9051#appendix-E))?
    pub(crate) fn offers(&self, capability: Capability) -> bool {
        use Capability::{Enable, Idle, LiteralMinus, Move, Namespace, SaslIr, UidPlus, Unselect};
        let built_in = matches!(
            capability,
            Enable | Idle | LiteralMinus | Move | Namespace | SaslIr | UidPlus | Unselect
        );
        self.capabilities.has(capability)
            // rule rfc9051 7.2.2 built-in: what IMAP4rev2 has built in need not be offered by name
            || built_in && self.capabilities.has(Capability::Imap4Rev2)
    }

    /// Which literals are taken that a client does not wait for.
    pub(crate) fn non_synchronising(&self) -> NonSynchronising {
        if self.capabilities.has(Capability::LiteralPlus) {
            NonSynchronising::Plus
        } else if self.offers(Capability::LiteralMinus) {
            NonSynchronising::Minus
        } else {
            NonSynchronising::Refuse
        }
    }
}
