//! What the session says itself, and in which order.
use super::{Outcome, Rejection, Selected, Server, Welcome};
use crate::{
    CleartextLogin, Mechanism, Offer, Security, State, Tag,
    response::{
        Capabilities, Capability, Code, Continuation, Response, Status, StatusKind, Tagged, Untagged,
    },
    state::Verb,
};
use alloc::{boxed::Box, format};
use mail_wire::Text;

impl Server {
    /// A response of nobody's: behind an open FETCH response, or at once.
    pub(super) fn respond(&mut self, response: &Response) {
        match &mut self.fetch {
            Some(fetch) => response.encode(&self.wire, &mut fetch.behind),
            None => response.encode(&self.wire, &mut self.outbox),
        }
    }

    /// A response of this command: an open FETCH response of its own ends there.
    pub(super) fn respond_of(&mut self, serial: u32, response: &Response) {
        self.end_fetch_of(serial);
        self.respond(response);
    }

    pub(super) fn untagged(&mut self, untagged: Untagged) {
        self.respond(&Response::Untagged(untagged));
    }

    pub(super) fn untagged_status(&mut self, status: Status) {
        self.untagged(Untagged::Status(Box::new(status)));
    }

    /// `* OK [code] words`
    fn remark(&mut self, code: Code, words: &'static str) {
        self.untagged_status(Status::with_code(StatusKind::Ok, code, Text::from_static(words)));
    }

    /// The answer to a command that is none of those that are open.
    pub(super) fn tagged(&mut self, tag: Tag, status: Status) {
        self.respond(&Response::Tagged(Box::new(Tagged { tag, status })));
    }

    pub(super) fn tagged_of(&mut self, serial: u32, tag: Tag, status: Status) {
        self.respond_of(serial, &Response::Tagged(Box::new(Tagged { tag, status })));
    }

    /// `+ words`
    pub(super) fn go_on(&mut self, words: &'static str) {
        let continuation = Continuation::from_checked(None, Text::from_static(words));
        self.respond(&Response::Continuation(Box::new(continuation)));
    }

    /// `* BYE`, and the session is over.
    pub(super) fn bye(&mut self, rejection: Rejection) {
        self.untagged_status(rejection.into_status(StatusKind::Bye));
        self.state = self.state.after(Verb::Logout, Outcome::Bye).unwrap_or(State::Closed);
    }

    /// A refusal of the session's own. Too many in a row end it.
    pub(super) fn refuse(&mut self, tag: Option<Tag>, rejection: Rejection) {
        self.answer_refused(tag, rejection);
        self.count_error();
    }

    /// The answer to a command that never was open: untagged where it had no tag.
    pub(super) fn answer_refused(&mut self, tag: Option<Tag>, rejection: Rejection) {
        let kind = rejection.kind();
        let status = rejection.into_status(kind);
        match tag {
            Some(tag) => {
                // rule rfc3501 2.2.2 one-completion: what is refused is answered with its own tag
                self.tagged(tag, status);
            }
            None => {
                // rule rfc3501 2.2.2 untagged-where-no-tag: a line without a tag is answered all the same
                self.untagged_status(status);
            }
        }
        self.tick();
    }

    pub(super) fn count_error(&mut self) {
        self.errors = self.errors.saturating_add(1);
        if self.errors >= self.config.max_errors {
            self.bye(Rejection::no(Text::from_static("too many bad commands")));
        }
    }

    /// One more login has failed and been answered. Too many end the session.
    pub(super) fn count_failed_login(&mut self) {
        self.failed_logins = self.failed_logins.saturating_add(1);
        if self.failed_logins >= self.config.max_failed_logins {
            self.bye(Rejection::no(Text::from_static("too many failed logins")));
        }
    }

    pub(super) fn greet(&mut self, welcome: Welcome) {
        let (kind, outcome) = match welcome {
            Welcome::Ok => (StatusKind::Ok, Outcome::Ok),
            Welcome::PreAuth => (StatusKind::PreAuth, Outcome::PreAuth),
        };
        self.advance(Verb::Greet, outcome);
        let code = Code::Capability(Box::new(self.capabilities()));
        self.untagged_status(Status::with_code(kind, code, self.config.greeting.clone()));
        self.period = self.period.wrapping_add(1);
    }

    /// What SELECT tells of a mailbox, but for its last line.
    pub(super) fn describe(&mut self, mailbox: Selected) {
        let Selected { flags, permanent_flags, exists, recent, unseen, uid_validity, uid_next, access: _ } =
            mailbox;
        // rule rfc3501 6.3.1 exists-told: SELECT tells how many messages there are
        self.untagged(Untagged::Exists(exists));
        // rule rfc3501 6.3.1 recent-told: SELECT tells how many are recent
        self.untagged(Untagged::Recent(recent));
        // rule rfc3501 6.3.1 unseen-told: SELECT tells the first message that is unseen
        if let Some(unseen) = unseen {
            let words = Text::new(format!("Message {unseen} is first unseen")).unwrap_or_default();
            self.untagged_status(Status::with_code(StatusKind::Ok, Code::Unseen(unseen), words));
        }
        // rule rfc3501 6.3.1 uidvalidity-told: SELECT tells UIDVALIDITY
        self.remark(Code::UidValidity(uid_validity), "UIDs valid");
        // rule rfc3501 6.3.1 uidnext-told: SELECT tells UIDNEXT
        self.remark(Code::UidNext(uid_next), "Predicted next UID");
        // rule rfc3501 6.3.1 flags-told: SELECT tells the flags of the mailbox
        self.untagged(Untagged::Flags(Box::new(flags)));
        // rule rfc3501 6.3.1 permanentflags-told: SELECT tells which flags last
        self.remark(Code::PermanentFlags(Box::new(permanent_flags)), "Limited");
    }

    /// What is offered here and now.
    pub(super) fn capabilities(&self) -> Capabilities {
        let config = &self.config;
        let mut offered = config.capabilities.clone();
        // rule rfc3501 7.2.1 offered-only-if-done: STARTTLS and LOGINDISABLED are told where they hold
        for own in [Capability::StartTls, Capability::LoginDisabled, Capability::CompressDeflate] {
            offered = offered.without(own);
        }
        // Never both (RFC 7888 §5).
        // rule rfc7888 5 never-both: LITERAL+ and LITERAL- are not offered together
        if offered.has(Capability::LiteralPlus) {
            offered = offered.without(Capability::LiteralMinus);
        }
        if self.state.is_authenticated() {
            return without_mechanisms(&offered);
        }
        // rule rfc3501 6.2.1 starttls-offered: STARTTLS is offered in clear, where TLS can be done
        if config.starttls == Offer::Yes && self.security == Security::Clear {
            offered = offered.with(Capability::StartTls);
        }
        // rule rfc3501 6.2.3 says-logindisabled: LOGINDISABLED is told where no password may be said
        if !self.may_log_in() {
            return without_mechanisms(&offered).with(Capability::LoginDisabled);
        }
        // rule rfc3501 7.2.1 logindisabled-without-login: LOGINDISABLED is told where LOGIN is not offered
        if config.login == Offer::No {
            offered = offered.with(Capability::LoginDisabled);
        }
        offered
    }

    /// May credentials be said over the transport as it is?
    pub(super) fn may_log_in(&self) -> bool {
        self.security == Security::Tls || self.config.cleartext == CleartextLogin::Allow
    }

    pub(super) fn offers(&self, mechanism: Mechanism) -> bool {
        self.config.capabilities.mechanisms().contains(&mechanism)
    }
}

pub(super) fn without_mechanisms(all: &Capabilities) -> Capabilities {
    let known: Capabilities = all.iter().collect();
    // They are capabilities already, and stay so.
    all.others().iter().fold(known, |capabilities, other| {
        let name = other.to_str_lossy();
        capabilities.clone().with_named(&name).unwrap_or(capabilities)
    })
}

impl Outcome {
    pub(super) fn of(kind: StatusKind) -> Self {
        match kind {
            StatusKind::Ok => Self::Ok,
            StatusKind::No => Self::No,
            StatusKind::Bad => Self::Bad,
            StatusKind::PreAuth => Self::PreAuth,
            StatusKind::Bye => Self::Bye,
        }
    }
}
