//! Messages delivered: an envelope and a body in, an outcome for each recipient out.
mod chunks;
mod event;
mod limits;
mod lines;
mod message;
mod opening;
mod outcome;
mod plan;
mod running;
mod transaction;

pub use event::{DeliverError, Event};
pub use message::{Message, Reading};
pub use outcome::{At, Outcome, Report, Unsent, Unusable, Verdict};

use crate::{
    Auth, Capabilities, Class, ClientConfig, ClientName, Code, Command, Deviations, Phase, ProtocolError,
    Reply, State,
    client::{self, Client, NotChallenged, SendError, SendRefusal, Ticket},
    config::Protocol,
};
use alloc::{boxed::Box, collections::VecDeque};
use bytes::{Bytes, BytesMut};
use limits::Used;
use mail_wire::{
    FinishError, Mark, Outbox, Patience, Reason, Stale, Step, TlsPolicy, Transmit, Upgrade, UpgradeError,
    Upload, WriteError, sasl,
};
use opening::Opening;
use running::{Running, unsent};
use transaction::is_refusal;

/// A client's session that delivers messages: it greets, turns TLS on, and turns each [`Message`] into as few round
/// trips as the server's offers allow.
///
/// [`Client`] takes commands; this takes messages. It says EHLO, or HELO where that is not understood, and
/// STARTTLS as [`ClientConfig::tls`] has it. Then each message is held against what the server offers before MAIL is
/// sent; commands go in one group where PIPELINING is offered; a message for more recipients than a transaction may
/// have (LIMITS, 452) goes in several, and its body is asked for again; a binary one goes by BDAT, and others do where
/// [`ClientConfig::chunking`] has it. Whatever happens,
/// each recipient gets one [`Outcome`].
///
/// ```
/// use bytes::{Buf, Bytes, BytesMut};
/// use smtp_proto::{
///     ClientConfig, ClientName, Mail, Mailbox, Rcpt, Step, TlsPolicy,
///     delivery::{Delivery, Event, Message, Outcome, Verdict},
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let config = ClientConfig { tls: TlsPolicy::Opportunistic, ..ClientConfig::default() };
/// let mut delivery = Delivery::new(config, ClientName::new("client.example.org")?);
/// let mail = Mail::new(Mailbox::new("ann@example.org")?);
/// let recipients = vec![Rcpt::new(Mailbox::new("bob@example.net")?), Rcpt::new(Mailbox::new("cy@example.net")?)];
/// delivery.deliver(Message::new(mail, recipients))?;
///
/// // What a server says, turn by turn; a driver has it from its socket.
/// let mut server = [
///     "220 mx.example.net\r\n",
///     "250-mx.example.net\r\n250 PIPELINING\r\n",
///     "250 ok\r\n550 5.1.1 nobody here\r\n250 ok\r\n354 go\r\n",
///     "250 2.0.0 queued\r\n",
/// ]
/// .into_iter();
/// let (mut input, mut said) = (BytesMut::new(), Vec::new());
/// let report = loop {
///     match delivery.receive(&mut input)? {
///         Step::Event(Event::Body(mut upload)) => {
///             delivery.write(&mut upload, Bytes::from_static(b"Subject: hi\r\n\r\n.dot\r\n"))?;
///             delivery.finish(upload)?;
///         }
///         Step::Event(Event::Report(report)) => break report,
///         Step::Event(_) => {}
///         _ => {
///             let transmit = delivery.transmit();
///             said.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
///             input.extend_from_slice(server.next().ok_or("the server waits")?.as_bytes());
///         }
///     }
/// };
/// assert!(matches!(&report.outcomes[..], [Outcome::Refused { .. }, Outcome::Accepted(_)]));
/// assert_eq!(report.outcomes[0].verdict(), Verdict::Never);
/// assert!(said.ends_with(b"DATA\r\nSubject: hi\r\n\r\n..dot\r\n.\r\n"));
/// # Ok(()) }
/// ```
///
/// Behind the greeting the session can [`login`](Self::login), and behind a [`Report`](Event::Report) it can deliver
/// the next message.
#[derive(Debug)]
pub struct Delivery {
    client: Client,
    name: ClientName,
    protocol: Protocol,
    tls: TlsPolicy,
    max_unsent: usize,
    stage: Stage,
    /// Of bodies that go in chunks.
    mark: Mark,
    /// Events that wait to be told.
    told: VecDeque<Event>,
    /// Of the limits that the server tells.
    used: Used,
    /// The last RSET.
    reset: Option<Ticket>,
    /// What the server said before it ended the session: a 421, or a refusal that nothing asked for.
    farewell: Option<Reply>,
    /// What ended the session: told behind what is owed.
    failure: Option<ProtocolError>,
}

/// What the session does.
#[derive(Debug)]
enum Stage {
    /// It is opened, and perhaps a message waits for that.
    Opening { opening: Opening, waiting: Option<Box<Message>> },
    /// Nothing.
    Idle,
    /// It logs in.
    LoggingIn(Ticket),
    /// It delivers.
    Delivering(Box<Running>),
    /// It ends.
    Over,
}

impl Delivery {
    /// A session on a connection that was just made, of a client of this name.
    pub fn new(config: ClientConfig, name: ClientName) -> Self {
        Self {
            name,
            protocol: config.protocol,
            tls: config.tls,
            max_unsent: config.max_unsent,
            stage: Stage::Opening { opening: Opening::Greeting, waiting: None },
            mark: Mark::default(),
            told: VecDeque::new(),
            used: Used::default(),
            reset: None,
            farewell: None,
            failure: None,
            client: Client::new(config),
        }
    }

    /// Delivers a message: now, or as soon as the session is [ready](Event::Ready). What becomes of it comes as
    /// [`Event::Report`], whatever happens.
    ///
    /// # Errors
    /// Another one is on its way, a login is, or the session is over. The message comes back.
    pub fn deliver(&mut self, message: Message) -> Result<(), DeliverError> {
        let is_closed = self.client.state().phase == Phase::Closed;
        match &mut self.stage {
            Stage::Opening { waiting: waiting @ None, .. } if !is_closed => {
                *waiting = Some(Box::new(message));
            }
            Stage::Idle if !is_closed => self.begin(&message),
            stage => {
                let is_over = is_closed || matches!(stage, Stage::Over);
                let refusal = if is_over { SendRefusal::Closed } else { SendRefusal::Busy };
                return Err(DeliverError { message: Box::new(message), refusal });
            }
        }
        Ok(())
    }

    fn begin(&mut self, message: &Message) {
        self.farewell = None;
        match Running::new(message, &self.client) {
            Ok(running) => self.stage = Stage::Delivering(Box::new(running)),
            Err(report) => self.told.push_back(Event::Report(report)),
        }
    }

    /// Logs in, where the session is ready and delivers nothing. Which mechanisms there are say
    /// [`capabilities`](Self::capabilities); what they say is the caller's.
    ///
    /// # Errors
    /// It may not be sent, and comes back.
    pub fn login(&mut self, auth: Auth) -> Result<(), SendError> {
        if !matches!(self.stage, Stage::Idle) {
            let refusal =
                if matches!(self.stage, Stage::Over) { SendRefusal::Closed } else { SendRefusal::Busy };
            return Err(SendError { command: Box::new(Command::Auth(auth)), refusal });
        }
        self.stage = Stage::LoggingIn(self.client.send(Command::Auth(auth))?);
        Ok(())
    }

    /// Answers a challenge.
    ///
    /// # Errors
    /// No challenge waits.
    pub fn respond(&mut self, response: &sasl::Response) -> Result<(), NotChallenged> {
        self.client.respond(response)
    }

    /// Ends the session by QUIT, where it delivers nothing: [`Step::Closed`] comes when the server has answered.
    ///
    /// # Errors
    /// Something else must end first.
    pub fn quit(&mut self) -> Result<(), SendError> {
        if !matches!(self.stage, Stage::Idle) {
            let refusal =
                if matches!(self.stage, Stage::Over) { SendRefusal::Closed } else { SendRefusal::Busy };
            return Err(SendError { command: Box::new(Command::Quit), refusal });
        }
        self.client.send(Command::Quit)?;
        self.stage = Stage::Over;
        Ok(())
    }

    /// Queues a piece of the body; its octets are shared.
    ///
    /// # Errors
    /// It was not taken, and comes back. `Refused`: the server wants no more of it; finish the upload, and the report
    /// tells why. Any other refusal leaves the upload good for another piece.
    pub fn write(&mut self, upload: &mut Upload, chunk: Bytes) -> Result<(), WriteError> {
        let octets = chunk.len();
        let Stage::Delivering(running) = &mut self.stage else { return Err(WriteError::Stale { chunk }) };
        if !upload.is_of(&self.mark) {
            self.client.write(upload, chunk)?;
            running.written(octets);
            return Ok(());
        }
        match running.chunks() {
            Some(chunks) if self.client.state().phase != Phase::Closed => {
                chunks.write(&mut self.client, self.max_unsent, chunk)
            }
            _ => Err(WriteError::Stale { chunk }),
        }
    }

    /// Ends the body.
    ///
    /// # Errors
    /// It cannot end there; the upload comes back. Dropped unfinished it ends the session, without an end of the body.
    pub fn finish(&mut self, upload: Upload) -> Result<(), FinishError> {
        let Stage::Delivering(running) = &mut self.stage else { return Err(Stale(upload).into()) };
        if upload.is_of(&self.mark) {
            if running.chunks().is_some_and(|chunks| !chunks.end_line()) {
                return Err(FinishError::BareCr { upload });
            }
            // Nothing is written through it.
            upload.finish(&self.mark, &mut Outbox::default())?;
        } else {
            self.client.finish(upload)?;
        }
        running.uploaded();
        Ok(())
    }

    /// Consumes a prefix of `input` and returns at most one event.
    ///
    /// # Errors
    /// The server broke the protocol beyond repair, and what became of a message that was on its way has been told. The
    /// session is over.
    pub fn receive(&mut self, input: &mut BytesMut) -> Result<Step<Event>, ProtocolError> {
        loop {
            if self.mark.is_abandoned() {
                self.client.end();
            }
            if let Stage::Delivering(running) = &mut self.stage {
                match running.go_on(&mut self.client, &self.mark, &mut self.used, &mut self.reset) {
                    Some(report @ Event::Report(_)) => {
                        self.stage = Stage::Idle;
                        self.told.push_back(report);
                    }
                    event => self.told.extend(event),
                }
            }
            if let Some(event) = self.told.pop_front() {
                return Ok(Step::Event(event));
            }
            match self.client.receive(input) {
                Ok(Step::Event(event)) => self.event(event),
                Ok(Step::Closed) => match self.ended() {
                    Some(report) => return Ok(Step::Event(Event::Report(report))),
                    None => return self.failure.take().map_or(Ok(Step::Closed), Err),
                },
                Ok(Step::NeedInput { hint }) => return Ok(Step::NeedInput { hint }),
                Ok(Step::NeedAnswer) => return Ok(Step::NeedAnswer),
                Ok(Step::NeedFlush) => return Ok(Step::NeedFlush),
                Err(error) => self.failure = Some(error),
            }
        }
    }

    /// The server closed its half of the connection: was that a clean place to stop?
    ///
    /// What became of a message that was on its way is still told: call `receive` again, which then tells the error.
    ///
    /// # Errors
    /// It was not.
    pub fn receive_eof(&mut self, input: &BytesMut) -> Result<(), ProtocolError> {
        match self.client.receive_eof(input) {
            Err(error) if self.owes_report() => {
                self.failure = Some(error);
                Ok(())
            }
            end => end,
        }
    }

    /// Octets ready to be written to the server.
    pub fn transmit(&mut self) -> &mut Transmit {
        self.client.transmit()
    }

    /// How long to wait for the server in this state.
    pub fn patience(&self) -> Patience {
        self.client.patience()
    }

    /// The connection is TLS now: EHLO is said again.
    ///
    /// # Errors
    /// Octets that came in clear are left in `input`, and the session is over. Or the token is of another session.
    pub fn upgraded(
        &mut self,
        upgrade: Upgrade,
        input: &BytesMut,
    ) -> Result<(), UpgradeError<ProtocolError>> {
        self.client.upgraded(upgrade, input)?;
        // rule rfc3207 4.2 delivery-ehlo-again: under TLS EHLO is said again
        self.hello();
        Ok(())
    }

    /// Ends the session: with QUIT where a command may stand. A message that is on its way is still reported.
    pub fn close(&mut self, reason: Reason) {
        self.client.close(reason);
    }

    /// Where the session stands, as far as the server has confirmed it.
    pub fn state(&self) -> State {
        self.client.state()
    }

    /// What the server offers; `None` before EHLO was answered.
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.client.capabilities()
    }

    /// What was tolerated in replies so far.
    pub fn deviations(&self) -> &Deviations {
        self.client.deviations()
    }

    /// How many octets were looked at in all, as [`Client::examined`].
    pub fn examined(&self) -> u64 {
        self.client.examined()
    }

    fn event(&mut self, event: client::Event) {
        match &event {
            client::Event::Unsolicited(reply) if is_refusal(reply) => self.farewell = Some(reply.clone()),
            // rule rfc5321 3.8 delivery-421: a 421 tells why those who are left are not sent the message
            client::Event::Reply { reply, .. }
            | client::Event::Recipient { reply, .. }
            | client::Event::Unsolicited(reply)
                if reply.code() == Code::NOT_AVAILABLE =>
            {
                self.farewell = Some(reply.clone());
            }
            // The server goes on: what it said before was no last word.
            client::Event::Reply { .. } | client::Event::Recipient { .. } => self.farewell = None,
            _ => {}
        }
        match (&mut self.stage, event) {
            // The old transaction stands, and what was said behind RSET would join it.
            (_, client::Event::Reply { ticket, reply })
                if self.reset == Some(ticket) && reply.code().class() != Class::Completion =>
            {
                self.client.end();
            }
            (Stage::Opening { opening, .. }, event) => {
                let opening = *opening;
                self.opened(opening, event);
            }
            (Stage::LoggingIn(_), client::Event::Challenge { challenge, .. }) => {
                self.told.push_back(Event::Challenge(challenge));
            }
            (Stage::LoggingIn(login), client::Event::Reply { ticket, reply }) if *login == ticket => {
                self.stage = Stage::Idle;
                let is_in = reply.code().class() == Class::Completion;
                self.told.push_back(if is_in { Event::LoggedIn(reply) } else { Event::LoginRefused(reply) });
            }
            (Stage::Delivering(running), client::Event::Upload { ticket, upload }) => {
                running.uploading(ticket);
                self.told.push_back(Event::Body(upload));
            }
            (Stage::Delivering(running), client::Event::Reply { ticket, reply }) => {
                running.reply(ticket, &reply);
            }
            (Stage::Delivering(running), client::Event::Recipient { recipient, reply, .. }) => {
                running.recipient(recipient, &reply);
            }
            _ => {}
        }
    }

    /// Is a message on its way?
    fn owes_report(&self) -> bool {
        matches!(self.stage, Stage::Delivering(_) | Stage::Opening { waiting: Some(_), .. })
    }

    /// The session is over. What became of the message that was on its way?
    fn ended(&mut self) -> Option<Report> {
        let over = Unsent::SessionOver(self.farewell.take());
        match core::mem::replace(&mut self.stage, Stage::Over) {
            Stage::Delivering(mut running) => Some(running.report(&over)),
            Stage::Opening { waiting: Some(message), .. } => Some(unsent(&message, &over)),
            _ => None,
        }
    }
}

mail_wire::machine!(Delivery, Event, ProtocolError, Uploads);
