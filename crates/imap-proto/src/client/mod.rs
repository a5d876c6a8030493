//! The client machine.
mod append;
mod check;
mod collector;
mod error;
mod event;
mod flight;
mod response;
mod session;
mod unit;
mod view;

pub use collector::{Collector, TooLarge};
pub use error::{AppendError, AppendRefusal, NotChallenged, NotIdling, SendError, SendRefusal};
pub use event::{Event, Invalid, Layer};

use crate::{
    ClientConfig, Command, DONE, Deviations, Encoding, ProtocolError, Tag, Verb,
    frame::Framer,
    mailbox::ClientView,
    response::{Capabilities, FetchItem, FetchSink, Untagged},
    state::{Outcome, State},
};
use alloc::{boxed::Box, collections::VecDeque, vec::Vec};
use bytes::{Bytes, BytesMut};
use flight::{Holds, InFlight, Sending, Streams, expunges, may_follow};
use mail_wire::{
    FinishError, Mark, Offer, Outbox, Output, Security, Step, Transmit, Upload, WriteError, sasl,
};
use unit::Reading;
use view::Mailbox;

/// The client's side of an IMAP session, command by command.
///
/// [`send`](Self::send) checks a command against the state, the policy and the server's offers before an octet
/// leaves, and sends it as early as nothing becomes ambiguous by it
/// ([RFC 9051 §5.5](https://www.rfc-editor.org/rfc/rfc9051#section-5.5)). Until then it is held as a value, and
/// written as the server takes it by then. What became of it comes as an [`Event`] that names its [`Tag`].
///
/// | the server | so the machine |
/// |---|---|
/// | tells its capabilities | writes literals, mailbox names and initial responses as it takes them |
/// | asks for a literal by `+`, or refuses it | sends it, or drops the rest of that command alone |
/// | changes the mailbox | keeps [`mailbox`](Self::mailbox) |
/// | sends a long message | hands it on in pieces, and keeps none of it |
/// | breaks the grammar | gives up that response and goes on, as far as [`Leniency`](crate::Leniency) says so |
///
/// A whole session:
///
/// ```
/// use bytes::{Buf, BytesMut};
/// use imap_proto::{
///     BodySection, ClientConfig, Command, Fetch, FetchItem, FetchItems, Login, MailboxName, Numbering, Section,
///     Security, Seen, SequenceSet, Step,
///     client::{Client, Event},
///     response::{self, Capability, StatusKind, Untagged},
/// };
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// // The connection is TLS already, so that a password may be said.
/// let mut client = Client::new(ClientConfig { security: Security::Tls, ..ClientConfig::default() });
/// let mut input = BytesMut::new();
///
/// // A driver writes what `transmit` holds to its socket.
/// fn said(client: &mut Client) -> String {
///     let transmit = client.transmit();
///     String::from_utf8(transmit.copy_to_bytes(transmit.remaining()).to_vec()).unwrap()
/// }
///
/// input.extend_from_slice(b"* OK [CAPABILITY IMAP4rev1 LITERAL+ MOVE] ready\r\n");
/// assert!(matches!(client.receive(&mut input)?, Step::Event(Event::Greeting(_))));
/// assert!(client.capabilities().unwrap().has(Capability::Move));
///
/// // LITERAL+ lets a password of any kind go at once.
/// let login = client.send(Command::Login(Login::new("fred", "blurdy\u{e4}")?))?;
/// assert_eq!(said(&mut client), "A1 LOGIN fred {8+}\r\nblurdy\u{e4}\r\n");
/// input.extend_from_slice(b"A1 OK [CAPABILITY IMAP4rev1 LITERAL+ MOVE] welcome\r\n");
/// let Step::Event(Event::Completed { tag, status }) = client.receive(&mut input)? else { panic!() };
/// assert_eq!((tag, status.kind()), (login, StatusKind::Ok));
///
/// // FETCH is held until SELECT is answered.
/// client.send(Command::Select(MailboxName::INBOX))?;
/// let body = BodySection { seen: Seen::Keep, section: Section::WHOLE, partial: None };
/// let items = FetchItems::new([FetchItem::Uid, FetchItem::Section(body)]).unwrap();
/// let set = SequenceSet::from_numbers([1]).unwrap();
/// client.send(Command::Fetch(Fetch { numbering: Numbering::Sequence, set, items }))?;
/// assert_eq!(said(&mut client), "A2 SELECT INBOX\r\n");
/// input.extend_from_slice(b"* 1 EXISTS\r\nA2 OK [READ-WRITE] done\r\n");
/// assert!(matches!(client.receive(&mut input)?, Step::Event(Event::Untagged(Untagged::Exists(1)))));
/// assert!(matches!(client.receive(&mut input)?, Step::Event(Event::Completed { .. })));
///
/// assert_eq!(said(&mut client), "A3 FETCH 1 (UID BODY.PEEK[])\r\n");
/// input.extend_from_slice(b"* 1 FETCH (UID 7 BODY[] {7}\r\nHello\r\n)\r\nA3 OK done\r\n");
/// let Step::Event(Event::Untagged(Untagged::Fetch(fetch))) = client.receive(&mut input)? else { panic!() };
/// assert_eq!(fetch.items[0], response::FetchItem::Uid(7));
/// assert_eq!(client.mailbox().unwrap().number(7), Some(1));
/// assert!(matches!(client.receive(&mut input)?, Step::Event(Event::Completed { .. })));
///
/// client.send(Command::Logout)?;
/// assert_eq!(said(&mut client), "A4 LOGOUT\r\n");
/// input.extend_from_slice(b"* BYE see you\r\nA4 OK done\r\n");
/// assert!(matches!(client.receive(&mut input)?, Step::Event(Event::Untagged(_))));
/// assert!(matches!(client.receive(&mut input)?, Step::Event(Event::Completed { .. })));
/// assert!(matches!(client.receive(&mut input)?, Step::Closed));
/// # Ok(()) }
/// ```
#[derive(Debug)]
pub struct Client {
    config: ClientConfig,
    state: State,
    task: Task,
    security: Security,
    capabilities: Option<Capabilities>,
    /// Were capabilities told since a login was sent?
    told_anew: bool,
    encoding: Encoding,
    /// May SEARCH name a charset?
    charsets: Offer,
    in_flight: VecDeque<InFlight>,
    sending: Sending,
    held: VecDeque<(Tag, Command)>,
    /// Whether DONE was asked for, and said.
    idling: Idling,
    mailbox: Mailbox,
    framer: Framer,
    reading: Reading,
    deviations: Deviations,
    /// Events that wait for their turn.
    told: VecDeque<Event>,
    outbox: Outbox,
    mark: Mark,
    tags: u64,
    period: u64,
    /// Octets of payload that came.
    streamed: u64,
    /// So much was in the input when more was asked for.
    seen: Option<usize>,
    /// The server has closed its half.
    ended: bool,
}

/// What the machine does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Task {
    /// Waits for the greeting.
    Greet,
    /// Commands out, responses in.
    Converse,
    /// A challenge waits for its response.
    Challenged,
    /// The exchange was cancelled: by the host, or since a challenge was no base64.
    Cancelled,
    /// Waits for a new transport.
    Upgrading(Layer),
    /// The server has said BYE: what is in flight may still be answered.
    Closing,
    /// The session is over; what was on its way is being reported.
    Closed,
}

/// How far an IDLE is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Idling {
    /// It goes on until a command waits.
    Open,
    /// DONE was asked for before the server said `+`.
    Ending,
    /// DONE was said.
    Done,
}

impl Client {
    /// A session on a connection that was just made.
    pub fn new(config: ClientConfig) -> Self {
        Self {
            state: State::Greeting,
            task: Task::Greet,
            security: config.security,
            capabilities: None,
            told_anew: false,
            encoding: Encoding::ModifiedUtf7,
            charsets: Offer::Yes,
            in_flight: VecDeque::new(),
            sending: Sending::Nothing,
            held: VecDeque::new(),
            idling: Idling::Open,
            mailbox: Mailbox::None,
            framer: Framer::new(config.rules()),
            reading: Reading::Start,
            deviations: Deviations::new(),
            told: VecDeque::new(),
            outbox: Outbox::default(),
            mark: Mark::default(),
            tags: 0,
            period: 0,
            streamed: 0,
            seen: None,
            ended: false,
            config,
        }
    }

    /// Sends a command, now or as soon as it may go. Where the session idles, DONE goes before it.
    ///
    /// An APPEND whose last message streams gets an [`Event::Upload`] when its octets may be written.
    ///
    /// # Errors
    /// It may not be sent. Nothing has happened, and it comes back.
    pub fn send(&mut self, command: Command) -> Result<Tag, SendError> {
        if let Err(refusal) = self.check(&command) {
            return Err(SendError { command: Box::new(command), refusal });
        }
        // rule rfc3501 2.2.1 new-tag: each command has a tag of its own
        self.tags += 1;
        let tag = self.tag();
        self.held.push_back((tag.clone(), command));
        self.pump();
        Ok(tag)
    }

    /// Ends IDLE, once the server has begun it. One that still waits for its turn is [`Event::NeverSent`].
    ///
    /// # Errors
    /// No IDLE was sent, or it is ended already.
    pub fn done(&mut self) -> Result<(), NotIdling> {
        if let Some((_, Command::Idle)) = self.held.back() {
            self.told.extend(self.held.pop_back().map(|(tag, _)| Event::NeverSent(tag)));
            return Ok(());
        }
        let is_idle = self.in_flight.back().is_some_and(|flight| flight.verb == Verb::Idle);
        if !is_idle || self.idling != Idling::Open {
            return Err(NotIdling);
        }
        self.idling = Idling::Ending;
        self.pump();
        Ok(())
    }

    /// Answers a challenge.
    ///
    /// # Errors
    /// No challenge waits.
    pub fn respond(&mut self, response: &sasl::Response) -> Result<(), NotChallenged> {
        if self.task != Task::Challenged {
            return Err(NotChallenged);
        }
        self.task = match response {
            sasl::Response::Data(_) => Task::Converse,
            sasl::Response::Cancel => Task::Cancelled,
        };
        self.say_response(response);
        Ok(())
    }

    /// Gives the SASL exchange up. The server answers AUTHENTICATE with BAD.
    ///
    /// # Errors
    /// No challenge waits.
    pub fn cancel(&mut self) -> Result<(), NotChallenged> {
        self.respond(&sasl::Response::Cancel)
    }

    fn say_response(&mut self, response: &sasl::Response) {
        response.encode(&mut self.outbox);
        self.outbox.text(b"\r\n");
        self.period += 1;
        // What comes before this is sent is no answer to it.
        let last = self.outbox.position() - 1;
        if let Some(front) = self.in_flight.front_mut() {
            front.last = last;
        }
    }

    /// Consumes a prefix of `input` and returns at most one event.
    ///
    /// # Errors
    /// The server broke the protocol beyond repair; the session is over.
    pub fn receive(&mut self, input: &mut BytesMut) -> Result<Step<Event>, ProtocolError> {
        let mut items: Vec<FetchItem> = Vec::new();
        let mut step = self.receive_into(input, &mut items)?;
        match &mut step {
            Step::Event(Event::Untagged(Untagged::Fetch(fetch))) => fetch.items = items,
            Step::Event(Event::FetchPart { items: part, .. }) => *part = items,
            _ => {}
        }
        Ok(step)
    }

    /// As [`receive`](Self::receive), but gives the items of a FETCH to `sink`, one at a time: nothing is allocated
    /// to hold them. Then comes the event, without items.
    ///
    /// Of a FETCH that is given up as [`Event::Invalid`], the sink was given the items that came first.
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    pub fn receive_into(
        &mut self,
        input: &mut BytesMut,
        sink: &mut impl FetchSink,
    ) -> Result<Step<Event>, ProtocolError> {
        self.seen = None;
        loop {
            if self.mark.is_abandoned() {
                self.end();
            }
            self.pump();
            if let Some(event) = self.told.pop_front() {
                return Ok(Step::Event(event));
            }
            match self.task {
                Task::Closed => return Ok(self.unfinished().map_or(Step::Closed, Step::Event)),
                Task::Closing if self.in_flight.is_empty() => self.end(),
                // rule rfc9051 11.1 nothing-in-clear-is-read: what stands in clear behind STARTTLS is not read
                Task::Upgrading(Layer::Tls) if !input.is_empty() => {
                    return Err(self.broken(ProtocolError::InjectedPlaintext));
                }
                Task::Upgrading(_) | Task::Challenged => return Ok(Step::NeedAnswer),
                _ => {
                    if let Some(step) = self.read(input, sink)? {
                        return Ok(step);
                    }
                }
            }
        }
    }

    /// Octets ready to be written to the server.
    pub fn transmit(&mut self) -> &mut Transmit {
        self.outbox.transmit()
    }

    /// Queues a piece of a message; its octets are shared.
    ///
    /// # Errors
    /// It was not taken, and comes back.
    pub fn write(&mut self, upload: &mut Upload, chunk: Bytes) -> Result<(), WriteError> {
        self.write_chunk(upload, chunk)
    }

    /// Ends a message, and its APPEND. What became of it comes as the answer to that.
    ///
    /// # Errors
    /// Octets are missing; the upload comes back.
    pub fn finish(&mut self, upload: Upload) -> Result<(), FinishError> {
        self.finish_upload(upload)
    }

    /// Where the session stands, as far as the server has confirmed it.
    pub fn state(&self) -> State {
        self.state
    }

    /// What the server offers; `None` while that is not known: before it was told, and again after TLS began or a
    /// login succeeded without its being told anew.
    pub fn capabilities(&self) -> Option<&Capabilities> {
        self.capabilities.as_ref()
    }

    /// The messages of the selected mailbox, as far as the server has told of them.
    ///
    /// From the moment SELECT is sent, what is told is of the new mailbox. Where the server contradicts itself and
    /// that is tolerated, there is none until it says EXISTS again: all UIDs are unknown then.
    pub fn mailbox(&self) -> Option<&ClientView> {
        self.mailbox.view()
    }

    /// What was tolerated in the response that was told last, as far as it was told.
    pub fn deviations(&self) -> &Deviations {
        &self.deviations
    }

    /// How many octets were looked at in all to find where responses end: linear in what the server says, whatever its
    /// cuts. See [`Framer::examined`].
    pub fn examined(&self) -> u64 {
        self.framer.examined()
    }

    /// How long to idle before IDLE is said anew: [`send`](Self::send) it again, which says DONE first.
    pub fn idle_renewal(&self) -> core::time::Duration {
        self.config.idle_renewal
    }

    /// Encodes held commands as far as they may go.
    fn pump(&mut self) {
        self.end_idle();
        while self.may_go() {
            let Some((tag, command)) = self.held.pop_front() else { return };
            match self.check_now(&command) {
                Ok(()) => self.encode(tag, command),
                Err(_) => self.told.push_back(Event::NeverSent(tag)),
            }
        }
    }

    fn may_go(&self) -> bool {
        self.task == Task::Converse
            // rule rfc3501 2.2.1 whole-commands: a command begins when all of the one before it is sent
            && matches!(self.sending, Sending::Nothing)
            && self.has_room()
            && self.held.front().is_some_and(|(_, command)| may_follow(command, &self.in_flight))
    }

    /// Does little enough wait to be written? Where nothing is in flight it never matters: no answer would come that
    /// could wake what is held for it.
    fn has_room(&self) -> bool {
        self.in_flight.is_empty() || self.outbox.unsent() <= self.config.max_unsent
    }

    /// Says DONE where that is due.
    fn end_idle(&mut self) {
        let is_due = self.idling == Idling::Ending || !self.held.is_empty();
        // rule rfc2177 3 done-before-all: DONE goes before the command that ends IDLE
        if matches!(self.state, State::Idling(_)) && self.idling != Idling::Done && is_due {
            self.outbox.text(DONE);
            self.idling = Idling::Done;
            self.period += 1;
        }
    }

    fn encode(&mut self, tag: Tag, command: Command) {
        let (verb, first) = (Verb::of(&command), self.outbox.position());
        let wire = self.wire();
        let mut out = Holds { outbox: &mut self.outbox, at: VecDeque::new() };
        command.encode(&tag, &wire, &mut out);
        let holds = out.at;
        let mut last = self.outbox.position() - 1;
        let expunges = expunges(&command);
        let streams = match command {
            Command::Append(append) => append.announced().map(|octets| Streams::new(*append, octets)),
            _ => None,
        };
        if streams.is_some() {
            // Not before it is finished.
            last = u64::MAX;
        }
        self.state = self.state.after(verb, Outcome::Said).unwrap_or(self.state);
        match verb {
            // rule rfc3501 6.3.1 select-in-flight: from SELECT on what is told is of the new mailbox
            Verb::Select | Verb::Examine => self.mailbox = Mailbox::Selecting(ClientView::new()),
            Verb::Idle => self.idling = Idling::Open,
            Verb::Login | Verb::Authenticate => self.told_anew = false,
            _ => {}
        }
        self.in_flight.push_back(InFlight { tag, verb, expunges, first, last });
        self.period += 1;
        match (holds.is_empty(), streams) {
            (true, None) => {}
            (true, Some(streams)) => self.open_upload(streams),
            (false, streams) => self.sending = Sending::Waits { holds, streams },
        }
    }

    /// The session is over: nothing that waits for the server's word is said any more.
    fn end(&mut self) {
        if matches!(self.sending, Sending::Waits { .. }) {
            self.outbox.discard();
        }
        self.sending = Sending::Nothing;
        // Nobody waits for that message any more.
        self.told.retain(|event| !matches!(event, Event::Upload { .. }));
        self.task = Task::Closed;
        self.state = State::Closed;
        self.mailbox = Mailbox::None;
    }

    fn broken(&mut self, error: ProtocolError) -> ProtocolError {
        self.end();
        error
    }

    /// What was on its way when the session ended.
    fn unfinished(&mut self) -> Option<Event> {
        if let Some(flight) = self.in_flight.pop_front() {
            return Some(Event::Unanswered(flight.tag));
        }
        self.held.pop_front().map(|(tag, _)| Event::NeverSent(tag))
    }
}

mail_wire::machine!(Client, Event, ProtocolError, Uploads);
