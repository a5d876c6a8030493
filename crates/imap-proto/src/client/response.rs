//! What a response does to a session.
use super::{
    Client, Event, Layer, Task,
    flight::{Answered, InFlight, Sending},
    view::Mailbox,
};
use crate::{
    Access, Encoding, ProtocolError, TlsPolicy, Verb,
    response::{
        Capabilities, Capability, Code, Continuation, Fetch, Greeting, Status, StatusKind, Tagged, Untagged,
    },
    state::{Outcome, State},
};
use alloc::boxed::Box;
use core::mem;
use mail_wire::{Offer, Security, sasl};

impl Client {
    pub(super) fn greeting(&mut self, greeting: Greeting) -> Result<Event, ProtocolError> {
        let status = greeting.status();
        let outcome = match status.kind() {
            StatusKind::PreAuth => Outcome::PreAuth,
            StatusKind::Bye => Outcome::Bye,
            _ => Outcome::Ok,
        };
        let needs_tls = self.security == Security::Clear && self.config.tls == TlsPolicy::Required;
        // rule rfc9051 7.1.4 no-preauth-in-clear: a client that requires TLS gives up where PREAUTH comes in clear
        if outcome == Outcome::PreAuth && needs_tls {
            return Err(self.broken(ProtocolError::PreAuthInClear));
        }
        self.state = self.state.after(Verb::Greet, outcome).unwrap_or(State::Closed);
        self.learn(status);
        // rule rfc3501 7.1.5 greeted-by-bye: a greeting of BYE ends the session
        if outcome == Outcome::Bye {
            self.end();
        } else {
            self.task = Task::Converse;
        }
        Ok(Event::Greeting(greeting))
    }

    /// A command is done.
    pub(super) fn tagged(&mut self, tagged: Tagged) -> Result<Event, ProtocolError> {
        let (kind, sent) = (tagged.status.kind(), self.outbox.sent());
        let at = self.in_flight.iter().position(|flight| flight.tag == tagged.tag);
        let is_due = |at: &usize| match (kind, self.in_flight.get(*at), &self.sending) {
            // A refusal may come before all is sent; success may not.
            // rule rfc3501 2.2.2 answers-what-was-sent: an OK that comes before its command is sent answers nothing
            (StatusKind::Ok, Some(flight), _) => flight.is_sent(sent),
            // What is announced must be out, or its octets would be waited for.
            (_, Some(_), Sending::Waits { holds, .. }) if at + 1 == self.in_flight.len() => {
                holds.front().is_none_or(|hold| *hold <= sent)
            }
            (_, Some(flight), _) => flight.has_begun(sent),
            (_, None, _) => false,
        };
        let Some(at) = at.filter(is_due) else { return Ok(Event::Unsolicited(Box::new(tagged))) };
        if at + 1 == self.in_flight.len() {
            self.stop_sending();
        }
        let Some(flight) = self.in_flight.remove(at) else {
            return Ok(Event::Unsolicited(Box::new(tagged)));
        };
        if self.task == Task::Cancelled {
            self.task = Task::Converse;
        }
        // rule rfc3501 7.1 codes-of-answers: what the code of an answer tells of the session is kept
        self.learn(&tagged.status);
        let event = self.answered(flight, tagged.status);
        Ok(event)
    }

    /// The command that was encoded last is answered. What it holds is never sent; what the server has been told to
    /// expect must be.
    fn stop_sending(&mut self) {
        match &mut self.sending {
            Sending::Nothing => {}
            Sending::Waits { .. } => {
                self.outbox.discard();
                self.sending = Sending::Nothing;
            }
            Sending::Uploads(streams) => streams.answered = Answered::Yes,
        }
    }

    fn answered(&mut self, InFlight { tag, verb, .. }: InFlight, status: Status) -> Event {
        let outcome = match (status.kind(), verb) {
            (StatusKind::Ok, Verb::Select | Verb::Examine) => {
                let is_read_only = verb == Verb::Examine
                    // rule rfc3501 6.3.1 read-only-is-heard: a mailbox that is opened read-only is only read
                    || status.code() == Some(&Code::ReadOnly);
                Outcome::Opened(if is_read_only { Access::ReadOnly } else { Access::ReadWrite })
            }
            (StatusKind::Ok, _) => Outcome::Ok,
            (StatusKind::No, _) => Outcome::No,
            _ => Outcome::Bad,
        };
        let is_ok = status.kind() == StatusKind::Ok;
        let goes_on = self.task != Task::Closing;
        let moved = match self.state {
            State::Idling(_) => Verb::Done,
            State::Authenticating => Verb::Respond,
            _ => verb,
        };
        self.state = self.state.after(moved, outcome).unwrap_or(self.state);
        match verb {
            // Capabilities may be others for this user (RFC 3501 section 6.2.3).
            // rule rfc3501 6.2.3 capabilities-lapse: what was offered before a login is not believed behind it
            Verb::Login | Verb::Authenticate if is_ok && !self.told_anew => self.capabilities = None,
            Verb::Select | Verb::Examine if is_ok => self.mailbox.selected(),
            // rule rfc3501 6.3.1 failed-select: behind a SELECT that failed nothing is known of a mailbox
            Verb::Select | Verb::Examine => self.mailbox = Mailbox::None,
            // rule rfc3501 6.4.2 nothing-of-a-closed-one: behind CLOSE nothing is known of a mailbox
            Verb::Close | Verb::Unselect if is_ok => self.mailbox = Mailbox::None,
            Verb::StartTls if is_ok && goes_on => return self.upgrade(tag, Layer::Tls),
            Verb::Compress if is_ok && goes_on => return self.upgrade(tag, Layer::Deflate),
            // rule rfc3501 6.1.3 over-when-answered: the session is over when LOGOUT is answered, not before
            Verb::Logout => self.end(),
            _ => {}
        }
        Event::Completed { tag, status }
    }

    fn upgrade(&mut self, tag: crate::Tag, layer: Layer) -> Event {
        self.task = Task::Upgrading(layer);
        Event::Upgrade { tag, layer, upgrade: self.mark.upgrade() }
    }

    /// `+`: a literal, a SASL exchange or IDLE may go on.
    pub(super) fn continuation(
        &mut self,
        continuation: Continuation,
    ) -> Result<Option<Event>, ProtocolError> {
        let sent = self.outbox.sent();
        if let Sending::Waits { holds, .. } = &mut self.sending {
            // rule rfc3501 4.3 plus-lets-a-literal-go: a continuation request lets a literal go that waits for it
            if holds.front().is_some_and(|hold| *hold <= sent) {
                holds.pop_front();
                self.outbox.release();
                self.released();
                return Ok(None);
            }
        }
        let last = self.in_flight.back().filter(|flight| flight.is_sent(sent));
        match last.map(|flight| (flight.verb, flight.tag.clone())) {
            // Who has said BYE begins nothing any more.
            _ if self.task == Task::Closing => Ok(Some(Event::Continuation(Box::new(continuation)))),
            Some((Verb::Authenticate, tag)) => self.challenge(tag, &continuation),
            Some((Verb::Idle, tag)) if !matches!(self.state, State::Idling(_)) => {
                // rule rfc2177 3 idles-from-the-plus-on: the client idles when the server has asked for DONE
                self.state = self.state.after(Verb::Idle, Outcome::Continue).unwrap_or(self.state);
                Ok(Some(Event::Idling { tag }))
            }
            _ => Ok(Some(Event::Continuation(Box::new(continuation)))),
        }
    }

    /// A hold is released: was it the last?
    fn released(&mut self) {
        self.sending = match mem::replace(&mut self.sending, Sending::Nothing) {
            Sending::Waits { holds, streams: None } if holds.is_empty() => Sending::Nothing,
            Sending::Waits { holds, streams: Some(streams) } if holds.is_empty() => {
                return self.open_upload(streams);
            }
            other => other,
        };
    }

    fn challenge(
        &mut self,
        tag: crate::Tag,
        continuation: &Continuation,
    ) -> Result<Option<Event>, ProtocolError> {
        // rule rfc3501 6.2.2 cancelled-is-over: behind a cancel no challenge is answered
        if self.task == Task::Cancelled {
            return Err(self.broken(ProtocolError::UnexpectedChallenge));
        }
        let verb = if self.state == State::Authenticating { Verb::Respond } else { Verb::Authenticate };
        self.state = self.state.after(verb, Outcome::Continue).unwrap_or(self.state);
        let decoded = match continuation.code() {
            None => sasl::decode(continuation.text().as_bytes()),
            Some(_) => Err(sasl::NotBase64),
        };
        match decoded {
            Ok(challenge) => {
                self.task = Task::Challenged;
                Ok(Some(Event::Challenge { tag, challenge }))
            }
            // "If the client receives data that is not base64, it cancels": the answer to that is AUTHENTICATE's.
            Err(_) => {
                self.task = Task::Cancelled;
                // rule rfc3501 6.2.2 cancels-what-is-no-base64: a challenge that is no base64 is answered with a cancel
                self.say_response(&sasl::Response::Cancel);
                Ok(None)
            }
        }
    }

    /// Something that the client should know.
    pub(super) fn untagged(&mut self, untagged: Untagged, uid: Option<u32>) -> Result<Event, ProtocolError> {
        match &untagged {
            Untagged::Status(status) => {
                self.learn(status);
                // rule rfc3501 7.1.5 nothing-behind-bye: behind BYE nothing is said any more
                if status.kind() == StatusKind::Bye {
                    self.task = Task::Closing;
                }
            }
            // rule rfc3501 7.2.1 capability-is-kept: what the server offers is kept, whenever it is told
            Untagged::Capability(offered) => self.offered(offered),
            // rule rfc5161 3.2 enabled-is-kept: what is enabled holds from ENABLED on
            Untagged::Enabled(enabled) => self.enabled(enabled),
            Untagged::Fetch(Fetch { number, .. }) => self.keep_uid(*number, uid)?,
            other => self.keep_mailbox(other)?,
        }
        Ok(Event::Untagged(untagged))
    }

    /// What a response code says of the session.
    fn learn(&mut self, status: &Status) {
        self.mailbox.code(status);
        match status.code() {
            // rule rfc3501 7.1 capability-code: the CAPABILITY code tells as much as the response
            Some(Code::Capability(offered)) => self.offered(offered),
            // rule rfc3501 7.1 read-only-code: a mailbox may turn read-only while it is selected
            Some(Code::ReadOnly) => self.access(Access::ReadOnly),
            // rule rfc3501 7.1 read-write-code: a mailbox may be writable again while it is selected
            Some(Code::ReadWrite) => self.access(Access::ReadWrite),
            _ => {}
        }
    }

    fn offered(&mut self, offered: &Capabilities) {
        // They stay for long, and would keep the block that they came in.
        self.capabilities = Some(offered.detach());
        self.told_anew = true;
    }

    /// The selected mailbox may be changed from now on, or no more.
    fn access(&mut self, access: Access) {
        self.state = match self.state {
            State::Selected(_) => State::Selected(access),
            State::Idling(Some(_)) => State::Idling(Some(access)),
            none => none,
        };
    }

    /// `ENABLED`: what it changes holds from here on, in both directions.
    fn enabled(&mut self, enabled: &Capabilities) {
        // rule rfc5161 3.1 nothing-unasked: what was not asked for is not enabled [instead: let asked = true;]
        let asked = self.in_flight.iter().any(|flight| flight.verb == Verb::Enable);
        let is_utf8 = enabled.has(Capability::Utf8Accept) || enabled.has(Capability::Imap4Rev2);
        if asked && is_utf8 {
            self.encoding = Encoding::Utf8;
        }
        if asked && enabled.has(Capability::Utf8Accept) {
            self.charsets = Offer::No;
        }
    }
}
