//! The command line.
use crate::{Inspect, answered::first_word, imap, pop3, smtp};
use clap::{CommandFactory, Parser, ValueEnum, error::ErrorKind};
use std::num::NonZeroUsize;

/// Reads from standard input what one side of a mail session sent, and prints a line of JSON for each unit of it.
///
/// Every command is taken as successful: DATA has a message behind it, a literal comes whether or not it is asked for.
///
/// Exit codes: 0 all units were read, 1 some were not, 2 the command line is wrong or nothing can be read or written.
#[derive(Debug, Parser)]
#[command(name = "inspect", version)]
pub(crate) struct Cli {
    /// The protocol
    #[arg(value_enum)]
    pub(crate) protocol: Protocol,
    /// Whose octets these are
    #[arg(value_enum)]
    pub(crate) side: Side,
    /// Refuse what the RFCs do not allow
    #[arg(long, conflicts_with = "lenient")]
    pub(crate) strict: bool,
    /// Tolerate what real peers send, and tell what was tolerated; this is the default
    #[arg(long)]
    pub(crate) lenient: bool,
    /// The command that replies answer, such as EHLO, or LIST, or "LIST 1"; of an SMTP or POP3 server. Said several
    /// times: the command that the first reply answers, the second, and so on; the last one answers all that are left
    #[arg(long = "for", value_name = "COMMAND")]
    pub(crate) answered: Vec<String>,
    /// Feed the input in pieces of so many octets; the output is the same
    #[arg(long, value_name = "N")]
    pub(crate) cut: Option<NonZeroUsize>,
}

/// The protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Protocol {
    /// IMAP4rev1
    Imap,
    /// SMTP, submission and LMTP
    Smtp,
    /// POP3
    Pop3,
}

/// Whose octets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Side {
    /// Commands
    Client,
    /// Replies
    Server,
}

/// How departures from the grammar are taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Mode {
    Strict,
    Lenient,
}

impl Cli {
    /// Ends the program where things do not go together.
    pub(crate) fn checked(self) -> Self {
        let wrong = |text: &str| Self::command().error(ErrorKind::ArgumentConflict, text).exit();
        match (&self.answered[..], self.protocol, self.side) {
            ([], ..) => self,
            (_, Protocol::Imap, _) => wrong("--for is of SMTP and POP3: an IMAP response says what it is"),
            (_, _, Side::Client) => wrong("--for goes with `server`: a client answers no command"),
            (commands, ..) if commands.iter().any(|command| first_word(command).is_empty()) => {
                wrong("--for without a command")
            }
            _ => self,
        }
    }

    fn mode(&self) -> Mode {
        if self.strict { Mode::Strict } else { Mode::Lenient }
    }

    /// Who reads.
    pub(crate) fn inspector(&self) -> Box<dyn Inspect> {
        let mode = self.mode();
        match (self.protocol, self.side) {
            (Protocol::Imap, Side::Client) => Box::new(imap::client::Client::new(mode)),
            (Protocol::Imap, Side::Server) => Box::new(imap::server::Server::new(mode)),
            (Protocol::Smtp, Side::Client) => Box::new(smtp::client::Client::new(mode)),
            (Protocol::Smtp, Side::Server) => Box::new(smtp::server::Server::new(mode, &self.answered)),
            (Protocol::Pop3, Side::Client) => Box::new(pop3::client::Client::new(mode)),
            (Protocol::Pop3, Side::Server) => Box::new(pop3::server::Server::new(mode, &self.answered)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
