//! Commands that have no variant.
use super::{
    super::{
        Tolerance,
        class::{self, TEXT},
        leaf::{atom, key},
    },
    is_known,
};
use crate::{DeviationKind, OtherCommand};
use mail_wire::{
    Text,
    span::{Expected, Parsed, Span, expected, sp},
};

/// `atom [SP arguments]`
#[cold]
pub(super) fn other<'a>(
    i: Span<'a>,
    rest: &mut Span<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Result<OtherCommand, nom::Err<Expected>> {
    let Ok((behind, name)) = atom(i) else { return expected(i, "a command") };
    let name = name.share_text()?;
    *rest = behind;
    if behind.is_empty() {
        return Ok(OtherCommand::from_checked(name, bytes::Bytes::new()));
    }
    // Whatever stands behind the first space is its arguments, other spaces too.
    let (i, ()) = sp(behind)?;
    (*rest, ()) = arguments(i, tolerance)?;
    Ok(OtherCommand::from_checked(name, i.before(*rest).share()))
}

/// The name of a command that [`Command`](crate::Command) has no variant for.
pub(crate) fn name(i: Span<'_>) -> Parsed<'_, Text> {
    let (rest, name) = atom(i)?;
    let known = key(name.text());
    // A key is good for names of letters alone, and so are those of commands.
    if is_known(known) && name.text().iter().all(u8::is_ascii_alphabetic) {
        return expected(i, "a command without a variant of its own");
    }
    Ok((rest, name.share_text()?))
}

/// Anything but CR, LF and NUL, and literals: whatever it may mean, it is one unit.
pub(crate) fn arguments<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let mut line = i;
    loop {
        let (rest, text) = line.part(class::run(line.text(), TEXT));
        let literal = literal_at_end(text.text());
        let end = match (rest.text(), literal) {
            ([], None) => return Ok((rest, ())),
            ([], Some(_)) => return expected(rest, "no announcement of a literal at the end"),
            ([b'\r', b'\n', ..], Some(_)) => rest.part(2).0,
            ([b'\n', ..], Some(_)) if tolerance.tolerate(DeviationKind::BareLfBehindLiteral, rest) => {
                rest.part(1).0
            }
            _ => return expected(rest, "no CR, LF or NUL outside of a literal"),
        };
        match literal.flatten().and_then(|octets| usize::try_from(octets).ok()) {
            Some(octets) if octets <= end.text().len() => line = end.part(octets).0,
            _ => return expected(end, "all octets of a literal"),
        }
    }
}

/// How long the literal is that this line announces at its end; `None` inside where that cannot be told.
///
/// More digits than any number has are such an announcement, whatever stands before them: a reader may have looked at
/// the end of the line alone.
pub(crate) fn literal_at_end(line: &[u8]) -> Option<Option<u64>> {
    let rest = line.strip_suffix(b"}")?;
    let rest = rest.strip_suffix(b"+").unwrap_or(rest);
    let digits = rest.iter().rev().take_while(|octet| octet.is_ascii_digit()).count();
    let (before, digits) = rest.split_at_checked(rest.len() - digits)?;
    if digits.is_empty() || !before.ends_with(b"{") && digits.len() < 20 {
        return None;
    }
    let number = core::str::from_utf8(digits).ok().filter(|_| before.ends_with(b"{"));
    Some(number.and_then(|number| number.parse().ok()))
}

/// Takes arguments apart: a line of text without the announcement at its end, and the literal behind it. The last
/// line has none.
pub(crate) fn pieces(arguments: &bytes::Bytes) -> impl Iterator<Item = (&[u8], Option<bytes::Bytes>)> {
    let mut at = Some(0);
    core::iter::from_fn(move || {
        let rest = arguments.get(at?..)?;
        let line = rest.get(..class::run(rest, TEXT))?;
        let Some(octets) = literal_at_end(line).flatten().and_then(|octets| usize::try_from(octets).ok())
        else {
            at = None;
            return Some((line, None));
        };
        let behind = rest.get(line.len()..)?;
        let end: usize = if behind.starts_with(b"\r\n") { 2 } else { 1 };
        let literal = behind.get(end..end.checked_add(octets)?)?;
        at = at.and_then(|at| at.checked_add(line.len() + end + octets));
        let brace = line.iter().rposition(|octet| *octet == b'{')?;
        Some((line.get(..brace)?, Some(arguments.slice_ref(literal))))
    })
}
