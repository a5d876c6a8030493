//! Lines of the client, and what is said to them at once.
use super::{
    Event, Rejection, Server, Task,
    request::{Auth, AuthResponse, Dele, List, ListAll, Login, Quit, Retr, StartTls, Top, Uidl, UidlAll},
};
use crate::{
    Capability, CleartextLogin, Command, MessageNumber, Offer, Reply, Security, State,
    state::{Outcome, Verb},
};
use bytes::Bytes;
use core::fmt;
use mail_wire::{Ask, Output, line::Broken, sasl};

impl Server {
    /// A line that is none: it has been swallowed to its end.
    pub(super) fn broken(&mut self, broken: Broken) -> Option<Event> {
        self.deviation = None;
        if self.state == State::Exchange {
            return Some(self.break_exchange(format_args!("{broken}")));
        }
        self.refuse(format_args!("{broken}"));
        None
    }

    /// A line of the client.
    pub(super) fn line(&mut self, line: &Bytes) -> Option<Event> {
        self.deviation = None;
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
        self.err(why);
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
                self.outbox.text(b"+OK\r\n");
                self.answered(verb, Outcome::Ok);
            }
            Command::Rset => {
                self.maildrop.reset();
                self.ok("no message is marked deleted");
                self.answered(verb, Outcome::Ok);
                return Some(Event::Reset);
            }
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

    /// Is the command on offer? Asked before the login alone: what may stand behind it always is.
    fn policy(&self, command: &Command) -> Result<(), &'static str> {
        let config = &self.config;
        match command {
            _ if self.state == State::Transaction => Ok(()),
            Command::Stls if self.security == Security::Tls => Err("TLS is active already"),
            Command::Stls if config.stls == Offer::No => Err("STLS is not offered"),
            Command::User(_) | Command::Pass(_) if config.user == Offer::No => Err("USER is not offered"),
            Command::Auth { .. } | Command::AuthList if config.mechanisms.is_empty() => {
                Err("AUTH is not offered")
            }
            Command::User(_) | Command::Pass(_) | Command::Auth { .. } | Command::AuthList
                if !self.may_log_in() =>
            {
                Err(match config.stls {
                    Offer::Yes => "[SYS/PERM] no login in clear, say STLS first",
                    Offer::No => "[SYS/PERM] no login in clear",
                })
            }
            Command::Auth { mechanism, .. } if !config.mechanisms.contains(*mechanism) => {
                Err("this mechanism is not offered")
            }
            _ => Ok(()),
        }
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
        let may_log_in = self.may_log_in();
        self.ok("capability list follows");
        let out = &mut self.outbox;
        for capability in [Capability::Top, Capability::Uidl, Capability::RespCodes, Capability::Pipelining] {
            capability.encode(out);
        }
        let config = &self.config;
        if may_log_in {
            if config.user == Offer::Yes {
                Capability::User.encode(out);
            }
            if !config.mechanisms.is_empty() {
                Capability::Sasl(config.mechanisms.clone()).encode(out);
            }
        }
        if self.security == Security::Clear && config.stls == Offer::Yes {
            Capability::Stls.encode(out);
        }
        for capability in config.capabilities.iter().filter(|capability| !is_own(capability)) {
            capability.encode(out);
        }
        if let Some(implementation) = config.implementation.clone() {
            Capability::Implementation(implementation).encode(out);
        }
        out.text(b".\r\n");
    }

    /// `+OK` and a line for each mechanism.
    fn mechanisms(&mut self) {
        self.ok("mechanisms follow");
        for mechanism in self.config.mechanisms.iter() {
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
