//! Tags of commands.
use crate::grammar;
use alloc::boxed::Box;
use core::{
    cmp::Ordering,
    fmt,
    hash::{Hash, Hasher},
    str::FromStr,
};
use mail_wire::{ParseError, span};

/// What a client calls a command, so that its answer can be told:
/// `1*<any ASTRING-CHAR except "+">` ([RFC 9051 §9](https://www.rfc-editor.org/rfc/rfc9051#section-9)).
///
/// It has its own octets, and keeps no block alive that it was read in. One of up to 22 octets, which is more than
/// most clients take, needs no memory of its own.
///
/// ```
/// use imap_proto::Tag;
/// assert_eq!("a001".parse::<Tag>()?.as_str(), "a001");
/// assert!("a+1".parse::<Tag>().is_err());
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Tag(Repr);

#[derive(Clone)]
enum Repr {
    /// So many of these octets.
    Short(u8, [u8; SHORT]),
    Long(Box<[u8]>),
}

/// With its length, and with which of both it is, as wide as a `Vec`.
const SHORT: usize = 22;

impl Tag {
    /// Checks and copies it.
    ///
    /// # Errors
    /// It is empty, or holds what may not stand in a tag.
    pub fn new(tag: &str) -> Result<Self, ParseError> {
        span::parse_text(tag.as_bytes(), grammar::leaf::tag)
    }

    /// The tag.
    pub fn as_str(&self) -> &str {
        // ASCII, checked when it was made.
        core::str::from_utf8(self.as_bytes()).unwrap_or_default()
    }

    fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Repr::Short(len, octets) => octets.get(..usize::from(*len)).unwrap_or_default(),
            Repr::Long(octets) => octets,
        }
    }

    /// Of octets that the grammar has checked.
    #[inline]
    pub(crate) fn from_checked(tag: &[u8]) -> Self {
        let mut octets = [0; SHORT];
        match (u8::try_from(tag.len()), octets.get_mut(..tag.len())) {
            (Ok(len), Some(short)) => {
                short.copy_from_slice(tag);
                Self(Repr::Short(len, octets))
            }
            _ => Self(Repr::Long(tag.into())),
        }
    }
}

impl PartialEq for Tag {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Tag {}

impl Hash for Tag {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl PartialOrd for Tag {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Tag {
    fn cmp(&self, other: &Self) -> Ordering {
        self.as_bytes().cmp(other.as_bytes())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Tag {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for Tag {
    type Err = ParseError;
    fn from_str(tag: &str) -> Result<Self, ParseError> {
        Self::new(tag)
    }
}

impl TryFrom<&str> for Tag {
    type Error = ParseError;
    fn try_from(tag: &str) -> Result<Self, ParseError> {
        Self::new(tag)
    }
}

impl fmt::Debug for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.as_str().fmt(f)
    }
}

impl fmt::Display for Tag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{collections::HashSet, format};

    #[test]
    fn a_tag_is_the_same_however_long_it_is() {
        assert_eq!(size_of::<Tag>(), 24);
        let mut found = HashSet::new();
        for octets in 1..=300 {
            let text = "a1".repeat(octets).split_off(octets);
            let tag = Tag::new(&text).unwrap();
            assert_eq!(tag.as_str(), text);
            assert_eq!(format!("{tag} {tag:?}"), format!("{text} {text:?}"));
            assert!(tag == tag.clone() && found.insert(tag.clone()) && !found.insert(tag));
        }
        let mut tags = ["b", "ab", "aaaaaaaaaaaaaaaaaaaaaaaaaaa", "a"].map(|tag| Tag::new(tag).unwrap());
        tags.sort();
        assert!(tags.iter().map(Tag::as_str).eq(["a", "aaaaaaaaaaaaaaaaaaaaaaaaaaa", "ab", "b"]));
    }
}
