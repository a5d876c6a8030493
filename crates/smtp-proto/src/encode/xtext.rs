//! `xtext` ([RFC 3461 §4](https://www.rfc-editor.org/rfc/rfc3461#section-4)).
use mail_wire::Output;

/// Writes octets as `xtext`: printable ASCII without `+`, `=` and space, whatever they are.
///
/// ```
/// let mut value = Vec::new();
/// smtp_proto::xtext::encode(b"e=mc2\r\nQUIT", &mut value);
/// assert_eq!(value, b"e+3Dmc2+0D+0AQUIT");
/// ```
pub fn encode(octets: &[u8], out: &mut impl Output) {
    for octet in octets {
        if matches!(octet, b'!'..=b'~')
            // rule rfc4954 8 xtext-written: `+` and `=` are written as hexadecimal digits
            && !matches!(octet, b'+' | b'=')
        {
            out.text(&[*octet]);
        } else {
            out.text(&[b'+', digit(octet >> 4), digit(octet & 15)]);
        }
    }
}

/// Writes an address of type `utf-8` in ASCII: `utf-8-addr-xtext`
/// ([RFC 6533 §3](https://www.rfc-editor.org/rfc/rfc6533#section-3)).
pub(crate) fn encode_utf8(address: &str, out: &mut impl Output) {
    for found in address.chars() {
        if found.is_ascii_graphic() && !matches!(found, '+' | '=' | '\\') {
            out.text(found.encode_utf8(&mut [0; 4]).as_bytes());
            continue;
        }
        out.text(b"\\x{");
        let point = u32::from(found);
        let most = (point.checked_ilog2().unwrap_or_default() / 4).max(1);
        for nibble in (0..=most).rev() {
            out.text(&[digit((point >> (nibble * 4) & 15) as u8)]);
        }
        out.text(b"}");
    }
}

/// `nibble` is below 16.
fn digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 }
}
