//! Whole messages, framed for [`tokio_util::codec`]: for proxies, tools and tests that keep track of a session
//! themselves.
//!
//! A codec knows no state but what comes next, and that is what its user tells it: a proxy that has passed on the
//! 354 to DATA says [`expect(Phase::Data)`](smtp::ServerCodec::expect) before it takes the next item. What order
//! commands may come in, what stands behind STARTTLS, how long to wait: all that is the user's. A
//! [`Connection`](crate::Connection) with a machine does it by itself.
//!
//! A line that is none, or no command, is an item, since a server answers it and goes on; what a session cannot
//! go on behind is an [`Error`]. Payload comes as slices of the read buffer. On the way out an [`Encoder`] has one
//! buffer to write to, so that payload is copied there once; a `Connection` shares it.
//!
//! Behind STARTTLS take the codec's buffer into account: `Framed::into_parts().read_buf` must be empty before the
//! handshake, or someone put octets in clear in front of it.
//!
//! [`Encoder`]: tokio_util::codec::Encoder
#[cfg(feature = "pop3")]
pub mod pop3;
#[cfg(feature = "smtp")]
pub mod smtp;

use bytes::BytesMut;
use mail_wire::{
    dot::BareRefused,
    line::{Broken, Framed, Line, LineEnding, LineFramer},
};
use std::io;

/// A line of a client that means nothing. All of it was taken; answer it, and go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum BadLine<E> {
    /// It is too long, or holds a bare CR or LF or a NUL.
    #[error(transparent)]
    Broken(Broken),
    /// It does not follow the grammar.
    #[error(transparent)]
    Syntax(E),
}

/// What a codec cannot go on behind.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The socket failed.
    #[error(transparent)]
    Io(#[from] io::Error),
    /// The peer closed the connection in the middle of a line, a reply, an exchange or a message.
    #[error("the peer closed the connection in the middle of something")]
    Cut,
    /// A server sent a line that is none.
    #[error("reply is no line: {0}")]
    BrokenReply(Broken),
    /// A server sent a line that is no reply.
    #[cfg(feature = "smtp")]
    #[error(transparent)]
    BadReply(#[from] smtp_proto::ReplyError),
    /// Payload with a bare CR or LF was to be sent. Nothing of the chunk was written.
    #[error(transparent)]
    BareLineEnding(#[from] BareRefused),
    /// A line was to be sent in the middle of a payload. It was not.
    #[error("the payload must be ended first")]
    OpenPayload,
}

/// The lines of a client: a command may be short, one of AUTH and the responses behind it long.
#[derive(Debug)]
struct Lines {
    framer: LineFramer,
    max_line: usize,
    max_auth_line: usize,
}

impl Lines {
    fn new(max_line: usize, max_auth_line: usize) -> Self {
        Self { framer: LineFramer::new(max_line, LineEnding::Crlf), max_line, max_auth_line }
    }

    fn command<'i>(&mut self, input: &'i mut BytesMut) -> Framed<Line<'i>> {
        let auth = input.get(..5).is_some_and(|front| front.eq_ignore_ascii_case(b"AUTH "));
        self.framer.set_limit(if auth { self.max_auth_line } else { self.max_line });
        self.framer.find(input)
    }

    fn response<'i>(&mut self, input: &'i mut BytesMut) -> Framed<Line<'i>> {
        self.framer.set_limit(self.max_auth_line);
        self.framer.find(input)
    }

    fn is_inside(&self, input: &BytesMut) -> bool {
        self.framer.is_inside(input)
    }

    /// Something else was taken from the input: what was looked at is gone. A line that is being swallowed still is.
    #[cfg(feature = "smtp")]
    fn resume(&mut self) {
        if !self.framer.is_inside(&BytesMut::new()) {
            self.framer = LineFramer::new(self.max_line, LineEnding::Crlf);
        }
    }
}
