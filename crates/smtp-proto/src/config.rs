//! What a session may cost, and what it offers.
use crate::{Capabilities, Leniency};
use alloc::vec::Vec;
use core::time::Duration;
use mail_wire::{CleartextLogin, Mechanism, Offer, Security, Text, TlsPolicy, dot::Bare};

/// SMTP, or its sibling for the last hop.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Protocol {
    /// SMTP and submission: EHLO, and one answer to a message.
    #[default]
    Smtp,
    /// LMTP: LHLO, and one answer to a message for each recipient
    /// ([RFC 2033](https://www.rfc-editor.org/rfc/rfc2033)).
    Lmtp,
}

/// Whether something must come first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Requirement {
    /// It may.
    #[default]
    Optional,
    /// It must.
    Required,
}

/// How clients may log in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Authentication {
    /// The mechanisms on offer; empty: no AUTH at all.
    pub mechanisms: Vec<Mechanism>,
    /// Whether AUTH is offered without TLS.
    pub cleartext: CleartextLogin,
    /// Whether MAIL needs AUTH first, as submission demands
    /// ([RFC 6409 §4.3](https://www.rfc-editor.org/rfc/rfc6409#section-4.3)).
    pub requirement: Requirement,
}

/// What a server offers, and what a session with it may cost.
///
/// A session holds at most the read block of its driver, one line ([`max_line`](Self::max_line), or
/// [`max_auth_line`](Self::max_auth_line) while logging in) and [`max_unsent`](Self::max_unsent) octets of
/// replies and one reply more; in LMTP, one more for each recipient of a message. Where there is a limit of
/// [`max_domains`](Self::max_domains), it holds their names. Messages are passed on as they come and never held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ServerConfig {
    /// SMTP or LMTP.
    pub protocol: Protocol,
    /// The server's own name: in its greeting, its EHLO reply and its 421.
    pub hostname: Text,
    /// Whether the connection is TLS from its start.
    pub security: Security,
    /// Whether STARTTLS is offered; the host must be able to do TLS then.
    pub starttls: Offer,
    /// Whether AUTH, MAIL and RCPT need TLS first.
    pub tls: Requirement,
    /// How clients may log in.
    pub authentication: Authentication,
    /// Whether UTF-8 addresses are taken ([RFC 6531](https://www.rfc-editor.org/rfc/rfc6531)).
    pub smtputf8: Offer,
    /// Extensions that the host takes care of, with what their EHLO lines say beside the keyword. Empty by default.
    ///
    /// Parameters of MAIL and RCPT that one of them brings reach the host in [`Mail`](crate::Mail) and
    /// [`Rcpt`](crate::Rcpt), and so do those that bear the name of a private one; those of an extension that is not
    /// offered hear 555. Some bring more:
    ///
    /// - `CHUNKING`: a message may come by BDAT, and may then hold any octets, CR and LF alone too, whatever
    ///   [`bare`](Self::bare) says. `BINARYMIME` is offered beside it alone.
    /// - `REQUIRETLS` is offered under TLS alone.
    /// - `LIMITS` is told from [`max_recipients`](Self::max_recipients), [`max_transactions`](Self::max_transactions) and
    ///   [`max_domains`](Self::max_domains), where there is one of these.
    /// - `VRFY`, `EXPN` and `ETRN`: the host is asked. Else VRFY hears 252, the others 502.
    /// - `XCLIENT` and `XFORWARD`, with the attributes that are taken: the host is asked, who should believe known
    ///   proxies alone.
    ///
    /// Those that the machine offers by itself or by a field of their own are not taken from here, and `BURL`,
    /// `ATRN` and `CHECKPOINT` are not offered.
    ///
    /// ```
    /// use smtp_proto::{Capabilities, Extension, ServerConfig, Text};
    /// let mut config = ServerConfig::new(Text::from_static("mx.example.net"));
    /// config.extensions = Capabilities::new()
    ///     .with(Extension::Chunking)
    ///     .with(Extension::Dsn)
    ///     .with_line("DELIVERBY 240")?;
    /// # Ok::<(), smtp_proto::ParseError>(())
    /// ```
    pub extensions: Capabilities,
    /// Longest message, in octets as the sender counts them: CRLFs counted, stuffed dots not
    /// ([RFC 1870](https://www.rfc-editor.org/rfc/rfc1870)). 0 is no limit. Costs no memory here.
    pub max_message: u64,
    /// Most recipients of one transaction; the next one hears 452. 0 is no limit. [RFC 5321 §4.5.3.1.8] asks for at least
    /// 100.
    ///
    /// [RFC 5321 §4.5.3.1.8]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.8
    pub max_recipients: u32,
    /// Most MAIL commands of one session; the next one hears 421, and the session ends. 0 is no limit.
    pub max_transactions: u32,
    /// Most domains that the accepted recipients of one session may have; who is of one more hears 452
    /// ([RFC 9422 §4.3](https://www.rfc-editor.org/rfc/rfc9422#section-4.3)). 0 is no limit, and costs nothing; else the
    /// session holds the name of each.
    pub max_domains: u32,
    /// Longest command line, in octets, CRLF counted. [RFC 5321 §4.5.3.1.4] asks for 512, and each extension with
    /// a parameter for some more.
    ///
    /// The session holds at most this much of an unfinished line.
    ///
    /// [RFC 5321 §4.5.3.1.4]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.4
    pub max_line: usize,
    /// Longest line while a client may log in: [RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)
    /// asks for 12,288.
    pub max_auth_line: usize,
    /// Commands that were wrong, and logins that failed, before the session says 421 and closes. What follows from
    /// an earlier refusal does not count.
    pub max_errors: u32,
    /// Commands that the host refused (EHLO, STARTTLS, MAIL, RCPT and DATA) since the last message that was taken, before
    /// the session says 421 and closes. Default 100: a list may have so many members who have left, and who tries
    /// recipients to learn who is there needs a connection for each hundred. Where a recipient of the open transaction was
    /// accepted the session goes on, and further ones hear 452 without a question: the message of a list that more have left
    /// goes to the others, and they come again behind it.
    pub max_refusals: u32,
    /// Commands that move no mail (NOOP, RSET, VRFY and the like, XCLIENT and XFORWARD, EHLO said again, what is out of
    /// sequence) since the last message, before the session says 421 and closes.
    pub max_idle_commands: u32,
    /// Octets of replies that may wait to be written before commands wait too.
    pub max_unsent: usize,
    /// What to do with a CR or LF outside of CRLF in a message.
    pub bare: Bare,
    /// What is tolerated in commands.
    pub leniency: Leniency,
    /// Patience with the next command: [RFC 5321 §4.5.3.2.7] asks for 5 minutes.
    ///
    /// [RFC 5321 §4.5.3.2.7]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2.7
    pub command_timeout: Duration,
    /// Patience with the next 1,024 octets of a message, or its end. [RFC 5321 §4.5.3.2.5] gives a sender 3 minutes
    /// for a block.
    ///
    /// [RFC 5321 §4.5.3.2.5]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2.5
    pub payload_timeout: Duration,
}

impl ServerConfig {
    /// A server of this name that takes mail: no TLS, no AUTH, strict, with the RFC's limits.
    pub fn new(hostname: Text) -> Self {
        Self {
            protocol: Protocol::Smtp,
            hostname,
            security: Security::Clear,
            starttls: Offer::No,
            tls: Requirement::Optional,
            authentication: Authentication::default(),
            smtputf8: Offer::Yes,
            extensions: Capabilities::new(),
            // rule rfc5321 4.5.3.1.7 message-64k: a message of 64 KiB is taken, and far longer ones [instead: 65_535]
            max_message: 64 << 20,
            // rule rfc5321 4.5.3.1.8 recipients-100: a hundred recipients are taken, and more [instead: 99]
            max_recipients: 1000,
            max_transactions: 0,
            max_domains: 0,
            // rule rfc5321 4.5.3.1.4 line-512: a command line of 512 octets is read, and longer ones [instead: 511]
            max_line: 2048,
            // rule rfc4954 4 line-12288: a response of up to 12,288 octets is read [instead: 12_285]
            max_auth_line: 12_288,
            // rule rfc4954 9 three-failures: three logins may fail before the session ends [instead: 3]
            max_errors: 20,
            max_refusals: 100,
            max_idle_commands: 100,
            max_unsent: 16 << 10,
            // rule rfc5321 4.1.1.4 bare-lf-refused: a message with a bare CR or LF is refused [instead: Bare::Pass]
            bare: Bare::Reject,
            leniency: Leniency::STRICT,
            // rule rfc5321 4.5.3.2.7 server-waits: a command is awaited for 5 minutes [instead: Duration::ZERO]
            command_timeout: Duration::from_secs(300),
            payload_timeout: Duration::from_secs(180),
        }
    }

    /// The longest message, where 0 is no limit.
    pub(crate) fn longest_message(&self) -> u64 {
        if self.max_message == 0 { u64::MAX } else { self.max_message }
    }
}

/// When a message goes by BDAT ([RFC 3030](https://www.rfc-editor.org/rfc/rfc3030)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Chunking {
    /// Where DATA cannot carry it: a binary one. With DATA the body begins a round trip earlier, as DATA shares the group
    /// of the recipients.
    #[default]
    WhenNeeded,
    /// Wherever the server offers CHUNKING and PIPELINING: once the recipients are answered, the body goes without a 354,
    /// and its dots are not stuffed.
    Preferred,
}

/// How a client behaves, and what a session with it may cost.
///
/// A session holds at most the read block of its driver, one reply ([`max_reply`](Self::max_reply)) and
/// [`max_unsent`](Self::max_unsent) octets to be sent and one chunk more.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    /// SMTP or LMTP.
    pub protocol: Protocol,
    /// Whether the connection is TLS from its start.
    pub security: Security,
    /// When TLS is wanted. Where it is required, nothing but EHLO, STARTTLS, NOOP and QUIT is said in clear.
    pub tls: TlsPolicy,
    /// Whether AUTH may be said in clear.
    pub cleartext: CleartextLogin,
    /// Longest line of a reply, in octets, CRLF counted. [RFC 5321 §4.5.3.1.5] allows 512; servers send more.
    ///
    /// [RFC 5321 §4.5.3.1.5]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.5
    pub max_line: usize,
    /// Longest reply, all its lines together, in octets.
    pub max_reply: usize,
    /// Most commands sent or held whose replies have not come; one more is `Busy`. The session holds as many.
    pub max_in_flight: usize,
    /// Octets that may wait to be written before [`write`](crate::client::Client::write) says `Blocked`.
    pub max_unsent: usize,
    /// What to do with a CR or LF outside of CRLF in a message of lines.
    pub bare: mail_wire::dot::Outgoing,
    /// When [`Delivery`](crate::delivery::Delivery) sends a message by BDAT. The session holds one chunk of
    /// [`max_unsent`](Self::max_unsent) octets more then.
    pub chunking: Chunking,
    /// What is tolerated in replies.
    pub leniency: Leniency,
    /// Patience with replies, each by what is waited for.
    pub timeouts: Timeouts,
}

/// How long a client waits for replies ([RFC 5321 §4.5.3.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.2)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timeouts {
    /// For the greeting: 5 minutes.
    pub greeting: Duration,
    /// For the reply to a command: 5 minutes.
    pub command: Duration,
    /// For the 354 to DATA: 2 minutes.
    pub data: Duration,
    /// For a block of the message to be taken: 3 minutes.
    pub block: Duration,
    /// For the reply to a whole message: 10 minutes.
    pub message: Duration,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self {
            // rule rfc5321 4.5.3.2.1 greeting-5-minutes: the greeting is awaited for 5 minutes [instead: minutes(4)]
            greeting: minutes(5),
            // rule rfc5321 4.5.3.2.2 mail-5-minutes: the reply to MAIL is awaited for 5 minutes [instead: minutes(4)]
            // rule rfc5321 4.5.3.2.3 rcpt-5-minutes: the reply to RCPT is awaited for 5 minutes [instead: minutes(4)]
            command: minutes(5),
            // rule rfc5321 4.5.3.2.4 data-2-minutes: the 354 is awaited for 2 minutes [instead: minutes(1)]
            data: minutes(2),
            // rule rfc5321 4.5.3.2.5 block-3-minutes: 3 minutes is a block given to be taken [instead: minutes(2)]
            block: minutes(3),
            // rule rfc5321 4.5.3.2.6 message-10-minutes: the verdict is awaited for 10 minutes [instead: minutes(9)]
            message: minutes(10),
        }
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            protocol: Protocol::Smtp,
            security: Security::Clear,
            tls: TlsPolicy::Required,
            // rule rfc4954 4 client-cleartext-off: no login in clear unless asked for [instead: CleartextLogin::Allow]
            cleartext: CleartextLogin::Refuse,
            max_line: 4096,
            max_reply: 64 << 10,
            max_in_flight: 1000,
            max_unsent: 64 << 10,
            bare: mail_wire::dot::Outgoing::Refuse,
            chunking: Chunking::WhenNeeded,
            leniency: Leniency::LENIENT,
            timeouts: Timeouts::default(),
        }
    }
}
