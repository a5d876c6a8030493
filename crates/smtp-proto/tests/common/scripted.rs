//! A client that says what a script says.
use bytes::Bytes;
use smtp_proto::{
    client::{Client, Event},
    sasl::Response,
    *,
};
use std::collections::VecDeque;
use test_support::{Host, Log, Script, Who};

/// What the client of a script says: the lines as commands, messages and chunks as payload.
#[derive(Debug)]
pub(crate) enum Say {
    Send(Command),
    Respond(Response),
    Payload(Vec<u8>),
}

/// Reads what the client of a script says. DATA that is refused has no message behind it.
pub(crate) fn said(script: &Script) -> VecDeque<Say> {
    let text = script.said_by(Who::Client);
    let mut rest = &text[..];
    let (mut said, mut in_auth) = (VecDeque::new(), 0);
    while !rest.is_empty() {
        let line = line(&mut rest);
        if in_auth > 0 {
            in_auth -= 1;
            said.push_back(Say::Respond(Response::parse(line).unwrap()));
            continue;
        }
        let line = Bytes::copy_from_slice(line);
        let command = Command::parse(line, Leniency::STRICT, &mut Deviations::new()).unwrap();
        let payload = match &command {
            Command::Data => message(&mut rest),
            Command::Bdat(bdat) => {
                let (chunk, behind) = rest.split_at(bdat.length.try_into().unwrap());
                rest = behind;
                Some(chunk.to_vec())
            }
            Command::Auth(auth) if auth.initial.is_none() => {
                in_auth = if auth.mechanism == Mechanism::LOGIN { 2 } else { 1 };
                None
            }
            _ => None,
        };
        said.push_back(Say::Send(command));
        said.extend(payload.map(Say::Payload));
    }
    said
}

/// Takes a line.
fn line<'a>(rest: &mut &'a [u8]) -> &'a [u8] {
    let end = rest.windows(2).position(|two| two == b"\r\n").expect("every line ends in CRLF");
    let (line, behind) = rest.split_at(end);
    *rest = &behind[2..];
    line
}

/// Takes a message, if there is its end.
fn message(rest: &mut &[u8]) -> Option<Vec<u8>> {
    let (mut left, mut payload) = (*rest, Vec::new());
    while !left.is_empty() {
        let line = line(&mut left);
        if line == b"." {
            *rest = left;
            return Some(payload);
        }
        payload.extend_from_slice(line.strip_prefix(b".").unwrap_or(line));
        payload.extend_from_slice(b"\r\n");
    }
    None
}

/// Says what the script says, as early as the machine takes it.
pub(crate) struct Scripted {
    pub(crate) said: VecDeque<Say>,
}

impl Scripted {
    fn go_on(&mut self, client: &mut Client) {
        while let Some(Say::Send(_)) = self.said.front() {
            let Some(Say::Send(command)) = self.said.pop_front() else { return };
            let ends_group = !matches!(command, Command::Mail(_) | Command::Rcpt(_));
            if let Err(error) = client.send(command) {
                self.said.push_front(Say::Send(*error.command));
                return;
            }
            if ends_group && client.capabilities().is_none_or(|offered| !offered.has(Extension::Pipelining)) {
                return;
            }
        }
    }
}

impl Host<Client> for Scripted {
    fn event(&mut self, client: &mut Client, event: Event, log: &mut Log) {
        match event {
            Event::Upload { mut upload, .. } => {
                let Some(Say::Payload(payload)) = self.said.pop_front() else { panic!("354 for what?") };
                let half = payload.len() / 2;
                for piece in [&payload[..half], &payload[half..]] {
                    client.write(&mut upload, Bytes::copy_from_slice(piece)).unwrap();
                }
                client.finish(upload).unwrap();
                self.go_on(client);
            }
            Event::Challenge { challenge, .. } => {
                log.note(format!("challenge {}", challenge.as_str().unwrap().escape_debug()));
                let Some(Say::Respond(response)) = self.said.pop_front() else { panic!("334 for what?") };
                client.respond(&response).unwrap();
            }
            Event::Upgrade { upgrade, .. } => log.upgrade(upgrade),
            Event::Greeting(reply) => {
                log.note(format!("greeting {}", reply.code()));
                self.go_on(client);
            }
            Event::Reply { reply, .. } => {
                log.note(format!("{}", reply.code()));
                self.go_on(client);
            }
            Event::Recipient { reply, .. } => {
                log.note(format!("for one {}", reply.code()));
                self.go_on(client);
            }
            other => log.note(format!("{other:?}")),
        }
    }

    fn upgraded(&mut self, client: &mut Client, _: &mut Log) {
        self.go_on(client);
    }
}
