//! FETCH responses whose payloads stream.
use super::{Running, Server, State};
use crate::{
    Fetch,
    response::{self, FetchItem, Payload},
};
use alloc::{boxed::Box, vec::Vec};
use bytes::{Bytes, BytesMut};
use core::fmt;
use mail_wire::{FinishError, Output, Stale, Upload, WriteError};

/// A FETCH response that has no end yet.
#[derive(Debug)]
pub(super) struct OpenFetch {
    /// Whose it is.
    serial: u32,
    at: At,
    /// What others said meanwhile: it follows when the response has its end.
    pub(super) behind: BytesMut,
}

/// Where in the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum At {
    /// In a payload.
    Octets,
    /// In a payload, and its command has said something else meanwhile: the response ends behind it.
    LastOctets,
    /// Behind a payload.
    Items,
}

/// A response, or a part of one, was not taken. Nothing has happened; it comes back.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum StreamError<T> {
    /// Enough waits to be written: say it again when `transmit` has drained.
    #[error("more than {max_unsent} octets wait to be written")]
    Blocked {
        /// What was not taken.
        items: T,
        /// The limit.
        max_unsent: usize,
    },
    /// Another response has no end yet: finish its upload, and complete its command or end it by `rest`.
    #[error("another FETCH response has no end yet")]
    Busy {
        /// What was not taken.
        items: T,
    },
    /// No response of this command is open that items could be added to.
    #[error("no FETCH response is open")]
    NotOpen {
        /// What was not taken.
        items: T,
    },
    /// The last item, and no other, must be a payload that streams; in `rest` none may be.
    #[error("not the last item is what streams")]
    Misplaced {
        /// What was not taken.
        items: T,
    },
    /// The command is of another session, or of one that is over.
    #[error("command of another session, or of one that is over")]
    Stale {
        /// What was not taken.
        items: T,
    },
}

impl<T> StreamError<T> {
    /// What was not taken.
    pub fn into_items(self) -> T {
        match self {
            Self::Blocked { items, .. }
            | Self::Busy { items }
            | Self::NotOpen { items }
            | Self::Misplaced { items }
            | Self::Stale { items } => items,
        }
    }
}

impl<T> fmt::Debug for StreamError<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "StreamError({self})")
    }
}

impl Server {
    /// Queues a FETCH response up to its last item, a payload that streams ([`Payload::Streamed`]): its octets are
    /// [written](Self::write) next.
    ///
    /// When they are [finished](Self::finish) the response is still open: [`stream_more`](Self::stream_more) adds
    /// items, [`rest`](Self::rest) ends it, and so does whatever its command says next. What others say meanwhile
    /// waits behind it, and counts as unsent.
    ///
    /// # Errors
    /// It was not taken, and comes back.
    pub fn stream(
        &mut self,
        running: &Running<Fetch>,
        head: response::Fetch,
    ) -> Result<Upload, StreamError<response::Fetch>> {
        if !self.is_running(running) || self.state.selected().is_none() {
            return Err(StreamError::Stale { items: head });
        }
        let Some(octets) = streamed(&head.items) else { return Err(StreamError::Misplaced { items: head }) };
        let max_unsent = self.config.max_unsent;
        if self.unsent() >= max_unsent.max(1) {
            return Err(StreamError::Blocked { items: head, max_unsent });
        }
        match &self.fetch {
            None => {}
            Some(fetch) if fetch.serial == running.serial && fetch.at == At::Items => self.end_fetch(&[]),
            Some(_) => return Err(StreamError::Busy { items: head }),
        }
        head.encode_head(&self.wire, &mut self.outbox);
        let open = OpenFetch { serial: running.serial, at: At::Octets, behind: BytesMut::new() };
        self.fetch = Some(Box::new(open));
        self.tick();
        Ok(Upload::sized(&self.mark, octets))
    }

    /// Queues more items of the open response, the last of them a payload that streams.
    ///
    /// # Errors
    /// They were not taken, and come back.
    pub fn stream_more(
        &mut self,
        running: &Running<Fetch>,
        items: Vec<FetchItem>,
    ) -> Result<Upload, StreamError<Vec<FetchItem>>> {
        let Some(octets) = streamed(&items) else { return Err(StreamError::Misplaced { items }) };
        let items = self.check_items(running, items)?;
        response::Fetch::encode_more(&items, &self.wire, &mut self.outbox);
        if let Some(fetch) = &mut self.fetch {
            fetch.at = At::Octets;
        }
        self.tick();
        Ok(Upload::sized(&self.mark, octets))
    }

    /// Queues the last items of the open response, perhaps none, and its end.
    ///
    /// # Errors
    /// They were not taken, and come back.
    pub fn rest(
        &mut self,
        running: &Running<Fetch>,
        items: Vec<FetchItem>,
    ) -> Result<(), StreamError<Vec<FetchItem>>> {
        if items.iter().any(|item| streams(item).is_some()) {
            return Err(StreamError::Misplaced { items });
        }
        let items = self.check_items(running, items)?;
        self.end_fetch(&items);
        self.tick();
        Ok(())
    }

    /// Is a response of this command open behind a payload, and is there room?
    fn check_items(
        &self,
        running: &Running<Fetch>,
        items: Vec<FetchItem>,
    ) -> Result<Vec<FetchItem>, StreamError<Vec<FetchItem>>> {
        if !self.is_running(running) {
            return Err(StreamError::Stale { items });
        }
        match &self.fetch {
            Some(fetch) if fetch.serial == running.serial && fetch.at == At::Items => {}
            _ => return Err(StreamError::NotOpen { items }),
        }
        let max_unsent = self.config.max_unsent;
        // What waits behind the response can only be written when it has its end.
        if self.outbox.unsent() >= max_unsent.max(1) {
            return Err(StreamError::Blocked { items, max_unsent });
        }
        Ok(items)
    }

    pub(super) fn write_payload(&mut self, upload: &mut Upload, chunk: Bytes) -> Result<(), WriteError> {
        if self.state == State::Closed {
            return Err(WriteError::Stale { chunk });
        }
        let max_unsent = self.config.max_unsent;
        let behind = self.fetch.as_ref().map_or(0, |fetch| fetch.behind.len());
        let room = max_unsent.saturating_sub(behind).max(1);
        match upload.write(&self.mark, &mut self.outbox, room, chunk) {
            Err(WriteError::Blocked { chunk, .. }) => Err(WriteError::Blocked { chunk, max_unsent }),
            Ok(()) => {
                self.tick();
                Ok(())
            }
            other => other,
        }
    }

    pub(super) fn finish_payload(&mut self, upload: Upload) -> Result<(), FinishError> {
        if self.state == State::Closed {
            return Err(Stale(upload).into());
        }
        upload.finish(&self.mark, &mut self.outbox)?;
        match &mut self.fetch {
            Some(fetch) if fetch.at == At::LastOctets => self.end_fetch(&[]),
            Some(fetch) => fetch.at = At::Items,
            None => {}
        }
        self.tick();
        Ok(())
    }

    /// This command says something else: its open response ends, at once or behind its payload.
    pub(super) fn end_fetch_of(&mut self, serial: u32) {
        match &mut self.fetch {
            Some(fetch) if fetch.serial == serial => match fetch.at {
                At::Items => self.end_fetch(&[]),
                At::Octets | At::LastOctets => fetch.at = At::LastOctets,
            },
            _ => {}
        }
    }

    fn end_fetch(&mut self, items: &[FetchItem]) {
        response::Fetch::encode_rest(items, &self.wire, &mut self.outbox);
        if let Some(fetch) = self.fetch.take() {
            self.outbox.share(fetch.behind.freeze());
        }
    }
}

/// How many octets the last item streams; `None` if it does not, or another does.
fn streamed(items: &[FetchItem]) -> Option<u64> {
    let (last, before) = items.split_last()?;
    if before.iter().any(|item| streams(item).is_some()) { None } else { streams(last) }
}

fn streams(item: &FetchItem) -> Option<u64> {
    match item {
        FetchItem::Content(content) => match content.payload {
            Payload::Streamed(octets) => Some(octets),
            _ => None,
        },
        _ => None,
    }
}
