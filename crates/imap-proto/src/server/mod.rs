//! The server's machine.
//!
//! What happens in a session is told as [`Event`]s; those that carry an [`Ask`] are questions. There are
//! three kinds:
//!
//! | question | accepted with | what follows |
//! |---|---|---|
//! | [`Connect`], LOGIN, AUTHENTICATE, [`Select`], [`Close`], [`Unselect`], [`Namespace`], [`AppendEnd`] | the answer | nothing: the machine says all of it |
//! | [`StartTls`], [`Append`], [`NextMessage`], [`Idle`] | nothing | an upgrade, the octets of a message, news as they come |
//! | all other commands | nothing | a [`Running`]: [`data`](Server::data) for each untagged response, then [`complete`](Server::complete) |
//!
//! # News
//!
//! [`tell`](Server::tell) says what is new in the mailbox. EXPUNGE may not always be told, and comes back then;
//! [`expunges`](Server::expunges) is what [`MailboxView::pending`](crate::mailbox::MailboxView::pending) wants to
//! know. The place to ask for what is pending is before a command is completed, and any time during IDLE.
//!
//! # Memory
//!
//! Whatever is said is queued until the driver has written it, up to [`ServerConfig::max_unsent`]: above that the
//! response, or the chunk, comes back as `Blocked`. Write what [`transmit`](Server::transmit) holds, and say it again.
//!
//! # What is never done
//!
//! A literal that is refused is swallowed to its end, or was not asked for. If octets stand behind one that was not
//! asked for before its refusal is told, the session ends: they are never read as commands. What comes later is a new
//! command: a client that waits for `+` has heard NO or BAD by then. A payload that is cut gets no end: the session is
//! closed in the middle of it.
mod answer;
mod append;
mod command;
mod event;
mod open;
mod policy;
mod request;
mod running;
mod say;
mod stream;
mod unit;

pub use answer::{AuthAnswer, Completion, Rejection, Selected, Welcome};
pub use event::Event;
pub use request::{
    Append, AppendEnd, AuthResponse, Check, Close, Connect, Create, Delete, Expunge, Idle, Lsub, Move,
    Namespace, NextMessage, Noop, Request, Select, StartTls, Subscribe, UidExpunge, Unselect, Unsubscribe,
    Work,
};
pub use running::{Running, TellError};
pub use stream::StreamError;

use crate::{
    Command, Deviations, Dialect, Encoding, ProtocolError, Security, ServerConfig, State, Tag, Unit, Wire,
    frame::{Framer, Rules},
    response::Capabilities,
    state::{Outcome, Verb},
};
use alloc::{boxed::Box, sync::Arc, vec::Vec};
use append::Appending;
use bytes::{Buf, Bytes, BytesMut};
use mail_wire::{
    Ask, FinishError, Mark, Mechanism, Offer, Outbox, Patience, Reason, Stale, Step, Then, Transmit, Upgrade,
    UpgradeError, Upload, WriteError,
};
use open::Open;
use stream::OpenFetch;
use unit::{Kind, Refusing};

/// A server's side of a session.
///
/// Feed it what the client says ([`receive`](Self::receive)), write what it says ([`transmit`](Self::transmit)),
/// answer what it asks ([`accept`](Self::accept), [`reject`](Self::reject)). One question is open at a time. A
/// command that was accepted may go on while others are read, if [`ServerConfig::parallel`] allows.
///
/// What belongs to a command goes by [`data`](Self::data), what is new in the mailbox by [`tell`](Self::tell).
#[derive(Debug)]
pub struct Server {
    config: Arc<ServerConfig>,
    state: State,
    task: Task,
    security: Security,
    dialect: Dialect,
    wire: Wire,
    framer: Framer,
    outbox: Outbox,
    mark: Mark,
    /// Commands that have come and are not completed; the last of them while a question is open.
    open: Vec<Open>,
    /// Commands that were ever open.
    serial: u32,
    /// A command that was read and may not run beside those that are open.
    waiting: Option<Box<(Tag, Command)>>,
    /// An APPEND whose messages are coming.
    appending: Option<Box<Appending>>,
    /// A FETCH response that has no end yet.
    fetch: Option<Box<OpenFetch>>,
    /// What the unit in hand is, as far as a literal in it made us look.
    kind: Kind,
    /// What was tolerated in the last command.
    deviations: Deviations,
    /// Octets stood in the input when it was looked at last.
    behind: Behind,
    /// Refusals in a row.
    errors: u32,
    failed_logins: u32,
    /// May SEARCH name a charset?
    charsets: Offer,
    /// The client will say nothing more.
    ended: bool,
    /// So much was in the input when more was asked for.
    seen: Option<usize>,
    period: u64,
    /// Octets of a message since the period last changed.
    since_period: u64,
}

/// What the session is at.
#[derive(Debug)]
enum Task {
    /// The next command of the client.
    Reading,
    /// A question is open.
    Asking,
    /// The messages of an APPEND.
    Appending,
    /// What the client says in a SASL exchange, begun by this command.
    Exchange(Tag),
    /// The end of IDLE, begun by this command.
    Idling(Tag),
    /// A unit is swallowed, and then answered.
    Refusing(Box<Refusing>),
}

/// Has the client said more than what has been read?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Behind {
    Nothing,
    Octets,
}

/// Octets that show a living client. Fewer within the timeout, and the session ends.
const SIGN_OF_LIFE: u64 = 1024;

impl Server {
    /// A session with a client that has just connected.
    pub fn new(config: impl Into<Arc<ServerConfig>>) -> Self {
        let config = config.into();
        let mut server = Self {
            state: State::Greeting,
            task: Task::Reading,
            security: config.security,
            dialect: Dialect::new(config.leniency),
            wire: Wire::new(),
            framer: Framer::new(Rules { non_synchronising: config.non_synchronising(), ..Rules::server() }),
            outbox: Outbox::default(),
            mark: Mark::default(),
            open: Vec::new(),
            serial: 0,
            waiting: None,
            appending: None,
            fetch: None,
            kind: Kind::Unseen,
            deviations: Deviations::new(),
            behind: Behind::Nothing,
            errors: 0,
            failed_logins: 0,
            charsets: Offer::Yes,
            ended: false,
            seen: None,
            period: 0,
            since_period: 0,
            config,
        };
        server.set_limits();
        server
    }

    /// Consumes a prefix of `input`; returns at most one event.
    ///
    /// # Errors
    /// The client broke the protocol beyond repair. The session is over.
    pub fn receive(&mut self, input: &mut BytesMut) -> Result<Step<Event>, ProtocolError> {
        self.seen = None;
        let step = self.step(input);
        self.behind = if input.has_remaining() { Behind::Octets } else { Behind::Nothing };
        if let Ok(Step::NeedInput { .. }) = step {
            self.seen = Some(input.len());
        }
        step
    }

    fn step(&mut self, input: &mut BytesMut) -> Result<Step<Event>, ProtocolError> {
        loop {
            self.see_to_abandoned();
            let waits = self.unsent();
            let can_flush = self.outbox.transmit().has_remaining();
            match (self.state, &self.task) {
                (State::Closed, _) => return Ok(Step::Closed),
                (State::Upgrading, _) if input.is_empty() => return Ok(Step::NeedAnswer),
                // rule rfc9051 6.2.1 no-plaintext-behind-starttls: what comes in clear behind STARTTLS is no command
                (State::Upgrading, _) => return Err(self.fail(ProtocolError::InjectedPlaintext)),
                (_, Task::Asking) => return Ok(Step::NeedAnswer),
                // What cannot be flushed stands behind an open FETCH response: its payload is the host's to write.
                _ if waits > self.config.max_unsent => {
                    return Ok(if can_flush { Step::NeedFlush } else { Step::NeedAnswer });
                }
                (State::Greeting, _) => return Ok(Step::Event(self.ask(Event::Connect, Connect))),
                // rule rfc3501 5.5 in-order: commands that may not run together are done one behind the other
                (_, Task::Reading) if self.is_busy() => {
                    let blocked = can_flush && waits >= self.config.max_unsent.max(1);
                    return Ok(if blocked { Step::NeedFlush } else { Step::NeedAnswer });
                }
                _ => {}
            }
            let event = match self.waiting.take() {
                Some(waiting) => self.dispatch(waiting.0, waiting.1),
                None => {
                    let framed = match self.framer.next(input) {
                        Ok(framed) => framed,
                        Err(endless) => return Err(self.endless(endless)),
                    };
                    match self.framed(framed, input)? {
                        unit::Framing::Event(event) => Some(event),
                        unit::Framing::Done => None,
                        unit::Framing::Wait => return Ok(Step::NeedAnswer),
                        unit::Framing::Need(hint) => return self.need_input(hint, input),
                    }
                }
            };
            if let Some(event) = event {
                return Ok(Step::Event(event));
            }
        }
    }

    /// What to wait for where nothing more can be told: of a client that has closed its half, nothing.
    fn need_input(&mut self, hint: usize, input: &BytesMut) -> Result<Step<Event>, ProtocolError> {
        if !self.ended {
            return Ok(Step::NeedInput { hint });
        }
        match self.cut(input) {
            Some(inside) => Err(self.fail(ProtocolError::Cut { inside })),
            None if !self.open.is_empty() => Ok(Step::NeedAnswer),
            None => {
                self.state = State::Closed;
                Ok(Step::Closed)
            }
        }
    }

    /// What would be cut if the client said nothing more.
    fn cut(&self, input: &BytesMut) -> Option<Unit> {
        match (self.state, &self.task) {
            (State::Closed, _) => None,
            (State::Upgrading, _) => Some(Unit::Upgrade),
            (_, Task::Exchange(_)) => Some(Unit::Exchange),
            (_, Task::Appending | Task::Idling(_) | Task::Refusing(_)) => Some(Unit::Line),
            (_, Task::Reading) if self.framer.is_inside(input) => Some(Unit::Line),
            _ => None,
        }
    }

    /// The client closed its half: was that a clean place to stop?
    ///
    /// What is open may still be answered, and whole commands that wait in `input` are read when `receive` is called
    /// again; then the session is over.
    ///
    /// # Errors
    /// It was not: a command, IDLE, an exchange or an upgrade is cut. The session is over.
    pub fn receive_eof(&mut self, input: &BytesMut) -> Result<(), ProtocolError> {
        self.ended = true;
        let upgrading = self.state == State::Upgrading;
        // Where not all of the input has been looked at, `receive` will tell.
        if !upgrading && self.seen != Some(input.len()) {
            return Ok(());
        }
        match self.cut(input) {
            Some(inside) => Err(self.fail(ProtocolError::Cut { inside })),
            None => Ok(()),
        }
    }

    /// Octets ready to be written to the client.
    pub fn transmit(&mut self) -> &mut Transmit {
        self.outbox.transmit()
    }

    /// How long to wait in this state, and what to do then.
    pub fn patience(&self) -> Patience {
        let authenticated = self.state.is_authenticated();
        let limit = match self.task {
            Task::Appending => self.config.payload_timeout,
            _ if authenticated => {
                // rule rfc3501 5.4 thirty-minutes: a client has 30 minutes at least [instead: self.config.idle_timeout]
                self.config.idle_timeout.max(ServerConfig::SHORTEST_IDLE)
            }
            _ => self.config.login_timeout,
        };
        // Octets that the client takes show that it is there; but to log in, it has the time it has.
        let taken = if authenticated { self.outbox.sent() / SIGN_OF_LIFE } else { 0 };
        Patience { limit, period: self.period + taken, then: Then::GiveUp }
    }

    /// The transport was upgraded to TLS: what is offered may be another now.
    ///
    /// Write what [`transmit`](Self::transmit) holds in clear before the upgrade. `input` is what the host still
    /// holds of the old transport.
    ///
    /// # Errors
    /// Octets of the old transport are left: someone on the way put them there. Or the upgrade is of another
    /// session.
    pub fn upgraded(
        &mut self,
        upgrade: Upgrade,
        input: &BytesMut,
    ) -> Result<(), UpgradeError<ProtocolError>> {
        if self.state != State::Upgrading {
            return Err(Stale(upgrade).into());
        }
        self.mark.upgraded(upgrade)?;
        // rule rfc9051 6.2.1 no-plaintext-into-tls: octets that came in clear are not taken into the TLS session
        if !input.is_empty() {
            return Err(UpgradeError::Protocol(self.fail(ProtocolError::InjectedPlaintext)));
        }
        // There is nothing more to forget: before the login nothing can be agreed on.
        // rule rfc9051 6.2.1 starttls-is-gone: under TLS, STARTTLS is offered no more
        self.security = Security::Tls;
        self.advance(Verb::Upgraded, Outcome::Ok);
        self.period = self.period.wrapping_add(1);
        Ok(())
    }

    /// Ends the session: with BYE, but where an octet more would be read as part of something else.
    pub fn close(&mut self, reason: Reason) {
        // Behind an open FETCH response it is never written.
        // rule rfc3501 3.4 bye-with-a-reason: a server that ends a session by itself says BYE, and why
        if !matches!(self.state, State::Closed | State::Upgrading) {
            self.bye(match reason {
                Reason::Shutdown => {
                    Rejection::no(mail_wire::Text::from_static("the server is shutting down"))
                }
                Reason::Timeout => Rejection::no(mail_wire::Text::from_static("waited for too long")),
                _ => Rejection::no(mail_wire::Text::from_static("the server cannot go on")),
            });
        }
        self.state = State::Closed;
    }

    /// Accepts what was asked.
    ///
    /// # Errors
    /// The question is of another session, or of one that is over, and comes back.
    pub fn accept<T: Request>(&mut self, ask: Ask<T>, answer: T::Answer) -> Result<T::Grant, Stale<Ask<T>>> {
        let request = self.take(ask)?;
        Ok(request.accepted(self, answer, request::sealed::Key(())))
    }

    /// Refuses what was asked. The session goes on, but for a connection.
    ///
    /// # Errors
    /// The question is of another session, or of one that is over, and comes back.
    pub fn reject<T: Request>(&mut self, ask: Ask<T>, rejection: Rejection) -> Result<(), Stale<Ask<T>>> {
        let request = self.take(ask)?;
        request.rejected(self, rejection, request::sealed::Key(()));
        Ok(())
    }

    /// Queues octets of a payload that streams; they are shared, not copied.
    ///
    /// # Errors
    /// The chunk was not taken, and comes back: [`WriteError::Blocked`] until [`transmit`](Self::transmit) drains.
    pub fn write(&mut self, upload: &mut Upload, chunk: Bytes) -> Result<(), WriteError> {
        self.write_payload(upload, chunk)
    }

    /// Ends a payload that streams. The response it stands in stays open, for more items.
    ///
    /// # Errors
    /// Octets are missing, or the upload is of another session. It comes back.
    pub fn finish(&mut self, upload: Upload) -> Result<(), FinishError> {
        self.finish_payload(upload)
    }

    /// Offers these mechanisms from now on, in place of those of the configuration, which is copied if it is shared.
    ///
    /// Which of them a connection can have, such as `-PLUS` and EXTERNAL, is known when the handshake of TLS is over.
    pub fn offer_mechanisms(&mut self, mechanisms: impl IntoIterator<Item = Mechanism>) {
        let config = Arc::make_mut(&mut self.config);
        let others = say::without_mechanisms(&config.capabilities);
        config.capabilities = mechanisms.into_iter().fold(others, Capabilities::with_mechanism);
    }

    /// Where the session stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// Whether the transport is encrypted.
    pub fn security(&self) -> Security {
        self.security
    }

    /// How text outside of ASCII goes over the wire: as ENABLE agreed.
    pub fn encoding(&self) -> Encoding {
        self.dialect.encoding()
    }

    /// What was tolerated in the command that made the last event.
    pub fn deviations(&self) -> &Deviations {
        &self.deviations
    }

    /// Octets that wait to be written, those behind an open FETCH response included.
    pub fn unsent(&self) -> usize {
        self.outbox.unsent() + self.fetch.as_ref().map_or(0, |fetch| fetch.behind.len())
    }

    /// How many octets were looked at in all to find where commands end: linear in what the client says, whatever its
    /// cuts. See [`Framer::examined`].
    pub fn examined(&self) -> u64 {
        self.framer.examined()
    }

    /// Takes a question back, unless the session is over.
    fn take<T>(&mut self, ask: Ask<T>) -> Result<T, Stale<Ask<T>>> {
        if self.state == State::Closed || !matches!(self.task, Task::Asking) {
            return Err(Stale(ask));
        }
        let request = self.mark.answered(ask)?;
        self.task = Task::Reading;
        self.tick();
        Ok(request)
    }

    fn ask<T>(&mut self, event: impl FnOnce(Ask<T>) -> Event, request: T) -> Event {
        self.task = Task::Asking;
        event(self.mark.ask(request))
    }

    /// A token was dropped: nobody will answer, or finish what was begun.
    fn see_to_abandoned(&mut self) {
        if self.state != State::Closed && self.mark.is_abandoned() {
            self.close(Reason::Failure);
        }
    }

    fn fail(&mut self, error: ProtocolError) -> ProtocolError {
        self.state = State::Closed;
        self.task = Task::Reading;
        error
    }

    /// A verb has come to this.
    fn advance(&mut self, verb: Verb, outcome: Outcome) {
        let was = self.state.is_authenticated();
        let after = self.state.after(verb, outcome);
        debug_assert!(after.is_ok(), "the table has a row for each answer: {after:?}");
        // A row that were missing would leave a session that nobody can tell the state of.
        self.state = after.unwrap_or(State::Closed);
        if was != self.state.is_authenticated() {
            self.set_limits();
        }
        self.tick();
    }

    /// What a stranger may cost is not what a user may.
    fn set_limits(&mut self) {
        let mut limits = self.config.limits;
        // So that each literal is announced, and those that are messages stream, small ones too.
        limits.inline = 0;
        if !self.state.is_authenticated() {
            let most = self.config.max_login_line;
            limits.text = limits.text.min(most);
            limits.unit = limits.unit.min(most);
            limits.literal = limits.literal.min(most as u64);
        }
        *self.framer.limits_mut() = limits;
    }

    /// Something was done: the client's time starts anew. Before the login it does not.
    fn tick(&mut self) {
        // rule rfc3501 5.4 any-command-counts: any command resets the autologout timer
        if self.state.is_authenticated() {
            self.period = self.period.wrapping_add(1);
        }
    }

    /// Octets of a message have come.
    fn alive(&mut self, octets: u64) {
        self.since_period += octets;
        if self.since_period >= SIGN_OF_LIFE {
            self.since_period = 0;
            self.tick();
        }
    }
}

mail_wire::machine!(Server, Event, ProtocolError, Uploads);
