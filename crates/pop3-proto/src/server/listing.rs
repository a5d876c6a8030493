//! Listings on their way out.
use super::{Server, Task};
use crate::{EntryError, MessageNumber, ScanListing, State, UniqueIdListing};
use core::marker::PhantomData;
use mail_wire::{FinishError, Outbox, Stale, Upload};

/// A listing on its way out, made of entries `E`: written one by one through its session, then finished.
///
/// Dropping one unfinished closes the connection: a cut listing never gets an end.
#[must_use = "dropping an unfinished listing closes the connection"]
#[derive(Debug)]
pub struct Listing<E> {
    /// The end of a listing is the end of a message: a line with a lone dot. No entry starts with one.
    upload: Upload,
    entries: PhantomData<fn() -> E>,
}

/// An entry of a listing: [`ScanListing`] or [`UniqueIdListing`]. Sealed.
pub trait Entry: sealed::Sealed {}

mod sealed {
    use super::{MessageNumber, Outbox};

    pub trait Sealed {
        fn message(&self) -> MessageNumber;
        fn write(&self, outbox: &mut Outbox);
    }
}

impl Entry for ScanListing {}
impl Entry for UniqueIdListing {}

impl sealed::Sealed for ScanListing {
    fn message(&self) -> MessageNumber {
        self.message
    }
    fn write(&self, outbox: &mut Outbox) {
        self.encode(outbox);
    }
}

impl sealed::Sealed for UniqueIdListing {
    fn message(&self) -> MessageNumber {
        self.message
    }
    fn write(&self, outbox: &mut Outbox) {
        self.encode(outbox);
    }
}

impl<E> Listing<E> {
    pub(super) fn new(upload: Upload) -> Self {
        Self { upload, entries: PhantomData }
    }
}

impl Server {
    /// Queues an entry of a listing. Entries go upwards; those of messages that are marked deleted are left out
    /// here, and need not be left out by the host.
    ///
    /// # Errors
    /// The entry was not taken.
    pub fn entry<E: Entry>(&mut self, listing: &mut Listing<E>, entry: &E) -> Result<(), EntryError> {
        let Task::Sending { last } = &mut self.task else { return Err(EntryError::Stale) };
        if self.state == State::Closed || !listing.upload.is_of(&self.mark) {
            return Err(EntryError::Stale);
        }
        let max_unsent = self.config.max_unsent;
        if self.outbox.unsent() >= max_unsent.max(1) {
            return Err(EntryError::Blocked { max_unsent });
        }
        let (message, messages) = (entry.message(), self.maildrop.messages());
        if message.get() > messages {
            return Err(EntryError::NoSuchMessage { message, messages });
        }
        if let Some(last) = last.filter(|last| *last >= message) {
            return Err(EntryError::OutOfOrder { message, last });
        }
        *last = Some(message);
        // rule rfc1939 5 list-each: LIST tells a line for each message
        // rule rfc1939 5 list-skips-deleted: a deleted message is not listed [instead: entry.write(&mut self.outbox);]
        // rule rfc1939 7 uidl-each: UIDL tells a line for each message that is not marked deleted
        if self.maildrop.find(message).is_ok() {
            entry.write(&mut self.outbox);
        }
        self.tick();
        Ok(())
    }

    /// Ends a listing.
    ///
    /// # Errors
    /// The listing is of another session, or of one that is over, and comes back.
    pub fn finish_listing<E>(&mut self, listing: Listing<E>) -> Result<(), Stale<Listing<E>>> {
        match self.finish(listing.upload) {
            Ok(()) => Ok(()),
            Err(FinishError::Stale(Stale(upload))) => Err(Stale(Listing::new(upload))),
            // Nothing but entries was written: neither a length nor a bare CR can be at fault.
            Err(_) => Ok(()),
        }
    }
}
