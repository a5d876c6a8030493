//! `mail pop`
mod error;
mod fetch;
mod id;
mod lines;
mod listing;
mod maildir;
mod mbox;
mod session;
mod state;
mod store;

pub(crate) use error::Error;
pub(crate) use state::StateError;
pub(crate) use store::StoreError;

use crate::{account::Account, cli, progress::Progress};
use fetch::{BreakOff, Fetch, Fetched, Hints, Pace, Step};
use id::Id;
use listing::{Item, Listing, UniqueIds};
use pop3_proto::{
    Command, Status,
    client::{Event, Ticket},
};
use session::Maildrop;
use state::{Others, Seen};
use std::{
    collections::{HashSet, VecDeque},
    io::{self, Write},
};
use store::Store;
use tokio_codec::pop3;

/// Most messages that are said to be deleted before that is answered.
const AHEAD: usize = 100;

/// Most sessions of a run in which the server may break the protocol.
const MOST_BROKEN: usize = 100;

/// Fetches a maildrop.
pub(crate) async fn pop(account: &Account, options: &cli::Pop) -> Result<(), Error> {
    let (host, port) = (&account.reach().host, account.reach().port);
    let mut store = Store::open(options, Id::of_account(host, port, account.user()))?;
    let progress = Progress::new(account.reach().trace);
    let mut maildrop = Maildrop::open(account).await?;
    let (mut hints, mut broken, mut stored) = (Hints::default(), Broken::default(), 0);
    let (listing, fetched) = loop {
        let listing = Listing::ask(&mut maildrop).await?;
        if !is_believable(&listing, &mut store)? {
            maildrop.close().await;
            return Err(Error::NoUniqueIds);
        }
        if listing.unique_ids != UniqueIds::All && !options.delete && broken.sessions == 0 {
            tell(format_args!(
                "the server does not tell messages apart: they are fetched each time, and compared by their octets"
            ));
        }
        let mut fetched = Fetch::new(&mut maildrop, &mut store, &progress).run(&listing, &hints).await?;
        stored += fetched.stored;
        let Some(break_off) = fetched.break_off.take() else { break (listing, fetched) };
        // That session is over; what else there is comes in another one.
        drop(maildrop);
        broken.take(break_off, &mut hints)?;
        maildrop = Maildrop::open_again(account).await?;
    };
    let old = fetched.safe.len().saturating_sub(stored);
    let deleted =
        if options.delete { delete(maildrop, &fetched.safe).await } else { Ok(kept(maildrop).await) };
    if let Ok(deleted) = &deleted {
        take_down(&mut store, &listing, &fetched, &hints, deleted)?;
    }
    let count = deleted.as_ref().map_or(0, HashSet::len);
    let _ = writeln!(io::stdout(), "{stored} new, {old} fetched before, {count} deleted");
    let asked = if options.delete { fetched.safe.len() } else { 0 };
    match (deleted, broken.outcome(&hints)) {
        (Err(error), _) => Err(error.into()),
        (Ok(_), Err(error)) => Err(error),
        (Ok(_), Ok(())) if fetched.withheld > 0 => Err(Error::Withheld(fetched.withheld)),
        (Ok(_), Ok(())) if count < asked => Err(Error::Undeleted),
        (Ok(_), Ok(())) => Ok(()),
    }
}

/// Does the server tell the unique-ids that it told before, or have those messages gone? Without them what was fetched
/// cannot be told from what was not.
fn is_believable(listing: &Listing, store: &mut Store) -> Result<bool, StoreError> {
    if listing.unique_ids == UniqueIds::All || listing.is_cut && !listing.is_refused {
        return Ok(true);
    }
    let told: HashSet<Id> = listing.messages.iter().filter_map(|item| item.id).collect();
    if store.state().with_unique_ids().all(|id| told.contains(&id)) {
        return Ok(true);
    }
    if !listing.is_refused {
        // It tells some, and the others may have gone: the next time that is believed.
        let there = listing.messages.iter().filter_map(|item| Some((item.id?, item.octets)));
        let there = there.filter(|(id, octets)| store.state().has(*id, *octets)).collect();
        let seen = Seen { there, deleted: &HashSet::new(), others: Others::Gone };
        store.state().look(&seen)?;
    }
    Ok(false)
}

/// Messages at which the server broke the protocol.
#[derive(Debug, Default)]
struct Broken {
    sessions: usize,
    /// What it did first.
    first: Option<pop3::Error>,
}

impl Broken {
    /// A session broke off. The next one goes on behind the message that is at fault, or begins with it to be sure.
    fn take(&mut self, break_off: BreakOff, hints: &mut Hints) -> Result<(), Error> {
        let BreakOff { last, due, step, error } = break_off;
        if step == Step::Lost {
            hints.pace = Pace::OneByOne;
        }
        let is = |one: Option<Item>| move |other: &Item| one.is_some_and(|one| one.is_same(other));
        let suspect = hints.suspect.take();
        let is_sure = last.as_ref().is_some_and(is(suspect));
        if !is_sure {
            hints.cleared.extend(suspect);
        }
        // Whoever was well alone is so in company.
        let last = last.filter(|last| is_sure || !hints.cleared.iter().any(is(Some(*last))));
        let Some(item) = last.or(due).filter(|_| self.sessions < MOST_BROKEN) else {
            return Err(error.into());
        };
        self.sessions += 1;
        if is_sure || last.is_none() {
            hints.broken.push(item);
            let number = item.number.get();
            tell(format_args!("message {number} breaks the protocol, and is left: {error}"));
        } else {
            hints.suspect = Some(item);
        }
        self.first.get_or_insert(error);
        Ok(())
    }

    fn outcome(self, hints: &Hints) -> Result<(), Error> {
        match self.first {
            Some(source) if !hints.broken.is_empty() => {
                Err(Error::Broken { count: hints.broken.len(), source })
            }
            _ => Ok(()),
        }
    }
}

/// Has what is safely on disk deleted, and tells what is. Only a QUIT that is answered deletes.
async fn delete(mut maildrop: Maildrop, safe: &[(Item, Id)]) -> Result<HashSet<Id>, pop3::Error> {
    let mut rest = safe.iter();
    let mut asked: VecDeque<(Ticket, Id)> = VecDeque::new();
    let mut deleted = HashSet::with_capacity(safe.len());
    loop {
        while asked.len() < AHEAD {
            let Some((item, id)) = rest.next() else { break };
            asked.push_back((maildrop.send(Command::Dele(item.number))?, *id));
        }
        let Some((front, id)) = asked.front().copied() else { break };
        if let Event::Reply { ticket, reply } = maildrop.next().await? {
            if ticket == front {
                asked.pop_front();
                if reply.status == Status::Ok {
                    deleted.insert(id);
                }
            }
        }
    }
    maildrop.quit().await?;
    Ok(deleted)
}

/// Nothing is deleted.
async fn kept(maildrop: Maildrop) -> HashSet<Id> {
    maildrop.close().await;
    HashSet::new()
}

/// Takes down what is on the server and what was deleted.
fn take_down(
    store: &mut Store,
    listing: &Listing,
    fetched: &Fetched,
    hints: &Hints,
    deleted: &HashSet<Id>,
) -> Result<(), StoreError> {
    let there = fetched.safe.iter().map(|(item, id)| (*id, if item.id.is_some() { item.octets } else { 0 }));
    // What has no unique-id and was not handed out, or was not looked at, may be any of those that are remembered.
    let is_each_known = fetched.withheld == 0 && hints.broken.is_empty();
    let is_all = !listing.is_cut && (listing.unique_ids == UniqueIds::All || is_each_known);
    let others = if is_all { Others::Gone } else { Others::Unknown };
    store.state().look(&Seen { there: there.collect(), deleted, others })?;
    Ok(())
}

/// On standard error, beside what is done.
fn tell(what: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "mail: {what}");
}
