//! A session, and what the commands of this program have in common.
use crate::trace::Trace;
use imap_proto::{
    Command, Fetch, FetchItem, FetchItems, MailboxName, Numbering, SequenceSet,
    client::Event,
    mailbox::ClientView,
    response::{self, StatusKind, Untagged},
};
use std::{error::Error, time::Duration};
use thiserror::Error;
use tokio_codec::imap::{self, Answer, Session};

/// Says goodbye for no longer than that: what was wanted is done.
const GOODBYE: Duration = Duration::from_secs(5);

/// A session of a user that has logged in.
pub(crate) struct Mail {
    session: Session,
    trace: Trace,
}

/// Some of what was asked for could not be understood.
#[derive(Debug, Error)]
#[error("{0} responses of the server could not be read")]
pub(crate) struct Unreadable(usize);

impl Mail {
    pub(crate) fn new(session: Session, trace: Trace) -> Self {
        Self { session, trace }
    }

    pub(crate) fn session(&mut self) -> &mut Session {
        &mut self.session
    }

    pub(crate) fn trace(&self) -> Trace {
        self.trace
    }

    /// Says a command that must succeed, and holds what is told meanwhile.
    pub(crate) async fn run(&mut self, command: Command) -> Result<Answer, imap::Error> {
        let said = command.clone();
        let running = imap::begin(&mut self.session, command)?;
        let tag = running.tag().clone();
        self.trace.command(&tag, &said);
        let answer = running.collect().await?;
        for untagged in &answer.untagged {
            self.trace.untagged(untagged);
        }
        self.trace.status(&tag, &answer.status);
        answer.accepted()
    }

    /// Says a command that must succeed, and hands on what is told meanwhile, event by event.
    pub(crate) async fn each(
        &mut self,
        command: Command,
        mut take: impl FnMut(Event) -> Result<(), Box<dyn Error>>,
    ) -> Result<(), Box<dyn Error>> {
        let said = command.clone();
        let mut running = imap::begin(&mut self.session, command)?;
        self.trace.command(running.tag(), &said);
        while let Some(event) = running.next().await? {
            self.trace.event(&event);
            take(event)?;
        }
        match running.status() {
            Some(status) => {
                self.trace.status(running.tag(), status);
                if status.kind() == StatusKind::Ok {
                    Ok(())
                } else {
                    Err(imap::Error::Refused(Box::new(status.clone())).into())
                }
            }
            None => Err(imap::Error::Closed.into()),
        }
    }

    /// Selects a mailbox, to read it only, and tells how many messages there are.
    pub(crate) async fn examine(&mut self, mailbox: &MailboxName) -> Result<u32, imap::Error> {
        self.run(Command::Examine(mailbox.clone())).await?;
        Ok(self.session.machine().mailbox().map_or(0, ClientView::messages))
    }

    /// Asks for items of messages.
    pub(crate) async fn fetch(
        &mut self,
        numbering: Numbering,
        set: SequenceSet,
        items: impl IntoIterator<Item = FetchItem>,
    ) -> Result<Vec<response::Fetch>, Box<dyn Error>> {
        let Some(items) = FetchItems::new(items) else { return Ok(Vec::new()) };
        let answer = self.run(Command::Fetch(Fetch { numbering, set, items })).await?;
        if answer.invalid > 0 {
            return Err(Unreadable(answer.invalid).into());
        }
        let fetched = |untagged| match untagged {
            Untagged::Fetch(fetch) => Some(fetch),
            _ => None,
        };
        Ok(answer.untagged.into_iter().filter_map(fetched).collect())
    }

    /// Says goodbye. What was asked for is there already: that this fails is no failure.
    pub(crate) async fn close(mut self) {
        let goodbye = imap::logout(&mut self.session);
        match tokio::time::timeout(GOODBYE, goodbye).await {
            Ok(Ok(())) => self.trace.note(format_args!("logged out")),
            _ => self.trace.note(format_args!("the server did not say goodbye")),
        }
    }
}
