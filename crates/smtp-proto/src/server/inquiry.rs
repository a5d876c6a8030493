//! Questions that move no mail: VRFY, EXPN and ETRN.
use super::{
    Server,
    answer::{Rejection, code, known, known_lines},
    request::{Request, sealed},
};
use crate::{Argument, Code, EnhancedCode, Etrn, Mailbox, Reply};
use alloc::{format, vec::Vec};
use mail_wire::Text;

/// VRFY ([RFC 5321 §3.5](https://www.rfc-editor.org/rfc/rfc5321#section-3.5)).
#[derive(Debug)]
#[non_exhaustive]
pub struct Vrfy {
    /// Who is asked for: a name or an address.
    pub argument: Argument,
}

/// EXPN ([RFC 5321 §3.5](https://www.rfc-editor.org/rfc/rfc5321#section-3.5)).
#[derive(Debug)]
#[non_exhaustive]
pub struct Expn {
    /// Which list is asked for.
    pub argument: Argument,
}

/// A mailbox, and perhaps whose it is: `Fred Smith <fred@example.net>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    name: Option<Text>,
    mailbox: Mailbox,
}

impl Entry {
    /// A mailbox alone.
    pub fn new(mailbox: Mailbox) -> Self {
        Self { name: None, mailbox }
    }

    /// The same, and whose it is.
    #[must_use]
    pub fn named(self, name: Text) -> Self {
        Self { name: Some(name), ..self }
    }

    /// As it stands in a reply.
    pub(super) fn to_text(&self) -> Text {
        let text = match &self.name {
            Some(name) => format!("{} <{}>", name.to_str_lossy(), self.mailbox.as_str()),
            None => format!("<{}>", self.mailbox.as_str()),
        };
        // A text and a mailbox hold nothing that a text may not.
        Text::try_from(text).unwrap_or_default()
    }
}

/// What is known of a mailbox that VRFY asks for. One that is none, or several, is a [`Rejection`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verified {
    /// `250`: it is this one.
    Mailbox(Entry),
    /// `251`: its mail is passed on to this one.
    Forwarded(Entry),
    /// `252`: nobody has looked; mail for it will be taken.
    Unverified,
}

impl Verified {
    pub(super) fn reply(&self) -> Reply {
        let (code, enhanced, text) = match self {
            // rule rfc5321 3.5.2 vrfy-250: VRFY that is answered hears 250 and the mailbox [instead: Self::maybe()]
            Self::Mailbox(entry) => (Code::OK, EnhancedCode::RECIPIENT_OK, entry.to_text()),
            // rule rfc5321 3.5.1 vrfy-251: VRFY of mail that is passed on hears 251 [instead: Self::maybe()]
            Self::Forwarded(entry) => (Code::WILL_FORWARD, EnhancedCode::RECIPIENT_OK, entry.to_text()),
            Self::Unverified => Self::maybe(),
        };
        known(code, enhanced, text)
    }

    fn maybe() -> (Code, EnhancedCode, Text) {
        let text = "cannot verify, but will take mail and try to deliver it";
        (Code::CANNOT_VERIFY, EnhancedCode::success(5, 2), Text::from_static(text))
    }
}

impl Request for Vrfy {
    type Answer = Verified;
    type Grant = ();
    fn accepted(self, server: &mut Server, verified: Verified, _: sealed::Key) {
        server.answer_inquiry(&verified.reply());
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.answer_inquiry(rejection.reply());
    }
}

/// Answered with who is on the list, a line each.
impl Request for Expn {
    type Answer = Vec<Entry>;
    type Grant = ();
    fn accepted(self, server: &mut Server, members: Vec<Entry>, _: sealed::Key) {
        if members.is_empty() {
            let text = Text::from_static("nobody is on that list");
            return server.answer_inquiry(&known(Code::OK, EnhancedCode::OK, text));
        }
        // rule rfc5321 3.5.2 expn-250: EXPN hears 250 and the mailboxes, a line each [instead: members.iter().take(1)]
        let members = members.iter();
        let reply = known_lines(Code::OK, EnhancedCode::RECIPIENT_OK, members.map(Entry::to_text));
        server.answer_inquiry(&reply);
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.answer_inquiry(rejection.reply());
    }
}

/// What becomes of mail that ETRN asks for
/// ([RFC 1985 §5.1](https://www.rfc-editor.org/rfc/rfc1985#section-5.1)). What may not be is a [`Rejection`], such as
/// [`cannot_queue`](Rejection::cannot_queue).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Queued {
    /// `250`: the queue is started.
    Started,
    /// `251`: nothing waits.
    Nothing,
    /// `252`: something waits, and is sent.
    Pending,
    /// `253`: so many messages wait, and are sent.
    Messages(u64),
}

impl Request for Etrn {
    type Answer = Queued;
    type Grant = ();
    fn accepted(self, server: &mut Server, queued: Queued, _: sealed::Key) {
        let said = match queued {
            Queued::Started => format!("queuing for node {self} started"),
            Queued::Nothing => format!("no messages waiting for node {self}"),
            Queued::Pending => format!("pending messages for node {self} started"),
            Queued::Messages(messages) => format!("{messages} pending messages for node {self} started"),
        };
        let code = match queued {
            // rule rfc1985 5.1 started-250: ETRN hears 250 where the queue is started [instead: Code::HELP]
            Queued::Started => Code::OK,
            // rule rfc1985 5.1 nothing-251: ETRN hears 251 where nothing waits [instead: Code::OK]
            Queued::Nothing => Code::WILL_FORWARD,
            // rule rfc1985 5.1 pending-252: ETRN hears 252 where something waits [instead: Code::OK]
            Queued::Pending => Code::CANNOT_VERIFY,
            // rule rfc1985 5.1 messages-253: ETRN hears 253 where it is known how much waits [instead: Code::OK]
            Queued::Messages(_) => code(253),
        };
        server.answer_inquiry(&known(code, EnhancedCode::OK, Text::try_from(said).unwrap_or_default()));
    }
    fn rejected(self, server: &mut Server, rejection: Rejection, _: sealed::Key) {
        server.answer_inquiry(rejection.reply());
    }
}

impl Server {
    pub(super) fn answer_inquiry(&mut self, reply: &Reply) {
        self.resume();
        self.say(reply);
        self.count_idle();
    }
}
