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
    /// Where the server broke the protocol, and the session ended.
    pub(super) break_off: Option<BreakOff>,
}

/// A session ended because what the server said makes no sense. One of these messages is at fault.
#[derive(Debug)]
pub(super) struct BreakOff {
    /// The one that had ended: what makes no sense may be the rest of it.
    pub(super) last: Option<Item>,
    /// The one that was due.
    pub(super) due: Option<Item>,
    pub(super) error: pop3::Error,
}

/// What earlier sessions of this run found out.
#[derive(Debug, Default)]
pub(super) struct Hints {
    /// Messages at which the server broke the protocol.
    pub(super) broken: Vec<Item>,
    /// One that may be at fault: it is asked for alone, before all others.
    pub(super) suspect: Option<Item>,
    /// Those that were asked for alone, and are well.
    pub(super) cleared: Vec<Item>,
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
    pub(super) async fn run(mut self, items: &[Item], hints: &Hints) -> Result<Fetched, Error> {
        let (mut suspects, mut wanted) = (Vec::new(), Vec::new());
        for item in items {
            match item.id.filter(|id| self.store.state().has(*id, item.octets)) {
                Some(id) => self.fetched.safe.push((*item, id)),
                None if hints.broken.iter().any(|broken| broken.is_same(item)) => {}
                None if hints.suspect.is_some_and(|suspect| suspect.is_same(item)) => suspects.push(*item),
                None => wanted.push(*item),
            }
        }
        let octets = suspects.iter().chain(&wanted).map(|item| item.octets);
        // A server may tell what no message has.
        self.progress.begin(octets.fold(0, u64::saturating_add));
        let outcome = self.all(&suspects, &wanted).await;
        self.progress.end();
        // Whatever happened, what is whole stays.
        self.store.abandon()?;
        self.store.commit()?;
        outcome?;
        Ok(self.fetched)
    }

    async fn all(&mut self, suspects: &[Item], wanted: &[Item]) -> Result<(), Error> {
        self.each(suspects).await?;
        if self.fetched.break_off.is_none() { self.each(wanted).await } else { Ok(()) }
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
            let Some(event) = self.next(&mut whole, Some(item)).await? else { return Ok(()) };
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
            while let Some(event) = self.next(&mut whole, None).await? {
                if matches!(event, Event::Reply { ticket, .. } if ticket == asked) {
                    break;
                }
            }
        }
        Ok(())
    }

    /// The next event, before which the message that was whole is stored. `None`: it makes no sense, and the session is
    /// over. `due` is the message that it should be about.
    async fn next(&mut self, whole: &mut Option<Whole>, due: Option<Item>) -> Result<Option<Event>, Error> {
        let whole = whole.take();
        let event = self.maildrop.next().await;
        if let Err(error @ pop3::Error::Connection(Protocol(_))) = event {
            let last = whole.map(|whole| whole.item);
            self.fetched.break_off = Some(BreakOff { last, due, error });
            return Ok(None);
        }
        if let Some(Whole { item, digest }) = whole {
            self.store(item, digest.as_ref())?;
        }
        Ok(Some(event?))
    }

    fn store(&mut self, item: Item, digest: Option<&Sha256>) -> Result<(), Error> {
        let (id, octets) = match (item.id, digest) {
            (Some(id), _) => (id, item.octets),
            (None, digest) => {
                let digest = digest.cloned().unwrap_or_default();
                let copy = self.copies.entry(digest.clone().finalize().into()).or_default();
                *copy += 1;
                (Id::of_content(&digest, *copy), 0)
            }
        };
        if self.store.state().has(id, octets) || !self.new.insert(id) {
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
