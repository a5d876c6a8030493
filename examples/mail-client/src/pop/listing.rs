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
            return Ok(Self { messages, unique_ids: UniqueIds::All, is_refused: false, is_cut: false });
        }
        each(maildrop, Command::List(None), |event| {
            if let Event::ScanListing { listing, .. } = event {
                if let Some(item) = messages.get_mut(listing.message.index()) {
                    item.octets = listing.octets;
                }
            }
        })
        .await?;
        // How often each is told: one that is told twice is nobody's.
        let mut told: HashMap<Id, u32> = HashMap::with_capacity(messages.len());
        let is_known = each(maildrop, Command::Uidl(None), |event| {
            if let Event::UniqueIdListing { listing, .. } = event {
                if let Some(item) = messages.get_mut(listing.message.index()) {
                    let id = Id::of_unique_id(listing.id.as_str());
                    if item.id != Some(id) {
                        *told.entry(id).or_default() += 1;
                    }
                    item.id = Some(id);
                }
            }
        })
        .await?;
        for item in &mut messages {
            item.id = item.id.filter(|id| told.get(id) == Some(&1));
        }
        let with_id = messages.iter().filter(|item| item.id.is_some()).count();
        let unique_ids = match with_id {
            0 => UniqueIds::None,
            all if all == messages.len() => UniqueIds::All,
            _ => UniqueIds::Some,
        };
        Ok(Self { messages, unique_ids, is_refused: !is_known, is_cut: count > MOST })
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
