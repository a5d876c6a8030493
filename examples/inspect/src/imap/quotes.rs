//! Strings that some servers put several lines into.

/// Is a quoted string open?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quotes {
    Closed,
    Open,
}

/// Does a FETCH end inside a quoted string, so that the next line belongs to it?
pub(super) fn goes_on(unit: &[u8]) -> bool {
    matches!(unit, [b'*', b' ', b'0'..=b'9', ..])
        && !unit.trim_ascii_end().ends_with(b")")
        && after(unit, Quotes::Closed) == Quotes::Open
}

/// Behind a line that ends inside a quoted string: does another response begin, so that it was none?
pub(super) fn begins_response(line: &[u8]) -> bool {
    let mut words = line.split(|octet| matches!(octet, b' ' | b'\r' | b'\n'));
    let (first, second) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    let is_status = [&b"OK"[..], b"NO", b"BAD"].iter().any(|status| second.eq_ignore_ascii_case(status));
    first == b"*" || first.starts_with(b"+") || !first.is_empty() && is_status
}

/// Is a quoted string open behind `text`, which begins as told?
pub(super) fn after(text: &[u8], mut quotes: Quotes) -> Quotes {
    let (mut is_escaped, mut rest) = (false, text);
    while let Some((octet, behind)) = rest.split_first() {
        rest = behind;
        match (octet, quotes) {
            _ if is_escaped => is_escaped = false,
            (b'\\', Quotes::Open) => is_escaped = true,
            (b'"', Quotes::Open) => quotes = Quotes::Closed,
            (b'"', Quotes::Closed) => quotes = Quotes::Open,
            (b'{', Quotes::Closed) => rest = behind_literal(behind).unwrap_or(behind),
            _ => {}
        }
    }
    quotes
}

/// What stands behind a literal, from behind its `{`.
fn behind_literal(text: &[u8]) -> Option<&[u8]> {
    let digits = text.iter().take_while(|octet| octet.is_ascii_digit()).count();
    let (number, behind) = text.split_at_checked(digits)?;
    let octets: usize = std::str::from_utf8(number).ok()?.parse().ok()?;
    let behind = behind.strip_prefix(b"}\r\n").or_else(|| behind.strip_prefix(b"}\n"))?;
    behind.get(octets..)
}
