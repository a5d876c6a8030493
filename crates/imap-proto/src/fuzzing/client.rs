//! A client under any cut of what a server says.
use crate::{
    Append, AppendMessage, Authenticate, Bodies, CleartextLogin, ClientConfig, Command, Enable, Fetch,
    FetchItem, FetchItems, Leniency, MailboxName, Mechanism, MessageData, Numbering, SequenceSet, Step, Tag,
    TlsPolicy,
    client::{Client, Event},
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
    let config = config(&mut input.dice);
    let commands: Vec<_> = (0..input.dice.among(12) + 4).map(|_| command(&mut input.dice)).collect();
    let stream = input.octets;
    same_under_any_cut(input, |pieces| {
        let lines = pieces.iter().flat_map(|piece| piece.split_inclusive(|octet| *octet == b'\n'));
        run(&config, &commands, lines)
    });
    // All at once: whatever comes of it.
    run(&config, &commands, [stream].into_iter());
}

/// Small enough for a session to break every limit.
fn config(dice: &mut Dice<'_>) -> ClientConfig {
    let mut limits = Rules::client().limits;
    limits.text = 500;
    limits.unit = 1000;
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
    match dice.among(12) {
        0 => Command::Noop,
        1 => Command::Authenticate(Authenticate { mechanism: Mechanism::PLAIN, initial: None }),
        2 | 3 => Command::Select(MailboxName::INBOX),
        4 => Command::Enable(Enable::new("UTF8=ACCEPT").unwrap()),
        5 => append(MessageData::Whole(Bytes::from_static(b"abc"))),
        6 | 7 => append(MessageData::Announced(3)),
        8 => Command::Idle,
        9 => Command::Expunge,
        10 => Command::Logout,
        _ => Command::Fetch(Fetch {
            numbering: Numbering::Sequence,
            set: SequenceSet::from_numbers([1]).unwrap(),
            items: FetchItems::new([FetchItem::Flags]).unwrap(),
        }),
    }
}

/// What the client said and was told.
fn run<'a>(
    config: &ClientConfig,
    commands: &[Command],
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Vec<String> {
    let mut session = Session {
        client: Client::new(config.clone()),
        input: BytesMut::new(),
        commands: commands.to_vec().into(),
        open: BTreeSet::new(),
        log: Vec::new(),
    };
    for piece in pieces {
        session.input.extend_from_slice(piece);
        session.hear();
    }
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
    commands: VecDeque<Command>,
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
            Event::Completed { tag, .. } => {
                self.ended(&tag);
                self.ask();
            }
            Event::Unanswered(tag) | Event::NeverSent(tag) => self.ended(&tag),
            Event::Upgrade { tag, .. } => self.ended(&tag),
            _ => {}
        }
    }

    /// Asks for what comes next, two at a time, if it may stand.
    fn ask(&mut self) {
        for _ in 0..2 {
            let Some(command) = self.commands.pop_front() else { return };
            match self.client.send(command) {
                Ok(tag) => assert!(self.open.insert(tag.to_string()), "a tag is used twice"),
                Err(error) => self.log.push(error.to_string()),
            }
        }
        self.flush();
    }

    fn ended(&mut self, tag: &Tag) {
        assert!(self.open.remove(&tag.to_string()), "{tag} ends a second time");
    }
}
