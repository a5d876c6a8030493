//! What `mail send` is told.
use clap::{Args, ValueEnum};
use smtp_proto::{ClientName, Mailbox, Priority};
use std::{path::PathBuf, str::FromStr};
use thiserror::Error;

/// What to send, and to whom.
#[derive(Debug, Args)]
pub(crate) struct Send {
    /// Who sends it: a@b.example, or "Name <a@b.example>"; with --raw also <>
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) from: Sender,
    /// Who receives it
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) to: Vec<Address>,
    /// Who receives a copy
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) cc: Vec<Address>,
    /// Who receives a copy that the others are not told of
    #[arg(long, value_name = "ADDRESS")]
    pub(crate) bcc: Vec<Address>,
    /// The subject
    #[arg(long, value_name = "TEXT", default_value = "", hide_default_value = true)]
    pub(crate) subject: String,
    /// The text, in UTF-8, is in this file; it comes from standard input unless told
    #[arg(long, value_name = "FILE")]
    pub(crate) body: Option<PathBuf>,
    /// Attach this file; what it is, its name tells
    #[arg(long, value_name = "FILE")]
    pub(crate) attach: Vec<PathBuf>,
    /// A further field of the header
    #[arg(long, value_name = "NAME: VALUE")]
    pub(crate) header: Vec<Field>,
    /// A whole message is in this file, or in standard input with `-`: its octets are sent as they are
    #[arg(long, value_name = "FILE", conflicts_with_all = ["subject", "body", "attach", "header"])]
    pub(crate) raw: Option<PathBuf>,
    /// When the sender wants to be notified of what became of it
    #[arg(long, value_enum, value_delimiter = ',')]
    pub(crate) notify: Vec<Notify>,
    /// How much of the message comes back with such a notification
    #[arg(long, value_enum)]
    pub(crate) ret: Option<Ret>,
    /// What such a notification calls the message
    #[arg(long, value_name = "ID")]
    pub(crate) envid: Option<String>,
    /// How urgent it is, from -9 to 9
    #[arg(long, value_name = "N", allow_hyphen_values = true)]
    pub(crate) priority: Option<Priority>,
    /// All who pass it on must do so by TLS
    #[arg(long)]
    pub(crate) requiretls: bool,
    /// The server holds it back for so long
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u32).range(1..))]
    pub(crate) hold_for: Option<u32>,
    /// Speak LMTP; the port is 24
    #[arg(long)]
    pub(crate) lmtp: bool,
    /// Speak LMTP at this Unix socket, in place of a server
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Option<PathBuf>,
    /// What this machine is called; its own name unless told
    #[arg(long, value_name = "NAME")]
    pub(crate) hello: Option<ClientName>,
}

/// A moment at which the sender wants to be notified.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Notify {
    Never,
    Success,
    Failure,
    Delay,
}

/// What comes back with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Ret {
    /// All of the message
    Full,
    /// Its header
    Hdrs,
}

/// An address, and perhaps a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Address {
    pub(crate) name: Option<String>,
    pub(crate) mailbox: Mailbox,
}

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Sender {
    /// Nobody: a notification.
    Null,
    Address(Address),
}

/// A field of the header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Field {
    pub(crate) name: String,
    pub(crate) value: String,
}

/// Not an address.
#[derive(Debug, Error)]
pub(crate) enum InvalidAddress {
    #[error("not an address: {0}")]
    Mailbox(#[from] smtp_proto::ParseError),
    #[error("a name without control characters goes before an address in <>")]
    Name,
}

/// Not a field that may be given.
#[derive(Debug, Error)]
pub(crate) enum InvalidField {
    #[error("neither NAME: VALUE nor without control characters")]
    Form,
    #[error("{0} is made of other options, or of the message")]
    Own(String),
}

impl FromStr for Address {
    type Err = InvalidAddress;
    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        let (name, address) = match text.strip_suffix('>') {
            Some(before) => before.rsplit_once('<').ok_or(InvalidAddress::Name)?,
            None => ("", text),
        };
        if name.chars().any(char::is_control) {
            return Err(InvalidAddress::Name);
        }
        let name = name.trim();
        let name = name.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(name);
        let name = (!name.is_empty()).then(|| name.to_owned());
        Ok(Self { name, mailbox: Mailbox::new(address)? })
    }
}

impl FromStr for Sender {
    type Err = InvalidAddress;
    fn from_str(text: &str) -> Result<Self, InvalidAddress> {
        if text == "<>" { Ok(Self::Null) } else { text.parse().map(Self::Address) }
    }
}

/// Fields that are made of other options, or of the message.
const OWN: [&str; 6] = ["From", "To", "Cc", "Bcc", "Subject", "MIME-Version"];
/// Fields that are written as the crate that builds messages knows them.
const KNOWN: [&str; 2] = ["Date", "Message-ID"];

impl FromStr for Field {
    type Err = InvalidField;
    fn from_str(text: &str) -> Result<Self, InvalidField> {
        let (name, value) = text.split_once(':').ok_or(InvalidField::Form)?;
        let is_name = !name.is_empty() && name.bytes().all(|octet| octet.is_ascii_graphic());
        if !is_name || text.chars().any(char::is_control) {
            return Err(InvalidField::Form);
        }
        let is = |known: &str| known.eq_ignore_ascii_case(name);
        if OWN.into_iter().any(is) || name.to_ascii_lowercase().starts_with("content-") {
            return Err(InvalidField::Own(name.to_owned()));
        }
        let name = KNOWN.into_iter().find(|known| is(known)).unwrap_or(name);
        Ok(Self { name: name.to_owned(), value: value.trim().to_owned() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_have_a_name() {
        for (text, name, address) in [
            ("a@b.example", None, "a@b.example"),
            ("<a@b.example>", None, "a@b.example"),
            ("J\u{fc}rgen <j@b.example>", Some("J\u{fc}rgen"), "j@b.example"),
            ("\"Doe, Jane\" <d@b.example>", Some("Doe, Jane"), "d@b.example"),
            ("x <\"a b\"@b.example>", Some("x"), "\"a b\"@b.example"),
        ] {
            let read: Address = text.parse().unwrap();
            assert_eq!((read.name.as_deref(), read.mailbox.as_str()), (name, address), "{text}");
        }
        for text in ["", "a", "a@b.example>", "a <b>", "a\r\nBcc: x <a@b.example>", "<a@b.example> x", "<>"] {
            assert!(text.parse::<Address>().is_err(), "{text}");
        }
        assert_eq!("<>".parse::<Sender>().unwrap(), Sender::Null);
    }

    #[test]
    fn a_field_cannot_bring_another_one() {
        let field: Field = "message-id: <a@b.example>".parse().unwrap();
        assert_eq!((field.name.as_str(), field.value.as_str()), ("Message-ID", "<a@b.example>"));
        for text in [
            "X-A",
            ": a",
            "X A: b",
            "X-A: b\r\nBcc: c",
            "bcc: a@b.example",
            "Content-Type: text/html",
            "\u{fc}: a",
        ] {
            assert!(text.parse::<Field>().is_err(), "{text}");
        }
    }
}
