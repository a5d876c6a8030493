//! A client, and a server that says what the test wants.
use bytes::{Buf, BytesMut};
use smtp_proto::{
    CleartextLogin, ClientConfig, ClientName, Command, Mail, Mailbox, Protocol, ProtocolError, Rcpt, Step,
    TlsPolicy, Upload,
    client::{Client, Event, SendRefusal, Ticket},
};

/// TLS and login as the caller likes.
pub(crate) fn open() -> ClientConfig {
    ClientConfig {
        tls: TlsPolicy::Opportunistic,
        cleartext: CleartextLogin::Allow,
        ..ClientConfig::default()
    }
}

pub(crate) fn lmtp() -> ClientConfig {
    ClientConfig { protocol: Protocol::Lmtp, ..open() }
}

pub(crate) fn name() -> ClientName {
    ClientName::new("c.example").unwrap()
}

pub(crate) fn mail() -> Command {
    Command::Mail(Mail::new(Mailbox::new("a@example.com").unwrap()))
}

pub(crate) fn rcpt(to: &str) -> Command {
    Command::Rcpt(Rcpt::new(Mailbox::new(to).unwrap()))
}

/// A client and what it has not read yet.
pub(crate) struct Session {
    pub(crate) client: Client,
    pub(crate) input: BytesMut,
}

impl Session {
    /// The server has greeted.
    pub(crate) fn greeted(config: ClientConfig) -> Self {
        let mut session = Self { client: Client::new(config), input: BytesMut::new() };
        let events = session.hear("220 s\r\n");
        assert!(matches!(events[..], [Event::Greeting(_)]), "{events:?}");
        session
    }

    /// The server has offered this to EHLO or LHLO.
    pub(crate) fn offered(config: ClientConfig, offers: &[&str]) -> Self {
        let hello = match config.protocol {
            Protocol::Smtp => Command::Ehlo(name()),
            Protocol::Lmtp => Command::Lhlo(name()),
        };
        let mut session = Self::greeted(config);
        session.send(hello);
        let offers: String = offers.iter().map(|offer| format!("250-{offer}\r\n")).collect();
        let events = session.hear(&format!("250-s\r\n{offers}250 HELP\r\n"));
        assert!(matches!(events[..], [Event::Reply { .. }]), "{events:?}");
        session
    }

    pub(crate) fn send(&mut self, command: Command) -> Ticket {
        self.client.send(command).unwrap()
    }

    /// Why a command is not sent.
    pub(crate) fn refusal(&mut self, command: Command) -> SendRefusal {
        self.client.send(command).unwrap_err().refusal
    }

    /// A transaction up to DATA, pipelined: the tickets of the RCPTs, and of DATA.
    pub(crate) fn transaction(&mut self, recipients: &[&str]) -> (Vec<Ticket>, Ticket) {
        self.send(mail());
        let recipients = recipients.iter().map(|to| self.send(rcpt(to))).collect();
        (recipients, self.send(Command::Data))
    }

    /// A transaction for one recipient, whose message may be written.
    pub(crate) fn uploading(&mut self) -> (Ticket, Upload) {
        let (_, data) = self.transaction(&["x@example.net"]);
        let upload = upload(self.hear("250 ok\r\n250 ok\r\n354 go\r\n"));
        (data, upload)
    }

    /// What waits to be written, which is written with that.
    pub(crate) fn said(&mut self) -> String {
        let transmit = self.client.transmit();
        String::from_utf8(transmit.copy_to_bytes(transmit.remaining()).to_vec()).unwrap()
    }

    /// The next step, once all that waited was written and the server has said this.
    pub(crate) fn step(&mut self, reply: &str) -> Result<Step<Event>, ProtocolError> {
        self.said();
        self.input.extend_from_slice(reply.as_bytes());
        self.client.receive(&mut self.input)
    }

    /// What the client tells of these replies, up to an upload.
    pub(crate) fn hear(&mut self, replies: &str) -> Vec<Event> {
        let (mut events, mut replies) = (Vec::new(), replies);
        while let Step::Event(event) = self.step(std::mem::take(&mut replies)).unwrap() {
            let is_upload = matches!(event, Event::Upload { .. });
            events.push(event);
            if is_upload {
                break;
            }
        }
        events
    }
}

/// The upload that these events end with.
pub(crate) fn upload(mut events: Vec<Event>) -> Upload {
    let Some(Event::Upload { upload, .. }) = events.pop() else { panic!("no 354 was told") };
    upload
}
