//! The name of a maildrop.
use crate::InvalidArgument;
use alloc::{borrow::Cow, string::String};
use bytes::Bytes;
use core::{fmt, hash};
use mail_wire::{InvalidText, Text, word::load_at};

/// The name of a maildrop: at least one octet, spaces allowed.
///
/// A short one, of up to 24 octets, holds them itself; only a longer one that was parsed holds the block that it was
/// read in.
#[derive(Clone)]
pub struct Name(Kept);

#[derive(Clone)]
enum Kept {
    Short(Short),
    Long(Text),
}

/// Padded with NUL, which no name holds.
///
/// Aligned, so that it is moved by the words that it was written by: a machine waits for others.
#[derive(Clone)]
#[repr(align(8))]
struct Short([[u8; 8]; 3]);

impl Name {
    /// This name.
    ///
    /// # Errors
    /// It is empty, or holds CR, LF or NUL.
    pub fn new(name: impl Into<Bytes>) -> Result<Self, InvalidArgument> {
        let name = name.into();
        Self::read(&name, || name.clone())
    }

    /// The name of these octets, which are copied or shared.
    #[inline(always)]
    pub(crate) fn read(name: &[u8], share: impl FnOnce() -> Bytes) -> Result<Self, InvalidArgument> {
        // rule rfc1939 7 user-needs-name: USER has a name
        if name.is_empty() {
            return Err(InvalidArgument::Empty);
        }
        if name.len() > 24 {
            return Ok(Self(Kept::Long(Text::new(share())?)));
        }
        InvalidText::check(name)?;
        let eight = |at| load_at(name, at).to_le_bytes();
        Ok(Self(Kept::Short(Short([eight(0), eight(8), eight(16)]))))
    }

    /// A copy that lets go of the block it was read in.
    #[must_use]
    pub fn detach(&self) -> Self {
        match &self.0 {
            Kept::Short(_) => self.clone(),
            Kept::Long(text) => Self(Kept::Long(text.detach())),
        }
    }

    /// The octets of the name.
    pub fn as_bytes(&self) -> &[u8] {
        match &self.0 {
            Kept::Short(Short(octets)) => {
                octets.as_flattened().split(|octet| *octet == 0).next().unwrap_or_default()
            }
            Kept::Long(text) => text.as_bytes(),
        }
    }

    /// The name as UTF-8, with U+FFFD where it is not.
    pub fn to_str_lossy(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(self.as_bytes())
    }
}

impl PartialEq for Name {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for Name {}

impl hash::Hash for Name {
    fn hash<H: hash::Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl fmt::Debug for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Name(\"{}\")", self.as_bytes().escape_ascii())
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for Name {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        mail_wire::octets::serialize(&self.as_bytes(), serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{format, string::ToString, vec};

    // covers rfc1939 7 user-needs-name
    #[test]
    fn no_second_command_can_be_put_into_a_name() {
        for error in [Name::new("mrose\r\nDELE 1"), Name::new("mrose\r\nDELE 1, and many octets more")] {
            let told = "octet 0x0d at 5 where a line may hold no CR, LF or NUL";
            assert_eq!(error.unwrap_err().to_string(), told);
        }
        assert_eq!(Name::new("").unwrap_err().to_string(), "empty where at least one octet is needed");
    }

    #[test]
    fn a_name_of_any_length_is_what_was_read() {
        for len in 1..60 {
            let octets: Bytes = (0..len).map(|at| b'a' + at % 26).collect();
            let name = Name::new(octets.clone()).unwrap();
            assert_eq!((name.as_bytes(), &name.detach()), (&octets[..], &name));
            assert_ne!(name, Name::new([&octets[..], b"x"].concat()).unwrap());
            assert_eq!(name.to_str_lossy().as_bytes(), octets);
        }
        assert_eq!(format!("{:?}", Name::new("jos\u{e9} \"x\"").unwrap()), r#"Name("jos\xc3\xa9 \"x\"")"#);
    }

    #[test]
    fn a_short_name_lets_the_block_go_and_a_long_one_shares_it() {
        for (len, shares) in [(24, false), (25, true)] {
            let block = Bytes::from(vec![b'x'; 4096]);
            let name = Name::new(block.slice(..len)).unwrap();
            assert_eq!(name.as_bytes().as_ptr() == block.as_ptr(), shares);
            assert_eq!(block.is_unique(), !shares);
            assert_ne!(name.detach().as_bytes().as_ptr(), block.as_ptr());
        }
    }
}
