//! Capabilities.
use super::crlf;
use crate::{Capability, Charset, Retention, Scope};
use mail_wire::Output;

impl Capability {
    /// Writes the line of the reply to CAPA.
    pub fn encode(&self, out: &mut impl Output) {
        match self {
            Self::Top => out.text(b"TOP"),
            Self::User => out.text(b"USER"),
            Self::Sasl(mechanisms) => {
                out.text(b"SASL");
                for mechanism in mechanisms.iter() {
                    out.text(b" ");
                    out.text(mechanism.as_str().as_bytes());
                }
            }
            Self::RespCodes => out.text(b"RESP-CODES"),
            Self::AuthRespCode => out.text(b"AUTH-RESP-CODE"),
            Self::LoginDelay { seconds, scope } => {
                out.text(b"LOGIN-DELAY ");
                out.number(*seconds);
                of(*scope, out);
            }
            Self::Pipelining => out.text(b"PIPELINING"),
            Self::Expire { retention, scope } => {
                out.text(b"EXPIRE ");
                match retention {
                    Retention::Days(days) => out.number(*days),
                    Retention::Never => out.text(b"NEVER"),
                }
                of(*scope, out);
            }
            Self::Uidl => out.text(b"UIDL"),
            Self::Stls => out.text(b"STLS"),
            Self::Implementation(implementation) => {
                out.text(b"IMPLEMENTATION ");
                out.text(implementation.as_text().as_bytes());
            }
            Self::Utf8(Charset::Ascii) => out.text(b"UTF8"),
            Self::Utf8(Charset::Utf8) => out.text(b"UTF8 USER"),
            Self::Lang => out.text(b"LANG"),
            Self::Other(other) => {
                out.text(other.tag.as_bytes());
                if let Some(arguments) = &other.arguments {
                    out.text(b" ");
                    out.text(arguments.as_bytes());
                }
            }
        }
        crlf(out);
    }
}

fn of(scope: Scope, out: &mut impl Output) {
    if scope == Scope::User {
        out.text(b" USER");
    }
}
