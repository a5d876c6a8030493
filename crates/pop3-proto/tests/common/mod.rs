//! Runs a server against a session that reads like the RFC, under any cut of what the client says.
//!
//! `C:` the client says a line, `S:` the server does, `C>` the client says octets without a line end, `--- TLS ---`
//! the transport is upgraded. `\r \n \t \0 \\ \x20` stand for octets.
#![allow(dead_code, reason = "each test file uses its own part")]
use bytes::{Buf, Bytes, BytesMut};
use pop3_proto::{
    Charset, DropListing, EntryError, Mechanism, Mechanisms, MessageNumber, ScanListing, Security,
    ServerConfig, Step, TopLines, UniqueId, UniqueIdListing, Upgrade, Upload, WriteError,
    server::{AuthAnswer, Event, Listing, Rejection, Server},
};
use std::collections::VecDeque;

/// How what the client says is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cuts {
    /// Not, but line by line, as the script has it.
    Whole,
    /// Not at all: all lines up to an upgrade are there at once.
    Pipelined,
    /// Before these octets.
    At(usize, usize),
    /// Everywhere.
    Everywhere,
}

/// What a session came to.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Outcome {
    pub(crate) said: String,
    pub(crate) log: Vec<String>,
}

enum Line {
    Client(Vec<u8>),
    Server(Vec<u8>),
    Tls,
}

fn lines(script: &str) -> Vec<Line> {
    let lines = script.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    let parsed = lines.map(|line| match line.split_at_checked(2) {
        Some(("C:", text)) => Line::Client([octets(text), b"\r\n".to_vec()].concat()),
        Some(("C>", text)) => Line::Client(octets(text)),
        Some(("S:", text)) => Line::Server([octets(text), b"\r\n".to_vec()].concat()),
        _ if line == "--- TLS ---" => Line::Tls,
        _ => panic!("no line of a script: {line}"),
    });
    parsed.collect()
}

fn octets(text: &str) -> Vec<u8> {
    let text = text.strip_prefix(' ').unwrap_or(text);
    let (mut octets, mut rest) = (Vec::new(), text.as_bytes());
    while let [first, behind @ ..] = rest {
        rest = behind;
        if *first != b'\\' {
            octets.push(*first);
            continue;
        }
        let (escape, behind) = rest.split_first().expect("an escape goes on");
        rest = behind;
        octets.push(match escape {
            b'r' => b'\r',
            b'n' => b'\n',
            b't' => b'\t',
            b'0' => 0,
            b'\\' => b'\\',
            b'x' => {
                let (hex, behind) = rest.split_at(2);
                rest = behind;
                u8::from_str_radix(std::str::from_utf8(hex).unwrap(), 16).unwrap()
            }
            other => panic!("no escape: {other}"),
        });
    }
    octets
}

/// A server with a host that knows one maildrop.
pub(crate) struct Session {
    pub(crate) server: Server,
    pub(crate) input: BytesMut,
    pub(crate) messages: Vec<Bytes>,
    /// Octets of the messages that are written at a time.
    pub(crate) chunk: usize,
    /// Messages cannot be removed.
    pub(crate) stuck: bool,
    pub(crate) outcome: Outcome,
    /// Another login holds the maildrop.
    pub(crate) in_use: bool,
    /// What a mechanism that is none of the known ones says, in turn; then the client has logged in.
    pub(crate) challenges: VecDeque<Vec<u8>>,
    mechanism: Option<Mechanism>,
    upgrade: Option<Upgrade>,
    over: bool,
}

pub(crate) const ONE: &str = "Subject: one\r\n\r\n.\r\n..x\r\nend\r\n";
pub(crate) const TWO: &str = "Subject: two\r\n\r\n1\r\n2\r\n3\r\n";

/// Mechanisms whose octets mean something here.
const KNOWN: [Mechanism; 3] = [Mechanism::PLAIN, Mechanism::LOGIN, Mechanism::CRAM_MD5];
/// Who logs in by PLAIN.
const MROSE: &str = r"\x00mrose\x00tan staaf";
/// The one of RFC 5034.
const TEST: &str = r"test\x00test\x00test";

impl Session {
    pub(crate) fn new(config: ServerConfig) -> Self {
        Self {
            server: Server::new(config),
            input: BytesMut::new(),
            messages: vec![Bytes::from_static(ONE.as_bytes()), Bytes::from_static(TWO.as_bytes())],
            chunk: 7,
            stuck: false,
            outcome: Outcome::default(),
            in_use: false,
            challenges: VecDeque::new(),
            mechanism: None,
            upgrade: None,
            over: false,
        }
    }

    /// The client says this; the session goes on as far as it can.
    pub(crate) fn say(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
        self.proceed();
    }

    /// What the server has said since.
    pub(crate) fn heard(&mut self) -> String {
        std::mem::take(&mut self.outcome.said)
    }

    /// The client says this, and hears that.
    pub(crate) fn exchange(&mut self, said: &str) -> String {
        self.say(said.as_bytes());
        self.heard()
    }

    pub(crate) fn proceed(&mut self) {
        while !self.over {
            match self.server.receive(&mut self.input) {
                Ok(Step::Event(event)) => self.answer(event),
                Ok(Step::NeedInput { .. }) | Ok(Step::NeedAnswer) => {
                    self.flush();
                    return;
                }
                Ok(Step::NeedFlush) => self.flush(),
                Ok(Step::Closed) => {
                    self.over = true;
                    self.outcome.log.push("closed".into());
                }
                Err(error) => {
                    self.over = true;
                    self.outcome.log.push(format!("error: {error}"));
                }
            }
        }
        self.flush();
    }

    pub(crate) fn upgrade(&mut self) {
        let upgrade = self.upgrade.take().expect("an upgrade is due");
        match self.server.upgraded(upgrade, &self.input) {
            Ok(()) => self.outcome.log.push("upgraded".into()),
            Err(error) => {
                self.over = true;
                self.outcome.log.push(format!("error: {error}"));
            }
        }
        self.proceed();
    }

    fn flush(&mut self) {
        let transmit = self.server.transmit();
        let octets = transmit.copy_to_bytes(transmit.remaining());
        self.outcome.said += std::str::from_utf8(&octets).unwrap();
    }

    fn drop_listing(&self) -> DropListing {
        DropListing {
            messages: self.messages.len() as u32,
            octets: self.messages.iter().map(|message| message.len() as u64).sum(),
        }
    }

    fn note(&mut self, entry: String) {
        self.outcome.log.push(entry);
    }

    fn answer(&mut self, event: Event) {
        let all = self.drop_listing();
        match event {
            Event::Connect(ask) => self.server.accept(ask, ()).unwrap(),
            Event::Login(ask) => {
                let (name, password) = (ask.name.to_str_lossy(), ask.password.as_bytes());
                self.outcome.log.push(format!("login {name} {}", password.escape_ascii()));
                if password == b"tan staaf" || password == b"password" {
                    self.server.accept(ask, all).unwrap();
                } else {
                    self.server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap();
                }
            }
            Event::Apop(ask) if self.in_use => self.server.reject(ask, Rejection::IN_USE).unwrap(),
            Event::Apop(ask) => {
                let (name, timestamp) = (ask.name.to_str_lossy(), &ask.timestamp);
                self.outcome.log.push(format!("apop {name} {timestamp} {}", ask.digest.as_str()));
                // MD5 of `<1896.697170952@dbc.mtview.ca.us>tanstaaf`.
                if ask.digest.as_str() == "c4c9334bac560ecc979e58001b3e22fb" {
                    self.server.accept(ask, all).unwrap();
                } else {
                    self.server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap();
                }
            }
            Event::StartTls(ask) => self.upgrade = Some(self.server.accept(ask, ()).unwrap()),
            Event::Auth(ask) => {
                self.mechanism = Some(ask.mechanism);
                let initial =
                    ask.initial.as_ref().map(|initial| initial.as_bytes().escape_ascii().to_string());
                self.outcome.log.push(format!("auth {} {initial:?}", ask.mechanism));
                let answer = match (ask.mechanism, initial.as_deref()) {
                    (mechanism, _) if !KNOWN.contains(&mechanism) => self.next_challenge(all),
                    (Mechanism::PLAIN, Some(MROSE | TEST)) => AuthAnswer::Success(all),
                    (Mechanism::PLAIN, None) => AuthAnswer::Challenge(Vec::new()),
                    (Mechanism::LOGIN, None) => AuthAnswer::Challenge(b"Username:".to_vec()),
                    _ => return self.server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap(),
                };
                self.server.accept(ask, answer).unwrap();
            }
            Event::AuthResponse(ask) => {
                let octets = ask.octets.as_bytes().escape_ascii().to_string();
                self.outcome.log.push(format!("response {octets}"));
                let answer = match octets.as_str() {
                    _ if self.mechanism.is_some_and(|it| !KNOWN.contains(&it)) => self.next_challenge(all),
                    MROSE | TEST | "tan staaf" => AuthAnswer::Success(all),
                    "mrose" => AuthAnswer::Challenge(b"Password:".to_vec()),
                    _ => return self.server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap(),
                };
                self.server.accept(ask, answer).unwrap();
            }
            Event::AuthCancelled => self.note("auth cancelled".into()),
            Event::List(ask) => {
                let octets = self.messages[ask.message.index()].len() as u64;
                self.server.accept(ask, octets).unwrap();
            }
            Event::ListAll(ask) => {
                let listing = self.server.accept(ask, ()).unwrap();
                self.list(listing);
            }
            Event::Uidl(ask) => {
                let id = id(ask.message);
                self.server.accept(ask, id).unwrap();
            }
            Event::UidlAll(ask) => {
                let listing = self.server.accept(ask, ()).unwrap();
                self.list_ids(listing);
            }
            Event::Retr(ask) if self.needs_utf8(ask.message) => {
                self.server.reject(ask, Rejection::NEEDS_UTF8).unwrap();
            }
            Event::Retr(ask) => {
                let message = self.messages[ask.message.index()].clone();
                let upload = self.server.accept(ask, message.len() as u64).unwrap();
                self.upload(upload, message, TopLines::new(u64::MAX));
            }
            Event::Top(ask) => {
                let (message, lines) = (self.messages[ask.message.index()].clone(), ask.lines);
                let upload = self.server.accept(ask, ()).unwrap();
                self.upload(upload, message, TopLines::new(lines));
            }
            Event::Dele(ask) => {
                self.note(format!("dele {}", ask.message));
                let octets = self.messages[ask.message.index()].len() as u64;
                self.server.accept(ask, octets).unwrap();
            }
            Event::Reset => self.note("reset".into()),
            Event::Language(tag) => self.note(format!("language {tag}")),
            Event::Quit(ask) => {
                let deleted: Vec<MessageNumber> = ask.deleted.iter().collect();
                self.note(format!("remove {deleted:?}"));
                if self.stuck {
                    self.server.reject(ask, Rejection::NOT_REMOVED).unwrap();
                } else {
                    self.server.accept(ask, ()).unwrap();
                }
            }
            other => panic!("{other:?}"),
        }
    }

    fn next_challenge(&mut self, all: DropListing) -> AuthAnswer {
        self.challenges.pop_front().map_or(AuthAnswer::Success(all), AuthAnswer::Challenge)
    }

    /// May the message not be sent as it is?
    fn needs_utf8(&self, message: MessageNumber) -> bool {
        self.server.charset() == Charset::Ascii && !self.messages[message.index()].is_ascii()
    }

    fn numbers(&self) -> impl Iterator<Item = MessageNumber> + use<> {
        (1..=self.messages.len() as u32).filter_map(MessageNumber::new)
    }

    fn list(&mut self, mut listing: Listing<ScanListing>) {
        for message in self.numbers() {
            let octets = self.messages[message.index()].len() as u64;
            self.entry(|server| server.entry(&mut listing, &ScanListing { message, octets }));
        }
        self.server.finish_listing(listing).unwrap();
    }

    fn list_ids(&mut self, mut listing: Listing<UniqueIdListing>) {
        for message in self.numbers() {
            let entry = UniqueIdListing { message, id: id(message) };
            self.entry(|server| server.entry(&mut listing, &entry));
        }
        self.server.finish_listing(listing).unwrap();
    }

    fn entry(&mut self, mut entry: impl FnMut(&mut Server) -> Result<(), EntryError>) {
        while let Err(error) = entry(&mut self.server) {
            assert!(matches!(error, EntryError::Blocked { .. }), "{error}");
            self.flush();
        }
    }

    fn upload(&mut self, mut upload: Upload, mut message: Bytes, mut top: TopLines) {
        while !message.is_empty() && !top.is_done() {
            let mut chunk = top.next(message.split_to(self.chunk.min(message.len())));
            while let Err(error) = self.server.write(&mut upload, chunk) {
                assert!(matches!(error, WriteError::Blocked { .. }), "{error}");
                chunk = error.into_chunk();
                self.flush();
            }
        }
        self.server.finish(upload).unwrap();
    }
}

pub(crate) fn id(message: MessageNumber) -> UniqueId {
    UniqueId::new(format!("id-{message}")).unwrap()
}

/// Runs a session with these cuts. What the server says after each line is what the script says.
pub(crate) fn run(script: &str, mut session: Session, cuts: Cuts) -> Outcome {
    let (mut expected, mut fed, mut held) = (String::new(), 0, Vec::new());
    session.proceed();
    let lines = lines(script);
    for (at, line) in lines.iter().enumerate() {
        match line {
            Line::Client(octets) if cuts == Cuts::Pipelined => held.extend_from_slice(octets),
            Line::Client(octets) => {
                for octet in octets {
                    let cut = match cuts {
                        Cuts::Whole | Cuts::Pipelined => false,
                        Cuts::At(first, second) => fed == first || fed == second,
                        Cuts::Everywhere => true,
                    };
                    if cut {
                        session.proceed();
                    }
                    session.input.extend_from_slice(&[*octet]);
                    fed += 1;
                }
                session.proceed();
            }
            Line::Server(octets) => expected += std::str::from_utf8(octets).unwrap(),
            Line::Tls => {
                session.say(&std::mem::take(&mut held));
                session.upgrade();
            }
        }
        if cuts != Cuts::Pipelined && !matches!(lines.get(at + 1), Some(Line::Server(_))) {
            assert_eq!(session.outcome.said, expected, "{cuts:?}, line {at}, {:?}", session.outcome.log);
        }
    }
    session.say(&held);
    assert_eq!(session.outcome.said, expected, "{cuts:?}, {:?}", session.outcome.log);
    session.outcome
}

/// Runs a session whole, pipelined, byte by byte, with one cut everywhere and with every two cuts where it is short;
/// all come to the same. Returns the host's log.
pub(crate) fn every_way(script: &str, make: impl Fn() -> Session) -> Vec<String> {
    let whole = run(script, make(), Cuts::Whole);
    let octets: usize =
        lines(script).iter().map(|line| if let Line::Client(octets) = line { octets.len() } else { 0 }).sum();
    let mut cuts = vec![Cuts::Pipelined, Cuts::Everywhere];
    for first in 0..octets {
        let seconds = if octets <= 120 { first..octets } else { first..first + 1 };
        cuts.extend(seconds.map(|second| Cuts::At(first, second)));
    }
    for cuts in cuts {
        assert_eq!(run(script, make(), cuts), whole, "{cuts:?}");
    }
    whole.log
}

/// TLS from the start, with PLAIN and LOGIN.
pub(crate) fn under_tls() -> ServerConfig {
    let mut config = ServerConfig::default();
    config.security = Security::Tls;
    config.mechanisms = Mechanisms::new([Mechanism::PLAIN, Mechanism::LOGIN]).unwrap();
    config
}
