//! Replies and challenges.
use super::crlf;
use crate::{Reply, ReplyText, Response, Status};
use mail_wire::{Output, sasl};

impl Reply {
    /// Writes the status line.
    pub fn encode(&self, out: &mut impl Output) {
        out.text(match self.status {
            Status::Ok => b"+OK",
            Status::Err => b"-ERR",
        });
        if self.text != ReplyText::default() {
            out.text(b" ");
        }
        if let Some(code) = &self.text.code {
            out.text(b"[");
            out.text(code.name().as_bytes());
            out.text(if self.text.words.is_empty() { b"]" } else { b"] " });
        }
        out.text(self.text.words.as_bytes());
        crlf(out);
    }
}

impl Response {
    /// Writes the line.
    pub fn encode(&self, out: &mut impl Output) {
        match self {
            Self::Reply(reply) => reply.encode(out),
            Self::Challenge(octets) => {
                out.text(b"+ ");
                sasl::encode(octets.as_bytes(), out);
                crlf(out);
            }
        }
    }
}
