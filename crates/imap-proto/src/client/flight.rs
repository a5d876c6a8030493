//! Commands on their way: what each is, and which may go while others are in flight.
use crate::{Append, Command, Numbering, SearchKey, Tag, state::Verb};
use alloc::collections::VecDeque;
use bytes::Bytes;
use mail_wire::{Outbox, Output};

/// A command that has been sent, or is being sent, and is not answered.
#[derive(Debug)]
pub(super) struct InFlight {
    pub(super) tag: Tag,
    pub(super) verb: Verb,
    pub(super) expunges: Expunges,
    /// Where its first octet stands, counted from the session's first one.
    pub(super) first: u64,
    /// Where its last octet stands.
    pub(super) last: u64,
}

/// May the server say EXPUNGE before a command is done?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Expunges {
    /// Message numbers stay what they are.
    Never,
    /// They may change.
    Perhaps,
}

/// What of the command that was encoded last is still to be sent.
#[derive(Debug)]
pub(super) enum Sending {
    /// All is in the queue, and nothing is held.
    Nothing,
    /// It waits for `+`: once at each of these positions.
    Waits {
        holds: VecDeque<u64>,
        /// A message streams behind the last.
        streams: Option<Streams>,
    },
    /// A message is written.
    Uploads(Streams),
}

/// An APPEND whose last message streams.
#[derive(Debug)]
pub(super) struct Streams {
    pub(super) append: Append,
    /// Octets of that message which are not in the queue yet.
    pub(super) octets: u64,
    pub(super) answered: Answered,
}

/// Has the server answered already?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answered {
    Yes,
    No,
}

/// Where commands are encoded to: the queue, and a note of each hold.
pub(super) struct Holds<'o> {
    pub(super) outbox: &'o mut Outbox,
    pub(super) at: VecDeque<u64>,
}

impl Output for Holds<'_> {
    fn text(&mut self, text: &[u8]) {
        self.outbox.text(text);
    }
    fn share(&mut self, segment: Bytes) {
        self.outbox.share(segment);
    }
}

impl crate::Hold for Holds<'_> {
    fn hold(&mut self) {
        self.at.push_back(self.outbox.position());
        self.outbox.hold();
    }
    fn end_held(&mut self) {
        self.outbox.end_held();
    }
}

/// Does what this command brings change what may be said behind it? Nothing is even held behind it.
pub(super) fn is_barrier(verb: Verb) -> bool {
    matches!(verb, Verb::StartTls | Verb::Authenticate | Verb::Login | Verb::Compress)
}

/// Is this command alone on its way? Responses beside it would belong to one mailbox or to another, be encoded in
/// one way or in another, or belong to a command of which nothing is known.
fn is_alone(verb: Verb) -> bool {
    is_barrier(verb)
        || matches!(
            verb,
            Verb::Select
                | Verb::Examine
                | Verb::Close
                | Verb::Unselect
                | Verb::Idle
                | Verb::Enable
                | Verb::Logout
                | Verb::Other
        )
}

/// May `command` be sent behind those in flight ([RFC 9051 §5.5], [RFC 3501 §5.5])?
///
/// One that uses message numbers waits for all that may change them. One that may change them need not wait for one
/// that uses them: a server that would see a difference does them in order.
///
/// [RFC 9051 §5.5]: https://www.rfc-editor.org/rfc/rfc9051#section-5.5
/// [RFC 3501 §5.5]: https://www.rfc-editor.org/rfc/rfc3501#section-5.5
pub(super) fn may_follow(command: &Command, in_flight: &VecDeque<InFlight>) -> bool {
    if in_flight.is_empty() {
        return true;
    }
    // rule rfc3501 5.5 alone-on-its-way: what changes the mailbox that is meant, or the encoding, is alone on its way
    if is_alone(Verb::of(command)) || in_flight.iter().any(|flight| is_alone(flight.verb)) {
        return false;
    }
    let changing = in_flight.iter().any(|flight| flight.expunges == Expunges::Perhaps);
    // rule rfc3501 5.5 numbers-wait: message numbers wait for all that may bring an EXPUNGE [instead: true]
    !(changing && uses_numbers(command))
}

/// May the server say EXPUNGE before this command is done
/// ([RFC 3501 §7.4.1](https://www.rfc-editor.org/rfc/rfc3501#section-7.4.1))?
pub(super) fn expunges(command: &Command) -> Expunges {
    let numbering = match command {
        // rule rfc3501 7.4.1 fetch-keeps-numbers: behind FETCH message numbers may be said at once
        Command::Fetch(fetch) => fetch.numbering,
        // rule rfc3501 7.4.1 store-keeps-numbers: behind STORE message numbers may be said at once
        Command::Store(store) => store.numbering,
        // rule rfc3501 7.4.1 search-keeps-numbers: behind SEARCH message numbers may be said at once
        Command::Search(search) => search.numbering,
        _ => return Expunges::Perhaps,
    };
    if numbering == Numbering::Sequence { Expunges::Never } else { Expunges::Perhaps }
}

/// Does this command say message numbers, or ask for some?
fn uses_numbers(command: &Command) -> bool {
    let numbering = match command {
        // rule rfc3501 5.5 fetch-waits: FETCH says message numbers
        Command::Fetch(fetch) => fetch.numbering,
        // rule rfc3501 5.5 store-waits: STORE says message numbers
        Command::Store(store) => store.numbering,
        // rule rfc3501 5.5 copy-waits: COPY says message numbers
        // rule rfc6851 3.3 move-waits: MOVE says message numbers
        Command::Copy(copy) | Command::Move(copy) => copy.numbering,
        Command::Search(search) => {
            return search.numbering == Numbering::Sequence
                // rule rfc3501 5.5 numbers-in-keys: UID SEARCH for message numbers waits as SEARCH does
                || search.keys.iter().any(has_numbers);
        }
        _ => return false,
    };
    numbering == Numbering::Sequence
}

fn has_numbers(key: &SearchKey) -> bool {
    match key {
        SearchKey::Sequence(_) => true,
        SearchKey::Not(key) => has_numbers(key),
        SearchKey::Or(keys) => keys.iter().any(has_numbers),
        SearchKey::And(keys) => keys.iter().any(has_numbers),
        _ => false,
    }
}

impl InFlight {
    /// Has so much of it been sent that a refusal can be its answer?
    pub(super) fn has_begun(&self, sent: u64) -> bool {
        sent > self.first
    }

    /// Has all of it been sent?
    pub(super) fn is_sent(&self, sent: u64) -> bool {
        sent > self.last
    }
}
