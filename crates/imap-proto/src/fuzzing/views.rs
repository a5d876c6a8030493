//! What a server says of a mailbox against what a client counts.
use crate::mailbox::{Change, ClientView, Echo, Expunges, Mailbox, MailboxView, Recent};
use alloc::{collections::BTreeMap, vec::Vec};
use mail_wire::fuzzing::{Dice, Input};

/// Two sessions change a mailbox and are told of it: after a NOOP, each client knows what there is.
pub(super) fn agree(input: Input<'_>) {
    let mut dice = Dice::new(input.octets);
    let mut mailbox = Mailbox::new(1).remember(usize::from(dice.among(8)));
    let mut world = World { messages: BTreeMap::new(), uid_next: 1, modseq: 0 };
    world.append(&mut mailbox, &mut dice);
    let mut sessions = [Recent::Claim, Recent::Look].map(|recent| Session::new(&mut mailbox, recent));
    while !dice.is_empty() {
        let session = &mut sessions[usize::from(dice.among(2))];
        match dice.among(8) {
            0 => world.append(&mut mailbox, &mut dice),
            1 | 2 => world.store(&mut mailbox, session, &mut dice),
            3 => world.expunge(&mut mailbox, &mut dice),
            4 | 5 => session.poll(&mut mailbox, Expunges::Forbidden),
            6 => session.poll(&mut mailbox, Expunges::Allowed),
            _ => session.learn(&mut dice),
        }
    }
    for session in &mut sessions {
        session.poll(&mut mailbox, Expunges::Allowed);
        assert!(!session.view.has_news(&mailbox));
        assert!(session.uids.iter().eq(world.messages.keys()), "all is told");
        session.know_all();
        for (uid, flags) in &world.messages {
            assert_eq!(session.flags.get(uid), Some(flags), "the flags of {uid}");
        }
    }
}

/// What is true.
struct World {
    /// Flags by UID: eight bits.
    messages: BTreeMap<u32, u8>,
    uid_next: u32,
    modseq: u64,
}

impl World {
    fn modseq(&mut self) -> u64 {
        self.modseq += 1;
        self.modseq
    }

    fn append(&mut self, mailbox: &mut Mailbox<u8>, dice: &mut Dice<'_>) {
        let step = 1 + usize::from(dice.among(2));
        let flags: Vec<u8> = (0..=dice.among(4)).map(|_| dice.among(255)).collect();
        let messages: Vec<_> = (self.uid_next..).step_by(step).zip(flags).collect();
        let modseq = self.modseq();
        mailbox.append(&messages, modseq).unwrap();
        self.uid_next = messages[messages.len() - 1].0 + 1;
        self.messages.extend(messages);
    }

    /// A session's own STORE, of messages that it knows: some may have gone.
    fn store(&mut self, mailbox: &mut Mailbox<u8>, session: &mut Session, dice: &mut Dice<'_>) {
        let (echo, bits) = (dice.one_of(&[Echo::Flags, Echo::ModSeq, Echo::Nothing]), dice.among(255));
        let Some(uid) = one(&session.uids, dice) else { return };
        // The client makes of it what the server does.
        if echo != Echo::Flags {
            session.flags.insert(uid, bits);
        }
        let mut changes = Vec::new();
        if let Some(flags) = self.messages.get_mut(&uid) {
            *flags = bits;
            changes.push((uid, bits));
        }
        let modseq = self.modseq();
        assert_eq!(session.view.store(mailbox, &changes, modseq, echo), Ok(changes.len()));
    }

    fn expunge(&mut self, mailbox: &mut Mailbox<u8>, dice: &mut Dice<'_>) {
        let all: Vec<u32> = self.messages.keys().copied().collect();
        let mut uids: Vec<u32> = (0..=dice.among(3)).filter_map(|_| one(&all, dice)).collect();
        uids.push(self.uid_next);
        let count = uids.iter().filter(|uid| self.messages.remove(uid).is_some()).count();
        let modseq = self.modseq();
        assert_eq!(mailbox.expunge(&uids, modseq), Ok(count));
    }
}

fn one(uids: &[u32], dice: &mut Dice<'_>) -> Option<u32> {
    let at = usize::from(dice.among(255)).checked_rem(uids.len())?;
    uids.get(at).copied()
}

/// A session, and the client at its other end.
struct Session {
    view: MailboxView,
    client: ClientView,
    /// What the client would know: UIDs by number, and the flags of each.
    uids: Vec<u32>,
    flags: BTreeMap<u32, u8>,
}

impl Session {
    fn new(mailbox: &mut Mailbox<u8>, recent: Recent) -> Self {
        let view = mailbox.open(recent);
        let (uids, client) = (Vec::new(), ClientView::new());
        let mut session = Self { view, client, uids, flags: BTreeMap::new() };
        session.client.exists(session.view.exists()).unwrap();
        session.news(mailbox);
        session
    }

    /// The client fetches what it has not heard of.
    fn news(&mut self, mailbox: &Mailbox<u8>) {
        for number in self.uids.len() as u32 + 1..=self.view.exists() {
            let uid = self.view.uid(number).unwrap();
            self.uids.push(uid);
            // It may have gone since.
            self.flags.extend(mailbox.get(uid).map(|message| (uid, message.flags)));
        }
    }

    fn poll(&mut self, mailbox: &mut Mailbox<u8>, expunges: Expunges) {
        for change in self.view.pending(mailbox, expunges) {
            match change {
                Change::Expunge { number, uid } => {
                    assert_eq!(expunges, Expunges::Allowed, "EXPUNGE told while it is forbidden");
                    assert_eq!(self.uids.remove(number as usize - 1), uid);
                    let known = self.client.expunged(number).unwrap();
                    assert!(known.is_none_or(|known| known == uid));
                }
                Change::Exists(number) => {
                    self.client.exists(number).unwrap();
                    assert!(number as usize > self.uids.len(), "EXISTS told, and nothing is new");
                    self.news(mailbox);
                }
                Change::Recent(number) => assert!(number as usize <= self.uids.len()),
                Change::Fetch { number, uid, flags, .. } => {
                    assert_eq!(self.uids[number as usize - 1], uid);
                    self.client.fetched(number, uid).unwrap();
                    self.flags.extend(flags.map(|flags| (uid, flags)));
                }
            }
        }
        assert_eq!(self.view.exists() as usize, self.uids.len());
        assert_eq!(self.client.messages(), self.view.exists());
        for (number, uid) in (1..).zip(&self.uids) {
            assert_eq!((self.view.uid(number), self.view.number(*uid)), (Some(*uid), Some(number)));
            assert!(self.client.uid(number).is_none_or(|known| known == *uid));
        }
    }

    /// The client asks for the UID of a message.
    fn learn(&mut self, dice: &mut Dice<'_>) {
        if let Some(uid) = one(&self.uids, dice) {
            self.client.fetched(self.view.number(uid).unwrap(), uid).unwrap();
        }
    }

    fn know_all(&mut self) {
        let unknown: Vec<_> = self.client.unknown().collect();
        for number in unknown.into_iter().flat_map(|(first, last)| first..=last) {
            self.client.fetched(number, self.uids[number as usize - 1]).unwrap();
        }
        for (number, uid) in (1..).zip(&self.uids) {
            assert_eq!((self.client.uid(number), self.client.number(*uid)), (Some(*uid), Some(number)));
        }
    }
}
