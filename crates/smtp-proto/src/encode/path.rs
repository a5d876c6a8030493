//! Paths, always in brackets.
use crate::{ForwardPath, Path, ReversePath};
use mail_wire::Output;

impl ReversePath {
    /// Writes the path as it stands in `MAIL FROM:`.
    pub fn encode(&self, out: &mut impl Output) {
        match self {
            // rule rfc5321 4.5.5 null-path-written: a message without a sender is sent from "<>" [instead: {}]
            Self::Null => out.text(b"<>"),
            Self::Path(path) => path.encode(out),
        }
    }
}

impl ForwardPath {
    /// Writes the path as it stands in `RCPT TO:`.
    pub fn encode(&self, out: &mut impl Output) {
        match self {
            Self::Postmaster => out.text(b"<Postmaster>"),
            Self::Path(path) => path.encode(out),
        }
    }
}

impl Path {
    fn encode(&self, out: &mut impl Output) {
        // rule rfc5321 4.1.2 path-opened: a path is written in brackets
        out.text(b"<");
        if let Some(route) = self.source_route() {
            out.text(route.as_str().as_bytes());
            out.text(b":");
        }
        out.text(self.mailbox().as_str().as_bytes());
        // rule rfc5321 4.1.2 path-closed: a path is written with its closing bracket
        out.text(b">");
    }
}
