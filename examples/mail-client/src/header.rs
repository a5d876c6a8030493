//! Fields of a header, readable.
use crate::text;
use imap_proto::{Address, AddressKind, DateTime, Envelope, Flag, Flags};
use mail_parser::{HeaderValue, parsers::MessageStream};

/// A field without structure, such as a subject: encoded words ([RFC 2047](https://www.rfc-editor.org/rfc/rfc2047))
/// undone, on one line.
pub(crate) fn unstructured(field: &[u8]) -> String {
    let mut field = field.to_vec();
    field.push(b'\n');
    match MessageStream::new(&field).parse_unstructured() {
        HeaderValue::Text(decoded) => text::line(&decoded),
        HeaderValue::TextList(list) => text::line(&list.join(" ")),
        _ => text::line(String::from_utf8_lossy(&field).trim()),
    }
}

/// The subject, or that there is none.
pub(crate) fn subject(envelope: &Envelope) -> String {
    envelope.subject().map_or_else(|| "(no subject)".to_owned(), |subject| unstructured(&subject))
}

/// Who sent it: the name, or else the address.
pub(crate) fn sender(envelope: &Envelope) -> String {
    envelope.from().next().map_or_else(
        || "(unknown)".to_owned(),
        |from| match from.name() {
            Some(name) if !name.trim_ascii().is_empty() => unstructured(&name),
            _ => mailbox(from),
        },
    )
}

/// All addresses, with names: `Fred <fred@example.org>, b@example.net`.
pub(crate) fn addresses<'a>(addresses: impl Iterator<Item = Address<'a>>) -> String {
    let mut shown = String::new();
    for address in addresses.filter(|address| address.kind() != AddressKind::GroupEnd) {
        if !shown.is_empty() {
            shown.push_str(", ");
        }
        match address.name() {
            Some(name) => shown.push_str(&format!("{} <{}>", unstructured(&name), mailbox(address))),
            None => shown.push_str(&mailbox(address)),
        }
    }
    shown
}

fn mailbox(address: Address<'_>) -> String {
    let part = |part: Option<std::borrow::Cow<'_, [u8]>>| {
        part.map(|part| text::line(&String::from_utf8_lossy(&part))).unwrap_or_default()
    };
    match address.kind() {
        AddressKind::Mailbox => format!("{}@{}", part(address.mailbox()), part(address.host())),
        _ => part(address.mailbox()),
    }
}

/// When it came in: `2026-11-22 03:17`, in the server's zone.
pub(crate) fn date(date: DateTime) -> String {
    let day = date.date();
    format!("{:04}-{:02}-{:02} {:02}:{:02}", day.year(), day.month(), day.day(), date.hour(), date.minute())
}

/// Flags, a letter each, `N` for one that nobody has read: `NF`.
pub(crate) fn flags(flags: &Flags) -> String {
    let mut shown = String::new();
    if !flags.contains(&Flag::Seen) {
        shown.push('N');
    }
    for (flag, letter) in
        [(Flag::Flagged, 'F'), (Flag::Answered, 'A'), (Flag::Draft, 'd'), (Flag::Deleted, 'D')]
    {
        if flags.contains(&flag) {
            shown.push(letter);
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_is_shown_as_it_was_written() {
        for (field, shown) in [
            (&b"plain"[..], "plain"),
            (b"=?UTF-8?Q?Gr=C3=BC=C3=9Fe?= aus =?ISO-8859-1?B?S/ZsbiE=?=", "Gr\u{fc}\u{df}e aus K\u{f6}ln!"),
            (b"=?utf-8?B?5pel5pys?= =?utf-8?B?6Kqe?=", "\u{65e5}\u{672c}\u{8a9e}"),
            (b"=?utf-8?Q?a=1B[2Jb?=", "a\u{fffd}[2Jb"),
            (b"=?nonsense", "=?nonsense"),
            (b"caf\xc3\xa9", "caf\u{e9}"),
            (b"", ""),
        ] {
            assert_eq!(unstructured(field), shown);
        }
    }
}
