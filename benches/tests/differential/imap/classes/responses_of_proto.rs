//! Responses as imap-proto reads them.
use super::{
    CASE, EXTENDED_LIST, EXTRA_SPACE, INBOX, LARGE, LEADING_ZERO, MISSING_TEXT, NIL_FOR_STRING,
    RAW_EXTENSIONS, SPACE_BETWEEN, UNKNOWN_ITEM, UNKNOWN_RESPONSE, octet_at, octet_before, same_inbox,
    without_escapes,
};
use crate::class::{Class, Field, Holds::*, Right::*};

pub(in crate::imap) const PROTO_RESPONSES: &[Class] = &[
    INBOX,
    CASE,
    LEADING_ZERO,
    EXTRA_SPACE,
    UNKNOWN_RESPONSE,
    UNKNOWN_ITEM,
    EXTENDED_LIST,
    LARGE,
    SPACE_BETWEEN,
    Class {
        name: "HEADER.FIELDS without fields",
        right: Ours,
        why: "`header-list = \"(\" header-fld-name *(SP header-fld-name) \")\"`",
        rfc: "RFC 9051 §9",
        holds: PeerTakes(|input, refusal, _| {
            refusal.rule == "the name of a header field" && octet_at(input, refusal) == b')'
        }),
    },
    Class {
        name: "several items of extension data",
        right: Ours,
        why: "`[SP body-fld-loc *(SP body-extension)]`",
        rfc: "RFC 9051 §9",
        holds: PeerRefuses(|_, meaning, _| {
            // Of each item one field.
            (1..)
                .map_while(|at| meaning.get(&format!("BODYSTRUCTURE {at}")))
                .any(|one| one.contains("extensions: "))
        }),
    },
    Class {
        name: "a character of several octets right behind a response code",
        right: Ours,
        why: "there it is a panic: what a server says ends the client",
        rfc: "RFC 9051 §9",
        holds: PeerRefuses(|input, _, refusal| {
            refusal.rule == "panics" && input.windows(2).any(|two| two[0] == b']' && two[1] > 127)
        }),
    },
    Class {
        name: "an INTERNALDATE of NIL",
        right: Ours,
        why: "`date-time` is none; there it is a panic: what a server says ends the client",
        rfc: "RFC 9051 §9",
        holds: PeerRefuses(|input, _, refusal| {
            let text = input.to_ascii_uppercase();
            refusal.rule == "panics" && text.windows(16).any(|some| some == b"INTERNALDATE NIL")
        }),
    },
    Class {
        name: "octets that are not UTF-8",
        right: Ours,
        why: "there they become U+FFFD: two names that differ may be one",
        rfc: "RFC 9051 §5.1",
        holds: Differs(|input, Field { ours, theirs, .. }| {
            std::str::from_utf8(input).is_err()
                && (theirs.contains("\\xef\\xbf\\xbd") || theirs.contains('\u{fffd}'))
                && !ours.contains('\u{fffd}')
        }),
    },
    Class {
        name: "capabilities without IMAP4rev1",
        right: Theirs,
        why: "IMAP4rev1 must be among them, or IMAP4rev2; here that is left to the client's policy",
        rfc: "RFC 3501 §7.2.1, RFC 9051 §7.2.2",
        holds: PeerRefuses(|_, meaning, _| {
            meaning.field("verb") == "CAPABILITY" && !meaning.field("data").contains("\"IMAP4rev1\"")
        }),
    },
    Class {
        name: "BODY",
        right: Ours,
        why: "the structure without extension data is an item as BODYSTRUCTURE is",
        rfc: "RFC 9051 §7.5.2",
        holds: PeerRefuses(|_, meaning, _| meaning.get("BODY 1").is_some()),
    },
    Class {
        name: "a literal that does not wait",
        right: Theirs,
        why: "\"the non-synchronizing literal form MUST NOT be sent from server to client\"; the `+` means nothing here",
        rfc: "RFC 9051 §4.3",
        holds: PeerRefuses(|input, _, _| input.windows(4).any(|four| four == b"+}\r\n")),
    },
    Class {
        name: "ID without fields",
        right: Ours,
        why: "`id_params_list = \"(\" #(string SPACE nstring) \")\" / nil`: there may be none",
        rfc: "RFC 2971 §4",
        holds: PeerRefuses(|_, meaning, _| {
            meaning.field("verb") == "ID" && meaning.field("data") == "Id(IdFields([]))"
        }),
    },
    Class {
        name: "NAMESPACE",
        right: Both,
        why: "not known there",
        rfc: "RFC 9051 §7.3.2",
        holds: PeerRefuses(|_, meaning, _| meaning.field("verb") == "NAMESPACE"),
    },
    Class {
        name: "a capability, an attribute or a resource that begins with a known one",
        right: Ours,
        why: "it is another; there the front is taken for it",
        rfc: "RFC 9051 §7.3.1, RFC 9208 §5",
        holds: PeerRefuses(|_, meaning, _| {
            let data = meaning.field("data").to_ascii_uppercase();
            let longer = |known: &&str| data.split(known).skip(1).any(|behind| !behind.starts_with('"'));
            let attributes = [
                "\"\\\\NOINFERIORS",
                "\"\\\\NOSELECT",
                "\"\\\\MARKED",
                "\"\\\\UNMARKED",
                "\"\\\\ALL",
                "\"\\\\ARCHIVE",
                "\"\\\\DRAFTS",
                "\"\\\\FLAGGED",
                "\"\\\\JUNK",
                "\"\\\\SENT",
                "\"\\\\TRASH",
            ];
            match meaning.field("verb") {
                "LIST" => attributes.iter().any(longer),
                "CAPABILITY" => ["\"IMAP4REV1"].iter().any(longer),
                "QUOTA" => ["\"STORAGE", "\"MESSAGE"].iter().any(longer),
                _ => false,
            }
        }),
    },
    Class {
        name: "backslashes in quoted strings",
        right: Ours,
        why: "they escape what follows, and are no part of the text; there they stay",
        rfc: "RFC 9051 §4.3",
        holds: Differs(|_, Field { ours, theirs, .. }| {
            theirs.matches('\\').count() > ours.matches('\\').count()
                && without_escapes(ours).eq_ignore_ascii_case(&without_escapes(theirs))
        }),
    },
    RAW_EXTENSIONS,
    Class {
        name: "HEADER.FIELDS",
        right: Ours,
        why: "the names of the fields are dropped there: it is told from HEADER no more",
        rfc: "RFC 9051 §7.5.2",
        holds: Differs(|_, Field { name, ours, theirs }| {
            name.starts_with("content ")
                && ours.to_ascii_uppercase().contains("HEADER.FIELDS")
                && theirs.contains("HEADER]")
                && ours.split("payload").last().map(without_escapes)
                    == theirs.split("payload").last().map(without_escapes)
        }),
    },
    Class {
        name: "LSUB",
        right: Ours,
        why: "subscriptions are told as mailboxes there",
        rfc: "RFC 3501 §7.2.3",
        holds: Differs(|_, Field { name, ours, theirs }| {
            let listed = same_inbox(&without_escapes(&ours.replace("kind: Lsub", "kind: List")));
            name == "data" && ours.contains("kind: Lsub") && listed == same_inbox(&without_escapes(theirs))
        }),
    },
    Class {
        name: "ENABLED",
        right: Ours,
        why: "what was enabled is told there as what the server can do, as if it could do no more",
        rfc: "RFC 9051 §7.2.1",
        holds: Differs(|_, Field { name, ours, theirs }| match name.as_str() {
            "verb" => ours == "ENABLED" && theirs == "CAPABILITY",
            "data" => ours.strip_prefix("Enabled") == theirs.strip_prefix("Capability"),
            _ => false,
        }),
    },
    Class {
        name: "octets above 0x7F",
        right: Both,
        why: "a quoted string and an atom are ASCII until UTF8=ACCEPT or IMAP4rev2 was enabled; `Leniency` tolerates them here",
        rfc: "RFC 9051 §9, RFC 6855 §3",
        holds: PeerTakes(|input, refusal, _| octet_at(input, refusal) > 127),
    },
    Class {
        name: "a continuation without a space",
        right: Ours,
        why: "`continue-req = \"+\" SP ..`",
        rfc: "RFC 9051 §9",
        holds: PeerTakes(|input, refusal, meaning| {
            refusal.rule == "a space"
                && refusal.offset == 1
                && input.starts_with(b"+")
                && meaning.field("verb") == "+"
        }),
    },
    Class {
        name: "DEL and control characters in atoms",
        right: Ours,
        why: "`ATOM-CHAR = <any CHAR except atom-specials>`, and CTL is one",
        rfc: "RFC 9051 §9",
        holds: PeerTakes(
            |input, refusal, _| matches!(octet_at(input, refusal), 1..=9 | 11 | 12 | 14..=31 | 127),
        ),
    },
    MISSING_TEXT,
    Class {
        name: "no space behind a response code",
        right: Ours,
        why: "there the octet that stands in its place is dropped",
        rfc: "RFC 9051 §9",
        holds: PeerTakes(|input, refusal, _| {
            refusal.rule == "a space" && octet_before(input, refusal) == b']'
        }),
    },
    Class {
        name: "extension data with fields left out",
        right: Ours,
        why: "each field of `body-ext-1part` needs those in front of it; there each may be missing, and the next takes its place",
        rfc: "RFC 9051 §9",
        holds: PeerTakes(|input, refusal, meaning| {
            let rules = [
                "a string",
                "a string or NIL",
                "a parameter's value",
                "parameters or NIL",
                "a closing parenthesis",
                "a disposition or NIL",
                "a space",
            ];
            meaning.field("verb") == "FETCH"
                && meaning.get("BODYSTRUCTURE 1").is_some()
                && rules.contains(&refusal.rule.as_str())
                && matches!(octet_at(input, refusal), b'(' | b')' | b' ' | b'"' | b'{' | b'0'..=b'9')
        }),
    },
    NIL_FOR_STRING,
];
