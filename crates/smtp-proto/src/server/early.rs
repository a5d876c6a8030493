//! A client that speaks before it is greeted.
use super::Server;
use crate::state::Phase;
use bytes::BytesMut;

/// Has the client waited for the greeting?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Early {
    /// The greeting has not been written.
    Unknown,
    /// It has, or the host knows that the client did not wait.
    Known,
}

impl Server {
    /// Is there a word of the client's, and no greeting that it could answer? Told once.
    pub(super) fn talks_early(&mut self, input: &BytesMut) -> bool {
        if self.early == Early::Known {
            return false;
        }
        let is_greeted = self.state.phase != Phase::Greeting && self.outbox.unsent() == 0;
        // rule rfc5321 4.3.1 early-talker: a client that did not wait for the greeting is told of [instead: false]
        let is_early = !is_greeted && !input.is_empty();
        if is_greeted || is_early {
            self.early = Early::Known;
        }
        is_early
    }
}
