//! A command has come: may it stand here, and who answers it?
use super::{
    Dialect, Event, Server, Task,
    answer::known,
    inquiry::{Expn, Verified, Vrfy},
    offer::{may_log_in, offers_starttls},
    request::{Data, Hello, StartTls},
    transaction::Content,
};
use crate::{
    Argument, ClientName, Code, Command, CommandError, Deviations, EnhancedCode, Extension, Fault,
    OtherCommand, ProtocolError,
    config::{Protocol, Requirement},
    state::{Identity, Phase, Refusal, Verb},
};
use alloc::{
    format,
    string::{String, ToString},
};
use bytes::BytesMut;
use mail_wire::{
    Frame, Security, Text,
    class::{self, BLANK, VISIBLE},
    line::{Broken, Framed, Line},
};

/// Blanks in front of a BDAT that are looked over.
const MAX_BLANKS: usize = 64;

impl Server {
    pub(super) fn next_line<'i>(&mut self, input: &'i mut BytesMut) -> Framed<Line<'i>> {
        let logging_in = self.state.identity == Identity::Anonymous && may_log_in(&self.config, self.state);
        let limit = if logging_in { self.config.max_auth_line } else { self.config.max_line };
        // rule rfc4954 4 long-lines: lines of up to 12,288 octets are read while a client may log in
        self.lines.set_limit(limit);
        if !self.lines.is_swallowing() {
            self.meant_as_bdat = is_bdat(input);
        }
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
        // rule rfc3030 2 broken-line-closes: behind a BDAT whose line is none nothing is read as commands
        if self.meant_as_bdat && !in_exchange {
            self.broken_bdat();
        }
        in_exchange.then_some(Event::AuthCancelled)
    }

    pub(super) fn command(&mut self, line: impl Frame) -> Option<Event> {
        let command = match Command::parse(line, self.config.leniency, &mut self.deviations) {
            Ok(Command::Bdat(bdat)) => return self.bdat(bdat),
            Ok(command) => command,
            Err(error) => {
                // rule rfc5321 4.3.2 syntax-error-501: a syntax error in a command's arguments hears 501
                self.syntax_error(&error);
                // rule rfc3030 2 no-length-closes: behind a BDAT without a length nothing is read as commands
                if self.meant_as_bdat {
                    self.broken_bdat();
                }
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
            Command::Data => self.data(),
            Command::Rset => self.rset(),
            Command::Noop(_) => {
                // rule rfc5321 4.1.1.9 noop-250: NOOP hears 250, whatever its argument
                self.ok(EnhancedCode::success(0, 0), "ok");
                self.count_idle();
                None
            }
            // rule rfc5321 4.5.1 vrfy: VRFY is answered
            Command::Vrfy(argument) => self.vrfy(argument),
            // rule rfc5321 4.1.1.7 expn: EXPN is answered where the host can
            Command::Expn(argument) => Some(self.ask(Event::Expn, Expn { argument })),
            // rule rfc1985 5.1 etrn: ETRN is answered where the host can
            Command::Etrn(etrn) => Some(self.ask(Event::Etrn, etrn)),
            Command::XClient(attributes) => self.told(Extension::XClient, attributes),
            Command::XForward(attributes) => self.told(Extension::XForward, attributes),
            // rule rfc5321 4.1.1.8 help: HELP is answered
            Command::Help(_) => {
                let text = Text::try_from(self.help()).unwrap_or_default();
                self.say(&known(Code::HELP, EnhancedCode::OK, text));
                self.count_idle();
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
            (Command::Expn(_), _) if self.config.extensions.has(Extension::Expn) => Verb::Idle,
            (Command::Etrn(_), _) if self.offers(Extension::Etrn) => Verb::Etrn,
            (Command::XClient(_), _) if self.offers(Extension::XClient) => Verb::XClient,
            (Command::XForward(_), _) if self.offers(Extension::XForward) => Verb::XForward,
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
        let mut help = format!("{hello} MAIL RCPT DATA RSET NOOP VRFY HELP QUIT{starttls}{auth}");
        let brought =
            [(Extension::Chunking, " BDAT"), (Extension::Expn, " EXPN"), (Extension::Etrn, " ETRN")];
        let offered = brought.into_iter().filter(|(extension, _)| self.offers(*extension));
        help.extend(offered.map(|(_, verb)| verb));
        help
    }

    /// Must TLS be turned on before anything else ([RFC 3207 §4](https://www.rfc-editor.org/rfc/rfc3207#section-4))?
    fn needs_tls(&self) -> bool {
        self.config.tls == Requirement::Required && self.state.security == Security::Clear
    }

    /// A command that this server does not speak.
    fn unknown(&mut self, command: &Command) -> Option<Event> {
        match command {
            // rule rfc5321 4.2.4 known-502: a command that is known and not implemented hears 502
            Command::Expn(_) => self.foreign("EXPN"),
            // rule rfc1985 5.1 etrn-502: ETRN hears 502 where it is not offered
            Command::Etrn(_) => self.foreign("ETRN"),
            Command::Atrn(_) => self.foreign("ATRN"),
            Command::Burl(_) => self.foreign("BURL"),
            Command::XClient(_) => self.foreign("XCLIENT"),
            Command::XForward(_) => self.foreign("XFORWARD"),
            // rule rfc5321 4.2.4 foreign-502: a command of an extension that is not implemented hears 502
            Command::Other(other) if is_known(other.verb()) => self.foreign(other.verb()),
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

    /// A command that is registered, or was, and not spoken here.
    fn foreign(&mut self, verb: &str) -> Option<Event> {
        let text = format!("{verb} is not offered");
        self.error(Code::NOT_IMPLEMENTED, EnhancedCode::permanent(5, 1), &text)
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
        match refusal {
            Refusal::NoTransaction | Refusal::NoRecipients => self.count_idle(),
            _ => self.count_error(),
        }
        None
    }

    fn data(&mut self) -> Option<Event> {
        // rule rfc3030 3 binarymime-not-by-data: DATA behind BODY=BINARYMIME hears 503
        if self.transaction.content == Content::Octets {
            self.task = Task::DataRefused;
            return self.error(
                Code::BAD_SEQUENCE,
                EnhancedCode::INVALID_COMMAND,
                "BODY=BINARYMIME needs BDAT",
            );
        }
        Some(self.ask(Event::Data, Data { chunk: None }))
    }

    fn rset(&mut self) -> Option<Event> {
        let open = matches!(self.state.phase, Phase::Transaction { .. } | Phase::Chunking { .. });
        // rule rfc5321 4.1.1.5 transaction-discarded: RSET discards the sender and the recipients
        self.advance(Verb::Reset);
        self.transaction.failed = 0;
        // rule rfc5321 4.1.1.5 rset-250: RSET hears 250
        self.ok(EnhancedCode::success(0, 0), "reset");
        self.count_idle();
        open.then_some(Event::Reset)
    }

    fn vrfy(&mut self, argument: Argument) -> Option<Event> {
        // rule rfc5321 3.5.1 vrfy-asked: VRFY is the host's to answer, where it says so
        if self.config.extensions.has(Extension::Vrfy) {
            return Some(self.ask(Event::Vrfy, Vrfy { argument }));
        }
        // rule rfc5321 7.3 vrfy-252: VRFY hears 252 where nothing is verified, neither 250 nor 550
        // rule rfc5321 3.5.3 vrfy-not-250: VRFY does not hear 250, since nothing was verified
        self.say(&Verified::Unverified.reply());
        self.count_idle();
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
}

/// Is the first line of `input` meant as BDAT? Behind it stand octets that are no commands, whatever it says. Others
/// may take such a line: with blanks in front, or with another end.
fn is_bdat(input: &[u8]) -> bool {
    let front = input.get(..MAX_BLANKS).unwrap_or(input);
    let line = input.get(class::run(front, BLANK)..).unwrap_or_default();
    line.split_at_checked(4).is_some_and(|(verb, behind)| {
        let ends = behind.first().is_none_or(|octet| !class::is(*octet, VISIBLE));
        ends && verb.eq_ignore_ascii_case(b"BDAT")
    })
}

/// Is this a verb that is registered, or was, and not spoken here?
fn is_known(verb: &str) -> bool {
    const VERBS: [&str; 4] = ["SAML", "SEND", "SOML", "TURN"];
    VERBS.iter().any(|known| known.eq_ignore_ascii_case(verb))
}

/// Is a line a web browser's request, whatever its method, or one of the header fields behind it?
///
/// `request-line = method SP request-target SP HTTP-version`
/// ([RFC 9112 §3](https://www.rfc-editor.org/rfc/rfc9112#section-3))
fn is_http(line: &OtherCommand) -> bool {
    let version = line.arguments().and_then(|arguments| arguments.as_str().split(' ').next_back());
    line.verb().ends_with(':') || version.is_some_and(|version| version.starts_with("HTTP/"))
}
