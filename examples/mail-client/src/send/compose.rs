//! A message made of what the command line says.
use super::{Error, source::Source};
use crate::cli::{self, Sender};
use mail_builder::{
    MessageBuilder,
    headers::{address::Address, raw::Raw, text::Text},
    mime::make_boundary,
};
use std::{
    fs,
    io::{self, Read},
    path::Path,
};

/// The message: the one of `--raw`, or one that is made now.
pub(super) fn message(options: &cli::Send) -> Result<Source, Error> {
    match (&options.raw, &options.from) {
        (Some(path), _) if path.as_os_str() == "-" => {
            let mut octets = Vec::new();
            io::stdin()
                .lock()
                .read_to_end(&mut octets)
                .map_err(|source| Error::read("standard input", source))?;
            Ok(Source::Memory(octets.into()))
        }
        (Some(path), _) => Ok(Source::File(path.clone())),
        (None, Sender::Null) => Err(Error::NoSender),
        (None, Sender::Address(from)) => made(options, from),
    }
}

fn made(options: &cli::Send, from: &cli::Address) -> Result<Source, Error> {
    let domain = from.mailbox.as_str().rsplit_once('@').map_or("localhost", |(_, domain)| domain);
    let mut message = MessageBuilder::new().from(address(from));
    for (name, addresses) in [("To", &options.to), ("Cc", &options.cc)] {
        if !addresses.is_empty() {
            message = message.header(name, Address::new_list(addresses.iter().map(address).collect()));
        }
    }
    // Those who receive it so are not to be seen in it.
    if options.to.is_empty() && options.cc.is_empty() {
        message = message.header("To", Raw::new("undisclosed-recipients:;"));
    }
    if !options.subject.is_empty() {
        message = message.subject(Text::new(one_line(&options.subject)));
    }
    for cli::Field { name, value } in &options.header {
        message = if matches!(name.as_str(), "Date" | "Message-ID") {
            message.header(name.clone(), Raw::new(value.clone()))
        } else {
            message.header(name.clone(), Text::new(value.clone()))
        };
    }
    if !options.header.iter().any(|field| field.name == "Message-ID") {
        message = message.message_id(format!("{}@{domain}", make_boundary(".")));
    }
    message = message.text_body(text(options.body.as_deref())?);
    for path in &options.attach {
        let octets = fs::read(path).map_err(|source| Error::read(path.display(), source))?;
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let kind = mime_guess::from_path(path).first_or_octet_stream();
        message = message.attachment(kind.essence_str().to_owned(), one_line(&name), octets);
    }
    let octets = message.write_to_vec().map_err(Error::Compose)?;
    Ok(Source::Memory(octets.into()))
}

fn address(address: &cli::Address) -> Address<'_> {
    Address::new_address(address.name.as_deref(), address.mailbox.as_str())
}

/// The text of the message.
fn text(path: Option<&Path>) -> Result<String, Error> {
    let (name, octets) = match path {
        Some(path) => (path.display().to_string(), fs::read(path)),
        None => {
            let mut octets = Vec::new();
            let read = io::stdin().lock().read_to_end(&mut octets);
            ("standard input".to_owned(), read.map(|_| octets))
        }
    };
    let octets = octets.map_err(|source| Error::read(&name, source))?;
    String::from_utf8(octets).map_err(|_| Error::NotText(name))
}

/// What stands in a header has no control characters.
fn one_line(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}
