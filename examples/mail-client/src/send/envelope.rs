//! Who sends, who receives, and what is asked of the server for each.
use super::{
    Error,
    source::{Charset, Nature},
};
use crate::cli::{self, Sender};
use smtp_proto::{Body, Hold, Mail, Mailbox, Notify, Rcpt, Ret, ReversePath, delivery::Message};

/// A message for the machine, and its recipients as they were named, each once.
pub(super) struct Envelope {
    pub(super) message: Message,
    pub(super) recipients: Vec<Mailbox>,
}

/// The envelope of a message.
pub(super) fn envelope(options: &cli::Send, nature: Nature) -> Result<Envelope, Error> {
    let from = match &options.from {
        Sender::Null => ReversePath::Null,
        Sender::Address(address) => address.mailbox.clone().into(),
    };
    let mut mail = Mail::new(from).with_size(nature.octets);
    if nature.body == Charset::Other {
        mail = mail.with_body(Body::EightBitMime);
    }
    if nature.header == Charset::Other {
        mail = mail.with_smtputf8();
    }
    if let Some(ret) = options.ret {
        mail = mail.with_ret(if ret == cli::Ret::Full { Ret::Full } else { Ret::Headers });
    }
    if let Some(envid) = &options.envid {
        mail = mail.with_envid(envid).map_err(|source| Error::Option { name: "--envid", source })?;
    }
    if let Some(priority) = options.priority {
        mail = mail.with_priority(priority);
    }
    if options.requiretls {
        mail = mail.with_requiretls();
    }
    if let Some(seconds) = options.hold_for {
        let held = mail.with_hold(Hold::For(seconds));
        mail = held.map_err(|source| Error::Option { name: "--hold-for", source })?;
    }
    let mut recipients: Vec<Mailbox> = Vec::new();
    for address in [&options.to, &options.cc, &options.bcc].into_iter().flatten() {
        if !recipients.contains(&address.mailbox) {
            recipients.push(address.mailbox.clone());
        }
    }
    let rcpts = recipients.iter().map(|mailbox| {
        let rcpt = Rcpt::new(mailbox.clone());
        match notify(&options.notify) {
            Some(notify) => rcpt.with_notify(notify),
            None => rcpt,
        }
    });
    Ok(Envelope { message: Message::new(mail, rcpts.collect()), recipients })
}

fn notify(wanted: &[cli::Notify]) -> Option<Notify> {
    let each = wanted.iter().map(|notify| match notify {
        cli::Notify::Never => Notify::NEVER,
        cli::Notify::Success => Notify::SUCCESS,
        cli::Notify::Failure => Notify::FAILURE,
        cli::Notify::Delay => Notify::DELAY,
    });
    each.reduce(Notify::and)
}
