//! Flags.
use super::{
    PARENTHESES, Tolerance,
    class::{self, ATOM},
    leaf::{Key, astring_chars, atom, key, name},
    list,
};
use crate::{
    DeviationKind, Flags,
    types::flag::{ANSWERED, DELETED, DRAFT, FLAGGED, RECENT, SEEN, WILDCARD},
};
use mail_wire::{
    Text,
    span::{Parsed, Span, expected},
};

const KEY_ANSWERED: Key = key(b"ANSWERED");
const KEY_FLAGGED: Key = key(b"FLAGGED");
const KEY_DELETED: Key = key(b"DELETED");
const KEY_SEEN: Key = key(b"SEEN");
const KEY_DRAFT: Key = key(b"DRAFT");
const KEY_RECENT: Key = key(b"RECENT");

/// Where flags stand, and so which of them may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Use {
    /// To be set: `flag`.
    Set,
    /// Told of a message: `flag-fetch = flag / "\Recent"`.
    Told,
    /// PERMANENTFLAGS: `flag-perm = flag / "\*"`.
    Permanent,
}

/// The bit of a flag that has one, named without its backslash.
#[inline]
fn bit(key: Key) -> Option<u8> {
    Some(match key {
        KEY_SEEN => SEEN,
        KEY_ANSWERED => ANSWERED,
        KEY_FLAGGED => FLAGGED,
        KEY_DELETED => DELETED,
        KEY_DRAFT => DRAFT,
        KEY_RECENT => RECENT,
        _ => return None,
    })
}

/// The bit of a flag that has one, `\*` among them.
pub(crate) fn system(flag: &[u8]) -> Option<u8> {
    match flag.strip_prefix(b"\\")? {
        b"*" => Some(WILDCARD),
        name if name.iter().all(u8::is_ascii_alphabetic) => bit(key(name)),
        _ => None,
    }
}

/// Flags as they are found, one after the other.
#[derive(Default)]
pub(crate) struct Gathered<'a> {
    system: u8,
    /// From the first keyword on.
    first: Option<Span<'a>>,
    /// What stands behind the last.
    behind: Option<Span<'a>>,
}

impl Gathered<'_> {
    #[inline]
    pub(crate) fn into_flags(self) -> Result<Flags, nom::Err<mail_wire::span::Expected>> {
        let keywords = match (self.first, self.behind) {
            (Some(first), Some(behind)) => first.before(behind).share_text()?,
            _ => Text::EMPTY,
        };
        Ok(Flags::from_checked(self.system, keywords))
    }
}

/// `flag-list = "(" [flag *(SP flag)] ")"`
#[inline]
pub(crate) fn flag_list<'a>(i: Span<'a>, r#use: Use, tolerance: &mut Tolerance<'_>) -> Parsed<'a, Flags> {
    let mut gathered = Gathered::default();
    let (rest, _) = list(i, tolerance, PARENTHESES, |i, tolerance| flag(i, r#use, &mut gathered, tolerance))?;
    Ok((rest, gathered.into_flags()?))
}

/// `flag = "\Answered" / "\Flagged" / "\Deleted" / "\Seen" / "\Draft" / flag-keyword / flag-extension`
#[inline]
pub(crate) fn flag<'a>(
    i: Span<'a>,
    r#use: Use,
    gathered: &mut Gathered<'a>,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, ()> {
    if i.first() == Some(b'\\') {
        let at = i.part(1).0;
        if let Ok((rest, (_, key))) = name(at) {
            if let Some(bit) = bit(key).filter(|_| !rest.first().is_some_and(|octet| class::is(octet, ATOM)))
            {
                // rule rfc3501 2.3.2 recent-cannot-be-set: no client sets \Recent
                if bit == RECENT && r#use != Use::Told && !tolerance.tolerate(DeviationKind::RecentFlag, i) {
                    return expected(i, "a flag that can be set");
                }
                gathered.system |= bit;
                return Ok((rest, ()));
            }
        }
        if at.first() == Some(b'*')
            && (r#use == Use::Permanent || tolerance.tolerate(DeviationKind::WildcardFlag, i))
        {
            gathered.system |= WILDCARD;
            return Ok((at.part(1).0, ()));
        }
    }
    let (rest, ()) = keyword_chars(i, tolerance)?;
    if gathered.first.is_none() {
        gathered.first = Some(i);
    }
    gathered.behind = Some(rest);
    Ok((rest, ()))
}

/// `["\"] atom`; `]` is tolerated, and octets above 0x7F are.
#[inline]
fn keyword_chars<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, ()> {
    let at = if i.first() == Some(b'\\') { i.part(1).0 } else { i };
    let octets = class::run(at.text(), ATOM);
    let rest = at.part(octets).0;
    match rest.first() {
        Some(octet)
            if (octet == b']' && tolerance.tolerate(DeviationKind::BracketInFlag, rest)) || octet >= 0x80 =>
        {
            astring_chars(at, tolerance).map(|(rest, _)| (rest, ()))
        }
        _ if octets == 0 => expected(at, "a flag"),
        _ => Ok((rest, ())),
    }
}

/// `flag-keyword / flag-extension`, none that has a name of its own.
pub(crate) fn keyword(i: Span<'_>) -> Parsed<'_, Text> {
    let at = if i.first() == Some(b'\\') { i.part(1).0 } else { i };
    let Ok((rest, _)) = atom(at) else { return expected(at, "a flag") };
    let keyword = i.before(rest);
    // rule rfc3501 6.4.4 keyword-is-no-system-flag: KEYWORD takes a keyword, and no flag that has a key of its own
    if system(keyword.text()).is_some() {
        return expected(i, "a keyword");
    }
    Ok((rest, keyword.share_text()?))
}
