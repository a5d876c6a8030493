//! How messages reach the server: SMTP's DATA or BDAT, or IMAP's APPEND.

use std::io;
use std::net::SocketAddr;

use super::parcel::Parcel;
use crate::imap::Imap;
use crate::message;
use crate::readback::TRACE;
use crate::server::{ALICE, FOREIGN, Server, Service};
use crate::smtp::Smtp;

#[derive(Clone, Copy, Debug)]
pub(super) enum Route {
    Smtp(SocketAddr),
    Chunks(SocketAddr),
    Append(SocketAddr),
}

/// A connection that takes one message after the other. A refusal is an answer, not an error.
pub(super) enum Session {
    Smtp(Smtp),
    Chunks(Smtp),
    Append(Imap),
}

impl Route {
    pub(super) fn smtp(server: &Server) -> Self {
        Self::Smtp(server.address(Service::Smtp))
    }

    pub(super) fn chunks(server: &Server) -> Self {
        Self::Chunks(server.address(Service::Smtp))
    }

    pub(super) fn append(server: &Server) -> Self {
        Self::Append(server.address(Service::Imap))
    }

    /// The header fields that the server puts before a message.
    pub(super) fn trace(self) -> &'static [&'static str] {
        match self {
            Self::Smtp(_) | Self::Chunks(_) => TRACE,
            Self::Append(_) => &[],
        }
    }

    /// The parcel of a number that no other sender has. Only Alice appends, so nothing else may be for others.
    pub(super) fn parcel(self, number: u64) -> Parcel {
        match self {
            Self::Smtp(_) | Self::Chunks(_) => Parcel(number),
            Self::Append(_) => Parcel(number * 3 + 1),
        }
    }

    pub(super) fn connect(self) -> io::Result<Session> {
        match self {
            Self::Smtp(address) => Smtp::greet(address).map(Session::Smtp),
            Self::Chunks(address) => Smtp::greet(address).map(Session::Chunks),
            Self::Append(address) => Imap::login(address, ALICE).map(Session::Append),
        }
    }
}

impl Session {
    /// Begins a transaction, until the message itself may be sent. Returns a refusal, or what to send.
    pub(super) fn begin(&mut self, parcel: Parcel) -> io::Result<Result<Vec<u8>, String>> {
        let message = parcel.message();
        match self {
            Self::Smtp(session) => {
                let go_ahead = session.begin(FOREIGN, parcel.recipients())?;
                let data = || [message::stuffed(&message), b".\r\n".to_vec()].concat();
                Ok(if go_ahead.code == 354 { Ok(data()) } else { Err(go_ahead.to_string()) })
            }
            Self::Chunks(session) => {
                let envelope = session.envelope(FOREIGN, parcel.recipients())?;
                let (first, last) = message.split_at(message.len() / 2);
                let chunk = |octets: &[u8], last| {
                    [format!("BDAT {}{last}\r\n", octets.len()).as_bytes(), octets].concat()
                };
                let chunks = || [chunk(first, ""), chunk(last, " LAST")].concat();
                Ok(if envelope.code == 250 { Ok(chunks()) } else { Err(envelope.to_string()) })
            }
            Self::Append(session) => {
                let refusal = session.begin_append("INBOX", message.len())?;
                Ok(match refusal {
                    Ok(()) => Ok([message, b"\r\n".to_vec()].concat()),
                    Err(status) => Err(status.to_string()),
                })
            }
        }
    }

    pub(super) fn send(&mut self, octets: &[u8]) -> io::Result<()> {
        match self {
            Self::Smtp(session) | Self::Chunks(session) => session.send(octets),
            Self::Append(session) => session.send(octets),
        }
    }

    /// Waits for the answer to the message. Returns a refusal.
    pub(super) fn answer(&mut self) -> io::Result<Result<(), String>> {
        match self {
            Self::Smtp(session) => {
                let reply = session.reply()?;
                Ok(if reply.code == 250 { Ok(()) } else { Err(reply.to_string()) })
            }
            Self::Chunks(session) => {
                let first = session.reply()?;
                if first.code != 250 {
                    return Ok(Err(first.to_string()));
                }
                let reply = session.reply()?;
                Ok(if reply.code == 250 { Ok(()) } else { Err(reply.to_string()) })
            }
            Self::Append(session) => {
                let status = session.status()?;
                Ok(if status.is_ok() { Ok(()) } else { Err(status.to_string()) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_appended_is_for_the_one_who_appends() {
        let route = Route::Append(SocketAddr::from(([127, 0, 0, 1], 143)));
        assert!((0..10).all(|number| route.parcel(number).recipients() == [ALICE]));
        assert_ne!(route.parcel(1), route.parcel(2));
    }
}
