//! What is kept of a message.
use super::{
    blob::{DamagedBlob, Reader, Writer},
    envelope::envelope,
    fields::{Fields, unfold},
    section::{self, Slice},
    structure::structure,
    text::SearchText,
    walk::{Kind, Part, walk},
};
use bytes::Bytes;
use imap_proto::{
    BodyStructure, Date, Deviations, Dialect, Envelope, EnvelopeFields, PartFields, Section, Wire,
    response::{Fetch, FetchItem},
};

/// What IMAP tells of a message without its octets: its envelope, its structure, and where each section stands.
///
/// ```
/// use mail_server::message::{Slice, Summary};
/// let message = b"Subject: lunch\r\n\r\nToday?\r\n";
/// let (summary, _) = Summary::of(message);
/// assert_eq!(summary.envelope().subject().as_deref(), Some(&b"lunch"[..]));
/// assert_eq!(summary.section(&"1".parse()?), Some(Slice::Octets(18..26)));
/// assert_eq!(summary.section(&"2".parse()?), None);
/// let kept = summary.encode();
/// assert_eq!(Summary::decode(&kept), Ok(summary));
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    envelope: Envelope,
    structure: BodyStructure,
    /// The day of its Date field, in the zone it was written in.
    sent: Option<Date>,
    /// In pre-order, the message itself first.
    parts: Vec<Part>,
}

/// So many octets of a header are told in an envelope: a stranger may send a message that is one field.
const MAX_HEADER: usize = 256 << 10;

/// Longest structure that is told. One of 10,000 parts takes half of it.
const MAX_STRUCTURE: usize = 2 << 20;

impl Summary {
    /// The version of what [`encode`](Self::encode) writes: it changes with what is told of a message.
    pub const VERSION: u8 = 1;

    /// Computes it, and what SEARCH looks at. Whatever the octets are, they are a message.
    ///
    /// Costs time and memory in proportion to the octets: some tens of microseconds for an ordinary message. An
    /// attachment is not decoded.
    pub fn of(octets: &[u8]) -> (Self, SearchText) {
        let (parts, contents) = walk(octets);
        let header = parts.first().map(|part| part.header_of(octets)).unwrap_or_default();
        let header = header.get(..MAX_HEADER).unwrap_or(header);
        let summary = Self {
            envelope: envelope(header).unwrap_or_else(|_| no_envelope()),
            structure: structure(octets, &parts, &contents)
                .ok()
                .filter(|structure| structure_text(structure).len() <= MAX_STRUCTURE)
                .unwrap_or_else(|| octet_stream(octets)),
            sent: sent(header),
            parts,
        };
        let text = SearchText::of(octets, &summary.parts, &contents);
        (summary, text)
    }

    /// ENVELOPE.
    pub fn envelope(&self) -> &Envelope {
        &self.envelope
    }

    /// BODY and BODYSTRUCTURE.
    pub fn structure(&self) -> &BodyStructure {
        &self.structure
    }

    /// The day on which its Date field says that it was written, whatever the zone; `None` where it says none.
    pub fn sent(&self) -> Option<Date> {
        self.sent
    }

    /// How many octets the message has.
    pub fn octets(&self) -> u64 {
        self.parts.first().map_or(0, |message| message.body.end)
    }

    /// Where the octets of a section stand ([RFC 3501 §6.4.5](https://www.rfc-editor.org/rfc/rfc3501#section-6.4.5)).
    /// `None` where the message has no such section: it is told as NIL.
    pub fn section(&self, section: &Section) -> Option<Slice> {
        section::find(&self.parts, section)
    }
}

impl Summary {
    /// Writes it as a BLOB.
    pub fn encode(&self) -> Vec<u8> {
        let mut blob = Writer::new(Self::VERSION);
        blob.octets(&text_of(FetchItem::Envelope(Box::new(self.envelope.clone())), "ENVELOPE"));
        blob.octets(&structure_text(&self.structure));
        blob.number(self.sent.and_then(|day| u64::try_from(day.to_days() + EPOCH).ok()).unwrap_or(0));
        blob.number(self.parts.len() as u64);
        for (at, part) in self.parts.iter().enumerate() {
            blob.number(part.kind as u64);
            blob.number(part.header.start);
            blob.number(part.header.end - part.header.start);
            blob.number(part.body.end - part.body.start);
            blob.number(part.lines);
            blob.number((part.end - at) as u64);
        }
        blob.finish()
    }

    /// Reads what [`encode`](Self::encode) wrote.
    ///
    /// # Errors
    /// The BLOB is damaged, or of another version: then the summary is to be computed anew.
    pub fn decode(blob: &[u8]) -> Result<Self, DamagedBlob> {
        let mut blob = Reader::new(blob, Self::VERSION)?;
        let (dialect, mut deviations) = (Dialect::default(), Deviations::new());
        let envelope = Bytes::copy_from_slice(blob.octets()?);
        let envelope = Envelope::parse(&envelope, &dialect, &mut deviations).map_err(|_| DamagedBlob)?;
        let structure = Bytes::copy_from_slice(blob.octets()?);
        let structure =
            BodyStructure::parse(&structure, &dialect, &mut deviations).map_err(|_| DamagedBlob)?;
        let sent = match i64::try_from(blob.number()?) {
            Ok(0) => None,
            Ok(days) => Some(Date::from_days(days - EPOCH).ok_or(DamagedBlob)?),
            Err(_) => return Err(DamagedBlob),
        };
        let count = blob.count()?;
        let parts = (0..count).map(|at| part(&mut blob, at, count)).collect::<Result<Vec<_>, _>>()?;
        blob.finish()?;
        let size = parts.first().ok_or(DamagedBlob)?.body.end;
        if parts.iter().any(|part| part.body.end > size) {
            return Err(DamagedBlob);
        }
        Ok(Self { envelope, structure, sent, parts })
    }
}

/// Added to days, so that none is 0: the first day that a [`Date`] can be is 719,528 days before 1970.
const EPOCH: i64 = 719_529;

/// Reads a part, one of `count`.
fn part(blob: &mut Reader<'_>, at: usize, count: usize) -> Result<Part, DamagedBlob> {
    let kind = match blob.number()? {
        0 => Kind::Leaf,
        1 => Kind::Multipart,
        2 => Kind::Message,
        _ => return Err(DamagedBlob),
    };
    let start = blob.number()?;
    let header = start..start.checked_add(blob.number()?).ok_or(DamagedBlob)?;
    let body = header.end..header.end.checked_add(blob.number()?).ok_or(DamagedBlob)?;
    let lines = blob.number()?;
    let within = usize::try_from(blob.number()?).map_err(|_| DamagedBlob)?;
    let end = at.checked_add(within).filter(|end| (at + 1..=count).contains(end)).ok_or(DamagedBlob)?;
    Ok(Part { kind, header, body, lines, end })
}

/// What a message is told to have whose envelope is larger than one may be.
fn no_envelope() -> Envelope {
    Envelope::new(&EnvelopeFields::default()).expect("an envelope without a string is one")
}

/// What a message is told to be whose structure is larger than one may be.
fn octet_stream(octets: &[u8]) -> BodyStructure {
    let part = PartFields::single("application", "octet-stream", octets.len() as u64);
    BodyStructure::new(&part).expect("a part of octets is a structure")
}

fn structure_text(structure: &BodyStructure) -> Vec<u8> {
    text_of(FetchItem::BodyStructure(Box::new(structure.clone())), "BODYSTRUCTURE")
}

/// The canonical text of an item of FETCH, behind its name.
fn text_of(item: FetchItem, name: &str) -> Vec<u8> {
    let mut text = Vec::new();
    Fetch { number: 1, items: vec![item] }.encode_head(&Wire::new(), &mut text);
    let prefix = format!("* 1 FETCH ({name} ");
    text.drain(..prefix.len().min(text.len()));
    text
}

/// The day that the last Date field tells: the one that the envelope shows.
fn sent(header: &[u8]) -> Option<Date> {
    let field = Fields::new(header).filter(|field| field.is("Date")).last()?;
    let value = unfold(field.value);
    let date = mail_parser::DateTime::parse_rfc822(&String::from_utf8_lossy(&value))?;
    Date::new(date.year, date.month, date.day)
}
