//! A command has come: may it stand here, and who answers it?
use super::{
    Addresses, Dialect, Event, Server, Task,
    answer::known,
    offer::{may_log_in, offers_starttls},
    request::{Auth, AuthResponse, Data, Hello, StartTls},
};
use crate::{
    Body, ClientName, Code, Command, CommandError, EnhancedCode, ForwardPath, Mail, Rcpt, ReversePath,
    config::{Protocol, Requirement},
    state::{Identity, Phase, Verb},
};
use alloc::{format, string::ToString};
use bytes::{Bytes, BytesMut};
use mail_wire::{
    Offer, Security, Text,
    line::{Broken, Framed},
    sasl,
};

/// What HELP says ([RFC 5321 §4.1.1.8](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.8)).
const HELP: &str = "EHLO HELO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT STARTTLS AUTH";
const HELP_LMTP: &str = "LHLO MAIL RCPT DATA RSET NOOP VRFY HELP QUIT STARTTLS AUTH";

impl Server {
    pub(super) fn next_line(&mut self, input: &mut BytesMut) -> Framed {
        let logging_in = self.state.identity == Identity::Anonymous && may_log_in(&self.config, self.state);
        let limit = if logging_in { self.config.max_auth_line } else { self.config.max_line };
        self.lines.set_limit(limit);
        self.lines.next(input)
    }

    /// A line that is none has been swallowed whole.
    pub(super) fn broken_line(&mut self, broken: Broken) {
        if matches!(self.task, Task::AuthResponse) {
            self.advance(Verb::AuthFailure);
            self.resume();
        }
        self.error(Code::UNRECOGNISED, EnhancedCode::permanent(5, 2), &broken.to_string());
    }

    pub(super) fn command(&mut self, line: &Bytes) -> Option<Event> {
        let command = match Command::parse(line, self.config.leniency, &mut self.deviations) {
            Ok(command) => command,
            Err(error) => {
                self.syntax_error(&error);
                return None;
            }
        };
        let Some(verb) = self.verb(&command) else {
            self.error(Code::UNRECOGNISED, EnhancedCode::permanent(5, 1), "command not recognised");
            return None;
        };
        if let Err(refusal) = self.state.after(verb) {
            self.error(Code::BAD_SEQUENCE, EnhancedCode::permanent(5, 1), &refusal.to_string());
            return None;
        }
        match command {
            Command::Ehlo(name) => Some(self.hello(name, Dialect::Esmtp)),
            Command::Helo(name) => Some(self.hello(name, Dialect::Smtp)),
            Command::Lhlo(name) => Some(self.hello(name, Dialect::Lmtp)),
            Command::StartTls => self.starttls(),
            Command::Auth(auth) => self.auth(auth),
            Command::Mail(mail) => self.mail(mail),
            Command::Rcpt(rcpt) => self.rcpt(rcpt),
            Command::Data => Some(self.ask(Event::Data, Data)),
            Command::Rset => {
                let open = matches!(self.state.phase, Phase::Transaction { .. });
                self.advance(Verb::Reset);
                self.ok(EnhancedCode::success(0, 0), "reset");
                open.then_some(Event::Reset)
            }
            Command::Noop(_) => self.ok(EnhancedCode::success(0, 0), "ok"),
            Command::Vrfy(_) => {
                let text = Text::from_static("cannot verify, but will take mail and try to deliver it");
                self.say(&known(Code::CANNOT_VERIFY, EnhancedCode::success(5, 2), text));
                None
            }
            Command::Help(_) => {
                let text = if self.config.protocol == Protocol::Lmtp { HELP_LMTP } else { HELP };
                self.say(&known(Code::HELP, EnhancedCode::success(0, 0), Text::from_static(text)));
                None
            }
            Command::Quit => {
                self.advance(Verb::Quit);
                let text = self.own_text("closing");
                self.say(&known(Code::CLOSING, EnhancedCode::success(0, 0), text));
                self.task = Task::Closed;
                Some(Event::Quit)
            }
            // `verb` knows no other.
            _ => None,
        }
    }

    /// The row of the transition table that `command` stands for; `None` where this server does not speak it.
    fn verb(&self, command: &Command) -> Option<Verb> {
        Some(match (command, self.config.protocol) {
            (Command::Ehlo(_) | Command::Helo(_), Protocol::Smtp) | (Command::Lhlo(_), Protocol::Lmtp) => {
                Verb::Hello
            }
            (Command::StartTls, _) => Verb::StartTls,
            (Command::Auth(_), _) => Verb::Auth,
            (Command::Mail(_), _) => Verb::Mail,
            (Command::Rcpt(_), _) => Verb::Rcpt,
            (Command::Data, _) => Verb::Data,
            (Command::Rset, _) => Verb::Reset,
            (Command::Noop(_) | Command::Vrfy(_) | Command::Help(_), _) => Verb::Idle,
            (Command::Quit, _) => Verb::Quit,
            _ => return None,
        })
    }

    fn hello(&mut self, name: ClientName, dialect: Dialect) -> Event {
        self.ask(Event::Hello, Hello { name, dialect })
    }

    fn starttls(&mut self) -> Option<Event> {
        if !offers_starttls(&self.config, self.state) {
            return self.error(
                Code::NOT_IMPLEMENTED,
                EnhancedCode::permanent(5, 1),
                "STARTTLS is not offered",
            );
        }
        Some(self.ask(Event::StartTls, StartTls))
    }

    fn auth(&mut self, auth: crate::Auth) -> Option<Event> {
        if self.config.authentication.mechanisms.is_empty() {
            return self.error(Code::NOT_IMPLEMENTED, EnhancedCode::permanent(5, 1), "AUTH is not offered");
        }
        if !may_log_in(&self.config, self.state) {
            return self.error(
                Code::ENCRYPTION_REQUIRED,
                EnhancedCode::permanent(7, 11),
                "encryption is required to log in",
            );
        }
        let crate::Auth { mechanism, initial } = auth;
        if !self.config.authentication.mechanisms.contains(&mechanism) {
            return self.error(
                Code::PARAMETER_NOT_IMPLEMENTED,
                EnhancedCode::permanent(5, 4),
                "mechanism is not offered",
            );
        }
        self.advance(Verb::Auth);
        Some(self.ask(Event::Auth, Auth { mechanism, initial }))
    }

    pub(super) fn auth_response(&mut self, line: &[u8]) -> Option<Event> {
        match sasl::Response::parse(line) {
            Ok(sasl::Response::Data(octets)) => {
                return Some(self.ask(Event::AuthResponse, AuthResponse { octets }));
            }
            Ok(sasl::Response::Cancel) => {
                self.error(Code::BAD_ARGUMENT, EnhancedCode::permanent(7, 0), "authentication cancelled")
            }
            Err(error) => self.error(Code::BAD_ARGUMENT, EnhancedCode::permanent(5, 2), &error.to_string()),
        };
        self.advance(Verb::AuthFailure);
        if matches!(self.task, Task::AuthResponse) {
            self.resume();
        }
        Some(Event::AuthCancelled)
    }

    fn mail(&mut self, mail: Mail) -> Option<Event> {
        if let Some((code, enhanced, text)) = self.mail_refusal(&mail) {
            return self.error(code, enhanced, &text);
        }
        Some(self.ask(Event::Mail, mail))
    }

    /// What speaks against a sender, before the host is asked.
    fn mail_refusal(&self, mail: &Mail) -> Option<(Code, EnhancedCode, alloc::string::String)> {
        let parameters = &mail.parameters;
        if self.config.tls == Requirement::Required && self.state.security == Security::Clear {
            return Some((Code::AUTH_REQUIRED, EnhancedCode::permanent(7, 0), "say STARTTLS first".into()));
        }
        if self.config.authentication.requirement == Requirement::Required
            && self.state.identity == Identity::Anonymous
        {
            return Some((
                Code::AUTH_REQUIRED,
                EnhancedCode::permanent(7, 0),
                "authentication required".into(),
            ));
        }
        if self.dialect == Some(Dialect::Smtp) && !parameters.is_empty() {
            return Some((
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                "parameters need EHLO".into(),
            ));
        }
        if let Some((name, _)) = parameters.unknown().next() {
            return Some((
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                format!("parameter {name} is not offered"),
            ));
        }
        if parameters.body() == Some(Body::BinaryMime) {
            return Some((
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                "BODY=BINARYMIME is not offered".into(),
            ));
        }
        if parameters.smtputf8() && self.config.smtputf8 == Offer::No {
            return Some((
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                "parameter SMTPUTF8 is not offered".into(),
            ));
        }
        if parameters.size().is_some_and(|size| size > self.config.max_message) {
            return Some((
                Code::EXCEEDED_STORAGE,
                EnhancedCode::permanent(3, 4),
                format!("message longer than {} octets", self.config.max_message),
            ));
        }
        match &mail.from {
            ReversePath::Path(path) if !path.mailbox().is_ascii() && !parameters.smtputf8() => Some((
                Code::MAILBOX_NAME_NOT_ALLOWED,
                EnhancedCode::permanent(6, 7),
                "a UTF-8 address needs SMTPUTF8".into(),
            )),
            _ => None,
        }
    }

    fn rcpt(&mut self, rcpt: Rcpt) -> Option<Event> {
        if self.recipients() >= self.config.max_recipients {
            self.say(&known(
                Code::INSUFFICIENT_STORAGE,
                EnhancedCode::transient(5, 3),
                Text::from_static("too many recipients"),
            ));
            return None;
        }
        if let Some((name, _)) = rcpt.parameters.unknown().next() {
            return self.error(
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                &format!("parameter {name} is not offered"),
            );
        }
        match &rcpt.to {
            ForwardPath::Path(path) if !path.mailbox().is_ascii() && self.addresses == Addresses::Ascii => {
                self.error(
                    Code::MAILBOX_NAME_NOT_ALLOWED,
                    EnhancedCode::permanent(6, 7),
                    "a UTF-8 address needs SMTPUTF8",
                )
            }
            _ => Some(self.ask(Event::Rcpt, rcpt)),
        }
    }

    fn ok(&mut self, enhanced: EnhancedCode, text: &'static str) -> Option<Event> {
        self.say(&known(Code::OK, enhanced, Text::from_static(text)));
        None
    }

    fn syntax_error(&mut self, error: &CommandError) {
        let text = Text::try_from(error.to_string()).unwrap_or_default();
        self.say(&known(error.code(), error.enhanced(), text));
        self.count_error();
    }

    /// Refuses a command on the machine's own account. Too many of them end the session.
    fn error(&mut self, code: Code, enhanced: EnhancedCode, text: &str) -> Option<Event> {
        self.say(&known(code, enhanced, Text::try_from(text).unwrap_or_default()));
        self.count_error();
        None
    }

    fn count_error(&mut self) {
        self.errors += 1;
        if self.errors >= self.config.max_errors {
            let text = self.own_text("too many errors, closing");
            self.say(&known(Code::NOT_AVAILABLE, EnhancedCode::transient(7, 0), text));
            self.task = Task::Closed;
        }
    }
}
