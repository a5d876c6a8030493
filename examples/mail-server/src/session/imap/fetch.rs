//! FETCH.
use super::{Session, SessionError, answer, summaries::summaries};
use crate::{
    message::{self, Slice, Summary},
    store::{Body, Facts, Folder, Store, StoreError, Uid},
};
use bytes::Bytes;
use imap_proto::{
    Access, Ask, DateTime, Fetch, FetchItem as Wanted, Flag, Flags, Numbering, Partial, Section, Seen, State,
    StoreAction, Text,
    mailbox::Echo,
    response::{self, Content, ContentKind, FetchItem, Payload, Untagged},
    server::{Completion, Rejection, Running, Server, StreamError},
};
use std::{collections::HashMap, ops::Range};

/// So many messages are looked up at once.
const BATCH: usize = 64;
/// Octets of a section that are told as one piece. A longer section streams.
const WHOLE: u64 = 16 << 10;
/// Octets of a header that fields are picked from. What is behind them is no header that anybody wrote.
const HEADER: u64 = 1 << 20;

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

/// A part of a message that was asked for.
struct Part {
    kind: ContentKind,
    section: Section,
    partial: Option<Partial>,
}

/// Where its octets are.
enum Source {
    Nowhere,
    Here(Bytes),
    Stored(Range<u64>),
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

impl Part {
    fn of(item: &Wanted) -> Option<Self> {
        let (kind, section, partial) = match item {
            Wanted::Section(body) => (ContentKind::Body, body.section.clone(), body.partial),
            Wanted::Rfc822 => (ContentKind::Rfc822, Section::WHOLE, None),
            Wanted::Rfc822Header => (ContentKind::Rfc822Header, Section::HEADER, None),
            Wanted::Rfc822Text => (ContentKind::Rfc822Text, Section::TEXT, None),
            _ => return None,
        };
        Some(Self { kind, section, partial })
    }

    fn content(&self, payload: Payload) -> FetchItem {
        let origin = self.partial.map(Partial::offset);
        let section = self.section.clone();
        FetchItem::Content(Box::new(Content { kind: self.kind, section, origin, payload }))
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

        let (mut items, mut has_streamed) = (Vec::with_capacity(request.items.len()), false);
        for item in &request.items {
            if let Some(told) = simple(item, uid, &shown, facts, summary) {
                items.push(told);
                continue;
            }
            let Some(part) = Part::of(item) else { continue };
            let range = match source(&folder, uid, &part, facts, summary).await {
                Ok(Source::Nowhere) => {
                    items.push(part.content(Payload::Nil));
                    continue;
                }
                Ok(Source::Here(octets)) => {
                    items.push(part.content(Payload::Whole(octets)));
                    continue;
                }
                Ok(Source::Stored(range)) => range,
                Err(error) if !has_streamed => return Ok(error.into()),
                // Nobody can take back what was begun.
                Err(error) => return Err(error.into()),
            };
            let mut body = match folder.body_range(uid, range.clone()).await {
                Ok(body) => body,
                Err(error) if !has_streamed => return Ok(error.into()),
                Err(error) => return Err(error.into()),
            };
            items.push(part.content(Payload::Streamed(range.end - range.start)));
            let items = std::mem::take(&mut items);
            let mut upload = if has_streamed {
                self.queue(items, |server, items| server.stream_more(running, items)).await?
            } else {
                has_streamed = true;
                let head = response::Fetch { number, items };
                self.queue(head, |server, head| server.stream(running, head)).await?
            };
            while let Some(chunk) = body.next().await? {
                self.connection.write(&mut upload, chunk).await?;
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
        Wanted::InternalDate => FetchItem::InternalDate(DateTime::from_unix(facts?.internal_date, 0)?),
        Wanted::Rfc822Size => FetchItem::Size(facts?.size),
        Wanted::Envelope => FetchItem::Envelope(Box::new(summary?.envelope().clone())),
        Wanted::Body => FetchItem::Body(Box::new(summary?.structure().clone())),
        Wanted::BodyStructure => FetchItem::BodyStructure(Box::new(summary?.structure().clone())),
        _ => return None,
    })
}

/// Where the octets of a part are, or they themselves where they are few.
async fn source<F: Folder>(
    folder: &F,
    uid: Uid,
    part: &Part,
    facts: Option<&Facts>,
    summary: Option<&Summary>,
) -> Result<Source, StoreError> {
    let slice = match facts {
        Some(facts) if part.section == Section::WHOLE => Some(Slice::Octets(0..facts.size)),
        _ => summary.and_then(|summary| summary.section(&part.section)),
    };
    Ok(match slice {
        None => Source::Nowhere,
        Some(Slice::Octets(range)) => {
            let range = clipped(range, part.partial);
            if range.end - range.start > WHOLE {
                Source::Stored(range)
            } else {
                Source::Here(folder.read_range(uid, range).await?)
            }
        }
        Some(Slice::Fields { header, names, which }) => {
            let end = header.end.min(header.start.saturating_add(HEADER));
            let header = folder.read_range(uid, header.start..end).await?;
            let fields = Bytes::from(message::fields(&header, &names, which));
            let range = clipped(0..fields.len() as u64, part.partial);
            // Both ends lie within what is in memory.
            Source::Here(fields.slice(range.start as usize..range.end as usize))
        }
    })
}

/// Some octets of a range; of those behind its end, none.
fn clipped(range: Range<u64>, partial: Option<Partial>) -> Range<u64> {
    let Some(partial) = partial else { return range };
    let start = range.start.saturating_add(partial.offset()).min(range.end);
    start..start.saturating_add(partial.octets()).min(range.end)
}
