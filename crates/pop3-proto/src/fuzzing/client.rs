//! A client under any cut of what a server says.
use super::asked::{client_config, command};
use crate::{
    ClientConfig, Command, Secret,
    client::{Client, Event, SendError, SendRefusal, Ticket},
    sasl::Response,
};
use alloc::{
    collections::{BTreeSet, VecDeque},
    format,
    string::{String, ToString},
    vec::Vec,
};
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
        let config = ClientConfig { max_line: 200, max_capabilities: 6, ..client_config(dice) };
        let response = dice.one_of(&[Response::Data(Secret::copy_from(b"y")), Response::Cancel]);
        let last = dice.one_of(&[None, Some(Command::Quit)]);
        let mut commands: VecDeque<_> = (0..dice.among(60) + 1).map(|_| command(dice)).collect();
        // Whether octets stand behind the answer to it depends on the cuts, and ends the session if they do.
        commands.retain(|command| *command != Command::Stls);
        commands.extend(last);
        Self { config, response, commands }
    }
}

/// What the client said and was told.
fn run(asked: &Asked, pieces: &[&[u8]]) -> Vec<String> {
    let mut client = Client::new(asked.config.clone());
    let mut host = Host { asked: asked.clone(), begun: BTreeSet::new() };
    let log = overhear(&mut client, &mut host, pieces);
    let (examined, fed) = (client.examined(), pieces.concat().len() as u64);
    assert!(examined <= 2 * fed, "{examined} looked at of {fed}");
    log
}

/// Who asks for one command behind the end of the other.
struct Host {
    asked: Asked,
    /// Those whose reply has many lines.
    begun: BTreeSet<Ticket>,
}

impl ClientHost<Client> for Host {
    type Ticket = Ticket;

    fn begin(&mut self, client: &mut Client, told: &mut Told<Ticket>) {
        self.ask(client, told);
    }

    fn event(&mut self, client: &mut Client, event: Event, told: &mut Told<Ticket>) {
        if let Event::Payload(piece) = &event {
            return told.payload(piece);
        }
        told.note(format!("{event:?} {:?}", client.deviation()));
        match &event {
            Event::Reply { ticket, .. }
            | Event::DropListing { ticket, .. }
            | Event::Mechanisms { ticket, .. }
            | Event::End(ticket)
            | Event::Unanswered(ticket)
            | Event::NeverSent(ticket) => told.ended(ticket),
            Event::Begin { ticket, .. } => {
                self.begun.insert(*ticket);
            }
            // One of many, or the only one.
            Event::ScanListing { ticket, .. }
            | Event::UniqueIdListing { ticket, .. }
            | Event::Language { ticket, .. } => {
                assert!(told.is_open(ticket), "{ticket:?} has ended");
                if !self.begun.contains(ticket) {
                    told.ended(ticket);
                }
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
            match client.send(command) {
                Ok(ticket) => told.sent(ticket),
                // The reply that it waits for asks again.
                Err(SendError { command, refusal: SendRefusal::Busy }) => {
                    self.asked.commands.push_front(*command);
                }
                Err(error) => told.note(error.to_string()),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::tests::cases;
    use proptest::prelude::*;

    /// Lines that mean something here or there, or nothing anywhere.
    const LINES: [&str; 22] = [
        "+OK\r\n",
        "+OK <1@x> ready\r\n",
        "+OK 1 2\r\n",
        "+OK 1 id-1\r\n",
        "-ERR no\r\n",
        "-ERR [AUTH] no\r\n",
        "+ERR\r\n",
        "+ \r\n",
        "+\r\n",
        "+ eA==\r\n",
        "+ no base64\r\n",
        ".\r\n",
        "..\r\n",
        "PIPELINING\r\n",
        "SASL PLAIN LOGIN\r\n",
        "1 120\r\n",
        "+OK de Deutsch\r\n",
        ".lone\r\n",
        "bare\nLF\r\n",
        "+OK\n",
        "\r\n",
        "bare\rCR",
    ];

    /// What a server says is no word of this target's own log.
    #[test]
    fn a_message_that_reads_like_the_log_is_told_as_payload() {
        let faces = [0, 0, 0, 0, 0, 0, 3, 1, 3, 13, 0, 12, 0];
        let said = b"+OK\r\n+OK\r\n+OK\r\n+OK\r\nBegin { ticket: Ticket(4), \r\n.\r\n+OK 1 a\r\n";
        cut(Input { dice: Dice::new(&faces), octets: said });
    }

    proptest! {
        #![proptest_config(cases(1500))]

        /// Else what a user sees depends on the network, or a command is told no end, or two.
        #[test]
        fn a_client_hears_the_same_under_any_cut(
            faces in prop::collection::vec(any::<u8>(), 0..80),
            lines in prop::collection::vec(prop::sample::select(&LINES[..]), 0..30),
        ) {
            let said = String::from("+OK\r\n") + &lines.concat();
            cut(Input { dice: Dice::new(&faces), octets: said.as_bytes() });
        }
    }
}
