//! Commands as smtp-codec reads them.
use super::super::fault::{Fault, fault};
use super::commands_of_proto::ends_in_blank;
use super::taken;
use super::{BASE64, BOTH_HOLD, HOST, KNOWN, LARGE_SIZE, REPEATED, SPACE_BEFORE_PATH, SUBMITTER, VALUE};
use crate::class::{Class, Field, Holds::*, Right::*};

pub(in crate::smtp) const CODEC_COMMANDS: &[Class] = &[
    Class {
        name: "a verb that is not known there",
        right: Both,
        why: "kept here as `OtherCommand`, for the host, to whom it may be an extension",
        rfc: "RFC 5321 §4.2.4",
        holds: PeerRefuses(|input, meaning, _| {
            fault(input).is_none() && !KNOWN.contains(&meaning.field("verb"))
        }),
    },
    Class {
        name: "LHLO",
        right: Both,
        why: "LMTP is known here",
        rfc: "RFC 2033 §4.1",
        holds: PeerRefuses(|_, meaning, _| meaning.field("verb") == "LHLO"),
    },
    Class {
        name: "mechanisms other than PLAIN and LOGIN",
        right: Ours,
        why: "there are more of them",
        rfc: "RFC 4954 §4",
        holds: PeerRefuses(|_, meaning, _| {
            meaning.field("verb") == "AUTH" && !matches!(meaning.field("mechanism"), "PLAIN" | "LOGIN")
        }),
    },
    Class {
        name: "white space at the end of a line",
        right: Ours,
        why: "\"receivers SHOULD tolerate trailing white space before the terminating <CRLF>\"",
        rfc: "RFC 5321 §4.1.1",
        holds: PeerRefuses(|input, _, _| ends_in_blank(input)),
    },
    Class {
        name: "a space behind a mechanism",
        right: Ours,
        why: "trailing white space; an initial response that is empty is written `=`",
        rfc: "RFC 4954 §4",
        holds: Differs(|input, Field { name, ours, theirs }| {
            name == "initial" && ours == "(none)" && theirs.is_empty() && ends_in_blank(input)
        }),
    },
    Class {
        name: "addresses that are not ASCII",
        right: Both,
        why: "SMTPUTF8 is known here",
        rfc: "RFC 6531 §3.3",
        holds: PeerRefuses(|input, _, _| fault(input).is_none() && !input.is_ascii()),
    },
    Class {
        name: "two hyphens in a row",
        right: Ours,
        why: "`Ldh-str = *( ALPHA / DIGIT / \"-\" ) Let-dig`, as xn--names have them",
        rfc: "RFC 5321 §4.1.2",
        holds: PeerRefuses(|input, _, _| fault(input).is_none() && input.windows(2).any(|two| two == b"--")),
    },
    Class {
        name: "an argument that is more than an atom",
        right: Both,
        why: "`String = Atom / Quoted-string`; people send addresses and words, which are kept here for the host",
        rfc: "RFC 5321 §4.1.2",
        holds: PeerRefuses(|input, meaning, _| {
            fault(input).is_none()
                && matches!(meaning.field("verb"), "VRFY" | "EXPN" | "HELP" | "NOOP")
                && !meaning.field("argument").bytes().all(|octet| octet.is_ascii_alphanumeric())
        }),
    },
    Class {
        name: "a backslash in front of any character",
        right: Ours,
        why: "`quoted-pairSMTP = %d92 %d32-126`",
        rfc: "RFC 5321 §4.1.2",
        holds: PeerRefuses(|input, meaning, _| {
            // The meaning escapes both once more.
            let plain =
                meaning.field("address").replace("\\\\", "\\").replace("\\\"", "\"").replace("\\'", "'");
            fault(input).is_none() && plain.starts_with('"') && plain.contains('\\')
        }),
    },
    SPACE_BEFORE_PATH,
    REPEATED,
    BASE64,
    SUBMITTER,
    VALUE,
    BOTH_HOLD,
    LARGE_SIZE,
    HOST,
    taken!(
        "a value of BODY that is none",
        Body,
        "`body-value = \"7BIT\" / \"8BITMIME\"`, and BINARYMIME",
        "RFC 6152 §2"
    ),
    taken!("a SIZE with other octets", Size, "`size-value = 1*20DIGIT`", "RFC 1870 §4"),
    taken!(
        "a path that is none",
        Path,
        "an IPv6 address must be one, and no octet of an IPv4 address above 255",
        "RFC 5321 §4.1.3"
    ),
    taken!(
        "SMTPUTF8, REQUIRETLS, CONPERM or CONNEG with a value",
        Parameter,
        "they have none",
        "RFC 6531 §3.4, RFC 8689 §2, RFC 4141"
    ),
];
