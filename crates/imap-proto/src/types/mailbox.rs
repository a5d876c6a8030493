//! Names of mailboxes.
use super::utf7;
use crate::{Encoding, grammar::string::Found};
use alloc::{
    borrow::{Cow, ToOwned},
    string::String,
};
use bytes::Bytes;
use core::{
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};

/// The name of a mailbox, whichever of modified UTF-7 and UTF-8 it came in, and goes out in.
///
/// Two names are equal when they name the same mailbox: `INBOX` in any case, and any other by its characters. A
/// name whose modified UTF-7 is broken, or not in the one form that
/// [RFC 3501 §5.1.3](https://www.rfc-editor.org/rfc/rfc3501#section-5.1.3) allows, is kept as it came and equals
/// itself alone: a server that shows such a name wants to hear it back.
///
/// A name that was read shares the octets of its unit; [`detach`](Self::detach) copies just its own.
///
/// ```
/// use imap_proto::{Encoding, MailboxName};
/// let read = MailboxName::from_wire("Entw&APw-rfe", Encoding::ModifiedUtf7);
/// assert_eq!(read, MailboxName::new("Entwürfe")?);
/// assert_eq!(read.to_str()?, "Entwürfe");
/// assert_eq!(MailboxName::new("inbox")?, MailboxName::INBOX);
/// # Ok::<(), imap_proto::InvalidName>(())
/// ```
#[derive(Clone)]
pub struct MailboxName {
    /// Of ASCII alone: modified UTF-7. With other octets: UTF-8, or what a peer sent for it; `&` is no shift then.
    octets: Bytes,
}

/// A name that is none, or that cannot be told as text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, thiserror::Error)]
#[non_exhaustive]
pub enum InvalidName {
    /// It holds NUL.
    #[error("NUL in a mailbox name")]
    Nul,
    /// It is neither UTF-8 nor modified UTF-7.
    #[error("mailbox name that is neither UTF-8 nor modified UTF-7")]
    Undecodable,
}

impl MailboxName {
    /// The mailbox that everyone has.
    pub const INBOX: Self = Self { octets: Bytes::from_static(b"INBOX") };

    /// The mailbox of this name.
    ///
    /// # Errors
    /// The name holds NUL.
    pub fn new(name: &str) -> Result<Self, InvalidName> {
        if name.contains('\0') {
            return Err(InvalidName::Nul);
        }
        Ok(Self { octets: stored(name.to_owned().into()) })
    }

    /// A name as it stands in a command or a response, its quotes and escapes undone.
    pub fn from_wire(octets: impl Into<Bytes>, encoding: Encoding) -> Self {
        let octets = octets.into();
        Self { octets: if encoding == Encoding::Utf8 { stored(octets) } else { octets } }
    }

    /// Of a string that was found in a unit.
    #[inline]
    pub(crate) fn from_found(found: Found<'_>, encoding: Encoding) -> Self {
        Self::from_wire(found.to_astring().into_bytes(), encoding)
    }

    /// Is it the mailbox that everyone has?
    pub fn is_inbox(&self) -> bool {
        self.octets.eq_ignore_ascii_case(b"INBOX")
    }

    /// The name as text.
    ///
    /// # Errors
    /// It is neither UTF-8 nor modified UTF-7.
    pub fn to_str(&self) -> Result<Cow<'_, str>, InvalidName> {
        match core::str::from_utf8(&self.octets) {
            Err(_) => Err(InvalidName::Undecodable),
            Ok(name) if !name.is_ascii() || !has_shift(name.as_bytes()) => Ok(Cow::Borrowed(name)),
            Ok(name) => match utf7::decode(name.as_bytes()) {
                Some(name) => Ok(Cow::Owned(name)),
                None => Err(InvalidName::Undecodable),
            },
        }
    }

    /// The name as text to show: as it came where it cannot be decoded, with U+FFFD where that is not UTF-8.
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        self.to_str().unwrap_or_else(|_| String::from_utf8_lossy(&self.octets))
    }

    /// The name's octets as they go over the wire, before they are quoted.
    ///
    /// What cannot be told in that encoding goes as it came.
    pub fn to_wire(&self, encoding: Encoding) -> Cow<'_, [u8]> {
        match (encoding, self.octets.is_ascii()) {
            (Encoding::Utf8, true) if has_shift(&self.octets) => match utf7::decode(&self.octets) {
                Some(name) => Cow::Owned(name.into_bytes()),
                None => Cow::Borrowed(&self.octets),
            },
            (Encoding::ModifiedUtf7, false) => match core::str::from_utf8(&self.octets) {
                Ok(name) => Cow::Owned(utf7::encode(name)),
                Err(_) => Cow::Borrowed(&self.octets),
            },
            (Encoding::Utf8 | Encoding::ModifiedUtf7, _) => Cow::Borrowed(&self.octets),
        }
    }

    /// A copy of just these octets, free of the block they were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self { octets: Bytes::copy_from_slice(&self.octets) }
    }

    /// Which octets tell names apart: characters where the form is the one allowed, else the octets as they came.
    fn canonical(&self) -> Cow<'_, [u8]> {
        // rule rfc3501 5.1 inbox-in-any-case: INBOX is the same mailbox in any case of letters
        if self.is_inbox() {
            return Cow::Borrowed(b"INBOX");
        }
        if self.octets.is_ascii() && has_shift(&self.octets) {
            if let Some(name) = utf7::decode(&self.octets).filter(|name| utf7::encode(name) == self.octets) {
                return Cow::Owned(name.into_bytes());
            }
        }
        Cow::Borrowed(&self.octets)
    }
}

/// Is there anything to decode in ASCII?
fn has_shift(octets: &[u8]) -> bool {
    octets.contains(&b'&')
}

/// What is stored of a name in UTF-8: one of ASCII alone is put in modified UTF-7 where that makes a difference.
fn stored(name: Bytes) -> Bytes {
    let differs = |octet: &u8| *octet == b'&' || octet.is_ascii_control();
    match core::str::from_utf8(&name) {
        Ok(text) if text.is_ascii() && name.iter().any(differs) => utf7::encode(text).into(),
        _ => name,
    }
}

impl PartialEq for MailboxName {
    fn eq(&self, other: &Self) -> bool {
        self.octets == other.octets || self.canonical() == other.canonical()
    }
}

impl Eq for MailboxName {}

impl Hash for MailboxName {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.canonical().hash(state);
    }
}

impl FromStr for MailboxName {
    type Err = InvalidName;
    fn from_str(name: &str) -> Result<Self, InvalidName> {
        Self::new(name)
    }
}

impl TryFrom<&str> for MailboxName {
    type Error = InvalidName;
    fn try_from(name: &str) -> Result<Self, InvalidName> {
        Self::new(name)
    }
}

impl fmt::Debug for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.to_str() {
            Ok(name) => write!(f, "{name:?}"),
            Err(_) => write!(f, "\"{}\"", self.octets.escape_ascii()),
        }
    }
}

impl fmt::Display for MailboxName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_str_lossy())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::HashSet, string::ToString};

    fn wire(octets: &'static str) -> MailboxName {
        MailboxName::from_wire(octets, Encoding::ModifiedUtf7)
    }

    // covers rfc3501 5.1.3 ampersand
    // covers rfc3501 5.1.3 ampersand-is-read
    // covers rfc3501 5.1.3 closed
    #[test]
    fn one_mailbox_has_one_name_in_every_encoding() {
        for (name, utf7) in
            [("Entwürfe", "Entw&APw-rfe"), ("R&D", "R&-D"), ("a\nb", "a&AAo-b"), ("&é", "&-&AOk-")]
        {
            let built = MailboxName::new(name).unwrap();
            let read = [wire(utf7), MailboxName::from_wire(name, Encoding::Utf8)];
            for read in &read {
                assert_eq!(read, &built);
                assert_eq!(read.to_str().unwrap(), name);
                assert_eq!(&*read.to_wire(Encoding::Utf8), name.as_bytes());
                assert_eq!(&*read.to_wire(Encoding::ModifiedUtf7), utf7.as_bytes());
            }
            assert_eq!(read.into_iter().chain([built]).collect::<HashSet<_>>().len(), 1);
        }
    }

    // covers rfc3501 5.1 inbox-in-any-case
    #[test]
    fn inbox_is_the_same_in_any_case_and_nothing_below_it_is() {
        let names = ["INBOX", "inbox", "Inbox"].map(|name| MailboxName::new(name).unwrap());
        assert!(names.iter().all(|name| *name == MailboxName::INBOX && name.is_inbox()));
        assert_eq!(names.into_iter().collect::<HashSet<_>>().len(), 1);
        assert_ne!(MailboxName::new("inbox/a").unwrap(), MailboxName::new("INBOX/a").unwrap());
        assert_ne!(MailboxName::new("Sent").unwrap(), MailboxName::new("sent").unwrap());
    }

    #[test]
    fn a_broken_name_goes_back_as_it_came() {
        for octets in ["&Jjo!", "Sales & Marketing", "&U,BTFw-&ZeVnLIqe-", "a&AGE-"] {
            let name = wire(octets);
            assert_eq!(&*name.to_wire(Encoding::ModifiedUtf7), octets.as_bytes());
            assert_eq!(name, wire(octets));
        }
        assert_eq!(wire("Sales & Marketing").to_str(), Err(InvalidName::Undecodable));
        assert_eq!(wire("Sales & Marketing").to_string(), "Sales & Marketing");
        assert_ne!(wire("&U,BTFw-&ZeVnLIqe-"), MailboxName::new("台北日本語").unwrap());
    }

    #[test]
    fn octets_that_no_encoding_knows_are_kept() {
        let name = MailboxName::from_wire(&b"caf\xe9"[..], Encoding::ModifiedUtf7);
        assert_eq!(name.to_str(), Err(InvalidName::Undecodable));
        assert_eq!(name.to_string(), "caf\u{fffd}");
        for encoding in [Encoding::ModifiedUtf7, Encoding::Utf8] {
            assert_eq!(&*name.to_wire(encoding), b"caf\xe9");
        }
        assert_eq!(MailboxName::new("a\0"), Err(InvalidName::Nul));
    }
}
