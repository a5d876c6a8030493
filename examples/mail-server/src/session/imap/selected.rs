//! The selected folder, as its session knows it.
use super::{Rights, Session, SessionError, answer};
use crate::store::{Folder, Store, StoreError, Uid, Watch};
use imap_proto::{
    Access, Ask, Flag, Flags, Numbering, SequenceSet, State,
    mailbox::{Change, Changes, MailboxView, OutOfRange, Recent},
    response::{self, FetchItem, Untagged},
    server::{Close, Select, Selected as Opened, TellError},
};
use std::collections::HashSet;

/// A folder that is selected.
pub(super) struct Selected<F> {
    pub(super) folder: F,
    pub(super) view: MailboxView,
    watch: Watch,
    known: Known,
}

/// The flags that the client has been told of, as those that messages here have.
struct Known {
    flags: Flags,
    /// The keywords among them, in lower case.
    keywords: HashSet<String>,
}

/// So many keywords are told in FLAGS: messages may have others, and could have a million.
const KEYWORDS: usize = 256;

/// The flags of [RFC 3501 §2.3.2](https://www.rfc-editor.org/rfc/rfc3501#section-2.3.2) that may be stored.
const SYSTEM: [Flag; 5] = [Flag::Answered, Flag::Flagged, Flag::Deleted, Flag::Seen, Flag::Draft];

impl<F: Folder> Selected<F> {
    /// Opens it, and tells what SELECT answers.
    fn open(folder: F, access: Access) -> (Self, Opened) {
        let watch = folder.watch();
        let recent = match access {
            Access::ReadWrite => Recent::Claim,
            Access::ReadOnly => Recent::Look,
        };
        let (view, known, opened) = folder.with(|mailbox| {
            let view = mailbox.open(recent);
            let (mut known, mut unseen) = (Known::new(), None);
            for message in mailbox.changed_since(0) {
                if unseen.is_none() && !message.flags.contains(&Flag::Seen) {
                    unseen = view.number(message.uid);
                }
                known.learn(&message.flags);
            }
            let opened = Opened {
                flags: known.flags.clone(),
                permanent_flags: match access {
                    Access::ReadWrite => known.flags.clone().with_new_keywords(),
                    Access::ReadOnly => Flags::NONE,
                },
                exists: view.exists(),
                recent: view.recent(),
                unseen,
                uid_validity: mailbox.uid_validity(),
                uid_next: mailbox.uid_next(),
                access,
            };
            (view, known, opened)
        });
        (Self { folder, view, watch, known }, opened)
    }

    /// Waits until something has changed.
    pub(super) async fn changed(&mut self) {
        self.watch.changed().await;
    }

    /// The messages that a command means: their numbers and UIDs.
    pub(super) fn messages(
        &self,
        numbering: Numbering,
        set: &SequenceSet,
    ) -> Result<Vec<(u32, u32)>, OutOfRange> {
        Ok(self.view.messages(numbering, set)?.collect())
    }

    /// All messages that the client knows of.
    pub(super) fn all(&self) -> Vec<(u32, u32)> {
        self.view.uids([(Some(1), None)]).collect()
    }

    /// Those of these messages that are `\Deleted`.
    pub(super) fn deleted(&self, messages: &[(u32, u32)]) -> Vec<Uid> {
        self.folder.with(|mailbox| {
            let is_deleted =
                |uid: u32| mailbox.get(uid).is_some_and(|message| message.flags.contains(&Flag::Deleted));
            messages.iter().filter(|(_, uid)| is_deleted(*uid)).map(|(_, uid)| Uid::new(*uid)).collect()
        })
    }

    /// What FETCH tells as the flags of a message.
    pub(super) fn shown(&self, uid: u32, flags: &Flags) -> FetchItem {
        let mut flags = flags.clone();
        if self.view.is_recent(uid) {
            flags.insert(&Flag::Recent);
        }
        FetchItem::Flags(flags)
    }

    /// A change as it is told; before flags that are new, the list that they are new in.
    fn tell(&mut self, change: Change<Flags>) -> Vec<Untagged> {
        match change {
            Change::Expunge { number, .. } => vec![Untagged::Expunge(number)],
            Change::Exists(exists) => vec![Untagged::Exists(exists)],
            Change::Recent(recent) => vec![Untagged::Recent(recent)],
            Change::Fetch { number, uid, flags: Some(flags), .. } => {
                let mut told = Vec::new();
                if self.known.learn(&flags) {
                    told.push(Untagged::Flags(Box::new(self.known.flags.clone())));
                }
                let items = vec![FetchItem::Uid(uid), self.shown(uid, &flags)];
                told.push(Untagged::Fetch(response::Fetch { number, items }));
                told
            }
            Change::Fetch { flags: None, .. } => Vec::new(),
        }
    }
}

impl Known {
    fn new() -> Self {
        Self { flags: Flags::from_iter(SYSTEM), keywords: HashSet::new() }
    }

    /// Adds the keywords among `more`: are there any that were not known, and have room?
    fn learn(&mut self, more: &Flags) -> bool {
        let mut learnt = false;
        for keyword in more.keywords() {
            if self.keywords.len() >= KEYWORDS {
                break;
            }
            if self.keywords.insert(keyword.as_str().to_ascii_lowercase()) {
                self.flags.insert(&Flag::Keyword(keyword));
                learnt = true;
            }
        }
        learnt
    }
}

/// UIDs as the store has them.
pub(super) fn uids(messages: &[(u32, u32)]) -> Vec<Uid> {
    messages.iter().map(|(_, uid)| Uid::new(*uid)).collect()
}

impl<S: Store> Session<'_, S> {
    pub(super) async fn select(&mut self, ask: Ask<Select>) -> Result<(), SessionError> {
        // Whether this succeeds or not, what was selected is closed.
        self.selected = None;
        let (store, account) = (&self.shared.store, self.account()?);
        let access = if self.rights == Rights::Read { Access::ReadOnly } else { ask.access };
        let opened = async { store.open_folder(account, &answer::existing(&ask.mailbox)?).await }.await;
        match opened {
            Ok(folder) => {
                let (selected, opened) = Selected::open(folder, access);
                self.selected = Some(selected);
                Ok(self.server().accept(ask, opened)?)
            }
            Err(error) => Ok(self.server().reject(ask, answer::refused(error))?),
        }
    }

    /// CLOSE: what is `\Deleted` goes, and nobody is told.
    pub(super) async fn close(&mut self, ask: Ask<Close>) -> Result<(), SessionError> {
        let is_writable = self.server().state() == State::Selected(Access::ReadWrite);
        if let Some(selected) = self.selected.as_ref().filter(|_| is_writable) {
            let deleted = selected.deleted(&selected.all());
            let done =
                if deleted.is_empty() { Ok(Vec::new()) } else { selected.folder.expunge(deleted).await };
            match done {
                // Of a folder that is gone, nothing is left that could go.
                Ok(_) | Err(StoreError::NoSuchFolder) => {}
                // It stays selected.
                Err(error) => return Ok(self.server().reject(ask, answer::refused(error.into()))?),
            }
        }
        self.selected = None;
        Ok(self.server().accept(ask, ())?)
    }

    /// Tells what the client may be told of what has changed.
    pub(super) async fn tell_changes(&mut self) -> Result<(), SessionError> {
        let expunges = self.server().expunges();
        let Some(selected) = &mut self.selected else { return Ok(()) };
        let Selected { folder, view, .. } = selected;
        let changes: Option<Changes<Flags>> =
            folder.with(|mailbox| view.has_news(mailbox).then(|| view.pending(mailbox, expunges)));
        for change in changes.into_iter().flatten() {
            let Some(selected) = &mut self.selected else { break };
            for untagged in selected.tell(change) {
                self.tell(untagged).await?;
            }
        }
        Ok(())
    }

    /// Tells something that no command asked for.
    async fn tell(&mut self, mut untagged: Untagged) -> Result<(), SessionError> {
        loop {
            match self.server().tell(untagged) {
                Ok(()) => return Ok(()),
                Err(TellError::Blocked { untagged: back, .. }) => untagged = back,
                // It was asked whether it may be told, and nothing has come between.
                Err(error) => return Err(error.into()),
            }
            self.connection.flush().await?;
        }
    }
}
