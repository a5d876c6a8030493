//! What waits to be written to the peer.
use crate::Output;
use alloc::collections::VecDeque;
use bytes::{Buf, Bytes, BytesMut};
use core::fmt;

/// Octets ready to be written to the peer: a [`Buf`] of shared segments.
///
/// Vectored writes see all segments at once ([`Buf::chunks_vectored`]), partial writes are safe: what was
/// written is told by [`Buf::advance`]. Octets behind a hold are not shown before it is released.
#[derive(Default)]
pub struct Transmit {
    queue: VecDeque<Item>,
    /// Short texts gather here; logically the end of `queue`.
    tail: BytesMut,
    /// The most octets that `tail` has had room for.
    tail_room: usize,
    /// Octets that may be written now: all before the first hold.
    ready: usize,
    /// All octets, those behind holds included.
    queued: usize,
    /// How many holds stand in `queue`.
    holds: usize,
    /// All octets that were ever written.
    sent: u64,
}

/// A segment of up to so many octets is copied: a place of its own in the queue costs more than that, so that a
/// message of lone dots, which stuffing splits at every line, would hold fifty times its size.
const SHORT: usize = 128;

/// Room for so many octets of text is kept while nothing waits, and for so many items: what a burst needed
/// beyond that goes back to the heap, so that ten thousand idle sessions cost little.
const KEPT_OCTETS: usize = 1024;
const KEPT_ITEMS: usize = 16;

enum Item {
    Segment(Bytes),
    /// What follows waits for the peer's word.
    Hold,
    /// Ends what the holds before it hold.
    EndOfHeld,
}

impl Transmit {
    /// Octets that wait to be written, those behind a hold included.
    pub fn unsent(&self) -> usize {
        self.queued
    }

    /// Octets that were written since the session began.
    pub fn sent(&self) -> u64 {
        self.sent
    }

    /// Does nothing wait to be written now?
    pub fn is_empty(&self) -> bool {
        self.ready == 0
    }

    fn seal(&mut self) {
        if !self.tail.is_empty() {
            self.queue.push_back(Item::Segment(self.tail.split().freeze()));
        }
    }

    /// Lets go of what a burst needed.
    fn shrink(&mut self) {
        if self.tail_room > KEPT_OCTETS {
            self.tail = BytesMut::new();
            self.tail_room = 0;
        }
        self.queue.shrink_to(KEPT_ITEMS);
    }

    fn write_off(&mut self, mut octets: usize) {
        while octets > 0 {
            match self.queue.front_mut() {
                Some(Item::Segment(segment)) if segment.len() > octets => {
                    segment.advance(octets);
                    return;
                }
                Some(Item::Segment(segment)) => {
                    octets -= segment.len();
                    self.queue.pop_front();
                }
                Some(Item::EndOfHeld) => {
                    self.queue.pop_front();
                }
                // `ready` counts what stands before the first hold, so the rest stands in `tail`.
                Some(Item::Hold) | None => {
                    self.tail.advance(octets);
                    return;
                }
            }
        }
    }

    fn ready_segments(&self) -> impl Iterator<Item = &[u8]> {
        let queued = self.queue.iter().take_while(|item| !matches!(item, Item::Hold));
        let segments = queued.filter_map(|item| match item {
            Item::Segment(segment) => Some(&segment[..]),
            Item::Hold | Item::EndOfHeld => None,
        });
        segments.chain((self.holds == 0 && !self.tail.is_empty()).then_some(&self.tail[..]))
    }
}

/// Tells how much, and not what: passwords pass here.
impl fmt::Debug for Transmit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { ready, queued, holds, sent, .. } = self;
        f.debug_struct("Transmit")
            .field("ready", ready)
            .field("queued", queued)
            .field("holds", holds)
            .field("sent", sent)
            .finish_non_exhaustive()
    }
}

impl Buf for Transmit {
    fn remaining(&self) -> usize {
        self.ready
    }

    fn chunk(&self) -> &[u8] {
        self.ready_segments().next().unwrap_or_default()
    }

    #[cfg(feature = "std")]
    fn chunks_vectored<'a>(&'a self, dst: &mut [std::io::IoSlice<'a>]) -> usize {
        let mut filled = 0;
        for (slot, segment) in dst.iter_mut().zip(self.ready_segments()) {
            *slot = std::io::IoSlice::new(segment);
            filled += 1;
        }
        filled
    }

    fn advance(&mut self, octets: usize) {
        assert!(octets <= self.ready, "advanced past the octets that were ready");
        self.ready -= octets;
        self.queued -= octets;
        self.sent += octets as u64;
        self.write_off(octets);
        if self.queued == 0 {
            self.shrink();
        }
    }
}

/// A machine's own end of its [`Transmit`]: only the machine can add to what is sent.
#[derive(Debug, Default)]
pub struct Outbox(Transmit);

impl Outbox {
    /// The end that the host writes from.
    pub fn transmit(&mut self) -> &mut Transmit {
        &mut self.0
    }

    /// Octets that wait to be written.
    pub fn unsent(&self) -> usize {
        self.0.queued
    }

    /// Octets that were written since the session began.
    pub fn sent(&self) -> u64 {
        self.0.sent
    }

    /// Where the next octet will stand, counted from the session's first one.
    pub fn position(&self) -> u64 {
        self.0.sent + self.0.queued as u64
    }

    /// What is written from here on waits until [`release`](Self::release).
    pub fn hold(&mut self) {
        self.0.seal();
        self.0.holds += 1;
        self.0.queue.push_back(Item::Hold);
    }

    /// Ends what the last hold holds: a [`discard`](Self::discard) goes no further.
    pub fn end_held(&mut self) {
        self.0.seal();
        self.0.queue.push_back(Item::EndOfHeld);
    }

    /// Releases the first hold: what stands before the next one is ready.
    ///
    /// Without a hold nothing happens.
    pub fn release(&mut self) {
        let t = &mut self.0;
        if let Some(first) = t.queue.iter().position(|item| matches!(item, Item::Hold)) {
            t.queue.remove(first);
            t.holds -= 1;
            self.count_ready();
        }
    }

    /// Drops what the first hold holds, up to its end; what stands behind that end is ready.
    ///
    /// The peer refused the rest of a unit, and none of it may be sent. Without a hold nothing happens.
    pub fn discard(&mut self) {
        let t = &mut self.0;
        t.seal();
        let Some(first) = t.queue.iter().position(|item| matches!(item, Item::Hold)) else { return };
        let mut behind = t.queue.split_off(first);
        while let Some(item) = behind.pop_front() {
            match item {
                Item::Segment(segment) => t.queued -= segment.len(),
                Item::Hold => t.holds -= 1,
                Item::EndOfHeld => break,
            }
        }
        t.queue.append(&mut behind);
        if t.queued == 0 {
            t.shrink();
        }
        self.count_ready();
    }

    fn count_ready(&mut self) {
        self.0.ready = self.0.ready_segments().map(<[u8]>::len).sum();
    }
}

impl Output for Outbox {
    fn text(&mut self, text: &[u8]) {
        self.0.tail.extend_from_slice(text);
        self.0.tail_room = self.0.tail_room.max(self.0.tail.capacity());
        self.0.queued += text.len();
        if self.0.holds == 0 {
            self.0.ready += text.len();
        }
    }

    fn take(&mut self, from: &mut Bytes, octets: usize) {
        match from.get(..octets) {
            Some(text) if octets <= SHORT => {
                self.text(text);
                from.advance(octets);
            }
            _ => self.share(from.split_to(octets)),
        }
    }

    fn share(&mut self, segment: Bytes) {
        if segment.len() <= SHORT {
            return self.text(&segment);
        }
        self.0.seal();
        self.0.queued += segment.len();
        if self.0.holds == 0 {
            self.0.ready += segment.len();
        }
        self.0.queue.push_back(Item::Segment(segment));
    }
}
