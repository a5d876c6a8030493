//! APPEND.
use super::{Session, SessionError, answer};
use crate::store::{Appended, FolderError, FolderName, Incoming, NewMessage, Store, StoreError};
use bytes::Bytes;
use imap_proto::{
    Ask, DateTime, Flags, SequenceSet,
    response::{AppendUid, Code},
    server::{Append, AppendEnd, Completion, NextMessage},
};
use std::time::{SystemTime, UNIX_EPOCH};

/// Messages that a client appends, all or none.
pub(super) struct Appending<I> {
    folder: FolderName,
    /// The last of them is still arriving. Or why they cannot be kept.
    messages: Result<Vec<NewMessage<I>>, StoreError>,
}

impl<S: Store> Session<'_, S> {
    /// Says before the message is sent what can be said then: a client that is refused has not sent it in vain.
    pub(super) async fn append(&mut self, ask: Ask<Append>) -> Result<(), SessionError> {
        let (store, account) = (&self.shared.store, self.account()?);
        let begun = async {
            let folder = answer::existing(&ask.mailbox)?;
            store.status(account, &folder).await?;
            let message = new_message(store, &ask.flags, ask.date).await?;
            Ok::<_, FolderError>(Appending { folder, messages: Ok(vec![message]) })
        };
        match begun.await {
            Ok(appending) => {
                self.appending = Some(appending);
                Ok(self.server().accept(ask, ())?)
            }
            Err(error) => Ok(self.server().reject(ask, answer::refused_to_add(error))?),
        }
    }

    /// One more message of the same command ([RFC 3502](https://www.rfc-editor.org/rfc/rfc3502)).
    pub(super) async fn next_message(&mut self, ask: Ask<NextMessage>) -> Result<(), SessionError> {
        let appending = self.appending.as_mut().ok_or(SessionError::Stale)?;
        if let Ok(messages) = &mut appending.messages {
            // Thousands may come, of which one at a time is held in memory.
            let set_aside = match messages.last_mut() {
                Some(message) => message.incoming.set_aside().await,
                None => Ok(()),
            };
            match (set_aside, new_message(&self.shared.store, &ask.flags, ask.date).await) {
                (Ok(()), Ok(message)) => messages.push(message),
                (Err(error), _) | (_, Err(error)) => appending.messages = Err(error),
            }
        }
        Ok(self.server().accept(ask, ())?)
    }

    /// Keeps a piece of the message. That it cannot be kept is told at its end.
    pub(super) async fn appended(&mut self, octets: Bytes) {
        let Some(appending) = &mut self.appending else { return };
        let Ok(messages) = &mut appending.messages else { return };
        if let Some(message) = messages.last_mut() {
            if let Err(error) = message.incoming.write(octets).await {
                appending.messages = Err(error);
            }
        }
    }

    pub(super) async fn append_end(&mut self, ask: Ask<AppendEnd>) -> Result<(), SessionError> {
        let Appending { folder, messages } = self.appending.take().ok_or(SessionError::Stale)?;
        let appended = match messages {
            Ok(messages) => self.shared.store.append(self.account()?, &folder, messages).await,
            Err(error) => Err(error.into()),
        };
        self.tell_changes().await?;
        match appended {
            Ok(appended) => {
                let completion = match append_uid(&appended) {
                    Some(code) => Completion::OK.with_code(code),
                    None => Completion::OK,
                };
                Ok(self.server().accept(ask, completion)?)
            }
            Err(error) => Ok(self.server().reject(ask, answer::refused_to_add(error))?),
        }
    }
}

async fn new_message<S: Store>(
    store: &S,
    flags: &Flags,
    date: Option<DateTime>,
) -> Result<NewMessage<S::Incoming>, StoreError> {
    let incoming = store.incoming().await?;
    Ok(NewMessage {
        incoming,
        flags: flags.detach(),
        internal_date: date.map_or_else(now, DateTime::to_unix),
    })
}

/// What the messages are called from now on ([RFC 4315 §3](https://www.rfc-editor.org/rfc/rfc4315#section-3)).
fn append_uid(appended: &Appended) -> Option<Code> {
    Some(Code::AppendUid(Box::new(AppendUid {
        uid_validity: appended.uid_validity.value(),
        uids: SequenceSet::from_numbers(appended.uids.iter().map(|uid| uid.value()))?,
    })))
}

fn now() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}
