//! Sections of a message: what stands in the brackets of `BODY[..]`.
use crate::{AString, Deviations, Dialect, Leniency, encode, grammar};
use alloc::vec::Vec;
use bytes::Bytes;
use core::{fmt, str::FromStr};
use mail_wire::{
    ParseError,
    span::{self, Span},
};

/// A section of a message: `1.2.HEADER.FIELDS (From To)`
/// ([RFC 9051 §6.4.5.1](https://www.rfc-editor.org/rfc/rfc9051#section-6.4.5.1)).
///
/// It is its own text: parts and field names are read from it when they are asked for.
///
/// ```
/// use imap_proto::{Section, SectionText};
/// let section = "1.2.HEADER.FIELDS (From To)".parse::<Section>()?;
/// assert!(section.part().eq([1, 2]));
/// assert_eq!(section.text(), SectionText::HeaderFields);
/// assert!(section.fields().eq(["From", "To"]));
/// assert_eq!(section, Section::header_fields(&[1, 2], &["FROM", "TO"])?);
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Clone)]
pub struct Section {
    /// What stands between the brackets.
    octets: Bytes,
    /// So many octets of it tell the part.
    part: u32,
    /// Where the list of field names begins.
    fields: u32,
    text: SectionText,
}

/// Which text of a part is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum SectionText {
    /// All of it: the message, or the part's body.
    #[default]
    Whole,
    /// `HEADER`: the header of the message.
    Header,
    /// `HEADER.FIELDS`: the fields of these names alone.
    HeaderFields,
    /// `HEADER.FIELDS.NOT`: all fields but those of these names.
    HeaderFieldsNot,
    /// `TEXT`: what stands behind the header of the message.
    Text,
    /// `MIME`: the header of the part.
    Mime,
}

/// Some octets of a section: so many, from this one on
/// ([RFC 9051 §6.4.5](https://www.rfc-editor.org/rfc/rfc9051#section-6.4.5)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Partial {
    offset: u64,
    octets: u64,
}

impl SectionText {
    /// The text as it is written.
    pub(crate) fn keyword(self) -> &'static str {
        match self {
            Self::Whole => "",
            Self::Header => "HEADER",
            Self::HeaderFields => "HEADER.FIELDS",
            Self::HeaderFieldsNot => "HEADER.FIELDS.NOT",
            Self::Text => "TEXT",
            Self::Mime => "MIME",
        }
    }
}

impl Section {
    /// The whole message: `BODY[]`.
    pub const WHOLE: Self = Self::fixed("", SectionText::Whole);
    /// The header of the message: `BODY[HEADER]`.
    pub const HEADER: Self = Self::fixed("HEADER", SectionText::Header);
    /// What stands behind the header: `BODY[TEXT]`.
    pub const TEXT: Self = Self::fixed("TEXT", SectionText::Text);

    const fn fixed(octets: &'static str, text: SectionText) -> Self {
        Self { octets: Bytes::from_static(octets.as_bytes()), part: 0, fields: 0, text }
    }

    /// A part of the message; of none, the message.
    ///
    /// # Errors
    /// A number is 0.
    pub fn of_part(part: &[u32]) -> Result<Self, ParseError> {
        Self::build(part, SectionText::Whole, &[])
    }

    /// The MIME header of a part.
    ///
    /// # Errors
    /// A number is 0, or there is none.
    pub fn mime(part: &[u32]) -> Result<Self, ParseError> {
        Self::build(part, SectionText::Mime, &[])
    }

    /// The header of a message inside of the message.
    ///
    /// # Errors
    /// A number is 0.
    pub fn header(part: &[u32]) -> Result<Self, ParseError> {
        Self::build(part, SectionText::Header, &[])
    }

    /// Fields of a header, by name.
    ///
    /// # Errors
    /// A number is 0, there is no name, or one holds NUL.
    pub fn header_fields(part: &[u32], names: &[&str]) -> Result<Self, ParseError> {
        Self::build(part, SectionText::HeaderFields, names)
    }

    /// All fields of a header, but for those of these names.
    ///
    /// # Errors
    /// A number is 0, there is no name, or one holds NUL.
    pub fn header_fields_not(part: &[u32], names: &[&str]) -> Result<Self, ParseError> {
        Self::build(part, SectionText::HeaderFieldsNot, names)
    }

    /// Writes it, and reads it by the same rules as one that came in.
    fn build(part: &[u32], text: SectionText, names: &[&str]) -> Result<Self, ParseError> {
        let mut octets = Vec::new();
        encode::section::section(
            part.iter().copied(),
            text,
            names.iter().map(|name| name.as_bytes()),
            &mut octets,
        );
        Self::read(octets.into())
    }

    fn read(octets: Bytes) -> Result<Self, ParseError> {
        let mut deviations = Deviations::new();
        let mut tolerance = grammar::Tolerance::new(&octets, &Dialect::default(), &mut deviations);
        span::parse(&octets, |i| grammar::section::section_spec(i, &mut tolerance))
    }

    /// Of what the grammar has found: `part` octets tell the part, the names begin at `fields`.
    pub(crate) fn from_checked(octets: Bytes, part: usize, fields: usize, text: SectionText) -> Self {
        // A section is part of a unit, and those are far shorter; past that its fields would read as none.
        let place = |place: usize| u32::try_from(place).unwrap_or(u32::MAX);
        let octets = if octets.is_empty() { Bytes::new() } else { octets };
        Self { octets, part: place(part), fields: place(fields), text }
    }

    /// The numbers that lead to the part; none for the message itself.
    pub fn part(&self) -> impl Iterator<Item = u32> + '_ {
        let part = self.octets.get(..self.part as usize).unwrap_or_default();
        let numbers = part.split(|octet| *octet == b'.').filter(|number| !number.is_empty());
        numbers.map(|number| {
            number.iter().fold(0, |value: u32, digit| {
                value.wrapping_mul(10).wrapping_add(u32::from(digit.wrapping_sub(b'0')))
            })
        })
    }

    /// Which text of the part is meant.
    pub fn text(&self) -> SectionText {
        self.text
    }

    /// The names of header fields that are asked for, or are not.
    pub fn fields(&self) -> impl Iterator<Item = AString> + '_ {
        let dialect = Dialect::new(Leniency::LENIENT);
        let mut at = match self.text {
            SectionText::HeaderFields | SectionText::HeaderFieldsNot => self.fields as usize + 1,
            _ => self.octets.len(),
        };
        core::iter::from_fn(move || {
            let mut rest = Span::new(&self.octets).part(at).0;
            while rest.first() == Some(b' ') {
                rest = rest.part(1).0;
            }
            let mut deviations = Deviations::new();
            let mut tolerance = grammar::Tolerance::new(&self.octets, &dialect, &mut deviations);
            let (rest, name) = grammar::string::astring(rest, &mut tolerance).ok()?;
            at = self.octets.len() - rest.text().len();
            Some(name)
        })
    }

    /// A copy of just its octets, free of the block it was read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self { octets: Bytes::copy_from_slice(&self.octets), ..*self }
    }
}

impl Partial {
    /// So many octets, from the one at `offset` on. `None` where a number is too large, or no octet is asked for.
    pub fn new(offset: u64, octets: u64) -> Option<Self> {
        let limit = i64::MAX as u64;
        (offset <= limit && octets <= limit && octets > 0).then_some(Self { offset, octets })
    }

    /// Where it begins, from 0.
    pub fn offset(self) -> u64 {
        self.offset
    }

    /// At most so many octets.
    pub fn octets(self) -> u64 {
        self.octets
    }
}

impl PartialEq for Section {
    fn eq(&self, other: &Self) -> bool {
        let same = |(one, other): (AString, AString)| one.as_bytes().eq_ignore_ascii_case(other.as_bytes());
        self.text == other.text
            && self.part().eq(other.part())
            && self.fields().count() == other.fields().count()
            && self.fields().zip(other.fields()).all(same)
    }
}

impl Eq for Section {}

impl core::hash::Hash for Section {
    fn hash<H: core::hash::Hasher>(&self, state: &mut H) {
        self.text.hash(state);
        self.part().for_each(|number| number.hash(state));
        self.fields().for_each(|name| name.as_bytes().to_ascii_lowercase().hash(state));
    }
}

impl FromStr for Section {
    type Err = ParseError;
    fn from_str(text: &str) -> Result<Self, ParseError> {
        Self::read(Bytes::copy_from_slice(text.as_bytes()))
    }
}

impl fmt::Display for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&alloc::string::String::from_utf8_lossy(&self.octets))
    }
}

impl fmt::Debug for Section {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "[{self}]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    // covers rfc3501 6.4.5 fields-not
    // covers rfc3501 6.4.5 mime-of-a-part
    #[test]
    fn sections_read_as_they_are_written() {
        for (text, part, kind, fields) in [
            ("", &[][..], SectionText::Whole, &[][..]),
            ("HEADER", &[], SectionText::Header, &[]),
            ("TEXT", &[], SectionText::Text, &[]),
            ("1", &[1], SectionText::Whole, &[]),
            ("4.2.1.MIME", &[4, 2, 1], SectionText::Mime, &[]),
            ("3.HEADER", &[3], SectionText::Header, &[]),
            ("3.TEXT", &[3], SectionText::Text, &[]),
            ("HEADER.FIELDS (DATE FROM)", &[], SectionText::HeaderFields, &["DATE", "FROM"]),
            ("1.HEADER.FIELDS.NOT (\"a b\" {2}\r\nc])", &[1], SectionText::HeaderFieldsNot, &["a b", "c]"]),
        ] {
            let section = text.parse::<Section>().unwrap();
            assert_eq!(section.part().collect::<Vec<_>>(), part, "{text}");
            assert_eq!(section.text(), kind);
            assert_eq!(section.fields().collect::<Vec<_>>(), fields);
            assert_eq!(section.to_string(), text);
            assert_eq!(Section::build(part, kind, fields), Ok(section));
        }
        assert_eq!(Section::WHOLE, "".parse().unwrap());
        assert_eq!(Section::HEADER, "header".parse().unwrap());
    }

    // covers rfc3501 9 nz-number
    // covers rfc3501 4.3.1 no-nul-in-literals
    // covers rfc3501 9 no-empty-header-list
    #[test]
    fn what_is_no_section_is_refused() {
        for (text, message) in [
            ("MIME", "expected HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT or TEXT at octet 0, found 'M'"),
            ("0", "expected a number above zero at octet 0, found '0'"),
            (
                "1.",
                "expected HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or MIME at octet 2, found the end",
            ),
            ("1..2", "expected HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or MIME at octet 2, found '.'"),
            (
                "1.HEADERS",
                "expected HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT, TEXT or MIME at octet 2, found 'H'",
            ),
            ("HEADER.FIELDS", "expected a space at octet 13, found the end"),
            ("HEADER.FIELDS ()", "expected the name of a header field at octet 15, found ')'"),
            ("TEXT.1", "expected HEADER, HEADER.FIELDS, HEADER.FIELDS.NOT or TEXT at octet 0, found 'T'"),
            ("1]", "expected the end at octet 1, found ']'"),
        ] {
            assert_eq!(text.parse::<Section>().unwrap_err().to_string(), message, "{text}");
        }
        assert!(Section::of_part(&[0]).is_err() && Section::mime(&[]).is_err());
        assert!(Section::header_fields(&[], &[]).is_err());
        assert!(Section::header_fields(&[], &["a\0"]).is_err());
        let odd = Section::header_fields(&[], &["a\r\nx LOGOUT"]).unwrap();
        assert!(odd.fields().eq(["a\r\nx LOGOUT"]));
        assert_eq!(Partial::new(0, 0), None);
    }
}
