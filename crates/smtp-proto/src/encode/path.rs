//! Paths, always in brackets.
use crate::{ForwardPath, Path, ReversePath};
use mail_wire::Output;

impl ReversePath {
    /// Writes the path as it stands in `MAIL FROM:`.
    pub fn encode(&self, out: &mut impl Output) {
        match self {
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
        out.text(b"<");
        if let Some(route) = self.source_route() {
            out.text(route.as_str().as_bytes());
            out.text(b":");
        }
        out.text(self.mailbox().as_str().as_bytes());
        out.text(b">");
    }
}
