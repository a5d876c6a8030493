//! The client's host: asks for this and that, and keeps count of what has not ended.
use crate::{
    Append, AppendMessage, BodySection, Command, FetchItem, FetchItems, Flag, List, Login, MailboxName,
    MessageData, Numbering, Report, Search, SearchKey, Section, Seen, SequenceSet, State, Status, StatusItem,
    StatusItems, Store, StoreAction, Tag, Upgrade, Upload, WriteError,
    client::{AppendError, Client, Collector, Event, SendRefusal},
    response::{self, Payload, StatusKind, Untagged},
};
use alloc::{boxed::Box, collections::BTreeMap, vec, vec::Vec};
use bytes::{Bytes, BytesMut};
use mail_wire::fuzzing::{Dice, Host, Moved};

/// The messages that are streamed: a line of commands, over and over.
const TEXT: &[u8] = b"A1 LOGOUT\r\n";

#[derive(Debug)]
pub(super) struct Asker<'a> {
    dice: Dice<'a>,
    /// What is still to be asked.
    todo: u32,
    needs_tls: bool,
    has_greeted: bool,
    is_idling: bool,
    has_logged_out: bool,
    /// Commands without an end.
    waiting: Vec<Tag>,
    /// How long the messages are that stream.
    lengths: BTreeMap<Tag, u64>,
    /// A message on its way, of this command, and what is left of it.
    upload: Option<(Tag, Upload, Bytes)>,
    collector: Collector,
    fetched: Vec<(u32, Bytes)>,
}

impl<'a> Asker<'a> {
    pub(super) fn new(dice: Dice<'a>, needs_tls: bool) -> Self {
        Self {
            dice,
            todo: 51,
            needs_tls,
            has_greeted: false,
            is_idling: false,
            has_logged_out: false,
            waiting: Vec::new(),
            lengths: BTreeMap::new(),
            upload: None,
            collector: Collector::new(1 << 20),
            fetched: Vec::new(),
        }
    }

    pub(super) fn waiting(&self) -> Vec<Tag> {
        self.waiting.clone()
    }

    pub(super) fn fetched(&self) -> impl Iterator<Item = (u32, &Bytes)> {
        self.fetched.iter().map(|(uid, body)| (*uid, body))
    }

    pub(super) fn has_logged_out(&self) -> bool {
        self.has_logged_out
    }

    pub(super) fn upgraded(&mut self) {
        self.needs_tls = false;
    }

    /// The next thing to ask for: of a tame host one after the other.
    fn next(&mut self, client: &Client) -> Command {
        let numbering = if self.dice.among(2) == 0 { Numbering::Uid } else { Numbering::Sequence };
        let exists = client.mailbox().map_or(0, crate::mailbox::ClientView::messages).max(1);
        let set = match self.dice.among(3) {
            0 => numbers(&[1, 2, 3, 4, 5, 6]),
            1 => numbers(&[exists]),
            _ => numbers(&[1, exists]),
        };
        match (self.todo + u32::from(self.dice.among(17))) % 17 {
            16 => {
                Command::Select(if self.dice.among(2) == 0 { MailboxName::INBOX } else { mailbox("b\"ü") })
            }
            15 | 10 | 3 => {
                let section = BodySection { seen: Seen::Keep, section: Section::WHOLE, partial: None };
                let items = FetchItems::new([FetchItem::Uid, FetchItem::Section(section)]).unwrap();
                Command::Fetch(crate::Fetch { numbering, set, items })
            }
            14 => Command::Store(Store {
                numbering,
                set,
                action: if self.dice.among(2) == 0 { StoreAction::Add } else { StoreAction::Remove },
                report: Report::Told,
                flags: Flag::Deleted.into(),
            }),
            13 => Command::Expunge,
            11 => {
                let subject = "\u{e4}\"\\".repeat(3);
                let key = SearchKey::Subject(subject.as_str().try_into().unwrap());
                Command::Search(Box::new(Search::new(numbering, vec![key])))
            }
            9 => Command::Idle,
            8 => Command::Append(Box::new(Append::new(MailboxName::INBOX, streams(self.length())))),
            7 => Command::Append(Box::new(Append::new(mailbox("&"), message("whole")))),
            6 => Command::Create(mailbox(&"long".repeat(300))),
            5 => Command::List(List { reference: mailbox(""), pattern: mailbox("*") }),
            4 => Command::Status(Status {
                mailbox: MailboxName::INBOX,
                items: StatusItems::new([StatusItem::Messages]).unwrap(),
            }),
            1 if self.dice.among(2) == 0 => Command::Unselect,
            1 => Command::Close,
            _ => Command::Noop,
        }
    }

    fn length(&mut self) -> u64 {
        [5, 100, 5000, 1][usize::from(self.dice.among(4))]
    }

    /// Asks for something more. Was it taken?
    fn ask(&mut self, client: &mut Client) -> bool {
        let command = if self.needs_tls {
            Command::StartTls
        } else if client.state() == State::NotAuthenticated {
            let password = if self.todo > 40 && self.dice.once_in(4) { "wrong" } else { "r\u{ef}ght\r\n" };
            Command::Login(Login::new("me", password).unwrap())
        } else if self.todo == 0 {
            Command::Logout
        } else {
            self.next(client)
        };
        let length = match &command {
            Command::Append(append) => append.announced(),
            _ => None,
        };
        match client.send(command) {
            Ok(tag) => {
                assert!(!self.waiting.contains(&tag), "a tag is used twice");
                self.lengths.extend(length.map(|length| (tag.clone(), length)));
                self.waiting.push(tag);
            }
            Err(error) => match error.refusal {
                SendRefusal::TooMany { .. } | SendRefusal::Busy | SendRefusal::Closed => return false,
                _ if self.todo == 0 => return false,
                _ => {}
            },
        }
        self.todo = self.todo.saturating_sub(1);
        true
    }

    /// Does what comes next. Did anything happen?
    fn act(&mut self, client: &mut Client) -> bool {
        if !self.has_greeted {
            return false;
        }
        if self.is_idling {
            return match self.dice.among(3) {
                0 => client.done().is_ok(),
                1 => false,
                _ => self.ask(client),
            };
        }
        self.dice.among(3) != 1 && self.ask(client)
    }

    /// Writes a piece of the message that is on its way. Did anything happen?
    fn write(&mut self, client: &mut Client) -> bool {
        let Some((tag, mut upload, mut rest)) = self.upload.take() else { return false };
        let piece = rest.split_to(rest.len().min(if self.dice.among(2) == 0 {
            1000
        } else {
            usize::from(self.dice.among(200)) + 1
        }));
        if piece.is_empty() {
            if self.dice.among(2) == 1 {
                let length = self.length();
                match client.append_more(upload, streams(length)) {
                    Ok(()) => {
                        self.lengths.insert(tag, length);
                        return true;
                    }
                    Err(AppendError::Refused { upload: back, .. }) => upload = back,
                    Err(error) => panic!("{error}"),
                }
            }
            client.finish(upload).unwrap();
            return true;
        }
        match client.write(&mut upload, piece) {
            Ok(()) => {
                self.upload = Some((tag, upload, rest));
                true
            }
            Err(WriteError::Blocked { chunk, .. }) => {
                let mut whole = BytesMut::from(&chunk[..]);
                whole.extend_from_slice(&rest);
                self.upload = Some((tag, upload, whole.freeze()));
                false
            }
            // The session is over.
            Err(WriteError::Stale { .. }) => false,
            Err(error) => panic!("{error}"),
        }
    }

    fn ended(&mut self, tag: &Tag) {
        let at = self.waiting.iter().position(|waiting| waiting == tag);
        self.waiting.remove(at.unwrap_or_else(|| panic!("{tag} ends a second time")));
    }

    fn keep(&mut self, fetch: &response::Fetch) {
        let uid = fetch.items.iter().find_map(|item| match item {
            response::FetchItem::Uid(uid) => Some(*uid),
            _ => None,
        });
        let body = fetch.items.iter().find_map(|item| match item {
            response::FetchItem::Content(content) => match &content.payload {
                Payload::Whole(octets) => Some(octets.clone()),
                other => panic!("{other:?}"),
            },
            _ => None,
        });
        self.fetched.extend(uid.zip(body));
    }
}

impl Host<Client> for Asker<'_> {
    fn event(&mut self, client: &mut Client, event: Event) -> Option<Upgrade> {
        match self.collector.push(event).unwrap()? {
            Event::Greeting(_) => self.has_greeted = true,
            Event::Completed { tag, status } => {
                self.ended(&tag);
                self.is_idling = false;
                self.has_logged_out |=
                    self.todo == 0 && status.kind() == StatusKind::Ok && client.state() == State::Closed;
            }
            Event::Unanswered(tag) | Event::NeverSent(tag) => self.ended(&tag),
            Event::Upgrade { tag, upgrade, .. } => {
                self.ended(&tag);
                return Some(upgrade);
            }
            Event::Upload { tag, upload } => {
                let octets = self.lengths[&tag] as usize;
                self.upload = Some((tag, upload, TEXT.iter().copied().cycle().take(octets).collect()));
            }
            Event::Idling { .. } => self.is_idling = true,
            Event::Untagged(Untagged::Fetch(fetch)) => self.keep(&fetch),
            Event::Untagged(_) => {}
            other => panic!("{other:?}"),
        }
        None
    }

    fn idle(&mut self, client: &mut Client) -> Moved {
        let moved = self.write(client) || self.act(client);
        if moved { Moved::Yes } else { Moved::No }
    }
}

fn mailbox(name: &str) -> MailboxName {
    MailboxName::new(name).unwrap()
}

fn numbers(numbers: &[u32]) -> SequenceSet {
    SequenceSet::from_numbers(numbers.iter().copied()).unwrap()
}

fn message(octets: &'static str) -> AppendMessage {
    AppendMessage::new(MessageData::Whole(Bytes::from_static(octets.as_bytes())))
}

fn streams(octets: u64) -> AppendMessage {
    AppendMessage::new(MessageData::Announced(octets))
}
