//! A client under any cut of what a server says.
use super::sender::{client_config, command};
use crate::{
    ClientConfig, Command, Leniency, Protocol, Step,
    client::{Client, Event, Ticket},
    sasl::Response,
};
use alloc::{
    collections::{BTreeSet, VecDeque},
    format,
    string::{String, ToString},
    vec::Vec,
};
use bytes::{Buf, BytesMut};
use mail_wire::fuzzing::{Input, same_under_any_cut};

/// What a client is told does not depend on the network's mood, and each command is told its end.
///
/// Lines come one at a time at most: what the client says to the one must be on its way before the next can be an
/// answer to it.
pub(super) fn cut(mut input: Input<'_>) {
    let protocol = input.dice.one_of(&[Protocol::Smtp, Protocol::Lmtp]);
    let leniency = input.dice.one_of(&[Leniency::LENIENT, Leniency::STRICT]);
    let max_in_flight = input.dice.one_of(&[50, 1, 3]);
    let config =
        ClientConfig { leniency, max_in_flight, max_line: 200, max_reply: 400, ..client_config(protocol) };
    let commands: Vec<_> = (0..usize::from(input.dice.among(30)) + 1)
        .map(|_| command(&mut input.dice, protocol))
        // Whether octets stand behind the answer to it depends on the cuts, and ends the session if they do.
        .filter(|command| *command != Command::StartTls)
        .collect();
    let stream = input.octets;
    same_under_any_cut(input, |pieces| {
        let lines = pieces.iter().flat_map(|piece| piece.split_inclusive(|octet| *octet == b'\n'));
        run(&config, &commands, lines)
    });
    run(&config, &commands, [stream].into_iter());
}

/// What the client said and was told.
fn run<'a>(
    config: &ClientConfig,
    commands: &[Command],
    pieces: impl Iterator<Item = &'a [u8]>,
) -> Vec<String> {
    let mut session = Session {
        client: Client::new(config.clone()),
        commands: commands.to_vec().into(),
        open: BTreeSet::new(),
        said: Vec::new(),
        log: Vec::new(),
    };
    let mut input = BytesMut::new();
    session.ask();
    for piece in pieces {
        input.extend_from_slice(piece);
        session.hear(&mut input);
    }
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
    commands: VecDeque<Command>,
    open: BTreeSet<Ticket>,
    said: Vec<u8>,
    log: Vec<String>,
}

impl Session {
    /// Asks for what comes next, if it may stand.
    fn ask(&mut self) {
        if let Some(command) = self.commands.pop_front() {
            match self.client.send(command) {
                Ok(ticket) => assert!(self.open.insert(ticket), "a ticket is given twice"),
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
                Ok(Step::NeedAnswer) => self.client.respond(&Response::Cancel).unwrap(),
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
            Event::Reply { ticket, .. } | Event::Unanswered(ticket) | Event::NeverSent(ticket) => {
                // Of LMTP's message, recipients are told one by one.
                self.open.remove(&ticket);
            }
            Event::Recipient { ticket, .. } => {
                self.open.remove(&ticket);
            }
            Event::Upload { mut upload, .. } => {
                self.client.write(&mut upload, ".x\r\n".into()).unwrap();
                self.client.finish(upload).unwrap();
            }
            _ => {}
        }
    }
}
