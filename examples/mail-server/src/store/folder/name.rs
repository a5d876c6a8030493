//! What folders are called.

use std::fmt;

use thiserror::Error;

/// Longest name, in octets.
const MAX_NAME: usize = 1000;

/// Most levels of a name. Creating a folder creates those above it: a name must not make a hundred.
const MAX_LEVELS: usize = 32;

/// A folder's name, its levels separated by `/`. The first level `INBOX` is one in any case, all others are as
/// they are written ([RFC 9051 §5.1]).
///
/// Any text is such a name; one that no folder can have is found out when a folder is to get it.
///
/// [RFC 9051 §5.1]: https://www.rfc-editor.org/rfc/rfc9051#section-5.1
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct FolderName(String);

/// Why no folder can have a name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidFolderName {
    /// A level is empty: the name is, or it begins or ends with `/`, or holds two of them side by side.
    #[error("a level of the folder's name is empty")]
    EmptyLevel,
    /// It is too long.
    #[error("folder name of {found} octets is longer than {MAX_NAME}")]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// It is neither modified UTF-7 nor UTF-8.
    #[error("folder name in neither modified UTF-7 nor UTF-8")]
    Encoding,
    /// It has too many levels.
    #[error("folder name of {found} levels has more than {MAX_LEVELS}")]
    TooDeep {
        /// How many it has.
        found: usize,
    },
    /// It holds a control character, or a wildcard of LIST.
    #[error("folder name holds a control character, a * or a %")]
    Character,
}

impl FolderName {
    /// The folder that every account has and that mail arrives in.
    pub fn inbox() -> Self {
        Self("INBOX".to_owned())
    }

    /// The name as it is stored.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Is it the folder that every account has?
    pub fn is_inbox(&self) -> bool {
        self.0 == "INBOX"
    }

    /// The names above it, the highest first.
    pub fn superiors(&self) -> impl Iterator<Item = Self> + '_ {
        self.0.match_indices('/').map(|(at, _)| Self(self.0[..at].to_owned()))
    }

    /// Does it stand somewhere below `other`?
    pub fn is_inferior_of(&self, other: &Self) -> bool {
        self.0.strip_prefix(&other.0).is_some_and(|rest| rest.starts_with('/'))
    }

    /// Makes sure that a folder can have this name.
    ///
    /// # Errors
    ///
    /// When none can.
    pub fn check(&self) -> Result<(), InvalidFolderName> {
        let levels = self.0.split('/').count();
        if self.0.split('/').any(str::is_empty) {
            Err(InvalidFolderName::EmptyLevel)
        } else if self.0.len() > MAX_NAME {
            Err(InvalidFolderName::TooLong { found: self.0.len() })
        } else if levels > MAX_LEVELS {
            Err(InvalidFolderName::TooDeep { found: levels })
        } else if self.0.contains(|c: char| c.is_control() || c == '*' || c == '%') {
            Err(InvalidFolderName::Character)
        } else {
            Ok(())
        }
    }
}

impl Default for FolderName {
    fn default() -> Self {
        Self::inbox()
    }
}

impl From<&str> for FolderName {
    fn from(name: &str) -> Self {
        let (first, rest) = name.split_at(name.find('/').unwrap_or(name.len()));
        Self(if first.eq_ignore_ascii_case("INBOX") { format!("INBOX{rest}") } else { name.to_owned() })
    }
}

impl fmt::Display for FolderName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inbox_is_one_name_in_any_case_and_so_is_what_stands_below() {
        assert_eq!(FolderName::from("inBox"), FolderName::inbox());
        assert_eq!(FolderName::from("inbox/x"), FolderName::from("INBOX/x"));
        for (one, other) in [("INBOX/x", "INBOX/X"), ("x/inbox", "x/INBOX"), ("inboxes", "INBOXES")] {
            assert_ne!(FolderName::from(one), FolderName::from(other));
        }
    }

    #[test]
    fn the_names_above_are_levels_and_not_prefixes() {
        let name = FolderName::from("a/b/c");
        assert!(name.superiors().eq(["a", "a/b"].map(FolderName::from)));
        assert!(name.is_inferior_of(&"a".into()) && !name.is_inferior_of(&name));
        assert!(!FolderName::from("ab/c").is_inferior_of(&"a".into()));
    }

    #[test]
    fn what_no_folder_can_be_called_is_refused() {
        for (name, why) in [
            ("", "a level of the folder's name is empty"),
            ("/a", "a level of the folder's name is empty"),
            ("a//b", "a level of the folder's name is empty"),
            ("a/", "a level of the folder's name is empty"),
            ("a\r\nb", "folder name holds a control character, a * or a %"),
            ("a%", "folder name holds a control character, a * or a %"),
            ("*", "folder name holds a control character, a * or a %"),
        ] {
            assert_eq!(FolderName::from(name).check().unwrap_err().to_string(), why, "{name:?}");
        }
        let long = FolderName::from("a".repeat(1001).as_str()).check().unwrap_err();
        assert_eq!(long.to_string(), "folder name of 1001 octets is longer than 1000");
        let deep = FolderName::from(["a"; 33].join("/").as_str()).check().unwrap_err();
        assert_eq!(deep.to_string(), "folder name of 33 levels has more than 32");
        for name in ["INBOX", "inbox/Entwürfe", "a & b", ".."] {
            assert_eq!(FolderName::from(name).check(), Ok(()));
        }
    }
}
