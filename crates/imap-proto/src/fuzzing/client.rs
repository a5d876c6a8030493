//! A client under any cut of what a server says.
use crate::{
    Append, AppendMessage, Authenticate, Bodies, CleartextLogin, ClientConfig, Command, Enable, Fetch,
    FetchItem, FetchItems, Flag, Leniency, Login, MailboxName, Mechanism, MessageData, Numbering, Report,
    Search, SearchKey, SequenceSet, Store, StoreAction, TlsPolicy,
    client::{Client, Event, SendError, SendRefusal},
    frame::Rules,
    mailbox::ClientView,
};
use alloc::{
    boxed::Box,
    collections::VecDeque,
    format,
    string::{String, ToString},
    vec::Vec,
};
use bytes::Bytes;
use mail_wire::fuzzing::{ClientHost, Dice, Input, Told, overhear, same_under_any_cut_of_lines};

/// Strict, and nothing asked of the transport.
pub(super) fn open() -> ClientConfig {
    ClientConfig {
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        leniency: Leniency::STRICT,
        ..ClientConfig::default()
    }
}

/// What a client is told does not depend on the network's mood, and each command is told its end.
pub(super) fn cut(mut input: Input<'_>) {
    let asked = Asked::new(&mut input.dice);
    same_under_any_cut_of_lines(input, |pieces| run(&asked, pieces));
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
fn run(asked: &Asked, pieces: &[&[u8]]) -> Vec<String> {
    let mut client = Client::new(asked.config.clone());
    let mut host = Host { asked: asked.clone(), is_idling: false };
    let mut log = overhear(&mut client, &mut host, pieces);
    let (examined, fed) = (client.examined(), pieces.concat().len() as u64);
    assert!(examined <= 4 * fed + 64, "{examined} looked at of {fed}");
    log.push(format!("{:?}", client.mailbox().map(ClientView::messages)));
    log
}

/// Who asks for some commands behind the greeting, and behind the end of each.
struct Host {
    asked: Asked,
    is_idling: bool,
}

impl ClientHost<Client> for Host {
    type Ticket = String;

    fn event(&mut self, client: &mut Client, event: Event, told: &mut Told<String>) {
        if let Event::Payload(piece) = &event {
            return told.payload(piece);
        }
        told.note(format!("{event:?}"));
        match event {
            Event::Challenge { .. } => client.cancel().unwrap(),
            Event::Upload { mut upload, .. } => {
                client.write(&mut upload, "abc".into()).unwrap();
                client.finish(upload).unwrap();
            }
            Event::Greeting(_) => self.ask(client, told),
            Event::Idling { .. } => self.is_idling = true,
            // The first news end the wait.
            Event::Untagged(_) if self.is_idling => {
                self.is_idling = false;
                // Refused where the server has ended it meanwhile.
                let _ = client.done();
            }
            Event::Completed { tag, .. } => {
                told.ended(&tag.to_string());
                self.is_idling = false;
                self.ask(client, told);
            }
            Event::Unanswered(tag) | Event::NeverSent(tag) => told.ended(&tag.to_string()),
            Event::Upgrade { tag, .. } => told.ended(&tag.to_string()),
            _ => {}
        }
    }
}

impl Host {
    /// Asks for what comes next. What may not stand is dropped.
    fn ask(&mut self, client: &mut Client, told: &mut Told<String>) {
        let mut sent = 0;
        while let Some(command) = self.asked.commands.pop_front() {
            match client.send(command) {
                Ok(tag) => {
                    told.sent(tag.to_string());
                    sent += 1;
                }
                Err(SendError { command, refusal: SendRefusal::TooMany { .. } | SendRefusal::Busy }) => {
                    self.asked.commands.push_front(*command);
                    break;
                }
                Err(error) => told.note(error.to_string()),
            }
            if sent == self.asked.at_once {
                break;
            }
        }
    }
}

/// What comes of a seed.
#[cfg(test)]
pub(super) fn log(mut input: Input<'_>) -> Vec<String> {
    let asked = Asked::new(&mut input.dice);
    run(&asked, &input.octets.split_inclusive(|octet| *octet == b'\n').collect::<Vec<_>>())
}
