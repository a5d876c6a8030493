//! Fetches messages.
use super::{
    error::Error,
    id::Id,
    listing::{Item, Listing},
    session::Maildrop,
    store::{Store, StoreError},
};
use crate::{progress::Progress, text};
use pop3_proto::{
    Command, ProtocolError, Reply,
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
    pub(super) step: Step,
    pub(super) error: pop3::Error,
}

/// Did each reply answer its own command?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    Kept,
    /// Lines of a message that is not dot-stuffed were read as replies, and shifted all that came behind it.
    Lost,
}

/// How messages are asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Pace {
    #[default]
    Ahead,
    /// Each has shown that it was whole before the next is asked for.
    OneByOne,
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
    pub(super) pace: Pace,
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
    /// Those among them that have not the size that LIST told.
    doubtful: HashSet<Id>,
    step: Step,
    /// A reply came that nothing had asked for.
    has_extra: bool,
    /// Messages in the maildrop.
    count: u32,
    fetched: Fetched,
}

/// A message that has come in full. It is believed when the next thing that the server says makes sense: one whose
/// lines are not dot-stuffed ends where it should not, and the rest of it is no reply.
struct Whole {
    item: Item,
    octets: u64,
    digest: Option<Sha256>,
}

impl<'a> Fetch<'a> {
    pub(super) fn new(maildrop: &'a mut Maildrop, store: &'a mut Store, progress: &'a Progress) -> Self {
        let (copies, new, doubtful) = (HashMap::new(), HashSet::new(), HashSet::new());
        let (step, count, fetched) = (Step::Kept, 0, Fetched::default());
        Self { maildrop, store, progress, copies, new, doubtful, step, has_extra: false, count, fetched }
    }

    /// Fetches those that are not on disk, and those of which that can be told by their octets alone.
    pub(super) async fn run(mut self, listing: &Listing, hints: &Hints) -> Result<Fetched, Error> {
        self.count = listing.count;
        let (mut suspects, mut wanted) = (Vec::new(), Vec::new());
        for item in &listing.messages {
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
        let outcome = self.all(&suspects, &wanted, hints.pace).await;
        self.progress.end();
        // Whatever happened, what is whole stays.
        let kept = self.store.abandon().and_then(|()| self.store.commit());
        if self.step == Step::Lost {
            // They may be others than those that they were taken for.
            self.store.state().forget(&self.doubtful).map_err(StoreError::from)?;
        }
        kept?;
        outcome?;
        Ok(self.fetched)
    }

    async fn all(&mut self, suspects: &[Item], wanted: &[Item], pace: Pace) -> Result<(), Error> {
        let most = if pace == Pace::OneByOne { 1 } else { wanted.len().max(1) };
        for some in [suspects].into_iter().chain(wanted.chunks(most)) {
            self.each(some).await?;
            if self.fetched.break_off.is_some() {
                break;
            }
        }
        Ok(())
    }

    async fn each(&mut self, wanted: &[Item]) -> Result<(), Error> {
        let mut rest = wanted.iter().copied();
        let mut asked: VecDeque<(Ticket, Item)> = VecDeque::new();
        let mut whole: Option<Whole> = None;
        let (mut digest, mut octets) = (None, 0);
        loop {
            while asked.len() < AHEAD {
                let Some(item) = rest.next() else { break };
                asked.push_back((self.maildrop.send(Command::Retr(item.number))?, item));
            }
            let Some((front, item)) = asked.front().copied() else { break };
            let Some(event) = self.next(&mut whole, Some(item)).await? else { return Ok(()) };
            match event {
                Event::Begin { ticket, .. } if ticket == front => {
                    (digest, octets) = (item.id.is_none().then(Sha256::new), 0);
                    self.store.begin()?;
                }
                Event::Payload(piece) => {
                    if let Some(digest) = &mut digest {
                        digest.update(&piece);
                    }
                    octets += piece.len() as u64;
                    self.progress.add(piece.len());
                    self.store.write(&piece)?;
                }
                Event::End(ticket) if ticket == front => {
                    asked.pop_front();
                    whole = Some(Whole { item, octets, digest: digest.take() });
                }
                Event::Reply { ticket, reply } if ticket == front => {
                    asked.pop_front();
                    self.withheld(item, &reply);
                }
                _ => {}
            }
        }
        if whole.is_some() { self.prove(whole).await } else { Ok(()) }
    }

    /// The answers to two more commands show that the last message was whole, and that each reply answered its own
    /// command. Where lines of a message read as replies, one of them may answer NOOP; STAT must tell as many messages as
    /// before. Its octets are not looked at: a server may know them better once it has handed out a message.
    async fn prove(&mut self, mut whole: Option<Whole>) -> Result<(), Error> {
        let noop = self.maildrop.send(Command::Noop)?;
        let stat = self.maildrop.send(Command::Stat)?;
        let mut is_answered = false;
        while let Some(event) = self.next(&mut whole, None).await? {
            match event {
                Event::DropListing { ticket, listing }
                    if ticket == stat && listing.messages == self.count && !self.has_extra =>
                {
                    return whole.map_or(Ok(()), |whole| self.believe(whole));
                }
                Event::DropListing { .. } => break,
                Event::Reply { ticket, .. } if ticket == stat => break,
                Event::Reply { ticket, .. } if ticket == noop => is_answered = true,
                _ => {}
            }
        }
        if is_answered {
            self.step = Step::Lost;
        }
        let error = match self.fetched.break_off.take() {
            Some(broken) => broken.error,
            None => pop3::Error::Connection(Protocol(ProtocolError::UnexpectedOk)),
        };
        self.break_off(whole.as_ref(), None, error);
        Ok(())
    }

    /// The next event. One about the message that is due shows that the one before it was whole: that is stored first.
    /// `None`: it makes no sense, and the session is over.
    async fn next(&mut self, whole: &mut Option<Whole>, due: Option<Item>) -> Result<Option<Event>, Error> {
        match self.maildrop.next().await {
            Err(error @ pop3::Error::Connection(Protocol(_))) => {
                self.break_off(whole.as_ref(), due, error);
                Ok(None)
            }
            Ok(Event::Unsolicited(reply)) => {
                self.has_extra = true;
                Ok(Some(Event::Unsolicited(reply)))
            }
            Ok(event) => {
                if let Some(whole) = whole.take_if(|_| due.is_some()) {
                    self.believe(whole)?;
                }
                Ok(Some(event))
            }
            Err(error) => {
                if let Some(whole) = whole.take_if(|_| !self.has_extra) {
                    self.believe(whole)?;
                }
                Err(error.into())
            }
        }
    }

    fn break_off(&mut self, whole: Option<&Whole>, due: Option<Item>, error: pop3::Error) {
        if self.has_extra {
            self.step = Step::Lost;
        }
        let last = whole.map(|whole| whole.item);
        self.fetched.break_off = Some(BreakOff { last, due, step: self.step, error });
    }

    fn believe(&mut self, whole: Whole) -> Result<(), Error> {
        let Whole { item, octets, digest } = whole;
        let id = self.store(item, digest.as_ref())?;
        if item.id.is_some() && item.octets != octets {
            self.doubtful.insert(id);
        }
        Ok(())
    }

    fn store(&mut self, item: Item, digest: Option<&Sha256>) -> Result<Id, Error> {
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
        Ok(id)
    }

    fn withheld(&mut self, item: Item, reply: &Reply) {
        self.fetched.withheld += 1;
        let words = text::line(&reply.text.words().to_str_lossy());
        self.progress.hidden(|| {
            let _ = writeln!(io::stderr(), "mail: message {} was not handed out: {words}", item.number.get());
        });
    }
}
