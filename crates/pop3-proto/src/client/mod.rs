//! The client's machine.
mod body;
mod check;
mod error;
mod event;
mod flight;
mod message;
mod reply;

pub use error::{NotChallenged, SendError, SendRefusal};
pub use event::{Event, Ticket};

use crate::{
    Capability, Charset, ClientConfig, Command, Deviation, DeviationKind, InitialResponse, ProtocolError,
    Reply, Security, State, Timestamp, Unit,
    state::{Outcome, Verb},
};
use alloc::{boxed::Box, collections::VecDeque, vec::Vec};
use bytes::BytesMut;
use flight::{Awaits, InFlight, Initial, fitted};
use mail_wire::{
    Mark, Mechanism, Outbox, Patience, Reason, Stale, Step, Then, Transmit, Upgrade, UpgradeError,
    line::{Framed, LineEnding, LineFramer},
    sasl,
};
use message::Message;

/// A client's side of a session, command by command.
///
/// [`send`](Self::send) checks a command against the state and what the server offers before an octet leaves, and
/// pipelines where the server lists PIPELINING. Replies come back as [`Event`]s that name the [`Ticket`] of their
/// command. Listings and messages are told as they come and never held.
///
/// ```
/// use pop3_proto::{
///     Buf, BytesMut, ClientConfig, Command, MessageNumber, Name, Password, Security, Step,
///     client::{Client, Event},
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut config = ClientConfig::default();
/// config.security = Security::Tls; // As on port 995.
/// let mut client = Client::new(config);
/// client.send(Command::User(Name::new("mrose")?))?;
/// client.send(Command::Pass(Password::new(b"tan staaf")?))?;
/// let retr = client.send(Command::Retr(MessageNumber::new(1).ok_or("no message has the number 0")?))?;
/// let quit = client.send(Command::Quit)?;
///
/// // What the server says, a line at a time; a driver reads it from a socket.
/// let mut lines = [
///     "+OK POP3 server ready\r\n", "+OK send PASS\r\n", "+OK maildrop has 1 message\r\n",
///     "+OK 18 octets\r\nSubject: hi\r\n\r\n..\r\n.\r\n", "+OK goodbye\r\n",
/// ].into_iter();
/// let (mut input, mut said, mut message) = (BytesMut::new(), Vec::new(), Vec::new());
/// loop {
///     match client.receive(&mut input)? {
///         Step::Event(Event::Payload(piece)) => message.extend_from_slice(&piece),
///         Step::Event(Event::End(ticket)) => assert_eq!(ticket, retr),
///         Step::Event(Event::Reply { ticket, reply }) if ticket == quit => {
///             assert_eq!(reply.text.words(), "goodbye");
///         }
///         Step::Event(_) => {}
///         Step::NeedInput { .. } => {
///             // A driver writes this to its socket before it reads.
///             let transmit = client.transmit();
///             said.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
///             input.extend_from_slice(lines.next().unwrap_or_default().as_bytes());
///         }
///         Step::NeedAnswer | Step::NeedFlush | Step::Closed => break,
///     }
/// }
/// assert_eq!(message, b"Subject: hi\r\n\r\n.\r\n");
/// assert_eq!(said, b"USER mrose\r\nPASS tan staaf\r\nRETR 1\r\nQUIT\r\n");
/// # Ok(())
/// # }
/// ```
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    /// Where the session stands, as far as the server has confirmed it.
    state: State,
    /// Where it will stand when all that is on its way succeeds; `None` when that must be worked out anew.
    expected: Option<State>,
    task: Task,
    security: Security,
    /// What CAPA listed in this state.
    capabilities: Option<Vec<Capability>>,
    /// PIPELINING was listed: it holds in all states.
    pipelines: bool,
    timestamp: Option<Timestamp>,
    charset: Charset,
    in_flight: VecDeque<InFlight>,
    held: VecDeque<(Ticket, Command)>,
    lines: LineFramer,
    /// What was tolerated in what made the last event.
    deviation: Option<Deviation>,
    /// What was tolerated since.
    tolerated: Option<Deviation>,
    outbox: Outbox,
    mark: Mark,
    tickets: u64,
    period: u64,
    /// Octets of listings and messages.
    heard: u64,
    /// A DELE was said.
    has_deleted: bool,
    /// UTF8 was said.
    has_said_utf8: bool,
    /// The server has closed its half.
    ended: bool,
}

/// What the machine does.
#[derive(Debug)]
enum Task {
    /// Commands out, replies in.
    Converse,
    /// The lines behind +OK to CAPA.
    Capabilities { reply: Reply, listed: Vec<Capability> },
    /// The lines behind +OK to AUTH.
    Mechanisms(Vec<Mechanism>),
    /// The lines behind +OK to LIST or UIDL.
    Listing(Verb),
    /// The message behind +OK to RETR or TOP.
    Message(Message),
    /// A challenge waits for its response.
    Challenged,
    /// A challenge was no base64, and the exchange was cancelled for that.
    Cancelled,
    /// Waits for TLS.
    Upgrading,
    /// The session is over; what was on its way is being reported.
    Closed,
}

impl Task {
    /// Does something follow behind a status line?
    fn is_body(&self) -> bool {
        matches!(self, Self::Capabilities { .. } | Self::Mechanisms(_) | Self::Listing(_) | Self::Message(_))
    }
}

/// Octets heard or taken that show a living server. Fewer within the timeout, and the session ends.
const SIGN_OF_LIFE: u64 = 1024;
/// Octets worth reading for a reply.
const HINT: usize = 512;

impl Client {
    /// A session on a connection that was just made.
    pub fn new(config: ClientConfig) -> Self {
        let takes_bare_lf = config.leniency.tolerates(DeviationKind::BareLineEnding);
        let ending = if takes_bare_lf { LineEnding::CrlfOrLf } else { LineEnding::Crlf };
        let greeting = InFlight { ticket: Ticket(0), awaits: Awaits::Greeting, last: 0 };
        Self {
            state: State::Greeting,
            expected: Some(State::Authorization),
            task: Task::Converse,
            security: config.security,
            capabilities: None,
            pipelines: false,
            timestamp: None,
            charset: Charset::Ascii,
            in_flight: VecDeque::from([greeting]),
            held: VecDeque::new(),
            lines: LineFramer::new(config.max_line, ending),
            deviation: None,
            tolerated: None,
            outbox: Outbox::default(),
            mark: Mark::default(),
            tickets: 0,
            period: 0,
            heard: 0,
            has_deleted: false,
            has_said_utf8: false,
            ended: false,
            config,
        }
    }

    /// Sends a command, now or as soon as it may go.
    ///
    /// An initial response that does not fit the line of an AUTH is held back, and said when the server asks for it
    /// with an empty challenge ([RFC 5034 §4](https://www.rfc-editor.org/rfc/rfc5034#section-4)); no event tells of
    /// that.
    ///
    /// # Errors
    /// It may not be sent. Nothing has happened, and it comes back.
    pub fn send(&mut self, command: Command) -> Result<Ticket, SendError> {
        match self.check(&command) {
            Err(refusal) => Err(SendError { command: Box::new(command), refusal }),
            Ok((expected, verb)) => {
                self.tickets += 1;
                let ticket = Ticket(self.tickets);
                self.expected = Some(expected);
                self.has_deleted |= verb == Verb::Dele;
                self.has_said_utf8 |= verb == Verb::Utf8;
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
        if !matches!(self.task, Task::Challenged) {
            return Err(NotChallenged);
        }
        self.respond_with(response);
        self.task = Task::Converse;
        Ok(())
    }

    /// Consumes a prefix of `input` and returns at most one event.
    ///
    /// # Errors
    /// The server broke the protocol beyond repair; the session is over.
    pub fn receive(&mut self, input: &mut BytesMut) -> Result<Step<Event>, ProtocolError> {
        loop {
            if self.mark.is_abandoned() {
                self.end();
            }
            self.pump();
            let event = match self.task {
                Task::Closed => {
                    // That the session ended is no place of what was said.
                    self.deviation = None;
                    return Ok(self.unfinished().map_or(Step::Closed, Step::Event));
                }
                // rule rfc2595 4 client-injected: octets in clear behind the +OK to STLS end the session
                Task::Upgrading if !input.is_empty() => {
                    return Err(self.broken(ProtocolError::InjectedPlaintext));
                }
                Task::Upgrading | Task::Challenged => return Ok(Step::NeedAnswer),
                Task::Message(_) => match self.message(input)? {
                    None => return self.need_input(),
                    event => event,
                },
                _ => match self.line(input)? {
                    None => return self.need_input(),
                    Some(event) => event,
                },
            };
            if let Some(event) = event {
                // A command that waited for this reply may leave with what is written next.
                self.pump();
                self.deviation = self.tolerated.take();
                return Ok(Step::Event(event));
            }
        }
    }

    /// The server closed its half of the connection: was that a clean place to stop?
    ///
    /// What waits in `input` is still told: call `receive` again.
    ///
    /// # Errors
    /// It was not: a reply is cut, or a command has none. What was on its way is told by `receive`.
    pub fn receive_eof(&mut self, input: &BytesMut) -> Result<(), ProtocolError> {
        self.ended = true;
        let has_more = match self.task {
            Task::Closed => return Ok(()),
            Task::Upgrading | Task::Challenged => false,
            Task::Message(_) => !input.is_empty(),
            _ => memchr::memchr(b'\n', input).is_some(),
        };
        if has_more {
            return Ok(());
        }
        self.cut(self.lines.is_inside(input)).map(|_| ())
    }

    /// Octets ready to be written to the server.
    pub fn transmit(&mut self) -> &mut Transmit {
        self.outbox.transmit()
    }

    /// How long to wait for the server in this state.
    pub fn patience(&self) -> Patience {
        // Octets that come or go show that it is there; an unfinished line does not.
        let moved = (self.outbox.sent() + self.heard) / SIGN_OF_LIFE;
        Patience { limit: self.config.timeout, period: self.period + moved, then: Then::GiveUp }
    }

    /// The connection is TLS now: what the server offered in clear is forgotten.
    ///
    /// # Errors
    /// Octets that came in clear are left in `input`: someone on the way put them there. The session is over. Or
    /// the token is of another session.
    pub fn upgraded(
        &mut self,
        upgrade: Upgrade,
        input: &BytesMut,
    ) -> Result<(), UpgradeError<ProtocolError>> {
        if !matches!(self.task, Task::Upgrading) {
            return Err(Stale(upgrade).into());
        }
        self.mark.upgraded(upgrade)?;
        // rule rfc2595 4 client-injected-late: octets in clear that wait when TLS begins end the session
        if !input.is_empty() {
            return Err(UpgradeError::Protocol(self.broken(ProtocolError::InjectedPlaintext)));
        }
        // rule rfc2595 4 client-forgets-offers: what the server offered in clear is forgotten under TLS
        self.capabilities = None;
        self.pipelines = false;
        // rule rfc2595 4 client-forgets-timestamp: a timestamp that was heard in clear may be somebody's choice
        self.timestamp = None;
        self.security = Security::Tls;
        self.state = self.state.after(Verb::Upgraded, Outcome::Ok).unwrap_or(self.state);
        self.expected = Some(self.state);
        self.task = Task::Converse;
        self.period += 1;
        Ok(())
    }

    /// Ends the session: with QUIT where a command may stand, and nothing was said to be deleted.
    ///
    /// QUIT would have the server remove what was marked, and that is for [`send`](Self::send) to ask.
    pub fn close(&mut self, _: Reason) {
        let may_speak = matches!(self.task, Task::Converse) && self.in_flight.is_empty();
        if may_speak
            // rule rfc1939 6 client-quits-on-purpose: a session that is closed does not have messages removed
            && !self.has_deleted
            && flight::succeeds(self.state, Verb::Quit).is_some()
        {
            Command::Quit.encode(&mut self.outbox);
        }
        self.end();
    }

    /// Where the session stands, as far as the server has confirmed it.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether the transport is encrypted.
    pub fn security(&self) -> Security {
        self.security
    }

    /// What the server lists; `None` before CAPA was answered, and again behind STLS and the login: what it offers
    /// may differ there.
    pub fn capabilities(&self) -> Option<&[Capability]> {
        self.capabilities.as_deref()
    }

    /// The timestamp of the greeting, where there is one: the server knows APOP
    /// ([RFC 1939 §7](https://www.rfc-editor.org/rfc/rfc1939#section-7)). Behind STLS there is none: who changes the
    /// greeting chooses what the digest is made of.
    pub fn timestamp(&self) -> Option<&Timestamp> {
        self.timestamp.as_ref()
    }

    /// What the server says: ASCII alone until it has agreed to UTF8.
    pub fn charset(&self) -> Charset {
        self.charset
    }

    /// Where an initial response of AUTH stands, as [`ClientConfig::initial`] has it.
    pub fn initial_response(&self) -> InitialResponse {
        self.config.initial
    }

    /// What was tolerated in what made the last event, where anything was: of several, the first.
    pub fn deviation(&self) -> Option<Deviation> {
        self.deviation
    }

    /// How many octets were looked at in all to find where lines end: linear in what the server says, whatever its
    /// cuts. See [`LineFramer::examined`].
    pub fn examined(&self) -> u64 {
        self.lines.examined()
    }

    /// Takes a line and says what it came to. `None`: there is none in the input.
    fn line(&mut self, input: &mut BytesMut) -> Result<Option<Option<Event>>, ProtocolError> {
        let before = input.len();
        let line = match self.lines.find(input) {
            Framed::NeedInput => return Ok(None),
            Framed::Broken(broken) => return Err(self.broken(ProtocolError::BrokenLine(broken))),
            Framed::Line(line) => line,
        };
        let octets = line.len();
        let event = match self.task {
            Task::Listing(verb) => {
                let event = self.entry(verb, &line);
                drop(line);
                event
            }
            Task::Capabilities { .. } | Task::Mechanisms(_) => {
                let event = self.listed(&line);
                drop(line);
                event
            }
            _ => {
                let line = line.into_bytes();
                self.period += 1;
                self.status(&line)
            }
        }?;
        if before - input.len() == octets + "\n".len() {
            self.tolerated(Some(Deviation { kind: DeviationKind::BareLineEnding, offset: octets }));
            // Who ends the status line so ends all lines so: its message has no CRLF to look for.
            if let Task::Message(message) = &mut self.task {
                *message = Message::of_lines();
            }
        }
        Ok(Some(event))
    }

    fn need_input(&mut self) -> Result<Step<Event>, ProtocolError> {
        if self.ended { self.cut(false) } else { Ok(Step::NeedInput { hint: self.hint() }) }
    }

    /// The server has closed its half, and nothing that is whole is left of what it said.
    fn cut(&mut self, is_inside_line: bool) -> Result<Step<Event>, ProtocolError> {
        let inside = match self.task {
            Task::Upgrading => Some(Unit::Upgrade),
            Task::Message(_) => Some(Unit::Message),
            _ if self.state == State::Exchange => Some(Unit::Exchange),
            _ if is_inside_line => Some(Unit::Line),
            _ if !self.in_flight.is_empty() || !self.held.is_empty() => Some(Unit::Reply),
            _ => None,
        };
        self.end();
        inside.map_or(Ok(Step::Closed), |inside| Err(ProtocolError::Cut { inside }))
    }

    /// Encodes held commands as far as they may go.
    fn pump(&mut self) {
        while let Some((ticket, command)) = self.may_go().then(|| self.held.pop_front()).flatten() {
            let Some(verb) = command.verb() else { continue };
            let (command, deferred) = fitted(command, self.config.initial);
            let awaits = match deferred {
                Some(octets) => Awaits::Auth(Initial::Deferred(octets)),
                None => Awaits::of(&command, verb),
            };
            command.encode(&mut self.outbox);
            let last = self.outbox.position() - 1;
            self.in_flight.push_back(InFlight { ticket, awaits, last });
            self.period += 1;
        }
    }

    fn may_go(&self) -> bool {
        !matches!(self.task, Task::Challenged | Task::Cancelled | Task::Upgrading | Task::Closed)
            && self.outbox.unsent() <= self.config.max_unsent
            // rule rfc2449 6.6 client-waits: without PIPELINING one command is on its way at a time
            && (self.in_flight.is_empty() || self.pipelines)
    }

    fn tolerated(&mut self, deviation: Option<Deviation>) {
        self.tolerated = self.tolerated.or(deviation);
    }

    /// The session is over.
    fn end(&mut self) {
        self.task = Task::Closed;
        self.state = State::Closed;
    }

    fn broken(&mut self, error: ProtocolError) -> ProtocolError {
        self.end();
        error
    }

    /// What was on its way when the session ended.
    fn unfinished(&mut self) -> Option<Event> {
        while let Some(InFlight { ticket, awaits, .. }) = self.in_flight.pop_front() {
            if !matches!(awaits, Awaits::Greeting) {
                // rule rfc1939 6 client-quit-unanswered: a QUIT that no reply reached is told as one
                return Some(Event::Unanswered(ticket));
            }
        }
        self.held.pop_front().map(|(ticket, _)| Event::NeverSent(ticket))
    }
}

mail_wire::machine!(Client, Event, ProtocolError);
