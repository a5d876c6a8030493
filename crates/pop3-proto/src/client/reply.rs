//! Matches replies to what they answer.
use super::{
    Client, Event, Task, Ticket,
    flight::{Awaits, InFlight, Initial},
    message::Message,
};
use crate::{
    Charset, Deviation, DeviationKind, DropListing, Language, ProtocolError, Reply, ReplyText, Response,
    ScanListing, State, Status, Timestamp, UniqueIdListing,
    state::{Outcome, Verb},
};
use alloc::vec::Vec;
use bytes::Bytes;
use core::mem;
use mail_wire::{Output, ParseError, Secret, sasl};

impl Client {
    /// A line that starts a reply, or a challenge.
    pub(super) fn status(&mut self, line: &Bytes) -> Result<Option<Event>, ProtocolError> {
        match Response::parse_lenient(line, self.config.leniency) {
            Ok((response, deviation)) => {
                self.tolerated(deviation);
                match response {
                    Response::Reply(reply) => self.reply(reply),
                    Response::Challenge(challenge) => self.challenge(challenge),
                }
            }
            // rule rfc5034 4 client-cancels: a challenge that is no base64 is answered with a star
            Err(_) if line.starts_with(b"+ ") && self.is_exchange_due() => {
                self.moved_by_challenge()?;
                self.respond_with(&sasl::Response::Cancel);
                self.task = Task::Cancelled;
                Ok(None)
            }
            Err(error) => Err(self.broken(ProtocolError::BadReply(error))),
        }
    }

    /// Matches a reply to what it answers.
    fn reply(&mut self, reply: Reply) -> Result<Option<Event>, ProtocolError> {
        let sent = self.outbox.sent();
        match self.in_flight.front() {
            Some(InFlight { awaits: Awaits::Greeting, .. }) => {
                self.in_flight.pop_front();
                return Ok(Some(self.greeting(reply)));
            }
            // rule rfc1939 3 counted: a reply answers a command that was sent before it came
            Some(front) if front.last < sent => {}
            _ => return Ok(Some(Event::Unsolicited(reply))),
        }
        let is_lone_ok = reply.status == Status::Ok && reply.text == ReplyText::default();
        if is_lone_ok && self.takes_ok_as_challenge() {
            self.tolerated(Some(Deviation { kind: DeviationKind::OkAsChallenge, offset: 0 }));
            return self.challenge(Secret::copy_from(b""));
        }
        let Some(flight) = self.in_flight.pop_front() else { return Ok(None) };
        let (ticket, last) = (flight.ticket, flight.last);
        match self.answered(flight.ticket, &flight.awaits, reply) {
            Ok(event) => {
                // Its answer goes on: it has more lines.
                if self.task.is_body() {
                    self.in_flight.push_front(flight);
                }
                Ok(event)
            }
            // What was said is no answer: its command is told as unanswered.
            Err(error) => {
                self.in_flight.push_front(InFlight { ticket, awaits: flight.awaits, last });
                Err(error)
            }
        }
    }

    fn greeting(&mut self, reply: Reply) -> Event {
        let outcome = if reply.status == Status::Ok { Outcome::Ok } else { Outcome::Err };
        // rule rfc1939 4 client-greeting: a greeting of +OK opens the session, and no other does
        self.state = self.state.after(Verb::Greet, outcome).unwrap_or(State::Closed);
        self.timestamp = timestamp(reply.text.words().as_bytes());
        if self.state == State::Closed {
            self.end();
        }
        Event::Greeting(reply)
    }

    /// The reply to a command: moves the state.
    fn answered(
        &mut self,
        ticket: Ticket,
        awaits: &Awaits,
        reply: Reply,
    ) -> Result<Option<Event>, ProtocolError> {
        let verb = awaits.verb(self.state);
        let outcome = if reply.status == Status::Ok { Outcome::Ok } else { Outcome::Err };
        match self.after(verb, outcome) {
            Some(state) => self.state = state,
            // rule rfc2449 6.6 client-checks-each: behind a command that failed others may fail that rested on it
            None if outcome == Outcome::Err => {}
            None => return Err(self.broken(ProtocolError::UnexpectedOk)),
        }
        if matches!(self.task, Task::Cancelled) {
            self.task = Task::Converse;
        }
        // rule rfc1939 6 client-quit-ends: the reply to QUIT ends the session
        if self.state == State::Closed {
            self.end();
        }
        if outcome == Outcome::Err {
            self.expected = None;
            return Ok(Some(Event::Reply { ticket, reply }));
        }
        match (verb, awaits) {
            (Verb::Capa, _) => self.task = Task::Capabilities { reply, listed: Vec::new() },
            (Verb::AuthList, _) => self.task = Task::Mechanisms(Vec::new()),
            (Verb::List | Verb::Uidl | Verb::Lang, Awaits::Lines(_)) => {
                self.task = Task::Listing(verb);
                return Ok(Some(Event::Begin { ticket, reply }));
            }
            (Verb::Retr | Verb::Top, _) => {
                let tolerates_lone_dots = self.config.leniency.tolerates(DeviationKind::MissingStuffing);
                self.task = Task::Message(Message::new(tolerates_lone_dots));
                return Ok(Some(Event::Begin { ticket, reply }));
            }
            (Verb::Lang, _) => return self.language(ticket, reply).map(Some),
            (Verb::Stat | Verb::List | Verb::Uidl, _) => {
                let event = self.listing(ticket, verb, reply.text.words().as_bytes());
                return event.map(Some).map_err(|error| self.broken(ProtocolError::BadReply(error)));
            }
            (Verb::Utf8, _) => {
                // rule rfc6856 2.1 client-utf8-mode: behind the +OK to UTF8 what the server says is UTF-8
                self.charset = Charset::Utf8;
                return Ok(Some(Event::Reply { ticket, reply }));
            }
            // rule rfc2595 4 client-upgrades: behind the +OK to STLS the handshake comes
            (Verb::Stls, _) => {
                self.task = Task::Upgrading;
                return Ok(Some(Event::Upgrade { ticket, upgrade: self.mark.upgrade() }));
            }
            // rule rfc2449 5 client-forgets-at-login: what was offered before the login is not taken to hold after it
            (Verb::Pass | Verb::Apop | Verb::Auth | Verb::Respond, _) => {
                self.capabilities = None;
                return Ok(Some(Event::Reply { ticket, reply }));
            }
            _ => return Ok(Some(Event::Reply { ticket, reply })),
        }
        Ok(None)
    }

    /// The words of a reply that are a listing.
    fn listing(&mut self, ticket: Ticket, verb: Verb, words: &[u8]) -> Result<Event, ParseError> {
        Ok(match verb {
            // rule rfc1939 5 client-reads-stat: the words of the reply to STAT are a drop listing
            Verb::Stat => Event::DropListing { ticket, listing: DropListing::parse(words)? },
            Verb::List => Event::ScanListing { ticket, listing: ScanListing::parse(words)? },
            _ => {
                let (listing, deviation) = UniqueIdListing::parse_lenient(words, self.config.leniency)?;
                self.tolerated(deviation);
                Event::UniqueIdListing { ticket, listing }
            }
        })
    }

    /// The reply to LANG with a language. Some words without one change nothing, and are told as they are.
    fn language(&mut self, ticket: Ticket, reply: Reply) -> Result<Event, ProtocolError> {
        match Language::parse(&reply.text.words().detach().into_bytes()) {
            // rule rfc6856 3.2 client-reads-lang: LANG's reply is read [instead: Ok(Event::Reply { ticket, reply })]
            Ok(language) => Ok(Event::Language { ticket, language }),
            Err(error) if self.config.leniency.tolerates(DeviationKind::BadEntry) => {
                self.tolerated(Some(Deviation { kind: DeviationKind::BadEntry, offset: error.offset }));
                Ok(Event::Reply { ticket, reply })
            }
            Err(error) => Err(self.broken(ProtocolError::BadReply(error))),
        }
    }

    /// A challenge of an exchange.
    fn challenge(&mut self, challenge: Secret) -> Result<Option<Event>, ProtocolError> {
        if !self.is_exchange_due() {
            return Err(self.broken(ProtocolError::UnexpectedChallenge));
        }
        self.moved_by_challenge()?;
        let Some(InFlight { ticket, awaits: Awaits::Auth(initial), .. }) = self.in_flight.front_mut() else {
            return Ok(None);
        };
        let ticket = *ticket;
        match mem::replace(initial, Initial::Said) {
            // rule rfc5034 4 deferred-initial-response: what did not fit the line answers the empty challenge
            Initial::Deferred(octets) if challenge.as_bytes().is_empty() => {
                self.respond_with(&sasl::Response::Data(octets));
                Ok(None)
            }
            _ => {
                self.task = Task::Challenged;
                Ok(Some(Event::Challenge { ticket, challenge }))
            }
        }
    }

    /// Was an AUTH or a response sent, and is it unanswered?
    fn is_exchange_due(&self) -> bool {
        let sent = self.outbox.sent();
        let front = self.in_flight.front();
        let is_due = front.is_some_and(|front| matches!(front.awaits, Awaits::Auth(_)) && front.last < sent);
        is_due && !matches!(self.task, Task::Cancelled)
    }

    /// No mechanism is done before the client has said anything: a lone +OK then asks for it to speak.
    fn takes_ok_as_challenge(&self) -> bool {
        let front = self.in_flight.front().map(|front| &front.awaits);
        self.config.leniency.tolerates(DeviationKind::OkAsChallenge)
            && matches!(front, Some(Awaits::Auth(Initial::Absent | Initial::Deferred(_))))
            && self.is_exchange_due()
    }

    fn moved_by_challenge(&mut self) -> Result<(), ProtocolError> {
        let verb = if self.state == State::Exchange { Verb::Respond } else { Verb::Auth };
        match self.after(verb, Outcome::Challenge) {
            Some(state) => self.state = state,
            None => return Err(self.broken(ProtocolError::UnexpectedChallenge)),
        }
        Ok(())
    }

    /// Writes a response. What comes before it is sent is no answer to it.
    pub(super) fn respond_with(&mut self, response: &sasl::Response) {
        response.encode(&mut self.outbox);
        self.outbox.text(b"\r\n");
        let last = self.outbox.position() - 1;
        if let Some(front) = self.in_flight.front_mut() {
            front.last = last;
        }
        self.period += 1;
    }

    /// Where the session stands when `verb` was said and had this outcome.
    fn after(&self, verb: Verb, outcome: Outcome) -> Option<State> {
        self.state.after(verb, Outcome::Said).and_then(|said| said.after(verb, outcome)).ok()
    }
}

/// The first `timestamp` of a greeting, somewhere in its words.
fn timestamp(words: &[u8]) -> Option<Timestamp> {
    let starts = words.iter().enumerate().filter(|(_, octet)| **octet == b'<');
    // rule rfc1939 7 client-timestamp: the msg-id of a greeting is kept [instead: None]
    starts.into_iter().find_map(|(from, _)| {
        let words = words.get(from..)?;
        let longest = words.get(..Timestamp::MAX).unwrap_or(words);
        let to = longest.iter().position(|octet| *octet == b'>')?;
        Timestamp::new(Bytes::copy_from_slice(longest.get(..=to)?)).ok()
    })
}
