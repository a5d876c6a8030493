//! Where a mailbox lives, and who a client says it is.
use crate::{
    Deviations, Leniency,
    grammar::{self, Tolerance},
};
use alloc::string::{String, ToString};
use bytes::Bytes;
use core::{
    fmt,
    net::{IpAddr, Ipv4Addr, Ipv6Addr},
    str::FromStr,
};
use mail_wire::{ParseError, span};

/// `Domain / address-literal` ([RFC 5321 §4.1.3](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.3)).
///
/// Names are compared by their octets here: fold their case first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Domain<'a> {
    /// A name, perhaps with labels that are not ASCII.
    Name(&'a str),
    /// `[192.0.2.1]`.
    Ipv4(Ipv4Addr),
    /// `[IPv6:2001:db8::1]`.
    Ipv6(Ipv6Addr),
    /// `[tag:content]`, of a later standard.
    General {
        /// How to read the content.
        tag: &'a str,
        /// An address of that kind.
        content: &'a str,
    },
}

impl fmt::Display for Domain<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Name(name) => f.write_str(name),
            // rule rfc5321 4.1.1.1 hello-literal: an address says EHLO in brackets [instead: write!(f, "{address}")]
            Self::Ipv4(address) => write!(f, "[{address}]"),
            // rule rfc5321 4.1.3 ipv6-written: an IPv6 address has its tag [instead: write!(f, "[{address}]")]
            Self::Ipv6(address) => write!(f, "[IPv6:{address}]"),
            Self::General { tag, content } => write!(f, "[{tag}:{content}]"),
        }
    }
}

/// Who a client says it is, as it was written
/// ([RFC 5321 §4.1.1.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.1)).
///
/// Lenient parsing keeps whatever printable text a client sent, and be it none; then there may be no
/// [`domain`](Self::domain).
///
/// ```
/// use smtp_proto::{ClientName, Domain};
/// let name = ClientName::new("client.example.org")?;
/// assert_eq!(name.domain(), Some(Domain::Name("client.example.org")));
/// let name = ClientName::from(std::net::Ipv6Addr::LOCALHOST);
/// assert_eq!(name.to_string(), "[IPv6:::1]");
/// # Ok::<(), smtp_proto::ParseError>(())
/// ```
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ClientName(Bytes);

impl ClientName {
    /// Reads and copies it.
    ///
    /// # Errors
    /// It is neither a domain name nor an address literal.
    pub fn new(name: &str) -> Result<Self, ParseError> {
        let name = Bytes::copy_from_slice(name.as_bytes());
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(&name, Leniency::STRICT, &mut deviations);
        span::parse_text(&name, |i| grammar::domain::client_name(i, &mut tolerance))?;
        Ok(Self(name))
    }

    /// As it was written; not always UTF-8.
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    /// The name or address; `None` where it is neither.
    pub fn domain(&self) -> Option<Domain<'_>> {
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(&self.0, Leniency::LENIENT, &mut deviations);
        span::parse_text(&self.0, |i| grammar::domain::ascii_domain(i, &mut tolerance)).ok()?;
        Some(grammar::domain::checked_domain(span::Span::of(&self.0)))
    }

    /// A copy of just these octets, free of the block they were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self(Bytes::copy_from_slice(&self.0))
    }

    /// Of printable text.
    pub(crate) fn from_checked(text: Bytes) -> Self {
        Self(text)
    }
}

impl From<IpAddr> for ClientName {
    fn from(address: IpAddr) -> Self {
        match address {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => address.into(),
        }
    }
}

impl From<Ipv4Addr> for ClientName {
    fn from(address: Ipv4Addr) -> Self {
        Self(Domain::Ipv4(address).to_string().into())
    }
}

impl From<Ipv6Addr> for ClientName {
    fn from(address: Ipv6Addr) -> Self {
        Self(Domain::Ipv6(address).to_string().into())
    }
}

impl FromStr for ClientName {
    type Err = ParseError;
    fn from_str(name: &str) -> Result<Self, ParseError> {
        Self::new(name)
    }
}

impl TryFrom<&str> for ClientName {
    type Error = ParseError;
    fn try_from(name: &str) -> Result<Self, ParseError> {
        Self::new(name)
    }
}

impl fmt::Debug for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{}\"", self.0.escape_ascii())
    }
}

impl fmt::Display for ClientName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&String::from_utf8_lossy(&self.0))
    }
}
