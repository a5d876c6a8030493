//! The messages of the kill loop: all that is in one follows from its number.

use crate::server::{ALICE, BOB};

/// A message to send or to look for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Parcel(pub(super) u64);

const FIELD: &str = "X-Interop-Number: ";
const SMALLEST: u64 = 200;
const LARGEST: u64 = 48_000;

impl Parcel {
    /// Every third goes to two accounts.
    pub(super) fn recipients(self) -> &'static [&'static str] {
        match self.0 % 3 {
            0 => &[ALICE, BOB],
            1 => &[ALICE],
            _ => &[BOB],
        }
    }

    /// The whole message: a few hundred octets up to some ten thousand, unlike that of any other number.
    pub(super) fn message(self) -> Vec<u8> {
        // xorshift64*, seeded by the number.
        let mut state = self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
        let mut random = move || {
            state ^= state >> 12;
            state ^= state << 25;
            state ^= state >> 27;
            state.wrapping_mul(0x2545_f491_4f6c_dd1d)
        };
        let size = SMALLEST + random() % (LARGEST - SMALLEST);
        let mut message = format!("Subject: kill loop\r\n{FIELD}{}\r\n\r\n", self.0).into_bytes();
        while (message.len() as u64) < size {
            let dot = if random() % 8 == 0 { "." } else { "" };
            message.extend_from_slice(format!("{dot}{:016x}{:016x}\r\n", random(), random()).as_bytes());
        }
        message
    }

    /// Which parcel a stored message is, by its header.
    pub(super) fn of(stored: &[u8]) -> Option<Self> {
        let head = stored.get(..stored.len().min(2000))?;
        let head = String::from_utf8_lossy(head);
        let line = head.lines().find_map(|line| line.strip_prefix(FIELD))?;
        line.parse().ok().map(Self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_parcel_is_known_by_its_message_and_no_two_are_alike() {
        let message = Parcel(7).message();
        assert_eq!(Parcel::of(&message), Some(Parcel(7)));
        assert_eq!(message, Parcel(7).message());
        assert_ne!(message.last_chunk::<40>(), Parcel(8).message().last_chunk::<40>());
        assert!((0..50).all(|number| (200..60_000).contains(&Parcel(number).message().len())));
    }
}
