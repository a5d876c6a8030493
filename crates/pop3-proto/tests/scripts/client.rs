//! A client that says what a script says.
use crate::told::told;
use pop3_proto::{
    Bytes, CleartextLogin, ClientConfig, Command, Leniency, Mechanism, TlsPolicy,
    client::{Client, Event, SendRefusal},
    sasl::Response,
};
use std::collections::VecDeque;
use test_support::{Host, Log, Script, Who, run_client};

/// Talks to anybody, one command at a time, and tolerates nothing.
pub(crate) fn one_at_a_time() -> ClientConfig {
    let mut config = open();
    config.max_in_flight = 1;
    config
}

/// The same, with as many commands at a time as the server takes.
pub(crate) fn open() -> ClientConfig {
    let mut config = ClientConfig::default();
    config.tls = TlsPolicy::Opportunistic;
    config.cleartext = CleartextLogin::Allow;
    config.leniency = Leniency::STRICT;
    config
}

/// Runs a script as client, under every cut.
pub(crate) fn scripted(name: &str, config: &ClientConfig) -> Vec<String> {
    let script = Script::load(&format!("pop3/{name}.txt"));
    run_client(&script, || (Client::new(config.clone()), Scripted { said: said(&script) }))
}

/// What the client of a script says, in order.
#[derive(Debug)]
enum Say {
    Send(Command),
    Respond(Response),
}

fn said(script: &Script) -> VecDeque<Say> {
    let text = script.said_by(Who::Client);
    let (mut said, mut responses) = (VecDeque::new(), 0);
    for line in text.split_inclusive(|octet| *octet == b'\n') {
        let line = line.strip_suffix(b"\r\n").unwrap();
        if responses > 0 {
            let response = Response::parse(line).unwrap();
            responses = if response == Response::Cancel { 0 } else { responses - 1 };
            said.push_back(Say::Respond(response));
            continue;
        }
        let command = Command::parse(&Bytes::copy_from_slice(line)).unwrap();
        if let Command::Auth { mechanism, initial: None } = &command {
            let by_two = [Mechanism::LOGIN, Mechanism::new("DIGEST-MD5").unwrap()];
            responses = if by_two.contains(mechanism) { 2 } else { 1 };
        }
        said.push_back(Say::Send(command));
    }
    said
}

/// Says what the script says, as early as the machine takes it; no command goes before the capabilities are known.
struct Scripted {
    said: VecDeque<Say>,
}

impl Scripted {
    fn go_on(&mut self, client: &mut Client) {
        while let Some(Say::Send(_)) = self.said.front() {
            let Some(Say::Send(command)) = self.said.pop_front() else { return };
            let is_capa = command == Command::Capa;
            if let Err(error) = client.send(command) {
                assert_eq!(error.refusal, SendRefusal::Busy, "{:?}", error.command);
                self.said.push_front(Say::Send(*error.command));
                return;
            }
            if is_capa {
                return;
            }
        }
    }
}

impl Host<Client> for Scripted {
    fn event(&mut self, client: &mut Client, event: Event, log: &mut Log) {
        match event {
            Event::Payload(piece) => return log.payload(&piece),
            Event::Upgrade { upgrade, .. } => return log.upgrade(upgrade),
            Event::Challenge { .. } => {
                log.note(told(&event));
                let Some(Say::Respond(response)) = self.said.pop_front() else {
                    panic!("a challenge for what?")
                };
                return client.respond(&response).unwrap();
            }
            event => log.note(told(&event)),
        }
        self.go_on(client);
    }

    fn upgraded(&mut self, client: &mut Client, _: &mut Log) {
        self.go_on(client);
    }
}
