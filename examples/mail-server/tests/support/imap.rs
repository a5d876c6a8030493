//! A client that says commands of IMAP and reads what is answered.

use super::{PASSWORD, Running, wire::Wire};
use mail_server::server::Service;

/// A session that says what a test tells it to.
pub(crate) struct Imap {
    wire: Wire,
    commands: u32,
}

/// What a command was answered: the responses before the last, each with its literals in it, and the last one
/// without its tag.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) untagged: Vec<String>,
    pub(crate) done: String,
}

impl Imap {
    /// A session that has heard the greeting.
    pub(crate) async fn connect(server: &Running, service: Service) -> Self {
        let mut wire = server.connect_unheard(service).await;
        let greeting = wire.line().await;
        assert!(greeting.starts_with("* OK [CAPABILITY IMAP4rev1 "), "{greeting}");
        Self { wire, commands: 0 }
    }

    /// Alice, with this folder selected.
    pub(crate) async fn open(server: &Running, folder: &str) -> Self {
        let mut session = Self::login(server, "alice@example.org").await;
        session.ok(&format!("SELECT {folder}")).await;
        session
    }

    pub(crate) async fn login(server: &Running, name: &str) -> Self {
        let mut session = Self::connect(server, Service::Imaps).await;
        session.ok(&format!("LOGIN {name} \"{PASSWORD}\"")).await;
        session
    }

    pub(crate) async fn into_tls(self, server: &Running) -> Self {
        Self { wire: self.wire.into_tls(server.trust()).await, ..self }
    }

    /// Says a command, whatever is answered. Its literals must be non-synchronising.
    pub(crate) async fn say(&mut self, command: &str) -> Answer {
        self.begin(command).await;
        self.answer().await
    }

    /// Says a command that must succeed, and returns what came before its end.
    pub(crate) async fn ok(&mut self, command: &str) -> Vec<String> {
        let Answer { untagged, done } = self.say(command).await;
        assert!(done.starts_with("OK"), "{command} was answered {done}");
        untagged
    }

    /// The same, but without RECENT, which follows from the rest.
    pub(crate) async fn changes(&mut self, command: &str) -> Vec<String> {
        let mut untagged = self.ok(command).await;
        untagged.retain(|line| !line.ends_with(" RECENT"));
        untagged
    }

    /// Says a command whose last response must begin so.
    pub(crate) async fn refused(&mut self, command: &str, expected: &str) -> Vec<String> {
        let Answer { untagged, done } = self.say(command).await;
        assert!(done.starts_with(expected), "{command} was answered {done}");
        untagged
    }

    /// Says a command, and does not wait for what is answered.
    pub(crate) async fn begin(&mut self, command: &str) {
        self.commands += 1;
        self.wire.send(format!("t{} {command}\r\n", self.commands)).await;
    }

    /// Reads to the end of the last command.
    pub(crate) async fn answer(&mut self) -> Answer {
        let tag = format!("t{} ", self.commands);
        let mut untagged = Vec::new();
        loop {
            let response = self.response().await;
            match response.strip_prefix(&tag) {
                Some(done) => return Answer { untagged, done: done.to_owned() },
                None => untagged.push(response),
            }
        }
    }

    /// The next response, with its literals.
    pub(crate) async fn response(&mut self) -> String {
        let mut response = self.wire.line().await;
        assert!(!response.is_empty(), "the connection has ended");
        while let Some(octets) = literal(&response) {
            response.push_str("\r\n");
            response.push_str(&String::from_utf8_lossy(&self.wire.exactly(octets).await));
            response.push_str(&self.wire.line().await);
        }
        response
    }

    pub(crate) async fn send(&mut self, octets: impl AsRef<[u8]>) {
        self.wire.send(octets).await;
    }

    /// What is left; fails when the server does not end the connection.
    pub(crate) async fn rest(&mut self) -> String {
        String::from_utf8(self.wire.rest().await).unwrap()
    }

    /// Appends a message and returns the words that it was answered with.
    pub(crate) async fn append(&mut self, folder: &str, arguments: &str, message: &str) -> String {
        let gap = if arguments.is_empty() { "" } else { " " };
        let command = format!("APPEND {folder}{gap}{arguments} {{{}+}}\r\n{message}", message.len());
        self.say(&command).await.done
    }
}

/// How many octets of a literal this line announces.
fn literal(line: &str) -> Option<usize> {
    line.strip_suffix('}')?.rsplit_once('{')?.1.parse().ok()
}
