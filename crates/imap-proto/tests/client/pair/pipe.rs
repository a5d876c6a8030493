//! One end of a connection whose pipes hold so many octets and no more.
use bytes::{Buf, BytesMut};
use imap_proto::{Machine, Step, Upgrade, UpgradeError};

/// Octets on their way, as many as a socket's buffers hold.
#[derive(Debug)]
pub(crate) struct Pipe {
    octets: BytesMut,
    room: usize,
}

impl Pipe {
    pub(crate) fn new(room: usize) -> Self {
        Self { octets: BytesMut::new(), room }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }
}

/// Who answers a machine's events.
pub(crate) trait Host<M: Machine> {
    /// Answers an event. An upgrade that is granted comes back.
    fn event(&mut self, machine: &mut M, event: M::Event) -> Option<Upgrade>;

    /// The machine waits. Did its host do something?
    fn idle(&mut self, machine: &mut M) -> bool;
}

/// A machine, and what it has of its connection.
#[derive(Debug)]
pub(crate) struct End<M> {
    pub(crate) machine: M,
    pub(crate) input: BytesMut,
    pub(crate) upgrade: Option<Upgrade>,
    pub(crate) is_closed: bool,
}

impl<M: Machine<Event: std::fmt::Debug>> End<M> {
    pub(crate) fn new(machine: M) -> Self {
        Self { machine, input: BytesMut::new(), upgrade: None, is_closed: false }
    }

    /// Lets the machine run until it waits, then reads a piece. Did anything happen?
    pub(crate) fn read(&mut self, host: &mut impl Host<M>, pipe: &mut Pipe, piece: usize) -> bool {
        let mut moved = false;
        while !self.is_closed && self.upgrade.is_none() {
            match self.machine.receive(&mut self.input) {
                Ok(Step::Event(event)) => {
                    self.upgrade = host.event(&mut self.machine, event);
                    moved = true;
                }
                Ok(Step::Closed) => {
                    self.is_closed = true;
                    moved = true;
                }
                Ok(Step::NeedInput { .. }) => {
                    moved |= host.idle(&mut self.machine);
                    let piece = piece.min(pipe.octets.len());
                    self.input.unsplit(pipe.octets.split_to(piece));
                    return moved || piece > 0;
                }
                Ok(Step::NeedAnswer) => return moved | host.idle(&mut self.machine),
                Ok(Step::NeedFlush) => break,
                Err(error) => {
                    panic!("each end keeps to the protocol, and one calls the other broken: {error}")
                }
            }
        }
        moved
    }

    /// Writes a piece, as far as there is room.
    pub(crate) fn write(&mut self, pipe: &mut Pipe, piece: usize) -> bool {
        let transmit = self.machine.transmit();
        let piece = piece.min(transmit.remaining()).min(pipe.room - pipe.octets.len());
        pipe.octets.extend_from_slice(&transmit.copy_to_bytes(piece));
        piece > 0
    }

    /// The transport is TLS now. A session that was closed meanwhile does not care.
    pub(crate) fn upgraded(&mut self) {
        if let Some(upgrade) = self.upgrade.take() {
            match self.machine.upgraded(upgrade, &self.input) {
                Ok(()) => {}
                Err(UpgradeError::Stale(_)) => self.is_closed = true,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The peer is gone: what there is to be told is told.
    pub(crate) fn hang_up(&mut self, host: &mut impl Host<M>) {
        drop(self.upgrade.take());
        let mut ends = self.machine.receive_eof(&self.input).is_err();
        loop {
            match self.machine.receive(&mut self.input) {
                Ok(Step::Event(event)) => drop(host.event(&mut self.machine, event)),
                Ok(Step::Closed) => return,
                Ok(step) => panic!("a session without a peer goes on: {step:?}"),
                Err(_) if !ends => ends = true,
                Err(error) => panic!("a session ends twice: {error}"),
            }
        }
    }
}
