//! The grammar: one function a rule, the rule in its doc. Complete lines come in, without their CRLF.
mod apop;
mod capability;
mod command;
mod language;
mod lenient;
mod listing;
mod reply;

pub(crate) use apop::timestamp;
pub(crate) use capability::capability;
pub(crate) use command::command;
pub(crate) use language::{language, language_tag};
pub(crate) use lenient::{lenient_command, lenient_response, lenient_unique_id_listing};
pub(crate) use listing::{drop_listing, scan_listing, unique_id_listing};
pub(crate) use reply::{code, response, single_line, starts_with_code};

use crate::MessageNumber;
use bytes::Bytes;
use command::user_name;
use mail_wire::{
    Text,
    span::{Parsed, Span, decimal, expected},
};

/// `message-number`: `1*DIGIT` from 1 to 2^32 - 1 ([RFC 1939 §4])
///
/// [RFC 1939 §4]: https://www.rfc-editor.org/rfc/rfc1939#section-4
#[inline]
fn message_number(i: Span<'_>) -> Parsed<'_, MessageNumber> {
    let (n, digits) = decimal(i.text());
    match u32::try_from(n).ok().and_then(MessageNumber::new) {
        Some(message) => Ok((i.part(digits).0, message)),
        None => expected(i, "a message number"),
    }
}

/// How many octets in front are of a kind.
fn run(i: Span<'_>, is: impl Fn(u8) -> bool) -> usize {
    i.text().iter().position(|octet| !is(*octet)).unwrap_or(i.text().len())
}

/// A name in upper case: the frame's own octets where they are that already. A rule has seen that it is visible
/// ASCII.
fn upper(name: Span<'_>) -> Text {
    let octets = if name.text().iter().any(u8::is_ascii_lowercase) {
        Bytes::from(name.text().to_ascii_uppercase())
    } else {
        name.share()
    };
    Text::new(octets).unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod tests {
    use bytes::Bytes;

    /// A line as a frame.
    pub(crate) fn line(text: &str) -> Bytes {
        Bytes::copy_from_slice(text.as_bytes())
    }
}
