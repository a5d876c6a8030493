//! The parts of a message, and where they stand.
use super::{
    content::{Content, DefaultType},
    fields::{is_empty_line, line_end},
};
use memchr::memchr_iter;
use std::ops::Range;

/// A part: the message itself, one of a multipart, or the message in a message/rfc822.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Part {
    pub(super) kind: Kind,
    /// Its header, the empty line included.
    pub(super) header: Range<u64>,
    /// What stands behind its header. The line break in front of a boundary belongs to the boundary.
    pub(super) body: Range<u64>,
    /// Line feeds in the body.
    pub(super) lines: u64,
    /// Past the last part within: parts stand in pre-order.
    pub(super) end: usize,
}

impl Part {
    /// Its header, of the octets of the message.
    pub(super) fn header_of<'a>(&self, octets: &'a [u8]) -> &'a [u8] {
        slice(octets, &self.header)
    }

    /// Its body, of the octets of the message.
    pub(super) fn body_of<'a>(&self, octets: &'a [u8]) -> &'a [u8] {
        slice(octets, &self.body)
    }
}

fn slice<'a>(octets: &'a [u8], range: &Range<u64>) -> &'a [u8] {
    let place = |at| usize::try_from(at).unwrap_or(usize::MAX);
    octets.get(place(range.start)..place(range.end)).unwrap_or_default()
}

/// What a part is made of.
///
/// The numbers are kept in BLOBs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Octets.
    Leaf = 0,
    /// Parts; none where not one boundary was found.
    Multipart = 1,
    /// A message, which is the one part within.
    Message = 2,
}

/// So deep parts may stand in each other: one level less than imap-proto's own grammar reads by default.
const MAX_DEPTH: usize = 31;

/// So many parts are told apart, as in other servers; what follows belongs to the last of them. A part costs about
/// 500 octets while a message is looked at.
const MAX_PARTS: usize = 10_000;

/// A part that has not ended.
#[derive(Debug)]
struct Open {
    part: usize,
    /// What its parts begin with; none where no more begin.
    boundary: Option<Vec<u8>>,
    /// Line feeds in front of its body.
    lines: u64,
    /// The type of a part that tells none.
    default: DefaultType,
}

/// A line that begins or ends a part.
#[derive(Debug, Clone, Copy)]
struct Delimiter {
    /// Whose boundary it is, in `open`.
    of: usize,
    closes: bool,
}

#[derive(Debug)]
struct Walk<'a> {
    octets: &'a [u8],
    /// Where the next line begins.
    at: usize,
    /// Line feeds in front of it.
    lines: u64,
    parts: Vec<Part>,
    contents: Vec<Content>,
    open: Vec<Open>,
    /// Parameters that may yet be told.
    parameters: usize,
}

/// All parts of a message, each before the parts within it, and what their headers say of them. There is at least
/// one. Looks at each octet once, and at a line that begins with `--` once for each multipart around it.
pub(super) fn walk(octets: &[u8]) -> (Vec<Part>, Vec<Content>) {
    let mut walk = Walk {
        octets,
        at: 0,
        lines: 0,
        parts: Vec::new(),
        contents: Vec::new(),
        open: Vec::new(),
        parameters: Content::MAX_PARAMETERS,
    };
    let mut default = DefaultType::Text;
    loop {
        default = match walk.begin(default) {
            Kind::Message => DefaultType::Text,
            Kind::Leaf | Kind::Multipart => match walk.seek() {
                Some(default) => default,
                None => break,
            },
        };
    }
    walk.close(0, octets.len());
    (walk.parts, walk.contents)
}

impl<'a> Walk<'a> {
    /// Reads the header of a part.
    fn begin(&mut self, default: DefaultType) -> Kind {
        let start = self.at;
        while self.at < self.octets.len() && self.delimiter().is_none() {
            let line = self.rest().get(..line_end(self.rest())).unwrap_or_default();
            self.skip(line.len());
            if is_empty_line(line) {
                break;
            }
        }
        let header = self.octets.get(start..self.at).unwrap_or_default();
        let mut content = Content::of(header, default, &mut self.parameters);
        let (depth, is_full) = (self.open.len(), self.parts.len() + 1 >= MAX_PARTS);
        let kind = match content.kind() {
            Kind::Leaf => Kind::Leaf,
            Kind::Multipart | Kind::Message if depth >= MAX_DEPTH => content.become_octets(),
            Kind::Message if is_full => content.become_octets(),
            kind => kind,
        };
        let boundary = match kind {
            Kind::Multipart if !is_full => content.boundary().map(|text| text.as_bytes().to_vec()),
            _ => None,
        };
        let default = content.default_of_parts();
        self.open.push(Open { part: self.parts.len(), boundary, lines: self.lines, default });
        let body = self.at as u64;
        self.parts.push(Part { kind, header: start as u64..body, body: body..body, lines: 0, end: 0 });
        self.contents.push(content);
        kind
    }

    /// Goes to where the next part begins, and ends those that end before. `None` where no other begins.
    fn seek(&mut self) -> Option<DefaultType> {
        while self.at < self.octets.len() {
            if self.open.iter().all(|open| open.boundary.is_none()) || self.parts.len() >= MAX_PARTS {
                self.skip(self.rest().len());
                return None;
            }
            let delimiter = self.delimiter();
            let line = line_end(self.rest());
            if let Some(delimiter) = delimiter {
                self.close(delimiter.of + 1, self.content_end());
            }
            self.skip(line);
            if let Some(Delimiter { of, closes }) = delimiter {
                let multipart = self.open.get_mut(of)?;
                if !closes {
                    return Some(multipart.default);
                }
                multipart.boundary = None;
            }
        }
        None
    }

    /// The boundary that the next line begins with: the longest of those it may be, of equal ones the innermost
    /// ([RFC 2046 §5.1.1](https://www.rfc-editor.org/rfc/rfc2046#section-5.1.1): it need not be all of the line).
    fn delimiter(&self) -> Option<Delimiter> {
        let line = self.rest().strip_prefix(b"--")?;
        let mut best: Option<(&[u8], usize)> = None;
        for (of, open) in self.open.iter().enumerate().rev() {
            let Some(rest) = open.boundary.as_ref().and_then(|boundary| line.strip_prefix(&boundary[..]))
            else {
                continue;
            };
            if best.is_none_or(|(other, _)| rest.len() < other.len()) {
                best = Some((rest, of));
            }
        }
        best.map(|(rest, of)| Delimiter { of, closes: rest.starts_with(b"--") })
    }

    /// Ends the parts that are open from this one on, where the octets end that belong to them.
    fn close(&mut self, from: usize, end: usize) {
        let lines = self.lines - u64::from(end < self.at);
        let past = self.parts.len();
        for open in self.open.drain(from..) {
            let Some(part) = self.parts.get_mut(open.part) else { continue };
            // A boundary right behind a header ends it, too.
            let end = end as u64;
            part.header = part.header.start.min(end)..part.header.end.min(end);
            part.body = part.header.end..end;
            part.lines = lines.saturating_sub(open.lines);
            part.end = past;
        }
    }

    /// Where the content in front of a boundary ends: the line break before it belongs to the boundary.
    fn content_end(&self) -> usize {
        let before = self.octets.get(..self.at).unwrap_or_default();
        let content = before.strip_suffix(b"\n").unwrap_or(before);
        content.strip_suffix(b"\r").unwrap_or(content).len()
    }

    fn rest(&self) -> &'a [u8] {
        self.octets.get(self.at..).unwrap_or_default()
    }

    fn skip(&mut self, octets: usize) {
        let skipped = self.rest().get(..octets).unwrap_or_default();
        self.lines += memchr_iter(b'\n', skipped).count() as u64;
        self.at += octets;
    }
}
