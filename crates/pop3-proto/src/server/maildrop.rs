//! What a session knows of its maildrop.
use crate::{DropListing, MessageNumber};
use alloc::vec::Vec;

/// What a session knows of its maildrop: its size, and what is marked.
#[derive(Debug, Default)]
pub(super) struct Maildrop {
    all: DropListing,
    deleted: Deleted,
    /// The octets of what is marked.
    deleted_octets: u64,
}

/// A message that cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(super) enum Missing {
    #[error("no such message, only {messages} messages in maildrop")]
    NoSuchMessage { messages: u32 },
    #[error("message {message} already deleted")]
    Deleted { message: MessageNumber },
}

impl Maildrop {
    pub(super) fn new(all: DropListing) -> Self {
        Self { all, ..Self::default() }
    }

    /// How many messages there were at the login.
    pub(super) fn messages(&self) -> u32 {
        self.all.messages
    }

    pub(super) fn find(&self, message: MessageNumber) -> Result<(), Missing> {
        // rule rfc1939 5 last-message: no message has a number above that of the last
        if message.get() > self.all.messages {
            return Err(Missing::NoSuchMessage { messages: self.all.messages });
        }
        // rule rfc1939 5 deleted-is-gone: a message marked deleted cannot be asked for
        if self.deleted.contains(message) {
            return Err(Missing::Deleted { message });
        }
        Ok(())
    }

    pub(super) fn mark(&mut self, message: MessageNumber, octets: u64) {
        self.deleted.insert(message);
        self.deleted_octets = self.deleted_octets.saturating_add(octets);
    }

    pub(super) fn reset(&mut self) {
        *self = Self::new(self.all);
    }

    pub(super) fn take_deleted(&mut self) -> Deleted {
        core::mem::take(&mut self.deleted)
    }

    /// What is not marked.
    pub(super) fn remaining(&self) -> DropListing {
        DropListing {
            messages: self.all.messages.saturating_sub(self.deleted.count()),
            octets: self.all.octets.saturating_sub(self.deleted_octets),
        }
    }
}

/// The messages that are marked deleted: one bit a message, up to the highest one that is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Deleted {
    words: Vec<u64>,
    count: u32,
}

impl Deleted {
    /// How many messages are marked.
    pub fn count(&self) -> u32 {
        self.count
    }

    /// Is none marked?
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Is `message` marked?
    pub fn contains(&self, message: MessageNumber) -> bool {
        let (at, bit) = place(message);
        self.words.get(at).is_some_and(|word| word & bit != 0)
    }

    /// The marked messages, upwards.
    pub fn iter(&self) -> impl Iterator<Item = MessageNumber> + '_ {
        (1..=u32::MAX)
            .take(self.words.len().saturating_mul(64))
            .filter_map(MessageNumber::new)
            .filter(|message| self.contains(*message))
    }

    fn insert(&mut self, message: MessageNumber) {
        let (at, bit) = place(message);
        if self.words.len() <= at {
            self.words.resize(at + 1, 0);
        }
        if let Some(word) = self.words.get_mut(at) {
            self.count += u32::from(*word & bit == 0);
            *word |= bit;
        }
    }
}

fn place(message: MessageNumber) -> (usize, u64) {
    (message.index() / 64, 1 << (message.index() % 64))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{string::ToString, vec::Vec};

    fn message(number: u32) -> MessageNumber {
        MessageNumber::new(number).unwrap()
    }

    #[test]
    fn marks_are_counted_once_and_told_upwards() {
        let mut maildrop = Maildrop::new(DropListing { messages: 200, octets: 1000 });
        for number in [200, 1, 64, 65] {
            maildrop.mark(message(number), 10);
        }
        assert_eq!(maildrop.remaining(), DropListing { messages: 196, octets: 960 });
        let deleted = maildrop.take_deleted();
        let numbers: Vec<u32> = deleted.iter().map(MessageNumber::get).collect();
        assert_eq!((numbers.as_slice(), deleted.count()), (&[1, 64, 65, 200][..], 4));
    }

    // covers rfc1939 5 last-message
    // covers rfc1939 5 deleted-is-gone
    #[test]
    fn what_is_missing_is_told_as_the_rfc_does() {
        let mut maildrop = Maildrop::new(DropListing { messages: 2, octets: 320 });
        maildrop.mark(message(2), 200);
        assert_eq!(maildrop.find(message(1)), Ok(()));
        let missing = |number| maildrop.find(message(number)).unwrap_err().to_string();
        assert_eq!(missing(3), "no such message, only 2 messages in maildrop");
        assert_eq!(missing(2), "message 2 already deleted");
        maildrop.reset();
        assert_eq!(maildrop.find(message(2)), Ok(()));
        assert_eq!(maildrop.remaining(), DropListing { messages: 2, octets: 320 });
    }

    #[test]
    fn a_host_whose_sizes_do_not_add_up_makes_nothing_wrap() {
        let mut maildrop = Maildrop::new(DropListing { messages: 3, octets: 1 });
        maildrop.mark(message(1), u64::MAX);
        maildrop.mark(message(1), u64::MAX);
        assert_eq!(maildrop.remaining(), DropListing { messages: 2, octets: 0 });
    }
}
