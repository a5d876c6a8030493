//! Whole commands: what is answered at once, and what is asked.
use super::{
    AuthAnswer, AuthResponse, Check, Close, Completion, Create, Delete, Event, Expunge, Idle, Lsub, Move,
    Namespace, Noop, Rejection, Select, Server, StartTls, Subscribe, Task, UidExpunge, Unselect, Unsubscribe,
};
use crate::{
    Access, Command, Copy, Enable, Encoding, List, MailboxName, Tag, Wire,
    response::{Capabilities, Capability, Code, Continuation, Response, Status, StatusKind, Untagged},
    state::{Outcome, Verb},
};
use alloc::boxed::Box;
use bytes::Bytes;
use mail_wire::{Offer, Text, sasl};

impl Server {
    pub(super) fn dispatch(&mut self, tag: Tag, command: Command) -> Option<Event> {
        let verb = Verb::of(&command);
        // rule rfc3501 6 refused-unread: what may not stand here reaches nobody
        if let Err(rejection) = self.policy(verb).and_then(|()| self.arguments(&command)) {
            self.refuse(Some(tag), rejection);
            return None;
        }
        self.errors = 0;
        if let Command::Append(_) = command {
            self.append_of_nothing(tag);
            return None;
        }
        let closed = self.state.selected();
        self.open(tag, &command);
        self.advance(verb, Outcome::Said);
        Some(match command {
            Command::Capability => {
                let offered = self.capabilities();
                // rule rfc3501 6.1.1 capability-is-told: CAPABILITY is answered with a CAPABILITY response
                self.untagged(Untagged::Capability(Box::new(offered)));
                self.end_asked(Completion::OK);
                return None;
            }
            Command::Logout => {
                // rule rfc3501 6.1.3 bye-before-ok: BYE stands before the OK to LOGOUT
                self.untagged_status(Status::with_kind(StatusKind::Bye, "logging out"));
                self.end_asked(Completion::OK);
                Event::Logout
            }
            Command::Id(fields) => {
                let own = self.config.id.clone();
                // rule rfc2971 3.1 id-is-told: ID is answered with an ID response
                self.untagged(Untagged::Id(own));
                self.end_asked(Completion::OK);
                Event::ClientId(fields)
            }
            Command::Enable(enable) => Event::Enabled(self.enable(&enable)),
            Command::Namespace => match self.config.namespaces.clone() {
                Some(namespaces) => {
                    self.untagged(Untagged::Namespace(Box::new(namespaces)));
                    self.end_asked(Completion::OK);
                    return None;
                }
                None => self.ask(Event::Namespace, Namespace),
            },
            Command::StartTls => self.ask(Event::StartTls, StartTls),
            Command::Login(login) => self.ask(Event::Login, login),
            Command::Authenticate(authenticate) => self.ask(Event::Authenticate, authenticate),
            Command::Select(mailbox) => self.select(mailbox, Access::ReadWrite, closed),
            Command::Examine(mailbox) => self.select(mailbox, Access::ReadOnly, closed),
            Command::Close => self.ask(Event::Close, Close { access: closed.unwrap_or(Access::ReadOnly) }),
            Command::Unselect => self.ask(Event::Unselect, Unselect),
            Command::Idle => self.ask(Event::Idle, Idle),
            Command::Noop => self.ask(Event::Noop, Noop),
            Command::Check => self.ask(Event::Check, Check),
            Command::Create(mailbox) => self.ask(Event::Create, Create { mailbox }),
            Command::Delete(mailbox) => self.ask(Event::Delete, Delete { mailbox }),
            Command::Rename(rename) => self.ask(Event::Rename, rename),
            Command::Subscribe(mailbox) => self.ask(Event::Subscribe, Subscribe { mailbox }),
            Command::Unsubscribe(mailbox) => self.ask(Event::Unsubscribe, Unsubscribe { mailbox }),
            Command::List(list) => self.ask(Event::List, list),
            Command::Lsub(List { reference, pattern }) => self.ask(Event::Lsub, Lsub { reference, pattern }),
            Command::Status(status) => self.ask(Event::Status, status),
            Command::Expunge => self.ask(Event::Expunge, Expunge),
            Command::UidExpunge(set) => self.ask(Event::UidExpunge, UidExpunge { set }),
            Command::Search(search) => self.ask(Event::Search, *search),
            Command::Fetch(fetch) => self.ask(Event::Fetch, fetch),
            Command::Store(store) => self.ask(Event::Store, store),
            Command::Copy(copy) => self.ask(Event::Copy, copy),
            Command::Move(Copy { numbering, set, mailbox }) => {
                self.ask(Event::Move, Move { numbering, set, mailbox })
            }
            Command::Other(other) => self.ask(Event::Other, other),
            // They were refused, or answered, above.
            Command::Compress | Command::Append(_) => return None,
        })
    }

    fn select(&mut self, mailbox: MailboxName, access: Access, closed: Option<Access>) -> Event {
        let offered = &self.config.capabilities;
        // rule rfc7162 3.2.11 closed-between: CLOSED divides what is told of the old mailbox from the new
        if closed.is_some() && (offered.has(Capability::QResync) || offered.has(Capability::Imap4Rev2)) {
            let closed = Status::with_code(StatusKind::Ok, Code::Closed, Text::from_static("closed"));
            self.untagged_status(closed);
        }
        self.ask(Event::Select, Select { mailbox, access, closed })
    }

    /// Enables what is asked for and may be, and answers.
    fn enable(&mut self, enable: &Enable) -> Capabilities {
        let may = &self.config.enable;
        let enabled = enable
            .names()
            // rule rfc5161 3.1 unknown-is-ignored: what ENABLE asks for and nobody offers is passed over
            .filter(|name| may.has_named(name))
            // They are atoms already.
            .fold(Capabilities::new(), |enabled, name| enabled.clone().with_named(name).unwrap_or(enabled));
        // rule rfc6855 3 utf8-from-enable-on: names are UTF-8 once UTF8=ACCEPT is enabled
        if enabled.has(Capability::Utf8Accept) || enabled.has(Capability::Imap4Rev2) {
            self.dialect = self.dialect.with_encoding(Encoding::Utf8);
            self.wire = Wire::new().with_encoding(Encoding::Utf8).with_binary(Offer::Yes);
        }
        // rule rfc5161 3.2 enabled-is-told: ENABLED tells what is enabled now
        if enabled.has(Capability::Utf8Accept) {
            self.charsets = Offer::No;
        }
        self.untagged(Untagged::Enabled(Box::new(enabled.clone())));
        self.end_asked(Completion::OK);
        enabled
    }

    /// The command that was asked about, or the response, has led to a login.
    pub(super) fn logged_in(&mut self) {
        let asked = self.take_asked();
        self.advance(asked.verb, Outcome::Ok);
        let code = Code::Capability(Box::new(self.capabilities()));
        let status = Status::with_code(StatusKind::Ok, code, Text::from_static("logged in"));
        self.tagged(asked.tag, status);
    }

    /// The next step of an exchange.
    pub(super) fn exchange(&mut self, answer: AuthAnswer) {
        match answer {
            AuthAnswer::Success => self.logged_in(),
            AuthAnswer::Challenge(octets) => {
                let asked = self.take_asked();
                let continuation = Continuation::from_challenge(&octets);
                // rule rfc3501 6.2.2 challenge-is-a-plus: a challenge goes as a continuation request, in base64
                self.respond(&Response::Continuation(Box::new(continuation)));
                self.advance(asked.verb, Outcome::Continue);
                self.task = Task::Exchange(asked.tag.clone());
            }
        }
    }

    /// A line of an exchange.
    pub(super) fn response(&mut self, tag: Tag, line: &Bytes) -> Event {
        let why = match sasl::Response::parse(line) {
            Ok(sasl::Response::Data(octets)) => {
                self.open_again(tag, Verb::Respond);
                self.advance(Verb::Respond, Outcome::Said);
                return self.ask(Event::AuthResponse, AuthResponse { octets });
            }
            Ok(sasl::Response::Cancel) => Rejection::bad(Text::from_static("authentication cancelled")),
            Err(error) => Rejection::own(StatusKind::Bad, format_args!("{error}")),
        };
        self.advance(Verb::Respond, Outcome::Bad);
        self.answer_refused(Some(tag), why);
        self.count_failed_login();
        Event::AuthCancelled
    }
}
