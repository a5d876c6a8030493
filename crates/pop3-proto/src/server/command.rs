//! Lines of the client, and what is said to them at once.
use super::{
    Event, Rejection, Server, Task,
    request::{
        Apop, Auth, AuthResponse, Dele, List, ListAll, Login, Quit, Retr, StartTls, Top, Uidl, UidlAll,
    },
};
use crate::{
    Capability, Charset, CleartextLogin, Command, MessageNumber, Offer, Reply, ReplyText, Security, State,
    state::{Outcome, Verb},
};
use alloc::{string::ToString, vec::Vec};
use bytes::Bytes;
use core::fmt;
use mail_wire::{Ask, Output, line::Broken, sasl};

impl Server {
    /// A line that is none: it has been swallowed to its end.
    pub(super) fn broken(&mut self, broken: Broken) -> Option<Event> {
        self.deviation = None;
        // rule rfc5034 4 broken-line-fails: a line of an exchange that is none ends the exchange
        if self.state == State::Exchange {
            return Some(self.break_exchange(format_args!("{broken}")));
        }
        self.refuse(format_args!("{broken}"));
        None
    }

    /// A line of the client.
    pub(super) fn line(&mut self, line: &Bytes) -> Option<Event> {
        self.deviation = None;
        // rule rfc5034 4 exchange-has-its-lines: a line within an exchange is a response, never a command
        if self.state == State::Exchange {
            return Some(self.response(line));
        }
        match Command::parse_lenient(line, self.config.leniency) {
            Ok((command, deviation)) => {
                self.deviation = deviation;
                self.command(command)
            }
            Err(error) => {
                self.refuse(format_args!("{error}"));
                None
            }
        }
    }

    /// A line of a SASL exchange.
    fn response(&mut self, line: &[u8]) -> Event {
        match sasl::Response::parse(line) {
            Ok(sasl::Response::Data(octets)) => Event::AuthResponse(self.ask(AuthResponse { octets })),
            Ok(sasl::Response::Cancel) => self.break_exchange(format_args!("authentication cancelled")),
            Err(error) => self.break_exchange(format_args!("{error}")),
        }
    }

    fn break_exchange(&mut self, why: fmt::Arguments<'_>) -> Event {
        // rule rfc5034 4 cancel-is-told: a cancelled exchange is answered with -ERR
        self.err(why);
        // rule rfc5034 4 cancel-ends: behind a cancelled exchange commands are read again
        self.answered(Verb::Respond, Outcome::Err);
        self.count_failed_login();
        Event::AuthCancelled
    }

    fn command(&mut self, command: Command) -> Option<Event> {
        let Some(verb) = command.verb() else {
            self.refuse("unknown command");
            return None;
        };
        if let Err(why) = self.policy(&command) {
            self.refuse(why);
            return None;
        }
        let said = match self.state.after(verb, Outcome::Said) {
            Ok(said) => said,
            Err(error) => {
                self.refuse(error);
                return None;
            }
        };
        self.state = said;
        self.errors = 0;
        // rule rfc6856 2.2 logins-are-utf8: a name or password that may be UTF-8 and is none is refused
        if !self.is_text(&command) {
            self.login_failed(verb, Rejection::NOT_UTF8);
            return None;
        }
        match command {
            Command::User(name) => {
                self.name = Some(name.detach());
                self.ok("send PASS");
                self.answered(verb, Outcome::Ok);
            }
            Command::Pass(password) => {
                let Some(name) = self.name.take() else {
                    // USER led to this state, and left a name.
                    self.refuse("say USER first");
                    return None;
                };
                return Some(Event::Login(self.ask(Login { name, password })));
            }
            Command::Apop { name, digest } => {
                let Some(timestamp) = self.config.timestamp.clone() else {
                    // It is not offered, and was refused above.
                    self.refuse("unknown command");
                    return None;
                };
                return Some(Event::Apop(self.ask(Apop { name: name.detach(), timestamp, digest })));
            }
            Command::Capa => {
                self.capabilities();
                self.answered(verb, Outcome::Ok);
            }
            Command::Stls => return Some(Event::StartTls(self.ask(StartTls))),
            Command::Auth { mechanism, initial } => {
                return Some(Event::Auth(self.ask(Auth { mechanism, initial })));
            }
            Command::AuthList => {
                self.mechanisms();
                self.answered(verb, Outcome::Ok);
            }
            Command::Stat => {
                self.outbox.text(b"+OK ");
                // rule rfc1939 5 stat-counts: STAT tells how many messages and octets are not marked deleted
                self.maildrop.remaining().encode(&mut self.outbox);
                self.outbox.text(b"\r\n");
                self.answered(verb, Outcome::Ok);
            }
            Command::List(None) => return Some(Event::ListAll(self.ask(ListAll))),
            Command::List(Some(message)) => {
                return self.ask_of(verb, message, |message| List { message }).map(Event::List);
            }
            Command::Uidl(None) => return Some(Event::UidlAll(self.ask(UidlAll))),
            Command::Uidl(Some(message)) => {
                return self.ask_of(verb, message, |message| Uidl { message }).map(Event::Uidl);
            }
            Command::Retr(message) => {
                return self.ask_of(verb, message, |message| Retr { message }).map(Event::Retr);
            }
            Command::Top { message, lines } => {
                return self.ask_of(verb, message, |message| Top { message, lines }).map(Event::Top);
            }
            Command::Dele(message) => {
                return self.ask_of(verb, message, |message| Dele { message }).map(Event::Dele);
            }
            Command::Noop => {
                // rule rfc1939 5 noop-ok: NOOP is answered with +OK
                self.outbox.text(b"+OK\r\n");
                self.answered(verb, Outcome::Ok);
            }
            Command::Rset => {
                // rule rfc1939 5 rset-unmarks: RSET takes all marks back
                self.maildrop.reset();
                self.ok("no message is marked deleted");
                self.answered(verb, Outcome::Ok);
                return Some(Event::Reset);
            }
            Command::Utf8 => {
                self.utf8();
                self.answered(verb, Outcome::Ok);
            }
            Command::Lang(None) => {
                self.languages();
                self.answered(verb, Outcome::Ok);
            }
            Command::Lang(Some(range)) => {
                let event = self.choose(&range);
                self.answered(verb, if event.is_some() { Outcome::Ok } else { Outcome::Err });
                return event;
            }
            // rule rfc1939 6 quit-removes: what is marked deleted is removed on QUIT
            Command::Quit if said == State::Update => {
                let deleted = self.maildrop.take_deleted();
                return Some(Event::Quit(self.ask(Quit { deleted })));
            }
            Command::Quit => {
                self.ok("goodbye");
                self.answered(verb, Outcome::Ok);
            }
            // It has no verb, and was refused above.
            Command::Other(_) => {}
        }
        None
    }

    /// Is the command on offer? What opens a maildrop is asked about before the login alone.
    fn policy(&self, command: &Command) -> Result<(), &'static str> {
        let config = &self.config;
        match command {
            // rule rfc6856 3 lang-not-offered: LANG is refused where there is no language
            Command::Lang(_) if config.languages.is_empty() => Err("LANG is not offered"),
            _ if self.state == State::Transaction => Ok(()),
            // rule rfc2595 4 stls-under-tls: STLS under TLS is refused
            Command::Stls if self.security == Security::Tls => Err("TLS is active already"),
            // rule rfc2595 4 stls-not-offered: STLS is refused where it is not offered
            Command::Stls if config.stls == Offer::No => Err("STLS is not offered"),
            // rule rfc6856 2.1 no-stls-behind-utf8: STLS behind UTF8 is refused
            Command::Stls if self.charset == Charset::Utf8 => Err("STLS may not stand behind UTF8"),
            // rule rfc6856 2 utf8-not-offered: UTF8 is refused where it is not offered
            Command::Utf8 if config.utf8.is_none() => Err("UTF8 is not offered"),
            // rule rfc2449 6.2 user-not-offered: USER and PASS are refused where they are not offered
            Command::User(_) | Command::Pass(_) if config.user == Offer::No => Err("USER is not offered"),
            // rule rfc1939 7 apop-not-offered: APOP is refused where the greeting had no timestamp
            Command::Apop { .. } if config.timestamp.is_none() => Err("APOP is not offered"),
            // rule rfc5034 4 auth-not-offered: AUTH is refused where there is no mechanism
            Command::Auth { .. } | Command::AuthList if config.mechanisms.is_empty() => {
                Err("AUTH is not offered")
            }
            // rule rfc2595 2.3 no-cleartext-login: no password is taken in clear unless that is allowed
            Command::User(_) | Command::Pass(_) | Command::Auth { .. } | Command::AuthList
                if !self.may_log_in() =>
            {
                Err(match config.stls {
                    Offer::Yes => "[SYS/PERM] no login in clear, say STLS first",
                    Offer::No => "[SYS/PERM] no login in clear",
                })
            }
            // rule rfc5034 4 mechanism-not-offered: AUTH with a mechanism that is not offered is refused
            Command::Auth { mechanism, .. } if !config.mechanisms.contains(*mechanism) => {
                Err("this mechanism is not offered")
            }
            _ => Ok(()),
        }
    }

    /// What the greeting says. The timestamp is its end, alone where the words leave no room or hold what might be one.
    pub(super) fn greeting(&mut self) -> ReplyText {
        // rule rfc2595 2.3 no-apop-in-clear: APOP is not offered in clear unless a login is allowed there
        if !self.may_log_in() {
            self.config.timestamp = None;
        }
        let greeting = self.config.greeting.clone();
        let Some(timestamp) = &self.config.timestamp else { return greeting };
        let words = greeting.words().as_bytes();
        let alone = words.contains(&b'<') || words.is_empty();
        let before = if alone { Vec::new() } else { [words, b" "].concat() };
        // rule rfc1939 7 timestamp-in-greeting: the greeting of a server that knows APOP holds it [instead: before]
        let words = [&*before, timestamp.as_str().as_bytes()].concat();
        let fits = match greeting.code() {
            Some(code) => ReplyText::with_code(code.clone(), words),
            None => ReplyText::new(words),
        };
        fits.or_else(|_| ReplyText::new(timestamp.as_str().to_string())).unwrap_or(greeting)
    }

    /// May credentials be said over the transport as it is?
    fn may_log_in(&self) -> bool {
        self.security == Security::Tls || self.config.cleartext == CleartextLogin::Allow
    }

    /// Asks of a message, or says that there is no such one.
    fn ask_of<T>(
        &mut self,
        verb: Verb,
        message: MessageNumber,
        request: impl FnOnce(MessageNumber) -> T,
    ) -> Option<Ask<T>> {
        // rule rfc1939 5 no-such-message: a message that is not there, or marked deleted, is refused
        if let Err(missing) = self.maildrop.find(message) {
            self.err(missing);
            self.answered(verb, Outcome::Err);
            return None;
        }
        Some(self.ask(request(message)))
    }

    pub(super) fn ask<T>(&mut self, request: T) -> Ask<T> {
        self.task = Task::Asking;
        self.mark.ask(request)
    }

    /// `+OK` and all lines of what CAPA answers.
    fn capabilities(&mut self) {
        // rule rfc2595 2.3 logins-unlisted-in-clear: no way to log in is listed where none may be used [instead: true]
        let may_log_in = self.may_log_in();
        self.ok("capability list follows");
        let out = &mut self.outbox;
        for capability in [
            // rule rfc2449 6.1 top-listed: CAPA lists TOP, which is always there
            Capability::Top,
            // rule rfc2449 6.8 uidl-listed: CAPA lists UIDL, which is always there
            Capability::Uidl,
            // rule rfc2449 6.4 resp-codes-listed: CAPA lists RESP-CODES: no words here start with a bracket but codes
            Capability::RespCodes,
            // rule rfc2449 6.6 pipelining-listed: CAPA lists PIPELINING
            Capability::Pipelining,
        ] {
            capability.encode(out);
        }
        let config = &self.config;
        if may_log_in {
            // rule rfc2449 6.2 user-listed: CAPA lists USER where it is offered
            if config.user == Offer::Yes {
                Capability::User.encode(out);
            }
            // rule rfc2449 6.3 sasl-listed: CAPA lists SASL with the mechanisms
            // rule rfc5034 3 sasl-listed: CAPA lists the mechanisms of AUTH behind SASL
            if !config.mechanisms.is_empty() {
                Capability::Sasl(config.mechanisms.clone()).encode(out);
            }
        }
        // rule rfc6856 2 utf8-listed: CAPA lists UTF8 where it is offered, with USER where names may be UTF-8
        if let Some(charset) = config.utf8 {
            Capability::Utf8(charset).encode(out);
        }
        // rule rfc6856 3.1 lang-listed: CAPA lists LANG where there are languages
        if !config.languages.is_empty() {
            Capability::Lang.encode(out);
        }
        // rule rfc2595 4 stls-listed: CAPA lists STLS where it is offered
        if config.stls == Offer::Yes
            // rule rfc2595 4 stls-unlisted-under-tls: CAPA does not list STLS under TLS
            && self.security == Security::Clear
        {
            Capability::Stls.encode(out);
        }
        // rule rfc2449 6.5 login-delay-listed: CAPA lists the delay between logins that the host asks for
        // rule rfc2449 6.7 expire-listed: CAPA lists how long the host keeps messages
        // rule rfc3206 6 auth-resp-code-listed: CAPA lists AUTH-RESP-CODE where the host keeps it
        for capability in config.capabilities.iter().filter(|capability| !is_own(capability)) {
            capability.encode(out);
        }
        // rule rfc2449 6.9 implementation-listed: CAPA tells what the server is, where that is configured
        if let Some(implementation) = config.implementation.clone() {
            Capability::Implementation(implementation).encode(out);
        }
        // rule rfc2449 5 capa-ends: the list of CAPA ends with a lone dot
        out.text(b".\r\n");
    }

    /// `+OK` and a line for each mechanism.
    fn mechanisms(&mut self) {
        self.ok("mechanisms follow");
        for mechanism in self.config.mechanisms.iter() {
            // rule rfc5034 3 auth-lists: AUTH alone lists the mechanisms
            self.outbox.text(mechanism.as_str().as_bytes());
            self.outbox.text(b"\r\n");
        }
        self.outbox.text(b".\r\n");
    }

    /// A refusal of the session's own. Too many in a row end it.
    fn refuse(&mut self, why: impl fmt::Display) {
        self.errors = self.errors.saturating_add(1);
        if self.errors >= self.config.max_errors {
            self.err("too many bad commands, goodbye");
            self.state = State::Closed;
        } else {
            self.err(why);
        }
        self.tick();
    }

    pub(super) fn login_failed(&mut self, verb: Verb, rejection: Rejection) {
        // rule rfc1939 4 failed-login-told: a login that fails is answered with -ERR
        self.say(&Reply::err(rejection.into_text()));
        self.answered(verb, Outcome::Err);
        self.count_failed_login();
    }

    /// One more login has failed and been answered. Too many end the session.
    fn count_failed_login(&mut self) {
        self.failed_logins = self.failed_logins.saturating_add(1);
        if self.failed_logins >= self.config.max_failed_logins {
            self.state = State::Closed;
        }
    }
}

/// Does the session itself know whether this is so?
fn is_own(capability: &Capability) -> bool {
    !matches!(
        capability,
        Capability::LoginDelay { .. }
            | Capability::Expire { .. }
            | Capability::AuthRespCode
            | Capability::Other(_)
    )
}
