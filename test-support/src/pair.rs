//! A client machine and a server machine in memory.
use crate::{Host, Idle, Log, Who, drive::shown};
use bytes::{Buf, BytesMut};
use mail_wire::{Machine, Step};

/// In which pieces the octets of one side reach the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pieces {
    /// All that was written.
    Whole,
    /// So many octets at a time.
    Every(usize),
    /// Of 1 to 17 octets, now and then of all that was written; the same for the same seed.
    Seeded(u64),
}

/// A client machine and a server machine in memory: what one says, the other receives.
///
/// ```text
/// let mut pair = Pair::new(Client::new(..), Server::new(..)).pieces(Pieces::Seeded(7));
/// pair.client.send(..)?;
/// pair.pump(&mut on_client, &mut on_server);
/// assert_eq!(pair.client_log.entries(), [..]);
/// ```
#[derive(Debug)]
pub struct Pair<C, S> {
    /// The client.
    pub client: C,
    /// The server.
    pub server: S,
    /// What the client's host wrote down.
    pub client_log: Log,
    /// What the server's host wrote down.
    pub server_log: Log,
    client_side: Side,
    server_side: Side,
    pieces: Pieces,
    random: u64,
    transcript: Vec<(Who, Vec<u8>)>,
}

/// What one machine still has to receive, and how it fares.
#[derive(Debug, Default)]
struct Side {
    input: BytesMut,
    /// Written by the peer, and not yet delivered.
    wire: BytesMut,
    closed: bool,
    /// The machine told of an error: nothing more is asked of it.
    over: bool,
}

impl<C: Machine, S: Machine> Pair<C, S> {
    /// Two machines that have not met yet.
    pub fn new(client: C, server: S) -> Self {
        Self {
            client,
            server,
            client_log: Log::default(),
            server_log: Log::default(),
            client_side: Side::default(),
            server_side: Side::default(),
            pieces: Pieces::Whole,
            random: 0,
            transcript: Vec::new(),
        }
    }

    /// Sets in which pieces octets are delivered.
    #[must_use]
    pub fn pieces(mut self, pieces: Pieces) -> Self {
        self.pieces = pieces;
        if let Pieces::Seeded(seed) = pieces {
            self.random = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        }
        self
    }

    /// Lets both run until nothing moves any more.
    ///
    /// A side whose host left an [`Upgrade`](mail_wire::Upgrade) in its log waits until the other has one too;
    /// then both are told that the transport was upgraded. What is on the wire by then was sent in clear.
    ///
    /// # Panics
    /// They talk for ever, or a machine waits for an answer that its host does not give.
    pub fn pump(&mut self, on_client: &mut impl Host<C>, on_server: &mut impl Host<S>) {
        for _ in 0..1_000_000 {
            let said =
                self.turn(Who::Client, on_client, on_server) | self.turn(Who::Server, on_client, on_server);
            if !said && !self.upgrade(on_client, on_server) {
                return;
            }
        }
        panic!("a million turns, and they still talk\n{}", self.transcript());
    }

    /// One side gets a piece of what waits for it, and says what it has to say. Did anything move?
    fn turn(&mut self, who: Who, on_client: &mut impl Host<C>, on_server: &mut impl Host<S>) -> bool {
        let piece = self.piece(who);
        let mut said = Vec::new();
        let moved = match who {
            Who::Client if self.client_log.has_upgrade() => false,
            Who::Server if self.server_log.has_upgrade() => false,
            Who::Client => {
                self.client_side.run(&mut self.client, on_client, &mut self.client_log, piece, &mut said)
            }
            Who::Server => {
                self.server_side.run(&mut self.server, on_server, &mut self.server_log, piece, &mut said)
            }
        };
        if said.is_empty() {
            return moved;
        }
        match who {
            Who::Client => self.server_side.wire.extend_from_slice(&said),
            Who::Server => self.client_side.wire.extend_from_slice(&said),
        }
        match self.transcript.last_mut() {
            Some((speaker, octets)) if *speaker == who => octets.extend_from_slice(&said),
            _ => self.transcript.push((who, said)),
        }
        true
    }

    fn piece(&mut self, who: Who) -> usize {
        let waiting = match who {
            Who::Client => self.client_side.wire.len(),
            Who::Server => self.server_side.wire.len(),
        };
        match self.pieces {
            Pieces::Whole => waiting,
            Pieces::Every(octets) => octets.max(1),
            Pieces::Seeded(_) => {
                self.random ^= self.random << 13;
                self.random ^= self.random >> 7;
                self.random ^= self.random << 17;
                match (self.random >> 33) % 20 {
                    small @ 1..=17 => small as usize,
                    _ => waiting,
                }
            }
        }
    }

    /// Upgrades both if both wait for it. Did that happen?
    fn upgrade(&mut self, on_client: &mut impl Host<C>, on_server: &mut impl Host<S>) -> bool {
        if !self.client_log.has_upgrade() || !self.server_log.has_upgrade() {
            return false;
        }
        self.server_side.upgrade(&mut self.server, on_server, &mut self.server_log);
        self.client_side.upgrade(&mut self.client, on_client, &mut self.client_log);
        true
    }

    /// One side closes its half; the other is told, and writes `eof: clean` or `eof: ` and the error.
    pub fn hang_up(&mut self, who: Who) {
        match who {
            Who::Client => self.server_side.eof(&mut self.server, &mut self.server_log),
            Who::Server => self.client_side.eof(&mut self.client, &mut self.client_log),
        }
    }

    /// Is the session of this side over, by `Closed` or by an error?
    pub fn is_over(&self, who: Who) -> bool {
        let side = match who {
            Who::Client => &self.client_side,
            Who::Server => &self.server_side,
        };
        side.closed || side.over
    }

    /// All that was said, as a script.
    pub fn transcript(&self) -> String {
        let said = self.transcript.iter().map(|(who, octets)| shown(who.letter(), octets));
        said.collect::<Vec<_>>().join("\n").replace("\n            ", "\n")
    }
}

impl Side {
    /// Delivers a piece and lets the machine run until it waits for its peer. Did anything move?
    fn run<M: Machine>(
        &mut self,
        machine: &mut M,
        host: &mut impl Host<M>,
        log: &mut Log,
        piece: usize,
        said: &mut Vec<u8>,
    ) -> bool {
        let piece = self.wire.split_to(piece.min(self.wire.len()));
        let mut moved = !piece.is_empty();
        self.input.extend_from_slice(&piece);
        for _ in 0..1_000_000 {
            if self.over || log.has_upgrade() {
                flush(machine, said);
                return moved;
            }
            match machine.receive(&mut self.input) {
                Ok(Step::Event(event)) => {
                    moved = true;
                    host.event(machine, event, log);
                }
                Ok(Step::NeedInput { .. }) => {
                    flush(machine, said);
                    if host.idle(machine, log) == Idle::Quiet {
                        flush(machine, said);
                        return moved;
                    }
                }
                Ok(Step::NeedAnswer) => {
                    flush(machine, said);
                    assert!(
                        host.idle(machine, log) == Idle::Busy,
                        "a machine waits for an answer that its host does not give: {log:#?}"
                    );
                }
                Ok(Step::NeedFlush) => {
                    let before = said.len();
                    flush(machine, said);
                    assert!(
                        said.len() > before,
                        "a machine wants to be flushed and has nothing to write: {log:#?}"
                    );
                }
                Ok(Step::Closed) => {
                    flush(machine, said);
                    if !self.closed {
                        self.closed = true;
                        log.note("closed");
                    }
                    return moved;
                }
                Err(error) => {
                    flush(machine, said);
                    self.over = true;
                    log.note(format!("error: {error}"));
                }
            }
        }
        panic!("a million steps and no wish for input: an endless loop: {log:#?}");
    }

    fn upgrade<M: Machine>(&mut self, machine: &mut M, host: &mut impl Host<M>, log: &mut Log) {
        let Some(upgrade) = log.take_upgrade() else { return };
        self.input.unsplit(self.wire.split());
        match machine.upgraded(upgrade, &self.input) {
            Ok(()) => {
                log.note("upgraded");
                host.upgraded(machine, log);
            }
            Err(error) => {
                self.over = true;
                log.note(format!("error: {error}"));
            }
        }
    }

    fn eof<M: Machine>(&mut self, machine: &mut M, log: &mut Log) {
        if self.over {
            return;
        }
        self.over = true;
        match machine.receive_eof(&self.input) {
            Ok(()) => log.note("eof: clean"),
            Err(error) => log.note(format!("eof: {error}")),
        }
    }
}

fn flush<M: Machine>(machine: &mut M, said: &mut Vec<u8>) {
    let transmit = machine.transmit();
    while transmit.has_remaining() {
        let chunk = transmit.chunk();
        let octets = chunk.len();
        said.extend_from_slice(chunk);
        transmit.advance(octets);
    }
}
