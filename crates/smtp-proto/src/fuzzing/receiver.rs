//! The host of a server: it throws dice.
use crate::{
    Ask, Authentication, Capabilities, CleartextLogin, Identity, Mechanism, Offer, Protocol, ServerConfig,
    Text, Upgrade,
    server::{
        Ack, AuthAnswer, Delivered, Dialect, Entry, Event, Message, Queued, Rejection, Request, Server,
        Verified,
    },
};

use alloc::{vec, vec::Vec};
use core::mem;
use mail_wire::fuzzing::{Dice, Host, Moved};

/// Offers everything, takes small messages for few recipients, and forgives.
pub(super) fn server_config(protocol: Protocol) -> ServerConfig {
    let authentication = Authentication {
        mechanisms: vec![Mechanism::PLAIN, Mechanism::LOGIN],
        cleartext: CleartextLogin::Allow,
        ..Authentication::default()
    };
    ServerConfig {
        protocol,
        authentication,
        starttls: Offer::Yes,
        max_message: 300,
        max_recipients: 5,
        max_errors: 1000,
        max_refusals: 1000,
        max_idle_commands: 1000,
        extensions: extensions(),
        ..ServerConfig::new(Text::from_static("mx.example.net"))
    }
}

/// All that a host can take care of.
fn extensions() -> Capabilities {
    const LINES: [&str; 10] = [
        "CHUNKING",
        "BINARYMIME",
        "DSN",
        "REQUIRETLS",
        "LIMITS",
        "VRFY",
        "EXPN",
        "ETRN",
        "XCLIENT NAME ADDR LOGIN",
        "XFORWARD NAME",
    ];
    LINES.iter().fold(Capabilities::new(), |offered, line| offered.with_line(line).unwrap())
}

/// Accepts and rejects as its dice fall.
#[derive(Debug)]
pub(super) struct Receiver<'a> {
    dice: Dice<'a>,
    message: Vec<u8>,
    /// Messages that this host made safe, in order.
    pub(super) delivered: Vec<Vec<u8>>,
    /// Answers to messages: in LMTP, one for each recipient.
    pub(super) outcomes: usize,
}

impl<'a> Receiver<'a> {
    pub(super) fn new(dice: Dice<'a>) -> Self {
        Self { dice, message: Vec::new(), delivered: Vec::new(), outcomes: 0 }
    }

    /// Rejects once in so many times.
    fn decide<T: Request<Grant = ()>>(
        &mut self,
        server: &mut Server,
        (ask, answer): (Ask<T>, T::Answer),
        times: u8,
        rejection: Rejection,
    ) {
        if self.dice.once_in(times) {
            server.reject(ask, rejection).unwrap();
        } else {
            server.accept(ask, answer).unwrap();
        }
    }

    fn authenticate<T: Request<Answer = AuthAnswer, Grant = ()>>(
        &mut self,
        server: &mut Server,
        ask: Ask<T>,
    ) {
        let answer = match self.dice.among(3) {
            0 => AuthAnswer::Success,
            1 => AuthAnswer::Challenge(vec![1, 2]),
            _ => return server.reject(ask, Rejection::bad_credentials()).unwrap(),
        };
        server.accept(ask, answer).unwrap();
    }

    fn message(&mut self, server: &mut Server, ask: Ask<Message>) {
        let message = mem::take(&mut self.message);
        assert_eq!(ask.octets, message.len() as u64, "what is announced is not what came");
        let recipients = ask.recipients as usize;
        self.outcomes += if server.dialect() == Some(Dialect::Lmtp) { recipients } else { 1 };
        let outcomes: Vec<_> = match self.dice.among(3) {
            0 => {
                self.delivered.push(message);
                return server.accept(ask, Delivered::all(Ack::default())).unwrap();
            }
            1 => return server.reject(ask, Rejection::policy()).unwrap(),
            _ => (0..recipients).map(|_| self.outcome()).collect(),
        };
        if outcomes.iter().any(Result::is_ok) {
            self.delivered.push(message);
        }
        server.accept(ask, Delivered::each(outcomes)).unwrap();
    }

    fn outcome(&mut self) -> Result<Ack, Rejection> {
        if self.dice.once_in(2) { Err(Rejection::no_room()) } else { Ok(Ack::default()) }
    }
}

impl Host<Server> for Receiver<'_> {
    fn event(&mut self, server: &mut Server, event: Event) -> Option<Upgrade> {
        match event {
            Event::Connect(ask) => self.decide(server, (ask, ()), 50, Rejection::policy()),
            Event::Hello(ask) => self.decide(server, (ask, ()), 10, Rejection::policy()),
            Event::StartTls(ask) if self.dice.once_in(2) => {
                server.reject(ask, Rejection::local_error()).unwrap();
            }
            Event::StartTls(ask) => return Some(server.accept(ask, ()).unwrap()),
            Event::Auth(ask) => self.authenticate(server, ask),
            Event::AuthResponse(ask) => self.authenticate(server, ask),
            Event::Mail(ask) => {
                let no = if self.dice.once_in(20) { Rejection::closing() } else { Rejection::policy() };
                self.decide(server, (ask, Ack::default()), 8, no);
            }
            Event::Rcpt(ask) => {
                self.decide(server, (ask, Ack::default()), 4, Rejection::mailbox_unavailable());
            }
            Event::Data(ask) => {
                self.message.clear();
                self.decide(server, (ask, ()), 5, Rejection::local_error());
            }
            Event::Vrfy(ask) => {
                self.decide(server, (ask, Verified::Unverified), 3, Rejection::mailbox_unavailable());
            }
            Event::Expn(ask) => {
                let members = vec![Entry::new("a@b.example".parse().unwrap()); self.dice.among(3).into()];
                self.decide(server, (ask, members), 3, Rejection::policy());
            }
            Event::Etrn(ask) => self.decide(server, (ask, Queued::Pending), 3, Rejection::cannot_queue()),
            Event::XClient(ask) => self.decide(server, (ask, Identity::Anonymous), 3, Rejection::policy()),
            Event::XForward(ask) => self.decide(server, (ask, ()), 3, Rejection::policy()),
            Event::Payload(piece) => self.message.extend_from_slice(&piece),
            Event::Message(ask) => self.message(server, ask),
            _ => {}
        }
        None
    }
    fn idle(&mut self, _: &mut Server) -> Moved {
        Moved::No
    }
}
