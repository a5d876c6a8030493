//! A SEARCH, made ready to be asked of messages.
use super::{
    super::{summary::Summary, text::SearchText},
    key::Key,
    needle::Charset,
};
use imap_proto::{DateTime, Flags, Search};
use thiserror::Error;

/// A SEARCH that messages are held against, one after the other: with what is at hand first, and with what must be
/// read only where that does not decide.
///
/// ```
/// use imap_proto::{Flag, Flags, Numbering, Search, SearchKey};
/// use mail_server::message::{Facts, Needs, Query, Recency, Setting, Summary, Verdict};
/// let search = Search::new(Numbering::Uid, vec![SearchKey::Subject("lunch".try_into()?), SearchKey::Unseen]);
/// let query = Query::new(&search, Setting { last_number: 1, last_uid: 7, now: 0 })?;
/// let seen = Flags::from_iter([Flag::Seen]);
/// let internal_date = "17-Jul-1996 02:44:25 -0700".parse()?;
/// let mut facts = Facts { number: 1, uid: 7, flags: &seen, recency: Recency::Old, internal_date, size: 26 };
/// assert_eq!(query.check(&facts, None, None), Verdict::Fails);
/// facts.flags = &Flags::NONE;
/// assert_eq!(query.check(&facts, None, None), Verdict::Needs(Needs::Text));
/// let (summary, text) = Summary::of(b"Subject: =?utf-8?q?L=55NCH?=\r\n\r\nToday?\r\n");
/// assert_eq!(query.check(&facts, Some(&summary), Some(&text)), Verdict::Matches);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone)]
pub struct Query {
    key: Key,
    needs: Needs,
}

/// What a message is held against a [`Query`] with, besides itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Setting {
    /// The largest message number of the mailbox: what `*` is. 0 where it is empty.
    pub last_number: u32,
    /// The largest UID of the mailbox.
    pub last_uid: u32,
    /// Seconds since 1 January 1970, UTC: what OLDER and YOUNGER count from.
    pub now: i64,
}

/// What is at hand of a message without reading it.
#[derive(Debug, Clone, Copy)]
pub struct Facts<'a> {
    /// Its number, as the session that searches counts.
    pub number: u32,
    /// Its UID.
    pub uid: u32,
    /// Its flags.
    pub flags: &'a Flags,
    /// Is it new to the session that searches?
    pub recency: Recency,
    /// When it was taken in.
    pub internal_date: DateTime,
    /// How many octets it has.
    pub size: u64,
}

/// Whether the session that searches is the first to see a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Recency {
    /// It is: the message is `\Recent`.
    Recent,
    /// It is not.
    Old,
}

/// What must be read of a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Needs {
    /// Nothing.
    Nothing,
    /// Its [`Summary`].
    Summary,
    /// Its [`SearchText`], and its summary where that is asked for first.
    Text,
}

/// Does a message match?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Verdict {
    /// It does.
    Matches,
    /// It does not.
    Fails,
    /// That is not decided before this is read.
    Needs(Needs),
}

/// A SEARCH that cannot be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidSearch {
    /// Its strings are neither in US-ASCII nor in UTF-8: the answer is `NO [BADCHARSET (US-ASCII UTF-8)]`.
    #[error("a charset other than US-ASCII and UTF-8")]
    BadCharset,
    /// It asks for `$`, the result of another SEARCH, which is not kept.
    #[error("the result of a search was not saved")]
    NotSaved,
    /// It has a key that this server does not know.
    #[error("an unknown search key")]
    UnknownKey,
}

impl Query {
    /// Makes a SEARCH ready.
    ///
    /// # Errors
    /// It asks for what this server does not do; see [`InvalidSearch`].
    pub fn new(search: &Search, setting: Setting) -> Result<Self, InvalidSearch> {
        let charset = Charset::of(search.charset.as_ref())?;
        let key = Key::all(&search.keys, charset, setting)?;
        Ok(Self { needs: key.needs(), key })
    }

    /// The most that may have to be read of a message.
    pub fn needs(&self) -> Needs {
        self.needs
    }

    /// Holds a message against it, as far as it is at hand.
    pub fn check(&self, facts: &Facts<'_>, summary: Option<&Summary>, text: Option<&SearchText>) -> Verdict {
        self.key.check(facts, summary, text)
    }

    /// Does a message match of which all that the query [needs](Self::needs) is at hand?
    pub fn matches(&self, facts: &Facts<'_>, summary: Option<&Summary>, text: Option<&SearchText>) -> bool {
        self.check(facts, summary, text) == Verdict::Matches
    }
}
