//! `SEARCH`.
use super::super::{
    PARENTHESES, Tolerance, date,
    flag::keyword,
    is_over,
    leaf::{Key, close, key, name, number64, nz_number},
    list,
    sequence::sequence_set,
    space,
    string::astring,
};
use crate::{AString, Date, HeaderKey, Keyword, Numbering, Search, SearchKey, SearchReturn};
use alloc::{boxed::Box, vec::Vec};
use core::num::NonZeroU32;
use mail_wire::span::{Expected, Parsed, Span, expected};

const ALL: Key = key(b"ALL");
const ANSWERED: Key = key(b"ANSWERED");
const BCC: Key = key(b"BCC");
const BEFORE: Key = key(b"BEFORE");
const BODY: Key = key(b"BODY");
const CC: Key = key(b"CC");
const CHARSET: Key = key(b"CHARSET");
const DELETED: Key = key(b"DELETED");
const DRAFT: Key = key(b"DRAFT");
const FLAGGED: Key = key(b"FLAGGED");
const FROM: Key = key(b"FROM");
const HEADER: Key = key(b"HEADER");
const KEYWORD: Key = key(b"KEYWORD");
const LARGER: Key = key(b"LARGER");
const NEW: Key = key(b"NEW");
const NOT: Key = key(b"NOT");
const OLD: Key = key(b"OLD");
const OLDER: Key = key(b"OLDER");
const ON: Key = key(b"ON");
const OR: Key = key(b"OR");
const RECENT: Key = key(b"RECENT");
const RETURN: Key = key(b"RETURN");
const SEEN: Key = key(b"SEEN");
const SENTBEFORE: Key = key(b"SENTBEFORE");
const SENTON: Key = key(b"SENTON");
const SENTSINCE: Key = key(b"SENTSINCE");
const SINCE: Key = key(b"SINCE");
const SMALLER: Key = key(b"SMALLER");
const SUBJECT: Key = key(b"SUBJECT");
const TEXT: Key = key(b"TEXT");
const TO: Key = key(b"TO");
const UID: Key = key(b"UID");
const UNANSWERED: Key = key(b"UNANSWERED");
const UNDELETED: Key = key(b"UNDELETED");
const UNDRAFT: Key = key(b"UNDRAFT");
const UNFLAGGED: Key = key(b"UNFLAGGED");
const UNKEYWORD: Key = key(b"UNKEYWORD");
const UNSEEN: Key = key(b"UNSEEN");
const YOUNGER: Key = key(b"YOUNGER");

/// `search = "SEARCH" [search-return-opts] SP search-program`, where
/// `search-program = ["CHARSET" SP charset SP] search-key *(SP search-key)`
pub(super) fn search<'a>(
    i: Span<'a>,
    behind: &mut Span<'a>,
    numbering: Numbering,
    tolerance: &mut Tolerance<'_>,
) -> Result<Search, nom::Err<Expected>> {
    let (mut i, ()) = space(i, tolerance)?;
    let mut returns = None;
    // rule rfc9051 6.4.4 return-options: RETURN says what SEARCH is to tell
    if let Ok((rest, (_, RETURN))) = name(i) {
        let (rest, ()) = space(rest, tolerance)?;
        let (rest, found) = search_return_opts(rest, tolerance)?;
        (i, ()) = space(rest, tolerance)?;
        returns = Some(found);
    }
    let mut charset = None;
    // rule rfc3501 6.4.4 charset: CHARSET stands before the keys
    if let Ok((rest, (_, CHARSET))) = name(i) {
        let (rest, ()) = space(rest, tolerance)?;
        // The RFC's `charset = atom / quoted`; IMAP4rev1 has an astring there.
        let (rest, found) = astring(rest, tolerance)?;
        (i, ()) = space(rest, tolerance)?;
        charset = Some(found);
    }
    let mut keys = Vec::new();
    loop {
        if keys.len() as u64 >= u64::from(tolerance.items()) {
            return expected(i, "fewer search keys");
        }
        let (rest, key) = search_key(i, tolerance)?;
        if keys.is_empty() {
            // Most searches have one key or two.
            keys.reserve_exact(if rest.is_empty() { 1 } else { 2 });
        }
        keys.push(key);
        if is_over(rest) {
            *behind = rest;
            return Ok(Search { returns, charset, ..Search::new(numbering, keys) });
        }
        (i, ()) = space(rest, tolerance)?;
    }
}

/// `"(" [search-return-opt *(SP search-return-opt)] ")"`, where
/// `search-return-opt = "MIN" / "MAX" / "ALL" / "COUNT" / "SAVE"`
fn search_return_opts<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, SearchReturn> {
    let mut returns = SearchReturn::DEFAULT;
    let (rest, _) = list(i, tolerance, PARENTHESES, |i, _| {
        const RULE: &str = "MIN, MAX, ALL, COUNT or SAVE";
        let Ok((rest, (name, _))) = name(i) else { return expected(i, RULE) };
        let mut names = SearchReturn::NAMES.iter();
        match names.find(|(known, _)| name.text().eq_ignore_ascii_case(known.as_bytes())) {
            Some((_, found)) => returns = returns | *found,
            None => return expected(i, RULE),
        }
        Ok((rest, ()))
    })?;
    Ok((rest, returns))
}

/// `search-key = "ALL" / "ANSWERED" / "BCC" SP astring / .. / sequence-set / "(" search-key *(SP search-key) ")"`
fn search_key<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, SearchKey> {
    match i.first() {
        // rule rfc3501 6.4.4 keys-in-parentheses: keys in parentheses are one key
        Some(b'(') => return tolerance.nested(i, and),
        // rule rfc3501 6.4.4 numbers-are-keys: message numbers are a key
        Some(b'0'..=b'9' | b'*' | b'$') => {
            return sequence_set(i, tolerance).map(|(rest, set)| (rest, SearchKey::Sequence(set)));
        }
        _ => {}
    }
    let Ok((rest, (_, key))) = name(i) else { return expected(i, "a search key") };
    let key = match key {
        ALL => SearchKey::All,
        ANSWERED => SearchKey::Answered,
        DELETED => SearchKey::Deleted,
        DRAFT => SearchKey::Draft,
        FLAGGED => SearchKey::Flagged,
        NEW => SearchKey::New,
        OLD => SearchKey::Old,
        RECENT => SearchKey::Recent,
        SEEN => SearchKey::Seen,
        UNANSWERED => SearchKey::Unanswered,
        UNDELETED => SearchKey::Undeleted,
        UNDRAFT => SearchKey::Undraft,
        UNFLAGGED => SearchKey::Unflagged,
        UNSEEN => SearchKey::Unseen,
        BCC => return of_string(rest, SearchKey::Bcc, tolerance),
        BODY => return of_string(rest, SearchKey::Body, tolerance),
        CC => return of_string(rest, SearchKey::Cc, tolerance),
        FROM => return of_string(rest, SearchKey::From, tolerance),
        SUBJECT => return of_string(rest, SearchKey::Subject, tolerance),
        TEXT => return of_string(rest, SearchKey::Text, tolerance),
        TO => return of_string(rest, SearchKey::To, tolerance),
        // rule rfc3501 6.4.4 header: HEADER takes a name and a string
        HEADER => return header(rest, tolerance),
        KEYWORD => return of_keyword(rest, SearchKey::Keyword, tolerance),
        UNKEYWORD => return of_keyword(rest, SearchKey::Unkeyword, tolerance),
        BEFORE => return of_date(rest, SearchKey::Before, tolerance),
        ON => return of_date(rest, SearchKey::On, tolerance),
        SINCE => return of_date(rest, SearchKey::Since, tolerance),
        SENTBEFORE => return of_date(rest, SearchKey::SentBefore, tolerance),
        SENTON => return of_date(rest, SearchKey::SentOn, tolerance),
        SENTSINCE => return of_date(rest, SearchKey::SentSince, tolerance),
        LARGER => return of_size(rest, SearchKey::Larger, tolerance),
        SMALLER => return of_size(rest, SearchKey::Smaller, tolerance),
        OLDER => return of_interval(rest, SearchKey::Older, tolerance),
        YOUNGER => return of_interval(rest, SearchKey::Younger, tolerance),
        // rule rfc3501 6.4.4 uid-key: UID takes UIDs
        UID => {
            let (rest, ()) = space(rest, tolerance)?;
            return sequence_set(rest, tolerance).map(|(rest, set)| (rest, SearchKey::Uid(set)));
        }
        // rule rfc3501 6.4.4 not: NOT takes a key
        NOT => return tolerance.nested(rest, not),
        // rule rfc3501 6.4.4 or: OR takes two keys
        OR => return tolerance.nested(rest, or),
        _ => return expected(i, "a search key"),
    };
    Ok((rest, key))
}

/// `"(" search-key *(SP search-key) ")"`
fn and<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, SearchKey> {
    let mut keys = Vec::new();
    let (rest, count) = list(i, tolerance, PARENTHESES, |i, tolerance| {
        let (rest, key) = search_key(i, tolerance)?;
        keys.push(key);
        Ok((rest, ()))
    })?;
    // rule rfc3501 9 no-empty-key: parentheses hold one key at least
    if count == 0 {
        return close(i.part(1).0).and_then(|_| expected(i.part(1).0, "a search key"));
    }
    // A first key makes room for four: forty times the text of `(1)`, which may stand there thousands of times.
    keys.shrink_to_fit();
    Ok((rest, SearchKey::And(keys)))
}

/// `"NOT" SP search-key`, behind its name
fn not<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, SearchKey> {
    let (i, ()) = space(i, tolerance)?;
    let (i, key) = search_key(i, tolerance)?;
    Ok((i, SearchKey::Not(Box::new(key))))
}

/// `"OR" SP search-key SP search-key`, behind its name
fn or<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, SearchKey> {
    let (i, ()) = space(i, tolerance)?;
    let (i, one) = search_key(i, tolerance)?;
    let (i, ()) = space(i, tolerance)?;
    let (i, other) = search_key(i, tolerance)?;
    Ok((i, SearchKey::Or(Box::new([one, other]))))
}

/// `"HEADER" SP header-fld-name SP astring`, behind its name
fn header<'a>(i: Span<'a>, tolerance: &mut Tolerance<'_>) -> Parsed<'a, SearchKey> {
    let (i, ()) = space(i, tolerance)?;
    let (i, name) = astring(i, tolerance)?;
    let (i, ()) = space(i, tolerance)?;
    let (i, value) = astring(i, tolerance)?;
    Ok((i, SearchKey::Header(Box::new(HeaderKey { name, value }))))
}

/// `SP astring`
fn of_string<'a>(
    i: Span<'a>,
    key: fn(AString) -> SearchKey,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, SearchKey> {
    let (i, ()) = space(i, tolerance)?;
    astring(i, tolerance).map(|(rest, string)| (rest, key(string)))
}

/// `SP flag-keyword`
fn of_keyword<'a>(
    i: Span<'a>,
    key: fn(Keyword) -> SearchKey,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, SearchKey> {
    let (i, ()) = space(i, tolerance)?;
    keyword(i).map(|(rest, keyword)| (rest, key(Keyword::from_checked(keyword))))
}

/// `SP date`
fn of_date<'a>(
    i: Span<'a>,
    key: fn(Date) -> SearchKey,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, SearchKey> {
    let (i, ()) = space(i, tolerance)?;
    date::date(i).map(|(rest, date)| (rest, key(date)))
}

/// `SP number64`
fn of_size<'a>(
    i: Span<'a>,
    key: fn(u64) -> SearchKey,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, SearchKey> {
    let (i, ()) = space(i, tolerance)?;
    number64(i).map(|(rest, octets)| (rest, key(octets)))
}

/// `SP nz-number`
fn of_interval<'a>(
    i: Span<'a>,
    key: fn(NonZeroU32) -> SearchKey,
    tolerance: &mut Tolerance<'_>,
) -> Parsed<'a, SearchKey> {
    let (i, ()) = space(i, tolerance)?;
    let (rest, seconds) = nz_number(i, tolerance)?;
    match NonZeroU32::new(seconds) {
        Some(seconds) => Ok((rest, key(seconds))),
        None => expected(i, "a number above zero"),
    }
}
