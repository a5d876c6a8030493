//! APOP ([RFC 1939 §7](https://www.rfc-editor.org/rfc/rfc1939#section-7)).
use super::user_name;
use crate::{Command, Digest, Timestamp};
use mail_wire::span::{Parsed, Span, expected, octet, rest, sp};

/// `apop = "APOP" SP name SP digest`, behind the first space
///
/// A name may hold spaces, as that of USER may: the digest, which holds none, stands behind the last one.
pub(super) fn apop(i: Span<'_>) -> Parsed<'_, Command> {
    let Some(space) = i.text().iter().rposition(|octet| *octet == b' ') else {
        return expected(rest(i)?.0, "a space");
    };
    let (i, name) = i.part(space);
    let name = user_name(name)?;
    let (i, ()) = sp(i)?;
    let (i, digest) = digest(i)?;
    Ok((i, Command::Apop { name, digest }))
}

/// `digest = 32(DIGIT / %x61-66)`
fn digest(i: Span<'_>) -> Parsed<'_, Digest> {
    let (after, digits) = i.part(Digest::DIGITS);
    match Digest::new(digits.text()) {
        Ok(digest) => Ok((after, digest)),
        Err(_) => expected(i, "a digest of 32 digits"),
    }
}

/// `timestamp = "<" dot-atom "@" (dot-atom / domain-literal) ">"`: a msg-id of RFC 822 without quoted strings
pub(crate) fn timestamp(i: Span<'_>) -> Parsed<'_, Timestamp> {
    const RULE: &str = "a timestamp";
    let start = i;
    let (i, ()) = octet(b'<', RULE)(i)?;
    let (i, ()) = word(i, is_atext)?;
    let (i, ()) = octet(b'@', RULE)(i)?;
    let (i, ()) = word(i, |octet| is_atext(octet) || matches!(octet, b'[' | b']' | b':'))?;
    let (i, ()) = octet(b'>', RULE)(i)?;
    let timestamp = start.before(i);
    if timestamp.text().len() > Timestamp::MAX {
        return expected(start, RULE);
    }
    Ok((i, Timestamp::checked(timestamp.share_text()?)))
}

/// `1*octet`
fn word(i: Span<'_>, is: impl Fn(u8) -> bool) -> Parsed<'_, ()> {
    match super::run(i, is) {
        0 => expected(i, "an atom"),
        octets => Ok((i.part(octets).0, ())),
    }
}

/// `atext / "."` ([RFC 5322 §3.2.3](https://www.rfc-editor.org/rfc/rfc5322#section-3.2.3))
fn is_atext(octet: u8) -> bool {
    // rule rfc1939 7 timestamp-msg-id: a timestamp is of atoms [instead: octet != b'@' && octet != b'>']
    octet.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(&octet)
}
