//! The header of a literal.

/// A literal's header: `literal = "{" number64 ["+"] "}" CRLF *CHAR8`, `literal8 = "~" literal`
/// ([RFC 9051 §9](https://www.rfc-editor.org/rfc/rfc9051#section-9)).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Literal {
    /// How many octets follow. A number of more than twenty digits, or past 2^64 - 1, is told as [`u64::MAX`], which
    /// no limit allows.
    pub len: u64,
    /// Does its sender wait to be told to go on?
    pub synchrony: Synchrony,
    /// May it hold NUL?
    pub kind: LiteralKind,
}

/// Does the sender of a literal wait? Responses never do, and the `+` means nothing there.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Synchrony {
    /// `{n}`: a client sends the octets when the server has said `+`.
    Synchronising,
    /// `{n+}`: the octets follow at once.
    NonSynchronising,
}

/// May a literal hold NUL?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LiteralKind {
    /// `literal`: it may not.
    Text,
    /// `literal8`: it may ([RFC 3516](https://www.rfc-editor.org/rfc/rfc3516)).
    Binary,
}

/// Longest header that is read as one, its line's end counted: `~{18446744073709551615+}` and CRLF, and some more.
pub(super) const LONGEST: usize = 32;

/// More digits than that are no number that anyone means.
const DIGITS: usize = 20;

impl Literal {
    /// The header at the end of `line`, whose end is stripped. At most [`LONGEST`] octets are looked at.
    ///
    /// More than twenty digits are a header whether or not a `{` stands before them, so that the answer is the same
    /// where only the last octets of a line are left.
    pub(super) fn at_end_of(line: &[u8]) -> Option<Self> {
        let rest = line.strip_suffix(b"}")?;
        let (rest, synchrony) = match rest.strip_suffix(b"+") {
            Some(rest) => {
                // rule rfc7888 3 plus-does-not-wait: octets follow a plus [instead: (rest, Synchrony::Synchronising)]
                (rest, Synchrony::NonSynchronising)
            }
            None => (rest, Synchrony::Synchronising),
        };
        let digits = rest.iter().rev().take(DIGITS + 1).take_while(|octet| octet.is_ascii_digit()).count();
        let (before, number) = rest.split_at_checked(rest.len() - digits)?;
        if digits > DIGITS {
            return Some(Self { len: u64::MAX, synchrony, kind: LiteralKind::Text });
        }
        let before = before.strip_suffix(b"{")?;
        // rule rfc3501 9 a-header-has-a-number: what has no number in its braces is no literal
        if number.is_empty() {
            return None;
        }
        let len = number.iter().fold(0_u64, |len, digit| {
            len.saturating_mul(10).saturating_add(u64::from(digit.wrapping_sub(b'0')))
        });
        let mut kind = LiteralKind::Text;
        // rule rfc3516 4.4 literal8: with a tilde in front a literal may hold NUL
        // rule rfc7888 6 literal8-with-plus: a literal8 may wait or not, as a literal may
        if before.ends_with(b"~") {
            kind = LiteralKind::Binary;
        }
        Some(Self { len, synchrony, kind })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(line: &str) -> Option<(u64, Synchrony, LiteralKind)> {
        Literal::at_end_of(line.as_bytes()).map(|literal| (literal.len, literal.synchrony, literal.kind))
    }

    // covers rfc3516 4.4 literal8
    // covers rfc7888 6 literal8-with-plus
    #[test]
    fn the_four_forms() {
        use {LiteralKind::*, Synchrony::*};
        assert_eq!(header("a LOGIN {11}"), Some((11, Synchronising, Text)));
        assert_eq!(header("a LOGIN {11+}"), Some((11, NonSynchronising, Text)));
        assert_eq!(header("a APPEND x ~{0}"), Some((0, Synchronising, Binary)));
        assert_eq!(header("~{007+}"), Some((7, NonSynchronising, Binary)));
    }

    // covers rfc3501 9 a-header-has-a-number
    #[test]
    fn what_is_no_header() {
        for line in
            ["", "}", "{}", "{+}", "{-1}", "{1 }", "{ 1}", "{1}x", "{1-}", "{1++}", "(1}", "{x1}", "1}", "{1"]
        {
            assert_eq!(header(line), None, "{line}");
        }
    }

    #[test]
    fn no_number_wraps() {
        for (line, len) in [
            ("{18446744073709551615}", u64::MAX),
            ("{18446744073709551616}", u64::MAX),
            ("{99999999999999999999}", u64::MAX),
            ("{00000000000000000005}", 5),
            ("{000000000000000000005}", u64::MAX),
            ("{999999999999999999999999999999999999+}", u64::MAX),
        ] {
            assert_eq!(header(line).map(|(len, ..)| len), Some(len), "{line}");
        }
    }

    #[test]
    fn a_lines_last_octets_tell_as_much_as_the_line() {
        for line in
            ["a LOGIN {18446744073709551615+}", "x ~{000000000000000000000000000000000000005}", "aaaaaaa {5}"]
        {
            let tail = &line[line.len().saturating_sub(LONGEST - 2)..];
            assert_eq!(header(tail), header(line), "{line}");
        }
    }
}
