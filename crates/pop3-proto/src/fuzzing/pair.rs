//! A client and a server in any pieces, whatever their hosts do.
use super::{
    asked::{client_config, command},
    maildrop::{MESSAGES, Session},
    server::server_config,
};
use crate::{
    Command, MessageNumber, State, Status, Step, TopLines,
    client::{Client, Event, SendRefusal, Ticket},
    sasl::Response,
};
use alloc::{
    collections::{BTreeMap, VecDeque},
    format,
    string::String,
    vec::Vec,
};
use bytes::{Buf, Bytes, BytesMut};
use mail_wire::fuzzing::{Dice, Input};

/// Neither calls the other broken, each command is answered, messages come as they are, and both agree on where the
/// session stands and on what is removed.
pub(super) fn agrees(input: Input<'_>) {
    session(input);
}

/// What the server wrote down.
pub(super) fn session(mut input: Input<'_>) -> Vec<String> {
    let client = Client::new(client_config(&mut input.dice));
    let server = server_config(&mut input.dice);
    let mut on_wire = Dice::new(input.dice.octets(30));
    // What is asked for comes from the octets: there are more of them.
    let mut asked = Dice::new(input.octets);
    let mut commands = VecDeque::from([Command::Capa]);
    while !asked.is_empty() && commands.len() < 100 {
        commands.push_back(if asked.once_in(40) { Command::Quit } else { command(&mut asked) });
    }
    let mut host = Host {
        client,
        input: BytesMut::new(),
        commands,
        sent: BTreeMap::new(),
        message: Vec::new(),
        marked: Vec::new(),
        removed: None,
        is_closed: false,
    };
    let mut server = Session::new(server, input.dice);
    server.say(b"");
    let (mut to_server, mut to_client) = (BytesMut::new(), BytesMut::new());
    loop {
        to_client.extend_from_slice(&server.heard());
        let said = host.run(&mut server);
        to_server.extend_from_slice(&said);
        let (up, down) = (on_wire.piece().min(to_server.len()), on_wire.piece().min(to_client.len()));
        host.input.unsplit(to_client.split_to(down));
        server.say(&to_server.split_to(up));
        // A piece is at least an octet: where none goes, none waits.
        if up + down > 0 || !said.is_empty() {
            continue;
        }
        if host.is_closed {
            break;
        }
        if !server.is_silent() {
            continue;
        }
        if server.is_over() {
            // Clean or not: what is open is told, or the session stays stuck.
            let _ = host.client.receive_eof(&host.input);
            continue;
        }
        assert!(host.sent.is_empty(), "nothing moves, and these are not answered: {:?}", host.sent);
        assert_eq!(
            host.client.state(),
            server.state(),
            "they do not agree on where they stand: {:#?}",
            server.end()
        );
        break;
    }
    let log = server.end();
    if let Some(marked) = &host.removed {
        let removed = format!("remove {marked:?}");
        assert!(log.contains(&removed), "{removed} is not in {log:#?}");
    }
    log
}

struct Host {
    client: Client,
    input: BytesMut,
    commands: VecDeque<Command>,
    /// What was not answered.
    sent: BTreeMap<Ticket, Command>,
    message: Vec<u8>,
    marked: Vec<MessageNumber>,
    /// What the +OK to QUIT says was removed.
    removed: Option<Vec<MessageNumber>>,
    is_closed: bool,
}

impl Host {
    /// Lets the client run, and takes what it says.
    fn run(&mut self, server: &mut Session<'_>) -> Vec<u8> {
        loop {
            match self.client.receive(&mut self.input) {
                Ok(Step::Event(event)) => self.event(event, server),
                Ok(Step::NeedInput { .. }) => {
                    if !self.ask() {
                        break;
                    }
                }
                Ok(Step::NeedAnswer) => panic!("a client waits for an answer that nobody owes"),
                Ok(Step::NeedFlush) => panic!("a client holds no more than commands"),
                Ok(Step::Closed) => {
                    self.is_closed = true;
                    break;
                }
                Err(error) => {
                    assert!(
                        server.is_over(),
                        "each keeps to the protocol, and one calls the other broken: {error}"
                    );
                }
            }
        }
        let transmit = self.client.transmit();
        transmit.copy_to_bytes(transmit.remaining()).into()
    }

    /// Sends what comes next. What may not stand is dropped.
    fn ask(&mut self) -> bool {
        let Some(command) = self.commands.pop_front() else { return false };
        match self.client.send(command.clone()) {
            Ok(ticket) => {
                self.sent.insert(ticket, command);
            }
            Err(error) if error.refusal == SendRefusal::Busy => {
                self.commands.push_front(command);
                return false;
            }
            Err(_) => {}
        }
        true
    }

    fn event(&mut self, event: Event, server: &mut Session<'_>) {
        match event {
            Event::Reply { ticket, reply } => self.replied(ticket, reply.status),
            Event::Begin { ticket, .. } => {
                assert!(self.sent.contains_key(&ticket), "a command is answered twice");
                self.message.clear();
            }
            Event::Payload(piece) => self.message.extend_from_slice(&piece),
            Event::End(ticket) => match self.sent.remove(&ticket) {
                Some(Command::Retr(message)) => assert_eq!(self.message, MESSAGES[message.index()]),
                Some(Command::Top { message, lines }) => {
                    let top = TopLines::new(lines).next(Bytes::from_static(MESSAGES[message.index()]));
                    assert_eq!(self.message, top);
                }
                Some(Command::List(None) | Command::Uidl(None) | Command::Lang(None)) => {}
                other => panic!("{other:?} has no lines"),
            },
            Event::DropListing { ticket, listing } => {
                assert_eq!(self.sent.remove(&ticket), Some(Command::Stat));
                assert_eq!(listing.messages as usize, MESSAGES.len() - self.marked.len());
            }
            Event::ScanListing { ticket, listing } => {
                assert_eq!(listing.octets, MESSAGES[listing.message.index()].len() as u64);
                assert!(!self.marked.contains(&listing.message), "a deleted message is listed");
                self.listed(ticket, Command::List(Some(listing.message)));
            }
            Event::UniqueIdListing { ticket, listing } => {
                assert_eq!(listing.id.as_str(), format!("id-{}", listing.message));
                self.listed(ticket, Command::Uidl(Some(listing.message)));
            }
            Event::Language { ticket, language } => {
                assert!(["en", "de"].contains(&language.tag().as_str()), "{language:?} is not on offer");
                if self.sent.get(&ticket) != Some(&Command::Lang(None)) {
                    let lang = self.sent.remove(&ticket);
                    assert!(matches!(lang, Some(Command::Lang(Some(_)))), "{lang:?}");
                }
            }
            Event::Mechanisms { ticket, mechanisms } => {
                assert_eq!(self.sent.remove(&ticket), Some(Command::AuthList));
                assert_eq!(mechanisms.len(), 2);
            }
            Event::Challenge { .. } => {
                let octets = crate::Secret::copy_from(b"y");
                self.client.respond(&Response::Data(octets)).unwrap();
            }
            Event::Upgrade { ticket, upgrade } => {
                self.sent.remove(&ticket);
                self.client.upgraded(upgrade, &self.input).unwrap();
                server.upgraded();
            }
            Event::NeverSent(ticket) | Event::Unanswered(ticket) => {
                assert!(self.sent.remove(&ticket).is_some(), "a command ends twice");
            }
            Event::Greeting(reply) => assert_eq!(reply.status, Status::Ok),
            other => panic!("nobody asked for it: {other:?}"),
        }
    }

    /// A line of a listing, or the only one.
    fn listed(&mut self, ticket: Ticket, alone: Command) {
        match self.sent.get(&ticket) {
            Some(Command::List(None) | Command::Uidl(None)) => {}
            _ => assert_eq!(self.sent.remove(&ticket), Some(alone)),
        }
    }

    fn replied(&mut self, ticket: Ticket, status: Status) {
        let command = self.sent.remove(&ticket);
        assert!(command.is_some(), "a command is answered twice");
        if status == Status::Err {
            return;
        }
        match command {
            Some(Command::Dele(message)) => self.marked.push(message),
            Some(Command::Rset) => self.marked.clear(),
            Some(Command::Quit) => {
                self.marked.sort_unstable();
                // Before a login there is nothing to remove, and none is told.
                self.removed = Some(self.marked.clone()).filter(|marked| !marked.is_empty());
                assert_eq!(self.client.state(), State::Closed);
            }
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::tests::cases;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(cases(1500))]

        /// Else a host waits for a reply that does not come, or believes that what was marked is removed, or not.
        #[test]
        fn every_session_ends_or_rests_and_both_agree_on_what_is_removed(
            faces in prop::collection::vec(any::<u8>(), 0..120),
            octets in prop::collection::vec(any::<u8>(), 0..300),
        ) {
            agrees(Input { dice: Dice::new(&faces), octets: &octets });
        }
    }
}
