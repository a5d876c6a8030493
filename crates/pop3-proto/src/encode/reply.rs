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
        // rule rfc1939 3 status-space: a space parts the status from what is said beside it
        if self.text != ReplyText::default() {
            out.text(b" ");
        }
        // rule rfc2449 8 code-sent: a response code stands in brackets in front of the words
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
