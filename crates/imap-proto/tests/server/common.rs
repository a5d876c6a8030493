//! A host that answers as it is told, and what the tests share.
use bytes::{Buf, Bytes, BytesMut};
use imap_proto::{
    Access, CleartextLogin, Deviations, Dialect, Mechanism, Offer, ServerConfig, Step, Text,
    response::{Capability, Namespace, Namespaces, Response, Untagged},
    server::{AuthAnswer, Completion, Event, Rejection, Running, Selected, Server, Welcome, Work},
};
use std::collections::VecDeque;
use test_support::{Host, Log, Script, run_server};

/// What `CAPABILITY` tells before and after the login in these tests.
pub(crate) const BEFORE: &str = "IMAP4rev1 SASL-IR LITERAL- IDLE ENABLE ID NAMESPACE UIDPLUS MOVE UNSELECT CHILDREN AUTH=PLAIN AUTH=LOGIN";
pub(crate) const AFTER: &str =
    "IMAP4rev1 SASL-IR LITERAL- IDLE ENABLE ID NAMESPACE UIDPLUS MOVE UNSELECT CHILDREN";

/// A configuration that lets anybody log in.
pub(crate) fn open_config() -> ServerConfig {
    let mut config = ServerConfig::default();
    config.cleartext = CleartextLogin::Allow;
    config.starttls = Offer::No;
    config.capabilities =
        config.capabilities.with_mechanism(Mechanism::PLAIN).with_mechanism(Mechanism::LOGIN);
    config
}

/// Answers commands one after the other, as it is told, and the rest of a session by itself.
pub(crate) struct Told {
    answers: VecDeque<(String, Vec<String>, Completion)>,
    pub(crate) welcome: Welcome,
    /// APPEND is refused at its head.
    pub(crate) refuse_append: bool,
    pub(crate) mechanism: Option<Mechanism>,
    pub(crate) unseen: Option<u32>,
}

impl Told {
    /// `answers`: the name of a command, the untagged responses to it, and how it is completed (empty: the usual
    /// OK; `NO ..` and `BAD ..`).
    pub(crate) fn new(answers: &[(&str, &[&str], &str)]) -> Self {
        let answers = answers
            .iter()
            .map(|(name, lines, done)| {
                let completion = match done.split_once(' ') {
                    Some(("NO", text)) => Rejection::no(text_of(text)).into(),
                    Some(("BAD", text)) => Rejection::bad(text_of(text)).into(),
                    _ if done.is_empty() => Completion::OK,
                    _ => Completion::ok(text_of(done)),
                };
                ((*name).to_owned(), lines.iter().map(|line| (*line).to_owned()).collect(), completion)
            })
            .collect();
        Self { answers, welcome: Welcome::Ok, refuse_append: false, mechanism: None, unseen: Some(17) }
    }

    fn next(&mut self, name: &str) -> (Vec<String>, Completion) {
        match self.answers.pop_front() {
            Some((due, lines, completion)) => {
                assert_eq!(due, name);
                (lines, completion)
            }
            None => (Vec::new(), Completion::OK),
        }
    }

    fn work<T: Work + std::fmt::Debug>(
        &mut self,
        server: &mut Server,
        log: &mut Log,
        name: &str,
        ask: imap_proto::Ask<T>,
    ) {
        log.note(name);
        let (lines, completion) = self.next(name);
        let running: Running<T> = server.accept(ask, ()).unwrap();
        for line in lines {
            server.data(&running, untagged(&line)).unwrap();
        }
        server.complete(running, completion).unwrap();
    }
}

impl Host<Server> for Told {
    fn event(&mut self, server: &mut Server, event: Event, log: &mut Log) {
        match event {
            Event::Connect(ask) => server.accept(ask, self.welcome).unwrap(),
            Event::StartTls(ask) => log.upgrade(server.accept(ask, ()).unwrap()),
            Event::Login(ask) => {
                let (name, password) =
                    (ask.username.to_str_lossy().into_owned(), ask.password.as_bytes().escape_ascii());
                log.note(format!("login {name} {password}"));
                if ask.password.as_bytes() == b"secret" {
                    server.accept(ask, ()).unwrap();
                } else {
                    server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap();
                }
            }
            Event::Authenticate(ask) => {
                self.mechanism = Some(ask.mechanism);
                let initial = ask.initial.as_ref().map(|secret| secret.as_bytes().escape_ascii().to_string());
                log.note(format!("authenticate {} {initial:?}", ask.mechanism));
                let answer = match (ask.mechanism, initial.as_deref()) {
                    (Mechanism::PLAIN, Some(r"\x00tim\x00tanstaaftanstaaf")) => AuthAnswer::Success,
                    (Mechanism::PLAIN, None) => AuthAnswer::Challenge(Vec::new()),
                    (Mechanism::LOGIN, None) => AuthAnswer::Challenge(b"User Name".to_vec()),
                    _ => return server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap(),
                };
                server.accept(ask, answer).unwrap();
            }
            Event::AuthResponse(ask) => {
                let octets = ask.octets.as_bytes().escape_ascii().to_string();
                log.note(format!("response {octets}"));
                let answer = match octets.as_str() {
                    r"\x00tim\x00tanstaaftanstaaf" | "secret" => AuthAnswer::Success,
                    "tim" => AuthAnswer::Challenge(b"Password".to_vec()),
                    _ => return server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap(),
                };
                server.accept(ask, answer).unwrap();
            }
            Event::AuthCancelled => log.note("auth cancelled"),
            Event::Enabled(enabled) => log.note(format!("enabled {enabled:?}")),
            Event::ClientId(fields) => log.note(format!("id {:?}", fields.get("name"))),
            Event::Namespace(ask) => {
                let personal = vec![Namespace {
                    prefix: "".try_into().unwrap(),
                    delimiter: Some('/'),
                    extensions: Vec::new(),
                }];
                let namespaces = Namespaces { personal, other_users: Vec::new(), shared: Vec::new() };
                server.accept(ask, namespaces).unwrap();
            }
            Event::Select(ask) => {
                let (name, access) = (ask.mailbox.to_str_lossy().into_owned(), ask.access);
                log.note(format!("select {name} {access:?} closed {:?}", ask.closed));
                if name == "nothing" {
                    return server.reject(ask, Rejection::NON_EXISTENT).unwrap();
                }
                let selected = selected(self.unseen);
                server.accept(ask, selected).unwrap();
            }
            Event::Close(ask) => {
                log.note(format!("close {:?}", ask.access));
                server.accept(ask, ()).unwrap();
            }
            Event::Unselect(ask) => server.accept(ask, ()).unwrap(),
            Event::Append(ask) => {
                log.note(format!(
                    "append {} {:?} {:?} {:?} {}",
                    ask.mailbox.to_str_lossy(),
                    ask.flags,
                    ask.date.is_some(),
                    ask.kind,
                    ask.octets
                ));
                if self.refuse_append {
                    server.reject(ask, Rejection::OVER_QUOTA).unwrap();
                } else {
                    server.accept(ask, ()).unwrap();
                }
            }
            Event::NextMessage(ask) => {
                log.note(format!("next message {}", ask.octets));
                server.accept(ask, ()).unwrap();
            }
            Event::Payload(octets) => log.payload(&octets),
            Event::AppendEnd(ask) => {
                log.note(format!("append end {} {}", ask.messages, ask.octets));
                let (_, completion) = self.next("APPEND");
                server.accept(ask, completion).unwrap();
            }
            Event::AppendAborted => log.note("append aborted"),
            Event::Idle(ask) => {
                log.note("idle");
                server.accept(ask, ()).unwrap();
            }
            Event::IdleEnded => log.note("idle ended"),
            Event::Logout => log.note("logout"),
            Event::Noop(ask) => self.work(server, log, "NOOP", ask),
            Event::Check(ask) => self.work(server, log, "CHECK", ask),
            Event::Create(ask) => self.work(server, log, "CREATE", ask),
            Event::Delete(ask) => self.work(server, log, "DELETE", ask),
            Event::Rename(ask) => self.work(server, log, "RENAME", ask),
            Event::Subscribe(ask) => self.work(server, log, "SUBSCRIBE", ask),
            Event::Unsubscribe(ask) => self.work(server, log, "UNSUBSCRIBE", ask),
            Event::List(ask) => self.work(server, log, "LIST", ask),
            Event::Lsub(ask) => self.work(server, log, "LSUB", ask),
            Event::Status(ask) => self.work(server, log, "STATUS", ask),
            Event::Expunge(ask) => self.work(server, log, "EXPUNGE", ask),
            Event::UidExpunge(ask) => self.work(server, log, "UID EXPUNGE", ask),
            Event::Search(ask) => self.work(server, log, "SEARCH", ask),
            Event::Fetch(ask) => self.work(server, log, "FETCH", ask),
            Event::Store(ask) => self.work(server, log, "STORE", ask),
            Event::Copy(ask) => self.work(server, log, "COPY", ask),
            Event::Move(ask) => self.work(server, log, "MOVE", ask),
            Event::Other(ask) => self.work(server, log, "OTHER", ask),
            other => panic!("{other:?}"),
        }
    }
}

/// The mailbox of RFC 3501's sample session.
pub(crate) fn selected(unseen: Option<u32>) -> Selected {
    let Untagged::Flags(flags) = untagged(r"* FLAGS (\Answered \Flagged \Deleted \Seen \Draft)") else {
        panic!()
    };
    Selected {
        permanent_flags: flags.clone().with_new_keywords(),
        flags: *flags,
        exists: 18,
        recent: 2,
        unseen,
        uid_validity: 3_857_529_045,
        uid_next: 4392,
        access: Access::ReadWrite,
    }
}

pub(crate) fn text_of(text: &str) -> Text {
    Text::new(Bytes::copy_from_slice(text.as_bytes())).unwrap()
}

/// An untagged response, by what it looks like.
pub(crate) fn untagged(line: &str) -> Untagged {
    let unit = Bytes::copy_from_slice(line.as_bytes());
    match Response::parse(&unit, &Dialect::default(), &mut Deviations::new()) {
        Ok(Response::Untagged(untagged)) => untagged,
        other => panic!("{line}: {other:?}"),
    }
}

/// Runs a script under every cut. `{BEFORE}` and `{AFTER}` stand for the capabilities.
pub(crate) fn session(config: &ServerConfig, script: &str, host: impl Fn() -> Told) -> Vec<String> {
    let script = Script::parse(&script.replace("{BEFORE}", BEFORE).replace("{AFTER}", AFTER));
    run_server(&script, || (Server::new(config.clone()), host()))
}

/// A session that has come so far, driven by hand: events come out, octets go in.
pub(crate) struct Driven {
    pub(crate) server: Server,
    pub(crate) input: BytesMut,
}

impl Driven {
    pub(crate) fn new(config: ServerConfig) -> Self {
        let mut driven = Self { server: Server::new(config), input: BytesMut::new() };
        let Event::Connect(ask) = driven.event() else { panic!() };
        driven.server.accept(ask, Welcome::Ok).unwrap();
        driven.said();
        driven
    }

    /// With somebody logged in.
    pub(crate) fn logged_in(config: ServerConfig) -> Self {
        let mut driven = Self { server: Server::new(config), input: BytesMut::new() };
        let Event::Connect(ask) = driven.event() else { panic!() };
        driven.server.accept(ask, Welcome::PreAuth).unwrap();
        driven.said();
        driven
    }

    /// With a mailbox selected.
    pub(crate) fn in_mailbox(config: ServerConfig) -> Self {
        let mut driven = Self::logged_in(config);
        driven.hear("s SELECT INBOX\r\n");
        let Event::Select(ask) = driven.event() else { panic!() };
        driven.server.accept(ask, selected(None)).unwrap();
        driven.said();
        driven
    }

    pub(crate) fn hear(&mut self, octets: &str) {
        self.input.extend_from_slice(octets.as_bytes());
    }

    pub(crate) fn step(&mut self) -> Step<Event> {
        self.server.receive(&mut self.input).unwrap()
    }

    pub(crate) fn event(&mut self) -> Event {
        match self.step() {
            Step::Event(event) => event,
            other => panic!("{other:?}"),
        }
    }

    /// All that waits to be written.
    pub(crate) fn said(&mut self) -> String {
        let transmit = self.server.transmit();
        let octets = transmit.copy_to_bytes(transmit.remaining());
        String::from_utf8(octets.to_vec()).unwrap()
    }

    pub(crate) fn needs_input(&mut self) -> bool {
        matches!(self.step(), Step::NeedInput { .. })
    }
}

#[test]
fn the_capabilities_of_these_tests_are_the_default_ones() {
    let all: Vec<&str> = ServerConfig::default().capabilities.iter().map(Capability::as_str).collect();
    let said: Vec<&str> = AFTER.split(' ').collect();
    assert_eq!(all, said);
}
