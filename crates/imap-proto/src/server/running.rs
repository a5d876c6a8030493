//! Commands at work, and what may be told when.
use super::{Behind, Completion, Move, Outcome, Server, Task};
use crate::{
    State, Tag,
    mailbox::Expunges,
    response::{Code, CopyUid, FetchItem, Payload, Response, Status, StatusKind, Untagged},
    state::Verb,
};
use alloc::boxed::Box;
use core::{fmt, ops::Deref};
use mail_wire::{Ask, Stale, Text};

/// A command at work: it was accepted, and is not completed.
///
/// Reads as the request. Dropping one ends the session: a client never waits for an answer that nobody will give.
#[must_use = "the client waits until this is completed"]
#[derive(Debug)]
pub struct Running<T> {
    pub(super) ask: Ask<T>,
    pub(super) serial: u32,
    pub(super) tag: Tag,
}

impl<T> Running<T> {
    /// What the client calls the command: an ESEARCH response names it.
    pub fn tag(&self) -> &Tag {
        &self.tag
    }
}

impl<T> Deref for Running<T> {
    type Target = T;
    fn deref(&self) -> &T {
        &self.ask
    }
}

/// A response was not taken. Nothing has happened; it comes back.
#[derive(thiserror::Error)]
#[non_exhaustive]
pub enum TellError {
    /// Enough waits to be written: say it again when `transmit` has drained.
    #[error("more than {max_unsent} octets wait to be written")]
    Blocked {
        /// What was not taken.
        untagged: Untagged,
        /// The limit.
        max_unsent: usize,
    },
    /// EXPUNGE or VANISHED may not be told now: see [`Server::expunges`].
    #[error("no EXPUNGE may be told now")]
    Forbidden {
        /// What was not taken.
        untagged: Untagged,
    },
    /// It may not be told in this state, or not in this way: data of a mailbox where none is selected, BYE, which
    /// `close` says, a payload that streams, which goes by `stream`.
    #[error("this may not be told here")]
    OutOfPlace {
        /// What was not taken.
        untagged: Untagged,
    },
    /// The command is of another session, or of one that is over.
    #[error("command of another session, or of one that is over")]
    Stale {
        /// What was not taken.
        untagged: Untagged,
    },
}

impl TellError {
    /// What was not taken.
    pub fn into_untagged(self) -> Untagged {
        match self {
            Self::Blocked { untagged, .. }
            | Self::Forbidden { untagged }
            | Self::OutOfPlace { untagged }
            | Self::Stale { untagged } => untagged,
        }
    }
}

impl fmt::Debug for TellError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "TellError({self})")
    }
}

impl Server {
    /// Queues a response that belongs to a command.
    ///
    /// # Errors
    /// It was not taken, and comes back: [`TellError::Blocked`] until [`transmit`](Self::transmit) drains.
    pub fn data<T>(&mut self, running: &Running<T>, untagged: Untagged) -> Result<(), TellError> {
        let Some(verb) = self.verb_of(running) else { return Err(TellError::Stale { untagged }) };
        // What these remove they tell, whatever the client has said meanwhile.
        let removes = matches!(verb, Verb::Expunge | Verb::Move);
        // rule rfc3501 7.4.1 not-among-data: FETCH, STORE and SEARCH tell no EXPUNGE
        if is_expunge(&untagged) && !removes && self.expunges() == Expunges::Forbidden {
            return Err(TellError::Forbidden { untagged });
        }
        let untagged = self.check(untagged)?;
        self.respond_of(running.serial, &Response::Untagged(untagged));
        self.tick();
        Ok(())
    }

    /// Tells the UIDs of what was moved: before the EXPUNGEs, as
    /// [RFC 6851 §4.3](https://www.rfc-editor.org/rfc/rfc6851#section-4.3) advises.
    ///
    /// # Errors
    /// As [`data`](Self::data).
    pub fn moved(&mut self, running: &Running<Move>, uids: CopyUid) -> Result<(), TellError> {
        let code = Code::CopyUid(Box::new(uids));
        let status = Status::with_code(StatusKind::Ok, code, Text::from_static("moved"));
        // rule rfc6851 4.3 copyuid-first: COPYUID of a MOVE is told in an untagged OK [instead: Ok(())]
        self.data(running, Untagged::Status(Box::new(status)))
    }

    /// Completes a command.
    ///
    /// # Errors
    /// It is of another session, or of one that is over, and comes back.
    pub fn complete<T>(
        &mut self,
        running: Running<T>,
        completion: Completion,
    ) -> Result<(), Stale<Running<T>>> {
        let at = self.open.iter().position(|open| open.serial == running.serial);
        let (Some(at), true) = (at, self.is_running(&running)) else { return Err(Stale(running)) };
        let Running { ask, serial, tag } = running;
        if let Err(Stale(ask)) = self.mark.answered(ask) {
            return Err(Stale(Running { ask, serial, tag }));
        }
        let open = self.open.remove(at);
        let outcome = Outcome::of(completion.kind());
        self.end(open, completion, outcome);
        Ok(())
    }

    /// Queues a response that belongs to no command: what is new in the mailbox, or a remark.
    ///
    /// It may be called whenever a client has logged in. What is told while no command is in progress reaches a
    /// client that idles at once, others when they look.
    ///
    /// # Errors
    /// It was not taken, and comes back.
    pub fn tell(&mut self, untagged: Untagged) -> Result<(), TellError> {
        if !self.state.is_authenticated() {
            return Err(TellError::OutOfPlace { untagged });
        }
        // rule rfc3501 5.3 no-expunge-unasked: no EXPUNGE is told while no command is in progress
        if is_expunge(&untagged) && self.expunges() == Expunges::Forbidden {
            return Err(TellError::Forbidden { untagged });
        }
        let untagged = self.check(untagged)?;
        self.untagged(untagged);
        self.tick();
        Ok(())
    }

    /// May EXPUNGE be told now?
    ///
    /// Not while FETCH, STORE, SEARCH, SORT or THREAD is open or waits, nor while no command is in progress
    /// ([RFC 3501 §7.4.1](https://www.rfc-editor.org/rfc/rfc3501#section-7.4.1)). Nor while the client has said more
    /// than has been read: its next command may name messages by the numbers it knows.
    pub fn expunges(&self) -> Expunges {
        let in_progress = matches!(self.task, Task::Idling(_)) || !self.open.is_empty();
        let told = self.state.selected().is_some()
            // rule rfc3501 7.4.1 in-progress: EXPUNGE needs a command in progress, or IDLE
            && in_progress
            // rule rfc3501 5.5 none-while-one-waits: no EXPUNGE is told while a command waits
            && self.waiting.is_none()
            // rule rfc3501 5.5 none-while-more-is-there: no EXPUNGE is told while more has come than was read
            && self.behind == Behind::Nothing
            // rule rfc3501 7.4.1 not-by-number: EXPUNGE is not told while a command that says message numbers is open
            && self.open.iter().all(|open| open.expunges == Expunges::Allowed);
        if told { Expunges::Allowed } else { Expunges::Forbidden }
    }

    /// The verb of a command that is at work in this session.
    fn verb_of<T>(&self, running: &Running<T>) -> Option<Verb> {
        if !self.is_running(running) {
            return None;
        }
        self.open.iter().find(|open| open.serial == running.serial).map(|open| open.verb)
    }

    pub(super) fn is_running<T>(&self, running: &Running<T>) -> bool {
        self.state != State::Closed && running.ask.is_of(&self.mark)
    }

    /// May this be told here, and is there room?
    fn check(&self, untagged: Untagged) -> Result<Untagged, TellError> {
        let fits = match &untagged {
            Untagged::Status(status) => {
                matches!(status.kind(), StatusKind::Ok | StatusKind::No | StatusKind::Bad)
                    && self.state != State::Closed
            }
            Untagged::Fetch(fetch) => {
                let streams = |item: &FetchItem| match item {
                    FetchItem::Content(content) => matches!(content.payload, Payload::Streamed(_)),
                    _ => false,
                };
                self.state.selected().is_some() && !fetch.items.iter().any(streams)
            }
            Untagged::Exists(_)
            | Untagged::Recent(_)
            | Untagged::Expunge(_)
            | Untagged::Vanished(_)
            | Untagged::Flags(_)
            | Untagged::Search(_)
            | Untagged::Sort(_) => {
                // rule rfc3501 7.3.1 needs-a-mailbox: data of a mailbox is told where one is selected [instead: true]
                self.state.selected().is_some()
            }
            _ => self.state.is_authenticated() || !self.open.is_empty(),
        };
        if !fits || self.state == State::Closed {
            return Err(TellError::OutOfPlace { untagged });
        }
        let max_unsent = self.config.max_unsent;
        if self.unsent() >= max_unsent.max(1) {
            return Err(TellError::Blocked { untagged, max_unsent });
        }
        Ok(untagged)
    }
}

fn is_expunge(untagged: &Untagged) -> bool {
    matches!(untagged, Untagged::Expunge(_) | Untagged::Vanished(_))
}
