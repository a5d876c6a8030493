//! Lists of SASL mechanisms.
use crate::InvalidMechanisms;
use alloc::vec::Vec;
use mail_wire::Mechanism;

/// Some mechanisms, each once, in the order of preference: as many as one line of capabilities can name.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
#[cfg_attr(feature = "serde", derive(serde::Serialize), serde(transparent))]
pub struct Mechanisms(Vec<Mechanism>);

impl Mechanisms {
    /// No mechanism.
    pub const NONE: Self = Self(Vec::new());

    /// These mechanisms; one that is named again is named once.
    ///
    /// # Errors
    /// One line of 512 octets cannot name them all.
    pub fn new(mechanisms: impl IntoIterator<Item = Mechanism>) -> Result<Self, InvalidMechanisms> {
        let (mut kept, mut octets) = (Vec::new(), "SASL\r\n".len());
        for mechanism in mechanisms {
            if !kept.contains(&mechanism) {
                octets += 1 + mechanism.as_str().len();
                // rule rfc2449 4 sasl-512: the line that lists the mechanisms has at most 512 octets
                if octets > 512 {
                    return Err(InvalidMechanisms { octets });
                }
                kept.push(mechanism);
            }
        }
        Ok(Self(kept))
    }

    /// The mechanisms.
    pub fn iter(&self) -> impl Iterator<Item = Mechanism> + '_ {
        self.0.iter().copied()
    }

    /// Is `mechanism` one of them?
    pub fn contains(&self, mechanism: Mechanism) -> bool {
        self.0.contains(&mechanism)
    }

    /// Are there none?
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::{format, string::ToString};

    // covers rfc2449 4 sasl-512
    #[test]
    fn no_more_mechanisms_than_one_line_can_name() {
        let named =
            |count| Mechanisms::new((0..count).map(|n| Mechanism::new(&format!("X{n:019}")).unwrap()));
        assert_eq!(named(24).unwrap().iter().count(), 24);
        assert_eq!(named(25).unwrap_err().to_string(), "SASL line of 531 octets where 512 are allowed");
        let twice = Mechanisms::new([Mechanism::PLAIN, Mechanism::new("PLAIN").unwrap()]).unwrap();
        assert_eq!(twice.iter().count(), 1);
    }
}
