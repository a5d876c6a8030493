//! Trace fields: what a message says of the way it came ([RFC 5321 §4.4]).
//!
//! [RFC 5321 §4.4]: https://www.rfc-editor.org/rfc/rfc5321#section-4.4
use smtp_proto::{ClientName, server::Dialect};
use std::{fmt::Write, net::IpAddr, time::SystemTime};
use time::{OffsetDateTime, format_description::well_known::Rfc2822};

/// Longest line that is not folded.
const LINE: usize = 78;

/// How a message came.
#[derive(Debug)]
pub(super) struct Trace<'a> {
    /// The sender; empty for a notice of non-delivery.
    pub(super) return_path: &'a str,
    pub(super) client_name: Option<&'a ClientName>,
    pub(super) client: IpAddr,
    pub(super) hostname: &'a str,
    pub(super) protocol: Protocol,
    /// The recipient, told where there is but one: others must not learn of each other.
    pub(super) recipient: Option<&'a str>,
    pub(super) received_at: SystemTime,
}

/// What `with` says ([RFC 3848](https://www.rfc-editor.org/rfc/rfc3848),
/// [RFC 6531 §4.3](https://www.rfc-editor.org/rfc/rfc6531#section-4.3)).
#[derive(Debug, Clone, Copy)]
pub(super) struct Protocol {
    pub(super) dialect: Option<Dialect>,
    pub(super) is_utf8: bool,
    pub(super) is_tls: bool,
    pub(super) is_authenticated: bool,
}

impl Protocol {
    fn name(self) -> String {
        let mut name = String::from(match (self.dialect, self.is_utf8) {
            (Some(Dialect::Lmtp), false) => "LMTP",
            (Some(Dialect::Lmtp), true) => "UTF8LMTP",
            (Some(Dialect::Esmtp), true) => "UTF8SMTP",
            (Some(Dialect::Esmtp), false) => "ESMTP",
            (Some(Dialect::Smtp) | None, _) => return "SMTP".into(),
        });
        if self.is_tls {
            name.push('S');
        }
        if self.is_authenticated {
            name.push('A');
        }
        name
    }
}

impl Trace<'_> {
    /// The `Return-Path` and `Received` fields.
    pub(super) fn fields(&self) -> String {
        let mut received = String::from("Received: from ");
        let client = match self.client {
            IpAddr::V4(address) => format!("([{address}])"),
            IpAddr::V6(address) => format!("([IPv6:{address}])"),
        };
        // What is no name could say anything, a comment's end included.
        let name = self.client_name.and_then(ClientName::domain);
        let name = name.map_or_else(|| "unknown".into(), |name| name.to_string());
        let mut words = vec![name, client, format!("by {}", self.hostname)];
        words.push(format!("with {}", self.protocol.name()));
        if let Some(recipient) = self.recipient {
            words.push(format!("for <{recipient}>"));
        }
        let date = OffsetDateTime::from(self.received_at).format(&Rfc2822);
        let date = date.unwrap_or_else(|_| "Thu, 01 Jan 1970 00:00:00 +0000".into());
        if let Some(last) = words.last_mut() {
            last.push(';');
        }
        words.push(date);
        let mut width = received.len();
        for (at, word) in words.iter().enumerate() {
            if width + word.len() + 1 > LINE {
                received.push_str("\r\n\t");
                width = 8;
            } else if at > 0 {
                received.push(' ');
            }
            received.push_str(word);
            width += word.len() + 1;
        }
        let mut fields = String::new();
        // Writing to a string does not fail.
        let _ = write!(fields, "Return-Path: <{}>\r\n{received}\r\n", self.return_path);
        fields
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{net::Ipv4Addr, time::Duration};

    #[test]
    fn fields_are_folded_and_say_how_the_message_came() {
        let name = ClientName::new("client.example.org").unwrap();
        let trace = Trace {
            return_path: "a@example.org",
            client_name: Some(&name),
            client: Ipv4Addr::new(192, 0, 2, 1).into(),
            hostname: "mx.example.net",
            protocol: Protocol {
                dialect: Some(Dialect::Esmtp),
                is_utf8: false,
                is_tls: true,
                is_authenticated: true,
            },
            recipient: Some("b@example.net"),
            received_at: SystemTime::UNIX_EPOCH + Duration::from_secs(1_000_000_000),
        };
        assert_eq!(
            trace.fields(),
            "Return-Path: <a@example.org>\r\n\
             Received: from client.example.org ([192.0.2.1]) by mx.example.net\r\n\
             \twith ESMTPSA for <b@example.net>; Sun, 09 Sep 2001 01:46:40 +0000\r\n"
        );
    }

    #[test]
    fn a_client_without_a_name_is_unknown() {
        let trace = Trace {
            return_path: "",
            client_name: None,
            client: Ipv4Addr::LOCALHOST.into(),
            hostname: "localhost",
            protocol: Protocol { dialect: None, is_utf8: true, is_tls: true, is_authenticated: false },
            recipient: None,
            received_at: SystemTime::UNIX_EPOCH,
        };
        assert_eq!(
            trace.fields(),
            "Return-Path: <>\r\nReceived: from unknown ([127.0.0.1]) by localhost with SMTP;\r\n\
             \tThu, 01 Jan 1970 00:00:00 +0000\r\n"
        );
    }
}
