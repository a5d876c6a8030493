//! Matches replies to what they answer.
use super::{
    Client, Event, Fate, Task, Ticket,
    flight::{Awaits, InFlight, is_chunk},
};
use crate::{
    Capabilities, Class, Code, ProtocolError, Reply,
    config::Protocol,
    state::{Phase, State, Verb},
};
use mail_wire::{Output, Upload};

impl Client {
    /// Matches a reply to what it answers.
    pub(super) fn reply(&mut self, reply: Reply) -> Result<Option<Event>, ProtocolError> {
        let closing = reply.code() == Code::NOT_AVAILABLE;
        let sent = self.outbox.sent();
        let event = match self.in_flight.front().copied() {
            // rule rfc5321 4.2 client-unsolicited: a reply that nothing asked for answers nothing [instead: None]
            None => Some(Event::Unsolicited(reply)),
            // rule rfc2920 3.1 counted: a reply answers a command that was sent before it came
            Some(InFlight { awaits, last, .. }) if awaits != Awaits::Greeting && last >= sent => {
                Some(Event::Unsolicited(reply))
            }
            Some(InFlight { ticket, awaits, last }) => {
                let class = reply.code().class();
                // 334 to AUTH is not its last reply.
                // rule rfc4954 4 client-challenge: a 334 asks for a response, and AUTH is not answered yet
                if (awaits, class) == (Awaits::Command(Verb::Auth), Class::Intermediate) {
                    return self.challenge(ticket, &reply);
                }
                self.in_flight.pop_front();
                let event = match awaits {
                    Awaits::Greeting => Ok(Some(self.greeting(reply))),
                    Awaits::Helo => self.answered(ticket, Verb::Hello, awaits, reply),
                    Awaits::Command(verb) => self.answered(ticket, verb, awaits, reply),
                    // rule rfc5321 4.2.1 client-no-3yz: a 3yz is no verdict on a message
                    Awaits::Message | Awaits::Recipient(_) if class == Class::Intermediate => {
                        Err(self.unexpected(&reply))
                    }
                    Awaits::Message => Ok(Some(Event::Reply { ticket, reply })),
                    Awaits::Recipient(recipient) => Ok(Some(Event::Recipient { ticket, recipient, reply })),
                };
                // What was said is no answer: its command is told as unanswered.
                event.inspect_err(|_| self.in_flight.push_front(InFlight { ticket, awaits, last }))?
            }
        };
        // rule rfc5321 4.3.2 client-421: 421 ends the session, whatever it answers
        if closing {
            self.end();
        }
        Ok(event)
    }

    fn greeting(&mut self, reply: Reply) -> Event {
        match self.confirmed.after(Verb::Greet) {
            // rule rfc5321 3.1 client-greeting: anything but 220 is no greeting, and no transaction follows
            _ if reply.code() != Code::READY => self.end(),
            Ok(state) => self.confirmed = state,
            Err(_) => self.end(),
        }
        Event::Greeting(reply)
    }

    fn challenge(&mut self, ticket: Ticket, reply: &Reply) -> Result<Option<Event>, ProtocolError> {
        self.confirmed = self.confirmed.after(Verb::Auth).unwrap_or(self.confirmed);
        match reply.challenge() {
            Ok(challenge) if self.task != Task::Cancelled => {
                self.task = Task::Challenged;
                Ok(Some(Event::Challenge { ticket, challenge }))
            }
            // RFC 4954 section 4: what is no base64 is cancelled; the answer to that is AUTH's.
            // rule rfc4954 4 client-cancels: a challenge that is no base64 is cancelled with "*"
            Err(_) if self.task != Task::Cancelled => {
                self.task = Task::Cancelled;
                self.outbox.text(b"*\r\n");
                self.awaits_answer();
                Ok(None)
            }
            _ => Err(self.unexpected(reply)),
        }
    }

    /// The reply to a command: moves the state, or puts right what was expected of it.
    fn answered(
        &mut self,
        ticket: Ticket,
        verb: Verb,
        awaits: Awaits,
        reply: Reply,
    ) -> Result<Option<Event>, ProtocolError> {
        let class = reply.code().class();
        let succeeds = if verb == Verb::Data { Class::Intermediate } else { Class::Completion };
        // rule rfc4954 4 client-goes-on: behind an exchange that was cancelled commands may be sent
        if self.task == Task::Cancelled {
            self.task = Task::Converse;
        }
        // rule rfc5321 4.3.2 client-first-digit: a reply is understood by its first digit
        if class == succeeds {
            return self.succeeded(ticket, verb, awaits, reply);
        }
        // rule rfc5321 4.2.1 client-no-answer: a 3yz where 2yz is due, and the reverse, ends the session
        if matches!(class, Class::Completion | Class::Intermediate) {
            return Err(self.unexpected(&reply));
        }
        // rule rfc4954 4 client-may-try-again: behind a login that failed other commands may be sent
        if verb == Verb::Auth {
            self.confirmed = self.confirmed.after(Verb::AuthFailure).unwrap_or(self.confirmed);
        }
        // RFC 5321 section 4.1.1.10: a client may close behind the reply to QUIT, whatever it is.
        if verb == Verb::Quit {
            self.end();
        }
        if is_chunk(verb) && !self.awaits_reset() {
            self.fate = Fate::ChunkRefused;
        }
        // rule rfc5321 4.1.1.5 client-reset-refused: where RSET was refused nothing joins what may still be open
        if verb == Verb::Reset && self.is_open() {
            self.fate = Fate::ResetRefused;
        }
        // rule rfc2920 3.1 all-statuses: a command that was refused has begun nothing for those behind it
        self.expected = None;
        Ok(Some(Event::Reply { ticket, reply }))
    }

    fn succeeded(
        &mut self,
        ticket: Ticket,
        verb: Verb,
        awaits: Awaits,
        reply: Reply,
    ) -> Result<Option<Event>, ProtocolError> {
        if self.fate == Fate::ResetRefused {
            match verb {
                Verb::Hello | Verb::Reset => self.fate = Fate::Open,
                // rule rfc5321 4.1.1.5 client-no-message-behind-refused: where RSET was refused no message is sent
                Verb::Data => return Err(self.unexpected(&reply)),
                // It was said before, and which transaction it is of, nobody knows.
                Verb::Mail | Verb::Rcpt => return Ok(Some(Event::Reply { ticket, reply })),
                _ => {}
            }
        }
        // rule rfc2920 3.1 lone-dot: behind a 354 without recipients the client sends a lone dot
        if verb == Verb::Data && self.confirmed.after(verb).is_err() {
            return self.nobody_receives(ticket, &reply).map(|()| None);
        }
        self.confirmed = self.confirmed.after(verb).unwrap_or(self.confirmed);
        match verb {
            // rule rfc5321 3.2 client-helo: a reply to HELO offers nothing
            Verb::Hello if awaits == Awaits::Helo => {
                self.recipients.clear();
                self.capabilities = Some(Capabilities::new());
            }
            Verb::Hello => {
                self.recipients.clear();
                let offered = Capabilities::parse(&reply, self.config.leniency, &mut self.deviations);
                match offered {
                    Ok(offered) => self.capabilities = Some(offered),
                    Err(error) => return Err(self.broken(ProtocolError::BadCapabilities(error))),
                }
            }
            // rule rfc2033 4.2 client-recipients-of-one: no reply is awaited for earlier transactions
            Verb::Mail | Verb::Reset => self.recipients.clear(),
            // rule rfc2033 4.2 client-reply-per-recipient: each accepted RCPT is owed a reply to the message
            Verb::Rcpt => self.recipients.push_back(ticket),
            Verb::Auth => {
                // rule rfc4954 4 client-auth-once: a client that has logged in does not say AUTH again
                self.confirmed = self.confirmed.after(Verb::AuthSuccess).unwrap_or(self.confirmed);
                self.expected = None;
            }
            // rule rfc5321 3.3 client-354: a message is sent behind a 354 and behind nothing else
            Verb::Data => {
                self.task = Task::Uploading { ticket, verb };
                return Ok(Some(Event::Upload {
                    ticket,
                    upload: Upload::dotted(&self.mark, self.config.bare),
                }));
            }
            // rule rfc3030 2 client-last-ends: the reply to the last chunk ends the transaction
            Verb::LastChunk => {
                self.confirmed = self.confirmed.after(Verb::EndOfData).unwrap_or(self.confirmed);
                self.recipients.clear();
                // Also where a chunk before it was refused: there is nothing left to be reset.
                self.fate = Fate::Open;
            }
            // rule rfc3207 4 client-upgrades: behind the 220 to STARTTLS the handshake comes
            Verb::StartTls => {
                self.task = Task::Upgrading;
                return Ok(Some(Event::Upgrade { ticket, upgrade: self.mark.upgrade() }));
            }
            // The server has greeted anew, somebody else.
            Verb::XClient => self.capabilities = None,
            // rule rfc5321 4.1.1.10 client-waits-for-221: the session is over when QUIT is answered
            Verb::Quit => self.end(),
            _ => {}
        }
        Ok(Some(Event::Reply { ticket, reply }))
    }

    /// Does a transaction stand?
    fn is_open(&self) -> bool {
        matches!(self.confirmed.phase, Phase::Transaction { .. } | Phase::Chunking { .. })
    }

    /// 354 though no recipient was accepted: "the client SMTP should send a single dot" (RFC 2920 section 3.1).
    /// LMTP answers an end of data once a recipient, so there it could not even be told what came of it.
    fn nobody_receives(&mut self, ticket: Ticket, reply: &Reply) -> Result<(), ProtocolError> {
        // rule rfc2033 4.2 client-354-without-recipients: a 354 without recipients ends an LMTP session
        if self.config.protocol == Protocol::Lmtp {
            return Err(self.unexpected(reply));
        }
        self.outbox.text(b".\r\n");
        let last = self.outbox.position() - 1;
        self.in_flight.push_front(InFlight { ticket, awaits: Awaits::Message, last });
        self.recipients.clear();
        self.confirmed = self.confirmed.after(Verb::Reset).unwrap_or(self.confirmed);
        self.expected = None;
        Ok(())
    }

    /// What stands when all that is on its way succeeds.
    pub(super) fn expected(&mut self) -> State {
        // What no longer may stand is refused by the server, and changes nothing.
        let after = |state: State, verb| state.after(verb).unwrap_or(state);
        let confirmed = self.confirmed;
        let (in_flight, held, task) = (&self.in_flight, &self.held, self.task);
        *self.expected.get_or_insert_with(|| {
            let answered = in_flight.iter().filter_map(|flight| flight.awaits.verb());
            let sent = answered.fold(confirmed, |state, verb| match verb {
                // Its octets are on their way too.
                Verb::LastChunk => after(after(state, verb), Verb::EndOfData),
                verb => after(state, verb),
            });
            let sent = match task {
                Task::Announced { verb, .. } | Task::Uploading { verb, .. } => after(sent, verb),
                _ => sent,
            };
            held.iter().map(|(_, command)| super::flight::verb(command)).fold(sent, after)
        })
    }
}
