//! The command `inspect`: reads what one side of a mail session sent, and tells each unit of it as a line of JSON.
//!
//! The contract of its output stands in `docs/inspect.md`.
mod answered;
mod cli;
mod exchange;
mod imap;
mod lines;
mod message;
mod pop3;
mod show;
mod smtp;
mod stream;
#[cfg(test)]
mod tests;
mod unit;

use clap::Parser;
use cli::Cli;
use show::Show;
use std::{
    env,
    io::{self, BufWriter, IsTerminal, Read, Write},
    process::ExitCode,
};
use stream::Stream;
use unit::Unit;

/// Most octets that are read at once.
const BLOCK: usize = 64 << 10;

/// Reads one side of a session.
trait Inspect {
    /// The next unit of `stream`. `None`: it does not end in what is there, or the stream is over and so is this.
    fn next(&mut self, stream: &mut Stream) -> Option<Unit>;
}

/// Were all units as they should be?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Verdict {
    AllOk,
    SomeFailed,
}

fn main() -> ExitCode {
    // What is wrong with the command line ends the program here, with 2.
    let cli = Cli::parse().checked();
    let show = if io::stdout().is_terminal() { Show::terminal(env::var_os("NO_COLOR")) } else { Show::Plain };
    let mut output = BufWriter::new(io::stdout().lock());
    match run(&cli, show, io::stdin().lock(), &mut output) {
        Ok(Verdict::AllOk) => ExitCode::SUCCESS,
        Ok(Verdict::SomeFailed) => ExitCode::FAILURE,
        Err(error) => {
            // Where nobody listens the exit code tells it alone.
            let _ = writeln!(io::stderr(), "inspect: {error}");
            ExitCode::from(2)
        }
    }
}

fn run(cli: &Cli, show: Show, mut source: impl Read, output: &mut impl Write) -> io::Result<Verdict> {
    let (mut inspector, mut stream) = (cli.inspector(), Stream::new(show));
    let (mut verdict, mut block) = (Verdict::AllOk, vec![0; BLOCK]);
    let cut = cli.cut.map_or(BLOCK, std::num::NonZeroUsize::get);
    loop {
        let octets = match source.read(&mut block) {
            Ok(octets) => octets,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if octets == 0 {
            stream.end();
        }
        // At the end of the input: one piece of nothing.
        let pieces = block.get(..octets).unwrap_or_default().chunks(cut);
        for piece in pieces.chain((octets == 0).then_some(&[][..])) {
            stream.feed(piece);
            while let Some(unit) = inspector.next(&mut stream) {
                if unit.has_failed() {
                    verdict = Verdict::SomeFailed;
                }
                show.unit(&unit, &stream, output)?;
            }
        }
        // Whoever drives this through pipes wants what can be told before more is there.
        output.flush()?;
        if octets == 0 {
            return Ok(verdict);
        }
    }
}
