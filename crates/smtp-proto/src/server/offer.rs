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
        // rule rfc2920 3.2 pipelining-offered: PIPELINING is offered
        // rule rfc2033 5 pipelining-offered: an LMTP server offers PIPELINING
        .with(Extension::Pipelining)
        // rule rfc1870 3 size-offered: SIZE is offered, with the longest message that is taken
        .with_size(config.max_message)
        // rule rfc6531 3.1 8bitmime-offered: 8BITMIME is offered wherever SMTPUTF8 is
        // rule rfc2033 5 8bitmime-offered: an LMTP server offers 8BITMIME
        // rule rfc6152 2 8bitmime-offered: 8BITMIME is offered
        // rule rfc5321 2.4 8bitmime-offered: a server supports 8BITMIME
        .with(Extension::EightBitMime)
        // rule rfc2034 3 enhanced-codes-offered: ENHANCEDSTATUSCODES is offered
        // rule rfc2033 5 enhanced-codes-offered: an LMTP server offers ENHANCEDSTATUSCODES
        .with(Extension::EnhancedStatusCodes)
        // rule rfc5321 4.1.1.1 help-offered: a command that servers need not have is offered where it is answered
        .with(Extension::Help);
    // rule rfc6531 3.1 smtputf8-offered: SMTPUTF8 is offered where the host takes such mail
    if config.smtputf8 == Offer::Yes {
        offered = offered.with(Extension::SmtpUtf8);
    }
    // rule rfc3207 2 starttls-offered: STARTTLS is offered where the host can do TLS
    if offers_starttls(config, state) {
        offered = offered.with(Extension::StartTls);
    }
    // rule rfc4954 3 auth-offered: AUTH is offered with its mechanisms where a client may log in
    if state.identity == Identity::Anonymous && may_log_in(config, state) {
        offered = offered.with_auth(config.authentication.mechanisms.iter().copied());
    }
    offered
}

/// Is STARTTLS on offer?
pub(super) fn offers_starttls(config: &ServerConfig, state: State) -> bool {
    config.starttls == Offer::Yes
        // rule rfc3207 4.2 not-offered-twice: STARTTLS is not offered under TLS
        && state.security == Security::Clear
}

/// Is there a mechanism on offer, and may it be used as things stand?
pub(super) fn may_log_in(config: &ServerConfig, state: State) -> bool {
    let clear_will_do =
        config.authentication.cleartext == CleartextLogin::Allow && config.tls == Requirement::Optional;
    !config.authentication.mechanisms.is_empty()
        // rule rfc4954 4 encryption-first: where cleartext is refused, nobody logs in before TLS
        && (state.security == Security::Tls || clear_will_do)
}
