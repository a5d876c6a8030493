//! Reads units of SMTP as smtp-codec does.
use super::read::{self, initial};
use crate::meaning::{Answer, Meaning, Refusal, text};
use bytes::Bytes;
use smtp_codec::{
    parse::{command, response},
    types::{AtomOrQuoted, Command, DomainOrAddress, Parameter, Response},
};

/// All must be taken.
fn whole<T, E>(read: Result<(&[u8], T), E>) -> Result<T, Refusal> {
    match read {
        Ok(([], value)) => Ok(value),
        Ok(_) => Err(Refusal::of_peer("octets left")),
        Err(_) => Err(Refusal::of_peer("an error")),
    }
}

/// A command.
pub(super) fn command(unit: &Bytes) -> Answer {
    let verb = |verb: &str| Meaning::default().with("verb", verb);
    let host = |name: &DomainOrAddress| match name {
        DomainOrAddress::Domain(name) => text(name.as_bytes()),
        DomainOrAddress::Address(address) => format!("[{}]", text(address.as_bytes())),
    };
    let argument = |argument: &AtomOrQuoted| {
        let mut written = Vec::new();
        argument.serialize(&mut written).unwrap();
        text(&written)
    };
    let auth = |mechanism: &str, response: &Option<String>| {
        let response = response.as_ref().map(|response| initial(response));
        Meaning::default().with("verb", "AUTH").with("mechanism", mechanism).with_some("initial", response)
    };
    Ok(match whole(command::command(unit))? {
        Command::Ehlo { domain_or_address } => verb("EHLO").with("host", host(&domain_or_address)),
        Command::Helo { domain_or_address } => verb("HELO").with("host", host(&domain_or_address)),
        Command::Mail { reverse_path, parameters } => {
            parameters.iter().fold(verb("MAIL").with("address", address(&reverse_path)), parameter)
        }
        Command::Rcpt { forward_path, parameters } => {
            parameters.iter().fold(verb("RCPT").with("address", address(&forward_path)), parameter)
        }
        Command::Vrfy { user_or_mailbox } => verb("VRFY").with("argument", argument(&user_or_mailbox)),
        Command::Expn { mailing_list } => verb("EXPN").with("argument", argument(&mailing_list)),
        Command::Help { argument: said } => verb("HELP").with_some("argument", said.as_ref().map(argument)),
        Command::Noop { argument: said } => verb("NOOP").with_some("argument", said.as_ref().map(argument)),
        Command::AuthLogin(response) => auth("LOGIN", &response),
        Command::AuthPlain(response) => auth("PLAIN", &response),
        plain => verb(plain.name()),
    })
}

/// The mailbox of a path, which may have a route.
fn address(path: &str) -> String {
    if path.eq_ignore_ascii_case("<postmaster>") {
        return "postmaster".into();
    }
    let path = path.strip_prefix('<').and_then(|path| path.strip_suffix('>')).unwrap_or(path);
    let mailbox = match path.strip_prefix('@') {
        Some(routed) => routed.split_once(':').map_or(path, |(_, mailbox)| mailbox),
        None => path,
    };
    text(mailbox.as_bytes())
}

fn parameter(meaning: Meaning, parameter: &Parameter) -> Meaning {
    let mut written = Vec::new();
    parameter.serialize(&mut written).unwrap();
    let written = text(&written);
    let (keyword, value) = written.split_once('=').unwrap_or((&written, "(no value)"));
    meaning.with(format!("param {}", keyword.to_ascii_uppercase()), value)
}

/// The command as each side writes it.
pub(super) fn written_commands(unit: &Bytes) -> Vec<Bytes> {
    let theirs = whole(command::command(unit)).map(|command| {
        let mut wire = Vec::new();
        command.serialize(&mut wire).unwrap();
        Bytes::from(wire)
    });
    read::written_commands(unit).into_iter().chain(theirs).collect()
}

/// A reply.
pub(super) fn reply(unit: &Bytes) -> Answer {
    whole(response::Reply_line(unit)).map(|_| Meaning::default())
}

/// The reply to EHLO.
pub(super) fn offer(unit: &Bytes) -> Answer {
    let Response::Ehlo { domain, capabilities, .. } = whole(response::ehlo_ok_rsp(unit))? else {
        return Err(Refusal::of_peer("no EHLO"));
    };
    let lines = capabilities.iter().map(|capability| {
        let mut written = Vec::new();
        capability.serialize(&mut written).unwrap();
        text(&written)
    });
    Ok(read::offered(Meaning::default().with("host", text(domain.as_bytes())), lines))
}
