//! Who answers the events of a machine, and what is written down of it.
use mail_wire::{Machine, Upgrade};

/// What a session came to: what its host wrote down, in order.
///
/// Logs of one script under different cuts are compared, so write down what a user would see and nothing that
/// depends on how the input was cut. Payload is joined.
#[derive(Debug, Default)]
pub struct Log {
    entries: Vec<String>,
    /// Payload since the last entry.
    payload: Option<Vec<u8>>,
    upgrade: Option<Upgrade>,
}

impl Log {
    /// Writes an entry.
    pub fn note(&mut self, entry: impl Into<String>) {
        self.seal();
        self.entries.push(entry.into());
    }

    /// Writes a piece of payload: pieces that follow each other become one entry, `payload "..."`.
    pub fn payload(&mut self, piece: &[u8]) {
        self.payload.get_or_insert_default().extend_from_slice(piece);
    }

    /// Leaves the permission to upgrade: the driver gives it back through `upgraded` when the script or the
    /// pair has come that far, and writes `upgraded` or the error.
    pub fn upgrade(&mut self, upgrade: Upgrade) {
        self.upgrade = Some(upgrade);
    }

    /// All entries so far.
    pub fn entries(&self) -> Vec<String> {
        let mut entries = self.entries.clone();
        entries.extend(self.payload.as_deref().map(payload));
        entries
    }

    pub(crate) fn take_upgrade(&mut self) -> Option<Upgrade> {
        self.upgrade.take()
    }

    pub(crate) fn has_upgrade(&self) -> bool {
        self.upgrade.is_some()
    }

    fn seal(&mut self) {
        self.entries.extend(self.payload.take().as_deref().map(payload));
    }
}

fn payload(octets: &[u8]) -> String {
    format!("payload \"{}\"", octets.escape_ascii())
}

/// Did an idle host do something?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idle {
    /// No: read from the peer.
    Quiet,
    /// Yes: ask the machine again.
    Busy,
}

/// Who answers the events of a machine. A closure `FnMut(&mut M, M::Event, &mut Log)` is one; see [`host`].
pub trait Host<M: Machine> {
    /// Something happened: answer it, and write down what a user sees of it.
    fn event(&mut self, machine: &mut M, event: M::Event, log: &mut Log);

    /// The machine waits for the peer, or for an answer that was put off, and all it said has been written:
    /// the moment to give that answer, or to write more of an upload.
    fn idle(&mut self, _machine: &mut M, _log: &mut Log) -> Idle {
        Idle::Quiet
    }

    /// The transport has been upgraded: a client that says something then says it here.
    fn upgraded(&mut self, _machine: &mut M, _log: &mut Log) {}
}

impl<M: Machine, F: FnMut(&mut M, M::Event, &mut Log)> Host<M> for F {
    fn event(&mut self, machine: &mut M, event: M::Event, log: &mut Log) {
        self(machine, event, log);
    }
}

/// A closure as a host. Does nothing but tell the compiler the types of the closure's arguments.
pub fn host<M: Machine, F: FnMut(&mut M, M::Event, &mut Log)>(answer: F) -> F {
    answer
}
