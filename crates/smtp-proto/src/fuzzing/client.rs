//! A client under any cut of what a server says.
use super::sender::{client_config, command};
use crate::{
    Bdat, Chunk, Class, ClientConfig, Command, Leniency, Protocol, Secret, Step,
    client::{Client, Event, SendError, SendRefusal, Ticket},
    sasl::Response,
};
use alloc::{
    collections::{BTreeMap, BTreeSet, VecDeque},
    format,
    string::{String, ToString},
    vec,
    vec::Vec,
};
use bytes::{Buf, BytesMut};
use core::mem;
use mail_wire::fuzzing::{Dice, Input, same_under_any_cut};

/// What a client is told does not depend on the network's mood, and each command is told its end.
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
    run(&asked, [stream].into_iter());
}

/// What the dice say of a client and its host.
#[derive(Debug, Clone)]
struct Asked {
    config: ClientConfig,
    /// To each challenge.
    response: Response,
    /// The last one is QUIT, or not.
    commands: VecDeque<Command>,
}

impl Asked {
    fn new(dice: &mut Dice<'_>) -> Self {
        let protocol = dice.one_of(&[Protocol::Smtp, Protocol::Lmtp]);
        let leniency = dice.one_of(&[Leniency::LENIENT, Leniency::STRICT]);
        let max_in_flight = dice.one_of(&[50, 1, 3]);
        let config = ClientConfig {
            leniency,
            max_in_flight,
            max_line: 200,
            max_reply: 400,
            ..client_config(protocol)
        };
        let response = dice.one_of(&[Response::Data(Secret::copy_from(b"y")), Response::Cancel]);
        let last = dice.one_of(&[None, Some(Command::Quit)]);
        let mut commands: VecDeque<_> = (0..dice.among(60) + 1).map(|_| command(dice, protocol)).collect();
        // Whether octets stand behind the answer to it depends on the cuts, and ends the session if they do.
        commands.retain(|command| *command != Command::StartTls);
        commands.extend(last);
        // Behind all else, so that old inputs mean what they meant.
        if dice.one_of(&[By::Data, By::Bdat]) == By::Bdat {
            commands = commands.into_iter().flat_map(in_chunks).collect();
        }
        Self { config, response, commands }
    }
}

/// How messages are sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    Data,
    Bdat,
}

/// The body of a message, and of a chunk.
const BODY: &str = ".x\r\n";

/// A message by two chunks.
fn in_chunks(command: Command) -> Vec<Command> {
    let bdat = |chunk| Command::Bdat(Bdat { length: BODY.len() as u64, chunk });
    if command == Command::Data { vec![bdat(Chunk::More), bdat(Chunk::Last)] } else { vec![command] }
}

/// What the client said and was told.
fn run<'a>(asked: &Asked, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut session = Session {
        client: Client::new(asked.config.clone()),
        protocol: asked.config.protocol,
        response: asked.response.clone(),
        commands: asked.commands.clone(),
        sent: BTreeMap::new(),
        open: BTreeSet::new(),
        accepted: BTreeSet::new(),
        said: Vec::new(),
        log: Vec::new(),
    };
    let (mut input, mut fed) = (BytesMut::new(), 0);
    session.ask();
    for piece in pieces {
        input.extend_from_slice(piece);
        fed += piece.len() as u64;
        session.hear(&mut input);
    }
    assert!(session.client.examined() <= 2 * fed, "{} looked at of {fed}", session.client.examined());
    let is_clean = session.client.receive_eof(&input).is_ok();
    session.log.push(format!("clean: {is_clean}"));
    session.hear(&mut input);
    assert!(session.open.is_empty(), "no end of these was told: {:?}\n{:#?}", session.open, session.log);
    session.log.push(session.said.escape_ascii().to_string());
    session.log
}

/// A client, and the commands whose end it was not told.
struct Session {
    client: Client,
    protocol: Protocol,
    response: Response,
    commands: VecDeque<Command>,
    sent: BTreeMap<Ticket, Command>,
    /// Behind the 354 to an LMTP message, the recipients that were accepted stand for its DATA.
    open: BTreeSet<Ticket>,
    accepted: BTreeSet<Ticket>,
    said: Vec<u8>,
    log: Vec<String>,
}

impl Session {
    /// Asks for what comes next, if it may stand.
    fn ask(&mut self) {
        if let Some(command) = self.commands.pop_front() {
            match self.client.send(command.clone()) {
                Ok(ticket) => {
                    assert!(self.sent.insert(ticket, command).is_none(), "a ticket is given twice");
                    self.open.insert(ticket);
                }
                // The reply that it waits for asks again.
                Err(SendError { command, refusal: SendRefusal::Busy }) => {
                    self.commands.push_front(*command);
                }
                Err(error) => self.log.push(error.to_string()),
            }
        }
    }

    fn hear(&mut self, input: &mut BytesMut) {
        let mut is_broken = false;
        loop {
            let step = self.client.receive(input);
            let transmit = self.client.transmit();
            self.said.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
            match step {
                Ok(Step::Event(event)) => {
                    self.log.push(format!("{event:?}"));
                    self.event(event);
                    self.ask();
                }
                Ok(Step::NeedInput { .. } | Step::Closed) => break,
                Ok(Step::NeedAnswer) => self.client.respond(&self.response).unwrap(),
                Ok(Step::NeedFlush) => {}
                Err(error) => {
                    assert!(!is_broken, "a session ends twice: {error}");
                    is_broken = true;
                    self.log.push(error.to_string());
                }
            }
        }
        let transmit = self.client.transmit();
        self.said.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
    }

    fn event(&mut self, event: Event) {
        match event {
            Event::Reply { ticket, reply } => {
                self.ended(ticket);
                if reply.code().class() == Class::Completion {
                    self.succeeded(ticket);
                }
            }
            Event::Unanswered(ticket) | Event::NeverSent(ticket) => self.ended(ticket),
            Event::Recipient { recipient, .. } => self.ended(recipient),
            Event::Upload { ticket, mut upload } => {
                let is_last =
                    !matches!(&self.sent[&ticket], Command::Bdat(bdat) if bdat.chunk == Chunk::More);
                if is_last && self.protocol == Protocol::Lmtp {
                    self.ended(ticket);
                    self.open.extend(mem::take(&mut self.accepted));
                }
                self.client.write(&mut upload, BODY.into()).unwrap();
                self.client.finish(upload).unwrap();
            }
            _ => {}
        }
    }

    fn succeeded(&mut self, ticket: Ticket) {
        match self.sent[&ticket] {
            Command::Rcpt(_) => {
                self.accepted.insert(ticket);
            }
            Command::Ehlo(_) | Command::Lhlo(_) | Command::Helo(_) | Command::Mail(_) | Command::Rset => {
                self.accepted.clear();
            }
            _ => {}
        }
    }

    fn ended(&mut self, ticket: Ticket) {
        assert!(self.open.remove(&ticket), "{ticket:?} ends a second time: {:#?}", self.log);
    }
}

/// What comes of a seed.
#[cfg(test)]
pub(super) fn log(mut input: Input<'_>) -> Vec<String> {
    let asked = Asked::new(&mut input.dice);
    run(&asked, input.octets.split_inclusive(|octet| *octet == b'\n'))
}
