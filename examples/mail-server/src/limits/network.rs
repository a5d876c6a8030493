//! Networks: whom an address belongs to, and which ones are trusted.
use serde::Deserialize;
use std::{
    fmt,
    net::{IpAddr, Ipv6Addr},
    str::FromStr,
};
use thiserror::Error;

/// What one client has of the address space: an IPv4 address, or the 64 bits of an IPv6 one that its user did not
/// choose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network(IpAddr);

impl Network {
    /// Where `client` belongs. An IPv4 address is one however it is written.
    pub fn of(client: IpAddr) -> Self {
        Self(match client.to_canonical() {
            IpAddr::V4(address) => address.into(),
            IpAddr::V6(address) => Ipv6Addr::from_bits(address.to_bits() & !u128::from(u64::MAX)).into(),
        })
    }
}

/// All addresses that begin alike: `192.0.2.0/24`, `2001:db8::/32`, or one address alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub struct Subnet {
    first: IpAddr,
    prefix: u32,
}

/// Not a network.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("'{0}' is no network: an address, or its first one with how many bits they share, as 192.0.2.0/24")]
pub struct InvalidSubnet(String);

impl Subnet {
    /// The networks of this machine alone.
    pub(crate) fn loopback() -> [Self; 2] {
        let one = Self { first: Ipv6Addr::LOCALHOST.into(), prefix: 128 };
        [Self { first: [127, 0, 0, 0].into(), prefix: 8 }, one]
    }

    /// Is the address one of these?
    pub fn contains(self, address: IpAddr) -> bool {
        match (self.first, address.to_canonical()) {
            (IpAddr::V4(first), IpAddr::V4(address)) => {
                let differs = u128::from(first.to_bits() ^ address.to_bits());
                is_beyond(differs, self.prefix, 32)
            }
            (IpAddr::V6(first), IpAddr::V6(address)) => {
                is_beyond(first.to_bits() ^ address.to_bits(), self.prefix, 128)
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

/// Do only bits behind the first `prefix` ones of `width` stand here?
fn is_beyond(bits: u128, prefix: u32, width: u32) -> bool {
    bits.checked_shr(width.saturating_sub(prefix)).unwrap_or(0) == 0
}

impl FromStr for Subnet {
    type Err = InvalidSubnet;
    fn from_str(text: &str) -> Result<Self, InvalidSubnet> {
        let invalid = || InvalidSubnet(text.to_owned());
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix)),
            None => (text, None),
        };
        let first: IpAddr = address.parse().map_err(|_| invalid())?;
        let (width, bits) = match first {
            IpAddr::V4(first) => (32, u128::from(first.to_bits())),
            IpAddr::V6(first) => (128, first.to_bits()),
        };
        let prefix: u32 = prefix.map_or(Ok(width), |prefix| prefix.parse().map_err(|_| invalid()))?;
        let rest = width.checked_sub(prefix).ok_or_else(invalid)?;
        // One that begins in the midst of a network is a slip of whoever wrote it.
        match bits.checked_shl(128 - rest) {
            None | Some(0) => Ok(Self { first, prefix }),
            Some(_) => Err(invalid()),
        }
    }
}

impl TryFrom<String> for Subnet {
    type Error = InvalidSubnet;
    fn try_from(text: String) -> Result<Self, InvalidSubnet> {
        text.parse()
    }
}

impl fmt::Display for Subnet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.prefix)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    #[test]
    fn an_ipv4_address_is_one_however_it_is_written() {
        assert_eq!(Network::of(address("::ffff:192.0.2.1")), Network::of(address("192.0.2.1")));
        assert_ne!(Network::of(address("192.0.2.1")), Network::of(address("192.0.2.2")));
    }

    #[test]
    fn a_user_of_ipv6_is_one_whichever_address_it_chooses() {
        let network = Network::of(address("2001:db8:0:1::1"));
        assert_eq!(network, Network::of(address("2001:db8:0:1:ffff:ffff:ffff:ffff")));
        assert_ne!(network, Network::of(address("2001:db8:0:2::1")));
    }

    #[test]
    fn a_subnet_holds_what_begins_as_it_does() {
        for (subnet, within, without) in [
            ("192.0.2.0/24", "192.0.2.255", "192.0.3.0"),
            ("192.0.2.0/24", "::ffff:192.0.2.7", "::c000:207"),
            ("192.0.2.1", "192.0.2.1", "192.0.2.0"),
            ("0.0.0.0/0", "255.255.255.255", "::1"),
            ("::/0", "ffff::", "127.0.0.1"),
            ("2001:db8::/33", "2001:db8:7fff::", "2001:db8:8000::"),
            ("::1", "::1", "::"),
        ] {
            let of: Subnet = subnet.parse().unwrap();
            assert!(of.contains(address(within)), "{within} is not of {subnet}");
            assert!(!of.contains(address(without)), "{without} is of {subnet}");
        }
        assert_eq!("192.0.2.1".parse::<Subnet>().unwrap().to_string(), "192.0.2.1/32");
    }

    #[test]
    fn what_is_no_subnet_is_told() {
        for text in
            ["", "localhost", "192.0.2.1/24", "192.0.2.0/33", "::1/0", "::/129", "10.0.0.0/", "10/8", "::/-1"]
        {
            let error = text.parse::<Subnet>().unwrap_err().to_string();
            assert!(error.starts_with(&format!("'{text}' is no network: ")), "{error}");
        }
    }
}
