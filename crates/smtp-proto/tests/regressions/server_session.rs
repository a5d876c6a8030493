//! A server whose host rejects what the test wants.
use super::common::server_host;
use bytes::{Buf, BytesMut};
use smtp_proto::{
    Ask, ProtocolError, ServerConfig, Step,
    server::{Event, Message, Rejection, Server},
};
use test_support::{Host, Log, Script, host, run_server};

/// What the server says first, behind EHLO.
pub(crate) const HELLO: &str = "
    S: 220 mx.example.net ESMTP
    C: EHLO c.example
    S: 250-mx.example.net
    S: 250-PIPELINING
    S: 250-SIZE 1000
    S: 250-8BITMIME
    S: 250-SMTPUTF8
    S: 250-ENHANCEDSTATUSCODES
    S: 250 HELP
";

/// What a host says no to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Rejects {
    Nothing,
    Connections,
    Hello,
    Mail,
    Recipients,
    Data,
}

/// Runs a script under every cut. What the host saw is returned.
pub(crate) fn script(text: &str, config: impl Fn() -> ServerConfig, rejects: Rejects) -> Vec<String> {
    run_server(&Script::parse(text), || (Server::new(config()), rejecting(rejects)))
}

fn rejecting(rejects: Rejects) -> impl Host<Server> {
    let mut others = server_host();
    host(move |server: &mut Server, event, log: &mut Log| match (event, rejects) {
        (Event::Connect(ask), Rejects::Connections) => server.reject(ask, Rejection::policy()).unwrap(),
        (Event::Hello(ask), Rejects::Hello) => server.reject(ask, Rejection::local_error()).unwrap(),
        (Event::Mail(ask), Rejects::Mail) => server.reject(ask, Rejection::local_error()).unwrap(),
        (Event::Rcpt(ask), Rejects::Recipients) => {
            server.reject(ask, Rejection::mailbox_unavailable()).unwrap();
        }
        (Event::Data(ask), Rejects::Data) => server.reject(ask, Rejection::local_error()).unwrap(),
        (event, _) => others.event(server, event, log),
    })
}

/// A server that is told something without a script, and whose messages the test answers.
pub(crate) struct Session {
    pub(crate) server: Server,
    pub(crate) input: BytesMut,
    host: Box<dyn Host<Server>>,
    log: Log,
}

impl Session {
    pub(crate) fn new(config: ServerConfig) -> Self {
        let host = Box::new(server_host());
        Self { server: Server::new(config), input: BytesMut::new(), host, log: Log::default() }
    }

    /// A session whose message has come, and the question what becomes of it.
    pub(crate) fn with_message(config: ServerConfig, behind: &str) -> (Self, Ask<Message>) {
        let mut session = Self::new(config);
        session.say("EHLO c\r\nMAIL FROM:<a@example.com>\r\n");
        session.say("RCPT TO:<b@example.net>\r\nRCPT TO:<c@example.net>\r\nDATA\r\n");
        session.said();
        session.input.extend_from_slice(format!(".\r\n{behind}").as_bytes());
        let Ok(Step::Event(Event::Message(ask))) = session.server.receive(&mut session.input) else {
            panic!("the message is whole");
        };
        (session, ask)
    }

    /// The client says this. Everything is accepted.
    pub(crate) fn say(&mut self, said: &str) {
        self.try_say(said).unwrap();
    }

    /// The same, where the server may break the session off.
    pub(crate) fn try_say(&mut self, said: &str) -> Result<(), ProtocolError> {
        self.input.extend_from_slice(said.as_bytes());
        while let Step::Event(event) = self.server.receive(&mut self.input)? {
            self.host.event(&mut self.server, event, &mut self.log);
        }
        Ok(())
    }

    /// What the host wrote down.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.log.entries()
    }

    /// What the server has said since.
    pub(crate) fn said(&mut self) -> String {
        let transmit = self.server.transmit();
        String::from_utf8(transmit.copy_to_bytes(transmit.remaining()).to_vec()).unwrap()
    }
}
