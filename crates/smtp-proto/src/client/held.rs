//! Commands that wait for their turn, and chunks that are begun when it comes.
use super::{
    Client, Fate, Task, Ticket,
    error::SendRefusal,
    flight::{Awaits, InFlight, ends_group, is_chunk, is_reset, verb},
};
use crate::{Bdat, Command, Extension, config::Protocol, state::Verb};
use bytes::Bytes;
use mail_wire::{Upload, WriteError};

impl Client {
    /// Encodes held commands as far as they may go.
    pub(super) fn pump(&mut self) {
        while self.held.front().is_some_and(|(_, command)| self.may_go(command)) {
            let Some((ticket, command)) = self.held.pop_front() else { return };
            command.encode(&mut self.outbox);
            let last = self.outbox.position() - 1;
            self.period += 1;
            let verb = verb(&command);
            // A server that has refused RSET once must say first that it has heard it.
            if is_reset(verb) && self.fate == Fate::ChunkRefused {
                self.fate = Fate::Open;
            }
            match command {
                Command::Bdat(Bdat { length, .. }) => self.task = Task::Announced { ticket, verb, length },
                command => {
                    if is_chunk(verb) {
                        // All of it is said: a message by reference has no octets.
                        self.expected = None;
                    }
                    self.in_flight.push_back(InFlight { ticket, awaits: Awaits::of(&command), last });
                }
            }
        }
    }

    fn may_go(&self, command: &Command) -> bool {
        let pipelining = self.capabilities.as_ref().is_some_and(|offered| offered.has(Extension::Pipelining));
        let verb = verb(command);
        self.task == Task::Converse
            && self.outbox.unsent() <= self.config.max_unsent
            // rule rfc5321 4.3.1 waits-for-reply: without PIPELINING one command is on its way at a time
            // rule rfc2920 3 only-where-offered: commands share a group where PIPELINING is offered
            && self.in_flight.back().is_none_or(|last| pipelining && !ends_group(last.awaits))
            // rule rfc3030 2 client-stops: behind a chunk that was refused no other is sent
            && (self.fate == Fate::Open || is_reset(verb))
            && (!is_chunk(verb) || self.chunk_may_go(verb))
    }

    /// A chunk goes where it is known that somebody receives it.
    fn chunk_may_go(&self, verb: Verb) -> bool {
        let chunk = Awaits::Command(Verb::Chunk);
        // How often a last chunk is answered whose message was refused before, nobody says.
        (verb == Verb::Chunk || self.config.protocol == Protocol::Smtp || self.in_flight.is_empty())
            // rule rfc3030 2 client-collects: the first chunk waits for the replies to MAIL and RCPT
            && self.in_flight.iter().all(|flight| flight.awaits == chunk)
            // rule rfc3030 2 client-nobody: where no recipient was accepted no chunk is sent
            && self.confirmed.after(verb).is_ok()
    }

    /// A held command that will never go.
    pub(super) fn forsaken(&mut self) -> Option<Ticket> {
        let (_, command) = self.held.front().filter(|_| self.task == Task::Converse)?;
        let verb = verb(command);
        let is_behind_refused = self.fate != Fate::Open && !self.awaits_reset() && !is_reset(verb);
        let has_no_recipient =
            is_chunk(verb) && self.in_flight.is_empty() && self.confirmed.after(verb).is_err();
        if !is_behind_refused && !has_no_recipient {
            return None;
        }
        self.expected = None;
        self.held.pop_front().map(|(ticket, _)| ticket)
    }

    /// Is there a command on its way that ends the transaction?
    pub(super) fn awaits_reset(&self) -> bool {
        self.in_flight.iter().any(|flight| flight.awaits.verb().is_some_and(is_reset))
    }

    /// Announces a chunk, whose upload comes at once, whatever [`max_in_flight`](ClientConfig::max_in_flight) says.
    /// `Busy`: something must be answered first.
    pub(crate) fn announce(&mut self, bdat: Bdat) -> Result<(Ticket, Upload), SendRefusal> {
        let command = Command::Bdat(bdat);
        let expected = self.check_line(&command)?;
        if !self.held.is_empty() || !self.may_go(&command) {
            return Err(SendRefusal::Busy);
        }
        self.tickets += 1;
        self.expected = Some(expected);
        self.held.push_back((Ticket(self.tickets), command));
        self.pump();
        self.announced().ok_or(SendRefusal::Busy)
    }

    /// The upload of a BDAT that was said.
    pub(super) fn announced(&mut self) -> Option<(Ticket, Upload)> {
        let Task::Announced { ticket, verb, length } = self.task else { return None };
        self.task = Task::Uploading { ticket, verb };
        Some((ticket, Upload::sized(&self.mark, length)))
    }

    /// Queues pieces of a chunk, however much waits.
    pub(crate) fn write_all(
        &mut self,
        upload: &mut Upload,
        pieces: impl IntoIterator<Item = Bytes>,
    ) -> Result<(), WriteError> {
        pieces.into_iter().try_for_each(|piece| upload.write(&self.mark, &mut self.outbox, usize::MAX, piece))
    }
}
