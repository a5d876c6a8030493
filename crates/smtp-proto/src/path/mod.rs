//! Who sends and who receives.
mod domain;
mod mailbox;

use crate::{
    Deviations, Leniency,
    grammar::{self, Tolerance},
};
use bytes::{Buf, Bytes};
use core::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};
pub use domain::{ClientName, Domain};
use mail_wire::{ParseError, span};
pub(crate) use mailbox::MailboxPlace;
pub use mailbox::{CanonicalMailbox, Mailbox};

/// Where failures are reported to: `Path / "<>"`
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum ReversePath {
    /// `<>`: nowhere, since the message is itself such a report.
    Null,
    /// To this mailbox.
    Path(Path),
}

/// Who is to receive a message
/// ([RFC 5321 §4.1.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.3)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum ForwardPath {
    /// `<Postmaster>`, in any case and without a domain: whoever looks after this server.
    Postmaster,
    /// This mailbox.
    Path(Path),
}

/// A mailbox, and the obsolete route to it
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
///
/// A route is kept as it was received, and otherwise ignored: there is no way to make a new one.
///
/// It is laid out as a mailbox is, with the route in front of it in the same text.
#[derive(Clone)]
pub struct Path {
    mailbox: Mailbox,
}

/// The obsolete list of hosts to pass through: `@a.example,@b.example`
/// ([RFC 5321 §C](https://www.rfc-editor.org/rfc/rfc5321#appendix-C)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SourceRoute<'a>(&'a str);

/// Where a path stands in a line.
#[derive(Debug, Clone, Copy)]
pub(crate) struct PathPlace {
    /// Octets of the line that are left where it starts, behind its bracket.
    pub(crate) left: usize,
    /// Octets of the route and its colon; 0 without one.
    pub(crate) route: u16,
    pub(crate) mailbox: MailboxPlace,
}

impl ReversePath {
    /// What it keeps of the line it was found in: from the path on to the line's end.
    pub(crate) fn kept(&self) -> &Bytes {
        static NOTHING: Bytes = Bytes::new();
        match self {
            Self::Null => &NOTHING,
            Self::Path(path) => path.mailbox.kept(),
        }
    }

    /// Of the line that it was found in.
    #[inline]
    pub(crate) fn of(place: Option<PathPlace>, line: Bytes) -> Self {
        place.map_or(Self::Null, |place| Self::Path(Path::of(place, line)))
    }

    /// The mailbox, if there is one.
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::Null => None,
            Self::Path(path) => Some(path.mailbox()),
        }
    }
}

impl ForwardPath {
    /// What it keeps of the line it was found in: from the path on to the line's end.
    pub(crate) fn kept(&self) -> &Bytes {
        static NOTHING: Bytes = Bytes::new();
        match self {
            Self::Postmaster => &NOTHING,
            Self::Path(path) => path.mailbox.kept(),
        }
    }

    /// Of the line that it was found in.
    #[inline]
    pub(crate) fn of(place: Option<PathPlace>, line: Bytes) -> Self {
        place.map_or(Self::Postmaster, |place| Self::Path(Path::of(place, line)))
    }

    /// The mailbox; `None` for the postmaster without a domain.
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::Postmaster => None,
            Self::Path(path) => Some(path.mailbox()),
        }
    }
}

impl Path {
    /// The mailbox, as if there were no route.
    pub fn mailbox(&self) -> &Mailbox {
        &self.mailbox
    }

    /// The obsolete route, which should be ignored.
    pub fn source_route(&self) -> Option<SourceRoute<'_>> {
        let route = self.mailbox.in_front();
        route.split_last().map(|(_, route)| SourceRoute(core::str::from_utf8(route).unwrap_or_default()))
    }

    /// Is all of it ASCII, the route too?
    pub fn is_ascii(&self) -> bool {
        self.mailbox.is_ascii() && self.mailbox.in_front().is_ascii()
    }

    /// A copy of just these octets, free of the block they were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self { mailbox: self.mailbox.detach_with_front() }
    }

    /// Of the line that it was found in.
    #[inline]
    fn of(place: PathPlace, mut line: Bytes) -> Self {
        line.advance(line.len().saturating_sub(place.left));
        Self { mailbox: Mailbox::from_checked(line, place.route, place.mailbox) }
    }
}

impl PartialEq for Path {
    fn eq(&self, other: &Self) -> bool {
        self.mailbox == other.mailbox && self.source_route() == other.source_route()
    }
}

impl Eq for Path {}

impl Hash for Path {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (&self.mailbox, self.source_route()).hash(state);
    }
}

impl fmt::Debug for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (mailbox, route) = (&self.mailbox, self.source_route());
        f.debug_struct("Path").field("mailbox", mailbox).field("route", &route).finish()
    }
}

impl<'a> SourceRoute<'a> {
    /// As it was written.
    pub fn as_str(self) -> &'a str {
        self.0
    }

    /// The hosts, in order.
    ///
    /// ```
    /// # use smtp_proto::{ForwardPath, ParseError};
    /// let ForwardPath::Path(path) = "<@a.example,@b.example:c@d.example>".parse()? else { unreachable!() };
    /// assert_eq!(path.mailbox().as_str(), "c@d.example");
    /// let route = path.source_route().map(|route| route.domains().collect::<Vec<_>>());
    /// assert_eq!(route, Some(vec!["a.example", "b.example"]));
    /// # Ok::<(), ParseError>(())
    /// ```
    pub fn domains(self) -> impl Iterator<Item = &'a str> {
        self.0.split(',').map(|domain| domain.trim_start_matches('@'))
    }
}

impl From<Mailbox> for Path {
    fn from(mailbox: Mailbox) -> Self {
        Self { mailbox: mailbox.without_front() }
    }
}

impl From<Path> for ReversePath {
    fn from(path: Path) -> Self {
        Self::Path(path)
    }
}

impl From<Mailbox> for ReversePath {
    fn from(mailbox: Mailbox) -> Self {
        Self::Path(mailbox.into())
    }
}

impl From<Path> for ForwardPath {
    fn from(path: Path) -> Self {
        Self::Path(path)
    }
}

impl From<Mailbox> for ForwardPath {
    fn from(mailbox: Mailbox) -> Self {
        Self::Path(mailbox.into())
    }
}

impl FromStr for ReversePath {
    type Err = ParseError;
    /// Reads it as it stands in a command, with its brackets.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let text = Bytes::copy_from_slice(text.as_bytes());
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(&text, Leniency::STRICT, &mut deviations);
        let place = span::parse_text(&text, |i| grammar::path::reverse_path(i, &mut tolerance))?;
        Ok(Self::of(place, text))
    }
}

impl FromStr for ForwardPath {
    type Err = ParseError;
    /// Reads it as it stands in a command, with its brackets.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let text = Bytes::copy_from_slice(text.as_bytes());
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(&text, Leniency::STRICT, &mut deviations);
        let place = span::parse_text(&text, |i| grammar::path::forward_path(i, &mut tolerance))?;
        Ok(Self::of(place, text))
    }
}

impl fmt::Display for ReversePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("<>"),
            Self::Path(path) => path.fmt(f),
        }
    }
}

impl fmt::Display for ForwardPath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Postmaster => f.write_str("<Postmaster>"),
            Self::Path(path) => path.fmt(f),
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.source_route() {
            Some(route) => write!(f, "<{}:{}>", route.as_str(), self.mailbox),
            None => write!(f, "<{}>", self.mailbox),
        }
    }
}
