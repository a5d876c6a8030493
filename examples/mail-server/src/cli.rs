//! The command line.
use crate::config::Endpoint;
use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// A mail server: takes mail by SMTP and LMTP, keeps it safely, hands it out by IMAP and POP3.
///
/// Without arguments it keeps its data in ./mail-data, makes a certificate and a demo account there, and listens
/// on loopback ports above 2000.
#[derive(Debug, Parser)]
#[command(name = "mail-server", version)]
pub struct Cli {
    /// What may be said of the server.
    #[command(flatten)]
    pub options: Options,
    /// What to do instead of serving.
    #[command(subcommand)]
    pub command: Option<Command>,
}

/// What may be said on the command line; it wins over the configuration file.
#[derive(Debug, Default, Args)]
pub struct Options {
    /// Folder of the data; made if need be
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Configuration file (TOML)
    #[arg(long, global = true, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The server's name in greetings and trace fields
    #[arg(long, value_name = "NAME")]
    pub hostname: Option<String>,
    /// SMTP: takes mail for local accounts
    #[arg(long, value_name = "ADDR:PORT|off")]
    pub smtp: Option<Endpoint>,
    /// Submission with STARTTLS: needs login
    #[arg(long, value_name = "ADDR:PORT|off")]
    pub submission: Option<Endpoint>,
    /// Submission by TLS: needs login
    #[arg(long, value_name = "ADDR:PORT|off")]
    pub submissions: Option<Endpoint>,
    /// LMTP
    #[arg(long, value_name = "ADDR:PORT|off")]
    pub lmtp: Option<Endpoint>,
    /// IMAP with STARTTLS
    #[arg(long, value_name = "ADDR:PORT|off")]
    pub imap: Option<Endpoint>,
    /// IMAP by TLS
    #[arg(long, value_name = "ADDR:PORT|off")]
    pub imaps: Option<Endpoint>,
    /// POP3 with STLS
    #[arg(long, value_name = "ADDR:PORT|off")]
    pub pop3: Option<Endpoint>,
    /// POP3 by TLS
    #[arg(long, value_name = "ADDR:PORT|off")]
    pub pop3s: Option<Endpoint>,
    /// Let passwords cross the network in clear
    #[arg(long)]
    pub allow_cleartext_login: bool,
    /// Certificates (PEM) that vouch for clients': who shows one with an account's address logs in by EXTERNAL
    #[arg(long, value_name = "FILE")]
    pub client_ca: Option<PathBuf>,
    /// Let everybody read this account's mail by IMAP and POP3, without a name (ANONYMOUS)
    #[arg(long, value_name = "NAME@DOMAIN")]
    pub anonymous: Option<String>,
    /// Longest message taken, in octets
    #[arg(long, value_name = "OCTETS")]
    pub max_message: Option<u64>,
    /// How much to log: error, warn, info, debug or trace
    #[arg(long, value_name = "LEVEL")]
    pub log: Option<tracing::Level>,
}

/// What to do instead of serving.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Accounts; also while the server runs
    #[command(subcommand)]
    Account(Account),
    /// Show what SMTP said of the messages in a folder: sender, recipients, notifications; also while the server runs
    Envelopes {
        /// NAME@DOMAIN
        address: String,
        /// Which folder of the account
        #[arg(long, value_name = "NAME", default_value = "INBOX")]
        folder: String,
    },
}

/// What to do with accounts.
#[derive(Debug, Subcommand)]
pub enum Account {
    /// Add an account; its domain becomes one that mail is taken for
    Add {
        /// NAME@DOMAIN
        address: String,
        /// Read the password from the first line of standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// Give an account another password; sessions that it has go on
    Password {
        /// NAME@DOMAIN
        address: String,
        /// Read the password from the first line of standard input
        #[arg(long, required = true)]
        password_stdin: bool,
    },
    /// List the accounts
    List,
}
