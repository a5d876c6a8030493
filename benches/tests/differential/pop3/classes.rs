//! What differs, and who is right.
use crate::{
    class::{Class, Field, Holds::*, Right::*},
    lines::{refused_for_bare_lf, refused_for_nul, rest},
};

/// The verbs that both know.
const KNOWN: &[&str] = &[
    "USER", "PASS", "CAPA", "STLS", "AUTH", "STAT", "LIST", "UIDL", "RETR", "TOP", "DELE", "NOOP", "RSET",
    "QUIT", "APOP", "LANG", "UTF8",
];

/// The text of the status line.
fn status_text(input: &[u8]) -> &[u8] {
    let line = input.split(|octet| *octet == b'\r').next().unwrap_or_default();
    line.iter().position(|octet| *octet == b' ').map_or(&[], |at| &line[at + 1..])
}

fn zero(word: &str) -> bool {
    !word.is_empty() && word.bytes().all(|octet| octet == b'0')
}

fn past_u32(word: &str) -> bool {
    word.parse::<u64>().is_ok_and(|number| u32::try_from(number).is_err())
}

const BARE_LF: Class = Class {
    name: "a bare LF ends a line there",
    right: Ours,
    why: "a line ends in CRLF; two readings of one stream are how commands are smuggled",
    rfc: "RFC 1939 §3",
    holds: PeerTakes(|input, refusal, _| refused_for_bare_lf(input, refusal)),
};

const NUL: Class = Class {
    name: "NUL stands in text there",
    right: Ours,
    why: "texts are of printable characters; NUL ends strings in programs behind the parser",
    rfc: "RFC 1939 §3",
    holds: PeerTakes(|input, refusal, _| refused_for_nul(input, refusal)),
};

const NOT_UTF8: Class = Class {
    name: "octets that are not UTF-8 are refused there",
    right: Both,
    why: "the RFC asks for ASCII, and for UTF-8 once UTF8 was said; a name in Latin-1 is kept here and is no text",
    rfc: "RFC 1939 §3, RFC 6856 §2",
    holds: PeerRefuses(|input, _, _| std::str::from_utf8(input).is_err()),
};

/// The status line and what stands before it.
const CODE_WITHOUT_SPACE: Class = Class {
    name: "a response code without a space behind it",
    right: Ours,
    why: "`text = *schar / resp-code *CHAR`: none is asked for",
    rfc: "RFC 2449 §3",
    holds: PeerRefuses(|input, meaning, _| {
        let text = status_text(input);
        let end = text.iter().position(|octet| *octet == b']');
        !meaning.field("code").is_empty()
            && text.starts_with(b"[")
            && end.is_some_and(|end| text.get(end + 1) != Some(&b' '))
    }),
};

const BRACKET: Class = Class {
    name: "a bracket in the words of a reply",
    right: Both,
    why: "a bracket begins a response code and is no `schar`; a server without RESP-CODES may say anything, and words \
          are for people",
    rfc: "RFC 2449 §3",
    holds: PeerRefuses(|input, meaning, _| {
        meaning.field("code").is_empty() && status_text(input).contains(&b'[')
    }),
};

const WORDS: Class = Class {
    name: "control characters and octets above 0x7F in the words of a reply",
    right: Both,
    why: "`schar` is printable ASCII; UTF-8 stands there once UTF8 was said, and words are for people",
    rfc: "RFC 2449 §3, RFC 6856 §2",
    holds: PeerRefuses(|input, meaning, _| {
        meaning.field("code").is_empty()
            && status_text(input).iter().any(|octet| !matches!(octet, b' '..=0x7f))
    }),
};

const WORDS_BEHIND_CODE: Class = Class {
    name: "octets that are not UTF-8 behind a response code",
    right: Both,
    why: "`CHAR` is ASCII, and UTF-8 once UTF8 was said; words are for people",
    rfc: "RFC 2449 §3, RFC 6856 §2",
    holds: PeerRefuses(|input, meaning, _| {
        !meaning.field("code").is_empty() && std::str::from_utf8(status_text(input)).is_err()
    }),
};

const MESSAGE_0: Class = Class {
    name: "an entry for message 0 is taken there",
    right: Ours,
    why: "messages are numbered from 1",
    rfc: "RFC 1939 §5",
    holds: PeerTakes(|input, refusal, _| {
        let number: Vec<u8> = rest(input, refusal).iter().copied().take_while(u8::is_ascii_digit).collect();
        refusal.rule == "a message number" && zero(std::str::from_utf8(&number).unwrap_or_default())
    }),
};

pub(super) const COMMANDS: &[Class] = &[
    BARE_LF,
    NUL,
    NOT_UTF8,
    Class {
        name: "a verb that neither knows",
        right: Both,
        why: "kept here as `OtherCommand`, to be answered -ERR; no command there",
        rfc: "RFC 1939 §3",
        holds: PeerRefuses(|_, meaning, _| !KNOWN.contains(&meaning.field("verb"))),
    },
    Class {
        name: "a digest of APOP that is none is taken there",
        right: Ours,
        why: "\"a 16-octet value which is sent in hexadecimal format, using lower-case ASCII characters\"",
        rfc: "RFC 1939 §7",
        holds: PeerTakes(|_, refusal, meaning| {
            meaning.field("verb") == "APOP"
                && matches!(refusal.rule.as_str(), "a digest of 32 digits" | "the end")
        }),
    },
    Class {
        name: "an empty name of APOP is taken there",
        right: Ours,
        why: "the argument is not optional",
        rfc: "RFC 1939 §7",
        holds: PeerTakes(|_, refusal, meaning| {
            meaning.field("verb") == "APOP" && matches!(refusal.rule.as_str(), "a name" | "a space")
        }),
    },
    Class {
        name: "TOP with more lines than 2^32 - 1",
        right: Ours,
        why: "the number of lines has no limit",
        rfc: "RFC 1939 §7",
        holds: PeerRefuses(|_, meaning, _| {
            meaning.field("verb") == "TOP" && past_u32(meaning.field("lines"))
        }),
    },
    Class {
        name: "message 0 is taken there",
        right: Ours,
        why: "messages are numbered from 1",
        rfc: "RFC 1939 §5",
        holds: PeerTakes(|_, refusal, meaning| {
            refusal.rule == "a message number" && zero(meaning.field("message"))
        }),
    },
    Class {
        name: "an empty name or password is taken there",
        right: Ours,
        why: "the argument is not optional; some directories take an empty password for an anonymous login",
        rfc: "RFC 1939 §7",
        holds: PeerTakes(|input, refusal, meaning| {
            rest(input, refusal) == b"\r\n"
                && match meaning.field("verb") {
                    "USER" => refusal.rule == "a name",
                    "PASS" => refusal.rule == "a password",
                    _ => false,
                }
        }),
    },
    Class {
        name: "an initial response that is not base64 is taken there",
        right: Ours,
        why: "base64 has its padding and no odd bits; nothing at all is written `=`",
        rfc: "RFC 5034 §5, RFC 4648 §3.5",
        holds: PeerTakes(|_, refusal, meaning| {
            refusal.rule == "base64 or '='"
                && (meaning.field("initial").starts_with("not base64: ")
                    || meaning.field("initial").is_empty())
        }),
    },
    Class {
        name: "a bare CR in the name of APOP",
        right: Ours,
        why: "a name is of printable characters",
        rfc: "RFC 1939 §3",
        holds: PeerTakes(|_, refusal, meaning| {
            refusal.rule == "no bare CR"
                && meaning.field("verb") == "APOP"
                && meaning.field("arguments").contains("\\r")
        }),
    },
    Class {
        name: "a mechanism of more than 20 characters is taken there",
        right: Ours,
        why: "`sasl-mech = 1*20mech-char`",
        rfc: "RFC 5034 §5, RFC 4422 §3.1",
        holds: PeerTakes(|_, refusal, meaning| {
            refusal.rule.starts_with("a mechanism of 1 to 20") && meaning.field("mechanism").len() > 20
        }),
    },
];

pub(super) const REPLIES: &[Class] = &[BARE_LF, NUL, CODE_WITHOUT_SPACE, BRACKET, WORDS, WORDS_BEHIND_CODE];

pub(super) const STAT: &[Class] = &[
    BARE_LF,
    NUL,
    Class {
        name: "a drop listing behind a response code",
        right: Both,
        why: "a code stands \"at the beginning of the human readable text portion\" of +OK and -ERR, and a drop listing is no \
              such text; here what stands behind the code is read all the same",
        rfc: "RFC 2449 §8",
        holds: PeerRefuses(|input, meaning, _| {
            meaning.field("verb") == "+OK" && status_text(input).starts_with(b"[")
        }),
    },
    Class {
        name: "a maildrop of 4 GiB and more",
        right: Ours,
        why: "the size has no limit",
        rfc: "RFC 1939 §5",
        holds: PeerRefuses(|_, meaning, _| past_u32(meaning.field("octets"))),
    },
    Class {
        name: "words behind the size of the maildrop",
        right: Ours,
        why: "\"This memo makes no requirement on what follows the maildrop size\", and clients should ignore it",
        rfc: "RFC 1939 §5",
        holds: PeerRefuses(|input, meaning, _| {
            let words = status_text(input).split(|octet| *octet == b' ');
            meaning.field("verb") == "+OK" && words.count() > 2
        }),
    },
    CODE_WITHOUT_SPACE,
    BRACKET,
    WORDS,
    WORDS_BEHIND_CODE,
];

/// The entries of a listing.
fn entries(input: &[u8]) -> impl Iterator<Item = &str> {
    std::str::from_utf8(input).unwrap_or_default().split("\r\n").skip(1)
}

pub(super) const LIST: &[Class] = &[
    BARE_LF,
    NUL,
    WORDS_BEHIND_CODE,
    CODE_WITHOUT_SPACE,
    MESSAGE_0,
    BRACKET,
    WORDS,
    Class {
        name: "a message of 4 GiB and more",
        right: Ours,
        why: "the size has no limit",
        rfc: "RFC 1939 §5",
        holds: PeerRefuses(|input, _, _| {
            entries(input).any(|entry| entry.split(' ').nth(1).is_some_and(past_u32))
        }),
    },
    Class {
        name: "words behind the size of a message",
        right: Ours,
        why: "\"This memo makes no requirement on what follows the message size in the scan listing\"",
        rfc: "RFC 1939 §5",
        holds: PeerRefuses(|input, _, _| {
            let entries = input.split(|octet| *octet == b'\n').skip(1);
            entries.into_iter().any(|entry| entry.split(|octet| *octet == b' ').count() > 2)
        }),
    },
];

pub(super) const UIDL: &[Class] =
    &[BARE_LF, NUL, WORDS_BEHIND_CODE, CODE_WITHOUT_SPACE, MESSAGE_0, BRACKET, WORDS];

/// Where the peer is given what it wants.
pub(super) const CAPABILITIES: &[Class] = &[
    BARE_LF,
    NUL,
    WORDS_BEHIND_CODE,
    CODE_WITHOUT_SPACE,
    BRACKET,
    WORDS,
    Class {
        name: "a capability of other octets, or with a space too many",
        right: Theirs,
        why: "`capability = capa-tag *(SP param)`, `param = 1*VCHAR`; here what no rule fits is kept as `OtherCapability`, so \
              that one odd line costs a client no others",
        rfc: "RFC 2449 §3",
        holds: PeerRefuses(|_, meaning, _| {
            let odd = ["  ", "\\x", "\\t"];
            let is_odd = |entry: &str| entry.ends_with(' ') || odd.iter().any(|odd| entry.contains(odd));
            (0..).map_while(|at| meaning.get(&format!("entry {at}"))).any(is_odd)
        }),
    },
    Class {
        name: "mechanisms said twice, or that are none",
        right: Both,
        why: "a set of mechanisms here, and the line as it stands where one is no `sasl-mech`; a list there",
        rfc: "RFC 2449 §6.3, RFC 4422 §3.1",
        holds: Differs(|_, Field { name, ours, theirs }| {
            let mut words: Vec<&str> = Vec::new();
            for word in theirs.split(' ').skip(1) {
                if !words.contains(&word) {
                    words.push(word);
                }
            }
            let twice = ours.strip_prefix("SASL ") == Some(words.join(" ").as_str());
            name.starts_with("entry ")
                && theirs.starts_with("SASL ")
                && (twice || theirs.eq_ignore_ascii_case(ours))
        }),
    },
    Class {
        name: "IMPLEMENTATION without words",
        right: Both,
        why: "a \"string giving server implementation information\" is due: the line is kept here as it stands; no words there",
        rfc: "RFC 2449 §6.9",
        holds: Differs(|_, Field { name, ours, theirs }| {
            name.starts_with("entry ") && ours == "IMPLEMENTATION " && theirs == "IMPLEMENTATION"
        }),
    },
];

pub(super) const CAPA: &[Class] = &[
    Class {
        name: "a capability on one line",
        right: Ours,
        why: "the peer reads the end of each line twice, so that no list with a capability in it is taken",
        rfc: "RFC 2449 §5",
        holds: PeerRefuses(|_, meaning, _| !meaning.field("entry 0").is_empty()),
    },
    Class {
        name: "an empty line behind each capability",
        right: Ours,
        why: "the same: only what has each line end twice is taken there",
        rfc: "RFC 2449 §5",
        holds: PeerTakes(|input, refusal, meaning| {
            refusal.rule == "a capability's tag"
                && rest(input, refusal).starts_with(b"\r\n")
                && !meaning.field("entry 0").is_empty()
        }),
    },
    BARE_LF,
    NUL,
    WORDS_BEHIND_CODE,
    CODE_WITHOUT_SPACE,
    BRACKET,
    WORDS,
];

pub(super) const RETR: &[Class] = &[
    Class {
        name: "dots stay stuffed there",
        right: Ours,
        why: "\"if octets other than CRLF follow, the first octet of the line (the termination octet) is stripped away\"",
        rfc: "RFC 1939 §3",
        holds: Differs(|_, Field { name, ours, theirs }| {
            let lines = theirs.split_inclusive("\\r\\n");
            let unstuffed: String = lines.map(|line| line.strip_prefix('.').unwrap_or(line)).collect();
            name == "message" && unstuffed == *ours
        }),
    },
    BARE_LF,
    NUL,
    WORDS_BEHIND_CODE,
    CODE_WITHOUT_SPACE,
    BRACKET,
    WORDS,
    Class {
        name: "a message that is not UTF-8",
        right: Ours,
        why: "a message may be in any charset; the RFC asks for no other than that of mail",
        rfc: "RFC 1939 §11",
        holds: PeerRefuses(|_, meaning, _| meaning.field("message").contains("\\x")),
    },
];
