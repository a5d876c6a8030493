//! What a string of a SEARCH looks for.
use super::{super::text::fold, InvalidSearch};
use imap_proto::AString;
use memchr::memmem::Finder;

/// What the strings of a SEARCH are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Charset {
    Ascii,
    Utf8,
}

/// A string to look for, whatever the case of its letters.
#[derive(Debug, Clone)]
pub(super) struct Needle(Finder<'static>);

impl Charset {
    /// The charset of this name; US-ASCII where none is told.
    pub(super) fn of(name: Option<&AString>) -> Result<Self, InvalidSearch> {
        let Some(name) = name else { return Ok(Self::Ascii) };
        let is = |charset: &str| name.as_bytes().eq_ignore_ascii_case(charset.as_bytes());
        match () {
            () if is("US-ASCII") => Ok(Self::Ascii),
            () if is("UTF-8") => Ok(Self::Utf8),
            () => Err(InvalidSearch::BadCharset),
        }
    }
}

impl Needle {
    /// `None` where the octets are no text of the charset: they are found nowhere.
    pub(super) fn new(string: &AString, charset: Charset) -> Option<Self> {
        let text = string.as_str().ok().filter(|text| charset == Charset::Utf8 || text.is_ascii())?;
        Some(Self(Finder::new(fold(text).as_bytes()).into_owned()))
    }

    /// Does it stand in this text, which is folded?
    pub(super) fn is_in(&self, text: &str) -> bool {
        self.0.find(text.as_bytes()).is_some()
    }

    /// Does it stand in a field of a header, in its name or its value, as they are written?
    pub(super) fn is_in_field(&self, name: &str, value: &str) -> bool {
        self.is_in(value) || self.is_in(&format!("{name}: {value}"))
    }
}
