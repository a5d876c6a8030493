//! Units of the server's: whole ones, those in parts, and those that are given up.
use super::{
    Client, Event, Invalid, Task,
    view::{Nowhere, Watch},
};
use crate::{
    Deviation, DeviationKind, Deviations, Dialect, ProtocolError, Tail, Unit,
    frame::{Breach, Framed, Last},
    response::{Fetch, FetchSink, Greeting, Response},
    state::State,
};
use bytes::{Bytes, BytesMut};
use core::mem;
use mail_wire::{ParseError, Step};

/// Where in a unit.
#[derive(Debug)]
pub(super) enum Reading {
    /// At its start, or in what is read as one.
    Start,
    /// At its start; an attempt to read a literal as one that streams has failed.
    Held,
    /// In a FETCH that comes in parts, of this number.
    Fetch(u32),
    /// The same; an attempt to read a literal as one that streams has failed.
    HeldFetch(u32),
    /// Behind a line that ends inside a quoted string: the next one belongs to it.
    Quoted(BytesMut),
    /// In a unit that is given up.
    Refused { raw: Bytes, error: Invalid, within: Within },
}

/// What is read on, or was when it was given up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Within {
    Nothing,
    Fetch,
}

/// Most octets that are kept of a unit that is given up.
const RAW: usize = 512;

impl Client {
    /// Reads on. `None`: nothing that the host must know has happened, or it waits in `told`.
    pub(super) fn read(
        &mut self,
        input: &mut BytesMut,
        sink: &mut impl FetchSink,
    ) -> Result<Option<Step<Event>>, ProtocolError> {
        let event = match self.framer.next(input) {
            Err(endless) => return Err(self.broken(endless.into())),
            Ok(Framed::Need(_)) if self.ended => return self.cut(input).map(|()| None),
            Ok(Framed::Need(hint)) => {
                self.seen = Some(input.len());
                return Ok(Some(Step::NeedInput { hint }));
            }
            Ok(Framed::End(octets)) if self.was_never_closed(input.get(..octets).unwrap_or_default()) => {
                // What was taken for the start of a string over several lines is read for what it is. The line
                // behind it stays where it is.
                match mem::replace(&mut self.reading, Reading::Start) {
                    Reading::Quoted(line) => self.response(&line.freeze(), sink)?,
                    _ => None,
                }
            }
            Ok(Framed::End(octets)) => {
                self.period += 1;
                let unit = input.split_to(octets.min(input.len())).freeze();
                if self.within() == Within::Nothing && !matches!(self.reading, Reading::Quoted(_)) {
                    self.deviations = Deviations::new();
                }
                if !unit.ends_with(b"\r\n") {
                    let offset = unit.len().saturating_sub(1);
                    self.deviations.push(Deviation { kind: DeviationKind::BareLf, offset });
                }
                self.whole(&unit, sink)?
            }
            Ok(Framed::Large(octets, _)) => self.large(octets, input, sink)?,
            Ok(Framed::Payload(octets, last)) => {
                self.streamed += octets.len() as u64;
                if last == Last::Yes {
                    self.told.push_back(Event::PayloadEnd);
                }
                (!octets.is_empty()).then_some(Event::Payload(octets))
            }
            Ok(Framed::Broken(octets, breach)) => {
                self.give_up(octets, breach, input)?;
                None
            }
            Ok(Framed::Refused) => self.given_up(),
            // A client's framer never waits for a word of ours.
            Ok(Framed::Waits(_)) => None,
        };
        // What was held for it may go.
        self.pump();
        Ok(event.map(Step::Event))
    }

    /// What is read: the rest of a FETCH, or a unit from its start?
    fn within(&self) -> Within {
        match self.reading {
            Reading::Fetch(_) | Reading::HeldFetch(_) => Within::Fetch,
            _ => Within::Nothing,
        }
    }

    pub(super) fn dialect(&self) -> Dialect {
        Dialect::new(self.config.leniency).with_encoding(self.encoding)
    }

    /// A unit, or the rest of one, is complete.
    fn whole(&mut self, unit: &Bytes, sink: &mut impl FetchSink) -> Result<Option<Event>, ProtocolError> {
        match mem::replace(&mut self.reading, Reading::Start) {
            Reading::Fetch(number) | Reading::HeldFetch(number) => self.rest(number, unit, sink),
            Reading::Quoted(mut so_far) => {
                so_far.extend_from_slice(unit);
                if ends_in_quotes(unit, Quotes::Open) && so_far.len() < self.config.limits.text {
                    self.reading = Reading::Quoted(so_far);
                    return Ok(None);
                }
                self.response(&so_far.freeze(), sink)
            }
            _ if self.task == Task::Greet => self.first_word(unit).map(Some),
            _ if self.goes_on(unit) => {
                self.reading = Reading::Quoted(BytesMut::from(&unit[..]));
                Ok(None)
            }
            _ => self.response(unit, sink),
        }
    }

    /// Behind a line that ends inside a quoted string: does another response begin?
    fn was_never_closed(&self, line: &[u8]) -> bool {
        let begins = line.starts_with(b"* ") || line.starts_with(b"+") || self.is_answer(line);
        begins && matches!(self.reading, Reading::Quoted(_))
    }

    fn response(&mut self, unit: &Bytes, sink: &mut impl FetchSink) -> Result<Option<Event>, ProtocolError> {
        let dialect = self.dialect();
        let mut watch = Watch::new(sink, 0);
        let parsed = Response::parse_into(unit, &dialect, &mut self.deviations, &mut watch);
        let uid = watch.uid;
        match parsed {
            Ok(Response::Tagged(tagged)) => self.tagged(*tagged).map(Some),
            Ok(Response::Continuation(continuation)) => self.continuation(*continuation),
            Ok(Response::Untagged(untagged)) => self.untagged(untagged, uid).map(Some),
            Err(error) => self.unreadable(unit, Invalid::Grammar(error), Within::Nothing).map(Some),
        }
    }

    /// Does a FETCH end inside a quoted string? Some servers put what a mail holds into one, line ends and all.
    fn goes_on(&self, unit: &[u8]) -> bool {
        self.config.leniency.tolerates(DeviationKind::LineBreakInQuoted)
            && matches!(unit, [b'*', b' ', b'0'..=b'9', ..])
            && !unit.trim_ascii_end().ends_with(b")")
            && unit.len() < self.config.limits.text
            && ends_in_quotes(unit, Quotes::Closed)
    }

    fn first_word(&mut self, unit: &Bytes) -> Result<Event, ProtocolError> {
        match Greeting::parse(unit, &self.dialect(), &mut self.deviations) {
            Ok(greeting) => self.greeting(greeting),
            Err(error) => Err(self.broken(ProtocolError::BadResponse(error))),
        }
    }

    /// A large literal is announced: does it stream?
    fn large(
        &mut self,
        octets: usize,
        input: &mut BytesMut,
        sink: &mut impl FetchSink,
    ) -> Result<Option<Event>, ProtocolError> {
        let head = input.get(..octets).unwrap_or_default();
        if self.task == Task::Greet {
            // No greeting has a literal: nothing is waited for.
            let unit = Bytes::copy_from_slice(head);
            return self.first_word(&unit).map(Some);
        }
        let is_first = matches!(self.reading, Reading::Start | Reading::Fetch(_));
        // Where there is no room to wait for it, one more attempt: should that fail, the unit is given up.
        let is_candidate = (is_first || self.framer.inline().is_err()) && may_stream(head);
        if is_candidate {
            // Its items pin these few octets, and not the block they came in.
            let head = Bytes::copy_from_slice(head);
            // Read once without telling anybody: where it cannot stream, the unit is read again as a whole.
            if self.read_part(&head, &mut Deviations::new(), &mut Nowhere).is_ok() {
                self.framer.take(input);
                self.framer.stream(input);
                return self.part(&head, sink).map(Some);
            }
            // Once a unit: what looks like a message and is none may come again and again.
            self.reading = match self.reading {
                Reading::Fetch(number) | Reading::HeldFetch(number) => Reading::HeldFetch(number),
                _ => Reading::Held,
            };
        }
        if let Err(breach) = self.framer.inline() {
            self.give_up(octets, breach, input)?;
        }
        Ok(None)
    }

    /// The text of a FETCH up to a literal that streams.
    fn part(&mut self, head: &Bytes, sink: &mut impl FetchSink) -> Result<Event, ProtocolError> {
        self.period += 1;
        if self.within() == Within::Nothing {
            self.deviations = Deviations::new();
        }
        let mut deviations = self.deviations;
        let mut watch = Watch::new(sink, 0);
        let read = self.read_part(head, &mut deviations, &mut watch);
        let uid = watch.uid;
        self.deviations = deviations;
        match read {
            Ok(number) => {
                self.reading = Reading::Fetch(number);
                self.keep_uid(number, uid)?;
                Ok(Event::FetchPart { number, items: alloc::vec::Vec::new() })
            }
            // It was read before, without error.
            Err(error) => Err(self.broken(ProtocolError::BadResponse(error))),
        }
    }

    fn read_part(
        &self,
        head: &Bytes,
        deviations: &mut Deviations,
        sink: &mut impl FetchSink,
    ) -> Result<u32, ParseError> {
        let dialect = self.dialect();
        match self.reading {
            Reading::Fetch(number) | Reading::HeldFetch(number) => {
                Fetch::parse_rest(head, Tail::Literal, &dialect, deviations, sink).map(|()| number)
            }
            _ => Fetch::parse_head(head, &dialect, deviations, sink),
        }
    }

    /// The last part of a FETCH.
    fn rest(
        &mut self,
        number: u32,
        rest: &Bytes,
        sink: &mut impl FetchSink,
    ) -> Result<Option<Event>, ProtocolError> {
        let dialect = self.dialect();
        let mut watch = Watch::new(sink, number);
        let read = Fetch::parse_rest(rest, Tail::End, &dialect, &mut self.deviations, &mut watch);
        let (uid, items) = (watch.uid, watch.items);
        let event = match read {
            Ok(()) => {
                self.keep_uid(number, uid)?;
                (items > 0).then(|| Event::FetchPart { number, items: alloc::vec::Vec::new() })
            }
            Err(error) => Some(self.unreadable(rest, Invalid::Grammar(error), Within::Fetch)?),
        };
        self.told.push_back(Event::FetchEnd);
        Ok(event)
    }

    /// A unit cannot be read. It can be given up where that is tolerated, and where nothing waits for it.
    fn unreadable(&mut self, unit: &[u8], error: Invalid, within: Within) -> Result<Event, ProtocolError> {
        self.may_give_up(unit, error, within)?;
        Ok(Event::Invalid { raw: first_octets(unit), error })
    }

    fn may_give_up(&mut self, unit: &[u8], error: Invalid, within: Within) -> Result<(), ProtocolError> {
        let is_expected = self.is_answer(unit) || unit.starts_with(b"+") || self.task == Task::Greet;
        let is_tolerated = self.config.leniency.tolerates(DeviationKind::InvalidResponse);
        if is_expected && within == Within::Nothing || !is_tolerated {
            return Err(self.broken(match error {
                Invalid::Grammar(error) => ProtocolError::BadResponse(error),
                Invalid::Frame(breach) => ProtocolError::BadUnit(breach),
            }));
        }
        self.deviations.push(Deviation { kind: DeviationKind::InvalidResponse, offset: 0 });
        Ok(())
    }

    /// Does it begin as the answer to a command in flight does?
    fn is_answer(&self, line: &[u8]) -> bool {
        self.in_flight.iter().any(|flight| {
            let behind = line.strip_prefix(flight.tag.as_str().as_bytes());
            behind.is_some_and(|behind| !behind.first().is_some_and(u8::is_ascii_alphanumeric))
        })
    }

    /// A unit is none, or costs too much: swallows it, where that is tolerated.
    fn give_up(&mut self, octets: usize, breach: Breach, input: &mut BytesMut) -> Result<(), ProtocolError> {
        let within = self.within();
        if within == Within::Nothing {
            self.deviations = Deviations::new();
        }
        let raw = first_octets(input.get(..octets).unwrap_or_default());
        let error = Invalid::Frame(breach);
        self.may_give_up(&raw, error, within)?;
        self.framer.refuse(input);
        self.reading = Reading::Refused { raw, error, within };
        Ok(())
    }

    /// A unit that was given up is over.
    fn given_up(&mut self) -> Option<Event> {
        self.period += 1;
        let Reading::Refused { raw, error, within } = mem::replace(&mut self.reading, Reading::Start) else {
            return None;
        };
        if within == Within::Fetch {
            self.told.push_back(Event::FetchEnd);
        }
        Some(Event::Invalid { raw, error })
    }

    /// The server closed its half of the connection: was that a clean place to stop?
    ///
    /// What is whole in `input` is still told: call `receive` again.
    ///
    /// # Errors
    /// It was not: a response is cut, or a command has none. What was on its way is told by `receive`.
    pub fn receive_eof(&mut self, input: &BytesMut) -> Result<(), ProtocolError> {
        self.ended = true;
        let is_reading = matches!(self.task, Task::Greet | Task::Converse | Task::Cancelled | Task::Closing);
        // Where not all of the input has been looked at, `receive` will tell.
        if self.task == Task::Closed || is_reading && self.seen != Some(input.len()) {
            return Ok(());
        }
        self.cut(input)
    }

    /// The server has closed its half, and no unit is left of what it said.
    fn cut(&mut self, input: &BytesMut) -> Result<(), ProtocolError> {
        let is_inside = self.framer.is_inside(input) || !matches!(self.reading, Reading::Start);
        let inside = match self.task {
            Task::Greet => Some(Unit::Greeting),
            _ if is_inside => Some(Unit::Line),
            Task::Challenged | Task::Cancelled => Some(Unit::Exchange),
            Task::Converse if self.state == State::Authenticating => Some(Unit::Exchange),
            Task::Upgrading(_) => Some(Unit::Upgrade),
            Task::Converse if !self.in_flight.is_empty() || !self.held.is_empty() => Some(Unit::Commands),
            Task::Converse | Task::Closing | Task::Closed => None,
        };
        match inside {
            Some(inside) => Err(self.broken(ProtocolError::Cut { inside })),
            None => {
                self.end();
                Ok(())
            }
        }
    }
}

/// Can this be the head of a literal that streams: `BODY[..] {`, `BINARY[..]<0> ~{`, `RFC822 {`? Asked of a few octets,
/// so that a unit with many large literals elsewhere is not read once for each.
fn may_stream(head: &[u8]) -> bool {
    let Some(brace) = memchr::memrchr(b'{', head) else { return false };
    let before = head.get(..brace).unwrap_or_default();
    let before = before.strip_suffix(b"~").unwrap_or(before).trim_ascii_end();
    let name = before.get(before.len().saturating_sub(13)..).unwrap_or_default().to_ascii_uppercase();
    before.ends_with(b"]")
        || before.ends_with(b">")
        || [&b"RFC822"[..], b"RFC822.TEXT", b"RFC822.HEADER"].iter().any(|item| name.ends_with(item))
}

/// Is a quoted string open?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Quotes {
    Closed,
    Open,
}

/// Is a quoted string open at the end, if it is so at the start?
fn ends_in_quotes(text: &[u8], at_start: Quotes) -> bool {
    let (mut is_open, mut is_escaped, mut rest) = (at_start == Quotes::Open, false, text);
    while let Some((octet, behind)) = rest.split_first() {
        rest = behind;
        match octet {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_open => is_escaped = true,
            b'"' => is_open = !is_open,
            b'{' if !is_open => rest = behind_literal(behind).unwrap_or(behind),
            _ => {}
        }
    }
    is_open
}

/// What stands behind a literal, from behind its `{`.
fn behind_literal(text: &[u8]) -> Option<&[u8]> {
    let digits = text.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let (number, behind) = text.split_at_checked(digits)?;
    let octets: usize = core::str::from_utf8(number).ok()?.parse().ok()?;
    let behind = behind.strip_prefix(b"}\r\n").or_else(|| behind.strip_prefix(b"}\n"))?;
    behind.get(octets..)
}

fn first_octets(unit: &[u8]) -> Bytes {
    Bytes::copy_from_slice(unit.get(..RAW).unwrap_or(unit))
}
