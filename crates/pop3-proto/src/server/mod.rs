//! The server's machine.
mod answer;
mod command;
mod event;
mod language;
mod listing;
mod maildrop;
mod request;

pub use answer::{AuthAnswer, Rejection};
pub use event::Event;
pub use listing::{Entry, Listing};
pub use maildrop::Deleted;
pub use request::{
    Apop, Auth, AuthResponse, Connect, Dele, List, ListAll, Login, Quit, Request, Retr, StartTls, Top, Uidl,
    UidlAll,
};

use crate::{
    Charset, Deviation, DropListing, Mechanisms, Name, ProtocolError, Reply, Security, ServerConfig, State,
    Unit,
    state::{Outcome, Verb},
};
use bytes::{Bytes, BytesMut};
use core::fmt;
use mail_wire::{
    Ask, FinishError, Mark, Outbox, Output, Patience, Reason, Stale, Step, Then, Transmit, Upgrade,
    UpgradeError, Upload, WriteError,
    line::{Framed, LineEnding, LineFramer},
};
use maildrop::Maildrop;

/// A server's side of a session.
///
/// Feed it what the client says ([`receive`](Self::receive)), write what it says ([`transmit`](Self::transmit)),
/// answer what it asks ([`accept`](Self::accept), [`reject`](Self::reject)). One question, upload or listing is
/// open at a time, and nothing else happens while it is: [`Step::NeedAnswer`].
#[derive(Debug)]
pub struct Server {
    config: ServerConfig,
    state: State,
    task: Task,
    security: Security,
    /// Whom USER named last; PASS looks at it in [`State::Named`]. A copy, so that no read block is pinned.
    name: Option<Name>,
    charset: Charset,
    /// Its place among the languages on offer.
    language: Option<usize>,
    maildrop: Maildrop,
    framer: LineFramer,
    outbox: Outbox,
    mark: Mark,
    /// Refusals in a row.
    errors: u32,
    failed_logins: u32,
    /// What was tolerated in the last command.
    deviation: Option<Deviation>,
    /// The client will say nothing more.
    ended: bool,
    period: u64,
}

/// What the session is at.
#[derive(Debug, Clone, Copy)]
enum Task {
    /// The next line of the client.
    Reading,
    /// A question is open.
    Asking,
    /// The status line is said, and the lines behind it are on their way.
    Sending {
        /// The last message that was listed.
        last: Option<crate::MessageNumber>,
    },
}

/// Octets taken that show a living client. Fewer within the timeout, and the session ends.
const SIGN_OF_LIFE: u64 = 1024;

impl Server {
    /// A session with a client that has just connected.
    pub fn new(config: ServerConfig) -> Self {
        Self {
            state: State::Greeting,
            task: Task::Reading,
            security: config.security,
            name: None,
            charset: Charset::Ascii,
            language: None,
            maildrop: Maildrop::default(),
            framer: LineFramer::new(config.max_line, LineEnding::Crlf),
            outbox: Outbox::default(),
            mark: Mark::default(),
            errors: 0,
            failed_logins: 0,
            deviation: None,
            ended: false,
            period: 0,
            config,
        }
    }

    /// Consumes a prefix of `input`; returns at most one event.
    ///
    /// # Errors
    /// The client broke the protocol beyond repair. The session is over; nothing is removed.
    pub fn receive(&mut self, input: &mut BytesMut) -> Result<Step<Event>, ProtocolError> {
        loop {
            self.see_to_abandoned();
            match (self.state, self.task) {
                (State::Closed, _) => return Ok(Step::Closed),
                // rule rfc2595 4 nothing-behind-stls: octets in clear behind STLS end the session
                (State::Upgrading, _) => {
                    if input.is_empty() {
                        return Ok(Step::NeedAnswer);
                    }
                    return Err(self.fail(ProtocolError::InjectedPlaintext));
                }
                (_, Task::Asking) => return Ok(Step::NeedAnswer),
                (_, Task::Sending { .. }) if self.outbox.unsent() >= self.config.max_unsent.max(1) => {
                    return Ok(Step::NeedFlush);
                }
                (_, Task::Sending { .. }) => return Ok(Step::NeedAnswer),
                (_, Task::Reading) if self.outbox.unsent() > self.config.max_unsent => {
                    return Ok(Step::NeedFlush);
                }
                (State::Greeting, Task::Reading) => {
                    return Ok(Step::Event(Event::Connect(self.ask(Connect))));
                }
                (_, Task::Reading) => {}
            }
            let limit = self.line_limit(input);
            self.framer.set_limit(limit);
            let event = match self.framer.next(input) {
                Framed::NeedInput if self.ended => {
                    self.state = State::Closed;
                    None
                }
                Framed::NeedInput => return Ok(Step::NeedInput { hint: limit }),
                Framed::Broken(broken) => self.broken(broken),
                Framed::Line(line) => self.line(&line),
            };
            if let Some(event) = event {
                return Ok(Step::Event(event));
            }
        }
    }

    /// The client closed its half: was that a clean place to stop?
    ///
    /// Whole lines that still wait in `input` are answered when `receive` is called again; then the session is
    /// over. Without QUIT nothing is removed, be the place clean or not.
    ///
    /// # Errors
    /// It was not: a line, an exchange or an upgrade is cut. The session is over.
    pub fn receive_eof(&mut self, input: &BytesMut) -> Result<(), ProtocolError> {
        self.ended = true;
        let inside = match (self.state, self.task) {
            (State::Closed, _) => return Ok(()),
            (State::Upgrading, _) => Unit::Upgrade,
            (State::Exchange, Task::Reading) if !has_line(input) => Unit::Exchange,
            (_, Task::Reading) if self.framer.is_inside(input) && !has_line(input) => Unit::Line,
            _ => return Ok(()),
        };
        Err(self.fail(ProtocolError::Cut { inside }))
    }

    /// Octets ready to be written to the client.
    pub fn transmit(&mut self) -> &mut Transmit {
        self.outbox.transmit()
    }

    /// How long to wait in this state, and what to do then.
    pub fn patience(&self) -> Patience {
        let limit = match self.state {
            // rule rfc1939 3 ten-minutes: autologout waits 10 minutes [instead: self.config.idle_timeout]
            State::Transaction | State::Update => self.config.idle_timeout.max(ServerConfig::SHORTEST_IDLE),
            _ => self.config.login_timeout,
        };
        // Octets that the client takes show that it is there; but to log in, it has the time it has.
        let taken = match self.state {
            State::Transaction | State::Update => self.outbox.sent() / SIGN_OF_LIFE,
            _ => 0,
        };
        Patience { limit, period: self.period + taken, then: Then::GiveUp }
    }

    /// The transport was upgraded to TLS: all that was said before is forgotten.
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
        if self.state == State::Closed {
            return Err(Stale(upgrade).into());
        }
        self.mark.upgraded(upgrade)?;
        // rule rfc2595 4 nothing-during-upgrade: octets in clear that come during the upgrade end the session
        if !input.is_empty() {
            return Err(UpgradeError::Protocol(self.fail(ProtocolError::InjectedPlaintext)));
        }
        // rule rfc2595 4 tls-is-known: behind the upgrade CAPA and the login follow the rules of TLS
        self.security = Security::Tls;
        self.name = None;
        // rule rfc6856 7 language-forgotten: a language that was chosen in clear does not hold under TLS
        self.language = None;
        self.answered(Verb::Upgraded, Outcome::Ok);
        Ok(())
    }

    /// Ends the session: with `-ERR` where the client waits for a reply, or may take one. Nothing is removed.
    ///
    /// A timeout says nothing to a client that says nothing
    /// ([RFC 1939 §3](https://www.rfc-editor.org/rfc/rfc1939#section-3)), and a message or listing that is cut gets
    /// no end.
    pub fn close(&mut self, reason: Reason) {
        let silent = match (self.state, self.task) {
            (State::Closed | State::Upgrading, _) | (_, Task::Sending { .. }) => true,
            // rule rfc1939 3 autologout-silent: a session that times out ends without a reply [instead: false]
            (_, Task::Reading) => reason == Reason::Timeout,
            (_, Task::Asking) => false,
        };
        if !silent {
            self.err(match reason {
                Reason::Shutdown => "[SYS/TEMP] the server is shutting down",
                Reason::Timeout => "[SYS/TEMP] timed out",
                _ => "[SYS/TEMP] the server cannot go on",
            });
        }
        self.state = State::Closed;
    }

    /// Accepts what was asked: the reply is queued, and the session goes on.
    ///
    /// # Errors
    /// The question is of another session, or of one that is over, and comes back.
    pub fn accept<T: Request>(&mut self, ask: Ask<T>, answer: T::Answer) -> Result<T::Grant, Stale<Ask<T>>> {
        let request = self.take(ask)?;
        Ok(request.accepted(self, answer, request::sealed::Key(())))
    }

    /// Refuses what was asked: `-ERR` is queued. The session goes on, but for a connection and QUIT.
    ///
    /// # Errors
    /// The question is of another session, or of one that is over, and comes back.
    pub fn reject<T: Request>(&mut self, ask: Ask<T>, rejection: Rejection) -> Result<(), Stale<Ask<T>>> {
        let request = self.take(ask)?;
        request.rejected(self, rejection, request::sealed::Key(()));
        Ok(())
    }

    /// Queues a chunk of a message, dot-stuffed; its octets are shared, not copied.
    ///
    /// # Errors
    /// The chunk was not taken, and comes back: [`WriteError::Blocked`] until [`transmit`](Self::transmit) drains.
    pub fn write(&mut self, upload: &mut Upload, chunk: Bytes) -> Result<(), WriteError> {
        if self.state == State::Closed {
            return Err(WriteError::Stale { chunk });
        }
        upload.write(&self.mark, &mut self.outbox, self.config.max_unsent.max(1), chunk)?;
        self.tick();
        Ok(())
    }

    /// Ends a message: with CRLF where its last line has none, and with the line that is a lone dot.
    ///
    /// # Errors
    /// The upload is of another session, or its last octet is a bare CR, which the configuration refuses. It
    /// comes back.
    pub fn finish(&mut self, upload: Upload) -> Result<(), FinishError> {
        if self.state == State::Closed {
            return Err(Stale(upload).into());
        }
        upload.finish(&self.mark, &mut self.outbox)?;
        self.task = Task::Reading;
        self.tick();
        Ok(())
    }

    /// Offers these mechanisms from now on, in place of those of the configuration.
    ///
    /// Which of them a connection can have, such as `-PLUS` and EXTERNAL, is known when the handshake of TLS is over.
    pub fn offer_mechanisms(&mut self, mechanisms: Mechanisms) {
        self.config.mechanisms = mechanisms;
    }

    /// Where the session stands.
    pub fn state(&self) -> State {
        self.state
    }

    /// How many octets were looked at in all to find where lines end: linear in what the client says, whatever its
    /// cuts. See [`LineFramer::examined`].
    pub fn examined(&self) -> u64 {
        self.framer.examined()
    }

    /// Whether the transport is encrypted.
    pub fn security(&self) -> Security {
        self.security
    }

    /// Commands in a row that the session itself has refused; see [`ServerConfig::max_errors`].
    pub fn errors(&self) -> u32 {
        self.errors
    }

    /// Logins that have failed; see [`ServerConfig::max_failed_logins`].
    pub fn failed_logins(&self) -> u32 {
        self.failed_logins
    }

    /// What the client takes: ASCII alone until it has said UTF8.
    pub fn charset(&self) -> Charset {
        self.charset
    }

    /// What was tolerated in the command that made the last event, where anything was.
    pub fn deviation(&self) -> Option<Deviation> {
        self.deviation
    }

    /// Takes a question back, unless the session is over.
    fn take<T>(&mut self, ask: Ask<T>) -> Result<T, Stale<Ask<T>>> {
        if self.state == State::Closed { Err(Stale(ask)) } else { self.mark.answered(ask) }
    }

    /// A token was dropped: nobody will answer, or finish what was begun.
    fn see_to_abandoned(&mut self) {
        if self.state == State::Closed || !self.mark.is_abandoned() {
            return;
        }
        self.close(Reason::Failure);
    }

    fn fail(&mut self, error: ProtocolError) -> ProtocolError {
        self.state = State::Closed;
        error
    }

    /// The longest line that may stand at the front of `input`. An AUTH command may be longer than others.
    fn line_limit(&self, input: &BytesMut) -> usize {
        let auth = input.get(..5).is_some_and(|front| front.eq_ignore_ascii_case(b"AUTH "));
        // rule rfc5034 4 long-lines-of-auth: lines of an exchange may be longer than commands
        if self.state == State::Exchange || auth { self.config.max_auth_line } else { self.config.max_line }
    }

    /// A verb has its final answer, or a challenge.
    fn answered(&mut self, verb: Verb, outcome: Outcome) {
        let after = self.state.after(verb, outcome);
        debug_assert!(after.is_ok(), "the table has a row for each answer: {after:?}");
        // A row that were missing would leave a session that nobody can tell the state of.
        self.state = after.unwrap_or(State::Closed);
        self.task = Task::Reading;
        if matches!(verb, Verb::Greet | Verb::Upgraded) {
            self.period = self.period.wrapping_add(1);
        }
        self.tick();
    }

    fn logged_in(&mut self, verb: Verb, all: DropListing) {
        self.name = None;
        self.maildrop = Maildrop::new(all);
        if self.speaks_english() {
            self.ok(format_args!("maildrop has {}", Size(all)));
        } else {
            // Some clients would take a lone +OK behind AUTH for a challenge.
            self.outbox.text(b"+OK ");
            all.encode(&mut self.outbox);
            self.outbox.text(b"\r\n");
        }
        self.answered(verb, Outcome::Ok);
    }

    /// Something was done: the client's time starts anew. Before the login it does not.
    fn tick(&mut self) {
        // rule rfc1939 3 command-resets-timer: a command starts the autologout timer anew
        if self.state == State::Transaction {
            self.period = self.period.wrapping_add(1);
        }
    }

    fn say(&mut self, reply: &Reply) {
        reply.encode(&mut self.outbox);
    }

    fn ok(&mut self, words: impl fmt::Display) {
        self.status("+OK", words);
    }

    fn err(&mut self, words: impl fmt::Display) {
        self.status("-ERR", words);
    }

    /// A status line with words of the session's own: short, English, and without CR and LF.
    fn status(&mut self, status: &str, words: impl fmt::Display) {
        struct Words<'a>(&'a mut Outbox);
        impl fmt::Write for Words<'_> {
            fn write_str(&mut self, words: &str) -> fmt::Result {
                self.0.text(words.as_bytes());
                Ok(())
            }
        }
        // rule rfc6856 3.2 english-is-silent: in a language that the session does not speak it says no words
        if !self.speaks_english() {
            return self.status_alone(status, words);
        }
        // Writing to an outbox does not fail.
        let _ = fmt::write(&mut Words(&mut self.outbox), format_args!("{status} {words}\r\n"));
    }
}

/// A drop listing in words.
struct Size(DropListing);

impl fmt::Display for Size {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let DropListing { messages, octets } = self.0;
        let plural = if messages == 1 { "" } else { "s" };
        write!(f, "{messages} message{plural} ({octets} octets)")
    }
}

/// Does `input` hold the end of a line?
fn has_line(input: &BytesMut) -> bool {
    input.windows(2).any(|pair| pair == b"\r\n")
}

mail_wire::machine!(Server, Event, ProtocolError, Uploads);
