//! What the tests of the client share.
use crate::told::told;
use pop3_proto::{
    Buf, BytesMut, CleartextLogin, ClientConfig, Command, Leniency, Mechanism, MessageNumber, Name, Password,
    ProtocolError, Secret, State, Step, TlsPolicy, Upgrade,
    client::{Client, Event, SendRefusal, Ticket},
};

/// Talks to anybody, and tolerates nothing.
pub(crate) fn open() -> ClientConfig {
    let mut config = ClientConfig::default();
    config.tls = TlsPolicy::Opportunistic;
    config.cleartext = CleartextLogin::Allow;
    config.leniency = Leniency::STRICT;
    config
}

pub(crate) fn lenient() -> ClientConfig {
    let mut config = open();
    config.leniency = Leniency::LENIENT;
    config
}

pub(crate) fn number(number: u32) -> MessageNumber {
    MessageNumber::new(number).unwrap()
}

pub(crate) fn user() -> Command {
    Command::User(Name::new("mrose").unwrap())
}

pub(crate) fn pass() -> Command {
    Command::Pass(Password::new(b"tan staaf").unwrap())
}

pub(crate) fn auth(mechanism: Mechanism, initial: Option<&[u8]>) -> Command {
    Command::Auth { mechanism, initial: initial.map(Secret::copy_from) }
}

/// A client, and what it is told.
pub(crate) struct Peer {
    pub(crate) client: Client,
    pub(crate) input: BytesMut,
    pub(crate) upgrade: Option<Upgrade>,
    pub(crate) tickets: Vec<Ticket>,
}

impl Peer {
    pub(crate) fn new(config: ClientConfig) -> Self {
        Self { client: Client::new(config), input: BytesMut::new(), upgrade: None, tickets: Vec::new() }
    }

    /// One that has been greeted.
    pub(crate) fn greeted(config: ClientConfig) -> Self {
        let mut peer = Self::new(config);
        assert_eq!(peer.hear("+OK ready\r\n"), ["greeting Ok"]);
        peer
    }

    /// One that has logged in.
    pub(crate) fn logged_in(config: ClientConfig) -> Self {
        let mut peer = Self::greeted(config);
        for command in [user(), pass()] {
            peer.send(command);
            assert_eq!(peer.hear("+OK\r\n"), ["Ok "]);
        }
        assert_eq!(peer.client.state(), State::Transaction);
        peer
    }

    /// Sends a command, and writes it.
    pub(crate) fn send(&mut self, command: Command) -> String {
        self.client.send(command).unwrap();
        self.said()
    }

    pub(crate) fn refused(&mut self, command: Command) -> SendRefusal {
        let error = self.client.send(command.clone()).unwrap_err();
        assert_eq!((*error.command, self.said()), (command, String::new()), "an octet has left");
        error.refusal
    }

    pub(crate) fn refused_when_full(&mut self) -> SendRefusal {
        self.client.send(Command::Capa).unwrap_err().refusal
    }

    pub(crate) fn said(&mut self) -> String {
        let transmit = self.client.transmit();
        String::from_utf8(transmit.copy_to_bytes(transmit.remaining()).into()).unwrap()
    }

    /// What the client is told of this, errors too.
    pub(crate) fn hear(&mut self, text: &str) -> Vec<String> {
        self.input.extend_from_slice(text.as_bytes());
        let mut log = Vec::new();
        loop {
            match self.client.receive(&mut self.input) {
                Ok(Step::Event(event)) => {
                    log.push(told(&event));
                    match event {
                        Event::Upgrade { upgrade, .. } => self.upgrade = Some(upgrade),
                        Event::Reply { ticket, .. }
                        | Event::NeverSent(ticket)
                        | Event::Unanswered(ticket)
                        | Event::End(ticket) => self.tickets.push(ticket),
                        _ => {}
                    }
                }
                Ok(Step::NeedInput { hint }) => {
                    assert!(hint > 0);
                    return log;
                }
                Ok(Step::NeedAnswer) => return log,
                Ok(Step::Closed) => {
                    log.push("closed".into());
                    return log;
                }
                Ok(Step::NeedFlush) => panic!("nothing waits"),
                Err(error) => log.push(format!("error: {error}")),
            }
        }
    }

    pub(crate) fn eof(&mut self) -> Result<(), ProtocolError> {
        self.client.receive_eof(&self.input)
    }
}
