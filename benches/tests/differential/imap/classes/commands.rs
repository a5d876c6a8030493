//! Commands as imap-codec reads them.
use super::{CASE, INBOX, LAST_NUMBER, LEADING_ZERO, ODD_MINUTES, ODD_ZONE, SORTED_SETS};
use crate::{
    class::{Class, Holds::*, Right::*},
    lines::rest,
};

pub(in crate::imap) const CODEC_COMMANDS: &[Class] = &[
    INBOX,
    CASE,
    LEADING_ZERO,
    Class {
        name: "an unknown command",
        right: Both,
        why: "kept here as `OtherCommand`, for the host to answer",
        rfc: "RFC 9051 §6.5",
        holds: PeerRefuses(|_, meaning, _| meaning.field("verb") == "OTHER"),
    },
    Class {
        name: "ID, NAMESPACE and STARTTLS",
        right: Both,
        why: "features that are off there by default",
        rfc: "RFC 2971, RFC 9051 §6.2.1 and §6.3.10",
        holds: PeerRefuses(|_, meaning, _| matches!(meaning.field("verb"), "ID" | "NAMESPACE" | "STARTTLS")),
    },
    Class {
        name: "an unknown item of FETCH or STATUS",
        right: Both,
        why: "kept here, for the host to answer",
        rfc: "RFC 9051 §6.4.5 and §6.3.11",
        holds: PeerRefuses(|_, meaning, _| {
            meaning.field("items").contains("Other(")
                || meaning.field("arguments").contains("OtherStatusItem(")
        }),
    },
    Class {
        name: "several messages in one APPEND",
        right: Both,
        why: "MULTIAPPEND is known here",
        rfc: "RFC 3502 §6.3.11",
        holds: PeerRefuses(|_, meaning, _| {
            meaning.field("verb") == "APPEND"
                && meaning.field("arguments").matches("AppendMessage {").count() > 1
        }),
    },
    Class {
        name: "sizes of 4 GiB and more",
        right: Both,
        why: "`number64` in IMAP4rev2, `number` in IMAP4rev1",
        rfc: "RFC 9051 §9",
        holds: PeerRefuses(|_, meaning, _| {
            let said = format!("{} {}", meaning.field("arguments"), meaning.field("items"));
            said.split(|c: char| !c.is_ascii_digit())
                .any(|number| number.parse::<u64>().is_ok_and(|n| n > u64::from(u32::MAX)))
        }),
    },
    Class {
        name: "`$` for the saved result of a search",
        right: Both,
        why: "SEARCHRES is known here",
        rfc: "RFC 5182 §2.1",
        holds: PeerRefuses(|_, meaning, _| {
            meaning.field("set") == "$"
                || ["set: $", "Uid($)", "Sequence($)", "UidExpunge($)"]
                    .iter()
                    .any(|saved| meaning.field("arguments").contains(saved))
        }),
    },
    Class {
        name: "`]` in the name of a charset",
        right: Both,
        why: "`charset = atom / quoted`, and an `astring` in IMAP4rev1",
        rfc: "RFC 9051 §9, RFC 3501 §9",
        holds: PeerRefuses(|_, meaning, _| {
            let charset = meaning.field("arguments").split("charset: Some(").nth(1).unwrap_or_default();
            charset.split(')').next().unwrap_or_default().contains(']')
        }),
    },
    LAST_NUMBER,
    SORTED_SETS,
    ODD_ZONE,
    ODD_MINUTES,
    Class {
        name: "a space behind a mechanism",
        right: Ours,
        why: "an initial response that is empty is written `=`",
        rfc: "RFC 9051 §6.2.2",
        holds: PeerTakes(|input, refusal, meaning| {
            refusal.rule == "the end"
                && rest(input, refusal) == b" \r\n"
                && meaning.field("verb") == "AUTHENTICATE"
                && meaning.field("initial").is_empty()
        }),
    },
];
