//! Responses as imap-codec reads them.
use super::{
    CASE, EXTENDED_LIST, EXTRA_SPACE, INBOX, LARGE, LEADING_ZERO, MISSING_TEXT, NIL_FOR_STRING, ODD_MINUTES,
    ODD_ZONE, RAW_EXTENSIONS, SPACE_BETWEEN, UNKNOWN_ITEM, UNKNOWN_RESPONSE, octet_at,
};
use crate::class::{Class, Holds::*, Right::*};

pub(in crate::imap) const CODEC_RESPONSES: &[Class] = &[
    INBOX,
    CASE,
    LEADING_ZERO,
    EXTRA_SPACE,
    UNKNOWN_RESPONSE,
    UNKNOWN_ITEM,
    EXTENDED_LIST,
    LARGE,
    Class {
        name: "4294967295 in VANISHED",
        right: Ours,
        why: "it is a number like others; there it is `*`, which must not stand there",
        rfc: "RFC 7162 §7",
        holds: PeerRefuses(|_, meaning, refusal| {
            meaning.field("verb") == "VANISHED"
                && meaning.field("data").contains("4294967295")
                && refusal.rule.starts_with("writes * VANISHED ")
        }),
    },
    Class {
        name: "a list of no capabilities",
        right: Theirs,
        why: "`capability-data = \"CAPABILITY\" *(SP capability) SP \"IMAP4rev2\" *(SP capability)`; here a list without it is \
              a value too, and what it means is left to the client's policy",
        rfc: "RFC 9051 §9",
        holds: PeerRefuses(|_, meaning, _| {
            meaning.field("verb") == "CAPABILITY" && meaning.field("data") == "Capability([])"
                || meaning.field("code") == "Capability([])"
        }),
    },
    MISSING_TEXT,
    NIL_FOR_STRING,
    Class {
        name: "`]` in the name of a charset",
        right: Both,
        why: "`charset = atom / quoted`, and an `astring` in IMAP4rev1",
        rfc: "RFC 9051 §9, RFC 3501 §9",
        holds: PeerRefuses(|_, meaning, _| {
            meaning.field("code").strip_prefix("BadCharset(").is_some_and(|charsets| {
                charsets.contains("]\"") || charsets.trim_end_matches("])").contains(']')
            })
        }),
    },
    SPACE_BETWEEN,
    RAW_EXTENSIONS,
    ODD_ZONE,
    ODD_MINUTES,
    Class {
        name: "ID and NAMESPACE",
        right: Both,
        why: "features that are off there by default",
        rfc: "RFC 2971, RFC 9051 §6.3.10",
        holds: PeerRefuses(|_, meaning, _| matches!(meaning.field("verb"), "ID" | "NAMESPACE")),
    },
    Class {
        name: "PREAUTH",
        right: Both,
        why: "a greeting, which has a parser of its own there; `Greeting` is one here, and `Response` reads it too",
        rfc: "RFC 9051 §7.1.4",
        holds: PeerRefuses(|_, meaning, _| meaning.field("kind") == "PREAUTH"),
    },
    Class {
        name: "no text",
        right: Ours,
        why: "`resp-text = [\"[\" resp-text-code \"]\" SP] [text]`",
        rfc: "RFC 9051 §9",
        holds: PeerRefuses(|_, meaning, _| {
            matches!(meaning.field("verb"), "status" | "tagged" | "+") && meaning.field("text").is_empty()
        }),
    },
    Class {
        name: "a number below zero",
        right: Ours,
        why: "there it is 0, silently; `Leniency` tolerates it here, and tells",
        rfc: "RFC 9051 §9",
        holds: PeerTakes(|input, refusal, _| refusal.rule == "a number" && octet_at(input, refusal) == b'-'),
    },
];
