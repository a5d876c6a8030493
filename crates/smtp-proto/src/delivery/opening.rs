//! The first words of a session: greeting, EHLO or HELO, TLS by policy.
use super::{Delivery, Event, Stage, Unsent, Unusable, running::unsent};
use crate::{
    Class, Code, Command, Extension, Reply,
    client::{self, Ticket},
    config::Protocol,
};
use mail_wire::{Reason, Security, TlsPolicy};

/// How far a session is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Opening {
    /// The server speaks first.
    Greeting,
    /// EHLO or LHLO was said.
    Hello(Ticket),
    /// HELO was said, since EHLO is not understood.
    OldHello(Ticket),
    /// STARTTLS was said.
    StartTls(Ticket),
    /// The transport becomes TLS.
    Handshake,
}

impl Delivery {
    /// What the client tells while the session is opened.
    pub(super) fn opened(&mut self, opening: Opening, event: client::Event) {
        match (opening, event) {
            (Opening::Greeting, client::Event::Greeting(reply)) if reply.code() == Code::READY => {
                self.hello();
            }
            (_, client::Event::Greeting(reply)) => self.unusable(Unusable::Greeting(reply)),
            (Opening::StartTls(_), client::Event::Upgrade { upgrade, .. }) => {
                self.step(Opening::Handshake);
                self.told.push_back(Event::Upgrade(upgrade));
            }
            (Opening::Hello(hello), client::Event::Reply { ticket, reply }) if hello == ticket => {
                self.greeted(reply);
            }
            (Opening::OldHello(hello), client::Event::Reply { ticket, reply }) if hello == ticket => {
                if is_completion(&reply) {
                    self.ready();
                } else {
                    self.unusable(Unusable::Hello(reply));
                }
            }
            (Opening::StartTls(tls), client::Event::Reply { ticket, reply }) if tls == ticket => {
                // rule rfc3207 4 delivery-tls-refused: where TLS is required, a session without it delivers nothing
                if self.tls == TlsPolicy::Required {
                    self.unusable(Unusable::StartTls(reply));
                } else {
                    self.ready();
                }
            }
            _ => {}
        }
    }

    /// Says EHLO or LHLO.
    pub(super) fn hello(&mut self) {
        let command = match self.protocol {
            Protocol::Smtp => Command::Ehlo(self.name.clone()),
            // rule rfc2033 4.1 delivery-lhlo: LMTP is greeted by LHLO [instead: Command::Ehlo(self.name.clone())]
            Protocol::Lmtp => Command::Lhlo(self.name.clone()),
        };
        self.ask(command, Opening::Hello);
    }

    fn ask(&mut self, command: Command, opening: impl FnOnce(Ticket) -> Opening) {
        match self.client.send(command) {
            Ok(ticket) => self.step(opening(ticket)),
            Err(error) => self.unusable(error.refusal.into()),
        }
    }

    /// EHLO was answered.
    fn greeted(&mut self, reply: Reply) {
        let is_clear = self.client.state().security == Security::Clear;
        if !is_completion(&reply) {
            let is_unknown = matches!(reply.code(), Code::UNRECOGNISED | Code::NOT_IMPLEMENTED);
            return match (self.protocol, self.tls) {
                // rule rfc3207 6 delivery-no-tls: where TLS is required a server without EHLO hears no mail
                (Protocol::Smtp, TlsPolicy::Required) if is_unknown && is_clear => {
                    self.unusable(Unusable::NoTls);
                }
                // rule rfc5321 3.2 delivery-helo: where EHLO is not understood the client says HELO
                (Protocol::Smtp, _) if is_unknown => {
                    self.ask(Command::Helo(self.name.clone()), Opening::OldHello);
                }
                _ => self.unusable(Unusable::Hello(reply)),
            };
        }
        let is_offered = self.client.capabilities().is_some_and(|offered| offered.has(Extension::StartTls));
        match self.tls {
            _ if !is_clear => self.ready(),
            TlsPolicy::Required | TlsPolicy::Opportunistic if is_offered => {
                self.ask(Command::StartTls, Opening::StartTls);
            }
            TlsPolicy::Required => self.unusable(Unusable::NoTls),
            TlsPolicy::Opportunistic | TlsPolicy::Never => self.ready(),
        }
    }

    fn step(&mut self, opening: Opening) {
        if let Stage::Opening { opening: before, .. } = &mut self.stage {
            *before = opening;
        }
    }

    fn ready(&mut self) {
        self.told.push_back(Event::Ready);
        if let Stage::Opening { waiting: Some(message), .. } =
            core::mem::replace(&mut self.stage, Stage::Idle)
        {
            self.begin(&message);
        }
    }

    fn unusable(&mut self, why: Unusable) {
        self.told.push_back(Event::Unusable(why.clone()));
        if let Stage::Opening { waiting: Some(message), .. } =
            core::mem::replace(&mut self.stage, Stage::Over)
        {
            self.told.push_back(Event::Report(unsent(&message, &Unsent::Unusable(why))));
        }
        self.client.close(Reason::Failure);
    }
}

fn is_completion(reply: &Reply) -> bool {
    reply.code().class() == Class::Completion
}
