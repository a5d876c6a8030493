//! What stands behind a status line: capabilities, listings, messages.
use super::{Client, Event, Task, Ticket, message::Piece};
use crate::{
    Capability, Deviation, DeviationKind, Language, ProtocolError, ScanListing, UniqueIdListing, state::Verb,
};
use alloc::vec::Vec;
use bytes::{Bytes, BytesMut};
use core::mem;
use mail_wire::{Mechanism, ParseError, dot::BareLineEnding};

/// The line behind the last one. No other line of a listing starts with a dot, so that none is stuffed.
const LAST: &[u8] = b".";
/// Octets worth reading of a message.
const HINT: usize = 16 << 10;

impl Client {
    /// A line of what CAPA or AUTH alone is answered with.
    pub(super) fn listed(&mut self, line: &[u8]) -> Result<Option<Event>, ProtocolError> {
        if line == LAST {
            return Ok(self.list_ends());
        }
        let limit = self.config.max_capabilities;
        let listed = match &mut self.task {
            // A copy: what is kept pins no read block.
            Task::Capabilities { listed, .. } => {
                push(listed, Capability::parse(&Bytes::copy_from_slice(line)), limit)
            }
            Task::Mechanisms(listed) => {
                let name = core::str::from_utf8(line).unwrap_or_default();
                push(listed, Mechanism::new(name), limit)
            }
            _ => Ok(()),
        };
        match listed {
            Ok(()) => Ok(None),
            Err(ProtocolError::BadEntry(error)) => self.bad_entry(error),
            Err(error) => Err(self.broken(error)),
        }
    }

    /// A line of what LIST, UIDL or LANG is answered with.
    pub(super) fn entry(&mut self, verb: Verb, line: &[u8]) -> Result<Option<Event>, ProtocolError> {
        // rule rfc1939 3 client-lone-dot: a lone dot ends the lines of a reply
        if line == LAST {
            return Ok(self.list_ends());
        }
        let Some(ticket) = self.front() else { return Ok(None) };
        let event = match verb {
            Verb::List => ScanListing::parse(line).map(|listing| Event::ScanListing { ticket, listing }),
            // A copy: what is kept pins no read block.
            Verb::Lang => Language::parse(&Bytes::copy_from_slice(line))
                .map(|language| Event::Language { ticket, language }),
            _ => UniqueIdListing::parse_lenient(line, self.config.leniency).map(|(listing, deviation)| {
                self.tolerated(deviation);
                Event::UniqueIdListing { ticket, listing }
            }),
        };
        match event {
            Ok(event) => {
                self.heard += line.len() as u64;
                Ok(Some(event))
            }
            // No sign of life: the host is told nothing of it, and could not end what never ends.
            Err(error) => self.bad_entry(error),
        }
    }

    /// A line that is no entry is passed over where that is tolerated.
    fn bad_entry(&mut self, error: ParseError) -> Result<Option<Event>, ProtocolError> {
        if !self.config.leniency.tolerates(DeviationKind::BadEntry) {
            return Err(self.broken(ProtocolError::BadEntry(error)));
        }
        self.tolerated(Some(Deviation { kind: DeviationKind::BadEntry, offset: error.offset }));
        Ok(None)
    }

    /// The lone dot.
    fn list_ends(&mut self) -> Option<Event> {
        let ticket = self.in_flight.pop_front()?.ticket;
        self.period += 1;
        match mem::replace(&mut self.task, Task::Converse) {
            Task::Capabilities { reply, listed } => {
                // rule rfc2449 6.6 client-pipelines: commands are pipelined where PIPELINING is listed
                self.pipelines = listed.contains(&Capability::Pipelining);
                self.capabilities = Some(listed);
                Some(Event::Reply { ticket, reply })
            }
            Task::Mechanisms(mechanisms) => Some(Event::Mechanisms { ticket, mechanisms }),
            _ => Some(Event::End(ticket)),
        }
    }

    /// The next piece of a message, or its end. `None`: there is none in the input.
    pub(super) fn message(&mut self, input: &mut BytesMut) -> Result<Option<Event>, ProtocolError> {
        loop {
            let Task::Message(message) = &mut self.task else { return Ok(None) };
            match message.next(input) {
                Piece::NeedInput => return Ok(None),
                Piece::End => return Ok(self.list_ends()),
                Piece::Payload(piece, lone_dot) => {
                    self.heard += piece.len() as u64;
                    if let Some(offset) = lone_dot {
                        self.tolerated(Some(deviation(DeviationKind::MissingStuffing, offset)));
                    }
                    return Ok(Some(Event::Payload(piece)));
                }
                Piece::Bare(bare) if self.config.leniency.tolerates(DeviationKind::BareLineEnding) => {
                    message.pass();
                    let (BareLineEnding::Cr(offset) | BareLineEnding::Lf(offset)) = bare;
                    self.tolerated(Some(deviation(DeviationKind::BareLineEnding, offset)));
                }
                Piece::Bare(bare) => return Err(self.broken(ProtocolError::BareLineEnding(bare))),
            }
        }
    }

    /// How many octets would help.
    pub(super) fn hint(&self) -> usize {
        if matches!(self.task, Task::Message(_)) { HINT } else { super::HINT }
    }

    fn front(&self) -> Option<Ticket> {
        self.in_flight.front().map(|front| front.ticket)
    }
}

fn deviation(kind: DeviationKind, offset: u64) -> Deviation {
    Deviation { kind, offset: usize::try_from(offset).unwrap_or(usize::MAX) }
}

fn push<T>(listed: &mut Vec<T>, item: Result<T, ParseError>, limit: usize) -> Result<(), ProtocolError> {
    if listed.len() >= limit {
        return Err(ProtocolError::TooManyCapabilities { limit });
    }
    listed.push(item.map_err(ProtocolError::BadEntry)?);
    Ok(())
}
