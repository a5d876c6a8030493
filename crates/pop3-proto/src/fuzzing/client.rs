//! A client under any cut of what a server says.
use super::asked::{client_config, command};
use crate::{
    ClientConfig, Command, Secret, Step,
    client::{Client, Event, SendError, SendRefusal, Ticket},
    sasl::Response,
};
use alloc::{
    collections::{BTreeSet, VecDeque},
    format,
    string::{String, ToString},
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
fn run<'a>(asked: &Asked, pieces: impl Iterator<Item = &'a [u8]>) -> Vec<String> {
    let mut session = Session {
        client: Client::new(asked.config.clone()),
        response: asked.response.clone(),
        commands: asked.commands.clone(),
        open: BTreeSet::new(),
        begun: BTreeSet::new(),
        said: Vec::new(),
        payload: Vec::new(),
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
    session.note(format!("clean: {is_clean}"));
    session.hear(&mut input);
    assert!(session.open.is_empty(), "no end of these was told: {:?}\n{:#?}", session.open, session.log);
    session.note(session.said.escape_ascii().to_string());
    session.log
}

/// A client, and the commands whose end it was not told.
struct Session {
    client: Client,
    response: Response,
    commands: VecDeque<Command>,
    open: BTreeSet<Ticket>,
    /// Those whose reply has many lines.
    begun: BTreeSet<Ticket>,
    said: Vec<u8>,
    /// Told since the last entry of the log.
    payload: Vec<u8>,
    log: Vec<String>,
}

impl Session {
    /// Asks for what comes next, if it may stand.
    fn ask(&mut self) {
        if let Some(command) = self.commands.pop_front() {
            match self.client.send(command) {
                Ok(ticket) => assert!(self.open.insert(ticket), "a ticket is given twice"),
                // The reply that it waits for asks again.
                Err(SendError { command, refusal: SendRefusal::Busy }) => {
                    self.commands.push_front(*command);
                }
                Err(error) => self.note(error.to_string()),
            }
        }
    }

    fn hear(&mut self, input: &mut BytesMut) {
        let mut is_broken = false;
        loop {
            let step = self.client.receive(input);
            self.flush();
            match step {
                Ok(Step::Event(Event::Payload(piece))) => {
                    assert!(!piece.is_empty(), "a piece of nothing");
                    self.payload.extend_from_slice(&piece);
                }
                Ok(Step::Event(event)) => {
                    self.note(format!("{event:?} {:?}", self.client.deviation()));
                    self.event(&event);
                    self.ask();
                }
                Ok(Step::NeedInput { hint }) => {
                    assert!(hint > 0, "nothing is asked for");
                    break;
                }
                Ok(Step::Closed) => break,
                Ok(Step::NeedAnswer) => self.client.respond(&self.response).unwrap(),
                Ok(Step::NeedFlush) => {}
                Err(error) => {
                    assert!(!is_broken, "a session ends twice: {error}");
                    is_broken = true;
                    self.note(error.to_string());
                }
            }
        }
        self.flush();
    }

    fn flush(&mut self) {
        let transmit = self.client.transmit();
        self.said.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
    }

    fn event(&mut self, event: &Event) {
        match event {
            Event::Reply { ticket, .. }
            | Event::DropListing { ticket, .. }
            | Event::Mechanisms { ticket, .. }
            | Event::End(ticket)
            | Event::Unanswered(ticket)
            | Event::NeverSent(ticket) => self.ended(*ticket),
            Event::Begin { ticket, .. } => {
                self.begun.insert(*ticket);
            }
            // One of many, or the only one.
            Event::ScanListing { ticket, .. }
            | Event::UniqueIdListing { ticket, .. }
            | Event::Language { ticket, .. } => {
                assert!(self.open.contains(ticket), "{ticket:?} has ended: {:#?}", self.log);
                if !self.begun.contains(ticket) {
                    self.ended(*ticket);
                }
            }
            _ => {}
        }
    }

    fn ended(&mut self, ticket: Ticket) {
        assert!(self.open.remove(&ticket), "{ticket:?} ends a second time: {:#?}", self.log);
    }

    fn note(&mut self, entry: String) {
        let payload = mem::take(&mut self.payload);
        if !payload.is_empty() {
            self.log.push(payload.escape_ascii().to_string());
        }
        self.log.push(entry);
    }
}

/// What comes of a seed.
#[cfg(test)]
pub(super) fn log(mut input: Input<'_>) -> Vec<String> {
    let asked = Asked::new(&mut input.dice);
    run(&asked, input.octets.split_inclusive(|octet| *octet == b'\n'))
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
