//! Exit codes, those of `sysexits.h`: a caller can tell what may help by trying again.
use crate::{
    account::{KeyError, OpenError},
    pop, send,
};
use imap_proto::response::StatusKind;
use smtp_proto::delivery::Unusable;
use std::{error::Error, io};
use tokio_codec::{imap, pop3, rustls};

/// What fits no other.
const FAILURE: u8 = 1;
/// The command line makes no sense.
pub(crate) const USAGE: u8 = 64;
/// What was remembered is damaged, or a text is none.
const DATA: u8 = 65;
/// A file cannot be read.
const NO_INPUT: u8 = 66;
/// The server refuses, or cannot be trusted.
const UNAVAILABLE: u8 = 69;
/// A file cannot be written.
const IO: u8 = 74;
/// It may work later: the network, another program, a server that is busy.
const TEMPORARY: u8 = 75;
/// The server says what makes no sense.
const PROTOCOL: u8 = 76;
/// The login is refused.
const NO_PERMISSION: u8 = 77;

/// The exit code of an error: of the outermost cause that has one.
pub(crate) fn code(error: &(dyn Error + 'static)) -> u8 {
    let mut next = Some(error);
    while let Some(error) = next {
        if let Some(code) = own(error) {
            return code;
        }
        next = error.source();
    }
    FAILURE
}

fn own(error: &(dyn Error + 'static)) -> Option<u8> {
    if let Some(error) = error.downcast_ref::<OpenError>() {
        return match error {
            OpenError::Key(key) => own(key),
            error => error.is_refusal().then_some(NO_PERMISSION),
        };
    }
    if let Some(error) = error.downcast_ref::<pop::Error>() {
        return match error {
            error if error.is_login() => Some(NO_PERMISSION),
            error if error.is_temporary() => Some(TEMPORARY),
            pop::Error::Store(error) => own(error),
            pop::Error::Key(error) => own(error),
            _ => None,
        };
    }
    if let Some(error) = error.downcast_ref::<pop::StoreError>() {
        return Some(match error {
            pop::StoreError::Locked(_) | pop::StoreError::Busy(_) => TEMPORARY,
            pop::StoreError::State(pop::StateError::Damaged { .. }) => DATA,
            pop::StoreError::State(pop::StateError::File { .. }) | pop::StoreError::File { .. } => IO,
        });
    }
    if let Some(error) = error.downcast_ref::<KeyError>() {
        return match error {
            KeyError::Credentials(_) => Some(NO_PERMISSION),
            // The next one may be good.
            KeyError::Token(_) => Some(TEMPORARY),
        };
    }
    if let Some(error) = error.downcast_ref::<send::Error>() {
        return sending(error);
    }
    if let Some(error) = error.downcast_ref::<pop3::Error>() {
        return match error {
            pop3::Error::Connection(error) => Some(connection(error)),
            pop3::Error::Refused(_) => Some(UNAVAILABLE),
            pop3::Error::Closed => Some(TEMPORARY),
            _ => Some(PROTOCOL),
        };
    }
    if let Some(error) = error.downcast_ref::<imap::Error>() {
        return match error {
            imap::Error::Connection(error) => Some(connection(error)),
            imap::Error::Refused(status) if status.kind() == StatusKind::Bye => Some(TEMPORARY),
            imap::Error::Closed => Some(TEMPORARY),
            _ => None,
        };
    }
    None
}

fn sending(error: &send::Error) -> Option<u8> {
    use send::Error as E;
    Some(match error {
        error if error.is_temporary() == Some(true) => TEMPORARY,
        E::NoSender | E::NoRecipient | E::Option { .. } => USAGE,
        E::Read { .. } => NO_INPUT,
        E::NotText(_) => DATA,
        E::Compose(_) => FAILURE,
        E::Connect { source, .. } | E::Socket { source, .. } => socket(source),
        E::Tls { .. } | E::Undelivered { .. } => UNAVAILABLE,
        E::Unusable(Unusable::NotSent(_)) => PROTOCOL,
        E::Unusable(_) => UNAVAILABLE,
        E::Login { .. } | E::NoMechanism(_) => NO_PERMISSION,
        E::Key(error) => return own(error),
        E::Sasl(_) | E::NotSent(_) | E::NotDelivered(_) => PROTOCOL,
        E::Session(error) => connection(error),
        E::Closed => TEMPORARY,
    })
}

/// The exit code of a connection that failed.
fn connection<E: Error>(error: &tokio_codec::Error<E>) -> u8 {
    match error {
        tokio_codec::Error::Io(error) => socket(error),
        tokio_codec::Error::Cut(_) | tokio_codec::Error::TimedOut => TEMPORARY,
        _ => PROTOCOL,
    }
}

/// A certificate that is not trusted will not be next time; all else may pass.
fn socket(error: &io::Error) -> u8 {
    match error.get_ref() {
        Some(inner) if inner.is::<rustls::Error>() => UNAVAILABLE,
        _ => TEMPORARY,
    }
}
