//! What a server offers, by configuration and state.
use crate::{
    Capabilities, Extension,
    config::{Requirement, ServerConfig},
    parameters::Known,
    state::{Identity, State},
};
use alloc::{format, string::String};
use mail_wire::{CleartextLogin, Offer, Security};

/// The largest number that LIMITS tells: six digits
/// ([RFC 9422 §3](https://www.rfc-editor.org/rfc/rfc9422#section-3)).
const MAX_TOLD: u32 = 999_999;

/// What an EHLO or LHLO reply offers in this state.
pub(super) fn offered(config: &ServerConfig, state: State) -> Capabilities {
    let mut offered = config.extensions.clone();
    for extension in Extension::ALL.iter().copied() {
        match (offers(config, state, extension), offered.has(extension)) {
            (true, false) => offered = offered.with(extension),
            (false, true) => offered = offered.without(extension),
            _ => {}
        }
    }
    // rule rfc1870 3 size-offered: SIZE is offered, with the longest message that is taken
    offered = offered.without(Extension::Size).with_size(config.max_message);
    if offered.has(Extension::Auth) {
        // rule rfc4954 3 auth-offered: AUTH is offered with its mechanisms where a client may log in
        offered =
            offered.without(Extension::Auth).with_auth(config.authentication.mechanisms.iter().copied());
    }
    if offered.has(Extension::Limits) {
        offered = with_limits(offered.without(Extension::Limits), config);
    }
    offered
}

/// `LIMITS`, with what this server will enforce; nothing, where it has no limit.
fn with_limits(offered: Capabilities, config: &ServerConfig) -> Capabilities {
    let limits = [
        // rule rfc9422 4.2 rcptmax-told: LIMITS tells how many recipients a transaction may have
        ("RCPTMAX", config.max_recipients),
        // rule rfc9422 4.1 mailmax-told: LIMITS tells how many transactions a session may have [instead: ("X", 0)]
        ("MAILMAX", config.max_transactions),
        // rule rfc9422 4.3 rcptdomainmax-told: LIMITS tells of how many domains recipients may be [instead: ("X", 0)]
        ("RCPTDOMAINMAX", config.max_domains),
    ];
    let told = limits
        .into_iter()
        // rule rfc9422 4.2 no-limit-not-told: what is not limited is not told
        .filter(|(_, limit)| *limit > 0);
    let told: String = told.map(|(name, limit)| format!(" {name}={}", limit.min(MAX_TOLD))).collect();
    if told.is_empty() {
        return offered;
    }
    // A keyword and numbers follow the grammar.
    offered.clone().with_line(&format!("{}{told}", Extension::Limits)).unwrap_or(offered)
}

/// Is this extension on offer?
pub(super) fn offers(config: &ServerConfig, state: State, extension: Extension) -> bool {
    match extension {
        // rule rfc2920 3.2 pipelining-offered: PIPELINING is offered [instead: false]
        // rule rfc2033 5 pipelining-offered: an LMTP server offers PIPELINING [instead: false]
        Extension::Pipelining => true,
        // rule rfc6531 3.1 8bitmime-offered: 8BITMIME is offered wherever SMTPUTF8 is [instead: false]
        // rule rfc2033 5 8bitmime-offered: an LMTP server offers 8BITMIME [instead: false]
        // rule rfc6152 2 8bitmime-offered: 8BITMIME is offered [instead: false]
        // rule rfc5321 2.4 8bitmime-offered: a server supports 8BITMIME [instead: false]
        Extension::EightBitMime => true,
        // rule rfc2034 3 enhanced-codes-offered: ENHANCEDSTATUSCODES is offered [instead: false]
        // rule rfc2033 5 enhanced-codes-offered: an LMTP server offers ENHANCEDSTATUSCODES [instead: false]
        Extension::EnhancedStatusCodes => true,
        // rule rfc5321 4.1.1.1 help-offered: a command that servers need not have is told [instead: false]
        Extension::Help => true,
        Extension::Size => true,
        // rule rfc6531 3.1 smtputf8-offered: SMTPUTF8 is offered where the host takes such mail [instead: false]
        // rule rfc6531 3.4 smtputf8-555: the parameter SMTPUTF8 hears 555 where it is not offered [instead: true]
        Extension::SmtpUtf8 => config.smtputf8 == Offer::Yes,
        // rule rfc3207 2 starttls-offered: STARTTLS is offered where the host can do TLS [instead: false]
        Extension::StartTls => offers_starttls(config, state),
        Extension::Auth => state.identity == Identity::Anonymous && may_log_in(config, state),
        Extension::BinaryMime => {
            config.extensions.has(extension)
                // rule rfc3030 3 needs-chunking: BINARYMIME is offered beside CHUNKING alone
                && config.extensions.has(Extension::Chunking)
        }
        Extension::RequireTls => {
            config.extensions.has(extension)
                // rule rfc8689 2 under-tls: REQUIRETLS is offered under TLS alone
                && state.security == Security::Tls
        }
        // Each has a command that is not spoken here.
        Extension::Burl | Extension::Atrn | Extension::Checkpoint => false,
        // rule rfc3461 5.1 parameters-taken: what the host takes care of is offered and taken [instead: false]
        _ => config.extensions.has(extension),
    }
}

/// The parameters of MAIL and RCPT that a client may say to whom this was offered.
pub(super) fn parameters(config: &ServerConfig, state: State) -> Known {
    let offers = |extension| match extension {
        // rule rfc4954 5 auth-parameter-taken: AUTH= is taken where AUTH is offered, also before and behind a login
        // rule rfc4954 5 auth-parameter-555: the parameter AUTH hears 555 where there are no mechanisms [instead: true]
        Extension::Auth => !config.authentication.mechanisms.is_empty(),
        _ => offers(config, state, extension),
    };
    let known = Known::EXTENSIONS.iter().filter(|(_, extension)| offers(*extension));
    known.fold(Known::NONE, |known, (parameter, _)| known.with(*parameter))
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
