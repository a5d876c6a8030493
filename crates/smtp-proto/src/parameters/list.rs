//! The list of a command's parameters.
use super::known::Known;
use crate::{
    Deviations, Leniency,
    grammar::{self, Tolerance, parameter::ParametersPlace},
};
use alloc::vec::Vec;
use bytes::Bytes;
use mail_wire::{
    ParseError,
    span::{self, Parsed, Span},
};

/// The parameters of a command: where their text is, and which are known.
///
/// As a line was read they stand in the text of its path, which is held once; else they have one of their own.
#[derive(Debug, Clone, Default)]
pub(crate) struct List {
    /// Where they stand in the path's text, to its end; 0 where they do not.
    start: usize,
    text: Option<Bytes>,
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
        Self { start, text: None, known: place.known }
    }

    /// Of parameters that the grammar has found in a text of their own.
    #[inline]
    pub(crate) fn of_own(place: ParametersPlace, text: Bytes) -> Self {
        Self { start: 0, text: Some(text), known: place.known }
    }

    /// What is listed, where the text of the path is `path`.
    pub(crate) fn listed<'a>(&'a self, path: &'a [u8]) -> Listed<'a> {
        let text = if self.start == 0 { self.text.as_deref() } else { path.get(self.start..) };
        Listed { text: text.unwrap_or_default(), known: self.known }
    }
}

impl<'a> Listed<'a> {
    pub(crate) fn iter(self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        let text = core::str::from_utf8(self.text).unwrap_or_default();
        text.split(' ').filter(|parameter| !parameter.is_empty()).map(|parameter| {
            match parameter.split_once('=') {
                Some((keyword, value)) => (keyword, Some(value)),
                None => (parameter, None),
            }
        })
    }

    /// The value of a known parameter.
    pub(crate) fn value(self, known: Known) -> Option<&'a str> {
        if !self.known.has(known) {
            return None;
        }
        self.iter().find(|(name, _)| known.names(name)).and_then(|(_, value)| value)
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

    /// The same with a parameter set to a value that is known to be valid. What it excludes goes.
    pub(crate) fn set(self, known: Known, value: Option<&[u8]>) -> List {
        let gone = known.excludes();
        let keyword = known.keyword();
        let mut text = Vec::with_capacity(self.text.len() + keyword.len() + 22);
        for (name, value) in self.iter().filter(|(name, _)| !gone.names(name)) {
            push(&mut text, name, value.map(str::as_bytes));
        }
        push(&mut text, keyword, value);
        List { start: 0, text: Some(text.into()), known: self.known.without(gone).with(known) }
    }

    /// The same with a parameter set to a value that `rule` takes.
    pub(crate) fn set_checked(
        self,
        known: Known,
        value: &[u8],
        rule: impl for<'s> Fn(Span<'s>) -> Parsed<'s, ()>,
    ) -> Result<List, ParseError> {
        span::parse_text(value, rule)?;
        Ok(self.set(known, Some(value)))
    }

    /// Which are among them.
    pub(crate) fn known(self) -> Known {
        self.known
    }

    pub(crate) fn is_empty(self) -> bool {
        self.text.is_empty()
    }

    /// The keyword of the first one that is none of these.
    pub(crate) fn not_among(self, offered: Known, of: impl Fn(&[u8]) -> Option<Known>) -> Option<&'a str> {
        let outside = |keyword: &str| of(keyword.as_bytes()).is_none_or(|known| !offered.has(known));
        self.iter().map(|(keyword, _)| keyword).find(|keyword| outside(keyword))
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
