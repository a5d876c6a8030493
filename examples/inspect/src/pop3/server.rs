//! What a POP3 server says.
use super::{leniency, told};
use crate::{
    Inspect,
    answered::{Answered, first_word},
    cli::Mode,
    lines::{Found, Line, Lines},
    message::{Ending, Message, Stuffing},
    stream::Stream,
    unit::{Deviation, Failure, Outcome, Unit},
};
use bytes::Bytes;
use pop3_proto::{
    Capability, DropListing, Language, Mechanism, ParseError, Response, ScanListing, Status, UniqueIdListing,
};
use serde::Serialize;

/// Reads replies.
pub(crate) struct Server {
    mode: Mode,
    lines: Lines,
    answers: Answered<Answers>,
    reading: Reading,
}

/// What a reply answers, as far as it tells what the reply holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Answers {
    /// A command whose reply is one line for people to read, or none: the greeting.
    #[default]
    Other,
    /// STAT: the line holds totals.
    Stat,
    /// LIST or UIDL of one message: the line holds it.
    Scan,
    UniqueId,
    /// LANG with a language: the line holds it.
    Language,
    /// What stands on lines behind a good reply.
    Listing(Listing),
    /// RETR or TOP: a message stands behind a good reply.
    Message,
}

/// What stands on the lines of a listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Listing {
    Scan,
    UniqueId,
    Capability,
    Mechanism,
    Language,
}

/// What is read next.
enum Reading {
    Reply,
    Listing(Listing),
    Message(Box<Message>),
}

impl Server {
    pub(crate) fn new(mode: Mode, answered: &[String]) -> Self {
        let answers = Answered::new(answered, Answers::to);
        Self { mode, lines: Lines::of_server(mode), answers, reading: Reading::Reply }
    }
}

impl Answers {
    fn to(command: &str) -> Self {
        let one = command.split_ascii_whitespace().nth(1).is_some();
        match (first_word(command).as_str(), one) {
            ("STAT", _) => Self::Stat,
            ("LIST", true) => Self::Scan,
            ("UIDL", true) => Self::UniqueId,
            ("LIST", false) => Self::Listing(Listing::Scan),
            ("UIDL", false) => Self::Listing(Listing::UniqueId),
            ("LANG", true) => Self::Language,
            ("LANG", false) => Self::Listing(Listing::Language),
            ("CAPA", _) => Self::Listing(Listing::Capability),
            ("AUTH", false) => Self::Listing(Listing::Mechanism),
            ("RETR" | "TOP", _) => Self::Message,
            _ => Self::Other,
        }
    }
}

impl Inspect for Server {
    fn next(&mut self, stream: &mut Stream) -> Option<Unit> {
        if let Reading::Message(message) = &mut self.reading {
            return match message.next(stream) {
                None if stream.is_over() => stream.cut("the end of the message"),
                None => None,
                unit => {
                    self.reading = Reading::Reply;
                    unit
                }
            };
        }
        let outcome = match self.lines.next(stream) {
            // Between the lines of a listing its end is missing.
            Found::Need if stream.is_over() => return stream.cut("the end of a line"),
            Found::Need => return None,
            Found::Broken(failure) => {
                if let Reading::Reply = self.reading {
                    self.answers.next();
                }
                Outcome::Failed(failure)
            }
            Found::Line(line) => match self.reading {
                Reading::Listing(listing) => self.listed(listing, &line),
                _ => self.response(&line, stream),
            },
        };
        Some(stream.unit(outcome))
    }
}

impl Server {
    fn response(&mut self, line: &Line, stream: &Stream) -> Outcome {
        let read = Response::parse_lenient(&line.text, leniency(self.mode));
        let answers = self.answers.now();
        // A challenge asks for more, and is not the answer.
        if !matches!(read, Ok((Response::Challenge(_), _))) {
            self.answers.next();
        }
        let (response, deviation) = match read {
            Ok(read) => read,
            Err(error) => return Outcome::Failed(Failure::syntax(&error, line.start)),
        };
        let mut deviations: Vec<_> = told(deviation, line.start).into_iter().collect();
        deviations.extend(line.bare.clone());
        let Response::Reply(reply) = &response else { return Outcome::variant(&response, deviations) };
        if reply.status == Status::Err {
            return Outcome::variant(&response, deviations);
        }
        let words = reply.text.words().clone().into_bytes();
        match answers {
            Answers::Stat => self.held(line, &words, "DropListing", deviations, |words| {
                DropListing::parse(words).map(|listing| (listing, None))
            }),
            Answers::Scan => self.held(line, &words, "ScanListing", deviations, |words| {
                ScanListing::parse(words).map(|listing| (listing, None))
            }),
            Answers::Language => self.held(line, &words, "Language", deviations, |words| {
                Language::parse(words).map(|language| (language, None))
            }),
            Answers::UniqueId => {
                let leniency = leniency(self.mode);
                self.held(line, &words, "UniqueIdListing", deviations, |words| {
                    UniqueIdListing::parse_lenient(words, leniency)
                })
            }
            Answers::Listing(listing) => {
                self.reading = Reading::Listing(listing);
                Outcome::variant(&response, deviations)
            }
            Answers::Message => {
                let ending = if line.bare.is_some() { Ending::Lf } else { Ending::Crlf };
                let message = Message::new(self.mode, ending, Stuffing::Perhaps, stream);
                self.reading = Reading::Message(Box::new(message));
                Outcome::variant(&response, deviations)
            }
            Answers::Other => Outcome::variant(&response, deviations),
        }
    }

    /// A listing that is held by the words of a good reply.
    fn held<T: Serialize>(
        &self,
        line: &Line,
        words: &Bytes,
        kind: &str,
        mut deviations: Vec<Deviation>,
        parse: impl FnOnce(&Bytes) -> Result<(T, Option<pop3_proto::Deviation>), ParseError>,
    ) -> Outcome {
        let start = line.start + (line.text.len() - words.len()) as u64;
        match parse(words) {
            Err(error) => Outcome::Failed(Failure::syntax(&error, start)),
            Ok((listing, deviation)) => {
                deviations.extend(told(deviation, start));
                Outcome::of(kind, &listing, deviations)
            }
        }
    }

    /// A line behind a good reply.
    fn listed(&mut self, listing: Listing, line: &Line) -> Outcome {
        let deviations: Vec<_> = line.bare.clone().into_iter().collect();
        if line.text == "." {
            self.reading = Reading::Reply;
            return Outcome::of("End", &(), deviations);
        }
        // The first of two dots stuffs the line.
        let stuffed = usize::from(line.text.starts_with(b".."));
        let (text, start) = (line.text.slice(stuffed..), line.start + stuffed as u64);
        let failed = |error: ParseError| Outcome::Failed(Failure::syntax(&error, start));
        match listing {
            Listing::Scan => ScanListing::parse(&text)
                .map_or_else(failed, |listing| Outcome::of("ScanListing", &listing, deviations)),
            Listing::UniqueId => match UniqueIdListing::parse_lenient(&text, leniency(self.mode)) {
                Err(error) => failed(error),
                Ok((listing, deviation)) => {
                    let deviations = told(deviation, start).into_iter().chain(deviations).collect();
                    Outcome::of("UniqueIdListing", &listing, deviations)
                }
            },
            Listing::Capability => Capability::parse(&text)
                .map_or_else(failed, |capability| Outcome::of("Capability", &capability, deviations)),
            Listing::Language => Language::parse(&text)
                .map_or_else(failed, |language| Outcome::of("Language", &language, deviations)),
            Listing::Mechanism => match std::str::from_utf8(&text).map(Mechanism::new) {
                Ok(Ok(mechanism)) => Outcome::of("Mechanism", &mechanism, deviations),
                Ok(Err(error)) => failed(error),
                Err(error) => {
                    let offset = error.valid_up_to();
                    failed(ParseError { offset, found: text.get(offset).copied(), expected: "a mechanism" })
                }
            },
        }
    }
}
