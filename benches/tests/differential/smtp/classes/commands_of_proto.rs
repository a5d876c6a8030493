//! Commands as smtp-proto reads them.
use super::super::fault::{Fault, fault};
use super::taken;
use super::{
    BARE_CR, BARE_LF, BASE64, BOTH_HOLD, HOST, LARGE_SIZE, MISSING, NUL, REPEATED, SPACE_BEFORE_PATH,
    SUBMITTER, UNKNOWN_VERB, VALUE,
};
use crate::class::{Class, Field, Holds::*, Right::*};

pub(in crate::smtp) const PROTO_COMMANDS: &[Class] = &[
    UNKNOWN_VERB,
    BARE_LF,
    NUL,
    BARE_CR,
    SPACE_BEFORE_PATH,
    REPEATED,
    BASE64,
    SUBMITTER,
    VALUE,
    BOTH_HOLD,
    LARGE_SIZE,
    HOST,
    MISSING,
    taken!("white space in front of a verb", Verb, "a command begins with its verb", "RFC 5321 §2.4"),
    taken!(
        "an argument where none is allowed",
        Extra,
        "the command has none; there it is passed over",
        "RFC 5321 §4.1.1"
    ),
    taken!(
        "`MAIL FROM` and `RCPT TO` with other octets around them",
        Colon,
        "`\"MAIL FROM:\"` is one word with one space",
        "RFC 5321 §4.1.1.2"
    ),
    taken!(
        "a path that is none",
        Path,
        "domains and local parts are hardly looked at there",
        "RFC 5321 §4.1.2"
    ),
    taken!("more than a space between parameters", Spaces, "one space stands there", "RFC 5321 §4.1.2"),
    taken!("a value of SIZE behind a space", Size, "`size-value = 1*20DIGIT`", "RFC 1870 §4"),
    taken!("a value of BODY behind a space", Body, "`\"BODY=\" body-value`", "RFC 6152 §2"),
    taken!("a mechanism that is none", Mechanism, "`sasl-mech = 1*20mech-char`", "RFC 4422 §3.1"),
    taken!("control characters in an argument", Argument, "an argument is printable", "RFC 5321 §4.1.2"),
    taken!("octets that are not UTF-8", Charset, "there they become U+FFFD", "RFC 6531 §3.3"),
    Class {
        name: "an unknown parameter",
        right: Both,
        why: "kept here, for the host to answer 555; refused there",
        rfc: "RFC 5321 §4.1.1.11",
        holds: PeerRefuses(|input, _, refusal| {
            fault(input).is_none() && refusal.rule.starts_with("Unsupported parameter: ")
        }),
    },
    Class {
        name: "an address literal behind an at",
        right: Ours,
        why: "`Mailbox = Local-part \"@\" ( Domain / address-literal )`",
        rfc: "RFC 5321 §4.1.2",
        holds: PeerRefuses(|input, meaning, refusal| {
            fault(input).is_none()
                && meaning.field("address").contains("@[")
                && refusal.rule.starts_with("Invalid ")
        }),
    },
    Class {
        name: "a HOLDUNTIL before 1970",
        right: Ours,
        why: "`date-time` has any year; the time is past, which the host answers",
        rfc: "RFC 4865 §4, RFC 3339 §5.6",
        holds: PeerRefuses(|input, meaning, refusal| {
            fault(input).is_none()
                && refusal.rule == "Invalid parameter: HOLDUNTIL"
                && meaning.field("param HOLDUNTIL").starts_with('-')
        }),
    },
    Class {
        name: "a SIZE or a chunk of 2^64-1",
        right: Ours,
        why: "`size-value = 1*20DIGIT`, `chunk-size = 1*DIGIT`; that number is the mark of no number there",
        rfc: "RFC 1870 §4, RFC 3030 §2",
        holds: PeerRefuses(|input, meaning, refusal| {
            fault(input).is_none()
                && (refusal.rule == "Invalid parameter: SIZE"
                    || refusal.rule.starts_with("Syntax error: BDAT"))
                && ["param SIZE", "argument"].iter().any(|field| {
                    meaning.field(field).split(' ').next() == Some(u64::MAX.to_string().as_str())
                })
        }),
    },
    Class {
        name: "ATRN without domains",
        right: Ours,
        why: "`\"ATRN\" [SP domain *(\",\" domain)]`: it asks for all that wait for the client",
        rfc: "RFC 2645 §5.2.1",
        holds: PeerRefuses(|_, meaning, _| {
            meaning.field("verb") == "ATRN" && meaning.field("argument").is_empty()
        }),
    },
    Class {
        name: "an ORCPT whose address is not of type rfc822",
        right: Ours,
        why: "`addr-type = atom`: which of the registered types are known is the host's to say",
        rfc: "RFC 3461 §4.2",
        holds: PeerRefuses(|input, meaning, refusal| {
            fault(input).is_none()
                && refusal.rule.starts_with("Invalid parameter: ORCPT")
                && !meaning.field("param ORCPT").starts_with("rfc822;")
        }),
    },
    taken!(
        "a chunk that is none",
        Chunk,
        "`\"BDAT\" SP chunk-size [SP end-marker]`; there what is no LAST is passed over, and counting starts again at 0 where \
         the number is full: a BDAT of 99999999999999999999999 octets has 999, and what follows them is read as commands",
        "RFC 3030 §2, RFC 4468 §3.1"
    ),
    taken!(
        "a node or a domain that is none",
        Queue,
        "`\"ETRN\" SP [option-character] node-name`, `\"ATRN\" [SP domain *(\",\" domain)]`; there it ends at a space, and \
         what follows is passed over",
        "RFC 1985 §5, RFC 2645 §5.2.1"
    ),
    Class {
        name: "an argument of quotation marks",
        right: Theirs,
        why: "`String = Atom / Quoted-string`, and a quotation mark alone is neither; what people say is kept here as it \
              stands, for the host",
        rfc: "RFC 5321 §4.1.2",
        holds: PeerRefuses(|input, meaning, _| {
            fault(input).is_none()
                && !meaning.field("argument").is_empty()
                && unquoted(meaning.field("argument").trim_start_matches(['\\', '"'])).trim().is_empty()
        }),
    },
    Class {
        name: "quotes and backslashes of a local part",
        right: Both,
        why: "there they are taken off, so that \"a@b\"@c is read as a@b@c and cannot be written again; here the address \
              stays as it was said, and `local_part_unquoted` takes them off",
        rfc: "RFC 5321 §4.1.2",
        holds: Differs(|_, Field { name, ours, theirs }| {
            name == "address" && unquoted(ours) == unquoted(theirs)
        }),
    },
    Class {
        name: "the argument of VRFY, EXPN, NOOP, HELP and of unknown commands",
        right: Both,
        why: "all of the line here, its first `String` without quotes there",
        rfc: "RFC 5321 §4.1.2",
        holds: Differs(|_, Field { name, ours, theirs }| {
            name == "argument"
                && (unquoted(ours).trim_start().starts_with(unquoted(theirs).trim())
                    || *theirs == "(none)" && unquoted(ours).is_empty())
        }),
    },
    Class {
        name: "octets above 0x7F in xtext",
        right: Ours,
        why: "`hexchar` stands for an octet; there it becomes a character of Latin-1, two octets",
        rfc: "RFC 3461 §4",
        holds: Differs(|_, Field { name, ours, theirs }| {
            name == "param AUTH" && ours.contains("\\x") && theirs.contains("\\xc")
        }),
    },
    Class {
        name: "a tab at the end of a line",
        right: Ours,
        why: "\"receivers SHOULD tolerate trailing white space before the terminating <CRLF>\"; there it belongs to the last word",
        rfc: "RFC 5321 §4.1.1",
        holds: Differs(|input, Field { name, theirs, .. }| {
            ends_in_blank(input)
                && theirs.ends_with("\\t")
                && matches!(
                    name.as_str(),
                    "host" | "argument" | "initial" | "param ENVID" | "param ORCPT" | "param AUTH"
                )
        }),
    },
    Class {
        name: "mechanisms that are not known there",
        right: Both,
        why: "a bit for each known mechanism there, the name here",
        rfc: "RFC 4422 §3.1",
        holds: Differs(|_, Field { name, ours, theirs }| {
            name == "mechanism"
                && theirs.starts_with("bits ")
                && !super::super::read::MECHANISMS.contains(&ours.as_str())
        }),
    },
];

/// Without quotes and backslashes, and what escapes them here.
fn unquoted(text: &str) -> String {
    text.replace(['"', '\\'], "")
}

pub(super) fn ends_in_blank(input: &[u8]) -> bool {
    input.strip_suffix(b"\r\n").and_then(|line| line.last()).is_some_and(|last| matches!(last, b' ' | b'\t'))
}
