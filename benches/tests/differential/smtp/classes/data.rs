//! Data.
use crate::class::{Class, Field, Holds::*, Right::*};

pub(in crate::smtp) const PROTO_DATA: &[Class] = &[
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
