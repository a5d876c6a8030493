//! How a command, or a connection, fares.
use super::Capabilities;
use crate::{AString, Deviations, Dialect, Flags, SequenceSet, grammar};
use alloc::{boxed::Box, vec::Vec};
use mail_wire::{ParseError, Text};

/// How a command, or a connection, fares: OK, NO or BAD, a response code, and text for a human
/// ([RFC 9051 §7.1](https://www.rfc-editor.org/rfc/rfc9051#section-7.1)).
///
/// ```
/// use imap_proto::{Text, response::{Code, Status, StatusKind}};
/// let status = Status::new(StatusKind::No, Text::from_static("[OVERQUOTA] your mailbox is full"))?;
/// assert_eq!(status.code(), Some(&Code::OverQuota));
/// assert_eq!(status, Status::with_code(StatusKind::No, Code::OverQuota, Text::from_static("your mailbox is full")));
/// # Ok::<(), imap_proto::ParseError>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct Status {
    kind: StatusKind,
    code: Option<Code>,
    text: Text,
}

/// What a status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub enum StatusKind {
    /// `OK`: it was done, or a remark.
    Ok,
    /// `NO`: it could not be done, or a warning.
    No,
    /// `BAD`: it was not understood.
    Bad,
    /// `PREAUTH`, of a greeting alone: the client is logged in already.
    PreAuth,
    /// `BYE`: the server ends the connection.
    Bye,
}

/// What a status says to a program ([RFC 9051 §7.1](https://www.rfc-editor.org/rfc/rfc9051#section-7.1)).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[non_exhaustive]
pub enum Code {
    /// `ALERT`: the text must be shown to the user.
    Alert,
    /// `ALREADYEXISTS`: there is such a mailbox ([RFC 5530](https://www.rfc-editor.org/rfc/rfc5530), as the
    /// next ones).
    AlreadyExists,
    /// `APPENDUID`: the UIDs of what was appended ([RFC 4315](https://www.rfc-editor.org/rfc/rfc4315)).
    AppendUid(Box<AppendUid>),
    /// `AUTHENTICATIONFAILED`
    AuthenticationFailed,
    /// `AUTHORIZATIONFAILED`
    AuthorizationFailed,
    /// `BADCHARSET`: the charsets that are known, if the server tells.
    BadCharset(Vec<AString>),
    /// `CANNOT`: it never can.
    Cannot,
    /// `CAPABILITY`
    Capability(Box<Capabilities>),
    /// `CLIENTBUG`
    ClientBug,
    /// `CLOSED`: what was selected is closed; what follows is of the next mailbox
    /// ([RFC 7162](https://www.rfc-editor.org/rfc/rfc7162)).
    Closed,
    /// `COMPRESSIONACTIVE` ([RFC 4978](https://www.rfc-editor.org/rfc/rfc4978)).
    CompressionActive,
    /// `CONTACTADMIN`
    ContactAdmin,
    /// `COPYUID`: the UIDs of copies ([RFC 4315](https://www.rfc-editor.org/rfc/rfc4315)).
    CopyUid(Box<CopyUid>),
    /// `CORRUPTION`
    Corruption,
    /// `EXPIRED`: the password, or the like.
    Expired,
    /// `EXPUNGEISSUED`: another client removed some of the messages.
    ExpungeIssued,
    /// `HASCHILDREN`: a mailbox with children cannot be deleted ([RFC 9051](https://www.rfc-editor.org/rfc/rfc9051)).
    HasChildren,
    /// `HIGHESTMODSEQ` ([RFC 7162](https://www.rfc-editor.org/rfc/rfc7162)).
    HighestModSeq(u64),
    /// `INUSE`
    InUse,
    /// `LIMIT`
    Limit,
    /// `MODIFIED`: messages that had changed and were not stored to
    /// ([RFC 7162](https://www.rfc-editor.org/rfc/rfc7162)).
    Modified(Box<SequenceSet>),
    /// `NOMODSEQ`: the mailbox keeps no modification sequences
    /// ([RFC 7162](https://www.rfc-editor.org/rfc/rfc7162)).
    NoModSeq,
    /// `NONEXISTENT`
    NonExistent,
    /// `NOPERM`
    NoPerm,
    /// `NOTSAVED`: the result of a search could not be saved ([RFC 5182](https://www.rfc-editor.org/rfc/rfc5182)).
    NotSaved,
    /// `OVERQUOTA`
    OverQuota,
    /// `PARSE`: the header of a message could not be read.
    Parse,
    /// `PERMANENTFLAGS`: flags that can be set for good.
    PermanentFlags(Box<Flags>),
    /// `PRIVACYREQUIRED`
    PrivacyRequired,
    /// `READ-ONLY`
    ReadOnly,
    /// `READ-WRITE`
    ReadWrite,
    /// `SERVERBUG`
    ServerBug,
    /// `TOOBIG`: a literal, or a message ([RFC 7888](https://www.rfc-editor.org/rfc/rfc7888),
    /// [RFC 4469](https://www.rfc-editor.org/rfc/rfc4469)).
    TooBig,
    /// `TRYCREATE`: the mailbox could be created first.
    TryCreate,
    /// `UIDNEXT`; 0 where that was tolerated.
    UidNext(u32),
    /// `UIDNOTSTICKY`: UIDs do not last ([RFC 4315](https://www.rfc-editor.org/rfc/rfc4315)).
    UidNotSticky,
    /// `UIDVALIDITY`; 0 where that was tolerated.
    UidValidity(u32),
    /// `UNAVAILABLE`: some part of the server is, for now.
    Unavailable,
    /// `UNKNOWN-CTE`: a transfer encoding that BINARY cannot undo
    /// ([RFC 3516](https://www.rfc-editor.org/rfc/rfc3516)).
    UnknownCte,
    /// `UNSEEN`: the first message without `\Seen`, of IMAP4rev1; 0 where that was tolerated.
    Unseen(u32),
    /// `USEATTR`: a mailbox cannot have that use ([RFC 6154](https://www.rfc-editor.org/rfc/rfc6154)).
    UseAttr,
    /// Another one.
    Other(Box<OtherCode>),
}

/// UIDs of messages that were appended.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct AppendUid {
    /// UIDVALIDITY of the mailbox.
    pub uid_validity: u32,
    /// The UIDs, in the order of the messages; several where several were appended.
    pub uids: SequenceSet,
}

/// UIDs of messages that were copied or moved.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct CopyUid {
    /// UIDVALIDITY of the mailbox they were copied to.
    pub uid_validity: u32,
    /// The messages that were copied.
    pub source: SequenceSet,
    /// Their copies, in the same order.
    pub destination: SequenceSet,
}

/// A response code that this crate does not know.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
pub struct OtherCode {
    name: Text,
    arguments: Option<Text>,
}

impl OtherCode {
    /// A code of this name, and what stands behind it.
    ///
    /// # Errors
    /// The name is no atom, or that of a code that [`Code`] has a variant for; the arguments are empty, or hold `]`.
    pub fn new(name: &str, arguments: Option<Text>) -> Result<Self, ParseError> {
        let mut text = Vec::from(name);
        if let Some(arguments) = &arguments {
            text.push(b' ');
            text.extend_from_slice(arguments.as_bytes());
        }
        let mut deviations = Deviations::new();
        grammar::response::whole(&text.into(), &Dialect::default(), &mut deviations, |i, tolerance| {
            grammar::response::code::other(i, name.len(), tolerance)
        })
    }

    /// Of what the grammar has found.
    pub(crate) fn from_checked(name: Text, arguments: Option<Text>) -> Self {
        Self { name, arguments }
    }

    /// Its name.
    pub fn name(&self) -> &Text {
        &self.name
    }

    /// What stands behind its name.
    pub fn arguments(&self) -> Option<&Text> {
        self.arguments.as_ref()
    }
}

impl Status {
    /// A status with this text, which may begin with a response code: `[ALERT] full`.
    ///
    /// # Errors
    /// The text begins with `[` and not with a response code, or announces a literal behind an open bracket.
    pub fn new(kind: StatusKind, text: Text) -> Result<Self, ParseError> {
        let (octets, mut deviations) = (text.into_bytes(), Deviations::new());
        let dialect = Dialect::default().with_encoding(crate::Encoding::Utf8);
        let mut code = None;
        let text = grammar::response::whole(&octets, &dialect, &mut deviations, |i, tolerance| {
            let mut rest = i;
            let text = grammar::response::code::resp_text(i, &mut rest, &mut code, tolerance)?;
            Ok((rest, text.share_text()?))
        })?;
        Ok(Self { kind, code, text })
    }

    /// A status with this response code, and this text behind it.
    pub fn with_code(kind: StatusKind, code: Code, text: Text) -> Self {
        Self { kind, code: Some(code), text }
    }

    /// Without a code, and with words of our own.
    pub(crate) fn with_kind(kind: StatusKind, words: &'static str) -> Self {
        Self { kind, code: None, text: Text::from_static(words) }
    }

    /// Of what the grammar has found.
    #[inline]
    pub(crate) fn from_checked(kind: StatusKind, code: Option<Code>, text: Text) -> Self {
        Self { kind, code, text }
    }

    /// What it says.
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
}

impl StatusKind {
    /// As it is written.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "OK",
            Self::No => "NO",
            Self::Bad => "BAD",
            Self::PreAuth => "PREAUTH",
            Self::Bye => "BYE",
        }
    }
}
