//! The server machine.
mod answer;
mod body;
mod chunk;
mod command;
mod early;
mod envelope;
mod event;
mod inquiry;
mod login;
mod offer;
mod proxy;
mod replies;
mod request;
mod transaction;

pub use answer::{Ack, AuthAnswer, Delivered, NotARejection, Rejection};
pub use event::{Discard, Event};
pub use inquiry::{Entry, Expn, Queued, Verified, Vrfy};
pub use proxy::{XClient, XForward};
pub use request::{Auth, AuthResponse, Connect, Data, Dialect, Hello, Message, Request, StartTls};

use crate::{
    Code, Deviations, EnhancedCode, ProtocolError,
    config::ServerConfig,
    domains::Domains,
    parameters::Known,
    state::{Phase, State, Verb},
};
use answer::known;
use body::Body;
use bytes::BytesMut;
use chunk::{Counted, Progress};
use early::Early;
use mail_wire::{
    Ask, Mark, Mechanism, Outbox, Patience, Reason, Stale, Step, Then, Transmit, Upgrade, UpgradeError,
    line::{Framed, LineEnding, LineFramer},
};
use transaction::Transaction;

/// The server's side of an SMTP, submission or LMTP session.
///
/// It reads commands, answers what it can answer itself, asks the host the rest as [`Event`]s, and never lets a
/// command through that may not stand where it stands.
///
/// ```
/// use bytes::BytesMut;
/// use smtp_proto::{ServerConfig, Step, Text, server::{Ack, Delivered, Event, Server}};
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let mut server = Server::new(ServerConfig::new(Text::from_static("mx.example.net")));
/// let mut input = BytesMut::from(
///     &b"EHLO c.example.org\r\nMAIL FROM:<a@example.org>\r\nRCPT TO:<b@example.net>\r\nDATA\r\n..dot\r\n.\r\nQUIT\r\n"[..],
/// );
/// let mut message = Vec::new();
/// loop {
///     // A real host also writes `server.transmit()` to its socket.
///     match server.receive(&mut input)? {
///         Step::Event(Event::Connect(ask)) => server.accept(ask, ())?,
///         Step::Event(Event::Hello(ask)) => server.accept(ask, ())?,
///         Step::Event(Event::Mail(ask)) => server.accept(ask, Ack::default())?,
///         Step::Event(Event::Rcpt(ask)) => server.accept(ask, Ack::default())?,
///         Step::Event(Event::Data(ask)) => server.accept(ask, ())?,
///         Step::Event(Event::Payload(piece)) => message.extend_from_slice(&piece),
///         Step::Event(Event::Message(ask)) => server.accept(ask, Delivered::all(Ack::default()))?,
///         // Of an early talker, for one: this client has said all before it was greeted.
///         Step::Event(_) => {}
///         Step::Closed => break,
///         other => panic!("{other:?}"),
///     }
/// }
/// assert_eq!(message, b".dot\r\n");
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Server {
    config: ServerConfig,
    state: State,
    task: Task,
    dialect: Option<Dialect>,
    lines: LineFramer,
    /// The line that was begun last was meant as BDAT.
    meant_as_bdat: bool,
    outbox: Outbox,
    mark: Mark,
    deviations: Deviations,
    /// The parameters that EHLO has offered.
    parameters: Known,
    transaction: Transaction,
    /// MAIL commands.
    transactions: u32,
    /// Of recipients that were accepted; kept where there is a limit.
    domains: Domains,
    errors: u32,
    failed_logins: u32,
    /// Commands that the host refused, since the last message that was taken.
    refusals: u32,
    /// Commands that moved no mail, since the last message.
    idle: u32,
    early: Early,
    /// Of [`Patience`]: counted up by whatever shows that the peer is alive.
    period: u64,
    /// Octets of the message since the period last changed.
    since_period: u64,
    /// The client has closed its half.
    ended: bool,
}

/// What the machine waits for.
#[derive(Debug)]
enum Task {
    /// To ask whether the client is welcome.
    Connect,
    /// A command.
    Command,
    /// The host's answer.
    Answer,
    /// The client's response to a challenge.
    AuthResponse,
    /// The message.
    Body(Body),
    /// A chunk of the message.
    Chunk(Counted),
    /// The client's word after DATA was refused: it must have waited for that.
    DataRefused,
    /// TLS.
    Upgrading,
    /// Nothing.
    Closed,
}

/// Octets worth reading at once while a message comes.
const PAYLOAD_HINT: usize = 8 * 1024;
/// Octets worth reading for a command.
const COMMAND_HINT: usize = 512;

impl Server {
    /// A session on a connection that was just made.
    pub fn new(config: ServerConfig) -> Self {
        Self {
            state: State::new(config.security),
            task: Task::Connect,
            dialect: None,
            lines: LineFramer::new(
                config.max_line,
                // rule rfc5321 2.3.8 crlf-alone: a line ends in CRLF alone [instead: LineEnding::CrlfOrLf]
                LineEnding::Crlf,
            ),
            meant_as_bdat: false,
            outbox: Outbox::default(),
            mark: Mark::default(),
            deviations: Deviations::default(),
            parameters: Known::NONE,
            transaction: Transaction::default(),
            transactions: 0,
            domains: Domains::default(),
            errors: 0,
            failed_logins: 0,
            refusals: 0,
            idle: 0,
            early: Early::Unknown,
            period: 0,
            since_period: 0,
            ended: false,
            config,
        }
    }

    /// Consumes a prefix of `input` and returns at most one event.
    ///
    /// # Errors
    /// The client broke the protocol beyond repair; the session is over.
    pub fn receive(&mut self, input: &mut BytesMut) -> Result<Step<Event>, ProtocolError> {
        loop {
            if self.mark.is_abandoned() && !matches!(self.task, Task::Closed) {
                self.close(Reason::Failure);
            }
            if matches!(self.task, Task::Closed) {
                return Ok(Step::Closed);
            }
            if self.outbox.unsent() > self.config.max_unsent {
                return Ok(Step::NeedFlush);
            }
            if self.talks_early(input) {
                return Ok(Step::Event(Event::EarlyTalker));
            }
            let event = match &mut self.task {
                Task::Closed => return Ok(Step::Closed),
                // rule rfc3207 6 server-injected: octets in clear behind STARTTLS end the session, and are never read
                Task::Upgrading if !input.is_empty() => {
                    return Err(self.broken(ProtocolError::InjectedPlaintext));
                }
                Task::Answer | Task::Upgrading => return Ok(Step::NeedAnswer),
                Task::Connect => Some(self.ask(Event::Connect, Connect)),
                Task::Body(body) => {
                    let before = body.taken();
                    let received = body.receive(input);
                    let octets = body.taken() - before;
                    self.alive(octets);
                    match received {
                        Some(received) => self.received(received)?,
                        None => return self.need_input(PAYLOAD_HINT),
                    }
                }
                Task::Chunk(_) => match self.read_chunk(input)? {
                    Progress::Read(event) => event,
                    Progress::NeedInput => return self.need_input(PAYLOAD_HINT),
                },
                Task::Command | Task::AuthResponse | Task::DataRefused => {
                    let is_cut = self.ended && self.lines.is_inside(input);
                    let framed = self.next_line(input);
                    if !matches!(framed, Framed::NeedInput) {
                        self.period += 1;
                        self.deviations = Deviations::default();
                    }
                    match (framed, &self.task) {
                        (Framed::NeedInput, _) if is_cut => return Err(self.broken(ProtocolError::Cut)),
                        (Framed::NeedInput, _) => return self.need_input(COMMAND_HINT),
                        (Framed::Broken(_), Task::DataRefused) => {
                            return Err(self.broken(ProtocolError::EarlyPayload));
                        }
                        (Framed::Broken(broken), _) => self.broken_line(broken),
                        (Framed::Line(line), Task::DataRefused) => self.behind_refused_data(line)?,
                        (Framed::Line(line), Task::AuthResponse) => self.auth_response(&line),
                        (Framed::Line(line), _) => self.command(line),
                    }
                }
            };
            if let Some(event) = event {
                return Ok(Step::Event(event));
            }
        }
    }

    /// The client closed its half of the connection: was that a clean place to stop?
    ///
    /// An open question may still be answered, and whole lines that wait in `input` are: call `receive` again.
    ///
    /// # Errors
    /// It was not: a command, a transaction, a message or an exchange is cut.
    pub fn receive_eof(&mut self, input: &BytesMut) -> Result<(), ProtocolError> {
        self.ended = true;
        match self.task {
            Task::Closed | Task::Connect | Task::Answer => Ok(()),
            Task::Command | Task::DataRefused if memchr::memchr(b'\n', input).is_some() => Ok(()),
            // rule rfc5321 4.1.1.5 closed-as-by-quit: a connection that ends between transactions ends as by QUIT
            Task::Command | Task::DataRefused if self.is_between() && !self.lines.is_inside(input) => {
                self.end();
                Ok(())
            }
            _ => Err(self.broken(ProtocolError::Cut)),
        }
    }

    /// Is no transaction open, and no exchange?
    fn is_between(&self) -> bool {
        use Phase::{Greeting, Ready, Refused, Start};
        matches!(self.state.phase, Greeting | Refused | Start | Ready)
    }

    /// What to wait for where nothing more can be told: of a client that has closed its half, nothing.
    fn need_input(&mut self, hint: usize) -> Result<Step<Event>, ProtocolError> {
        if !self.ended {
            return Ok(Step::NeedInput { hint });
        }
        match self.task {
            Task::Command | Task::DataRefused if self.is_between() => {
                self.end();
                Ok(Step::Closed)
            }
            _ => Err(self.broken(ProtocolError::Cut)),
        }
    }

    /// Octets ready to be written to the client.
    pub fn transmit(&mut self) -> &mut Transmit {
        self.outbox.transmit()
    }

    /// How long to wait for the client in this state.
    pub fn patience(&self) -> Patience {
        let limit = match self.task {
            // rule rfc5321 4.5.3.2.5 server-block: a server waits 3 minutes for a block of the message
            Task::Body(_) | Task::Chunk(_) => self.config.payload_timeout,
            _ => self.config.command_timeout,
        };
        Patience { limit, period: self.period, then: Then::GiveUp }
    }

    /// The connection is TLS now.
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
        // rule rfc3207 6 server-injected-late: octets in clear that wait when TLS begins end the session
        if !input.is_empty() {
            return Err(UpgradeError::Protocol(self.broken(ProtocolError::InjectedPlaintext)));
        }
        // rule rfc3207 4.2 server-starts-anew: under TLS the session stands where it stood before EHLO
        self.advance(Verb::Upgraded);
        // rule rfc3207 4.2 server-forgets-hello: what EHLO said in clear is forgotten under TLS
        self.dialect = None;
        self.parameters = Known::NONE;
        self.resume();
        Ok(())
    }

    /// Ends the session: with 421 where something may be said.
    pub fn close(&mut self, reason: Reason) {
        let (enhanced, text) = match reason {
            Reason::Shutdown => (EnhancedCode::transient(3, 2), "service is shutting down"),
            Reason::Timeout => (EnhancedCode::transient(4, 2), "waited for too long, closing"),
            _ => (EnhancedCode::transient(3, 0), "local error, closing"),
        };
        // Behind the 220 to STARTTLS the next octet is TLS's.
        // rule rfc5321 3.8 shutdown-421: a server that is shut down says 421 before it goes
        if !matches!(self.task, Task::Closed | Task::Upgrading) {
            let text = self.own_text(text);
            self.say(&known(Code::NOT_AVAILABLE, enhanced, text));
        }
        self.end();
    }

    /// Answers a question with yes.
    ///
    /// # Errors
    /// The question is of another session, or this one is over. It comes back.
    pub fn accept<T: Request>(&mut self, ask: Ask<T>, answer: T::Answer) -> Result<T::Grant, Stale<Ask<T>>> {
        let request = self.answered(ask)?;
        Ok(request.accepted(self, answer, request::sealed::Key(())))
    }

    /// Answers a question with no, and says why.
    ///
    /// A rejection with code 421 ends the session.
    ///
    /// # Errors
    /// The question is of another session, or this one is over. It comes back.
    pub fn reject<T: Request>(&mut self, ask: Ask<T>, rejection: Rejection) -> Result<(), Stale<Ask<T>>> {
        let closing = rejection.reply().code() == Code::NOT_AVAILABLE;
        let request = self.answered(ask)?;
        request.rejected(self, rejection, request::sealed::Key(()));
        // rule rfc5321 3.8 host-421-closes: a 421 of the host's ends the session
        if closing {
            self.end();
        }
        Ok(())
    }

    /// Offers these mechanisms from the next EHLO on, in place of those of the configuration.
    ///
    /// Which of them a connection can have, such as `-PLUS` and EXTERNAL, is known when the handshake of TLS is over.
    pub fn offer_mechanisms(&mut self, mechanisms: impl IntoIterator<Item = Mechanism>) {
        self.config.authentication.mechanisms = mechanisms.into_iter().collect();
    }

    /// Where the session stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// What was tolerated in the command that led to the last event.
    pub fn deviations(&self) -> &Deviations {
        &self.deviations
    }

    /// How many octets were looked at in all to find where lines end: linear in what the client says, whatever its
    /// cuts. See [`LineFramer::examined`].
    pub fn examined(&self) -> u64 {
        self.lines.examined()
    }

    /// EHLO, HELO or LHLO: what was agreed on; `None` before it was.
    pub fn dialect(&self) -> Option<Dialect> {
        self.dialect
    }

    /// How many commands were wrong and logins failed, of those that
    /// [`max_errors`](ServerConfig::max_errors) allows.
    pub fn errors(&self) -> u32 {
        self.errors
    }

    /// How many logins failed.
    pub fn failed_logins(&self) -> u32 {
        self.failed_logins
    }

    /// How many commands the host refused since the last message that was taken, of those that
    /// [`max_refusals`](ServerConfig::max_refusals) allows.
    pub fn refusals(&self) -> u32 {
        self.refusals
    }

    fn answered<T>(&mut self, ask: Ask<T>) -> Result<T, Stale<Ask<T>>> {
        if !matches!(self.task, Task::Answer) {
            return Err(Stale(ask));
        }
        let request = self.mark.answered(ask)?;
        self.period += 1;
        Ok(request)
    }

    fn ask<T>(&mut self, event: impl FnOnce(Ask<T>) -> Event, request: T) -> Event {
        self.task = Task::Answer;
        self.period += 1;
        event(self.mark.ask(request))
    }

    /// Commands may come again.
    fn resume(&mut self) {
        self.task = Task::Command;
    }

    /// Takes a step that was found legal when its command came.
    fn advance(&mut self, verb: Verb) {
        if let Ok(state) = self.state.after(verb) {
            self.state = state;
        }
    }

    /// The session is broken beyond repair.
    fn broken(&mut self, error: ProtocolError) -> ProtocolError {
        self.end();
        error
    }

    /// The session is over.
    fn end(&mut self) {
        self.task = Task::Closed;
        self.state.phase = Phase::Closed;
    }

    fn recipients(&self) -> u32 {
        match self.state.phase {
            Phase::Transaction { recipients } | Phase::Chunking { recipients } => recipients,
            _ => 0,
        }
    }
}

mail_wire::machine!(Server, Event, ProtocolError);
