//! `xtext` ([RFC 3461 §4](https://www.rfc-editor.org/rfc/rfc3461#section-4)).
use alloc::vec::Vec;
use bytes::Bytes;
use mail_wire::{
    ParseError, Text,
    class::{self, VISIBLE},
    span::{self, Parsed, Span},
    word::{self, HIGH},
};

/// Undoes `xtext`: `+` and two hexadecimal digits stand for one octet. The result holds no CR, LF or NUL.
///
/// Digits are taken in lower case too, as [RFC 4954 §8](https://www.rfc-editor.org/rfc/rfc4954#section-8) has it.
///
/// ```
/// assert_eq!(smtp_proto::xtext::decode(b"e+3Dmc2@example.com")?, "e=mc2@example.com");
/// assert!(smtp_proto::xtext::decode(b"a+0D+0AQUIT").is_err());
/// # Ok::<(), smtp_proto::ParseError>(())
/// ```
///
/// # Errors
/// An octet may not stand in `xtext`, digits are missing, or what they stand for may not stand in a line.
pub fn decode(value: &[u8]) -> Result<Text, ParseError> {
    let mut octets = Vec::with_capacity(value.len());
    let mut at = 0;
    while let Some(found) = value.get(at).copied() {
        match found {
            // rule rfc4954 8 xtext-read: a plus sign and two hexadecimal digits stand for an octet
            b'+' => {
                octets.push(hexchar(value, at)?);
                at += 3;
            }
            // rule rfc4954 8 xtext-no-equals: an equals sign stands in no xtext
            b'=' => return Err(expected(value, at, "xtext")),
            _ if class::is(found, VISIBLE) => {
                octets.push(found);
                at += 1;
            }
            _ => return Err(expected(value, at, "xtext")),
        }
    }
    Text::new(Bytes::from(octets)).map_err(|_| expected(value, 0, "text without CR, LF or NUL"))
}

/// `xtext` that stands for printable ASCII and spaces alone, at least one
#[inline]
pub(crate) fn printable(i: Span<'_>) -> Parsed<'_, ()> {
    match i.part(plain(i.text())) {
        (rest, plain) if !plain.is_empty() && rest.first() != Some(b'+') => Ok((rest, ())),
        _ => printable_with_hexchars(i),
    }
}

/// How many octets at the start stand for themselves. Eight at a time.
#[inline]
fn plain(text: &[u8]) -> usize {
    let mut at = 0;
    loop {
        let word = word::load_at(text, at);
        let xchars = word::lie(word, b'!', b'~') & !word::are(word, b'+') & !word::are(word, b'=');
        // What stands for octets behind the end is none.
        if xchars != HIGH {
            return at + (!xchars & HIGH).trailing_zeros() as usize / 8;
        }
        at += 8;
    }
}

fn printable_with_hexchars(i: Span<'_>) -> Parsed<'_, ()> {
    let mut at = i;
    loop {
        let plain = |octet: &&u8| class::is(**octet, VISIBLE) && !matches!(octet, b'+' | b'=');
        at = at.part(at.text().iter().take_while(plain).count()).0;
        match at.text() {
            [b'+', high, low, ..] => match (char::from(*high).to_digit(16), char::from(*low).to_digit(16)) {
                // rule rfc3461 4.2 printable: it stands for printables [instead: (Some(_), _) => at = at.part(3).0]
                (Some(2..=6), Some(_)) | (Some(7), Some(0..=14)) => at = at.part(3).0,
                (Some(_), Some(_)) => return span::expected(at, "printable ASCII"),
                _ => return span::expected(at, "two hexadecimal digits"),
            },
            [b'+', ..] => return span::expected(at, "two hexadecimal digits"),
            _ if at.text().len() == i.text().len() => return span::expected(at, "xtext"),
            _ => return Ok((at, ())),
        }
    }
}

/// `hexchar = "+" HEXDIG HEXDIG`
fn hexchar(value: &[u8], at: usize) -> Result<u8, ParseError> {
    let digit = |at: usize| {
        let digit = value.get(at).and_then(|digit| char::from(*digit).to_digit(16));
        digit
            .and_then(|digit| u8::try_from(digit).ok())
            .ok_or_else(|| expected(value, at, "a hexadecimal digit"))
    };
    let octet = digit(at + 1)? << 4 | digit(at + 2)?;
    if matches!(octet, b'\r' | b'\n' | 0) {
        return Err(expected(value, at, "no CR, LF or NUL"));
    }
    Ok(octet)
}

fn expected(value: &[u8], offset: usize, expected: &'static str) -> ParseError {
    ParseError { offset, found: value.get(offset).copied(), expected }
}
