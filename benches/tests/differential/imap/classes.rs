//! What differs, and who is right.
use crate::{
    class::{Class, Field, Holds::*, Right::*},
    lines::rest,
    meaning::Refusal,
};

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

pub(super) const CODEC_COMMANDS: &[Class] = &[
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

const UNKNOWN_RESPONSE: Class = Class {
    name: "an unknown response",
    right: Ours,
    why: "kept here as `OtherResponse`: \"a client MUST be prepared to accept any response at all times\"",
    rfc: "RFC 9051 §2.2.2",
    holds: PeerRefuses(|_, meaning, _| meaning.field("verb") == "OTHER"),
};

const UNKNOWN_ITEM: Class = Class {
    name: "an unknown item of FETCH or STATUS",
    right: Ours,
    why: "kept here, with its neighbours: extensions bring more of them",
    rfc: "RFC 9051 §7.5.2, RFC 4466 §2.2",
    holds: PeerRefuses(|_, meaning, _| {
        meaning.get("other 1").is_some()
            || meaning.field("verb") == "MAILBOXSTATUS" && meaning.field("data").contains("Other(")
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

pub(super) const CODEC_RESPONSES: &[Class] = &[
    INBOX,
    CASE,
    LEADING_ZERO,
    EXTRA_SPACE,
    UNKNOWN_RESPONSE,
    UNKNOWN_ITEM,
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

pub(super) const PROTO_RESPONSES: &[Class] = &[
    INBOX,
    CASE,
    LEADING_ZERO,
    EXTRA_SPACE,
    UNKNOWN_RESPONSE,
    UNKNOWN_ITEM,
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
        right: Both,
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
        rfc: "RFC 9051 §7.3.3",
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
