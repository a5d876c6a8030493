//! The client machine.
mod check;
mod error;
mod event;
mod flight;

pub use error::{NotChallenged, SendError, SendRefusal};
pub use event::{Event, Ticket};

use crate::{
    Capabilities, Class, Code, Command, Deviations, Extension, ProtocolError, Reply, ReplyReader,
    config::{ClientConfig, Protocol},
    state::{Phase, State, Verb},
};
use alloc::{boxed::Box, collections::VecDeque};
use bytes::{Bytes, BytesMut};
use flight::{Awaits, InFlight, ends_group, verb};
use mail_wire::{
    FinishError, Mark, Outbox, Output, Patience, Reason, Stale, Step, Then, Transmit, Upgrade, UpgradeError,
    Upload, WriteError,
    line::{Framed, LineEnding, LineFramer},
    sasl,
};

/// The client's side of an SMTP, submission or LMTP session, command by command.
///
/// [`send`](Self::send) checks a command against the state and the server's offers before an octet leaves, and
/// pipelines as far as [RFC 2920](https://www.rfc-editor.org/rfc/rfc2920) and the server allow. Replies come back
/// as [`Event`]s that name the [`Ticket`] of their command.
///
/// ```
/// use bytes::{Buf, BytesMut};
/// use smtp_proto::{client::{Client, Event}, ClientConfig, ClientName, Code, Command, Step, TlsPolicy};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut client = Client::new(ClientConfig { tls: TlsPolicy::Opportunistic, ..ClientConfig::default() });
/// let hello = client.send(Command::Ehlo(ClientName::new("c.example.org")?))?;
/// let mut input = BytesMut::from(&b"220 mx.example.net\r\n"[..]);
/// assert!(matches!(client.receive(&mut input)?, Step::Event(Event::Greeting(_))));
/// assert_eq!(client.transmit().chunk(), b"EHLO c.example.org\r\n");
/// input.extend_from_slice(b"250-mx.example.net\r\n250 PIPELINING\r\n");
/// let Step::Event(Event::Reply { ticket, reply }) = client.receive(&mut input)? else { panic!() };
/// assert_eq!((ticket, reply.code()), (hello, Code::OK));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    /// What the server has confirmed.
    confirmed: State,
    /// What will stand when all that is on its way succeeds.
    expected: State,
    task: Task,
    capabilities: Option<Capabilities>,
    in_flight: VecDeque<InFlight>,
    held: VecDeque<(Ticket, Command)>,
    /// The RCPTs of the transaction that were accepted.
    recipients: VecDeque<Ticket>,
    lines: LineFramer,
    replies: ReplyReader,
    deviations: Deviations,
    outbox: Outbox,
    mark: Mark,
    tickets: u64,
    period: u64,
}

/// What the machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Commands out, replies in.
    Converse,
    /// A challenge waits for its response.
    Challenged,
    /// The message is being written: of this DATA.
    Uploading(Ticket),
    /// Waits for TLS.
    Upgrading,
    /// The session is over; what was on its way is being reported.
    Closed,
}

/// Octets worth reading for a reply.
const HINT: usize = 512;

impl Client {
    /// A session on a connection that was just made.
    pub fn new(config: ClientConfig) -> Self {
        let state = State::new(config.security);
        let greeting = InFlight { ticket: Ticket(0), awaits: Awaits::Greeting };
        Self {
            confirmed: state,
            expected: State { phase: Phase::Start, ..state },
            task: Task::Converse,
            capabilities: None,
            in_flight: VecDeque::from([greeting]),
            held: VecDeque::new(),
            recipients: VecDeque::new(),
            lines: LineFramer::new(config.max_line, LineEnding::CrlfOrLf),
            replies: ReplyReader::new(config.max_reply),
            deviations: Deviations::default(),
            outbox: Outbox::default(),
            mark: Mark::default(),
            tickets: 0,
            period: 0,
            config,
        }
    }

    /// Sends a command, now or as soon as it may go.
    ///
    /// # Errors
    /// It may not be sent. Nothing has happened, and it comes back.
    pub fn send(&mut self, command: Command) -> Result<Ticket, SendError> {
        match self.check(&command) {
            Err(refusal) => Err(SendError { command: Box::new(command), refusal }),
            Ok(expected) => {
                self.tickets += 1;
                let ticket = Ticket(self.tickets);
                self.expected = expected;
                self.held.push_back((ticket, command));
                self.pump();
                Ok(ticket)
            }
        }
    }

    /// Answers a challenge.
    ///
    /// # Errors
    /// No challenge waits.
    pub fn respond(&mut self, response: &sasl::Response) -> Result<(), NotChallenged> {
        if self.task != Task::Challenged {
            return Err(NotChallenged);
        }
        response.encode(&mut self.outbox);
        self.outbox.text(b"\r\n");
        self.task = Task::Converse;
        self.period += 1;
        Ok(())
    }

    /// Queues a piece of the message; its octets are shared, and stuffed on the way.
    ///
    /// # Errors
    /// It was not taken, and comes back.
    pub fn write(&mut self, upload: &mut Upload, chunk: Bytes) -> Result<(), WriteError> {
        if !matches!(self.task, Task::Uploading(_)) {
            return Err(WriteError::Stale { chunk });
        }
        upload.write(&self.mark, &mut self.outbox, self.config.max_unsent, chunk)?;
        self.period += 1;
        Ok(())
    }

    /// Ends the message. What became of it comes as the reply to its DATA.
    ///
    /// # Errors
    /// It cannot end there; the upload comes back.
    pub fn finish(&mut self, upload: Upload) -> Result<(), FinishError> {
        let Task::Uploading(ticket) = self.task else { return Err(Stale(upload).into()) };
        upload.finish(&self.mark, &mut self.outbox)?;
        self.period += 1;
        self.task = Task::Converse;
        self.confirmed = self.confirmed.after(Verb::EndOfData).unwrap_or(self.confirmed);
        self.expected = self.confirmed;
        match self.config.protocol {
            Protocol::Smtp => self.in_flight.push_back(InFlight { ticket, awaits: Awaits::Message }),
            Protocol::Lmtp => {
                let recipients = self.recipients.drain(..);
                let awaits =
                    recipients.map(|recipient| InFlight { ticket, awaits: Awaits::Recipient(recipient) });
                self.in_flight.extend(awaits);
            }
        }
        self.recipients.clear();
        Ok(())
    }

    /// Consumes a prefix of `input` and returns at most one event.
    ///
    /// # Errors
    /// The server broke the protocol beyond repair; the session is over.
    pub fn receive(&mut self, input: &mut BytesMut) -> Result<Step<Event>, ProtocolError> {
        loop {
            if self.mark.is_abandoned() {
                self.task = Task::Closed;
            }
            match self.task {
                Task::Closed => return Ok(self.unfinished().map_or(Step::Closed, Step::Event)),
                _ if self.outbox.unsent() > self.config.max_unsent => return Ok(Step::NeedFlush),
                Task::Upgrading if !input.is_empty() => {
                    return Err(self.broken(ProtocolError::InjectedPlaintext));
                }
                Task::Upgrading | Task::Challenged => return Ok(Step::NeedAnswer),
                Task::Converse | Task::Uploading(_) => {}
            }
            let line = match self.lines.next(input) {
                Framed::NeedInput => return Ok(Step::NeedInput { hint: HINT }),
                Framed::Broken(broken) => return Err(self.broken(ProtocolError::BrokenLine(broken))),
                Framed::Line(line) => line,
            };
            self.period += 1;
            match self.replies.push(line, self.config.leniency, &mut self.deviations) {
                Ok(None) => {}
                Ok(Some(reply)) => {
                    let event = self.reply(reply)?;
                    self.pump();
                    return Ok(Step::Event(event));
                }
                Err(error) => return Err(self.broken(ProtocolError::BadReply(error))),
            }
        }
    }

    /// The server closed its half of the connection: was that a clean place to stop?
    ///
    /// # Errors
    /// It was not: a reply is cut, or a command has none. What was on its way is told by `receive`.
    pub fn receive_eof(&mut self, input: &BytesMut) -> Result<(), ProtocolError> {
        let idle = self.in_flight.is_empty() && self.held.is_empty() && self.task == Task::Converse;
        let inside = self.lines.is_inside(input) || self.replies.is_inside();
        let clean = self.task == Task::Closed || idle && !inside;
        self.task = Task::Closed;
        if clean { Ok(()) } else { Err(ProtocolError::Cut) }
    }

    /// Octets ready to be written to the server.
    pub fn transmit(&mut self) -> &mut Transmit {
        self.outbox.transmit()
    }

    /// How long to wait for the server in this state.
    pub fn patience(&self) -> Patience {
        let timeouts = &self.config.timeouts;
        let limit = match (self.task, self.in_flight.front().map(|front| front.awaits)) {
            (Task::Uploading(_), _) => timeouts.block,
            (_, Some(Awaits::Greeting)) => timeouts.greeting,
            (_, Some(Awaits::Command(Verb::Data))) => timeouts.data,
            (_, Some(Awaits::Message | Awaits::Recipient(_))) => timeouts.message,
            (_, Some(Awaits::Command(_)) | None) => timeouts.command,
        };
        Patience { limit, period: self.period, then: Then::GiveUp }
    }

    /// The connection is TLS now: what was learned in clear is forgotten, and EHLO must be said again.
    ///
    /// # Errors
    /// Octets that came in clear are left in `input`: someone on the way put them there. The session is over. Or
    /// the token is of another session.
    pub fn upgraded(
        &mut self,
        upgrade: Upgrade,
        input: &BytesMut,
    ) -> Result<(), UpgradeError<ProtocolError>> {
        if self.task != Task::Upgrading {
            return Err(Stale(upgrade).into());
        }
        self.mark.upgraded(upgrade)?;
        if !input.is_empty() {
            return Err(UpgradeError::Protocol(self.broken(ProtocolError::InjectedPlaintext)));
        }
        self.confirmed = self.confirmed.after(Verb::Upgraded).unwrap_or(self.confirmed);
        self.expected = self.confirmed;
        self.capabilities = None;
        self.task = Task::Converse;
        self.period += 1;
        Ok(())
    }

    /// Ends the session: with QUIT where a command may stand.
    pub fn close(&mut self, _: Reason) {
        let may_speak = matches!(self.task, Task::Converse) && self.in_flight.is_empty();
        if may_speak && self.confirmed.after(Verb::Quit).is_ok() {
            Command::Quit.encode(&mut self.outbox);
        }
        self.task = Task::Closed;
    }

    /// Where the session stands, as far as the server has confirmed it.
    pub fn state(&self) -> State {
        self.confirmed
    }

    /// What the server offers; `None` before EHLO was answered. HELO brings an offer of nothing.
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.capabilities.as_ref()
    }

    /// What was tolerated in replies so far.
    pub fn deviations(&self) -> &Deviations {
        &self.deviations
    }

    /// Encodes held commands as far as they may go.
    fn pump(&mut self) {
        while let Some((ticket, command)) = self.may_go().then(|| self.held.pop_front()).flatten() {
            let Some(verb) = verb(&command) else { continue };
            command.encode(&mut self.outbox);
            self.in_flight.push_back(InFlight { ticket, awaits: Awaits::Command(verb) });
            self.period += 1;
        }
    }

    fn may_go(&self) -> bool {
        let pipelining = self.capabilities.as_ref().is_some_and(|offered| offered.has(Extension::Pipelining));
        self.task == Task::Converse
            && self.in_flight.back().is_none_or(|last| pipelining && !ends_group(last.awaits))
    }

    /// Matches a reply to what it answers.
    fn reply(&mut self, reply: Reply) -> Result<Event, ProtocolError> {
        let closing = reply.code() == Code::NOT_AVAILABLE;
        let event = match (self.in_flight.front().copied(), self.task) {
            (None, _) | (_, Task::Uploading(_)) => Event::Unsolicited(reply),
            (Some(InFlight { ticket, awaits }), _) => {
                let class = reply.code().class();
                // 334 to AUTH is not its last reply.
                if (awaits, class) == (Awaits::Command(Verb::Auth), Class::Intermediate) {
                    return self.challenge(ticket, &reply);
                }
                self.in_flight.pop_front();
                match awaits {
                    Awaits::Greeting => self.greeting(reply),
                    Awaits::Command(verb) => self.answered(ticket, verb, reply)?,
                    Awaits::Message | Awaits::Recipient(_) if class == Class::Intermediate => {
                        return Err(self.unexpected(&reply));
                    }
                    Awaits::Message => Event::Reply { ticket, reply },
                    Awaits::Recipient(recipient) => Event::Recipient { ticket, recipient, reply },
                }
            }
        };
        if closing {
            self.task = Task::Closed;
        }
        Ok(event)
    }

    fn greeting(&mut self, reply: Reply) -> Event {
        match self.confirmed.after(Verb::Greet) {
            Ok(state) if reply.code().class() == Class::Completion => self.confirmed = state,
            _ => self.task = Task::Closed,
        }
        Event::Greeting(reply)
    }

    fn challenge(&mut self, ticket: Ticket, reply: &Reply) -> Result<Event, ProtocolError> {
        let Ok(challenge) = reply.challenge() else { return Err(self.unexpected(reply)) };
        self.task = Task::Challenged;
        Ok(Event::Challenge { ticket, challenge })
    }

    /// The reply to a command: moves the state, or puts right what was expected of it.
    fn answered(&mut self, ticket: Ticket, verb: Verb, reply: Reply) -> Result<Event, ProtocolError> {
        let class = reply.code().class();
        let succeeds = if verb == Verb::Data { Class::Intermediate } else { Class::Completion };
        if class == succeeds {
            return self.succeeded(ticket, verb, reply);
        }
        if matches!(class, Class::Completion | Class::Intermediate) {
            return Err(self.unexpected(&reply));
        }
        if verb == Verb::Auth {
            self.confirmed = self.confirmed.after(Verb::AuthFailure).unwrap_or(self.confirmed);
        }
        self.expect();
        Ok(Event::Reply { ticket, reply })
    }

    fn succeeded(&mut self, ticket: Ticket, verb: Verb, reply: Reply) -> Result<Event, ProtocolError> {
        self.confirmed = self.confirmed.after(verb).unwrap_or(self.confirmed);
        match verb {
            Verb::Hello => {
                self.recipients.clear();
                let offered = Capabilities::parse(&reply, self.config.leniency, &mut self.deviations);
                match offered {
                    Ok(offered) => self.capabilities = Some(offered),
                    Err(error) => return Err(self.broken(ProtocolError::BadCapabilities(error))),
                }
            }
            Verb::Mail | Verb::Reset => self.recipients.clear(),
            Verb::Rcpt => self.recipients.push_back(ticket),
            Verb::Auth => {
                self.confirmed = self.confirmed.after(Verb::AuthSuccess).unwrap_or(self.confirmed);
                self.expect();
            }
            Verb::Data => {
                self.task = Task::Uploading(ticket);
                return Ok(Event::Upload { ticket, upload: Upload::dotted(&self.mark, self.config.bare) });
            }
            Verb::StartTls => {
                self.task = Task::Upgrading;
                return Ok(Event::Upgrade { ticket, upgrade: self.mark.upgrade() });
            }
            Verb::Quit => self.task = Task::Closed,
            _ => {}
        }
        Ok(Event::Reply { ticket, reply })
    }

    /// Works out anew what stands when all that is on its way succeeds.
    fn expect(&mut self) {
        let in_flight = self.in_flight.iter().filter_map(|flight| match flight.awaits {
            Awaits::Command(verb) => Some(verb),
            _ => None,
        });
        let verbs = in_flight.chain(self.held.iter().filter_map(|(_, command)| verb(command)));
        // What no longer may stand is refused by the server, and changes nothing.
        self.expected = verbs.fold(self.confirmed, |state, verb| state.after(verb).unwrap_or(state));
    }

    fn unexpected(&mut self, reply: &Reply) -> ProtocolError {
        self.broken(ProtocolError::UnexpectedReply { code: reply.code() })
    }

    fn broken(&mut self, error: ProtocolError) -> ProtocolError {
        self.task = Task::Closed;
        error
    }

    /// What was on its way when the session ended.
    fn unfinished(&mut self) -> Option<Event> {
        while let Some(InFlight { ticket, awaits }) = self.in_flight.pop_front() {
            if awaits != Awaits::Greeting {
                return Some(Event::Unanswered(ticket));
            }
        }
        self.held.pop_front().map(|(ticket, _)| Event::NeverSent(ticket))
    }
}

mail_wire::machine!(Client, Event, ProtocolError, Uploads);
