//! Where a leaf stands in the text of its compound.
use core::fmt;

/// Where a leaf stands in the text of its compound: eight octets, with NIL and "holds escapes" among its values.
///
/// A compound on a hot path owns one [`Bytes`](bytes::Bytes) and places in it, as `url::Url` does.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Place {
    start: u32,
    /// The length, with [`ESCAPED`] in the highest bit; [`NIL_LEN`] is no place.
    len: u32,
}

const ESCAPED: u32 = 1 << 31;
const NIL_LEN: u32 = u32::MAX;

impl Place {
    /// Nothing stands there: NIL, or an absent part.
    pub const NIL: Self = Self { start: 0, len: NIL_LEN };

    /// `len` octets at `start`. `None` where that is past what a place can tell (2^32 and 2^31 - 1 octets).
    #[inline]
    pub fn new(start: usize, len: usize) -> Option<Self> {
        let (start, len) = (u32::try_from(start).ok()?, u32::try_from(len).ok()?);
        (len < ESCAPED - 1).then_some(Self { start, len })
    }

    /// The same place, telling that its octets hold escapes.
    #[must_use]
    pub fn with_escapes(self) -> Self {
        if self.is_nil() { self } else { Self { len: self.len | ESCAPED, ..self } }
    }

    /// Is nothing there?
    #[inline]
    pub fn is_nil(self) -> bool {
        self.len == NIL_LEN
    }

    /// Must an escape be undone before the octets mean what they say?
    pub fn has_escapes(self) -> bool {
        !self.is_nil() && self.len & ESCAPED != 0
    }

    /// The octets at this place of `text`. `None` where nothing is there.
    pub fn of(self, text: &[u8]) -> Option<&[u8]> {
        if self.is_nil() {
            return None;
        }
        let start = self.start as usize;
        text.get(start..start.checked_add((self.len & !ESCAPED) as usize)?)
    }
}

impl fmt::Debug for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_nil() {
            return f.write_str("NIL");
        }
        let len = self.len & !ESCAPED;
        write!(f, "{}+{len}{}", self.start, if self.has_escapes() { " escaped" } else { "" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::format;

    #[test]
    fn eight_octets_and_every_value_apart() {
        assert_eq!(size_of::<Place>(), 8);
        let place = Place::new(3, 2).unwrap();
        assert_eq!(place.of(b"abcdef"), Some(&b"de"[..]));
        assert_eq!(place.with_escapes().of(b"abcdef"), Some(&b"de"[..]));
        assert!(place.with_escapes().has_escapes() && !place.has_escapes());
        assert_eq!(Place::NIL.of(b"abc"), None);
        assert!(Place::NIL.with_escapes().is_nil() && !Place::NIL.has_escapes());
        assert_eq!(Place::new(0, 0).unwrap().of(b""), Some(&b""[..]));
        assert_eq!(Place::new(0, (1 << 31) - 1), None);
        assert_eq!(format!("{place:?} {:?} {:?}", place.with_escapes(), Place::NIL), "3+2 3+2 escaped NIL");
    }

    #[test]
    fn a_place_outside_its_text_is_nothing_and_no_panic() {
        assert_eq!(Place::new(2, 2).unwrap().of(b"abc"), None);
        assert_eq!(Place::new(u32::MAX as usize, 9).unwrap().of(b"abc"), None);
    }
}
