//! May a command be sent as things stand?
use super::{
    Addresses, Client, Content, Fate, Task,
    error::SendRefusal,
    flight::{Awaits, InFlight, is_barrier, is_reset, verb},
};
use crate::{
    Auth, Body, Capabilities, Command, Extension, Mail, Submitter,
    config::Protocol,
    parameters::Known,
    state::{State, Verb},
};
use mail_wire::{CleartextLogin, Output, Security, TlsPolicy};

/// Longest command line that every server takes
/// ([RFC 5321 §4.5.3.1.4](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.4)).
const MAX_LINE: usize = 512;

/// A command line, as far as it matters whether it may be sent.
struct Line {
    octets: usize,
    is_ascii: bool,
}

impl Line {
    fn of(command: &Command) -> Self {
        let mut line = Self { octets: 0, is_ascii: true };
        command.encode(&mut line);
        line
    }
}

impl Output for Line {
    fn text(&mut self, text: &[u8]) {
        self.octets += text.len();
        self.is_ascii &= text.is_ascii();
    }
}

impl Client {
    /// What will stand when `command` is sent and succeeds.
    pub(super) fn check(&mut self, command: &Command) -> Result<State, SendRefusal> {
        if self.task == Task::Closed {
            return Err(SendRefusal::Closed);
        }
        if self.is_full() {
            return Err(SendRefusal::Busy);
        }
        self.check_line(command)
    }

    /// The same, however many commands are on their way.
    pub(super) fn check_line(&mut self, command: &Command) -> Result<State, SendRefusal> {
        let verb = verb(command);
        match (command, self.config.protocol) {
            // rule rfc2033 4.1 client-lhlo: an LMTP client says LHLO, and an SMTP client does not
            (Command::Lhlo(_), Protocol::Smtp) | (Command::Ehlo(_) | Command::Helo(_), Protocol::Lmtp) => {
                return Err(SendRefusal::WrongProtocol);
            }
            // It is of submission.
            (Command::Burl(_), Protocol::Lmtp) => return Err(SendRefusal::WrongProtocol),
            _ => {}
        }
        // rule rfc3207 4 client-barrier: nothing is said behind STARTTLS before its reply
        // rule rfc4954 4 client-barrier: AUTH is the last of its group
        // rule rfc2920 3.1 ehlo-last: EHLO is the last of its group
        if self.is_behind_barrier() {
            return Err(SendRefusal::Busy);
        }
        // rule rfc3030 2 client-resets: behind a chunk that was refused nothing is sent but RSET
        if self.fate != Fate::Open && !self.holds_reset() && !self.awaits_reset() && !is_reset(verb) {
            return Err(SendRefusal::NeedsReset);
        }
        let expected = self.expected();
        // rule rfc5321 4.1.4 client-order: commands leave in order [instead: expected.after(verb).unwrap_or(expected)]
        let next = expected.after(verb)?;
        // rule rfc3207 6 client-may-require-tls: where the caller requires TLS, no mail is sent in clear
        if self.config.tls == TlsPolicy::Required
            && expected.security == Security::Clear
            // rule rfc3207 6 client-asks-in-clear: where TLS is required, EHLO, STARTTLS and QUIT are said in clear
            && !matches!(verb, Verb::Hello | Verb::StartTls | Verb::Quit)
            && !matches!(command, Command::Noop(None))
        {
            return Err(SendRefusal::NeedsTls);
        }
        self.check_text(command)?;
        match command {
            Command::StartTls if self.config.tls == TlsPolicy::Never => {
                return Err(SendRefusal::TlsForbidden);
            }
            // rule rfc3207 2 client-starttls-offered: STARTTLS is said where it is offered
            Command::StartTls => self.needs(Extension::StartTls)?,
            // rule rfc4954 3 client-auth-offered: AUTH is said where it is offered
            Command::Auth(auth) => self.check_auth(auth, command)?,
            // rule rfc5321 3.3 client-parameters-offered: MAIL has parameters of extensions that were offered
            Command::Mail(mail) => self.check_mail(mail)?,
            // rule rfc5321 4.1.1.3 client-parameters: RCPT has parameters that were offered [instead: {}]
            Command::Rcpt(rcpt) => self.check_known(rcpt.parameters().known())?,
            // rule rfc3030 3 client-no-data: a binary message is not sent by DATA
            Command::Data if self.content == Content::Binary => return Err(SendRefusal::NeedsBdat),
            // rule rfc3030 2 client-chunking-offered: BDAT is said where CHUNKING is offered
            Command::Bdat(_) => self.needs(Extension::Chunking)?,
            Command::Etrn(_) => self.needs(Extension::Etrn)?,
            Command::Atrn(_) => self.needs(Extension::Atrn)?,
            Command::Burl(_) => self.needs(Extension::Burl)?,
            Command::XClient(_) => self.needs(Extension::XClient)?,
            Command::XForward(_) => self.needs(Extension::XForward)?,
            _ => {}
        }
        Ok(next)
    }

    /// May its text be sent: is it ASCII, or has the server agreed to more?
    fn check_text(&self, command: &Command) -> Result<(), SendRefusal> {
        let is_ascii = match command {
            Command::Mail(mail) => !names_utf8(mail) && Line::of(command).is_ascii,
            command => Line::of(command).is_ascii,
        };
        if is_ascii {
            return Ok(());
        }
        let is_agreed = match command {
            // rule rfc6531 3.4 client-utf8-sender: a sender that is not ASCII is named with SMTPUTF8 alone
            Command::Mail(mail) => mail.parameters().smtputf8(),
            // rule rfc6531 3.2 client-utf8-recipient: a recipient that is not ASCII needs SMTPUTF8 [instead: true]
            Command::Rcpt(_) => self.addresses == Addresses::Utf8,
            // rule rfc6531 3.7.4.2 client-utf8-vrfy: VRFY has UTF-8 where SMTPUTF8 is offered [instead: true]
            Command::Vrfy(_) | Command::Expn(_) => self.offers(Extension::SmtpUtf8),
            // No extension takes UTF-8 there.
            // rule rfc6531 3.7.1 client-ascii-name: a client names itself in ASCII [instead: true]
            _ => return Err(SendRefusal::NotAscii),
        };
        if is_agreed { Ok(()) } else { Err(SendRefusal::NeedsUtf8) }
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

    /// Does a command wait that ends the transaction?
    fn holds_reset(&self) -> bool {
        self.held.iter().any(|(_, command)| is_reset(verb(command)))
    }

    fn check_auth(&self, auth: &Auth, command: &Command) -> Result<(), SendRefusal> {
        // rule rfc4954 9 client-no-cleartext: where cleartext is refused, the client does not log in before TLS
        if self.confirmed.security == Security::Clear && self.config.cleartext == CleartextLogin::Refuse {
            return Err(SendRefusal::NeedsTls);
        }
        let is_offered = |offered: &Capabilities| offered.has_mechanism(auth.mechanism);
        // rule rfc4954 4 client-mechanism: the client names a mechanism that is offered
        if !self.capabilities().is_some_and(is_offered) {
            return Err(SendRefusal::NotOffered(Extension::Auth));
        }
        // rule rfc4954 4 client-initial-fits: an initial response that does not fit the line is left out
        if auth.initial.is_some() && Line::of(command).octets > MAX_LINE {
            return Err(SendRefusal::LineTooLong);
        }
        Ok(())
    }

    fn check_mail(&self, mail: &Mail) -> Result<(), SendRefusal> {
        let parameters = mail.parameters();
        if let Some(size) = parameters.size() {
            // rule rfc1870 6 client-size-offered: SIZE is declared where it is offered
            self.needs(Extension::Size)?;
            match self.capabilities().and_then(Capabilities::size_limit) {
                // rule rfc1870 7 client-keeps-to-limit: a message above the server's limit is not begun
                Some(limit) if size > limit => return Err(SendRefusal::TooLarge { limit }),
                _ => {}
            }
        }
        match parameters.body() {
            // rule rfc6152 3 client-binarymime-offered: BODY=BINARYMIME is said where BINARYMIME is offered
            Some(Body::BinaryMime) => {
                self.needs(Extension::BinaryMime)?;
                // rule rfc3030 3 client-needs-chunking: a binary message is begun where it can be ended
                self.needs(Extension::Chunking)?;
            }
            // rule rfc6152 3 client-8bitmime-offered: BODY is said where 8BITMIME is offered [instead: {}]
            Some(_) => self.needs(Extension::EightBitMime)?,
            None => {}
        }
        // rule rfc4954 5 client-auth-parameter: MAIL says AUTH= where AUTH is offered
        if parameters.auth().is_some() {
            self.needs(Extension::Auth)?;
        }
        // BODY=BINARYMIME needs another one than BODY, and the others are looked at above and below.
        let checked = Known::SIZE.with(Known::BODY).with(Known::AUTH).with(Known::SMTPUTF8);
        // rule rfc5321 4.1.1.2 client-parameters: a parameter of MAIL is not sent where its extension is not offered
        self.check_known(parameters.known().without(checked))?;
        if parameters.smtputf8() {
            // rule rfc6531 3.5 client-smtputf8-offered: SMTPUTF8 is not asked of a server that does not offer it
            self.needs(Extension::SmtpUtf8)?;
        }
        // rule rfc8689 2 client-requiretls-under-tls: REQUIRETLS is said under TLS alone
        if parameters.requiretls() && self.confirmed.security == Security::Clear {
            return Err(SendRefusal::NeedsTls);
        }
        Ok(())
    }

    /// The extensions of parameters that need no more than to be offered. What this library has no type for is the
    /// caller's.
    fn check_known(&self, known: Known) -> Result<(), SendRefusal> {
        let mut said = Known::EXTENSIONS.iter().filter(|(parameter, _)| known.has(*parameter));
        said.try_for_each(|(_, extension)| self.needs(*extension))
    }

    fn offers(&self, extension: Extension) -> bool {
        self.capabilities().is_some_and(|offered| offered.has(extension))
    }

    fn needs(&self, extension: Extension) -> Result<(), SendRefusal> {
        if self.offers(extension) { Ok(()) } else { Err(SendRefusal::NotOffered(extension)) }
    }
}

/// Does a parameter hold an address that is not ASCII, though it is written in ASCII?
fn names_utf8(mail: &Mail) -> bool {
    let parameters = mail.parameters();
    let first = match parameters.auth() {
        Some(Submitter::Mailbox(mailbox)) => Some(mailbox),
        Some(Submitter::Unknown) | None => None,
    };
    first.into_iter().chain(parameters.submitter()).any(|mailbox| !mailbox.is_ascii())
}
