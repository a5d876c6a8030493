//! Messages in pieces: BDAT ([RFC 3030 §2]) and BURL ([RFC 4468 §3.5]).
//!
//! [RFC 3030 §2]: https://www.rfc-editor.org/rfc/rfc3030#section-2
//! [RFC 4468 §3.5]: https://www.rfc-editor.org/rfc/rfc4468#section-3.5
use super::{Tolerance, space};
use crate::{Bdat, Chunk};
use mail_wire::{
    class::{self, ALNUM, ALPHA},
    span::{Parsed, Span, expected, letters, number, octet},
};

/// `bdat-cmd = "BDAT" SP chunk-size [ SP end-marker ] CRLF`, `chunk-size = 1*DIGIT`
pub(crate) fn bdat<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Bdat> {
    let (i, ()) = space(i, tolerance)?;
    // rule rfc3030 2 chunk-size: a chunk's length is a number below 2^64 [instead: number(i).unwrap_or((i, 0))]
    let (i, length) = number(i)?;
    end_marker(i, tolerance).map(|(rest, chunk)| (rest, Bdat { length, chunk }))
}

/// `burl-cmd = "BURL" SP absolute-URI [ SP end-marker ] CRLF`: how many octets are left where the URL starts, and
/// behind it.
pub(crate) fn burl<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, (usize, usize, Chunk)> {
    let (start, ()) = space(i, tolerance)?;
    let (end, ()) = absolute_uri(start)?;
    let (rest, chunk) = end_marker(end, tolerance)?;
    Ok((rest, (start.text().len(), end.text().len(), chunk)))
}

/// `[ SP end-marker ]`, `end-marker = "LAST"`
fn end_marker<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Chunk> {
    // rule rfc3030 2 last-optional: a chunk without LAST has others behind it
    if i.is_empty() {
        return Ok((i, Chunk::More));
    }
    let (i, ()) = space(i, tolerance)?;
    // rule rfc3030 2 end-marker: nothing but LAST may stand behind the length of a chunk
    let (i, ()) = letters("LAST", "LAST")(i)?;
    Ok((i, Chunk::Last))
}

/// `absolute-URI = scheme ":" hier-part [ "?" query ]` ([RFC 3986 §4.3]): of the octets that an URI may have, which is
/// all that can be said without knowing its scheme.
///
/// [RFC 3986 §4.3]: https://www.rfc-editor.org/rfc/rfc3986#section-4.3
pub(crate) fn absolute_uri(i: Span<'_>) -> Parsed<'_, ()> {
    // `scheme = ALPHA *( ALPHA / DIGIT / "+" / "-" / "." )`
    if !i.first().is_some_and(|first| class::is(first, ALPHA)) {
        return expected(i, "a URL");
    }
    let in_scheme = |octet: &&u8| class::is(**octet, ALNUM) || matches!(octet, b'+' | b'-' | b'.');
    let (rest, ()) = octet(b':', "':'")(i.part(i.text().iter().take_while(in_scheme).count()).0)?;
    // Of the reserved ones all but `#`, which ends the URI.
    let in_uri = |octet: &&u8| class::is(**octet, ALNUM) || b"-._~%:/?[]@!$&'()*+,;=".contains(octet);
    match rest.text().iter().take_while(in_uri).count() {
        0 => expected(rest, "what the URL names"),
        octets => Ok((rest.part(octets).0, ())),
    }
}
