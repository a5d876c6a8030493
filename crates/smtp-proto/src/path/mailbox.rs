//! A mailbox, and the form that two spellings of it share.
use super::Domain;
use crate::{
    Deviations, Leniency,
    grammar::{self, Tolerance},
};
use alloc::{
    borrow::Cow,
    string::{String, ToString},
};
use bytes::{Buf, Bytes};
use core::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};
use mail_wire::{
    ParseError,
    class::{self, ATEXT, NON_ASCII},
    span::{self, Span},
};

/// `Mailbox = Local-part "@" ( Domain / address-literal )`, as it was written
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2), with the UTF-8 of
/// [RFC 6531 §3.3](https://www.rfc-editor.org/rfc/rfc6531#section-3.3)).
///
/// Two are equal when they are written alike; [`canonical`](Self::canonical) is what to compare or to look up.
/// The local part has at most 64 octets and the domain at most 255
/// ([RFC 5321 §4.5.3.1](https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1)). Whether a label that is not
/// ASCII is a valid U-label is not checked: that needs the tables of IDNA.
///
/// ```
/// use smtp_proto::{Domain, Mailbox};
/// let mailbox = Mailbox::new(r#""jane \"q\" doe"@[192.0.2.1]"#)?;
/// assert_eq!(mailbox.local_part(), r#""jane \"q\" doe""#);
/// assert_eq!(mailbox.local_part_unquoted(), r#"jane "q" doe"#);
/// assert_eq!(mailbox.domain(), Domain::Ipv4([192, 0, 2, 1].into()));
///
/// let error = Mailbox::new("jane.example.org").unwrap_err();
/// assert_eq!(error.to_string(), "expected '@' at octet 16, found the end");
/// # Ok::<(), smtp_proto::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Mailbox {
    /// Of a line, from its path on: the path's route, the mailbox, and whatever stands behind it.
    text: Bytes,
    /// Where it starts there.
    start: u16,
    place: MailboxPlace,
}

/// Where the parts of a mailbox stand, from its own start on: no path has more than 256 octets.
#[derive(Debug, Clone, Copy)]
pub(crate) struct MailboxPlace {
    /// Where its `@` is.
    pub(crate) at: u8,
    pub(crate) octets: u8,
}

impl Mailbox {
    /// Reads and copies it.
    ///
    /// # Errors
    /// It does not follow the grammar.
    pub fn new(text: &str) -> Result<Self, ParseError> {
        let text = Bytes::copy_from_slice(text.as_bytes());
        Self::parse(&text, Leniency::STRICT, &mut Deviations::new())
    }

    /// Reads it and shares its octets.
    ///
    /// # Errors
    /// It does not follow the grammar, as far as that is not tolerated.
    pub fn parse(text: &Bytes, leniency: Leniency, deviations: &mut Deviations) -> Result<Self, ParseError> {
        let mut tolerance = Tolerance::new(text, leniency, deviations);
        let place = span::parse_text(text, |i| grammar::path::mailbox(i, &mut tolerance))?;
        Ok(Self::from_checked(text.clone(), 0, place))
    }

    fn as_bytes(&self) -> &[u8] {
        let start = usize::from(self.start);
        self.text.get(start..start + usize::from(self.place.octets)).unwrap_or_default()
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        // UTF-8, checked when it was made.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    /// The local part as it was written, with its quotes.
    pub fn local_part(&self) -> &str {
        self.as_str().get(..usize::from(self.place.at)).unwrap_or_default()
    }

    /// The local part as it is meant, without quotes and escapes.
    pub fn local_part_unquoted(&self) -> Cow<'_, str> {
        let local = self.local_part();
        match local.strip_prefix('"').and_then(|local| local.strip_suffix('"')) {
            None => Cow::Borrowed(local),
            Some(quoted) if !quoted.contains('\\') => Cow::Borrowed(quoted),
            Some(quoted) => Cow::Owned(unescape(quoted)),
        }
    }

    /// Where the mailbox lives.
    pub fn domain(&self) -> Domain<'_> {
        grammar::domain::checked_domain(Span::of(self.as_bytes()).part(usize::from(self.place.at) + 1).0)
    }

    /// Is it ASCII throughout? If not, it needs `SMTPUTF8`.
    pub fn is_ascii(&self) -> bool {
        self.as_bytes().is_ascii()
    }

    /// The form that all spellings of one mailbox share.
    ///
    /// ```
    /// # use smtp_proto::{Mailbox, ParseError};
    /// let one = Mailbox::new(r#""J\oe.Doe"@Example.ORG"#)?.canonical();
    /// assert_eq!(one, Mailbox::new("Joe.Doe@example.org")?.canonical());
    /// assert_eq!(one.as_str(), "Joe.Doe@example.org");
    /// // Upper and lower case may be two mailboxes: only their host knows.
    /// assert_ne!(one, Mailbox::new("joe.doe@example.org")?.canonical());
    /// # Ok::<(), ParseError>(())
    /// ```
    pub fn canonical(&self) -> CanonicalMailbox {
        let local = self.local_part_unquoted();
        let mut text = String::with_capacity(self.as_bytes().len() + 2);
        // rule rfc5321 4.1.2 least-quotes: a mailbox is compared with as few quotes as can be
        if is_dot_string(&local) {
            // rule rfc5321 2.4 local-part-case: its case is kept [instead: text.push_str(&local.to_lowercase())]
            text.push_str(&local);
        } else {
            text.push('"');
            for c in local.chars() {
                if matches!(c, '"' | '\\') {
                    text.push('\\');
                }
                text.push(c);
            }
            text.push('"');
        }
        text.push('@');
        let at = text.len();
        text.push_str(&self.domain().to_string());
        if let Some(domain) = text.get_mut(at..) {
            // rule rfc5321 2.4 domain-any-case: a domain is compared in any case
            domain.make_ascii_lowercase();
        }
        CanonicalMailbox(text)
    }

    /// A copy of just these octets, free of the block they were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self { text: Bytes::copy_from_slice(self.as_bytes()), start: 0, place: self.place }
    }

    /// The same, and what stands in front of it.
    pub(super) fn detach_with_front(&self) -> Self {
        let end = usize::from(self.start) + usize::from(self.place.octets);
        Self { text: Bytes::copy_from_slice(self.text.get(..end).unwrap_or_default()), ..*self }
    }

    /// What stands in front of it in its path: nothing, or a route with its colon.
    pub(super) fn in_front(&self) -> &[u8] {
        self.text.get(..usize::from(self.start)).unwrap_or_default()
    }

    /// The mailbox alone.
    pub(super) fn without_front(mut self) -> Self {
        self.text.advance(usize::from(self.start));
        self.start = 0;
        self
    }

    /// All that it keeps of a line: from its path on to the end.
    pub(super) fn kept(&self) -> &Bytes {
        &self.text
    }

    /// Of a text that the grammar has checked, and found it at `start`.
    #[inline]
    pub(crate) fn from_checked(text: Bytes, start: u16, place: MailboxPlace) -> Self {
        Self { text, start, place }
    }
}

impl PartialEq for Mailbox {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Mailbox {}

impl Hash for Mailbox {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

/// Undoes `quoted-pairSMTP`.
fn unescape(quoted: &str) -> String {
    let mut plain = String::with_capacity(quoted.len());
    let mut rest = quoted.chars();
    while let Some(c) = rest.next() {
        // rule rfc5321 4.1.2 quoted-forms-equal: a quoted pair means its character [instead: plain.push(c)]
        plain.extend(if c == '\\' { rest.next() } else { Some(c) });
    }
    plain
}

fn is_dot_string(local: &str) -> bool {
    local
        .split('.')
        .all(|atom| !atom.is_empty() && class::run(atom.as_bytes(), ATEXT | NON_ASCII) == atom.len())
}

impl FromStr for Mailbox {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::new(text)
    }
}

impl TryFrom<&str> for Mailbox {
    type Error = ParseError;
    fn try_from(text: &str) -> Result<Self, ParseError> {
        Self::new(text)
    }
}

impl fmt::Debug for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Mailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What all spellings of one [`Mailbox`] share: as few quotes as can be, the domain in lower case, address
/// literals in their shortest form. Made to be compared and looked up.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct CanonicalMailbox(String);

impl CanonicalMailbox {
    /// Its text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for CanonicalMailbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
