//! The shape that all machines have.
use crate::{FinishError, Stale, Transmit, Upgrade, Upload, WriteError};
use bytes::{Bytes, BytesMut};
use core::time::Duration;

/// What one call of [`Machine::receive`] came to.
#[must_use = "a step says what to do next"]
#[derive(Debug, PartialEq, Eq)]
pub enum Step<E> {
    /// Something happened. Handle it, then call `receive` again.
    Event(E),
    /// Write what `transmit` holds, then read from the peer.
    NeedInput {
        /// How many octets would help. A buffer wants slack above it: one reserved to the exact octet doubles
        /// for the last twenty.
        hint: usize,
    },
    /// Nothing can proceed until an open [`Ask`](crate::Ask) is answered.
    NeedAnswer,
    /// More waits to be written than the session may hold: no event until `transmit` drains.
    NeedFlush,
    /// The session is over: write what `transmit` still holds, then shut the connection down.
    Closed,
}

/// How long to wait for the peer, and what to do then.
///
/// A machine reads no clock. Its driver keeps one timer: while [`period`](Self::period) stays the same the
/// timer runs on, when it changes the timer starts anew. Octets that do not complete a unit do not change it,
/// so that a peer which sends one octet a minute is not waited for for ever.
///
/// It is the peer's time that counts: the timer runs while the driver waits for it, behind
/// [`Step::NeedInput`] and [`Step::NeedFlush`], and not while the host thinks about an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Patience {
    /// How long one period may last.
    pub limit: Duration,
    /// Changes whenever the timer shall start anew.
    pub period: u64,
    /// What to do when the time is up.
    pub then: Then,
}

/// What to do when [`Patience`] ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Then {
    /// Call `close(Reason::Timeout)`, write what `transmit` holds, shut the connection down.
    GiveUp,
}

/// Why the host ends a session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Reason {
    /// The service is going down.
    Shutdown,
    /// [`Patience`] ended.
    Timeout,
    /// The host cannot go on: an error of its own, too much load, a policy.
    Failure,
}

/// The shape of all machines. Sealed: it is here for drivers such as `tokio-codec` to be generic over.
///
/// Every machine has these as inherent methods too, so that no import is needed to use one.
pub trait Machine: sealed::Sealed {
    /// What the machine tells its host.
    type Event;
    /// What a peer can do wrong beyond repair.
    type Error: core::error::Error + Send + Sync + 'static;

    /// Consumes a prefix of `input` and returns at most one event.
    ///
    /// # Errors
    /// The peer broke the protocol beyond repair. The session is over; `transmit` may hold a last word.
    fn receive(&mut self, input: &mut BytesMut) -> Result<Step<Self::Event>, Self::Error>;
    /// The peer closed its half of the connection: was that a clean place to stop?
    ///
    /// Called once `receive` has asked for input and none will come. An open question may still be answered, and
    /// what waits in `transmit` written; `receive` then says [`Step::Closed`].
    ///
    /// # Errors
    /// It was not: a unit, a message or an answer is cut.
    fn receive_eof(&mut self, input: &BytesMut) -> Result<(), Self::Error>;
    /// Octets ready to be written to the peer.
    fn transmit(&mut self) -> &mut Transmit;
    /// How long to wait in this state, and what to do then.
    fn patience(&self) -> Patience;
    /// The transport was upgraded; `input` is what the host still holds of the old one.
    ///
    /// # Errors
    /// Octets of the old transport are left: someone on the way put them there.
    fn upgraded(&mut self, upgrade: Upgrade, input: &BytesMut) -> Result<(), UpgradeError<Self::Error>>;
    /// Ends the session politely, as role and state ask.
    fn close(&mut self, reason: Reason);
}

/// A machine that sends payload.
pub trait Uploads: Machine {
    /// Queues a chunk of payload.
    ///
    /// # Errors
    /// It was not taken, and comes back: see [`WriteError`].
    fn write(&mut self, upload: &mut Upload, chunk: Bytes) -> Result<(), WriteError>;
    /// Ends the payload.
    ///
    /// # Errors
    /// Something is missing; the upload comes back.
    fn finish(&mut self, upload: Upload) -> Result<(), FinishError>;
}

/// Why [`Machine::upgraded`] failed.
#[derive(Debug, thiserror::Error)]
pub enum UpgradeError<E> {
    /// The peer's fault.
    #[error(transparent)]
    Protocol(E),
    /// The token is of another session.
    #[error(transparent)]
    Stale(#[from] Stale<Upgrade>),
}

/// Keeps the set of machines closed: their contract may then grow.
#[doc(hidden)]
pub mod sealed {
    pub trait Sealed {}
}

/// Implements [`Machine`] by a type's inherent methods of the same names, and `Uploads` where that is named.
#[doc(hidden)]
#[macro_export]
macro_rules! machine {
    ($machine:ty, $event:ty, $error:ty) => {
        impl $crate::sealed::Sealed for $machine {}

        impl $crate::Machine for $machine {
            type Event = $event;
            type Error = $error;

            fn receive(&mut self, input: &mut bytes::BytesMut) -> Result<$crate::Step<$event>, $error> {
                self.receive(input)
            }
            fn receive_eof(&mut self, input: &bytes::BytesMut) -> Result<(), $error> {
                self.receive_eof(input)
            }
            fn transmit(&mut self) -> &mut $crate::Transmit {
                self.transmit()
            }
            fn patience(&self) -> $crate::Patience {
                self.patience()
            }
            fn upgraded(
                &mut self,
                upgrade: $crate::Upgrade,
                input: &bytes::BytesMut,
            ) -> Result<(), $crate::UpgradeError<$error>> {
                self.upgraded(upgrade, input)
            }
            fn close(&mut self, reason: $crate::Reason) {
                self.close(reason);
            }
        }
    };
    ($machine:ty, $event:ty, $error:ty, Uploads) => {
        $crate::machine!($machine, $event, $error);

        impl $crate::Uploads for $machine {
            fn write(
                &mut self,
                upload: &mut $crate::Upload,
                chunk: bytes::Bytes,
            ) -> Result<(), $crate::WriteError> {
                self.write(upload, chunk)
            }
            fn finish(&mut self, upload: $crate::Upload) -> Result<(), $crate::FinishError> {
                self.finish(upload)
            }
        }
    };
}
