//! What extensions add to MAIL and RCPT.
use crate::{
    Deviations, Leniency, Mailbox,
    grammar::{self, Tolerance, parameter::ParametersPlace},
    xtext,
};
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;
use mail_wire::{
    Output, ParseError,
    span::{self, Key, Parsed, Span, fold},
};

/// The parameters of MAIL: `esmtp-param *(SP esmtp-param)`
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
///
/// Typed ones were checked when they were read, so their accessors cannot fail; none stands twice. Two lists are
/// equal when they hold the same values in the same order, however the keywords are capitalised.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct MailParameters<'a>(Listed<'a>);

/// The parameters of RCPT, as [`MailParameters`]. None is typed yet.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct RcptParameters<'a>(Listed<'a>);

/// What a message is made of: `BODY=`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Body {
    /// `7BIT`: lines of ASCII ([RFC 6152](https://www.rfc-editor.org/rfc/rfc6152)).
    SevenBit,
    /// `8BITMIME`: lines of octets ([RFC 6152](https://www.rfc-editor.org/rfc/rfc6152)).
    EightBitMime,
    /// `BINARYMIME`: octets, not lines, so that it needs BDAT ([RFC 3030 §3](https://www.rfc-editor.org/rfc/rfc3030#section-3)).
    BinaryMime,
}

/// Who first submitted a message: `AUTH=` ([RFC 4954 §5](https://www.rfc-editor.org/rfc/rfc4954#section-5)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum Submitter {
    /// `<>`: not known, or not trusted.
    Unknown,
    /// This mailbox.
    Mailbox(Mailbox),
}

const SIZE: Key = fold(b"SIZE");
const BODY: Key = fold(b"BODY");
const SMTPUTF8: Key = fold(b"SMTPUTF8");
const AUTH: Key = fold(b"AUTH");
const SEVEN_BIT: Key = fold(b"7BIT");
const EIGHT_BIT_MIME: Key = fold(b"8BITMIME");
const BINARY_MIME: Key = fold(b"BINARYMIME");

/// Which of the typed parameters a list holds: one bit each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Known(u32);

impl Known {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const SIZE: Self = Self(1);
    pub(crate) const BODY: Self = Self(1 << 1);
    pub(crate) const SMTPUTF8: Self = Self(1 << 2);
    pub(crate) const AUTH: Self = Self(1 << 3);

    /// What this keyword is in MAIL.
    #[inline]
    pub(crate) fn of_mail(keyword: Key) -> Option<Self> {
        match keyword {
            SIZE => Some(Self::SIZE),
            BODY => Some(Self::BODY),
            SMTPUTF8 => Some(Self::SMTPUTF8),
            AUTH => Some(Self::AUTH),
            _ => None,
        }
    }

    #[inline]
    pub(crate) fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    #[inline]
    pub(crate) fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl<'a> MailParameters<'a> {
    /// `SIZE`: about how many octets the message has ([RFC 1870 §6](https://www.rfc-editor.org/rfc/rfc1870#section-6)).
    pub fn size(self) -> Option<u64> {
        self.value(Known::SIZE, SIZE)?.parse().ok()
    }

    /// `BODY`: what the message is made of.
    pub fn body(self) -> Option<Body> {
        Body::from_keyword(self.value(Known::BODY, BODY)?.as_bytes())
    }

    /// `SMTPUTF8`: may addresses and header fields be UTF-8? ([RFC 6531 §3.4](https://www.rfc-editor.org/rfc/rfc6531#section-3.4))
    pub fn smtputf8(self) -> bool {
        self.0.known.has(Known::SMTPUTF8)
    }

    /// `AUTH`: who first submitted the message. Decoded anew each time.
    pub fn auth(self) -> Option<Submitter> {
        let text = xtext::decode(self.value(Known::AUTH, AUTH)?.as_bytes()).ok()?;
        grammar::parameter::submitter(text).ok()
    }

    /// All, in order: keyword as it was written, and value.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.0.iter()
    }

    /// Those that this library has no type for. A server that does not know them either answers 555
    /// ([RFC 5321 §4.1.1.11](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.11)).
    pub fn unknown(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.0.iter().filter(|(keyword, _)| Known::of_mail(fold(keyword.as_bytes())).is_none())
    }

    /// Is there none?
    pub fn is_empty(self) -> bool {
        self.0.text.is_empty()
    }

    pub(crate) fn of(listed: Listed<'a>) -> Self {
        Self(listed)
    }

    fn value(self, known: Known, keyword: Key) -> Option<&'a str> {
        if self.0.known.has(known) { self.0.find(keyword)? } else { None }
    }
}

impl<'a> RcptParameters<'a> {
    /// All, in order: keyword as it was written, and value.
    pub fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.0.iter()
    }

    /// Those that this library has no type for. A server that does not know them either answers 555
    /// ([RFC 5321 §4.1.1.11](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.11)).
    pub fn unknown(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.0.iter()
    }

    /// Is there none?
    pub fn is_empty(self) -> bool {
        self.0.text.is_empty()
    }

    pub(crate) fn of(listed: Listed<'a>) -> Self {
        Self(listed)
    }
}

impl fmt::Debug for MailParameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl fmt::Debug for RcptParameters<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}

impl Body {
    /// How it is written.
    pub fn keyword(self) -> &'static str {
        match self {
            Self::SevenBit => "7BIT",
            Self::EightBitMime => "8BITMIME",
            Self::BinaryMime => "BINARYMIME",
        }
    }

    pub(crate) fn from_keyword(keyword: &[u8]) -> Option<Self> {
        match fold(keyword) {
            SEVEN_BIT => Some(Self::SevenBit),
            EIGHT_BIT_MIME => Some(Self::EightBitMime),
            BINARY_MIME => Some(Self::BinaryMime),
            _ => None,
        }
    }
}

/// The parameters of a command: where their text is, and which are known.
///
/// As a line was read they stand in the text of its path, which is held once; else they have one of their own.
#[derive(Debug, Clone, Default)]
pub(crate) struct List {
    /// Where they stand in the path's text, to its end; 0 where they do not.
    start: usize,
    text: Bytes,
    known: Known,
}

/// Parameters as they were written, with spaces between and perhaps in front: UTF-8, checked by the grammar.
///
/// A list is rarely longer than three, so that looking through it costs less than keeping places would.
#[derive(Clone, Copy)]
pub(crate) struct Listed<'a> {
    text: &'a [u8],
    known: Known,
}

impl List {
    /// Of parameters that the grammar has found at the end of a line. What the path keeps of the line, to its end, is
    /// `path`.
    #[inline]
    pub(crate) fn of(place: ParametersPlace, path: &Bytes) -> Self {
        let start = if place.left == 0 { 0 } else { path.len().saturating_sub(place.left) };
        Self { start, text: Bytes::new(), known: place.known }
    }

    /// Of parameters that the grammar has found in a text of their own.
    #[inline]
    pub(crate) fn of_own(place: ParametersPlace, text: Bytes) -> Self {
        Self { start: 0, text, known: place.known }
    }

    /// What is listed, where the text of the path is `path`.
    pub(crate) fn listed<'a>(&'a self, path: &'a [u8]) -> Listed<'a> {
        let text = if self.start == 0 { &self.text } else { path.get(self.start..).unwrap_or_default() };
        Listed { text, known: self.known }
    }
}

impl<'a> Listed<'a> {
    fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let text = core::str::from_utf8(self.text).unwrap_or_default();
        text.split(' ').filter(|parameter| !parameter.is_empty()).map(|parameter| {
            match parameter.split_once('=') {
                Some((keyword, value)) => (keyword, Some(value)),
                None => (parameter, None),
            }
        })
    }

    /// The value of the parameter with this keyword, which has at most 15 octets.
    fn find(self, keyword: Key) -> Option<Option<&'a str>> {
        self.iter().find(|(name, _)| fold(name.as_bytes()) == keyword).map(|(_, value)| value)
    }

    /// The same and one more, as `rule` reads it.
    pub(crate) fn with(
        self,
        keyword: &str,
        value: Option<&str>,
        rule: impl for<'s> Fn(Span<'s>, &mut Tolerance<'_>) -> Parsed<'s, ParametersPlace>,
    ) -> Result<List, ParseError> {
        span::parse_text(keyword.as_bytes(), |i| {
            grammar::parameter::esmtp_keyword(i).map(|(rest, _)| (rest, ()))
        })?;
        if let Some(value) = value {
            span::parse_text(value.as_bytes(), grammar::parameter::esmtp_value)?;
        }
        let mut text = Vec::from(self.text);
        push(&mut text, keyword, value.map(str::as_bytes));
        // Spaces were perhaps tolerated in what stood there before.
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(&text, Leniency::LENIENT, &mut deviations);
        let place = span::parse_text(&text, |i| rule(i, &mut tolerance))?;
        Ok(List::of_own(place, text.into()))
    }

    /// The same with a parameter of MAIL set to a value that is known to be valid.
    fn set(self, keyword: &str, known: Known, value: Option<&[u8]>) -> List {
        let mut text = Vec::with_capacity(self.text.len() + keyword.len() + 22);
        for (name, value) in self.iter().filter(|(name, _)| !name.eq_ignore_ascii_case(keyword)) {
            push(&mut text, name, value.map(str::as_bytes));
        }
        push(&mut text, keyword, value);
        List { start: 0, text: text.into(), known: self.known.with(known) }
    }

    pub(crate) fn set_size(self, octets: u64) -> List {
        let mut digits = Vec::with_capacity(20);
        digits.number(octets);
        self.set("SIZE", Known::SIZE, Some(&digits))
    }

    pub(crate) fn set_body(self, body: Body) -> List {
        self.set("BODY", Known::BODY, Some(body.keyword().as_bytes()))
    }

    pub(crate) fn set_smtputf8(self) -> List {
        self.set("SMTPUTF8", Known::SMTPUTF8, None)
    }

    pub(crate) fn set_auth(self, submitter: &Submitter) -> List {
        let mut value = Vec::new();
        match submitter {
            Submitter::Unknown => value.text(b"<>"),
            Submitter::Mailbox(mailbox) => xtext::encode(mailbox.as_str().as_bytes(), &mut value),
        }
        self.set("AUTH", Known::AUTH, Some(&value))
    }
}

fn push(text: &mut Vec<u8>, keyword: &str, value: Option<&[u8]>) {
    if !text.is_empty() {
        text.push(b' ');
    }
    text.extend_from_slice(keyword.as_bytes());
    if let Some(value) = value {
        text.push(b'=');
        text.extend_from_slice(value);
    }
}

impl PartialEq for Listed<'_> {
    fn eq(&self, other: &Self) -> bool {
        let alike = |((one, value), (two, other)): ((&str, _), (&str, _))| {
            one.eq_ignore_ascii_case(two) && value == other
        };
        self.iter().count() == other.iter().count() && self.iter().zip(other.iter()).all(alike)
    }
}

impl Eq for Listed<'_> {}
