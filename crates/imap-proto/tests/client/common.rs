//! A client that says what its script says, and small steps for tests that look closer.
use bytes::{Buf, Bytes, BytesMut};
use imap_proto::{
    client::{Client, Event},
    frame::{Framed, Framer, Rules},
    response::{FetchItem, Payload, Untagged},
    *,
};
use std::collections::VecDeque;
use test_support::{Host, Log, Script, Who, run_client};

/// Strict, and nothing asked of the transport: most sessions of the RFCs are in clear.
pub(crate) fn open() -> ClientConfig {
    ClientConfig {
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        leniency: Leniency::STRICT,
        ..ClientConfig::default()
    }
}

/// One command at a time.
pub(crate) fn one_by_one() -> ClientConfig {
    ClientConfig { max_in_flight: 1, ..open() }
}

pub(crate) fn lenient() -> ClientConfig {
    ClientConfig { leniency: Leniency::LENIENT, ..open() }
}

/// What the client of a script says.
#[derive(Debug)]
pub(crate) enum Say {
    Send(Command),
    Respond(sasl::Response),
    Done,
}

/// Reads what the client of a script says.
pub(crate) fn said(script: &Script) -> VecDeque<Say> {
    let mut rules = Rules::server();
    rules.non_synchronising = frame::NonSynchronising::Plus;
    let (mut framer, mut input) = (Framer::new(rules), BytesMut::from(&script.said_by(Who::Client)[..]));
    let (mut said, mut in_exchange) = (VecDeque::new(), false);
    loop {
        match framer.next(&mut input).unwrap() {
            Framed::End(octets) => {
                let unit = input.split_to(octets).freeze();
                let line = unit.slice(..octets - 2);
                if in_exchange && !line.contains(&b' ') {
                    said.push_back(Say::Respond(sasl::Response::parse(&line).unwrap()));
                } else if parse_done(&line).is_ok() {
                    said.push_back(Say::Done);
                } else {
                    let parse = |dialect: Dialect| Command::parse(&line, &dialect, &mut Deviations::new());
                    let utf8 = Dialect::default().with_encoding(Encoding::Utf8);
                    let (_, command) = parse(Dialect::default()).or_else(|_| parse(utf8)).unwrap();
                    in_exchange = matches!(command, Command::Authenticate(_));
                    said.push_back(Say::Send(command));
                }
            }
            Framed::Need(_) => return said,
            Framed::Waits(_) => {}
            other => panic!("{other:?}"),
        }
    }
}

/// Says what the script says, as early as the machine takes it.
#[derive(Debug)]
pub(crate) struct Scripted {
    pub(crate) said: VecDeque<Say>,
    idles: bool,
}

impl Scripted {
    pub(crate) fn new(script: &Script) -> Self {
        Self { said: said(script), idles: false }
    }

    fn go_on(&mut self, client: &mut Client) {
        while let Some(Say::Send(_)) = self.said.front() {
            let Some(Say::Send(command)) = self.said.pop_front() else { return };
            if let Err(error) = client.send(command) {
                self.said.push_front(Say::Send(*error.command));
                return;
            }
        }
    }
}

impl Host<Client> for Scripted {
    fn event(&mut self, client: &mut Client, event: Event, log: &mut Log) {
        match event {
            Event::Challenge { .. } => {
                note(event, log);
                let Some(Say::Respond(response)) = self.said.pop_front() else { panic!("+ for what?") };
                client.respond(&response).unwrap();
            }
            Event::Upgrade { upgrade, layer, tag } => {
                log.note(format!("{tag} upgrades to {layer:?}"));
                log.upgrade(upgrade);
            }
            Event::Idling { .. } => {
                note(event, log);
                self.idles = true;
            }
            Event::Untagged(_) if self.idles => {
                note(event, log);
                self.idles = false;
                if let Some(Say::Done) = self.said.front() {
                    self.said.pop_front();
                    client.done().unwrap();
                }
            }
            Event::Greeting(_) | Event::Completed { .. } => {
                note(event, log);
                self.go_on(client);
            }
            other => note(other, log),
        }
    }

    fn upgraded(&mut self, client: &mut Client, _: &mut Log) {
        self.go_on(client);
    }
}

/// What a user sees of an event.
pub(crate) fn note(event: Event, log: &mut Log) {
    log.note(match event {
        Event::Payload(piece) => return log.payload(&piece),
        Event::Greeting(greeting) => format!("greeting {}", greeting.status().kind().as_str()),
        Event::Completed { tag, status } => match status.code() {
            Some(code) => format!("{tag} {} {code:?}", status.kind().as_str()),
            None => format!("{tag} {}", status.kind().as_str()),
        },
        Event::Untagged(untagged) => match untagged {
            Untagged::Exists(number) => format!("{number} exists"),
            Untagged::Recent(number) => format!("{number} recent"),
            Untagged::Expunge(number) => format!("{number} expunged"),
            Untagged::Fetch(fetch) => format!("{} is {}", fetch.number, items(&fetch.items)),
            Untagged::Status(status) => match status.code() {
                Some(code) => format!("{} {code:?}", status.kind().as_str()),
                None => status.kind().as_str().into(),
            },
            other => format!("{other:?}"),
        },
        Event::FetchPart { number, items: part } => format!("part of {number}: {}", items(&part)),
        Event::PayloadEnd => "payload end".into(),
        Event::FetchEnd => "fetch end".into(),
        Event::Challenge { tag, challenge } => {
            format!("{tag} challenge {}", challenge.as_bytes().escape_ascii())
        }
        Event::Idling { tag } => format!("{tag} idling"),
        Event::Upload { tag, upload } => {
            drop(upload);
            format!("{tag} upload")
        }
        Event::Upgrade { tag, layer, .. } => format!("{tag} upgrades to {layer:?}"),
        Event::Unsolicited(tagged) => format!("unsolicited {} {}", tagged.tag, tagged.status.kind().as_str()),
        Event::Continuation(_) => "continuation".into(),
        Event::Invalid { raw, error } => format!("invalid \"{}\": {error}", raw.escape_ascii()),
        Event::NeverSent(tag) => format!("{tag} never sent"),
        Event::Unanswered(tag) => format!("{tag} unanswered"),
        other => format!("{other:?}"),
    });
}

fn items(items: &[FetchItem]) -> String {
    let shown = items.iter().map(|item| match item {
        FetchItem::Uid(uid) => format!("UID {uid}"),
        FetchItem::Content(content) => match &content.payload {
            Payload::Nil => format!("{} nil", content.section),
            Payload::Whole(octets) => format!("{} \"{}\"", content.section, octets.escape_ascii()),
            Payload::Streamed(octets) => format!("{} of {octets}", content.section),
        },
        FetchItem::Flags(flags) => format!("{flags:?}"),
        FetchItem::Size(octets) => format!("{octets} octets"),
        FetchItem::Envelope(envelope) => {
            format!("envelope of {}", envelope.message_id().unwrap_or_default().escape_ascii())
        }
        FetchItem::Body(_) => "body".into(),
        FetchItem::BodyStructure(_) => "bodystructure".into(),
        FetchItem::InternalDate(_) => "date".into(),
        other => format!("{other:?}"),
    });
    shown.collect::<Vec<_>>().join(", ")
}

/// Runs a script under every cut.
pub(crate) fn scripted(script: &str, config: &ClientConfig) -> Vec<String> {
    let script = Script::parse(script);
    run_client(&script, || (Client::new(config.clone()), Scripted::new(&script)))
}

/// A client, what it has not read yet, and what happens.
#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) input: BytesMut,
    /// What was tolerated in all that was told.
    pub(crate) tolerated: Vec<DeviationKind>,
}

impl Session {
    pub(crate) fn new(config: ClientConfig) -> Self {
        Self { client: Client::new(config), input: BytesMut::new(), tolerated: Vec::new() }
    }

    /// Greeted, with these capabilities, and logged in if `config` allows it.
    pub(crate) fn greeted(config: ClientConfig, offers: &str) -> Self {
        let mut session = Self::new(config);
        session.hears(&format!("* OK [CAPABILITY {}] hi\r\n", format!("IMAP4rev1 {offers}").trim_end()));
        session
    }

    /// Logged in, with these capabilities.
    pub(crate) fn authenticated(config: ClientConfig, offers: &str) -> Self {
        let mut session = Self::new(config);
        session.hears(&format!("* PREAUTH [CAPABILITY {}] hi\r\n", format!("IMAP4rev1 {offers}").trim_end()));
        session
    }

    /// With a mailbox of so many messages; the next tag is A2.
    pub(crate) fn selected(config: ClientConfig, offers: &str, exists: u32) -> Self {
        let mut session = Self::authenticated(config, offers);
        session.sends(Command::Select(MailboxName::INBOX));
        assert_eq!(session.says(), "A1 SELECT INBOX\r\n");
        session.hears(&format!("* {exists} EXISTS\r\n* OK [UIDVALIDITY 9] ok\r\nA1 OK done\r\n"));
        session
    }

    pub(crate) fn sends(&mut self, command: Command) -> Tag {
        self.client.send(command).unwrap()
    }

    /// All that waits to be written.
    pub(crate) fn says(&mut self) -> String {
        let transmit = self.client.transmit();
        String::from_utf8_lossy(&transmit.copy_to_bytes(transmit.remaining())).into_owned()
    }

    /// What the server says, and what happens.
    pub(crate) fn hears(&mut self, text: &str) -> Vec<String> {
        self.hears_octets(text.as_bytes())
    }

    pub(crate) fn hears_octets(&mut self, octets: &[u8]) -> Vec<String> {
        self.input.extend_from_slice(octets);
        self.happens()
    }

    /// What happens until the client waits; an error too.
    pub(crate) fn happens(&mut self) -> Vec<String> {
        let mut log = Log::default();
        for event in self.events() {
            match event {
                Ok(event) => note(event, &mut log),
                Err(error) => log.note(format!("error: {error}")),
            }
        }
        log.entries()
    }

    /// The events until the client waits.
    pub(crate) fn events(&mut self) -> Vec<Result<Event, ProtocolError>> {
        let mut events = Vec::new();
        loop {
            match self.client.receive(&mut self.input) {
                Ok(Step::Event(event)) => {
                    self.tolerated.extend(self.client.deviations().iter().map(|deviation| deviation.kind));
                    events.push(Ok(event));
                }
                Ok(_) => return events,
                Err(error) => events.push(Err(error)),
            }
        }
    }
}

pub(crate) fn mailbox(name: &str) -> MailboxName {
    MailboxName::try_from(name).unwrap()
}

pub(crate) fn numbers(numbers: &[u32]) -> SequenceSet {
    SequenceSet::from_numbers(numbers.iter().copied()).unwrap()
}

pub(crate) fn fetch(numbering: Numbering, what: &[u32]) -> Command {
    let items = FetchItems::new([imap_proto::FetchItem::Flags]).unwrap();
    Command::Fetch(Fetch { numbering, set: numbers(what), items })
}

pub(crate) fn message(octets: &'static str) -> AppendMessage {
    AppendMessage::new(MessageData::Whole(Bytes::from_static(octets.as_bytes())))
}

pub(crate) fn streams(octets: u64) -> AppendMessage {
    AppendMessage::new(MessageData::Announced(octets))
}
