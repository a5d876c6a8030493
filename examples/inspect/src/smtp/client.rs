//! What an SMTP client says.
use super::{leniency, told};
use crate::{
    Inspect,
    cli::Mode,
    exchange::Exchange,
    lines::{Found, Line, Lines},
    message::{Ending, Message, Stuffing},
    stream::Stream,
    unit::{Failure, Outcome, Unit},
};
use bytes::Buf;
use smtp_proto::{Bdat, Command, Deviations, Leniency, sasl};

/// Reads commands, and what is said behind them.
pub(crate) struct Client {
    mode: Mode,
    lines: Lines,
    exchange: Exchange,
    reading: Reading,
}

/// What is read next.
enum Reading {
    Line,
    /// DATA was said.
    Message(Box<Message>),
    /// BDAT was said: so many octets are left of so many.
    Chunk {
        left: u64,
        octets: u64,
    },
}

impl Client {
    pub(crate) fn new(mode: Mode) -> Self {
        Self { mode, lines: Lines::of_client(), exchange: Exchange::None, reading: Reading::Line }
    }
}

impl Inspect for Client {
    fn next(&mut self, stream: &mut Stream) -> Option<Unit> {
        match &mut self.reading {
            Reading::Message(message) => match message.next(stream) {
                None if stream.is_over() => stream.cut("the end of the message"),
                None => None,
                unit => {
                    self.reading = Reading::Line;
                    unit
                }
            },
            Reading::Chunk { left, octets } => {
                let there =
                    usize::try_from(*left).map_or(stream.input.len(), |left| left.min(stream.input.len()));
                stream.input.advance(there);
                *left -= there as u64;
                if *left > 0 {
                    return if stream.is_over() { stream.cut("the end of the chunk") } else { None };
                }
                let value = serde_json::json!({ "octets": *octets });
                self.reading = Reading::Line;
                Some(stream.unit(Outcome::of("Chunk", &value, Vec::new())))
            }
            Reading::Line => match self.lines.next(stream) {
                Found::Need if stream.is_over() => stream.cut("the end of a line"),
                Found::Need => None,
                Found::Broken(failure) => Some(stream.unit(Outcome::Failed(failure))),
                Found::Line(line) => {
                    let outcome = self.line(&line, stream);
                    Some(stream.unit(outcome))
                }
            },
        }
    }
}

impl Client {
    fn line(&mut self, line: &Line, stream: &Stream) -> Outcome {
        let is_command = || {
            let command = Command::parse(&line.text, Leniency::STRICT, &mut Deviations::new());
            !matches!(command, Err(_) | Ok(Command::Other(_)))
        };
        if self.exchange.takes(&line.text, is_command) {
            self.exchange = self.exchange.after(&line.text);
            return response(line);
        }
        self.exchange = Exchange::None;
        let mut deviations = Deviations::new();
        match Command::parse(&line.text, leniency(self.mode), &mut deviations) {
            Err(error) => {
                let failure = Failure::syntax(&error.error, line.start);
                Outcome::Failed(failure.within(&format!("bad {}", error.fault)))
            }
            Ok(command) => {
                match &command {
                    Command::Data => {
                        let message = Message::new(self.mode, Ending::Crlf, Stuffing::Always, stream);
                        self.reading = Reading::Message(Box::new(message));
                    }
                    Command::Auth(auth) => {
                        self.exchange = Exchange::begun(auth.mechanism, auth.initial.is_some());
                    }
                    // A chunk of nothing is none to wait for.
                    Command::Bdat(Bdat { length: 0, .. }) => {}
                    Command::Bdat(Bdat { length: octets, .. }) => {
                        self.reading = Reading::Chunk { left: *octets, octets: *octets };
                    }
                    _ => {}
                }
                Outcome::variant(&command, told(&deviations, line.start).collect())
            }
        }
    }
}

/// A line of a SASL exchange.
pub(crate) fn response(line: &Line) -> Outcome {
    match sasl::Response::parse(&line.text) {
        Ok(response) => Outcome::of("SaslResponse", &response, Vec::new()),
        Err(error) => Outcome::Failed(Failure {
            error: error.to_string(),
            offset: line.start,
            expected: "base64".into(),
        }),
    }
}
