//! What an SMTP server says.
use super::{leniency, told};
use crate::{
    Inspect,
    cli::{Mode, first_word},
    lines::{Found, Line, Lines},
    stream::Stream,
    unit::{Deviation, Failure, Outcome, Unit},
};
use smtp_proto::{Capabilities, Code, Deviations, ParseError, Reply, ReplyError, ReplyReader, Text};
use std::mem;

/// Longest reply that is read.
const MAX_REPLY: usize = 1 << 20;

/// Reads replies.
pub(crate) struct Server {
    mode: Mode,
    lines: Lines,
    reader: ReplyReader,
    answers: Answers,
    /// Where the text of each line of the reply starts in the stream.
    texts: Vec<u64>,
    deviations: Vec<Deviation>,
}

/// What replies answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Answers {
    /// EHLO or LHLO: a 250 tells capabilities.
    Hello,
    /// Whatever.
    Other,
}

impl Server {
    pub(crate) fn new(mode: Mode, answered: &str) -> Self {
        let is_hello = matches!(first_word(answered).as_str(), "EHLO" | "LHLO");
        Self {
            mode,
            lines: Lines::of_server(mode),
            reader: ReplyReader::new(MAX_REPLY),
            answers: if is_hello { Answers::Hello } else { Answers::Other },
            texts: Vec::new(),
            deviations: Vec::new(),
        }
    }
}

impl Inspect for Server {
    fn next(&mut self, stream: &mut Stream) -> Option<Unit> {
        loop {
            let outcome = match self.lines.next(stream) {
                Found::Need if stream.is_over() => {
                    self.forget();
                    return stream.cut("the end of a reply");
                }
                Found::Need => return None,
                Found::Broken(failure) => {
                    self.forget();
                    Outcome::Failed(failure)
                }
                Found::Line(line) => match self.line(line) {
                    Some(outcome) => outcome,
                    None => continue,
                },
            };
            return Some(stream.unit(outcome));
        }
    }
}

impl Server {
    /// Whatever reply there was is over.
    fn forget(&mut self) {
        self.reader = ReplyReader::new(MAX_REPLY);
        self.texts.clear();
        self.deviations.clear();
    }

    /// A line of a reply. `None`: the reply goes on.
    fn line(&mut self, line: Line) -> Option<Outcome> {
        let Line { text, start, bare } = line;
        let has_code = text.iter().take_while(|octet| octet.is_ascii_digit()).count() >= 3;
        self.texts.push(start + if has_code { "250 ".len() as u64 } else { 0 });
        let mut deviations = Deviations::new();
        let pushed = self.reader.push(text.clone(), leniency(self.mode), &mut deviations);
        self.deviations.extend(told(&deviations, start));
        self.deviations.extend(bare);
        let outcome = match pushed {
            Ok(None) if self.reader.is_inside() => return None,
            // Text outside of a reply, which answers nothing.
            Ok(None) => match Text::new(text) {
                Ok(text) => Outcome::of("Text", &text, mem::take(&mut self.deviations)),
                Err(_) => return None,
            },
            Ok(Some(reply)) => self.reply(&reply),
            Err(ReplyError::Syntax(error)) => {
                Outcome::Failed(Failure::syntax(&error, start).within("bad reply"))
            }
            Err(error) => {
                let expected = format!("a reply of at most {MAX_REPLY} octets");
                Outcome::Failed(Failure { error: error.to_string(), offset: start, expected })
            }
        };
        self.forget();
        Some(outcome)
    }

    fn reply(&mut self, reply: &Reply) -> Outcome {
        if self.answers == Answers::Other || reply.code() != Code::OK {
            return Outcome::of("Reply", reply, mem::take(&mut self.deviations));
        }
        let mut deviations = Deviations::new();
        let parsed = Capabilities::parse(reply, leniency(self.mode), &mut deviations);
        if parsed.is_err() || !deviations.is_empty() {
            if let Err(failure) = self.search(reply) {
                return Outcome::Failed(failure);
            }
        }
        match parsed {
            Ok(offer) => Outcome::of("Capabilities", &offer, mem::take(&mut self.deviations)),
            // It was found above.
            Err(error) => Outcome::Failed(Failure::syntax(&error, self.texts.last().copied().unwrap_or(0))),
        }
    }

    /// Finds in which lines something is wrong, or was tolerated: the places that are told are those within a line.
    fn search(&mut self, reply: &Reply) -> Result<(), Failure> {
        for (line, start) in reply.lines().zip(&self.texts).skip(1) {
            let mut deviations = Deviations::new();
            let read = |deviations: &mut Deviations| -> Result<(), ParseError> {
                let Ok(line) = Text::new(line.to_vec()) else { return Ok(()) };
                // A line that is not the last: an empty one says nothing there alone.
                let alone = Reply::from_lines(Code::OK, [Text::EMPTY, line]);
                Capabilities::parse(&alone, leniency(self.mode), deviations).map(|_| ())
            };
            read(&mut deviations)
                .map_err(|error| Failure::syntax(&error, *start).within("bad capability"))?;
            self.deviations.extend(told(&deviations, *start));
        }
        self.deviations.sort_by_key(|deviation| deviation.offset);
        Ok(())
    }
}
