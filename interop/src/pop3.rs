//! The least POP3 client, to count and read a maildrop quickly. It knows no TLS.

use std::net::SocketAddr;

use crate::failure::{Outcome, ensure, fail};
use crate::server::PASSWORD;
use crate::wire::Wire;

/// A session that is logged in.
pub(crate) struct Pop3 {
    wire: Wire,
}

impl Pop3 {
    pub(crate) fn login(address: SocketAddr, account: &str) -> Outcome<Self> {
        let mut session = Self { wire: Wire::connect(address)? };
        session.ok()?;
        session.command(&format!("USER {account}"))?;
        session.command(&format!("PASS {PASSWORD}"))?;
        Ok(session)
    }

    /// Sends a line, which must be answered with +OK, and returns what follows it on the answer's line.
    pub(crate) fn command(&mut self, line: &str) -> Outcome<String> {
        self.wire.send(format!("{line}\r\n"))?;
        self.ok()
    }

    /// The number of messages.
    pub(crate) fn count(&mut self) -> Outcome<usize> {
        let answer = self.command("STAT")?;
        match answer.split(' ').next().map(str::parse) {
            Some(Ok(count)) => Ok(count),
            _ => fail!("STAT was answered with `{answer}`"),
        }
    }

    /// Reads a whole message.
    pub(crate) fn retrieve(&mut self, number: usize) -> Outcome<Vec<u8>> {
        self.command(&format!("RETR {number}"))?;
        let mut message = Vec::new();
        loop {
            let line = self.wire.line()?;
            match line.strip_prefix(b".") {
                Some(b"") => return Ok(message),
                Some(stuffed) => message.extend_from_slice(stuffed),
                None => message.extend_from_slice(&line),
            }
            message.extend_from_slice(b"\r\n");
        }
    }

    pub(crate) fn quit(mut self) -> Outcome {
        self.command("QUIT").map(|_| ())
    }

    fn ok(&mut self) -> Outcome<String> {
        let line = String::from_utf8_lossy(&self.wire.line()?).into_owned();
        ensure!(line.starts_with("+OK"), "+OK was expected and not `{line}`");
        Ok(line.trim_start_matches("+OK").trim_start().to_owned())
    }
}

/// Reads every message of a maildrop.
pub(crate) fn read_all(address: SocketAddr, account: &str) -> Outcome<Vec<Vec<u8>>> {
    let mut session = Pop3::login(address, account)?;
    let count = session.count()?;
    let messages = (1..=count).map(|number| session.retrieve(number)).collect::<Outcome<_>>()?;
    session.quit()?;
    Ok(messages)
}
