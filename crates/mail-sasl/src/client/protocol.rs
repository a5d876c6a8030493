//! Whether an initial response has room on a line.
use crate::MAX_MESSAGE;
use mail_wire::{Mechanism, sasl};

/// The protocol that an initial response is to go by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Protocol {
    /// SMTP: AUTH with its initial response has at most 512 octets
    /// ([RFC 4954 §4](https://www.rfc-editor.org/rfc/rfc4954#section-4)).
    Smtp,
    /// POP3: at most 255 octets ([RFC 5034 §4](https://www.rfc-editor.org/rfc/rfc5034#section-4)).
    Pop3,
    /// IMAP by a server that does not offer SASL-IR: there is no initial response.
    Imap,
    /// IMAP by a server that offers SASL-IR or is of IMAP4rev2
    /// ([RFC 4959](https://www.rfc-editor.org/rfc/rfc4959)).
    ImapSaslIr,
}

impl Protocol {
    /// Is there room for an initial response of so many octets, which grow by base64?
    pub fn has_room(self, mechanism: Mechanism, octets: usize) -> bool {
        let line = "AUTH  \r\n".len() + mechanism.as_str().len() + sasl::initial_len(octets);
        match self {
            Self::Smtp => line <= 512,
            Self::Pop3 => line <= 255,
            Self::Imap => false,
            Self::ImapSaslIr => octets <= MAX_MESSAGE,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_initial_response_ends_where_the_line_does() {
        // AUTH PLAIN, a blank and CRLF are 13 octets: 499 and 242 are left, of which base64 uses 496 and 240.
        for (protocol, most) in
            [(Protocol::Smtp, 372), (Protocol::Pop3, 180), (Protocol::ImapSaslIr, MAX_MESSAGE)]
        {
            assert!(protocol.has_room(Mechanism::PLAIN, most));
            assert!(!protocol.has_room(Mechanism::PLAIN, most + 1));
        }
        assert!(!Protocol::Imap.has_room(Mechanism::PLAIN, 0));
    }
}
