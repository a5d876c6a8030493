//! Any number of sessions, any order of changes and polls, against lists that are counted by hand.
use imap_proto::mailbox::{Change, ClientView, Echo, Expunges, Mailbox, MailboxView, Recent};
use proptest::{prelude::*, sample::Index};
use std::collections::{BTreeMap, BTreeSet};

/// Flags are eight bits.
type Flags = u8;

#[derive(Debug, Clone)]
enum Act {
    Open(Recent),
    Close(Index),
    Append(Vec<Flags>),
    /// A session's own STORE, by message numbers as it knows them.
    Store {
        session: Index,
        numbers: Vec<Index>,
        bits: Flags,
        adds: bool,
        echo: Echo,
        path: Path,
    },
    Expunge(Vec<Index>),
    Poll(Index, Expunges),
    /// The client asks for the UID of a message.
    Learn(Index, Index),
}

/// How a session's own STORE comes to the mailbox.
#[derive(Debug, Clone, Copy)]
enum Path {
    /// Through its view.
    View,
    /// By way of a database: the view hears of it afterwards.
    Elsewhere,
}

fn act() -> impl Strategy<Value = Act> {
    let indices = || prop::collection::vec(any::<Index>(), 1..5);
    let echo = prop::sample::select(vec![Echo::Flags, Echo::ModSeq, Echo::Nothing]);
    let path = prop::sample::select(vec![Path::View, Path::Elsewhere]);
    prop_oneof![
        1 => prop::sample::select(vec![Recent::Claim, Recent::Look, Recent::Ignore]).prop_map(Act::Open),
        1 => any::<Index>().prop_map(Act::Close),
        4 => prop::collection::vec(any::<Flags>(), 1..4).prop_map(Act::Append),
        5 => (any::<Index>(), indices(), 1..=255_u8, any::<bool>(), echo, path).prop_map(
            |(session, numbers, bits, adds, echo, path)| Act::Store { session, numbers, bits, adds, echo, path }
        ),
        3 => indices().prop_map(Act::Expunge),
        4 => any::<Index>().prop_map(|session| Act::Poll(session, Expunges::Forbidden)),
        3 => any::<Index>().prop_map(|session| Act::Poll(session, Expunges::Allowed)),
        2 => (any::<Index>(), any::<Index>()).prop_map(|(session, number)| Act::Learn(session, number)),
    ]
}

/// A session, and the client at its other end.
struct Session {
    view: MailboxView,
    mode: Recent,
    has_qresync: bool,
    /// What the client would know: UIDs by number, and the flags of each.
    uids: Vec<u32>,
    flags: BTreeMap<u32, Flags>,
    recent: BTreeSet<u32>,
    uid_next: u32,
    twin: ClientView,
}

#[derive(Default)]
struct World {
    /// What is true.
    messages: BTreeMap<u32, Flags>,
    uid_next: u32,
    recent_from: u32,
    modseq: u64,
    sessions: Vec<Session>,
}

impl World {
    fn open(&mut self, mailbox: &mut Mailbox<Flags>, mode: Recent) {
        let view = mailbox.open(mode);
        let mut session = Session {
            view,
            mode,
            has_qresync: self.sessions.len() % 2 == 0,
            uids: Vec::new(),
            flags: BTreeMap::new(),
            recent: BTreeSet::new(),
            uid_next: 1,
            twin: ClientView::new(),
        };
        session.twin.exists(session.view.exists()).expect("it grows");
        self.new_messages(&mut session);
        self.check(&session, mailbox, Expunges::Allowed);
        self.sessions.push(session);
    }

    /// The session hears that there are more, and fetches their flags.
    fn new_messages(&mut self, session: &mut Session) {
        for (uid, flags) in self.messages.range(session.uid_next..) {
            session.uids.push(*uid);
            session.flags.insert(*uid, *flags);
            if *uid >= self.recent_from && session.mode != Recent::Ignore {
                session.recent.insert(*uid);
            }
        }
        session.uid_next = self.uid_next;
        if session.mode == Recent::Claim {
            self.recent_from = self.uid_next;
        }
    }

    fn poll(&mut self, at: usize, mailbox: &mut Mailbox<Flags>, expunges: Expunges) {
        let mut session = self.sessions.remove(at);
        let has_news = session.view.has_news(mailbox);
        let mut changes = session.view.pending(mailbox, expunges);
        assert!(has_news || changes.is_empty());
        if session.has_qresync {
            let ranges: Vec<_> = changes.vanished().collect();
            assert!(
                ranges.is_empty() || expunges == Expunges::Allowed,
                "VANISHED told while it is forbidden"
            );
            let count = |(first, last): &(u32, u32)| last - first + 1;
            let gone: u32 = ranges.iter().map(count).sum();
            assert_eq!(session.twin.vanished(ranges.iter().copied()), Ok(gone));
            for uid in ranges.into_iter().flat_map(|(first, last)| first..=last) {
                let number =
                    session.uids.iter().position(|told| *told == uid).expect("a UID that was told of");
                session.uids.remove(number);
            }
        }
        let (mut order, mut recent) = (0, None);
        for change in changes {
            let rank = match &change {
                Change::Expunge { .. } => 1,
                Change::Exists(_) => 2,
                Change::Recent(_) => 3,
                Change::Fetch { .. } => 4,
            };
            assert!(order <= rank && (order < rank || matches!(rank, 1 | 4)), "out of order: {change:?}");
            order = rank;
            match change {
                Change::Expunge { number, uid } => {
                    assert_eq!(expunges, Expunges::Allowed, "EXPUNGE told while it is forbidden");
                    assert_eq!(session.uids.remove(number as usize - 1), uid);
                    let known = session.twin.expunged(number).expect("a number that there is");
                    assert!(known.is_none_or(|known| known == uid));
                }
                Change::Exists(n) => {
                    let before = session.uids.len();
                    self.new_messages(&mut session);
                    assert_eq!(n as usize, session.uids.len());
                    assert!(session.uids.len() > before, "EXISTS told, and nothing is new");
                    session.twin.exists(n).expect("it grows");
                }
                Change::Recent(n) => recent = Some(n),
                Change::Fetch { number, uid, modseq, flags } => {
                    assert_eq!(session.uids[number as usize - 1], uid);
                    session.twin.fetched(number, uid).expect("it fits");
                    assert_eq!(modseq, mailbox.get(uid).expect("it is there").modseq);
                    if let Some(flags) = flags {
                        session.flags.insert(uid, flags);
                    }
                }
            }
        }
        // New messages that have gone meanwhile are not told of, and count as announced.
        self.new_messages(&mut session);
        let count = session.recent.iter().filter(|uid| session.uids.contains(uid)).count();
        assert!(recent.is_none_or(|recent| recent as usize == count));
        self.check(&session, mailbox, expunges);
        self.sessions.insert(at, session);
    }

    /// A view that was just told.
    fn check(&self, session: &Session, mailbox: &Mailbox<Flags>, expunges: Expunges) {
        let view = &session.view;
        if expunges == Expunges::Allowed {
            assert!(session.uids.iter().eq(self.messages.keys()), "all is told");
            assert!(!view.has_news(mailbox));
            assert_eq!(view.highest_modseq(), self.modseq);
        }
        for uid in &session.uids {
            let flags = mailbox.get(*uid).map(|message| message.flags);
            assert_eq!(flags, self.messages.get(uid).copied(), "the mailbox knows what is gone");
            assert!(
                flags.is_none_or(|flags| session.flags[uid] == flags),
                "a client knows the flags of {uid}"
            );
        }
        // Translation both ways, of what there is and what there is not.
        assert_eq!(view.exists() as usize, session.uids.len());
        for uid in 0..=self.uid_next {
            let number = session.uids.iter().position(|told| *told == uid).map(|at| at as u32 + 1);
            assert_eq!(view.number(uid), number);
            let is_recent = session.recent.contains(&uid);
            assert!(number.is_none() || view.is_recent(uid) == is_recent);
        }
        let all = view.uids([(Some(1), None)]);
        assert!(all.eq((1..).zip(session.uids.iter().copied())));
        let recent = session.recent.iter().filter(|uid| session.uids.contains(uid)).count();
        assert_eq!(view.recent() as usize, recent);
        // The client's end knows some of the same.
        assert_eq!(session.twin.messages(), view.exists());
        for number in 1..=view.exists() {
            assert!(session.twin.uid(number).is_none_or(|uid| view.uid(number) == Some(uid)));
        }
    }

    fn act(&mut self, act: Act, mailbox: &mut Mailbox<Flags>) {
        self.modseq += 1;
        let modseq = self.modseq;
        let is_change = matches!(act, Act::Append(_) | Act::Store { .. } | Act::Expunge(_));
        match act {
            Act::Open(mode) => {
                self.modseq -= 1;
                self.open(mailbox, mode);
            }
            Act::Append(flags) => {
                let messages: Vec<_> = (self.uid_next..).step_by(1 + flags.len() % 2).zip(flags).collect();
                mailbox.append(&messages, modseq).expect("in order");
                self.uid_next = messages.last().expect("one at least").0 + 1;
                self.messages.extend(messages);
            }
            Act::Expunge(picked) if !self.messages.is_empty() => {
                let mut uids: Vec<_> = picked
                    .iter()
                    .map(|index| {
                        *self.messages.keys().nth(index.index(self.messages.len())).expect("in range")
                    })
                    .collect();
                uids.push(self.uid_next);
                let count = uids.iter().filter(|uid| self.messages.remove(uid).is_some()).count();
                assert_eq!(mailbox.expunge(&uids, modseq), Ok(count));
            }
            Act::Store { session, numbers, bits, adds, echo, path } if !self.sessions.is_empty() => {
                let at = session.index(self.sessions.len());
                let session = &mut self.sessions[at];
                let picked: BTreeSet<_> = numbers
                    .iter()
                    .filter(|_| !session.uids.is_empty())
                    .map(|index| session.uids[index.index(session.uids.len())])
                    .collect();
                let mut changes = Vec::new();
                for uid in picked {
                    // What the client makes of it, and what the server does.
                    let apply = |flags: &mut Flags| *flags = if adds { *flags | bits } else { bits };
                    if echo != Echo::Flags {
                        session.flags.entry(uid).and_modify(apply);
                    }
                    if let Some(flags) = self.messages.get_mut(&uid) {
                        apply(flags);
                        changes.push((uid, *flags));
                    }
                }
                let changed = match path {
                    Path::View => session.view.store(mailbox, &changes, modseq, echo),
                    Path::Elsewhere => {
                        let modseq_of = |uid| mailbox.get(uid).expect("it is there").modseq;
                        let before: Vec<_> = changes.iter().map(|(uid, _)| (*uid, modseq_of(*uid))).collect();
                        let changed = mailbox.change_flags(&changes, modseq);
                        session.view.stored(modseq, echo, before);
                        changed
                    }
                };
                assert_eq!(changed, Ok(changes.len()));
            }
            Act::Close(session) if !self.sessions.is_empty() => {
                self.sessions.remove(session.index(self.sessions.len()));
            }
            Act::Poll(session, expunges) if !self.sessions.is_empty() => {
                self.modseq -= 1;
                self.poll(session.index(self.sessions.len()), mailbox, expunges);
                return;
            }
            Act::Learn(session, number) if !self.sessions.is_empty() => {
                let at = session.index(self.sessions.len());
                let Session { view, twin, .. } = &mut self.sessions[at];
                if view.exists() > 0 {
                    let number = number.index(view.exists() as usize) as u32 + 1;
                    twin.fetched(number, view.uid(number).expect("in range")).expect("it fits");
                }
            }
            _ => {}
        }
        self.modseq = if is_change { mailbox.highest_modseq() } else { mailbox.highest_modseq().min(modseq) };
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    #[test]
    fn every_view_is_as_its_client_counts(
        acts in prop::collection::vec(act(), 0..120),
        first in prop::collection::vec(any::<Flags>(), 0..30),
        remembered in 0..12_usize,
    ) {
        let mut mailbox = Mailbox::new(1).remember(remembered);
        let mut world = World { uid_next: 1, recent_from: 1, ..World::default() };
        if !first.is_empty() {
            world.act(Act::Append(first), &mut mailbox);
        }
        for mode in [Recent::Claim, Recent::Claim, Recent::Look] {
            world.act(Act::Open(mode), &mut mailbox);
        }
        for act in acts {
            world.act(act, &mut mailbox);
        }
        // A NOOP each, and all know the same.
        for at in 0..world.sessions.len() {
            world.poll(at, &mut mailbox, Expunges::Allowed);
            let Session { view, twin, uids, .. } = &mut world.sessions[at];
            let unknown: Vec<_> = twin.unknown().collect();
            for number in unknown.into_iter().flat_map(|(first, last)| first..=last) {
                twin.fetched(number, view.uid(number).expect("in range")).expect("it fits");
            }
            for (number, uid) in (1..).zip(uids) {
                prop_assert_eq!((twin.uid(number), twin.number(*uid)), (Some(*uid), Some(number)));
            }
        }
    }
}
