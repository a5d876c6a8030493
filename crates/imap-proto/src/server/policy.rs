//! What is refused before anybody is asked.
use super::{Rejection, Server};
use crate::{
    Authenticate, Command, Offer, Refusal, Security,
    response::{Capability, Code, StatusKind},
    state::Verb,
};
use mail_wire::Text;

impl Server {
    /// May a command of this verb stand here, and is it on offer?
    pub(super) fn policy(&self, verb: Verb) -> Result<(), Rejection> {
        if verb == Verb::Other && self.config.others == Offer::No {
            return Err(bad("unknown command"));
        }
        if let Err(refusal) = self.state.permits(verb) {
            return Err(match refusal {
                Refusal::ReadOnly => no("the mailbox is read-only"),
                refusal => {
                    let rejection = Rejection::own(StatusKind::Bad, format_args!("{verb}: {refusal}"));
                    rejection.with_code(Code::ClientBug)
                }
            });
        }
        match verb {
            Verb::StartTls => self.starttls(),
            Verb::Login | Verb::Authenticate => self.login(verb),
            Verb::Compress => Err(not_offered(verb)),
            verb => match needs(verb) {
                Some(capability) if !self.config.offers(capability) => Err(not_offered(verb)),
                _ => Ok(()),
            },
        }
    }

    /// Is what the command asks for on offer?
    pub(super) fn arguments(&self, command: &Command) -> Result<(), Rejection> {
        match command {
            Command::Authenticate(Authenticate { mechanism, initial }) => {
                if !self.offers(*mechanism) {
                    return Err(no("this mechanism is not offered").with_code(Code::Cannot));
                }
                if initial.is_some() && !self.config.offers(Capability::SaslIr) {
                    return Err(bad("an initial response is not offered"));
                }
                Ok(())
            }
            Command::UidExpunge(_) if !self.config.offers(Capability::UidPlus) => {
                Err(bad("UID EXPUNGE is not offered"))
            }
            _ => Ok(()),
        }
    }

    fn starttls(&self) -> Result<(), Rejection> {
        match (self.security, self.config.starttls) {
            (Security::Tls, _) => Err(bad("TLS is active already")),
            (Security::Clear, Offer::No) => Err(not_offered(Verb::StartTls)),
            (Security::Clear, Offer::Yes) => Ok(()),
        }
    }

    fn login(&self, verb: Verb) -> Result<(), Rejection> {
        let offered = match verb {
            Verb::Login => self.config.login == Offer::Yes,
            _ => !self.config.capabilities.mechanisms().is_empty(),
        };
        if !offered {
            return Err(no(match verb {
                Verb::Login => "LOGIN is not offered",
                _ => "AUTHENTICATE is not offered",
            })
            .with_code(Code::Cannot));
        }
        if self.may_log_in() {
            return Ok(());
        }
        let words = match self.config.starttls {
            Offer::Yes => "no login in clear, say STARTTLS first",
            Offer::No => "no login in clear",
        };
        Err(no(words).with_code(Code::PrivacyRequired))
    }
}

/// The capability that brings this command.
fn needs(verb: Verb) -> Option<Capability> {
    Some(match verb {
        Verb::Id => Capability::Id,
        Verb::Enable => Capability::Enable,
        Verb::Namespace => Capability::Namespace,
        Verb::Idle => Capability::Idle,
        Verb::Unselect => Capability::Unselect,
        Verb::Move => Capability::Move,
        _ => return None,
    })
}

pub(super) fn bad(words: &'static str) -> Rejection {
    Rejection::bad(Text::from_static(words))
}

pub(super) fn no(words: &'static str) -> Rejection {
    Rejection::no(Text::from_static(words))
}

pub(super) fn not_offered(verb: Verb) -> Rejection {
    Rejection::own(StatusKind::Bad, format_args!("{verb} is not offered"))
}
