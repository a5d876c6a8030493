//! A command has come: may it stand here, and who answers it?
use super::{
    Addresses, Dialect, Event, Server, Task,
    answer::known,
    offer::{may_log_in, offers_starttls},
    request::{Auth, AuthResponse, Data, Hello, StartTls},
};
use crate::{
    Body, ClientName, Code, Command, CommandError, Deviations, EnhancedCode, Fault, ForwardPath, Mail,
    OtherCommand, ProtocolError, Rcpt, ReversePath,
    config::{Protocol, Requirement},
    parameters::Known,
    state::{Identity, Phase, Refusal, Verb},
};
use alloc::{
    format,
    string::{String, ToString},
};
use bytes::BytesMut;
use mail_wire::{
    Frame, Offer, Security, Text,
    line::{Broken, Framed, Line},
    sasl,
};

/// Parameters of MAIL that extensions brought which a server here may offer: whether it does is looked at one by one.
const MAIL_PARAMETERS: Known = Known::SIZE.with(Known::BODY).with(Known::SMTPUTF8).with(Known::AUTH);

impl Server {
    pub(super) fn next_line<'i>(&mut self, input: &'i mut BytesMut) -> Framed<Line<'i>> {
        let logging_in = self.state.identity == Identity::Anonymous && may_log_in(&self.config, self.state);
        let limit = if logging_in { self.config.max_auth_line } else { self.config.max_line };
        // rule rfc4954 4 long-lines: lines of up to 12,288 octets are read while a client may log in
        self.lines.set_limit(limit);
        self.lines.find(input)
    }

    /// A line that is none has been swallowed whole.
    pub(super) fn broken_line(&mut self, broken: Broken) -> Option<Event> {
        let in_exchange = matches!(self.task, Task::AuthResponse);
        let enhanced = match broken {
            // rule rfc4954 6 line-too-long-code: a response that is too long hears 500 5.5.6
            Broken::TooLong { .. } if in_exchange => EnhancedCode::AUTH_LINE_TOO_LONG,
            _ => EnhancedCode::SYNTAX,
        };
        // rule rfc4954 4 long-response-fails: a response that is too long ends the exchange
        if in_exchange {
            self.advance(Verb::AuthFailure);
            self.resume();
        }
        // rule rfc5321 4.3.2 line-too-long-500: a command line that is too long hears 500
        self.error(Code::UNRECOGNISED, enhanced, &broken.to_string());
        in_exchange.then_some(Event::AuthCancelled)
    }

    pub(super) fn command(&mut self, line: impl Frame) -> Option<Event> {
        let command = match Command::parse(line, self.config.leniency, &mut self.deviations) {
            Ok(command) => command,
            Err(error) => {
                // rule rfc5321 4.3.2 syntax-error-501: a syntax error in a command's arguments hears 501
                self.syntax_error(&error);
                return None;
            }
        };
        let Some(verb) = self.verb(&command) else { return self.unknown(&command) };
        // rule rfc5321 4.1.4 out-of-order-503: a command that may not stand there hears 503 and changes nothing
        if let Err(refusal) = self.state.after(verb) {
            return self.out_of_sequence(verb, refusal);
        }
        // rule rfc3207 4 tls-first-530: where TLS must come first, other commands hear 530 5.7.0
        if self.needs_tls()
            // rule rfc3207 4 in-clear-all-the-same: NOOP, QUIT and STARTTLS are heard where TLS must come first
            && !matches!(command, Command::Noop(_) | Command::Quit | Command::StartTls)
            // rule rfc3207 4 ehlo-in-clear: EHLO is heard where TLS must come first
            && verb != Verb::Hello
        {
            return self.error(Code::AUTH_REQUIRED, EnhancedCode::permanent(7, 0), "say STARTTLS first");
        }
        match command {
            // rule rfc5321 2.2.1 ehlo: EHLO is answered
            Command::Ehlo(name) => Some(self.hello(name, Dialect::Esmtp)),
            // rule rfc5321 4.1.1.1 helo: HELO is answered
            Command::Helo(name) => Some(self.hello(name, Dialect::Smtp)),
            // rule rfc2033 4.1 lhlo: LHLO is answered
            Command::Lhlo(name) => Some(self.hello(name, Dialect::Lmtp)),
            // rule rfc3207 4 starttls: STARTTLS is answered
            Command::StartTls => self.starttls(),
            // rule rfc4954 4 auth: AUTH is answered
            Command::Auth(auth) => self.auth(auth),
            // rule rfc5321 4.1.1.2 mail: MAIL is answered
            Command::Mail(mail) => self.mail(mail),
            // rule rfc5321 4.1.1.3 rcpt: RCPT is answered
            Command::Rcpt(rcpt) => self.rcpt(rcpt),
            // rule rfc5321 4.1.1.4 data: DATA is answered
            Command::Data => Some(self.ask(Event::Data, Data)),
            Command::Rset => {
                let open = matches!(self.state.phase, Phase::Transaction { .. });
                // rule rfc5321 4.1.1.5 transaction-discarded: RSET discards the sender and the recipients
                self.advance(Verb::Reset);
                // rule rfc5321 4.1.1.5 rset-250: RSET hears 250
                self.ok(EnhancedCode::success(0, 0), "reset");
                open.then_some(Event::Reset)
            }
            // rule rfc5321 4.1.1.9 noop-250: NOOP hears 250, whatever its argument
            Command::Noop(_) => self.ok(EnhancedCode::success(0, 0), "ok"),
            // rule rfc5321 4.5.1 vrfy: VRFY is answered
            Command::Vrfy(_) => {
                let text = Text::from_static("cannot verify, but will take mail and try to deliver it");
                // rule rfc5321 7.3 vrfy-252: VRFY hears 252 where nothing is verified, neither 250 nor 550
                // rule rfc5321 3.5.3 vrfy-not-250: VRFY does not hear 250, since nothing was verified
                self.say(&known(Code::CANNOT_VERIFY, EnhancedCode::success(5, 2), text));
                None
            }
            // rule rfc5321 4.1.1.8 help: HELP is answered
            Command::Help(_) => {
                let text = Text::try_from(self.help()).unwrap_or_default();
                self.say(&known(Code::HELP, EnhancedCode::OK, text));
                None
            }
            Command::Quit => {
                let text = self.own_text("closing");
                // rule rfc5321 4.1.1.10 quit-221: QUIT hears 221
                self.say(&known(Code::CLOSING, EnhancedCode::success(0, 0), text));
                // rule rfc5321 4.1.1.10 quit-closes: behind the 221 the connection is closed
                self.end();
                Some(Event::Quit)
            }
            // `verb` knows no other.
            _ => None,
        }
    }

    /// The row of the transition table that `command` stands for; `None` where this server does not speak it.
    fn verb(&self, command: &Command) -> Option<Verb> {
        Some(match (command, self.config.protocol) {
            // rule rfc2033 4.1 no-hello-but-lhlo: an LMTP server says no to EHLO and HELO, an SMTP server to LHLO
            (Command::Lhlo(_), Protocol::Smtp) | (Command::Ehlo(_) | Command::Helo(_), Protocol::Lmtp) => {
                return None;
            }
            (Command::Ehlo(_) | Command::Helo(_) | Command::Lhlo(_), _) => Verb::Hello,
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

    /// What may be said here ([RFC 5321 §4.1.1.8](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.8)).
    fn help(&self) -> String {
        let hello = match self.config.protocol {
            Protocol::Smtp => "EHLO HELO",
            Protocol::Lmtp => "LHLO",
        };
        let starttls = if offers_starttls(&self.config, self.state) { " STARTTLS" } else { "" };
        let auth = if may_log_in(&self.config, self.state) { " AUTH" } else { "" };
        format!("{hello} MAIL RCPT DATA RSET NOOP VRFY HELP QUIT{starttls}{auth}")
    }

    /// Must TLS be turned on before anything else ([RFC 3207 §4](https://www.rfc-editor.org/rfc/rfc3207#section-4))?
    fn needs_tls(&self) -> bool {
        self.config.tls == Requirement::Required && self.state.security == Security::Clear
    }

    /// A command that this server does not speak.
    fn unknown(&mut self, command: &Command) -> Option<Event> {
        match command {
            // rule rfc5321 4.2.4 known-502: a command that is known and not implemented hears 502
            Command::Expn(_) => {
                self.error(Code::NOT_IMPLEMENTED, EnhancedCode::permanent(5, 1), "EXPN is not offered")
            }
            Command::Bdat(_)
            | Command::Etrn(_)
            | Command::Atrn(_)
            | Command::Burl(_)
            | Command::XClient(_)
            | Command::XForward(_) => {
                self.error(Code::NOT_IMPLEMENTED, EnhancedCode::permanent(5, 1), "command is not offered")
            }
            // A browser was made to talk to us: what stands in its request is not its own.
            // rule rfc5321 7.8 web-browser: a web browser that was made to speak SMTP is not listened to
            Command::Other(other) if self.state.phase == Phase::Start && is_http(other) => {
                let text = self.own_text("this is no web server, closing");
                self.say(&known(Code::NOT_AVAILABLE, EnhancedCode::transient(7, 0), text));
                self.end();
                None
            }
            // rule rfc5321 4.2.4 unknown-500: a command that nobody knows hears 500 [instead: None]
            _ => self.error(Code::UNRECOGNISED, EnhancedCode::permanent(5, 1), "command not recognised"),
        }
    }

    /// A command that may not stand here. What follows from an earlier refusal is no error of the client's: with
    /// PIPELINING it could not know.
    fn out_of_sequence(&mut self, verb: Verb, refusal: Refusal) -> Option<Event> {
        let text = Text::try_from(refusal.to_string()).unwrap_or_default();
        // rule rfc5321 3.3 rcpt-before-mail-503: RCPT without MAIL hears 503
        self.say(&known(Code::BAD_SEQUENCE, EnhancedCode::permanent(5, 1), text));
        // rule rfc5321 3.3 early-message: a message that did not wait for 354 is not read as commands
        if verb == Verb::Data {
            self.task = Task::DataRefused;
        }
        if !matches!(refusal, Refusal::NoTransaction | Refusal::NoRecipients) {
            self.count_error();
        }
        None
    }

    /// The first line behind a DATA that was refused: is it a command, or the message that nobody asked for?
    pub(super) fn behind_refused_data(&mut self, line: impl Frame) -> Result<Option<Event>, ProtocolError> {
        let octets = line.as_ref().len();
        let line = &line.keep(octets);
        let mut deviations = Deviations::default();
        match Command::parse(line, self.config.leniency, &mut deviations) {
            Ok(Command::Other(_)) | Err(CommandError { fault: Fault::Verb, .. }) => {
                Err(self.broken(ProtocolError::EarlyPayload))
            }
            _ => {
                self.resume();
                Ok(self.command(line))
            }
        }
    }

    fn hello(&mut self, name: ClientName, dialect: Dialect) -> Event {
        self.ask(Event::Hello, Hello { name, dialect })
    }

    fn starttls(&mut self) -> Option<Event> {
        // rule rfc3207 3 starttls-not-offered: STARTTLS hears 502 where it is not offered
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
        // rule rfc5321 4.2.4 auth-502: AUTH hears 502 where there are no mechanisms
        if self.config.authentication.mechanisms.is_empty() {
            return self.error(Code::NOT_IMPLEMENTED, EnhancedCode::permanent(5, 1), "AUTH is not offered");
        }
        // rule rfc4954 6 encryption-required-538: AUTH that needs TLS first hears 538 5.7.11
        if !may_log_in(&self.config, self.state) {
            return self.error(
                Code::ENCRYPTION_REQUIRED,
                EnhancedCode::permanent(7, 11),
                "encryption is required to log in",
            );
        }
        let crate::Auth { mechanism, initial } = auth;
        // rule rfc4954 4 mechanism-504: a mechanism that is not offered hears 504 5.5.4
        if !self.config.authentication.mechanisms.contains(&mechanism) {
            return self.error(
                Code::PARAMETER_NOT_IMPLEMENTED,
                EnhancedCode::permanent(5, 4),
                "mechanism is not offered",
            );
        }
        // rule rfc4954 4 exchange-begins: AUTH begins an exchange, in which no other command may stand
        self.advance(Verb::Auth);
        Some(self.ask(Event::Auth, Auth { mechanism, initial }))
    }

    pub(super) fn auth_response(&mut self, line: &[u8]) -> Option<Event> {
        match sasl::Response::parse(line) {
            Ok(sasl::Response::Data(octets)) => {
                return Some(self.ask(Event::AuthResponse, AuthResponse { octets }));
            }
            Ok(sasl::Response::Cancel) => {
                // rule rfc4954 4 cancelled-501: a response of "*" hears 501 5.7.0 [instead: None]
                self.error(Code::BAD_ARGUMENT, EnhancedCode::permanent(7, 0), "authentication cancelled")
            }
            Err(error) => self.error(Code::BAD_ARGUMENT, EnhancedCode::permanent(5, 2), &error.to_string()),
        };
        // rule rfc4954 4 may-try-again: an exchange that was given up leaves the session as it was
        self.advance(Verb::AuthFailure);
        // rule rfc4954 4 cancelled: behind a response of "*" commands come again
        if matches!(self.task, Task::AuthResponse) {
            self.resume();
        }
        Some(Event::AuthCancelled)
    }

    fn mail(&mut self, mail: Mail) -> Option<Event> {
        // rule rfc5321 4.1.4 bad-mail-keeps-state: MAIL that is not acceptable is refused before the host hears of it
        if let Some((code, enhanced, text)) = self.mail_refusal(&mail) {
            return self.error(code, enhanced, &text);
        }
        Some(self.ask(Event::Mail, mail))
    }

    /// What speaks against a sender, before the host is asked.
    fn mail_refusal(&self, mail: &Mail) -> Option<(Code, EnhancedCode, String)> {
        let parameters = mail.parameters();
        // rule rfc4954 6 authentication-required-530: MAIL hears 530 5.7.0 where a login must come first
        if self.config.authentication.requirement == Requirement::Required
            && self.state.identity == Identity::Anonymous
        {
            return Some((
                Code::AUTH_REQUIRED,
                EnhancedCode::permanent(7, 0),
                "authentication required".into(),
            ));
        }
        // rule rfc5321 3.3 parameters-need-ehlo: MAIL has parameters behind EHLO alone
        if self.dialect == Some(Dialect::Smtp) && !parameters.is_empty() {
            return Some((
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                "parameters need EHLO".into(),
            ));
        }
        // rule rfc5321 4.1.1.11 mail-parameter-555: a parameter of MAIL that is not recognised hears 555
        if let Some(name) = parameters.not_among(MAIL_PARAMETERS) {
            return Some((
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                format!("parameter {name} is not offered"),
            ));
        }
        // rule rfc6152 3 binarymime-555: BODY=BINARYMIME hears 555, since its extension is not offered
        if parameters.body() == Some(Body::BinaryMime) {
            return Some((
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                "BODY=BINARYMIME is not offered".into(),
            ));
        }
        // rule rfc6531 3.4 smtputf8-555: the parameter SMTPUTF8 hears 555 where it is not offered
        if parameters.smtputf8() && self.config.smtputf8 == Offer::No {
            return Some((
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                "parameter SMTPUTF8 is not offered".into(),
            ));
        }
        // rule rfc4954 5 auth-parameter-555: the parameter AUTH hears 555 where AUTH is not offered
        if parameters.auth().is_some()
            // rule rfc4954 5 auth-parameter-taken: AUTH= is taken where AUTH is offered, also before a login
            && self.config.authentication.mechanisms.is_empty()
        {
            let text = "parameter AUTH is not offered".into();
            return Some((Code::PARAMETER_UNRECOGNISED, EnhancedCode::permanent(5, 4), text));
        }
        // rule rfc1870 6.1 declared-size-552: a declared size above the limit hears 552 5.3.4 at once
        if parameters.size().is_some_and(|size| size > self.config.longest_message()) {
            return Some((
                Code::EXCEEDED_STORAGE,
                EnhancedCode::permanent(3, 4),
                format!("message longer than {} octets", self.config.max_message),
            ));
        }
        match mail.from() {
            // rule rfc6531 3.5 utf8-sender-553: a sender that is not ASCII hears 553 5.6.7 without SMTPUTF8
            ReversePath::Path(path) if !path.is_ascii() && !parameters.smtputf8() => Some((
                Code::MAILBOX_NAME_NOT_ALLOWED,
                EnhancedCode::permanent(6, 7),
                "a UTF-8 address needs SMTPUTF8".into(),
            )),
            _ => None,
        }
    }

    fn rcpt(&mut self, rcpt: Rcpt) -> Option<Event> {
        // rule rfc5321 4.5.3.1.10 too-many-recipients-452: above the limit a recipient hears 452; those before it stand
        if self.recipients() >= self.config.max_recipients {
            self.say(&known(
                Code::INSUFFICIENT_STORAGE,
                EnhancedCode::transient(5, 3),
                Text::from_static("too many recipients"),
            ));
            return None;
        }
        // rule rfc5321 4.1.1.11 rcpt-parameter-555: a parameter of RCPT that is not recognised hears 555
        if let Some(name) = rcpt.parameters().not_among(Known::NONE) {
            return self.error(
                Code::PARAMETER_UNRECOGNISED,
                EnhancedCode::permanent(5, 4),
                &format!("parameter {name} is not offered"),
            );
        }
        match rcpt.to() {
            // rule rfc6531 3.5 utf8-recipient-553: a recipient that is not ASCII hears 553 5.6.7 without SMTPUTF8
            ForwardPath::Path(path) if !path.is_ascii() && self.addresses == Addresses::Ascii => self.error(
                Code::MAILBOX_NAME_NOT_ALLOWED,
                EnhancedCode::permanent(6, 7),
                "a UTF-8 address needs SMTPUTF8",
            ),
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

    pub(super) fn count_error(&mut self) {
        self.errors += 1;
        // rule rfc5321 7.8 too-many-errors: a client that is wrong again and again is given up, with 421
        if self.errors >= self.config.max_errors {
            let text = self.own_text("too many errors, closing");
            self.say(&known(Code::NOT_AVAILABLE, EnhancedCode::transient(7, 0), text));
            self.end();
        }
    }
}

/// Is a line a web browser's request, whatever its method, or one of the header fields behind it?
///
/// `request-line = method SP request-target SP HTTP-version`
/// ([RFC 9112 §3](https://www.rfc-editor.org/rfc/rfc9112#section-3))
fn is_http(line: &OtherCommand) -> bool {
    let version = line.arguments().and_then(|arguments| arguments.as_str().split(' ').next_back());
    line.verb().ends_with(':') || version.is_some_and(|version| version.starts_with("HTTP/"))
}
