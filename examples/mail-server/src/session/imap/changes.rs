//! Commands that change messages: STORE, COPY, MOVE, EXPUNGE.
use super::{
    Session, SessionError, answer,
    selected::{Selected, uids},
};
use crate::store::{Folder, FolderName, Store as MailStore, Uid};
use imap_proto::{
    Ask, Copy, MailboxName, Numbering, Report, SequenceSet, Store,
    mailbox::Echo,
    response::{self, Code, FetchItem, Untagged},
    server::{Completion, Expunge, Move, Rejection, Running, UidExpunge},
};

/// So many messages get their flags in one commit: the store does what others wait for in between. STORE need not be
/// atomic, as COPY and MOVE must.
const BATCH: usize = 500;

impl<S: MailStore> Session<'_, S> {
    pub(super) async fn store(&mut self, ask: Ask<Store>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let messages = match self.messages(running.numbering, &running.set) {
            Ok(messages) => messages,
            Err(rejection) => return self.complete(running, rejection.into()).await,
        };
        let echo = match running.report {
            Report::Told => Echo::Flags,
            Report::Silent => Echo::Nothing,
        };
        let mut is_complete = true;
        for batch in messages.chunks(BATCH) {
            let Some(selected) = &mut self.selected else { return Err(SessionError::Stale) };
            let flags = running.flags.clone();
            let stored = selected.folder.store_flags(uids(batch), running.action, flags, None).await;
            let stored = match stored {
                Ok(stored) => stored,
                Err(error) => return self.complete(running, answer::refused(error.into()).into()).await,
            };
            is_complete &= stored.changed.len() + stored.unchanged.len() == batch.len();
            selected.view.stored(
                stored.modseq,
                echo,
                stored.changed.iter().map(|(uid, before)| (uid.value(), *before)),
            );
            if running.report == Report::Told {
                self.tell_flags(&running, &stored.unchanged).await?;
            }
        }
        let completion = if is_complete { Completion::OK } else { answer::expunged() };
        self.complete(running, completion).await
    }

    /// Tells flags that were what they were to become: a client waits for each that it stored to.
    async fn tell_flags(&mut self, running: &Running<Store>, unchanged: &[Uid]) -> Result<(), SessionError> {
        for uid in unchanged.iter().map(|uid| uid.value()) {
            let Some(selected) = &self.selected else { break };
            let flags = selected.folder.with(|mailbox| mailbox.get(uid).map(|message| message.flags.clone()));
            let (Some(flags), Some(number)) = (flags, selected.view.number(uid)) else { continue };
            let items = vec![FetchItem::Uid(uid), selected.shown(uid, &flags)];
            self.data(running, Untagged::Fetch(response::Fetch { number, items })).await?;
        }
        Ok(())
    }

    pub(super) async fn copy(&mut self, ask: Ask<Copy>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let (messages, target) = match self.transfer(running.numbering, &running.set, &running.mailbox) {
            Ok(transfer) => transfer,
            Err(rejection) => return self.complete(running, rejection.into()).await,
        };
        let Some(selected) = &self.selected else { return Err(SessionError::Stale) };
        let is_empty = messages.is_empty();
        let completion = match selected.folder.copy_to(messages, &target).await {
            Ok(copied) => match answer::copy_uid(&copied) {
                Some(uids) => Completion::OK.with_code(Code::CopyUid(Box::new(uids))),
                None if is_empty => Completion::OK,
                None => answer::expunged(),
            },
            Err(error) => answer::refused_to_add(error).into(),
        };
        self.complete(running, completion).await
    }

    pub(super) async fn r#move(&mut self, ask: Ask<Move>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let (messages, target) = match self.transfer(running.numbering, &running.set, &running.mailbox) {
            Ok(transfer) => transfer,
            Err(rejection) => return self.complete(running, rejection.into()).await,
        };
        let Some(selected) = &self.selected else { return Err(SessionError::Stale) };
        let moved = match selected.folder.move_to(messages, &target).await {
            Ok(moved) => moved,
            Err(error) => return self.complete(running, answer::refused_to_add(error).into()).await,
        };
        // Told before the EXPUNGEs that it explains (RFC 6851 section 4.3).
        if let Some(uids) = answer::copy_uid(&moved) {
            self.connection.flush().await?;
            self.server().moved(&running, uids)?;
        }
        self.complete(running, Completion::OK).await
    }

    /// Which messages are to be copied or moved, and to where.
    fn transfer(
        &self,
        numbering: Numbering,
        set: &SequenceSet,
        mailbox: &MailboxName,
    ) -> Result<(Vec<Uid>, FolderName), Rejection> {
        let messages = self.messages(numbering, set)?;
        Ok((uids(&messages), answer::existing(mailbox).map_err(answer::refused_to_add)?))
    }

    pub(super) async fn expunge(&mut self, ask: Ask<Expunge>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        let all = self.selected.as_ref().map(Selected::all).unwrap_or_default();
        self.remove_deleted(running, &all).await
    }

    pub(super) async fn uid_expunge(&mut self, ask: Ask<UidExpunge>) -> Result<(), SessionError> {
        let running = self.server().accept(ask, ())?;
        match self.messages(Numbering::Uid, &running.set) {
            Ok(named) => self.remove_deleted(running, &named).await,
            Err(rejection) => self.complete(running, rejection.into()).await,
        }
    }

    /// Removes those of these messages that are `\Deleted`.
    async fn remove_deleted<T>(
        &mut self,
        running: Running<T>,
        messages: &[(u32, u32)],
    ) -> Result<(), SessionError> {
        let Some(selected) = &self.selected else { return Err(SessionError::Stale) };
        let done = selected.folder.expunge(selected.deleted(messages)).await;
        let done = done.map(drop).map_err(Into::into);
        self.complete(running, answer::outcome(done)).await
    }

    /// The messages that a command means: their numbers and UIDs.
    pub(super) fn messages(
        &self,
        numbering: Numbering,
        set: &SequenceSet,
    ) -> Result<Vec<(u32, u32)>, Rejection> {
        let selected = self.selected.as_ref().ok_or(Rejection::UNAVAILABLE)?;
        if set.is_saved() {
            return Err(answer::not_saved());
        }
        selected.messages(numbering, set).map_err(answer::out_of_range)
    }
}
