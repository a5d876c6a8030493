//! One end of a connection whose pipes hold so many octets and no more.
use crate::{Machine, Step, Upgrade, UpgradeError};
use alloc::fmt;
use bytes::{Buf, BytesMut};
use core::ops::BitOr;

/// Octets on their way, as many as a socket's buffers hold.
#[derive(Debug)]
pub struct Pipe {
    octets: BytesMut,
    room: usize,
}

impl Pipe {
    /// A pipe for so many octets.
    pub fn new(room: usize) -> Self {
        Self { octets: BytesMut::new(), room }
    }

    /// Is nothing on its way?
    pub fn is_empty(&self) -> bool {
        self.octets.is_empty()
    }
}

/// Who answers a machine's events.
pub trait Host<M: Machine> {
    /// Answers an event. An upgrade that is granted comes back.
    fn event(&mut self, machine: &mut M, event: M::Event) -> Option<Upgrade>;

    /// The machine waits. Did its host do something?
    fn idle(&mut self, machine: &mut M) -> Moved;

    /// Has the machine asked something that this host answers later?
    fn owes_answer(&self) -> bool {
        false
    }
}

/// Did anything happen?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// Something.
    Yes,
    /// Nothing.
    No,
}

impl Moved {
    fn when(moved: bool) -> Self {
        if moved { Self::Yes } else { Self::No }
    }
}

impl BitOr for Moved {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        if self == Self::Yes { self } else { other }
    }
}

/// A machine, and what it has of its connection.
#[derive(Debug)]
pub struct End<M> {
    /// The machine.
    pub machine: M,
    /// What it has not read yet.
    pub input: BytesMut,
    /// TLS that was agreed on and does not stand yet.
    pub upgrade: Option<Upgrade>,
    /// The session is over.
    pub is_closed: bool,
}

impl<M: Machine<Event: fmt::Debug>> End<M> {
    /// This machine at the start of its connection.
    pub fn new(machine: M) -> Self {
        Self { machine, input: BytesMut::new(), upgrade: None, is_closed: false }
    }

    /// Lets the machine run until it waits, then reads a piece.
    ///
    /// # Panics
    /// The machine calls its peer broken, or waits for an answer that its host does not owe.
    pub fn read(&mut self, host: &mut impl Host<M>, pipe: &mut Pipe, piece: usize) -> Moved {
        let mut moved = Moved::No;
        while !self.is_closed && self.upgrade.is_none() {
            match self.machine.receive(&mut self.input) {
                Ok(Step::Event(event)) => {
                    self.upgrade = host.event(&mut self.machine, event);
                    moved = Moved::Yes;
                }
                Ok(Step::Closed) => {
                    self.is_closed = true;
                    moved = Moved::Yes;
                }
                Ok(Step::NeedInput { hint }) => {
                    assert!(hint > 0, "nothing is asked for");
                    let moved = moved | host.idle(&mut self.machine);
                    let piece = piece.min(pipe.octets.len());
                    self.input.unsplit(pipe.octets.split_to(piece));
                    return moved | Moved::when(piece > 0);
                }
                Ok(Step::NeedAnswer) => {
                    assert!(host.owes_answer(), "a machine waits for an answer that nobody owes");
                    return moved | host.idle(&mut self.machine);
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
    pub fn write(&mut self, pipe: &mut Pipe, piece: usize) -> Moved {
        let transmit = self.machine.transmit();
        let piece = piece.min(transmit.remaining()).min(pipe.room - pipe.octets.len());
        pipe.octets.extend_from_slice(&transmit.copy_to_bytes(piece));
        Moved::when(piece > 0)
    }

    /// Octets that wait to be written.
    pub fn unsent(&mut self) -> usize {
        self.machine.transmit().remaining()
    }

    /// The transport is TLS now. A session that was closed meanwhile does not care.
    ///
    /// # Panics
    /// Octets came in clear that should not.
    pub fn upgraded(&mut self) {
        if let Some(upgrade) = self.upgrade.take() {
            match self.machine.upgraded(upgrade, &self.input) {
                Ok(()) => {}
                Err(UpgradeError::Stale(_)) => self.is_closed = true,
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// The peer is gone: what there is to be told is told.
    ///
    /// # Panics
    /// The session goes on, or ends twice.
    pub fn hang_up(&mut self, host: &mut impl Host<M>) {
        drop(self.upgrade.take());
        let mut has_ended = self.machine.receive_eof(&self.input).is_err();
        loop {
            match self.machine.receive(&mut self.input) {
                Ok(Step::Event(event)) => drop(host.event(&mut self.machine, event)),
                Ok(Step::Closed) => {
                    self.is_closed = true;
                    return;
                }
                Ok(step) => panic!("a session without a peer goes on: {step:?}"),
                Err(_) if !has_ended => has_ended = true,
                Err(error) => panic!("a session ends twice: {error}"),
            }
        }
    }
}
