//! What a client hears of what the store says.
use super::pattern::DELIMITER;
use crate::{
    causes::Causes,
    store::{Copied, Facts, FolderError, FolderName, InvalidFolderName, StoreError},
};
use imap_proto::{
    DateTime, MailboxName, SequenceSet, Text,
    mailbox::OutOfRange,
    response::{Code, CopyUid},
    server::{Completion, Rejection},
};

/// The folder that a name means, which must be there.
pub(super) fn existing(mailbox: &MailboxName) -> Result<FolderName, FolderError> {
    mailbox.to_str().map(|name| FolderName::from(&*name)).map_err(|_| FolderError::NoSuchFolder)
}

/// The folder that a name means; the delimiter at its end says of a new one that it will have inferiors.
pub(super) fn superior(mailbox: &MailboxName) -> Result<FolderName, FolderError> {
    let name = mailbox.to_str().map_err(|_| InvalidFolderName::Encoding)?;
    Ok(FolderName::from(name.strip_suffix(DELIMITER).unwrap_or(&name)))
}

/// Why something was not done.
pub(super) fn refused(error: FolderError) -> Rejection {
    let code = match &error {
        FolderError::NoSuchFolder | FolderError::Store(StoreError::NoSuchFolder) => Code::NonExistent,
        FolderError::Exists => Code::AlreadyExists,
        FolderError::InvalidName(_)
        | FolderError::HasChildren
        | FolderError::Inbox
        | FolderError::OwnInferior => Code::Cannot,
        FolderError::NotSubscribed => Code::NonExistent,
        error => {
            tracing::error!(error = %Causes(error), "the store fails");
            return Rejection::UNAVAILABLE;
        }
    };
    Rejection::no(Text::try_from(error.to_string()).unwrap_or_default()).with_code(code)
}

/// The same, of something that a new folder would help: where messages are to be put.
pub(super) fn refused_to_add(error: FolderError) -> Rejection {
    match error {
        FolderError::NoSuchFolder => Rejection::TRY_CREATE,
        error => refused(error),
    }
}

/// How a command that brings no data ends.
pub(super) fn outcome(done: Result<(), FolderError>) -> Completion {
    done.map_or_else(|error| refused(error).into(), |()| Completion::OK)
}

/// Some of the messages are gone, which the client could not know.
pub(super) fn expunged() -> Completion {
    Completion::ok(Text::from_static("some messages are gone")).with_code(Code::ExpungeIssued)
}

/// A message number that there is none of.
pub(super) fn out_of_range(error: OutOfRange) -> Rejection {
    Rejection::bad(Text::try_from(error.to_string()).unwrap_or_default())
}

/// `$`, and `RETURN (SAVE)`: the result of a search is not kept here.
pub(super) fn not_saved() -> Rejection {
    Rejection::bad(Text::from_static("results of searches are not saved here"))
}

/// The first and the last second of the years that a date can be of, since 1970.
const YEARS: [i64; 2] = [-62_167_219_200, 253_402_300_799];

/// When a message was received, in UTC. A client may have told a time that is of no year there: the nearest is told.
pub(super) fn received(facts: &Facts) -> Option<DateTime> {
    let [first, last] = YEARS;
    DateTime::from_unix(facts.internal_date.clamp(first, last), 0)
}

/// Which messages became which ([RFC 4315 §3](https://www.rfc-editor.org/rfc/rfc4315#section-3)). `None` where none did.
pub(super) fn copy_uid(copied: &Copied) -> Option<CopyUid> {
    Some(CopyUid {
        uid_validity: copied.uid_validity.value(),
        source: SequenceSet::from_numbers(copied.pairs.iter().map(|(from, _)| from.value()))?,
        destination: SequenceSet::from_numbers(copied.pairs.iter().map(|(_, to)| to.value()))?,
    })
}
