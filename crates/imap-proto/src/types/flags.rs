//! Sets of flags.
use super::flag::{Flag, Keyword, RECENT, SYSTEM, WILDCARD};
use crate::grammar;
use alloc::{
    boxed::Box,
    string::{String, ToString},
    vec::Vec,
};
use core::{
    fmt,
    hash::{Hash, Hasher},
};
use mail_wire::Text;

/// Flags of a message, each once.
///
/// The RFC's own are bits, keywords stand in one shared text: a list that was read shares the text it was
/// read from. Equal are lists of the same flags, in whatever order and case.
///
/// ```
/// use imap_proto::{Flag, Flags, Keyword};
/// let flags = Flags::from_iter([Flag::Seen, Flag::Keyword(Keyword::new("$Forwarded")?)]);
/// assert!(flags.contains(&Flag::Seen));
/// assert_eq!(flags.to_string(), r"(\Seen $Forwarded)");
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Clone, Default)]
pub struct Flags {
    system: u8,
    /// Keywords behind each other; flags that are bits may stand between them.
    ///
    /// Few messages have any, and a list of flags stands in every item of FETCH: it is narrow.
    keywords: Option<Box<Text>>,
}

impl Flags {
    /// No flags.
    pub const NONE: Self = Self { system: 0, keywords: None };

    /// Of bits, and of a text of keywords.
    #[inline]
    pub(crate) fn from_checked(system: u8, keywords: Text) -> Self {
        Self { system, keywords: (!keywords.is_empty()).then(|| Box::new(keywords)) }
    }

    /// The keywords behind each other.
    fn text(&self) -> &Text {
        static NONE: Text = Text::EMPTY;
        self.keywords.as_deref().unwrap_or(&NONE)
    }

    /// Is this one among them?
    pub fn contains(&self, flag: &Flag) -> bool {
        match flag {
            Flag::Keyword(keyword) => self.has_keyword(keyword.as_str()),
            system => self.system & system.bit() != 0,
        }
    }

    /// Is this keyword among them, in whatever case?
    pub fn has_keyword(&self, keyword: &str) -> bool {
        self.keyword_texts().any(|found| found.eq_ignore_ascii_case(keyword.as_bytes()))
    }

    /// May new keywords be made? `\*` among PERMANENTFLAGS says so.
    pub fn allows_new_keywords(&self) -> bool {
        self.system & WILDCARD != 0
    }

    /// Sets whether new keywords may be made: `\*`.
    #[must_use]
    pub fn with_new_keywords(self) -> Self {
        Self { system: self.system | WILDCARD, ..self }
    }

    /// All, the RFC's own first.
    pub fn iter(&self) -> impl Iterator<Item = Flag> + '_ {
        let system =
            SYSTEM.iter().filter(|(flag, _)| self.system & flag.bit() != 0).map(|(flag, _)| flag.clone());
        system.chain(self.keywords().map(Flag::Keyword))
    }

    /// The keywords among them, as they were written.
    pub fn keywords(&self) -> impl Iterator<Item = Keyword> + '_ {
        let octets = self.text().clone().into_bytes();
        self.keyword_texts()
            .filter_map(move |keyword| Text::new(octets.slice_ref(keyword)).ok().map(Keyword::from_checked))
    }

    /// Is there none?
    pub fn is_empty(&self) -> bool {
        self.system == 0 && self.keywords.is_none()
    }

    /// Adds one. Adding a keyword copies those that are there.
    pub fn insert(&mut self, flag: &Flag) {
        self.system |= flag.bit();
        if let Flag::Keyword(keyword) = flag {
            if !self.has_keyword(keyword.as_str()) {
                self.rewrite(|_| true, Some(keyword.as_text().as_bytes()));
            }
        }
    }

    /// Removes one. Removing a keyword copies the others.
    pub fn remove(&mut self, flag: &Flag) {
        self.system &= !flag.bit();
        if let Flag::Keyword(keyword) = flag {
            self.rewrite(|found| !found.eq_ignore_ascii_case(keyword.as_text().as_bytes()), None);
        }
    }

    /// A copy of just these flags, free of the block they were read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        Self::from_checked(self.system, self.text().detach())
    }

    /// The names of those that a client can set: all but `\Recent`, and no `\*`.
    pub(crate) fn settable(&self) -> impl Iterator<Item = &[u8]> {
        self.names(self.system & !RECENT)
    }

    /// The names of all, but for `\*`.
    pub(crate) fn all_names(&self) -> impl Iterator<Item = &[u8]> {
        self.names(self.system)
    }

    fn names(&self, system: u8) -> impl Iterator<Item = &[u8]> {
        let system = SYSTEM.iter().filter(move |(flag, _)| system & flag.bit() != 0);
        system.map(|(_, name)| name.as_bytes()).chain(self.keyword_texts())
    }

    fn keyword_texts(&self) -> impl Iterator<Item = &[u8]> {
        let words = self.text().as_bytes().split(|octet| *octet == b' ');
        words.filter(|word| !word.is_empty() && grammar::flag::system(word).is_none())
    }

    fn rewrite(&mut self, keep: impl Fn(&[u8]) -> bool, add: Option<&[u8]>) {
        let mut keywords = Vec::with_capacity(self.text().len() + add.map_or(0, |add| add.len() + 1));
        for keyword in self.keyword_texts().filter(|keyword| keep(keyword)).chain(add) {
            if !keywords.is_empty() {
                keywords.push(b' ');
            }
            keywords.extend_from_slice(keyword);
        }
        // Made of texts, so it is one.
        *self = Self::from_checked(self.system, Text::new(keywords).unwrap_or_default());
    }

    /// The keywords in one case, in order, each once.
    fn folded(&self) -> Vec<Vec<u8>> {
        let mut folded: Vec<_> = self.keyword_texts().map(<[u8]>::to_ascii_lowercase).collect();
        folded.sort_unstable();
        folded.dedup();
        folded
    }
}

impl PartialEq for Flags {
    fn eq(&self, other: &Self) -> bool {
        let same = || self.text().as_bytes().eq_ignore_ascii_case(other.text().as_bytes());
        self.system == other.system && (same() || self.folded() == other.folded())
    }
}

impl Eq for Flags {}

impl Hash for Flags {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.system.hash(state);
        self.folded().hash(state);
    }
}

impl FromIterator<Flag> for Flags {
    fn from_iter<I: IntoIterator<Item = Flag>>(flags: I) -> Self {
        let (mut system, mut keywords) = (0, Vec::new());
        for flag in flags {
            system |= flag.bit();
            if let Flag::Keyword(keyword) = flag {
                if !keywords.is_empty() {
                    keywords.push(b' ');
                }
                keywords.extend_from_slice(keyword.as_text().as_bytes());
            }
        }
        Self::from_checked(system, Text::new(keywords).unwrap_or_default())
    }
}

impl From<Flag> for Flags {
    fn from(flag: Flag) -> Self {
        Self::from_iter([flag])
    }
}

impl fmt::Display for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let wildcard = self.allows_new_keywords().then_some(&b"\\*"[..]);
        f.write_str("(")?;
        for (at, name) in self.all_names().chain(wildcard).enumerate() {
            write!(f, "{}{}", if at > 0 { " " } else { "" }, name.escape_ascii().to_plain())?;
        }
        f.write_str(")")
    }
}

/// Backslashes of flags are no escapes: only what cannot be shown is escaped.
trait ToPlain {
    fn to_plain(self) -> String;
}

impl ToPlain for core::slice::EscapeAscii<'_> {
    fn to_plain(self) -> String {
        self.to_string().replace("\\\\", "\\")
    }
}

impl fmt::Debug for Flags {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::vec::Vec;

    fn flags(text: &[&str]) -> Flags {
        text.iter().map(|flag| flag.parse::<Flag>().unwrap()).collect()
    }

    #[test]
    fn the_same_flags_are_equal_in_any_order_and_case() {
        let one = flags(&["\\Seen", "$Junk", "b"]);
        let other = flags(&["B", "\\seen", "$JUNK", "$junk"]);
        assert_eq!(one, other);
        assert_eq!(HashState::of(&one), HashState::of(&other));
        assert_ne!(one, flags(&["\\Seen", "$Junk"]));
        assert_ne!(one, flags(&["$Junk", "b"]));
        assert_eq!("\\SEEN".parse(), Ok(Flag::Seen));
    }

    struct HashState;
    impl HashState {
        fn of(flags: &Flags) -> u64 {
            let mut state = std::collections::hash_map::DefaultHasher::new();
            flags.hash(&mut state);
            state.finish()
        }
    }

    #[test]
    fn flags_come_and_go() {
        let mut set = flags(&["\\Seen", "a", "b"]);
        set.insert(&Flag::Deleted);
        set.insert(&"B".parse().unwrap());
        set.insert(&"\\Important".parse().unwrap());
        assert_eq!(set.to_string(), "(\\Deleted \\Seen a b \\Important)");
        set.remove(&"A".parse().unwrap());
        set.remove(&Flag::Seen);
        assert_eq!(set.to_string(), "(\\Deleted b \\Important)");
        assert_eq!(
            set.iter().map(|flag| flag.to_string()).collect::<Vec<_>>(),
            ["\\Deleted", "b", "\\Important"]
        );
        assert!(set.has_keyword("B") && !set.has_keyword("a") && !set.is_empty());
    }
}
