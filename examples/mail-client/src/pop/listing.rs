//! What a maildrop holds.
use super::{id::Id, session::Maildrop};
use pop3_proto::{Command, MessageNumber, client::Event};
use std::collections::HashMap;
use tokio_codec::pop3;

/// Most messages of a maildrop that are looked at in one run: some 10 MB.
const MOST: u32 = 250_000;

/// What a maildrop holds.
#[derive(Debug)]
pub(super) struct Listing {
    pub(super) messages: Vec<Item>,
    /// How many there are, as STAT told.
    pub(super) count: u32,
    /// Does each message have a unique-id of its own?
    pub(super) unique_ids: UniqueIds,
    /// Did the server refuse to tell any?
    pub(super) is_refused: bool,
    /// Are there more messages than are looked at?
    pub(super) is_cut: bool,
}

/// A message of a maildrop.
#[derive(Debug, Clone, Copy)]
pub(super) struct Item {
    pub(super) number: MessageNumber,
    /// As the server tells it, or 0. Some servers tell too much or too little.
    pub(super) octets: u64,
    /// `None`: the server tells no unique-id, or one that is none, or the same for another message.
    pub(super) id: Option<Id>,
}

impl Item {
    /// Is it the same message in the listing of another session? Without a unique-id its number must do.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        match (self.id, other.id) {
            (None, None) => self.number == other.number,
            (one, other) => one == other,
        }
    }
}

/// What a server knows of unique-ids.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum UniqueIds {
    All,
    Some,
    None,
}

impl Listing {
    /// Asks by STAT, LIST and UIDL. What CAPA says of UIDL is not believed: it works at servers that do not list it.
    pub(super) async fn ask(maildrop: &mut Maildrop) -> Result<Self, pop3::Error> {
        let count = match maildrop.ask(Command::Stat).await? {
            Event::DropListing { listing, .. } => listing.messages,
            _ => 0,
        };
        let numbers = (1..=count.min(MOST)).filter_map(MessageNumber::new);
        let mut messages: Vec<Item> = numbers.map(|number| Item { number, octets: 0, id: None }).collect();
        if messages.is_empty() {
            return Ok(Self {
                messages,
                count,
                unique_ids: UniqueIds::All,
                is_refused: false,
                is_cut: false,
            });
        }
        each(maildrop, Command::List(None), |event| {
            if let Event::ScanListing { listing, .. } = event {
                if let Some(item) = messages.get_mut(listing.message.index()) {
                    item.octets = listing.octets;
                }
            }
        })
        .await?;
        let mut heard = Told::of(messages.len());
        let is_known = each(maildrop, Command::Uidl(None), |event| {
            if let Event::UniqueIdListing { listing, .. } = event {
                if let Some(item) = messages.get_mut(listing.message.index()) {
                    heard.take(item, Id::of_unique_id(listing.id.as_str()));
                }
            }
        })
        .await?;
        messages.iter_mut().for_each(|item| heard.settle(item));
        let with_id = messages.iter().filter(|item| item.id.is_some()).count();
        let unique_ids = match with_id {
            0 => UniqueIds::None,
            all if all == messages.len() => UniqueIds::All,
            _ => UniqueIds::Some,
        };
        Ok(Self { messages, count, unique_ids, is_refused: !is_known, is_cut: count > MOST })
    }
}

/// How often each unique-id was told. One that was told twice is nobody's, and who was told two has none.
struct Told {
    times: HashMap<Id, u32>,
    /// Most that are counted, so that a server that tells and tells fills no memory.
    most: usize,
}

impl Told {
    fn of(messages: usize) -> Self {
        Self { times: HashMap::with_capacity(messages), most: messages.saturating_mul(2) }
    }

    /// This is told of a message.
    fn take(&mut self, item: &mut Item, id: Id) {
        match item.id {
            // It says so again.
            Some(before) if before == id => return,
            Some(before) => self.count(before),
            None => item.id = Some(id),
        }
        self.count(id);
    }

    fn count(&mut self, id: Id) {
        if self.times.len() < self.most || self.times.contains_key(&id) {
            let times = self.times.entry(id).or_default();
            *times = times.saturating_add(1);
        }
    }

    /// All is told.
    fn settle(&self, item: &mut Item) {
        item.id = item.id.filter(|id| self.times.get(id) == Some(&1));
    }
}

/// Hands on the lines of a listing, and tells whether the server knows the command.
async fn each(
    maildrop: &mut Maildrop,
    command: Command,
    mut take: impl FnMut(&Event),
) -> Result<bool, pop3::Error> {
    match maildrop.ask(command).await {
        Ok(_) => {}
        Err(pop3::Error::Refused(_)) => return Ok(false),
        Err(error) => return Err(error),
    }
    loop {
        match maildrop.next().await? {
            Event::End(_) => return Ok(true),
            event => take(&event),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn items() -> [Item; 3] {
        [1, 2, 3].map(|number| Item { number: MessageNumber::new(number).unwrap(), octets: 0, id: None })
    }

    #[test]
    fn a_unique_id_that_is_not_told_of_one_message_alone_is_none() {
        let [a, b, c] = ["a", "b", "c"].map(Id::of_unique_id);
        for (told, known) in [
            (&[(0, a), (1, b), (2, c)][..], [Some(a), Some(b), Some(c)]),
            (&[(0, a), (1, b), (0, a)], [Some(a), Some(b), None]),
            (&[(0, a), (1, b), (2, b)], [Some(a), None, None]),
            (&[(0, a), (0, b), (1, c)], [None, Some(c), None]),
            (&[(0, a), (0, b), (1, b)], [None, None, None]),
        ] {
            let (mut items, mut heard) = (items(), Told::of(3));
            told.iter().for_each(|(at, id)| heard.take(&mut items[*at], *id));
            items.iter_mut().for_each(|item| heard.settle(item));
            assert_eq!(items.map(|item| item.id), known);
        }
    }

    #[test]
    fn a_server_that_tells_on_and_on_fills_no_memory() {
        let (mut items, mut told) = (items(), Told::of(3));
        told.take(&mut items[0], Id::of_unique_id("own"));
        (0..1000).for_each(|number| told.take(&mut items[1], Id::of_unique_id(&number.to_string())));
        assert_eq!(told.times.len(), 6);
        items.iter_mut().for_each(|item| told.settle(item));
        assert_eq!(items.map(|item| item.id), [Some(Id::of_unique_id("own")), None, None]);
    }
}
