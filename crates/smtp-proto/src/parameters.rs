//! What extensions add to MAIL and RCPT.
use crate::{
    Deviations, Leniency, Mailbox,
    grammar::{self, Tolerance},
    xtext,
};
use alloc::vec::Vec;
use bytes::Bytes;
use core::fmt;
use mail_wire::{
    Output, ParseError,
    span::{self, Key, fold},
};

/// The parameters of MAIL: `esmtp-param *(SP esmtp-param)`
/// ([RFC 5321 §4.1.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.2)).
///
/// Typed ones were checked when they were read, so their accessors cannot fail; none stands twice. Two lists are
/// equal when they hold the same values in the same order, however the keywords are capitalised.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MailParameters(List);

/// The parameters of RCPT, as [`MailParameters`]. None is typed yet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RcptParameters(List);

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

pub(crate) const SIZE: Key = fold(b"SIZE");
pub(crate) const BODY: Key = fold(b"BODY");
pub(crate) const SMTPUTF8: Key = fold(b"SMTPUTF8");
pub(crate) const AUTH: Key = fold(b"AUTH");

impl MailParameters {
    /// `SIZE`: about how many octets the message has ([RFC 1870 §6](https://www.rfc-editor.org/rfc/rfc1870#section-6)).
    pub fn size(&self) -> Option<u64> {
        self.0.find(SIZE)??.parse().ok()
    }

    /// `BODY`: what the message is made of.
    pub fn body(&self) -> Option<Body> {
        Body::from_keyword(self.0.find(BODY)??.as_bytes())
    }

    /// `SMTPUTF8`: may addresses and header fields be UTF-8? ([RFC 6531 §3.4](https://www.rfc-editor.org/rfc/rfc6531#section-3.4))
    pub fn smtputf8(&self) -> bool {
        self.0.find(SMTPUTF8).is_some()
    }

    /// `AUTH`: who first submitted the message. Decoded anew each time.
    pub fn auth(&self) -> Option<Submitter> {
        let text = xtext::decode(self.0.find(AUTH)??.as_bytes()).ok()?;
        grammar::parameter::submitter(text).ok()
    }

    /// All, in order: keyword as it was written, and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter()
    }

    /// Those that this library has no type for. A server that does not know them either answers 555
    /// ([RFC 5321 §4.1.1.11](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.11)).
    pub fn unknown(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter().filter(|(keyword, _)| !Self::knows(fold(keyword.as_bytes())))
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.0.text.is_empty()
    }

    /// Adds one, by the same rules as those that were read.
    ///
    /// # Errors
    /// Keyword or value does not follow the grammar, or the keyword is there already.
    pub fn with(self, keyword: &str, value: Option<&str>) -> Result<Self, ParseError> {
        let text = self.0.and(keyword, value)?;
        // Spaces were perhaps tolerated in what stood there before.
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(&text, Leniency::LENIENT, &mut deviations);
        span::parse(&text, |i| grammar::parameter::mail_parameters(i, &mut tolerance))
    }

    /// Sets `SIZE`.
    pub fn set_size(&mut self, octets: u64) {
        let mut digits = Vec::with_capacity(20);
        digits.number(octets);
        self.0.set("SIZE", SIZE, Some(&digits));
    }

    /// Sets `BODY`.
    pub fn set_body(&mut self, body: Body) {
        self.0.set("BODY", BODY, Some(body.keyword().as_bytes()));
    }

    /// Sets `SMTPUTF8`.
    pub fn set_smtputf8(&mut self) {
        self.0.set("SMTPUTF8", SMTPUTF8, None);
    }

    /// Sets `AUTH`.
    pub fn set_auth(&mut self, submitter: &Submitter) {
        let mut value = Vec::new();
        match submitter {
            Submitter::Unknown => value.text(b"<>"),
            Submitter::Mailbox(mailbox) => xtext::encode(mailbox.as_str().as_bytes(), &mut value),
        }
        self.0.set("AUTH", AUTH, Some(&value));
    }

    pub(crate) fn knows(keyword: Key) -> bool {
        matches!(keyword, SIZE | BODY | SMTPUTF8 | AUTH)
    }

    pub(crate) fn from_checked(text: Bytes) -> Self {
        Self(List { text })
    }
}

impl RcptParameters {
    /// All, in order: keyword as it was written, and value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter()
    }

    /// Those that this library has no type for. A server that does not know them either answers 555
    /// ([RFC 5321 §4.1.1.11](https://www.rfc-editor.org/rfc/rfc5321#section-4.1.1.11)).
    pub fn unknown(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        self.0.iter()
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.0.text.is_empty()
    }

    /// Adds one, by the same rules as those that were read.
    ///
    /// # Errors
    /// Keyword or value does not follow the grammar, or the keyword is there already.
    pub fn with(self, keyword: &str, value: Option<&str>) -> Result<Self, ParseError> {
        let text = self.0.and(keyword, value)?;
        // Spaces were perhaps tolerated in what stood there before.
        let mut deviations = Deviations::new();
        let mut tolerance = Tolerance::new(&text, Leniency::LENIENT, &mut deviations);
        span::parse(&text, |i| grammar::parameter::rcpt_parameters(i, &mut tolerance))
    }

    pub(crate) fn from_checked(text: Bytes) -> Self {
        Self(List { text })
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
        [Self::SevenBit, Self::EightBitMime, Self::BinaryMime]
            .into_iter()
            .find(|body| keyword.eq_ignore_ascii_case(body.keyword().as_bytes()))
    }
}

/// Parameters as they were written, with spaces between and perhaps in front: UTF-8, checked by the grammar.
///
/// A list is rarely longer than three, so that looking through it costs less than keeping places would.
#[derive(Clone, Default)]
struct List {
    text: Bytes,
}

impl List {
    fn iter(&self) -> impl Iterator<Item = (&str, Option<&str>)> {
        let text = core::str::from_utf8(&self.text).unwrap_or_default();
        text.split(' ').filter(|parameter| !parameter.is_empty()).map(|parameter| {
            match parameter.split_once('=') {
                Some((keyword, value)) => (keyword, Some(value)),
                None => (parameter, None),
            }
        })
    }

    /// The value of the parameter with this keyword, which has at most 15 octets.
    fn find(&self, keyword: Key) -> Option<Option<&str>> {
        self.iter().find(|(name, _)| fold(name.as_bytes()) == keyword).map(|(_, value)| value)
    }

    /// The text of this list with one more behind it: is one, but perhaps not one that may stand there.
    fn and(&self, keyword: &str, value: Option<&str>) -> Result<Bytes, ParseError> {
        span::parse(&Bytes::copy_from_slice(keyword.as_bytes()), |i| {
            grammar::parameter::esmtp_keyword(i).map(|(rest, _)| (rest, ()))
        })?;
        if let Some(value) = value {
            span::parse(&Bytes::copy_from_slice(value.as_bytes()), |i| {
                grammar::parameter::esmtp_value(i).map(|(rest, _)| (rest, ()))
            })?;
        }
        let mut text = Vec::from(self.text.as_ref());
        push(&mut text, keyword, value.map(str::as_bytes));
        Ok(text.into())
    }

    /// Sets a parameter to a value that is known to be valid.
    fn set(&mut self, keyword: &str, key: Key, value: Option<&[u8]>) {
        let mut text = Vec::with_capacity(self.text.len() + keyword.len() + 22);
        for (name, value) in self.iter().filter(|(name, _)| fold(name.as_bytes()) != key) {
            push(&mut text, name, value.map(str::as_bytes));
        }
        push(&mut text, keyword, value);
        self.text = text.into();
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

impl PartialEq for List {
    fn eq(&self, other: &Self) -> bool {
        let alike = |((one, value), (two, other)): ((&str, _), (&str, _))| {
            one.eq_ignore_ascii_case(two) && value == other
        };
        self.iter().count() == other.iter().count() && self.iter().zip(other.iter()).all(alike)
    }
}

impl Eq for List {}

impl fmt::Debug for List {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_map().entries(self.iter()).finish()
    }
}
