//! CRC32c ([RFC 3385 §4](https://www.rfc-editor.org/rfc/rfc3385#section-4)): of headers, which are short and rare, so
//! that no table is worth its room.

/// The polynomial of Castagnoli, its bits turned round.
const POLYNOMIAL: u32 = 0x82f6_3b78;

/// The checksum of these octets.
pub(super) fn crc32c(octets: impl Iterator<Item = u8>) -> u32 {
    !octets.fold(!0, |sum, octet| {
        (0..8).fold(sum ^ u32::from(octet), |sum, _| (sum >> 1) ^ (POLYNOMIAL & (sum & 1).wrapping_neg()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The examples of [RFC 3720 §B.4](https://www.rfc-editor.org/rfc/rfc3720#appendix-B.4), and the usual check.
    #[test]
    fn checksums_are_those_of_the_rfc() {
        assert_eq!(crc32c([0; 32].into_iter()), 0x8a91_36aa);
        assert_eq!(crc32c([0xff; 32].into_iter()), 0x62a8_ab43);
        assert_eq!(crc32c(0..32), 0x46dd_794e);
        assert_eq!(crc32c((0..32).rev()), 0x113f_db5c);
        assert_eq!(crc32c(b"123456789".iter().copied()), 0xe306_9283);
    }
}
