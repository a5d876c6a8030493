//! Commands.
use super::crlf;
use crate::{Command, LanguageRange, MessageNumber};
use mail_wire::{Output, sasl};

impl Command {
    /// Writes the command line.
    pub fn encode(&self, out: &mut impl Output) {
        match self {
            Self::User(name) => with_text(b"USER ", name.as_bytes(), out),
            Self::Pass(password) => with_text(b"PASS ", password.as_bytes(), out),
            Self::Apop { name, digest } => {
                with_text(b"APOP ", name.as_bytes(), out);
                // rule rfc1939 7 apop-digest-sent: APOP is sent with the digest behind the name
                with_text(b" ", digest.as_str().as_bytes(), out);
            }
            Self::Capa => out.text(b"CAPA"),
            Self::Stls => out.text(b"STLS"),
            Self::Auth { mechanism, initial } => {
                with_text(b"AUTH ", mechanism.as_str().as_bytes(), out);
                if let Some(initial) = initial {
                    // rule rfc5034 4 initial-response-sent: an initial response stands behind the mechanism and a space
                    out.text(b" ");
                    sasl::encode_initial(initial.as_bytes(), out);
                }
            }
            Self::AuthList => out.text(b"AUTH"),
            Self::Stat => out.text(b"STAT"),
            Self::List(message) => with_optional(b"LIST", *message, out),
            Self::Uidl(message) => with_optional(b"UIDL", *message, out),
            Self::Retr(message) => with_optional(b"RETR", Some(*message), out),
            Self::Top { message, lines } => {
                with_optional(b"TOP", Some(*message), out);
                out.text(b" ");
                // rule rfc1939 7 top-lines-sent: TOP is sent with the number of lines
                out.number(*lines);
            }
            Self::Dele(message) => with_optional(b"DELE", Some(*message), out),
            Self::Noop => out.text(b"NOOP"),
            Self::Rset => out.text(b"RSET"),
            Self::Quit => out.text(b"QUIT"),
            Self::Utf8 => out.text(b"UTF8"),
            Self::Lang(None) => out.text(b"LANG"),
            Self::Lang(Some(LanguageRange::Any)) => out.text(b"LANG *"),
            Self::Lang(Some(LanguageRange::Tag(tag))) => with_text(b"LANG ", tag.as_str().as_bytes(), out),
            Self::Other(other) => {
                out.text(other.keyword.as_bytes());
                if let Some(arguments) = &other.arguments {
                    with_text(b" ", arguments.as_bytes(), out);
                }
            }
        }
        // rule rfc1939 3 command-crlf: a command ends with CRLF
        crlf(out);
    }
}

fn with_text(before: &[u8], text: &[u8], out: &mut impl Output) {
    out.text(before);
    out.text(text);
}

fn with_optional(keyword: &[u8], message: Option<MessageNumber>, out: &mut impl Output) {
    out.text(keyword);
    if let Some(message) = message {
        out.text(b" ");
        out.number(message.get().into());
    }
}
