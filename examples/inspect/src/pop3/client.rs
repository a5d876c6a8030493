//! What a POP3 client says.
use super::{leniency, told};
use crate::{
    Inspect,
    cli::Mode,
    exchange::Exchange,
    lines::{Found, Line, Lines},
    smtp::client::response,
    stream::Stream,
    unit::{Failure, Outcome, Unit},
};
use pop3_proto::Command;

/// Reads commands, and what is said behind AUTH.
pub(crate) struct Client {
    mode: Mode,
    lines: Lines,
    exchange: Exchange,
}

impl Client {
    pub(crate) fn new(mode: Mode) -> Self {
        Self { mode, lines: Lines::of_client(), exchange: Exchange::None }
    }
}

impl Inspect for Client {
    fn next(&mut self, stream: &mut Stream) -> Option<Unit> {
        let outcome = match self.lines.next(stream) {
            Found::Need if stream.is_over() => return stream.cut("the end of a line"),
            Found::Need => return None,
            Found::Broken(failure) => Outcome::Failed(failure),
            Found::Line(line) => self.line(&line),
        };
        Some(stream.unit(outcome))
    }
}

impl Client {
    fn line(&mut self, line: &Line) -> Outcome {
        let is_command = || !matches!(Command::parse(&line.text), Err(_) | Ok(Command::Other(_)));
        if self.exchange.takes(&line.text, is_command) {
            self.exchange = self.exchange.after(&line.text);
            return response(line);
        }
        self.exchange = Exchange::None;
        match Command::parse_lenient(&line.text, leniency(self.mode)) {
            Err(error) => Outcome::Failed(Failure::syntax(&error, line.start)),
            Ok((command, deviation)) => {
                if let Command::Auth { mechanism, initial } = &command {
                    self.exchange = Exchange::begun(*mechanism, initial.is_some());
                }
                Outcome::variant(&command, told(deviation, line.start).into_iter().collect())
            }
        }
    }
}
