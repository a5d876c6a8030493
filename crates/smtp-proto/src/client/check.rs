//! May a command be sent as things stand?
use super::{
    Client, Task,
    error::SendRefusal,
    flight::{Awaits, is_barrier, verb},
};
use crate::{
    Auth, Body, Capabilities, Command, Extension, ForwardPath, Mail, ReversePath,
    config::{Protocol, TlsPolicy},
    state::{State, Verb},
};
use mail_wire::{CleartextLogin, Output, Security};

/// Longest command line that every server takes
/// ([RFC 5321 §4.5.3.1.4](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.4)).
const MAX_LINE: usize = 512;

/// Counts what is encoded.
struct Length(usize);

impl Output for Length {
    fn text(&mut self, text: &[u8]) {
        self.0 += text.len();
    }
}

impl Client {
    /// What will stand when `command` is sent and succeeds.
    pub(super) fn check(&self, command: &Command) -> Result<State, SendRefusal> {
        if self.task == Task::Closed {
            return Err(SendRefusal::Closed);
        }
        let verb = verb(command).ok_or(SendRefusal::WrongProtocol)?;
        match (command, self.config.protocol) {
            (Command::Lhlo(_), Protocol::Smtp) | (Command::Ehlo(_) | Command::Helo(_), Protocol::Lmtp) => {
                return Err(SendRefusal::WrongProtocol);
            }
            _ => {}
        }
        if self.is_behind_barrier() || self.in_flight.len() + self.held.len() > self.config.max_in_flight {
            return Err(SendRefusal::Busy);
        }
        let next = self.expected.after(verb)?;
        if self.config.tls == TlsPolicy::Required
            && self.expected.security == Security::Clear
            && !matches!(verb, Verb::Hello | Verb::StartTls | Verb::Quit)
            && !matches!(command, Command::Noop(None))
        {
            return Err(SendRefusal::NeedsTls);
        }
        match command {
            Command::StartTls => self.needs(Extension::StartTls)?,
            Command::Auth(auth) => self.check_auth(auth, command)?,
            Command::Mail(mail) => self.check_mail(mail)?,
            Command::Rcpt(rcpt) => match &rcpt.to {
                ForwardPath::Path(path)
                    if !path.mailbox().is_ascii() && !self.offers(Extension::SmtpUtf8) =>
                {
                    return Err(SendRefusal::NeedsUtf8);
                }
                _ => {}
            },
            _ => {}
        }
        Ok(next)
    }

    fn is_behind_barrier(&self) -> bool {
        let in_flight = self.in_flight.iter().any(|flight| match flight.awaits {
            Awaits::Command(verb) => is_barrier(verb),
            _ => false,
        });
        in_flight || self.held.iter().any(|(_, command)| verb(command).is_some_and(is_barrier))
    }

    fn check_auth(&self, auth: &Auth, command: &Command) -> Result<(), SendRefusal> {
        if self.expected.security == Security::Clear && self.config.cleartext == CleartextLogin::Refuse {
            return Err(SendRefusal::NeedsTls);
        }
        self.needs(Extension::Auth)?;
        if auth.initial.is_some() {
            let mut line = Length(0);
            command.encode(&mut line);
            if line.0 > MAX_LINE {
                return Err(SendRefusal::LineTooLong);
            }
        }
        Ok(())
    }

    fn check_mail(&self, mail: &Mail) -> Result<(), SendRefusal> {
        let parameters = &mail.parameters;
        if let Some(size) = parameters.size() {
            self.needs(Extension::Size)?;
            match self.capabilities().and_then(Capabilities::size_limit) {
                Some(limit) if size > limit => return Err(SendRefusal::TooLarge { limit }),
                _ => {}
            }
        }
        match parameters.body() {
            Some(Body::BinaryMime) => self.needs(Extension::BinaryMime)?,
            Some(_) => self.needs(Extension::EightBitMime)?,
            None => {}
        }
        let is_utf8 = match &mail.from {
            ReversePath::Path(path) => !path.mailbox().is_ascii(),
            ReversePath::Null => false,
        };
        if parameters.smtputf8() {
            self.needs(Extension::SmtpUtf8)?;
        } else if is_utf8 {
            return Err(SendRefusal::NeedsUtf8);
        }
        Ok(())
    }

    fn offers(&self, extension: Extension) -> bool {
        self.capabilities().is_some_and(|offered| offered.has(extension))
    }

    fn needs(&self, extension: Extension) -> Result<(), SendRefusal> {
        if self.offers(extension) { Ok(()) } else { Err(SendRefusal::NotOffered(extension)) }
    }
}
