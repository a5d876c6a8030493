//! How a client behaves, and what a session with it may cost.
use crate::{
    DeviationKind, Leniency,
    frame::{Limits, LineEnding, Rules, Strays},
};
use core::time::Duration;
use mail_wire::{CleartextLogin, Security, TlsPolicy};

/// How the octets of messages come to the host.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Bodies {
    /// Those of up to so many octets in their FETCH, longer ones as events of their own, and so those that
    /// [`Limits::unit`] has no room for.
    ///
    /// It also is the longest literal of any kind that is waited for without a look at what it is.
    Inline(u64),
    /// All as events of their own, but for empty ones.
    AlwaysStream,
}

/// How long a client waits for a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Timeouts {
    /// For the greeting: 1 minute.
    pub greeting: Duration,
    /// For the next response while a command waits for its answer, and for the next 1,024 octets of what is sent to
    /// be taken: 5 minutes. Some servers search for long without a word.
    pub command: Duration,
    /// For the next word while nothing is asked, or while the client idles: 30 minutes, which is how long a server
    /// waits at least ([RFC 3501 §5.4](https://www.rfc-editor.org/rfc/rfc3501#section-5.4)).
    pub silence: Duration,
}

/// How a client behaves, and what a session with it may cost.
///
/// A session holds at most the read block of its driver, one response ([`Limits::unit`], counted twice while the
/// buffer grows), [`max_unsent`](Self::max_unsent) octets to be sent, one chunk and one command more, the commands
/// that wait, what the server offers, and what is known of the selected mailbox: 8 octets for each run of UIDs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientConfig {
    /// Whether the connection is TLS from its start, as on port 993.
    pub security: Security,
    /// When TLS is wanted. Where it is required, nothing but CAPABILITY, STARTTLS, ID, NOOP and LOGOUT is said in clear.
    pub tls: TlsPolicy,
    /// Whether LOGIN and AUTHENTICATE may be said in clear.
    pub cleartext: CleartextLogin,
    /// What is tolerated in responses. Default: everything.
    pub leniency: Leniency,
    /// How the octets of messages come. Default: those of up to 64 KiB in their FETCH.
    pub bodies: Bodies,
    /// What a response may cost. [`Limits::inline`] is not looked at: [`bodies`](Self::bodies) says it.
    pub limits: Limits,
    /// Most commands sent or held that are not answered. Default 64. The session holds as many.
    pub max_in_flight: usize,
    /// Octets that may wait to be written before [`write`](crate::client::Client::write) says `Blocked` and commands
    /// wait. Default 65,536.
    pub max_unsent: usize,
    /// How long to idle before IDLE is said anew. Default 28 minutes: [RFC 2177] asks for less than 29. Middleboxes
    /// may forget a silent connection much earlier.
    ///
    /// [RFC 2177]: https://www.rfc-editor.org/rfc/rfc2177
    pub idle_renewal: Duration,
    /// Patience with the server, each by what is waited for.
    pub timeouts: Timeouts,
}

impl Default for Timeouts {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        Self { greeting: minutes(1), command: minutes(5), silence: minutes(30) }
    }
}

impl Default for ClientConfig {
    fn default() -> Self {
        Self {
            security: Security::Clear,
            tls: TlsPolicy::Required,
            cleartext: CleartextLogin::Refuse,
            leniency: Leniency::LENIENT,
            bodies: Bodies::Inline(Rules::client().limits.inline),
            limits: Rules::client().limits,
            max_in_flight: 64,
            max_unsent: 64 << 10,
            // rule rfc2177 3 anew: IDLE is said anew in time [instead: idle_renewal: Duration::from_secs(1800)]
            idle_renewal: Duration::from_secs(28 * 60),
            timeouts: Timeouts::default(),
        }
    }
}

impl ClientConfig {
    /// How units are found.
    pub(crate) fn rules(&self) -> Rules {
        let mut rules = Rules::client();
        rules.limits = self.limits;
        rules.limits.inline = match self.bodies {
            Bodies::Inline(octets) => octets,
            Bodies::AlwaysStream => 0,
        };
        if self.leniency.tolerates(DeviationKind::BareLf) {
            rules.ending = LineEnding::CrlfOrLf;
        }
        if self.leniency.tolerates(DeviationKind::LineBreakInQuoted) {
            rules.strays = Strays::Pass;
        }
        rules
    }
}
