//! Messages on their way out.
use super::{
    AppendError, AppendRefusal, Client, Event,
    flight::{Answered, Holds, Sending, Streams},
};
use crate::{Append, AppendMessage, MessageData, Unfit};
use alloc::{boxed::Box, collections::VecDeque};
use bytes::Bytes;
use core::mem;
use mail_wire::{FinishError, Offer, Stale, Upload, WriteError};

impl Client {
    /// Ends a message, and begins the next one of the same APPEND
    /// ([RFC 3502](https://www.rfc-editor.org/rfc/rfc3502)).
    ///
    /// The next [`Event::Upload`] is for it; for one whose octets are all there, it is an upload of nothing, to be
    /// finished or gone on with.
    ///
    /// # Errors
    /// It cannot be begun. Nothing has happened, and both come back.
    pub fn append_more(&mut self, upload: Upload, message: AppendMessage) -> Result<(), AppendError> {
        if let Err(refusal) = self.check_more(&upload, &message) {
            return Err(AppendError::Refused { upload, message: Box::new(message), refusal });
        }
        if let Err(error) = upload.finish(&self.mark, &mut self.outbox) {
            return Err(AppendError::Unfinished { error, message: Box::new(message) });
        }
        let Sending::Uploads(mut streams) = mem::replace(&mut self.sending, Sending::Nothing) else {
            return Ok(());
        };
        streams.octets = match message.data {
            MessageData::Announced(octets) => octets,
            MessageData::Whole(_) => 0,
        };
        let wire = self.wire();
        let mut out = Holds { outbox: &mut self.outbox, at: VecDeque::new() };
        streams.append.encode_next(message, &wire, &mut out);
        let holds = out.at;
        self.period += 1;
        if let Some(flight) = self.in_flight.back_mut() {
            flight.last = u64::MAX;
        }
        if holds.is_empty() {
            self.open_upload(streams);
        } else {
            self.sending = Sending::Waits { holds, streams: Some(streams) };
        }
        Ok(())
    }

    fn check_more(&self, upload: &Upload, message: &AppendMessage) -> Result<(), AppendRefusal> {
        let Sending::Uploads(streams) = &self.sending else { return Err(AppendRefusal::Stale) };
        if !upload.is_of(&self.mark) {
            return Err(AppendRefusal::Stale);
        }
        // The server would read what follows as one more command, or wait with `+` for ever.
        // rule rfc3502 6.3.11 nothing-behind-a-refusal: to an APPEND that is answered no message is added
        if streams.answered == Answered::Yes {
            return Err(AppendRefusal::Answered);
        }
        let wire = self.wire();
        // rule rfc3502 6.3.11 more-where-offered: several messages go in one APPEND where MULTIAPPEND is offered
        if wire.multi_append() == Offer::No {
            return Err(Unfit::NeedsMultiAppend.into());
        }
        Ok(Append::new(streams.append.mailbox().clone(), message.clone()).fits(&wire)?)
    }

    /// The octets of a message may be written.
    pub(super) fn open_upload(&mut self, streams: Streams) {
        let end = self.outbox.position() - 1;
        if let Some(flight) = self.in_flight.back_mut() {
            // Of nothing, all is there.
            flight.last = if streams.octets == 0 { end } else { u64::MAX };
            let upload = Upload::sized(&self.mark, streams.octets);
            self.told.push_back(Event::Upload { tag: flight.tag.clone(), upload });
        }
        self.sending = Sending::Uploads(streams);
    }

    pub(super) fn write_chunk(&mut self, upload: &mut Upload, chunk: Bytes) -> Result<(), WriteError> {
        if !matches!(self.sending, Sending::Uploads(_)) {
            return Err(WriteError::Stale { chunk });
        }
        let octets = chunk.len() as u64;
        // Where nothing waits a chunk is always taken: there is nothing to wait for.
        let max_unsent = self.config.max_unsent.max(1);
        upload.write(&self.mark, &mut self.outbox, max_unsent, chunk)?;
        self.period += 1;
        let Sending::Uploads(streams) = &mut self.sending else { return Ok(()) };
        streams.octets = streams.octets.saturating_sub(octets);
        // A server may answer when it has the message, before it has the end of the line.
        if let (0, Answered::No, Some(flight)) = (streams.octets, streams.answered, self.in_flight.back_mut())
        {
            flight.last = self.outbox.position() - 1;
        }
        Ok(())
    }

    pub(super) fn finish_upload(&mut self, upload: Upload) -> Result<(), FinishError> {
        if !matches!(self.sending, Sending::Uploads(_)) {
            return Err(Stale(upload).into());
        }
        upload.finish(&self.mark, &mut self.outbox)?;
        let Sending::Uploads(streams) = mem::replace(&mut self.sending, Sending::Nothing) else {
            return Ok(());
        };
        streams.append.encode_end(&mut self.outbox);
        self.period += 1;
        if let (Answered::No, Some(flight)) = (streams.answered, self.in_flight.back_mut()) {
            flight.last = self.outbox.position() - 1;
        }
        self.pump();
        Ok(())
    }
}

impl Streams {
    pub(super) fn new(append: Append, octets: u64) -> Self {
        Self { append, octets, answered: Answered::No }
    }
}
