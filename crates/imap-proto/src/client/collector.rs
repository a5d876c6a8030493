//! FETCHes in parts, made whole.
use super::Event;
use crate::response::{Fetch, FetchItem, Payload, Untagged};
use bytes::{Bytes, BytesMut};

/// Joins the parts of a FETCH into a whole [`Fetch`], for those who want whole messages and know how large they may
/// be.
///
/// ```
/// use bytes::BytesMut;
/// use imap_proto::{Bodies, ClientConfig, Security, Step, client::{Client, Collector, Event}, response::Untagged};
/// let mut client = Client::new(ClientConfig {
///     security: Security::Tls,
///     bodies: Bodies::AlwaysStream,
///     ..ClientConfig::default()
/// });
/// let mut collector = Collector::new(1 << 20);
/// let mut input = BytesMut::from(&b"* OK hi\r\n* 1 FETCH (BODY[] {5}\r\nHello UID 7)\r\n"[..]);
/// let mut fetched = Vec::new();
/// while let Step::Event(event) = client.receive(&mut input)? {
///     if let Some(Event::Untagged(Untagged::Fetch(fetch))) = collector.push(event)? {
///         fetched.push(fetch);
///     }
/// }
/// assert_eq!((fetched[0].number, fetched[0].items.len()), (1, 2));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Collector {
    limit: usize,
    collecting: Collecting,
}

/// What is collected.
#[derive(Debug)]
enum Collecting {
    Nothing,
    /// A FETCH, how many octets it has so far, and those of the item whose octets come.
    Fetch {
        fetch: Fetch,
        octets: usize,
        payload: BytesMut,
    },
    /// A FETCH that was too large.
    Dropped,
}

/// A FETCH has more octets than are collected. It is dropped; what comes behind it is not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[error("message {number} with more than {limit} octets of content")]
pub struct TooLarge {
    /// The number of the message.
    pub number: u32,
    /// The limit.
    pub limit: usize,
}

impl Collector {
    /// Collects FETCHes of up to so many octets of content, and holds as many, twice while it grows.
    pub fn new(limit: usize) -> Self {
        Self { limit, collecting: Collecting::Nothing }
    }

    /// Takes an event. Parts of a FETCH come back as one [`Untagged::Fetch`] when the last is there; all else comes
    /// back as it is.
    ///
    /// # Errors
    /// The FETCH is too large.
    pub fn push(&mut self, event: Event) -> Result<Option<Event>, TooLarge> {
        match (event, &mut self.collecting) {
            // Another session: what the last one was cut in is never made whole.
            (greeting @ Event::Greeting(_), collecting) => {
                *collecting = Collecting::Nothing;
                return Ok(Some(greeting));
            }
            (Event::FetchPart { number, items }, Collecting::Nothing) => {
                let fetch = Fetch { number, items };
                self.collecting = Collecting::Fetch { fetch, octets: 0, payload: BytesMut::new() };
            }
            (Event::FetchPart { items, .. }, Collecting::Fetch { fetch, .. }) => fetch.items.extend(items),
            (Event::Payload(piece), Collecting::Fetch { fetch, octets, payload }) => {
                *octets = octets.saturating_add(piece.len());
                if *octets > self.limit {
                    let error = TooLarge { number: fetch.number, limit: self.limit };
                    self.collecting = Collecting::Dropped;
                    return Err(error);
                }
                payload.extend_from_slice(&piece);
            }
            (Event::PayloadEnd, Collecting::Fetch { fetch, payload, .. }) => {
                fill(fetch, payload.split().freeze());
            }
            (Event::FetchEnd, collecting) => {
                return Ok(match core::mem::replace(collecting, Collecting::Nothing) {
                    Collecting::Fetch { fetch, .. } => Some(Event::Untagged(Untagged::Fetch(fetch))),
                    Collecting::Nothing | Collecting::Dropped => None,
                });
            }
            (Event::FetchPart { .. } | Event::Payload(_) | Event::PayloadEnd, _) => {}
            (other, _) => return Ok(Some(other)),
        }
        Ok(None)
    }
}

/// Puts the octets where they were announced.
fn fill(fetch: &mut Fetch, octets: Bytes) {
    if let Some(FetchItem::Content(content)) = fetch.items.last_mut() {
        content.payload = Payload::Whole(octets);
    }
}
