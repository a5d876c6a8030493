//! The client machine.
mod check;
mod error;
mod event;
mod flight;
mod held;
mod reply;

pub use error::{NotChallenged, SendError, SendRefusal};
pub use event::{Event, Ticket};

use crate::{
    Body, Capabilities, Command, Deviation, DeviationKind, Deviations, ProtocolError, Reply, ReplyReader,
    config::{ClientConfig, Protocol},
    state::{Phase, State, Verb},
};
use alloc::{boxed::Box, collections::VecDeque};
use bytes::{Bytes, BytesMut};
use flight::{Awaits, InFlight};
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
/// // A driver writes this to its socket.
/// let said = client.transmit().copy_to_bytes(20);
/// assert_eq!(said, "EHLO c.example.org\r\n");
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
    /// What will stand when all that is on its way succeeds; `None` when that must be worked out anew.
    expected: Option<State>,
    /// Whether the transaction that was sent last said SMTPUTF8.
    addresses: Addresses,
    /// What that transaction said of its message.
    content: Content,
    fate: Fate,
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
    /// The server has closed its half.
    ended: bool,
}

/// What addresses a transaction may hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Addresses {
    Ascii,
    /// MAIL said SMTPUTF8.
    Utf8,
}

/// What a message is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Content {
    Lines,
    /// MAIL said BODY=BINARYMIME.
    Binary,
}

/// How the transaction fares.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Open,
    /// Its message has lost a chunk.
    ChunkRefused,
    /// RSET was refused: whether it is open, nobody knows.
    ResetRefused,
}

/// What the machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Commands out, replies in.
    Converse,
    /// A challenge waits for its response.
    Challenged,
    /// A challenge was no base64, and the exchange was cancelled for that.
    Cancelled,
    /// A BDAT was said, and the host is to be told that it may write so many octets.
    Announced { ticket: Ticket, verb: Verb, length: u64 },
    /// The message is being written, or a chunk of it: of this DATA or BDAT.
    Uploading { ticket: Ticket, verb: Verb },
    /// Waits for TLS.
    Upgrading,
    /// The session is over; what was on its way is being reported.
    Closed,
}

/// Octets taken that show a living server. Fewer within the timeout, and the session ends.
const SIGN_OF_LIFE: u64 = 1024;
/// Octets worth reading for a reply.
const HINT: usize = 512;

impl Client {
    /// A session on a connection that was just made.
    pub fn new(config: ClientConfig) -> Self {
        let state = State::new(config.security);
        let greeting = InFlight { ticket: Ticket(0), awaits: Awaits::Greeting, last: 0 };
        Self {
            confirmed: state,
            expected: Some(State { phase: Phase::Start, ..state }),
            addresses: Addresses::Ascii,
            content: Content::Lines,
            fate: Fate::Open,
            task: Task::Converse,
            capabilities: None,
            in_flight: VecDeque::from([greeting]),
            held: VecDeque::new(),
            recipients: VecDeque::new(),
            lines: LineFramer::new(config.max_line, ending(&config)),
            replies: ReplyReader::new(config.max_reply),
            deviations: Deviations::default(),
            outbox: Outbox::default(),
            mark: Mark::default(),
            tickets: 0,
            period: 0,
            ended: false,
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
                self.expected = Some(expected);
                if let Command::Mail(mail) = &command {
                    let is_utf8 = mail.parameters().smtputf8();
                    // rule rfc6531 3.4 client-smtputf8-of-the-transaction: SMTPUTF8 is said for one transaction
                    self.addresses = if is_utf8 { Addresses::Utf8 } else { Addresses::Ascii };
                    let is_binary = mail.parameters().body() == Some(Body::BinaryMime);
                    self.content = if is_binary { Content::Binary } else { Content::Lines };
                }
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
        self.awaits_answer();
        self.task = Task::Converse;
        self.period += 1;
        Ok(())
    }

    /// A line of an exchange was written: what comes before it is sent is no answer to it.
    fn awaits_answer(&mut self) {
        let last = self.outbox.position() - 1;
        if let Some(front) = self.in_flight.front_mut() {
            front.last = last;
        }
    }

    /// Queues a piece of the message; its octets are shared, and stuffed on the way.
    ///
    /// # Errors
    /// It was not taken, and comes back.
    pub fn write(&mut self, upload: &mut Upload, chunk: Bytes) -> Result<(), WriteError> {
        if !matches!(self.task, Task::Uploading { .. }) {
            return Err(WriteError::Stale { chunk });
        }
        upload.write(&self.mark, &mut self.outbox, self.config.max_unsent, chunk)?;
        self.period += 1;
        Ok(())
    }

    /// Ends the message, or a chunk of it. What became of it comes as the reply to its DATA or BDAT.
    ///
    /// # Errors
    /// It cannot end there; the upload comes back.
    pub fn finish(&mut self, upload: Upload) -> Result<(), FinishError> {
        let Task::Uploading { ticket, verb } = self.task else { return Err(Stale(upload).into()) };
        upload.finish(&self.mark, &mut self.outbox)?;
        self.period += 1;
        self.task = Task::Converse;
        let last = self.outbox.position() - 1;
        let flight = |awaits| InFlight { ticket, awaits, last };
        match (verb, self.config.protocol) {
            (Verb::Chunk, _) | (Verb::LastChunk, Protocol::Smtp) => {
                self.in_flight.push_back(flight(Awaits::Command(verb)));
                self.expected = None;
                return Ok(());
            }
            (_, Protocol::Smtp) => self.in_flight.push_back(flight(Awaits::Message)),
            // rule rfc2033 4.2 client-replies-to-bdat: the last chunk is answered for each recipient [instead: {}]
            (_, Protocol::Lmtp) => {
                let awaits = self.recipients.drain(..).map(|recipient| flight(Awaits::Recipient(recipient)));
                self.in_flight.extend(awaits);
            }
        }
        // All of the transaction has been answered: DATA waits for that, and LMTP's last chunk.
        let ended = self.confirmed.after(verb).unwrap_or(self.confirmed).after(Verb::EndOfData);
        self.confirmed = ended.unwrap_or(self.confirmed);
        self.expected = Some(self.confirmed);
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
                self.end();
            }
            if let Some(ticket) = self.forsaken() {
                return Ok(Step::Event(Event::NeverSent(ticket)));
            }
            self.pump();
            if let Some((ticket, upload)) = self.announced() {
                return Ok(Step::Event(Event::Upload { ticket, upload }));
            }
            match self.task {
                Task::Closed => return Ok(self.unfinished().map_or(Step::Closed, Step::Event)),
                // rule rfc3207 6 client-injected: octets in clear behind the 220 end the session, and answer nothing
                Task::Upgrading if !input.is_empty() => {
                    return Err(self.broken(ProtocolError::InjectedPlaintext));
                }
                Task::Upgrading | Task::Challenged => return Ok(Step::NeedAnswer),
                Task::Converse | Task::Cancelled | Task::Announced { .. } | Task::Uploading { .. } => {}
            }
            let before = input.len();
            let line = match self.lines.next(input) {
                Framed::NeedInput if self.ended => return self.cut(),
                Framed::NeedInput => return Ok(Step::NeedInput { hint: HINT }),
                Framed::Broken(broken) => return Err(self.broken(ProtocolError::BrokenLine(broken))),
                Framed::Line(line) => line,
            };
            if !self.replies.is_inside() {
                self.deviations = Deviations::default();
            }
            if before - input.len() == line.len() + 1 {
                self.deviations.push(Deviation { kind: DeviationKind::BareLf, offset: line.len() });
            }
            match self.replies.push(line, self.config.leniency, &mut self.deviations) {
                Ok(None) => {}
                Ok(Some(reply)) => {
                    // What comes while a message is written does not show that it is taken.
                    // rule rfc5321 4.5.3.2 per-command: each reply starts the wait for the next one anew
                    self.period += u64::from(!matches!(self.task, Task::Uploading { .. }));
                    let event = self.reply(reply)?;
                    self.pump();
                    if let Some(event) = event {
                        return Ok(Step::Event(event));
                    }
                }
                Err(error) => return Err(self.broken(ProtocolError::BadReply(error))),
            }
        }
    }

    /// The server closed its half of the connection: was that a clean place to stop?
    ///
    /// Whole replies that wait in `input` are still told: call `receive` again.
    ///
    /// # Errors
    /// It was not: a reply is cut, or a command has none. What was on its way is told by `receive`.
    pub fn receive_eof(&mut self, input: &BytesMut) -> Result<(), ProtocolError> {
        self.ended = true;
        let is_waiting =
            matches!(self.task, Task::Converse | Task::Announced { .. } | Task::Uploading { .. });
        if self.task == Task::Closed || is_waiting && memchr::memchr(b'\n', input).is_some() {
            return Ok(());
        }
        let clean = self.is_idle() && !self.lines.is_inside(input);
        self.end();
        if clean { Ok(()) } else { Err(ProtocolError::Cut) }
    }

    /// Is nothing awaited of the server?
    fn is_idle(&self) -> bool {
        let nothing_sent = self.in_flight.is_empty() && self.held.is_empty();
        nothing_sent && self.task == Task::Converse && !self.replies.is_inside()
    }

    /// The server has closed its half, and no line is left of what it said.
    fn cut(&mut self) -> Result<Step<Event>, ProtocolError> {
        let clean = self.is_idle();
        self.end();
        if clean { Ok(Step::Closed) } else { Err(ProtocolError::Cut) }
    }

    /// Octets ready to be written to the server.
    pub fn transmit(&mut self) -> &mut Transmit {
        self.outbox.transmit()
    }

    /// How long to wait for the server in this state.
    pub fn patience(&self) -> Patience {
        let timeouts = &self.config.timeouts;
        let limit = match (self.task, self.in_flight.front().map(|front| front.awaits)) {
            // rule rfc5321 4.5.3.2.5 block: a block of the message waits for as long as is set for it
            (Task::Announced { .. } | Task::Uploading { .. }, _) => timeouts.block,
            // rule rfc5321 4.5.3.2.1 greeting: the greeting is waited for as long as is set [instead: timeouts.command]
            (_, Some(Awaits::Greeting)) => timeouts.greeting,
            // rule rfc5321 4.5.3.2.4 data: the 354 is waited for as long as is set for it
            (_, Some(Awaits::Command(Verb::Data))) => timeouts.data,
            // rule rfc5321 4.5.3.2.6 message: the verdict is waited for as long as is set [instead: timeouts.command]
            (_, Some(Awaits::Message | Awaits::Recipient(_) | Awaits::Command(Verb::LastChunk))) => {
                timeouts.message
            }
            (_, Some(Awaits::Helo | Awaits::Command(_)) | None) => timeouts.command,
        };
        // Octets that the server takes show that it is there; the wait for its verdict starts with the last.
        let taken = self.outbox.sent() / SIGN_OF_LIFE;
        Patience { limit, period: self.period + taken, then: Then::GiveUp }
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
        // rule rfc3207 6 client-injected-late: octets in clear that wait when TLS begins end the session
        if !input.is_empty() {
            return Err(UpgradeError::Protocol(self.broken(ProtocolError::InjectedPlaintext)));
        }
        // rule rfc3207 4.2 client-starts-anew: under TLS the session stands where it stood before EHLO
        self.confirmed = self.confirmed.after(Verb::Upgraded).unwrap_or(self.confirmed);
        self.expected = Some(self.confirmed);
        // rule rfc3207 4.2 client-forgets-offers: what the server offered in clear is forgotten under TLS
        self.capabilities = None;
        self.task = Task::Converse;
        self.period += 1;
        Ok(())
    }

    /// Ends the session: with QUIT where a command may stand.
    pub fn close(&mut self, _: Reason) {
        // rule rfc5321 4.3.1 client-quits-in-turn: QUIT too waits for the replies before it [instead: true]
        let may_speak = matches!(self.task, Task::Converse) && self.in_flight.is_empty();
        if may_speak && self.confirmed.after(Verb::Quit).is_ok() {
            // rule rfc5321 4.1.1.10 client-quits: a client that is closed where a command may stand says QUIT first
            Command::Quit.encode(&mut self.outbox);
        }
        self.end();
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

    /// How many octets were looked at in all to find where lines end: linear in what the server says, whatever its
    /// cuts. See [`LineFramer::examined`].
    pub fn examined(&self) -> u64 {
        self.lines.examined()
    }

    pub(crate) fn config(&self) -> &ClientConfig {
        &self.config
    }

    /// The session is over. A message that was cut has no answer.
    pub(crate) fn end(&mut self) {
        // rule rfc5321 3.8 client-cut-message: a message that was cut is told as one without an answer
        if let Task::Announced { ticket, .. } | Task::Uploading { ticket, .. } = self.task {
            self.in_flight.push_back(InFlight { ticket, awaits: Awaits::Message, last: 0 });
        }
        self.task = Task::Closed;
        self.confirmed.phase = Phase::Closed;
    }

    fn unexpected(&mut self, reply: &Reply) -> ProtocolError {
        self.broken(ProtocolError::UnexpectedReply { code: reply.code() })
    }

    fn broken(&mut self, error: ProtocolError) -> ProtocolError {
        self.end();
        error
    }

    /// What was on its way when the session ended.
    fn unfinished(&mut self) -> Option<Event> {
        while let Some(InFlight { ticket, awaits, .. }) = self.in_flight.pop_front() {
            match awaits {
                Awaits::Greeting => {}
                // rule rfc2033 5 client-cut-recipients: recipients that no reply reached are told [instead: {}]
                Awaits::Recipient(recipient) => return Some(Event::Unanswered(recipient)),
                Awaits::Helo | Awaits::Command(_) | Awaits::Message => {
                    return Some(Event::Unanswered(ticket));
                }
            }
        }
        self.held.pop_front().map(|(ticket, _)| Event::NeverSent(ticket))
    }
}

/// What ends the lines of replies.
fn ending(config: &ClientConfig) -> LineEnding {
    // rule rfc5321 2.3.8 client-crlf: a strict client takes CRLF alone for a line's end [instead: LineEnding::CrlfOrLf]
    if config.leniency.tolerates(DeviationKind::BareLf) { LineEnding::CrlfOrLf } else { LineEnding::Crlf }
}

mail_wire::machine!(Client, Event, ProtocolError, Uploads);
