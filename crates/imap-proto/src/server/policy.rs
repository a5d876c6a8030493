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
        // rule rfc3501 6.5 unknown-is-bad: a command that nobody knows is BAD
        if verb == Verb::Other && self.config.others == Offer::No {
            return Err(bad("unknown command"));
        }
        // rule rfc3501 3 wrong-state: a command in a state it may not stand in is refused
        if let Err(refusal) = self.state.permits(verb) {
            return Err(match refusal {
                // rule rfc3501 6.3.2 no-change: what would change a read-only mailbox is answered NO
                Refusal::ReadOnly => no("the mailbox is read-only"),
                refusal => {
                    let rejection = Rejection::own(StatusKind::Bad, format_args!("{verb}: {refusal}"));
                    // rule rfc5530 3 client-bug: the code tells whose fault it is [instead: rejection]
                    rejection.with_code(Code::ClientBug)
                }
            });
        }
        match verb {
            Verb::StartTls => self.starttls(),
            Verb::Login | Verb::Authenticate => self.login(verb),
            Verb::Compress => Err(not_offered(verb)),
            verb => match needs(verb) {
                // rule rfc3501 6.1.1 not-offered: a command needs the capability that brings it
                Some(capability) if !self.config.offers(capability) => Err(not_offered(verb)),
                _ => Ok(()),
            },
        }
    }

    /// Is what the command asks for on offer?
    pub(super) fn arguments(&self, command: &Command) -> Result<(), Rejection> {
        match command {
            Command::Authenticate(Authenticate { mechanism, initial }) => {
                // rule rfc3501 6.2.2 unknown-mechanism: a mechanism that is not offered is refused with NO
                if !self.offers(*mechanism) {
                    return Err(no("this mechanism is not offered").with_code(Code::Cannot));
                }
                // rule rfc4959 3 needs-sasl-ir: an initial response is taken only where SASL-IR is offered
                if initial.is_some() && !self.config.offers(Capability::SaslIr) {
                    return Err(bad("an initial response is not offered"));
                }
                Ok(())
            }
            // rule rfc4315 2.1 needs-uidplus: UID EXPUNGE is taken only where UIDPLUS is offered
            Command::UidExpunge(_) if !self.config.offers(Capability::UidPlus) => {
                Err(bad("UID EXPUNGE is not offered"))
            }
            // rule rfc6855 3 bad-charset: once UTF8=ACCEPT is enabled a SEARCH that names a charset is BAD
            Command::Search(search) if search.charset.is_some() && self.charsets == Offer::No => {
                Err(bad("UTF8=ACCEPT is enabled, and a charset is named"))
            }
            _ => Ok(()),
        }
    }

    fn starttls(&self) -> Result<(), Rejection> {
        // rule rfc9051 6.2.1 bad-under-tls: STARTTLS under TLS is BAD
        if self.security == Security::Tls {
            return Err(bad("TLS is active already"));
        }
        // rule rfc3501 6.2.1 starttls-not-offered: STARTTLS needs that TLS can be done
        if self.config.starttls == Offer::No {
            return Err(not_offered(Verb::StartTls));
        }
        Ok(())
    }

    fn login(&self, verb: Verb) -> Result<(), Rejection> {
        let offered = match verb {
            Verb::Login => self.config.login == Offer::Yes,
            _ => !self.config.capabilities.mechanisms().is_empty(),
        };
        // rule rfc3501 6.2.3 login-disabled: a login that is not offered is refused
        if !offered {
            return Err(no(match verb {
                Verb::Login => "LOGIN is not offered",
                _ => "AUTHENTICATE is not offered",
            })
            .with_code(Code::Cannot));
        }
        // rule rfc3501 11.2 no-password-in-clear: nobody logs in in clear where that is not allowed
        if !self.may_log_in() {
            let rejection = no(match self.config.starttls {
                Offer::Yes => "no login in clear, say STARTTLS first",
                Offer::No => "no login in clear",
            });
            // rule rfc5530 3 privacy-required: the code tells that TLS is missing [instead: return Err(rejection);]
            return Err(rejection.with_code(Code::PrivacyRequired));
        }
        Ok(())
    }
}

/// The capability that brings this command.
fn needs(verb: Verb) -> Option<Capability> {
    Some(match verb {
        // rule rfc2971 3 id-offered: ID is taken only where it is offered
        Verb::Id => Capability::Id,
        // rule rfc5161 3.1 enable-offered: ENABLE is taken only where it is offered
        Verb::Enable => Capability::Enable,
        // rule rfc2342 4 namespace-offered: NAMESPACE is taken only where it is offered
        Verb::Namespace => Capability::Namespace,
        // rule rfc2177 3 idle-offered: IDLE is taken only where it is offered
        Verb::Idle => Capability::Idle,
        // rule rfc3691 1 unselect-offered: UNSELECT is taken only where it is offered
        Verb::Unselect => Capability::Unselect,
        // rule rfc6851 1 move-offered: MOVE is taken only where it is offered
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
