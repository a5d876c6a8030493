//! A message on its way in.
pub(super) use super::event::Discard;
use super::{
    Event, Server, Task,
    answer::{Rejection, known},
    request::Message,
};
use crate::{Code, EnhancedCode, ProtocolError, Reply, state::Verb};
use alloc::{format, string::ToString};
use bytes::{Bytes, BytesMut};
use mail_wire::{
    Text,
    dot::{Bare, DotDecoder, Dotted},
};

/// Octets swallowed behind a breach before the connection is given up, beside once more the longest message.
const MAX_SWALLOWED: u64 = 1 << 20;

/// Octets of a message that show a living peer. Fewer within the timeout, and the session ends.
const SIGN_OF_LIFE: u64 = 1024;

/// A message on its way in.
#[derive(Debug)]
pub(super) struct Body {
    decoder: DotDecoder,
    max: u64,
    octets: u64,
    pub(super) recipients: u32,
    discard: Option<Discard>,
}

/// What came of the message.
pub(super) enum Received {
    Payload(Bytes),
    Discarded(Discard),
    /// All of it: how many octets.
    Whole(u64),
    /// The end of what was thrown away.
    Refused(Reply),
    /// More was thrown away than is worth reading.
    Endless,
}

impl Body {
    pub(super) fn new(recipients: u32, max: u64, bare: Bare) -> Self {
        Self { decoder: DotDecoder::new(bare), max, octets: 0, recipients, discard: None }
    }

    /// What comes next. `None`: more input is needed to tell.
    pub(super) fn receive(&mut self, input: &mut BytesMut) -> Option<Received> {
        Some(match self.decoder.next(input) {
            Dotted::Payload(piece) => {
                // rule rfc1870 6.3 actual-size: a message is refused for its true length, whatever was declared
                // rule rfc1870 5 octets-counted: CRLFs are counted, stuffed dots and the end are not
                self.octets += piece.len() as u64;
                if self.octets <= self.max {
                    return Some(Received::Payload(piece));
                }
                // rule rfc5321 4.5.3.1.9 rest-drained: what is too long is drained, and no line of it is a command
                self.decoder.swallow();
                self.discard(Discard::TooLong { limit: self.max })
            }
            Dotted::Refused(bare) => self.discard(Discard::BareLineEnding(bare)),
            Dotted::End => match &self.discard {
                None => Received::Whole(self.octets),
                Some(discard) => Received::Refused(refusal(discard)),
            },
            Dotted::NeedInput => {
                let endless = self.discard.is_some() && self.decoder.taken() > most_drained(self.max);
                // rule rfc5321 7.8 endless-message: a client that goes on far behind the limit is given up
                if endless { Received::Endless } else { return None }
            }
        })
    }

    /// Octets taken from the wire, thrown away or not.
    pub(super) fn taken(&self) -> u64 {
        self.decoder.taken()
    }

    fn discard(&mut self, discard: Discard) -> Received {
        self.discard = Some(discard);
        Received::Discarded(discard)
    }
}

impl Server {
    /// Octets of a message have come, whatever becomes of them.
    pub(super) fn alive(&mut self, octets: u64) {
        self.since_period += octets;
        if self.since_period >= SIGN_OF_LIFE {
            self.since_period = 0;
            self.period += 1;
        }
    }

    pub(super) fn end_data(&mut self) {
        self.resume();
        self.idle = 0;
        // rule rfc5321 4.1.1.4 buffers-cleared: behind the end of data there is no transaction
        self.advance(Verb::EndOfData);
    }

    pub(super) fn received(&mut self, received: Received) -> Result<Option<Event>, ProtocolError> {
        let recipients = match &self.task {
            Task::Body(body) => body.recipients,
            _ => 0,
        };
        Ok(match received {
            Received::Payload(piece) => Some(Event::Payload(piece)),
            Received::Discarded(discard) => Some(Event::Discarded(discard)),
            Received::Whole(octets) => Some(self.ask(Event::Message, Message { octets, recipients })),
            Received::Refused(reply) => {
                self.end_data();
                // rule rfc5321 4.1.1.4 failure-reply: a message that was refused gets a failure reply at its end
                self.say_to_each(recipients, &reply);
                None
            }
            Received::Endless => return Err(self.endless(self.answers(recipients))),
        })
    }

    /// Gives a client up that goes on and on.
    pub(super) fn endless(&mut self, replies: usize) -> ProtocolError {
        let text = Text::from_static("far too much data");
        let reply = known(Code::EXCEEDED_STORAGE, EnhancedCode::MESSAGE_TOO_BIG, text);
        // rule rfc2033 4.2 endless-message: a message given up as endless is refused for each recipient too
        for _ in 0..replies {
            self.say(&reply);
        }
        self.broken(ProtocolError::TooMuchData { limit: self.config.max_message })
    }
}

/// How many octets are read of what is thrown away, where a message may have `max`.
pub(super) fn most_drained(max: u64) -> u64 {
    max.saturating_mul(2).saturating_add(MAX_SWALLOWED)
}

pub(super) fn refusal(discard: &Discard) -> Reply {
    let text = match discard {
        Discard::TooLong { limit } => format!("message longer than {limit} octets"),
        Discard::BareLineEnding(bare) => bare.to_string(),
    };
    let (code, enhanced) = match discard {
        Discard::TooLong { .. } => (Code::EXCEEDED_STORAGE, EnhancedCode::permanent(3, 4)),
        Discard::BareLineEnding(_) => (Code::TRANSACTION_FAILED, EnhancedCode::permanent(6, 0)),
    };
    Text::try_from(text)
        .map_or_else(|_| Rejection::policy().reply().clone(), |text| known(code, enhanced, text))
}
