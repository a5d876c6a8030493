//! Commands about a session and about mailboxes.
use crate::{AString, MailboxName, StatusItems, grammar};
use bytes::Bytes;
use mail_wire::{Mechanism, ParseError, Secret, Text, span};

/// `AUTHENTICATE`: a mechanism and, where the client speaks first, its first octets.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Authenticate {
    /// The mechanism.
    pub mechanism: Mechanism,
    /// The initial response, decoded ([RFC 4959](https://www.rfc-editor.org/rfc/rfc4959)). An empty one is not an
    /// absent one.
    pub initial: Option<Secret>,
}

/// `LOGIN`: who, and the password.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Login {
    /// Who.
    pub username: AString,
    /// The password.
    pub password: Secret,
}

impl Login {
    /// Copies both.
    ///
    /// # Errors
    /// The name holds NUL.
    pub fn new(username: &str, password: &str) -> Result<Self, crate::InvalidString> {
        Ok(Self { username: username.try_into()?, password: Secret::copy_from(password.as_bytes()) })
    }
}

/// `ENABLE`: the capabilities to be enabled; at least one.
///
/// ```
/// let enable = imap_proto::Enable::new("IMAP4rev2 UTF8=ACCEPT")?;
/// assert!(enable.contains("utf8=accept"));
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Debug, Clone)]
pub struct Enable {
    /// Behind each other, spaces between them.
    names: Text,
}

impl Enable {
    /// Capabilities behind each other, one space between them.
    ///
    /// # Errors
    /// One is not an atom.
    pub fn new(names: &str) -> Result<Self, ParseError> {
        span::parse(&Bytes::copy_from_slice(names.as_bytes()), grammar::command::session::capabilities)
    }

    /// All, in order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        // ASCII, checked when it was made.
        self.names.as_str().unwrap_or_default().split(' ').filter(|name| !name.is_empty())
    }

    /// Is this capability among them, in whatever case?
    pub fn contains(&self, name: &str) -> bool {
        self.names().any(|found| found.eq_ignore_ascii_case(name))
    }

    /// Of names that the grammar has checked.
    pub(crate) fn from_checked(names: Text) -> Self {
        Self { names }
    }
}

impl PartialEq for Enable {
    fn eq(&self, other: &Self) -> bool {
        self.names().count() == other.names().count()
            && self.names().zip(other.names()).all(|(one, other)| one.eq_ignore_ascii_case(other))
    }
}

impl Eq for Enable {}

/// `RENAME`: the mailbox, and what it is called from now on.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Rename {
    /// What it is called.
    pub from: MailboxName,
    /// What it will be called.
    pub to: MailboxName,
}

/// `LIST` and `LSUB`: the names to be told.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct List {
    /// Where to begin: a mailbox or a level of hierarchy; often empty.
    pub reference: MailboxName,
    /// Which names: `*` stands for anything, `%` for anything within one level.
    pub pattern: MailboxName,
}

/// `STATUS`: a mailbox, and what is to be told of it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Status {
    /// The mailbox.
    pub mailbox: MailboxName,
    /// What is to be told.
    pub items: StatusItems,
}
