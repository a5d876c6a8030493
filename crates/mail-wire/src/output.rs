//! Where encoders write.
use alloc::vec::Vec;
use bytes::{Buf, Bytes, BytesMut};

/// Where encoders write: text is copied, payload is shared.
pub trait Output {
    /// Copies a few octets.
    fn text(&mut self, text: &[u8]);
    /// Takes a segment as it is; an [`Outbox`](crate::Outbox) copies none but the shortest.
    fn share(&mut self, segment: Bytes) {
        self.text(&segment);
    }

    /// Takes `octets` from the front of `from`: as a segment, or as text where that is the cheaper.
    ///
    /// # Panics
    /// When `from` holds fewer.
    fn take(&mut self, from: &mut Bytes, octets: usize) {
        self.share(from.split_to(octets));
    }

    /// Writes a number in decimal.
    fn number(&mut self, mut n: u64) {
        let mut digits = [0; 20];
        let mut at = digits.len();
        while let Some(digit) = digits.get_mut(..at).and_then(<[u8]>::last_mut) {
            *digit = b'0' + (n % 10) as u8;
            n /= 10;
            at -= 1;
            if n == 0 {
                break;
            }
        }
        self.text(digits.get(at..).unwrap_or_default());
    }
}

impl Output for Vec<u8> {
    fn text(&mut self, text: &[u8]) {
        self.extend_from_slice(text);
    }

    // A segment would be shared to be copied.
    fn take(&mut self, from: &mut Bytes, octets: usize) {
        self.extend_from_slice(from.get(..octets).unwrap_or_default());
        from.advance(octets);
    }
}

impl Output for BytesMut {
    fn text(&mut self, text: &[u8]) {
        self.extend_from_slice(text);
    }

    fn take(&mut self, from: &mut Bytes, octets: usize) {
        self.extend_from_slice(from.get(..octets).unwrap_or_default());
        from.advance(octets);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::ToString;

    #[test]
    fn numbers_are_written_as_the_standard_library_does() {
        for n in [0, 1, 9, 10, 99, 100, 4_294_967_296, u64::MAX] {
            let mut out = Vec::new();
            out.number(n);
            assert_eq!(out, n.to_string().as_bytes());
        }
    }
}
