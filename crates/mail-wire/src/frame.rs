//! A complete unit that a value may keep.
use bytes::Bytes;

/// A complete unit: octets to read, and to share where a value holds some of them.
///
/// Reading needs no share of the block that the unit stands in, and many units hold nothing to keep: `QUIT`. So a
/// share is taken at the end, once, and by those who need it.
pub trait Frame: AsRef<[u8]> {
    /// The first `octets` of the unit, shared.
    fn keep(self, octets: usize) -> Bytes;
}

impl Frame for &Bytes {
    #[inline]
    fn keep(self, octets: usize) -> Bytes {
        if octets < self.len() { self.slice(..octets) } else { self.clone() }
    }
}

impl Frame for Bytes {
    #[inline]
    fn keep(mut self, octets: usize) -> Bytes {
        self.truncate(octets);
        self
    }
}
