//! The least IMAP client, to append messages and to see each answer at once. It knows no TLS.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::server::PASSWORD;
use crate::wire::Wire;

/// How a command was answered: the line behind its tag.
#[derive(Debug)]
pub(crate) struct Status(String);

impl Status {
    pub(crate) fn is_ok(&self) -> bool {
        self.0.starts_with("OK ")
    }
}

impl fmt::Display for Status {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A session that is logged in. Errors of the connection stay `io::Error`s, for those who cut it themselves.
pub(crate) struct Imap {
    wire: Wire,
    count: u32,
}

impl Imap {
    /// Connects and logs in, without TLS.
    pub(crate) fn login(address: SocketAddr, account: &str) -> io::Result<Self> {
        let mut session = Self { wire: Wire::connect(address)?, count: 0 };
        session.wire.line()?;
        let answer = session.command(&format!("LOGIN {account} {PASSWORD}"))?;
        if answer.is_ok() { Ok(session) } else { Err(io::Error::other(format!("LOGIN: {answer}"))) }
    }

    /// Sends a command without literals and reads until it is answered.
    pub(crate) fn command(&mut self, line: &str) -> io::Result<Status> {
        self.count += 1;
        self.wire.send(format!("{} {line}\r\n", self.tag()))?;
        self.status()
    }

    /// Sends APPEND as far as the literal, and waits for the go-ahead.
    pub(crate) fn begin_append(&mut self, folder: &str, octets: usize) -> io::Result<Result<(), Status>> {
        self.count += 1;
        self.wire.send(format!("{} APPEND {folder} {{{octets}}}\r\n", self.tag()))?;
        match self.line()? {
            None => Ok(Ok(())),
            Some(status) => Ok(Err(status)),
        }
    }

    /// Sends octets of the literal, and the line end behind it.
    pub(crate) fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        self.wire.send(octets)
    }

    /// The tag of the last command.
    pub(crate) fn tag(&self) -> String {
        format!("i{}", self.count)
    }

    /// Reads until the last command is answered.
    pub(crate) fn status(&mut self) -> io::Result<Status> {
        loop {
            if let Some(status) = self.line()? {
                return Ok(status);
            }
        }
    }

    /// Reads the next line that is a go-ahead (`None`) or the answer to the last command; skips untagged ones.
    fn line(&mut self) -> io::Result<Option<Status>> {
        let tag = self.tag();
        loop {
            let line = String::from_utf8_lossy(&self.wire.line()?).into_owned();
            match line.split_once(' ') {
                Some(("+", _)) => return Ok(None),
                Some((found, rest)) if found == tag => return Ok(Some(Status(rest.to_owned()))),
                _ => {}
            }
        }
    }
}
