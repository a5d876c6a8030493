//! What an SMTP server says.
use super::{leniency, told};
use crate::{
    Inspect,
    answered::{Answered, first_word},
    cli::Mode,
    lines::{Found, Line, Lines},
    stream::Stream,
    unit::{Deviation, Failure, Outcome, Unit},
};
use smtp_proto::{Capabilities, Class, Code, Deviations, ParseError, Reply, ReplyError, ReplyReader, Text};
use std::mem;

/// Longest reply that is read.
const MAX_REPLY: usize = 1 << 20;

/// Reads replies.
pub(crate) struct Server {
    mode: Mode,
    lines: Lines,
    reader: ReplyReader,
    answers: Answered<Answers>,
    /// A reply that tells capabilities is over, and nothing but lines without a code came behind it.
    is_behind_offer: bool,
    /// Where the text of each line of the reply starts in the stream.
    texts: Vec<u64>,
    deviations: Vec<Deviation>,
}

/// What replies answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
enum Answers {
    /// EHLO or LHLO: a 250 tells capabilities.
    Hello,
    /// Whatever.
    #[default]
    Other,
}

impl Server {
    pub(crate) fn new(mode: Mode, answered: &[String]) -> Self {
        Self {
            mode,
            lines: Lines::of_server(mode),
            reader: ReplyReader::new(MAX_REPLY),
            answers: Answered::new(answered, Answers::to),
            is_behind_offer: false,
            texts: Vec::new(),
            deviations: Vec::new(),
        }
    }
}

impl Answers {
    fn to(command: &str) -> Self {
        match first_word(command).as_str() {
            "EHLO" | "LHLO" => Self::Hello,
            _ => Self::Other,
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
                    self.over();
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
    /// A reply is over, whatever became of it.
    fn over(&mut self) {
        self.forget();
        self.is_behind_offer = false;
        self.answers.next();
    }

    /// Nothing is left of the reply in hand.
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
            Ok(None) => {
                let outcome = self.loose(Text::new(text).ok()?, start);
                self.forget();
                return Some(outcome);
            }
            Ok(Some(reply)) => return Some(self.reply(&reply)),
            Err(ReplyError::Syntax(error)) => {
                Outcome::Failed(Failure::syntax(&error, start).within("bad reply"))
            }
            Err(error) => {
                let expected = format!("a reply of at most {MAX_REPLY} octets");
                Outcome::Failed(Failure { error: error.to_string(), offset: start, expected })
            }
        };
        self.over();
        Some(outcome)
    }

    fn reply(&mut self, reply: &Reply) -> Outcome {
        let is_offer = self.answers.now() == Answers::Hello && reply.code() == Code::OK;
        let outcome = if is_offer {
            self.offer(reply).unwrap_or_else(Outcome::Failed)
        } else {
            Outcome::of("Reply", reply, mem::take(&mut self.deviations))
        };
        // One that asks for more is not the answer.
        if reply.code().class() == Class::Intermediate {
            self.forget();
        } else {
            self.over();
        }
        self.is_behind_offer = is_offer;
        outcome
    }

    /// Text outside of a reply, which answers nothing. Behind an offer it may tell more of it.
    fn loose(&mut self, text: Text, start: u64) -> Outcome {
        if self.is_behind_offer {
            // As the first line, which tells no capability, and this one.
            self.texts = vec![start; 2];
            let more = Reply::from_lines(Code::OK, [Text::EMPTY, text]);
            return self.offer(&more).unwrap_or_else(Outcome::Failed);
        }
        Outcome::of("Text", &text, mem::take(&mut self.deviations))
    }

    /// The capabilities that a reply tells.
    fn offer(&mut self, reply: &Reply) -> Result<Outcome, Failure> {
        let mut deviations = Deviations::new();
        let parsed = Capabilities::parse(reply, leniency(self.mode), &mut deviations);
        if parsed.is_err() || !deviations.is_empty() {
            self.search(reply)?;
        }
        match parsed {
            Ok(offer) => Ok(Outcome::of("Capabilities", &offer, mem::take(&mut self.deviations))),
            // It was found above.
            Err(error) => Err(Failure::syntax(&error, self.texts.last().copied().unwrap_or(0))),
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
