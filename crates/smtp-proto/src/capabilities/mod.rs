//! What a server offers.
mod extension;
mod limits;
mod parameters;

use crate::{
    Code, Deviation, DeviationKind, Deviations, Leniency, Mechanism, Reply,
    grammar::{
        Tolerance,
        ehlo::{self, Line},
    },
    reply::{Lines, cut},
};
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;
pub use extension::Extension;
use extension::Offered;
pub use limits::Limits;
use mail_wire::{
    Output, ParseError, Text,
    span::{self, Span},
};
pub use parameters::MaxHold;

/// What a server offers: its reply to EHLO or LHLO, without the greeting on the first line
/// ([RFC 5321 §4.1.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1)).
///
/// A client [parses](Self::parse) it, a server builds it and [replies](Self::reply) with it.
///
/// ```
/// use smtp_proto::{Capabilities, Extension, Mechanism, Text};
/// let offer = Capabilities::new()
///     .with(Extension::Pipelining)
///     .with_size(10_240_000)
///     .with_auth([Mechanism::PLAIN, Mechanism::LOGIN]);
/// let mut wire = Vec::new();
/// offer.reply(&Text::from_static("mx.example.org")).encode(&mut wire);
/// assert_eq!(wire, b"250-mx.example.org\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250 AUTH PLAIN LOGIN\r\n");
/// assert!(offer.has(Extension::Auth) && !offer.has(Extension::StartTls));
/// ```
///
/// One that was read shares the block of its reply, and looks its lines through when it is asked for what stands in
/// them; [`detach`](Self::detach) copies just its own lines.
#[derive(Clone)]
pub struct Capabilities {
    offered: Offered,
    size: Option<u64>,
    /// What the lines were read with, so that they are read alike each time.
    leniency: Leniency,
    /// All that were read, or just those that say more than a bit tells; an empty one says nothing.
    lines: Lines,
}

/// Most mechanisms that are told: without a limit, looking for duplicates would cost the square of what a peer sends.
const MAX_MECHANISMS: usize = 64;

impl Capabilities {
    /// Nothing yet.
    pub fn new() -> Self {
        Self { offered: Offered::default(), size: None, leniency: Leniency::STRICT, lines: Lines::default() }
    }

    /// Reads the reply to EHLO or LHLO.
    ///
    /// # Errors
    /// A line does not follow the grammar, or the parameters of a known keyword do not, and that is not
    /// tolerated. Offsets are counted from behind the reply code.
    pub fn parse(reply: &Reply, leniency: Leniency, deviations: &mut Deviations) -> Result<Self, ParseError> {
        // rule rfc5321 4.1.1.1 greeting-line: the first line is no offer [instead: Some(reply.lines.clone())]
        let lines = reply.lines.behind_first();
        let Some(lines) = lines else { return Ok(Self::new()) };
        let mut read = Self { leniency, ..Self::new() };
        let mut rest = Some(lines.block());
        while let Some(text) = rest {
            let text = text.get(lines.front()..).unwrap_or_default();
            let known = ehlo::known_keyword(text);
            rest = match known {
                // Most lines are that: a keyword alone.
                Some((extension, [])) if extension != Extension::Size => {
                    read.offered.add(extension);
                    None
                }
                Some((extension, [b'\r', b'\n', behind @ ..])) if extension != Extension::Size => {
                    read.offered.add(extension);
                    Some(behind)
                }
                _ => {
                    let (line, behind) = cut(text);
                    // A code alone only ends the reply.
                    if !(line.is_empty() && behind.is_none()) {
                        let octets = known.map(|(extension, rest)| (extension, text.len() - rest.len()));
                        read.line(line, octets, deviations)?;
                    }
                    behind
                }
            };
        }
        read.lines = lines;
        Ok(read)
    }

    /// Takes what one line says, of which a known keyword has perhaps been found, and how long it is.
    fn line(
        &mut self,
        line: &[u8],
        known: Option<(Extension, usize)>,
        deviations: &mut Deviations,
    ) -> Result<(), ParseError> {
        let trimmed = trimmed(line, self.leniency);
        if trimmed.len() < line.len() {
            deviations.push(Deviation { kind: DeviationKind::ExtraSpaces, offset: trimmed.len() });
        }
        let mut tolerance = Tolerance::new(trimmed, self.leniency, deviations);
        match span::parse_text(trimmed, |i| ehlo::ehlo_line(i, known, &mut tolerance)) {
            Ok(line) => self.add(line),
            Err(error) if !tolerance.tolerate(DeviationKind::OddCapability, Span::of(trimmed)) => {
                return Err(error);
            }
            Err(_) => {}
        }
        Ok(())
    }

    fn add(&mut self, line: Line) {
        match line {
            Line::Size(octets) => {
                self.size = self.size.or(octets);
                self.offered.add(Extension::Size);
            }
            Line::Auth => self.offered.add(Extension::Auth),
            Line::Known { extension, .. } => self.offered.add(extension),
            Line::Other => {}
        }
    }

    /// The reply to EHLO or LHLO: `greeting` is the server's name, and perhaps some words behind a space.
    ///
    /// Its lines are never wrapped, since each one is a keyword.
    pub fn reply(&self, greeting: &Text) -> Reply {
        let known = self.offered.iter().map(|extension| self.line_of(extension));
        let others = self.others().map(Text::into_bytes);
        Reply::verbatim(Code::OK, [greeting.clone().into_bytes()].into_iter().chain(known).chain(others))
    }

    /// Is this extension offered?
    pub fn has(&self, extension: Extension) -> bool {
        self.offered.has(extension)
    }

    /// All known extensions that are offered, in the order of [`Extension::ALL`].
    pub fn extensions(&self) -> impl Iterator<Item = Extension> {
        self.offered.iter()
    }

    /// The largest message in octets. `None`: no limit was told
    /// ([RFC 1870 §4](https://www.rfc-editor.org/rfc/rfc1870#section-4)).
    pub fn size_limit(&self) -> Option<u64> {
        // rule rfc1870 3 size-zero: a SIZE of 0 is no limit [instead: self.size]
        self.size.filter(|octets| *octets != 0)
    }

    /// The SASL mechanisms, each once, in the order of the server; at most 64 of them.
    pub fn mechanisms(&self) -> impl Iterator<Item = Mechanism> {
        let mut found = Vec::new();
        for name in self
            .read_lines()
            .filter(|(_, line)| matches!(line, Some(Line::Auth)))
            .flat_map(|(line, _)| names(line))
        {
            let name = span::parse_text(name, span::sasl_mech);
            found.extend(name.ok().filter(|name| {
                self.has(Extension::Auth) && found.len() < MAX_MECHANISMS && !found.contains(name)
            }));
        }
        found.into_iter()
    }

    /// Is this SASL mechanism offered?
    pub fn has_mechanism(&self, mechanism: Mechanism) -> bool {
        self.mechanisms().any(|offered| offered == mechanism)
    }

    /// The parameters of an extension, as they were written; not those of `SIZE` and `AUTH`, which are typed.
    ///
    /// Of a keyword that is said twice the first parameters count.
    pub fn parameters(&self, extension: Extension) -> Option<&str> {
        if !self.has(extension) {
            return None;
        }
        self.read_lines().find_map(|(line, read)| match read? {
            Line::Known { extension: of, left } if of == extension && left > 0 => {
                core::str::from_utf8(line.get(line.len().checked_sub(left)?..)?).ok()
            }
            _ => None,
        })
    }

    /// Lines with other keywords, as they were written.
    pub fn others(&self) -> impl Iterator<Item = Text> {
        self.lines.shared().filter_map(|line| {
            let of_line = trimmed(&line, self.leniency);
            let is_other = matches!(self.read(of_line), None | Some(Line::Other)) && !of_line.is_empty();
            // Texts of a reply hold no CR, LF or NUL.
            is_other.then(|| Text::new(line.slice_ref(of_line)).ok()).flatten()
        })
    }

    /// Offers this too.
    #[must_use]
    pub fn with(mut self, extension: Extension) -> Self {
        self.offered.add(extension);
        self
    }

    /// Offers `SIZE`, with the largest message in octets; 0 is no limit.
    #[must_use]
    pub fn with_size(mut self, octets: u64) -> Self {
        self.size = Some(octets);
        self.with(Extension::Size)
    }

    /// Offers `AUTH` with these mechanisms, and those that were there.
    #[must_use]
    pub fn with_auth(mut self, mechanisms: impl IntoIterator<Item = Mechanism>) -> Self {
        let mut line = Vec::from(Extension::Auth.keyword());
        for mechanism in mechanisms {
            line.push(b' ');
            line.extend_from_slice(mechanism.as_str().as_bytes());
        }
        self.offered.add(Extension::Auth);
        self.push(&line);
        self
    }

    /// Offers what this line says: a keyword, and perhaps parameters.
    ///
    /// # Errors
    /// It does not follow the grammar.
    pub fn with_line(mut self, line: &str) -> Result<Self, ParseError> {
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(line.as_bytes(), Leniency::STRICT, &mut deviations);
        let read = span::parse_text(line.as_bytes(), |i| ehlo::ehlo_line(i, None, &mut tolerance))?;
        self.add(read);
        self.push(line.as_bytes());
        Ok(self)
    }

    /// Withdraws this.
    #[must_use]
    pub fn without(mut self, extension: Extension) -> Self {
        self.offered.remove(extension);
        if extension == Extension::Size {
            self.size = None;
        }
        let of = |line: &Option<Line>| line.as_ref().and_then(Line::extension);
        let kept = self.read_lines().filter(|(_, line)| of(line) != Some(extension));
        self.lines = joined(kept.map(|(line, _)| line));
        self
    }

    /// A copy of just its own lines, free of the block they were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self { lines: self.lines.detach(), ..*self }
    }

    /// The lines, each with what it says; `None`: it does not follow the grammar, and was kept.
    fn read_lines(&self) -> impl Iterator<Item = (&[u8], Option<Line>)> {
        let lines = self.lines.iter().map(|line| trimmed(line, self.leniency));
        lines.map(|line| (line, self.read(line)))
    }

    /// What a line says that was read before.
    fn read(&self, line: &[u8]) -> Option<Line> {
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(line, self.leniency, &mut deviations);
        span::parse_text(line, |i| ehlo::ehlo_line(i, None, &mut tolerance)).ok()
    }

    fn push(&mut self, line: &[u8]) {
        self.lines = joined(self.lines.iter().chain([line]));
    }

    /// The line that offers this.
    fn line_of(&self, extension: Extension) -> Bytes {
        let mut line = Vec::from(extension.keyword());
        match (extension, self.size, self.parameters(extension)) {
            (Extension::Auth, ..) => {
                for mechanism in self.mechanisms() {
                    line.push(b' ');
                    line.extend_from_slice(mechanism.as_str().as_bytes());
                }
            }
            (Extension::Size, Some(octets), _) => {
                line.push(b' ');
                line.number(octets);
            }
            (_, _, Some(parameters)) => {
                line.push(b' ');
                line.extend_from_slice(parameters.as_bytes());
            }
            _ => {}
        }
        line.into()
    }
}

/// A line without the spaces at its end, where those are tolerated.
fn trimmed(line: &[u8], leniency: Leniency) -> &[u8] {
    let blanks = line.iter().rev().take_while(|octet| **octet == b' ').count();
    match line.split_at_checked(line.len() - blanks) {
        Some((trimmed, [_, ..])) if leniency.tolerates(DeviationKind::ExtraSpaces) => trimmed,
        _ => line,
    }
}

/// What stands in a line of AUTH: names of mechanisms, and what is tolerated beside them.
fn names(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    let behind = line.get("AUTH".len()..).unwrap_or_default();
    behind.strip_prefix(b"=").unwrap_or(behind).split(|octet| *octet == b' ')
}

/// Those lines that say something, in a block of their own.
fn joined<'a>(lines: impl Iterator<Item = &'a [u8]>) -> Lines {
    let mut block = Vec::new();
    for line in lines.filter(|line| !line.is_empty()) {
        if !block.is_empty() {
            block.push(b'\n');
        }
        block.extend_from_slice(line);
    }
    Lines::of(block.into(), 0)
}

impl Default for Capabilities {
    fn default() -> Self {
        Self::new()
    }
}

/// They offer the same, however that was written.
impl PartialEq for Capabilities {
    fn eq(&self, other: &Self) -> bool {
        self.offered == other.offered
            && self.size == other.size
            && self.mechanisms().eq(other.mechanisms())
            && self.extensions().all(|extension| self.parameters(extension) == other.parameters(extension))
            && self.others().eq(other.others())
    }
}

impl Eq for Capabilities {}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parameters = |extension| Some((extension, self.parameters(extension)?));
        f.debug_struct("Capabilities")
            .field("offered", &self.offered)
            .field("size", &self.size)
            .field("mechanisms", &self.mechanisms().collect::<Vec<_>>())
            .field("parameters", &self.extensions().filter_map(parameters).collect::<Vec<_>>())
            .field("others", &self.others().collect::<Vec<_>>())
            .finish()
    }
}
