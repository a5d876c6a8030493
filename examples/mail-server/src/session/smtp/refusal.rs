//! What a client hears that is to try again.
use crate::{limits::Exceeded, store::StoreError};
use smtp_proto::{Code, EnhancedCode, Reply, Text, server::Rejection};

/// `421 4.7.0`: the client has had its share of connections.
pub(super) fn come_back_later() -> Rejection {
    transient(Code::NOT_AVAILABLE, 0, "too many connections from your address, try again later")
}

/// `554 5.5.1`: the client spoke before it was greeted ([RFC 5321 §4.3.1]).
///
/// [RFC 5321 §4.3.1]: https://www.rfc-editor.org/rfc/rfc5321#section-4.3.1
pub(super) fn too_early() -> Rejection {
    let words = Text::from_static("you spoke before you were greeted");
    let reply = Reply::with_enhanced(Code::TRANSACTION_FAILED, EnhancedCode::INVALID_COMMAND, words);
    reply.ok().and_then(|reply| Rejection::new(reply).ok()).unwrap_or_else(Rejection::policy)
}

/// `454 4.7.0`: nobody can say now whether the login is right ([RFC 4954 §6]).
///
/// [RFC 4954 §6]: https://www.rfc-editor.org/rfc/rfc4954#section-6
pub(super) fn cannot_tell() -> Rejection {
    transient(Code::TEMPORARY_AUTH_FAILURE, 0, "cannot check a login now, try again later")
}

/// `450 4.7.1`: the client sends too much for now.
pub(super) fn too_much(exceeded: Exceeded) -> Rejection {
    let words = match exceeded {
        Exceeded::Recipients => "too many recipients from you, try again later",
        _ => "too many messages from you, try again later",
    };
    transient(Code::MAILBOX_BUSY, 1, words)
}

/// What a client hears of a failure: always to try again.
pub(super) fn failed(error: &StoreError) -> Rejection {
    match error {
        StoreError::Full => Rejection::no_room(),
        _ => Rejection::local_error(),
    }
}

/// A refusal for now, with an enhanced code 4.7.x.
fn transient(code: Code, detail: u16, words: &'static str) -> Rejection {
    let reply = Reply::with_enhanced(code, EnhancedCode::transient(7, detail), Text::from_static(words));
    reply.ok().and_then(|reply| Rejection::new(reply).ok()).unwrap_or_else(Rejection::local_error)
}
