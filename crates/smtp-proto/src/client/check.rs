//! May a command be sent as things stand?
use super::{
    Addresses, Client, Task,
    error::SendRefusal,
    flight::{Awaits, InFlight, is_barrier, verb},
};
use crate::{
    Auth, Body, Capabilities, Command, Extension, ForwardPath, Mail, Rcpt, ReversePath,
    config::{Protocol, TlsPolicy},
    state::{State, Verb},
};
use mail_wire::{CleartextLogin, Output, Security};

/// Longest command line that every server takes
/// ([RFC 5321 §4.5.3.1.4](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.4)).
const MAX_LINE: usize = 512;

/// Parameters of MAIL and RCPT that have no type here, and the extensions that brought them.
const PARAMETERS: [(&str, Extension); 16] = [
    ("RET", Extension::Dsn),
    ("ENVID", Extension::Dsn),
    ("NOTIFY", Extension::Dsn),
    ("ORCPT", Extension::Dsn),
    ("REQUIRETLS", Extension::RequireTls),
    ("BY", Extension::DeliverBy),
    ("HOLDFOR", Extension::FutureRelease),
    ("HOLDUNTIL", Extension::FutureRelease),
    ("MT-PRIORITY", Extension::MtPriority),
    ("RRVS", Extension::Rrvs),
    ("MTRK", Extension::Mtrk),
    ("CONPERM", Extension::ConPerm),
    ("CONNEG", Extension::ConNeg),
    ("SOLICIT", Extension::NoSoliciting),
    ("TRANSID", Extension::Checkpoint),
    ("SUBMITTER", Extension::Submitter),
];

/// Counts what is encoded.
struct Length(usize);

impl Output for Length {
    fn text(&mut self, text: &[u8]) {
        self.0 += text.len();
    }
}

impl Client {
    /// What will stand when `command` is sent and succeeds.
    pub(super) fn check(&mut self, command: &Command) -> Result<State, SendRefusal> {
        if self.task == Task::Closed {
            return Err(SendRefusal::Closed);
        }
        let verb = verb(command);
        match (command, self.config.protocol) {
            (Command::Lhlo(_), Protocol::Smtp) | (Command::Ehlo(_) | Command::Helo(_), Protocol::Lmtp) => {
                return Err(SendRefusal::WrongProtocol);
            }
            _ => {}
        }
        if self.is_full() || self.is_behind_barrier() {
            return Err(SendRefusal::Busy);
        }
        let expected = self.expected();
        let next = expected.after(verb)?;
        if self.config.tls == TlsPolicy::Required
            && expected.security == Security::Clear
            && !matches!(verb, Verb::Hello | Verb::StartTls | Verb::Quit)
            && !matches!(command, Command::Noop(None))
        {
            return Err(SendRefusal::NeedsTls);
        }
        match command {
            Command::StartTls => self.needs(Extension::StartTls)?,
            Command::Auth(auth) => self.check_auth(auth, command)?,
            Command::Mail(mail) => self.check_mail(mail)?,
            Command::Rcpt(rcpt) => self.check_rcpt(rcpt)?,
            Command::Vrfy(name) | Command::Expn(name)
                if !name.as_str().is_ascii() && !self.offers(Extension::SmtpUtf8) =>
            {
                return Err(SendRefusal::NeedsUtf8);
            }
            _ => {}
        }
        Ok(next)
    }

    /// Are as many commands on their way as may be?
    fn is_full(&self) -> bool {
        let greeting = self.in_flight.front().is_some_and(|front| front.awaits == Awaits::Greeting);
        self.in_flight.len() - usize::from(greeting) + self.held.len() >= self.config.max_in_flight
    }

    fn is_behind_barrier(&self) -> bool {
        // Nothing is taken behind a barrier, so that it is the last there is.
        let last = match (self.held.back(), self.in_flight.back()) {
            (Some((_, command)), _) => Some(verb(command)),
            (None, last) => last.and_then(|last: &InFlight| last.awaits.verb()),
        };
        last.is_some_and(is_barrier)
    }

    fn check_auth(&self, auth: &Auth, command: &Command) -> Result<(), SendRefusal> {
        if self.confirmed.security == Security::Clear && self.config.cleartext == CleartextLogin::Refuse {
            return Err(SendRefusal::NeedsTls);
        }
        let offered = self.capabilities().map(Capabilities::mechanisms).unwrap_or_default();
        if !offered.contains(&auth.mechanism) {
            return Err(SendRefusal::NotOffered(Extension::Auth));
        }
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
            ReversePath::Path(path) => !path.is_ascii(),
            ReversePath::Null => false,
        };
        if parameters.auth().is_some() {
            self.needs(Extension::Auth)?;
        }
        self.check_unknown(parameters.unknown())?;
        if parameters.smtputf8() {
            self.needs(Extension::SmtpUtf8)?;
        } else if is_utf8 {
            return Err(SendRefusal::NeedsUtf8);
        }
        Ok(())
    }

    fn check_rcpt(&self, rcpt: &Rcpt) -> Result<(), SendRefusal> {
        match &rcpt.to {
            ForwardPath::Path(path) if !path.is_ascii() && self.addresses == Addresses::Ascii => {
                return Err(SendRefusal::NeedsUtf8);
            }
            _ => {}
        }
        self.check_unknown(rcpt.parameters.unknown())
    }

    /// Parameters that this library has no type for: those of extensions that it knows by name must be offered.
    fn check_unknown<'a>(
        &self,
        mut parameters: impl Iterator<Item = (&'a str, Option<&'a str>)>,
    ) -> Result<(), SendRefusal> {
        parameters.try_for_each(|(keyword, _)| {
            let of_keyword = PARAMETERS.iter().find(|(known, _)| keyword.eq_ignore_ascii_case(known));
            of_keyword.map_or(Ok(()), |(_, extension)| self.needs(*extension))
        })
    }

    fn offers(&self, extension: Extension) -> bool {
        self.capabilities().is_some_and(|offered| offered.has(extension))
    }

    fn needs(&self, extension: Extension) -> Result<(), SendRefusal> {
        if self.offers(extension) { Ok(()) } else { Err(SendRefusal::NotOffered(extension)) }
    }
}
