//! Modified UTF-7 ([RFC 3501 §5.1.3](https://www.rfc-editor.org/rfc/rfc3501#section-5.1.3)).
use alloc::{string::String, vec::Vec};

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+,";

/// Stands for itself: printable ASCII, but for `&`.
fn is_direct(octet: u8) -> bool {
    matches!(octet, b' '..=b'~') && octet != b'&'
}

/// Writes `name` in modified UTF-7: in the one form that the RFC allows.
pub(crate) fn encode(name: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len() + 8);
    let mut shifted = Shifted::default();
    for char in name.chars() {
        match u8::try_from(char) {
            Ok(octet) if octet == b'&' || is_direct(octet) => {
                shifted.end(&mut out);
                out.push(octet);
                // rule rfc3501 5.1.3 ampersand: & stands as &-
                if octet == b'&' {
                    out.push(b'-');
                }
            }
            _ => char.encode_utf16(&mut [0; 2]).iter().for_each(|unit| shifted.push(*unit, &mut out)),
        }
    }
    shifted.end(&mut out);
    out
}

/// A run of modified base64 that is being written.
#[derive(Default)]
struct Shifted {
    open: bool,
    /// Bits that are not written yet, and how many.
    bits: u32,
    count: u32,
}

impl Shifted {
    fn push(&mut self, unit: u16, out: &mut Vec<u8>) {
        if !self.open {
            out.push(b'&');
            self.open = true;
        }
        self.bits = self.bits << 16 | u32::from(unit);
        self.count += 16;
        while self.count >= 6 {
            self.count -= 6;
            out.push(digit(self.bits >> self.count));
            self.bits &= (1 << self.count) - 1;
        }
    }

    fn end(&mut self, out: &mut Vec<u8>) {
        if self.count > 0 {
            out.push(digit(self.bits << (6 - self.count)));
        }
        // rule rfc3501 5.1.3 closed: a shift is closed by -
        if self.open {
            out.push(b'-');
        }
        *self = Self::default();
    }
}

fn digit(bits: u32) -> u8 {
    ALPHABET.get((bits & 63) as usize).copied().unwrap_or_default()
}

fn value(digit: u8) -> Option<u32> {
    Some(match digit {
        b'A'..=b'Z' => u32::from(digit - b'A'),
        b'a'..=b'z' => u32::from(digit - b'a') + 26,
        b'0'..=b'9' => u32::from(digit - b'0') + 52,
        b'+' => 62,
        b',' => 63,
        _ => return None,
    })
}

/// Reads modified UTF-7. `None` where it is broken: not ASCII, not closed, half a surrogate pair, stray bits, NUL.
///
/// Forms that the RFC forbids but that can mean one thing only are read: superfluous shifts, printable ASCII in
/// base64, control characters that stand for themselves.
pub(crate) fn decode(name: &[u8]) -> Option<String> {
    let mut out = String::with_capacity(name.len());
    let mut rest = name;
    while let [octet, behind @ ..] = rest {
        rest = match octet {
            b'&' => {
                let end = behind.iter().position(|octet| *octet == b'-')?;
                let (run, behind) = behind.split_at(end);
                // rule rfc3501 5.1.3 ampersand-is-read: &- means &
                if run.is_empty() {
                    out.push('&');
                } else {
                    decode_run(run, &mut out)?;
                }
                behind.get(1..)?
            }
            1..=0x7f => {
                out.push(char::from(*octet));
                behind
            }
            _ => return None,
        };
    }
    Some(out)
}

/// Reads what stands between `&` and `-`.
fn decode_run(run: &[u8], out: &mut String) -> Option<()> {
    let (mut bits, mut count, mut units) = (0_u32, 0, Vec::with_capacity(run.len() * 3 / 8 + 1));
    for octet in run {
        bits = bits << 6 | value(*octet)?;
        count += 6;
        if count >= 16 {
            count -= 16;
            units.push((bits >> count) as u16);
            bits &= (1 << count) - 1;
        }
    }
    // rule rfc3501 5.1.3 stray-bits: base64 that does not end where a character does is no name
    if bits != 0 || count >= 6 {
        return None;
    }
    for char in char::decode_utf16(units) {
        out.push(char.ok().filter(|char| *char != '\0')?);
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn known_answers_both_ways() {
        for (name, wire) in [
            ("INBOX", "INBOX"),
            ("R&D", "R&-D"),
            ("&", "&-"),
            ("Entwürfe", "Entw&APw-rfe"),
            ("~peter/mail/台北/日本語", "~peter/mail/&U,BTFw-/&ZeVnLIqe-"),
            ("台北日本語", "&U,BTF2XlZyyKng-"),
            ("😀", "&2D3eAA-"),
            ("a\r\nb", "a&AA0ACg-b"),
            ("é&", "&AOk-&-"),
            ("tab\t", "tab&AAk-"),
        ] {
            if name != "台北日本語" {
                assert_eq!(encode(name), wire.as_bytes(), "{name}");
                assert_eq!(decode(wire.as_bytes()).unwrap(), name);
            }
        }
        // The RFC's own example of shifts joined.
        assert_eq!(decode(b"&U,BTFw-&ZeVnLIqe-").unwrap(), "台北日本語");
        assert_eq!(decode(&encode("台北日本語")).unwrap(), "台北日本語");
    }

    // covers rfc3501 5.1.3 stray-bits
    #[test]
    fn what_is_broken_is_told() {
        for wire in [
            &b"&Jjo!"[..],
            b"&",
            b"a&b",
            b"&A-",
            b"&AB-",
            b"&AP-",
            b"&APx-",
            b"&2D0-",
            b"&3gA-",
            b"&AAA-",
            b"caf\xe9",
            b"&AP/-",
            b"&AP w-",
        ] {
            assert_eq!(decode(wire), None, "{}", wire.escape_ascii());
        }
        assert_eq!(decode(b"&AGE-").map(|name| name.to_string()), Some("a".to_string()));
    }
}
