//! The fields of a header.
use super::section::Which;
use imap_proto::AString;
use memchr::memchr;
use std::borrow::Cow;

/// A field of a header.
#[derive(Debug, Clone, Copy)]
pub(super) struct Field<'a> {
    /// Its name; empty for a line that has none.
    pub(super) name: &'a [u8],
    /// What stands behind the colon, line breaks included.
    pub(super) value: &'a [u8],
    /// All of it: its lines with their ends.
    pub(super) lines: &'a [u8],
}

/// The fields of a header, up to its empty line.
#[derive(Debug, Clone)]
pub(super) struct Fields<'a>(&'a [u8]);

impl<'a> Fields<'a> {
    pub(super) fn new(header: &'a [u8]) -> Self {
        Self(header)
    }
}

impl<'a> Iterator for Fields<'a> {
    type Item = Field<'a>;

    fn next(&mut self) -> Option<Field<'a>> {
        let mut end = line_end(self.0);
        if end == 0 || is_empty_line(self.0.get(..end)?) {
            return None;
        }
        while let Some(b' ' | b'\t') = self.0.get(end) {
            end += line_end(self.0.get(end..)?);
        }
        let (lines, rest) = self.0.split_at_checked(end)?;
        self.0 = rest;
        Some(Field::of(lines))
    }
}

impl<'a> Field<'a> {
    fn of(lines: &'a [u8]) -> Self {
        let colon = memchr(b':', lines.get(..line_end(lines)).unwrap_or_default());
        match colon.and_then(|colon| Some((lines.get(..colon)?, lines.get(colon + 1..)?))) {
            Some((name, value)) => Self { name: name.trim_ascii_end(), value, lines },
            None => Self { name: b"", value: lines, lines },
        }
    }

    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name.as_bytes())
    }
}

/// How long the first line is, its end included.
pub(super) fn line_end(text: &[u8]) -> usize {
    memchr(b'\n', text).map_or(text.len(), |newline| newline + 1)
}

pub(super) fn is_empty_line(line: &[u8]) -> bool {
    matches!(line, b"\r\n" | b"\n")
}

/// A value without the white space around it, on one line: see [`one_line`].
pub(super) fn unfold(value: &[u8]) -> Cow<'_, [u8]> {
    one_line(value.trim_ascii())
}

/// A text on one line: a line break, and the white space around it, is one space. NUL is left out: no string of
/// IMAP may hold it.
pub(super) fn one_line(text: &[u8]) -> Cow<'_, [u8]> {
    if !text.iter().any(|octet| matches!(octet, b'\r' | b'\n' | 0)) {
        return Cow::Borrowed(text);
    }
    let mut line = Vec::with_capacity(text.len());
    let mut rest = text;
    while let Some((octet, behind)) = rest.split_first() {
        let space = rest.iter().take_while(|octet| octet.is_ascii_whitespace()).count();
        let (blank, next) = rest.split_at_checked(space).unwrap_or((b"", rest));
        if blank.iter().any(|octet| matches!(octet, b'\r' | b'\n')) {
            line.push(b' ');
            rest = next;
        } else if !blank.is_empty() {
            line.extend_from_slice(blank);
            rest = next;
        } else {
            line.extend(Some(*octet).filter(|octet| *octet != 0));
            rest = behind;
        }
    }
    Cow::Owned(line)
}

/// The fields of a header of these names, or all others, and the empty line at the end
/// ([RFC 3501 §6.4.5](https://www.rfc-editor.org/rfc/rfc3501#section-6.4.5)).
///
/// ```
/// use mail_server::message::{Which, fields};
/// let header = b"From: jane\r\nTo: joe,\r\n jack\r\nSubject: lunch\r\n\r\n";
/// let names = ["to".try_into()?];
/// assert_eq!(fields(header, &names, Which::Named), b"To: joe,\r\n jack\r\n\r\n");
/// assert_eq!(fields(header, &names, Which::NotNamed), b"From: jane\r\nSubject: lunch\r\n\r\n");
/// # Ok::<(), imap_proto::InvalidString>(())
/// ```
pub fn fields(header: &[u8], names: &[AString], which: Which) -> Vec<u8> {
    let mut found = Vec::new();
    for field in Fields::new(header) {
        let is_named = names.iter().any(|name| field.name.eq_ignore_ascii_case(name.as_bytes()));
        if is_named == (which == Which::Named) {
            found.extend_from_slice(field.lines);
        }
    }
    if !found.is_empty() && !found.ends_with(b"\n") {
        found.extend_from_slice(b"\r\n");
    }
    found.extend_from_slice(b"\r\n");
    found
}
