//! FETCH.
use super::{
    Session, SessionError, answer,
    part::{Part, Source, source, without_nul},
    summaries::summaries,
};
use crate::{
    message::Summary,
    store::{Body, Facts, Folder, Store, StoreError, Uid},
};
use imap_proto::{
    Access, Ask, Fetch, FetchItem as Wanted, Flag, Flags, Numbering, Section, Seen, State, StoreAction, Text,
    mailbox::Echo,
    response::{self, FetchItem, Payload, Untagged},
    server::{Completion, Rejection, Running, Server, StreamError},
};
use std::collections::HashMap;

/// So many messages are looked up at once.
const BATCH: usize = 64;
/// Octets of a message's sections that are held until all of it is told. Of what is more, each section streams.
pub(super) const WHOLE: u64 = 16 << 10;
/// What a FETCH asks for.
struct Request {
    items: Vec<Wanted>,
    needs_facts: bool,
    needs_summary: bool,
    sets_seen: bool,
}

/// What is known of some messages.
struct Known {
    facts: HashMap<Uid, Facts>,
    /// Or why one cannot be read.
    summaries: HashMap<Uid, Result<Summary, StoreError>>,
}

/// What came of telling a message.
enum Told {
    /// It was told.
    Whole,
    /// It is gone, and nothing of it was told.
    Gone,
    /// It cannot be read, and nothing of it was told.
    Failed(StoreError),
}

impl From<StoreError> for Told {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::NoSuchMessage => Self::Gone,
            error => Self::Failed(error),
        }
    }
}

impl Request {
    /// `None` where something is asked for that this server does not know.
    fn new(fetch: &Running<Fetch>) -> Option<Self> {
        let mut items: Vec<Wanted> = fetch.items.iter().collect();
        let is_unknown =
            |item: &Wanted| matches!(item, Wanted::Binary(_) | Wanted::BinarySize(_) | Wanted::Other(_));
        if items.iter().any(is_unknown) {
            return None;
        }
        // What the client named messages by, it is told them by.
        if fetch.numbering == Numbering::Uid && !items.contains(&Wanted::Uid) {
            items.insert(0, Wanted::Uid);
        }
        let parts: Vec<Part> = items.iter().filter_map(Part::of).collect();
        let is_whole = |part: &Part| part.section == Section::WHOLE;
        let needs_facts = |item: &Wanted| matches!(item, Wanted::InternalDate | Wanted::Rfc822Size);
        let needs_summary =
            |item: &Wanted| matches!(item, Wanted::Envelope | Wanted::Body | Wanted::BodyStructure);
        let sets_seen = |item: &Wanted| match item {
            Wanted::Rfc822 | Wanted::Rfc822Text => true,
            Wanted::Section(section) => section.seen == Seen::Set,
            _ => false,
        };
        Some(Self {
            needs_facts: items.iter().any(needs_facts) || parts.iter().any(is_whole),
            needs_summary: items.iter().any(needs_summary) || !parts.iter().all(is_whole),
            sets_seen: items.iter().any(sets_seen),
            items,
        })
    }
}

impl<S: Store> Session<'_, S> {
    pub(super) async fn fetch(&mut self, ask: Ask<Fetch>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let Some(request) = Request::new(&running) else {
            let unknown = Rejection::bad(Text::from_static("a fetch item that is not known here"));
            return self.complete(running, unknown.into()).await;
        };
        let messages = match self.messages(running.numbering, &running.set) {
            Ok(messages) => messages,
            Err(rejection) => return self.complete(running, rejection.into()).await,
        };
        let (mut is_gone, mut failure) = (false, None);
        for batch in messages.chunks(BATCH) {
            let known = match self.look_up(&request, batch).await {
                Ok(known) => known,
                Err(error) => return self.complete(running, answer::refused(error.into()).into()).await,
            };
            for (_, uid) in batch {
                match self.tell_message(&running, &request, &known, *uid).await? {
                    Told::Whole => {}
                    Told::Gone => is_gone = true,
                    // Others may be read.
                    Told::Failed(error) if error.is_of_message() => failure = Some(error),
                    Told::Failed(error) => {
                        return self.complete(running, answer::refused(error.into()).into()).await;
                    }
                }
            }
            self.tell_changes().await?;
        }
        let completion = match failure {
            Some(error) => answer::refused(error.into()).into(),
            None if is_gone => answer::expunged(),
            None => Completion::OK,
        };
        self.complete(running, completion).await
    }

    async fn look_up(&mut self, request: &Request, batch: &[(u32, u32)]) -> Result<Known, StoreError> {
        let is_writable = self.server().state() == State::Selected(Access::ReadWrite);
        let Some(selected) = &mut self.selected else { return Err(StoreError::NoSuchFolder) };
        let uids: Vec<Uid> = batch.iter().map(|(_, uid)| Uid::new(*uid)).collect();
        if request.sets_seen && is_writable {
            let unseen = selected.folder.with(|mailbox| {
                let is_unseen = |uid: &Uid| {
                    mailbox.get(uid.value()).is_some_and(|message| !message.flags.contains(&Flag::Seen))
                };
                uids.iter().copied().filter(is_unseen).collect::<Vec<_>>()
            });
            if !unseen.is_empty() {
                let seen = Flags::from(Flag::Seen);
                let stored = selected.folder.store_flags(unseen, StoreAction::Add, seen, None).await?;
                let changed = stored.changed.iter().map(|(uid, before)| (uid.value(), *before));
                selected.view.stored(stored.modseq, Echo::Flags, changed);
            }
        }
        let facts = if request.needs_facts { selected.folder.facts(uids.clone()).await? } else { Vec::new() };
        let summaries =
            if request.needs_summary { summaries(&selected.folder, uids).await? } else { HashMap::new() };
        Ok(Known { facts: facts.into_iter().map(|facts| (facts.uid, facts)).collect(), summaries })
    }

    /// Tells a message.
    async fn tell_message(
        &mut self,
        running: &Running<Fetch>,
        request: &Request,
        known: &Known,
        uid: u32,
    ) -> Result<Told, SessionError> {
        let Some(selected) = &self.selected else { return Err(SessionError::Stale) };
        // Not the number that it had when the command came: expunges may have been told meanwhile.
        let Some(number) = selected.view.number(uid) else { return Ok(Told::Gone) };
        let folder = selected.folder.clone();
        let flags = folder.with(|mailbox| mailbox.get(uid).map(|message| message.flags.clone()));
        let Some(flags) = flags else { return Ok(Told::Gone) };
        let shown = selected.shown(uid, &flags);
        let uid = Uid::new(uid);
        let facts = known.facts.get(&uid);
        let summary = match known.summaries.get(&uid) {
            Some(Err(error)) => return Ok(Told::Failed(error.clone())),
            Some(Ok(summary)) => Some(summary),
            None => None,
        };
        if request.needs_facts && facts.is_none() || request.needs_summary && summary.is_none() {
            return Ok(Told::Gone);
        }

        let mut items = Vec::with_capacity(request.items.len());
        let (mut has_streamed, mut held) = (false, 0);
        for item in &request.items {
            if let Some(told) = simple(item, uid, &shown, facts, summary) {
                items.push(told);
                continue;
            }
            let Some(part) = Part::of(item) else { continue };
            let source = match source(&folder, uid, &part, facts, summary).await {
                Ok(source) => source,
                Err(error) if !has_streamed => return Ok(error.into()),
                // Nobody can take back what was begun.
                Err(error) => return Err(error.into()),
            };
            let size = match source {
                Source::Nowhere => {
                    items.push(part.content(Payload::Nil));
                    continue;
                }
                Source::Here(octets) if held + octets.len() as u64 <= WHOLE => {
                    held += octets.len() as u64;
                    items.push(part.content(Payload::Whole(octets)));
                    continue;
                }
                Source::Here(ref octets) => octets.len() as u64,
                Source::Stored(ref body) => body.size(),
            };
            items.push(part.content(Payload::Streamed(size)));
            held = 0;
            let items = std::mem::take(&mut items);
            let mut upload = if has_streamed {
                self.queue(items, |server, items| server.stream_more(running, items)).await?
            } else {
                has_streamed = true;
                let head = response::Fetch { number, items };
                self.queue(head, |server, head| server.stream(running, head)).await?
            };
            match source {
                Source::Nowhere => {}
                Source::Here(octets) => self.connection.write(&mut upload, octets).await?,
                Source::Stored(mut body) => {
                    while let Some(chunk) = body.next().await? {
                        self.connection.write(&mut upload, without_nul(chunk)).await?;
                    }
                }
            }
            self.connection.finish(upload)?;
        }
        if has_streamed {
            self.queue(items, |server, items| server.rest(running, items)).await?;
        } else {
            self.data(running, Untagged::Fetch(response::Fetch { number, items })).await?;
        }
        Ok(Told::Whole)
    }

    /// Queues a part of a response, when there is room for it.
    async fn queue<T, R>(
        &mut self,
        mut items: T,
        mut queue: impl FnMut(&mut Server, T) -> Result<R, StreamError<T>>,
    ) -> Result<R, SessionError> {
        loop {
            match queue(self.server(), items) {
                Ok(queued) => return Ok(queued),
                Err(StreamError::Blocked { items: back, .. }) => items = back,
                Err(error) => return Err(error.into()),
            }
            self.connection.flush().await?;
        }
    }
}

/// What is told without a look at the message's octets.
fn simple(
    item: &Wanted,
    uid: Uid,
    flags: &FetchItem,
    facts: Option<&Facts>,
    summary: Option<&Summary>,
) -> Option<FetchItem> {
    Some(match item {
        Wanted::Uid => FetchItem::Uid(uid.value()),
        Wanted::Flags => flags.clone(),
        Wanted::InternalDate => FetchItem::InternalDate(answer::received(facts?)?),
        Wanted::Rfc822Size => FetchItem::Size(facts?.size),
        Wanted::Envelope => FetchItem::Envelope(Box::new(summary?.envelope().clone())),
        Wanted::Body => FetchItem::Body(Box::new(summary?.structure().without_extension().ok()?)),
        Wanted::BodyStructure => FetchItem::BodyStructure(Box::new(summary?.structure().clone())),
        _ => return None,
    })
}
