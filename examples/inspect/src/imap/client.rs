//! What an IMAP client says.
use super::{bare_end, breached, dialect, enables_utf8, rules, told};
use crate::{
    Inspect,
    cli::Mode,
    exchange::Exchange,
    stream::Stream,
    unit::{Deviation, Failure, Outcome, Unit, variant},
};
use bytes::Bytes;
use imap_proto::{
    Append, Command, CommandError, Deviations, Dialect, Encoding, Tag, Tail,
    frame::{Framed, Framer},
    parse_done,
    sasl::{NotBase64, Response},
};
use serde_json::json;
use std::mem;

/// Reads commands, and what is said behind them.
pub(crate) struct Client {
    framer: Framer,
    dialect: Dialect,
    reading: Reading,
    exchange: Exchange,
    /// Has an attempt to stream a literal of this unit failed? It is made once.
    is_held: bool,
    /// What was tolerated in the parts of the unit that were read.
    deviations: Vec<Deviation>,
}

/// What is read next.
enum Reading {
    Command,
    /// IDLE was said: DONE comes.
    Idle,
    /// Behind a message of an APPEND that streamed.
    Append(Tag, Box<Append>),
    /// In a unit that cannot be framed.
    Refused(Failure),
}

impl Client {
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            framer: Framer::new(rules(mode)),
            dialect: dialect(mode),
            reading: Reading::Command,
            exchange: Exchange::None,
            is_held: false,
            deviations: Vec::new(),
        }
    }
}

impl Inspect for Client {
    fn next(&mut self, stream: &mut Stream) -> Option<Unit> {
        loop {
            let base = stream.taken();
            match self.framer.next(&mut stream.input) {
                Ok(Framed::Need(_)) if stream.is_over() => return stream.cut("the end of a command"),
                Ok(Framed::Need(_)) => return None,
                Ok(Framed::End(octets)) => {
                    let mut unit = stream.input.split_to(octets.min(stream.input.len())).freeze();
                    self.deviations.extend(bare_end(&unit, base));
                    let end = if unit.ends_with(b"\r\n") { 2 } else { 1 };
                    unit.truncate(unit.len().saturating_sub(end));
                    let outcome = self.whole(&unit, base);
                    self.is_held = false;
                    self.deviations.clear();
                    return Some(stream.unit(outcome));
                }
                Ok(Framed::Large(octets, _)) => self.large(octets, base, stream),
                Ok(Framed::Broken(octets, breach)) => {
                    self.reading = Reading::Refused(breached(&breach, base, octets));
                    self.framer.refuse(&mut stream.input);
                }
                Ok(Framed::Refused) => {
                    self.is_held = false;
                    self.deviations.clear();
                    if let Reading::Refused(failure) = mem::replace(&mut self.reading, Reading::Command) {
                        return Some(stream.unit(Outcome::Failed(failure)));
                    }
                }
                // A piece of a message that streams is told by its length alone.
                Ok(Framed::Payload(..) | Framed::Waits(_)) => {}
                // No stream is as long as what may be swallowed.
                Err(_) => return stream.cut("the end of a command"),
            }
        }
    }
}

impl Client {
    /// A unit, or the rest of one, without its line's end.
    fn whole(&mut self, unit: &Bytes, base: u64) -> Outcome {
        match mem::replace(&mut self.reading, Reading::Command) {
            Reading::Idle => match parse_done(unit) {
                Ok(()) => Outcome::of("Done", &(), mem::take(&mut self.deviations)),
                Err(error) => Outcome::Failed(Failure::syntax(&error, base)),
            },
            Reading::Append(tag, mut append) => {
                let mut deviations = Deviations::new();
                match append.resume(unit, Tail::End, &self.dialect, &mut deviations) {
                    Ok(()) => self.command(&tag, Command::Append(append), &deviations, base),
                    Err(error) => Outcome::Failed(Failure::syntax(&error, base)),
                }
            }
            // No response holds a space, and every command does.
            _ if self.exchange.takes(unit, || unit.contains(&b' ')) => {
                self.exchange = self.exchange.after(unit);
                match Response::parse(unit) {
                    Ok(response) => Outcome::of("SaslResponse", &response, mem::take(&mut self.deviations)),
                    Err(error @ NotBase64) => Outcome::Failed(Failure {
                        error: error.to_string(),
                        offset: base,
                        expected: "base64".into(),
                    }),
                }
            }
            _ => {
                self.exchange = Exchange::None;
                let mut deviations = Deviations::new();
                match Command::parse(unit, &self.dialect, &mut deviations) {
                    Ok((tag, command)) => self.command(&tag, command, &deviations, base),
                    Err(CommandError { error, .. }) => Outcome::Failed(Failure::syntax(&error, base)),
                }
            }
        }
    }

    fn command(&mut self, tag: &Tag, command: Command, deviations: &Deviations, base: u64) -> Outcome {
        match &command {
            Command::Enable(enable) if enable.names().any(enables_utf8) => {
                self.dialect = self.dialect.with_encoding(Encoding::Utf8);
            }
            Command::Idle => self.reading = Reading::Idle,
            Command::Authenticate(it) => {
                self.exchange = Exchange::begun(it.mechanism, it.initial.is_some());
            }
            _ => {}
        }
        self.deviations.extend(told(deviations, base));
        let mut deviations = mem::take(&mut self.deviations);
        deviations.sort_by_key(|deviation| deviation.offset);
        let (kind, arguments) = variant(&command);
        Outcome::of(&kind, &json!({ "tag": tag.as_str(), "arguments": arguments }), deviations)
    }

    /// A literal is announced that is too large to be held, if it is not a message.
    fn large(&mut self, octets: usize, base: u64, stream: &mut Stream) {
        let head = stream.input.get(..octets).unwrap_or_default();
        if !self.is_held {
            let head = Bytes::copy_from_slice(head);
            if self.part(&head, base) {
                self.framer.take(&mut stream.input);
                self.framer.stream(&mut stream.input);
                return;
            }
            self.is_held = true;
        }
        if let Err(breach) = self.framer.inline() {
            self.reading = Reading::Refused(breached(&breach, base, octets));
            self.framer.refuse(&mut stream.input);
        }
    }

    /// The text of an APPEND up to a literal: is it one that streams?
    fn part(&mut self, head: &Bytes, base: u64) -> bool {
        let mut deviations = Deviations::new();
        match mem::replace(&mut self.reading, Reading::Command) {
            Reading::Command if self.exchange == Exchange::None || head.contains(&b' ') => {
                let Ok((tag, append)) = Append::parse_head(head, &self.dialect, &mut deviations) else {
                    return false;
                };
                self.reading = Reading::Append(tag, Box::new(append));
            }
            Reading::Append(tag, append) => {
                let mut more = append.clone();
                let read = more.resume(head, Tail::Literal, &self.dialect, &mut deviations);
                self.reading = Reading::Append(tag, if read.is_ok() { more } else { append });
                if read.is_err() {
                    return false;
                }
            }
            other => {
                self.reading = other;
                return false;
            }
        }
        self.deviations.extend(told(&deviations, base));
        true
    }
}
