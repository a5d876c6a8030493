//! Messages that are easy to damage, and how to tell whether they were.

use crate::failure::{During, Outcome, fail};
use crate::server::{ALICE, BOB};

/// A message and what is nasty about it.
pub(crate) struct Sample {
    pub(crate) name: &'static str,
    pub(crate) octets: Vec<u8>,
}

/// Messages that every program must carry octet for octet: CRLF line ends, a complete header, a last CRLF.
pub(crate) fn samples() -> Vec<Sample> {
    let long = "x".repeat(998);
    let dotted_long = format!(".{}", "y".repeat(997));
    vec![
        sample("plain", "Hello Bob,\r\n\r\nall is well.\r\n"),
        sample("dots", ".\r\n..\r\n...\r\n.x\r\nbetween\r\n.\r\n.\r\n\r\n.\r\n..end\r\n"),
        sample("from line", "From the start of a line\r\n>From quoted already\r\n"),
        sample("long lines", &format!("{long}\r\n{dotted_long}\r\n\r\n{long}\r\n")),
        sample("utf-8", "Gr\u{fc}\u{df}e \u{2014} \u{5bb}\u{5d5}\u{5dd} \u{1f4ec}\r\n.\u{fc}\r\n"),
        sample("empty lines at the end", "text\r\n\r\n\r\n\r\n"),
        sample("white space at line ends", "a \r\n\t\r\n \r\n b\t\r\n"),
        sample("no body", ""),
    ]
}

/// Messages that only some programs can send: those that add or insist on nothing themselves.
pub(crate) fn odd_samples() -> Vec<Sample> {
    let mut latin = sample("every octet but CR, LF and NUL", "").octets;
    latin.extend((1..=255u8).filter(|octet| !matches!(octet, b'\r' | b'\n')));
    latin.extend_from_slice(b"\r\n");
    vec![
        Sample { name: "every octet but CR, LF and NUL", octets: latin },
        sample("no last line end", "the last line\r\nis not ended"),
        sample("a last lone dot without its line end", "text\r\n."),
        Sample { name: "the first octet a dot", octets: b".\r\n.first: line\r\n..\r\n\r\nbody\r\n".to_vec() },
        Sample { name: "headers without the empty line", octets: b"Subject: headers alone\r\n".to_vec() },
        Sample { name: "empty", octets: Vec::new() },
    ]
}

/// A message of `size` octets or a few more, of numbered lines, some of which begin with dots.
pub(crate) fn large(size: usize) -> Vec<u8> {
    let mut octets = sample("large", "").octets;
    octets.reserve(size);
    let mut line = 0u32;
    while octets.len() < size {
        let dots = if line % 7 == 0 { ".." } else { "" };
        octets.extend_from_slice(format!("{dots}{line:010} {}\r\n", "0123456789abcdef".repeat(4)).as_bytes());
        line += 1;
    }
    octets
}

fn sample(name: &'static str, body: &str) -> Sample {
    let head = format!(
        "From: <{ALICE}>\r\nTo: <{BOB}>\r\nSubject: interop, {name}\r\n\
         Date: Mon, 5 Jan 2026 10:20:30 +0000\r\nMessage-ID: <{}@example.test>\r\n\
         MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n",
        name.replace(' ', "-").replace(',', "")
    );
    Sample { name, octets: format!("{head}\r\n{body}").into_bytes() }
}

/// The message as DATA carries it, without the final dot: dots doubled, the last line ended.
pub(crate) fn stuffed(message: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(message.len() + message.len() / 64);
    for line in message.split_inclusive(|octet| *octet == b'\n') {
        if line.first() == Some(&b'.') {
            out.push(b'.');
        }
        out.extend_from_slice(line);
    }
    end_last_line(&mut out);
    out
}

/// Ends the last line, as every transport must.
pub(crate) fn end_last_line(message: &mut Vec<u8>) {
    if !message.is_empty() && !message.ends_with(b"\r\n") {
        message.extend_from_slice(b"\r\n");
    }
}

/// Fails unless `stored` is trace fields (`Return-Path`, `Received` and what else `trace` names) followed by
/// exactly what was sent.
pub(crate) fn check_stored(stored: &[u8], sent: &[u8], trace: &[&str]) -> Outcome {
    let mut expected = sent.to_vec();
    end_last_line(&mut expected);
    let Some(prefix) = stored.strip_suffix(expected.as_slice()) else {
        fail!("the message was changed: {}", difference(stored, &expected))
    };
    let prefix = String::from_utf8_lossy(prefix);
    let mut fields = Vec::new();
    for line in prefix.split_inclusive("\r\n") {
        match line.split_once(':') {
            _ if line.starts_with([' ', '\t']) && !fields.is_empty() => {}
            Some((name, _)) if line.ends_with("\r\n") => fields.push(name.to_owned()),
            _ => fail!("the message is preceded by something else than header fields: {line:?}"),
        }
    }
    for name in trace {
        if !fields.iter().any(|field| field == name) {
            fail!("the stored message has no {name} field before it: {prefix:?}");
        }
    }
    match fields.iter().find(|field| !trace.contains(&field.as_str())) {
        Some(field) => fail!("the stored message has an unexpected {field} field before it: {prefix:?}"),
        None => Ok(()),
    }
}

/// Fails unless each sample is found among `stored`, in whatever order.
pub(crate) fn check_all_present(stored: &[Vec<u8>], samples: &[Sample], trace: &[&str]) -> Outcome {
    for sample in samples {
        let subject = format!("Subject: interop, {}\r\n", sample.name);
        let mut candidates =
            stored.iter().filter(|octets| String::from_utf8_lossy(octets).contains(&subject));
        match (candidates.next(), candidates.next()) {
            (Some(found), None) => {
                check_stored(found, &sample.octets, trace).during(format!("message `{}`", sample.name))?;
            }
            (None, _) => fail!("message `{}` is not there", sample.name),
            (Some(_), Some(_)) => fail!("message `{}` is there twice", sample.name),
        }
    }
    Ok(())
}

/// A message of a program that keeps its lines with LF alone.
pub(crate) fn with_crlf(octets: &[u8]) -> Vec<u8> {
    let lines = octets.split_inclusive(|octet| *octet == b'\n');
    lines
        .flat_map(|line| line.strip_suffix(b"\n").map_or(line.to_vec(), |text| [text, b"\r\n"].concat()))
        .collect()
}

/// Where two messages part, counted from their ends: what precedes the stored one is the server's.
fn difference(stored: &[u8], expected: &[u8]) -> String {
    let same = stored.iter().rev().zip(expected.iter().rev()).take_while(|(a, b)| a == b).count();
    let show = |octets: &[u8]| {
        let end = (octets.len() - same + 20).min(octets.len());
        let start = (octets.len() - same).saturating_sub(60);
        octets.get(start..end).unwrap_or_default().escape_ascii().to_string()
    };
    format!(
        "{} octets stored, {} sent, the last {same} are the same; before them\n  stored: {}\n  sent:   {}",
        stored.len(),
        expected.len(),
        show(stored),
        show(expected)
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const TRACE: &[&str] = &["Return-Path", "Received"];
    const PREFIX: &str = "Return-Path: <a@b.test>\r\nReceived: from x\r\n\tby y; date\r\n";

    fn stored(message: &str) -> Vec<u8> {
        format!("{PREFIX}{message}").into_bytes()
    }

    #[test]
    fn an_unchanged_message_behind_its_trace_fields_is_right() {
        assert!(check_stored(&stored("Subject: x\r\n\r\n.\r\n"), b"Subject: x\r\n\r\n.\r\n", TRACE).is_ok());
        assert!(check_stored(&stored("no end\r\n"), b"no end", TRACE).is_ok());
        assert!(check_stored(&stored(""), b"", TRACE).is_ok());
        assert!(check_stored(&stored(" folded?\r\n"), b" folded?\r\n", TRACE).is_ok());
    }

    #[test]
    fn a_changed_octet_a_lost_line_and_an_extra_field_are_noticed() {
        assert!(check_stored(&stored("Subject: y\r\n"), b"Subject: x\r\n", TRACE).is_err());
        assert!(check_stored(&stored("a\r\n"), b"a\r\n\r\n", TRACE).is_err());
        assert!(check_stored(&stored("..x\r\n"), b".x\r\n", TRACE).is_err());
        assert!(check_stored(&stored("X-Extra: y\r\nbody\r\n"), b"body\r\n", TRACE).is_err());
        assert!(check_stored(b"body\r\n", b"body\r\n", TRACE).is_err());
    }

    #[test]
    fn stuffing_doubles_leading_dots_and_ends_the_last_line() {
        assert_eq!(stuffed(b".a\r\n.\r\nb."), b"..a\r\n..\r\nb.\r\n");
        assert_eq!(stuffed(b""), b"");
    }
}
