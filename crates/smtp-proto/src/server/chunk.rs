//! A message that comes in chunks: BDAT.
//!
//! Whatever is answered to a chunk, its octets are counted first and never read as commands
//! ([RFC 3030 §2](https://www.rfc-editor.org/rfc/rfc3030#section-2)).
use super::{
    Dialect, Event, Server, Task,
    answer::{Rejection, known},
    body::{self, Discard},
    offer::offers,
    request::{Data, Message},
};
use crate::{
    Bdat, Chunk, Code, EnhancedCode, Extension, ProtocolError, Reply,
    config::Protocol,
    state::{Phase, Refusal, Verb},
};
use alloc::{format, string::ToString};
use bytes::BytesMut;
use mail_wire::Text;

/// A chunk whose octets are on their way.
#[derive(Debug)]
pub(super) struct Counted {
    /// Octets announced.
    length: u64,
    /// Those that have not come.
    left: u64,
    fate: Fate,
}

/// What becomes of a chunk.
#[derive(Debug)]
enum Fate {
    /// It is passed on, and others follow.
    More,
    /// It is passed on, and the message is whole.
    Last { octets: u64, recipients: u32 },
    /// It is thrown away, and this said so many times.
    Refused { reply: Reply, replies: usize, blame: Blame },
}

/// Whose fault it is that a chunk is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Blame {
    /// The client's: it counts as an error.
    Client,
    /// Nobody's: the client could not know.
    Nobody,
}

/// What came of reading.
pub(super) enum Progress {
    NeedInput,
    Read(Option<Event>),
}

impl Server {
    /// BDAT: the octets that it announces come in any case.
    pub(super) fn bdat(&mut self, bdat: Bdat) -> Option<Event> {
        let verb = verb(bdat.chunk);
        if let Err(refusal) = self.state.after(verb) {
            return self.chunk_out_of_sequence(bdat, refusal);
        }
        // rule rfc3030 2 not-offered-502: BDAT hears 502 where it is not offered, behind its octets
        if !self.offers(Extension::Chunking) {
            let text = Text::from_static("BDAT is not offered");
            let reply = known(Code::NOT_IMPLEMENTED, EnhancedCode::INVALID_COMMAND, text);
            return self.refuse_chunk(bdat, reply, 1, Blame::Client);
        }
        let octets = self.transaction.octets.saturating_add(bdat.length);
        let limit = self.config.longest_message();
        // rule rfc1870 6.3 chunks-counted: the chunks of a message count together against the limit
        if octets > limit {
            let was_asked = matches!(self.state.phase, Phase::Chunking { .. });
            let discard = Discard::TooLong { limit };
            self.fail_chunk(bdat, body::refusal(&discard));
            return was_asked.then_some(Event::Discarded(discard));
        }
        match self.state.phase {
            Phase::Chunking { .. } => {
                self.take_chunk(bdat);
                None
            }
            _ => Some(self.ask(Event::Data, Data { chunk: Some(bdat) })),
        }
    }

    /// Passes a chunk on as it comes.
    pub(super) fn take_chunk(&mut self, bdat: Bdat) {
        let recipients = self.recipients();
        self.advance(verb(bdat.chunk));
        // rule rfc3030 2 octets-counted: the length of a message is that of its chunks
        self.transaction.octets = self.transaction.octets.saturating_add(bdat.length);
        let fate = match bdat.chunk {
            Chunk::More => Fate::More,
            Chunk::Last => Fate::Last { octets: self.transaction.octets, recipients },
        };
        self.task = Task::Chunk(Counted { length: bdat.length, left: bdat.length, fate });
    }

    /// Refuses a chunk, and with it the message.
    pub(super) fn fail_chunk(&mut self, bdat: Bdat, reply: Reply) {
        let recipients = self.recipients();
        // rule rfc3030 2 failed-transaction: behind a chunk that failed, further chunks are refused
        self.advance(Verb::Reset);
        let replies = match bdat.chunk {
            Chunk::More => {
                // rule rfc2033 4.3 failed-last-chunk: a last chunk behind a failed one hears no for each recipient
                self.transaction.failed = recipients;
                1
            }
            Chunk::Last => self.answers(recipients),
        };
        self.refuse_chunk(bdat, reply, replies, Blame::Nobody);
    }

    fn chunk_out_of_sequence(&mut self, bdat: Bdat, refusal: Refusal) -> Option<Event> {
        let text = Text::try_from(refusal.to_string()).unwrap_or_default();
        // rule rfc3030 2 behind-last-503: BDAT behind the last chunk hears 503 [instead: Reply::new(Code::OK, text)]
        let reply = known(Code::BAD_SEQUENCE, EnhancedCode::INVALID_COMMAND, text);
        // rule rfc3030 2 nobody-to-get-it: a chunk for no recipient ends its transaction: the next MAIL begins another
        if refusal == Refusal::NoRecipients {
            self.advance(Verb::Reset);
        }
        let (replies, blame) = match (refusal, bdat.chunk, self.config.protocol) {
            (Refusal::NoTransaction | Refusal::NoRecipients, Chunk::Last, Protocol::Lmtp) => {
                // rule rfc2033 4.3 no-recipient-no-reply: BDAT LAST for no recipient gets no reply [instead: 1]
                let replies = core::mem::take(&mut self.transaction.failed);
                (replies as usize, Blame::Nobody)
            }
            (Refusal::NoTransaction | Refusal::NoRecipients, ..) => (1, Blame::Nobody),
            _ => (1, Blame::Client),
        };
        self.refuse_chunk(bdat, reply, replies, blame)
    }

    fn refuse_chunk(&mut self, bdat: Bdat, reply: Reply, replies: usize, blame: Blame) -> Option<Event> {
        let fate = Fate::Refused { reply, replies, blame };
        // rule rfc3030 2 refused-drained: the octets of a chunk that is refused are drained, and are never commands
        self.task = Task::Chunk(Counted { length: bdat.length, left: bdat.length, fate });
        None
    }

    /// Takes what has come of a chunk.
    pub(super) fn read_chunk(&mut self, input: &mut BytesMut) -> Result<Progress, ProtocolError> {
        let Task::Chunk(chunk) = &mut self.task else { return Ok(Progress::Read(None)) };
        let octets = usize::try_from(chunk.left).unwrap_or(usize::MAX).min(input.len());
        let piece = input.split_to(octets);
        let taken = octets as u64;
        chunk.left -= taken;
        let left = chunk.left;
        let refused = match chunk.fate {
            Fate::Refused { replies, .. } => Some(replies),
            _ => None,
        };
        self.alive(taken);
        if let Some(replies) = refused {
            self.transaction.drained = self.transaction.drained.saturating_add(taken);
            // rule rfc5321 7.8 endless-chunks: a client that goes on far behind the limit in chunks is given up
            if self.transaction.drained > body::most_drained(self.config.longest_message()) {
                return Err(self.endless(replies));
            }
        } else if octets > 0 {
            return Ok(Progress::Read(Some(Event::Payload(piece.freeze()))));
        }
        if left > 0 {
            return Ok(Progress::NeedInput);
        }
        Ok(Progress::Read(self.end_chunk()))
    }

    /// All octets of a chunk have come.
    fn end_chunk(&mut self) -> Option<Event> {
        let Task::Chunk(chunk) = core::mem::replace(&mut self.task, Task::Command) else { return None };
        match chunk.fate {
            Fate::More => {
                let text = Text::try_from(format!("{} octets received", chunk.length)).unwrap_or_default();
                // rule rfc3030 2 chunk-250: each chunk that was taken hears 250
                self.say(&known(Code::OK, EnhancedCode::OK, text));
                if chunk.length == 0 {
                    self.count_idle();
                }
                None
            }
            Fate::Last { octets, recipients } => {
                Some(self.ask(Event::Message, Message { octets, recipients }))
            }
            Fate::Refused { reply, replies, blame } => {
                for _ in 0..replies {
                    // rule rfc3030 2 refused-behind-octets: a chunk that was refused hears so behind its octets
                    self.say(&reply);
                }
                match blame {
                    Blame::Client => self.count_error(),
                    Blame::Nobody => self.count_idle(),
                }
                None
            }
        }
    }

    /// A line that was meant as BDAT and says no length: where its octets end cannot be told, and what reads them
    /// as commands forges mail.
    pub(super) fn broken_bdat(&mut self) {
        if matches!(self.task, Task::Closed) {
            return;
        }
        let text = self.own_text("where the chunk ends cannot be told, closing");
        self.say(&known(Code::NOT_AVAILABLE, EnhancedCode::transient(5, 4), text));
        self.end();
    }

    /// Is this extension in force?
    pub(super) fn offers(&self, extension: Extension) -> bool {
        offers(&self.config, self.state, extension)
            // rule rfc5321 3.2 no-extension-behind-helo: behind HELO no service extension is in force
            && self.dialect != Some(Dialect::Smtp)
    }
}

/// The host says no to the first chunk. 421 needs no octets to be counted: nothing behind it is read.
pub(super) fn rejected(server: &mut Server, bdat: Bdat, rejection: Rejection) {
    if rejection.reply().code() == Code::NOT_AVAILABLE {
        return server.say(rejection.reply());
    }
    server.fail_chunk(bdat, rejection.into_reply());
}

fn verb(chunk: Chunk) -> Verb {
    match chunk {
        Chunk::More => Verb::Chunk,
        Chunk::Last => Verb::LastChunk,
    }
}
