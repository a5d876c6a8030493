//! A mailbox, as a client knows it from what it is told.
use super::{
    runs::Run,
    tree::{Item, Tree},
};

/// Which message number means which UID, as far as a client has been told.
///
/// EXISTS makes numbers whose UIDs are not known, FETCH fills them in, EXPUNGE and VANISHED take them away. All is
/// O(log n); UIDs that follow each other, and numbers whose UIDs are not known, cost 8 octets a run.
///
/// What cannot be is an error, and changes nothing: a session can go on, or look anew with `UID FETCH 1:* (UID)`.
///
/// ```
/// use imap_proto::mailbox::ClientView;
/// let mut view = ClientView::new();
/// view.exists(3)?;
/// view.fetched(3, 70)?;
/// assert_eq!((view.uid(1), view.uid(3)), (None, Some(70)));
/// view.expunged(1)?;
/// assert_eq!((view.messages(), view.number(70)), (2, Some(2)));
/// assert_eq!(view.expunged(3).unwrap_err().to_string(), "message number 3 where there are 2 messages");
/// # Ok::<(), imap_proto::mailbox::Contradiction>(())
/// ```
#[derive(Debug, Clone)]
pub struct ClientView {
    slots: Tree<Run>,
    uid_validity: u32,
}

/// A server said what cannot be. Nothing has changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Contradiction {
    /// A message number that there is none of.
    #[error("message number {number} where there are {exists} messages")]
    Number {
        /// The number.
        number: u32,
        /// How many messages there are.
        exists: u32,
    },
    /// EXISTS with fewer messages than there are, though none was expunged.
    #[error("{exists} messages where there were {before} and none was expunged")]
    Fewer {
        /// What was said.
        exists: u32,
        /// How many there are.
        before: u32,
    },
    /// A UID that cannot be the one of this number, since UIDs ascend with numbers and stay the same.
    #[error("UID {uid} for message number {number}")]
    Uid {
        /// The number.
        number: u32,
        /// The UID.
        uid: u32,
    },
    /// A UID has vanished that no message can have had.
    #[error("UID {uid} vanished and never was there")]
    Vanished {
        /// The UID.
        uid: u32,
    },
}

impl Default for ClientView {
    fn default() -> Self {
        Self::new()
    }
}

impl ClientView {
    /// A mailbox that nothing was told of: a new one for each SELECT.
    pub fn new() -> Self {
        Self { slots: Tree::new(), uid_validity: 0 }
    }

    /// How many messages there are.
    pub fn messages(&self) -> u32 {
        self.slots.weight()
    }

    /// UIDVALIDITY; 0 when it was not told.
    pub fn uid_validity(&self) -> u32 {
        self.uid_validity
    }

    /// The UID of a message number, if it is known.
    pub fn uid(&self, number: u32) -> Option<u32> {
        let (run, offset) = self.slots.at(number.checked_sub(1)?)?;
        (run.first != 0).then(|| run.first.saturating_add(offset))
    }

    /// The message number of a UID, if it is known.
    pub fn number(&self, uid: u32) -> Option<u32> {
        self.slots.find(uid).map(|(position, _)| position + 1)
    }

    /// The numbers whose UIDs are not known, from and to: what to ask `FETCH n:m (UID)` for.
    pub fn unknown(&self) -> impl Iterator<Item = (u32, u32)> {
        let mut position = 0_u32;
        core::iter::from_fn(move || {
            loop {
                let (run, _) = self.slots.at(position)?;
                let first = position + 1;
                position = position.saturating_add(run.len);
                if run.first == 0 {
                    return Some((first, position));
                }
            }
        })
    }

    /// `* OK [UIDVALIDITY n]`: with another one, no UID is known any more.
    pub fn uid_validity_is(&mut self, uid_validity: u32) {
        // rule rfc3501 2.3.1.1 another-uidvalidity: with another UIDVALIDITY no UID is known any more
        if self.uid_validity != 0 && self.uid_validity != uid_validity {
            let messages = self.messages();
            self.slots = Tree::new();
            self.add_unknown(messages);
        }
        self.uid_validity = uid_validity;
    }

    /// `* n EXISTS`.
    ///
    /// # Errors
    /// There are more already.
    pub fn exists(&mut self, exists: u32) -> Result<(), Contradiction> {
        let before = self.messages();
        let added = exists.checked_sub(before).ok_or(Contradiction::Fewer { exists, before })?;
        self.add_unknown(added);
        Ok(())
    }

    /// `* number EXPUNGE`. Returns its UID, if it was known.
    ///
    /// # Errors
    /// There is no such number.
    pub fn expunged(&mut self, number: u32) -> Result<Option<u32>, Contradiction> {
        let position = self.position(number)?;
        let uid = self.uid(number);
        self.remove(position, 1);
        Ok(uid)
    }

    /// `* VANISHED uids`, without `(EARLIER)`, each range from and to. Returns how many messages went.
    ///
    /// A message whose UID is not known goes too: it is one of those between its known neighbours.
    ///
    /// # Errors
    /// A UID is among them that no message can have had.
    pub fn vanished(&mut self, uids: impl IntoIterator<Item = (u32, u32)>) -> Result<u32, Contradiction> {
        let (mut after, before) = (self.clone(), self.messages());
        for (one, other) in uids {
            let (mut uid, last) = (one.min(other), one.max(other));
            while uid <= last {
                let gone = after.vanish(uid, last).ok_or(Contradiction::Vanished { uid })?;
                match uid.checked_add(gone) {
                    Some(next) => uid = next,
                    None => break,
                }
            }
        }
        *self = after;
        Ok(before.saturating_sub(self.messages()))
    }

    /// `* number FETCH (UID uid ..)`.
    ///
    /// # Errors
    /// There is no such number, or the UID does not fit its neighbours or what was told before.
    pub fn fetched(&mut self, number: u32, uid: u32) -> Result<(), Contradiction> {
        let position = self.position(number)?;
        let wrong = Contradiction::Uid { number, uid };
        let Some((run, offset)) = self.slots.at(position) else { return Err(wrong) };
        if run.first != 0 {
            // rule rfc3501 2.3.1.1 uids-do-not-change: a message keeps its UID [instead: return Ok(());]
            return if run.first.checked_add(offset) == Some(uid) { Ok(()) } else { Err(wrong) };
        }
        let behind = run.len - offset;
        let before = position - offset;
        // A UID for each message between this one and the next that is known must be left, on both sides.
        let lower = before
            .checked_sub(1)
            .and_then(|position| self.slots.at(position))
            .map_or(0, |(run, _)| run.last());
        let upper = position
            .checked_add(behind)
            .and_then(|position| self.slots.at(position))
            .map(|(run, _)| u64::from(run.first));
        let fits_below = uid.checked_sub(lower).is_some_and(|room| room > offset);
        let fits_above = upper
            .unwrap_or(1 << 32)
            .checked_sub(u64::from(uid))
            .is_some_and(|room| room >= u64::from(behind));
        // rule rfc3501 2.3.1.1 uids-ascend: UIDs ascend with the numbers
        if !fits_below || !fits_above {
            return Err(wrong);
        }
        self.slots.splice(position, |hole, offset| {
            [
                Run::new(0, offset),
                Run::new(uid, 1),
                Run::new(0, hole.len.saturating_sub(offset).saturating_sub(1)),
            ]
        });
        self.join(position);
        if let Some(before) = position.checked_sub(1) {
            self.join(before);
        }
        Ok(())
    }

    /// Where a number stands.
    fn position(&self, number: u32) -> Result<u32, Contradiction> {
        let exists = self.messages();
        match number.checked_sub(1) {
            Some(position) if position < exists => Ok(position),
            _ => Err(Contradiction::Number { number, exists }),
        }
    }

    /// Takes the message of `uid` away, and those up to `last` that stand in the same run. How many there were;
    /// `None` when there is none.
    fn vanish(&mut self, uid: u32, last: u32) -> Option<u32> {
        let asked = (last - uid).saturating_add(1);
        let behind = match self.slots.last_from(uid) {
            Some((position, run)) if uid <= run.last() => {
                let gone = asked.min(run.last() - uid + 1);
                self.remove(position.saturating_add(uid - run.first), gone);
                return Some(gone);
            }
            Some((position, run)) => position.saturating_add(run.len),
            None => 0,
        };
        // Not known: it is one of those up to the next that is.
        let hole = self.slots.at(behind).map(|(run, _)| *run).filter(|run| run.first == 0 && uid != 0)?;
        let next = self
            .slots
            .at(behind.saturating_add(hole.len))
            .map_or(u32::MAX, |(run, _)| run.first.saturating_sub(1));
        let gone = asked.min(next.saturating_sub(uid).saturating_add(1)).min(hole.len);
        self.remove(behind, gone);
        Some(gone)
    }

    /// Takes messages away that stand in one run.
    fn remove(&mut self, position: u32, messages: u32) {
        self.slots.splice(position, |run, offset| {
            let [before, behind] = run.without(offset, messages);
            [before, behind, None]
        });
        if let Some(before) = position.checked_sub(1) {
            self.join(before);
        }
    }

    fn add_unknown(&mut self, messages: u32) {
        if let Some(hole) = Run::new(0, messages) {
            let end = self.messages();
            self.slots.push(hole);
            if let Some(last) = end.checked_sub(1) {
                self.join(last);
            }
        }
    }

    /// Makes the run at a position and the one behind it one, if they go on in each other.
    fn join(&mut self, position: u32) {
        let Some((run, offset)) = self.slots.at(position) else { return };
        let (run, next) = (*run, position.saturating_add(run.len - offset));
        let Some((behind, _)) = self.slots.at(next) else { return };
        let behind = *behind;
        if run.goes_on_in(&behind) {
            self.slots.splice(next, |_, _| [None, None, None]);
            let len = run.len.saturating_add(behind.len);
            self.slots.splice(position, |run, _| [Run::new(run.first, len), None, None]);
        }
    }
}
