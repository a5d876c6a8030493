//! The transition table of an SMTP or LMTP session. It does not know its role: the server asks it what a peer
//! may say, the client asks it before an octet leaves.

use mail_wire::Security;

/// Where a session stands.
///
/// ```text
///              220              EHLO              MAIL               RCPT
///  Greeting ───────▶ Start ─────────────▶ Ready ────────▶ Transaction ────┐
///                      ▲                   ▲ ▲ ▲                │ ▲       │
///                      │ 220 + TLS         │ │ │ RSET, EHLO     │ └───────┘
///                  Upgrading ◀── STARTTLS ─┤ │ ├────────────────┤
///                                          │ │ │                │ once a recipient stands:
///                                          │ │ │ RSET, EHLO     ├── BDAT ──▶ Chunking ──┐
///                                          │ │ └────────────────│──────────────┤ ▲      │
///                                          │ │ 235, 535         │ DATA,        │ └ BDAT ┘
///              Authenticating ◀─── AUTH ───┘ │                  ▼ BDAT LAST    │ BDAT LAST
///                                            └── 250, 5yz ── Payload ◀─────────┘
/// ```
///
/// QUIT leads from anywhere a command may stand to `Closed`. RSET without a transaction, NOOP, HELP, VRFY and
/// EXPN change nothing, and are allowed before EHLO ([RFC 5321 §4.1.4]).
///
/// [RFC 5321 §4.1.4]: https://www.rfc-editor.org/rfc/rfc5321#section-4.1.4
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Phase {
    /// Connected; the server has not greeted.
    Greeting,
    /// The greeting was a refusal: nothing but QUIT may stand
    /// ([RFC 5321 §3.1](https://www.rfc-editor.org/rfc/rfc5321#section-3.1)).
    Refused,
    /// Greeted, or upgraded to TLS; no EHLO stands.
    Start,
    /// EHLO, HELO or LHLO stands; no transaction is open.
    Ready,
    /// MAIL stands.
    Transaction {
        /// Recipients that were accepted.
        recipients: u32,
    },
    /// BDAT began a message, and its last chunk has not been announced
    /// ([RFC 3030 §2](https://www.rfc-editor.org/rfc/rfc3030#section-2)).
    Chunking {
        /// Recipients that were accepted.
        recipients: u32,
    },
    /// 354 was said, or the last chunk was announced: what comes is the message.
    Payload,
    /// AUTH was begun and is not decided.
    Authenticating,
    /// STARTTLS was accepted; nothing more may be said in clear.
    Upgrading,
    /// QUIT, 421 or worse.
    Closed,
}

/// What moves a session: a command that was accepted, or the end of what one began.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verb {
    /// The greeting.
    Greet,
    /// A greeting that is a refusal.
    Refuse,
    /// EHLO, HELO or LHLO.
    Hello,
    /// STARTTLS.
    StartTls,
    /// The transport is TLS now.
    Upgraded,
    /// AUTH.
    Auth,
    /// AUTH succeeded.
    AuthSuccess,
    /// AUTH was refused or cancelled.
    AuthFailure,
    /// MAIL.
    Mail,
    /// RCPT.
    Rcpt,
    /// DATA.
    Data,
    /// BDAT, and more chunks follow.
    Chunk,
    /// BDAT with LAST.
    LastChunk,
    /// The end of the message, whatever was answered.
    EndOfData,
    /// RSET.
    Reset,
    /// NOOP, HELP, VRFY, EXPN: they change nothing.
    Idle,
    /// ETRN, which changes nothing either.
    Etrn,
    /// XCLIENT: the session begins anew, for another client.
    XClient,
    /// XFORWARD.
    XForward,
    /// QUIT.
    Quit,
}

/// Why a command may not stand here: all are 503.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum Refusal {
    /// EHLO must come first.
    #[error("say hello first")]
    HelloFirst,
    /// MAIL inside a transaction.
    #[error("a transaction is open")]
    TransactionOpen,
    /// RCPT, DATA or BDAT without MAIL.
    #[error("no transaction is open")]
    NoTransaction,
    /// DATA or BDAT without an accepted recipient.
    #[error("no recipient was accepted")]
    NoRecipients,
    /// RCPT or DATA behind BDAT ([RFC 3030 §2](https://www.rfc-editor.org/rfc/rfc3030#section-2)).
    #[error("the message comes in chunks")]
    Chunking,
    /// AUTH after AUTH ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
    #[error("already authenticated")]
    AlreadyAuthenticated,
    /// STARTTLS under TLS ([RFC 3207 §4](https://www.rfc-editor.org/rfc/rfc3207#section-4)).
    #[error("already under TLS")]
    AlreadySecured,
    /// No command may stand here.
    #[error("out of sequence")]
    OutOfSequence,
}

/// Has the client logged in?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Identity {
    /// It has not.
    #[default]
    Anonymous,
    /// AUTH succeeded.
    Authenticated,
}

/// A session's state: the phase, and what outlasts the phases.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct State {
    /// Where the session stands.
    pub phase: Phase,
    /// Whether TLS is on. Only ever turned on.
    pub security: Security,
    /// Whether AUTH succeeded. Forgotten when TLS is turned on.
    pub identity: Identity,
}

impl State {
    /// A connection that was just made.
    pub fn new(security: Security) -> Self {
        Self { phase: Phase::Greeting, security, identity: Identity::Anonymous }
    }

    /// The state after `verb`.
    ///
    /// # Errors
    /// `verb` may not stand here.
    pub fn after(self, verb: Verb) -> Result<Self, Refusal> {
        use {Phase::*, Verb::*};
        let mut next = self;
        next.phase = match (self.phase, verb) {
            // rule rfc5321 3.1 greeting-first: the greeting comes first
            (Greeting, Greet) => Start,
            // rule rfc5321 3.1 may-refuse: a greeting may refuse the session
            (Greeting, Refuse) => Refused,
            // rule rfc5321 4.1.4 hello-at-any-time: EHLO may stand at any time
            (Start | Ready | Transaction { .. } | Chunking { .. }, Hello) => Ready,
            // rule rfc5321 4.1.4 quit-at-any-time: QUIT may stand at any time, also without EHLO
            (Refused | Start | Ready | Transaction { .. } | Chunking { .. }, Quit) => Closed,
            // rule rfc5321 4.1.4 idle-at-any-time: NOOP, HELP, VRFY and EXPN may stand at any time, also without EHLO
            (phase @ (Start | Ready | Transaction { .. } | Chunking { .. }), Idle) => phase,
            // rule rfc1985 5 outside-transaction: ETRN stands behind EHLO, outside of a transaction
            (Ready, Etrn | XForward) => Ready,
            (Ready, XClient) => {
                next.identity = Identity::Anonymous;
                Start
            }
            // rule rfc5321 4.1.4 rset-without-hello: RSET may stand before EHLO
            (Start, Reset) => Start,
            // rule rfc5321 4.1.1.5 reset-ends-transaction: RSET ends a transaction, and not what EHLO agreed on
            // rule rfc3030 2 reset-clears-chunks: RSET between two chunks clears those that came
            (Ready | Transaction { .. } | Chunking { .. }, Reset) => Ready,
            // rule rfc5321 4.1.4 mail-begins: MAIL stands behind EHLO, where no transaction is open
            (Ready, Mail) => Transaction { recipients: 0 },
            // rule rfc5321 3.3 rcpt-behind-mail: RCPT stands behind MAIL, any number of times
            (Transaction { recipients }, Rcpt) => Transaction { recipients: recipients.saturating_add(1) },
            // rule rfc2033 4.2 data-needs-a-recipient: DATA without an accepted recipient hears 503
            (Transaction { recipients: 0 }, Data | Chunk | LastChunk) => return Err(Refusal::NoRecipients),
            // rule rfc5321 3.3 data-behind-rcpt: DATA stands behind RCPT
            (Transaction { .. }, Data) => Payload,
            // rule rfc3030 2 chunks: BDAT stands behind RCPT and behind BDAT
            (Transaction { recipients } | Chunking { recipients }, Chunk) => Chunking { recipients },
            // rule rfc3030 2 last-chunk: the message ends with the chunk that is LAST
            (Transaction { .. } | Chunking { .. }, LastChunk) => Payload,
            // rule rfc5321 4.1.1.4 end-of-data: the end of data ends the transaction
            (Payload, EndOfData) => Ready,
            // rule rfc3207 4.2 tls-once: STARTTLS does not stand under TLS
            (phase, StartTls) if self.security == Security::Tls => return Err(self.refusal(phase, verb)),
            // rule rfc3207 4 starttls-behind-ehlo: STARTTLS stands behind EHLO, outside of a transaction
            (Ready, StartTls) => Upgrading,
            (Upgrading, Upgraded) => {
                // rule rfc3207 4.2 tls-known: both ends know that TLS is on
                next.security = Security::Tls;
                // rule rfc3207 4.2 login-forgotten: a login in clear is forgotten under TLS
                next.identity = Identity::Anonymous;
                Start
            }
            // rule rfc4954 4 auth-once: behind a login that succeeded AUTH hears 503
            (phase, Auth) if self.identity == Identity::Authenticated => {
                return Err(self.refusal(phase, verb));
            }
            // rule rfc4954 4 auth-outside-transaction: AUTH stands behind EHLO, outside of a transaction
            (Ready, Auth) => Authenticating,
            (Authenticating, AuthSuccess) => {
                // rule rfc4954 4 authenticated: a login that succeeded holds for the rest of the session
                next.identity = Identity::Authenticated;
                Ready
            }
            // rule rfc4954 4 failure-changes-nothing: a login that failed leaves the session where it stood
            (Authenticating, AuthFailure) => Ready,
            (phase, verb) => return Err(self.refusal(phase, verb)),
        };
        Ok(next)
    }

    /// Why `verb` may not stand in `phase`.
    fn refusal(self, phase: Phase, verb: Verb) -> Refusal {
        use {Phase::*, Verb::*};
        match (phase, verb) {
            (Start | Ready | Transaction { .. } | Chunking { .. }, StartTls)
                if self.security == Security::Tls =>
            {
                Refusal::AlreadySecured
            }
            (Ready | Transaction { .. } | Chunking { .. }, Auth)
                if self.identity == Identity::Authenticated =>
            {
                Refusal::AlreadyAuthenticated
            }
            (Start, Mail | Rcpt | Data | Chunk | LastChunk | Auth | StartTls | Etrn | XClient | XForward) => {
                Refusal::HelloFirst
            }
            (Transaction { .. } | Chunking { .. }, Mail | Auth | StartTls | Etrn | XClient | XForward) => {
                Refusal::TransactionOpen
            }
            // rule rfc3030 2 data-behind-bdat: DATA behind BDAT is out of sequence, and hears why
            (Chunking { .. }, Rcpt | Data) => Refusal::Chunking,
            (Ready, Rcpt | Data | Chunk | LastChunk) => Refusal::NoTransaction,
            _ => Refusal::OutOfSequence,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Phase::*;

    const PHASES: [Phase; 11] = [
        Greeting,
        Refused,
        Start,
        Ready,
        Transaction { recipients: 0 },
        Transaction { recipients: 1 },
        Chunking { recipients: 1 },
        Payload,
        Authenticating,
        Upgrading,
        Closed,
    ];
    const VERBS: [Verb; 20] = [
        Verb::Greet,
        Verb::Refuse,
        Verb::Hello,
        Verb::StartTls,
        Verb::Upgraded,
        Verb::Auth,
        Verb::AuthSuccess,
        Verb::AuthFailure,
        Verb::Mail,
        Verb::Rcpt,
        Verb::Data,
        Verb::Chunk,
        Verb::LastChunk,
        Verb::EndOfData,
        Verb::Reset,
        Verb::Idle,
        Verb::Etrn,
        Verb::XClient,
        Verb::XForward,
        Verb::Quit,
    ];

    /// Every allowed pair, written down a second time: a letter a phase (`-` refused), in the order of `VERBS`.
    const TABLE: [(Phase, &str); 11] = [
        (Greeting, "Sr------------------"),
        (Refused, "-------------------C"),
        (Start, "--R-----------SS---C"),
        (Ready, "--RU-A--T-----RRRSRC"),
        (Transaction { recipients: 0 }, "--R------t----RT---C"),
        (Transaction { recipients: 1 }, "--R------tPKP-Rt---C"),
        (Chunking { recipients: 1 }, "--R--------KP-RK---C"),
        (Payload, "-------------R------"),
        (Authenticating, "------RR------------"),
        (Upgrading, "----S---------------"),
        (Closed, "--------------------"),
    ];

    fn letter(phase: Phase) -> char {
        match phase {
            Greeting => 'G',
            Refused => 'r',
            Start => 'S',
            Ready => 'R',
            Transaction { recipients: 0 } => 'T',
            Transaction { .. } => 't',
            Chunking { .. } => 'K',
            Payload => 'P',
            Authenticating => 'A',
            Upgrading => 'U',
            Closed => 'C',
        }
    }

    // covers rfc5321 3.1 greeting-first
    // covers rfc5321 3.1 may-refuse
    // covers rfc5321 4.1.4 hello-at-any-time
    // covers rfc5321 4.1.4 quit-at-any-time
    // covers rfc5321 4.1.4 idle-at-any-time
    // covers rfc5321 4.1.4 rset-without-hello
    // covers rfc5321 4.1.1.5 reset-ends-transaction
    // covers rfc5321 4.1.4 mail-begins
    // covers rfc5321 3.3 rcpt-behind-mail
    // covers rfc2033 4.2 data-needs-a-recipient
    // covers rfc5321 3.3 data-behind-rcpt
    // covers rfc3030 2 chunks
    // covers rfc3030 2 last-chunk
    // covers rfc3030 2 reset-clears-chunks
    // covers rfc1985 5 outside-transaction
    // covers rfc5321 4.1.1.4 end-of-data
    // covers rfc3207 4 starttls-behind-ehlo
    // covers rfc4954 4 auth-outside-transaction
    // covers rfc4954 4 failure-changes-nothing
    #[test]
    fn every_verb_in_every_phase() {
        for (phase, row) in TABLE {
            for (verb, expected) in VERBS.into_iter().zip(row.chars()) {
                let state = State { phase, ..State::new(Security::Clear) };
                let found = state.after(verb).map_or('-', |state| letter(state.phase));
                assert_eq!(found, expected, "{verb:?} in {phase:?}");
            }
        }
        assert_eq!(TABLE.map(|(phase, _)| phase), PHASES);
    }

    // covers rfc3207 4.2 tls-once
    // covers rfc4954 4 auth-once
    #[test]
    fn tls_and_login_come_once() {
        for phase in PHASES {
            let tls = State { phase, ..State::new(Security::Tls) };
            assert!(tls.after(Verb::StartTls).is_err());
            let authenticated =
                State { phase, identity: Identity::Authenticated, ..State::new(Security::Tls) };
            assert!(authenticated.after(Verb::Auth).is_err());
        }
        let tls = State { phase: Ready, ..State::new(Security::Tls) };
        assert_eq!(tls.after(Verb::StartTls), Err(Refusal::AlreadySecured));
    }

    // covers rfc3207 4.2 tls-known
    // covers rfc3207 4.2 login-forgotten
    #[test]
    fn tls_forgets_who_logged_in_in_clear() {
        let upgrading =
            State { phase: Upgrading, security: Security::Clear, identity: Identity::Authenticated };
        let state = upgrading.after(Verb::Upgraded).unwrap();
        assert_eq!(state, State { phase: Start, security: Security::Tls, identity: Identity::Anonymous });
    }

    /// Else the client behind a proxy is who another one behind it was.
    #[test]
    fn another_client_is_not_who_the_one_before_was() {
        let ready = State { phase: Ready, identity: Identity::Authenticated, ..State::new(Security::Tls) };
        assert_eq!(ready.after(Verb::XClient), Ok(State { phase: Start, ..State::new(Security::Tls) }));
    }

    // covers rfc3030 2 data-behind-bdat
    #[test]
    fn a_refusal_says_what_is_missing() {
        let at = |phase| State { phase, ..State::new(Security::Clear) };
        assert_eq!(at(Start).after(Verb::Mail), Err(Refusal::HelloFirst));
        assert_eq!(at(Ready).after(Verb::Rcpt), Err(Refusal::NoTransaction));
        assert_eq!(at(Transaction { recipients: 0 }).after(Verb::Data), Err(Refusal::NoRecipients));
        assert_eq!(at(Transaction { recipients: 0 }).after(Verb::Mail), Err(Refusal::TransactionOpen));
        assert_eq!(at(Start).after(Verb::LastChunk), Err(Refusal::HelloFirst));
        assert_eq!(at(Ready).after(Verb::Chunk), Err(Refusal::NoTransaction));
        assert_eq!(at(Transaction { recipients: 0 }).after(Verb::LastChunk), Err(Refusal::NoRecipients));
        let chunking = at(Chunking { recipients: 2 });
        assert_eq!(chunking.after(Verb::Chunk), Ok(chunking));
        assert_eq!(chunking.after(Verb::Data), Err(Refusal::Chunking));
        assert_eq!(chunking.after(Verb::Mail), Err(Refusal::TransactionOpen));
    }
}
