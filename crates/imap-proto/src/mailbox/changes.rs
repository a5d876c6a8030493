//! What a session is told, and in which order.
use super::runs::{Run, Uids};
use alloc::vec::{self, Vec};

/// May EXPUNGE be told now?
///
/// Not while FETCH, STORE or SEARCH is in progress, nor while no command is
/// ([RFC 3501 §7.4.1](https://www.rfc-editor.org/rfc/rfc3501#section-7.4.1)); their UID forms allow it, but for UID
/// SEARCH with message numbers among its keys ([RFC 7162 §3.2.10.2]). Where commands are pipelined it may not be told
/// either while one of those three waits ([RFC 3501 §5.5](https://www.rfc-editor.org/rfc/rfc3501#section-5.5)).
/// IDLE is a command in progress.
///
/// [RFC 7162 §3.2.10.2]: https://www.rfc-editor.org/rfc/rfc7162#section-3.2.10.2
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Expunges {
    /// It may.
    Allowed,
    /// It may not. Messages that are gone keep their numbers.
    Forbidden,
}

/// One untagged response.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Change<F> {
    /// `* number EXPUNGE`. All messages behind it move up.
    Expunge {
        /// Its number.
        number: u32,
        /// Its UID, which the response does not tell.
        uid: u32,
    },
    /// `* n EXISTS`.
    Exists(u32),
    /// `* n RECENT`.
    Recent(u32),
    /// `* number FETCH (UID uid MODSEQ (modseq) FLAGS flags)`, or as much of it as the session wants.
    Fetch {
        /// Its number.
        number: u32,
        /// Its UID.
        uid: u32,
        /// Its MODSEQ.
        modseq: u64,
        /// Its flags, without `\Recent` ([`MailboxView::is_recent`](super::MailboxView::is_recent)); `None` when the
        /// session itself has set them, silently.
        flags: Option<F>,
    },
}

/// What a session is to be told, in this order: EXPUNGE (from the highest number down, so that no number depends on
/// another), EXISTS, RECENT, FETCH. A message whose flags changed often is told of once, one that came and went not
/// at all.
///
/// The view counts all of it as told: what is dropped is lost to the client.
#[must_use = "the view counts on it that the client is told"]
#[derive(Debug, Clone)]
pub struct Changes<F> {
    pub(super) gone: Vec<Run>,
    /// The UIDs that the numbers of `gone` are counted by.
    pub(super) before: Uids,
    pub(super) exists: Option<u32>,
    pub(super) recent: Option<u32>,
    pub(super) fetches: vec::IntoIter<Fetch<F>>,
    /// The UIDs that the numbers of `fetches` are counted by.
    pub(super) after: Uids,
}

/// A UID, its MODSEQ, and its flags.
pub(super) type Fetch<F> = (u32, u64, Option<F>);

impl<F> Changes<F> {
    /// Is there nothing to tell?
    pub fn is_empty(&self) -> bool {
        self.gone.is_empty() && self.exists.is_none() && self.recent.is_none() && self.fetches.len() == 0
    }

    /// Takes the expunged UIDs out, ascending, each range from and to: for a session with QRESYNC, which hears
    /// `VANISHED` in place of EXPUNGE ([RFC 7162 §3.2.10.2]). All of them the session has been told of.
    ///
    /// [RFC 7162 §3.2.10.2]: https://www.rfc-editor.org/rfc/rfc7162#section-3.2.10.2
    pub fn vanished(&mut self) -> impl Iterator<Item = (u32, u32)> + use<F> {
        core::mem::take(&mut self.gone).into_iter().map(|run| {
            use super::tree::Item;
            (run.first(), run.last())
        })
    }
}

impl<F> Iterator for Changes<F> {
    type Item = Change<F>;

    fn next(&mut self) -> Option<Change<F>> {
        // rule rfc3501 7.4.1 from-the-highest-down: each EXPUNGE has the number that holds when it is told
        while let Some(run) = self.gone.last_mut() {
            let Some(left) = run.len.checked_sub(1) else {
                self.gone.pop();
                continue;
            };
            run.len = left;
            let uid = run.first.saturating_add(left);
            if let Some(position) = self.before.position(uid) {
                return Some(Change::Expunge { number: position + 1, uid });
            }
        }
        // rule rfc3501 7.3.1 exists-behind-expunge: EXISTS is told behind the EXPUNGEs
        if let Some(exists) = self.exists.take() {
            return Some(Change::Exists(exists));
        }
        // rule rfc3501 7.3.2 recent-behind-exists: RECENT is told behind EXISTS
        if let Some(recent) = self.recent.take() {
            return Some(Change::Recent(recent));
        }
        self.fetches.find_map(|(uid, modseq, flags)| {
            let number = self.after.position(uid)? + 1;
            Some(Change::Fetch { number, uid, modseq, flags })
        })
    }
}
