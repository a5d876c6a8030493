//! `mail send`
mod compose;
mod envelope;
mod error;
mod session;
mod source;
mod table;
mod traced;

pub(crate) use error::Error;

use crate::{
    account::{Account, Reach},
    cli,
    progress::Progress,
    text,
};
use envelope::Envelope;
use rustix::system::uname;
use session::Session;
use smtp_proto::{ClientName, Protocol, delivery::Verdict};
use std::io::{self, Write};

/// Sends a message, and tells what became of it for each recipient.
pub(crate) async fn send(reach: &Reach, account: Option<&Account>, options: &cli::Send) -> Result<(), Error> {
    if [&options.to, &options.cc, &options.bcc].into_iter().all(Vec::is_empty) {
        return Err(Error::NoRecipient);
    }
    let source = compose::message(options)?;
    let nature = source.nature()?;
    if nature.mended > 0 {
        tell(format_args!("{} line ends were made CRLF", nature.mended));
    }
    let Envelope { message, recipients } = envelope::envelope(options, nature)?;
    let protocol = if options.lmtp || options.socket.is_some() { Protocol::Lmtp } else { Protocol::Smtp };
    let mut session = Session::open(reach, options.socket.as_deref(), protocol, name(options)).await?;
    if let Some(account) = account {
        session.login(account).await?;
    }
    let progress = Progress::new(reach.trace);
    let (report, failure) = session.deliver(message, nature.octets, &source, &progress).await?;
    let _ = io::stdout().write_all(table::table(&recipients, &report.outcomes).as_bytes());
    for extension in &report.omitted {
        tell(format_args!("the server does not offer {extension}: what asks for it was left out"));
    }
    let count = |wanted: &[Verdict]| {
        report.outcomes.iter().filter(|outcome| wanted.contains(&outcome.verdict())).count()
    };
    let (temporary, permanent) = (count(&[Verdict::Later, Verdict::Unknown]), count(&[Verdict::Never]));
    match failure {
        _ if temporary + permanent == 0 => Ok(()),
        Some(failure) => Err(failure),
        None => Err(Error::Undelivered { recipients: recipients.len(), temporary, permanent }),
    }
}

/// What this machine is called.
fn name(options: &cli::Send) -> ClientName {
    let own = || ClientName::new(&uname().nodename().to_string_lossy()).ok();
    options.hello.clone().or_else(own).unwrap_or_else(|| std::net::Ipv4Addr::LOCALHOST.into())
}

/// On standard error, beside what is done.
fn tell(what: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "mail: {}", text::line(&what.to_string()));
}
