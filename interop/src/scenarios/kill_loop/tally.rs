//! Counts where kills hit.

use std::fmt;

use super::sender::Phase;

#[derive(Debug, Default)]
pub(super) struct Tally {
    sending: u32,
    waiting: u32,
    acknowledged: u32,
}

impl Tally {
    pub(super) fn count(&mut self, phase: Phase) {
        match phase {
            Phase::Sending => self.sending += 1,
            Phase::Waiting => self.waiting += 1,
            Phase::Acknowledged => self.acknowledged += 1,
        }
    }

    /// The count of the phase that was hit least.
    pub(super) fn least(&self) -> u32 {
        self.sending.min(self.waiting).min(self.acknowledged)
    }
}

impl fmt::Display for Tally {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sending, waiting, acknowledged } = self;
        write!(
            f,
            "{sending} within a message, {waiting} between its end and the answer, {acknowledged} after an answer"
        )
    }
}
