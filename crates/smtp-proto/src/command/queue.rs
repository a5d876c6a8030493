//! ETRN and ATRN.
use super::text;
use crate::{
    Deviations, Leniency,
    grammar::{Tolerance, queue},
};
use alloc::string::String;
use bytes::Bytes;
use core::{fmt, str::FromStr};
use mail_wire::{ParseError, Text, span};

/// `ETRN`: asks for what waits to be sent to somebody.
///
/// ```
/// use smtp_proto::{Command, Etrn, Queues};
/// let mut line = Vec::new();
/// Command::Etrn(Etrn::new(Queues::Subdomains("example.org"))?).encode(&mut line);
/// assert_eq!(line, b"ETRN @example.org\r\n");
/// # Ok::<(), smtp_proto::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Etrn(Text);

/// What is to be sent ([RFC 1985 §5.3](https://www.rfc-editor.org/rfc/rfc1985#section-5.3)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Queues<'a> {
    /// What waits for this node: a domain, or an address literal.
    Node(&'a str),
    /// `@`: what waits for this domain and all below it.
    Subdomains(&'a str),
    /// `#`: what waits in a queue that the server knows by this name.
    Queue(&'a str),
}

impl Etrn {
    /// Checks and copies it.
    ///
    /// # Errors
    /// The name of a node or of a domain does not follow the grammar of domains, or that of a queue is empty or holds
    /// an octet that is not visible ASCII.
    pub fn new(queues: Queues<'_>) -> Result<Self, ParseError> {
        let (option, name) = match queues {
            Queues::Node(name) => ("", name),
            Queues::Subdomains(name) => ("@", name),
            Queues::Queue(name) => ("#", name),
        };
        let etrn: Self = String::from_iter([option, name]).parse()?;
        match etrn.queues() == queues {
            true => Ok(etrn),
            // A name that begins as an option does is another thing's.
            false => Err(ParseError { offset: 0, found: name.bytes().next(), expected: "a domain" }),
        }
    }

    /// As it was written, with its option.
    pub fn as_str(&self) -> &str {
        // Checked when it was made.
        self.0.as_str().unwrap_or_default()
    }

    /// What is to be sent.
    pub fn queues(&self) -> Queues<'_> {
        let text = self.as_str();
        match (text.strip_prefix('@'), text.strip_prefix('#')) {
            // rule rfc1985 5.3 at-sign-read: '@' stands for a domain and all below it
            (Some(name), _) => Queues::Subdomains(name),
            // rule rfc1985 5.3 number-sign-read: '#' stands for a queue
            (_, Some(name)) => Queues::Queue(name),
            _ => Queues::Node(text),
        }
    }

    /// Of octets that the grammar has checked.
    pub(super) fn of(octets: Bytes) -> Self {
        Self(text(octets))
    }
}

impl FromStr for Etrn {
    type Err = ParseError;
    fn from_str(argument: &str) -> Result<Self, ParseError> {
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(argument.as_bytes(), Leniency::STRICT, &mut deviations);
        span::parse_text(argument.as_bytes(), |i| queue::etrn_argument(i, &mut tolerance))?;
        Ok(Self::of(Bytes::copy_from_slice(argument.as_bytes())))
    }
}

impl fmt::Debug for Etrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Etrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// `ATRN`: asks for what waits for some domains, over this very connection, in which the roles turn round.
#[derive(Clone, PartialEq, Eq, Hash, Default)]
pub struct Atrn(Text);

impl Atrn {
    /// What waits for all domains of the client that logged in.
    pub fn all() -> Self {
        Self::default()
    }

    /// What waits for these domains; for all of them where there are none.
    ///
    /// # Errors
    /// One does not follow the grammar of domains, or has one label alone.
    pub fn new<'a>(domains: impl IntoIterator<Item = &'a str>) -> Result<Self, ParseError> {
        let mut list = String::new();
        for domain in domains {
            if !list.is_empty() {
                list.push(',');
            }
            list.push_str(domain);
            // Each by itself: one that is empty or holds a comma is none.
            let mut deviations = Deviations::new();
            let mut tolerance = Tolerance::new(domain.as_bytes(), Leniency::STRICT, &mut deviations);
            span::parse_text(domain.as_bytes(), |i| queue::atrn_domain(i, &mut tolerance))?;
        }
        Ok(Self::of(list.into()))
    }

    /// The domains, in the order that they are asked for. None: all that are the client's.
    pub fn domains(&self) -> impl Iterator<Item = &str> {
        self.as_str().split(',').filter(|domain| !domain.is_empty())
    }

    /// As they were written, with commas between.
    pub fn as_str(&self) -> &str {
        // Checked when it was made.
        self.0.as_str().unwrap_or_default()
    }

    /// Of octets that the grammar has checked.
    pub(super) fn of(octets: Bytes) -> Self {
        Self(text(octets))
    }
}

impl fmt::Debug for Atrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Display for Atrn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
