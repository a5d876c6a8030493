//! `SEARCH`.
use super::Numbering;
use crate::{AString, Date, Keyword, SequenceSet};
use alloc::{boxed::Box, vec::Vec};

/// `SEARCH`: asks which messages match.
///
/// ```
/// use imap_proto::{Numbering, Search, SearchKey};
/// let search = Search::new(Numbering::Uid, vec![SearchKey::Unseen, SearchKey::Subject("lunch".try_into()?)]);
/// assert_eq!(search.keys.len(), 2);
/// # Ok::<(), imap_proto::InvalidString>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub struct Search {
    /// What the numbers of the answer are.
    pub numbering: Numbering,
    /// What to tell of the result; `None` for an answer as in IMAP4rev1.
    pub returns: Option<SearchReturn>,
    /// What the strings of the keys are written in; `None` for US-ASCII.
    pub charset: Option<AString>,
    /// What a message must match: all of these. None at all is written as `ALL`.
    pub keys: Vec<SearchKey>,
}

/// What SEARCH tells of its result
/// ([RFC 9051 §6.4.4](https://www.rfc-editor.org/rfc/rfc9051#section-6.4.4), [RFC 4731](https://www.rfc-editor.org/rfc/rfc4731)).
///
/// ```
/// use imap_proto::SearchReturn;
/// let returns = SearchReturn::MIN | SearchReturn::COUNT;
/// assert!(returns.contains(SearchReturn::COUNT) && !returns.contains(SearchReturn::SAVE));
/// ```
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct SearchReturn(u8);

/// What a message must match ([RFC 9051 §6.4.4](https://www.rfc-editor.org/rfc/rfc9051#section-6.4.4)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum SearchKey {
    /// `ALL`: every message does.
    All,
    /// `ANSWERED`
    Answered,
    /// `DELETED`
    Deleted,
    /// `DRAFT`
    Draft,
    /// `FLAGGED`
    Flagged,
    /// `NEW`: `RECENT UNSEEN`. Not in IMAP4rev2, as are `OLD` and `RECENT`.
    New,
    /// `OLD`: `NOT RECENT`
    Old,
    /// `RECENT`
    Recent,
    /// `SEEN`
    Seen,
    /// `UNANSWERED`
    Unanswered,
    /// `UNDELETED`
    Undeleted,
    /// `UNDRAFT`
    Undraft,
    /// `UNFLAGGED`
    Unflagged,
    /// `UNSEEN`
    Unseen,
    /// `KEYWORD`: it has this keyword.
    Keyword(Keyword),
    /// `UNKEYWORD`: it does not have this keyword.
    Unkeyword(Keyword),
    /// `BCC`: the envelope's field holds this string.
    Bcc(AString),
    /// `CC`: the envelope's field holds this string.
    Cc(AString),
    /// `FROM`: the envelope's field holds this string.
    From(AString),
    /// `SUBJECT`: the envelope's field holds this string.
    Subject(AString),
    /// `TO`: the envelope's field holds this string.
    To(AString),
    /// `BODY`: the body holds this string.
    Body(AString),
    /// `TEXT`: header or body hold this string.
    Text(AString),
    /// `HEADER`: a field of the header holds a string.
    Header(Box<HeaderKey>),
    /// `BEFORE`: the server took it in before that day.
    Before(Date),
    /// `ON`: the server took it in on that day.
    On(Date),
    /// `SINCE`: the server took it in on that day, or later.
    Since(Date),
    /// `SENTBEFORE`: its Date field is before that day.
    SentBefore(Date),
    /// `SENTON`: its Date field is of that day.
    SentOn(Date),
    /// `SENTSINCE`: its Date field is of that day, or later.
    SentSince(Date),
    /// `LARGER`: it has more octets.
    Larger(u64),
    /// `SMALLER`: it has fewer octets.
    Smaller(u64),
    /// `OLDER`: the server took it in at least so many seconds ago ([RFC 5032](https://www.rfc-editor.org/rfc/rfc5032)); not 0.
    Older(core::num::NonZeroU32),
    /// `YOUNGER`: the server took it in at most so many seconds ago; not 0.
    Younger(core::num::NonZeroU32),
    /// It has one of these message numbers.
    Sequence(SequenceSet),
    /// `UID`: it has one of these UIDs.
    Uid(SequenceSet),
    /// `NOT`: it does not match this.
    Not(Box<SearchKey>),
    /// `OR`: it matches at least one of these two.
    Or(Box<[SearchKey; 2]>),
    /// It matches all of these. None at all is written as `ALL`.
    And(Vec<SearchKey>),
}

/// A field of a header, and what it must hold; the empty string matches any field of that name.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct HeaderKey {
    /// The name of the field.
    pub name: AString,
    /// What it must hold.
    pub value: AString,
}

impl Search {
    /// Messages that match all of these.
    pub fn new(numbering: Numbering, keys: Vec<SearchKey>) -> Self {
        Self { numbering, returns: None, charset: None, keys }
    }

    /// Asks for these of the result alone.
    #[must_use]
    pub fn returning(self, returns: SearchReturn) -> Self {
        Self { returns: Some(returns), ..self }
    }

    /// Tells what the strings of the keys are written in. Where UTF8=ACCEPT is enabled, none may be told
    /// ([RFC 6855 §3](https://www.rfc-editor.org/rfc/rfc6855#section-3)).
    #[must_use]
    pub fn with_charset(self, charset: AString) -> Self {
        Self { charset: Some(charset), ..self }
    }
}

impl SearchReturn {
    /// Nothing is named: the server tells all.
    pub const DEFAULT: Self = Self(0);
    /// `MIN`: the lowest number.
    pub const MIN: Self = Self(1);
    /// `MAX`: the highest number.
    pub const MAX: Self = Self(1 << 1);
    /// `ALL`: all numbers.
    pub const ALL: Self = Self(1 << 2);
    /// `COUNT`: how many.
    pub const COUNT: Self = Self(1 << 3);
    /// `SAVE`: keeps them as `$` ([RFC 5182](https://www.rfc-editor.org/rfc/rfc5182)).
    pub const SAVE: Self = Self(1 << 4);

    /// Those that have names, in the order they are written in.
    pub(crate) const NAMES: [(&str, Self); 5] = [
        ("MIN", Self::MIN),
        ("MAX", Self::MAX),
        ("ALL", Self::ALL),
        ("COUNT", Self::COUNT),
        ("SAVE", Self::SAVE),
    ];

    /// Are all of these among them?
    pub const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }
}

impl core::ops::BitOr for SearchReturn {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}
