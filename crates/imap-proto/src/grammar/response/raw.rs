//! Data of which only its extent is known.
use crate::{
    grammar::{
        Tolerance,
        class::{self, TEXT},
        string::literal_head,
    },
    response::Raw,
};
use mail_wire::span::{Parsed, Span, expected};

/// What is left of a unit: text, with literals in place.
///
/// A quotation mark or a parenthesis means nothing here, since nobody knows what is quoted: a line can end inside
/// of the unit behind `{n}` alone.
pub(crate) fn raw(i: Span<'_>) -> Parsed<'_, Raw> {
    let mut at = i;
    loop {
        let behind = at.part(class::run(at.text(), TEXT)).0;
        let Some(octets) = announced(at.before(behind).text()) else {
            return match behind.text() {
                [] | [b'\r', b'\n'] | [b'\n'] => Ok((behind, Raw::from_checked(i.before(behind).share()))),
                _ => expected(behind, "no CR, LF or NUL outside of a literal"),
            };
        };
        let [b'\r', b'\n', ..] = behind.text() else {
            return expected(behind, "CRLF behind a literal's announcement");
        };
        let behind = behind.part(2).0;
        match usize::try_from(octets) {
            Ok(octets) if octets <= behind.text().len() => at = behind.part(octets).0,
            _ => return expected(behind, "all octets of a literal"),
        }
    }
}

/// Does this text end in the announcement of a literal?
pub(super) fn announces(text: &[u8]) -> bool {
    announced(text).is_some()
}

/// The octets that the announcement at the end of this text announces.
fn announced(text: &[u8]) -> Option<u64> {
    let head = text.strip_suffix(b"}")?;
    let head = head.strip_suffix(b"+").unwrap_or(head);
    let digits = head.iter().rev().take_while(|octet| octet.is_ascii_digit()).count();
    let (before, digits) = head.split_at_checked(head.len() - digits)?;
    if digits.is_empty() || !before.ends_with(b"{") {
        return None;
    }
    // Too many are as many as there can be: the octets are not there either way.
    core::str::from_utf8(digits).ok()?.parse().ok().or(Some(u64::MAX))
}

/// A value of an unknown kind: a string, an atom, a number, or a list of them in parentheses.
pub(crate) fn value<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Raw> {
    let rest = skip_value(i, Purpose::Keep, tolerance)?;
    Ok((rest, Raw::from_checked(i.before(rest).share())))
}

/// What a value is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// It is kept, and may be written as it came.
    Keep,
    /// It is passed over.
    Skip,
}

/// Goes behind a value of an unknown kind. It nests no deeper than values may, and takes no stack to do so.
pub(crate) fn skip_value<'a>(
    i: Span<'a>,
    purpose: Purpose,
    tolerance: &mut Tolerance<'_>,
) -> Result<Span<'a>, nom::Err<mail_wire::span::Expected>> {
    let (mut at, mut depth) = (i, 0_usize);
    loop {
        let starts = at;
        match at.text() {
            [b'(', ..] => {
                depth += 1;
                if depth > tolerance.depth_left() {
                    return expected(at, "less nesting");
                }
                at = at.part(1).0;
            }
            [b')', ..] if depth > 0 => {
                depth -= 1;
                at = at.part(1).0;
            }
            [b' ', ..] if depth > 0 => at = at.part(1).0,
            [b'"', ..] => at = skip_quoted(at)?,
            [b'{' | b'~', ..] => match literal_head(at, tolerance) {
                Ok((behind, _))
                    if purpose == Purpose::Keep && !at.before(behind).text().ends_with(b"\r\n") =>
                {
                    return expected(at, "a literal announced with CRLF");
                }
                Ok((behind, head)) => match usize::try_from(head.octets) {
                    Ok(octets) if octets <= behind.text().len() => at = behind.part(octets).0,
                    _ => return expected(behind, "all octets of a literal"),
                },
                Err(_) if at.first() == Some(b'~') => at = at.part(1).0,
                Err(e) => return Err(e),
            },
            text => {
                // Brackets and what is in them belong to an atom here, as in `BODY[HEADER]`.
                let word = text
                    .iter()
                    .take_while(|octet| !matches!(octet, 0..=b' ' | b'(' | b')' | b'"' | b'{' | 0x7f))
                    .count();
                if word == 0 {
                    return expected(
                        at,
                        if depth > 0 { "a value or a closing parenthesis" } else { "a value" },
                    );
                }
                at = at.part(word).0;
            }
        }
        let ends = matches!(at.text(), [] | [b' ' | b')' | b'\r' | b'\n', ..]);
        if depth == 0 && ends && starts.text().len() > at.text().len() {
            return Ok(at);
        }
    }
}

/// Goes behind a quoted string.
fn skip_quoted(i: Span<'_>) -> Result<Span<'_>, nom::Err<mail_wire::span::Expected>> {
    let mut octets = 1;
    loop {
        let at = i.part(octets).0;
        octets += match at.text() {
            [b'"', ..] => return Ok(at.part(1).0),
            [b'\\', b'\r' | b'\n' | 0, ..] | [b'\r' | b'\n' | 0, ..] => {
                return expected(at, "no CR, LF or NUL in a quoted string");
            }
            [b'\\', _, ..] => 2,
            [] => return expected(at, "a closing quotation mark"),
            text => crate::grammar::string::unescaped(text),
        };
    }
}
