//! One end of a connection whose pipes hold so many octets and no more.
use bytes::{Buf, BytesMut};
use smtp_proto::{Machine, Step, Upgrade};

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

    /// Has the machine asked something that this host answers later?
    fn owes_answer(&self) -> bool {
        false
    }
}

/// A machine, and what it has of its connection.
#[derive(Debug)]
pub(crate) struct End<M> {
    pub(crate) machine: M,
    pub(crate) input: BytesMut,
    pub(crate) upgrade: Option<Upgrade>,
    pub(crate) is_closed: bool,
}

/// Did anything happen?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Moved {
    Yes,
    No,
}

impl std::ops::BitOr for Moved {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        if self == Self::Yes { self } else { other }
    }
}

impl<M: Machine<Event: std::fmt::Debug>> End<M> {
    pub(crate) fn new(machine: M) -> Self {
        Self { machine, input: BytesMut::new(), upgrade: None, is_closed: false }
    }

    /// Lets the machine run until it waits, then reads a piece. What happens goes to the trace.
    pub(crate) fn read(
        &mut self,
        host: &mut impl Host<M>,
        pipe: &mut Pipe,
        piece: usize,
        trace: &mut Vec<String>,
    ) -> Moved {
        let mut moved = Moved::No;
        while !self.is_closed && self.upgrade.is_none() {
            match self.machine.receive(&mut self.input) {
                Ok(Step::Event(event)) => {
                    trace.push(format!("{event:?}"));
                    self.upgrade = host.event(&mut self.machine, event);
                    moved = Moved::Yes;
                }
                Ok(Step::Closed) => {
                    self.is_closed = true;
                    moved = Moved::Yes;
                }
                Ok(Step::NeedInput { .. }) => {
                    let piece = piece.min(pipe.octets.len());
                    self.input.unsplit(pipe.octets.split_to(piece));
                    return if piece > 0 { Moved::Yes } else { moved };
                }
                Ok(Step::NeedAnswer) => {
                    assert!(host.owes_answer(), "a machine waits for an answer that nobody owes");
                    break;
                }
                Ok(Step::NeedFlush) => break,
                Err(error) => {
                    panic!("each end keeps to the protocol, and one calls the other broken: {error}")
                }
            }
        }
        moved
    }

    /// Writes a piece, as far as there is room.
    pub(crate) fn write(&mut self, pipe: &mut Pipe, piece: usize) -> Moved {
        let transmit = self.machine.transmit();
        let piece = piece.min(transmit.remaining()).min(pipe.room - pipe.octets.len());
        pipe.octets.extend_from_slice(&transmit.copy_to_bytes(piece));
        if piece > 0 { Moved::Yes } else { Moved::No }
    }

    pub(crate) fn unsent(&mut self) -> usize {
        self.machine.transmit().remaining()
    }

    /// The transport is TLS now.
    pub(crate) fn upgraded(&mut self) {
        if let Some(upgrade) = self.upgrade.take() {
            self.machine.upgraded(upgrade, &self.input).unwrap();
        }
    }
}
