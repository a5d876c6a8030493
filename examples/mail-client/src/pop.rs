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
use fetch::{Fetch, Fetched};
use id::Id;
use listing::{Item, Listing, UniqueIds};
use pop3_proto::{
    Command, Status,
    client::{Event, Ticket},
};
use session::Maildrop;
use std::{
    collections::{HashSet, VecDeque},
    io::{self, Write},
};
use store::Store;
use tokio_codec::pop3;

/// Most messages that are said to be deleted before that is answered.
const AHEAD: usize = 100;

/// Fetches a maildrop.
pub(crate) async fn pop(account: &Account, options: &cli::Pop) -> Result<(), Error> {
    let mut store = Store::open(options, Id::of_account(&account.reach().host, account.user()))?;
    let mut maildrop = Maildrop::open(account).await?;
    let listing = Listing::ask(&mut maildrop).await?;
    if listing.is_refused && store.state().has_unique_ids() {
        maildrop.close().await;
        return Err(Error::NoUniqueIds);
    }
    if listing.unique_ids != UniqueIds::All && !options.delete {
        tell(format_args!(
            "the server does not tell messages apart: they are fetched each time, and compared by their octets"
        ));
    }
    let progress = Progress::new(account.reach().trace);
    let fetched = Fetch::new(&mut maildrop, &mut store, &progress).run(&listing.messages).await?;
    let (stored, old) = (fetched.stored, fetched.safe.len() - fetched.stored);
    let deleted =
        if options.delete { delete(maildrop, &fetched.safe).await } else { Ok(kept(maildrop).await) };
    if let Ok(deleted) = &deleted {
        forget(&mut store, &listing, &fetched, deleted)?;
    }
    let count = deleted.as_ref().map_or(0, HashSet::len);
    let _ = writeln!(io::stdout(), "{stored} new, {old} fetched before, {count} deleted");
    let asked = if options.delete { fetched.safe.len() } else { 0 };
    match deleted {
        Err(error) => Err(error.into()),
        Ok(_) if fetched.withheld > 0 => Err(Error::Withheld(fetched.withheld)),
        Ok(_) if count < asked => Err(Error::Undeleted),
        Ok(_) => Ok(()),
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

/// Forgets messages that are no longer on the server: it may use their unique-ids again, and there is no end of them.
fn forget(
    store: &mut Store,
    listing: &Listing,
    fetched: &Fetched,
    deleted: &HashSet<Id>,
) -> Result<(), StoreError> {
    let known: HashSet<Id> = fetched.safe.iter().map(|(_, id)| *id).collect();
    // What has no unique-id and was not handed out, or was not looked at, may be any of those that are remembered.
    let is_all = !listing.is_cut && (listing.unique_ids == UniqueIds::All || fetched.withheld == 0);
    store.state().retain(|id| !deleted.contains(&id) && (!is_all || known.contains(&id)))?;
    Ok(())
}

/// On standard error, beside what is done.
fn tell(what: std::fmt::Arguments<'_>) {
    let _ = writeln!(io::stderr(), "mail: {what}");
}
