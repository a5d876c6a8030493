//! A client under any cut of what a server says.
use super::{Input, same_under_any_cut};
use crate::{Machine, Step};
use alloc::{
    collections::BTreeSet,
    fmt, format,
    string::{String, ToString},
    vec::Vec,
};
use bytes::{Buf, BytesMut};
use core::mem;

/// Who asks a client for one command after another.
pub trait ClientHost<M: Machine> {
    /// Names a command that was sent.
    type Ticket: Ord + fmt::Debug;

    /// The session begins.
    fn begin(&mut self, _client: &mut M, _told: &mut Told<Self::Ticket>) {}

    /// Something happened: the log tells it, and what comes next is asked for.
    fn event(&mut self, client: &mut M, event: M::Event, told: &mut Told<Self::Ticket>);

    /// Answers a challenge, where the client waits for that.
    ///
    /// # Panics
    /// Where it does not, unless somebody says otherwise.
    fn respond(&mut self, _client: &mut M) {
        panic!("all is answered");
    }
}

/// What a client said and was told, and the commands whose end it was not told.
#[derive(Debug)]
pub struct Told<T> {
    open: BTreeSet<T>,
    /// Since the last entry of the log.
    payload: Vec<u8>,
    log: Vec<String>,
}

impl<T: Ord + fmt::Debug> Told<T> {
    /// A command was sent.
    ///
    /// # Panics
    /// Its ticket was given before.
    pub fn sent(&mut self, ticket: T) {
        assert!(self.open.insert(ticket), "a ticket is given twice");
    }

    /// The end of a command was told.
    ///
    /// # Panics
    /// It was told before.
    pub fn ended(&mut self, ticket: &T) {
        assert!(self.open.remove(ticket), "{ticket:?} ends a second time: {:#?}", self.log);
    }

    /// Does the end of this command stand out?
    pub fn is_open(&self, ticket: &T) -> bool {
        self.open.contains(ticket)
    }

    /// Adds a piece of a message to the log. How many there are is the network's mood.
    ///
    /// # Panics
    /// It is empty.
    pub fn payload(&mut self, piece: &[u8]) {
        assert!(!piece.is_empty(), "a piece of nothing");
        self.payload.extend_from_slice(piece);
    }

    /// Adds an entry to the log.
    pub fn note(&mut self, entry: String) {
        let payload = mem::take(&mut self.payload);
        if !payload.is_empty() {
            self.log.push(format!("payload {}", payload.escape_ascii()));
        }
        self.log.push(entry);
    }

    fn said(&mut self, client: &mut impl Machine) {
        let transmit = client.transmit();
        let said = transmit.copy_to_bytes(transmit.remaining());
        if !said.is_empty() {
            self.note(format!("says {}", said.escape_ascii()));
        }
    }
}

/// What a client is told does not depend on the network's mood.
///
/// Lines come one at a time at most: what the client says to the one must be on its way before the next can be an
/// answer to it. All at once they come too, whatever comes of it.
pub fn same_under_any_cut_of_lines(input: Input<'_>, run: impl Fn(&[&[u8]]) -> Vec<String>) {
    let stream = input.octets;
    same_under_any_cut(input, |pieces| run(&lines(pieces)));
    run(&[stream]);
}

/// Pieces with no more than one line in each.
fn lines<'a>(pieces: &[&'a [u8]]) -> Vec<&'a [u8]> {
    pieces.iter().flat_map(|piece| piece.split_inclusive(|octet| *octet == b'\n')).collect()
}

/// What the client says and is told while these pieces come, and then the end.
///
/// # Panics
/// A command is told no end, or two, or the session ends twice.
pub fn overhear<M, H>(client: &mut M, host: &mut H, pieces: &[&[u8]]) -> Vec<String>
where
    M: Machine,
    H: ClientHost<M>,
{
    let mut told = Told { open: BTreeSet::new(), payload: Vec::new(), log: Vec::new() };
    let mut input = BytesMut::new();
    host.begin(client, &mut told);
    told.said(client);
    for piece in pieces {
        input.extend_from_slice(piece);
        hear(client, host, &mut input, &mut told);
    }
    let is_clean = client.receive_eof(&input).is_ok();
    told.note(format!("clean: {is_clean}"));
    hear(client, host, &mut input, &mut told);
    assert!(told.open.is_empty(), "no end of these was told: {:?}\n{:#?}", told.open, told.log);
    told.log
}

fn hear<M, H>(client: &mut M, host: &mut H, input: &mut BytesMut, told: &mut Told<H::Ticket>)
where
    M: Machine,
    H: ClientHost<M>,
{
    let mut has_ended = false;
    loop {
        let step = client.receive(input);
        told.said(client);
        match step {
            Ok(Step::Event(event)) => {
                host.event(client, event, told);
                told.said(client);
            }
            Ok(Step::NeedInput { hint }) => {
                assert!(hint > 0, "nothing is asked for");
                return;
            }
            Ok(Step::Closed) => return,
            Ok(Step::NeedAnswer) => host.respond(client),
            Ok(Step::NeedFlush) => {}
            Err(error) => {
                assert!(!has_ended, "a session ends twice: {error}");
                has_ended = true;
                told.note(error.to_string());
            }
        }
    }
}
