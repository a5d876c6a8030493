//! How a message is known again.
use sha2::{Digest, Sha256};
use std::fmt;

/// How a message is known again in a later session: by its unique-id, or where it has none by its octets.
///
/// It is a digest, so that it has the same length and may stand in a file's name, whatever a server says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) struct Id([u8; 16]);

impl Id {
    /// Digits of its text.
    pub(super) const DIGITS: usize = 32;
    /// The bit that tells by what a message is known.
    const BY_UNIQUE_ID: u8 = 0x80;

    /// Of a message that has a unique-id.
    pub(super) fn of_unique_id(id: &str) -> Self {
        Self::of(&[b"unique-id ", id.as_bytes()]).marked(Self::BY_UNIQUE_ID)
    }

    /// Of a message that has none. One maildrop may hold the same octets more than once: `copy` counts them.
    pub(super) fn of_content(digest: &Sha256, copy: u32) -> Self {
        Self::of(&[b"content ", &digest.clone().finalize(), &copy.to_be_bytes()]).marked(0)
    }

    /// Of an account. By either of the usual ports it is the same one. Behind others there may be servers that know
    /// nothing of each other, as where tunnels begin.
    pub(super) fn of_account(host: &str, port: u16, user: &str) -> Self {
        let port = if matches!(port, 110 | 995) { String::new() } else { format!(":{port}") };
        let host = host.to_ascii_lowercase();
        // A user's name has no NUL: it could not be said.
        Self::of(&[b"account ", host.as_bytes(), port.as_bytes(), b"\0", user.as_bytes()])
    }

    /// Is the message known by its unique-id?
    pub(super) fn is_of_unique_id(self) -> bool {
        self.0.first().is_some_and(|first| first & Self::BY_UNIQUE_ID != 0)
    }

    fn marked(mut self, mark: u8) -> Self {
        if let Some(first) = self.0.first_mut() {
            *first = *first & !Self::BY_UNIQUE_ID | mark;
        }
        self
    }

    fn of(parts: &[&[u8]]) -> Self {
        let mut digest = Sha256::new();
        parts.iter().for_each(|part| digest.update(part));
        let mut id = Self([0; 16]);
        id.0.iter_mut().zip(digest.finalize()).for_each(|(octet, digested)| *octet = digested);
        id
    }

    /// Reads the text of one.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let is_hex = text.bytes().all(|octet| matches!(octet, b'0'..=b'9' | b'a'..=b'f'));
        let number = u128::from_str_radix(text, 16).ok();
        number.filter(|_| is_hex && text.len() == Self::DIGITS).map(|number| Self(number.to_be_bytes()))
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|octet| write!(f, "{octet:02x}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_and_nothing_else_does() {
        let id = Id::of_unique_id("QhdPYR:00WBw1Ph7x7");
        assert_eq!(Id::parse(&id.to_string()), Some(id));
        let text = id.to_string();
        for wrong in
            [&text[1..], &format!("{text}0"), &format!("+{}", &text[1..]), &text.replace(&text[..1], "G")]
        {
            assert_eq!(Id::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn messages_and_accounts_are_told_apart() {
        let digest = Sha256::new_with_prefix(b"Subject: hi\r\n\r\n");
        assert_ne!(Id::of_content(&digest, 1), Id::of_content(&digest, 2));
        assert_ne!(Id::of_unique_id("a"), Id::of_unique_id("A"));
        for text in ["a", "b", "c", "d", "e", "f"] {
            assert!(Id::of_unique_id(text).is_of_unique_id());
            assert!(!Id::of_content(&Sha256::new_with_prefix(text), 1).is_of_unique_id());
        }
        let account = Id::of_account("example.org", 110, "a");
        assert_ne!(account, Id::of_account("example.org", 110, "b"));
        assert_ne!(account, Id::of_account("example.org", 1110, "a"));
        assert_eq!(account, Id::of_account("Example.ORG", 995, "a"));
    }
}
