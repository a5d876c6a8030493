//! Replies.
use super::super::fault::{ReplyFault, reply_fault};
use super::taken;
use super::{BARE_CR, BARE_LF, NUL};
use crate::class::{Class, Field, Holds::*, Right::*};

const CODE: Class = taken!(
    "a reply code that is none",
    (|reply| reply_fault(reply, false)) => ReplyFault::Code,
    "`Reply-code = %x32-35 %x30-35 %x30-39`",
    "RFC 5321 §4.2"
);

const CODES_DIFFER: Class = taken!(
    "codes that differ within a reply",
    (|reply| reply_fault(reply, false)) => ReplyFault::CodesDiffer,
    "\"the reply code on each of the lines MUST be the same\": `Leniency` tolerates it here, and the last counts",
    "RFC 5321 §4.2.1"
);

pub(super) const CHARSET: Class = taken!(
    "reply text that is not UTF-8",
    (|reply| reply_fault(reply, false)) => ReplyFault::Charset,
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
            (1..=3).contains(&number.len())
                && number.bytes().all(|octet| octet.is_ascii_digit())
                && (*number == "0" || !number.starts_with('0'))
        })
}

pub(in crate::smtp) const PROTO_REPLIES: &[Class] = &[
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
        why: "\"all status codes returned by the server must agree with the primary response code\", and a 3xx has none; here it \
              is text",
        rfc: "RFC 2034 §4",
        holds: Differs(|input, Field { name, theirs, .. }| {
            name == "enhanced" && theirs.split('.').next().map(str::as_bytes) != input.get(..1)
        }),
    },
    Class {
        name: "several enhanced codes in a reply",
        right: Both,
        why: "\"the same status code must appear at the beginning of the text in each line\", and nobody says which counts where \
              they differ: the first here, the last there",
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
        why: "`class = \"2\" / \"4\" / \"5\"`, each number has a digit at least, and \"MUST be expressed without leading \
              zero digits\"; there 05.7.1 is 5.7.1, and 2..5 is 2.0.5",
        rfc: "RFC 3463 §2, RFC 3464 §2.3.4",
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

pub(in crate::smtp) const CODEC_REPLIES: &[Class] = &[
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
