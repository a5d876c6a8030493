//! The keys of a SEARCH, in the order of what they cost.
use super::{
    super::{summary::Summary, text::SearchText},
    needle::{Charset, Needle},
    query::{Facts, InvalidSearch, Needs, Recency, Setting, Verdict},
};
use imap_proto::{AString, Date, Flag, SearchKey, SequenceSet};
use std::cmp::Ordering;

/// What a message must be.
#[derive(Debug, Clone)]
pub(super) enum Key {
    /// All of these: the cheap ones first. Of none, any message is it.
    All(Vec<Key>),
    /// At least one of these: the cheap ones first. Of none, no message is it.
    Any(Vec<Key>),
    Not(Box<Key>),
    Flag(Flag),
    Recent,
    /// Its number is among these, where the second is `*`.
    Number(SequenceSet, u32),
    Uid(SequenceSet, u32),
    /// It was taken in on a day that compares so.
    Taken(Days),
    /// It was taken in at this second or later.
    TakenSince(i64),
    /// Its Date field is of a day that compares so.
    Sent(Days),
    Larger(u64),
    Smaller(u64),
    /// A field of this name holds this.
    Field(String, Needle),
    Body(Needle),
    /// Header or body hold this.
    Text(Needle),
}

/// Days that compare so with this one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Days {
    date: Date,
    order: Ordering,
}

impl Days {
    fn hold(self, date: Date) -> bool {
        date.cmp(&self.date) == self.order
    }
}

impl Key {
    /// What a message must be that matches all of these.
    pub(super) fn all(keys: &[SearchKey], charset: Charset, setting: Setting) -> Result<Self, InvalidSearch> {
        Ok(Self::All(Self::sorted(keys, charset, setting)?))
    }

    fn sorted(keys: &[SearchKey], charset: Charset, setting: Setting) -> Result<Vec<Self>, InvalidSearch> {
        let keys = keys.iter().map(|key| Self::new(key, charset, setting));
        let mut keys = keys.collect::<Result<Vec<_>, _>>()?;
        keys.sort_by_key(Self::needs);
        Ok(keys)
    }

    fn new(key: &SearchKey, charset: Charset, setting: Setting) -> Result<Self, InvalidSearch> {
        let not = |key| Self::Not(Box::new(key));
        let taken = |date: &Date, order| Self::Taken(Days { date: *date, order });
        let sent = |date: &Date, order| Self::Sent(Days { date: *date, order });
        let field = |name: &str, string: &AString| {
            Self::found(Needle::new(string, charset), |needle| Self::Field(name.to_ascii_lowercase(), needle))
        };
        Ok(match key {
            SearchKey::All => Self::All(Vec::new()),
            SearchKey::Answered => Self::Flag(Flag::Answered),
            SearchKey::Deleted => Self::Flag(Flag::Deleted),
            SearchKey::Draft => Self::Flag(Flag::Draft),
            SearchKey::Flagged => Self::Flag(Flag::Flagged),
            SearchKey::Seen => Self::Flag(Flag::Seen),
            SearchKey::Unanswered => not(Self::Flag(Flag::Answered)),
            SearchKey::Undeleted => not(Self::Flag(Flag::Deleted)),
            SearchKey::Undraft => not(Self::Flag(Flag::Draft)),
            SearchKey::Unflagged => not(Self::Flag(Flag::Flagged)),
            SearchKey::Unseen => not(Self::Flag(Flag::Seen)),
            SearchKey::Keyword(keyword) => Self::Flag(Flag::Keyword(keyword.clone())),
            SearchKey::Unkeyword(keyword) => not(Self::Flag(Flag::Keyword(keyword.clone()))),
            SearchKey::New => Self::All(vec![Self::Recent, not(Self::Flag(Flag::Seen))]),
            SearchKey::Old => not(Self::Recent),
            SearchKey::Recent => Self::Recent,
            SearchKey::Bcc(string) => field("bcc", string),
            SearchKey::Cc(string) => field("cc", string),
            SearchKey::From(string) => field("from", string),
            SearchKey::Subject(string) => field("subject", string),
            SearchKey::To(string) => field("to", string),
            SearchKey::Header(key) => field(&key.name.to_str_lossy(), &key.value),
            SearchKey::Body(string) => Self::found(Needle::new(string, charset), Self::Body),
            SearchKey::Text(string) => Self::found(Needle::new(string, charset), Self::Text),
            SearchKey::Before(date) => taken(date, Ordering::Less),
            SearchKey::On(date) => taken(date, Ordering::Equal),
            SearchKey::Since(date) => not(taken(date, Ordering::Less)),
            SearchKey::SentBefore(date) => sent(date, Ordering::Less),
            SearchKey::SentOn(date) => sent(date, Ordering::Equal),
            // A message that tells no date was sent neither before a day nor since.
            SearchKey::SentSince(date) => {
                Self::Any(vec![sent(date, Ordering::Equal), sent(date, Ordering::Greater)])
            }
            SearchKey::Larger(size) => Self::Larger(*size),
            SearchKey::Smaller(size) => Self::Smaller(*size),
            SearchKey::Younger(seconds) => Self::TakenSince(setting.now.saturating_sub(seconds.get().into())),
            // A message that is just so old is both.
            SearchKey::Older(seconds) => {
                let since = setting.now.saturating_sub(seconds.get().into()).saturating_add(1);
                not(Self::TakenSince(since))
            }
            SearchKey::Sequence(set) | SearchKey::Uid(set) if set.is_saved() => {
                return Err(InvalidSearch::NotSaved);
            }
            SearchKey::Sequence(set) => Self::Number(set.clone(), setting.last_number),
            SearchKey::Uid(set) => Self::Uid(set.clone(), setting.last_uid),
            SearchKey::Not(key) => not(Self::new(key, charset, setting)?),
            SearchKey::Or(keys) => Self::Any(Self::sorted(&keys[..], charset, setting)?),
            SearchKey::And(keys) => Self::all(keys, charset, setting)?,
            _ => return Err(InvalidSearch::UnknownKey),
        })
    }

    /// A key that looks for a string. One that is no text is found nowhere.
    fn found(needle: Option<Needle>, key: impl FnOnce(Needle) -> Self) -> Self {
        needle.map_or(Self::Any(Vec::new()), key)
    }

    /// The most that may have to be read.
    pub(super) fn needs(&self) -> Needs {
        match self {
            Self::All(keys) | Self::Any(keys) => keys.iter().map(Self::needs).max().unwrap_or(Needs::Nothing),
            Self::Not(key) => key.needs(),
            Self::Sent(_) => Needs::Summary,
            Self::Field(..) | Self::Body(_) | Self::Text(_) => Needs::Text,
            _ => Needs::Nothing,
        }
    }

    /// Is a message it, as far as it is at hand?
    pub(super) fn check(
        &self,
        facts: &Facts<'_>,
        summary: Option<&Summary>,
        text: Option<&SearchText>,
    ) -> Verdict {
        let decided = |is| if is { Verdict::Matches } else { Verdict::Fails };
        let in_text = |is: &dyn Fn(&SearchText) -> bool| {
            text.map_or(Verdict::Needs(Needs::Text), |text| decided(is(text)))
        };
        match self {
            Self::All(keys) => {
                first(keys, Verdict::Fails, Verdict::Matches, |key| key.check(facts, summary, text))
            }
            Self::Any(keys) => {
                first(keys, Verdict::Matches, Verdict::Fails, |key| key.check(facts, summary, text))
            }
            Self::Not(key) => match key.check(facts, summary, text) {
                Verdict::Matches => Verdict::Fails,
                Verdict::Fails => Verdict::Matches,
                needs @ Verdict::Needs(_) => needs,
            },
            Self::Flag(flag) => decided(facts.flags.contains(flag)),
            Self::Recent => decided(facts.recency == Recency::Recent),
            Self::Number(set, largest) => decided(set.contains(facts.number, *largest)),
            Self::Uid(set, largest) => decided(set.contains(facts.uid, *largest)),
            Self::Taken(days) => decided(days.hold(facts.internal_date.date())),
            Self::TakenSince(second) => decided(facts.internal_date.to_unix() >= *second),
            Self::Sent(days) => match summary {
                Some(summary) => decided(summary.sent().is_some_and(|date| days.hold(date))),
                None => Verdict::Needs(Needs::Summary),
            },
            Self::Larger(size) => decided(facts.size > *size),
            Self::Smaller(size) => decided(facts.size < *size),
            Self::Field(name, needle) => in_text(&|text| text.values(name).any(|value| needle.is_in(value))),
            Self::Body(needle) => in_text(&|text| needle.is_in(text.body())),
            Self::Text(needle) => in_text(&|text| {
                text.fields().any(|(name, value)| needle.is_in_field(name, value))
                    || needle.is_in(text.body())
                    || needle.is_in(text.part_headers())
            }),
        }
    }
}

/// The verdict that decides for all, if one of the keys has it; `otherwise` if all have another; else the least that
/// must be read.
fn first(keys: &[Key], decides: Verdict, otherwise: Verdict, check: impl Fn(&Key) -> Verdict) -> Verdict {
    let mut least = None;
    for key in keys {
        match check(key) {
            verdict if verdict == decides => return decides,
            Verdict::Needs(needs) => least = Some(least.map_or(needs, |least: Needs| least.min(needs))),
            _ => {}
        }
    }
    least.map_or(otherwise, Verdict::Needs)
}
