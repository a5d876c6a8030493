//! What a host answers.
use crate::{
    Access, Flags,
    response::{Code, Status, StatusKind},
};
use alloc::{format, vec::Vec};
use mail_wire::Text;

/// A refusal: NO or BAD, never OK.
///
/// ```
/// use imap_proto::{Text, response::Code, server::Rejection};
/// let full = Rejection::no(Text::from_static("quota exceeded")).with_code(Code::OverQuota);
/// assert_eq!(full, Rejection::OVER_QUOTA);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejection {
    kind: StatusKind,
    code: Option<Code>,
    text: Text,
}

impl Rejection {
    /// `NO [AUTHENTICATIONFAILED]`: name or password are wrong, and nothing else is told.
    pub const AUTHENTICATION_FAILED: Self =
        Self::known(Some(Code::AuthenticationFailed), "authentication failed");
    /// `NO [UNAVAILABLE]`: a failure that will pass.
    pub const UNAVAILABLE: Self = Self::known(Some(Code::Unavailable), "try again later");
    /// `NO [NONEXISTENT]`: there is no such mailbox.
    pub const NON_EXISTENT: Self = Self::known(Some(Code::NonExistent), "no such mailbox");
    /// `NO [TRYCREATE]`: there is no such mailbox, and CREATE would make it: for APPEND, COPY and MOVE.
    pub const TRY_CREATE: Self = Self::known(Some(Code::TryCreate), "no such mailbox");
    /// `NO [ALREADYEXISTS]`: there is such a mailbox.
    pub const ALREADY_EXISTS: Self = Self::known(Some(Code::AlreadyExists), "the mailbox exists");
    /// `NO [NOPERM]`: this user may not.
    pub const NO_PERMISSION: Self = Self::known(Some(Code::NoPerm), "permission denied");
    /// `NO [OVERQUOTA]`: it would be too much.
    pub const OVER_QUOTA: Self = Self::known(Some(Code::OverQuota), "quota exceeded");
    /// `NO [TOOBIG]`: the message is larger than any may be.
    pub const TOO_BIG: Self = Self::known(Some(Code::TooBig), "message too large");
    /// `NO [CANNOT]`: it can never be done.
    pub const CANNOT: Self = Self::known(Some(Code::Cannot), "not possible");

    /// `NO`: it could not be done. A text that begins with `[` begins with a response code; one that begins so and
    /// with none is said with a space in front.
    pub fn no(text: Text) -> Self {
        Self::read(StatusKind::No, text)
    }

    /// `BAD`: it was not understood, or may not stand here.
    pub fn bad(text: Text) -> Self {
        Self::read(StatusKind::Bad, text)
    }

    /// With this response code.
    #[must_use]
    pub fn with_code(self, code: Code) -> Self {
        Self { code: Some(code), ..self }
    }

    /// NO or BAD.
    pub fn kind(&self) -> StatusKind {
        self.kind
    }

    /// What it says to a program.
    pub fn code(&self) -> Option<&Code> {
        self.code.as_ref()
    }

    /// What it says to a human.
    pub fn text(&self) -> &Text {
        &self.text
    }

    pub(super) fn into_status(self, kind: StatusKind) -> Status {
        Status::from_checked(kind, self.code, self.text)
    }

    /// Of words that begin with no bracket.
    pub(super) fn own(kind: StatusKind, words: core::fmt::Arguments<'_>) -> Self {
        // The words are ours, and what they quote is escaped.
        Self { kind, code: None, text: Text::new(format!("{words}")).unwrap_or_default() }
    }

    const fn known(code: Option<Code>, words: &'static str) -> Self {
        Self { kind: StatusKind::No, code, text: Text::from_static(words) }
    }

    fn read(kind: StatusKind, text: Text) -> Self {
        let (code, text) = code_and_text(text);
        Self { kind, code, text }
    }
}

/// What a command came to.
///
/// ```
/// use imap_proto::{Text, response::Code, server::Completion};
/// let done = Completion::OK;
/// let moved = Completion::ok(Text::from_static("done")).with_code(Code::ExpungeIssued);
/// # let _ = (done, moved);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Completion {
    kind: StatusKind,
    code: Option<Code>,
    /// `None` for the usual words.
    text: Option<Text>,
}

impl Completion {
    /// `OK`, with the usual words: `FETCH completed`.
    pub const OK: Self = Self { kind: StatusKind::Ok, code: None, text: None };

    /// `OK` with these words. As for [`Rejection::no`], they may begin with a response code.
    pub fn ok(text: Text) -> Self {
        let (code, text) = code_and_text(text);
        Self { kind: StatusKind::Ok, code, text: Some(text) }
    }

    /// With this response code: `APPENDUID`, `COPYUID`.
    #[must_use]
    pub fn with_code(self, code: Code) -> Self {
        Self { code: Some(code), ..self }
    }

    pub(super) fn kind(&self) -> StatusKind {
        self.kind
    }

    /// The status, with `usual` words where there are no others.
    pub(super) fn into_status(self, usual: impl FnOnce() -> Text) -> Status {
        Status::from_checked(self.kind, self.code, self.text.unwrap_or_else(usual))
    }
}

impl From<Rejection> for Completion {
    fn from(rejection: Rejection) -> Self {
        Self { kind: rejection.kind, code: rejection.code, text: Some(rejection.text) }
    }
}

/// What a text says to a program, and what is left for a human.
fn code_and_text(text: Text) -> (Option<Code>, Text) {
    if text.as_bytes().first() != Some(&b'[') {
        return (None, text);
    }
    match Status::new(StatusKind::No, text.clone()) {
        Ok(status) => (status.code().cloned(), status.text().clone()),
        Err(_) => {
            let mut spaced = Vec::from(*b" ");
            spaced.extend_from_slice(text.as_bytes());
            // A space in front changes nothing of what a text may hold.
            (None, Text::new(spaced).unwrap_or_default())
        }
    }
}

/// Whether a client that has connected has to log in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Welcome {
    /// `* OK`: it has to.
    #[default]
    Ok,
    /// `* PREAUTH`: the host knows who it is.
    PreAuth,
}

/// The next step of a SASL exchange.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AuthAnswer {
    /// The mechanism says this, and waits for a response.
    Challenge(Vec<u8>),
    /// The client has logged in.
    Success,
}

/// A mailbox that is selected: what SELECT and EXAMINE tell of it
/// ([RFC 3501 §6.3.1](https://www.rfc-editor.org/rfc/rfc3501#section-6.3.1)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Selected {
    /// Flags that the mailbox knows.
    pub flags: Flags,
    /// Flags that can be set for good; [`Flags::with_new_keywords`] where new ones can be made.
    pub permanent_flags: Flags,
    /// How many messages there are.
    pub exists: u32,
    /// How many of them are new.
    pub recent: u32,
    /// The first message without `\Seen`.
    pub unseen: Option<u32>,
    /// UIDVALIDITY
    pub uid_validity: u32,
    /// UIDNEXT
    pub uid_next: u32,
    /// What may be done with it. By EXAMINE it may be read alone, whatever stands here.
    pub access: Access,
}
