//! Replies to EHLO.
use super::super::fault::{ReplyFault, reply_fault};
use super::replies::CHARSET;
use super::taken;
use super::{BARE_CR, BARE_LF, NUL};
use crate::class::{Class, Field, Holds::*, Right::*};

const OFFER: Class = taken!(
    "a line that follows no grammar",
    (|reply| reply_fault(reply, true)) => ReplyFault::Offer,
    "there it is passed over, or its front is read; `Leniency` tolerates it here, and keeps it",
    "RFC 5321 §4.1.1.1"
);

const TWICE: Class = Class {
    name: "a keyword said twice",
    right: Both,
    why: "the first parameters count here; the last, or the first line, there",
    rfc: "RFC 5321 §4.1.1.1",
    holds: Differs(|input, Field { name, .. }| {
        let keyword = name.strip_prefix("line ").unwrap_or(name).to_ascii_uppercase();
        let text = String::from_utf8_lossy(input).to_ascii_uppercase();
        let lines = text.split("\r\n").filter_map(|line| line.get(4..));
        (name == "size" || name.starts_with("line "))
            && lines.filter(|line| line.split(' ').next() == Some(&keyword)).count() > 1
    }),
};

pub(in crate::smtp) const PROTO_OFFERS: &[Class] = &[
    BARE_LF,
    NUL,
    BARE_CR,
    CHARSET,
    OFFER,
    Class {
        name: "a keyword that begins with ENHANCEDSTATUSCODES",
        right: Ours,
        why: "it is another keyword",
        rfc: "RFC 5321 §4.1.1.1",
        holds: Differs(|input, Field { name, ours, theirs }| {
            let text = String::from_utf8_lossy(input).to_ascii_uppercase();
            let mut lines = text.split("\r\n").filter_map(|line| line.get(4..));
            name == "extensions"
                && theirs
                    .split(' ')
                    .filter(|one| *one != "ENHANCEDSTATUSCODES")
                    .eq(ours.split(' ').filter(|one| !one.is_empty()))
                && lines.any(|line| line.len() > 19 && line.starts_with("ENHANCEDSTATUSCODES"))
        }),
    },
    TWICE,
    Class {
        name: "a SIZE of 2^64 - 1",
        right: Ours,
        why: "it is a number like others; there it stands for none",
        rfc: "RFC 1870 §4",
        holds: Differs(|_, Field { name, ours, theirs }| {
            name == "size" && *ours == u64::MAX.to_string() && theirs == "0"
        }),
    },
    Class {
        name: "a last line that is a code alone",
        right: Ours,
        why: "`Reply-code [ SP textstring ] CRLF`, and \"any text, including no text at all, MUST be acceptable\"; a server \
              that says so offers nothing",
        rfc: "RFC 5321 §4.2",
        holds: PeerRefuses(|input, _, _| reply_fault(input, true).is_none() && input.ends_with(b"250\r\n")),
    },
];

pub(in crate::smtp) const CODEC_OFFERS: &[Class] = &[
    NUL,
    OFFER,
    TWICE,
    Class {
        name: "a mechanism that begins with another",
        right: Ours,
        why: "it is another mechanism",
        rfc: "RFC 4954 §3",
        holds: PeerRefuses(|input, meaning, _| {
            let known =
                ["LOGIN", "PLAIN", "CRAM-MD5", "CRAM-SHA1", "DIGEST-MD5", "SCRAM-MD5", "GSSAPI", "NTLM"];
            let mut mechanisms = meaning.field("line AUTH").split(' ');
            reply_fault(input, true).is_none()
                && mechanisms
                    .any(|name| known.iter().any(|one| name.len() > one.len() && name.starts_with(one)))
        }),
    },
    Class {
        name: "a known keyword with parameters, or as the front of another",
        right: Ours,
        why: "`DELIVERBY 240`, `BURL imap` and `HELPME` are lines that follow the grammar; there no more than the keyword is read",
        rfc: "RFC 5321 §4.1.1.1",
        holds: PeerRefuses(|input, _, _| {
            let text = String::from_utf8_lossy(input).to_ascii_uppercase();
            let mut lines = text.split("\r\n").skip(1).filter_map(|line| line.get(4..));
            reply_fault(input, true).is_none()
                && lines
                    .any(|line| PREFIXES.iter().any(|one| line.len() > one.len() && line.starts_with(one)))
        }),
    },
    Class {
        name: "a last line without text",
        right: Ours,
        why: "`Reply-code [ SP textstring ] CRLF`: it ends the reply",
        rfc: "RFC 5321 §4.2",
        holds: PeerRefuses(|input, _, _| {
            reply_fault(input, true).is_none()
                && (input.ends_with(b"250\r\n") || input.ends_with(b"250 \r\n"))
        }),
    },
    Class {
        name: "a greeting that is not ASCII, or names no domain",
        right: Both,
        why: "`\"250-\" Domain [ SP ehlo-greet ]`; a client has no use for either, and any text is taken here",
        rfc: "RFC 5321 §4.1.1.1",
        holds: PeerRefuses(|input, _, _| {
            let greeting = input.split(|octet| *octet == b'\r').next().unwrap_or_default();
            let host = greeting
                .get(4..)
                .unwrap_or_default()
                .split(|octet| *octet == b' ')
                .next()
                .unwrap_or_default();
            reply_fault(input, true).is_none()
                && (!greeting.is_ascii() || greeting.ends_with(b" ") || !is_plain_domain(host))
        }),
    },
];

/// What is matched there by its front alone.
const PREFIXES: &[&str] = &[
    "EXPN",
    "HELP",
    "8BITMIME",
    "CHUNKING",
    "BINARYMIME",
    "CHECKPOINT",
    "DELIVERBY",
    "PIPELINING",
    "DSN",
    "ETRN",
    "ENHANCEDSTATUSCODES",
    "STARTTLS",
    "MTRK",
    "ATRN",
    "BURL",
    "SMTPUTF8",
    "RRVS",
    "REQUIRETLS",
];

/// Labels of letters, digits and single hyphens.
fn is_plain_domain(host: &[u8]) -> bool {
    host.split(|octet| matches!(octet, b'.' | b'-'))
        .all(|label| !label.is_empty() && label.iter().all(u8::is_ascii_alphanumeric))
}
