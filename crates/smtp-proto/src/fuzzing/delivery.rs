//! A client and a server over pipes of any size, whatever their hosts do.
use super::{
    receiver::{Receiver, server_config},
    sender::{Act, Chunks, Sender, client_config, command, transaction},
};
use crate::{ClientConfig, Command, Leniency, Protocol, ServerConfig, client::Client, server::Server};
use alloc::vec::Vec;
use mail_wire::fuzzing::{Dice, End, Input, Moved, Pipe};

/// Nobody waits for what does not come, and both agree on what was delivered.
pub(super) fn agrees(input: Input<'_>) {
    session(input).assert_agreement();
}

/// A session that has ended, or rests.
fn session(mut input: Input<'_>) -> Connection<'_> {
    let dice = &mut input.dice;
    let protocol = dice.one_of(&[Protocol::Smtp, Protocol::Lmtp]);
    let client = ClientConfig {
        max_in_flight: dice.one_of(&[50, 1, 3]),
        max_unsent: dice.one_of(&[64 << 10, 100]),
        leniency: Leniency::STRICT,
        ..client_config(protocol)
    };
    let server = ServerConfig { max_unsent: dice.one_of(&[16 << 10, 100]), ..server_config(protocol) };
    let room = dice.one_of(&[5000, 16, 200, 1 << 20]);
    let on_wire = Dice::new(dice.octets(30));
    // What is asked for comes from the octets: there are more of them.
    let mut asked = Dice::new(input.octets);
    let messages = messages(&mut asked);
    let sender = Sender::new(acts(&mut asked, protocol), messages);
    let mut connection = Connection {
        client: End::new(Client::new(client)),
        server: End::new(Server::new(server)),
        sender,
        receiver: Receiver::new(input.dice),
        to_client: Pipe::new(room),
        to_server: Pipe::new(room),
    };
    connection.run(on_wire);
    connection
}

/// What comes of a seed: messages that were delivered, and whether the session has ended.
#[cfg(test)]
pub(super) fn delivered(input: Input<'_>) -> (usize, bool) {
    let connection = session(input);
    (connection.sender.delivered.len(), connection.client.is_closed)
}

/// Says hello, then anything. What stands behind QUIT is refused.
fn acts(dice: &mut Dice<'_>, protocol: Protocol) -> Vec<Act> {
    let mut acts = Vec::from([Act::Send(command(&mut Dice::new(&[]), protocol))]);
    while !dice.is_empty() && acts.len() < 200 {
        match dice.among(16) {
            13 => acts.extend(transaction(dice).into_iter().map(Act::Send)),
            14 => acts.push(Act::Wait),
            15 if dice.once_in(8) => acts.push(Act::Send(Command::Quit)),
            _ => acts.push(Act::Send(command(dice, protocol))),
        }
    }
    acts
}

/// Dots and all forms of line ends, and a whole one behind them.
fn messages(dice: &mut Dice<'_>) -> Vec<Chunks> {
    let mut chunk = || -> Vec<u8> {
        let octets = (0..dice.among(12)).map(|_| dice.one_of(b"ab.\r\n.\r\nx"));
        octets.chain(*b"e\r\n").collect()
    };
    (0..8).map(|chunks| (0..chunks % 4).map(|_| chunk()).collect()).collect()
}

/// Both ends of a session, and their hosts.
struct Connection<'a> {
    client: End<Client>,
    server: End<Server>,
    sender: Sender,
    receiver: Receiver<'a>,
    to_client: Pipe,
    to_server: Pipe,
}

impl Connection<'_> {
    fn run(&mut self, mut on_wire: Dice<'_>) {
        for _ in 0..100_000 {
            if self.client.is_closed {
                return;
            }
            if self.turn(|| on_wire.piece()) == Moved::No {
                return self.assert_nothing_is_owed();
            }
        }
        panic!("they talk for ever");
    }

    /// Each end does something, as far as it can.
    fn turn(&mut self, mut piece: impl FnMut() -> usize) -> Moved {
        let Self { client, server, sender, receiver, to_client, to_server } = self;
        let moved = client.read(sender, to_client, piece())
            | client.write(to_server, piece())
            | server.read(receiver, to_server, piece())
            | server.write(to_client, piece());
        moved | self.upgrade() | self.hang_up()
    }

    /// Turns TLS on where both have agreed to it and the last octet in clear has come.
    fn upgrade(&mut self) -> Moved {
        let is_agreed = self.client.upgrade.is_some() && self.server.upgrade.is_some();
        if !is_agreed || !self.to_client.is_empty() || self.server.unsent() > 0 {
            return Moved::No;
        }
        self.client.upgraded();
        self.server.upgraded();
        Moved::Yes
    }

    /// A server that has closed hangs up behind its last octet.
    fn hang_up(&mut self) -> Moved {
        let is_silent =
            self.to_client.is_empty() && self.client.input.is_empty() && self.server.unsent() == 0;
        if !self.server.is_closed || self.client.is_closed || !is_silent {
            return Moved::No;
        }
        // Clean or not: what is open is told, or the session stays stuck.
        let _ = self.client.machine.receive_eof(&self.client.input);
        Moved::Yes
    }

    /// Nobody waits for what does not come.
    fn assert_nothing_is_owed(&mut self) {
        assert!(
            !self.sender.waits() && self.client.upgrade.is_none(),
            "nothing moves, and something is owed: {:?}\nclient {:?}, {} unsent\nserver {:?}, {} unsent",
            self.sender,
            self.client.machine.state(),
            self.client.unsent(),
            self.server.machine.state(),
            self.server.unsent()
        );
    }

    /// Both hold the same messages delivered, octet for octet.
    fn assert_agreement(&self) {
        let sent: Vec<_> = self.sender.delivered.iter().map(|message| normalised(message)).collect();
        let taken = &self.receiver.delivered;
        // Of the one that was on its way when the server closed, the client knows nothing.
        let unknown = usize::from(self.server.is_closed);
        assert!(taken.starts_with(&sent), "sent {sent:?}, taken {taken:?}");
        assert!(taken.len() <= sent.len() + unknown, "sent {sent:?}, taken {taken:?}");
        if !self.server.is_closed {
            assert!(self.sender.outcomes >= self.receiver.outcomes, "an outcome is not told");
        }
    }
}

/// As a client sends it: each CR, LF and CRLF is a CRLF.
fn normalised(message: &[u8]) -> Vec<u8> {
    let text = core::str::from_utf8(message).unwrap();
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n").into_bytes()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fuzzing::tests::cases;
    use proptest::prelude::*;

    proptest! {
        #![proptest_config(cases(3000))]

        /// Else a host waits for a reply that does not come, a message is delivered twice since nobody told that
        /// it was taken, or one that was refused is thought safe.
        #[test]
        fn every_session_ends_or_rests_and_both_agree_on_what_was_delivered(
            faces in prop::collection::vec(any::<u8>(), 0..300),
            octets in prop::collection::vec(any::<u8>(), 0..400),
        ) {
            agrees(Input { dice: Dice::new(&faces), octets: &octets });
        }
    }
}
