//! Reply lines ([RFC 5321 §4.2](https://www.rfc-editor.org/rfc/rfc5321#section-4.2)) and enhanced status codes
//! ([RFC 2034 §4](https://www.rfc-editor.org/rfc/rfc2034#section-4)).
use super::Tolerance;
use crate::{Code, DeviationKind, EnhancedClass, EnhancedCode};
use mail_wire::{
    class::{self, DIGIT},
    span::{self, Parsed, Span, expected, octet},
};
use memchr::memchr3;
use nom::Parser;

/// What stands in front of a line's text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Line {
    /// A code and a hyphen: more lines follow.
    Middle(Code),
    /// A code and a space, or a code alone: the reply ends here.
    Last(Code),
    /// Nothing: all of it is text, which was tolerated.
    Uncoded,
}

/// `Reply-line = *( Reply-code "-" [ textstring ] CRLF ) Reply-code [ SP textstring ] CRLF`: the front of one of
/// its lines, where `before` is the code of those that came before.
#[inline]
pub(crate) fn reply_line<'a>(
    i: Span<'a>,
    before: Option<Code>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, Line> {
    let (rest, code) = match reply_code(i, tolerance) {
        Err(_) if class::run(i.text(), DIGIT) < 3 && tolerance.tolerate(DeviationKind::MissingCode, i) => {
            return Ok((i, Line::Uncoded));
        }
        found => found?,
    };
    // rule rfc5321 4.2.1 one-code: all lines of a reply have one code
    if before.is_some_and(|before| before != code) && !tolerance.tolerate(DeviationKind::CodesDiffer, i) {
        return expected(i, "the code of the lines before");
    }
    match rest.first() {
        // rule rfc5321 4.2 code-alone: a code alone is a reply [instead: expected(rest, "a space")]
        None => Ok((rest, Line::Last(code))),
        Some(b' ') => Ok((rest.part(1).0, Line::Last(code))),
        // rule rfc2920 3.1 multiline: replies of several lines are read as one
        Some(b'-') => Ok((rest.part(1).0, Line::Middle(code))),
        Some(_) => expected(rest, "a space or a hyphen"),
    }
}

/// `Reply-code = %x32-35 %x30-35 %x30-39`
#[inline]
fn reply_code<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Code> {
    let [first @ b'2'..=b'5', second @ b'0'..=b'9', third @ b'0'..=b'9', ..] = i.text() else {
        return expected(i, "a reply code");
    };
    // rule rfc5321 4.2 second-digit: the second digit of a code goes up to 5
    if *second > b'5' && !tolerance.tolerate(DeviationKind::OddCode, i.part(1).0) {
        return expected(i.part(1).0, "a digit of at most 5");
    }
    let code = [first, second, third].into_iter().fold(0, |code, digit| code * 10 + u16::from(digit - b'0'));
    Ok((i.part(3).0, Code::from_checked(code)))
}

/// `textstring = 1*(%d09 / %d32-126 / UTF8-non-ascii)` (the last by [RFC 6531 §3.7.4.2]), or nothing. "Any text,
/// including no text at all, MUST be acceptable", so other control characters pass too.
///
/// [RFC 6531 §3.7.4.2]: https://www.rfc-editor.org/rfc/rfc6531#section-3.7.4.2
#[inline]
pub(crate) fn textstring<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Span<'a>> {
    // Nearly all is.
    if plain(i.text()) == i.text().len() {
        return span::rest(i);
    }
    if let Err(e) = core::str::from_utf8(i.text()) {
        let at = i.part(e.valid_up_to()).0;
        if !tolerance.tolerate(DeviationKind::TextCharset, at) {
            return expected(at, "UTF-8");
        }
    }
    // No framer lets those through, but a line may come from elsewhere.
    if memchr3(b'\r', b'\n', 0, i.text()).is_some() {
        return expected(i, "text without CR, LF or NUL");
    }
    span::rest(i)
}

/// `status-code = class "." subject "." detail`, `class = "2" / "4" / "5"`, `subject = 1*3digit`,
/// `detail = 1*3digit`
pub(crate) fn status_code(i: Span<'_>) -> Parsed<'_, EnhancedCode> {
    let class = match i.first() {
        // rule rfc2034 4 class-2: 2 is a class
        Some(b'2') => EnhancedClass::Success,
        // rule rfc2034 4 class-4: 4 is a class
        Some(b'4') => EnhancedClass::Transient,
        // rule rfc2034 4 class-5: 5 is a class
        Some(b'5') => EnhancedClass::Permanent,
        _ => return expected(i, "2, 4 or 5"),
    };
    let dot = octet(b'.', "'.'");
    let (rest, (_, subject, _, detail)) = (&dot, sub_code, &dot, sub_code).parse(i.part(1).0)?;
    Ok((rest, EnhancedCode::from_checked(class, subject, detail)))
}

/// `1*3digit`, "expressed without leading zero digits" ([RFC 3463 §2])
///
/// [RFC 3463 §2]: https://www.rfc-editor.org/rfc/rfc3463#section-2
fn sub_code(i: Span<'_>) -> Parsed<'_, u16> {
    let (rest, digits) = i.part(class::run(i.text(), DIGIT));
    match digits.text() {
        [] => expected(i, "a number"),
        // rule rfc3463 2 no-leading-zeros: a number of an enhanced code does not begin with 0
        [b'0', _, ..] => expected(i, "a number without zeros in front"),
        digits @ ([_] | [_, _] | [_, _, _]) => {
            Ok((rest, digits.iter().fold(0, |number, digit| number * 10 + u16::from(digit - b'0'))))
        }
        // rule rfc2034 4 three-digits: subject and detail have up to three digits [instead: Ok((rest, 0))]
        _ => expected(i, "a number of at most three digits"),
    }
}

/// `status-code` of the class of `code` in front of a line's text, and how many octets it has.
pub(crate) fn leading_code(line: &[u8], code: Code) -> Option<(EnhancedCode, u8)> {
    let i = Span::of(line);
    let (rest, enhanced) = status_code(i).ok().filter(|(_, enhanced)| enhanced.fits(code))?;
    match rest.first() {
        None | Some(b' ') => Some((enhanced, u8::try_from(i.before(rest).text().len()).ok()?)),
        Some(_) => None,
    }
}

/// How many octets at the start are ASCII, and no control characters but DEL. Eight at a time.
#[inline]
pub(crate) fn plain(text: &[u8]) -> usize {
    const ONE: u64 = u64::from_ne_bytes([1; 8]);
    // The highest bit of each octet tells. An octet below 0x20 borrows of the next: the first one is told rightly.
    let odd = |octets: &[u8; 8]| {
        let word = u64::from_le_bytes(*octets);
        let odd = (word | word.wrapping_sub(ONE * 0x20)) & (ONE * 0x80);
        odd.trailing_zeros() as usize / 8
    };
    let mut rest = text;
    while let Some((chunk, behind)) = rest.split_first_chunk() {
        match odd(chunk) {
            8 => rest = behind,
            at => return text.len() - rest.len() + at,
        }
    }
    // Those that were looked at are plain, so that they may be looked at once more.
    match text.last_chunk() {
        Some(_) if rest.is_empty() => text.len(),
        Some(last) => text.len() - 8 + odd(last),
        None => rest.iter().take_while(|octet| matches!(octet, 0x20..=0x7f)).count(),
    }
}
