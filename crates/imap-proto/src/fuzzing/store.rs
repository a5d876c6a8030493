//! The server's host: one mailbox, and moods.
use crate::{
    Access, Ask, Flag, Flags, Numbering, Section, SequenceSet, StoreAction, Text, Upgrade,
    response::{self, AppendUid, Code, FetchItem, Namespaces, Payload, Untagged},
    server::{AuthAnswer, Completion, Event, Rejection, Running, Selected, Server, Welcome, Work},
};
use alloc::{boxed::Box, format, vec, vec::Vec};
use bytes::{Bytes, BytesMut};
use core::mem;
use mail_wire::fuzzing::{Dice, Host, Moved};

#[derive(Debug)]
struct Message {
    uid: u32,
    is_deleted: bool,
    body: Bytes,
}

/// One mailbox, which this session alone changes, but for what comes in while it idles.
#[derive(Debug)]
pub(super) struct Store<'a> {
    messages: Vec<Message>,
    /// All there ever were.
    bodies: Vec<Bytes>,
    /// Messages of an APPEND that has no end yet.
    coming: Vec<BytesMut>,
    is_selected: bool,
    is_idling: bool,
    welcome: Welcome,
    dice: Dice<'a>,
}

impl<'a> Store<'a> {
    pub(super) fn new(dice: Dice<'a>, welcome: Welcome) -> Self {
        let mut store = Self {
            messages: Vec::new(),
            bodies: Vec::new(),
            coming: Vec::new(),
            is_selected: false,
            is_idling: false,
            welcome,
            dice,
        };
        for octets in [1, 19, 20, 21, 300] {
            store.add(Bytes::from(format!("{}{}", ")\r\n* BYE\r\n", "x".repeat(octets))));
        }
        store
    }

    /// The octets of the message of this UID.
    pub(super) fn body(&self, uid: u32) -> Option<&Bytes> {
        self.bodies.get(uid as usize - 1)
    }

    fn add(&mut self, body: Bytes) -> u32 {
        self.bodies.push(body.clone());
        let uid = self.bodies.len() as u32;
        self.messages.push(Message { uid, is_deleted: false, body });
        uid
    }

    fn exists(&self, server: &mut Server) {
        if self.is_selected {
            server.tell(Untagged::Exists(self.messages.len() as u32)).unwrap();
        }
    }

    /// Numbers and UIDs of the messages of a set.
    fn of(&self, numbering: Numbering, set: &SequenceSet) -> Vec<(u32, usize)> {
        let last = match numbering {
            Numbering::Sequence => self.messages.len() as u32,
            Numbering::Uid => self.messages.last().map_or(0, |message| message.uid),
        };
        let numbered = (1..).zip(0..self.messages.len());
        let asked = numbered.filter(|(number, at)| match numbering {
            Numbering::Sequence => set.contains(*number, last),
            Numbering::Uid => set.contains(self.messages[*at].uid, last),
        });
        asked.collect()
    }

    fn flags(message: &Message) -> Flags {
        if message.is_deleted { Flag::Deleted.into() } else { Flags::NONE }
    }

    fn select(&mut self, server: &mut Server, ask: Ask<crate::server::Select>) {
        self.is_selected = false;
        if self.dice.once_in(5) {
            return server.reject(ask, Rejection::NON_EXISTENT).unwrap();
        }
        self.is_selected = true;
        let selected = Selected {
            flags: Flag::Deleted.into(),
            permanent_flags: Flag::Deleted.into(),
            exists: self.messages.len() as u32,
            recent: 0,
            unseen: None,
            uid_validity: 1,
            uid_next: self.bodies.len() as u32 + 1,
            access: Access::ReadWrite,
        };
        server.accept(ask, selected).unwrap();
    }

    fn fetch(&mut self, server: &mut Server, ask: Ask<crate::Fetch>) {
        let running = server.accept(ask, ()).unwrap();
        for (number, at) in self.of(running.numbering, &running.set.clone()) {
            let message = &self.messages[at];
            let (uid, body) = (FetchItem::Uid(message.uid), message.body.clone());
            let content = |payload| {
                let content =
                    response::Content { payload, ..response::Content::body(Section::WHOLE, Bytes::new()) };
                FetchItem::Content(Box::new(content))
            };
            if self.dice.among(2) == 1 {
                let items = vec![uid, content(Payload::Whole(body))];
                server.data(&running, Untagged::Fetch(response::Fetch { number, items })).unwrap();
                continue;
            }
            let items = vec![uid, content(Payload::Streamed(body.len() as u64))];
            let mut upload = server.stream(&running, response::Fetch { number, items }).unwrap();
            let half = body.len() / 2;
            server.write(&mut upload, body.slice(..half)).unwrap();
            server.write(&mut upload, body.slice(half..)).unwrap();
            server.finish(upload).unwrap();
            if self.dice.among(2) == 1 {
                server.rest(&running, vec![FetchItem::Flags(Self::flags(message))]).unwrap();
            }
        }
        self.complete(server, running);
    }

    fn store(&mut self, server: &mut Server, ask: Ask<crate::Store>) {
        let running = server.accept(ask, ()).unwrap();
        for (number, at) in self.of(running.numbering, &running.set.clone()) {
            self.messages[at].is_deleted = running.action != StoreAction::Remove;
            let items = vec![FetchItem::Flags(Self::flags(&self.messages[at]))];
            server.data(&running, Untagged::Fetch(response::Fetch { number, items })).unwrap();
        }
        self.complete(server, running);
    }

    fn expunge<T: Work>(&mut self, server: &mut Server, ask: Ask<T>) {
        let running = server.accept(ask, ()).unwrap();
        while let Some(at) = self.messages.iter().rposition(|message| message.is_deleted) {
            self.messages.remove(at);
            server.data(&running, Untagged::Expunge(at as u32 + 1)).unwrap();
        }
        server.complete(running, Completion::OK).unwrap();
    }

    fn auth_answer(&mut self) -> AuthAnswer {
        if self.dice.once_in(2) { AuthAnswer::Challenge(Vec::new()) } else { AuthAnswer::Success }
    }

    fn complete<T>(&mut self, server: &mut Server, running: Running<T>) {
        let completion = if self.dice.once_in(5) { Rejection::UNAVAILABLE.into() } else { Completion::OK };
        server.complete(running, completion).unwrap();
    }

    fn work<T: Work>(&mut self, server: &mut Server, ask: Ask<T>) {
        if self.dice.once_in(5) {
            return server.reject(ask, Rejection::CANNOT).unwrap();
        }
        let running = server.accept(ask, ()).unwrap();
        self.complete(server, running);
    }

    fn append_end(&mut self, server: &mut Server, ask: Ask<crate::server::AppendEnd>) {
        let coming = mem::take(&mut self.coming);
        if self.dice.once_in(5) {
            return server.reject(ask, Rejection::OVER_QUOTA).unwrap();
        }
        let uids: Vec<u32> = coming.into_iter().map(|body| self.add(body.freeze())).collect();
        self.exists(server);
        let uids = SequenceSet::from_numbers(uids).unwrap();
        let code = Code::AppendUid(Box::new(AppendUid { uid_validity: 1, uids }));
        server.accept(ask, Completion::ok(Text::from_static("done")).with_code(code)).unwrap();
    }
}

impl Host<Server> for Store<'_> {
    fn event(&mut self, server: &mut Server, event: Event) -> Option<Upgrade> {
        match event {
            Event::Connect(ask) => server.accept(ask, self.welcome).unwrap(),
            Event::StartTls(ask) => return Some(server.accept(ask, ()).unwrap()),
            Event::Login(ask) => {
                if ask.password.as_bytes() == b"wrong" {
                    server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap();
                } else {
                    server.accept(ask, ()).unwrap();
                }
            }
            Event::Select(ask) => self.select(server, ask),
            Event::Close(ask) => {
                self.messages.retain(|message| !message.is_deleted);
                self.is_selected = false;
                server.accept(ask, ()).unwrap();
            }
            Event::Unselect(ask) => {
                self.is_selected = false;
                server.accept(ask, ()).unwrap();
            }
            Event::Append(ask) => {
                self.coming = vec![BytesMut::new()];
                if self.dice.once_in(4) {
                    server.reject(ask, Rejection::TOO_BIG).unwrap();
                } else {
                    server.accept(ask, ()).unwrap();
                }
            }
            Event::NextMessage(ask) => {
                self.coming.push(BytesMut::new());
                if self.dice.once_in(4) {
                    server.reject(ask, Rejection::OVER_QUOTA).unwrap();
                } else {
                    server.accept(ask, ()).unwrap();
                }
            }
            Event::Payload(octets) => self.coming.last_mut().unwrap().extend_from_slice(&octets),
            Event::AppendEnd(ask) => self.append_end(server, ask),
            Event::AppendAborted => self.coming.clear(),
            Event::Idle(ask) => {
                if self.dice.once_in(5) {
                    server.reject(ask, Rejection::UNAVAILABLE).unwrap();
                } else {
                    server.accept(ask, ()).unwrap();
                    self.is_idling = true;
                }
            }
            Event::IdleEnded => self.is_idling = false,
            Event::Fetch(ask) => self.fetch(server, ask),
            Event::Store(ask) => self.store(server, ask),
            Event::Expunge(ask) => self.expunge(server, ask),
            Event::Noop(ask) => {
                if self.dice.among(2) == 1 {
                    self.add(Bytes::from_static(b"new"));
                    self.exists(server);
                }
                self.work(server, ask);
            }
            Event::Create(ask) => self.work(server, ask),
            Event::List(ask) => self.work(server, ask),
            Event::Status(ask) => self.work(server, ask),
            Event::Search(ask) => self.work(server, ask),
            Event::Check(ask) => self.work(server, ask),
            Event::Delete(ask) => self.work(server, ask),
            Event::Rename(ask) => self.work(server, ask),
            Event::Subscribe(ask) => self.work(server, ask),
            Event::Unsubscribe(ask) => self.work(server, ask),
            Event::Lsub(ask) => self.work(server, ask),
            Event::UidExpunge(ask) => self.expunge(server, ask),
            Event::Copy(ask) => self.work(server, ask),
            Event::Move(ask) => self.work(server, ask),
            Event::Other(ask) => self.work(server, ask),
            Event::Authenticate(ask) => {
                let answer = self.auth_answer();
                server.accept(ask, answer).unwrap();
            }
            Event::AuthResponse(ask) => {
                let answer = self.auth_answer();
                server.accept(ask, answer).unwrap();
            }
            Event::Namespace(ask) => {
                let none = Namespaces { personal: Vec::new(), other_users: Vec::new(), shared: Vec::new() };
                server.accept(ask, none).unwrap();
            }
            Event::Logout | Event::AuthCancelled | Event::Enabled(_) | Event::ClientId(_) => {}
        }
        None
    }

    fn idle(&mut self, server: &mut Server) -> Moved {
        // Something comes in, now and then.
        if !self.is_idling || !self.is_selected || self.dice.among(3) != 1 {
            return Moved::No;
        }
        self.add(Bytes::from_static(b"from elsewhere"));
        self.exists(server);
        Moved::Yes
    }
}
