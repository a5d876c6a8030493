//! What differs, and who is right: what several contests have, and a file for each of them.
mod commands;
mod responses_of_codec;
mod responses_of_proto;

use crate::{
    class::{Class, Field, Holds::*, Right::*},
    lines::rest,
    meaning::Refusal,
};
pub(super) use commands::CODEC_COMMANDS;
pub(super) use responses_of_codec::CODEC_RESPONSES;
pub(super) use responses_of_proto::PROTO_RESPONSES;

fn octet_at(input: &[u8], refusal: &Refusal) -> u8 {
    input.get(refusal.offset).copied().unwrap_or_default()
}

fn octet_before(input: &[u8], refusal: &Refusal) -> u8 {
    refusal.offset.checked_sub(1).and_then(|at| input.get(at)).copied().unwrap_or_default()
}

/// One space too many: two in a row, or one in front of the end of a list, a code or the line.
fn extra_space(input: &[u8], refusal: &Refusal) -> bool {
    let ends = |octet: u8| matches!(octet, b' ' | b')' | b']' | b'\r');
    let behind = rest(input, refusal).get(1).copied().unwrap_or_default();
    octet_before(input, refusal) == b' ' && ends(octet_at(input, refusal))
        || octet_at(input, refusal) == b' ' && (ends(behind) || octet_before(input, refusal) == b'(')
}

/// The same name of the inbox.
fn same_inbox(text: &str) -> String {
    let mut folded = text.to_string();
    for (at, _) in text.to_ascii_uppercase().match_indices("\"INBOX\"") {
        folded.replace_range(at..at + 7, "\"INBOX\"");
    }
    folded
}

/// Without what escapes a character of a string, here and in the words of this test.
fn without_escapes(text: &str) -> String {
    text.replace('\\', "")
}

/// The ranges of a set, in order and merged; `*` is the largest number.
fn ranges(set: &str) -> Option<Vec<(u64, u64)>> {
    let number = |text: &str| if text == "*" { Some(u64::from(u32::MAX)) } else { text.parse().ok() };
    let mut ranges = Vec::new();
    for range in set.split(',') {
        let (from, to) = range.split_once(':').unwrap_or((range, range));
        let (from, to): (u64, u64) = (number(from)?, number(to)?);
        ranges.push((from.min(to), from.max(to)));
    }
    ranges.sort_unstable();
    let mut merged: Vec<(u64, u64)> = Vec::new();
    for (from, to) in ranges {
        match merged.last_mut() {
            Some(last) if from <= last.1 + 1 => last.1 = last.1.max(to),
            _ => merged.push((from, to)),
        }
    }
    Some(merged)
}

/// The same words, and the same numbers in each set.
fn same_sets(Field { ours, theirs, .. }: &Field) -> bool {
    let words = |field: &str| {
        let field = same_inbox(field);
        field
            .split([' ', '(', ')', '}'])
            .map(|word| word.trim_end_matches(',').to_string())
            .collect::<Vec<_>>()
    };
    let (ours, theirs) = (words(ours), words(theirs));
    let same = |(one, other): (&String, &String)| {
        one == other || ranges(one).is_some() && ranges(one) == ranges(other)
    };
    ours.len() == theirs.len() && ours.iter().zip(&theirs).all(same)
}

const ODD_ZONE: Class = Class {
    name: "a time zone of a day and more",
    right: Both,
    why: "`zone = (\"+\" / \"-\") 4DIGIT`: any digits follow the grammar",
    rfc: "RFC 9051 §9",
    holds: PeerRefuses(|_, meaning, _| {
        let said = meaning.to_string();
        said.match_indices([':']).any(|(at, _)| {
            let zone = said.get(at + 3..at + 9).unwrap_or_default();
            let hours = zone.get(2..4).and_then(|hours| hours.parse::<u8>().ok());
            let minutes = zone.get(4..6).and_then(|minutes| minutes.parse::<u8>().ok());
            matches!(zone.as_bytes(), [b' ', b'+' | b'-', ..])
                && (hours.is_some_and(|hours| hours > 23) || minutes.is_some_and(|minutes| minutes > 59))
        })
    }),
};

const SPACE_BETWEEN: Class = Class {
    name: "a space between addresses or bodies",
    right: Ours,
    why: "they stand side by side; `Leniency` tolerates it here, and tells",
    rfc: "RFC 9051 §9",
    holds: PeerTakes(|input, refusal, meaning| {
        meaning.field("verb") == "FETCH"
            && rest(input, refusal).starts_with(b" (")
            && octet_before(input, refusal) == b')'
    }),
};

const RAW_EXTENSIONS: Class = Class {
    name: "extension data",
    right: Both,
    why: "kept here as its text, read there: 007 is 7",
    rfc: "RFC 9051 §9",
    holds: Differs(|_, Field { name, ours, theirs }| {
        let read = |said: &str| {
            let parts = without_escapes(said);
            let numbers = parts
                .split(|c: char| !c.is_ascii_digit())
                .map(|number| number.trim_start_matches('0').to_string());
            (
                numbers.collect::<Vec<_>>(),
                parts.replace(|c: char| c.is_ascii_digit(), "").to_ascii_uppercase(),
            )
        };
        name.starts_with("BODYSTRUCTURE ") && ours.contains("extensions: ") && read(ours) == read(theirs)
    }),
};

const ODD_MINUTES: Class = Class {
    name: "a time zone with more than 59 minutes",
    right: Ours,
    why: "the zone is \"hours and minutes\": +0590 becomes +0630 there",
    rfc: "RFC 9051 §9",
    holds: PeerTakes(|input, refusal, _| {
        let minutes = rest(input, refusal).get(3..5).and_then(|minutes| std::str::from_utf8(minutes).ok());
        refusal.rule == "a zone of hours and minutes"
            && minutes.and_then(|minutes| minutes.parse::<u8>().ok()).is_some_and(|minutes| minutes > 59)
    }),
};

const LAST_NUMBER: Class = Class {
    name: "4294967295 in a set",
    right: Ours,
    why: "it is a number like others, and `*` is the largest in use: 1:4294967295 is 1:* there",
    rfc: "RFC 9051 §9",
    holds: Differs(|_, field| {
        field.ours.contains("4294967295")
            && field.theirs.contains('*')
            // A mailbox may be called so too.
            && field.theirs.matches("4294967295").count() < field.ours.matches("4294967295").count()
            && same_sets(field)
    }),
};

const SORTED_SETS: Class = Class {
    name: "sets in order",
    right: Both,
    why: "a set says no order; kept here as it was said, sorted and merged there",
    rfc: "RFC 9051 §9",
    holds: Differs(|_, field| {
        field.ours.contains(',') && field.ours.contains('*') == field.theirs.contains('*') && same_sets(field)
    }),
};

const MISSING_TEXT: Class = Class {
    name: "no text, and no space in front of it",
    right: Ours,
    why: "`resp-cond-state = .. SP resp-text`, `continue-req = \"+\" SP ..`; `Leniency` tolerates it here, and imap-codec \
          reads `...`",
    rfc: "RFC 9051 §9",
    holds: PeerTakes(|input, refusal, meaning| {
        refusal.rule == "a space"
            && rest(input, refusal) == b"\r\n"
            && matches!(meaning.field("verb"), "+" | "status" | "tagged")
    }),
};

const NIL_FOR_STRING: Class = Class {
    name: "NIL for a string",
    right: Ours,
    why: "encodings and values of parameters are strings; `Leniency` tolerates NIL here, and tells",
    rfc: "RFC 9051 §9",
    holds: PeerTakes(|input, refusal, _| {
        refusal.rule == "a string"
            && rest(input, refusal).get(..3).is_some_and(|nil| nil.eq_ignore_ascii_case(b"NIL"))
    }),
};

const INBOX: Class = Class {
    name: "INBOX in lower case",
    right: Both,
    why: "it is the same mailbox; its name is kept here as it was said, and `is_inbox` tells",
    rfc: "RFC 9051 §5.1",
    holds: Differs(|_, Field { ours, theirs, .. }| same_inbox(ours) == same_inbox(theirs)),
};

const CASE: Class = Class {
    name: "names in another case",
    right: Both,
    why: "media types, encodings, sections and capabilities are the same in any case; kept here as they were said",
    rfc: "RFC 2045 §5.1 and §6.1, RFC 9051 §9",
    holds: Differs(|_, Field { name, ours, theirs }| {
        ["BODY", "BODYSTRUCTURE", "content", "items", "data", "code", "arguments"]
            .iter()
            .any(|one| name.split(' ').next() == Some(one))
            && ours.eq_ignore_ascii_case(theirs)
    }),
};

const LEADING_ZERO: Class = Class {
    name: "a number with zeros in front",
    right: Ours,
    why: "`nz-number = digit-nz *DIGIT`",
    rfc: "RFC 9051 §9",
    holds: PeerTakes(|input, refusal, _| {
        refusal.rule == "a number above zero" && octet_at(input, refusal) == b'0'
    }),
};

const EXTRA_SPACE: Class = Class {
    name: "a space too many",
    right: Ours,
    why: "lists and lines have one space between items and none at the end; `Leniency` tolerates it here, and tells",
    rfc: "RFC 9051 §9",
    holds: PeerTakes(|input, refusal, _| !refusal.rule.starts_with("no ") && extra_space(input, refusal)),
};

const UNKNOWN_RESPONSE: Class = Class {
    name: "an unknown response",
    right: Ours,
    why: "kept here as `OtherResponse`: \"the client MUST be prepared to accept any response at all times\"",
    rfc: "RFC 9051 §7",
    holds: PeerRefuses(|_, meaning, _| meaning.field("verb") == "OTHER"),
};

const UNKNOWN_ITEM: Class = Class {
    name: "an unknown item of FETCH or STATUS",
    right: Ours,
    why: "kept here, with its neighbours: extensions bring more of them",
    rfc: "RFC 9051 §7, §7.3.3 and §7.5.2",
    holds: PeerRefuses(|_, meaning, _| {
        meaning.get("other 1").is_some()
            || meaning.field("verb") == "MAILBOXSTATUS" && meaning.field("data").contains("Other(")
    }),
};

const EXTENDED_LIST: Class = Class {
    name: "extended data of LIST",
    right: Ours,
    why: "`mailbox [SP mbox-list-extended]`; it is not known there",
    rfc: "RFC 9051 §7.3.1 and §9, RFC 5258 §6",
    holds: PeerRefuses(|_, meaning, _| {
        meaning.field("verb") == "LIST"
            && !meaning.field("data").ends_with("extended: [] })")
            && meaning.field("data").contains("extended: [")
    }),
};

const LARGE: Class = Class {
    name: "sizes of 4 GiB and more",
    right: Ours,
    why: "`number64` in IMAP4rev2; servers with such messages say them to others too",
    rfc: "RFC 9051 §9",
    holds: PeerRefuses(|_, meaning, _| {
        let said = meaning.to_string();
        meaning.field("verb") == "FETCH"
            && said
                .split(|c: char| !c.is_ascii_digit())
                .any(|number| number.parse::<u64>().is_ok_and(|number| number > u64::from(u32::MAX)))
    }),
};
