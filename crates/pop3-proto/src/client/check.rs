//! May a command be sent as things stand?
use super::{
    Client, Task,
    error::SendRefusal,
    flight::{Awaits, InFlight, fits, is_barrier, succeeds},
};
use crate::{Capability, Charset, Command, State, state::Verb};
use mail_wire::{CleartextLogin, Security, TlsPolicy};

impl Client {
    /// What will stand when `command` is sent and succeeds, and its row of the table.
    pub(super) fn check(&mut self, command: &Command) -> Result<(State, Verb), SendRefusal> {
        let Some(verb) = command.verb() else { return Err(SendRefusal::UnknownCommand) };
        match self.task {
            Task::Closed => return Err(SendRefusal::Closed),
            Task::Upgrading => return Err(SendRefusal::Busy),
            _ => {}
        }
        if self.is_full() || self.is_behind_barrier() {
            return Err(SendRefusal::Busy);
        }
        let state = self.expected();
        // rule rfc1939 3 client-order: commands leave in order [instead: succeeds(state, verb).unwrap_or(state)]
        let next = succeeds(state, verb).ok_or(SendRefusal::BadSequence { state })?;
        if self.security == Security::Clear {
            let is_open = matches!(verb, Verb::Capa | Verb::Stls | Verb::Quit);
            // rule rfc2595 4 client-may-require-tls: where TLS is required, nothing but CAPA, STLS and QUIT is clear
            if self.config.tls == TlsPolicy::Required && !is_open {
                return Err(SendRefusal::NeedsTls);
            }
            let is_login = matches!(verb, Verb::User | Verb::Pass | Verb::Apop | Verb::Auth);
            // rule rfc2595 2.3 client-no-cleartext: no password leaves in clear unless the caller allows it
            if self.config.cleartext == CleartextLogin::Refuse && is_login {
                return Err(SendRefusal::NeedsTls);
            }
        }
        match command {
            // rule rfc2595 4 client-no-second-stls: STLS is not said under TLS
            Command::Stls if self.security == Security::Tls => return Err(SendRefusal::TlsActive),
            Command::Stls if self.config.tls == TlsPolicy::Never => return Err(SendRefusal::TlsForbidden),
            // rule rfc6856 2.1 client-no-stls-behind-utf8: STLS is not said behind UTF8
            Command::Stls if self.has_said_utf8 => return Err(SendRefusal::BehindUtf8),
            // rule rfc2595 4 client-stls-offered: STLS is not said to a server whose CAPA does not list it
            Command::Stls if !self.may_offer(|it| matches!(it, Capability::Stls)) => {
                return Err(SendRefusal::NotOffered);
            }
            // rule rfc1939 7 client-apop-offered: APOP is not said to a server whose greeting had no timestamp
            Command::Apop { .. } if self.timestamp.is_none() => return Err(SendRefusal::NotOffered),
            // rule rfc6856 2 client-utf8-offered: UTF8 is not said to a server whose CAPA does not list it
            Command::Utf8 if !self.may_offer(|it| matches!(it, Capability::Utf8(_))) => {
                return Err(SendRefusal::NotOffered);
            }
            // rule rfc6856 3 client-lang-offered: LANG is not said to a server whose CAPA does not list it
            Command::Lang(_) if !self.may_offer(|it| matches!(it, Capability::Lang)) => {
                return Err(SendRefusal::NotOffered);
            }
            // rule rfc6856 2.2 client-ascii-logins: no name or password beyond ASCII is said unless UTF8 lists USER
            command
                if !is_ascii(command) && !self.lists(|it| matches!(it, Capability::Utf8(Charset::Utf8))) =>
            {
                return Err(SendRefusal::NeedsUtf8);
            }
            // rule rfc5034 3 client-mechanism-offered: no mechanism is named but those that SASL lists
            Command::Auth { mechanism, .. }
                if self.lists(|it| matches!(it, Capability::Sasl(_)))
                    && !self.lists(
                        |it| matches!(it, Capability::Sasl(offered) if offered.contains(*mechanism)),
                    ) =>
            {
                return Err(SendRefusal::NotOffered);
            }
            // rule rfc2449 4 client-line-255: no command line above 255 octets is sent
            _ if !fits(command) => return Err(SendRefusal::LineTooLong),
            _ => {}
        }
        Ok((next, verb))
    }

    /// What stands when all that is on its way succeeds.
    fn expected(&mut self) -> State {
        let state = if self.state == State::Greeting { State::Authorization } else { self.state };
        let in_flight = self.in_flight.iter().map(|flight| flight.awaits.verb(state));
        let verbs = in_flight.chain(self.held.iter().filter_map(|(_, command)| command.verb()));
        // What no longer may stand is refused by the server, and changes nothing.
        let after = |state, verb| succeeds(state, verb).unwrap_or(state);
        *self.expected.get_or_insert_with(|| verbs.fold(state, after))
    }

    /// Are as many commands on their way as may be?
    fn is_full(&self) -> bool {
        let greeting = self.in_flight.front().is_some_and(|front| matches!(front.awaits, Awaits::Greeting));
        self.in_flight.len() - usize::from(greeting) + self.held.len() >= self.config.max_in_flight
    }

    fn is_behind_barrier(&self) -> bool {
        // Nothing is taken behind a barrier, so that it is the last there is.
        let last = match (self.held.back(), self.in_flight.back()) {
            (Some((_, command)), _) => command.verb(),
            (None, last) => last.map(|last: &InFlight| last.awaits.verb(self.state)),
        };
        last.is_some_and(is_barrier)
    }

    /// Does the server list this?
    fn lists(&self, is: impl Fn(&Capability) -> bool) -> bool {
        self.capabilities().is_some_and(|capabilities| capabilities.iter().any(is))
    }

    /// Does the server list this, or has it not told what it can do?
    fn may_offer(&self, is: impl Fn(&Capability) -> bool) -> bool {
        self.capabilities().is_none() || self.lists(is)
    }
}

/// Is the name or the password ASCII?
fn is_ascii(command: &Command) -> bool {
    match command {
        Command::User(name) | Command::Apop { name, .. } => name.as_bytes().is_ascii(),
        Command::Pass(password) => password.as_bytes().is_ascii(),
        _ => true,
    }
}
