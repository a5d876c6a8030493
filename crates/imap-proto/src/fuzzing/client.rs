//! A client under any cut of what a server says.
use crate::{
    Append, AppendMessage, Authenticate, Bodies, CleartextLogin, ClientConfig, Command, Enable, Fetch,
    FetchItem, FetchItems, Flag, Leniency, Login, MailboxName, Mechanism, MessageData, Numbering, Report,
    Search, SearchKey, SequenceSet, Step, Store, StoreAction, Tag, TlsPolicy,
    client::{Client, Event, SendError, SendRefusal},
    frame::Rules,
    mailbox::ClientView,
};
use alloc::{
    boxed::Box,
    collections::{BTreeSet, VecDeque},
    format,
    string::{String, ToString},
    vec::Vec,
};
use bytes::{Buf, Bytes, BytesMut};
use mail_wire::fuzzing::{Dice, Input, same_under_any_cut};

/// Strict, and nothing asked of the transport.
pub(super) fn open() -> ClientConfig {
    ClientConfig {
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        leniency: Leniency::STRICT,
        ..ClientConfig::default()
    }
}

/// What a client is told does not depend on how octets come, and the end of each command is told once.
///
/// Lines come one at a time at most: what the client says to the one must be on its way before the next can be an
/// answer to it.
pub(super) fn cut(mut input: Input<'_>) {
    let asked = Asked::new(&mut input.dice);
    let stream = input.octets;
    same_under_any_cut(input, |pieces| {
        let lines = pieces.iter().flat_map(|piece| piece.split_inclusive(|octet| *octet == b'\n'));
        run(&asked, lines)
    });
    // All at once: whatever comes of it.
    run(&asked, [stream].into_iter());
}

/// What the dice say of a client and its host.
#[derive(Debug, Clone)]
struct Asked {
    config: ClientConfig,
    /// How many commands are sent behind the greeting, and behind the end of each.
    at_once: u8,
    commands: VecDeque<Command>,
}

impl Asked {
    fn new(dice: &mut Dice<'_>) -> Self {
        let config = config(dice);
        let at_once = 1 + dice.among(3);
        let commands = (0..dice.among(60) + 4).map(|_| command(dice)).collect();
        Self { config, at_once, commands }
    }
}

/// Small enough for a session to break every limit.
fn config(dice: &mut Dice<'_>) -> ClientConfig {
    let mut limits = Rules::client().limits;
    limits.text = dice.one_of(&[4000, 500]);
    limits.unit = 2 * limits.text;
    limits.literal = 2000;
    limits.swallow = 3000;
    ClientConfig {
        leniency: dice.one_of(&[Leniency::LENIENT, Leniency::STRICT]),
        bodies: dice.one_of(&[Bodies::Inline(8), Bodies::AlwaysStream]),
        max_in_flight: dice.one_of(&[20, 1, 2]),
        limits,
        ..open()
    }
}

fn command(dice: &mut Dice<'_>) -> Command {
    let append = |data| Command::Append(Box::new(Append::new(MailboxName::INBOX, AppendMessage::new(data))));
    match dice.among(15) {
        0 => Command::Noop,
        1 => Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial: None }),
        2 | 3 => Command::Select(MailboxName::INBOX),
        4 => Command::Enable(Enable::new("UTF8=ACCEPT").unwrap()),
        5 => append(MessageData::Whole(Bytes::from_static(b"abc"))),
        6 | 7 => append(MessageData::Announced(3)),
        8 => Command::Idle,
        9 => Command::Expunge,
        10 => Command::Logout,
        11 => Command::Login(Login::new("me", "secret").unwrap()),
        12 => Command::Search(Box::new(Search::new(Numbering::Uid, [SearchKey::All].into()))),
        13 => Command::Store(Store {
            numbering: Numbering::Sequence,
            set: SequenceSet::from_numbers([1]).unwrap(),
            action: StoreAction::Add,
            report: Report::Told,
            flags: Flag::Deleted.into(),
        }),
        _ => Command::Fetch(Fetch {
            numbering: Numbering::Sequence,
            set: SequenceSet::from_numbers([1]).unwrap(),
            items: FetchItems::new([FetchItem::Flags]).unwrap(),
        }),
    }
}

/// The face of the command that is most like one of this name.
pub(super) fn face(verb: &[u8]) -> u8 {
    let faces: [(&[u8], u8); 11] = [
        (b"AUTHENTICATE", 1),
        (b"SELECT", 2),
        (b"EXAMINE", 3),
        (b"ENABLE", 4),
        (b"APPEND", 5),
        (b"IDLE", 8),
        (b"EXPUNGE", 9),
        (b"LOGOUT", 10),
        (b"LOGIN", 11),
        (b"SEARCH", 12),
        (b"STORE", 13),
    ];
    let known = faces.iter().find(|(name, _)| name.eq_ignore_ascii_case(verb));
    known.map_or(if verb.eq_ignore_ascii_case(b"FETCH") { 14 } else { 0 }, |(_, face)| *face)
}

/// What the client said and was told.
fn run<'a>(asked: &Asked, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut session = Session {
        client: Client::new(asked.config.clone()),
        input: BytesMut::new(),
        at_once: asked.at_once,
        commands: asked.commands.clone(),
        is_idling: false,
        open: BTreeSet::new(),
        log: Vec::new(),
    };
    let mut fed = 0;
    for piece in pieces {
        session.input.extend_from_slice(piece);
        fed += piece.len() as u64;
        session.hear();
    }
    assert!(session.client.examined() <= 4 * fed + 64, "{} looked at of {fed}", session.client.examined());
    let is_clean = session.client.receive_eof(&session.input).is_ok();
    session.log.push(format!("clean: {is_clean}"));
    session.hear();
    assert!(session.open.is_empty(), "no end of these was told: {:?}\n{:#?}", session.open, session.log);
    session.log.push(format!("{:?}", session.client.mailbox().map(ClientView::messages)));
    session.log
}

/// A client, and the commands whose end it was not told.
struct Session {
    client: Client,
    input: BytesMut,
    at_once: u8,
    commands: VecDeque<Command>,
    is_idling: bool,
    open: BTreeSet<String>,
    log: Vec<String>,
}

impl Session {
    fn hear(&mut self) {
        let mut has_ended = false;
        loop {
            let step = self.client.receive(&mut self.input);
            self.flush();
            match step {
                Ok(Step::Event(event)) => self.event(event),
                Ok(Step::NeedFlush) => {}
                Ok(Step::NeedInput { hint }) => {
                    assert!(hint > 0, "nothing is asked for");
                    return;
                }
                Ok(Step::Closed) => return,
                Ok(Step::NeedAnswer) => panic!("all is answered"),
                Err(error) => {
                    assert!(!has_ended, "a session ends twice: {error}");
                    has_ended = true;
                    self.log.push(error.to_string());
                }
            }
        }
    }

    fn flush(&mut self) {
        let transmit = self.client.transmit();
        let said = transmit.copy_to_bytes(transmit.remaining());
        if !said.is_empty() {
            self.log.push(format!("says {}", said.escape_ascii()));
        }
    }

    fn event(&mut self, event: Event) {
        match (&event, self.log.last_mut()) {
            (Event::Payload(piece), Some(last)) if last.starts_with("payload ") => {
                return last.push_str(&piece.escape_ascii().to_string());
            }
            (Event::Payload(piece), _) => return self.log.push(format!("payload {}", piece.escape_ascii())),
            _ => self.log.push(format!("{event:?}")),
        }
        match event {
            Event::Challenge { .. } => self.client.cancel().unwrap(),
            Event::Upload { mut upload, .. } => {
                self.client.write(&mut upload, "abc".into()).unwrap();
                self.client.finish(upload).unwrap();
            }
            Event::Greeting(_) => self.ask(),
            Event::Idling { .. } => self.is_idling = true,
            // The first news end the wait.
            Event::Untagged(_) if self.is_idling => {
                self.is_idling = false;
                // Refused where the server has ended it meanwhile.
                let _ = self.client.done();
            }
            Event::Completed { tag, .. } => {
                self.ended(&tag);
                self.is_idling = false;
                self.ask();
            }
            Event::Unanswered(tag) | Event::NeverSent(tag) => self.ended(&tag),
            Event::Upgrade { tag, .. } => self.ended(&tag),
            _ => {}
        }
    }

    /// Asks for what comes next. What may not stand is dropped.
    fn ask(&mut self) {
        let mut sent = 0;
        while let Some(command) = self.commands.pop_front() {
            match self.client.send(command) {
                Ok(tag) => {
                    assert!(self.open.insert(tag.to_string()), "a tag is used twice");
                    sent += 1;
                }
                Err(SendError { command, refusal: SendRefusal::TooMany { .. } | SendRefusal::Busy }) => {
                    self.commands.push_front(*command);
                    break;
                }
                Err(error) => self.log.push(error.to_string()),
            }
            if sent == self.at_once {
                break;
            }
        }
        self.flush();
    }

    fn ended(&mut self, tag: &Tag) {
        assert!(self.open.remove(&tag.to_string()), "{tag} ends a second time");
    }
}

/// What comes of a seed.
#[cfg(test)]
pub(super) fn log(mut input: Input<'_>) -> Vec<String> {
    let asked = Asked::new(&mut input.dice);
    run(&asked, input.octets.split_inclusive(|octet| *octet == b'\n'))
}
