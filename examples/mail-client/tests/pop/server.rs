//! A POP3 server with a maildrop, which behaves as it is told.
use std::{
    io::{self, BufRead, BufReader, Write},
    net::{Shutdown, SocketAddr, TcpListener, TcpStream},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    thread,
    time::Duration,
};

/// A message on the server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Message {
    pub(crate) unique_id: String,
    pub(crate) octets: Vec<u8>,
}

/// How a server behaves.
#[derive(Debug, Clone, Default)]
pub(crate) struct Behaviour {
    /// So many octets are said in a session; then the connection is cut.
    pub(crate) cut: Option<usize>,
    /// What is answered to a line that begins so, in place of what it means. The text is said as it is.
    pub(crate) instead: Vec<(&'static str, String)>,
    /// Lines of messages are not dot-stuffed.
    pub(crate) unstuffed: bool,
    /// What is answered to a line that begins so is the last that is said in a session.
    pub(crate) leaves: &'static [&'static str],
    /// The session in which the maildrop is locked by another one, counted from 0.
    pub(crate) in_use: Option<usize>,
}

#[derive(Debug, Default)]
struct Shared {
    messages: Vec<Message>,
    behaviour: Behaviour,
    /// Lines that were heard, in all sessions.
    heard: Vec<String>,
    sessions: usize,
}

/// A server that listens until the test ends. It serves one session at a time, as a maildrop is locked.
#[derive(Debug, Clone)]
pub(crate) struct Server {
    pub(crate) address: SocketAddr,
    shared: Arc<Mutex<Shared>>,
}

impl Server {
    pub(crate) fn start(messages: Vec<Message>) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let shared = Arc::new(Mutex::new(Shared { messages, ..Shared::default() }));
        let server = Self { address, shared };
        let serving = server.clone();
        thread::spawn(move || {
            for socket in listener.incoming() {
                // A client that is gone is no failure of ours.
                let _ = Session::new(&serving, socket.unwrap()).serve();
            }
        });
        server
    }

    pub(crate) fn behave(&self, behaviour: Behaviour) {
        self.shared().behaviour = behaviour;
    }

    pub(crate) fn messages(&self) -> Vec<Message> {
        self.shared().messages.clone()
    }

    pub(crate) fn fill(&self, messages: &[Message]) {
        self.shared().messages = messages.to_vec();
    }

    /// The lines that were heard since this was asked for.
    pub(crate) fn heard(&self) -> Vec<String> {
        std::mem::take(&mut self.shared().heard)
    }

    fn shared(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

struct Session<'a> {
    server: &'a Server,
    socket: TcpStream,
    behaviour: Behaviour,
    left: Option<usize>,
    messages: Vec<Message>,
    deleted: Vec<usize>,
}

impl<'a> Session<'a> {
    fn new(server: &'a Server, socket: TcpStream) -> Self {
        let number = server.shared().sessions;
        server.shared().sessions += 1;
        socket.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let messages = server.messages();
        let mut behaviour = server.shared().behaviour.clone();
        if behaviour.in_use == Some(number) {
            behaviour.instead.push(("PASS", "-ERR [IN-USE] one at a time\r\n".to_owned()));
        }
        Self { server, socket, left: behaviour.cut, behaviour, messages, deleted: Vec::new() }
    }

    fn serve(&mut self) -> io::Result<()> {
        let mut lines = BufReader::new(self.socket.try_clone()?).lines();
        self.say(b"+OK ready\r\n")?;
        while let Some(line) = lines.next().transpose()? {
            self.server.shared().heard.push(line.clone());
            let instead = self.behaviour.instead.iter().find(|(begin, _)| line.starts_with(begin));
            if let Some((_, text)) = instead.cloned() {
                self.say(text.as_bytes())?;
                if self.behaviour.leaves.iter().any(|begin| line.starts_with(begin)) {
                    return Ok(());
                }
                continue;
            }
            let (verb, argument) = line.split_once(' ').unwrap_or((&line, ""));
            let number = argument.parse().unwrap_or(0_usize).wrapping_sub(1);
            match verb {
                "CAPA" => self.say(b"+OK\r\nUIDL\r\nPIPELINING\r\nUSER\r\n.\r\n")?,
                "STAT" => {
                    let octets: usize = self.messages.iter().map(|message| message.octets.len()).sum();
                    self.say(format!("+OK {} {octets}\r\n", self.messages.len()).as_bytes())?;
                }
                "LIST" => self.list(|message| message.octets.len().to_string())?,
                "UIDL" => self.list(|message| message.unique_id.clone())?,
                "RETR" => match self.messages.get(number) {
                    Some(message) => {
                        let octets = message.octets.clone();
                        self.message(&octets)?;
                    }
                    None => self.say(b"-ERR no such message\r\n")?,
                },
                "DELE" => {
                    self.deleted.push(number);
                    self.say(b"+OK\r\n")?;
                }
                "QUIT" => {
                    let deleted = self.deleted.iter().filter_map(|number| self.messages.get(*number));
                    let deleted: Vec<&Message> = deleted.collect();
                    self.server.shared().messages.retain(|message| !deleted.contains(&message));
                    return self.say(b"+OK bye\r\n");
                }
                _ => self.say(b"+OK\r\n")?,
            }
        }
        Ok(())
    }

    fn list(&mut self, of: impl Fn(&Message) -> String) -> io::Result<()> {
        let lines =
            self.messages.iter().zip(1..).map(|(message, number)| format!("{number} {}\r\n", of(message)));
        let lines: String = lines.collect();
        self.say(format!("+OK\r\n{lines}.\r\n").as_bytes())
    }

    fn message(&mut self, octets: &[u8]) -> io::Result<()> {
        let mut said = b"+OK\r\n".to_vec();
        for line in octets.split_inclusive(|octet| *octet == b'\n') {
            if line.starts_with(b".") && !self.behaviour.unstuffed {
                said.push(b'.');
            }
            said.extend_from_slice(line);
        }
        if !said.ends_with(b"\r\n") {
            said.extend_from_slice(b"\r\n");
        }
        said.extend_from_slice(b".\r\n");
        self.say(&said)
    }

    /// Says as much as may be said.
    fn say(&mut self, octets: &[u8]) -> io::Result<()> {
        let said = self.left.map_or(octets.len(), |left| left.min(octets.len()));
        self.socket.write_all(&octets[..said])?;
        if let Some(left) = &mut self.left {
            *left -= said;
            if *left == 0 {
                self.socket.shutdown(Shutdown::Both)?;
                return Err(io::ErrorKind::ConnectionAborted.into());
            }
        }
        Ok(())
    }
}
