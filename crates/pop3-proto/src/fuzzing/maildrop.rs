//! A server with a host that knows one maildrop, and moods.
use crate::{
    DropListing, EntryError, MessageNumber, ScanListing, ServerConfig, State, Step, TopLines, UniqueId,
    UniqueIdListing, Upgrade, Upload, WriteError,
    server::{AuthAnswer, Event, Rejection, Server},
};
use alloc::{
    format,
    string::{String, ToString},
    vec::Vec,
};
use bytes::{Buf, Bytes, BytesMut};
use core::mem;
use mail_wire::fuzzing::Dice;

pub(super) const MESSAGES: [&[u8]; 2] =
    [b"Subject: one\r\n\r\n.\r\n..x\r\nend\r\n", b"Subject: two\r\n\r\n1\r\n2\r\n3\r\n"];

pub(super) struct Session<'a> {
    server: Server,
    dice: Dice<'a>,
    input: BytesMut,
    /// How many octets the client said.
    fed: u64,
    said: Vec<u8>,
    log: Vec<String>,
    /// Kept: dropped, it would end the session.
    upgrade: Option<Upgrade>,
    is_over: bool,
}

impl<'a> Session<'a> {
    pub(super) fn new(config: ServerConfig, dice: Dice<'a>) -> Self {
        Self {
            server: Server::new(config),
            dice,
            input: BytesMut::new(),
            fed: 0,
            said: Vec::new(),
            log: Vec::new(),
            upgrade: None,
            is_over: false,
        }
    }

    /// The client says this; the session goes on as far as it can.
    pub(super) fn say(&mut self, octets: &[u8]) {
        self.input.extend_from_slice(octets);
        self.fed += octets.len() as u64;
        while !self.is_over {
            match self.server.receive(&mut self.input) {
                Ok(Step::Event(event)) => self.answer(event),
                Ok(Step::NeedFlush) => {
                    assert!(self.server.transmit().has_remaining(), "there is nothing to flush");
                    self.flush();
                }
                Ok(Step::NeedInput { hint }) => {
                    assert!(hint > 0, "nothing is asked for");
                    break;
                }
                Ok(Step::NeedAnswer) => {
                    assert!(self.upgrade.is_some(), "all is answered");
                    break;
                }
                Ok(Step::Closed) => {
                    self.is_over = true;
                    self.log.push("closed".into());
                }
                Err(error) => {
                    self.is_over = true;
                    self.log.push(format!("error: {error}"));
                }
            }
        }
        self.flush();
    }

    /// What the server has said since.
    pub(super) fn heard(&mut self) -> Vec<u8> {
        mem::take(&mut self.said)
    }

    /// The transport is TLS now.
    pub(super) fn upgraded(&mut self) {
        let upgrade = self.upgrade.take().expect("both agreed on TLS");
        self.server.upgraded(upgrade, &self.input).unwrap();
    }

    pub(super) fn state(&self) -> State {
        self.server.state()
    }

    pub(super) fn is_over(&self) -> bool {
        self.is_over
    }

    /// Has all been taken that the server said?
    pub(super) fn is_silent(&self) -> bool {
        self.said.is_empty()
    }

    /// What the session came to.
    pub(super) fn end(mut self) -> Vec<String> {
        let (examined, fed) = (self.server.examined(), self.fed);
        assert!(examined <= 2 * fed, "{examined} looked at of {fed}");
        self.log.push(self.said.escape_ascii().to_string());
        self.log
    }

    fn flush(&mut self) {
        let transmit = self.server.transmit();
        self.said.extend_from_slice(&transmit.copy_to_bytes(transmit.remaining()));
    }

    fn answer(&mut self, event: Event) {
        self.note(&event);
        match event {
            Event::Connect(ask) => self.server.accept(ask, ()).unwrap(),
            Event::Login(ask) if self.dice.once_in(4) => {
                self.server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap();
            }
            Event::Login(ask) => self.server.accept(ask, all()).unwrap(),
            Event::Apop(ask) if self.dice.once_in(4) => {
                self.server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap();
            }
            Event::Apop(ask) => self.server.accept(ask, all()).unwrap(),
            Event::StartTls(ask) => self.upgrade = Some(self.server.accept(ask, ()).unwrap()),
            Event::Auth(ask) => match self.auth_answer() {
                Some(answer) => self.server.accept(ask, answer).unwrap(),
                None => self.server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap(),
            },
            Event::AuthResponse(ask) => match self.auth_answer() {
                Some(answer) => self.server.accept(ask, answer).unwrap(),
                None => self.server.reject(ask, Rejection::AUTHENTICATION_FAILED).unwrap(),
            },
            Event::List(ask) => {
                let octets = octets(ask.message);
                self.server.accept(ask, octets).unwrap();
            }
            Event::ListAll(ask) => {
                let mut listing = self.server.accept(ask, ()).unwrap();
                for message in numbers() {
                    let entry = ScanListing { message, octets: octets(message) };
                    self.entry(|server| server.entry(&mut listing, &entry));
                }
                self.server.finish_listing(listing).unwrap();
            }
            Event::Uidl(ask) => {
                let id = id(ask.message);
                self.server.accept(ask, id).unwrap();
            }
            Event::UidlAll(ask) => {
                let mut listing = self.server.accept(ask, ()).unwrap();
                for message in numbers() {
                    let entry = UniqueIdListing { message, id: id(message) };
                    self.entry(|server| server.entry(&mut listing, &entry));
                }
                self.server.finish_listing(listing).unwrap();
            }
            Event::Retr(ask) => {
                let (message, octets) = (ask.message, octets(ask.message));
                let upload = self.server.accept(ask, octets).unwrap();
                self.upload(upload, message, TopLines::new(u64::MAX));
            }
            Event::Top(ask) => {
                let (message, lines) = (ask.message, ask.lines);
                let upload = self.server.accept(ask, ()).unwrap();
                self.upload(upload, message, TopLines::new(lines));
            }
            Event::Dele(ask) => {
                let octets = octets(ask.message);
                self.server.accept(ask, octets).unwrap();
            }
            Event::Quit(ask) if self.dice.once_in(4) => {
                self.server.reject(ask, Rejection::NOT_REMOVED).unwrap();
            }
            Event::Quit(ask) => self.server.accept(ask, ()).unwrap(),
            Event::AuthCancelled | Event::Reset | Event::Language(_) => {}
        }
    }

    fn note(&mut self, event: &Event) {
        self.log.push(match event {
            Event::Dele(ask) => format!("dele {}", ask.message),
            Event::Reset => "reset".into(),
            Event::Quit(ask) => format!("remove {:?}", ask.deleted.iter().collect::<Vec<_>>()),
            other => format!("{other:?}"),
        });
    }

    fn auth_answer(&mut self) -> Option<AuthAnswer> {
        match self.dice.among(3) {
            0 => Some(AuthAnswer::Success(all())),
            1 => Some(AuthAnswer::Challenge(b"Password:".to_vec())),
            _ => None,
        }
    }

    fn entry(&mut self, mut entry: impl FnMut(&mut Server) -> Result<(), EntryError>) {
        while let Err(error) = entry(&mut self.server) {
            assert!(matches!(error, EntryError::Blocked { .. }), "{error}");
            self.flush();
        }
    }

    fn upload(&mut self, mut upload: Upload, message: MessageNumber, mut top: TopLines) {
        for chunk in MESSAGES[message.index()].chunks(7) {
            let mut chunk = top.next(Bytes::from_static(chunk));
            while let Err(error) = self.server.write(&mut upload, chunk) {
                assert!(matches!(error, WriteError::Blocked { .. }), "{error}");
                chunk = error.into_chunk();
                self.flush();
            }
        }
        self.server.finish(upload).unwrap();
    }
}

fn all() -> DropListing {
    DropListing { messages: 2, octets: numbers().map(octets).sum() }
}

fn numbers() -> impl Iterator<Item = MessageNumber> {
    (1..=2).filter_map(MessageNumber::new)
}

fn octets(message: MessageNumber) -> u64 {
    MESSAGES[message.index()].len() as u64
}

fn id(message: MessageNumber) -> UniqueId {
    UniqueId::new(format!("id-{message}")).unwrap()
}
