//! May a command be sent as things stand?
use super::{Client, Task, error::SendRefusal, flight::is_barrier};
use crate::{
    Access, Authenticate, Command, Encoding, LiteralForm, MessageData, Refusal, State, Unfit, Verb, Wire,
    response::{Capabilities, Capability},
    state::Outcome,
};
use mail_wire::{CleartextLogin, Offer, Security, TlsPolicy};

impl Client {
    /// May `command` be sent behind all that is on its way, if that succeeds?
    pub(super) fn check(&self, command: &Command) -> Result<(), SendRefusal> {
        let limit = self.config.max_in_flight;
        match self.task {
            Task::Closing | Task::Closed => return Err(SendRefusal::Closed),
            Task::Upgrading(_) => return Err(SendRefusal::Busy),
            // rule rfc3501 6.2.1 nothing-behind-starttls: nothing is sent behind STARTTLS before TLS is there
            _ if self.is_behind_barrier() => return Err(SendRefusal::Busy),
            _ if self.in_flight.len() + self.held.len() >= limit => {
                return Err(SendRefusal::TooMany { limit });
            }
            _ => {}
        }
        if let Command::Append(append) = command {
            let (_, before) = append.messages().split_last().unzip();
            let mut before = before.into_iter().flatten();
            if before.any(|message| matches!(message.data, MessageData::Announced(_))) {
                return Err(SendRefusal::StreamsTooEarly);
            }
        }
        self.check_in(self.expected(), command)
    }

    /// May `command`, which was held, be sent as things stand now?
    pub(super) fn check_now(&self, command: &Command) -> Result<(), SendRefusal> {
        self.check_in(self.state, command)
    }

    fn check_in(&self, state: State, command: &Command) -> Result<(), SendRefusal> {
        let verb = Verb::of(command);
        // rule rfc3501 3 nothing-out-of-state: a command is sent only in a state it may stand in
        state.permits(verb)?;
        let is_clear = self.security == Security::Clear;
        let is_way_to_tls =
            matches!(verb, Verb::Capability | Verb::StartTls | Verb::Id | Verb::Noop | Verb::Logout);
        // rule rfc9051 11.1 nothing-but-the-way-to-tls: where TLS is required nothing else is said before it
        if is_clear && self.config.tls == TlsPolicy::Required && !is_way_to_tls {
            return Err(SendRefusal::NeedsTls);
        }
        // rule rfc9051 6.2.3 no-password-in-clear: no password is said in clear unless the caller wants it
        if is_clear
            && self.config.cleartext == CleartextLogin::Refuse
            && matches!(verb, Verb::Login | Verb::Authenticate)
        {
            return Err(SendRefusal::NeedsTls);
        }
        if verb == Verb::StartTls && self.config.tls == TlsPolicy::Never {
            return Err(SendRefusal::TlsForbidden);
        }
        // rule rfc9051 6.2.1 not-under-tls: STARTTLS is not said under TLS
        if verb == Verb::StartTls && !is_clear {
            return Err(Refusal::OutOfSequence.into());
        }
        // rule rfc6855 3 no-charset: once UTF8=ACCEPT is enabled no SEARCH names a charset
        if matches!(command, Command::Search(search) if search.charset.is_some() && self.charsets == Offer::No)
        {
            return Err(Unfit::NamesCharset.into());
        }
        if let Some(offered) = &self.capabilities {
            check_offer(command, offered)?;
        }
        Ok(command.fits(&self.wire())?)
    }

    fn is_behind_barrier(&self) -> bool {
        // Nothing is taken behind a barrier, so that it is the last there is.
        let last = self.held.back().map(|(_, command)| Verb::of(command));
        last.or_else(|| self.in_flight.back().map(|flight| flight.verb)).is_some_and(is_barrier)
    }

    /// What will stand when all that is on its way succeeds.
    fn expected(&self) -> State {
        let sent = self.in_flight.iter().fold(self.state, |state, flight| succeeded(state, flight.verb));
        self.held.iter().fold(sent, |state, (_, command)| {
            let verb = Verb::of(command);
            // What no longer may stand is never sent, and changes nothing.
            state.after(verb, Outcome::Said).map_or(state, |said| succeeded(said, verb))
        })
    }

    /// What the server takes, as far as that is known.
    pub(super) fn wire(&self) -> Wire {
        let offers = |capability| self.capabilities.as_ref().is_some_and(|offered| offered.has(capability));
        let offer = |offered| if offered { Offer::Yes } else { Offer::No };
        let is_rev2 = offers(Capability::Imap4Rev2);
        let mut literals = LiteralForm::Synchronising;
        // rule rfc7888 5 minus-where-offered: small literals do not wait where LITERAL- is offered
        if is_rev2 || offers(Capability::LiteralMinus) {
            literals = LiteralForm::Minus;
        }
        // rule rfc7888 3 plus-where-offered: literals do not wait where LITERAL+ is offered
        if offers(Capability::LiteralPlus) {
            literals = LiteralForm::Plus;
        }
        Wire::new()
            .with_literals(literals)
            .with_encoding(self.encoding)
            .with_binary(offer(offers(Capability::Binary) || self.encoding == Encoding::Utf8))
            // rule rfc9051 6.2.2 initial-response-is-built-in: an initial response goes where it is taken
            .with_initial_response(offer(is_rev2 || offers(Capability::SaslIr)))
            .with_multi_append(offer(offers(Capability::MultiAppend)))
    }
}

/// The state when `verb`, which was said, succeeds.
fn succeeded(state: State, verb: Verb) -> State {
    let (verb, outcome) = match (state, verb) {
        (State::Idling(_), _) => (Verb::Done, Outcome::Ok),
        (State::Authenticating, _) => (Verb::Respond, Outcome::Ok),
        (_, Verb::Select) => (verb, Outcome::Opened(Access::ReadWrite)),
        (_, Verb::Examine) => (verb, Outcome::Opened(Access::ReadOnly)),
        _ => (verb, Outcome::Ok),
    };
    state.after(verb, outcome).unwrap_or(state)
}

/// Does the server offer what `command` needs?
fn check_offer(command: &Command, offered: &Capabilities) -> Result<(), SendRefusal> {
    let needs = |capability| {
        if offered.has(capability) { Ok(()) } else { Err(SendRefusal::NotOffered(capability)) }
    };
    // What IMAP4rev2 has built in.
    let needs_or_rev2 = |capability| {
        if offered.has(Capability::Imap4Rev2) { Ok(()) } else { needs(capability) }
    };
    match command {
        // rule rfc3501 6.2.1 starttls-where-offered: STARTTLS is said where it is offered
        Command::StartTls => needs(Capability::StartTls),
        // rule rfc3501 6.2.3 no-login-where-disabled: LOGIN is not said where LOGINDISABLED is told
        Command::Login(_) if offered.has(Capability::LoginDisabled) => Err(SendRefusal::LoginDisabled),
        // rule rfc3501 6.2.2 mechanism-offered: a mechanism that is not offered is not asked for
        Command::Authenticate(Authenticate { mechanism, .. })
            if !offered.mechanisms().contains(mechanism) =>
        {
            Err(SendRefusal::MechanismNotOffered)
        }
        Command::Compress => needs(Capability::CompressDeflate),
        // rule rfc2971 3 id-where-offered: ID is said where it is offered
        Command::Id(_) => needs(Capability::Id),
        // rule rfc5161 3.1 enable-where-offered: ENABLE is said where it is offered
        Command::Enable(_) => needs_or_rev2(Capability::Enable),
        // rule rfc2342 4 namespace-where-offered: NAMESPACE is said where it is offered
        Command::Namespace => needs_or_rev2(Capability::Namespace),
        // rule rfc2177 3 idle-where-offered: IDLE is not said to a server that does not offer it
        Command::Idle => needs_or_rev2(Capability::Idle),
        // rule rfc3691 1 unselect-where-offered: UNSELECT is said where it is offered
        Command::Unselect => needs_or_rev2(Capability::Unselect),
        // rule rfc4315 2.1 uid-expunge-where-offered: UID EXPUNGE is said where UIDPLUS is offered
        Command::UidExpunge(_) => needs_or_rev2(Capability::UidPlus),
        // rule rfc6851 1 move-where-offered: MOVE is said where it is offered
        Command::Move(_) => needs_or_rev2(Capability::Move),
        _ => Ok(()),
    }
}
