//! The values a store speaks in.

use std::{fmt, str::FromStr};

use smtp_proto::Mailbox;
use thiserror::Error;

use super::folder::FolderName;
use crate::accounts::Credentials;

/// Longest local part, in octets ([RFC 5321 §4.5.3.1.1]).
///
/// [RFC 5321 §4.5.3.1.1]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.1
const MAX_LOCAL_PART: usize = 64;

/// Longest domain, in octets ([RFC 5321 §4.5.3.1.2]).
///
/// [RFC 5321 §4.5.3.1.2]: https://www.rfc-editor.org/rfc/rfc5321#section-4.5.3.1.2
const MAX_DOMAIN: usize = 255;

/// An account's address: the local part as it reads without quotes, and the domain.
///
/// Both are kept in ASCII lower case, so two spellings of one account are equal. SMTP leaves the case of a
/// local part to the server it belongs to; this one makes no difference.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Address {
    domain: String,
    local_part: String,
}

impl Address {
    /// Makes an address of its two parts.
    ///
    /// # Errors
    ///
    /// When a part is empty, too long, or holds control characters; or when the domain holds a space or an
    /// `@`.
    pub fn new(local_part: &str, domain: &str) -> Result<Self, InvalidAddress> {
        if local_part.is_empty() || domain.is_empty() {
            return Err(InvalidAddress::Incomplete);
        }
        if local_part.len() > MAX_LOCAL_PART {
            return Err(InvalidAddress::LocalPartTooLong { found: local_part.len() });
        }
        if domain.len() > MAX_DOMAIN {
            return Err(InvalidAddress::DomainTooLong { found: domain.len() });
        }
        let forbidden = |c: char| c == '@' || c == ' ';
        if local_part.contains(char::is_control)
            || domain.contains(char::is_control)
            || domain.contains(forbidden)
        {
            return Err(InvalidAddress::Character);
        }
        Ok(Self { local_part: local_part.to_ascii_lowercase(), domain: domain.to_ascii_lowercase() })
    }

    /// The part before the `@`, in lower case.
    pub fn local_part(&self) -> &str {
        &self.local_part
    }

    /// The part behind the `@`, in lower case.
    pub fn domain(&self) -> &str {
        &self.domain
    }
}

impl FromStr for Address {
    type Err = InvalidAddress;

    /// Splits at the last `@`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (local_part, domain) = text.rsplit_once('@').ok_or(InvalidAddress::Incomplete)?;
        Self::new(local_part, domain)
    }
}

/// The account that a mailbox of SMTP means, however its local part is quoted.
impl TryFrom<&Mailbox> for Address {
    type Error = InvalidAddress;

    fn try_from(mailbox: &Mailbox) -> Result<Self, Self::Error> {
        Self::new(&mailbox.local_part_unquoted(), &mailbox.domain().to_string())
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{}", self.local_part, self.domain)
    }
}

/// Why a text is no [`Address`].
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum InvalidAddress {
    /// A part is missing.
    #[error("address is not of the form name@domain")]
    Incomplete,
    /// The local part is too long.
    #[error("local part of {found} octets is longer than {MAX_LOCAL_PART}")]
    LocalPartTooLong {
        /// Its length.
        found: usize,
    },
    /// The domain is too long.
    #[error("domain of {found} octets is longer than {MAX_DOMAIN}")]
    DomainTooLong {
        /// Its length.
        found: usize,
    },
    /// A character that cannot stand there.
    #[error("address holds a control character, or a domain with a space or an @")]
    Character,
}

/// An account, for as long as the store lives: never given to another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct AccountId(pub(crate) i64);

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// An account and its address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Account {
    /// Names the account inside the store.
    pub id: AccountId,
    /// Where it receives mail, and what it logs in as.
    pub address: Address,
}

/// The unique identifier of a message in its folder: strictly ascending, never given twice ([RFC 9051
/// §2.3.1.1]).
///
/// [RFC 9051 §2.3.1.1]: https://www.rfc-editor.org/rfc/rfc9051#section-2.3.1.1
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Uid(pub(super) u32);

impl Uid {
    /// The message that the protocols write this number for.
    pub fn new(number: u32) -> Self {
        Self(number)
    }

    /// The number as the protocols write it.
    pub fn value(self) -> u32 {
        self.0
    }
}

impl fmt::Display for Uid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// What makes the UIDs of a folder unique for ever: no two folders of a store ever have the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct UidValidity(pub(super) u32);

impl UidValidity {
    /// The number as the protocols write it.
    pub fn value(self) -> u32 {
        self.0
    }
}

impl fmt::Display for UidValidity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One who gets a message, and the folder it goes to.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Recipient {
    /// Whose mail it is.
    pub account: AccountId,
    /// Where it is put.
    pub folder: FolderName,
}

impl Recipient {
    /// Delivers to the account's INBOX.
    pub fn inbox(account: AccountId) -> Self {
        Self { account, folder: FolderName::inbox() }
    }
}

/// What a delivered message is called from now on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Delivered {
    /// The folder's UIDVALIDITY.
    pub uid_validity: UidValidity,
    /// The message's UID in the folder.
    pub uid: Uid,
}

/// What a store knows of a login name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Known {
    /// Whom it means, and what a password is checked against.
    Account(Account, Credentials),
    /// No account, or more than one.
    Nobody {
        /// How the account would be called that it could mean: the same for each spelling of it.
        called: String,
    },
}

/// A message in a maildrop's listing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Message {
    /// The message's UID in the INBOX.
    pub uid: Uid,
    /// Its size in octets.
    pub size: u64,
    pub(super) uid_validity: UidValidity,
}

impl Message {
    /// The message's `unique-id` ([RFC 1939 §7], UIDL): `UIDVALIDITY.UID`, at most 21 octets, the same in
    /// every session and never given to another message.
    ///
    /// [RFC 1939 §7]: https://www.rfc-editor.org/rfc/rfc1939#section-7
    pub fn unique_id(&self) -> String {
        format!("{}.{}", self.uid_validity, self.uid)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_account_are_equal() {
        let written: Address = "Alice@Example.ORG".parse().unwrap();
        assert_eq!(written, Address::new("alice", "example.org").unwrap());
        assert_eq!(written.to_string(), "alice@example.org");
    }

    #[test]
    fn the_last_at_sign_splits() {
        let address: Address = "a@b@example.org".parse().unwrap();
        assert_eq!(address.local_part(), "a@b");
    }

    #[test]
    fn quotes_are_no_part_of_an_address() {
        for (written, local_part) in
            [(r#""alice"@example.org"#, "alice"), (r#""a\"b c"@example.org"#, r#"a"b c"#)]
        {
            let mailbox = Mailbox::new(written).unwrap();
            assert_eq!(Address::try_from(&mailbox).unwrap().local_part(), local_part);
        }
    }

    #[test]
    fn what_is_no_address_is_refused() {
        for (text, why) in [
            ("alice", "address is not of the form name@domain"),
            ("@example.org", "address is not of the form name@domain"),
            ("alice@", "address is not of the form name@domain"),
            ("al\rice@example.org", "address holds a control character, or a domain with a space or an @"),
            ("alice@example org", "address holds a control character, or a domain with a space or an @"),
        ] {
            assert_eq!(text.parse::<Address>().unwrap_err().to_string(), why, "{text:?}");
        }
        let long = "a".repeat(65);
        let error = Address::new(&long, "example.org").unwrap_err();
        assert_eq!(error.to_string(), "local part of 65 octets is longer than 64");
    }
}
