//! A mailbox, as all sessions share it.
use super::{
    MailboxView, Recent,
    runs::{Run, Uids},
    tree::{Item, Tree},
};
use alloc::{collections::VecDeque, vec::Vec};

/// A message, as the mailbox knows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message<F> {
    /// Its UID.
    pub uid: u32,
    /// When it was changed last, as CONDSTORE counts.
    pub modseq: u64,
    /// Its flags, in a form of the host's own.
    pub flags: F,
}

impl<F: Clone> Item for Message<F> {
    const LEAF: usize = 64;

    fn weight(&self) -> u32 {
        1
    }

    fn first(&self) -> u32 {
        self.uid
    }

    fn last(&self) -> u32 {
        self.uid
    }

    fn modseq(&self) -> u64 {
        self.modseq
    }
}

/// What a host has stored of a mailbox, beside its messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stored {
    /// UIDVALIDITY.
    pub uid_validity: u32,
    /// The UID that the next message gets at least.
    pub uid_next: u32,
    /// HIGHESTMODSEQ.
    pub highest_modseq: u64,
    /// Messages from this UID on have been announced to no session as recent.
    pub recent_from: u32,
}

/// A mailbox, as all sessions share it: its messages, and the last expunges.
///
/// It is a plain value with one writer at a time. Hosts put it behind a lock; views translate numbers without it.
/// `F` is what the host knows as flags: a bit set, a shared list, or `()` when it looks them up elsewhere.
///
/// All changes bear a MODSEQ higher than any before ([RFC 7162 §3.1](https://www.rfc-editor.org/rfc/rfc7162#section-3.1));
/// a host without CONDSTORE just counts. One change may touch many messages.
#[derive(Debug)]
pub struct Mailbox<F> {
    stored: Stored,
    uids: Uids,
    messages: Tree<Message<F>>,
    /// The last expunges, each with its MODSEQ.
    log: VecDeque<(u64, u32)>,
    /// How many expunges there have been in all.
    expunges: u64,
    /// Expunges with a MODSEQ above this are in the log.
    log_from: u64,
    window: usize,
}

/// A change of a mailbox that cannot be. Nothing has happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// Its MODSEQ is not higher than all before.
    #[error("MODSEQ {modseq} where one above {highest} is due")]
    ModSeq {
        /// What was given.
        modseq: u64,
        /// The highest so far.
        highest: u64,
    },
    /// A message is added with a UID that is not higher than all before.
    #[error("UID {uid} where one of {uid_next} to 4294967294 is due")]
    Uid {
        /// What was given.
        uid: u32,
        /// The lowest that would do.
        uid_next: u32,
    },
}

impl<F: Clone> Mailbox<F> {
    /// An empty mailbox.
    pub fn new(uid_validity: u32) -> Self {
        Self {
            stored: Stored { uid_validity, uid_next: 1, highest_modseq: 0, recent_from: 1 },
            uids: Uids::new(),
            messages: Tree::new(),
            log: VecDeque::new(),
            expunges: 0,
            log_from: 0,
            window: 4096,
        }
    }

    /// A mailbox as it was stored, its messages in the order of their UIDs.
    ///
    /// # Errors
    /// The UIDs do not ascend, or are not below UIDNEXT.
    pub fn load(stored: Stored, messages: impl IntoIterator<Item = Message<F>>) -> Result<Self, ChangeError> {
        let mut mailbox = Self::new(stored.uid_validity);
        for message in messages {
            let due = mailbox.stored.uid_next;
            // rule rfc3501 2.3.1.1 loaded-in-order: UIDs ascend, and are below UIDNEXT
            if message.uid < due || message.uid >= stored.uid_next {
                return Err(ChangeError::Uid { uid: message.uid, uid_next: due });
            }
            mailbox.add(message);
        }
        mailbox.stored = stored;
        mailbox.log_from = stored.highest_modseq;
        Ok(mailbox)
    }

    /// Sets how many expunges are remembered: 4,096 when not set, 16 octets each.
    ///
    /// A session that has been told of all but those is told of them at no cost but theirs; one that lags further
    /// compares its snapshot with the mailbox, which costs as much as there are gaps between UIDs.
    /// [`vanished_since`](Self::vanished_since) reaches as far.
    #[must_use]
    pub fn remember(mut self, expunges: usize) -> Self {
        self.window = expunges;
        self.forget();
        self
    }

    /// Opens it: the new view has been told all there is, and its host tells it in the answer to SELECT.
    pub fn open(&mut self, recent: Recent) -> MailboxView {
        MailboxView::new(self, recent)
    }

    /// What is to be stored beside the messages.
    pub fn stored(&self) -> Stored {
        self.stored
    }

    /// How many messages there are.
    pub fn exists(&self) -> u32 {
        self.uids.len()
    }

    /// UIDNEXT: the UID that the next message gets at least.
    pub fn uid_next(&self) -> u32 {
        self.stored.uid_next
    }

    /// UIDVALIDITY.
    pub fn uid_validity(&self) -> u32 {
        self.stored.uid_validity
    }

    /// HIGHESTMODSEQ.
    pub fn highest_modseq(&self) -> u64 {
        self.stored.highest_modseq
    }

    /// A message; `None` when it is gone, or never was. A view may still have a number for it.
    pub fn get(&self, uid: u32) -> Option<&Message<F>> {
        self.messages.find(uid).map(|(_, message)| message)
    }

    /// The messages changed since a MODSEQ, in the order of their UIDs: what CHANGEDSINCE asks for
    /// ([RFC 7162 §3.1.4](https://www.rfc-editor.org/rfc/rfc7162#section-3.1.4)). O(log n) for each.
    pub fn changed_since(&self, modseq: u64) -> Vec<&Message<F>> {
        let mut changed = Vec::new();
        self.messages.changed_since(modseq, &mut |message| changed.push(message));
        changed
    }

    /// The UIDs expunged since a MODSEQ, ascending: for `VANISHED (EARLIER)`
    /// ([RFC 7162 §3.2.10.1](https://www.rfc-editor.org/rfc/rfc7162#section-3.2.10.1)). `None` when that is longer
    /// ago than [remembered](Self::remember).
    pub fn vanished_since(&self, modseq: u64) -> Option<Vec<u32>> {
        (modseq >= self.log_from).then(|| {
            let mut uids: Vec<u32> =
                self.log.iter().filter(|(at, _)| *at > modseq).map(|(_, uid)| *uid).collect();
            uids.sort_unstable();
            uids
        })
    }

    /// Adds messages, each a UID and flags.
    ///
    /// # Errors
    /// The MODSEQ or a UID is not higher than all before.
    pub fn append(&mut self, messages: &[(u32, F)], modseq: u64) -> Result<(), ChangeError> {
        self.check_modseq(modseq)?;
        let mut uid_next = self.stored.uid_next;
        for (uid, _) in messages {
            // rule rfc3501 2.3.1.1 higher-than-before: a new message has a higher UID than any before
            if *uid < uid_next || *uid == u32::MAX {
                return Err(ChangeError::Uid { uid: *uid, uid_next });
            }
            uid_next = uid + 1;
        }
        for (uid, flags) in messages {
            self.add(Message { uid: *uid, modseq, flags: flags.clone() });
        }
        self.stored.highest_modseq = modseq;
        Ok(())
    }

    /// Gives messages new flags. Messages that are gone are left out; returns how many there were.
    ///
    /// A session whose own STORE it is says so: [`MailboxView::store`].
    ///
    /// # Errors
    /// The MODSEQ is not higher than all before.
    pub fn change_flags(&mut self, changes: &[(u32, F)], modseq: u64) -> Result<usize, ChangeError> {
        self.check_modseq(modseq)?;
        let mut changed = 0;
        for (uid, flags) in changes {
            if let Some((position, _)) = self.messages.find(*uid) {
                let message = Message { uid: *uid, modseq, flags: flags.clone() };
                self.messages.splice(position, |_, _| [Some(message), None, None]);
                changed += 1;
            }
        }
        self.stored.highest_modseq = modseq;
        Ok(changed)
    }

    /// Takes messages away. Those that are gone are left out; returns how many there were.
    ///
    /// # Errors
    /// The MODSEQ is not higher than all before.
    pub fn expunge(&mut self, uids: &[u32], modseq: u64) -> Result<usize, ChangeError> {
        self.check_modseq(modseq)?;
        let mut expunged = 0;
        for uid in uids {
            if let Some((position, _)) = self.messages.find(*uid) {
                self.messages.splice(position, |_, _| [None, None, None]);
                self.uids.remove(*uid);
                self.log.push_back((modseq, *uid));
                self.forget();
                expunged += 1;
            }
        }
        self.expunges += expunged as u64;
        self.stored.highest_modseq = modseq;
        Ok(expunged)
    }

    fn check_modseq(&self, modseq: u64) -> Result<(), ChangeError> {
        let highest = self.stored.highest_modseq;
        // rule rfc7162 3.1 modseq-ascends: each change has a higher MODSEQ than any before
        if modseq <= highest {
            return Err(ChangeError::ModSeq { modseq, highest });
        }
        Ok(())
    }

    fn add(&mut self, message: Message<F>) {
        // rule rfc3501 2.3.1.1 uidnext-moves: UIDNEXT changes with each new message
        self.stored.uid_next = message.uid.saturating_add(1);
        self.uids.push(Run { first: message.uid, len: 1 });
        self.messages.push(message);
    }

    fn forget(&mut self) {
        while self.log.len() > self.window {
            if let Some((modseq, _)) = self.log.pop_front() {
                self.log_from = modseq;
            }
        }
    }

    pub(super) fn uids(&self) -> &Uids {
        &self.uids
    }

    pub(super) fn messages(&self) -> &Tree<Message<F>> {
        &self.messages
    }

    pub(super) fn expunges(&self) -> u64 {
        self.expunges
    }

    /// The expunges behind the first `told`; `None` when not all of them are remembered.
    pub(super) fn expunged_behind(&self, told: u64) -> Option<impl Iterator<Item = u32>> {
        let behind = usize::try_from(self.expunges.checked_sub(told)?).ok()?;
        let skip = self.log.len().checked_sub(behind)?;
        Some(self.log.iter().skip(skip).map(|(_, uid)| *uid))
    }

    pub(super) fn announced(&mut self, recent_from: u32) {
        self.stored.recent_from = recent_from;
    }
}
