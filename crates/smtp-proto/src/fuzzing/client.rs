//! A client under any cut of what a server says.
use super::sender::{client_config, command};
use crate::{
    Bdat, Chunk, Class, ClientConfig, Command, Leniency, Protocol, Secret,
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
use core::mem;
use mail_wire::fuzzing::{ClientHost, Dice, Input, Told, overhear, same_under_any_cut_of_lines};

/// What a client is told does not depend on the network's mood, and each command is told its end.
pub(super) fn cut(mut input: Input<'_>) {
    let asked = Asked::new(&mut input.dice);
    same_under_any_cut_of_lines(input, |pieces| run(&asked, pieces));
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
fn run(asked: &Asked, pieces: &[&[u8]]) -> Vec<String> {
    let mut client = Client::new(asked.config.clone());
    let mut host = Host { asked: asked.clone(), sent: BTreeMap::new(), accepted: BTreeSet::new() };
    let log = overhear(&mut client, &mut host, pieces);
    let (examined, fed) = (client.examined(), pieces.concat().len() as u64);
    assert!(examined <= 2 * fed, "{examined} looked at of {fed}");
    log
}

/// Who asks for one command behind the reply to the other.
struct Host {
    asked: Asked,
    sent: BTreeMap<Ticket, Command>,
    /// Behind the 354 to an LMTP message, the recipients that were accepted stand for its DATA.
    accepted: BTreeSet<Ticket>,
}

impl ClientHost<Client> for Host {
    type Ticket = Ticket;

    fn begin(&mut self, client: &mut Client, told: &mut Told<Ticket>) {
        self.ask(client, told);
    }

    fn event(&mut self, client: &mut Client, event: Event, told: &mut Told<Ticket>) {
        told.note(format!("{event:?}"));
        match event {
            Event::Reply { ticket, reply } => {
                told.ended(&ticket);
                if reply.code().class() == Class::Completion {
                    self.succeeded(ticket);
                }
            }
            Event::Unanswered(ticket) | Event::NeverSent(ticket) => told.ended(&ticket),
            Event::Recipient { recipient, .. } => told.ended(&recipient),
            Event::Upload { ticket, mut upload } => {
                let is_last =
                    !matches!(&self.sent[&ticket], Command::Bdat(bdat) if bdat.chunk == Chunk::More);
                if is_last && self.asked.config.protocol == Protocol::Lmtp {
                    told.ended(&ticket);
                    mem::take(&mut self.accepted).into_iter().for_each(|recipient| told.sent(recipient));
                }
                client.write(&mut upload, BODY.into()).unwrap();
                client.finish(upload).unwrap();
            }
            _ => {}
        }
        self.ask(client, told);
    }

    fn respond(&mut self, client: &mut Client) {
        client.respond(&self.asked.response).unwrap();
    }
}

impl Host {
    /// Asks for what comes next, if it may stand.
    fn ask(&mut self, client: &mut Client, told: &mut Told<Ticket>) {
        if let Some(command) = self.asked.commands.pop_front() {
            match client.send(command.clone()) {
                Ok(ticket) => {
                    told.sent(ticket);
                    self.sent.insert(ticket, command);
                }
                // The reply that it waits for asks again.
                Err(SendError { command, refusal: SendRefusal::Busy }) => {
                    self.asked.commands.push_front(*command);
                }
                Err(error) => told.note(error.to_string()),
            }
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
}

/// What comes of a seed.
#[cfg(test)]
pub(super) fn log(mut input: Input<'_>) -> Vec<String> {
    let asked = Asked::new(&mut input.dice);
    run(&asked, &input.octets.split_inclusive(|octet| *octet == b'\n').collect::<Vec<_>>())
}
