//! A client and a server over pipes of any size, whatever their hosts do.
use super::{
    cases,
    commands::{client_config, command, hello, protocol, transaction},
    dice::{Dice, dice},
    pipes::{End, Moved, Pipe},
    receiver::{Receiver, server_config},
    sender::{Act, Chunks, Sender},
};
use proptest::prelude::*;
use smtp_proto::{ClientConfig, Command, Leniency, Protocol, ServerConfig, client::Client, server::Server};

/// All that is not left to chance once a session has begun.
#[derive(Debug, Clone)]
struct Session {
    client: ClientConfig,
    server: ServerConfig,
    /// Octets that each pipe holds.
    room: usize,
    acts: Vec<Act>,
    messages: Vec<Chunks>,
    dice: Dice,
    /// Octets that are read or written at once, in turns.
    pieces: Vec<usize>,
}

fn session() -> impl Strategy<Value = Session> {
    let pipes =
        (prop::sample::select(vec![16, 200, 5000, 1 << 20]), prop::collection::vec(1..300_usize, 1..20));
    let limits = (
        prop::sample::select(vec![1, 3, 50]),
        prop::sample::select(vec![64 << 10, 100]),
        prop::sample::select(vec![16 << 10, 100]),
    );
    let messages = prop::collection::vec(prop::collection::vec(chunk(), 0..6), 0..8);
    (protocol().prop_flat_map(|protocol| (Just(protocol), acts(protocol))), pipes, limits, messages, dice())
        .prop_map(|((protocol, acts), (room, pieces), limits, messages, dice)| {
            let (max_in_flight, client_unsent, server_unsent) = limits;
            let client = ClientConfig {
                max_in_flight,
                max_unsent: client_unsent,
                leniency: Leniency::STRICT,
                ..client_config(protocol)
            };
            let server = ServerConfig { max_unsent: server_unsent, ..server_config(protocol) };
            Session { client, server, room, acts, messages, dice, pieces }
        })
}

/// Anything, and whole transactions among it. What stands behind QUIT is refused.
fn acts(protocol: Protocol) -> impl Strategy<Value = Vec<Act>> {
    let some = prop_oneof![
        2 => Just(vec![Act::Wait]),
        6 => command(protocol).prop_map(|command| vec![Act::Send(command)]),
        1 => transaction().prop_map(|commands| commands.into_iter().map(Act::Send).collect()),
    ];
    let first = prop::option::weighted(0.9, Just(Act::Send(hello(protocol))));
    let last = prop::option::of(Just(Act::Send(Command::Quit)));
    (first, prop::collection::vec(some, 0..100), last)
        .prop_map(|(first, acts, last)| first.into_iter().chain(acts.concat()).chain(last).collect())
}

/// Dots and all forms of line ends, and a whole one behind them.
fn chunk() -> impl Strategy<Value = Vec<u8>> {
    prop::collection::vec(prop::sample::select(b"ab.\r\n.\r\nx".to_vec()), 0..60)
        .prop_map(|octets| [octets, b"e\r\n".to_vec()].concat())
}

/// Both ends of a session, and what happened.
struct Connection {
    client: End<Client>,
    server: End<Server>,
    sender: Sender,
    receiver: Receiver,
    to_client: Pipe,
    to_server: Pipe,
    trace: Vec<String>,
}

impl Connection {
    fn new(session: &Session) -> Self {
        Self {
            client: End::new(Client::new(session.client.clone())),
            server: End::new(Server::new(session.server.clone())),
            sender: Sender::new(session.acts.clone(), session.messages.clone()),
            receiver: Receiver::new(session.dice.clone()),
            to_client: Pipe::new(session.room),
            to_server: Pipe::new(session.room),
            trace: Vec::new(),
        }
    }

    /// Each end does something, as far as it can.
    fn turn(&mut self, mut piece: impl FnMut() -> usize) -> Moved {
        let Self { client, server, sender, receiver, to_client, to_server, trace } = self;
        let moved = sender.act(&mut client.machine, trace)
            | client.read(sender, to_client, piece(), trace)
            | client.write(to_server, piece())
            | server.read(receiver, to_server, piece(), trace)
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
            "nothing moves, and something is owed: {:?}\nclient {:?}, {} unsent\nserver {:?}, {} unsent\n{:#?}",
            self.sender,
            self.client.machine.state(),
            self.client.unsent(),
            self.server.machine.state(),
            self.server.unsent(),
            self.trace
        );
    }

    /// Both hold the same messages delivered, octet for octet.
    fn assert_agreement(&self) {
        let sent: Vec<_> = self.sender.delivered.iter().map(|message| normalised(message)).collect();
        let taken = &self.receiver.delivered;
        let trace = &self.trace;
        // Of the one that was on its way when the server closed, the client knows nothing.
        let unknown = usize::from(self.server.is_closed);
        assert!(taken.starts_with(&sent), "sent {sent:?}, taken {taken:?}: {trace:#?}");
        assert!(taken.len() <= sent.len() + unknown, "sent {sent:?}, taken {taken:?}: {trace:#?}");
        if !self.server.is_closed {
            assert!(self.sender.outcomes >= self.receiver.outcomes, "an outcome is not told: {trace:#?}");
        }
    }
}

/// As a client sends it: each CR, LF and CRLF is a CRLF.
fn normalised(message: &[u8]) -> Vec<u8> {
    let text = std::str::from_utf8(message).unwrap();
    text.replace("\r\n", "\n").replace('\r', "\n").replace('\n', "\r\n").into_bytes()
}

proptest! {
    #![proptest_config(cases(3000))]

    /// Else a host waits for a reply that does not come, a message is delivered twice since nobody told that
    /// it was taken, or one that was refused is thought safe.
    #[test]
    fn every_session_ends_or_rests_and_both_agree_on_what_was_delivered(session in session()) {
        let mut connection = Connection::new(&session);
        let mut pieces = session.pieces.iter().copied().cycle();
        let mut turns = 0;
        while !connection.client.is_closed {
            if connection.turn(|| pieces.next().unwrap_or(1)) == Moved::No {
                connection.assert_nothing_is_owed();
                break;
            }
            turns += 1;
            prop_assert!(turns < 100_000, "they talk for ever");
        }
        connection.assert_agreement();
    }
}
