//! The least SMTP and LMTP client, to say exactly what a scenario wants said. It knows no TLS.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use crate::failure::{Outcome, ensure};
use crate::message;
use crate::wire::Wire;

/// What a server answered.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) code: u16,
    pub(crate) text: String,
}

impl Reply {
    /// Fails unless the code is `code`.
    pub(crate) fn expect(self, code: u16) -> Outcome<Self> {
        ensure!(self.code == code, "{code} was expected and not `{self}`");
        Ok(self)
    }
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.text.trim_end())
    }
}

/// A session. Errors of the connection stay `io::Error`s, for those who cut it themselves.
pub(crate) struct Smtp {
    wire: Wire,
}

impl Smtp {
    /// Connects and reads the greeting.
    pub(crate) fn connect(address: SocketAddr) -> io::Result<Self> {
        let mut session = Self { wire: Wire::connect(address)? };
        session.reply()?;
        Ok(session)
    }

    /// Connects and says EHLO.
    pub(crate) fn greet(address: SocketAddr) -> io::Result<Self> {
        let mut session = Self::connect(address)?;
        session.command("EHLO client.example.test")?;
        Ok(session)
    }

    pub(crate) fn send(&mut self, octets: impl AsRef<[u8]>) -> io::Result<()> {
        self.wire.send(octets)
    }

    /// Sends a line and reads the reply to it.
    pub(crate) fn command(&mut self, line: &str) -> io::Result<Reply> {
        self.wire.send(format!("{line}\r\n"))?;
        self.reply()
    }

    /// Reads a reply of one line or more.
    pub(crate) fn reply(&mut self) -> io::Result<Reply> {
        let mut text = String::new();
        loop {
            let line = String::from_utf8_lossy(&self.wire.line()?).into_owned();
            text.push_str(&line);
            text.push('\n');
            if line.as_bytes().get(3) != Some(&b'-') {
                let code = line.get(..3).and_then(|digits| digits.parse().ok()).unwrap_or(0);
                return Ok(Reply { code, text });
            }
        }
    }

    /// Says MAIL and RCPT. Returns the last reply, or the first that is a refusal.
    pub(crate) fn envelope(&mut self, from: &str, to: &[&str]) -> io::Result<Reply> {
        let mut reply = self.command(&format!("MAIL FROM:<{from}>"))?;
        for recipient in to {
            if reply.code >= 400 {
                break;
            }
            reply = self.command(&format!("RCPT TO:<{recipient}>"))?;
        }
        Ok(reply)
    }

    /// Takes a transaction as far as the 354 to DATA. Returns the first reply that is a refusal.
    pub(crate) fn begin(&mut self, from: &str, to: &[&str]) -> io::Result<Reply> {
        let envelope = self.envelope(from, to)?;
        if envelope.code >= 400 { Ok(envelope) } else { self.command("DATA") }
    }

    /// Sends one message in a transaction of its own and returns the reply to it.
    pub(crate) fn deliver(&mut self, from: &str, to: &[&str], message: &[u8]) -> Outcome<Reply> {
        self.begin(from, to)?.expect(354)?;
        self.send(message::stuffed(message))?;
        self.send(".\r\n")?;
        Ok(self.reply()?)
    }

    /// Sends nothing more and reads what the server says until it closes.
    pub(crate) fn finish(mut self) -> io::Result<String> {
        // The server may have closed first.
        let _ = self.wire.finish();
        self.wire.rest()
    }
}
