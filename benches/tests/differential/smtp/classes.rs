//! What differs, and who is right.
use super::fault::{Fault, ReplyFault, fault, reply_fault};
use crate::{
    class::{Class, Field, Holds::*, Right::*},
    lines::{refused_for_bare_lf, refused_for_nul, rest},
};

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

/// What is wrong with the line, and taken there.
macro_rules! taken {
    ($name:literal, $fault:ident, $why:literal, $rfc:literal) => {
        Class {
            name: $name,
            right: Ours,
            why: $why,
            rfc: $rfc,
            holds: PeerTakes(|input, refusal, _| {
                !refusal.rule.starts_with("no ") && fault(input) == Some(Fault::$fault)
            }),
        }
    };
}

const BARE_CR: Class = Class {
    name: "a bare CR in a line",
    right: Ours,
    why: "\"the characters CR and LF MUST NOT appear except as CRLF\"; there it is dropped",
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

pub(super) const PROTO_COMMANDS: &[Class] = &[
    UNKNOWN_VERB,
    BARE_LF,
    NUL,
    BARE_CR,
    SPACE_BEFORE_PATH,
    REPEATED,
    BASE64,
    SUBMITTER,
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
    taken!(
        "a parameter that is none",
        Parameter,
        "`esmtp-value = 1*(%d33-60 / %d62-126)`",
        "RFC 5321 §4.1.2"
    ),
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
        name: "values of parameters that are not looked at here",
        right: Theirs,
        why: "RET, ENVID, NOTIFY, ORCPT, HOLDFOR and MT-PRIORITY are kept here as they stand, for the host",
        rfc: "RFC 3461 §4, RFC 4865 §4, RFC 6710 §4",
        holds: PeerRefuses(|input, _, refusal| {
            fault(input).is_none() && refusal.rule.starts_with("Invalid parameter: ")
        }),
    },
    Class {
        name: "arguments of BDAT, ETRN, ATRN and BURL that are none",
        right: Theirs,
        why: "commands that are not known here are kept as they stand, for the host",
        rfc: "RFC 3030 §2, RFC 1985 §5.1, RFC 2645 §5, RFC 4468 §3",
        holds: PeerRefuses(|input, meaning, refusal| {
            fault(input).is_none()
                && matches!(meaning.field("verb"), "BDAT" | "ETRN" | "ATRN" | "BURL")
                && refusal.rule.starts_with("Syntax error: ")
        }),
    },
    Class {
        name: "an argument of quotation marks",
        right: Both,
        why: "without them it is empty, and so refused there",
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
        name: "`LAST` in lower case",
        right: Both,
        why: "the arguments of BDAT are kept here as they stand, and read there",
        rfc: "RFC 3030 §2",
        holds: Differs(|input, Field { name, ours, theirs }| {
            let last = |said: &str| said.trim_start_matches("BDAT ").to_ascii_uppercase();
            name == "argument"
                && input.get(..5).is_some_and(|verb| verb.eq_ignore_ascii_case(b"BDAT "))
                && (last(ours) == last(theirs) || leading_number(ours) == leading_number(theirs))
        }),
    },
    Class {
        name: "numbers past 2^64",
        right: Ours,
        why: "counting starts again there at 0 where the number is full: a BDAT of 99999999999999999999999 octets has 999, and \
              what follows them is read as commands",
        rfc: "RFC 3030 §2, RFC 4865 §4, RFC 6710 §4",
        holds: Differs(|_, Field { name, ours, theirs }| {
            let digits = |said: &str| said.bytes().filter(u8::is_ascii_digit).count();
            matches!(name.as_str(), "argument" | "param HOLDFOR" | "param MT-PRIORITY")
                && digits(ours) > 19
                && digits(theirs) < digits(ours)
        }),
    },
    Class {
        name: "octets above 0x7F in xtext",
        right: Ours,
        why: "`hexchar` stands for an octet; there it becomes a character of Latin-1, two octets",
        rfc: "RFC 3461 §4",
        holds: Differs(|_, Field { name, ours, theirs }| {
            matches!(name.as_str(), "param ORCPT" | "param ENVID" | "param AUTH")
                && ours.contains("\\x")
                && theirs.contains("\\xc")
        }),
    },
    Class {
        name: "a `+` without two digits in xtext",
        right: Ours,
        why: "the values of ORCPT and ENVID are left to the host here, and `xtext::decode` refuses that; octets are dropped \
              there",
        rfc: "RFC 3461 §4",
        holds: Differs(|input, Field { name, ours, theirs }| {
            matches!(name.as_str(), "param ORCPT" | "param ENVID") && ours.contains("not xtext: ")
                || theirs == "(none)"
                    && name.strip_prefix("param ").is_some_and(|next| ends_in_plus(input, next))
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
        name: "a space behind a comma of NOTIFY",
        right: Ours,
        why: "`notify-list-element *( \",\" notify-list-element )`; here the list ends there, and another parameter follows",
        rfc: "RFC 3461 §4.1",
        holds: Differs(|input, Field { name, .. }| {
            let text = String::from_utf8_lossy(input).to_ascii_uppercase();
            let behind = text.split_once(", ").and_then(|(_, behind)| behind.split([' ', '\r']).next());
            name == "param NOTIFY" && behind.is_some()
                || name.strip_prefix("param ").is_some_and(|keyword| behind == Some(keyword))
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
                && !super::read::MECHANISMS.contains(&ours.as_str())
        }),
    },
];

/// Does a `+` with fewer than two digits end the word in front of this one?
fn ends_in_plus(input: &[u8], next: &str) -> bool {
    let text = String::from_utf8_lossy(input).to_ascii_uppercase();
    let before = text.split_once(&format!(" {next}")).and_then(|(before, _)| before.rsplit_once('+'));
    before
        .is_some_and(|(_, digits)| digits.len() < 2 && digits.bytes().all(|octet| octet.is_ascii_hexdigit()))
}

/// The number in front.
fn leading_number(text: &str) -> Option<u64> {
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse().ok()
}

/// Without quotes and backslashes, and what escapes them here.
fn unquoted(text: &str) -> String {
    text.replace(['"', '\\'], "")
}

fn ends_in_blank(input: &[u8]) -> bool {
    input.strip_suffix(b"\r\n").and_then(|line| line.last()).is_some_and(|last| matches!(last, b' ' | b'\t'))
}

pub(super) const CODEC_COMMANDS: &[Class] = &[
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
    taken!("SMTPUTF8 with a value", Parameter, "it has none", "RFC 6531 §3.4"),
];

/// What is wrong with the reply, and taken there.
macro_rules! taken_reply {
    ($name:literal, $offer:literal, $fault:ident, $why:literal, $rfc:literal) => {
        Class {
            name: $name,
            right: Ours,
            why: $why,
            rfc: $rfc,
            holds: PeerTakes(|input, refusal, _| {
                !refusal.rule.starts_with("no ") && reply_fault(input, $offer) == Some(ReplyFault::$fault)
            }),
        }
    };
}

const CODE: Class = taken_reply!(
    "a reply code that is none",
    false,
    Code,
    "`Reply-code = %x32-35 %x30-35 %x30-39`",
    "RFC 5321 §4.2"
);
const CODES_DIFFER: Class = taken_reply!(
    "codes that differ within a reply",
    false,
    CodesDiffer,
    "\"the reply code on all the lines MUST be the same\": `Leniency` tolerates it here, and the last counts",
    "RFC 5321 §4.2.1"
);
const CHARSET: Class = taken_reply!(
    "reply text that is not UTF-8",
    false,
    Charset,
    "`Leniency` tolerates it here, and the octets stay; there they become U+FFFD",
    "RFC 6531 §3.7.4.2"
);

/// The lines of a text, without an enhanced code in front.
fn without_codes(text: &str) -> Vec<&str> {
    let lines = text.split("\\n");
    lines
        .map(|line| {
            let (word, rest) = line.split_once(' ').unwrap_or((line, ""));
            let numbers: Vec<&str> = word.split('.').collect();
            let is_code = numbers.len() == 3
                && numbers.iter().all(|number| number.bytes().all(|octet| octet.is_ascii_digit()));
            // There may be another behind it.
            if is_code && word.len() > 2 {
                without_codes(rest).first().copied().unwrap_or_default()
            } else {
                line
            }
        })
        .collect()
}

/// Is it an enhanced code of the class of the reply's code?
fn is_enhanced(word: &str, reply: &[u8]) -> bool {
    let numbers: Vec<&str> = word.split('.').collect();
    numbers.len() == 3
        && Some(numbers[0].as_bytes()) == reply.get(..1)
        && numbers.iter().all(|number| {
            (1..=3).contains(&number.len()) && number.bytes().all(|octet| octet.is_ascii_digit())
        })
}

pub(super) const PROTO_REPLIES: &[Class] = &[
    BARE_LF,
    NUL,
    BARE_CR,
    CODE,
    CODES_DIFFER,
    CHARSET,
    Class {
        name: "a number above 255 in an enhanced code",
        right: Ours,
        why: "`subject = 1*3digit`, `detail = 1*3digit`: 5.7.509 is 5.7.255 there",
        rfc: "RFC 3463 §2",
        holds: Differs(|_, Field { name, ours, theirs }| {
            let mut numbers = ours.split('.').map(str::parse::<u16>);
            name == "enhanced"
                && numbers.any(|number| number.is_ok_and(|number| number > 255))
                && theirs.contains("255")
        }),
    },
    Class {
        name: "an enhanced code of another class than the code's",
        right: Ours,
        why: "\"the class MUST match\" the first digit of the code; here it is text",
        rfc: "RFC 2034 §4",
        holds: Differs(|input, Field { name, theirs, .. }| {
            name == "enhanced" && theirs.split('.').next().map(str::as_bytes) != input.get(..1)
        }),
    },
    Class {
        name: "several enhanced codes in a reply",
        right: Both,
        why: "all lines should have the same: the first counts here, the last there",
        rfc: "RFC 2034 §4",
        holds: Differs(|input, Field { name, ours, .. }| {
            let text = String::from_utf8_lossy(input);
            let codes =
                text.split("\r\n").filter_map(|line| line.get(4..)).filter_map(|line| line.split(' ').next());
            name == "enhanced"
                && ours != "(none)"
                && codes.filter(|word| is_enhanced(word, input)).count() > 1
        }),
    },
    Class {
        name: "an enhanced code that is none",
        right: Ours,
        why: "`class = \"2\" / \"4\" / \"5\"`, and each number has a digit at least; there 05.7.1 is 5.7.1, and 2..5 is 2.0.5",
        rfc: "RFC 3463 §2",
        holds: Differs(|input, Field { name, .. }| {
            let text = String::from_utf8_lossy(input);
            let mut first_words =
                text.split("\r\n").filter_map(|line| line.get(4..)).filter_map(|line| line.split(' ').next());
            name == "enhanced"
                && first_words.any(|word| {
                    word.contains('.')
                        && word.bytes().all(|octet| matches!(octet, b'.' | b'0'..=b'9'))
                        && !is_enhanced(word, input)
                })
        }),
    },
    Class {
        name: "the text of lines with several enhanced codes, or none that counts",
        right: Both,
        why: "here the code that counts is taken out of the text, and what else looks like one is text; there each is taken \
              out",
        rfc: "RFC 2034 §4",
        holds: Differs(|_, Field { name, ours, theirs }| {
            name == "text" && without_codes(ours) == without_codes(theirs)
        }),
    },
];

pub(super) const CODEC_REPLIES: &[Class] = &[
    CODE,
    CODES_DIFFER,
    Class {
        name: "text with octets that are not printable ASCII",
        right: Ours,
        why: "\"any text, including no text at all\", must be acceptable to a client; UTF-8 stands there with SMTPUTF8",
        rfc: "RFC 5321 §4.2, RFC 6531 §3.7.4.2",
        holds: PeerRefuses(|input, _, _| {
            reply_fault(input, false).is_none()
                && input.iter().any(|octet| !matches!(octet, b'\t' | b'\r' | b'\n' | b' '..=b'~'))
        }),
    },
    Class {
        name: "a space with no text behind it",
        right: Ours,
        why: "\"any text, including no text at all\", must be acceptable to a client",
        rfc: "RFC 5321 §4.2",
        holds: PeerRefuses(|input, _, _| reply_fault(input, false).is_none() && input.ends_with(b" \r\n")),
    },
];

const OFFER: Class = taken_reply!(
    "a line that follows no grammar",
    true,
    Offer,
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

pub(super) const PROTO_OFFERS: &[Class] = &[
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
        why: "\"a client MUST be able to process a code without text\", which `Reply-code [ SP textstring ] CRLF` allows",
        rfc: "RFC 5321 §4.2",
        holds: PeerRefuses(|input, _, _| reply_fault(input, true).is_none() && input.ends_with(b"250\r\n")),
    },
];
pub(super) const CODEC_OFFERS: &[Class] = &[
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
pub(super) const PROTO_DATA: &[Class] = &[
    Class {
        name: "a dot at the start of data",
        right: Ours,
        why: "data starts at the start of a line: `.CRLF` is an empty message, and a dot in front of the first line is stuffed; \
              there it is text",
        rfc: "RFC 5321 §4.1.1.4, §4.5.2",
        holds: PeerRefuses(|input, _, _| first_dot(input)),
    },
    Class {
        name: "a dot at the start of data, the message",
        right: Ours,
        why: "the same",
        rfc: "RFC 5321 §4.1.1.4, §4.5.2",
        holds: Differs(|input, field| first_dot(input) && is_of_peer(input, field)),
    },
    Class {
        name: "an end of data with more than one CR",
        right: Ours,
        why: "\"only\" CRLF . CRLF ends data; there CRLF . CR CR LF does too, and who sends that through a server that passes it \
              on smuggles a second message",
        rfc: "RFC 5321 §4.1.1.4",
        holds: PeerTakes(|input, _, _| many_crs(input)),
    },
    Class {
        name: "an end of data with more than one CR, and what is left",
        right: Ours,
        why: "the same, with another end behind it",
        rfc: "RFC 5321 §4.1.1.4",
        holds: Differs(|input, field| many_crs(input) && is_of_peer(input, field)),
    },
];

/// How data is read: is a dot in front of the first line stuffed, and do several CRs end it?
fn data(input: &[u8], first_line: bool, several: bool) -> Option<(String, usize)> {
    let (mut message, mut rest, mut line_start) = (Vec::new(), input, first_line);
    loop {
        if let (true, [b'.', behind @ ..]) = (line_start, rest) {
            let crs = behind.iter().take_while(|octet| **octet == b'\r').count();
            if behind.get(crs) == Some(&b'\n') && (crs == 1 || several && crs > 1) {
                message.extend(vec![b'\r'; crs - 1]);
                return Some((crate::meaning::text(&message), behind.len() - crs - 1));
            }
            rest = behind;
        }
        let end = rest.windows(2).position(|two| two == b"\r\n")? + 2;
        message.extend_from_slice(&rest[..end]);
        rest = &rest[end..];
        line_start = true;
    }
}

fn first_dot(input: &[u8]) -> bool {
    data(input, true, false) != data(input, false, false)
}

fn many_crs(input: &[u8]) -> bool {
    data(input, false, false) != data(input, false, true)
}

/// Is the peer's value the one that its own way of reading gives?
fn is_of_peer(input: &[u8], Field { name, theirs, .. }: &Field) -> bool {
    data(input, false, true).is_some_and(|(message, left)| match name.as_str() {
        "message" => *theirs == message,
        _ => *theirs == left.to_string(),
    })
}
