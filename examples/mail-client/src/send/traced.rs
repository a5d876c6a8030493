//! The machine that delivers, overheard.
//!
//! It says commands by itself, so that they are told as they are written. What is secret, and the message, is not.
use crate::{text, trace::Trace};
use bytes::{Buf, Bytes, BytesMut};
use smtp_proto::{
    FinishError, Patience, ProtocolError, Reason, Step, Transmit, Upgrade, UpgradeError, Upload, WriteError,
    delivery::{Delivery, Event},
};
use std::io::IoSlice;

/// The machine that delivers, overheard.
#[derive(Debug)]
pub(super) struct Traced {
    delivery: Delivery,
    trace: Trace,
    /// Octets that were overheard of what is written.
    looked: u64,
    /// Octets up to here are of the message.
    body_until: u64,
    phase: Phase,
    said: Vec<u8>,
    heard: Vec<u8>,
}

/// What is said now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Phase {
    Commands,
    Login,
    Body,
}

impl Traced {
    pub(super) fn new(delivery: Delivery, trace: Trace) -> Self {
        let (said, heard) = (Vec::new(), Vec::new());
        Self { delivery, trace, looked: 0, body_until: 0, phase: Phase::Commands, said, heard }
    }

    /// The machine, to deliver and to quit.
    pub(super) fn delivery(&mut self) -> &mut Delivery {
        &mut self.delivery
    }

    /// The machine, to say what is secret: up to the event that ends it.
    pub(super) fn secret(&mut self) -> &mut Delivery {
        self.look();
        self.phase = Phase::Login;
        &mut self.delivery
    }

    pub(super) fn receive(&mut self, input: &mut BytesMut) -> Result<Step<Event>, ProtocolError> {
        let before = if self.trace == Trace::On { input.to_vec() } else { Vec::new() };
        let step = self.delivery.receive(input);
        if let Some(taken) = before.len().checked_sub(input.len()) {
            self.heard.extend_from_slice(before.get(..taken).unwrap_or_default());
            self.tell_heard();
        }
        match &step {
            Ok(Step::Event(Event::LoggedIn(_) | Event::LoginRefused(_))) => self.phase = Phase::Commands,
            Ok(Step::Event(Event::Body(_))) => {
                self.look();
                self.phase = Phase::Body;
            }
            _ => {}
        }
        step
    }

    pub(super) fn receive_eof(&mut self, input: &BytesMut) -> Result<(), ProtocolError> {
        self.delivery.receive_eof(input)
    }

    pub(super) fn transmit(&mut self) -> &mut Transmit {
        self.look();
        self.delivery.transmit()
    }

    pub(super) fn patience(&self) -> Patience {
        self.delivery.patience()
    }

    pub(super) fn upgraded(
        &mut self,
        upgrade: Upgrade,
        input: &BytesMut,
    ) -> Result<(), UpgradeError<ProtocolError>> {
        self.trace.note(format_args!("TLS is on"));
        self.delivery.upgraded(upgrade, input)
    }

    pub(super) fn close(&mut self, reason: Reason) {
        self.delivery.close(reason);
    }

    pub(super) fn write(&mut self, upload: &mut Upload, chunk: Bytes) -> Result<(), WriteError> {
        self.delivery.write(upload, chunk)
    }

    pub(super) fn finish(&mut self, upload: Upload) -> Result<(), FinishError> {
        self.delivery.finish(upload)?;
        let transmit = self.delivery.transmit();
        // What is held back until the server has answered is of the message too.
        self.body_until = transmit.sent() + transmit.unsent() as u64;
        self.look();
        self.phase = Phase::Commands;
        self.trace.note(format_args!("the message was handed over"));
        Ok(())
    }

    /// Overhears what waits to be written.
    fn look(&mut self) {
        if self.trace == Trace::Off {
            return;
        }
        let transmit = self.delivery.transmit();
        let end = transmit.sent() + transmit.remaining() as u64;
        let is_body = self.phase == Phase::Body;
        let hidden = if is_body { end } else { self.body_until.min(end) };
        // The first octet that is new, and no message's.
        let from = self.looked.max(hidden).max(transmit.sent());
        let mut skipped = usize::try_from(from - transmit.sent()).unwrap_or(usize::MAX);
        let mut slices = [IoSlice::new(&[]); 64];
        let count = transmit.chunks_vectored(&mut slices);
        for slice in slices.iter().take(count) {
            let new = slice.get(skipped.min(slice.len())..).unwrap_or_default();
            skipped = skipped.saturating_sub(slice.len());
            self.said.extend_from_slice(new);
        }
        self.looked = self.looked.max(end);
        while let Some(line) = take_line(&mut self.said) {
            if self.phase == Phase::Login {
                let mut words = line.splitn(3, ' ');
                let shown = match (words.next(), words.next(), words.next()) {
                    (Some("AUTH"), Some(mechanism), None) => format!("AUTH {mechanism}"),
                    (Some("AUTH"), Some(mechanism), Some(_)) => format!("AUTH {mechanism} ***"),
                    _ => "***".to_owned(),
                };
                self.trace.line("C:", &shown);
            } else {
                self.trace.line("C:", &line);
            }
        }
    }

    fn tell_heard(&mut self) {
        while let Some(line) = take_line(&mut self.heard) {
            let is_challenge = self.phase == Phase::Login && line.starts_with("334");
            self.trace.line("S:", if is_challenge { "334 ***" } else { &line });
        }
    }
}

/// Takes a line out of what was gathered.
fn take_line(gathered: &mut Vec<u8>) -> Option<String> {
    let end = memchr::memchr(b'\n', gathered)?;
    let line: Vec<u8> = gathered.drain(..=end).collect();
    Some(text::line(String::from_utf8_lossy(&line).trim_end()))
}

tokio_codec::wire::machine!(Traced, Event, ProtocolError, Uploads);
