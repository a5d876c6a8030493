//! Parts of messages that FETCH asks for: `BODY[..]` and what older clients call so.
use super::fetch::WHOLE;
use crate::{
    message::{self, Slice, Summary},
    store::{Facts, Folder, StoreError, Uid},
};
use bytes::Bytes;
use imap_proto::{
    FetchItem as Wanted, Partial, Section,
    response::{Content, ContentKind, FetchItem, Payload},
};
use std::ops::Range;

/// Octets of a header that fields are picked from. What is behind them is no header that anybody wrote.
const HEADER: u64 = 1 << 20;

/// A part of a message that was asked for.
pub(super) struct Part {
    kind: ContentKind,
    pub(super) section: Section,
    partial: Option<Partial>,
}

/// Where its octets are.
pub(super) enum Source<B> {
    Nowhere,
    Here(Bytes),
    Stored(B),
}

impl Part {
    pub(super) fn of(item: &Wanted) -> Option<Self> {
        let (kind, section, partial) = match item {
            Wanted::Section(body) => (ContentKind::Body, body.section.clone(), body.partial),
            Wanted::Rfc822 => (ContentKind::Rfc822, Section::WHOLE, None),
            Wanted::Rfc822Header => (ContentKind::Rfc822Header, Section::HEADER, None),
            Wanted::Rfc822Text => (ContentKind::Rfc822Text, Section::TEXT, None),
            _ => return None,
        };
        Some(Self { kind, section, partial })
    }

    pub(super) fn content(&self, payload: Payload) -> FetchItem {
        let origin = self.partial.map(Partial::offset);
        let section = self.section.clone();
        FetchItem::Content(Box::new(Content { kind: self.kind, section, origin, payload }))
    }
}

/// Where the octets of a part are, or they themselves where they are few.
pub(super) async fn source<F: Folder>(
    folder: &F,
    uid: Uid,
    part: &Part,
    facts: Option<&Facts>,
    summary: Option<&Summary>,
) -> Result<Source<F::Body>, StoreError> {
    let slice = match facts {
        Some(facts) if part.section == Section::WHOLE => Some(Slice::Octets(0..facts.size)),
        _ => summary.and_then(|summary| summary.section(&part.section)),
    };
    Ok(match slice {
        None => Source::Nowhere,
        Some(Slice::Octets(range)) => {
            let range = clipped(range, part.partial);
            if range.end - range.start > WHOLE {
                Source::Stored(folder.body_range(uid, range).await?)
            } else {
                Source::Here(without_nul(folder.read_range(uid, range).await?))
            }
        }
        Some(Slice::Fields { header, names, which }) => {
            let end = header.end.min(header.start.saturating_add(HEADER));
            let header = folder.read_range(uid, header.start..end).await?;
            let fields = without_nul(message::fields(&header, &names, which).into());
            let range = clipped(0..fields.len() as u64, part.partial);
            // Both ends lie within what is in memory.
            Source::Here(fields.slice(range.start as usize..range.end as usize))
        }
    })
}

/// Octets that may stand in a literal: NUL is not one of them ([RFC 9051 §4.3.1]). It is told as 0x80, which stands for
/// no text either, so that the size stays what it was; POP3 hands out the message as it came.
///
/// [RFC 9051 §4.3.1]: https://www.rfc-editor.org/rfc/rfc9051#section-4.3.1
pub(super) fn without_nul(octets: Bytes) -> Bytes {
    let Some(first) = memchr::memchr(0, &octets) else { return octets };
    let mut told = Vec::from(octets);
    told.iter_mut().skip(first).filter(|octet| **octet == 0).for_each(|octet| *octet = 0x80);
    told.into()
}

/// Some octets of a range; of those behind its end, none.
fn clipped(range: Range<u64>, partial: Option<Partial>) -> Range<u64> {
    let Some(partial) = partial else { return range };
    let start = range.start.saturating_add(partial.offset()).min(range.end);
    start..start.saturating_add(partial.octets()).min(range.end)
}
