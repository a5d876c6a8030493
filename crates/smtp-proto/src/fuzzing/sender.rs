//! The host of a client: it sends commands and messages as they come to its mind.
use crate::{
    Argument, Auth, Class, CleartextLogin, ClientConfig, ClientName, Code, Command, Mail, Mailbox, Mechanism,
    Protocol, Rcpt, Secret, TlsPolicy, Upgrade, Upload, WriteError,
    client::{Client, Event, SendRefusal, Ticket},
    dot,
    sasl::Response,
};
use alloc::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    vec::Vec,
};
use bytes::Bytes;
use mail_wire::fuzzing::{Dice, Host, Moved};

/// Takes any server, sends any octets.
pub(super) fn client_config(protocol: Protocol) -> ClientConfig {
    ClientConfig {
        protocol,
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        bare: dot::Outgoing::Normalise,
        ..ClientConfig::default()
    }
}

/// All but QUIT, the commands of transactions more often. The tamest is the first of a session.
pub(super) fn command(dice: &mut Dice<'_>, protocol: Protocol) -> Command {
    let name = || ClientName::new("c.example").unwrap();
    match dice.among(32) {
        0..=2 if protocol == Protocol::Lmtp => Command::Lhlo(name()),
        0..=2 => Command::Ehlo(name()),
        3..=8 => {
            let mail = Mail::new(mailbox(dice));
            Command::Mail(if dice.once_in(3) { mail.with_size(u64::from(dice.number() % 400)) } else { mail })
        }
        9..=17 => Command::Rcpt(Rcpt::new(mailbox(dice))),
        18..=23 => Command::Data,
        24 => {
            let initial = if dice.once_in(2) { Some(Secret::copy_from(b"x")) } else { None };
            Command::Auth(Auth { mechanism: Mechanism::PLAIN, initial })
        }
        25 => Command::Expn(Argument::new("list").unwrap()),
        26 => Command::StartTls,
        27 => Command::Rset,
        28 => Command::Noop(None),
        29 => Command::Vrfy(Argument::new("jane").unwrap()),
        30 => Command::Help(None),
        // Of SMTP alone.
        _ => Command::Helo(name()),
    }
}

/// The faces of a command that is like the one on this line, if there is one.
pub(super) fn faces(line: &[u8]) -> Option<&'static [u8]> {
    let faces: [(&[u8], &[u8]); 13] = [
        (b"EHLO", &[0]),
        (b"LHLO", &[0]),
        (b"HELO", &[31]),
        (b"MAIL", &[3, 0, 0]),
        (b"RCPT", &[9, 0]),
        (b"DATA", &[18]),
        (b"AUTH", &[24, 0]),
        (b"STARTTLS", &[26]),
        (b"RSET", &[27]),
        (b"NOOP", &[28]),
        (b"VRFY", &[29]),
        (b"EXPN", &[25]),
        (b"HELP", &[30]),
    ];
    let verb = line.split(u8::is_ascii_whitespace).next()?;
    faces.iter().find(|(name, _)| name.eq_ignore_ascii_case(verb)).map(|(_, faces)| *faces)
}

/// MAIL, some RCPTs, DATA.
pub(super) fn transaction(dice: &mut Dice<'_>) -> Vec<Command> {
    let mail = Command::Mail(Mail::new(mailbox(dice)));
    let recipients: Vec<_> = (0..=dice.among(3)).map(|_| Command::Rcpt(Rcpt::new(mailbox(dice)))).collect();
    [mail].into_iter().chain(recipients).chain([Command::Data]).collect()
}

/// The last one needs SMTPUTF8.
fn mailbox(dice: &mut Dice<'_>) -> Mailbox {
    let name = ["a@x.example", "b@x.example", "d\u{f6}mi@x.example"];
    Mailbox::new(dice.one_of(&name)).unwrap()
}

/// What the host of a client does in one turn.
#[derive(Debug, Clone)]
pub(super) enum Act {
    /// Nothing.
    Wait,
    Send(Command),
}

/// A message, in the chunks that it is written in.
pub(super) type Chunks = Vec<Vec<u8>>;

/// Sends commands one after the other, each as soon as the client takes it, and drops what may not stand.
#[derive(Debug)]
pub(super) struct Sender {
    acts: VecDeque<Act>,
    messages: VecDeque<Chunks>,
    upload: Option<Writing>,
    is_challenged: bool,
    challenges: usize,
    /// Commands whose end was not told.
    pub(super) open: BTreeSet<Ticket>,
    /// Messages that nobody is known to have, by their DATA.
    unanswered: BTreeMap<Ticket, Vec<u8>>,
    /// Messages that this host holds safe, in order.
    pub(super) delivered: Vec<Vec<u8>>,
    /// Answers to messages: in LMTP, one for each recipient.
    pub(super) outcomes: usize,
}

/// A message that is being written.
#[derive(Debug)]
struct Writing {
    data: Ticket,
    upload: Upload,
    left: VecDeque<Vec<u8>>,
    written: Vec<u8>,
}

impl Sender {
    pub(super) fn new(acts: Vec<Act>, messages: Vec<Chunks>) -> Self {
        Self {
            acts: acts.into(),
            messages: messages.into(),
            upload: None,
            is_challenged: false,
            challenges: 0,
            open: BTreeSet::new(),
            unanswered: BTreeMap::new(),
            delivered: Vec::new(),
            outcomes: 0,
        }
    }

    /// Does one thing: responds to a challenge, goes on with a message, or sends what comes next.
    pub(super) fn act(&mut self, client: &mut Client) -> Moved {
        match self.acts.pop_front() {
            Some(Act::Wait) => return Moved::Yes,
            Some(act @ Act::Send(_)) if self.is_challenged || self.upload.is_some() => {
                self.acts.push_front(act);
            }
            Some(Act::Send(command)) => return self.send(client, command),
            None => {}
        }
        if self.is_challenged {
            self.is_challenged = false;
            // Every third exchange is given up.
            let gives_up = self.challenges % 3 == 0;
            let response = if gives_up { Response::Cancel } else { Response::Data(Secret::copy_from(b"y")) };
            client.respond(&response).unwrap();
            return Moved::Yes;
        }
        match self.upload.take() {
            Some(writing) => self.go_on(client, writing),
            None => Moved::No,
        }
    }

    fn send(&mut self, client: &mut Client, command: Command) -> Moved {
        match client.send(command) {
            Ok(ticket) => {
                self.open.insert(ticket);
                Moved::Yes
            }
            Err(error) if error.refusal == SendRefusal::Busy => {
                self.acts.push_front(Act::Send(*error.command));
                Moved::No
            }
            Err(_) => Moved::Yes,
        }
    }

    /// Writes one more chunk, or the end.
    fn go_on(&mut self, client: &mut Client, mut writing: Writing) -> Moved {
        let Some(chunk) = writing.left.pop_front() else {
            // Refused where the session has ended meanwhile.
            if client.finish(writing.upload).is_ok() {
                self.unanswered.insert(writing.data, writing.written);
            }
            return Moved::Yes;
        };
        match client.write(&mut writing.upload, Bytes::from(chunk.clone())) {
            Ok(()) => writing.written.extend(chunk),
            Err(WriteError::Blocked { .. }) => {
                writing.left.push_front(chunk);
                self.upload = Some(writing);
                return Moved::No;
            }
            Err(_) => return Moved::Yes,
        }
        self.upload = Some(writing);
        Moved::Yes
    }

    /// Is there anything that the server, or this host, still owes?
    pub(super) fn waits(&self) -> bool {
        !self.open.is_empty() || self.upload.is_some() || self.is_challenged
    }

    fn safe(&mut self, data: Ticket) {
        self.delivered.extend(self.unanswered.remove(&data));
    }
}

impl Host<Client> for Sender {
    fn event(&mut self, _: &mut Client, event: Event) -> Option<Upgrade> {
        match event {
            Event::Reply { ticket, reply } => {
                assert!(self.open.remove(&ticket), "a command is answered twice");
                if self.unanswered.contains_key(&ticket) {
                    self.outcomes += 1;
                    if reply.code().class() == Class::Completion {
                        self.safe(ticket);
                    }
                    self.unanswered.remove(&ticket);
                }
            }
            Event::Recipient { ticket, reply, .. } => {
                self.open.remove(&ticket);
                self.outcomes += 1;
                // The first recipient who has it makes it a message that was delivered.
                if reply.code().class() == Class::Completion {
                    self.safe(ticket);
                }
            }
            Event::Upload { ticket: data, upload } => {
                let left = self.messages.pop_front().unwrap_or_default().into();
                self.upload = Some(Writing { data, upload, left, written: Vec::new() });
            }
            Event::Challenge { .. } => {
                self.is_challenged = true;
                self.challenges += 1;
            }
            Event::Upgrade { ticket, upgrade } => {
                self.open.remove(&ticket);
                return Some(upgrade);
            }
            Event::Unsolicited(reply) => {
                assert_eq!(reply.code(), Code::NOT_AVAILABLE, "a reply of a command is credited to none");
            }
            Event::NeverSent(ticket) | Event::Unanswered(ticket) => {
                self.open.remove(&ticket);
                self.unanswered.remove(&ticket);
            }
            _ => {}
        }
        None
    }

    fn idle(&mut self, client: &mut Client) -> Moved {
        self.act(client)
    }

    fn owes_answer(&self) -> bool {
        self.is_challenged
    }
}
