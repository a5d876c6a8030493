//! What a host answers.
use super::inquiry::Entry;
use crate::{Class, Code, EnhancedCode, Reply};
use alloc::{format, vec::Vec};
use mail_wire::Text;

/// What is said beside a 2yz code. The default says what is usual for the command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Ack {
    text: Option<Text>,
    destination: Destination,
}

/// Where the mail of a recipient goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Destination {
    #[default]
    Here,
    Elsewhere,
}

impl Ack {
    /// An acceptance with a text of the host's own, such as `queued as 17`.
    pub fn saying(text: Text) -> Self {
        Self { text: Some(text), ..Self::default() }
    }

    /// A recipient whose mail goes elsewhere, which RCPT hears as `251`; the text names where, such as `user not local;
    /// will forward to <b@example.net>`. To other commands it is a 250
    /// ([RFC 5321 §3.4](https://www.rfc-editor.org/rfc/rfc5321#section-3.4)).
    pub fn forwarding(text: Text) -> Self {
        Self { text: Some(text), destination: Destination::Elsewhere }
    }

    pub(super) fn recipient_reply(self) -> Reply {
        let code = match self.destination {
            Destination::Here => Code::OK,
            // rule rfc5321 3.4 will-forward-251: a recipient whose mail is passed on may hear 251 [instead: Code::OK]
            Destination::Elsewhere => Code::WILL_FORWARD,
        };
        known(code, EnhancedCode::RECIPIENT_OK, self.text.unwrap_or(Text::from_static("recipient ok")))
    }

    pub(super) fn reply(self, enhanced: EnhancedCode, usual: &'static str) -> Reply {
        known(Code::OK, enhanced, self.text.unwrap_or(Text::from_static(usual)))
    }
}

/// `458` ([RFC 1985 §5.1](https://www.rfc-editor.org/rfc/rfc1985#section-5.1)).
const UNABLE_TO_QUEUE: Code = code(458);
/// `459`.
const NODE_NOT_ALLOWED: Code = code(459);

/// One of the few codes without a name.
pub(super) const fn code(code: u16) -> Code {
    match Code::new(code) {
        Ok(code) => code,
        Err(_) => Code::LOCAL_ERROR,
    }
}

/// A refusal: a 4yz or 5yz reply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection(Reply);

/// The reply accepts something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0} refuses nothing: a rejection is 4yz or 5yz")]
pub struct NotARejection(pub Code);

impl Rejection {
    /// A refusal of the host's own, or one that somebody else said, passed on.
    ///
    /// ```
    /// use smtp_proto::{Code, EnhancedCode, Reply, Text, server::Rejection};
    /// let text = Text::from_static("greylisted, try again");
    /// let reply = Reply::with_enhanced(Code::LOCAL_ERROR, EnhancedCode::transient(7, 1), text)?;
    /// let rejection = Rejection::new(reply)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    ///
    /// # Errors
    /// The reply's code is not of class 4 or 5.
    pub fn new(reply: Reply) -> Result<Self, NotARejection> {
        match reply.code().class() {
            Class::Transient | Class::Permanent => Ok(Self(reply)),
            Class::Completion | Class::Intermediate => Err(NotARejection(reply.code())),
        }
    }

    /// `550 5.1.1`: no such mailbox.
    pub fn mailbox_unavailable() -> Self {
        Self(known(
            Code::MAILBOX_UNAVAILABLE,
            EnhancedCode::permanent(1, 1),
            Text::from_static("no such mailbox here"),
        ))
    }

    /// `550 5.7.1`: the server does not pass mail on to there.
    pub fn relaying_denied() -> Self {
        Self(known(
            Code::MAILBOX_UNAVAILABLE,
            EnhancedCode::permanent(7, 1),
            Text::from_static("relaying denied"),
        ))
    }

    /// `451 4.3.0`: an error of the server's own; try again.
    pub fn local_error() -> Self {
        Self(known(
            Code::LOCAL_ERROR,
            EnhancedCode::transient(3, 0),
            Text::from_static("local error, try again later"),
        ))
    }

    /// `452 4.3.1`: no room; try again.
    pub fn no_room() -> Self {
        Self(known(
            Code::INSUFFICIENT_STORAGE,
            EnhancedCode::transient(3, 1),
            Text::from_static("not enough room, try again later"),
        ))
    }

    /// `535 5.7.8`: the credentials are wrong.
    pub fn bad_credentials() -> Self {
        Self(known(
            Code::BAD_CREDENTIALS,
            EnhancedCode::permanent(7, 8),
            Text::from_static("authentication failed"),
        ))
    }

    /// `554 5.7.1`: not here, not from you.
    pub fn policy() -> Self {
        Self(known(
            Code::TRANSACTION_FAILED,
            EnhancedCode::permanent(7, 1),
            Text::from_static("refused by policy"),
        ))
    }

    /// `553 5.1.4`: several mailboxes may be meant, perhaps these
    /// ([RFC 5321 §3.5.1](https://www.rfc-editor.org/rfc/rfc5321#section-3.5.1)).
    pub fn ambiguous(entries: impl IntoIterator<Item = Entry>) -> Self {
        let first = Text::from_static("ambiguous");
        let lines = [first].into_iter().chain(entries.into_iter().map(|entry| entry.to_text()));
        Self(known_lines(Code::MAILBOX_NAME_NOT_ALLOWED, EnhancedCode::permanent(1, 4), lines))
    }

    /// `458 4.3.0`: the queue that ETRN asks for cannot be started
    /// ([RFC 1985 §5.1](https://www.rfc-editor.org/rfc/rfc1985#section-5.1)).
    pub fn cannot_queue() -> Self {
        let text = Text::from_static("unable to queue messages");
        Self(known(UNABLE_TO_QUEUE, EnhancedCode::transient(3, 0), text))
    }

    /// `459 4.7.0`: this client may not start what ETRN asks for.
    pub fn node_not_allowed() -> Self {
        let text = Text::from_static("node not allowed");
        Self(known(NODE_NOT_ALLOWED, EnhancedCode::transient(7, 0), text))
    }

    /// `421 4.3.2`: closing; the session ends with this.
    pub fn closing() -> Self {
        Self(known(
            Code::NOT_AVAILABLE,
            EnhancedCode::transient(3, 2),
            Text::from_static("service not available, closing"),
        ))
    }

    pub(super) fn into_reply(self) -> Reply {
        self.0
    }

    /// The reply that says so.
    pub fn reply(&self) -> &Reply {
        &self.0
    }
}

/// A reply whose codes are of one class, as they stand in this crate. Were they not, tests would end here, and a peer
/// would hear the code alone.
pub(super) fn known(code: Code, enhanced: EnhancedCode, text: Text) -> Reply {
    debug_assert!(enhanced.fits(code), "{code} and {enhanced} are not of one class");
    Reply::with_enhanced(code, enhanced, text.clone()).unwrap_or_else(|_| Reply::new(code, text))
}

/// The same, of several lines.
pub(super) fn known_lines(
    code: Code,
    enhanced: EnhancedCode,
    lines: impl IntoIterator<Item = Text>,
) -> Reply {
    // A reply takes the enhanced code in front of its first line for that of all.
    let led = lines.into_iter().enumerate().map(|(at, line)| match at {
        0 => Text::try_from(format!("{enhanced} {}", line.to_str_lossy())).unwrap_or_default(),
        _ => line,
    });
    Reply::from_lines(code, led)
}

/// What became of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered(pub(super) Outcomes);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Outcomes {
    All(Ack),
    Each(Vec<Result<Ack, Rejection>>),
}

impl Delivered {
    /// It is safe, for all recipients.
    pub fn all(ack: Ack) -> Self {
        Self(Outcomes::All(ack))
    }

    /// An outcome for each accepted recipient, in the order of their RCPTs.
    ///
    /// LMTP passes them on; a recipient that is missing hears `451`. SMTP has one answer: 250 when one outcome is
    /// good (the host then owes the others a notice), else the first refusal.
    pub fn each(outcomes: Vec<Result<Ack, Rejection>>) -> Self {
        Self(Outcomes::Each(outcomes))
    }
}

/// The next step of an AUTH exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthAnswer {
    /// The mechanism says this, and waits for a response.
    Challenge(Vec<u8>),
    /// The client has logged in.
    Success,
}
