//! What an IMAP server says.
use super::{
    bare_end, breached, dialect, enables_utf8,
    quotes::{Quotes, after, begins_response, goes_on},
    rules, told,
};
use crate::{
    Inspect,
    cli::Mode,
    stream::Stream,
    unit::{Deviation, Failure, Outcome, Unit},
};
use bytes::{Bytes, BytesMut};
use imap_proto::{
    DeviationKind, Deviations, Dialect, Encoding, ParseError, Tail,
    frame::{Framed, Framer},
    response::{Fetch, Response, Untagged},
};
use std::mem;

/// Most octets of a quoted string over several lines.
const MAX_QUOTED: usize = 1 << 20;

/// Reads responses.
pub(crate) struct Server {
    framer: Framer,
    dialect: Dialect,
    reading: Reading,
    /// Has an attempt to stream a literal of this unit failed? It is made once.
    is_held: bool,
    /// What was tolerated in the parts of the unit that were read.
    deviations: Vec<Deviation>,
}

/// Where in a unit.
enum Reading {
    Start,
    /// Behind a literal of a FETCH that streamed.
    Fetch(Fetch),
    /// Behind a line that ends inside a quoted string.
    Quoted(BytesMut),
    /// In a unit that cannot be framed.
    Refused(Failure),
}

impl Server {
    pub(crate) fn new(mode: Mode) -> Self {
        Self {
            framer: Framer::new(rules(mode)),
            dialect: dialect(mode),
            reading: Reading::Start,
            is_held: false,
            deviations: Vec::new(),
        }
    }
}

impl Inspect for Server {
    fn next(&mut self, stream: &mut Stream) -> Option<Unit> {
        loop {
            let base = stream.taken();
            match self.framer.next(&mut stream.input) {
                Ok(Framed::Need(_)) if stream.is_over() => return self.ended(stream),
                Ok(Framed::Need(_)) => return None,
                Ok(Framed::End(octets)) => {
                    let line = stream.input.get(..octets).unwrap_or_default();
                    if matches!(self.reading, Reading::Quoted(_)) && begins_response(line) {
                        // It was no string over several lines. The line behind it stays where it is.
                        if let Reading::Quoted(line) = mem::replace(&mut self.reading, Reading::Start) {
                            let outcome = self.response(&line.freeze(), stream.start());
                            return Some(stream.unit(outcome));
                        }
                    }
                    let unit = stream.input.split_to(octets.min(stream.input.len())).freeze();
                    self.deviations.extend(bare_end(&unit, base));
                    if let Some(outcome) = self.whole(&unit, base, stream.start()) {
                        return Some(stream.unit(outcome));
                    }
                }
                Ok(Framed::Large(octets, _)) => self.large(octets, base, stream),
                Ok(Framed::Broken(octets, breach)) => {
                    self.reading = Reading::Refused(breached(&breach, base, octets));
                    self.framer.refuse(&mut stream.input);
                }
                Ok(Framed::Refused) => {
                    if let Reading::Refused(failure) = self.end_unit() {
                        return Some(stream.unit(Outcome::Failed(failure)));
                    }
                }
                // A piece of a literal that streams is told by its length alone.
                Ok(Framed::Payload(..) | Framed::Waits(_)) => {}
                // No stream is as long as what may be swallowed.
                Err(_) => return stream.cut("the end of a response"),
            }
        }
    }
}

impl Server {
    /// A unit, or the rest of one. `None`: it goes on.
    fn whole(&mut self, unit: &Bytes, base: u64, start: u64) -> Option<Outcome> {
        match mem::replace(&mut self.reading, Reading::Start) {
            Reading::Fetch(fetch) => Some(self.rest(fetch, unit, base)),
            Reading::Quoted(mut so_far) => {
                so_far.extend_from_slice(unit);
                if after(unit, Quotes::Open) == Quotes::Open && so_far.len() < MAX_QUOTED {
                    self.reading = Reading::Quoted(so_far);
                    return None;
                }
                Some(self.response(&so_far.freeze(), start))
            }
            _ if self.tolerates(DeviationKind::LineBreakInQuoted) && goes_on(unit) => {
                self.reading = Reading::Quoted(BytesMut::from(&unit[..]));
                None
            }
            _ => Some(self.response(unit, base)),
        }
    }

    fn tolerates(&self, kind: DeviationKind) -> bool {
        self.dialect.leniency().tolerates(kind)
    }

    fn response(&mut self, unit: &Bytes, base: u64) -> Outcome {
        let mut deviations = Deviations::new();
        let response = Response::parse(unit, &self.dialect, &mut deviations);
        self.outcome(response, &deviations, base)
    }

    /// The rest of a FETCH, behind the last literal that streamed.
    fn rest(&mut self, mut fetch: Fetch, rest: &Bytes, base: u64) -> Outcome {
        let mut deviations = Deviations::new();
        let read = Fetch::parse_rest(rest, Tail::End, &self.dialect, &mut deviations, &mut fetch.items);
        self.outcome(read.map(|()| Response::Untagged(Untagged::Fetch(fetch))), &deviations, base)
    }

    fn outcome(
        &mut self,
        response: Result<Response, ParseError>,
        deviations: &Deviations,
        base: u64,
    ) -> Outcome {
        self.deviations.extend(told(deviations, base));
        self.is_held = false;
        let mut deviations = mem::take(&mut self.deviations);
        deviations.sort_by_key(|deviation| deviation.offset);
        match response {
            Err(error) => Outcome::Failed(Failure::syntax(&error, base)),
            Ok(Response::Untagged(untagged)) => {
                if let Untagged::Enabled(enabled) = &untagged {
                    if enabled.iter().any(|capability| enables_utf8(capability.as_str())) {
                        self.dialect = self.dialect.with_encoding(Encoding::Utf8);
                    }
                }
                Outcome::variant(&untagged, deviations)
            }
            Ok(response) => Outcome::variant(&response, deviations),
        }
    }

    /// A literal is announced that is too large to be held, if it stands where one can stream.
    fn large(&mut self, octets: usize, base: u64, stream: &mut Stream) {
        let head = stream.input.get(..octets).unwrap_or_default();
        if !self.is_held && may_stream(head) {
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

    /// The text of a FETCH up to a literal: is it one that streams?
    fn part(&mut self, head: &Bytes, base: u64) -> bool {
        let (mut deviations, mut items) = (Deviations::new(), Vec::new());
        match &mut self.reading {
            Reading::Start => {
                let read = Fetch::parse_head(head, &self.dialect, &mut deviations, &mut items);
                let Ok(number) = read else { return false };
                self.reading = Reading::Fetch(Fetch { number, items });
            }
            Reading::Fetch(fetch) => {
                let read = Fetch::parse_rest(head, Tail::Literal, &self.dialect, &mut deviations, &mut items);
                if read.is_err() {
                    return false;
                }
                fetch.items.append(&mut items);
            }
            Reading::Quoted(_) | Reading::Refused(_) => return false,
        }
        self.deviations.extend(told(&deviations, base));
        true
    }

    /// The unit is over; what was read of it.
    fn end_unit(&mut self) -> Reading {
        self.deviations.clear();
        self.is_held = false;
        mem::replace(&mut self.reading, Reading::Start)
    }

    /// The stream is over.
    fn ended(&mut self, stream: &mut Stream) -> Option<Unit> {
        match self.end_unit() {
            Reading::Quoted(line) if stream.input.is_empty() => {
                let outcome = self.response(&line.freeze(), stream.start());
                Some(stream.unit(outcome))
            }
            _ => stream.cut("the end of a response"),
        }
    }
}

/// Can this be the head of a literal that streams: `BODY[..] {`, `BINARY[..]<0> ~{`, `RFC822 {`? A look at a few octets, so
/// that a unit with many large literals elsewhere is not read once for each.
fn may_stream(head: &[u8]) -> bool {
    let Some(brace) = head.iter().rposition(|octet| *octet == b'{') else { return false };
    let before = head.get(..brace).unwrap_or_default();
    let before = before.strip_suffix(b"~").unwrap_or(before).trim_ascii_end();
    let name = before.get(before.len().saturating_sub(13)..).unwrap_or_default().to_ascii_uppercase();
    before.ends_with(b"]")
        || before.ends_with(b">")
        || [&b"RFC822"[..], b"RFC822.TEXT", b"RFC822.HEADER"].iter().any(|item| name.ends_with(item))
}
