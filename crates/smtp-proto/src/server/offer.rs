//! What a server offers, by configuration and state.
use crate::{
    Capabilities, Extension,
    config::{Requirement, ServerConfig},
    state::{Identity, State},
};
use mail_wire::{CleartextLogin, Offer, Security};

/// What an EHLO or LHLO reply offers in this state.
pub(super) fn offered(config: &ServerConfig, state: State) -> Capabilities {
    let mut offered = Capabilities::new()
        .with(Extension::Pipelining)
        .with_size(config.max_message)
        .with(Extension::EightBitMime)
        .with(Extension::EnhancedStatusCodes);
    if config.smtputf8 == Offer::Yes {
        offered = offered.with(Extension::SmtpUtf8);
    }
    if offers_starttls(config, state) {
        offered = offered.with(Extension::StartTls);
    }
    if state.identity == Identity::Anonymous && may_log_in(config, state) {
        offered = offered.with_auth(config.authentication.mechanisms.iter().copied());
    }
    offered
}

/// Is STARTTLS on offer?
pub(super) fn offers_starttls(config: &ServerConfig, state: State) -> bool {
    config.starttls == Offer::Yes && state.security == Security::Clear
}

/// Is there a mechanism on offer, and may it be used as things stand?
pub(super) fn may_log_in(config: &ServerConfig, state: State) -> bool {
    let guarded = state.security == Security::Tls
        || config.authentication.cleartext == CleartextLogin::Allow && config.tls == Requirement::Optional;
    guarded && !config.authentication.mechanisms.is_empty()
}
