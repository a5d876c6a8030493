//! Languages, as LANG has them ([RFC 6856 §3](https://www.rfc-editor.org/rfc/rfc6856#section-3)).
use crate::{InvalidLanguage, grammar};
use bytes::Bytes;
use core::{fmt, hash};
use mail_wire::{ParseError, Text, span};

/// The name of a language: letters, then letters and digits, with `-` between them, as in `en-boont`. The same in
/// upper and lower case.
#[derive(Clone)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct LanguageTag(Text);

impl LanguageTag {
    /// This tag.
    ///
    /// # Errors
    /// It is not 1 to 8 letters, and further parts of 1 to 8 letters and digits with `-` between them.
    pub fn new(tag: impl Into<Bytes>) -> Result<Self, InvalidLanguage> {
        span::parse(&tag.into(), grammar::language_tag).map_err(|_| InvalidLanguage::Tag)
    }

    pub(crate) fn checked(tag: Text) -> Self {
        Self(tag)
    }

    /// The tag as text, which is ASCII.
    pub fn as_str(&self) -> &str {
        self.0.as_str().unwrap_or_default()
    }

    /// A copy that lets go of the block it was read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self(self.0.detach())
    }

    /// Is this `general`, or a more special one of it: `en-boont` is of `en`?
    pub(crate) fn is_of(&self, general: &str) -> bool {
        let (tag, general) = (self.as_str().as_bytes(), general.as_bytes());
        tag.get(..general.len()).is_some_and(|front| front.eq_ignore_ascii_case(general))
            && matches!(tag.get(general.len()), None | Some(b'-'))
    }
}

impl PartialEq for LanguageTag {
    fn eq(&self, other: &Self) -> bool {
        self.as_str().eq_ignore_ascii_case(other.as_str())
    }
}

impl Eq for LanguageTag {}

impl hash::Hash for LanguageTag {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.as_str().bytes().for_each(|octet| state.write_u8(octet.to_ascii_lowercase()));
    }
}

impl fmt::Debug for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self.as_str(), f)
    }
}

impl fmt::Display for LanguageTag {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Which language LANG asks for: a basic language range
/// ([RFC 4647 §2.1](https://www.rfc-editor.org/rfc/rfc4647#section-2.1)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum LanguageRange {
    /// `*`: the one that the server prefers.
    Any,
    /// This one, or a more special one of it.
    Tag(LanguageTag),
}

impl LanguageRange {
    /// Is `tag` in this range ([RFC 4647 §3.3.1](https://www.rfc-editor.org/rfc/rfc4647#section-3.3.1))?
    pub fn matches(&self, tag: &LanguageTag) -> bool {
        match self {
            // rule rfc6856 3.2 lang-any: `*` asks for the language that the server prefers [instead: false]
            Self::Any => true,
            Self::Tag(general) => tag.is_of(general.as_str()),
        }
    }
}

/// A language, and words in it: one line of what LANG alone is answered with, or what LANG with a range is.
///
/// `language-listing = language-tag [SP description]`, at most 506 octets.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Language {
    pub(crate) tag: LanguageTag,
    pub(crate) words: Option<Text>,
}

impl Language {
    /// Most octets of tag and words: what a line of 512 has room for behind `+OK` and a space.
    pub const MAX: usize = 512 - "+OK \r\n".len();

    /// This language, and words in it: its own name for itself.
    ///
    /// # Errors
    /// They pass the line.
    pub fn new(tag: LanguageTag, words: Option<Text>) -> Result<Self, InvalidLanguage> {
        let octets = tag.as_str().len() + words.as_ref().map_or(0, |words| 1 + words.len());
        // rule rfc2449 4 language-512: a line of LANG has at most 512 octets
        if octets > Self::MAX {
            return Err(InvalidLanguage::TooLong { octets });
        }
        Ok(Self { tag, words })
    }

    /// Reads a line of what LANG is answered with, without its CRLF.
    ///
    /// # Errors
    /// The line does not follow the grammar.
    pub fn parse(line: &Bytes) -> Result<Self, ParseError> {
        span::parse(line, grammar::language)
    }

    /// The language.
    pub fn tag(&self) -> &LanguageTag {
        &self.tag
    }

    /// Words in it, mostly UTF-8.
    pub fn words(&self) -> Option<&Text> {
        self.words.as_ref()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{string::ToString, vec::Vec};

    fn tag(tag: &'static str) -> LanguageTag {
        LanguageTag::new(tag).unwrap()
    }

    // covers rfc6856 3.2 lang-any
    #[test]
    fn a_range_takes_the_languages_below_it_and_no_neighbours() {
        let tags = ["en", "en-boont", "EN-US", "eng", "de", "de-CH-1901"].map(tag);
        let matched = |range: LanguageRange| -> Vec<&str> {
            tags.iter().filter(|tag| range.matches(tag)).map(LanguageTag::as_str).collect()
        };
        assert_eq!(matched(LanguageRange::Any).len(), 6);
        assert_eq!(matched(LanguageRange::Tag(tag("en"))), ["en", "en-boont", "EN-US"]);
        assert_eq!(matched(LanguageRange::Tag(tag("de-ch"))), ["de-CH-1901"]);
        assert_eq!(matched(LanguageRange::Tag(tag("en-GB"))), [""; 0]);
    }

    #[test]
    fn a_tag_is_letters_and_digits_and_the_same_in_any_case() {
        assert_eq!(tag("en-Boont"), tag("EN-boont"));
        assert_ne!(tag("en"), tag("eng"));
        for broken in
            ["", "*", "e n", "en-", "-en", "1en", "en--us", "abcdefghi", "en_US", "en\r\n.", "\u{e9}"]
        {
            let error = LanguageTag::new(broken).unwrap_err();
            assert_eq!(error.to_string(), "not a language tag", "{broken}");
        }
    }

    // covers rfc2449 4 language-512
    #[test]
    fn a_language_fits_its_line() {
        let words = |octets: usize| Some(Text::new("x".repeat(octets)).unwrap());
        assert!(Language::new(tag("en"), words(503)).is_ok());
        let error = Language::new(tag("en"), words(504)).unwrap_err();
        assert_eq!(error.to_string(), "language and words of 507 octets where 506 fit a line of 512");
    }
}
