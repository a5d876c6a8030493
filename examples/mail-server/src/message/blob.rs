//! How what is computed of a message is kept: numbers and strings behind each other.
use thiserror::Error;

/// A BLOB that is damaged, or that another version of this program wrote: what it told is to be computed anew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("a damaged or outdated summary of a message")]
pub struct DamagedBlob;

/// Writes a BLOB.
#[derive(Debug)]
pub(super) struct Writer(Vec<u8>);

/// Reads one.
#[derive(Debug)]
pub(super) struct Reader<'a>(&'a [u8]);

impl Writer {
    pub(super) fn new(version: u8) -> Self {
        Self(vec![version])
    }

    /// Seven bits an octet, the lowest first; the eighth says that more follow.
    pub(super) fn number(&mut self, mut number: u64) {
        while number > 0x7F {
            self.0.push(low_bits(number) | 0x80);
            number >>= 7;
        }
        self.0.push(low_bits(number));
    }

    pub(super) fn octets(&mut self, octets: &[u8]) {
        self.number(octets.len() as u64);
        self.0.extend_from_slice(octets);
    }

    pub(super) fn finish(self) -> Vec<u8> {
        self.0
    }
}

impl<'a> Reader<'a> {
    /// Begins with what a BLOB of this version holds.
    pub(super) fn new(blob: &'a [u8], version: u8) -> Result<Self, DamagedBlob> {
        match blob.split_first() {
            Some((found, rest)) if *found == version => Ok(Self(rest)),
            _ => Err(DamagedBlob),
        }
    }

    pub(super) fn number(&mut self) -> Result<u64, DamagedBlob> {
        let mut number = 0;
        for shift in (0..64).step_by(7) {
            let (octet, rest) = self.0.split_first().ok_or(DamagedBlob)?;
            self.0 = rest;
            let bits = u64::from(octet & 0x7F);
            if bits << shift >> shift != bits {
                return Err(DamagedBlob);
            }
            number |= bits << shift;
            if octet & 0x80 == 0 {
                return Ok(number);
            }
        }
        Err(DamagedBlob)
    }

    pub(super) fn octets(&mut self) -> Result<&'a [u8], DamagedBlob> {
        let length = usize::try_from(self.number()?).map_err(|_| DamagedBlob)?;
        let (octets, rest) = self.0.split_at_checked(length).ok_or(DamagedBlob)?;
        self.0 = rest;
        Ok(octets)
    }

    pub(super) fn text(&mut self) -> Result<&'a str, DamagedBlob> {
        std::str::from_utf8(self.octets()?).map_err(|_| DamagedBlob)
    }

    /// How many items follow; none takes less than an octet.
    pub(super) fn count(&mut self) -> Result<usize, DamagedBlob> {
        let count = usize::try_from(self.number()?).map_err(|_| DamagedBlob)?;
        if count > self.0.len() { Err(DamagedBlob) } else { Ok(count) }
    }

    /// All was read.
    pub(super) fn finish(self) -> Result<(), DamagedBlob> {
        if self.0.is_empty() { Ok(()) } else { Err(DamagedBlob) }
    }
}

fn low_bits(number: u64) -> u8 {
    number.to_le_bytes()[0] & 0x7F
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_strings_come_back() {
        let numbers = [0, 1, 127, 128, 16_383, 16_384, u64::from(u32::MAX), u64::MAX];
        let mut writer = Writer::new(3);
        numbers.iter().for_each(|number| writer.number(*number));
        writer.octets(b"abc");
        let blob = writer.finish();
        let mut reader = Reader::new(&blob, 3).unwrap();
        for number in numbers {
            assert_eq!(reader.number(), Ok(number));
        }
        assert_eq!(reader.octets(), Ok(&b"abc"[..]));
        assert_eq!(reader.finish(), Ok(()));
    }

    #[test]
    fn what_is_damaged_is_an_error() {
        assert!(Reader::new(b"", 1).is_err());
        assert!(Reader::new(b"\x02", 1).is_err());
        assert_eq!(Reader(&[0xFF; 11]).number(), Err(DamagedBlob));
        assert_eq!(Reader(&[0x80]).number(), Err(DamagedBlob));
        assert_eq!(Reader(&[5, b'a']).octets(), Err(DamagedBlob));
        assert_eq!(Reader(&[5, 1]).count(), Err(DamagedBlob));
        assert_eq!(Reader(&[5]).finish(), Err(DamagedBlob));
    }
}
