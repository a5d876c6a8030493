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

/// `nibble` is below 16.
fn digit(nibble: u8) -> u8 {
    if nibble < 10 { b'0' + nibble } else { b'A' + nibble - 10 }
}
