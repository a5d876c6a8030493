//! What is kept of messages beside their octets, computed where it was not yet.
use crate::{
    causes::Causes,
    message::{SearchText, Summary},
    store::{Body, Folder, StoreError, Uid},
};
use std::collections::{HashMap, hash_map::Entry};
use tokio::{
    sync::Semaphore,
    task::{JoinSet, spawn_blocking},
};

/// Messages that are held as a whole at once, in all sessions together: to compute what is kept of one, all of it is
/// needed.
static READING: Semaphore = Semaphore::const_new(2);

/// So many wait at once to be kept, of each session: one may be some MiB.
const KEEPING: usize = 8;

/// The summaries of messages, or why one cannot be read; those that are gone are left out.
pub(super) async fn summaries<F: Folder>(
    folder: &F,
    uids: Vec<Uid>,
) -> Result<HashMap<Uid, Result<Summary, StoreError>>, StoreError> {
    let mut found = HashMap::with_capacity(uids.len());
    for (uid, kept) in folder.kept_summaries(uids.clone(), Summary::VERSION.into()).await? {
        // What is damaged is computed anew.
        if let Ok(summary) = Summary::decode(&kept) {
            found.insert(uid, Ok(summary));
        }
    }
    // Those that are kept together share a transaction.
    let mut keeping = JoinSet::new();
    for uid in uids {
        let Entry::Vacant(place) = found.entry(uid) else { continue };
        match compute(folder, uid).await {
            Ok((summary, text)) => {
                if keeping.len() >= KEEPING {
                    keeping.join_next().await;
                }
                keeping.spawn(keep(folder.clone(), uid, summary.clone(), text));
                place.insert(Ok(summary));
            }
            Err(StoreError::NoSuchMessage) => {}
            Err(error) if error.is_of_message() => _ = place.insert(Err(error)),
            Err(error) => return Err(error),
        }
    }
    keeping.join_all().await;
    Ok(found)
}

/// What SEARCH looks for in a message; `None` when it is gone.
pub(super) async fn text<F: Folder>(folder: &F, uid: Uid) -> Result<Option<SearchText>, StoreError> {
    if let Some(kept) = folder.kept_text(uid, Summary::VERSION.into()).await? {
        if let Ok(text) = SearchText::decode(&kept) {
            return Ok(Some(text));
        }
    }
    match compute(folder, uid).await {
        Ok((summary, text)) => {
            keep(folder.clone(), uid, summary, text.clone()).await;
            Ok(Some(text))
        }
        Err(StoreError::NoSuchMessage) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn compute<F: Folder>(folder: &F, uid: Uid) -> Result<(Summary, SearchText), StoreError> {
    let _turn = READING.acquire().await.map_err(|_| StoreError::Stopped)?;
    let mut body = folder.body(uid).await?;
    let mut octets = Vec::with_capacity(usize::try_from(body.size()).unwrap_or_default());
    while let Some(chunk) = body.next().await? {
        octets.extend_from_slice(&chunk);
    }
    Ok(spawn_blocking(move || Summary::of(&octets)).await?)
}

/// That something is not kept costs time later, and nothing else.
async fn keep<F: Folder>(folder: F, uid: Uid, summary: Summary, text: SearchText) {
    let (summary, text) = (summary.encode().into(), text.encode().into());
    if let Err(error) = folder.keep(uid, Summary::VERSION.into(), summary, Some(text)).await {
        tracing::warn!(error = %Causes(&error), "cannot keep what was computed from a message");
    }
}
