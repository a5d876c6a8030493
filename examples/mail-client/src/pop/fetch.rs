//! Fetches messages.
use super::{error::Error, id::Id, listing::Item, session::Maildrop, store::Store};
use crate::{progress::Progress, text};
use pop3_proto::{
    Command, Reply,
    client::{Event, Ticket},
};
use sha2::{Digest, Sha256};
use std::{
    collections::{HashMap, HashSet, VecDeque},
    io::{self, Write},
};
use tokio_codec::{Error::Protocol, pop3};

/// Most messages that are asked for before they come.
const AHEAD: usize = 16;

/// How fetching went.
#[derive(Debug, Default)]
pub(super) struct Fetched {
    /// Messages that were stored.
    pub(super) stored: usize,
    /// Messages that the server did not hand out.
    pub(super) withheld: usize,
    /// The messages that are safely on disk now, old and new, and what they are known by.
    pub(super) safe: Vec<(Item, Id)>,
}

/// Fetches messages, and stores those that are new.
pub(super) struct Fetch<'a> {
    maildrop: &'a mut Maildrop,
    store: &'a mut Store,
    progress: &'a Progress,
    /// Digests of octets that came without a unique-id, and how often.
    copies: HashMap<[u8; 32], u32>,
    /// Those that were stored in this run.
    new: HashSet<Id>,
    fetched: Fetched,
}

/// A message that has come in full. It is believed when the next thing that the server says makes sense: one whose
/// lines are not dot-stuffed ends where it should not, and the rest of it is no reply.
struct Whole {
    item: Item,
    digest: Option<Sha256>,
}

impl<'a> Fetch<'a> {
    pub(super) fn new(maildrop: &'a mut Maildrop, store: &'a mut Store, progress: &'a Progress) -> Self {
        let (copies, new, fetched) = (HashMap::new(), HashSet::new(), Fetched::default());
        Self { maildrop, store, progress, copies, new, fetched }
    }

    /// Fetches those that are not on disk, and those of which that can be told by their octets alone.
    pub(super) async fn run(mut self, items: &[Item]) -> Result<Fetched, Error> {
        let mut wanted = Vec::new();
        for item in items {
            match item.id.filter(|id| self.store.state().has(*id)) {
                Some(id) => self.fetched.safe.push((*item, id)),
                None => wanted.push(*item),
            }
        }
        self.progress.begin(wanted.iter().map(|item| item.octets).sum());
        let outcome = self.each(&wanted).await;
        self.progress.end();
        // Whatever happened, what is whole stays.
        self.store.abandon()?;
        self.store.commit()?;
        outcome?;
        Ok(self.fetched)
    }

    async fn each(&mut self, wanted: &[Item]) -> Result<(), Error> {
        let mut rest = wanted.iter().copied();
        let mut asked: VecDeque<(Ticket, Item)> = VecDeque::new();
        let mut whole: Option<Whole> = None;
        let mut digest = None;
        loop {
            while asked.len() < AHEAD {
                let Some(item) = rest.next() else { break };
                asked.push_back((self.maildrop.send(Command::Retr(item.number))?, item));
            }
            let Some((front, item)) = asked.front().copied() else { break };
            let event = self.next(&mut whole).await?;
            match event {
                Event::Begin { ticket, .. } if ticket == front => {
                    digest = item.id.is_none().then(Sha256::new);
                    self.store.begin()?;
                }
                Event::Payload(piece) => {
                    if let Some(digest) = &mut digest {
                        digest.update(&piece);
                    }
                    self.progress.add(piece.len());
                    self.store.write(&piece)?;
                }
                Event::End(ticket) if ticket == front => {
                    asked.pop_front();
                    whole = Some(Whole { item, digest: digest.take() });
                }
                Event::Reply { ticket, reply } if ticket == front => {
                    asked.pop_front();
                    self.withheld(item, &reply);
                }
                _ => {}
            }
        }
        if whole.is_some() {
            // Its answer shows that the last message was whole.
            let asked = self.maildrop.send(Command::Noop)?;
            while !matches!(self.next(&mut whole).await?, Event::Reply { ticket, .. } if ticket == asked) {}
        }
        Ok(())
    }

    /// The next event, before which the message that was whole is stored.
    async fn next(&mut self, whole: &mut Option<Whole>) -> Result<Event, Error> {
        let event = self.maildrop.next().await;
        // What makes no sense belongs to that message, perhaps.
        let is_broken = matches!(&event, Err(pop3::Error::Connection(Protocol(_))));
        if let (Some(Whole { item, digest }), false) = (whole.take(), is_broken) {
            self.store(item, digest.as_ref())?;
        }
        Ok(event?)
    }

    fn store(&mut self, item: Item, digest: Option<&Sha256>) -> Result<(), Error> {
        let id = match (item.id, digest) {
            (Some(id), _) => id,
            (None, digest) => {
                let digest = digest.cloned().unwrap_or_default();
                let copy = self.copies.entry(digest.clone().finalize().into()).or_default();
                *copy += 1;
                Id::of_content(&digest, *copy)
            }
        };
        if self.store.state().has(id) || !self.new.insert(id) {
            self.store.abandon()?;
        } else {
            self.store.end(id)?;
            self.fetched.stored += 1;
        }
        self.fetched.safe.push((item, id));
        Ok(())
    }

    fn withheld(&mut self, item: Item, reply: &Reply) {
        self.fetched.withheld += 1;
        let words = text::line(&reply.text.words().to_str_lossy());
        self.progress.hidden(|| {
            let _ = writeln!(io::stderr(), "mail: message {} was not handed out: {words}", item.number.get());
        });
    }
}
