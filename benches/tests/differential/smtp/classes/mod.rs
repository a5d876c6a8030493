//! What differs, and who is right: what several contests have, and a file for each kind of unit.
mod commands_of_codec;
mod commands_of_proto;
mod data;
mod offers;
mod replies;

use super::fault::{Fault, fault};
use crate::{
    class::{Class, Holds::*, Right::*},
    lines::{refused_for_bare_lf, refused_for_nul, rest},
};
pub(super) use commands_of_codec::CODEC_COMMANDS;
pub(super) use commands_of_proto::PROTO_COMMANDS;
pub(super) use data::PROTO_DATA;
pub(super) use offers::{CODEC_OFFERS, PROTO_OFFERS};
pub(super) use replies::{CODEC_REPLIES, PROTO_REPLIES};

/// The verbs that each knows.
const KNOWN: &[&str] = &[
    "EHLO", "HELO", "LHLO", "MAIL", "RCPT", "DATA", "RSET", "NOOP", "VRFY", "EXPN", "HELP", "QUIT",
    "STARTTLS", "AUTH",
];

const UNKNOWN_VERB: Class = Class {
    name: "a verb that neither knows",
    right: Both,
    why: "kept here as `OtherCommand`, to be answered 500 or by the host; no command there",
    rfc: "RFC 5321 §4.2.4",
    holds: PeerRefuses(|_, meaning, _| {
        !meaning.field("verb").is_empty()
            && !KNOWN.contains(&meaning.field("verb"))
            && !matches!(meaning.field("verb"), "BDAT" | "ETRN" | "ATRN" | "BURL")
    }),
};

const BARE_LF: Class = Class {
    name: "a bare LF ends a line there",
    right: Ours,
    why: "a line ends in CRLF, and neither CR nor LF stands for it; two readings of one stream are how mail is smuggled",
    rfc: "RFC 5321 §2.3.8",
    holds: PeerTakes(|input, refusal, _| refused_for_bare_lf(input, refusal)),
};

const NUL: Class = Class {
    name: "NUL stands in a line there",
    right: Ours,
    why: "lines are of printable characters; NUL ends strings in programs behind the parser",
    rfc: "RFC 5321 §4.1.2",
    holds: PeerTakes(|input, refusal, _| refused_for_nul(input, refusal)),
};

/// What is wrong with a command, or with a reply as this looks at it, and taken there.
macro_rules! taken {
    ($name:literal, $fault:ident, $why:literal, $rfc:literal) => {
        taken!($name, fault => Fault::$fault, $why, $rfc)
    };
    ($name:literal, $look:expr => $fault:path, $why:literal, $rfc:literal) => {
        Class {
            name: $name,
            right: Ours,
            why: $why,
            rfc: $rfc,
            holds: PeerTakes(|input, refusal, _| {
                !refusal.rule.starts_with("no ") && $look(input) == Some($fault)
            }),
        }
    };
}
use taken;

const BARE_CR: Class = Class {
    name: "a bare CR in a line",
    right: Ours,
    why: "\"clients MUST NOT transmit these characters except when they are intended as line terminators\"; there it is \
          dropped, and the next hop may read another line than this one",
    rfc: "RFC 5321 §2.3.8",
    holds: PeerTakes(|input, refusal, _| {
        refusal.rule == "no bare CR" && rest(input, refusal).starts_with(b"\r")
    }),
};

const SPACE_BEFORE_PATH: Class = taken!(
    "a space in front of a path",
    SpaceBeforePath,
    "none is allowed, and many clients send one: `Leniency` tolerates it here",
    "RFC 5321 §3.3"
);

const REPEATED: Class = taken!(
    "a parameter said twice",
    Repeated,
    "one of both would count, and nobody says which; the RFCs have none that may be said twice",
    "RFC 5321 §4.1.2"
);

const BASE64: Class = taken!(
    "an initial response that is not base64",
    Base64,
    "`initial-response = base64 / \"=\"`; there it is left to whoever decodes it",
    "RFC 4954 §8"
);

const SUBMITTER: Class = taken!(
    "a value of AUTH that is no mailbox",
    Submitter,
    "\"the decoded form of the xtext MUST be either a mailbox or the two characters <>\"",
    "RFC 4954 §8"
);

const VALUE: Class = taken!(
    "a value of RET, ENVID, NOTIFY, ORCPT, BY, HOLDFOR, HOLDUNTIL, MT-PRIORITY, SOLICIT, MTRK, TRANSID or RRVS that is none",
    Value,
    "what each RFC says of them: smtp-codec looks at none; smtp-proto looks at some, wraps long numbers, and passes over \
     what is missing behind `+` and `,`",
    "RFC 3461 §4, RFC 2852 §4, RFC 4865 §4, RFC 6710 §7, RFC 3865 §4, RFC 3885 §3, RFC 1845 §2, RFC 7293 §3.1"
);

const BOTH_HOLD: Class = taken!(
    "HOLDFOR and HOLDUNTIL",
    BothHold,
    "one of both may be said, as they contradict one another",
    "RFC 4865 §4"
);

const LARGE_SIZE: Class = taken!(
    "a SIZE past 2^64",
    LargeSize,
    "`size-value = 1*20DIGIT`; smtp-proto starts again at 0 where the number is full: 99999999999999999999999 is 999",
    "RFC 1870 §4"
);

const HOST: Class = taken!(
    "a host that is none",
    Host,
    "neither a domain nor an address literal: `Leniency` tolerates it here",
    "RFC 5321 §4.1.1.1"
);

const MISSING: Class = taken!(
    "more than a space in front of an argument, or none behind it",
    Missing,
    "one space stands between a verb and its argument",
    "RFC 5321 §4.1.1"
);
