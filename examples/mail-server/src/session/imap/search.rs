//! SEARCH.
use super::{
    Session, SessionError, answer,
    selected::Selected,
    summaries::{summaries, text},
};
use crate::{
    message::{self, InvalidSearch, Needs, Query, Recency, Setting, Verdict},
    store::{Facts, Folder, Store, StoreError, Uid},
};
use imap_proto::{
    Ask, Flags, Numbering, Search, SearchReturn, SequenceSet, Text,
    response::{self, Code, ESearch, ESearchItem, Numbers, Untagged},
    server::{Completion, Rejection},
};
use std::{
    collections::HashMap,
    time::{SystemTime, UNIX_EPOCH},
};

/// So many messages are looked up at once.
const BATCH: usize = 256;

impl<S: Store> Session<'_, S> {
    pub(super) async fn search(&mut self, ask: Ask<Search>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        if running.returns.is_some_and(|returns| returns.contains(SearchReturn::SAVE)) {
            return self.complete(running, answer::not_saved().into()).await;
        }
        let Some(selected) = &self.selected else { return Err(SessionError::Stale) };
        let messages = selected.all();
        let (last_number, last_uid) = messages.last().copied().unwrap_or_default();
        let setting = Setting { last_number, last_uid, now: now() };
        let query = match Query::new(&running, setting) {
            Ok(query) => query,
            Err(error) => return self.complete(running, refused(error).into()).await,
        };
        let mut found = Vec::new();
        for batch in messages.chunks(BATCH) {
            let Some(selected) = &self.selected else { return Err(SessionError::Stale) };
            match matching(selected, &query, batch, running.numbering).await {
                Ok(matching) => found.extend(matching),
                Err(error) => return self.complete(running, answer::refused(error.into()).into()).await,
            }
        }
        let untagged = match running.returns {
            None => Untagged::Search(Box::new(response::Search { numbers: found, mod_seq: None })),
            Some(returns) => {
                let numbers = match running.numbering {
                    Numbering::Sequence => Numbers::Messages,
                    Numbering::Uid => Numbers::Uids,
                };
                let items = summed_up(&found, returns);
                Untagged::ESearch(Box::new(ESearch {
                    tag: running.tag().as_str().try_into().ok(),
                    numbers,
                    items,
                }))
            }
        };
        self.data(&running, untagged).await?;
        self.complete(running, Completion::OK).await
    }
}

/// The numbers of those messages that match.
async fn matching<F: Folder>(
    selected: &Selected<F>,
    query: &Query,
    batch: &[(u32, u32)],
    numbering: Numbering,
) -> Result<Vec<u32>, StoreError> {
    let folder = &selected.folder;
    let uids: Vec<Uid> = batch.iter().map(|(_, uid)| Uid::new(*uid)).collect();
    let facts: HashMap<Uid, Facts> =
        folder.facts(uids).await?.into_iter().map(|facts| (facts.uid, facts)).collect();
    let flags: Vec<Option<Flags>> = folder.with(|mailbox| {
        batch.iter().map(|(_, uid)| mailbox.get(*uid).map(|message| message.flags.clone())).collect()
    });
    let mut found = Vec::new();
    for ((number, uid), flags) in batch.iter().zip(&flags) {
        // What is gone matches nothing.
        let (Some(flags), Some(facts)) = (flags, facts.get(&Uid::new(*uid))) else { continue };
        let Some(internal_date) = answer::received(facts) else { continue };
        let recency = if selected.view.is_recent(*uid) { Recency::Recent } else { Recency::Old };
        let asked =
            message::Facts { number: *number, uid: *uid, flags, recency, internal_date, size: facts.size };
        if matches(folder, query, &asked).await? {
            found.push(if numbering == Numbering::Uid { *uid } else { *number });
        }
    }
    Ok(found)
}

/// Does this message match? Reads of it what decides, and no more.
async fn matches<F: Folder>(
    folder: &F,
    query: &Query,
    facts: &message::Facts<'_>,
) -> Result<bool, StoreError> {
    let uid = Uid::new(facts.uid);
    let (mut summary, mut searched) = (None, None);
    loop {
        match query.check(facts, summary.as_ref(), searched.as_ref()) {
            Verdict::Matches => return Ok(true),
            Verdict::Needs(Needs::Summary) if summary.is_none() => {
                summary = summaries(folder, vec![uid]).await?.remove(&uid).transpose()?;
                if summary.is_none() {
                    return Ok(false);
                }
            }
            Verdict::Needs(Needs::Text) if searched.is_none() => {
                searched = text(folder, uid).await?;
                if searched.is_none() {
                    return Ok(false);
                }
            }
            Verdict::Fails | Verdict::Needs(_) => return Ok(false),
        }
    }
}

/// What `RETURN` asks for of what was found ([RFC 4731 §3.1](https://www.rfc-editor.org/rfc/rfc4731#section-3.1)).
fn summed_up(found: &[u32], returns: SearchReturn) -> Vec<ESearchItem> {
    let mut items = Vec::new();
    let has = |what| returns.contains(what);
    if let (Some(first), Some(last)) = (found.first(), found.last()) {
        if has(SearchReturn::MIN) {
            items.push(ESearchItem::Min(*first));
        }
        if has(SearchReturn::MAX) {
            items.push(ESearchItem::Max(*last));
        }
    }
    if has(SearchReturn::COUNT) {
        items.push(ESearchItem::Count(u32::try_from(found.len()).unwrap_or(u32::MAX)));
    }
    if has(SearchReturn::ALL) || returns == SearchReturn::default() {
        items.extend(SequenceSet::from_numbers(found.iter().copied()).map(ESearchItem::All));
    }
    items
}

fn refused(error: InvalidSearch) -> Rejection {
    let text = Text::try_from(error.to_string()).unwrap_or_default();
    match error {
        InvalidSearch::BadCharset => {
            let known = ["US-ASCII", "UTF-8"].iter().filter_map(|name| (*name).try_into().ok()).collect();
            Rejection::no(text).with_code(Code::BadCharset(known))
        }
        InvalidSearch::NotSaved => Rejection::no(text).with_code(Code::NotSaved),
        _ => Rejection::bad(text),
    }
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
