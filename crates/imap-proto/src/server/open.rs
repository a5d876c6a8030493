//! Commands that have come and are not completed.
use super::{Completion, Outcome, Running, Server, Work};
use crate::{
    Access, Command, Fetch, FetchItem, Numbering, SearchKey, SearchReturn, Seen, State, Tag,
    mailbox::Expunges, state::Verb,
};
use alloc::format;
use mail_wire::Text;

/// A command that has come and is not completed.
#[derive(Debug)]
pub(super) struct Open {
    pub(super) serial: u32,
    pub(super) tag: Tag,
    pub(super) verb: Verb,
    numbering: Numbering,
    pub(super) effect: Effect,
    pub(super) expunges: Expunges,
}

/// Does a command change what others see?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Effect {
    Reads,
    Changes,
}

impl Server {
    /// The command has come, and is to be answered.
    pub(super) fn open(&mut self, tag: Tag, command: &Command) {
        let entry = Open {
            serial: 0,
            tag,
            verb: Verb::of(command),
            numbering: numbering(command),
            effect: effect(command, self.state),
            expunges: expunges(command),
        };
        self.push(entry);
    }

    /// What goes on under this tag is to be answered now.
    pub(super) fn open_again(&mut self, tag: Tag, verb: Verb) {
        self.push(Open {
            serial: 0,
            tag,
            verb,
            numbering: Numbering::Sequence,
            effect: Effect::Changes,
            expunges: Expunges::Allowed,
        });
    }

    fn push(&mut self, entry: Open) {
        self.serial = self.serial.wrapping_add(1);
        self.open.reserve_exact(1);
        self.open.push(Open { serial: self.serial, ..entry });
    }

    /// May this command run beside those that are open?
    pub(super) fn may_join(&self, command: &Command) -> bool {
        self.open.is_empty()
            || (self.open.len() < self.config.parallel
                // rule rfc3501 5.5 one-that-changes-is-alone: what changes something waits for what is open
                && effect(command, self.state) == Effect::Reads
                // rule rfc3501 5.5 behind-one-that-changes: a command waits for one before it that changes something
                && self.open.iter().all(|open| open.effect == Effect::Reads))
    }

    /// May no further command be read before one that is open is completed?
    pub(super) fn is_busy(&self) -> bool {
        !self.open.is_empty() && (self.waiting.is_some() || self.open.len() >= self.config.parallel)
    }

    /// The command that was asked about.
    ///
    /// Questions about commands are asked with the command on top of those that are open.
    pub(super) fn take_asked(&mut self) -> Open {
        self.open.pop().unwrap_or(Open {
            serial: 0,
            tag: no_tag(),
            verb: Verb::Other,
            numbering: Numbering::Sequence,
            effect: Effect::Changes,
            expunges: Expunges::Forbidden,
        })
    }

    pub(super) fn run<T: Work>(&mut self, request: T) -> Running<T> {
        let asked = self.open.last();
        let serial = asked.map_or(0, |open| open.serial);
        let tag = asked.map_or_else(no_tag, |open| open.tag.clone());
        Running { ask: self.mark.ask(request), serial, tag }
    }

    /// The command that was asked about is completed.
    pub(super) fn end_asked(&mut self, completion: Completion) {
        let outcome = Outcome::of(completion.kind());
        self.end_asked_with(completion, outcome);
    }

    pub(super) fn end_asked_with(&mut self, completion: Completion, outcome: Outcome) {
        let asked = self.take_asked();
        self.end(asked, completion, outcome);
    }

    pub(super) fn end(&mut self, open: Open, completion: Completion, outcome: Outcome) {
        let Open { serial, tag, verb, numbering, .. } = open;
        let status = completion.into_status(|| usual(verb, numbering));
        self.advance(verb, outcome);
        self.tagged_of(serial, tag, status);
    }
}

/// Where no command is open no question about one is asked: nobody ever sees this.
fn no_tag() -> Tag {
    Tag::from_checked(b"*")
}

/// What is said of a command that was done.
fn usual(verb: Verb, numbering: Numbering) -> Text {
    let words = match (verb, numbering) {
        (Verb::Other, _) => return Text::from_static("completed"),
        (verb, Numbering::Sequence) => format!("{verb} completed"),
        (verb, Numbering::Uid) => format!("UID {verb} completed"),
    };
    // Names of commands hold nothing that a text may not.
    Text::new(words).unwrap_or_default()
}

fn numbering(command: &Command) -> Numbering {
    match command {
        Command::UidExpunge(_) => Numbering::Uid,
        Command::Search(search) => search.numbering,
        Command::Fetch(fetch) => fetch.numbering,
        Command::Store(store) => store.numbering,
        Command::Copy(copy) | Command::Move(copy) => copy.numbering,
        _ => Numbering::Sequence,
    }
}

fn effect(command: &Command, state: State) -> Effect {
    let reads = match command {
        Command::Capability
        | Command::Noop
        | Command::Id(_)
        | Command::Namespace
        | Command::List(_)
        | Command::Lsub(_)
        | Command::Status(_) => true,
        Command::Search(search) => {
            // rule rfc9051 6.4.4.1 save-changes: a SEARCH that saves its result changes something [instead: true]
            search.returns.is_none_or(|returns| !returns.contains(SearchReturn::SAVE))
        }
        Command::Fetch(fetch) => state == State::Selected(Access::ReadOnly) || !sets_seen(fetch),
        _ => false,
    };
    if reads { Effect::Reads } else { Effect::Changes }
}

/// Is a message `\Seen` once this has been fetched of it?
fn sets_seen(fetch: &Fetch) -> bool {
    let old_names = [FetchItem::Rfc822, FetchItem::Rfc822Text];
    let listed = |item: &FetchItem| match item {
        FetchItem::Section(section) => {
            // rule rfc3501 6.4.5 seen-by-fetch: a FETCH of a body that sets \Seen changes something [instead: false]
            section.seen == Seen::Set
        }
        FetchItem::Binary(binary) => binary.seen == Seen::Set,
        // Nobody knows.
        FetchItem::Other(_) => true,
        _ => false,
    };
    old_names.iter().any(|item| fetch.items.contains(item)) || fetch.items.listed().iter().any(listed)
}

/// May EXPUNGE be told while the command is in progress?
fn expunges(command: &Command) -> Expunges {
    let by_number = match command {
        // rule rfc3501 7.4.1 not-during-fetch: no EXPUNGE is told during FETCH, but during UID FETCH it is
        Command::Fetch(fetch) => fetch.numbering == Numbering::Sequence,
        // rule rfc3501 7.4.1 not-during-store: no EXPUNGE is told during STORE, but during UID STORE it is
        Command::Store(store) => store.numbering == Numbering::Sequence,
        // rule rfc3501 7.4.1 not-during-search: no EXPUNGE is told during SEARCH
        Command::Search(search) => {
            search.numbering == Numbering::Sequence
                // rule rfc3501 5.5 numbers-in-uid-search: UID SEARCH for message numbers is as SEARCH
                || search.keys.iter().any(names_numbers)
        }
        // RFC 5256 §3.
        Command::Other(other) => {
            ["SORT", "THREAD"].iter().any(|name| other.name().eq_ignore_ascii_case(name))
        }
        _ => false,
    };
    if by_number { Expunges::Forbidden } else { Expunges::Allowed }
}

fn names_numbers(key: &SearchKey) -> bool {
    match key {
        SearchKey::Sequence(_) => true,
        SearchKey::Not(key) => names_numbers(key),
        SearchKey::Or(keys) => keys.iter().any(names_numbers),
        SearchKey::And(keys) => keys.iter().any(names_numbers),
        _ => false,
    }
}
