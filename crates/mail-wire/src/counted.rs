//! Payload whose length was told before.
use bytes::{Bytes, BytesMut};

/// Takes exactly so many octets as payload, as slices of the input.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counted {
    left: u64,
}

impl Counted {
    /// Payload of `octets` octets.
    pub fn new(octets: u64) -> Self {
        Self { left: octets }
    }

    /// Octets that are still to come.
    pub fn left(&self) -> u64 {
        self.left
    }

    /// Takes what `input` holds of the payload. `None`: none of it is there, or all of it was taken.
    pub fn next(&mut self, input: &mut BytesMut) -> Option<Bytes> {
        let octets = usize::try_from(self.left).map_or(input.len(), |left| left.min(input.len()));
        if octets == 0 {
            return None;
        }
        self.left -= octets as u64;
        Some(input.split_to(octets).freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn takes_what_was_told_and_leaves_the_rest() {
        let mut input = BytesMut::from(&b"abcdef"[..]);
        let mut counted = Counted::new(4);
        let at = input.as_ptr();
        let piece = counted.next(&mut input).unwrap();
        assert_eq!((&piece[..], piece.as_ptr()), (&b"abcd"[..], at));
        assert_eq!(counted.next(&mut input), None);
        assert_eq!(&input[..], b"ef");
    }

    #[test]
    fn takes_pieces_as_they_come() {
        let mut counted = Counted::new(u64::MAX);
        assert_eq!(counted.next(&mut BytesMut::new()), None);
        assert_eq!(counted.next(&mut BytesMut::from(&b"abc"[..])).unwrap(), &b"abc"[..]);
        assert_eq!(counted.left(), u64::MAX - 3);
    }
}
