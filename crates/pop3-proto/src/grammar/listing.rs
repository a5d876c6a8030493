//! Listings ([RFC 1939 §5, §7](https://www.rfc-editor.org/rfc/rfc1939#section-5)).
use super::message_number;
use crate::{DropListing, ScanListing, UniqueId, UniqueIdListing};
use mail_wire::{
    class::{self, VISIBLE},
    span::{Parsed, Span, expected, number, rest, sp},
};

/// `drop-listing = nn SP mm [SP *CHAR]`: no requirement on what follows the size
pub(crate) fn drop_listing(i: Span<'_>) -> Parsed<'_, DropListing> {
    let (after, messages) = number(i)?;
    let Ok(messages) = u32::try_from(messages) else { return expected(i, "a number below 2^32") };
    let (i, ()) = sp(after)?;
    let (i, octets) = number(i)?;
    Ok((further(i)?.0, DropListing { messages, octets }))
}

/// `scan-listing = message-number SP size [SP *CHAR]`: no requirement on what follows the size
pub(crate) fn scan_listing(i: Span<'_>) -> Parsed<'_, ScanListing> {
    let (i, message) = message_number(i)?;
    let (i, ()) = sp(i)?;
    let (i, octets) = number(i)?;
    Ok((further(i)?.0, ScanListing { message, octets }))
}

/// `unique-id-listing = message-number SP unique-id`
pub(crate) fn unique_id_listing(i: Span<'_>) -> Parsed<'_, UniqueIdListing> {
    let (i, message) = message_number(i)?;
    let (i, ()) = sp(i)?;
    let (i, id) = unique_id(i)?;
    Ok((i, UniqueIdListing { message, id }))
}

/// `unique-id = 1*70(%x21-7E)`
#[inline]
fn unique_id(i: Span<'_>) -> Parsed<'_, UniqueId> {
    let (after, id) = i.part(visible(i.text()));
    match UniqueId::of_visible(id.text()) {
        Some(id) => Ok((after, id)),
        None => expected(i, "a unique-id of 1 to 70 visible octets"),
    }
}

/// How many octets in front are visible. A unique-id is long enough to be looked at eight at a time.
#[inline]
fn visible(text: &[u8]) -> usize {
    let mut rest = text;
    while let Some((_, behind)) = rest.split_first_chunk().filter(|(eight, _)| are_visible(**eight)) {
        rest = behind;
    }
    text.len() - rest.len() + class::run(rest, VISIBLE)
}

/// Are all of them from 0x21 to 0x7E?
#[inline]
fn are_visible(octets: [u8; 8]) -> bool {
    const ONE: u64 = 0x0101_0101_0101_0101;
    let word = u64::from_le_bytes(octets);
    // The highest bit of each octet tells: from 0x21 on, not from 0x7F on, and below 0x80. What an octet above that
    // carries over to its neighbour cannot mend it.
    let told = word.wrapping_add(ONE * (0x80 - 0x21)) & !word.wrapping_add(ONE) & !word;
    told & (ONE * 0x80) == ONE * 0x80
}

/// `[SP *CHAR]`
#[inline]
fn further(i: Span<'_>) -> Parsed<'_, Span<'_>> {
    // rule rfc1939 5 words-behind-size: a reader takes what a server says behind the size
    if i.is_empty() || i.first() == Some(b' ') { rest(i) } else { expected(i, "a space or the end") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{MessageNumber, grammar::tests::line};
    use std::string::ToString;

    // covers rfc1939 5 words-behind-size
    #[test]
    fn listings_of_the_rfc() {
        let message = MessageNumber::new(2).unwrap();
        assert_eq!(DropListing::parse(&line("2 320")), Ok(DropListing { messages: 2, octets: 320 }));
        assert_eq!(DropListing::parse(&line("2 320 extra")), Ok(DropListing { messages: 2, octets: 320 }));
        assert_eq!(ScanListing::parse(&line("2 200")), Ok(ScanListing { message, octets: 200 }));
        assert_eq!(ScanListing::parse(&line("2 200 Subject: x")), Ok(ScanListing { message, octets: 200 }));
        let listing = UniqueIdListing::parse(&line("2 QhdPYR:00WBw1Ph7x7")).unwrap();
        assert_eq!((listing.message, listing.id.as_str()), (message, "QhdPYR:00WBw1Ph7x7"));
    }

    #[test]
    fn each_octet_that_is_not_visible_ends_a_unique_id_wherever_it_stands() {
        for octet in 0..=255 {
            let is_visible = (0x21..=0x7e).contains(&octet);
            for at in 0..20 {
                let mut text = *b"0123456789abcdefghij";
                text[at] = octet;
                assert_eq!(visible(&text), if is_visible { 20 } else { at }, "{octet:#x} at {at}");
            }
        }
    }

    // covers rfc1939 7 unique-id-read
    #[test]
    fn broken_listings_say_what_is_missing() {
        for (text, error) in [
            ("", "expected a number at octet 0, found the end"),
            ("2", "expected a space at octet 1, found the end"),
            ("2 x", "expected a number at octet 2, found 'x'"),
            ("2 320octets", "expected a space or the end at octet 5, found 'o'"),
            ("4294967296 1", "expected a number below 2^32 at octet 0, found '4'"),
            ("2 99999999999999999999", "expected a number below 2^64 at octet 2, found '9'"),
        ] {
            assert_eq!(DropListing::parse(&line(text)).unwrap_err().to_string(), error, "{text}");
        }
        for (text, error) in [
            ("0 1", "expected a message number at octet 0, found '0'"),
            ("1 ", "expected a number at octet 2, found the end"),
        ] {
            assert_eq!(ScanListing::parse(&line(text)).unwrap_err().to_string(), error, "{text}");
        }
        let long = std::format!("1 {}", "x".repeat(71));
        for (text, error) in [
            ("1 ", "expected a unique-id of 1 to 70 visible octets at octet 2, found the end"),
            (&*long, "expected a unique-id of 1 to 70 visible octets at octet 2, found 'x'"),
        ] {
            assert_eq!(UniqueIdListing::parse(&line(text)).unwrap_err().to_string(), error, "{text}");
        }
    }
}
