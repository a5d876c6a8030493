//! Quoted strings and literals.
use super::{
    Tolerance,
    leaf::{astring_chars, nil, number64},
};
use crate::{AString, DeviationKind, Encoding};
use alloc::vec::Vec;
use bytes::Bytes;
use mail_wire::{
    span::{Parsed, Span, expected, octet},
    word::{HIGH, ONE},
};

/// The octets of a string, as they stand in the unit.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    /// Without quotation marks, or without the literal's announcement.
    pub(crate) octets: Span<'a>,
    /// Must escapes be undone?
    pub(crate) escapes: bool,
}

impl Found<'_> {
    /// As a value of its own: shared, but where an escape must be undone.
    #[inline]
    pub(crate) fn to_astring(self) -> AString {
        AString::from_checked(if self.escapes {
            Bytes::from(unescape(self.octets.text()))
        } else {
            self.octets.share()
        })
    }
}

/// Undoes the escapes of a quoted string. A backslash before another octet stands for itself.
#[cold]
pub(crate) fn unescape(octets: &[u8]) -> Vec<u8> {
    let mut plain = Vec::with_capacity(octets.len());
    let mut rest = octets;
    while let [first, behind @ ..] = rest {
        rest = match (first, behind) {
            (b'\\', [escaped @ (b'"' | b'\\'), behind @ ..]) => {
                plain.push(*escaped);
                behind
            }
            _ => {
                plain.push(*first);
                behind
            }
        };
    }
    plain
}

/// `quoted = DQUOTE *QUOTED-CHAR DQUOTE`
#[inline]
pub(crate) fn quoted<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Found<'a>> {
    let (i, ()) = octet(b'"', "a quotation mark")(i)?;
    let plain = printable(i.text());
    if i.text().get(plain) == Some(&b'"') {
        let (rest, octets) = i.part(plain);
        return Ok((rest.part(1).0, Found { octets, escapes: false }));
    }
    let (octets, escapes) = quoted_rest(i, plain, tolerance)?;
    let (rest, found) = i.part(octets);
    // rule rfc3501 4.3 quotes-are-seven-bit: a quoted string is ASCII, but where UTF-8 is enabled
    if !found.text().is_ascii() {
        eight_bit(i, found.text(), tolerance)?;
    }
    Ok((rest.part(1).0, Found { octets: found, escapes }))
}

/// The octets of a quoted string of which `plain` are looked at, and whether escapes are among them.
#[cold]
fn quoted_rest<'a>(
    i: Span<'a>,
    plain_octets: usize,
    tolerance: &mut Tolerance<'_>,
) -> Result<(usize, bool), nom::Err<mail_wire::span::Expected>> {
    let (mut octets, mut escapes) = (plain_octets, false);
    loop {
        let at = i.part(octets).0;
        octets += match at.text() {
            [b'"', ..] => return Ok((octets, escapes)),
            [b'\\', b'"' | b'\\', ..] => {
                escapes = true;
                2
            }
            [b'\\', ..] if tolerance.tolerate(DeviationKind::LooseEscape, at) => 1,
            // rule rfc3501 9 loose-escapes: a backslash escapes a quotation mark or a backslash, and nothing else
            [b'\\', ..] => return expected(at.part(1).0, "an escaped quotation mark or backslash"),
            [b'\r' | b'\n', ..] if tolerance.tolerate(DeviationKind::LineBreakInQuoted, at) => 1,
            // rule rfc3501 4.3 no-line-end-in-quotes: a quoted string holds neither CR, LF nor NUL
            [b'\r' | b'\n' | 0, ..] => return expected(at, "no CR, LF or NUL in a quoted string"),
            [] => return expected(at, "a closing quotation mark"),
            text => unescaped(text),
        }
    }
}

/// Octets above 0x7F stand in a quoted string: that must be agreed upon, or tolerated.
#[cold]
pub(crate) fn eight_bit<'a>(
    i: Span<'a>,
    found: &[u8],
    tolerance: &mut Tolerance<'_>,
) -> Result<(), nom::Err<mail_wire::span::Expected>> {
    let (valid, rule) = match (tolerance.encoding(), core::str::from_utf8(found)) {
        (Encoding::Utf8, Ok(_)) => return Ok(()),
        // rule rfc6855 3 utf8-in-quotes: no UTF-8 in quotes is BAD [instead: (Encoding::Utf8, Err(_)) => return Ok(())]
        (Encoding::Utf8, Err(e)) => (e.valid_up_to(), "UTF-8"),
        (Encoding::ModifiedUtf7, _) => {
            (found.iter().position(|octet| !octet.is_ascii()).unwrap_or(0), "ASCII")
        }
    };
    let at = i.part(valid).0;
    if tolerance.tolerate(DeviationKind::EightBit, at) { Ok(()) } else { expected(at, rule) }
}

/// How many octets stand before the first `"`, `\`, control octet or octet above 0x7F, eight at a time.
#[inline(always)]
pub(crate) fn printable(text: &[u8]) -> usize {
    let mut rest = text;
    while let Some((chunk, behind)) = rest.split_first_chunk::<8>() {
        let word = u64::from_le_bytes(*chunk);
        // Octets above 0x7F are flagged for themselves: below, what was zero is what has its highest bit now. Of the
        // octets that are flagged the first is exact.
        let flags = (word ^ (ONE * b'"' as u64)).wrapping_sub(ONE)
            | (word ^ (ONE * b'\\' as u64)).wrapping_sub(ONE)
            | word.wrapping_sub(ONE * 0x20);
        let flags = (flags | word) & HIGH;
        if flags != 0 {
            return text.len() - rest.len() + (flags.trailing_zeros() / 8) as usize;
        }
        rest = behind;
    }
    let octets =
        rest.iter().position(|octet| matches!(octet, b'"' | b'\\' | 0..0x20 | 0x80..)).unwrap_or(rest.len());
    text.len() - rest.len() + octets
}

/// How many octets stand here that a quoted string may hold as they are: printable ones, or some above 0x7F. At least
/// one is taken.
pub(crate) fn unescaped(text: &[u8]) -> usize {
    match printable(text) {
        0 => text.iter().take_while(|octet| !octet.is_ascii()).count().max(1),
        octets => octets,
    }
}

/// What announces a literal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct LiteralHead {
    /// How many octets follow.
    pub(crate) octets: u64,
    /// Is it a `literal8`, which may hold NUL?
    pub(crate) binary: bool,
}

/// `["~"] "{" number64 ["+"] "}" CRLF`: `literal` and `literal8` up to their octets.
pub(crate) fn literal_head<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, LiteralHead> {
    let (i, binary) = match i.first() {
        Some(b'~') => (i.part(1).0, true),
        _ => (i, false),
    };
    let (i, ()) = octet(b'{', "a literal")(i)?;
    let (i, octets) = number64(i)?;
    let i = if i.first() == Some(b'+') { i.part(1).0 } else { i };
    let (i, ()) = octet(b'}', "a closing brace")(i)?;
    let head = LiteralHead { octets, binary };
    match i.text() {
        [b'\r', b'\n', ..] => Ok((i.part(2).0, head)),
        [b'\n', ..] if tolerance.tolerate(DeviationKind::BareLfBehindLiteral, i) => Ok((i.part(1).0, head)),
        _ => expected(i, "CRLF behind a literal's announcement"),
    }
}

/// `literal = "{" number64 ["+"] "}" CRLF *CHAR8`: none of them NUL.
pub(crate) fn literal<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Span<'a>> {
    let (rest, (octets, head)) = literal8(i, tolerance)?;
    if head.binary {
        return expected(i, "a literal that is no literal8");
    }
    without_nul(octets, rest, i, tolerance)?;
    Ok((rest, octets))
}

/// Looks for NUL in the `octets` of a literal in `i`, behind which `rest` stands.
pub(crate) fn without_nul<'a>(
    octets: Span<'a>,
    rest: Span<'a>,
    i: Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    // rule rfc3501 4.3.1 no-nul-in-literals: a literal holds no NUL
    if let Some(nul) = octets.text().iter().position(|octet| *octet == 0) {
        // Offsets are counted from the unit's end, so not inside of `octets`.
        let at = octets_start(rest, octets, i).part(nul).0;
        if !tolerance.tolerate(DeviationKind::NulInLiteral, at) {
            return expected(at, "no NUL in a literal");
        }
    }
    Ok((rest, ()))
}

/// The tail of the unit that starts where the taken `octets` do.
fn octets_start<'a>(rest: Span<'a>, octets: Span<'a>, i: Span<'a>) -> Span<'a> {
    let behind = rest.text().len() + octets.text().len();
    i.part(i.text().len().saturating_sub(behind)).0
}

/// `literal / literal8`, with any octets.
pub(crate) fn literal8<'a>(
    i: Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, (Span<'a>, LiteralHead)> {
    let (at, head) = literal_head(i, tolerance)?;
    match usize::try_from(head.octets) {
        Ok(octets) if octets <= at.text().len() => {
            let (rest, octets) = at.part(octets);
            Ok((rest, (octets, head)))
        }
        _ => expected(at, "all octets of a literal"),
    }
}

/// `string = quoted / literal`
#[inline]
pub(crate) fn string<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Found<'a>> {
    match i.first() {
        Some(b'"') => quoted(i, tolerance),
        Some(b'{') => literal(i, tolerance).map(|(rest, octets)| (rest, Found { octets, escapes: false })),
        _ => expected(i, "a string"),
    }
}

/// `nstring = string / nil`
#[inline]
pub(crate) fn nstring<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Option<Found<'a>>> {
    match i.first() {
        Some(b'"' | b'{') => string(i, tolerance).map(|(rest, found)| (rest, Some(found))),
        _ => match nil(i) {
            Ok((rest, ())) => Ok((rest, None)),
            Err(_) => expected(i, "a string or NIL"),
        },
    }
}

/// `astring = 1*ASTRING-CHAR / string`
#[inline]
pub(crate) fn astring_found<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Found<'a>> {
    match i.first() {
        Some(b'"' | b'{') => string(i, tolerance),
        _ => astring_chars(i, tolerance).map(|(rest, octets)| (rest, Found { octets, escapes: false })),
    }
}

/// `astring = 1*ASTRING-CHAR / string`, as a value of its own.
#[inline]
pub(crate) fn astring<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, AString> {
    astring_found(i, tolerance).map(|(rest, found)| (rest, found.to_astring()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Deviations, Dialect, Leniency};
    use mail_wire::span;
    use std::string::{String, ToString};

    fn read(unit: &'static [u8], leniency: Leniency) -> Result<AString, String> {
        let (unit, mut deviations) = (Bytes::from_static(unit), Deviations::new());
        let mut tolerance = Tolerance::new(&unit, &Dialect::new(leniency), &mut deviations);
        span::parse(&unit, |i| astring(i, &mut tolerance)).map_err(|e| e.to_string())
    }

    #[test]
    fn the_scan_ends_where_the_slow_one_does() {
        for special in [b'"', b'\\', b'\r', b'\n', 0, 0x1f, 0x80, 0xff] {
            for at in 0..40 {
                let mut text = std::vec![b'a'; 40];
                text[at] = special;
                text[39] = 0x7f;
                let slow = text.iter().position(|octet| matches!(octet, b'"' | b'\\' | 0..0x20 | 0x80..));
                assert_eq!(printable(&text), slow.unwrap_or(40), "{special:#x} at {at}");
            }
        }
    }

    #[test]
    fn strings_of_every_form_mean_their_octets() {
        for (unit, octets) in [
            (&b"abc"[..], &b"abc"[..]),
            (b"a]c", b"a]c"),
            (b"\"\"", b""),
            (b"\"a \\\"b\\\\ c\"", b"a \"b\\ c"),
            (b"\"tab\there\"", b"tab\there"),
            (b"{0}\r\n", b""),
            (b"{3}\r\na\r\n", b"a\r\n"),
            (b"{3+}\r\n\xff\"(", b"\xff\"("),
        ] {
            assert_eq!(read(unit, Leniency::STRICT).unwrap().as_bytes(), octets);
            assert_eq!(read(unit, Leniency::LENIENT).unwrap().as_bytes(), octets);
        }
    }

    // covers rfc3501 4.3 no-line-end-in-quotes
    #[test]
    fn what_is_no_string_is_refused_where_it_goes_wrong() {
        for (unit, message) in [
            (&b""[..], "expected an atom or a string at octet 0, found the end"),
            (b"\"a", "expected a closing quotation mark at octet 2, found the end"),
            (b"\"a\\b\"", "expected an escaped quotation mark or backslash at octet 3, found 'b'"),
            (b"\"a\nb\"", "expected no CR, LF or NUL in a quoted string at octet 2, found '\\n'"),
            (b"\"a\xc3\xa9\"", "expected ASCII at octet 2, found '\\xc3'"),
            (b"{4}\r\nabc", "expected all octets of a literal at octet 5, found 'a'"),
            (b"{3}\nabc", "expected CRLF behind a literal's announcement at octet 3, found '\\n'"),
            (b"{3}\r\na\0c", "expected no NUL in a literal at octet 6, found '\\x00'"),
            (b"{99999999999999999999}\r\n", "expected a number below 2^63 at octet 1, found '9'"),
            (b"{3", "expected a closing brace at octet 2, found the end"),
            (b"~{1}\r\na", "expected the end at octet 1, found '{'"),
        ] {
            assert_eq!(read(unit, Leniency::STRICT).unwrap_err(), message);
        }
    }

    // covers rfc3501 9 loose-escapes
    #[test]
    fn leniency_takes_what_is_meant() {
        for (unit, octets) in [
            (&b"\"C:\\dir\""[..], &b"C:\\dir"[..]),
            (b"\"a\r\n b\"", b"a\r\n b"),
            (b"{3}\nabc", b"abc"),
            (b"{3}\r\na\0c", b"a\0c"),
            (b"caf\xe9", b"caf\xe9"),
        ] {
            assert_eq!(read(unit, Leniency::LENIENT).unwrap().as_bytes(), octets);
            assert!(read(unit, Leniency::STRICT).is_err());
        }
    }
}
