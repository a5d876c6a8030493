//! A mailbox, as one session knows it.
use super::{
    ChangeError, Changes, Expunges, Mailbox, Messages, OutOfRange, Recent,
    changes::Fetch,
    recent::RecentUids,
    runs::{Run, Uids},
};
use crate::{Numbering, SequenceSet};
use alloc::{collections::BTreeSet, vec::Vec};

/// A mailbox, as one session knows it: which messages it has been told of, and so which number means which.
///
/// A view is a position in the mailbox's changes and a shared snapshot of its UIDs; it has no copy of its own, and
/// dropping it is all that closing takes. Give it the mailbox that opened it: another one yields wrong answers.
#[derive(Debug)]
pub struct MailboxView {
    told: Uids,
    /// Messages below this UID have been told of, if they were there.
    uid_next: u32,
    /// Flags have been told of as they were then.
    modseq: u64,
    /// All has been told of as it was then.
    settled: u64,
    /// So many expunges have been told of.
    expunges: u64,
    mode: Recent,
    recent: RecentUids,
    /// Changes of this session that its client need not be told of.
    own: Vec<(u64, Echo)>,
    /// Messages that were changed by others before an own change.
    others: BTreeSet<u32>,
}

/// What a session hears of its own STORE.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Echo {
    /// The new flags.
    Flags,
    /// The new MODSEQ alone: `.SILENT`, where the client knows CONDSTORE
    /// ([RFC 7162 §3.1.3](https://www.rfc-editor.org/rfc/rfc7162#section-3.1.3)).
    ModSeq,
    /// Nothing: `.SILENT`. What others have changed before it is told all the same.
    Nothing,
}

impl MailboxView {
    pub(super) fn new<F: Clone>(mailbox: &mut Mailbox<F>, mode: Recent) -> Self {
        let mut view = Self {
            told: Uids::new(),
            uid_next: 1,
            modseq: mailbox.highest_modseq(),
            settled: mailbox.highest_modseq(),
            expunges: mailbox.expunges(),
            mode,
            recent: RecentUids::default(),
            own: Vec::new(),
            others: BTreeSet::new(),
        };
        view.told = mailbox.uids().clone();
        view.announce(mailbox);
        view
    }

    /// How many messages the session has been told of.
    pub fn exists(&self) -> u32 {
        self.told.len()
    }

    /// How many of them are recent to it.
    pub fn recent(&self) -> u32 {
        self.recent.count()
    }

    /// Is this message recent to it?
    pub fn is_recent(&self, uid: u32) -> bool {
        self.recent.contains(uid)
    }

    /// The UID of a message number.
    pub fn uid(&self, number: u32) -> Option<u32> {
        self.told.run_at(number.checked_sub(1)?).map(|run| run.first)
    }

    /// The message number of a UID.
    pub fn number(&self, uid: u32) -> Option<u32> {
        self.told.position(uid).map(|position| position + 1)
    }

    /// The messages of a set of message numbers, whose ranges are from and to, either way round; `None` is `*`.
    ///
    /// A message that is gone and not yet told of as such is among them: [`Mailbox::get`] has none.
    ///
    /// # Errors
    /// A number is out of range: the command is BAD.
    ///
    /// # Example
    /// ```
    /// # use imap_proto::mailbox::{Mailbox, Recent};
    /// # let mut mailbox = Mailbox::new(1);
    /// mailbox.append(&[(10, ()), (20, ()), (30, ())], 1)?;
    /// let view = mailbox.open(Recent::Ignore);
    /// // FETCH *,1
    /// assert!(view.numbers([(None, None), (Some(1), Some(1))])?.eq([(1, 10), (3, 30)]));
    /// // FETCH 2:4
    /// let error = view.numbers([(Some(2), Some(4))]).unwrap_err();
    /// assert_eq!(error.to_string(), "message number 4 where there are 3 messages");
    /// // UID FETCH 25:*,15:20
    /// assert!(view.uids([(Some(25), None), (Some(15), Some(20))]).eq([(2, 20), (3, 30)]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn numbers(
        &self,
        set: impl IntoIterator<Item = (Option<u32>, Option<u32>)>,
    ) -> Result<Messages, OutOfRange> {
        Messages::of_numbers(&self.told, set)
    }

    /// The messages of a set of UIDs, as [`numbers`](Self::numbers).
    ///
    /// A UID that is not there is left out, and so is `*` in an empty mailbox
    /// ([RFC 3501 §6.4.8](https://www.rfc-editor.org/rfc/rfc3501#section-6.4.8)).
    pub fn uids(&self, set: impl IntoIterator<Item = (Option<u32>, Option<u32>)>) -> Messages {
        Messages::of_uids(&self.told, set)
    }

    /// The messages of a set as it stands in a command: [`numbers`](Self::numbers) or [`uids`](Self::uids) of it.
    ///
    /// [`SequenceSet::SAVED`] names no messages by itself, and so has none here.
    ///
    /// # Errors
    /// A message number is out of range: the command is BAD. A UID never is.
    ///
    /// # Example
    /// ```
    /// # use imap_proto::{Numbering, SequenceSet, mailbox::{Mailbox, Recent}};
    /// # let mut mailbox = Mailbox::new(1);
    /// mailbox.append(&[(10, ()), (20, ()), (30, ())], 1)?;
    /// let view = mailbox.open(Recent::Ignore);
    /// let set: SequenceSet = "3:*,1".parse()?;
    /// assert!(view.messages(Numbering::Sequence, &set)?.eq([(1, 10), (3, 30)]));
    /// assert!(view.messages(Numbering::Uid, &set)?.eq([(1, 10), (2, 20), (3, 30)]));
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn messages(&self, numbering: Numbering, set: &SequenceSet) -> Result<Messages, OutOfRange> {
        let ranges = set.ranges().iter().map(|range| (range.first().number(), range.last().number()));
        match numbering {
            Numbering::Sequence => self.numbers(ranges),
            Numbering::Uid => Ok(self.uids(ranges)),
        }
    }

    /// Is there anything that the session has not been told of? O(1), and the mailbox is only read.
    pub fn has_news<F: Clone>(&self, mailbox: &Mailbox<F>) -> bool {
        self.modseq != mailbox.highest_modseq() || self.expunges != mailbox.expunges()
    }

    /// The HIGHESTMODSEQ that the session may be told: no change up to it is untold
    /// ([RFC 7162 §6](https://www.rfc-editor.org/rfc/rfc7162#section-6) shows why).
    pub fn highest_modseq(&self) -> u64 {
        self.settled
    }

    /// Changes flags for this session: as [`Mailbox::change_flags`], and the session hears as much of it as `echo`
    /// says.
    ///
    /// # Errors
    /// As [`Mailbox::change_flags`]. Nothing has happened.
    pub fn store<F: Clone>(
        &mut self,
        mailbox: &mut Mailbox<F>,
        changes: &[(u32, F)],
        modseq: u64,
        echo: Echo,
    ) -> Result<usize, ChangeError> {
        let modseq_of = |uid: &u32| mailbox.get(*uid).map(|message| (*uid, message.modseq));
        let before: Vec<_> = changes.iter().filter_map(|(uid, _)| modseq_of(uid)).collect();
        let changed = mailbox.change_flags(changes, modseq)?;
        self.stored(modseq, echo, before);
        Ok(changed)
    }

    /// This session has changed flags by another way than [`store`](Self::store), such as a database that all changes
    /// of the mailbox come from: it hears as much of it as `echo` says.
    ///
    /// `before` tells the UID of each message changed, and its MODSEQ before. Call this when the mailbox knows of the
    /// change, before the next [`pending`](Self::pending) of this session: what a session was told of is told.
    ///
    /// # Example
    /// ```
    /// # use imap_proto::mailbox::{Change, Echo, Expunges, Mailbox, Recent};
    /// # let mut mailbox = Mailbox::new(1);
    /// mailbox.append(&[(10, ""), (20, "")], 1)?;
    /// let mut view = mailbox.open(Recent::Ignore);
    /// // Ours is +FLAGS.SILENT (\Seen) of both; another session's change came before it.
    /// mailbox.change_flags(&[(20, "\\Flagged")], 2)?;
    /// mailbox.change_flags(&[(10, "\\Seen"), (20, "\\Flagged \\Seen")], 3)?;
    /// view.stored(3, Echo::Nothing, [(10, 1), (20, 2)]);
    /// let told = Change::Fetch { number: 2, uid: 20, modseq: 3, flags: Some("\\Flagged \\Seen") };
    /// assert!(view.pending(&mut mailbox, Expunges::Forbidden).eq([told]));
    /// # Ok::<(), imap_proto::mailbox::ChangeError>(())
    /// ```
    pub fn stored(&mut self, modseq: u64, echo: Echo, before: impl IntoIterator<Item = (u32, u64)>) {
        // Its flags are told as those of anyone else's change are, and what was told is told.
        if echo == Echo::Flags || modseq <= self.modseq {
            return;
        }
        for (uid, before) in before {
            if before > self.modseq && self.echo(before) != Some(echo) {
                // rule rfc3501 6.4.6 others-are-told: what others have changed is told, silence or not
                self.others.insert(uid);
            }
        }
        let at = self.own.partition_point(|(own, _)| *own < modseq);
        self.own.insert(at, (modseq, echo));
    }

    /// What the session has not been told of and may be told now. All of it counts as told.
    pub fn pending<F: Clone>(&mut self, mailbox: &mut Mailbox<F>, expunges: Expunges) -> Changes<F> {
        let before = self.told.clone();
        let (known, recent) = (self.uid_next, self.recent.count());
        let mut gone = Vec::new();
        if self.expunges == mailbox.expunges() || expunges == Expunges::Allowed {
            gone = self.gone(mailbox);
            for run in &gone {
                self.recent.remove(run.first, run.first.saturating_add(run.len - 1));
            }
            self.told = mailbox.uids().clone();
            self.expunges = mailbox.expunges();
            self.settled = mailbox.highest_modseq();
        } else {
            // What is new comes behind what is known, be that gone or not.
            for run in mailbox.uids().runs_from(mailbox.uids().lower_bound(known)) {
                // rule rfc3501 5.2 exists-is-told: new messages are told of where EXPUNGE may not be
                self.told.push(run);
            }
        }
        self.announce(mailbox);
        let fetches = self.fetches(mailbox, known);
        let exists = self.told.len();
        let kept = before.len().saturating_sub(gone.iter().map(|run| run.len).sum());
        let exists = (exists != kept).then_some(exists);
        let count = self.recent.count();
        // rule rfc3501 7.3.2 recent-is-told: RECENT is told when new messages are [instead: let recent = None;]
        let recent = (self.mode != Recent::Ignore && (exists.is_some() || recent != count)).then_some(count);
        Changes { gone, before, exists, recent, fetches: fetches.into_iter(), after: self.told.clone() }
    }

    /// What has been told of and is gone, ascending.
    fn gone<F: Clone>(&self, mailbox: &Mailbox<F>) -> Vec<Run> {
        let Some(expunged) = mailbox.expunged_behind(self.expunges) else {
            // The log does not reach back so far.
            return self.told.without(mailbox.uids());
        };
        let mut uids: Vec<u32> = expunged.filter(|uid| self.told.position(*uid).is_some()).collect();
        uids.sort_unstable();
        let mut gone: Vec<Run> = Vec::new();
        for uid in uids {
            let next = Run { first: uid, len: 1 };
            match gone.last_mut() {
                Some(run) if run.goes_on_in(&next) => run.len += 1,
                _ => gone.push(next),
            }
        }
        gone
    }

    /// New messages have been told of: some are recent.
    fn announce<F: Clone>(&mut self, mailbox: &mut Mailbox<F>) {
        let next = mailbox.uid_next();
        let first = mailbox.stored().recent_from.max(self.uid_next);
        // rule rfc3501 2.3.2 recent-from-now-on: what a session hears of first is recent to it
        if self.mode != Recent::Ignore && first < next {
            self.recent.add(first, next - 1, &self.told);
        }
        // rule rfc3501 2.3.2 recent-once: what one session has heard of first is recent to no other
        if self.mode == Recent::Claim {
            mailbox.announced(next);
        }
        self.uid_next = next;
    }

    /// Flags that have changed, of messages that were known before.
    fn fetches<F: Clone>(&mut self, mailbox: &Mailbox<F>, known: u32) -> Vec<Fetch<F>> {
        let mut fetches = Vec::new();
        mailbox.messages().changed_since(self.modseq, &mut |message| {
            let echo = if self.others.contains(&message.uid) { None } else { self.echo(message.modseq) };
            let flags = match echo {
                None | Some(Echo::Flags) => Some(message.flags.clone()),
                Some(Echo::ModSeq) => {
                    // rule rfc7162 3.1.3 silent-tells-modseq: the MODSEQ of what .SILENT set is told [instead: return]
                    None
                }
                // rule rfc3501 6.4.6 silent: what .SILENT has set is not told [instead: Some(Echo::Nothing) => None,]
                Some(Echo::Nothing) => return,
            };
            if message.uid < known {
                fetches.push((message.uid, message.modseq, flags));
            }
        });
        self.modseq = mailbox.highest_modseq();
        self.own.clear();
        self.others.clear();
        fetches
    }

    /// Is this the MODSEQ of an own change, and what is told of it?
    fn echo(&self, modseq: u64) -> Option<Echo> {
        let at = self.own.binary_search_by_key(&modseq, |(modseq, _)| *modseq).ok()?;
        self.own.get(at).map(|(_, echo)| *echo)
    }
}
