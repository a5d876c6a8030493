//! Who sends and who receives.
mod domain;
mod mailbox;

use crate::{
    Deviations, Leniency,
    grammar::{self, Tolerance},
};
use alloc::boxed::Box;
use bytes::Bytes;
use core::{fmt, str::FromStr};
pub use domain::{ClientName, Domain};
use mail_wire::{ParseError, Text, span};
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
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Path {
    mailbox: Mailbox,
    /// Nearly always absent: one pointer then.
    route: Option<Box<SourceRoute>>,
}

/// The obsolete list of hosts to pass through: `@a.example,@b.example`
/// ([RFC 5321 §C](https://www.rfc-editor.org/rfc/rfc5321#appendix-C)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SourceRoute(Text);

impl ReversePath {
    /// The mailbox, if there is one.
    pub fn mailbox(&self) -> Option<&Mailbox> {
        match self {
            Self::Null => None,
            Self::Path(path) => Some(path.mailbox()),
        }
    }
}

impl ForwardPath {
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
    pub fn source_route(&self) -> Option<&SourceRoute> {
        self.route.as_deref()
    }

    /// Is all of it ASCII, the route too?
    pub fn is_ascii(&self) -> bool {
        self.mailbox.is_ascii() && self.route.as_ref().is_none_or(|route| route.as_str().is_ascii())
    }

    pub(crate) fn from_parts(mailbox: Mailbox, route: Option<Text>) -> Self {
        Self { mailbox, route: route.map(|route| Box::new(SourceRoute(route))) }
    }
}

impl SourceRoute {
    /// As it was written.
    pub fn as_str(&self) -> &str {
        // Domain names, checked when it was made.
        self.0.as_str().unwrap_or_default()
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
    pub fn domains(&self) -> impl Iterator<Item = &str> {
        self.as_str().split(',').map(|domain| domain.trim_start_matches('@'))
    }
}

impl From<Mailbox> for Path {
    fn from(mailbox: Mailbox) -> Self {
        Self { mailbox, route: None }
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
        span::parse(&text, |i| grammar::path::reverse_path(i, &mut tolerance))
    }
}

impl FromStr for ForwardPath {
    type Err = ParseError;
    /// Reads it as it stands in a command, with its brackets.
    fn from_str(text: &str) -> Result<Self, ParseError> {
        let text = Bytes::copy_from_slice(text.as_bytes());
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(&text, Leniency::STRICT, &mut deviations);
        span::parse(&text, |i| grammar::path::forward_path(i, &mut tolerance))
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
