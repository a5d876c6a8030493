//! A session's transport: how long to wait, upgrades, and its end.
use super::{
    Client, Layer, Task,
    flight::{Sending, is_barrier},
    unit::Reading,
    view::Mailbox,
};
use crate::{
    Command, DONE, Encoding, ProtocolError, Tag, Verb, Wire,
    frame::Framer,
    state::{Outcome, State},
};
use alloc::format;
use bytes::BytesMut;
use mail_wire::{Output, Patience, Reason, Security, Stale, Then, Upgrade, UpgradeError};

/// Octets taken or given that show a living server. Fewer within the timeout, and the session ends.
const SIGN_OF_LIFE: u64 = 1024;

impl Client {
    /// How long to wait for the server in this state.
    ///
    /// When IDLE is to be said anew is told by [`idle_renewal`](Self::idle_renewal): that is the client's time, and
    /// runs while the server is silent.
    pub fn patience(&self) -> Patience {
        let timeouts = &self.config.timeouts;
        let is_silent = self.in_flight.is_empty() && matches!(self.reading, Reading::Start);
        let limit = match (self.task, self.state) {
            (Task::Greet, _) => timeouts.greeting,
            (Task::Converse, State::Idling(_)) => timeouts.silence,
            (Task::Converse, _) if is_silent && self.outbox.unsent() == 0 => timeouts.silence,
            _ => timeouts.command,
        };
        let alive = self.outbox.sent() / SIGN_OF_LIFE + self.streamed / SIGN_OF_LIFE;
        Patience { limit, period: self.period + alive, then: Then::GiveUp }
    }

    /// The transport was upgraded. TLS: what was learned in clear is forgotten. DEFLATE: nothing is.
    ///
    /// # Errors
    /// Octets that came in clear are left in `input`: someone on the way put them there. The session is over. Or
    /// the token is of another session.
    pub fn upgraded(
        &mut self,
        upgrade: Upgrade,
        input: &BytesMut,
    ) -> Result<(), UpgradeError<ProtocolError>> {
        let Task::Upgrading(layer) = self.task else { return Err(Stale(upgrade).into()) };
        self.mark.upgraded(upgrade)?;
        if layer == Layer::Tls {
            // rule rfc9051 11.1 no-plaintext-from-before: octets that came in clear are not taken into the TLS session
            if !input.is_empty() {
                return Err(UpgradeError::Protocol(self.broken(ProtocolError::InjectedPlaintext)));
            }
            self.state = self.state.after(Verb::Upgraded, Outcome::Ok).unwrap_or(self.state);
            self.security = Security::Tls;
            // rule rfc3501 6.2.1 forgets-capabilities: what was offered in clear is forgotten when TLS is there
            self.capabilities = None;
            self.encoding = Encoding::ModifiedUtf7;
            self.mailbox = Mailbox::None;
            self.framer = Framer::new(self.config.rules());
        }
        self.task = Task::Converse;
        self.period += 1;
        Ok(())
    }

    /// Ends the session: with LOGOUT where a command may stand.
    pub fn close(&mut self, _: Reason) {
        let is_behind =
            self.in_flight.back().is_some_and(|last| is_barrier(last.verb) || last.verb == Verb::Idle);
        let is_idling = matches!(self.state, State::Idling(_));
        let may_speak = self.task == Task::Converse && matches!(self.sending, Sending::Nothing);
        if may_speak && (is_idling || !is_behind && self.state.permits(Verb::Logout).is_ok()) {
            // rule rfc2177 3 done-before-logout: a client that idles says DONE before LOGOUT
            if is_idling && self.idling != super::Idling::Done {
                self.outbox.text(DONE);
            }
            self.tags += 1;
            let tag = self.tag();
            // rule rfc3501 3.4 says-logout: a client that goes says LOGOUT
            Command::Logout.encode(&tag, &Wire::new(), &mut self.outbox);
        }
        self.end();
    }

    /// The tag of the command that was taken last: a letter and its number.
    pub(super) fn tag(&self) -> Tag {
        Tag::from_checked(format!("A{}", self.tags).as_bytes())
    }
}
