//! The command line.
mod pop;
mod send;

pub(crate) use pop::Pop;
pub(crate) use send::{Address, Field, Notify, Ret, Send, Sender};

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum, error::ErrorKind};
use imap_proto::{MailboxName, Mechanism};
use std::{num::NonZeroU32, path::PathBuf, str::FromStr};
use thiserror::Error;

/// Reads mailboxes by IMAP: lists messages, shows them, tells of new ones as they come. Fetches maildrops by POP3.
/// Sends messages by SMTP and LMTP.
///
/// Nothing but `pop --delete` changes a mailbox: what is shown stays unread.
///
/// The password, or with --token the token, comes from --password-file, or else from the environment variable
/// MAIL_PASSWORD, or else it is asked for; where standard input is no terminal, it is the first line of that.
#[derive(Debug, Parser)]
#[command(name = "mail", version)]
pub(crate) struct Cli {
    /// Which account, and how to reach it.
    #[command(flatten)]
    pub(crate) options: Options,
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// Which account, and how to reach it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Account and connection")]
pub(crate) struct Options {
    /// The server; the port is 993, or 143 without implicit TLS; for `pop` 995 or 110, for `send` 465, 587 with STARTTLS,
    /// else 25
    #[arg(long, global = true, value_name = "HOST[:PORT]")]
    pub(crate) server: Option<Server>,
    /// The account's name; `send` does not log in without one
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// The password is the first line of this file
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) password_file: Option<PathBuf>,
    /// What the account is opened with is an OAuth 2.0 token in place of the password
    #[arg(long, global = true)]
    pub(crate) token: bool,
    /// The token is the first line that this command says, which is run anew for each login
    #[arg(long, global = true, value_name = "COMMAND", conflicts_with_all = ["token", "password_file"])]
    pub(crate) token_command: Option<String>,
    /// Show this certificate, with its chain (PEM); without a file or command for a password or token it is the login
    /// (EXTERNAL)
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) cert: Option<PathBuf>,
    /// The certificate's private key (PEM); may stand in its file
    #[arg(long, global = true, value_name = "FILE", requires = "cert")]
    pub(crate) key: Option<PathBuf>,
    /// Log in by this SASL mechanism alone, such as SCRAM-SHA-256; LOGIN stands for the command too
    #[arg(long, global = true, value_name = "NAME")]
    pub(crate) mechanism: Option<Mechanism>,
    /// How the connection is secured
    #[arg(long, global = true, value_enum, default_value_t = Tls::Implicit)]
    pub(crate) tls: Tls,
    /// Say the password and all else in clear; goes with --tls off
    #[arg(long, global = true)]
    pub(crate) allow_cleartext: bool,
    /// Certificates (PEM) to trust beside those that browsers trust
    #[arg(long, global = true, value_name = "FILE")]
    pub(crate) ca: Option<PathBuf>,
    /// Tell the conversation on standard error, without the password
    #[arg(long, global = true)]
    pub(crate) trace: bool,
}

/// How the connection is secured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Tls {
    /// By TLS from the start
    Implicit,
    /// By STARTTLS (POP3: STLS), never falling back to clear
    #[value(alias = "required")]
    Starttls,
    /// By STARTTLS where it is offered, else not at all; for `send` alone
    Opportunistic,
    /// Not at all
    #[value(alias = "never")]
    Off,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// List messages, newest last, or mailboxes
    List(List),
    /// Show a message, or a part of it
    Show(Show),
    /// Fetch a maildrop by POP3 into a Maildir or an mbox
    Pop(Pop),
    /// Send a message by SMTP or LMTP
    Send(Box<Send>),
    /// Tell of new, changed and removed messages as it happens, until Ctrl-C
    Watch(Watch),
}

/// What to list.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// The mailbox
    #[arg(default_value = "INBOX")]
    pub(crate) mailbox: MailboxName,
    /// Most messages to list
    #[arg(long, value_name = "N", default_value = "50")]
    pub(crate) limit: NonZeroU32,
    /// Only messages that nobody has read
    #[arg(long)]
    pub(crate) unseen: bool,
    /// List the mailboxes of the account instead
    #[arg(long, conflicts_with_all = ["mailbox", "limit", "unseen"])]
    pub(crate) folders: bool,
}

/// What to show.
#[derive(Debug, Args)]
pub(crate) struct Show {
    /// The message, by the number in the first column of `list`
    pub(crate) uid: NonZeroU32,
    /// The mailbox
    #[arg(long, default_value = "INBOX")]
    pub(crate) mailbox: MailboxName,
    /// The part, such as 2 or 1.2; the text of the message unless told
    #[arg(long, value_name = "N")]
    pub(crate) part: Option<PartNumber>,
    /// Show all fields of the header
    #[arg(long, conflicts_with_all = ["part", "raw"])]
    pub(crate) headers: bool,
    /// The octets as they are, whatever their number
    #[arg(long)]
    pub(crate) raw: bool,
    /// Write to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) save: Option<PathBuf>,
}

/// What to watch.
#[derive(Debug, Args)]
pub(crate) struct Watch {
    /// The mailbox
    #[arg(default_value = "INBOX")]
    pub(crate) mailbox: MailboxName,
}

/// A server, and perhaps its port.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Server {
    pub(crate) host: String,
    pub(crate) port: Option<u16>,
}

/// Not a server with or without a port.
#[derive(Debug, Error)]
#[error("neither HOST nor HOST:PORT")]
pub(crate) struct InvalidServer;

impl FromStr for Server {
    type Err = InvalidServer;
    fn from_str(text: &str) -> Result<Self, InvalidServer> {
        // `[::1]:993`, `::1`, `mail.example.org:993`, `mail.example.org`
        let (host, port) = match text.strip_prefix('[').and_then(|text| text.split_once(']')) {
            Some((host, "")) => (host, None),
            Some((host, port)) => (host, Some(port.strip_prefix(':').ok_or(InvalidServer)?)),
            None if text.matches(':').count() > 1 => (text, None),
            None => text.split_once(':').map_or((text, None), |(host, port)| (host, Some(port))),
        };
        let port = port.map(|port| port.parse().map_err(|_| InvalidServer)).transpose()?;
        if host.is_empty() { Err(InvalidServer) } else { Ok(Self { host: host.to_owned(), port }) }
    }
}

/// The number of a part: `1.2`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PartNumber(pub(crate) Vec<u32>);

/// Not the number of a part.
#[derive(Debug, Error)]
#[error("not a number such as 2 or 1.2")]
pub(crate) struct InvalidPart;

impl FromStr for PartNumber {
    type Err = InvalidPart;
    fn from_str(text: &str) -> Result<Self, InvalidPart> {
        let number = |text: &str| text.parse().ok().filter(|number| *number > 0).ok_or(InvalidPart);
        text.split('.').map(number).collect::<Result<_, _>>().map(Self)
    }
}

impl Cli {
    /// Reads the command line.
    ///
    /// # Errors
    /// It makes no sense, or it asks for help, which this error is then.
    pub(crate) fn told() -> Result<Self, clap::Error> {
        Self::try_parse()?.checked()
    }

    /// Is something missing, or does not go together?
    fn checked(self) -> Result<Self, clap::Error> {
        let Options { server, user, tls, allow_cleartext, cert, .. } = &self.options;
        let wrong = |kind, text: &str| Err(Self::command().error(kind, text));
        let is_sending = matches!(self.command, Command::Send(_));
        let has_socket = matches!(&self.command, Command::Send(send) if send.socket.is_some());
        match (server, user) {
            (None, None) if has_socket => Ok(self),
            _ if has_socket => {
                wrong(ErrorKind::ArgumentConflict, "--socket goes with neither --server nor --user")
            }
            (None, _) => wrong(ErrorKind::MissingRequiredArgument, "--server HOST[:PORT] is missing"),
            (_, None) if !is_sending => wrong(ErrorKind::MissingRequiredArgument, "--user NAME is missing"),
            _ if *tls == Tls::Opportunistic && !is_sending => {
                wrong(ErrorKind::ArgumentConflict, "--tls opportunistic goes with `send` alone")
            }
            _ if *tls == Tls::Off && cert.is_some() => {
                wrong(ErrorKind::ArgumentConflict, "--cert is shown by TLS: it does not go with --tls off")
            }
            (_, Some(_)) if *tls == Tls::Off && !allow_cleartext => wrong(
                ErrorKind::MissingRequiredArgument,
                "--tls off says the password in clear: --allow-cleartext must be said with it",
            ),
            _ if *tls != Tls::Off && *allow_cleartext => {
                wrong(ErrorKind::ArgumentConflict, "--allow-cleartext goes with --tls off alone")
            }
            _ => Ok(self),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_may_have_a_port_and_be_an_ipv6_address() {
        for (text, host, port) in [
            ("mail.example.org", "mail.example.org", None),
            ("localhost:1143", "localhost", Some(1143)),
            ("[::1]:993", "::1", Some(993)),
            ("[::1]", "::1", None),
            ("::1", "::1", None),
        ] {
            let server: Server = text.parse().unwrap();
            assert_eq!((server.host.as_str(), server.port), (host, port), "{text}");
        }
        for text in ["", ":993", "host:", "host:imap", "[::1]993", "[]:1"] {
            assert!(text.parse::<Server>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_part_has_numbers_from_one() {
        assert_eq!("1.2".parse::<PartNumber>().unwrap(), PartNumber(vec![1, 2]));
        for text in ["", "0", "1.", "1..2", "a", "1.0"] {
            assert!(text.parse::<PartNumber>().is_err(), "{text}");
        }
    }

    #[test]
    fn the_command_line_is_well_formed() {
        Cli::command().debug_assert();
    }
}
